//! What the callbacks of a tenant are signed with.

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::callback::{SetSecret, Settings};

use super::valid;
use crate::bus::Ctx;
use crate::clock::rfc3339;
use crate::generation::CALLBACK_SECRET;

/// `callback.settings`
pub(super) async fn settings(ctx: Ctx, _: Empty) -> Result<Settings, Error> {
    let set_ms = ctx.app.store.callback_secret(ctx.caller()?.tenant_id).await?.map(|(_, set_ms)| set_ms);
    Ok(Settings { has_secret: set_ms.is_some(), set_at: set_ms.map(rfc3339) })
}

/// `callback.set_secret`
pub(super) async fn set_secret(ctx: Ctx, input: SetSecret) -> Result<Settings, Error> {
    if let Some(secret) = &input.secret {
        valid::length("secret", secret, *CALLBACK_SECRET.start(), *CALLBACK_SECRET.end())?;
    }
    let caller = ctx.caller()?;
    if !ctx.app.store.owns_tenant(caller.user_id).await? {
        return Err(Error::forbidden("only who registered the tenant says what its callbacks are signed with"));
    }
    let now_ms = ctx.app.clock.now_ms();
    ctx.app.store.set_callback_secret(caller.tenant_id, input.secret.as_deref(), now_ms).await?;
    settings(ctx, Empty {}).await
}
