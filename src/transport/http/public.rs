//! The page of a published dashboard: `GET /public/dashboards/{slug}`.

use vizroom_protocol::Error;
use warp::reply::Response;

use super::ask::Ask;
use super::{Route, assets, route};

pub(super) const ROUTES: &[Route] = &[route!(GET "/public/dashboards/{slug}", page)
    .open()
    .about("The page of a published dashboard.")
    .gives_text("text/html; charset=utf-8")];

/// The same for every slug: whether it leads anywhere, the page finds out, and so is told no more than anybody.
async fn page(ask: Ask) -> Result<Response, Error> {
    let frames = &ask.bus.app.config.frame_ancestors;
    assets::embeddable("public.html", &ask.headers, frames).ok_or_else(|| Error::not_found("page"))
}
