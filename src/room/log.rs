//! The broadcast queue: a room's newest events as ready-to-send bytes.
//!
//! Events are appended to an open tail; draining seals it into a shared chunk. A position is a byte offset since the
//! log was opened, always between two frames. Old chunks are dropped from the front, so memory is bounded by
//! `ring_bytes_max` plus one chunk, and what readers still hold. Where every reader is at the end, nothing is kept but
//! what somebody may come back for: durable events, and what later joiners are told. So a room that sends only passing
//! things reuses one small buffer, and a quiet one has next to nothing.
//!
//! There are two lanes of bytes, each with positions of its own: the events as they are, and the same events deflated,
//! for the readers that can inflate. The second is written only while it has readers, and reaches back no further than
//! the first.

use std::collections::{HashMap, VecDeque};

use bytes::{BufMut, Bytes, BytesMut};
use vizroom_protocol::event::Class;

use crate::deflate;
use crate::wire::{self, Opcode};

/// Allocations of the tail grow with the room's traffic, between these.
const SEGMENT_BYTES: std::ops::RangeInclusive<usize> = 1024..=64 * 1024;

/// Which bytes a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Plain,
    /// Each event deflated, unless that would not make it shorter.
    Deflated,
}

/// All of them.
pub const LANES: [Lane; 2] = [Lane::Plain, Lane::Deflated];

/// See the module.
pub struct Log {
    rings: [Ring; LANES.len()],
    /// Readers of the deflated lane.
    inflating: usize,
    /// At the end.
    tally: Tally,
    marks: VecDeque<Mark>,
    /// What later joiners are told.
    kept: HashMap<Box<str>, Latest>,
    /// What only readers that lag are told.
    passing: HashMap<Box<str>, Latest>,
    /// Where revisions begin.
    revision: u64,
    ring_bytes_max: usize,
    latest_keys_max: usize,
}

/// The bytes of a lane.
#[derive(Default)]
struct Ring {
    chunks: VecDeque<Chunk>,
    tail: BytesMut,
    /// Position of the oldest event in memory.
    start: u64,
    /// Position after the newest byte.
    end: u64,
    /// Size of the tail's allocation.
    segment: usize,
}

/// Sealed bytes that begin at `start`.
struct Chunk {
    start: u64,
    bytes: Bytes,
}

/// How many events of each class a log had told at some position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Durable ones: the newest sequence number.
    pub seq: u64,
    pub latest: u64,
    pub ephemeral: u64,
}

impl Tally {
    fn of(&mut self, class: Class) -> &mut u64 {
        match class {
            Class::Durable => &mut self.seq,
            Class::Latest => &mut self.latest,
            Class::Ephemeral => &mut self.ephemeral,
        }
    }
}

/// One event in memory.
#[derive(Clone, Copy)]
struct Mark {
    /// Where it ends in each lane.
    ends: [u64; LANES.len()],
    /// Including this event.
    tally: Tally,
    class: Class,
}

/// The newest event of a key.
struct Latest {
    /// Which of all `latest` events it is.
    number: u64,
    frame: Bytes,
}

impl Log {
    /// A log that continues after `head`, with nothing in memory. Revisions of `latest` events are larger than `revision`.
    pub fn new(head: u64, revision: u64, ring_bytes_max: usize, latest_keys_max: usize) -> Self {
        Self {
            rings: Default::default(),
            inflating: 0,
            tally: Tally { seq: head, ..Tally::default() },
            marks: VecDeque::new(),
            kept: HashMap::new(),
            passing: HashMap::new(),
            revision,
            ring_bytes_max,
            latest_keys_max,
        }
    }

    /// Newest durable sequence number.
    pub fn head(&self) -> u64 {
        self.tally.seq
    }

    /// What has been told at the end.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Position after the newest event.
    pub fn end(&self, lane: Lane) -> u64 {
        self.rings[lane as usize].end
    }

    /// Position of the oldest event in memory.
    pub fn start(&self, lane: Lane) -> u64 {
        self.rings[lane as usize].start
    }

    /// Adds a reader that begins at the end; gives that position.
    pub fn enter(&mut self, lane: Lane) -> u64 {
        self.inflating += usize::from(lane == Lane::Deflated);
        self.end(lane)
    }

    /// Takes a reader away; the deflated lane goes with its last.
    pub fn leave(&mut self, lane: Lane) {
        self.inflating -= usize::from(lane == Lane::Deflated);
        let end = self.end(Lane::Deflated);
        if self.inflating == 0 && self.start(Lane::Deflated) < end {
            self.rings[Lane::Deflated as usize] = Ring { start: end, end, ..Ring::default() };
        }
    }

    /// Appends a durable event whose text the store gave the number `seq`.
    pub fn append_durable(&mut self, seq: u64, text: &[u8]) {
        debug_assert_eq!(seq, self.tally.seq + 1, "the store's order is the log's order");
        self.append(Class::Durable, &[text]);
    }

