//! Notifications: the newest of each user.

use vizroom_protocol::id::{NotificationId, UserId};
use vizroom_protocol::notification::Notification;

use super::{Error, Store, from_json, to_json, unsigned};

row_struct! {
    struct NotificationRow {
        body: String,
        seen: bool,
    }
}

impl NotificationRow {
    fn notification(self) -> Result<Notification, Error> {
        let stored: Notification = from_json("notifications.body", &self.body)?;
        Ok(Notification { read: self.seen, ..stored })
    }
}

impl Store {
    /// Adds one, and forgets those of this user beyond the newest `keep`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn notify(&self, user: UserId, new: &Notification, keep: u32) -> Result<(), Error> {
        let insert = "INSERT INTO notifications (user_id, id, body, seen) VALUES ($1, $2, $3, $4)";
        let forget = "DELETE FROM notifications WHERE user_id = $1 AND id <= (SELECT id FROM notifications
            WHERE user_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
        let (user, body) = (user.to_string(), to_json("notifications.body", new)?);
        writing!(self, |tx| {
            run!(&mut *tx, insert, &user, new.id.to_string(), body, false);
            run!(&mut *tx, forget, &user, i64::from(keep))
        });
        Ok(())
    }

    /// A page of a user's, newest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn notifications_of(
        &self,
        user: UserId,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<Vec<Notification>, Error> {
        let select = "SELECT body, seen FROM notifications WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        // No hexadecimal digit comes after it.
        let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
        let rows: Vec<NotificationRow> =
            reading!(self, |db| rows!(db, select, user.to_string(), before, i64::from(limit)));
        rows.into_iter().map(NotificationRow::notification).collect()
    }

    /// How many of a user's are unread.
    ///
    /// # Errors
    /// Only ours.
    pub async fn unread(&self, user: UserId) -> Result<u64, Error> {
        let select = "SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND seen = $2";
        let count: Option<(i64,)> = reading!(self, |db| row!(db, select, user.to_string(), false));
        Ok(unsigned(count.map_or(0, |(count,)| count)))
    }

    /// Marks some of a user's as read, or all; those that are not theirs are passed over.
    ///
    /// # Errors
    /// Only ours.
    pub async fn mark_read(&self, user: UserId, ids: Option<&[NotificationId]>) -> Result<(), Error> {
        let (one, all) = (
            "UPDATE notifications SET seen = $2 WHERE user_id = $1 AND id = $3",
            "UPDATE notifications SET seen = $2 WHERE user_id = $1 AND seen <> $2",
        );
        let user = user.to_string();
        writing!(self, |tx| {
            match ids {
                None => drop(run!(&mut *tx, all, &user, true)),
                Some(ids) => {
                    for id in ids {
                        run!(&mut *tx, one, &user, true, id.to_string());
                    }
                }
            }
        });
        Ok(())
    }
}
