//! Invitations: made, mailed, listed, taken back.

use uuid::Uuid;
use vizroom_protocol::Error;
use vizroom_protocol::account::{Empty, Invitations, Invite, Invited, ListInvitations, RevokeInvitation};
use vizroom_protocol::id::{InvitationId, RoomId, TenantId};
use vizroom_protocol::room::Role;

use super::valid;
use crate::auth::Opaque;
use crate::bus::Ctx;
use crate::clock::rfc3339;
use crate::mail::Letter;
use crate::store::{self, Invitation};

const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What an invitation leads to.
#[derive(Debug, Clone)]
pub(super) struct To {
    pub(super) tenant_id: TenantId,
    pub(super) room: Option<(RoomId, Role)>,
    /// Only to the room.
    pub(super) guest: bool,
}

/// `account.invite`
pub(super) async fn invite(ctx: Ctx, input: Invite) -> Result<Invited, Error> {
    let caller = ctx.caller()?;
    let email = input.email.map(|email| valid::email("email", &email)).transpose()?;
    let Some(room_id) = input.room_id else {
        if input.role.is_some() {
            return Err(Error::invalid("role", "a role is for a room: name it in `room_id`"));
        }
        let to = To { tenant_id: caller.tenant_id, room: None, guest: false };
        return make_invitation(&ctx, to, email).await;
    };
    let missing = || Error::not_found("room");
    if ctx.app.role(room_id, caller.user_id).await?.ok_or_else(missing)? != Role::Owner {
        return Err(Error::forbidden("only an owner invites to a room"));
    }
    let tenant_id = ctx.app.store.tenant_of_room(room_id).await?.ok_or_else(missing)?;
    // Who is a guest here cannot let others into the host's tenant.
    let guest = tenant_id != caller.tenant_id;
    let room = Some((room_id, input.role.unwrap_or(Role::Editor)));
    make_invitation(&ctx, To { tenant_id, room, guest }, email).await
}

/// Stores an invitation, mails it if it is for an address, and gives its token, which nobody can read again.
pub(super) async fn make_invitation(ctx: &Ctx, to: To, email: Option<String>) -> Result<Invited, Error> {
    let (app, caller) = (&ctx.app, ctx.caller()?);
    let To { tenant_id, room, guest } = to;
    let Opaque { token, hash } = Opaque::new();
    let id = InvitationId(Uuid::now_v7());
    let created_ms = app.clock.now_ms();
    let expires_ms = created_ms + INVITATION_MS;
    let inviter_id = Some(caller.user_id);
    let invitation = Invitation { id, hash, tenant_id, room, email, guest, inviter_id, created_ms, expires_ms };
    app.store.invite(&invitation).await?;
    if let Some(to) = invitation.email {
        let into = match room {
            Some((room_id, _)) => app.store.room(room_id, caller.user_id).await?.map(|room| room.name),
            None => None,
        };
        app.mail.send(letter(&app.base_url, &caller.name, into.as_deref(), to, &token));
    }
    Ok(Invited { id, invitation: token, expires_at: rfc3339(expires_ms) })
}

fn letter(base_url: &str, by: &str, room: Option<&str>, to: String, token: &str) -> Letter {
    let place = room.map_or_else(|| "vizroom".to_owned(), |room| format!("the room \u{201c}{room}\u{201d}"));
    Letter {
        to,
        subject: format!("{by} invites you to {place}"),
        text: format!(
            "Hello,\n\n{by} invites you to {place}. Open this link to come in; it works once, for seven days:\n\n\
             {base_url}/#/invitation/{token}\n"
        ),
    }
}

/// `account.invitations`
pub(super) async fn list(ctx: Ctx, input: ListInvitations) -> Result<Invitations, Error> {
    let (store, caller, now_ms) = (&ctx.app.store, ctx.caller()?, ctx.app.clock.now_ms());
    let which = match input.room_id {
        Some(room) => match ctx.app.role(room, caller.user_id).await? {
            Some(Role::Owner) => store::Invited::ToRoom(room),
            Some(_) => return Err(Error::forbidden("only an owner sees who is invited to a room")),
            None => return Err(Error::not_found("room")),
        },
        None if store.owns_tenant(caller.user_id).await? => store::Invited::ToTenant(caller.tenant_id),
        None => store::Invited::By(caller.user_id),
    };
    Ok(Invitations { invitations: store.invitations(which, now_ms).await? })
}

/// `account.revoke_invitation`: by who made it, an owner of its room, or the owner of its tenant.
pub(super) async fn revoke(ctx: Ctx, input: RevokeInvitation) -> Result<Empty, Error> {
    let (store, caller, id) = (&ctx.app.store, ctx.caller()?, input.invitation_id);
    let missing = || Error::not_found("invitation");
    let (pending, tenant_id) = store.invitation(id, ctx.app.clock.now_ms()).await?.ok_or_else(missing)?;
    let of_room = match pending.room_id {
        Some(room) => ctx.app.role(room, caller.user_id).await? == Some(Role::Owner),
        None => false,
    };
    let of_tenant = tenant_id == caller.tenant_id && store.owns_tenant(caller.user_id).await?;
    if pending.invited_by != Some(caller.user_id) && !of_room && !of_tenant {
        return Err(missing());
    }
    store.revoke_invitation(id).await?;
    Ok(Empty {})
}
