//! Group commit: whatever durable events are waiting, of all rooms, in one transaction; then into the logs.
//!
//! One task does it, so the order of the store is the order of each room's log, and rooms need no turn of their own.
//! While one transaction is under way the next batch gathers, so the busier the server, the fewer commits an event costs.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Instant;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot};
use vizroom_protocol::event::Class;
use vizroom_protocol::id::{RoomId, UserId};
use vizroom_protocol::{Code, Error};

use crate::counters::Commits;
use crate::hub::Hub;
use crate::journal::{Draft, Stored};
use crate::lock;
use crate::room::Room;

/// Events read at a time when it is asked, and about how many bytes.
const EVENTS: usize = 500;
const BYTES: usize = 256 * 1024;

/// Rooms of which the store may have events that the log has not: a commit whose answer was lost may have worked.
type Doubtful = HashMap<RoomId, Arc<Room>>;

/// The way to the store.
pub struct Committer {
    /// Told once a second: a store that could not say whether it had stored something may say so now.
    pub(super) again: Arc<Notify>,
    queue: mpsc::Sender<Entry>,
    pub commits: Commits,
}

/// One event waiting.
pub(super) struct Entry {
    draft: Draft,
    asked: Asked,
}

/// Who waits for it.
struct Asked {
    room: Arc<Room>,
    /// Whom to take out right after it.
    last_for: Option<UserId>,
    done: oneshot::Sender<Result<Stored, Error>>,
}

impl Committer {
    pub(super) fn new(queue_max: usize) -> (Self, mpsc::Receiver<Entry>) {
        let (queue, waiting) = mpsc::channel(queue_max);
        (Self { queue, again: Arc::default(), commits: Commits::default() }, waiting)
    }

    /// Has an event stored and put into its room's log: it takes its turn at once, if not too many others are waiting.
    ///
    /// # Errors
    /// The store's: the event is not there.
    pub(super) fn commit(
        &self,
        room: Arc<Room>,
        draft: Draft,
        last_for: Option<UserId>,
    ) -> impl Future<Output = Result<Stored, Error>> + Send + use<> {
        let (done, outcome) = oneshot::channel();
        let turn = match self.queue.try_send(Entry { draft, asked: Asked { room, last_for, done } }) {
            // In a box: few must wait for a turn, and all others need not carry the place for it.
            Err(TrySendError::Full(entry)) => {
                let queue = self.queue.clone();
                Some(Box::pin(async move { queue.send(entry).await }))
            }
            // An entry that is dropped says so below.
            Ok(()) | Err(TrySendError::Closed(_)) => None,
        };
        async move {
            let stopped = || Error::new(Code::Unavailable, "the server is stopping");
            if let Some(turn) = turn {
                turn.await.map_err(|_| stopped())?;
            }
            outcome.await.map_err(|_| stopped())?
        }
    }

    /// Events waiting for the store.
    pub(super) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    pub(super) async fn run(hub: Weak<Hub>, mut waiting: mpsc::Receiver<Entry>, again: Arc<Notify>, batch_max: usize) {
        let (mut batch, mut doubtful) = (Vec::new(), Doubtful::new());
        loop {
            let got = tokio::select! {
                biased;
                got = waiting.recv_many(&mut batch, batch_max) => Some(got),
                () = again.notified(), if !doubtful.is_empty() => None,
            };
            let Some(hub) = hub.upgrade().filter(|_| got != Some(0)) else { return };
            let (drafts, asked): (Vec<Draft>, Vec<Asked>) = batch.drain(..).map(|e| (e.draft, e.asked)).unzip();
            let began = Instant::now();
            let outcome = match hub.make_sure(&mut doubtful).await {
                Ok(()) if drafts.is_empty() => continue,
                Ok(()) => hub.journal.append(&drafts).await,
                Err(error) => Err(error),
            };
            hub.committer.commits.count(drafts.len(), began.elapsed(), outcome.is_ok());
            match outcome {
                Ok(stored) => {
                    let settle = |(asked, stored)| hub.settle(asked, stored, &mut doubtful);
                    asked.into_iter().zip(stored).for_each(settle);
                }
                Err(error) => asked.into_iter().for_each(|asked| {
                    doubtful.insert(asked.room.id, asked.room.clone());
                    hub.settle(asked, Err(error.clone()), &mut doubtful);
                }),
            }
        }
    }
}

impl Hub {
    /// Tells the room, then whoever asked.
    fn settle(&self, asked: Asked, outcome: Result<Stored, Error>, doubtful: &mut Doubtful) {
        let Asked { room, last_for, done } = asked;
        let head = room.head();
        match &outcome {
            Ok(Stored::New { seq, text }) if *seq == head + 1 => {
                lock(&room.log).append_durable(*seq, text);
                self.others().published.of(Class::Durable).add(1);
                self.mark(&room);
                if let Some(user) = last_for {
                    self.kick_user(room.id, user);
                }
            }
            // It is in the store, and so is something before it that nobody has been told.
            Ok(Stored::New { seq, .. } | Stored::Duplicate { seq, .. }) if *seq > head => {
                doubtful.insert(room.id, room.clone());
            }
            _ => {}
        }
        // Whoever asked may have gone; the event is there all the same.
        let _ = done.send(outcome);
    }

    /// Tells the rooms what the store has and their logs have not.
    async fn make_sure(&self, doubtful: &mut Doubtful) -> Result<(), Error> {
        while let Some(room) = doubtful.values().next().cloned() {
            loop {
                let events = self.journal.read(room.id, room.head(), EVENTS, BYTES).await?;
                if events.is_empty() {
                    break;
                }
                events.iter().for_each(|(seq, text)| lock(&room.log).append_durable(*seq, text));
                self.others().published.of(Class::Durable).add(events.len() as u64);
                self.mark(&room);
            }
            doubtful.remove(&room.id);
        }
        Ok(())
    }
}
