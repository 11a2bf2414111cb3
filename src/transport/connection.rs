//! One WebSocket connection: reads calls, puts them on the bus, sends what they answer.
//!
//! Calls of one connection begin in the order in which they came; their replies come as they are done. An idle
//! connection holds no read buffer: one per thread serves all.

use std::cell::RefCell;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use vizroom_protocol::connection::{self, Auth, Authenticated, Limits, Ready};
use vizroom_protocol::frame::{self, Call, CallId};
use vizroom_protocol::{Error, PROTOCOL, event};

use crate::auth::Caller;
use crate::bus::{Bus, Line, Request};
use crate::room::{Close, Owner, Peer, lock, tell, wire};
use crate::transport::messages::{Assembler, Message};

/// Read at once.
const READ_BYTES: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// See the module.
struct Connection {
    bus: Arc<Bus>,
    peer: Arc<Peer>,
    assembler: Assembler,
    /// As the newest token says.
    caller: Caller,
}

/// Serves a connection until it ends. `already` is what was read beyond the handshake; without a `caller`, the first
/// frame must be `auth`.
pub async fn serve(bus: Arc<Bus>, socket: TcpStream, already: Bytes, caller: Option<Caller>) {
    let mut opening = Opening { bus: &bus, socket, assembler: Assembler::default(), messages: Vec::new() };
    let bytes_max = bus.app.config.limits.frame_bytes_max;
    if let Err(code) = opening.assembler.feed(&mut already.to_vec(), bytes_max, &mut opening.messages) {
        return opening.refuse(code, "bad frame").await;
    }
    let caller = match caller {
        Some(caller) => Ok(caller),
        None => {
            let patience = Duration::from_millis(bus.app.config.limits.auth_ms_max);
            let late = (Close::BadToken, "no auth frame in time");
            tokio::time::timeout(patience, opening.authenticate()).await.unwrap_or(Err(late))
        }
    };
    let caller = match caller {
        Ok(caller) => caller,
        Err((code, why)) => return opening.refuse(code, why).await,
    };
    let Opening { socket, assembler, messages, .. } = opening;
    let owner = Owner { user: caller.user_id, tenant: caller.tenant_id, family: caller.family.clone() };
    let hub = bus.app.hub.clone();
    let peer = match hub.connect(owner, socket, caller.expires_at_ms) {
        Ok(peer) => peer,
        Err(socket) => {
            let opening = Opening { bus: &bus, socket, assembler, messages };
            return opening.refuse(Close::ConnectionLimit, "too many connections").await;
        }
    };
    // Revoked between the check and the registration: nobody would have closed it.
    if bus.app.auth.tokens.is_revoked(&caller.family) {
        hub.close(&peer, Close::Revoked, "revoked");
    }
    let mut connection = Connection { bus: bus.clone(), peer: peer.clone(), assembler, caller };
    connection.ready();
    connection.run(messages).await;
    hub.disconnect(&peer);
}

/// A connection before it is known whose it is.
struct Opening<'a> {
    bus: &'a Bus,
    socket: TcpStream,
    assembler: Assembler,
    messages: Vec<Message>,
}

