//! Tokens: signed ones that are read without asking the store, and opaque ones that only the store knows.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vizroom_protocol::account::User;
use vizroom_protocol::id::{DashboardId, LinkId, TenantId, UserId};
use vizroom_protocol::{Code, Error};

use super::{Caller, Grant};

/// Life of an access token.
pub const ACCESS_SECONDS: u64 = 15 * 60;
const ACCESS_MS: i64 = 1000 * ACCESS_SECONDS as i64;
const KEY_BYTES: usize = 32;

/// What an access token says; times in seconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    user_id: UserId,
    tenant_id: TenantId,
    name: String,
    email: String,
    scope: String,
    exp: i64,
    iat: i64,
    jti: String,
    /// The refresh family.
    fam: String,
    /// Of a viewer only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    view: Option<View>,
}

/// What a viewer may look at.
#[derive(Debug, Serialize, Deserialize)]
struct View {
    dashboard: DashboardId,
    link: LinkId,
}

/// Issues and reads access tokens (JWT, HS256), and knows which of them were revoked before their time.
pub struct AccessTokens {
    sign: EncodingKey,
    verify: DecodingKey,
    rules: Validation,
    /// Revoked families, until when their last access token expires. Held for a few instructions.
    revoked: Mutex<HashMap<String, i64>>,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Tokens signed with `key`.
    pub fn new(key: &[u8]) -> Self {
        super::crypto::install();
        let mut rules = Validation::new(Algorithm::HS256);
        // The library asks the machine's clock; `caller` asks ours.
        rules.validate_exp = false;
        rules.set_required_spec_claims(&["exp"]);
        Self {
            sign: EncodingKey::from_secret(key),
            verify: DecodingKey::from_secret(key),
            rules,
            revoked: Mutex::default(),
        }
    }

    /// An access token for `user`, good for [`ACCESS_SECONDS`].
    ///
    /// # Errors
    /// Only ours.
    pub fn issue(&self, user: &User, family: &str, now_ms: i64) -> Result<String, Error> {
        let claims = Claims {
            sub: user.id,
            user_id: user.id,
            tenant_id: user.tenant_id,
            name: user.name.clone(),
            email: user.email.clone(),
            scope: "user".into(),
            exp: (now_ms + ACCESS_MS) / 1000,
            iat: now_ms / 1000,
            jti: random_word::<16>(),
            fam: family.to_owned(),
            view: None,
        };
        self.signed(&claims)
    }

    /// A viewer token, good until `expires_ms`. `family` is what it is revoked by.
    ///
    /// # Errors
    /// Only ours.
    pub fn issue_viewer(
        &self,
        dashboard: DashboardId,
        link: LinkId,
        family: &str,
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<String, Error> {
        self.signed(&Claims {
            sub: UserId(link.0),
            user_id: UserId(link.0),
            tenant_id: TenantId(link.0),
            name: "Viewer".into(),
            email: String::new(),
            scope: "viewer".into(),
            exp: expires_ms / 1000,
            iat: now_ms / 1000,
            jti: random_word::<16>(),
            fam: family.to_owned(),
            view: Some(View { dashboard, link }),
        })
    }

    fn signed(&self, claims: &Claims) -> Result<String, Error> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.sign)
            .map_err(|e| Error::new(Code::InternalError, format!("signing a token: {e}")))
    }

    /// Who presents `token`.
    ///
    /// # Errors
    /// `UNAUTHORIZED` if it is not ours, expired or revoked.
    pub fn caller(&self, token: &str, now_ms: i64) -> Result<Caller, Error> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verify, &self.rules)
            .map_err(|_| Error::unauthorized("the access token is not valid"))?
            .claims;
        let expires_at_ms = claims.exp.saturating_mul(1000);
        if now_ms >= expires_at_ms {
            return Err(Error::unauthorized("the access token has expired"));
        }
        if self.is_revoked(&claims.fam) {
            return Err(Error::unauthorized("the access token was revoked"));
        }
        let Claims { user_id, tenant_id, name, email, fam: family, view, .. } = claims;
        let grant = view.map_or(Grant::Session, |View { dashboard, link }| Grant::Viewer { dashboard, link });
        Ok(Caller { user_id, tenant_id, name, email, family: family.into(), expires_at_ms, grant })
    }

    /// Whether a family was revoked so lately that an access token of it may not have expired.
    pub fn is_revoked(&self, family: &str) -> bool {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).contains_key(family)
    }

    /// Refuses, from now on, the access tokens of a family revoked at `revoked_ms`. Forgotten once they have expired.
    pub fn revoke(&self, family: String, revoked_ms: i64, now_ms: i64) {
        let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, until_ms| now_ms < *until_ms);
        revoked.insert(family, revoked_ms + ACCESS_MS);
    }
}

