//! Small lookups that many ask for at a time, as one query: while one is under way the next ones gather, so the busier
//! the server, the fewer queries a lookup costs.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex as Lock, PoisonError};

use sqlx::AssertSqlSafe;
use tokio::sync::{Mutex, oneshot};
use vizroom_protocol::Error;

/// Things a statement looks for. Only these sizes occur, so that each is prepared once.
pub(super) const SIZES: [usize; 4] = [64, 16, 4, 1];

/// One text for each of the sizes.
pub(super) type Texts = [Arc<str>; SIZES.len()];

/// `SELECT … FROM (VALUES …)` for each size: `text` gets the rows' placeholders, of `columns` each.
pub(super) fn texts(columns: usize, text: impl Fn(&str) -> String) -> Texts {
    SIZES.map(|rows| {
        let row = |r: usize| {
            let marks: Vec<_> = (1..=columns).map(|c| format!("${}", r * columns + c)).collect();
            format!("({})", marks.join(", "))
        };
        text(&(0..rows).map(row).collect::<Vec<_>>().join(", ")).into()
    })
}

/// Cuts `items` into pieces of the known sizes, each with its statement.
pub(super) fn sized<'a, T>(
    mut items: &'a [T],
    texts: &'a Texts,
) -> impl Iterator<Item = (&'a [T], AssertSqlSafe<Arc<str>>)> {
    std::iter::from_fn(move || {
        let which = SIZES.iter().position(|size| *size <= items.len())?;
        let (piece, rest) = items.split_at(SIZES[which]);
        items = rest;
        Some((piece, AssertSqlSafe(Arc::clone(&texts[which]))))
    })
}

/// Who waits for what.
type Asked<K, V> = Vec<(K, oneshot::Sender<Result<Option<V>, Error>>)>;

/// Lookups of one kind.
#[derive(Debug)]
pub(super) struct Together<K, V> {
    // Held for a few instructions, never across an await. Bounded by those who call.
    asked: Lock<Asked<K, V>>,
    /// Whoever has it asks for all.
    turn: Mutex<()>,
}

impl<K, V> Default for Together<K, V> {
    fn default() -> Self {
        Self { asked: Lock::default(), turn: Mutex::default() }
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Together<K, V> {
    /// What belongs to `key`, no older than this call. `load` finds what belongs to many keys, each once.
    ///
    /// # Errors
    /// What `load` says, for all who asked together.
    pub(super) async fn find<L>(&self, key: K, load: impl Fn(Vec<K>) -> L) -> Result<Option<V>, Error>
    where
        L: Future<Output = Result<HashMap<K, V>, super::Error>>,
    {
        loop {
            let (answer, mut mine) = oneshot::channel();
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((key, answer));
            let _turn = tokio::select! {
                biased;
                told = &mut mine => match told {
                    Ok(answer) => return answer,
                    // Who asked for all has gone before they had an answer.
                    Err(_) => continue,
                },
                turn = self.turn.lock() => turn,
            };
            let asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
            let mut keys: Vec<K> = asked.iter().map(|(key, _)| *key).collect();
            let mut seen = HashSet::with_capacity(keys.len());
            keys.retain(|key| seen.insert(*key));
            let found = load(keys).await.map_err(Error::from);
            for (key, answer) in asked {
                // Who asked may have gone.
                let _ = answer.send(found.as_ref().map(|found| found.get(&key).cloned()).map_err(Error::clone));
            }
            if let Ok(answer) = mine.try_recv() {
                return answer;
            }
        }
    }
}