impl Opening<'_> {
    /// Waits for the `auth` frame and answers it.
    async fn authenticate(&mut self) -> Result<Caller, (Close, &'static str)> {
        let gone = |_| (Close::Normal, "gone");
        while self.messages.is_empty() {
            self.socket.readable().await.map_err(gone)?;
            match read(
                &self.socket,
                &mut self.assembler,
                self.bus.app.config.limits.frame_bytes_max,
                &mut self.messages,
            ) {
                Ok(Read::End) => return Err((Close::Normal, "gone")),
                Ok(_) => {}
                Err(code) => return Err((code, "bad frame")),
            }
        }
        let Message::Text(text) = self.messages.remove(0) else { return Err((Close::BadFrame, "auth comes first")) };
        let call: Call = serde_json::from_str(&text).map_err(|_| (Close::BadFrame, "not a frame"))?;
        if call.name != "auth" {
            return Err((Close::BadToken, "auth comes first"));
        }
        let input: Auth = call
            .data
            .and_then(|data| serde_json::from_str(data.get()).ok())
            .ok_or((Close::BadFrame, "auth needs a token"))?;
        let now_ms = self.bus.app.clock.now_ms();
        match self.bus.app.auth.tokens.caller(&input.token, now_ms) {
            Ok(caller) => {
                if let Some(id) = call.metadata.id {
                    let text = reply_text(&id, &authenticated(&caller, now_ms));
                    let frame = wire::frame(wire::Opcode::Text, text.as_bytes());
                    self.socket.write_all(&frame).await.map_err(gone)?;
                }
                Ok(caller)
            }
            Err(error) => {
                let text = frame::error(call.metadata.id.as_ref(), &error);
                let frame = wire::frame(wire::Opcode::Text, text.as_bytes());
                self.socket.write_all(&frame).await.map_err(gone)?;
                Err((Close::BadToken, "bad token"))
            }
        }
    }

    async fn refuse(mut self, code: Close, reason: &str) {
        let payload = [&(code as u16).to_be_bytes(), reason.as_bytes()].concat();
        // Nobody may be there any more to hear it.
        let _ = self.socket.write_all(&wire::frame(wire::Opcode::Close, &payload)).await;
        let _ = self.socket.shutdown().await;
    }
}

/// What reading found.
enum Read {
    Some,
    Nothing,
    End,
}

/// Reads once, through this thread's buffer.
fn read(
    socket: &TcpStream,
    assembler: &mut Assembler,
    bytes_max: usize,
    out: &mut Vec<Message>,
) -> Result<Read, Close> {
    SCRATCH.with_borrow_mut(|scratch| match socket.try_read(scratch) {
        Ok(0) => Ok(Read::End),
        Ok(n) => assembler.feed(&mut scratch[..n], bytes_max, out).map(|()| Read::Some),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
        Err(_) => Ok(Read::End),
    })
}

/// The result of a call: the line it came by, its id, its answer.
type Answer = (Arc<Line>, Option<CallId>, Result<Box<serde_json::value::RawValue>, Error>);

