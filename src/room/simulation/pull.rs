//! A reader that pulls, and whether it got what it should.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::Semaphore;
use vizroom_protocol::event::Class;

use super::journal::Store;
use super::model::{Item, World};
use crate::{Tail, lock};

pub struct Pull {
    history: usize,
    /// Everything up to this number is known.
    after: u64,
    /// Place of the first event it may get; unknown if it began at a position.
    from: usize,
    /// Where it began: of what is not durable, it is owed only what has been told since.
    began: usize,
    got: Arc<Mutex<Vec<Bytes>>>,
    /// How often it may ask.
    pub turns: Arc<Semaphore>,
    task: tokio::task::JoinHandle<()>,
}

impl Pull {
    /// Begins; `inside` a runtime.
    pub fn new(mut tail: Tail, history: usize, after: u64, (from, began): (usize, usize)) -> Self {
        let got = Arc::new(Mutex::new(Vec::new()));
        let turns = Arc::new(Semaphore::new(0));
        let (into, may) = (got.clone(), turns.clone());
        let task = tokio::spawn(async move {
            loop {
                let Ok(turn) = may.acquire().await else { return };
                turn.forget();
                match tail.next().await {
                    Ok(texts) => lock(&into).extend(texts),
                    Err(_) => return,
                }
            }
        });
        Self { history, after, from, began, got, turns, task }
    }

    pub fn stop(&self) {
        self.task.abort();
    }

    /// # Errors
    /// What is wrong.
    pub fn judge(&self, world: &World) -> Result<(), String> {
        let mut model = lock(&world.model);
        let history = &mut model.histories[self.history];
        let store: &Store = &world.store;
        let mut items = Vec::new();
        for text in lock(&self.got).iter() {
            items.push(history.find(text, store).map_err(|what| format!("a reader that pulls: {what}"))?);
        }
        let wrong = |what: &str| Err(format!("a reader that pulls got {what}: after {}, {items:?}", self.after));
        let (mut seq, mut next) = (self.after, self.from);
        for item in &items {
            let place = match item {
                Item::Durable(n) if *n == seq + 1 => {
                    seq = *n;
                    let known = n.checked_sub(history.base + 1);
                    known.and_then(|n| history.durable.get(n as usize)).copied()
                }
                Item::Durable(_) => return wrong("another durable event than the next"),
                Item::Newest(place) | Item::Passing(place) => Some(*place),
                Item::Lag { .. } => return wrong("a lag"),
            };
            if place.is_some_and(|place| place < next) {
                return wrong("events out of order");
            }
            next = place.map_or(next, |place| place + 1);
        }
        let over = self.task.is_finished() || store.is_deleted(history.id);
        let lasting = history.told[next.min(history.told.len())..].iter().any(|e| e.class == Class::Durable);
        match !over && (lasting || next.max(self.began) < history.told.len()) {
            true => wrong(&format!("not everything: {next} of {}", history.told.len())),
            false => Ok(()),
        }
    }
}
