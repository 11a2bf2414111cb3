//! A bounded map that forgets what was used longest ago.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::sql::sqlparser::ast::Statement;
use vizroom_protocol::error::Error;

use super::engine::Source;
use super::refusal::internal;
use super::{Bounds, Counts};

/// What became of queries.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) run: AtomicU64,
    pub(super) shared: AtomicU64,
    pub(super) remembered: AtomicU64,
}

impl Tally {
    pub(super) fn counts(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts { run: of(&self.run), shared: of(&self.shared), remembered: of(&self.remembered) }
    }
}

/// What makes two questions the same.
pub(super) fn key(
    statement: &Statement,
    read: &[&Source],
    canonical: &impl serde::Serialize,
    bounds: Bounds,
) -> Result<String, Error> {
    use std::fmt::Write;
    let canonical = serde_json::to_string(canonical).map_err(|error| internal(&error))?;
    let mut key = format!("{statement}\0{canonical}\0{}\0{}", bounds.rows, bounds.bytes);
    for source in read {
        let written = write!(key, "\0{}\0{}\0{}", source.name, source.path, source.version);
        written.map_err(|error| internal(&error))?;
    }
    Ok(key)
}

/// Holds at most `capacity` units of weight.
pub(super) struct Cache<K, V> {
    entries: HashMap<K, Entry<V>>,
    capacity: usize,
    weight: usize,
    uses: u64,
}

struct Entry<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity, weight: 0, uses: 0 }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.uses;
        Some(entry.value.clone())
    }

    /// Keeps `value`, forgetting others to make room; one heavier than the whole cache is not kept.
    pub(super) fn insert(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.capacity {
            return;
        }
        while self.weight + weight > self.capacity {
            // Entries are few and heavy: looking through them all costs less than keeping them in order.
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            match oldest {
                Some(key) => self.remove(&key),
                None => break,
            }
        }
        self.uses += 1;
        self.weight += weight;
        self.entries.insert(key, Entry { value, weight, used: self.uses });
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.weight -= entry.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_was_used_longest_ago() {
        let mut cache = Cache::new(3);
        cache.insert("a", 1, 1);
        cache.insert("b", 2, 1);
        cache.insert("c", 3, 1);
        assert_eq!(cache.get(&"a"), Some(1));
        cache.insert("d", 4, 2);
        assert_eq!(
            (cache.get(&"a"), cache.get(&"b"), cache.get(&"c"), cache.get(&"d")),
            (Some(1), None, None, Some(4))
        );
        cache.insert("e", 5, 4);
        assert_eq!((cache.get(&"e"), cache.get(&"a")), (None, Some(1)));
    }
}
