//! Publishing and refreshing under `/api/v1/analytics/dashboards`, and the public door.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use vizroom_protocol::dashboard::{Card, FilterState, Layout, Status, Theme};
use vizroom_protocol::id::{DashboardId, LinkId};
use vizroom_protocol::operation::{
    DashboardAddLink, DashboardChangeLink, DashboardLinks, DashboardPublish, DashboardRefresh,
    DashboardRefreshSettings, DashboardRemoveLink, DashboardSetRefresh, DashboardUnpublish, ViewOpen,
};
use vizroom_protocol::publish;
use vizroom_protocol::{Code, Error, Operation};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::routes::Errors;
use super::{Route, presented, route};

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/v1/analytics/dashboards/{id}/publish", open_main)
        .calls::<DashboardPublish>()
        .takes::<Publish>()
        .gives::<Published>()
        .errors(Errors::Named),
    route!(DELETE "/api/v1/analytics/dashboards/{id}/publish", close_all)
        .calls::<DashboardUnpublish>()
        .takes::<Which>()
        .gives::<Done>()
        .errors(Errors::Named),
    route!(GET "/api/v1/analytics/dashboards/{id}/links", links)
        .calls::<DashboardLinks>()
        .takes::<Which>()
        .gives::<Links>()
        .errors(Errors::Named),
    route!(POST "/api/v1/analytics/dashboards/{id}/links", add_link)
        .calls::<DashboardAddLink>()
        .takes::<AddLink>()
        .gives::<OneLink>()
        .errors(Errors::Named),
    route!(PUT "/api/v1/analytics/dashboards/{id}/links/{link_id}", change_link)
        .calls::<DashboardChangeLink>()
        .takes::<ChangeLink>()
        .gives::<OneLink>()
        .errors(Errors::Named),
    route!(DELETE "/api/v1/analytics/dashboards/{id}/links/{link_id}", remove_link)
        .calls::<DashboardRemoveLink>()
        .takes::<WhichLink>()
        .gives::<Done>()
        .errors(Errors::Named),
    route!(GET "/api/v1/analytics/dashboards/{id}/refresh", refresh_settings)
        .calls::<DashboardRefreshSettings>()
        .takes::<Which>()
        .gives::<Refresh>()
        .errors(Errors::Named),
    route!(PUT "/api/v1/analytics/dashboards/{id}/refresh", set_refresh)
        .calls::<DashboardSetRefresh>()
        .takes::<SetRefresh>()
        .gives::<Refresh>()
        .errors(Errors::Named),
    route!(POST "/api/v1/analytics/dashboards/{id}/refresh", refresh)
        .calls::<DashboardRefresh>()
        .takes::<Which>()
        .gives::<Refresh>()
        .errors(Errors::Named),
    route!(POST "/api/v1/public/dashboards/{slug}", open).calls::<ViewOpen>().gives::<Opened>().errors(Errors::Named),
];

/// Our names for what this family writes otherwise.
const NAMES: [(&str, &str); 5] = [
    ("expiresAt", "expires_at"),
    ("filterState", "filter_state"),
    ("viewersFilter", "viewers_filter"),
    ("refreshEnabled", "enabled"),
    ("refreshInterval", "interval"),
];

/// Which dashboard.
#[derive(JsonSchema)]
#[schemars(rename = "AnalyticsDashboard")]
struct Which {
    #[expect(dead_code, reason = "said, not read")]
    id: DashboardId,
}

/// Which link of which dashboard.
#[derive(JsonSchema)]
#[schemars(rename = "AnalyticsLinkOf")]
#[expect(dead_code, reason = "said, not read")]
struct WhichLink {
    id: DashboardId,
    link_id: LinkId,
}

#[derive(JsonSchema)]
#[schemars(rename = "AnalyticsPublish", rename_all = "camelCase")]
#[expect(dead_code, reason = "said, not read")]
struct Publish {
    id: DashboardId,
    /// Absent: as it is; null: none.
    password: Option<String>,
    /// RFC 3339. Absent: as it is; null: never.
    expires_at: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(rename = "AnalyticsAddLink", rename_all = "camelCase")]
#[expect(dead_code, reason = "said, not read")]
struct AddLink {
    id: DashboardId,
    /// For whom, in the owner's words.
    name: Option<String>,
    password: Option<String>,
    /// RFC 3339.
    expires_at: Option<String>,
    /// What rows must have to be seen through this link.
    filter_state: Option<FilterState>,
    /// Whether viewers may filter for themselves; true if absent.
    viewers_filter: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename = "AnalyticsChangeLink", rename_all = "camelCase")]
#[expect(dead_code, reason = "said, not read")]
struct ChangeLink {
    id: DashboardId,
    #[schemars(rename = "link_id")]
    link_id: LinkId,
    name: Option<String>,
    /// Absent: as it is; null: none.
    password: Option<String>,
    /// RFC 3339. Absent: as it is; null: never.
    expires_at: Option<String>,
    viewers_filter: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename = "AnalyticsSetRefresh", rename_all = "camelCase")]
