//! Dashboards: made from a sentence, changed by another, drilled into together.

use vizroom_protocol::account::Empty;
use vizroom_protocol::dashboard::{
    AddPanel, Arrange, ById, Cancel, Changes, Copy, Create, Dashboard, Filter, Generate, Generating, List, Listed,
    Paneled, Process, Processed, Refine, Refined, RemovePanel, RowsOf, Save, Share, Shared, Since, Start, Unshare,
    Update, UpdatePanel,
};
use vizroom_protocol::file::Table;
use vizroom_protocol::id::{DashboardId, FileId};
use vizroom_protocol::room::Role;
use vizroom_protocol::{Code, Error};

use super::valid;
use crate::bus::Ctx;
use crate::publishing::log_of;
use crate::room::{hub, lock};

/// Dashboards in one answer.
const LISTED_MAX: usize = 1_000;
/// People that one dashboard is shared with.
const SHARES_MAX: usize = 1_000;

/// `dashboard.generate`
pub(super) async fn generate(ctx: Ctx, input: Generate) -> Result<Generating, Error> {
    ctx.app.generations.start(ctx.caller()?, input).await
}

/// What a dashboard asks of a database, only those of its tenant say: a guest sees what is shown. (Files are linked to
/// the room, for all who are in it; a data connection is not.)
async fn at_home(ctx: &Ctx, id: DashboardId) -> Result<(), Error> {
    let tenant_id = ctx.caller()?.tenant_id;
    if ctx.app.store.place_of_dashboard(id).await?.is_none_or(|place| place.tenant_id == tenant_id) {
        return Ok(());
    }
    match ctx.app.store.dashboard(id).await? {
        Some(row) if row.dashboard.connection.is_some() => {
            Err(Error::forbidden("this dashboard reads a database of another tenant, whose people say what it asks"))
        }
        _ => Ok(()),
    }
}

/// `dashboard.refine`
pub(super) async fn refine(ctx: Ctx, input: Refine) -> Result<Refined, Error> {
    at_home(&ctx, input.session_id).await?;
    ctx.app.generations.refine(&ctx.actor()?, input).await
}

/// `dashboard.filter`
pub(super) async fn filter(ctx: Ctx, input: Filter) -> Result<Dashboard, Error> {
    at_home(&ctx, input.session_id).await?;
    ctx.app.generations.filter(&ctx.actor()?, input).await
}

/// `dashboard.cancel`
pub(super) async fn cancel(ctx: Ctx, input: Cancel) -> Result<Empty, Error> {
    ctx.app.generations.cancel(input.session_id);
    Ok(Empty {})
}

/// `dashboard.list`
pub(super) async fn list(ctx: Ctx, input: List) -> Result<Listed, Error> {
    let now_ms = ctx.app.clock.now_ms();
    let dashboards = match input.room_id {
        Some(room_id) => ctx.app.store.dashboards_of_room(room_id, LISTED_MAX, now_ms).await?,
        None => ctx.app.store.dashboards_of_user(ctx.caller()?.user_id, LISTED_MAX, now_ms).await?,
    };
    Ok(Listed { dashboards })
}

/// `dashboard.get`
pub(super) async fn get(ctx: Ctx, input: ById) -> Result<Dashboard, Error> {
    let row = ctx.app.store.dashboard(input.dashboard_id).await?;
    let mut dashboard = row.ok_or_else(|| Error::not_found("dashboard"))?.dashboard;
    let mut files: Vec<FileId> = dashboard.origins.iter().map(|origin| origin.file_id).collect();
    files.sort_unstable();
    files.dedup();
    let deleted = ctx.app.store.deleted_of(&files).await?;
    let missing = dashboard.origins.iter().filter(|origin| deleted.contains(&origin.file_id));
    dashboard.missing_tables = missing.map(|origin| origin.table.clone()).collect();
    Ok(dashboard)
}

/// `dashboard.rows`
pub(super) async fn rows(ctx: Ctx, input: RowsOf) -> Result<Table, Error> {
    ctx.app.generations.rows(input).await
}

/// `dashboard.process`
pub(super) async fn process(ctx: Ctx, input: Process) -> Result<Processed, Error> {
    if let Some(id) = input.session_id {
        at_home(&ctx, id).await?;
    }
    ctx.app.generations.process(ctx.caller()?, input).await
}

/// `dashboard.create`
pub(super) async fn create(ctx: Ctx, input: Create) -> Result<Dashboard, Error> {
    ctx.app.generations.create(ctx.caller()?, input).await
}

/// `dashboard.update`
pub(super) async fn update(ctx: Ctx, input: Update) -> Result<Dashboard, Error> {
    ctx.app.generations.update(&ctx.actor()?, input).await
}

/// `dashboard.layout`
pub(super) async fn layout(ctx: Ctx, input: Arrange) -> Result<Dashboard, Error> {
    ctx.app.generations.arrange(&ctx.actor()?, input).await
}

/// `dashboard.add_panel`
pub(super) async fn add_panel(ctx: Ctx, input: AddPanel) -> Result<Paneled, Error> {
    at_home(&ctx, input.dashboard_id).await?;
    ctx.app.generations.add_panel(&ctx.actor()?, input).await
}

/// `dashboard.update_panel`
pub(super) async fn update_panel(ctx: Ctx, input: UpdatePanel) -> Result<Paneled, Error> {
    at_home(&ctx, input.dashboard_id).await?;
    ctx.app.generations.update_panel(&ctx.actor()?, input).await
}

