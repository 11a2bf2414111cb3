//! Who calls: passwords, access tokens, opaque tokens, and how often one may guess.
//!
//! Knows no database and no transport: what is stored, and when, is for the operations to say. The time is an
//! argument everywhere.

pub mod key;
mod password;
mod throttle;
mod token;

use std::path::Path;

use vizroom_protocol::Error;
use vizroom_protocol::id::{KeyId, TenantId, UserId};
use vizroom_protocol::operation::Key;

pub use password::Turn;
pub use token::{ACCESS_SECONDS, Opaque, random_word};

use key::Keys;
use password::Passwords;
use throttle::Throttle;
use token::AccessTokens;

/// Who asks, as their credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user_id: UserId,
    pub tenant_id: TenantId,
    pub name: String,
    pub email: String,
    /// Everything that came of one sign-in shares it; revoked together.
    pub family: String,
    /// Milliseconds since 1970.
    pub expires_at_ms: i64,
    pub grant: Grant,
}

/// How far a credential reaches: never beyond what its user may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Somebody signed in: all of it.
    Session,
    Key {
        id: KeyId,
        scopes: Vec<Key>,
    },
}

impl Grant {
    /// Whether it reaches to what needs `key`.
    pub fn covers(&self, key: Key) -> bool {
        match self {
            Grant::Session => true,
            Grant::Key { scopes, .. } => scopes.contains(&key),
        }
    }

    /// The same as an error.
    ///
    /// # Errors
    /// `FORBIDDEN`, naming what is missing.
    pub fn check(&self, key: Key) -> Result<(), Error> {
        let scope = format!("{key:?}").to_lowercase();
        self.covers(key)
            .then_some(())
            .ok_or_else(|| Error::forbidden(format!("this needs a key with the scope {scope}")))
    }
}

/// Passwords, access tokens, API keys and the login throttle, with their state.
#[derive(Debug)]
pub struct Auth {
    pub passwords: Passwords,
    pub tokens: AccessTokens,
    pub keys: Keys,
    pub logins: Throttle,
}

impl Auth {
    /// Reads the signing key `secret.key` in `data_dir`, or makes it (readable by its owner only).
    ///
    /// # Errors
    /// If it can be neither read nor made, or holds something else than a key.
    pub fn open(data_dir: &Path) -> std::io::Result<Self> {
        let key = token::load_or_make_key(&data_dir.join("secret.key"))?;
        Ok(Self {
            passwords: Passwords::default(),
            tokens: AccessTokens::new(&key),
            keys: Keys::default(),
            logins: Throttle::default(),
        })
    }
}
