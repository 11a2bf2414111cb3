//! Rooms, their members, and their past. (Joining a room's log stands in its own file.)

use std::sync::atomic::Ordering;

use serde_json::value::RawValue;
use uuid::Uuid;
use vizroom_protocol::account::{Empty, User};
use vizroom_protocol::event::{RoomDeleted, RoomMemberAdded, RoomMemberRemoved, RoomMemberUpdated, RoomUpdated};
use vizroom_protocol::id::{RoomId, UserId};
use vizroom_protocol::room::{
    AddMember, Added, ById, Create, Deleted, History, Listed, Member, MemberAdded, MemberRemoved, MemberUpdated, Page,
    Reader, Readers, RemoveMember, Room, SetRole, Status, Update, Updated,
};
use vizroom_protocol::{Code, Error};

use super::invitation::{To, make_invitation};
use super::{notification, valid};
use crate::auth::random_word;
use crate::bus::Ctx;
use crate::clock::rfc3339;
use crate::room::readers as reading;
use crate::room::tell::With;
use crate::store::NewRoom;

const NAME_MAX: usize = 200;
const DESCRIPTION_MAX: usize = 2_000;
/// Connections that `room.readers` lists.
const READERS_MAX: usize = 1_000;
const HISTORY_DEFAULT: u32 = 50;
const HISTORY_MAX: u32 = 500;
/// A page of history ends early when its frames reach this.
const HISTORY_BYTES_MAX: usize = 1024 * 1024;

/// `room.create`
pub(super) async fn create(ctx: Ctx, input: Create) -> Result<Room, Error> {
    let caller = ctx.caller()?;
    let name = valid::name("name", &input.name, NAME_MAX)?;
    let description = valid::text("description", &input.description.unwrap_or_default(), DESCRIPTION_MAX)?;
    let (id, epoch) = (RoomId(Uuid::now_v7()), random_word::<4>());
    let new = NewRoom { id, tenant_id: caller.tenant_id, name, description, epoch, owner: caller.user_id };
    Ok(ctx.app.store.create_room(new, ctx.app.clock.now_ms()).await?)
}

/// `room.list`
pub(super) async fn list(ctx: Ctx, _: Empty) -> Result<Listed, Error> {
    Ok(Listed { rooms: ctx.app.store.rooms_of(ctx.caller()?.user_id).await? })
}

/// `room.update`
pub(super) async fn update(ctx: Ctx, input: Update) -> Result<Room, Error> {
    let Update { room_id, name, description } = input;
    let name = name.map(|name| valid::name("name", &name, NAME_MAX)).transpose()?;
    let description = description.map(|text| valid::text("description", &text, DESCRIPTION_MAX)).transpose()?;
    if name.is_some() || description.is_some() {
        let (name, description) = ctx.app.store.update_room(room_id, name.as_deref(), description.as_deref()).await?;
        let room = ctx.app.hub.room(room_id).await?;
        let told = Updated { room_id, name, description };
        ctx.app.hub.tell::<RoomUpdated>(&room, &ctx.actor()?, &told, With::default()).await?;
    }
    let seen = ctx.app.store.room(room_id, ctx.caller()?.user_id).await?;
    seen.ok_or_else(|| Error::not_found("room"))
}

/// `room.delete`
pub(super) async fn delete(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let actor = ctx.actor()?;
    for run in ctx.app.runs_of(input.room_id) {
        ctx.app.generations.cancel(run.dashboard_id);
    }
    ctx.app.store.delete_room(input.room_id).await?;
    if let Some(room) = ctx.app.hub.opened(input.room_id) {
        ctx.app.hub.tell_ephemeral::<RoomDeleted>(&room, &actor, &Deleted { room_id: input.room_id });
    }
    ctx.app.room_deleted(input.room_id);
    Ok(Empty {})
}

/// `room.add_member`: the same answer for an address nobody has as for one of another tenant.
pub(super) async fn add_member(ctx: Ctx, input: AddMember) -> Result<Added, Error> {
    let AddMember { room_id, user_id, email, role } = input;
    let store = &ctx.app.store;
    let tenant_id = store.tenant_of_room(room_id).await?.ok_or_else(|| Error::not_found("room"))?;
    let (found, email) = match (user_id, email) {
        (Some(id), None) => (store.user(id).await?, None),
        (None, Some(email)) => {
            let email = valid::email("email", &email)?;
            (store.user_by_email(&email).await?.map(|(user, _)| user), Some(email))
        }
        _ => return Err(Error::invalid("user_id", "name the member by either `user_id` or `email`")),
    };
    let mut known = None;
    if let Some(user) = found
        && (user.tenant_id == tenant_id || store.role(room_id, user.id).await?.is_some())
    {
        known = Some(user);
    }
    let Some(User { id: user_id, name, email, .. }) = known else {
        let email = email.ok_or_else(|| Error::not_found("user"))?;
        let to = To { tenant_id, room: Some((room_id, role)), guest: true };
        let invitation = make_invitation(&ctx, to, Some(email)).await?;
        return Ok(Added { member: None, invitation: Some(invitation) });
    };
    let new = store.role(room_id, user_id).await?.is_none();
    store.put_member(room_id, user_id, role, ctx.app.clock.now_ms()).await?;
    ctx.app.role_changed(room_id, user_id);
    let member = Member { user_id, name, email, role };
    let room = ctx.app.hub.room(room_id).await?;
    let told = MemberAdded { member: member.clone() };
    ctx.app.hub.tell::<RoomMemberAdded>(&room, &ctx.actor()?, &told, With::default()).await?;
    let by = ctx.caller()?;
    if new && let Some(about) = store.room(room_id, user_id).await? {
        notification::added(&ctx.app, room_id, &about.name, &by.name, user_id).await;
    }
    Ok(Added { member: Some(member), invitation: None })
}

