//! Forgotten passwords, and who is proven to have an e-mail address.

use vizroom_protocol::id::{KeyId, UserId};

use super::{Error, Store, decoded};

/// What somebody got in by and no longer does. Its access tokens may not have expired yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Of refresh tokens.
    pub families: Vec<String>,
    pub keys: Vec<KeyId>,
}

/// Ends all sign-ins of a user but the family `$kept`, also those whose code is not exchanged yet.
macro_rules! end_sign_ins {
    ($tx:expr, $user_id:expr, $kept:expr, $now_ms:expr) => {{
        let revoke = "UPDATE refresh_tokens SET revoked = $3
            WHERE user_id = $1 AND family <> $2 AND revoked IS NULL AND expires > $3 RETURNING family";
        let revoked: Vec<(String,)> = rows!($tx, revoke, $user_id, $kept, $now_ms);
        run!($tx, "DELETE FROM sign_in_codes WHERE user_id = $1", $user_id);
        let mut families: Vec<String> = revoked.into_iter().map(|(family,)| family).collect();
        families.sort();
        families.dedup();
        families
    }};
}
pub(super) use end_sign_ins;

/// Notes that the user has their address. If that was not known before, then whoever registered may have been somebody
/// else, and so all ways in that they made are closed; their API keys are what this returns.
macro_rules! prove_email {
    ($tx:expr, $user_id:expr, $now_ms:expr) => {{
        let prove = "UPDATE users SET email_proven = $2 WHERE id = $1 AND email_proven IS NULL";
        if run!($tx, prove, $user_id, $now_ms) == 1 {
            run!($tx, "UPDATE users SET password_hash = '' WHERE id = $1", $user_id);
            run!($tx, "DELETE FROM identities WHERE user_id = $1", $user_id);
            let keys: Vec<(String,)> = rows!($tx, "DELETE FROM api_keys WHERE user_id = $1 RETURNING id", $user_id);
            let keys = keys.iter().map(|(id,)| $crate::decoded("api_keys.id", id));
            Some(keys.collect::<Result<Vec<_>, _>>()?)
        } else {
            None
        }
    }};
}
pub(super) use prove_email;

/// No family of tokens is called so.
pub(super) const NO_FAMILY: &str = "";

impl Store {
    /// Sets another password where the old one still is (both hashed), and ends all sign-ins of the user but the family
    /// `kept`. What was mailed to set one is good no more.
    ///
    /// # Errors
    /// `Missing("password")` if it has been changed meanwhile.
    pub async fn change_password(
        &self,
        user_id: UserId,
        old_hash: &str,
        new_hash: &str,
        kept: &str,
        now_ms: i64,
    ) -> Result<Ended, Error> {
        let update = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        let user_id = user_id.to_string();
        writing!(self, |tx| {
            if run!(&mut *tx, update, &user_id, old_hash, new_hash) == 0 {
                return Err(Error::Missing("password"));
            }
            run!(&mut *tx, "DELETE FROM password_resets WHERE user_id = $1", &user_id);
            let families = end_sign_ins!(&mut *tx, &user_id, kept, now_ms);
            Ok(Ended { families, keys: Vec::new() })
        })
    }

    /// Stores a token (a hash) that sets a new password, and forgets the user's expired ones.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_password_reset(
        &self,
        hash: &str,
        user_id: UserId,
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        let user_id = user_id.to_string();
        let insert = "INSERT INTO password_resets (hash, user_id, expires) VALUES ($1, $2, $3)";
        writing!(self, |tx| {
            run!(&mut *tx, "DELETE FROM password_resets WHERE user_id = $1 AND expires <= $2", &user_id, now_ms);
            run!(&mut *tx, insert, hash, &user_id, expires_ms)
        });
        Ok(())
    }

    /// Whether a reset token (a hash) would be taken.
    ///
    /// # Errors
    /// Only ours.
    pub async fn has_password_reset(&self, hash: &str, now_ms: i64) -> Result<bool, Error> {
        let select = "SELECT user_id FROM password_resets WHERE hash = $1 AND expires > $2";
        let row: Option<(String,)> = reading!(self, |db| row!(db, select, hash, now_ms));
        Ok(row.is_some())
    }

    /// Sets a new password by a reset token (a hash), which is used up with all others of its user, and ends all their
    /// sign-ins; also their API keys, if this is the first proof that the address is theirs.
    ///
    /// # Errors
    /// `Missing("token")` if it is unknown, used or expired.
    pub async fn reset_password(&self, hash: &str, password_hash: &str, now_ms: i64) -> Result<(UserId, Ended), Error> {
        let take = "DELETE FROM password_resets WHERE hash = $1 AND expires > $2 RETURNING user_id";
        writing!(self, |tx| {
            let row: Option<(String,)> = row!(&mut *tx, take, hash, now_ms);
            let (user_id,) = row.ok_or(Error::Missing("token"))?;
            run!(&mut *tx, "DELETE FROM password_resets WHERE user_id = $1", &user_id);
            let keys = prove_email!(&mut *tx, &user_id, now_ms).unwrap_or_default();
            run!(&mut *tx, "UPDATE users SET password_hash = $2 WHERE id = $1", &user_id, password_hash);
            let families = end_sign_ins!(&mut *tx, &user_id, NO_FAMILY, now_ms);
            Ok((decoded("password_resets.user_id", &user_id)?, Ended { families, keys }))
        })
    }
}
