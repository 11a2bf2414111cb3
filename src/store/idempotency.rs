//! What calls with an idempotency key answered.

use vizroom_protocol::id::RoomId;

use super::{Error, Store};

impl Store {
    /// What this caller's call with this key answered: the operation's name and the reply's JSON.
    ///
    /// # Errors
    /// Only ours.
    pub async fn recall(
        &self,
        caller: &str,
        room_id: Option<RoomId>,
        key: &str,
    ) -> Result<Option<(String, String)>, Error> {
        let select =
            "SELECT operation, reply FROM idempotency WHERE caller = $1 AND room_id = $2 AND idempotency_key = $3";
        Ok(reading!(self, |db| row!(db, select, caller, place(room_id), key)))
    }

    /// Keeps what a call answered. The first answer stays.
    ///
    /// # Errors
    /// Only ours.
    pub async fn remember(
        &self,
        caller: &str,
        room_id: Option<RoomId>,
        key: &str,
        operation: &str,
        reply: &str,
        now_ms: i64,
    ) -> Result<(), Error> {
        let insert = "INSERT INTO idempotency (caller, room_id, idempotency_key, operation, reply, created)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (caller, room_id, idempotency_key) DO NOTHING";
        writing!(self, |tx| run!(&mut *tx, insert, caller, place(room_id), key, operation, reply, now_ms));
        Ok(())
    }

    /// Forgets answers given before `before_ms`; how many.
    ///
    /// # Errors
    /// Only ours.
    pub async fn forget_replies(&self, before_ms: i64) -> Result<u64, Error> {
        Ok(writing!(self, |tx| run!(&mut *tx, "DELETE FROM idempotency WHERE created < $1", before_ms)))
    }
}

/// NULL would never collide in a primary key.
fn place(room_id: Option<RoomId>) -> String {
    room_id.map(|id| id.to_string()).unwrap_or_default()
}