/// `room.set_role`
pub(super) async fn set_role(ctx: Ctx, input: SetRole) -> Result<Member, Error> {
    let SetRole { room_id, user_id, role } = input;
    let member = ctx.app.store.set_role(room_id, user_id, role).await?;
    ctx.app.role_changed(room_id, user_id);
    let room = ctx.app.hub.room(room_id).await?;
    let told = MemberUpdated { member: member.clone() };
    ctx.app.hub.tell::<RoomMemberUpdated>(&room, &ctx.actor()?, &told, With::default()).await?;
    Ok(member)
}

/// `room.remove_member`
pub(super) async fn remove_member(ctx: Ctx, input: RemoveMember) -> Result<Empty, Error> {
    remove(&ctx, input.room_id, input.user_id).await
}

/// `room.resign`
pub(super) async fn resign(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    remove(&ctx, input.room_id, ctx.caller()?.user_id).await
}

async fn remove(ctx: &Ctx, room_id: RoomId, user_id: UserId) -> Result<Empty, Error> {
    ctx.app.store.remove_member(room_id, user_id).await?;
    ctx.app.role_changed(room_id, user_id);
    let told = tell_removed(ctx, room_id, user_id).await;
    // Also where nobody could be told.
    ctx.app.hub.kick_user(room_id, user_id);
    ctx.app.publishing.dismiss_from_all(user_id).await?;
    told.map(|()| Empty {})
}

async fn tell_removed(ctx: &Ctx, room_id: RoomId, user_id: UserId) -> Result<(), Error> {
    let room = ctx.app.hub.room(room_id).await?;
    let last = With { last_for: Some(user_id), ..With::default() };
    ctx.app.hub.tell::<RoomMemberRemoved>(&room, &ctx.actor()?, &MemberRemoved { user_id }, last).await?;
    Ok(())
}

/// `room.status`
pub(super) async fn status(ctx: Ctx, input: ById) -> Result<Status, Error> {
    let store = &ctx.app.store;
    let room = store.room(input.room_id, ctx.caller()?.user_id).await?.ok_or_else(|| Error::not_found("room"))?;
    let members = store.members(input.room_id).await?;
    let log = ctx.app.hub.room(input.room_id).await?;
    Ok(Status { room, members, epoch: log.epoch.clone(), head: log.head(), connected: log.connected() as u64 })
}

/// `room.readers`
pub(super) async fn readers(ctx: Ctx, input: ById) -> Result<Readers, Error> {
    let room_id = input.room_id;
    let about = ctx.app.store.room(room_id, ctx.caller()?.user_id).await?.ok_or_else(|| Error::not_found("room"))?;
    let room = ctx.app.hub.room(room_id).await?;
    Ok(Readers {
        room_id,
        epoch: room.epoch.clone(),
        head: room.head(),
        ring_bytes: room.ring_bytes(),
        members: about.members,
        connected: room.connected() as u64,
        followers: room.followers() as u64,
        readers: room.readers(READERS_MAX).into_iter().map(reader).collect(),
    })
}

fn reader(reader: reading::Reader) -> Reader {
    let reading::Reader { peer, name, since_ms, state, lag, stats } = reader;
    Reader {
        connection_id: peer.id,
        user_id: peer.owner.user,
        name: name.unwrap_or_default(),
        since: rfc3339(since_ms),
        idle_since: rfc3339(peer.heard_ms.load(Ordering::Relaxed)),
        state,
        lag_events: lag.events,
        lag_bytes: lag.bytes,
        replayed: stats.replayed,
        merged: stats.merged,
        dropped: stats.dropped,
        bytes_sent: peer.bytes_sent(),
        calls: peer.calls.load(Ordering::Relaxed) as u64,
    }
}

/// `room.history`
pub(super) async fn history(ctx: Ctx, input: History) -> Result<Page, Error> {
    let limit = input.limit.unwrap_or(HISTORY_DEFAULT);
    if !(1..=HISTORY_MAX).contains(&limit) {
        return Err(Error::invalid("limit", format!("1 to {HISTORY_MAX}")));
    }
    let page =
        ctx.app.store.history(input.room_id, input.before, limit as usize, HISTORY_BYTES_MAX, input.kind.as_deref());
    let (frames, more) = page.await?;
    let events = frames.into_iter().map(|(_, frame)| RawValue::from_string(frame)).collect::<Result<_, _>>();
    let events = events.map_err(|error| {
        tracing::error!(%error, room = %input.room_id, "a stored event is not JSON");
        Error::new(Code::InternalError, "a stored event cannot be read")
    })?;
    Ok(Page { events, more })
}