/// A token that says nothing; only its hash is stored.
#[derive(Debug, Clone)]
pub struct Opaque {
    /// For its owner.
    pub token: String,
    /// For the store.
    pub hash: String,
}

impl Opaque {
    /// A new one of 32 random bytes.
    pub fn new() -> Self {
        let token = random_word::<32>();
        Self { hash: Self::hash(&token), token }
    }

    /// What the store knows a token by. A fast hash is enough: nobody guesses 32 random bytes.
    pub fn hash(token: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(token))
    }
}

impl Default for Opaque {
    fn default() -> Self {
        Self::new()
    }
}

/// `BYTES` random bytes as text for URLs.
///
/// # Panics
/// If the operating system has no randomness to give: nothing safe can be done then.
pub fn random_word<const BYTES: usize>() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<BYTES>())
}

/// `length` random letters and digits, all small: 5.17 bits each.
///
/// # Panics
/// As [`random_word`].
pub fn random_letters(length: usize) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    // A byte above the last whole multiple of 36 would make the first letters likelier.
    let bytes = std::iter::repeat_with(random_bytes::<32>).flatten().filter(|byte| *byte < 252);
    bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).take(length).collect()
}

pub(super) fn random_bytes<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// The key in `path`, made there at first.
pub(super) fn load_or_make_key(path: &Path) -> io::Result<Vec<u8>> {
    let key = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let key = random_bytes::<KEY_BYTES>().to_vec();
            file.write_all(&key)?;
            file.sync_all()?;
            key
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => fs::read(path)?,
        Err(e) => return Err(e),
    };
    if key.len() == KEY_BYTES {
        Ok(key)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} is not a key of {KEY_BYTES} bytes", path.display())))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use uuid::Uuid;

    use super::*;

    fn user() -> User {
        User {
            id: UserId(Uuid::from_u128(1)),
            tenant_id: TenantId(Uuid::from_u128(2)),
            email: "ada@example.com".into(),
            name: "Ada".into(),
            created_at: String::new(),
        }
    }

    #[test]
    fn a_token_says_who_until_it_expires() {
        let tokens = AccessTokens::new(&[7; 32]);
        let token = tokens.issue(&user(), "fam", 10_000).unwrap();
        let caller = tokens.caller(&token, 10_000 + ACCESS_MS - 1).unwrap();
        assert_eq!((caller.user_id, caller.tenant_id), (user().id, user().tenant_id));
        assert_eq!((&*caller.family, caller.expires_at_ms), ("fam", 10_000 + ACCESS_MS));
        let error = tokens.caller(&token, 10_000 + ACCESS_MS).unwrap_err();
        assert!(error.message.contains("expired"), "{error}");
    }

    #[test]
    fn other_keys_algorithms_and_shapes_are_refused() {
        let tokens = AccessTokens::new(&[7; 32]);
        let good = tokens.issue(&user(), "fam", 0).unwrap();
        let other = AccessTokens::new(&[8; 32]).issue(&user(), "fam", 0).unwrap();
        let body = good.split('.').nth(1).unwrap();
        let unsigned = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
        let upgraded = {
            let signed = format!("{}.{body}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS512","typ":"JWT"}"#));
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA512, &[7; 32]);
            let signature = URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, signed.as_bytes()));
            format!("{signed}.{signature}")
        };
        for bad in [other.as_str(), &unsigned, &upgraded, "", "a.b.c", &good[..good.len() - 2]] {
            assert_eq!(tokens.caller(bad, 0).unwrap_err().code, Code::Unauthorized, "{bad}");
        }
    }

    #[test]
    fn a_revoked_family_is_refused_at_once_and_forgotten_in_time() {
        let tokens = AccessTokens::new(&[7; 32]);
        let token = tokens.issue(&user(), "fam", 0).unwrap();
        tokens.revoke("fam".into(), 0, 0);
        assert_eq!(tokens.caller(&token, 0).unwrap_err().code, Code::Unauthorized);
        tokens.revoke("later".into(), ACCESS_MS, ACCESS_MS);
        assert_eq!(tokens.revoked.lock().unwrap().len(), 1);
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let key = load_or_make_key(&path).unwrap();
        assert_eq!(load_or_make_key(&path).unwrap(), key);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "short").unwrap();
        assert_eq!(load_or_make_key(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
