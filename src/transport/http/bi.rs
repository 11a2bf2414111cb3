//! Dashboards of the AI service, their widgets, and with whom they are shared: the routes under `/api/v1/bi/dashboards`.
//! A widget is a card.

use serde_json::json;
use serde_json::value::to_raw_value;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::Paneled;
use vizroom_protocol::operation::{DashboardAddPanel, DashboardGet, DashboardUpdatePanel};
use warp::reply::Response;

use super::ask::Ask;
use super::dashboard::stored;
use super::documents::shapes;
use super::panels::panel;
use super::{Route, route, succeeded};

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/bi/dashboards" => DashboardList),
    route!(POST "/api/v1/bi/dashboards" => DashboardCreate),
    route!(GET "/api/v1/bi/dashboards/{dashboard_id}" => DashboardGet),
    route!(PUT "/api/v1/bi/dashboards/{dashboard_id}" => DashboardUpdate),
    route!(DELETE "/api/v1/bi/dashboards/{dashboard_id}" => DashboardDelete),
    route!(GET "/api/v1/bi/dashboards/{dashboard_id}/changes" => DashboardChanges),
    route!(GET "/api/v1/bi/dashboards/{dashboard_id}/widgets", widgets)
        .calls::<DashboardGet>()
        .about("A dashboard's widgets and where they stand.")
        .answers::<shapes::Widgets>(),
    route!(POST "/api/v1/bi/dashboards/{dashboard_id}/widgets", |ask| {
        panel(ask, "dashboard.add_panel", &["dashboard_id"])
    })
    .calls::<DashboardAddPanel>()
    .about("Adds a widget. The panel's fields may also be the body's own.")
    .answers::<Paneled>(),
    route!(PUT "/api/v1/bi/dashboards/{dashboard_id}/widgets/{panel_id}", |ask| {
        panel(ask, "dashboard.update_panel", &["dashboard_id", "panel_id"])
    })
    .calls::<DashboardUpdatePanel>()
    .about("Changes a widget; what is absent stays. The panel's fields may also be the body's own.")
    .answers::<Paneled>(),
    route!(DELETE "/api/v1/bi/dashboards/{dashboard_id}/widgets/{panel_id}" => DashboardRemovePanel),
    route!(GET "/api/v1/bi/dashboards/{dashboard_id}/share" => DashboardShares),
    route!(POST "/api/v1/bi/dashboards/{dashboard_id}/share" => DashboardShare),
    route!(DELETE "/api/v1/bi/dashboards/{dashboard_id}/share/{user_id}" => DashboardUnshare),
];

async fn widgets(ask: Ask) -> Result<Response, Error> {
    let id = ask.param(0).parse().map_err(|_| Error::invalid("dashboard_id", "not an id"))?;
    let dashboard = stored(&ask, id).await?;
    let data = json!({"widgets": dashboard.cards, "layout": dashboard.layout, "revision": dashboard.revision});
    let data = to_raw_value(&data).unwrap_or_else(|error| unreachable!("JSON made of JSON: {error}"));
    Ok(succeeded(&data, ask.started))
}
