//! One run: a server, its store and its clients, and what happens to them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::runtime::Runtime;
use vizroom_protocol::id::TenantId;

use super::client::Client;
use super::journal::Store;
use super::line::{Line, room_id, user_id};
use super::model::{Ending, Model, World};
use super::oracle::{self, End};
use super::pull::Pull;
use super::random::Random;
use super::setup::Setup;
use super::socket::{Pipe, Wire};
use crate::catch_up;
use crate::clock::Clock;
use crate::deflate;
use crate::hub::Hub;
use crate::inbox::Inbox;
use crate::log::Lane;
use crate::members::State;
use crate::reactor::Reactor;
use crate::{Close, Owner, Peer, lock};

pub struct Run {
    pub setup: Setup,
    pub world: Arc<World>,
    pub clock: Clock,
    pub hub: Arc<Hub>,
    pub cores: Vec<Core>,
    pub clients: Vec<Client>,
    pub pulls: Vec<Pull>,
    pub conns: usize,
    /// Milliseconds since the server started.
    pub elapsed: u64,
    /// Positions that somebody has seen, by room.
    pub seen: Vec<(u8, u64)>,
    // Last, so that whatever runs on it goes last.
    pub runtime: Runtime,
}

/// A reactor and the loop around it.
pub struct Core {
    reactor: Reactor,
    woken: Arc<AtomicBool>,
    asleep: bool,
    phase: u8,
    events: VecDeque<Event>,
}

/// As the kernel tells it.
struct Event {
    place: usize,
    readable: bool,
    writable: bool,
    closed: bool,
}

fn start(world: &Arc<World>, clock: &Clock, cores: usize) -> (Runtime, Arc<Hub>, Vec<Core>) {
    // One task is polled between any two things that others do.
    let runtime = tokio::runtime::Builder::new_current_thread().event_interval(1).build().expect("a runtime");
    let woken: Vec<Arc<AtomicBool>> = (0..cores).map(|_| Arc::default()).collect();
    let inbox = |woken: &Arc<AtomicBool>| {
        let woken = woken.clone();
        Inbox::new(Box::new(move || woken.store(true, Ordering::SeqCst)))
    };
    let inboxes = woken.iter().map(inbox).collect();
    let inside = runtime.enter();
    let hub = Hub::new(world.store.clone(), world.limits.clone(), clock.clone(), inboxes);
    drop(inside);
    *lock(&world.hub) = Arc::downgrade(&hub);
    let core = |(index, woken)| Core {
        reactor: Reactor::new(&hub, index, None),
        woken,
        asleep: false,
        phase: 0,
        events: VecDeque::new(),
    };
    let cores = woken.into_iter().enumerate().map(core).collect();
    (runtime, hub, cores)
}

impl Run {
    pub fn new(setup: Setup) -> Self {
        let store =
            Store::new((0..setup.rooms).map(room_id), Random::new(setup.seed, u64::MAX - 1), setup.slow_percent);
        let world = Arc::new(World {
            store: Arc::new(store),
            limits: setup.limits.clone(),
            calls_max: setup.calls_max,
            backlog_max: setup.backlog_max,
            hub: Mutex::default(),
            model: Mutex::new(Model::default()),
            wrong: Mutex::default(),
            interrupts: Mutex::new((Random::new(setup.seed, u64::MAX - 2), setup.interrupt_percent)),
        });
        let clock = Clock::standing_at(1_800_000_000_000);
        let (runtime, hub, cores) = start(&world, &clock, setup.reactors);
        let (clients, pulls, seen) = (Vec::new(), Vec::new(), Vec::new());
        Self { setup, world, clock, hub, cores, clients, pulls, conns: 0, elapsed: 0, seen, runtime }
    }

    /// The process dies; another one starts on the same store.
    pub fn crash(&mut self, arrives: bool) {
        for client in &mut self.clients {
            if !arrives {
                lock(&client.pipe).to_client.clear();
            }
            lock(&client.pipe).cut(true);
            client.gone = true;
        }
        self.read_all();
        self.judge(false);
        self.clients.clear();
        self.pulls.clear();
        // A room and its members hold each other: what the kernel frees when a process dies has to be let go here.
        self.hub.peers().iter().for_each(|peer| self.hub.disconnect(peer));
        self.world.sync();
        let (runtime, hub, cores) = start(&self.world, &self.clock, self.setup.reactors);
        self.cores = cores;
        self.hub = hub;
        drop(std::mem::replace(&mut self.runtime, runtime));
        self.world.store.restarted();
        self.elapsed = 0;
    }

