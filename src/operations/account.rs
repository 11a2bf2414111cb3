//! Registration, sign-in, tokens, invitations.

use uuid::Uuid;
use vizroom_protocol::Error;
use vizroom_protocol::account::{Empty, Invite, Invited, Login, Refresh, Register, Tokens, User};
use vizroom_protocol::event::RoomMemberAdded;
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{InvitationId, RoomId, TenantId, UserId};
use vizroom_protocol::room::{Member, MemberAdded, Role};

use super::valid;
use crate::app::App;
use crate::auth::{ACCESS_SECONDS, Opaque, random_word};
use crate::bus::Ctx;
use crate::clock::rfc3339;
use crate::room::tell::With;
use crate::store::{Invitation, NewUser, Rotation};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const REFRESH_MS: i64 = 7 * DAY_MS;
const INVITATION_MS: i64 = 7 * DAY_MS;
const NAME_MAX: usize = 100;
const PASSWORD_CHARACTERS: (usize, usize) = (8, 256);

/// `account.register`
pub(super) async fn register(ctx: Ctx, input: Register) -> Result<Tokens, Error> {
    let app = &ctx.app;
    let email = valid::email("email", &input.email)?;
    valid::length("password", &input.password, PASSWORD_CHARACTERS.0, PASSWORD_CHARACTERS.1)?;
    let local = email.split('@').next().unwrap_or_default();
    let name = valid::name("name", input.name.as_deref().unwrap_or(local), NAME_MAX)?;
    let password_hash = app.auth.passwords.turn().await?.hash(input.password).await?;
    let (id, tenant_id) = (UserId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let new = NewUser { id, tenant_id, email, name, password_hash };
    let invitation = input.invitation.as_deref().map(Opaque::hash);
    let registered = app.store.register(&new, invitation.as_deref(), app.clock.now_ms()).await?;
    if let Some((room_id, role)) = registered.room {
        entered(app, room_id, &registered.user, role).await?;
    }
    sign_in(app, registered.user).await
}

/// `account.login`
pub(super) async fn login(ctx: Ctx, input: Login) -> Result<Tokens, Error> {
    let app = &ctx.app;
    let email = valid::email("email", &input.email)?;
    valid::length("password", &input.password, 0, PASSWORD_CHARACTERS.1)?;
    let found = app.store.user_by_email(&email).await?;
    let (user, hash) = found.unzip();
    // Asked with the turn in hand, so that many guesses at once are counted one after the other.
    let turn = app.auth.passwords.turn().await?;
    app.auth.logins.check(&email, app.clock.now_ms())?;
    let matches = turn.verify(input.password, hash).await?;
    let Some(user) = user.filter(|_| matches) else {
        app.auth.logins.failed(&email, app.clock.now_ms());
        return Err(Error::unauthorized("the e-mail or the password is wrong"));
    };
    app.auth.logins.succeeded(&email);
    if let Some(token) = input.invitation {
        let (room_id, role) = app.store.accept_invitation(&user, &Opaque::hash(&token), app.clock.now_ms()).await?;
        entered(app, room_id, &user, role).await?;
    }
    sign_in(app, user).await
}

/// `account.refresh`
pub(super) async fn refresh(ctx: Ctx, input: Refresh) -> Result<Tokens, Error> {
    let app = &ctx.app;
    let (next, now_ms) = (Opaque::new(), app.clock.now_ms());
    let hash = Opaque::hash(&input.refresh_token);
    match app.store.rotate_refresh_token(&hash, &next.hash, now_ms + REFRESH_MS, now_ms).await? {
        Rotation::Rotated { user_id, family } => {
            let user = app.store.user(user_id).await?.ok_or_else(|| Error::unauthorized("the user is gone"))?;
            tokens(app, user, &family, next)
        }
        Rotation::Reused { family } => {
            tracing::warn!(family, "a refresh token was used twice; everything that came of its sign-in is revoked");
            app.revoke(family);
            Err(Error::unauthorized("this refresh token had been used before; sign in again"))
        }
        Rotation::Refused => Err(Error::unauthorized("the refresh token is not valid")),
    }
}

/// `account.logout`: also of a token that is unknown or revoked already.
pub(super) async fn logout(ctx: Ctx, input: Refresh) -> Result<Empty, Error> {
    let hash = Opaque::hash(&input.refresh_token);
    if let Some(family) = ctx.app.store.revoke_family_of(&hash, ctx.app.clock.now_ms()).await? {
        ctx.app.revoke(family);
    }
    Ok(Empty {})
}

/// `account.me`
pub(super) async fn me(ctx: Ctx, _: Empty) -> Result<User, Error> {
    ctx.app.store.user(ctx.caller()?.user_id).await?.ok_or_else(|| Error::unauthorized("the user is gone"))
}

/// `account.invite`
pub(super) async fn invite(ctx: Ctx, input: Invite) -> Result<Invited, Error> {
    let caller = ctx.caller()?;
    let email = input.email.map(|email| valid::email("email", &email)).transpose()?;
    let Some(room_id) = input.room_id else {
        if input.role.is_some() {
            return Err(Error::invalid("role", "a role is for a room: name it in `room_id`"));
        }
        return make_invitation(&ctx.app, caller.tenant_id, None, email, false).await;
    };
    let missing = || Error::not_found("room");
    if ctx.app.role(room_id, caller.user_id).await?.ok_or_else(missing)? != Role::Owner {
        return Err(Error::forbidden("only an owner invites to a room"));
    }
    let tenant_id = ctx.app.store.tenant_of_room(room_id).await?.ok_or_else(missing)?;
    // Who is a guest here cannot let others into the host's tenant.
    let guest = tenant_id != caller.tenant_id;
    let room = Some((room_id, input.role.unwrap_or(Role::Editor)));
    make_invitation(&ctx.app, tenant_id, room, email, guest).await
}

/// Stores an invitation and gives its token, which nobody can read again.
pub(super) async fn make_invitation(
    app: &App,
    tenant_id: TenantId,
    room: Option<(RoomId, Role)>,
    email: Option<String>,
    guest: bool,
) -> Result<Invited, Error> {
    let Opaque { token, hash } = Opaque::new();
    let id = InvitationId(Uuid::now_v7());
    let expires_ms = app.clock.now_ms() + INVITATION_MS;
    app.store.invite(&Invitation { id, hash, tenant_id, room, email, guest, expires_ms }).await?;
    Ok(Invited { id, invitation: token, expires_at: rfc3339(expires_ms) })
}

/// Starts a family of tokens.
async fn sign_in(app: &App, user: User) -> Result<Tokens, Error> {
    let (family, first, now_ms) = (random_word::<16>(), Opaque::new(), app.clock.now_ms());
    app.store.add_refresh_token(&first.hash, &family, user.id, now_ms + REFRESH_MS, now_ms).await?;
    tokens(app, user, &family, first)
}

fn tokens(app: &App, user: User, family: &str, refresh: Opaque) -> Result<Tokens, Error> {
    Ok(Tokens {
        access_token: app.auth.tokens.issue(&user, family, app.clock.now_ms())?,
        refresh_token: refresh.token,
        token_type: "Bearer".into(),
        expires_in: ACCESS_SECONDS,
        user,
    })
}

/// Tells a room that somebody came in by invitation.
async fn entered(app: &App, room_id: RoomId, user: &User, role: Role) -> Result<(), Error> {
    app.role_changed(room_id, user.id);
    let room = app.hub.room(room_id).await?;
    let actor = Actor { kind: ActorKind::User, id: user.id.to_string(), name: user.name.clone() };
    let member = Member { user_id: user.id, name: user.name.clone(), email: user.email.clone(), role };
    app.hub.tell::<RoomMemberAdded>(&room, &actor, &MemberAdded { member }, With::default()).await?;
    Ok(())
}
