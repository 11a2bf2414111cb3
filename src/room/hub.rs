//! All rooms and connections of this process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use bytes::{Bytes, BytesMut};
use dashmap::DashMap;
use tokio::sync::watch;
use vizroom_protocol::id::{RoomId, TenantId, UserId};
use vizroom_protocol::room::{Joined, Mode, Position};
use vizroom_protocol::{Code, Error};

use crate::clock::Clock;
use crate::limits::Limits;
use crate::room::commit::Committer;
use crate::room::flusher::Flusher;
use crate::room::journal::Journal;
use crate::room::log::Log;
use crate::room::members::{Member, Members, State, Stats};
use crate::room::peer::{Close, Owner, Peer, Seat};
use crate::room::presence::Present;
use crate::room::{lock, wire};

/// One room of this process: its log and its members.
pub struct Room {
    pub id: RoomId,
    pub epoch: String,
    pub(super) log: Mutex<Log>,
    /// One list for each flusher.
    pub(super) members: Box<[Mutex<Members>]>,
    /// How many members each flusher has.
    pub(super) crowd: Box<[AtomicUsize]>,
    /// Whether a flusher has been told of news already.
    pub(super) dirty: Box<[AtomicBool]>,
    pub(super) present: Mutex<Present>,
    /// The log's end, for readers that pull.
    pub(super) news: watch::Sender<u64>,
    /// Asked for since the last time somebody looked.
    used: AtomicBool,
}

/// See the module.
pub struct Hub {
    rooms: DashMap<RoomId, Arc<Room>>,
    peers: DashMap<u64, Weak<Peer>>,
    per_tenant: Mutex<HashMap<TenantId, usize>>,
    next_peer: AtomicU64,
    pub(super) flushers: Box<[Arc<Flusher>]>,
    pub(super) committer: Committer,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
}

impl Hub {
    /// Starts the committer and one flusher for each of `cores`. Needs a tokio runtime.
    pub fn start(journal: Arc<dyn Journal>, limits: Limits, clock: Clock, cores: usize) -> Arc<Self> {
        let flushers = (0..cores.max(1)).map(|_| Arc::new(Flusher::default())).collect();
        let (committer, waiting) = Committer::new(limits.commit_queue_max);
        let hub = Arc::new(Self {
            rooms: DashMap::new(),
            peers: DashMap::new(),
            per_tenant: Mutex::default(),
            next_peer: AtomicU64::new(0),
            flushers,
            committer,
            journal,
            limits,
            clock,
        });
        tokio::spawn(Committer::run(Arc::downgrade(&hub), waiting, hub.limits.commit_batch_max));
        for index in 0..hub.flushers.len() {
            tokio::spawn(Flusher::run(Arc::downgrade(&hub), hub.flushers[index].clone(), index));
        }
        hub
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
        let (epoch, head) = self.journal.head(id).await?;
        // Whoever comes second takes the first one's: nothing can be published before a room is in the map.
        Ok(self.rooms.entry(id).or_insert_with(|| self.open(id, epoch, head)).clone())
    }

    fn open(&self, id: RoomId, epoch: String, head: u64) -> Arc<Room> {
        let n = self.flushers.len();
        Arc::new(Room {
            id,
            epoch,
            log: Mutex::new(Log::new(head, self.limits.room_ring_bytes_max, self.limits.room_latest_keys_max)),
            members: (0..n).map(|_| Mutex::default()).collect(),
            crowd: (0..n).map(|_| AtomicUsize::new(0)).collect(),
            dirty: (0..n).map(|_| AtomicBool::new(false)).collect(),
            present: Mutex::new(Present::default()),
            news: watch::Sender::new(0),
            used: AtomicBool::new(true),
        })
    }

    /// The room, if it is open.
    pub fn opened(&self, id: RoomId) -> Option<Arc<Room>> {
        self.rooms.get(&id).map(|r| r.clone())
    }

