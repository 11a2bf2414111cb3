//! Dashboards: made from a sentence, changed by another, drilled into together.

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::dashboard::{
    ById, Cancel, Dashboard, Filter, Generate, Generating, List, Listed, Refine, Refined,
};

use crate::bus::Ctx;

/// Dashboards in one answer.
const LISTED_MAX: usize = 1_000;

/// `dashboard.generate`
pub(super) async fn generate(ctx: Ctx, input: Generate) -> Result<Generating, Error> {
    ctx.app.generations.start(ctx.caller()?, input).await
}

/// `dashboard.refine`
pub(super) async fn refine(ctx: Ctx, input: Refine) -> Result<Refined, Error> {
    ctx.app.generations.refine(&ctx.actor()?, input).await
}

/// `dashboard.filter`
pub(super) async fn filter(ctx: Ctx, input: Filter) -> Result<Dashboard, Error> {
    ctx.app.generations.filter(&ctx.actor()?, input).await
}

/// `dashboard.cancel`
pub(super) async fn cancel(ctx: Ctx, input: Cancel) -> Result<Empty, Error> {
    ctx.app.generations.cancel(input.session_id);
    Ok(Empty {})
}

/// `dashboard.list`
pub(super) async fn list(ctx: Ctx, input: List) -> Result<Listed, Error> {
    let dashboards = match input.room_id {
        Some(room_id) => ctx.app.store.dashboards_of_room(room_id, LISTED_MAX).await?,
        None => ctx.app.store.dashboards_of_user(ctx.caller()?.user_id, LISTED_MAX).await?,
    };
    Ok(Listed { dashboards })
}

/// `dashboard.get`
pub(super) async fn get(ctx: Ctx, input: ById) -> Result<Dashboard, Error> {
    let row = ctx.app.store.dashboard(input.dashboard_id).await?;
    row.map(|row| row.dashboard).ok_or_else(|| Error::not_found("dashboard"))
}

/// `dashboard.delete`
pub(super) async fn delete(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    ctx.app.generations.delete(&ctx.actor()?, input.dashboard_id).await?;
    Ok(Empty {})
}
