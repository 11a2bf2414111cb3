//! A reader that pulls: for SSE and for tasks of ours.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;
use vizroom_protocol::Error;
use vizroom_protocol::room::Position;

use crate::hub::Hub;
use crate::log::Lane;
use crate::members::News;
use crate::room::Room;
use crate::{lock, wire};

/// Events read from the store at a time, and about how many bytes.
const EVENTS: usize = 500;
const BYTES: usize = 256 * 1024;

/// A cursor on a room's log.
pub struct Tail {
    hub: Arc<Hub>,
    room: Arc<Room>,
    news: watch::Receiver<u64>,
    at: At,
}

enum At {
    Memory { position: u64, seq: u64 },
    Store { seq: u64 },
}

impl Tail {
    /// Reads on after `since`, or from now on. None if the log does not know that position.
    pub fn new(hub: Arc<Hub>, room: Arc<Room>, since: Option<&Position>) -> Option<Self> {
        let news = room.news.subscribe();
        let log = lock(&room.log);
        let at = match since {
            None => At::Memory { position: log.end(Lane::Plain), seq: log.head() },
            Some(p) if p.epoch != room.epoch || p.seq > log.head() => return None,
            Some(p) => At::Store { seq: p.seq },
        };
        drop(log);
        Some(Self { hub, room, news, at })
    }

    /// The next events' texts, oldest first; waits until there are some. A reader too slow for memory gets what the
    /// store has: the passing classes are left out then.
    ///
    /// # Errors
    /// The store's; `NOT_FOUND` where the room has been deleted meanwhile.
    pub async fn next(&mut self) -> Result<Vec<Bytes>, Error> {
        loop {
            self.news.borrow_and_update();
            match self.at {
                At::Memory { position, seq } => match News::since(Lane::Plain, position, &self.room.log) {
                    None => self.at = At::Store { seq },
                    Some(news) if !news.run.is_empty() => {
                        self.at = At::Memory { position: news.end, seq: news.tally.seq };
                        return Ok(news.run.into_iter().flat_map(wire::payloads).collect());
                    }
                    // The room keeps the sender, and this keeps the room.
                    Some(_) => drop(self.news.changed().await),
                },
                At::Store { seq } => {
                    let position = lock(&self.room.log).position_after(Lane::Plain, seq);
                    if let Some(position) = position {
                        self.at = At::Memory { position, seq };
                        continue;
                    }
                    let events = self.hub.read_told(&self.room, seq, EVENTS, BYTES).await?;
                    // Memory begins after something that the store no longer has: the room has been deleted.
                    let (newest, _) = events.last().ok_or_else(|| Error::not_found("room"))?;
                    self.at = At::Store { seq: *newest };
                    return Ok(events.into_iter().map(|(_, text)| text).collect());
                }
            }
        }
    }
}
