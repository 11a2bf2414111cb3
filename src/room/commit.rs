//! Group commit: whatever durable events are waiting, of all rooms, in one transaction; then into the logs.
//!
//! One task does it, so the order of the store is the order of each room's log, and rooms need no turn of their own.
//! While one transaction is under way the next batch gathers, so the busier the server, the fewer commits an event costs.

use std::sync::{Arc, Weak};

use tokio::sync::{mpsc, oneshot};
use vizroom_protocol::{Code, Error};

use crate::hub::{Hub, Room};
use crate::journal::{Draft, Stored};
use crate::lock;

/// The way to the store.
pub struct Committer {
    queue: mpsc::Sender<Entry>,
}

/// One event waiting.
pub(super) struct Entry {
    draft: Draft,
    asked: Asked,
}

/// Who waits for it.
struct Asked {
    room: Arc<Room>,
    done: oneshot::Sender<Result<Stored, Error>>,
}

impl Committer {
    pub(super) fn new(queue_max: usize) -> (Self, mpsc::Receiver<Entry>) {
        let (queue, waiting) = mpsc::channel(queue_max);
        (Self { queue }, waiting)
    }

    /// Stores an event and puts it into its room's log. Waits if too many others are waiting.
    ///
    /// # Errors
    /// The store's: the event is not there.
    pub(super) async fn commit(&self, room: Arc<Room>, draft: Draft) -> Result<Stored, Error> {
        let (done, outcome) = oneshot::channel();
        let stopped = || Error::new(Code::Unavailable, "the server is stopping");
        self.queue.send(Entry { draft, asked: Asked { room, done } }).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }

    pub(super) async fn run(hub: Weak<Hub>, mut waiting: mpsc::Receiver<Entry>, batch_max: usize) {
        let mut batch = Vec::new();
        while waiting.recv_many(&mut batch, batch_max).await > 0 {
            let Some(hub) = hub.upgrade() else { return };
            let (drafts, asked): (Vec<Draft>, Vec<Asked>) = batch.drain(..).map(|e| (e.draft, e.asked)).unzip();
            match hub.journal.append(&drafts).await {
                Ok(stored) => asked.into_iter().zip(stored).for_each(|(asked, stored)| hub.settle(asked, stored)),
                Err(error) => asked.into_iter().for_each(|asked| hub.settle(asked, Err(error.clone()))),
            }
        }
    }
}

impl Hub {
    /// Tells the room, then whoever asked.
    fn settle(&self, asked: Asked, outcome: Result<Stored, Error>) {
        if let Ok(stored) = &outcome {
            let mut log = lock(&asked.room.log);
            let (before, text) = match stored {
                Stored::New { seq, text } => (*seq - 1, Some(text)),
                Stored::Duplicate { seq, .. } => (*seq, None),
            };
            // A store may have stored what it could not say.
            if before > log.head() {
                log.skip_to(before);
            }
            if let Some(text) = text {
                log.append_durable(before + 1, text);
            }
            drop(log);
            self.mark(&asked.room);
        }
        // Whoever asked may have gone; the event is there all the same.
        let _ = asked.done.send(outcome);
    }
}