    /// Forgets the rooms that nobody has joined, follows, or has asked for since the last call: the store has them.
    pub(super) fn forget_idle_rooms(&self) {
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

    /// Registers a connection whose socket the caller has taken over.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the tenant has its limit of connections; the socket is given back.
    pub fn connect(
        &self,
        owner: Owner,
        socket: tokio::net::TcpStream,
        expires_ms: i64,
    ) -> Result<Arc<Peer>, tokio::net::TcpStream> {
        {
            let mut tenants = lock(&self.per_tenant);
            let open = tenants.entry(owner.tenant).or_default();
            if *open >= self.limits.connections_per_tenant_max {
                return Err(socket);
            }
            *open += 1;
        }
        let id = self.next_peer.fetch_add(1, Ordering::Relaxed);
        let flusher = id as usize % self.flushers.len();
        let peer = Arc::new(Peer::new(id, flusher, owner, socket, expires_ms, self.clock.now_ms()));
        self.peers.insert(id, Arc::downgrade(&peer));
        Ok(peer)
    }

    /// Forgets a connection: it leaves its rooms, and they are told if it was its user's last there.
    pub fn disconnect(&self, peer: &Arc<Peer>) {
        peer.closed().cancel();
        for seat in std::mem::take(&mut *lock(&peer.seats)) {
            self.unseat(peer, &seat);
        }
        if self.peers.remove(&peer.id).is_some() {
            let mut tenants = lock(&self.per_tenant);
            if let Some(open) = tenants.get_mut(&peer.owner.tenant) {
                *open -= 1;
                if *open == 0 {
                    tenants.remove(&peer.owner.tenant);
                }
            }
        }
    }

    /// Puts `peer`'s cursor on `room`'s log. Nothing flows before [`Hub::open_seat`], so that the reply goes first.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if it has joined already; `TOO_LARGE` if it has joined too many.
    pub fn join(&self, peer: &Arc<Peer>, room: &Arc<Room>, since: Since) -> Result<Joined, Error> {
        let mut seats = lock(&peer.seats);
        // Whoever ends a connection cancels first and empties the seats then: none is taken after that.
        if peer.closed().is_cancelled() {
            return Err(Error::new(Code::Unavailable, "the connection has ended"));
        }
        if seats.iter().any(|s| s.room.id == room.id) {
            return Err(Error::invalid("room_id", "this connection has joined that room already"));
        }
        if seats.len() >= self.limits.rooms_per_connection_max {
            let max = self.limits.rooms_per_connection_max;
            return Err(Error::new(Code::TooLarge, format!("a connection joins at most {max} rooms")));
        }
        let mut members = lock(&room.members[peer.flusher]);
        // Counted before the cursor is placed, so that whatever is appended after it finds this flusher needed.
        room.crowd[peer.flusher].fetch_add(1, Ordering::AcqRel);
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
                Some(run) => opening.extend_from_slice(&run),
                None => (behind, tally.seq) = (true, seq),
            }
        }
        if since != Since::Head {
            log.kept().iter().for_each(|frame| opening.extend_from_slice(frame));
        }
        let state = State::Opening { at: log.end(), opening: opening.freeze(), behind };
        drop(log);
        let slot = members.add(Member { peer: peer.clone(), state, tally, present: false, stats: Stats::default() });
        seats.push(Seat { room: room.clone(), slot });
        let presence = lock(&room.present).listed(self.limits.presence_listed_max);
        Ok(Joined { room_id: room.id, mode, epoch: room.epoch.clone(), head, presence, snapshot: None })
    }

    /// Lets a joined room's events flow: first what was missed, then live.
    pub fn open_seat(self: &Arc<Self>, peer: &Arc<Peer>, room: RoomId) {
        let Some(seat) = peer.seat(room) else { return };
        let mut members = lock(&seat.room.members[peer.flusher]);
        let Some(member) = members.get_mut(seat.slot) else { return };
        let State::Opening { at, opening, behind } = member.state.clone() else { return };
        member.state = if behind { State::Behind(None) } else { State::Live(at) };
        let blocked = !opening.is_empty() && peer.push(opening);
        drop(members);
        if blocked {
            self.wait_for(peer.clone());
        }
        if behind {
            self.clone().catch_up(seat.room.clone(), peer.clone());
        } else {
            self.drain_seat(peer, &seat);
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
        let left = lock(&seat.room.members[peer.flusher]).remove(seat.slot);
        if let Some(member) = left {
            seat.room.crowd[peer.flusher].fetch_sub(1, Ordering::AcqRel);
            if member.present {
                self.absent(&seat.room, peer.owner.user);
            }
        }
    }

    /// Sends whole frames to one connection.
    pub fn send(self: &Arc<Self>, peer: &Arc<Peer>, frames: Bytes) {
        if peer.push(frames) {
            self.wait_for(peer.clone());
        }
    }

    /// Sends a text message to one connection.
    pub fn send_text(self: &Arc<Self>, peer: &Arc<Peer>, text: &str) {
        self.send(peer, wire::frame(wire::Opcode::Text, text.as_bytes()));
    }

    /// Closes a connection, saying why.
    pub fn close(self: &Arc<Self>, peer: &Arc<Peer>, code: Close, reason: &str) {
        if peer.push_close(code, reason) {
            self.wait_for(peer.clone());
        }
    }

    /// Every connection of this process.
    pub fn peers(&self) -> Vec<Arc<Peer>> {
        self.peers.iter().filter_map(|p| p.upgrade()).collect()
    }

    /// Ends the connections whose tokens came from this family.
    pub fn revoke_family(self: &Arc<Self>, family: &str) {
        for peer in self.peers().iter().filter(|p| p.owner.family == family) {
            self.close(peer, Close::Revoked, "revoked");
        }
    }

    /// Takes a user's connections out of a room at once.
    pub fn kick_user(&self, room: RoomId, user: UserId) {
        for peer in self.peers().iter().filter(|p| p.owner.user == user) {
            self.leave(peer, room);
        }
    }

    /// Takes everybody out of a room that is being deleted, and forgets it.
    pub fn close_room(&self, room: RoomId) {
        if let Some((_, room)) = self.rooms.remove(&room) {
            for list in &room.members {
                let peers: Vec<Arc<Peer>> = lock(list).iter().map(|m| m.peer.clone()).collect();
                for peer in &peers {
                    self.leave(peer, room.id);
                }
            }
        }
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

impl Room {
    /// Connections that have joined.
    pub fn connected(&self) -> usize {
        self.members.iter().map(|m| lock(m).iter().count()).sum()
    }

    /// Newest durable sequence number.
    pub fn head(&self) -> u64 {
        lock(&self.log).head()
    }
}

impl Peer {
    pub(super) fn seat(&self, room: RoomId) -> Option<Seat> {
        lock(&self.seats).iter().find(|s| s.room.id == room).cloned()
    }

    /// Whether this connection has joined the room.
    pub fn has_joined(&self, room: RoomId) -> bool {
        self.seat(room).is_some()
    }

    /// Each joined room: its id, how many bytes of its log are not written yet, and what became of the rest.
    pub fn standing(&self) -> Vec<(RoomId, u64, Stats)> {
        let seats = lock(&self.seats).clone();
        let of = |seat: &Seat| {
            let mut members = lock(&seat.room.members[self.flusher]);
            let member = members.get_mut(seat.slot)?;
            let end = lock(&seat.room.log).end();
            let at = match member.state {
                State::Live(at) | State::Behind(Some(at)) | State::Opening { at, .. } => at,
                State::Behind(None) => 0,
            };
            Some((seat.room.id, end - at, member.stats))
        };
        seats.iter().filter_map(of).collect()
    }
}
