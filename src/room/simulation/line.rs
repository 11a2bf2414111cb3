//! The server's side of a simulated connection: as the transport's, with calls of sixteen bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use vizroom_protocol::Error;
use vizroom_protocol::id::{RoomId, UserId};
use vizroom_protocol::room::{Joined, Mode, Position};

use super::journal::EPOCH;
use super::model::{Ending, Membership, World};
use crate::hub::{Hub, Since};
use crate::reactor::{Flow, Receive};
use crate::wire::Opcode;
use crate::{Close, Peer, Room, Seat, lock};

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Ask {
    JoinHead,
    JoinFresh,
    JoinAfter,
    JoinElsewhere,
    Leave,
    Lasting,
    LastingOnce,
    Newest,
    Passing,
    Ping,
    Pong,
    Close,
}

pub const ASKS: [Ask; 12] = {
    use Ask::*;
    [JoinHead, JoinFresh, JoinAfter, JoinElsewhere, Leave, Lasting, LastingOnce, Newest, Passing, Ping, Pong, Close]
};

/// A call.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub ask: Ask,
    pub room: u8,
    /// Of a newest value, or so that something is told once.
    pub key: u8,
    pub id: u32,
    /// A position, or a size.
    pub number: u64,
}

pub const CALL_BYTES: usize = 16;

impl Call {
    pub fn bytes(self) -> [u8; CALL_BYTES] {
        let mut bytes = [0; CALL_BYTES];
        bytes[..3].copy_from_slice(&[self.ask as u8, self.room, self.key]);
        bytes[4..8].copy_from_slice(&self.id.to_be_bytes());
        bytes[8..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Self {
        let (mut id, mut number) = ([0; 4], [0; 8]);
        id.copy_from_slice(&bytes[4..8]);
        number.copy_from_slice(&bytes[8..CALL_BYTES]);
        let ask = ASKS[bytes[0] as usize];
        let (id, number) = (u32::from_be_bytes(id), u64::from_be_bytes(number));
        Self { ask, room: bytes[1], key: bytes[2], id, number }
    }
}

pub fn room_id(number: usize) -> RoomId {
    RoomId(uuid::Uuid::from_u128(0x100 + number as u128))
}

pub fn user_id(number: usize) -> UserId {
    UserId(uuid::Uuid::from_u128(0x200 + number as u128))
}

pub struct Line {
    pub world: Arc<World>,
    pub hub: Arc<Hub>,
    pub peer: Arc<Peer>,
    pub conn: usize,
    pub rest: Vec<u8>,
    pub waiting: VecDeque<Call>,
}

impl Receive for Line {
    fn receive(&mut self, bytes: &mut [u8]) -> Flow {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.len() / CALL_BYTES * CALL_BYTES;
        let calls: Vec<u8> = self.rest.drain(..whole).collect();
        self.waiting.extend(calls.chunks(CALL_BYTES).map(Call::parse));
        self.resume()
    }

    fn resume(&mut self) -> Flow {
        while let Some(call) = self.waiting.pop_front() {
            if !self.peer.may_take(self.world.calls_max, self.world.backlog_max, || true) {
                self.waiting.push_front(call);
                return Flow::Pause;
            }
            match call.ask {
                Ask::Pong => {}
                Ask::Ping => self.hub.send_message(&self.peer, Opcode::Pong, &call.id.to_be_bytes()),
                Ask::Close => {
                    self.hub.close(&self.peer, Close::Normal, "");
                    return Flow::Stop;
                }
                _ => self.take(call),
            }
        }
        Flow::On
    }
}

impl Line {
    fn take(&self, call: Call) {
        let (world, hub, peer, conn) = (self.world.clone(), self.hub.clone(), self.peer.clone(), self.conn);
        let mut answer = Box::pin(answer(world, hub.clone(), peer.clone(), conn, call));
        if let Poll::Ready(done) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return deliver(&hub, &peer, done);
        }
        peer.calls.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let (reply, joined) = answer.await;
            hub.send_text(&peer, &reply);
            // Elsewhere this takes a moment, too, and reactors do not wait.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            if let Some(seat) = joined {
                hub.open_seat(&peer, seat);
            }
            tokio::task::yield_now().await;
            peer.calls.fetch_sub(1, Ordering::SeqCst);
            hub.go_on(&peer);
        });
    }
}