    pub fn connect(&mut self, user: usize, capacity: usize, good_for_ms: i64) {
        let pipe = Arc::new(Mutex::new(Pipe::new(capacity)));
        let wire = Wire { pipe: pipe.clone(), world: Arc::downgrade(&self.world) };
        let tenant = TenantId(uuid::Uuid::from_u128(1));
        let owner = Owner { user: user_id(user), tenant, family: format!("f{user}").into() };
        let expires_ms = self.clock.now_ms() + good_for_ms;
        let open = self.hub.connections();
        let agreed = deflate::negotiate(Client::inflates(user).then_some("permessage-deflate"));
        let Ok(peer) = self.hub.connect(owner, Box::new(wire), agreed, expires_ms, self.setup.connections_max) else {
            if open < self.setup.connections_max {
                self.world.fail(format!("turned away with {open} connections"));
            }
            return;
        };
        let conn = self.conns;
        self.conns += 1;
        self.clients.push(Client::new(conn, user, pipe, &peer, self.elapsed, expires_ms));
        let (world, hub) = (self.world.clone(), self.hub.clone());
        let line = Line { world, hub, peer: peer.clone(), conn, rest: Vec::new(), waiting: VecDeque::new() };
        self.hub.adopt(&peer, Box::new(line));
    }

    /// Whoever gets `n` turns of the runtime.
    pub fn tasks(&self, n: usize) {
        self.runtime.block_on(async {
            for _ in 0..n {
                tokio::task::yield_now().await;
            }
        });
        self.world.sync();
    }

    /// One thing that a reactor's loop does. False if it sleeps, and nothing wakes it.
    pub fn react(&mut self, index: usize, timeout: bool) -> bool {
        let _inside = self.runtime.enter();
        self.world.sync();
        let core = &mut self.cores[index];
        let hub = &self.hub;
        core.phase = (core.phase + 1) % 6;
        match core.phase {
            1 => {
                core.events.extend(events(&self.clients, index));
                if core.asleep && core.events.is_empty() && !timeout && !core.woken.load(Ordering::SeqCst) {
                    core.phase = 0;
                    return false;
                }
                core.woken.store(false, Ordering::SeqCst);
                core.reactor.inbox.rise();
            }
            2 => core.reactor.read_on(hub),
            3 => {
                if let Some(event) = core.events.pop_front() {
                    if event.writable {
                        core.reactor.writable(hub, event.place);
                    }
                    if event.readable {
                        core.reactor.readable(hub, event.place, event.closed);
                    }
                    core.phase = if core.events.is_empty() { 3 } else { 2 };
                }
            }
            4 => {
                self.clients.iter_mut().for_each(|c| c.excuse(self.elapsed, self.clock.now_ms(), &self.setup.limits));
                core.reactor.tick(hub, std::time::Duration::from_millis(self.elapsed));
            }
            5 => {
                if !core.reactor.turn(hub) {
                    self.world.fail("a reactor stopped");
                }
            }
            _ => core.asleep = core.reactor.rests(),
        }
        self.world.sync();
        self.clients.iter_mut().for_each(|c| c.observe(self.elapsed));
        true
    }

    /// The whole loop of a reactor, once. False if there is nothing to do.
    pub fn round(&mut self, index: usize, timeout: bool) -> bool {
        let mut done = false;
        while self.react(index, timeout) {
            done = true;
            if self.cores[index].phase == 0 {
                break;
            }
        }
        done
    }

    /// Time passes in steps that no loop oversleeps.
    pub fn pass(&mut self, ms: u64, lively: bool) {
        let tick = self.setup.limits.no_progress_ms_max.min(self.setup.limits.ping_after_ms) / 8;
        let tick = tick.clamp(10, 1_000);
        for _ in 0..ms.div_ceil(tick) {
            self.elapsed += tick;
            self.clock.advance(tick as i64);
            for index in 0..self.cores.len() {
                self.round(index, true);
            }
            if lively {
                self.read_all();
            }
        }
    }

    /// As long as a room's news may wait for others, and not longer.
    pub fn moment(&mut self) {
        let ms = crate::reactor::SOON.as_millis() as u64;
        self.elapsed += ms;
        self.clock.advance(ms as i64);
        for index in 0..self.cores.len() {
            self.round(index, true);
        }
    }

    pub fn read_all(&mut self) {
        (0..self.clients.len()).for_each(|at| self.read(at, usize::MAX));
    }

    pub fn read(&mut self, at: usize, n: usize) {
        let client = &mut self.clients[at];
        match client.read(n, &self.world) {
            Ok(_) => self.seen.append(&mut client.seen),
            Err(what) => self.world.fail(what),
        }
    }

    /// Puts a user, or everybody, out of a room by `act`.
    pub fn put_out(&mut self, room: usize, user: Option<usize>, act: impl FnOnce(&Hub)) {
        let _inside = self.runtime.enter();
        self.world.sync();
        let id = room_id(room);
        // Whoever leaves may say so to those who are put out after.
        let told = user.is_none() && self.setup.limits.presence_listed_max > 0;
        let mut out = Vec::new();
        for client in self.clients.iter().filter(|c| user.is_none_or(|u| u == c.user)) {
            if let Some(peer) = client.peer.upgrade().filter(|p| p.has_joined(id)) {
                let owed = !told && hears_out(&peer, room, self.setup.limits.replay_bytes_max);
                self.world.ended(client.conn, id, |n| Ending { least: if owed { n } else { 0 }, most: n });
                out.push(client.conn);
            }
        }
        act(&self.hub);
        self.world.sync();
        if told {
            let mut model = lock(&self.world.model);
            let model = &mut *model;
            for stay in model.memberships.iter_mut().filter(|m| out.contains(&m.conn)) {
                let history = &model.histories[stay.history];
                if history.id == id && stay.ended.is_some_and(|e| e.least == 0) {
                    stay.ended = Some(Ending { least: 0, most: history.told.len() });
                }
            }
        }
        for client in &self.clients {
            if out.contains(&client.conn) && client.peer.upgrade().is_some_and(|p| p.has_joined(id)) {
                self.world.fail("put out, and still in");
            }
        }
    }

