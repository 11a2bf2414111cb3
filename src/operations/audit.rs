//! What was done in a tenant.

use vizroom_protocol::Error;
use vizroom_protocol::audit::{List, Listed};

use crate::bus::Ctx;

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 500;

/// `audit.list`
pub(super) async fn list(ctx: Ctx, input: List) -> Result<Listed, Error> {
    let caller = ctx.caller()?;
    let limit = input.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Error::invalid("limit", format!("1 to {LIMIT_MAX}")));
    }
    if !ctx.app.store.owns_tenant(caller.user_id).await? {
        return Err(Error::forbidden("only who registered the tenant sees what was done in it"));
    }
    let (lines, more) = ctx.app.store.audit(caller.tenant_id, input.before, limit as usize).await?;
    Ok(Listed { lines, more })
}