    /// Appends an event that is gone when it is gone.
    pub fn append_ephemeral(&mut self, before: &str, after: &str) {
        self.append(Class::Ephemeral, &[before.as_bytes(), after.as_bytes()]);
    }

    /// Appends a newer value of `key`; the revision, which is larger than any before in this log, is written between
    /// `before` and `after`. Gives the revision.
    pub fn append_latest(&mut self, key: &str, keep: bool, before: &str, after: &str) -> u64 {
        let rev = self.revision + self.tally.latest + 1;
        let frame = self.append(Class::Latest, &[before.as_bytes(), rev.to_string().as_bytes(), after.as_bytes()]);
        let frame = Bytes::copy_from_slice(&self.rings[Lane::Plain as usize].tail[frame..]);
        let (newest, other) = match keep {
            true => (&mut self.kept, &mut self.passing),
            false => (&mut self.passing, &mut self.kept),
        };
        other.remove(key);
        if !newest.contains_key(key) && newest.len() >= self.latest_keys_max {
            let oldest = newest.iter().min_by_key(|(_, l)| l.number).map(|(k, _)| k.clone());
            oldest.and_then(|k| newest.remove(&k));
        }
        newest.insert(key.into(), Latest { number: self.tally.latest, frame });
        rev
    }

    /// Writes a frame into the plain tail, and deflated into the other; gives its place in the plain one.
    fn append(&mut self, class: Class, parts: &[&[u8]]) -> usize {
        let len: usize = parts.iter().map(|p| p.len()).sum();
        let need = wire::HEADER_BYTES_MAX + len;
        if !self.rings[Lane::Plain as usize].has_room(need) {
            self.seal();
        }
        let segment_max = self.ring_bytes_max.clamp(*SEGMENT_BYTES.start(), *SEGMENT_BYTES.end());
        let [plain, deflated] = &mut self.rings;
        plain.reserve(need, segment_max);
        let at = plain.tail.len();
        wire::put_header(&mut plain.tail, Opcode::Text, len);
        parts.iter().for_each(|p| plain.tail.put_slice(p));
        plain.end += (plain.tail.len() - at) as u64;
        if self.inflating > 0 {
            deflated.append_deflated(&plain.tail[at..], len, segment_max);
        }
        *self.tally.of(class) += 1;
        self.marks.push_back(Mark { ends: [plain.end, deflated.end], tally: self.tally, class });
        at
    }

    /// Makes everything appended so far readable, and drops what is too old.
    pub fn seal(&mut self) {
        let [plain, deflated] = &mut self.rings;
        plain.seal();
        deflated.seal();
        while plain.chunks.len() > 1 && (plain.end - plain.start) as usize > self.ring_bytes_max {
            plain.chunks.pop_front();
            plain.start = plain.chunks[0].start;
        }
        while let Some(mark) = self.marks.front()
            && mark.ends[Lane::Plain as usize] <= plain.start
        {
            deflated.start = deflated.start.max(mark.ends[Lane::Deflated as usize]);
            self.marks.pop_front();
        }
        while deflated.chunks.front().is_some_and(|c| c.end() <= deflated.start) {
            deflated.chunks.pop_front();
        }
    }

    /// Puts the bytes from `from` (a frame boundary) to the end into `out`; seals first. False if `from` is no longer in memory.
    pub fn read(&mut self, lane: Lane, from: u64, out: &mut Vec<Bytes>) -> bool {
        self.seal();
        let ring = &self.rings[lane as usize];
        if from < ring.start {
            return false;
        }
        let first = ring.chunks.partition_point(|c| c.end() <= from);
        for chunk in ring.chunks.range(first..) {
            out.push(chunk.bytes.slice(from.saturating_sub(chunk.start) as usize..));
        }
        true
    }

    /// What had been told at `position`, which must be in memory.
    pub fn tally_at(&self, lane: Lane, position: u64) -> Tally {
        match self.marks.partition_point(|m| m.ends[lane as usize] <= position) {
            0 => self.tally_before_ring(),
            n => self.marks[n - 1].tally,
        }
    }

    /// The position right after durable event `seq`, if everything after it is in memory.
    pub fn position_after(&self, lane: Lane, seq: u64) -> Option<u64> {
        let start = self.start(lane);
        let before = self.tally_at(lane, start).seq;
        if seq > self.tally.seq || seq < before {
            return None;
        }
        if seq == before {
            return Some(start);
        }
        let first = self.marks.partition_point(|m| m.tally.seq < seq);
        self.marks.get(first).map(|m| m.ends[lane as usize])
    }

    fn tally_before_ring(&self) -> Tally {
        let Some(first) = self.marks.front() else { return self.tally };
        let mut tally = first.tally;
        *tally.of(first.class) -= 1;
        tally
    }

