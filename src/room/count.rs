//! Counting: relaxed atomics that are named only where they are read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vizroom_protocol::{Code, Error};

/// Bounds of durations, in microseconds: a tenth of a millisecond to a minute.
pub const MICROS: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000, 60_000_000,
];

/// How often something happened, or how much of it.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How large things were, in whole units that its owner names.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what is above all of them.
    buckets: Box<[Counter]>,
    sum: Counter,
}

impl Histogram {
    /// One that tells sizes up to each of `bounds` apart; these ascend.
    pub fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, buckets: (0..=bounds.len()).map(|_| Counter::default()).collect(), sum: Counter::default() }
    }

    /// Counts `times` things of this size.
    pub fn observe(&self, size: u64, times: u64) {
        self.buckets[self.bounds.partition_point(|bound| *bound < size)].add(times);
        self.sum.add(size * times);
    }

    /// The bounds, and how many things were within each but above the one before; last those above all.
    pub fn buckets(&self) -> (&'static [u64], Vec<u64>) {
        (self.bounds, self.buckets.iter().map(Counter::get).collect())
    }

    /// All sizes together.
    pub fn sum(&self) -> u64 {
        self.sum.get()
    }

    pub(super) fn take_in(&self, other: &Self) {
        self.buckets.iter().zip(&other.buckets).for_each(|(into, from)| into.add(from.get()));
        self.sum.add(other.sum.get());
    }
}

/// What became of things that can fail, and how long they took.
#[derive(Debug)]
pub struct Outcomes {
    pub done: Counter,
    failed: [Counter; Code::ALL.len()],
    /// In microseconds.
    pub micros: Histogram,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self { done: Counter::default(), failed: Default::default(), micros: Histogram::new(MICROS) }
    }
}

impl Outcomes {
    pub fn count<T>(&self, outcome: &Result<T, Error>, took: Duration) {
        match outcome {
            Ok(_) => self.done.add(1),
            Err(error) => self.failed(error.code).add(1),
        }
        self.micros.observe(took.as_micros() as u64, 1);
    }

    /// Those that ended with this error.
    pub fn failed(&self, code: Code) -> &Counter {
        &self.failed[code as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_its_bounds() {
        let histogram = Histogram::new(&[1, 4]);
        for (size, times) in [(1, 2), (2, 1), (4, 1), (5, 3)] {
            histogram.observe(size, times);
        }
        assert_eq!((histogram.buckets().1, histogram.sum()), (vec![2, 2, 3], 23));
    }
}
