//! Whether the process lives, and whether it should be given work: two different things.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::Ask;
use super::{Route, respond, route};

pub(super) const ROUTES: &[Route] = &[lives(route!(GET "/healthz", alive)), lives(route!(GET "/livez", alive)), READY];

const READY: Route = route!(GET "/readyz", ready)
    .about("Whether the process should be given work: it is not about to stop, and the database answers.")
    .open()
    .gives_text("text/plain");

const fn lives(route: Route) -> Route {
    route.about("Whether the process answers.").open().gives_text("text/plain")
}

/// The database is asked for so long: who probes gives up soon after.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
async fn alive(_: Ask) -> Result<Response, Error> {
    Ok(respond(StatusCode::OK, "text/plain", Bytes::from_static(b"alive\n")))
}

/// It is not about to stop, and the database answers.
async fn ready(ask: Ask) -> Result<Response, Error> {
    if ask.bus.app.draining.is_cancelled() {
        return Err(Error::new(Code::Unavailable, "draining"));
    }
    match tokio::time::timeout(PATIENCE, ask.bus.app.store.ping()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(unready(&error.to_string())),
        Err(_) => return Err(unready("no answer in time")),
    }
    Ok(respond(StatusCode::OK, "text/plain", Bytes::from_static(b"ready\n")))
}

fn unready(why: &str) -> Error {
    tracing::warn!(why, "not ready");
    Error::new(Code::Unavailable, "the database does not answer")
}