impl Connection {
    async fn run(&mut self, mut messages: Vec<Message>) {
        let limits = self.bus.app.config.limits.clone();
        let peer = self.peer.clone();
        let mut calls = FuturesUnordered::new();
        'open: loop {
            for message in messages.drain(..) {
                match message {
                    Message::Text(text) => {
                        if let Some(call) = self.begin(&text) {
                            let mut call = Box::pin(call);
                            // Begun here, so that calls begin in order; most are done at once.
                            match futures_util::poll!(call.as_mut()) {
                                std::task::Poll::Ready(answer) => self.answer(answer),
                                std::task::Poll::Pending => calls.push(call),
                            }
                        }
                    }
                    Message::Ping(payload) => self.bus.app.hub.send(&peer, wire::frame(wire::Opcode::Pong, &payload)),
                    Message::Pong => {}
                    Message::Close => {
                        self.bus.app.hub.close(&peer, Close::Normal, "");
                        break 'open;
                    }
                }
            }
            // A client that does not read its replies, or has too much under way, is not read from.
            let may_read = calls.len() < limits.calls_in_flight_max && peer.backlog_bytes() < limits.backlog_bytes_max;
            tokio::select! {
                biased;
                () = peer.closed().cancelled() => break,
                Some(answer) = calls.next(), if !calls.is_empty() => self.answer(answer),
                readable = peer.socket().readable(), if may_read => {
                    if readable.is_err() {
                        break;
                    }
                    match read(peer.socket(), &mut self.assembler, limits.frame_bytes_max, &mut messages) {
                        Ok(Read::Some) => self.heard(),
                        Ok(Read::Nothing) => {}
                        Ok(Read::End) => break,
                        Err(code) => {
                            self.bus.app.hub.close(&peer, code, "bad frame");
                            break;
                        }
                    }
                }
                () = peer.room_for(limits.backlog_bytes_max), if !may_read && calls.is_empty() => {}
            }
        }
        // Who hangs up does not cut what was begun in half.
        if !calls.is_empty() {
            self.bus.app.tasks.spawn(async move { while calls.next().await.is_some() {} });
        }
    }

    fn heard(&self) {
        self.peer.heard_ms.store(self.bus.app.clock.now_ms(), Ordering::Relaxed);
        self.peer.pinged.store(false, Ordering::Relaxed);
    }

    /// The future that does what a frame asks; None where that is done already.
    fn begin(&mut self, text: &str) -> Option<impl Future<Output = Answer> + use<>> {
        let call: Call = match serde_json::from_str(text) {
            Ok(call) => call,
            Err(error) => {
                let error = Error::invalid("frame", format!("not a frame {{type, data, metadata}}: {error}"));
                self.send(&frame::error(None, &error));
                return None;
            }
        };
        if matches!(&call.metadata.id, Some(CallId::Text(id)) if id.len() > 64) {
            self.send(&frame::error(None, &Error::invalid("metadata.id", "at most 64 characters")));
            return None;
        }
        if call.name == "auth" || call.name == "auth.refresh" {
            self.renew(call);
            return None;
        }
        let line = Arc::new(Line { peer: self.peer.clone(), joined: Mutex::default() });
        let (bus, caller) = (self.bus.clone(), self.caller.clone());
        Some(async move {
            let Call { name, data, metadata } = call;
            let request = Request {
                name: &name,
                data: data.as_deref(),
                caller: Some(caller),
                idempotency_key: metadata.idempotency_key,
                line: Some(line.clone()),
            };
            let outcome = bus.call(request).await;
            (line, metadata.id, outcome)
        })
    }

    fn answer(&self, (line, id, outcome): Answer) {
        match (&outcome, &id) {
            (Ok(data), Some(id)) => self.send(&frame::reply(id, data)),
            (Ok(_), None) => {}
            (Err(error), id) => self.send(&frame::error(id.as_ref(), error)),
        }
        for room in lock(&line.joined).drain(..) {
            self.bus.app.hub.open_seat(&self.peer, room);
        }
    }

    /// `auth.refresh`: a new token for the same user.
    fn renew(&mut self, call: Call) {
        let now_ms = self.bus.app.clock.now_ms();
        let input = call.data.and_then(|data| serde_json::from_str::<Auth>(data.get()).ok());
        let renewed = input.ok_or_else(|| Error::invalid("token", "a token is needed")).and_then(|input| {
            let caller = self.bus.app.auth.tokens.caller(&input.token, now_ms)?;
            let same = caller.user_id == self.peer.owner.user && caller.family == self.peer.owner.family;
            same.then_some(caller).ok_or_else(|| Error::unauthorized("the token is of another sign-in"))
        });
        match renewed {
            Ok(caller) => {
                self.peer.expires_ms.store(caller.expires_at_ms, Ordering::Relaxed);
                if let Some(id) = call.metadata.id {
                    self.send(&reply_text(&id, &authenticated(&caller, now_ms)));
                }
                self.caller = caller;
            }
            Err(error) => self.send(&frame::error(call.metadata.id.as_ref(), &error)),
        }
    }

    fn ready(&self) {
        let limits = &self.bus.app.config.limits;
        let ready = Ready {
            user: identity(&self.caller),
            protocol: PROTOCOL.into(),
            limits: Limits {
                frame_bytes_max: limits.frame_bytes_max as u64,
                rooms_max: limits.rooms_per_connection_max as u64,
                calls_in_flight_max: limits.calls_in_flight_max as u64,
            },
        };
        self.send(&tell::private::<event::ConnectionReady>(&ready));
    }

    fn send(&self, text: &str) {
        self.bus.app.hub.send_text(&self.peer, text);
    }
}

fn identity(caller: &Caller) -> connection::Identity {
    connection::Identity {
        id: caller.user_id,
        tenant_id: caller.tenant_id,
        email: caller.email.clone(),
        name: caller.name.clone(),
    }
}

fn authenticated(caller: &Caller, now_ms: i64) -> Authenticated {
    Authenticated { user: identity(caller), expires_in: ((caller.expires_at_ms - now_ms).max(0) / 1000) as u64 }
}

fn reply_text(id: &CallId, data: &impl serde::Serialize) -> String {
    match serde_json::value::to_raw_value(data) {
        Ok(data) => frame::reply(id, &data),
        Err(error) => unreachable!("replies of ours are plain data: {error}"),
    }
}
