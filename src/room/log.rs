//! The broadcast queue: a room's newest events as ready-to-send bytes.
//!
//! Events are appended to an open tail; draining seals it into a shared chunk. A position is a byte offset since the
//! log was opened, always between two frames. Old chunks are dropped from the front, so memory is bounded by
//! `ring_bytes_max` plus one chunk, and what readers still hold.

use std::collections::{HashMap, VecDeque};

use bytes::{BufMut, Bytes, BytesMut};
use vizroom_protocol::event::Class;

use crate::wire::{self, Opcode};

/// Allocations of the tail grow with the room's traffic, between these.
const SEGMENT_BYTES: std::ops::RangeInclusive<usize> = 1024..=64 * 1024;

/// See the module.
pub struct Log {
    chunks: VecDeque<Chunk>,
    tail: BytesMut,
    /// Position of the oldest byte in memory.
    start: u64,
    /// Position after the newest byte.
    end: u64,
    /// At `end`.
    tally: Tally,
    marks: VecDeque<Mark>,
    latest: HashMap<Box<str>, Latest>,
    ring_bytes_max: usize,
    latest_keys_max: usize,
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
    end: u64,
    /// Including this event.
    tally: Tally,
    class: Class,
}

/// The newest event of a key.
struct Latest {
    rev: u64,
    start: u64,
    frame: Bytes,
    /// Whether somebody who joins later is told.
    keep: bool,
}

