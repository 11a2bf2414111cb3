//! What others want of a reactor, and how it is woken for that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::lock;
use crate::peer::{Peer, Seat};
use crate::reactor::{Ear, Newcomer, Receive};
use crate::room::Room;

/// What others want of a reactor.
pub struct Inbox {
    todo: Mutex<Todo>,
    /// Waits for sockets, so that somebody must wake it.
    asleep: AtomicBool,
    wake: Box<dyn Fn() + Send + Sync>,
}

/// The lists of an [`Inbox`].
#[derive(Default)]
pub(super) struct Todo {
    pub ears: Vec<Ear>,
    pub newcomers: Vec<Newcomer>,
    pub arrivals: Vec<(Arc<Peer>, Box<dyn Receive>)>,
    pub rooms: Vec<Arc<Room>>,
    /// Rooms whose news may wait a moment.
    pub soon: Vec<Arc<Room>>,
    pub seats: Vec<Seat>,
    pub peers: Vec<Arc<Peer>>,
    pub stop: bool,
}

impl Todo {
    fn is_empty(&self) -> bool {
        let Self { ears, newcomers, arrivals, rooms, soon, seats, peers, stop: _ } = self;
        ears.is_empty()
            && newcomers.is_empty()
            && arrivals.is_empty()
            && rooms.is_empty()
            && soon.is_empty()
            && seats.is_empty()
            && peers.is_empty()
    }
}

impl Inbox {
    pub(super) fn new(wake: Box<dyn Fn() + Send + Sync>) -> Self {
        Self { todo: Mutex::default(), asleep: AtomicBool::new(false), wake }
    }

    /// Says that the reactor will wait for sockets. False if it need not: there is something to do.
    pub(super) fn sleep(&self) -> bool {
        self.asleep.store(true, Ordering::SeqCst);
        lock(&self.todo).is_empty()
    }

    pub(super) fn rise(&self) {
        self.asleep.store(false, Ordering::SeqCst);
    }

    /// Gives what is to do for an empty list.
    pub(super) fn swap(&self, todo: &mut Todo) {
        std::mem::swap(todo, &mut lock(&self.todo));
    }

    fn put(&self, what: impl FnOnce(&mut Todo)) {
        what(&mut lock(&self.todo));
        if self.asleep.swap(false, Ordering::SeqCst) {
            (self.wake)();
        }
    }

    /// Where it is to listen, or no longer.
    pub(super) fn listen(&self, ear: Ear) {
        self.put(|todo| todo.ears.push(ear));
    }

    /// A socket of which nothing is known yet.
    pub(super) fn welcome(&self, newcomer: Newcomer) {
        self.put(|todo| todo.newcomers.push(newcomer));
    }

    /// A new connection.
    pub(super) fn adopt(&self, peer: Arc<Peer>, receive: Box<dyn Receive>) {
        self.put(|todo| todo.arrivals.push((peer, receive)));
    }

    /// A connection has something to write, may be read again, or is to be closed.
    pub(super) fn enlist(&self, peer: &Arc<Peer>) {
        if !peer.enlisted.swap(true, Ordering::SeqCst) {
            self.put(|todo| todo.peers.push(peer.clone()));
        }
    }

    /// A room's log has grown.
    pub(super) fn dirty(&self, room: &Arc<Room>) {
        self.put(|todo| todo.rooms.push(room.clone()));
    }

    /// A room's log has grown by what may wait a moment.
    pub(super) fn soon(&self, room: &Arc<Room>) {
        self.put(|todo| todo.soon.push(room.clone()));
    }

    /// A member may be behind its room's log.
    pub(super) fn drain(&self, seat: Seat) {
        self.put(|todo| todo.seats.push(seat));
    }

    pub(super) fn stop(&self) {
        self.put(|todo| todo.stop = true);
    }
}
