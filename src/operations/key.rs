//! API keys.

use uuid::Uuid;
use vizroom_protocol::account::Empty;
use vizroom_protocol::id::KeyId;
use vizroom_protocol::key::{Create, Created, Listed, Revoke};
use vizroom_protocol::{Code, Error};

use super::valid;
use crate::auth::key;
use crate::bus::Ctx;
use crate::store::NewKey;

const NAME_MAX: usize = 100;
/// Keys of one user.
const KEYS_MAX: usize = 100;

/// `key.create`
pub(super) async fn create(ctx: Ctx, input: Create) -> Result<Created, Error> {
    let (caller, now_ms) = (ctx.caller()?, ctx.app.clock.now_ms());
    let name = valid::name("name", &input.name, NAME_MAX)?;
    let mut scopes = Vec::new();
    for scope in input.scopes {
        caller.grant.check(scope)?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(Error::invalid("scopes", "at least one"));
    }
    let expires_ms = input.expires_at.map(|text| valid::moment("expires_at", &text)).transpose()?;
    if expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
        return Err(Error::invalid("expires_at", "must be in the future"));
    }
    if ctx.app.store.keys_of(caller.user_id).await?.len() >= KEYS_MAX {
        return Err(Error::new(Code::Conflict, format!("a user has at most {KEYS_MAX} keys: revoke one first")));
    }
    let secret = key::secret();
    let (id, prefix) = (KeyId(Uuid::now_v7()), key::shown(&secret.token));
    let new = NewKey { id, hash: secret.hash, user_id: caller.user_id, name, prefix, scopes, expires_ms };
    Ok(Created { about: ctx.app.store.add_key(&new, now_ms).await?, key: secret.token })
}

/// `key.list`
pub(super) async fn list(ctx: Ctx, _: Empty) -> Result<Listed, Error> {
    Ok(Listed { keys: ctx.app.store.keys_of(ctx.caller()?.user_id).await? })
}

/// `key.revoke`
pub(super) async fn revoke(ctx: Ctx, input: Revoke) -> Result<Empty, Error> {
    ctx.app.store.revoke_key(ctx.caller()?.user_id, input.key_id).await?;
    ctx.app.revoke(key::family(input.key_id));
    Ok(Empty {})
}