fn deliver(hub: &Arc<Hub>, peer: &Arc<Peer>, (reply, joined): (String, Option<Seat>)) {
    hub.send_text(peer, &reply);
    if let Some(seat) = joined {
        hub.open_seat(peer, seat);
    }
}

async fn answer(world: Arc<World>, hub: Arc<Hub>, peer: Arc<Peer>, conn: usize, call: Call) -> (String, Option<Seat>) {
    let id = room_id(call.room as usize);
    let size = call.number as usize;
    let mut joined = None;
    let done = async {
        if call.ask == Ask::Leave {
            return Ok(if world.leave(&hub, &peer, conn, id) { "left".into() } else { "not there".into() });
        }
        let room = hub.room(id).await?;
        match call.ask {
            Ask::Lasting | Ask::LastingOnce => {
                let dedup = (call.ask == Ask::LastingOnce).then(|| format!("d{}", call.key));
                let told = world.tell(&hub, &room, dedup, size).await?;
                return Ok(format!("stored {}", told.seq));
            }
            Ask::Newest => world.tell_newest(&hub, &room, call.key, size),
            Ask::Passing => world.tell_passing(&hub, &room, size),
            _ => {
                let (place, seat) = world.join(&hub, &peer, conn, &room, call)?;
                // From here on the room's events wait until the reply has left, whatever it is.
                joined = Some(seat);
                if let Err(error) = world.store.pause().await {
                    world.leave(&hub, &peer, conn, id);
                    return Err(error);
                }
                world.sync();
                hub.present(&room, &peer, "somebody");
                world.sync();
                return Ok(format!("joined {place}"));
            }
        }
        Ok("told".into())
    };
    let outcome: Result<String, Error> = done.await;
    let text = outcome.unwrap_or_else(|error| format!("error {:?}", error.code));
    (format!("{} {text} in {}", call.id, call.room), joined)
}

impl World {
    fn join(
        &self,
        hub: &Hub,
        peer: &Arc<Peer>,
        conn: usize,
        room: &Arc<Room>,
        call: Call,
    ) -> Result<(usize, Seat), Error> {
        let history = self.meet(room);
        self.sync();
        let position = |epoch: &str| Since::Position(Position { epoch: epoch.into(), seq: call.number });
        let since = match call.ask {
            Ask::JoinHead => Since::Head,
            Ask::JoinAfter => position(EPOCH),
            Ask::JoinElsewhere => position("another"),
            _ => Since::Nothing,
        };
        let (joined, seat) = hub.join(peer, room, since.clone())?;
        let mut model = lock(&self.model);
        let known = &model.histories[history];
        let head = known.base + known.durable.len() as u64;
        if let Err(what) = right_mode(&joined, &since, head, self.limits.replay_events_max) {
            self.fail(what);
        }
        let kept = if since == Since::Head { Vec::new() } else { known.kept() };
        let after = (joined.mode == Mode::Replay).then_some(call.number);
        let from = known.told.len();
        model.memberships.push(Membership { conn, history, since: after, from, kept, ended: None, items: Vec::new() });
        Ok((model.memberships.len() - 1, seat))
    }

    fn leave(&self, hub: &Hub, peer: &Arc<Peer>, conn: usize, room: RoomId) -> bool {
        self.sync();
        self.ended(conn, room, |most| Ending { least: 0, most });
        let left = hub.leave(peer, room);
        self.sync();
        left
    }

    /// A stay ends here; `ending` is told how much the room has told by now.
    pub fn ended(&self, conn: usize, room: RoomId, ending: impl Fn(usize) -> Ending) {
        let mut model = lock(&self.model);
        let model = &mut *model;
        for stay in model.memberships.iter_mut().filter(|m| m.conn == conn && m.ended.is_none()) {
            let history = &model.histories[stay.history];
            if history.id == room {
                stay.ended = Some(ending(history.told.len()));
            }
        }
    }
}

fn right_mode(joined: &Joined, since: &Since, head: u64, replay_max: u64) -> Result<(), String> {
    let right = match since {
        Since::Head => Mode::Live,
        Since::Position(p) if p.epoch != EPOCH || p.seq > head || head - p.seq > replay_max => Mode::Snapshot,
        Since::Position(p) if p.seq == head => Mode::Live,
        Since::Position(_) => Mode::Replay,
        Since::Nothing => Mode::Snapshot,
    };
    if (joined.head, joined.mode) == (head, right) {
        return Ok(());
    }
    Err(format!("joined since {since:?} at head {head}: {:?} at {}", joined.mode, joined.head))
}
