//! What an operation knows of its call.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use vizroom_protocol::Error;
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::LinkId;
use vizroom_protocol::room::Role;

use super::viewers_only;
use crate::app::App;
use crate::auth::{Caller, Grant};
use crate::room::{Hub, Peer, Seat};

/// The connection that a call came over, and what it must do once the reply has left.
pub struct Line {
    pub peer: Arc<Peer>,
    /// Rooms joined by this call: their events flow only after its reply.
    pub joined: Mutex<Vec<Seat>>,
    placed: AtomicBool,
}

impl Line {
    /// Of one call.
    pub fn new(peer: Arc<Peer>) -> Self {
        Self { peer, joined: Mutex::default(), placed: AtomicBool::new(false) }
    }

    /// Whether what the call says has its place in a room's order: then others may come behind it.
    pub fn is_placed(&self) -> bool {
        self.placed.load(Ordering::SeqCst)
    }

    /// Says that it has, or needs none any more.
    pub fn find_place(&self, hub: &Hub) {
        if !self.placed.swap(true, Ordering::SeqCst) {
            hub.go_on(&self.peer);
        }
    }
}

/// What an operation is given besides its input.
pub struct Ctx {
    pub app: Arc<App>,
    pub(super) caller: Option<Arc<Caller>>,
    /// The caller's role in the room that the call is about.
    pub role: Option<Role>,
    pub idempotency_key: Option<String>,
    pub line: Option<Arc<Line>>,
    /// As of [`super::Request`].
    pub remote: Option<IpAddr>,
}

impl Ctx {
    /// Who calls.
    ///
    /// # Errors
    /// `UNAUTHORIZED`; cannot be where the table asks for more than [`Access::Anyone`](vizroom_protocol::operation::Access).
    pub fn caller(&self) -> Result<&Caller, Error> {
        self.caller.as_deref().ok_or_else(|| Error::unauthorized("sign in first"))
    }

    /// Waits for what takes its turn as soon as it is begun, as [`Hub::tell`] does: from then on the connection's next call
    /// may begin.
    pub async fn placing<T>(&self, mut telling: Pin<&mut impl Future<Output = T>>) -> T {
        if let Poll::Ready(told) = poll_fn(|cx| Poll::Ready(telling.as_mut().poll(cx))).await {
            return told;
        }
        if let Some(line) = &self.line {
            line.find_place(&self.app.hub);
        }
        telling.await
    }

    /// Who looks, by which link, where the table says [`Access::Viewing`](vizroom_protocol::operation::Access).
    ///
    /// # Errors
    /// `FORBIDDEN`; cannot be where the table says so.
    pub fn viewer(&self) -> Result<(LinkId, &Caller), Error> {
        let caller = self.caller()?;
        match caller.grant {
            Grant::Viewer { link, .. } => Ok((link, caller)),
            _ => Err(viewers_only()),
        }
    }

    /// Who calls, as events name them.
    ///
    /// # Errors
    /// As [`Ctx::caller`].
    pub fn actor(&self) -> Result<Actor, Error> {
        let caller = self.caller()?;
        Ok(Actor { kind: ActorKind::User, id: caller.user_id.to_string(), name: caller.name.clone() })
    }

    /// The connection.
    ///
    /// # Errors
    /// `INVALID_REQUEST` over anything but a WebSocket; cannot be where the table says [`Access::Connected`](vizroom_protocol::operation::Access).
    pub fn line(&self) -> Result<&Arc<Line>, Error> {
        self.line.as_ref().ok_or_else(|| Error::invalid("type", "this operation needs a WebSocket connection"))
    }
}
