//! Cursors on a room's log, and how they are drained into sockets.
//!
//! Each reactor has its own list, so that the members of a big room are spread over the cores. A list is locked while
//! it is drained; joining and leaving wait for that.

use std::sync::Arc;

use bytes::Bytes;

use crate::counters::Counting;
use crate::log::{LANES, Lane, Log, Tally};
use crate::peer::{Peer, Written};

/// A room's members on one reactor.
#[derive(Default)]
pub struct Members {
    slots: Vec<Option<(Slot, Member)>>,
    free: Vec<usize>,
    /// Members so far.
    turns: u64,
    /// Position in each lane that every member which keeps up has reached.
    flushed: [u64; LANES.len()],
}

/// Where a member stands in the list, and which of all that stood there it is: whoever asks for one that has left
/// does not get its successor, nor the same connection that has come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    at: usize,
    turn: u64,
}

/// One connection's cursor.
pub struct Member {
    pub peer: Arc<Peer>,
    /// Where its positions are.
    pub(super) lane: Lane,
    pub(super) state: State,
    /// What had been told where the cursor stands; kept so that it can be found again in the store.
    pub(super) tally: Tally,
    /// Counted among the connections of a user who is present.
    pub(super) present: bool,
    pub stats: Stats,
    /// When it joined, in milliseconds since 1970.
    pub since_ms: i64,
}

/// Where a cursor is.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Joined, but the reply has not left yet. `opening` goes out right after it.
    Opening { at: u64, opening: Bytes, behind: bool, marked: u64 },
    /// In memory, at this position.
    Live(u64),
    /// Reading the store, because memory no longer reaches back to this position (if it ever was in memory).
    Behind(Option<u64>),
}

/// What became of a member's events other than being written as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    pub replayed: u64,
    pub merged: u64,
    pub dropped: u64,
}

impl Members {
    pub(super) fn add(&mut self, member: Member) -> Slot {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        let slot = Slot { at, turn: self.turns };
        self.turns += 1;
        self.slots[at] = Some((slot, member));
        slot
    }

    pub(super) fn remove(&mut self, slot: Slot) -> Option<Member> {
        let (_, member) = self.slots.get_mut(slot.at)?.take_if(|(there, _)| *there == slot)?;
        self.free.push(slot.at);
        Some(member)
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Member> {
        self.slots.get_mut(slot.at)?.as_mut().filter(|(there, _)| *there == slot).map(|(_, member)| member)
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.slots.iter().flatten().map(|(_, member)| member)
    }

    /// Writes what is new to every member that keeps up. `news` is each lane from `flushed` on, read by the caller.
    /// `behind` gets those that fell out of memory. Whether all are at the end now.
    pub(super) fn drain(
        &mut self,
        news: &[News; LANES.len()],
        log: &std::sync::Mutex<Log>,
        behind: &mut Vec<(Arc<Peer>, Slot)>,
        counting: &mut Counting<'_>,
    ) -> bool {
        let from = std::mem::replace(&mut self.flushed, news.each_ref().map(|news| news.end));
        let mut all = true;
        for at in 0..self.slots.len() {
            let Some((slot, member)) = &mut self.slots[at] else { continue };
            let slot = *slot;
            let (news, from) = (&news[member.lane as usize], from[member.lane as usize]);
            match member.state {
                State::Live(at) if at == news.end => {}
                State::Live(at) if at == from && news.from == from => {
                    let written = member.peer.deliver(&news.run);
                    member.advance(at, written, news, log, counting);
                    all &= written == Written::All;
                }
                State::Live(_) => {
                    self.drain_one(slot, log, behind, counting);
                    let state = self.get_mut(slot).map(|member| &member.state);
                    all &= matches!(state, Some(State::Live(at)) if *at == news.end);
                }
                State::Opening { .. } | State::Behind(_) => all = false,
            }
        }
        all
    }

    /// Writes what is new to one member, wherever its cursor is.
    pub(super) fn drain_one(
        &mut self,
        slot: Slot,
        log: &std::sync::Mutex<Log>,
        behind: &mut Vec<(Arc<Peer>, Slot)>,
        counting: &mut Counting<'_>,
    ) {
        let Some(member) = self.get_mut(slot) else { return };
        let State::Live(at) = member.state else { return };
        let Some(news) = News::since(member.lane, at, log) else {
            member.state = State::Behind(Some(at));
            counting.fell_behind();
            behind.push((member.peer.clone(), slot));
            return;
        };
        if !news.run.is_empty() {
            let written = member.peer.deliver(&news.run);
            member.advance(at, written, &news, log, counting);
        }
    }

    pub(super) fn flushed(&self) -> [u64; LANES.len()] {
        self.flushed
    }
}

impl Member {
    fn advance(
        &mut self,
        at: u64,
        written: Written,
        news: &News,
        log: &std::sync::Mutex<Log>,
        counting: &mut Counting<'_>,
    ) {
        let before = self.tally;
        match written {
            Written::All => {
                self.state = State::Live(news.end);
                self.tally = news.tally;
            }
            Written::Part(0) | Written::Gone => {}
            Written::Part(n) => {
                self.state = State::Live(at + n);
                self.tally = super::lock(log).tally_at(self.lane, at + n);
            }
        }
        counting.add(before, self.tally);
    }
}

/// A lane of a room's log from a position to its end, at one moment.
pub(super) struct News {
    pub from: u64,
    pub end: u64,
    pub tally: Tally,
    pub run: Vec<Bytes>,
}

impl News {
    /// Each lane from a position on, or nothing if it no longer reaches back to that.
    pub fn of_lanes(from: [u64; LANES.len()], log: &std::sync::Mutex<Log>) -> [Self; LANES.len()] {
        let mut log = super::lock(log);
        LANES.map(|lane| Self::read(lane, from[lane as usize], &mut log).unwrap_or_else(|| Self::none(lane, &log)))
    }

    /// None if the log no longer reaches back to `from`.
    pub fn since(lane: Lane, from: u64, log: &std::sync::Mutex<Log>) -> Option<Self> {
        Self::read(lane, from, &mut super::lock(log))
    }

    fn read(lane: Lane, from: u64, log: &mut Log) -> Option<Self> {
        let mut run = Vec::new();
        log.read(lane, from, &mut run).then(|| Self { from, end: log.end(lane), tally: log.tally(), run })
    }

    fn none(lane: Lane, log: &Log) -> Self {
        Self { from: log.end(lane), end: log.end(lane), tally: log.tally(), run: Vec::new() }
    }
}