    /// The durable events after `seq` as one run of frames, if they are all in memory and at most `bytes_max`.
    pub fn durable_after(&mut self, seq: u64, bytes_max: usize) -> Option<Bytes> {
        let from = self.position_after(Lane::Plain, seq)?;
        let mut chunks = Vec::new();
        if !self.read(Lane::Plain, from, &mut chunks) {
            return None;
        }
        let mut run = BytesMut::new();
        let (mut position, mut chunk, mut offset) = (from, 0, 0);
        let end = |mark: &Mark| mark.ends[Lane::Plain as usize];
        let first = self.marks.partition_point(|m| end(m) <= from);
        for mark in self.marks.range(first..) {
            let len = (end(mark) - position) as usize;
            position = end(mark);
            while offset == chunks.get(chunk).map_or(0, Bytes::len) && chunk < chunks.len() {
                (chunk, offset) = (chunk + 1, 0);
            }
            let bytes = chunks.get(chunk)?.slice(offset..offset + len);
            offset += len;
            if mark.class == Class::Durable {
                run.extend_from_slice(&bytes);
            }
            if run.len() > bytes_max {
                return None;
            }
        }
        Some(run.freeze())
    }

    /// Whether it has something that only readers that lag would ask for.
    pub fn can_rest(&self) -> bool {
        let told = self.start(Lane::Plain) < self.end(Lane::Plain);
        !self.passing.is_empty() || (told && self.only_passing())
    }

    fn only_passing(&self) -> bool {
        self.tally_before_ring().seq == self.tally.seq
    }

    /// Forgets that. To be called when every reader is at the end.
    pub fn rest(&mut self) {
        self.passing.clear();
        if self.only_passing() {
            self.rings.iter_mut().for_each(Ring::rest);
            self.marks.clear();
        }
    }

    /// Keeps no memory for more, if nothing is in it: the room is quiet but for who comes and goes.
    pub fn settle(&mut self) {
        if self.passing.is_empty() && self.rings.iter().all(|ring| ring.start == ring.end) {
            (self.passing, self.marks) = Default::default();
            for ring in &mut self.rings {
                *ring = Ring { start: ring.end, end: ring.end, ..Ring::default() };
            }
        }
    }

    /// What somebody who joins now should know of the `latest` events before: those marked to be kept, oldest first.
    pub fn kept(&self) -> Vec<Bytes> {
        newest(self.kept.values())
    }

    /// For a reader that left memory at `from` and comes back at `to`: the newest of each key told in between.
    pub fn latest_between(&self, from: Tally, to: Tally) -> Vec<Bytes> {
        let all = self.kept.values().chain(self.passing.values());
        newest(all.filter(|l| from.latest < l.number && l.number <= to.latest))
    }
}

/// Frames, oldest first.
fn newest<'a>(of: impl Iterator<Item = &'a Latest>) -> Vec<Bytes> {
    let mut found: Vec<&Latest> = of.collect();
    found.sort_by_key(|l| l.number);
    found.into_iter().map(|l| l.frame.clone()).collect()
}

impl Ring {
    fn has_room(&self, need: usize) -> bool {
        self.tail.capacity() - self.tail.len() >= need
    }

    /// Makes room in the tail for `need` more bytes; its allocations grow up to `segment_max`.
    fn reserve(&mut self, need: usize, segment_max: usize) {
        if self.has_room(need) {
            return;
        }
        self.seal();
        // The last allocation once more, if nobody reads in it any longer.
        if !self.tail.try_reclaim(need.max(self.segment)) {
            self.segment = (2 * self.segment).clamp(*SEGMENT_BYTES.start(), segment_max);
            self.tail = BytesMut::with_capacity(need.max(self.segment));
        }
    }

    /// Forgets everything.
    fn rest(&mut self) {
        self.seal();
        self.chunks.clear();
        let told = (self.end - self.start) as usize;
        self.start = self.end;
        // A burst is over.
        if 4 * told < self.segment && self.segment > *SEGMENT_BYTES.start() {
            self.segment /= 2;
            self.tail = BytesMut::new();
        }
    }

    fn seal(&mut self) {
        if !self.tail.is_empty() {
            let bytes = self.tail.split().freeze();
            self.chunks.push_back(Chunk { start: self.end - bytes.len() as u64, bytes });
        }
    }

    /// Appends a frame whose payload has `len` bytes, deflated if it is worth it.
    fn append_deflated(&mut self, frame: &[u8], len: usize, segment_max: usize) {
        self.reserve(frame.len(), segment_max);
        let at = self.tail.len();
        let worth_it = len >= deflate::EVENT_BYTES_MIN;
        let payload = &frame[frame.len() - len..];
        match worth_it.then(|| deflate::deflate(payload, deflate::WINDOW_BITS)).flatten() {
            Some(deflated) => wire::put_deflated(&mut self.tail, Opcode::Text, &deflated),
            None => self.tail.put_slice(frame),
        }
        self.end += (self.tail.len() - at) as u64;
    }
}

impl Chunk {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

#[cfg(test)]
mod tests;
