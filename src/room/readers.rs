//! Who reads a room, and how far behind each is: for whoever is on call.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use vizroom_protocol::id::RoomId;
use vizroom_protocol::room::ReaderState;

use crate::counters::{Commits, Counters};
use crate::hub::Hub;
use crate::lock;
use crate::log::{LANES, Log, Tally};
use crate::members::{Member, State, Stats};
use crate::peer::{Peer, Seat};
use crate::room::Room;

/// One connection's standing in one room.
pub struct Reader {
    pub peer: Arc<Peer>,
    /// Its user's name, if they are counted as present.
    pub name: Option<String>,
    /// When it joined, in milliseconds since 1970.
    pub since_ms: i64,
    pub state: ReaderState,
    pub lag: Lag,
    pub stats: Stats,
}

/// What of a log is not written to a member yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    pub events: u64,
    pub bytes: u64,
}

/// What there is at this moment, in all rooms.
pub struct Census {
    pub connections: u64,
    /// Connections since the start.
    pub connected: u64,
    pub rooms: u64,
    /// Bytes of events in memory.
    pub ring_bytes: u64,
    /// Readers that pull.
    pub followers: u64,
    /// Cursors in each state.
    pub cursors: [(ReaderState, u64); 4],
    /// Events waiting for the store.
    pub commits_waiting: u64,
    pub counted: Counters,
}

/// Where each lane of a log begins and ends at one moment.
struct Extent {
    lanes: [Range<u64>; LANES.len()],
    tally: Tally,
}

impl Extent {
    fn of(log: &Mutex<Log>) -> Self {
        let log = lock(log);
        Self { lanes: LANES.map(|lane| log.start(lane)..log.end(lane)), tally: log.tally() }
    }
}

impl Member {
    fn lag(&self, log: &Extent) -> Lag {
        let lane = &log.lanes[self.lane as usize];
        let at = match self.state {
            State::Live(at) | State::Behind(Some(at)) | State::Opening { at, .. } => at,
            // It reads what was told before anything that memory has.
            State::Behind(None) => lane.start,
        };
        Lag { events: log.tally.since(self.tally).events(), bytes: lane.end - at }
    }

    fn standing(&self) -> ReaderState {
        match self.state {
            State::Opening { .. } => ReaderState::Opening,
            State::Behind(_) => ReaderState::Behind,
            State::Live(_) if self.peer.is_blocked() => ReaderState::Blocked,
            State::Live(_) => ReaderState::Live,
        }
    }
}

impl Peer {
    /// Each joined room: its id, what of its log is not written yet, and what became of the rest.
    pub fn standing(&self) -> Vec<(RoomId, Lag, Stats)> {
        let seats = lock(&self.seats).clone();
        let of = |seat: &Seat| {
            let mut members = lock(&seat.room.members[self.reactor]);
            let member = members.get_mut(seat.slot).filter(|m| m.peer.id == self.id)?;
            Some((seat.room.id, member.lag(&Extent::of(&seat.room.log)), member.stats))
        };
        seats.iter().filter_map(of).collect()
    }
}

impl Room {
    /// The connections that have joined, those furthest behind first, at most `max`.
    pub fn readers(&self, max: usize) -> Vec<Reader> {
        let mut readers = Vec::new();
        for list in &self.members {
            let members = lock(list);
            // Read once: the cursors stand still while their list is locked, and publishing need not.
            let log = Extent::of(&self.log);
            for member in members.iter() {
                if readers.len() >= 2 * max {
                    furthest_behind(&mut readers, max);
                }
                readers.push(Reader {
                    peer: member.peer.clone(),
                    name: None,
                    since_ms: member.since_ms,
                    state: member.standing(),
                    lag: member.lag(&log),
                    stats: member.stats,
                });
            }
        }
        furthest_behind(&mut readers, max);
        let present = lock(&self.present);
        readers.iter_mut().for_each(|r| r.name = present.name(r.peer.owner.user).map(str::to_owned));
        readers
    }

    /// Readers that pull.
    pub fn followers(&self) -> usize {
        self.news.receiver_count()
    }

    /// Bytes of events in memory.
    pub fn ring_bytes(&self) -> u64 {
        Extent::of(&self.log).lanes.iter().map(|lane| lane.end - lane.start).sum()
    }
}

fn furthest_behind(readers: &mut Vec<Reader>, max: usize) {
    readers.sort_by_key(|r| (Reverse((r.lag.events, r.lag.bytes)), r.peer.id));
    readers.truncate(max);
}

impl Hub {
    /// How the store took what was committed.
    pub fn commits(&self) -> &Commits {
        &self.committer.commits
    }

    /// Looks at every room and every cursor: for a scrape now and then.
    pub fn census(&self) -> Census {
        let mut census = Census {
            connections: self.connections() as u64,
            connected: self.next_peer.load(Ordering::Relaxed),
            rooms: 0,
            ring_bytes: 0,
            followers: 0,
            cursors: [ReaderState::Live, ReaderState::Blocked, ReaderState::Behind, ReaderState::Opening]
                .map(|state| (state, 0)),
            commits_waiting: self.committer.waiting() as u64,
            counted: Counters::sum(self.counters.iter().map(|set| &**set)),
        };
        for room in self.rooms.iter().map(|room| room.clone()).collect::<Vec<_>>() {
            census.rooms += 1;
            census.ring_bytes += room.ring_bytes();
            census.followers += room.followers() as u64;
            for list in &room.members {
                for standing in lock(list).iter().map(Member::standing) {
                    census.cursors.iter_mut().filter(|(state, _)| *state == standing).for_each(|(_, n)| *n += 1);
                }
            }
        }
        census
    }
}