/// `dashboard.remove_panel`
pub(super) async fn remove_panel(ctx: Ctx, input: RemovePanel) -> Result<Dashboard, Error> {
    ctx.app.generations.remove_panel(&ctx.actor()?, input).await
}

/// `dashboard.start`: a refresh, for whoever wants to see what came of it.
pub(super) async fn start(ctx: Ctx, input: Start) -> Result<Dashboard, Error> {
    let id = input.dashboard_id;
    ctx.app.generations.expect(id, input.base_revision).await?;
    match ctx.app.refreshing.now(&ctx.actor()?, id).await {
        // The rows of a deleted file are all that there will be; the dashboard says which these are.
        Err(error) if error.code != Code::NotFound => Err(error),
        _ => get(ctx, ById { dashboard_id: id }).await,
    }
}

/// `dashboard.clone`: it stays in the room of whoever may change things there.
pub(super) async fn copy(ctx: Ctx, input: Copy) -> Result<Dashboard, Error> {
    let caller = ctx.caller()?;
    let place = ctx.app.store.place_of_dashboard(input.dashboard_id).await?;
    let in_room = match place.and_then(|place| place.room_id) {
        Some(room_id) => ctx.app.role(room_id, caller.user_id).await?,
        None => None,
    };
    let stays = in_room.is_some_and(|role| role.covers(Role::Editor));
    ctx.app.generations.copy(caller, input, stays).await
}

/// `dashboard.save`
pub(super) async fn save(ctx: Ctx, input: Save) -> Result<Dashboard, Error> {
    ctx.app.generations.keep(ctx.caller()?, input).await
}

/// `dashboard.changes`
pub(super) async fn changes(ctx: Ctx, input: Since) -> Result<Changes, Error> {
    let changes = ctx.app.store.changes_of_dashboard(input.dashboard_id, input.since.unwrap_or(0)).await?;
    Ok(Changes { changes })
}

/// `dashboard.share`: the same answer for an address nobody has as for one of another tenant.
pub(super) async fn share(ctx: Ctx, input: Share) -> Result<Shared, Error> {
    let (store, id) = (&ctx.app.store, input.dashboard_id);
    if !matches!(input.role, Role::Viewer | Role::Editor) {
        return Err(Error::invalid("role", "viewer or editor"));
    }
    let place = store.place_of_dashboard(id).await?.ok_or_else(|| Error::not_found("dashboard"))?;
    let (field, found) = match (input.user_id, &input.email) {
        (Some(user_id), None) => ("user_id", store.user(user_id).await?),
        (None, Some(email)) => {
            let email = valid::email("email", email)?;
            ("email", store.user_by_email(&email).await?.map(|(user, _)| user))
        }
        _ => return Err(Error::invalid("user_id", "name the person by either `user_id` or `email`")),
    };
    let missing = || Error { field: Some(field.into()), ..Error::not_found("user") };
    let user = found.ok_or_else(missing)?;
    let known = match place.room_id {
        _ if user.tenant_id == place.tenant_id => true,
        Some(room_id) => ctx.app.role(room_id, user.id).await?.is_some(),
        None => false,
    };
    if !known {
        return Err(missing());
    }
    if !store.share_dashboard(id, user.id, input.role, SHARES_MAX, ctx.app.clock.now_ms()).await? {
        return Err(Error::new(Code::TooLarge, format!("shared with {SHARES_MAX} people at most")));
    }
    shares(ctx, ById { dashboard_id: id }).await
}

/// `dashboard.unshare`
pub(super) async fn unshare(ctx: Ctx, input: Unshare) -> Result<Shared, Error> {
    ctx.app.store.unshare_dashboard(input.dashboard_id, input.user_id).await?;
    ctx.app.publishing.dismiss(input.dashboard_id).await?;
    shares(ctx, ById { dashboard_id: input.dashboard_id }).await
}

/// `dashboard.shares`
pub(super) async fn shares(ctx: Ctx, input: ById) -> Result<Shared, Error> {
    Ok(Shared { shared_with: ctx.app.store.shares_of_dashboard(input.dashboard_id).await? })
}

/// `dashboard.follow`
pub(super) async fn follow(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let (app, line, id) = (&ctx.app, ctx.line()?, input.dashboard_id);
    let room = app.publishing.follow_shared(id).await?;
    let named = |error: Error| Error { field: error.field.map(|_| "dashboard_id".into()), ..error };
    let (_, seat) = app.hub.join(&line.peer, &room, hub::Since::Nothing).map_err(named)?;
    // Whoever took it back meanwhile did so before there was a cursor to take off.
    if !matches!(app.role_on(id, ctx.caller()?.user_id).await, Ok(Some(_))) {
        app.hub.leave(&line.peer, room.id);
        return Err(Error::not_found("dashboard"));
    }
    lock(&line.joined).push(seat);
    Ok(Empty {})
}

/// `dashboard.unfollow`
pub(super) async fn unfollow(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let left = ctx.app.hub.leave(&ctx.line()?.peer, log_of(input.dashboard_id));
    let why = "this connection does not follow that dashboard";
    left.then_some(Empty {}).ok_or_else(|| Error::invalid("dashboard_id", why))
}

/// `dashboard.delete`
pub(super) async fn delete(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    ctx.app.generations.delete(&ctx.actor()?, input.dashboard_id).await?;
    Ok(Empty {})
}
