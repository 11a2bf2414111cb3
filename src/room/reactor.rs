//! One core's share of the connections: reads them, drains rooms into them, keeps their time.
//!
//! A turn of the loop first reads every socket that has something, then writes: whatever was published and answered
//! meanwhile leaves in one write for each member. The busier the server, the more goes into one. Nobody is woken to
//! write, and an idle connection holds no buffer, no task and no timer of its own.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use slab::Slab;

use crate::counters::Counting;
use crate::hub::Hub;
use crate::inbox::{Inbox, Todo};
use crate::log::Lane;
use crate::members::News;
use crate::peer::{After, Peer, Seat};
use crate::room::Room;
use crate::wheel::Wheel;
use crate::{Close, lock};

mod door;
mod listening;
#[cfg(test)]
mod tests;
mod time;
pub(super) use door::Newcomer;
use door::Waiting;
pub use door::{Door, Look};
pub(super) use listening::Ear;
use listening::{LISTENER, Listening};
#[cfg(test)]
pub(crate) use time::SOON;
use time::Soon;

/// Sockets heard of at a time. All that have something are read before anything is written: the more that are, the more of
/// a room's news leaves in one write.
const EVENTS: usize = 4096;
/// Read at once, by whichever connection has something.
const READ_BYTES: usize = if cfg!(test) { 40 } else { 64 * 1024 };
/// A connection that is being closed waits so long for the other side to close, too: a socket closed with unread
/// bytes takes back what it wrote last.
const FAREWELL_MS: u64 = 2_000;

/// What becomes of the bytes that a connection receives. Called by its reactor only.
pub trait Receive: Send {
    /// Takes what has come in.
    fn receive(&mut self, bytes: &mut [u8]) -> Flow;

    /// Goes on with what was put off.
    fn resume(&mut self) -> Flow;

    /// Goes on with what it was [woken](Hub::wake) for.
    fn go_on(&mut self) {
        // Most wait for nothing.
    }
}

/// How a connection wants to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    On,
    /// Not before somebody enlists it: see [`Peer::may_take`].
    Pause,
    /// Never again.
    Stop,
}

/// See the module. Belongs to one thread.
pub(super) struct Reactor {
    pub hub: Weak<Hub>,
    pub index: usize,
    pub inbox: Arc<Inbox>,
    /// None: sockets are told by hand what happened to them (in tests).
    pub registry: Option<mio::Registry>,
    connections: Slab<Connection>,
    newcomers: Slab<Waiting>,
    listening: Option<Listening>,
    /// Newcomers so far.
    came: u64,
    /// Those with more to read than was read.
    unread: Vec<usize>,
    wheel: Wheel,
    scratch: Box<[u8]>,
    todo: Todo,
    /// Rooms whose news may wait.
    soon: Soon,
    /// Since the start, at the last look.
    elapsed: Duration,
    /// By the wall clock, at the last tick.
    wall_ms: i64,
}

struct Connection {
    peer: Arc<Peer>,
    receive: Box<dyn Receive>,
    /// Tick at which something came in last.
    heard: u64,
    pinged: bool,
    /// What comes in is thrown away, and at this tick the socket as well.
    until: Option<u64>,
    /// The last frame has left.
    finished: bool,
    /// Bytes sent when it was blocked, and the tick at which that was seen first.
    stuck: Option<(u64, u64)>,
}

/// Has a connection take something. A panic ends that connection, not the thread that serves all the others.
fn contained(hub: &Hub, connection: &mut Connection, take: impl FnOnce(&mut dyn Receive) -> Flow) -> Flow {
    let Connection { receive, peer, .. } = connection;
    // What was half-changed is not used again: a receiver that stops is only dropped.
    panic::catch_unwind(AssertUnwindSafe(|| take(receive.as_mut()))).unwrap_or_else(|_| {
        tracing::error!(peer = peer.id, "closed: what it sent made the server panic");
        hub.close(peer, Close::Failed, "internal error");
        Flow::Stop
    })
}

impl Reactor {
    pub fn new(hub: &Arc<Hub>, index: usize, registry: Option<mio::Registry>) -> Self {
        let limits = &hub.limits;
        let shortest = limits.no_progress_ms_max.min(limits.ping_after_ms);
        Self {
            hub: Arc::downgrade(hub),
            index,
            inbox: hub.inboxes[index].clone(),
            registry,
            connections: Slab::new(),
            newcomers: Slab::new(),
            listening: None,
            came: 0,
            unread: Vec::new(),
            wheel: Wheel::new(shortest / 8),
            scratch: vec![0; READ_BYTES].into(),
            todo: Todo::default(),
            soon: Soon::default(),
            elapsed: Duration::ZERO,
            wall_ms: hub.clock.now_ms(),
        }
    }

