//! One WebSocket connection: what comes in goes on the bus, what that answers goes out.
//!
//! Cheap calls of one connection begin in the order in which they came, on the reactor's thread, where most are done
//! at once; what must wait, and what costs more, goes on in a task (or [there](Calls)). Replies come as they are done. An idle connection
//! has neither a task nor a buffer.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vizroom_protocol::connection::{self, Auth, Authenticated, Limits, Ready};
use vizroom_protocol::frame::{self, Call, CallId};
use vizroom_protocol::{Code, Error, PROTOCOL, event};

use crate::auth::Caller;
use crate::budget::sockets::Place;
use crate::bus::{Bus, Line};
use crate::room::deflate::Agreed;
use crate::room::messages::{Assembler, Message};
use crate::room::wire::Opcode;
use crate::room::{Close, Flow, Hub, Look, Owner, Peer, Receive, Socket, tell, wire};
use crate::transport::address;
use crate::transport::calls::{Calls, Working, answer, deliver, finish};

/// Said to a connection more than its tenant may have.
const TOO_MANY: &str = "too many connections";
/// Read at once before it is known whose connection it is.
const OPENING_BYTES: usize = 4 * 1024;

/// What a call may take in memory while it waits, without what its operation takes. Larger ones are no longer kept for the
/// next by the allocator, and are copied: with 16 kB that took a seventh of the reactor's time.
const CALL_BYTES_MAX: usize = 2 * 1024;

/// A connection whose caller is known.
struct Connection {
    bus: Arc<Bus>,
    peer: Arc<Peer>,
    assembler: Assembler,
    /// Read, but not taken: at most what one read brings.
    waiting: VecDeque<Message<'static>>,
    /// As the newest token says.
    caller: Arc<Caller>,
    /// Where it comes from.
    address: Option<IpAddr>,
    /// A call that is not to be overtaken, until it has found its place.
    ahead: Option<Arc<Line>>,
    /// What its reactor goes on with.
    calls: Option<Box<Calls>>,
    /// What it has among its tenant's on all nodes, as long as it lasts.
    _place: Option<Place>,
}

/// What a handshake has settled.
pub struct Handshake {
    /// None: the first frame must be `auth`.
    pub caller: Option<Caller>,
    /// What the address asks for: taken before all that is sent.
    pub first: Option<Call>,
    pub deflate: Option<Agreed>,
    /// Where it comes from.
    pub address: Option<IpAddr>,
}

