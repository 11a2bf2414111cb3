//! Signing in by other providers: what is under way, and who is who there.

use vizroom_protocol::account::User;
use vizroom_protocol::id::UserId;

use super::account::UserRow;
use super::recovery::{Ended, NO_FAMILY, end_sign_ins, prove_email};
use super::{Error, Store, decoded};

/// A sign-in that somebody is about to finish at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Of the secret that the browser keeps.
    pub browser_hash: String,
    pub provider: String,
    pub nonce: String,
    /// Of PKCE.
    pub verifier: String,
    pub invitation_hash: Option<String>,
}

/// Who somebody is at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'a> {
    pub provider: &'a str,
    /// The provider's own, lasting name for the user.
    pub subject: &'a str,
}

row_struct! {
    struct SignInRow {
        browser_hash: String,
        provider: String,
        nonce: String,
        verifier: String,
        invitation_hash: Option<String>,
    }
}

pub(super) const ADD_IDENTITY: &str = "INSERT INTO identities (provider, subject, user_id, created)
    VALUES ($1, $2, $3, $4) ON CONFLICT (provider, subject) DO NOTHING";

impl Store {
    /// Stores a sign-in by its state (a hash), and forgets expired ones.
    ///
    /// # Errors
    /// Only ours.
    pub async fn begin_sign_in(
        &self,
        state_hash: &str,
        begun: &SignIn,
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        let SignIn { browser_hash, provider, nonce, verifier, invitation_hash } = begun;
        let insert = "INSERT INTO sign_ins
            (state_hash, browser_hash, provider, nonce, verifier, invitation_hash, expires)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        writing!(self, |tx| {
            run!(&mut *tx, "DELETE FROM sign_ins WHERE expires <= $1", now_ms);
            run!(&mut *tx, insert, state_hash, browser_hash, provider, nonce, verifier, invitation_hash, expires_ms)
        });
        Ok(())
    }

    /// The sign-in with this state (a hash), which is used up.
    ///
    /// # Errors
    /// Only ours.
    pub async fn take_sign_in(&self, state_hash: &str, now_ms: i64) -> Result<Option<SignIn>, Error> {
        let take = "DELETE FROM sign_ins WHERE state_hash = $1 AND expires > $2
            RETURNING browser_hash, provider, nonce, verifier, invitation_hash";
        let row: Option<SignInRow> = writing!(self, |tx| row!(&mut *tx, take, state_hash, now_ms));
        Ok(row.map(|row| {
            let SignInRow { browser_hash, provider, nonce, verifier, invitation_hash } = row;
            SignIn { browser_hash, provider, nonce, verifier, invitation_hash }
        }))
    }

    /// Stores a code (a hash) that the same browser gets tokens for, and forgets expired ones.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_sign_in_code(
        &self,
        hash: &str,
        browser_hash: &str,
        user_id: UserId,
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        let insert = "INSERT INTO sign_in_codes (hash, browser_hash, user_id, expires) VALUES ($1, $2, $3, $4)";
        writing!(self, |tx| {
            run!(&mut *tx, "DELETE FROM sign_in_codes WHERE expires <= $1", now_ms);
            run!(&mut *tx, insert, hash, browser_hash, user_id.to_string(), expires_ms)
        });
        Ok(())
    }

    /// Whose code (a hash) this is; it is used up, also by another browser than its own.
    ///
    /// # Errors
    /// Only ours.
    pub async fn take_sign_in_code(
        &self,
        hash: &str,
        browser_hash: &str,
        now_ms: i64,
    ) -> Result<Option<UserId>, Error> {
        let take = "DELETE FROM sign_in_codes WHERE hash = $1 AND expires > $2 RETURNING user_id, browser_hash";
        let row: Option<(String, String)> = writing!(self, |tx| row!(&mut *tx, take, hash, now_ms));
        let own = row.filter(|(_, browser)| browser == browser_hash);
        own.map(|(user_id, _)| decoded("sign_in_codes.user_id", &user_id)).transpose()
    }

    /// The user that an identity was linked to.
    ///
    /// # Errors
    /// Only ours.
    pub async fn user_by_identity(&self, identity: Identity<'_>) -> Result<Option<User>, Error> {
        let select = "SELECT users.* FROM users JOIN identities ON identities.user_id = users.id
            WHERE provider = $1 AND subject = $2";
        let Identity { provider, subject } = identity;
        let row: Option<UserRow> = reading!(self, |db| row!(db, select, provider, subject));
        Ok(row.map(UserRow::user).transpose()?.map(|(user, _)| user))
    }

    /// Links an identity whose provider has proven the user's e-mail address. If nobody had proven it before, whoever
    /// registered with it need not be its owner: their password, identities and sign-ins end, and are answered.
    ///
    /// # Errors
    /// `Taken("identity")` if it is somebody else's meanwhile.
    pub async fn link_identity(&self, user_id: UserId, identity: Identity<'_>, now_ms: i64) -> Result<Ended, Error> {
        let (Identity { provider, subject }, user_id) = (identity, user_id.to_string());
        writing!(self, |tx| {
            let ended = match prove_email!(&mut *tx, &user_id, now_ms) {
                Some(keys) => Ended { families: end_sign_ins!(&mut *tx, &user_id, NO_FAMILY, now_ms), keys },
                None => Ended::default(),
            };
            if run!(&mut *tx, ADD_IDENTITY, provider, subject, &user_id, now_ms) == 0 {
                return Err(Error::Taken("identity"));
            }
            Ok(ended)
        })
    }
}
