//! The time of day, as a value that is passed in, so that tests can move it.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

/// A source of time. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Added to the machine's clock, in milliseconds.
    ahead_ms: Arc<AtomicI64>,
    /// Moved by hand only.
    stands: bool,
}

impl Clock {
    /// A clock that says `ms` until it is moved: for tests.
    pub fn standing_at(ms: i64) -> Self {
        Self { ahead_ms: Arc::new(AtomicI64::new(ms)), stands: true }
    }

    /// Milliseconds since 1970, UTC.
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    pub fn now_ms(&self) -> i64 {
        let ahead_ms = self.ahead_ms.load(Ordering::Relaxed);
        if self.stands {
            return ahead_ms;
        }
        let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(now.as_millis()).unwrap_or(i64::MAX) + ahead_ms
    }

    /// Moves this clock and its clones forward (or back): for tests.
    pub fn advance(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-01-31T09:30:00.000Z`.
pub fn rfc3339(ms: i64) -> String {
    thread_local! {
        /// Up to the second, which is the same for many events.
        static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != ms.div_euclid(1_000) {
            *second = ms.div_euclid(1_000);
            let time = chrono::DateTime::from_timestamp(*second, 0).unwrap_or_default();
            *text = time.naive_utc().format("%Y-%m-%dT%H:%M:%S").to_string();
        }
        let mut whole = String::with_capacity(24);
        whole.push_str(text);
        // Into a string nothing fails.
        let _ = write!(whole, ".{:03}Z", ms.rem_euclid(1_000));
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_moves() {
        assert_eq!(rfc3339(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
        assert_eq!(rfc3339(1_700_000_000_007), "2023-11-14T22:13:20.007Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999Z");
        let clock = Clock::default();
        let before = clock.now_ms();
        clock.clone().advance(60_000);
        assert!(clock.now_ms() >= before + 60_000);
    }
}
