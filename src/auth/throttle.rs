//! How often one may guess: 10 failures in 300 s lock an address for 900 s.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;
use vizroom_protocol::{Code, Error};

const FAILURES_MAX: u32 = 10;
const WINDOW_MS: i64 = 300_000;
const LOCK_MS: i64 = 900_000;
/// Addresses remembered. Beyond, the one that began failing first is forgotten: to push one out takes as many
/// password hashes as there are places.
const ADDRESSES_MAX: usize = 50_000;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    /// When the first of them was.
    since_ms: i64,
    /// When the last place in the window, or the lock, ends.
    until_ms: i64,
}

/// Failed logins by address.
#[derive(Debug, Default)]
pub struct Throttle {
    // Held for a few instructions, never across an await.
    failures: Mutex<HashMap<String, Failures>>,
}

impl Throttle {
    /// Whether `address` may try now.
    ///
    /// # Errors
    /// `RATE_LIMITED` with the time the lock ends.
    pub fn check(&self, address: &str, now_ms: i64) -> Result<(), Error> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get(address) {
            Some(f) if f.count >= FAILURES_MAX && now_ms < f.until_ms => Err(Error {
                retry_after_ms: u64::try_from(f.until_ms - now_ms).ok(),
                ..Error::new(Code::RateLimited, "too many failed logins; try again later")
                    .with_details(json!({ "limit": FAILURES_MAX }))
            }),
            _ => Ok(()),
        }
    }

    /// Counts a failure.
    pub fn failed(&self, address: &str, now_ms: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES_MAX && !failures.contains_key(address) {
            make_room(&mut failures, now_ms);
        }
        let fresh = Failures { count: 0, since_ms: now_ms, until_ms: now_ms + WINDOW_MS };
        let entry = failures.entry(address.to_owned()).or_insert(fresh);
        if now_ms >= entry.until_ms {
            *entry = fresh;
        }
        entry.count += 1;
        if entry.count == FAILURES_MAX {
            entry.until_ms = now_ms + LOCK_MS;
        }
    }

    /// Forgets an address's failures.
    pub fn succeeded(&self, address: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
    }
}

fn make_room(failures: &mut HashMap<String, Failures>, now_ms: i64) {
    failures.retain(|_, f| now_ms < f.until_ms);
    if failures.len() >= ADDRESSES_MAX {
        let oldest = failures.iter().min_by_key(|(_, f)| f.since_ms).map(|(address, _)| address.clone());
        oldest.map(|address| failures.remove(&address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_lock_and_time_unlocks() {
        let throttle = Throttle::default();
        for n in 0..10 {
            throttle.check("a@b.c", n).unwrap();
            throttle.failed("a@b.c", n);
        }
        let error = throttle.check("a@b.c", 10).unwrap_err();
        assert_eq!((error.code, error.retry_after_ms), (Code::RateLimited, Some(899_999)));
        throttle.check("other@b.c", 10).unwrap();
        throttle.check("a@b.c", 9 + LOCK_MS).unwrap();
        throttle.failed("a@b.c", 9 + LOCK_MS);
        throttle.check("a@b.c", 9 + LOCK_MS).unwrap();
    }

    #[test]
    fn success_and_an_old_window_start_over() {
        let throttle = Throttle::default();
        (0..9).for_each(|n| throttle.failed("a", n));
        throttle.succeeded("a");
        (0..9).for_each(|n| throttle.failed("a", n));
        throttle.failed("a", WINDOW_MS);
        throttle.check("a", WINDOW_MS).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        (0..ADDRESSES_MAX + 10).for_each(|n| throttle.failed(&n.to_string(), i64::try_from(n).unwrap()));
        assert_eq!(throttle.failures.lock().unwrap().len(), ADDRESSES_MAX);
    }
}
