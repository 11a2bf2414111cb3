//! A room's events without a WebSocket: `GET /api/v1/rooms/{room_id}/events` (Server-Sent Events).
//!
//! Each event's `id` is `epoch:seq` of the newest durable event, so that a browser's `Last-Event-ID` resumes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::json;
use sync_wrapper::SyncStream;
use tokio_util::sync::CancellationToken;
use vizroom_protocol::id::RoomId;
use vizroom_protocol::operation::RoomStatus;
use vizroom_protocol::room::Position;
use vizroom_protocol::{Error, frame};
use warp::Reply;
use warp::reply::Response;

use super::ask::Ask;
use super::documents::shapes;
use super::routes::Header;
use super::{Route, route};
use crate::room::Tail;

pub(super) const ROUTES: &[Route] = &[route!(GET "/api/v1/rooms/{room_id}/events", follow)
    .calls::<RoomStatus>()
    .about("A room's events as they happen.")
    .streams::<shapes::EventFrame>()
    .headers(&[Header {
        name: "Last-Event-ID",
        pattern: "^([^:]+:[0-9]{1,15})?$",
        example: "k3:1040",
        about: "`epoch:seq`: exactly the events after it come first.",
    }])];

/// A comment this often keeps proxies from closing a quiet stream, and finds out that nobody listens.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What of an event's metadata the stream itself needs.
#[derive(Deserialize)]
struct Numbered {
    metadata: Number,
}

#[derive(Deserialize)]
struct Number {
    seq: Option<u64>,
}

async fn follow(ask: Ask) -> Result<Response, Error> {
    // The right to read is asked of the bus, as everywhere.
    let id = ask.param(0).to_owned();
    let input = serde_json::value::to_raw_value(&json!({ "room_id": id }))
        .map_err(|e| Error::invalid("room_id", e.to_string()))?;
    ask.call("room.status", Some(&input)).await?;
    let room_id: RoomId = id.parse().map_err(|_| Error::invalid("room_id", "not an id"))?;
    let since = match ask.last_event() {
        Some(id) => {
            let known = id.to_str().ok().and_then(position);
            Some(known.ok_or_else(|| Error::invalid("Last-Event-ID", "epoch:seq is expected"))?)
        }
        None => None,
    };
    let app = ask.bus.app.clone();
    let room = app.hub.room(room_id).await?;
    let epoch = room.epoch.clone();
    let gone = || Error::invalid("Last-Event-ID", "the log does not reach back to that; begin without it");
    let tail = Tail::new(app.hub.clone(), room, since.as_ref()).ok_or_else(gone)?;
    let caller = Arc::new(ask.signed_in()?);
    let may_read = move || {
        let (app, caller) = (app.clone(), caller.clone());
        async move {
            let ended = app.auth.tokens.is_revoked(&caller.family) || app.clock.now_ms() > caller.expires_at_ms;
            !ended && matches!(app.role(room_id, caller.user_id).await, Ok(Some(_)))
        }
    };
    Ok(streamed(lines(tail, epoch, ask.bus.app.draining.clone(), may_read)))
}

fn position(id: &str) -> Option<Position> {
    let (epoch, seq) = id.rsplit_once(':')?;
    Some(Position { epoch: epoch.into(), seq: seq.parse().ok()? })
}

/// The stream's text. Ends when the server drains, the token or the membership ends, or the store does not answer.
fn lines<F: Future<Output = bool> + Send + 'static>(
    mut tail: Tail,
    epoch: String,
    draining: CancellationToken,
    may_read: impl Fn() -> F + Send + 'static,
) -> impl Stream<Item = Bytes> + Send + 'static {
    async_stream::stream! {
        yield Bytes::from_static(b": welcome\n\n");
        loop {
            let next = tokio::select! {
                () = draining.cancelled() => return,
                next = tokio::time::timeout(KEEP_ALIVE, tail.next()) => next,
            };
            if !may_read().await {
                return;
            }
            match next {
                Err(_) => yield Bytes::from_static(b": keep-alive\n\n"),
                Ok(Err(error)) => {
                    yield Bytes::from(format!("event: error\ndata: {}\n\n", frame::error(None, &error)));
                    return;
                }
                Ok(Ok(texts)) => {
                    let mut out = String::new();
                    for text in texts {
                        let text = String::from_utf8_lossy(&text);
                        let seq = serde_json::from_str::<Numbered>(&text).ok().and_then(|n| n.metadata.seq);
                        if let Some(seq) = seq {
                            out.push_str(&format!("id: {epoch}:{seq}\n"));
                        }
                        out.push_str(&format!("data: {text}\n\n"));
                    }
                    yield Bytes::from(out);
                }
            }
        }
    }
}

/// A response whose body is a stream of server-sent events.
pub(super) fn streamed(lines: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let lines = SyncStream::new(lines.map(Ok::<_, Infallible>));
    let mut response = warp::reply::stream(lines).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
