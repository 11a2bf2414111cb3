//! Dashboards panel by panel: the routes under `/dashboards`.

use http::StatusCode;
use serde_json::{Map, Value};
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::Paneled;
use vizroom_protocol::operation::DashboardAddPanel;
use warp::reply::Response;

use super::ask::{Ask, object};
use super::{Route, enveloped, route};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/dashboards" => DashboardList),
    route!(POST "/dashboards/create" => DashboardCreate),
    route!(PUT "/dashboards/{dashboard_id}/layout" => DashboardLayout),
    route!(POST "/dashboards/{dashboard_id}/add-panel", |ask| panel(ask, "dashboard.add_panel", &["dashboard_id"]))
        .calls::<DashboardAddPanel>()
        .about("Adds a panel to a dashboard: a sentence, a query, SQL, or a text. The panel's fields may also be the body's own.")
        .answers::<Paneled>(),
    route!(DELETE "/dashboards/{dashboard_id}/remove-panel/{panel_id}" => DashboardRemovePanel),
    route!(POST "/dashboards/{dashboard_id}/start" => DashboardStart),
    route!(DELETE "/dashboards/{dashboard_id}" => DashboardDelete),
];

/// An operation on a panel, whose fields are the body's own, or stand under `panel`.
pub(super) async fn panel(mut ask: Ask, name: &str, names: &[&str]) -> Result<Response, Error> {
    let fields = |data: &serde_json::value::RawValue| {
        serde_json::from_str::<Map<String, Value>>(data.get()).map_err(|_| Error::invalid("body", "must be an object"))
    };
    let mut panel = fields(&ask.json().await?)?;
    let mut input = fields(&ask.path_fields(names))?;
    if let Some(base) = panel.remove("base_revision") {
        input.insert("base_revision".into(), base);
    }
    let panel = if panel.contains_key("panel") { panel } else { Map::from_iter([("panel".into(), panel.into())]) };
    input.extend(panel);
    let data = ask.call(name, Some(&object(input))).await?;
    Ok(enveloped(StatusCode::OK, Some(&data), &[], ask.started))
}
