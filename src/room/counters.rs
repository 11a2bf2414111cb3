//! What has happened so far, as numbers for whoever is on call.
//!
//! Who counts pays an addition, once for each write or batch, on a cache line that its reactor has to itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use vizroom_protocol::event::Class;
use vizroom_protocol::room::Mode;

use crate::Close;
use crate::count::{Counter, Histogram, MICROS};
use crate::hub::Hub;
use crate::log::Tally;
use crate::peer::Peer;

/// Bounds of events in a batch.
const EVENTS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

/// One for each class of events.
#[derive(Debug, Default)]
pub struct ByClass([Counter; 3]);

impl ByClass {
    pub fn of(&self, class: Class) -> &Counter {
        &self.0[class as usize]
    }

    fn add(&self, told: Tally, times: u64) {
        for (counter, n) in self.0.iter().zip([told.seq, told.latest, told.ephemeral]) {
            if n > 0 {
                counter.add(n * times);
            }
        }
    }
}

/// What one reactor did (or, in a set of their own, everybody else).
#[derive(Debug)]
#[repr(align(128))]
pub struct Counters {
    pub published: ByClass,
    /// Events written to a connection out of memory, as they were told.
    pub delivered: ByClass,
    /// Durable events sent again to whoever resumed or fell behind.
    pub replayed_from_memory: Counter,
    pub replayed_from_store: Counter,
    /// Events of class `latest` that a lagging reader got no more, because newer ones replaced them.
    pub merged: Counter,
    /// Ephemeral events that a lagging reader did not get.
    pub dropped: Counter,
    /// Cursors that fell out of memory.
    pub fell_behind: Counter,
    /// Events in one write to one member.
    pub drain_events: Histogram,
    pub bytes_sent: Counter,
    joins: [Counter; 3],
    closes: [Counter; Close::ALL.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            published: ByClass::default(),
            delivered: ByClass::default(),
            replayed_from_memory: Counter::default(),
            replayed_from_store: Counter::default(),
            merged: Counter::default(),
            dropped: Counter::default(),
            fell_behind: Counter::default(),
            drain_events: Histogram::new(EVENTS),
            bytes_sent: Counter::default(),
            joins: Default::default(),
            closes: Default::default(),
        }
    }
}

impl Counters {
    /// Joins that went on in this mode.
    pub fn joins(&self, mode: Mode) -> &Counter {
        &self.joins[mode as usize]
    }

    /// Connections that ended with this code.
    pub fn closes(&self, code: Close) -> &Counter {
        &self.closes[Close::ALL.iter().position(|c| *c == code).unwrap_or_default()]
    }

    /// Counts the events between two places of a log as delivered to one member.
    pub(super) fn delivered(&self, from: Tally, to: Tally) {
        self.delivered.add(to.since(from), 1);
    }

    /// Counts what a reader that lagged will not get.
    pub(super) fn missed(&self, merged: u64, dropped: u64) {
        self.merged.add(merged);
        self.dropped.add(dropped);
    }

    /// All of them as one.
    pub fn sum<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let all = Self::default();
        for set in sets {
            all.published.add(set.published.tally(), 1);
            all.delivered.add(set.delivered.tally(), 1);
            all.drain_events.take_in(&set.drain_events);
            for (into, from) in all.plain().zip(set.plain()) {
                into.add(from.get());
            }
        }
        all
    }

    fn plain(&self) -> impl Iterator<Item = &Counter> {
        let Self { replayed_from_memory, replayed_from_store, merged, dropped, fell_behind, bytes_sent, .. } = self;
        let single = [replayed_from_memory, replayed_from_store, merged, dropped, fell_behind, bytes_sent];
        single.into_iter().chain(&self.joins).chain(&self.closes)
    }
}

impl ByClass {
    fn tally(&self) -> Tally {
        let [seq, latest, ephemeral] = [0, 1, 2].map(|class| self.0[class].get());
        Tally { seq, latest, ephemeral }
    }
}

