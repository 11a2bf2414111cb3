//! A store in memory that is slow, fails and loses its answers when told to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use bytes::Bytes;
use tokio::sync::oneshot;
use vizroom_protocol::id::{EventId, RoomId};
use vizroom_protocol::{Code, Error};

use super::random::Random;
use crate::journal::{Draft, Journal, Later, Stored};
use crate::lock;

/// Questions in one run, at most: more is somebody who asks without end.
const ASKED_MAX: u64 = 100_000;

/// What becomes of a question that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Go,
    Fail,
}

pub struct Store(Mutex<Inner>);

struct Inner {
    rooms: BTreeMap<RoomId, Kept>,
    waiting: Vec<(&'static str, oneshot::Sender<Fate>)>,
    random: Random,
    slow_percent: u64,
    asked: u64,
    appending: bool,
}

#[derive(Default)]
struct Kept {
    events: Vec<(EventId, Bytes)>,
    dedup: HashMap<String, u64>,
    deleted: bool,
}

/// The epoch of every room.
pub const EPOCH: &str = "e1";

impl Store {
    pub fn new(rooms: impl Iterator<Item = RoomId>, random: Random, slow_percent: u64) -> Self {
        let rooms = rooms.map(|id| (id, Kept::default())).collect();
        Self(Mutex::new(Inner { rooms, waiting: Vec::new(), random, slow_percent, asked: 0, appending: false }))
    }

    /// What waits to be decided.
    pub fn waiting(&self) -> Vec<&'static str> {
        lock(&self.0).waiting.iter().map(|(what, _)| *what).collect()
    }

    /// Questions so far.
    pub fn asked(&self) -> u64 {
        lock(&self.0).asked
    }

    pub fn decide(&self, at: usize, fate: Fate) {
        let (_, waiter) = lock(&self.0).waiting.remove(at);
        // Whoever asked may be gone.
        let _ = waiter.send(fate);
    }

    /// From now on at once.
    pub fn hurry(&self) {
        lock(&self.0).slow_percent = 0;
    }

    /// The process that asked is gone.
    pub fn restarted(&self) {
        let mut inner = lock(&self.0);
        inner.waiting.clear();
        inner.appending = false;
    }

    pub fn delete(&self, room: RoomId) {
        if let Some(kept) = lock(&self.0).rooms.get_mut(&room) {
            kept.deleted = true;
        }
    }

    pub fn is_deleted(&self, room: RoomId) -> bool {
        lock(&self.0).rooms.get(&room).is_none_or(|kept| kept.deleted)
    }

    /// A stored text; also of rooms that have been deleted.
    pub fn event(&self, room: RoomId, seq: u64) -> Option<(EventId, Bytes)> {
        let at = usize::try_from(seq.checked_sub(1)?).ok()?;
        lock(&self.0).rooms.get(&room)?.events.get(at).cloned()
    }

    async fn gate(&self, what: &'static str) -> Result<(), Error> {
        let decided = {
            let mut inner = lock(&self.0);
            inner.asked += 1;
            assert!(inner.asked < ASKED_MAX, "the store is asked without end");
            let chance = inner.slow_percent;
            if !inner.random.percent(chance) {
                return Ok(());
            }
            let (go, decided) = oneshot::channel();
            inner.waiting.push((what, go));
            decided
        };
        match decided.await {
            Ok(Fate::Go) => Ok(()),
            Ok(Fate::Fail) | Err(_) => Err(Error::new(Code::Unavailable, "the store does not answer")),
        }
    }

    /// Some other question, such as for a snapshot.
    ///
    /// # Errors
    /// If it is so decided.
    pub async fn pause(&self) -> Result<(), Error> {
        self.gate("snapshot").await
    }

    fn store(&self, drafts: &[Draft]) -> Vec<Result<Stored, Error>> {
        let mut inner = lock(&self.0);
        drafts.iter().map(|draft| inner.store(draft)).collect()
    }
}

impl Inner {
    fn store(&mut self, draft: &Draft) -> Result<Stored, Error> {
        let kept = self.rooms.get_mut(&draft.room).filter(|kept| !kept.deleted);
        let kept = kept.ok_or_else(|| Error::not_found("room"))?;
        if let Some(seq) = draft.dedup.as_ref().and_then(|key| kept.dedup.get(key)) {
            return Ok(Stored::Duplicate { seq: *seq, event: kept.events[*seq as usize - 1].0 });
        }
        let seq = kept.events.len() as u64 + 1;
        let text = Bytes::from(format!("{}{seq}{}", draft.before, draft.after));
        kept.events.push((draft.event, text.clone()));
        kept.dedup.extend(draft.dedup.clone().map(|key| (key, seq)));
        Ok(Stored::New { seq, text })
    }
}

impl Journal for Store {
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> Later<'a, Result<Vec<Result<Stored, Error>>, Error>> {
        Box::pin(async move {
            assert!(!std::mem::replace(&mut lock(&self.0).appending, true), "there is one appender");
            let mut stored = self.gate("append").await;
            let mut outcome = Err(Error::new(Code::Unavailable, "not stored"));
            if stored.is_ok() {
                outcome = Ok(self.store(drafts));
                stored = self.gate("appended").await;
            }
            lock(&self.0).appending = false;
            stored.and(outcome)
        })
    }

    fn read(
        &self,
        room: RoomId,
        seq: u64,
        limit: usize,
        bytes_max: usize,
    ) -> Later<'_, Result<Vec<(u64, Bytes)>, Error>> {
        Box::pin(async move {
            self.gate("read").await?;
            let events = {
                let mut inner = lock(&self.0);
                let limit = limit.min(1 + inner.random.below(8));
                let kept = inner.rooms.get(&room).filter(|kept| !kept.deleted);
                let after = kept.map(|kept| &kept.events[kept.events.len().min(seq as usize)..]).unwrap_or_default();
                let mut bytes = 0;
                let some = after.iter().zip(seq + 1..).take(limit).take_while(|((_, text), _)| {
                    let first = bytes == 0;
                    bytes += text.len();
                    first || bytes <= bytes_max
                });
                some.map(|((_, text), seq)| (seq, text.clone())).collect()
            };
            self.gate("have read").await?;
            Ok(events)
        })
    }

    fn head(&self, room: RoomId) -> Later<'_, Result<(String, u64), Error>> {
        Box::pin(async move {
            self.gate("head").await?;
            let head = {
                let inner = lock(&self.0);
                let kept = inner.rooms.get(&room).filter(|kept| !kept.deleted);
                kept.map(|kept| kept.events.len() as u64).ok_or_else(|| Error::not_found("room"))?
            };
            self.gate("have head").await?;
            Ok((EPOCH.into(), head))
        })
    }
}
