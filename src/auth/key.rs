//! API keys: `vizroom_` and 32 random bytes in base 62, of which only a hash is stored.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use vizroom_protocol::id::KeyId;

use super::token::random_bytes;
use super::{Caller, Opaque};

/// How every key begins.
const PREFIX: &str = "vizroom_";
/// What of it a list shows: enough to tell keys apart, too little to guess the rest.
const SHOWN_CHARACTERS: usize = PREFIX.len() + 4;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits that 32 bytes need at most.
const DIGITS_MAX: usize = 43;
/// Keys remembered; beyond, all are forgotten and asked for again.
const KNOWN_MAX: usize = 10_000;
/// So long the store is not asked again whether a key is still good: another process may have revoked it.
const KNOWN_MS: i64 = 60_000;
/// That a key was used is written at most this often.
const TOUCH_MS: i64 = 60_000;

/// Whether a credential is a key rather than an access token.
pub fn is_key(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// What all that a key opens is revoked by, as refresh families are.
pub fn family(id: KeyId) -> String {
    format!("key:{id}")
}

/// A new key.
pub fn secret() -> Opaque {
    let token = format!("{PREFIX}{}", base62(random_bytes::<32>()));
    Opaque { hash: Opaque::hash(&token), token }
}

/// How a key begins.
pub fn shown(token: &str) -> String {
    token.chars().take(SHOWN_CHARACTERS).collect()
}

fn base62(mut number: [u8; 32]) -> String {
    let mut digits = [DIGITS[0]; DIGITS_MAX];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest << 8 | u32::from(*byte);
            // The quotient of a value below 62 × 256 by 62 is a byte.
            (*byte, rest) = ((value / 62) as u8, value % 62);
        }
        *digit = DIGITS[rest as usize];
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// Keys in use, so that the store is not asked for each call.
#[derive(Debug, Default)]
pub struct Keys {
    // Held for a few instructions, never across an await.
    known: Mutex<HashMap<String, Known>>,
    /// Counts revocations.
    revocations: AtomicU64,
}

#[derive(Debug)]
struct Known {
    caller: Caller,
    /// When the store said so.
    since_ms: i64,
    /// When its use was last written down.
    touched_ms: i64,
}

impl Keys {
    /// Who presents the key with this hash, if the store has said so lately; and whether it is time to write down
    /// that it is used.
    pub fn find(&self, hash: &str, now_ms: i64) -> Option<(Caller, bool)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = known.get_mut(hash).filter(|key| now_ms - key.since_ms < KNOWN_MS)?;
        let touch = now_ms - key.touched_ms >= TOUCH_MS;
        if touch {
            key.touched_ms = now_ms;
        }
        Some((key.caller.clone(), touch))
    }

    /// How often keys were revoked: to be asked for before the store is asked for a key.
    pub fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::SeqCst)
    }

    /// Remembers what the store said after `revocations` revocations, unless there have been more since. Whether it is
    /// time to write down that the key is used.
    pub fn remember(&self, hash: String, caller: Caller, revocations: u64, now_ms: i64) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.revocations() != revocations {
            return false;
        }
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        let touched_ms = known.get(&hash).map_or(i64::MIN / 2, |key| key.touched_ms);
        let touch = now_ms - touched_ms >= TOUCH_MS;
        known.insert(hash, Known { caller, since_ms: now_ms, touched_ms: if touch { now_ms } else { touched_ms } });
        touch
    }

    /// Must be called after a key has been deleted from the store, with its family: from here on it is not good.
    pub fn forget(&self, family: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.revocations.fetch_add(1, Ordering::SeqCst);
        known.retain(|_, key| *key.caller.family != *family);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vizroom_protocol::id::{TenantId, UserId};
    use vizroom_protocol::operation::Key;

    use super::*;
    use crate::auth::Grant;

    fn caller(id: KeyId) -> Caller {
        Caller {
            user_id: UserId(Uuid::nil()),
            tenant_id: TenantId(Uuid::nil()),
            name: String::new(),
            email: String::new(),
            family: family(id).into(),
            expires_at_ms: i64::MAX,
            grant: Grant::Key { id, scopes: vec![Key::Read] },
        }
    }

    #[test]
    fn base_62_is_a_number_written_down() {
        assert_eq!(base62([0; 32]), "0".repeat(43));
        let mut small = [0; 32];
        (small[30], small[31]) = (1, 2);
        assert_eq!(base62(small), format!("{}4A", "0".repeat(41)), "258 is 4 × 62 + 10");
        assert_eq!(base62([255; 32]).trim_start_matches('0').len(), DIGITS_MAX, "the largest fits");
    }

    #[test]
    fn a_key_is_new_and_starts_as_it_should() {
        let (one, two) = (secret(), secret());
        assert_ne!(one.token, two.token);
        assert_eq!((one.token.len(), shown(&one.token).len()), (PREFIX.len() + 43, 12));
        assert!(is_key(&one.token) && one.token[8..].bytes().all(|b| b.is_ascii_alphanumeric()));
    }

    #[test]
    fn a_revoked_key_is_forgotten_also_where_it_was_just_asked_for() {
        let (keys, id) = (Keys::default(), KeyId(Uuid::from_u128(1)));
        let before = keys.revocations();
        assert!(keys.remember("h".into(), caller(id), before, 0), "its first use is written down");
        assert_eq!(keys.find("h", 1), Some((caller(id), false)));
        assert!(keys.find("h", KNOWN_MS).is_none(), "the store is asked again");
        assert!(!keys.remember("h".into(), caller(id), before, TOUCH_MS - 1));
        keys.forget(&family(id));
        assert!(keys.find("h", 1).is_none());
        keys.remember("h".into(), caller(id), before, 2);
        assert!(keys.find("h", 2).is_none(), "the store was asked before the revocation");
    }
}
