//! Saved conversations: the routes under `/api/v1/analytics/dashboards` that need no link.

use serde_json::{Map, Value, json};
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Dashboard, Listed, Summary};
use vizroom_protocol::id::DashboardId;
use vizroom_protocol::operation::{DashboardClone, DashboardList, DashboardSave};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::dashboard::read;
use super::documents::shapes;
use super::routes::Errors;
use super::{Route, presented, route};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/v1/analytics/dashboards", save)
        .calls::<DashboardSave>()
        .takes::<shapes::SaveConversation>()
        .gives::<shapes::Saved>()
        .errors(Errors::Named),
    route!(GET "/api/v1/analytics/dashboards", list)
        .calls::<DashboardList>()
        .gives::<shapes::SavedList>()
        .errors(Errors::Named),
    route!(POST "/api/v1/analytics/dashboards/{dashboard_id}/clone", copy)
        .calls::<DashboardClone>()
        .gives::<shapes::Cloned>()
        .errors(Errors::Named),
];

/// The conversation is that of a room.
async fn save(mut ask: Ask) -> Result<Response, Error> {
    let body = ask.json().await?;
    let saved: Dashboard = read(&ask.call("dashboard.save", Some(&body)).await.map_err(documented)?)?;
    let Dashboard { id, title, created_at, .. } = saved;
    Ok(presented(&shapes::Saved { success: true, dashboard: shapes::SavedDashboard { id, title, created_at } }))
}

/// An error with this family's name of a field.
fn documented(error: Error) -> Error {
    match error.field.as_deref() {
        Some("room_id") => Error { field: Some("conversationId".into()), ..error },
        _ => error,
    }
}

async fn list(ask: Ask) -> Result<Response, Error> {
    let input = ask.query_fields(&["room_id"], &[])?;
    let listed: Listed = read(&ask.call("dashboard.list", Some(&input)).await?)?;
    let entry = |listed: Summary| {
        let Summary { id, title, is_public, created_at, .. } = listed;
        shapes::ListedDashboard { id, title, is_dashboard: true, is_public, created_at }
    };
    Ok(presented(&shapes::SavedList { success: true, dashboards: listed.dashboards.into_iter().map(entry).collect() }))
}

async fn copy(mut ask: Ask) -> Result<Response, Error> {
    let body = ask.json().await?;
    let mut input: Map<String, Value> =
        serde_json::from_str(body.get()).map_err(|_| Error::invalid("body", "must be an object"))?;
    // What is no id names no dashboard.
    let id: Result<DashboardId, _> = ask.param(0).parse();
    let id = id.or_else(|_| ask.signed_in().and(Err(Error::not_found("dashboard"))))?;
    input.insert("dashboard_id".into(), json!(id));
    let copied: Dashboard = read(&ask.call("dashboard.clone", Some(&object(input))).await?)?;
    let dashboard = shapes::Named { id: copied.id, title: copied.title };
    Ok(presented(&shapes::Cloned { success: true, dashboard }))
}