/// Serves a connection. `already` is what was read beyond the handshake. Returns as soon as the caller is known: from
/// then on the room's reactor serves it.
pub async fn serve(bus: Arc<Bus>, socket: TcpStream, already: Bytes, handshake: Handshake) {
    let Handshake { caller, first, deflate, address } = handshake;
    let assembler = Assembler::new(deflate.is_some());
    let mut opening = Opening { bus: &bus, socket, assembler, messages: Vec::new(), address };
    let bytes_max = bus.app.config.limits.frame_bytes_max;
    if let Err(breach) = opening.assembler.feed(&mut already.to_vec(), bytes_max, &mut opening.messages) {
        return opening.refuse(breach.into(), "bad frame").await;
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
    let most = bus.app.tier(&caller).websockets;
    let place = match most {
        Some(most) => bus.app.budgets.sockets.take(caller.tenant_id, most).await,
        None => Ok(None),
    };
    let Ok(place) = place else { return opening.refuse(Close::ConnectionLimit, TOO_MANY).await };
    let Opening { socket, assembler, messages, .. } = opening;
    let Ok(socket) = socket.into_std() else { return };
    let socket = Box::new(mio::net::TcpStream::from_std(socket));
    let hub = bus.app.hub.clone();
    match hub.connect(owner(&caller), socket, deflate, caller.expires_at_ms, most.unwrap_or(usize::MAX)) {
        Ok(peer) => {
            let receive = begin(bus, peer.clone(), (caller, address), (assembler, messages), first, place);
            hub.adopt(&peer, receive);
        }
        Err(socket) => turn_away(&hub, &*socket),
    }
}

/// As [`serve`], on the reactor that has the socket, where nothing need be waited for: the caller is known, and this
/// node counts for itself. `response` has not left yet.
pub fn serve_at_once(
    bus: Arc<Bus>,
    socket: mio::net::TcpStream,
    Handshake { caller, first, deflate, address }: Handshake,
    response: &[u8],
    reactor: usize,
) -> Look {
    let Some(caller) = caller else { return Look::Gone };
    let most = bus.app.tier(&caller).websockets.unwrap_or(usize::MAX);
    let hub = bus.app.hub.clone();
    match hub.connect_on(reactor, owner(&caller), Box::new(socket), deflate, caller.expires_at_ms, most) {
        Ok(peer) => {
            hub.queue(&peer, response);
            let assembler = Assembler::new(deflate.is_some());
            let receive = begin(bus, peer.clone(), (caller, address), (assembler, Vec::new()), first, None);
            Look::Connection(peer, receive)
        }
        Err(socket) => {
            // A fresh socket takes it.
            let _ = socket.write(&[IoSlice::new(response)]);
            turn_away(&hub, &*socket);
            Look::Gone
        }
    }
}

fn owner(caller: &Caller) -> Owner {
    Owner { user: caller.user_id, tenant: caller.tenant_id, family: caller.family.clone() }
}

/// What a registered connection receives goes to this.
fn begin(
    bus: Arc<Bus>,
    peer: Arc<Peer>,
    (caller, address): (Caller, Option<IpAddr>),
    (assembler, messages): (Assembler, Vec<Message<'static>>),
    first: Option<Call>,
    place: Option<Place>,
) -> Box<dyn Receive> {
    // Revoked between the check and the registration: nobody would have closed it.
    if bus.app.auth.tokens.is_revoked(&caller.family) {
        bus.app.hub.close(&peer, Close::Revoked, "revoked");
    }
    let first = first.and_then(|call| serde_json::to_string(&call).ok()).map(|text| Message::Text(text.into()));
    let (waiting, caller) = (first.into_iter().chain(messages).collect(), Arc::new(caller));
    let connection =
        Connection { bus, peer, assembler, waiting, caller, address, ahead: None, calls: None, _place: place };
    connection.ready();
    Box::new(connection)
}

fn turn_away(hub: &Hub, socket: &dyn Socket) {
    hub.count_turned_away(Close::ConnectionLimit);
    let payload = [&(Close::ConnectionLimit as u16).to_be_bytes(), TOO_MANY.as_bytes()].concat();
    // A fresh socket takes this; and nobody may be there any more to hear it.
    let _ = socket.write(&[IoSlice::new(&wire::frame(Opcode::Close, &payload))]);
    socket.finish();
}

/// A connection before it is known whose it is.
struct Opening<'a> {
    bus: &'a Bus,
    socket: TcpStream,
    assembler: Assembler,
    messages: Vec<Message<'static>>,
    address: Option<IpAddr>,
}

impl Opening<'_> {
    /// Waits for the `auth` frame and answers it.
    async fn authenticate(&mut self) -> Result<Caller, (Close, &'static str)> {
        let gone = |_| (Close::Normal, "gone");
        let bytes_max = self.bus.app.config.limits.frame_bytes_max;
        while self.messages.is_empty() {
            let mut bytes = [0; OPENING_BYTES];
            let n = self.socket.read(&mut bytes).await.map_err(gone)?;
            if n == 0 {
                return Err((Close::Normal, "gone"));
            }
            let fed = self.assembler.feed(&mut bytes[..n], bytes_max, &mut self.messages);
            fed.map_err(|breach| (breach.into(), "bad frame"))?;
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
        match self.bus.app.caller(&input.token).await {
            Ok(caller) => {
                if let Some(id) = call.metadata.id {
                    let text = reply_text(&id, &authenticated(&caller, now_ms));
                    let frame = wire::frame(Opcode::Text, text.as_bytes());
                    self.socket.write_all(&frame).await.map_err(gone)?;
                }
                Ok(caller)
            }
            Err(error) => {
                let error = match error.code {
                    Code::Unauthorized => address::counted(self.bus, error, self.address).await,
                    _ => error,
                };
                let text = frame::error(call.metadata.id.as_ref(), &error);
                let frame = wire::frame(Opcode::Text, text.as_bytes());
                self.socket.write_all(&frame).await.map_err(gone)?;
                match error.code {
                    Code::RateLimited => Err((Close::TooManyCalls, "too many wrong tokens")),
                    _ => Err((Close::BadToken, "bad token")),
                }
            }
        }
    }

    async fn refuse(mut self, code: Close, reason: &str) {
        self.bus.app.hub.count_turned_away(code);
        let payload = [&(code as u16).to_be_bytes(), reason.as_bytes()].concat();
        // Nobody may be there any more to hear it.
        let _ = self.socket.write_all(&wire::frame(Opcode::Close, &payload)).await;
        let _ = self.socket.shutdown().await;
    }
}

impl Receive for Connection {
    fn receive(&mut self, mut bytes: &mut [u8]) -> Flow {
        let bytes_max = self.bus.app.config.limits.frame_bytes_max;
        let fed = loop {
            match self.assembler.next(&mut bytes, bytes_max) {
                Ok(Some(message)) if self.waiting.is_empty() && self.may_take() => {
                    if self.obey(message) == Flow::Stop {
                        return Flow::Stop;
                    }
                }
                Ok(Some(message)) => self.waiting.push_back(message.into_owned()),
                Ok(None) => break Ok(()),
                Err(breach) => break Err(breach),
            }
        };
        let flow = self.resume();
        if let Err(breach) = fed {
            self.bus.app.hub.close(&self.peer, Close::from(breach), "bad frame");
            return Flow::Stop;
        }
        flow
    }

    fn resume(&mut self) -> Flow {
        while !self.waiting.is_empty() {
            if !self.may_take() {
                return Flow::Pause;
            }
            if self.waiting.pop_front().map(|message| self.obey(message)) == Some(Flow::Stop) {
                return Flow::Stop;
            }
        }
        // An idle connection keeps no memory for what once waited.
        self.waiting = VecDeque::new();
        Flow::On
    }

    fn go_on(&mut self) {
        let Some(calls) = &mut self.calls else { return };
        while let Some(answer) = calls.answered() {
            finish(&self.bus, &self.peer, answer);
        }
        if calls.is_empty() {
            self.calls = None;
        }
    }
}

impl Drop for Connection {
    /// Who hangs up cuts nothing that was begun in half.
    fn drop(&mut self) {
        let Some(calls) = self.calls.take() else { return };
        // Whoever waits for all of them must not find none before they are spawned.
        let _counted = self.bus.app.tasks.token();
        for call in calls.into_rest() {
            let (bus, peer) = (self.bus.clone(), self.peer.clone());
            self.bus.app.tasks.spawn(async move { finish(&bus, &peer, call.alone().await) });
        }
    }
}

impl Connection {
    /// Whether the next message may be taken. A client that does not read its replies, or has too much under way, is not read
    /// from: its reactor comes back when that has changed.
    fn may_take(&mut self) -> bool {
        let limits = &self.bus.app.config.limits;
        let ahead = self.ahead.take();
        let placed = || ahead.as_ref().is_none_or(|ahead| ahead.is_placed());
        let may = self.peer.may_take(limits.calls_in_flight_max, limits.backlog_bytes_max, placed);
        self.ahead = ahead.filter(|_| !may);
        may
    }

    fn obey(&mut self, message: Message<'_>) -> Flow {
        match message {
            Message::Text(text) => self.take(&text),
            Message::Ping(payload) => self.bus.app.hub.send_message(&self.peer, Opcode::Pong, &payload),
            Message::Pong => {}
            Message::Binary(_) => {
                self.bus.app.hub.close(&self.peer, Close::BadFrame, "frames are text");
                return Flow::Stop;
            }
            Message::Close(_) => {
                self.bus.app.hub.close(&self.peer, Close::Normal, "");
                return Flow::Stop;
            }
        }
        Flow::On
    }

    /// Does what a frame asks, or begins to.
    fn take(&mut self, text: &str) {
        let call: Call<&RawValue> = match serde_json::from_str(text) {
            Ok(call) => call,
            Err(error) => {
                let error = Error::invalid("frame", format!("not a frame {{type, data, metadata}}: {error}"));
                return self.send(&frame::error(None, &error));
            }
        };
        if matches!(&call.metadata.id, Some(CallId::Text(id)) if id.len() > 64) {
            return self.send(&frame::error(None, &Error::invalid("metadata.id", "at most 64 characters")));
        }
        if call.name == "auth" || call.name == "auth.refresh" {
            return self.renew(call);
        }
        let (bus, peer, manner) = (self.bus.clone(), self.peer.clone(), self.bus.manner(&call.name));
        let line = Arc::new(Line::new(peer.clone()));
        let answer = answer(&bus, line.clone(), self.caller.clone(), self.address, call);
        debug_assert!(size_of_val(&answer) <= CALL_BYTES_MAX, "a call takes {} bytes", size_of_val(&answer));
        let mut answer = Working::new(answer);
        if manner.tells {
            peer.calls.fetch_add(1, Ordering::SeqCst);
            let new = || Box::new(Calls::new(&bus.app.hub, &peer, &bus.app.tasks));
            self.calls.get_or_insert_with(new).push(answer);
            self.go_on();
            // It has to ask the store for something first: whoever comes next would be told before it.
            self.ahead = (!line.is_placed()).then_some(line);
            return;
        }
        if manner.quick
            && let Poll::Ready(done) = answer.poll_unpin(&mut Context::from_waker(Waker::noop()))
        {
            return deliver(&bus, &peer, done);
        }
        peer.calls.fetch_add(1, Ordering::SeqCst);
        // Tracked, so that who hangs up cuts nothing that was begun in half, nor does the server when it stops.
        self.bus.app.tasks.spawn(async move { finish(&bus, &peer, answer.alone().await) });
    }

    /// `auth.refresh`: a new token for the same user. An API key lasts as long as it says: it cannot be renewed.
    fn renew(&mut self, call: Call<&RawValue>) {
        let (began, now_ms) = (Instant::now(), self.bus.app.clock.now_ms());
        let input = call.data.and_then(|data| serde_json::from_str::<Auth>(data.get()).ok());
        let renewed = input.ok_or_else(|| Error::invalid("token", "a token is needed")).and_then(|input| {
            let caller = self.bus.app.auth.tokens.caller(&input.token, now_ms)?;
            let same = caller.user_id == self.peer.owner.user && *caller.family == *self.peer.owner.family;
            same.then_some(caller).ok_or_else(|| Error::unauthorized("the token is of another sign-in"))
        });
        self.bus.count(&call.name, &renewed, began.elapsed());
        match renewed {
            Ok(caller) => {
                self.peer.expires_ms.store(caller.expires_at_ms, Ordering::Relaxed);
                if let Some(id) = call.metadata.id {
                    self.send(&reply_text(&id, &authenticated(&caller, now_ms)));
                }
                self.caller = Arc::new(caller);
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
