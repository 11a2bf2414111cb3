//! All rooms and connections of this process.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use bytes::BytesMut;
use dashmap::{DashMap, Entry};
use tokio::sync::Notify;
use vizroom_protocol::id::{RoomId, TenantId};
use vizroom_protocol::room::{Joined, Mode, Position};
use vizroom_protocol::{Code, Error};

use crate::clock::Clock;
use crate::commit::Committer;
use crate::counters::Counters;
use crate::deflate::Agreed;
use crate::inbox::Inbox;
use crate::journal::Journal;
use crate::limits::Limits;
use crate::members::{Member, State, Stats};
use crate::peer::{Owner, Peer, Seat, Socket};
use crate::reactor::{Reactor, Receive};
use crate::room::Room;
use crate::wire::Opcode;
use crate::{Close, lock};

/// See the module.
pub struct Hub {
    pub(super) rooms: DashMap<RoomId, Arc<Room>>,
    /// Counts up before a room leaves the map.
    pub(super) forgotten: AtomicU64,
    peers: DashMap<u64, Weak<Peer>>,
    per_tenant: Mutex<HashMap<TenantId, usize>>,
    pub(super) next_peer: AtomicU64,
    pub(super) next_newcomer: AtomicUsize,
    /// One set for each reactor, and the last for everybody else.
    pub(super) counters: Box<[Arc<Counters>]>,
    /// One for each reactor.
    pub(super) inboxes: Box<[Arc<Inbox>]>,
    /// Told when a connection has ended.
    pub(super) gone: Notify,
    pub(super) committer: Committer,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
}

impl Hub {
    /// Starts the committer and one reactor, with a thread of its own, for each of `cores`. Needs a tokio runtime:
    /// calls run on it.
    ///
    /// # Errors
    /// The kernel's, if sockets cannot be waited for.
    pub fn start(journal: Arc<dyn Journal>, limits: Limits, clock: Clock, cores: usize) -> io::Result<Arc<Self>> {
        let polls = (0..cores.max(1)).map(|_| mio::Poll::new()).collect::<io::Result<Vec<_>>>()?;
        let inbox = |poll: &mio::Poll| {
            let waker = mio::Waker::new(poll.registry(), mio::Token(usize::MAX))?;
            let wake = move || {
                if let Err(error) = waker.wake() {
                    tracing::error!(%error, "a reactor could not be woken");
                }
            };
            Ok(Inbox::new(Box::new(wake)))
        };
        let inboxes = polls.iter().map(inbox).collect::<io::Result<Vec<_>>>()?;
        let hub = Self::new(journal, limits, clock, inboxes);
        for (index, poll) in polls.into_iter().enumerate() {
            let reactor = Reactor::new(&hub, index, Some(poll.registry().try_clone()?));
            let runtime = tokio::runtime::Handle::current();
            std::thread::Builder::new().name(format!("reactor-{index}")).spawn(move || {
                let _inside = runtime.enter();
                reactor.run(poll);
            })?;
        }
        Ok(hub)
    }

    /// A hub whose reactors somebody else runs.
    pub(super) fn new(journal: Arc<dyn Journal>, limits: Limits, clock: Clock, inboxes: Vec<Inbox>) -> Arc<Self> {
        let (committer, waiting) = Committer::new(limits.commit_queue_max);
        let hub = Arc::new(Self {
            rooms: DashMap::new(),
            forgotten: AtomicU64::new(0),
            peers: DashMap::new(),
            per_tenant: Mutex::default(),
            next_peer: AtomicU64::new(0),
            next_newcomer: AtomicUsize::new(0),
            counters: (0..=inboxes.len()).map(|_| Arc::default()).collect(),
            inboxes: inboxes.into_iter().map(Arc::new).collect(),
            gone: Notify::new(),
            committer,
            journal,
            limits,
            clock,
        });
        tokio::spawn(Committer::run(
            Arc::downgrade(&hub),
            waiting,
            hub.committer.again.clone(),
            hub.limits.commit_batch_max,
        ));
        hub
    }

    /// Ends the reactors, and with them whatever connections are left.
    pub fn stop(&self) {
        self.inboxes.iter().for_each(|inbox| inbox.stop());
    }