    /// Whether every stay reads as it should; `quiet`: everything has come to rest.
    pub fn judge(&self, quiet: bool) {
        let model = lock(&self.world.model);
        for client in &self.clients {
            let open = quiet && client.is_open();
            if open && !client.asked.is_empty() {
                self.world.fail(format!("connection {}: no reply to {:?}", client.conn, client.asked));
            }
            if quiet && !open && !client.gone && client.closed.is_none() && !client.excused && client.codes.is_empty() {
                self.world.fail(format!("connection {} was closed for no reason", client.conn));
            }
            for stay in model.memberships.iter().filter(|m| m.conn == client.conn) {
                let history = &model.histories[stay.history];
                let gone = self.world.store.is_deleted(history.id)
                    && client.peer.upgrade().is_none_or(|p| !p.has_joined(history.id));
                let end = match (open, stay.ended) {
                    (false, _) => End::Cut,
                    (true, None) if gone => End::Out(Ending { least: 0, most: history.told.len() }),
                    (true, Some(ending)) => End::Out(ending),
                    (true, None) => End::Quiet,
                };
                if let Err(what) = oracle::check(history, stay, end) {
                    self.world.fail(what);
                }
            }
        }
        for (room, told) in &model.acknowledged {
            if self.world.store.event(*room, told.seq).is_none_or(|(event, _)| event != told.event) {
                self.world.fail(format!("acknowledged, and lost: {told:?}"));
            }
        }
    }

    /// Whether everything bounded is within its bound.
    pub fn measure(&self) {
        let limits = &self.setup.limits;
        let frame = self.setup.size_max + 70_000 * usize::from(self.setup.size_max == 3_000) + 700;
        let model = lock(&self.world.model);
        for room in model.histories.iter().filter_map(|h| h.room.upgrade()) {
            let log = lock(&room.log);
            let held = |lane| (log.end(lane) - log.start(lane)) as usize;
            if held(Lane::Deflated) > held(Lane::Plain) {
                self.world.fail("a log is longer deflated than plain");
            }
            let held = held(Lane::Plain);
            let max = limits.room_ring_bytes_max + 2 * limits.room_ring_bytes_max.max(1_024) + 2 * frame;
            if held > max {
                self.world.fail(format!("a log of {held} bytes, {max} allowed"));
            }
        }
        // Of each room: what is kept, a replay from memory, and one from the store, each by an event too long.
        let held = limits.room_ring_bytes_max + 2 * limits.room_ring_bytes_max.max(1_024) + 2 * frame;
        let kept = limits.room_latest_keys_max.min(6) * frame;
        let each = limits.replay_bytes_max.min(held) + catch_up::BYTES + 2 * frame + kept;
        let max = self.setup.backlog_max + 60 * self.setup.calls_max.min(20) + self.setup.rooms * each;
        for peer in self.clients.iter().filter_map(|c| c.peer.upgrade()) {
            if peer.backlog_bytes() > max {
                self.world.fail(format!("a backlog of {} bytes, {max} allowed", peer.backlog_bytes()));
            }
        }
    }

    pub fn allow(&mut self, code: Close, which: impl Fn(&Client) -> bool) {
        for client in self.clients.iter_mut().filter(|c| which(c)) {
            client.codes.insert(code as u16);
        }
    }

    pub fn weak_peers(&self) -> Vec<Weak<Peer>> {
        self.clients.iter().map(|c| c.peer.clone()).collect()
    }
}

/// What has happened to sockets of a reactor since it asked last.
fn events(clients: &[Client], reactor: usize) -> Vec<Event> {
    let of = |client: &Client| {
        let peer = client.peer.upgrade().filter(|p| p.reactor == reactor)?;
        let place = peer.place.load(Ordering::Acquire);
        let mut pipe = lock(&client.pipe);
        if place == usize::MAX || !(pipe.readable || pipe.writable) {
            return None;
        }
        let (readable, writable) = (std::mem::take(&mut pipe.readable), std::mem::take(&mut pipe.writable));
        Some(Event { place, readable, writable, closed: pipe.hung_up })
    };
    clients.iter().filter_map(of).collect()
}

/// Whether somebody who is put out now is owed all that has been told.
fn hears_out(peer: &Arc<Peer>, room: usize, bytes_max: usize) -> bool {
    let Some(seat) = peer.seat(room_id(room)) else { return false };
    let mut members = lock(&seat.room.members[peer.reactor]);
    let Some((lane, State::Live(at))) = members.get_mut(seat.slot).map(|m| (m.lane, m.state.clone())) else {
        return false;
    };
    let mut log = lock(&seat.room.log);
    log.seal();
    log.start(lane) <= at && log.end(lane) - at <= bytes_max as u64
}