#[expect(dead_code, reason = "said, not read")]
struct SetRefresh {
    id: DashboardId,
    refresh_enabled: Option<bool>,
    /// Seconds: 300, 900, 3600 or 86400.
    refresh_interval: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsDone")]
struct Done {
    success: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AnalyticsPublished")]
struct Published {
    success: bool,
    slug: String,
    public_url: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AnalyticsLink")]
struct Link {
    id: LinkId,
    name: String,
    /// The dashboard's own, which publishing makes.
    main: bool,
    slug: String,
    public_url: String,
    has_password: bool,
    /// RFC 3339.
    expires_at: Option<String>,
    filter_state: FilterState,
    viewers_filter: bool,
    /// RFC 3339.
    created_at: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsOneLink")]
struct OneLink {
    success: bool,
    link: Link,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsLinks")]
struct Links {
    success: bool,
    links: Vec<Link>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AnalyticsRefresh")]
struct Refresh {
    success: bool,
    refresh_enabled: bool,
    /// Seconds.
    refresh_interval: u32,
    /// RFC 3339; null if never.
    last_refreshed_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PublicDashboardOpened")]
struct Opened {
    success: bool,
    dashboard: Shown,
    /// May follow the dashboard live over `/ws/events` (`view.follow`), and nothing else.
    viewer_token: String,
    /// Seconds.
    expires_in: u64,
}

/// A dashboard as whoever has a link sees it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PublicDashboard")]
struct Shown {
    id: DashboardId,
    title: String,
    description: String,
    theme: Theme,
    status: Status,
    /// Each with its rows.
    charts: Vec<Card>,
    layout: Layout,
    /// Columns that a viewer may filter by.
    filter_columns: Vec<String>,
    /// RFC 3339; null if never.
    last_refreshed_at: Option<String>,
    /// RFC 3339.
    updated_at: String,
}

impl From<publish::Link> for Link {
    fn from(link: publish::Link) -> Self {
        let publish::Link { id, name, main, slug, public_url, has_password, expires_at, .. } = link;
        let publish::Link { filter_state, viewers_filter, created_at, .. } = link;
        Self { id, name, main, slug, public_url, has_password, expires_at, filter_state, viewers_filter, created_at }
    }
}

impl From<publish::Shown> for Shown {
    fn from(shown: publish::Shown) -> Self {
        Self {
            id: shown.id,
            title: shown.title,
            description: shown.description,
            theme: shown.theme,
            status: shown.status,
            charts: shown.cards,
            layout: shown.layout,
            filter_columns: shown.filter_columns,
            last_refreshed_at: shown.refreshed_at,
            updated_at: shown.updated_at,
        }
    }
}

impl From<publish::Refresh> for Refresh {
    fn from(refresh: publish::Refresh) -> Self {
        Self {
            success: true,
            refresh_enabled: refresh.enabled,
            refresh_interval: refresh.interval,
            last_refreshed_at: refresh.last_refreshed_at,
        }
    }
}

async fn open_main(mut ask: Ask) -> Result<Response, Error> {
    let publish::Link { slug, public_url, .. } = call::<DashboardPublish>(&mut ask, true).await?;
    answer(&Published { success: true, slug, public_url })
}

async fn close_all(mut ask: Ask) -> Result<Response, Error> {
    call::<DashboardUnpublish>(&mut ask, false).await?;
    answer(&Done { success: true })
}

async fn links(mut ask: Ask) -> Result<Response, Error> {
    let links = call::<DashboardLinks>(&mut ask, false).await?.links;
    answer(&Links { success: true, links: links.into_iter().map(Link::from).collect() })
}

async fn add_link(mut ask: Ask) -> Result<Response, Error> {
    let link = call::<DashboardAddLink>(&mut ask, true).await?.into();
    answer(&OneLink { success: true, link })
}

async fn change_link(mut ask: Ask) -> Result<Response, Error> {
    let link = call::<DashboardChangeLink>(&mut ask, true).await?.into();
    answer(&OneLink { success: true, link })
}

async fn remove_link(mut ask: Ask) -> Result<Response, Error> {
    call::<DashboardRemoveLink>(&mut ask, false).await?;
    answer(&Done { success: true })
}

async fn refresh_settings(mut ask: Ask) -> Result<Response, Error> {
    answer(&Refresh::from(call::<DashboardRefreshSettings>(&mut ask, false).await?))
}

async fn set_refresh(mut ask: Ask) -> Result<Response, Error> {
    answer(&Refresh::from(call::<DashboardSetRefresh>(&mut ask, true).await?))
}

async fn refresh(mut ask: Ask) -> Result<Response, Error> {
    answer(&Refresh::from(call::<DashboardRefresh>(&mut ask, false).await?))
}

async fn open(mut ask: Ask) -> Result<Response, Error> {
    let mut input = body(&mut ask).await?;
    input.insert("slug".into(), ask.param(0).into());
    let publish::Opened { token, expires_in, dashboard } = ask_for::<ViewOpen>(&ask, input).await?;
    answer(&Opened { success: true, dashboard: dashboard.into(), viewer_token: token, expires_in })
}

async fn body(ask: &mut Ask) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(ask.json().await?.get()).map_err(|_| Error::invalid("body", "must be an object"))
}

/// Calls an operation whose ids stand in the path, with the body if it has one.
async fn call<O: Operation>(ask: &mut Ask, has_body: bool) -> Result<O::Output, Error> {
    let given = if has_body { body(ask).await? } else { Map::new() };
    let ours = |name: String| NAMES.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| (*ours).into());
    let mut fields: Map<String, Value> = given.into_iter().map(|(name, value)| (ours(name), value)).collect();
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
    ask_for::<O>(ask, fields).await
}

async fn ask_for<O: Operation>(ask: &Ask, fields: Map<String, Value>) -> Result<O::Output, Error> {
    let theirs =
        |name: String| NAMES.iter().find(|(_, ours)| *ours == name).map_or(name, |(theirs, _)| (*theirs).into());
    let reply = ask.call(O::NAME, Some(&object(fields))).await;
    let reply = reply.map_err(|error| Error { field: error.field.map(theirs), ..error })?;
    serde_json::from_str(reply.get()).map_err(|error| {
        tracing::error!(%error, "a reply of ours cannot be read");
        Error::new(Code::InternalError, "the reply cannot be read")
    })
}

fn answer(data: &impl Serialize) -> Result<Response, Error> {
    Ok(presented(data))
}