impl Log {
    /// A log that continues after `head`, with nothing in memory.
    pub fn new(head: u64, ring_bytes_max: usize, latest_keys_max: usize) -> Self {
        Self {
            chunks: VecDeque::new(),
            tail: BytesMut::new(),
            start: 0,
            end: 0,
            tally: Tally { seq: head, ..Tally::default() },
            marks: VecDeque::new(),
            latest: HashMap::new(),
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
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Position of the oldest event in memory.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Appends a durable event whose text the store gave the number `seq`.
    pub fn append_durable(&mut self, seq: u64, text: &[u8]) {
        debug_assert_eq!(seq, self.tally.seq + 1, "the store's order is the log's order");
        self.append(Class::Durable, &[text]);
    }

    /// Knows of durable events up to `seq` that were never told here: the store has them after all, although it once
    /// said that it had failed. Everybody's cursor is out of memory now, and reads them there.
    pub fn skip_to(&mut self, seq: u64) {
        self.chunks.clear();
        self.marks.clear();
        self.tail = BytesMut::new();
        self.end += 1;
        self.start = self.end;
        self.tally.seq = seq;
    }

    /// Appends an event that is gone when it is gone.
    pub fn append_ephemeral(&mut self, before: &str, after: &str) {
        self.append(Class::Ephemeral, &[before.as_bytes(), after.as_bytes()]);
    }

    /// Appends a newer value of `key`; the revision is written between `before` and `after`. Gives the revision.
    pub fn append_latest(&mut self, key: &str, keep: bool, before: &str, after: &str) -> u64 {
        let rev = self.latest.get(key).map_or(1, |l| l.rev + 1);
        let start = self.end;
        let frame = self.append(Class::Latest, &[before.as_bytes(), rev.to_string().as_bytes(), after.as_bytes()]);
        let frame = Bytes::copy_from_slice(&self.tail[frame..]);
        if !self.latest.contains_key(key) && self.latest.len() >= self.latest_keys_max {
            let oldest = self.latest.iter().min_by_key(|(_, l)| l.start).map(|(k, _)| k.clone());
            oldest.and_then(|k| self.latest.remove(&k));
        }
        self.latest.insert(key.into(), Latest { rev, start, frame, keep });
        rev
    }

    /// Writes a frame into the tail; gives its place there.
    fn append(&mut self, class: Class, parts: &[&[u8]]) -> usize {
        let len: usize = parts.iter().map(|p| p.len()).sum();
        let need = wire::HEADER_BYTES_MAX + len;
        if self.tail.capacity() - self.tail.len() < need {
            self.seal();
            let segment = ((self.end - self.start) as usize).clamp(*SEGMENT_BYTES.start(), *SEGMENT_BYTES.end());
            self.tail = BytesMut::with_capacity(segment.max(need));
        }
        let at = self.tail.len();
        wire::put_header(&mut self.tail, Opcode::Text, len);
        parts.iter().for_each(|p| self.tail.put_slice(p));
        self.end += (self.tail.len() - at) as u64;
        *self.tally.of(class) += 1;
        self.marks.push_back(Mark { end: self.end, tally: self.tally, class });
        at
    }

    /// Makes everything appended so far readable, and drops what is too old.
    pub fn seal(&mut self) {
        if !self.tail.is_empty() {
            let bytes = self.tail.split().freeze();
            self.chunks.push_back(Chunk { start: self.end - bytes.len() as u64, bytes });
        }
        while self.chunks.len() > 1 && (self.end - self.start) as usize > self.ring_bytes_max {
            self.chunks.pop_front();
            self.start = self.chunks[0].start;
        }
        while self.marks.front().is_some_and(|m| m.end <= self.start) {
            self.marks.pop_front();
        }
    }

    /// Puts the bytes from `from` (a frame boundary) to the end into `out`; seals first. False if `from` is no longer in memory.
    pub fn read(&mut self, from: u64, out: &mut Vec<Bytes>) -> bool {
        self.seal();
        if from < self.start {
            return false;
        }
        let first = self.chunks.partition_point(|c| c.start + c.bytes.len() as u64 <= from);
        for chunk in self.chunks.range(first..) {
            out.push(chunk.bytes.slice(from.saturating_sub(chunk.start) as usize..));
        }
        true
    }

    /// What had been told at `position`, which must be in memory.
    pub fn tally_at(&self, position: u64) -> Tally {
        match self.marks.partition_point(|m| m.end <= position) {
            0 => self.tally_before_ring(),
            n => self.marks[n - 1].tally,
        }
    }

    /// The position right after durable event `seq`, if everything after it is in memory.
    pub fn position_after(&self, seq: u64) -> Option<u64> {
        let before = self.tally_before_ring().seq;
        if seq > self.tally.seq || seq < before {
            return None;
        }
        if seq == before {
            return Some(self.start);
        }
        let first = self.marks.partition_point(|m| m.tally.seq < seq);
        self.marks.get(first).map(|m| m.end)
    }

    fn tally_before_ring(&self) -> Tally {
        let Some(first) = self.marks.front() else { return self.tally };
        let mut tally = first.tally;
        *tally.of(first.class) -= 1;
        tally
    }

    /// The durable events after `seq` as one run of frames, if they are all in memory and at most `bytes_max`.
    pub fn durable_after(&mut self, seq: u64, bytes_max: usize) -> Option<Bytes> {
        let from = self.position_after(seq)?;
        let mut chunks = Vec::new();
        if !self.read(from, &mut chunks) {
            return None;
        }
        let mut run = BytesMut::new();
        let (mut position, mut chunk, mut offset) = (from, 0, 0);
        let first = self.marks.partition_point(|m| m.end <= from);
        for mark in self.marks.range(first..) {
            let len = (mark.end - position) as usize;
            position = mark.end;
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

    /// What somebody who joins now should know of the `latest` events before: those marked to be kept, oldest first.
    pub fn kept(&self) -> Vec<Bytes> {
        self.newest(|l| l.keep)
    }

    /// For a reader that left memory at `from` and comes back at `to`: the newest of each key told in between.
    pub fn latest_between(&self, from: u64, to: u64) -> Vec<Bytes> {
        self.newest(|l| (from..to).contains(&l.start))
    }

    fn newest(&self, mut which: impl FnMut(&Latest) -> bool) -> Vec<Bytes> {
        let mut found: Vec<&Latest> = self.latest.values().filter(|l| which(l)).collect();
        found.sort_by_key(|l| l.start);
        found.into_iter().map(|l| l.frame.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
