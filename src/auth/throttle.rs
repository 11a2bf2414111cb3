//! How often one may guess, or ask: so many times in a while, then not for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;
use vizroom_protocol::{Code, Error};

/// How many times in what time, and what follows.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub times_max: u32,
    pub window_ms: i64,
    pub lock_ms: i64,
    /// What the caller is told.
    pub refusal: &'static str,
}

/// Failed logins to one e-mail address.
pub const LOGINS: Rule =
    Rule { times_max: 10, window_ms: 300_000, lock_ms: 900_000, refusal: "too many failed logins; try again later" };
/// Failed logins from one source, to whichever e-mail addresses: more, as many people may be behind one.
pub const SOURCES: Rule = Rule { times_max: 50, ..LOGINS };
/// Mails that somebody asks for to one address.
pub const MAILS: Rule =
    Rule { times_max: 3, window_ms: 900_000, lock_ms: 900_000, refusal: "too many mails; try again later" };
/// Sign-ins by providers, or mails, begun from one source.
pub const BEGINNINGS: Rule =
    Rule { times_max: 100, window_ms: 300_000, lock_ms: 300_000, refusal: "too many attempts; try again later" };

/// Wrong passwords of a public link.
pub const GUESSES: Rule = Rule { refusal: "too many failed attempts; try again later", ..LOGINS };

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

/// Failures by address.
#[derive(Debug)]
pub struct Throttle {
    rule: Rule,
    // Held for a few instructions, never across an await.
    failures: Mutex<HashMap<String, Failures>>,
}

impl Throttle {
    /// Nobody has failed yet.
    pub fn new(rule: Rule) -> Self {
        Self { rule, failures: Mutex::default() }
    }

    /// Counts a try, if there may be one.
    ///
    /// # Errors
    /// As [`Throttle::check`].
    pub fn take(&self, address: &str, now_ms: i64) -> Result<(), Error> {
        self.check(address, now_ms)?;
        self.failed(address, now_ms);
        Ok(())
    }

    /// Whether `address` may try now.
    ///
    /// # Errors
    /// `RATE_LIMITED` with the time the lock ends.
    pub fn check(&self, address: &str, now_ms: i64) -> Result<(), Error> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get(address) {
            Some(f) if f.count >= self.rule.times_max && now_ms < f.until_ms => Err(Error {
                retry_after_ms: u64::try_from(f.until_ms - now_ms).ok(),
                ..Error::new(Code::RateLimited, self.rule.refusal).with_details(json!({ "limit": self.rule.times_max }))
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
        let fresh = Failures { count: 0, since_ms: now_ms, until_ms: now_ms + self.rule.window_ms };
        let entry = failures.entry(address.to_owned()).or_insert(fresh);
        if now_ms >= entry.until_ms {
            *entry = fresh;
        }
        entry.count += 1;
        if entry.count == self.rule.times_max {
            entry.until_ms = now_ms + self.rule.lock_ms;
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
        let throttle = Throttle::new(LOGINS);
        for n in 0..10 {
            throttle.check("a@b.c", n).unwrap();
            throttle.failed("a@b.c", n);
        }
        let error = throttle.check("a@b.c", 10).unwrap_err();
        assert_eq!((error.code, error.retry_after_ms), (Code::RateLimited, Some(899_999)));
        throttle.check("other@b.c", 10).unwrap();
        throttle.check("a@b.c", 9 + LOGINS.lock_ms).unwrap();
        throttle.failed("a@b.c", 9 + LOGINS.lock_ms);
        throttle.check("a@b.c", 9 + LOGINS.lock_ms).unwrap();
    }

    #[test]
    fn success_and_an_old_window_start_over() {
        let throttle = Throttle::new(LOGINS);
        (0..9).for_each(|n| throttle.failed("a", n));
        throttle.succeeded("a");
        (0..9).for_each(|n| throttle.failed("a", n));
        throttle.failed("a", LOGINS.window_ms);
        throttle.check("a", LOGINS.window_ms).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::new(LOGINS);
        (0..ADDRESSES_MAX + 10).for_each(|n| throttle.failed(&n.to_string(), i64::try_from(n).unwrap()));
        assert_eq!(throttle.failures.lock().unwrap().len(), ADDRESSES_MAX);
    }
}
