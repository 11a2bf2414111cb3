//! What users prefer.

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::settings::{Settings, Update};

use crate::bus::Ctx;

/// `settings.get`
pub(super) async fn get(ctx: Ctx, _: Empty) -> Result<Settings, Error> {
    Ok(ctx.app.store.settings(ctx.caller()?.user_id).await?)
}

/// `settings.update`
pub(super) async fn update(ctx: Ctx, input: Update) -> Result<Settings, Error> {
    Ok(ctx.app.store.update_settings(ctx.caller()?.user_id, &input.settings).await?)
}