impl Tally {
    /// What was told since `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            seq: self.seq.saturating_sub(earlier.seq),
            latest: self.latest.saturating_sub(earlier.latest),
            ephemeral: self.ephemeral.saturating_sub(earlier.ephemeral),
        }
    }

    /// Events of all classes.
    pub(super) fn events(self) -> u64 {
        self.seq + self.latest + self.ephemeral
    }
}

/// What a drain has written, gathered: members that keep up are all written the same, so that the whole drain costs
/// a few additions.
pub(super) struct Counting<'a> {
    counters: &'a Counters,
    told: Tally,
    times: u64,
}

impl<'a> Counting<'a> {
    pub fn new(counters: &'a Counters) -> Self {
        Self { counters, told: Tally::default(), times: 0 }
    }

    /// One write of the events between two places of a log.
    pub fn add(&mut self, from: Tally, to: Tally) {
        let told = to.since(from);
        if told != self.told {
            self.count();
            (self.told, self.times) = (told, 0);
        }
        self.times += 1;
    }

    /// A cursor fell out of memory.
    pub fn fell_behind(&self) {
        self.counters.fell_behind.add(1);
    }

    fn count(&self) {
        if self.times > 0 && self.told.events() > 0 {
            self.counters.delivered.add(self.told, self.times);
            self.counters.drain_events.observe(self.told.events(), self.times);
        }
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.count();
    }
}

impl Hub {
    /// Counts a connection's end, by the first code that it was given.
    pub(super) fn count_close(&self, peer: &Peer, code: Close) {
        if !peer.counted_out.swap(true, Ordering::Relaxed) {
            peer.counters.closes(code).add(1);
        }
    }

    /// Counts a connection that was closed before it was [anybody's](Hub::connect).
    pub fn count_turned_away(&self, code: Close) {
        self.others().closes(code).add(1);
    }

    /// Where whoever is no reactor counts.
    pub(super) fn others(&self) -> &Counters {
        &self.counters[self.inboxes.len()]
    }
}

/// How the store took batches of durable events.
#[derive(Debug)]
pub struct Commits {
    /// Events in one transaction.
    pub events: Histogram,
    /// How long a transaction took, in microseconds.
    pub micros: Histogram,
    /// Batches that the store refused.
    pub failed: Counter,
}

impl Default for Commits {
    fn default() -> Self {
        Self { events: Histogram::new(EVENTS), micros: Histogram::new(MICROS), failed: Counter::default() }
    }
}

impl Commits {
    pub(super) fn count(&self, events: usize, took: Duration, stored: bool) {
        self.events.observe(events as u64, 1);
        self.micros.observe(took.as_micros() as u64, 1);
        self.failed.add(u64::from(!stored));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_that_are_alike_are_counted_together_and_all_are_counted() {
        let at = |seq, latest| Tally { seq, latest, ephemeral: 0 };
        let (one, two) = (Counters::default(), Counters::default());
        let mut counting = Counting::new(&one);
        for (from, to) in [(at(0, 0), at(3, 0)), (at(0, 0), at(3, 0)), (at(1, 0), at(3, 1)), (at(3, 1), at(3, 1))] {
            counting.add(from, to);
        }
        drop(counting);
        two.bytes_sent.add(5);
        two.closes(Close::BadFrame).add(1);
        let all = Counters::sum([&one, &two]);
        assert_eq!((all.delivered.of(Class::Durable).get(), all.delivered.of(Class::Latest).get()), (8, 1));
        let (bounds, buckets) = all.drain_events.buckets();
        let counted: Vec<_> = bounds.iter().zip(buckets).filter(|(_, n)| *n > 0).collect();
        assert_eq!(counted, [(&4, 3)]);
        assert_eq!(
            (all.bytes_sent.get(), all.closes(Close::BadFrame).get(), all.closes(Close::TooBig).get()),
            (5, 1, 0)
        );
    }
}
