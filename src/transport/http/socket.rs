//! Where a WebSocket begins as HTTP.

use http::Request;
use vizroom_protocol::Error;
use vizroom_protocol::at_once::AtOnce;
use warp::reply::Response;

use super::ask::Ask;
use super::routes::Header;
use super::{Route, route};
use crate::transport::websocket;

pub(super) const ROUTES: &[Route] = &[route!(GET "/ws/events", events)
    .about("Opens the WebSocket over which everything is told and called, and joins a room at once if it is named: see `/asyncapi`.")
    .open()
    .takes::<AtOnce>()
    .headers(&[Header {
        name: "Sec-WebSocket-Protocol",
        pattern: "^vizroom\\.v1(, bearer\\..+)?$",
        example: "vizroom.v1, bearer.eyJ0eXAiOiJKV1Qi",
        about: "Where headers cannot be set: `vizroom.v1, bearer.<token>`.",
    }])
    .status(101)];

/// The room event hub.
async fn events(ask: Ask) -> Result<Response, Error> {
    let (mut request, address) = (Request::new(()), ask.address());
    *request.headers_mut() = ask.headers;
    if let Some(upgrade) = ask.upgrade {
        request.extensions_mut().insert(upgrade);
    }
    let upgraded = websocket::upgrade(&ask.bus, &mut request, ask.query, address).await;
    ask.bus.app.counters.upgrades.count(&upgraded, ask.started.elapsed());
    let (parts, ()) = upgraded?.into_parts();
    Ok(Response::from_parts(parts, "".into()))
}
