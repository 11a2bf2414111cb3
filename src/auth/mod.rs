//! Who calls: passwords, access tokens, opaque tokens, and how often one may guess.
//!
//! Knows no database and no transport: what is stored, and when, is for the operations to say. The time is an
//! argument everywhere.

pub mod crypto;
pub mod key;
pub mod oauth;
mod password;
pub mod seal;
pub mod throttle;
mod token;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use vizroom_protocol::Error;
use vizroom_protocol::id::{DashboardId, KeyId, LinkId, TenantId, UserId};
use vizroom_protocol::operation::Key;

pub use password::Turn;
pub use token::{ACCESS_SECONDS, Opaque, random_letters, random_word};

use key::Keys;
use password::Passwords;
use throttle::{Rule, Throttle};
use token::AccessTokens;

/// Mails to people who forgot their password being prepared at once; further ones are not sent.
const RECOVERIES_MAX: usize = 64;

/// Who asks, as their credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user_id: UserId,
    pub tenant_id: TenantId,
    pub name: String,
    pub email: String,
    /// Everything that came of one sign-in shares it; revoked together.
    pub family: Arc<str>,
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
    /// Somebody who came by a public link: that dashboard, and nothing else; see the bus. They are nobody: `user_id` and
    /// `tenant_id` are made of the link's id, so that nothing is theirs, and what they spend is the link's.
    Viewer {
        dashboard: DashboardId,
        link: LinkId,
    },
}

impl Grant {
    /// Whether it reaches to what needs `key`.
    pub fn covers(&self, key: Key) -> bool {
        match self {
            Grant::Session | Grant::Viewer { .. } => true,
            Grant::Key { scopes, .. } => scopes.contains(&key),
        }
    }

    /// The same as an error.
    ///
    /// # Errors
    /// `FORBIDDEN`, naming what is missing.
    pub fn check(&self, key: Key) -> Result<(), Error> {
        if self.covers(key) {
            return Ok(());
        }
        let scope = format!("{key:?}").to_lowercase();
        Err(Error::forbidden(format!("this needs a key with the scope {scope}")))
    }
}

/// Passwords, access tokens, API keys and the login throttle, with their state.
#[derive(Debug)]
pub struct Auth {
    pub passwords: Passwords,
    pub tokens: AccessTokens,
    pub keys: Keys,
    /// Failed logins, by e-mail address.
    pub logins: Throttle,
    /// Failed logins, by [`source`].
    pub sources: Throttle,
    /// Mails asked for, by e-mail address.
    pub mails: Throttle,
    /// What costs us something before anybody has said who they are, by [`source`].
    pub beginnings: Throttle,
    /// Mails being prepared: so many at once, and no more.
    pub recoveries: Arc<Semaphore>,
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
        let of = |times_max| Throttle::new(Rule { times_max, ..throttle::GUESSES });
        Self { here: of(10), slugs: of(1_000), places: of(100) }
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
            keys: Keys::default(),
            logins: Throttle::new(throttle::LOGINS),
            sources: Throttle::new(throttle::SOURCES),
            mails: Throttle::new(throttle::MAILS),
            beginnings: Throttle::new(throttle::BEGINNINGS),
            recoveries: Arc::new(Semaphore::new(RECOVERIES_MAX)),
            guesses: Guesses::default(),
        })
    }
}

/// What somebody guesses from: an address, or where whoever has one of IPv6 has 2⁶⁴ of them, its network.
pub fn source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => v6.segments()[..4].iter().map(|segment| format!("{segment:x}:")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_network_are_one_source() {
        let of = |address: &str| source(address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
        assert_eq!(of("10.0.0.1"), of("::ffff:10.0.0.1"));
    }
}