    /// Says that a room's log has grown.
    pub(super) fn mark(&self, room: &Arc<Room>) {
        room.marked.fetch_add(1, Ordering::SeqCst);
        for (index, inbox) in self.inboxes.iter().enumerate() {
            if room.is_read_by(index) && !room.dirty[index].swap(true, Ordering::AcqRel) {
                inbox.dirty(room);
            }
        }
    }

    /// Says that a room's log has grown by what may wait a moment for more.
    pub(super) fn mark_soon(&self, room: &Arc<Room>) {
        for index in (0..self.inboxes.len()).filter(|index| room.is_read_by(*index)) {
            self.flush_soon(room, index);
        }
    }

    fn flush_soon(&self, room: &Arc<Room>, reactor: usize) {
        if !room.soon[reactor].swap(true, Ordering::AcqRel) {
            self.inboxes[reactor].soon(room);
        }
    }

    /// The room, opened from the store if nobody has used it since the start.
    ///
    /// # Errors
    /// `NOT_FOUND`, or the store's.
    pub async fn room(&self, id: RoomId) -> Result<Arc<Room>, Error> {
        if let Some(room) = self.rooms.get(&id) {
            room.used.store(true, Ordering::Relaxed);
            return Ok(room.clone());
        }
        loop {
            let forgotten = self.forgotten.load(Ordering::SeqCst);
            let (epoch, head) = self.journal.head(id).await?;
            match self.rooms.entry(id) {
                // Nothing can be published before a room is in the map.
                Entry::Occupied(first) => return Ok(first.get().clone()),
                Entry::Vacant(place) if self.forgotten.load(Ordering::SeqCst) == forgotten => {
                    return Ok(place.insert(Room::open(self, id, epoch, head)).clone());
                }
                // It may have been here meanwhile, and told something, or been deleted.
                Entry::Vacant(_) => {}
            }
        }
    }

    /// Opens rooms as the store has them, with epoch and head, before anybody has asked for one. Those that nobody uses soon
    /// are forgotten again.
    pub fn know(&self, rooms: impl IntoIterator<Item = (RoomId, String, u64)>) {
        for (id, epoch, head) in rooms {
            self.rooms.entry(id).or_insert_with(|| Room::open(self, id, epoch, head));
        }
    }

    /// A room that the store knows nothing of: what is told in it is over when nobody is there any more. Nothing
    /// durable can be told.
    pub fn passing_room(&self, id: RoomId) -> Arc<Room> {
        let open = || Room::open(self, id, uuid::Uuid::now_v7().simple().to_string(), 0);
        self.rooms.entry(id).or_insert_with(open).clone()
    }

    /// The room, if it is open.
    pub fn opened(&self, id: RoomId) -> Option<Arc<Room>> {
        self.rooms.get(&id).map(|r| r.clone())
    }

    /// Forgets the rooms that nobody has joined, follows, or has asked for since the last call: the store has them.
    pub(super) fn forget_idle_rooms(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.rooms.retain(|_, room| Arc::strong_count(room) > 1 || room.used.swap(false, Ordering::Relaxed));
    }

