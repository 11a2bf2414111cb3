//! What the room log needs of a store.

use std::pin::Pin;

use bytes::Bytes;
use vizroom_protocol::Error;
use vizroom_protocol::id::{EventId, RoomId};

/// A future in a box, so that the trait can be an object.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where durable events are kept. There is one appender at a time.
pub trait Journal: Send + Sync + 'static {
    /// Stores all drafts in one transaction, each with the next sequence number of its room. When this returns, they
    /// survive a power cut. One result a draft, in their order: the error is `NOT_FOUND` where the room is gone.
    ///
    /// # Errors
    /// Nothing of the batch is stored; or all of it is and the answer was lost, which only reading tells.
    fn append<'a>(&'a self, drafts: &'a [Draft]) -> Later<'a, Result<Vec<Result<Stored, Error>>, Error>>;

    /// Events after `seq`, oldest first: at most `limit`, and about `bytes_max` bytes of text.
    fn read(
        &self,
        room: RoomId,
        seq: u64,
        limit: usize,
        bytes_max: usize,
    ) -> Later<'_, Result<Vec<(u64, Bytes)>, Error>>;

    /// A room's epoch and newest sequence number; `NOT_FOUND` if there is no such room.
    fn head(&self, room: RoomId) -> Later<'_, Result<(String, u64), Error>>;
}

/// The journal of a server without rooms: whichever is asked for, there is none.
#[derive(Debug)]
pub struct Roomless;

impl Journal for Roomless {
    fn append<'a>(&'a self, _: &'a [Draft]) -> Later<'a, Result<Vec<Result<Stored, Error>>, Error>> {
        Box::pin(async { Err(Error::not_found("room")) })
    }

    fn read(&self, _: RoomId, _: u64, _: usize, _: usize) -> Later<'_, Result<Vec<(u64, Bytes)>, Error>> {
        Box::pin(async { Err(Error::not_found("room")) })
    }

    fn head(&self, _: RoomId) -> Later<'_, Result<(String, u64), Error>> {
        Box::pin(async { Err(Error::not_found("room")) })
    }
}

/// A durable event before it has a number.
#[derive(Debug, Clone)]
pub struct Draft {
    pub room: RoomId,
    pub event: EventId,
    /// The event's type, such as `chat.message`.
    pub kind: &'static str,
    /// At most one event of a room has this.
    pub dedup: Option<String>,
    /// The event's text up to the number.
    pub before: String,
    /// The event's text after the number.
    pub after: &'static str,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It is in the store; `text` is the whole text, number included.
    New { seq: u64, text: Bytes },
    /// The room has one with the same `dedup` already; nothing was stored.
    Duplicate { seq: u64, event: EventId },
}
