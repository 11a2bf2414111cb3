//! Publishing and refreshing under `/api/v1/analytics/dashboards`, and the public door.

use http::StatusCode;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use vizroom_protocol::publish::{Link, Links, Opened, Refresh, Shown};
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::{Route, failed, respond, route};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/v1/analytics/dashboards/{id}/publish", publish),
    route!(DELETE "/api/v1/analytics/dashboards/{id}/publish", unpublish),
    route!(GET "/api/v1/analytics/dashboards/{id}/links", links),
    route!(POST "/api/v1/analytics/dashboards/{id}/links", add_link),
    route!(PUT "/api/v1/analytics/dashboards/{id}/links/{link_id}", change_link),
    route!(DELETE "/api/v1/analytics/dashboards/{id}/links/{link_id}", remove_link),
    route!(GET "/api/v1/analytics/dashboards/{id}/refresh", refresh_settings),
    route!(PUT "/api/v1/analytics/dashboards/{id}/refresh", set_refresh),
    route!(POST "/api/v1/analytics/dashboards/{id}/refresh", refresh),
    route!(POST "/api/v1/public/dashboards/{slug}", open),
];

/// Our names for what this family writes otherwise.
const NAMES: [(&str, &str); 5] = [
    ("expiresAt", "expires_at"),
    ("filterState", "filter_state"),
    ("viewersFilter", "viewers_filter"),
    ("refreshEnabled", "enabled"),
    ("refreshInterval", "interval"),
];

async fn publish(mut ask: Ask) -> Result<Response, Error> {
    let link = call::<Link>(&mut ask, "dashboard.publish", true).await;
    answer(&ask, link, |link| json!({"success": true, "slug": link.slug, "publicUrl": link.public_url}))
}

async fn unpublish(mut ask: Ask) -> Result<Response, Error> {
    let done = call::<Value>(&mut ask, "dashboard.unpublish", false).await;
    answer(&ask, done, |_| json!({"success": true}))
}

async fn links(mut ask: Ask) -> Result<Response, Error> {
    let links = call::<Links>(&mut ask, "dashboard.links", false).await;
    answer(&ask, links, |links| {
        let links: Vec<Value> = links.links.iter().map(link).collect();
        json!({"success": true, "links": links})
    })
}

async fn add_link(mut ask: Ask) -> Result<Response, Error> {
    let added = call::<Link>(&mut ask, "dashboard.add_link", true).await;
    answer(&ask, added, |added| json!({"success": true, "link": link(&added)}))
}

async fn change_link(mut ask: Ask) -> Result<Response, Error> {
    let changed = call::<Link>(&mut ask, "dashboard.change_link", true).await;
    answer(&ask, changed, |changed| json!({"success": true, "link": link(&changed)}))
}

async fn remove_link(mut ask: Ask) -> Result<Response, Error> {
    let done = call::<Value>(&mut ask, "dashboard.remove_link", false).await;
    answer(&ask, done, |_| json!({"success": true}))
}

async fn refresh_settings(mut ask: Ask) -> Result<Response, Error> {
    let settings = call::<Refresh>(&mut ask, "dashboard.refresh_settings", false).await;
    answer(&ask, settings, present)
}

async fn set_refresh(mut ask: Ask) -> Result<Response, Error> {
    let settings = call::<Refresh>(&mut ask, "dashboard.set_refresh", true).await;
    answer(&ask, settings, present)
}

async fn refresh(mut ask: Ask) -> Result<Response, Error> {
    let settings = call::<Refresh>(&mut ask, "dashboard.refresh", false).await;
    answer(&ask, settings, present)
}

async fn open(mut ask: Ask) -> Result<Response, Error> {
    let opened = match ask.json_with(&["slug"]).await {
        Ok(input) => ask.call("view.open", Some(&input)).await.and_then(|reply| read::<Opened>(&reply)),
        Err(error) => Err(error),
    };
    answer(&ask, opened, |opened| {
        json!({
            "success": true,
            "dashboard": dashboard(&opened.dashboard),
            "viewerToken": opened.token,
            "expiresIn": opened.expires_in,
        })
    })
}

/// Calls an operation whose ids stand in the path, with the body if it has one.
async fn call<T: serde::de::DeserializeOwned>(ask: &mut Ask, name: &str, body: bool) -> Result<T, Error> {
    let mut fields = Map::new();
    if body {
        let body = ask.json().await?;
        let given: Map<String, Value> =
            serde_json::from_str(body.get()).map_err(|_| Error::invalid("body", "must be an object"))?;
        let ours = |name: String| NAMES.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| (*ours).to_owned());
        fields.extend(given.into_iter().map(|(name, value)| (ours(name.clone()).unwrap_or(name), value)));
    }
    for (at, (name, what)) in [("dashboard_id", "dashboard"), ("link_id", "link")].into_iter().enumerate() {
        let id = ask.param(at);
        if id.is_empty() {
            break;
        }
        // What is no id names nothing; who may not know gets no other answer.
        if uuid::Uuid::parse_str(id).is_err() {
            return ask.signed_in().and(Err(Error::not_found(what)));
        }
        fields.insert(name.into(), id.into());
    }
    read(&ask.call(name, Some(&object(fields))).await?)
}

fn read<T: serde::de::DeserializeOwned>(reply: &RawValue) -> Result<T, Error> {
    serde_json::from_str(reply.get()).map_err(|error| {
        tracing::error!(%error, "a reply of ours cannot be read");
        Error::new(Code::InternalError, "the reply cannot be read")
    })
}

/// An answer in this family's shape.
fn answer<T>(ask: &Ask, outcome: Result<T, Error>, present: impl Fn(T) -> Value) -> Result<Response, Error> {
    Ok(match outcome {
        Ok(data) => respond(StatusCode::OK, "application/json", present(data).to_string().into()),
        Err(error) => {
            // The status and the headers are everybody's.
            let mut response = failed(&error, ask.started);
            let theirs =
                |name: &str| NAMES.iter().find(|(_, ours)| *ours == name).map(|(theirs, _)| (*theirs).to_owned());
            let field = error.field.map(|field| theirs(&field).unwrap_or(field));
            let code = serde_json::to_value(error.code).unwrap_or_default();
            let code = code.as_str().unwrap_or_default().to_lowercase();
            let mut body = json!({"success": false, "error": code, "message": error.message});
            if let Some(field) = field {
                body["field"] = field.into();
            }
            *response.body_mut() = bytes::Bytes::from(body.to_string()).into();
            response
        }
    })
}

fn present(refresh: Refresh) -> Value {
    json!({
        "success": true,
        "refreshEnabled": refresh.enabled,
        "refreshInterval": refresh.interval,
        "lastRefreshedAt": refresh.last_refreshed_at,
    })
}

fn link(link: &Link) -> Value {
    json!({
        "id": link.id,
        "name": link.name,
        "main": link.main,
        "slug": link.slug,
        "publicUrl": link.public_url,
        "hasPassword": link.has_password,
        "expiresAt": link.expires_at,
        "filterState": link.filter_state,
        "viewersFilter": link.viewers_filter,
        "createdAt": link.created_at,
    })
}

fn dashboard(shown: &Shown) -> Value {
    json!({
        "id": shown.id,
        "title": shown.title,
        "description": shown.description,
        "theme": shown.theme,
        "status": shown.status,
        "charts": shown.cards,
        "layout": shown.layout,
        "filterColumns": shown.filter_columns,
        "lastRefreshedAt": shown.refreshed_at,
        "updatedAt": shown.updated_at,
    })
}
