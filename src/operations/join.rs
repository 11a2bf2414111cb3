//! Joining a room's log, and leaving it.

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::room::{ById, Join, Joined, Mode, Since, Snapshot};

use crate::bus::Ctx;
use crate::room::hub;
use crate::room::lock;

/// Chat messages, files and dashboards in a snapshot, at most.
const MESSAGES: usize = 50;
const FILES: usize = 500;
const DASHBOARDS: usize = 200;
const SNAPSHOT_BYTES: usize = 1024 * 1024;

pub async fn join(ctx: Ctx, input: Join) -> Result<Joined, Error> {
    let (line, caller, app) = (ctx.line()?, ctx.caller()?, &ctx.app);
    let room = app.hub.room(input.room_id).await?;
    let since = match input.since {
        None => hub::Since::Nothing,
        Some(Since::Head(_)) => hub::Since::Head,
        Some(Since::Position(position)) => hub::Since::Position(position),
    };
    let (mut joined, seat) = app.hub.join(&line.peer, &room, since)?;
    // Who was removed meanwhile, before there was a cursor to take off, must not keep it.
    if !matches!(app.role(room.id, caller.user_id).await, Ok(Some(_))) {
        app.hub.leave(&line.peer, room.id);
        return Err(Error::not_found("room"));
    }
    // From here on the room's events wait until the reply has left, whatever the reply is.
    lock(&line.joined).push(seat);
    if joined.mode == Mode::Snapshot {
        match snapshot(&ctx, &joined).await {
            Ok(snapshot) => joined.snapshot = Some(snapshot),
            Err(error) => {
                app.hub.leave(&line.peer, room.id);
                return Err(error);
            }
        }
    }
    app.hub.present(&room, &line.peer, &caller.name);
    Ok(joined)
}

/// The room's state, no older than the head that the reply names: what changes meanwhile comes again as an event,
/// and every event can be applied twice.
async fn snapshot(ctx: &Ctx, joined: &Joined) -> Result<Snapshot, Error> {
    let (store, id) = (&ctx.app.store, joined.room_id);
    let room = store.room(id, ctx.caller()?.user_id).await?.ok_or_else(|| Error::not_found("room"))?;
    let before = Some(joined.head + 1);
    let (messages, _) = store.history(id, before, MESSAGES, SNAPSHOT_BYTES, Some("chat.message")).await?;
    let raw = |(_, text): (u64, String)| serde_json::value::RawValue::from_string(text).ok();
    Ok(Snapshot {
        room,
        members: store.members(id).await?,
        files: store.files_of_room(id, None, FILES).await?.into_iter().map(|f| f.file).collect(),
        dashboards: store.dashboards_of_room(id, DASHBOARDS, ctx.app.clock.now_ms()).await?,
        runs: ctx.app.runs_of(id),
        messages: messages.into_iter().filter_map(raw).collect(),
    })
}

pub async fn leave(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let left = ctx.app.hub.leave(&ctx.line()?.peer, input.room_id);
    left.then_some(Empty {}).ok_or_else(|| Error::invalid("room_id", "this connection has not joined that room"))
}
