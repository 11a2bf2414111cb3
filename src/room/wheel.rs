//! A timer wheel: when to look at which connection again.

use std::time::Duration;

const SLOTS: usize = 64;

/// Connections by the tick at which their time comes. Whoever is set further away than the wheel reaches is looked
/// at earlier, and set again.
pub(super) struct Wheel {
    slots: [Vec<(usize, u64)>; SLOTS],
    tick: Duration,
    /// Ticks since the start.
    now: u64,
}

impl Wheel {
    /// A wheel with ticks of about `tick_ms` milliseconds, at most a second.
    pub fn new(tick_ms: u64) -> Self {
        let tick = Duration::from_millis(tick_ms.clamp(10, 1_000));
        Self { slots: std::array::from_fn(|_| Vec::new()), tick, now: 0 }
    }

    pub fn now(&self) -> u64 {
        self.now
    }

    pub fn tick_ms(&self) -> u64 {
        self.tick.as_millis() as u64
    }

    /// How many ticks `ms` milliseconds are, rounded up.
    pub fn ticks(&self, ms: u64) -> u64 {
        ms.div_ceil(self.tick_ms())
    }

    /// Looks at `(place, id)` at tick `at`.
    pub fn set(&mut self, place: usize, id: u64, at: u64) {
        let at = at.clamp(self.now + 1, self.now + SLOTS as u64 - 1);
        self.slots[at as usize % SLOTS].push((place, id));
    }

    /// How long to sleep at `elapsed` since the start.
    pub fn until_next(&self, elapsed: Duration) -> Duration {
        Duration::from_nanos(self.tick.as_nanos() as u64 * (self.now + 1)).saturating_sub(elapsed)
    }

    /// Moves on to `elapsed` since the start. Those whose time has come; None within a tick.
    pub fn advance(&mut self, elapsed: Duration) -> Option<Vec<(usize, u64)>> {
        let to = (elapsed.as_nanos() / self.tick.as_nanos()) as u64;
        if to <= self.now {
            return None;
        }
        let turns = (to - self.now).min(SLOTS as u64);
        let mut due = Vec::new();
        for tick in self.now + 1..=self.now + turns {
            due.append(&mut self.slots[tick as usize % SLOTS]);
        }
        self.now = to;
        Some(due)
    }
}
