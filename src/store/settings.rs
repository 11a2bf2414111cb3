//! What users prefer.

use vizroom_protocol::id::UserId;
use vizroom_protocol::settings::{BYTES_MAX, Settings};

use super::{Error, Store, from_json, to_json};

impl Store {
    /// A user's settings.
    ///
    /// # Errors
    /// `Missing("user")`.
    pub async fn settings(&self, user_id: UserId) -> Result<Settings, Error> {
        let select = "SELECT settings FROM users WHERE id = $1";
        let row: Option<(String,)> = reading!(self, |db| row!(db, select, user_id.to_string()));
        from_json("users.settings", &row.ok_or(Error::Missing("user"))?.0)
    }

    /// Merges a patch into a user's settings, and says what they are now.
    ///
    /// # Errors
    /// `Missing("user")`; `TooLarge` beyond [`BYTES_MAX`].
    pub async fn update_settings(&self, user_id: UserId, patch: &Settings) -> Result<Settings, Error> {
        // Locks the row while it is read, on both databases.
        let lock = "UPDATE users SET settings = settings WHERE id = $1 RETURNING settings";
        let user_id = user_id.to_string();
        writing!(self, |tx| {
            let row: Option<(String,)> = row!(&mut *tx, lock, &user_id);
            let mut settings: Settings = from_json("users.settings", &row.ok_or(Error::Missing("user"))?.0)?;
            settings.merge(patch.clone());
            let text = to_json("users.settings", &settings)?;
            if text.len() > BYTES_MAX {
                return Err(Error::TooLarge { what: "settings", bytes_max: BYTES_MAX });
            }
            run!(&mut *tx, "UPDATE users SET settings = $2 WHERE id = $1", &user_id, &text);
            Ok(settings)
        })
    }
}