    /// Serves until the hub is gone or says stop.
    pub fn run(mut self, mut poll: mio::Poll) {
        let mut events = mio::Events::with_capacity(EVENTS);
        let start = Instant::now();
        loop {
            let rests = self.rests();
            let patience = if rests { self.patience(start.elapsed()) } else { Duration::ZERO };
            if let Err(error) = poll.poll(&mut events, Some(patience))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "waiting for sockets failed");
                return;
            }
            self.inbox.rise();
            let Some(hub) = self.hub.upgrade() else { return };
            self.read_on(&hub);
            for event in &events {
                let place = event.token().0;
                if place == LISTENER {
                    self.accept(&hub);
                    continue;
                }
                if let Some(newcomer) = door::newcomer(place) {
                    self.look_again(&hub, newcomer);
                    continue;
                }
                if event.is_writable() {
                    self.writable(&hub, place);
                }
                if event.is_readable() || event.is_error() {
                    self.readable(&hub, place, event.is_read_closed() || event.is_error());
                }
            }
            self.tick(&hub, start.elapsed());
            if !self.turn(&hub) {
                return;
            }
        }
    }

    /// Whether it may wait for sockets. From here on whoever wants something wakes it.
    pub fn rests(&self) -> bool {
        self.inbox.sleep() && self.unread.is_empty()
    }

    /// Reads on where there was more than was read.
    pub fn read_on(&mut self, hub: &Arc<Hub>) {
        for place in std::mem::take(&mut self.unread) {
            self.readable(hub, place, true);
        }
    }

    /// Reads what a socket has. `whole`: until there is nothing more, since the kernel may not say so again.
    pub fn readable(&mut self, hub: &Arc<Hub>, place: usize, whole: bool) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.peer.is_paused() && connection.until.is_none() {
            return;
        }
        let flow = match connection.peer.socket.read(&mut self.scratch) {
            Ok(0) => return self.remove(hub, place),
            Ok(n) => {
                (connection.heard, connection.pinged) = (self.wheel.now(), false);
                connection.peer.heard_ms.store(self.wall_ms, Ordering::Relaxed);
                if n == self.scratch.len() || whole {
                    // Others are read in between.
                    self.unread.push(place);
                }
                match connection.until {
                    Some(_) => Flow::On,
                    None => contained(hub, connection, |receive| receive.receive(&mut self.scratch[..n])),
                }
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => return,
            Err(_) => return self.remove(hub, place),
        };
        if flow == Flow::Stop {
            self.deafen(place);
        }
    }

    /// The kernel takes bytes again.
    pub fn writable(&mut self, hub: &Arc<Hub>, place: usize) {
        if let Some(connection) = self.connections.get(place)
            && connection.peer.is_blocked()
        {
            let peer = connection.peer.clone();
            self.write(hub, &peer, true);
        }
    }

    /// Does what others want, once around. False when it is to stop.
    pub fn turn(&mut self, hub: &Arc<Hub>) -> bool {
        let mut todo = std::mem::take(&mut self.todo);
        self.inbox.swap(&mut todo);
        if todo.stop {
            return false;
        }
        for ear in todo.ears.drain(..) {
            self.listen(ear);
        }
        for newcomer in todo.newcomers.drain(..) {
            self.look(hub, newcomer);
        }
        for (peer, receive) in todo.arrivals.drain(..) {
            self.arrive(hub, peer, receive, false);
        }
        // First, so that what they answer leaves in one write with the rooms' news.
        for peer in &todo.peers {
            self.go_on(hub, peer);
        }
        for room in todo.rooms.drain(..) {
            self.flush(hub, &room);
        }
        self.soon.put_off(&mut todo.soon, self.elapsed);
        for seat in todo.seats.drain(..) {
            self.drain(hub, &seat);
        }
        for peer in todo.peers.drain(..) {
            peer.enlisted.store(false, Ordering::SeqCst);
            // Woken since, when it was still enlisted.
            if peer.is_woken() {
                self.inbox.enlist(&peer);
            }
            self.write(hub, &peer, false);
            self.resume(hub, &peer);
        }
        // Its lists keep their memory.
        self.todo = todo;
        true
    }

    /// `known`: its socket is watched already, as a newcomer's.
    fn arrive(&mut self, hub: &Arc<Hub>, peer: Arc<Peer>, receive: Box<dyn Receive>, known: bool) {
        self.soon.moved += 1;
        let heard = self.wheel.now();
        let place = self.connections.insert(Connection {
            peer: peer.clone(),
            receive,
            heard,
            pinged: false,
            until: None,
            finished: false,
            stuck: None,
        });
        peer.place.store(place, Ordering::Release);
        if let Some(registry) = &self.registry
            && let Err(error) = peer.socket.watch(registry, mio::Token(place), known)
        {
            tracing::warn!(%error, "a connection could not be watched");
            return self.remove(hub, place);
        }
        self.wheel.set(place, peer.id, heard);
        let flow = contained(hub, &mut self.connections[place], |receive| receive.resume());
        if flow == Flow::Stop {
            self.deafen(place);
        }
        self.inbox.enlist(&peer);
    }

    /// Writes what is new in a room to those of its members that keep up.
    fn flush(&mut self, hub: &Arc<Hub>, room: &Arc<Room>) {
        // Cleared first: what is published from here on marks the room again.
        room.dirty[self.index].store(false, Ordering::Release);
        let mut behind = Vec::new();
        let mut members = lock(&room.members[self.index]);
        let news = News::of_lanes(members.flushed(), &room.log);
        let all = members.drain(&news, &room.log, &mut behind, &mut Counting::new(&hub.counters[self.index]));
        let end = news[Lane::Plain as usize].end;
        // The log is to be the only one that holds the bytes.
        drop(news);
        if all {
            room.rest(self.index, end);
        }
        drop(members);
        if self.index == 0 {
            room.news.send_if_modified(|before| std::mem::replace(before, end) < end);
        }
        for (peer, slot) in behind {
            hub.clone().catch_up(Seat { room: room.clone(), slot }, peer);
        }
    }

    fn drain(&mut self, hub: &Arc<Hub>, seat: &Seat) {
        let mut behind = Vec::new();
        let mut members = lock(&seat.room.members[self.index]);
        members.drain_one(seat.slot, &seat.room.log, &mut behind, &mut Counting::new(&hub.counters[self.index]));
        drop(members);
        // It may have been the last that was not at the end: the next flush looks at all.
        if lock(&seat.room.log).can_rest() && !seat.room.dirty[self.index].swap(true, Ordering::AcqRel) {
            self.inbox.dirty(&seat.room);
        }
        for (peer, slot) in behind {
            hub.clone().catch_up(Seat { room: seat.room.clone(), slot }, peer);
        }
    }

    fn write(&mut self, hub: &Arc<Hub>, peer: &Arc<Peer>, writable: bool) {
        let place = peer.place.load(Ordering::Acquire);
        match peer.write_backlog(writable) {
            After::Nothing => {}
            // Who does not read would go on being heard.
            After::Closing if self.holds(place, peer) => self.deafen(place),
            After::Unblocked => {
                let seats = lock(&peer.seats).clone();
                for seat in &seats {
                    self.drain(hub, seat);
                }
                self.resume(hub, peer);
            }
            After::End if self.holds(place, peer) => self.finish(hub, place),
            After::Closing | After::End => {}
        }
    }

    /// Reads on where that had been put off and need not be any longer.
    fn resume(&mut self, hub: &Arc<Hub>, peer: &Arc<Peer>) {
        let place = peer.place.load(Ordering::Acquire);
        if !peer.is_paused() || !self.holds(place, peer) {
            return;
        }
        peer.unpause();
        match contained(hub, &mut self.connections[place], |receive| receive.resume()) {
            // What came in meanwhile was not told again.
            Flow::On => self.readable(hub, place, true),
            Flow::Pause => {}
            Flow::Stop => self.deafen(place),
        }
    }

    /// Has a connection go on with what it was woken for.
    fn go_on(&mut self, hub: &Arc<Hub>, peer: &Arc<Peer>) {
        let place = peer.place.load(Ordering::Acquire);
        if !peer.is_woken() || !peer.set_woken(false) || !self.holds(place, peer) {
            return;
        }
        let go_on = |receive: &mut dyn Receive| {
            receive.go_on();
            Flow::On
        };
        if contained(hub, &mut self.connections[place], go_on) == Flow::Stop {
            self.deafen(place);
        }
    }

    fn holds(&self, place: usize, peer: &Arc<Peer>) -> bool {
        self.connections.get(place).is_some_and(|c| Arc::ptr_eq(&c.peer, peer))
    }

    fn deafen(&mut self, place: usize) {
        let until = self.wheel.now() + self.wheel.ticks(FAREWELL_MS);
        if let Some(connection) = self.connections.get_mut(place)
            && connection.until.is_none()
        {
            connection.until = Some(until);
            self.wheel.set(place, connection.peer.id, until);
        }
    }

    /// The close frame has left, or nothing more can.
    fn finish(&mut self, hub: &Arc<Hub>, place: usize) {
        let connection = &mut self.connections[place];
        let peer = connection.peer.clone();
        if std::mem::replace(&mut connection.finished, true) {
            return;
        }
        if peer.has_ended() {
            return self.remove(hub, place);
        }
        peer.socket.finish();
        hub.disconnect(&peer);
        self.deafen(place);
        self.unread.push(place);
    }

    fn remove(&mut self, hub: &Arc<Hub>, place: usize) {
        self.soon.moved += 1;
        let connection = self.connections.remove(place);
        connection.peer.socket.finish();
        hub.disconnect(&connection.peer);
    }
}
