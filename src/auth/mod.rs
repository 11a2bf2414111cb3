//! Who calls: passwords, access tokens, opaque tokens, and how often one may guess.
//!
//! Knows no database and no transport: what is stored, and when, is for the operations to say. The time is an
//! argument everywhere.

mod password;
mod throttle;
mod token;

use std::path::Path;

use vizroom_protocol::id::{DashboardId, LinkId, TenantId, UserId};

pub use password::Turn;
pub use token::{ACCESS_SECONDS, Opaque, random_letters, random_word};

use password::Passwords;
use throttle::Throttle;
use token::AccessTokens;

/// Who asks, as their access token says.
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

/// What a caller's credential lets them do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// They signed in themselves: whatever they may.
    Session,
    /// Somebody who came by a public link. They are nobody: `user_id` and `tenant_id` are made of the link's id, so
    /// that nothing is theirs, and what they spend is the link's.
    Viewer { dashboard: DashboardId, link: LinkId },
}

/// Passwords, access tokens and the login throttle, with their state.
#[derive(Debug)]
pub struct Auth {
    pub passwords: Passwords,
    pub tokens: AccessTokens,
    pub logins: Throttle,
    pub guesses: Guesses,
}

/// Failed attempts to open a public link.
#[derive(Debug)]
pub struct Guesses {
    /// Wrong passwords of one slug from one place.
    pub here: Throttle,
    /// Wrong passwords of one slug, wherever from.
    pub slugs: Throttle,
    /// Wrong passwords and slugs that lead nowhere, from one place: many people may share it.
    pub places: Throttle,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { here: Throttle::default(), slugs: Throttle::of(1_000), places: Throttle::of(100) }
    }
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
            logins: Throttle::default(),
            guesses: Guesses::default(),
        })
    }
}
