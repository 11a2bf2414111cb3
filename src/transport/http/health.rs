//! Whether the process lives, and whether it should be given work: two different things.

use bytes::Bytes;
use http::StatusCode;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::Ask;
use super::{Route, respond, route};

pub(super) const ROUTES: &[Route] = &[route!(GET "/healthz", alive), route!(GET "/readyz", ready)];

/// The process answers.
async fn alive(_: Ask) -> Result<Response, Error> {
    Ok(respond(StatusCode::OK, "text/plain", Bytes::from_static(b"alive\n")))
}

/// It is not about to stop, and the database answers.
async fn ready(ask: Ask) -> Result<Response, Error> {
    if ask.bus.app.draining.is_cancelled() {
        return Err(Error::new(Code::Unavailable, "draining"));
    }
    let unreachable = |error| {
        tracing::warn!(%error, "not ready");
        Error::new(Code::Unavailable, "the database does not answer")
    };
    ask.bus.app.store.ping().await.map_err(unreachable)?;
    Ok(respond(StatusCode::OK, "text/plain", Bytes::from_static(b"ready\n")))
}