    /// Rooms open.
    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }

    /// Connections open.
    pub fn connections(&self) -> usize {
        self.peers.len()
    }

    /// Registers a connection whose socket the caller has taken over, with what its handshake agreed on. It is served
    /// once it is [adopted](Hub::adopt).
    ///
    /// # Errors
    /// The socket, if its tenant has `most` connections already.
    pub fn connect(
        &self,
        owner: Owner,
        socket: Box<dyn Socket>,
        deflate: Option<Agreed>,
        expires_ms: i64,
        most: usize,
    ) -> Result<Arc<Peer>, Box<dyn Socket>> {
        let reactor = self.next_peer.load(Ordering::Relaxed) as usize % self.inboxes.len();
        self.connect_on(reactor, owner, socket, deflate, expires_ms, most)
    }

    /// As [`Hub::connect`], for a reactor that has the socket already.
    ///
    /// # Errors
    /// As there.
    pub fn connect_on(
        &self,
        reactor: usize,
        owner: Owner,
        socket: Box<dyn Socket>,
        deflate: Option<Agreed>,
        expires_ms: i64,
        most: usize,
    ) -> Result<Arc<Peer>, Box<dyn Socket>> {
        {
            let mut tenants = lock(&self.per_tenant);
            let open = tenants.entry(owner.tenant).or_default();
            if *open >= most {
                return Err(socket);
            }
            *open += 1;
        }
        let id = self.next_peer.fetch_add(1, Ordering::Relaxed);
        let times = (expires_ms, self.clock.now_ms());
        let peer = Arc::new(Peer::new(id, reactor, owner, socket, deflate, times, self.counters[reactor].clone()));
        self.peers.insert(id, Arc::downgrade(&peer));
        Ok(peer)
    }

    /// Gives a connection to its reactor, and what it receives to `receive`.
    pub fn adopt(&self, peer: &Arc<Peer>, receive: Box<dyn Receive>) {
        self.inboxes[peer.reactor].adopt(peer.clone(), receive);
    }

    /// What the peer waits for may be there: its reactor has it [go on](Receive::go_on).
    pub fn wake(&self, peer: &Arc<Peer>) {
        peer.set_woken(true);
        self.inboxes[peer.reactor].enlist(peer);
    }

    /// Takes up again what the peer put off, if it can be.
    pub fn go_on(&self, peer: &Arc<Peer>) {
        if peer.is_paused() {
            self.inboxes[peer.reactor].enlist(peer);
        }
    }

    /// Forgets a connection: it leaves its rooms, and they are told if it was its user's last there.
    pub(super) fn disconnect(&self, peer: &Arc<Peer>) {
        peer.end();
        for seat in std::mem::take(&mut *lock(&peer.seats)) {
            self.unseat(peer, &seat);
        }
        if self.peers.remove(&peer.id).is_some() {
            self.count_close(peer, Close::Lost);
            let mut tenants = lock(&self.per_tenant);
            if let Some(open) = tenants.get_mut(&peer.owner.tenant) {
                *open -= 1;
                if *open == 0 {
                    tenants.remove(&peer.owner.tenant);
                }
            }
            self.gone.notify_waiters();
        }
    }

    /// Puts `peer`'s cursor on `room`'s log. Nothing flows before [`Hub::open_seat`] is given the seat, so that the
    /// reply goes first.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if it has joined already; `TOO_LARGE` if it has joined too many.
    pub fn join(&self, peer: &Arc<Peer>, room: &Arc<Room>, since: Since) -> Result<(Joined, Seat), Error> {
        let mut seats = lock(&peer.seats);
        // Whoever ends a connection says so first and empties the seats then: none is taken after that.
        if peer.has_ended() {
            return Err(Error::new(Code::Unavailable, "the connection has ended"));
        }
        if seats.iter().any(|s| s.room.id == room.id) {
            return Err(Error::invalid("room_id", "this connection has joined that room already"));
        }
        if seats.len() >= self.limits.rooms_per_connection_max {
            let max = self.limits.rooms_per_connection_max;
            return Err(Error::new(Code::TooLarge, format!("a connection joins at most {max} rooms")));
        }
        let mut members = lock(&room.members[peer.reactor]);
        // Counted before the cursor is placed, so that whatever is appended after it finds this reactor needed.
        room.crowd[peer.reactor].fetch_add(1, Ordering::AcqRel);
        room.rested[peer.reactor].store(u64::MAX, Ordering::SeqCst);
        let mut log = lock(&room.log);
        let head = log.head();
        let mut opening = BytesMut::new();
        let (mode, from) = match &since {
            Since::Head => (Mode::Live, None),
            Since::Nothing => (Mode::Snapshot, None),
            Since::Position(p) if p.epoch != room.epoch || p.seq > head => (Mode::Snapshot, None),
            Since::Position(p) if p.seq == head => (Mode::Live, None),
            Since::Position(p) if head - p.seq > self.limits.replay_events_max => (Mode::Snapshot, None),
            Since::Position(p) => (Mode::Replay, Some(p.seq)),
        };
        let mut tally = log.tally();
        let mut behind = false;
        if let Some(seq) = from {
            match log.durable_after(seq, self.limits.replay_bytes_max) {
                Some(run) => {
                    opening.extend_from_slice(&run);
                    peer.counters.replayed_from_memory.add(head - seq);
                }
                None => (behind, tally.seq) = (true, seq),
            }
        }
        if since != Since::Head {
            log.kept().iter().for_each(|frame| opening.extend_from_slice(frame));
        }
        let lane = peer.lane();
        let marked = room.marked.load(Ordering::SeqCst);
        let state = State::Opening { at: log.enter(lane), opening: opening.freeze(), behind, marked };
        drop(log);
        let slot = members.add(Member {
            peer: peer.clone(),
            lane,
            state,
            tally,
            present: false,
            stats: Stats::default(),
            since_ms: self.clock.now_ms(),
        });
        let seat = Seat { room: room.clone(), slot };
        seats.push(seat.clone());
        peer.counters.joins(mode).add(1);
        let presence = lock(&room.present).listed(self.limits.presence_listed_max);
        Ok((Joined { room_id: room.id, mode, epoch: room.epoch.clone(), head, presence, snapshot: None }, seat))
    }

    /// Lets a joined room's events flow: first what was missed, then live. Does nothing if the seat has been left.
    pub fn open_seat(self: &Arc<Self>, peer: &Arc<Peer>, seat: Seat) {
        let mut members = lock(&seat.room.members[peer.reactor]);
        let Some(member) = members.get_mut(seat.slot) else { return };
        let State::Opening { at, opening, behind, marked } = member.state.clone() else { return };
        member.state = if behind { State::Behind(None) } else { State::Live(at) };
        peer.queue(&opening);
        drop(members);
        self.inboxes[peer.reactor].enlist(peer);
        if behind {
            self.clone().catch_up(seat, peer.clone());
        } else if seat.room.marked.load(Ordering::SeqCst) == marked {
            // Nothing was told since but who else came: it need not be told of that before the others are.
            self.flush_soon(&seat.room, peer.reactor);
        } else {
            self.inboxes[peer.reactor].drain(seat);
        }
    }

    /// Takes the cursor off. False if it was not joined.
    pub fn leave(&self, peer: &Arc<Peer>, room: RoomId) -> bool {
        let seat = {
            let mut seats = lock(&peer.seats);
            seats.iter().position(|s| s.room.id == room).map(|at| seats.swap_remove(at))
        };
        seat.map(|seat| self.unseat(peer, &seat)).is_some()
    }

    fn unseat(&self, peer: &Arc<Peer>, seat: &Seat) {
        let left = lock(&seat.room.members[peer.reactor]).remove(seat.slot);
        if let Some(member) = left {
            lock(&seat.room.log).leave(member.lane);
            seat.room.crowd[peer.reactor].fetch_sub(1, Ordering::AcqRel);
            if member.present {
                self.absent(&seat.room, peer.owner.user);
            }
        }
    }

    /// Sends a message to one connection.
    pub fn send_message(&self, peer: &Arc<Peer>, opcode: Opcode, payload: &[u8]) {
        peer.queue_message(opcode, payload);
        self.inboxes[peer.reactor].enlist(peer);
    }

    /// Puts bytes that are no message in front of what a new connection gets. They leave with the first.
    pub fn queue(&self, peer: &Peer, bytes: &[u8]) {
        peer.queue(bytes);
    }

    /// Sends a text message to one connection.
    pub fn send_text(&self, peer: &Arc<Peer>, text: &str) {
        self.send_message(peer, Opcode::Text, text.as_bytes());
    }

    /// Closes a connection, saying why.
    pub fn close(&self, peer: &Arc<Peer>, code: Close, reason: &str) {
        self.count_close(peer, code);
        self.close_as(peer, code as u16, reason);
    }

    /// Closes a connection with a code that need not be one of ours.
    pub fn close_as(&self, peer: &Arc<Peer>, code: u16, reason: &str) {
        peer.queue_close(code, reason);
        self.inboxes[peer.reactor].enlist(peer);
    }

    /// Every connection of this process.
    pub fn peers(&self) -> Vec<Arc<Peer>> {
        self.peers.iter().filter_map(|p| p.upgrade()).collect()
    }
}

/// Where a member wants to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// After this.
    Position(Position),
    /// With what comes from now on.
    Head,
    /// With a snapshot.
    Nothing,
}
