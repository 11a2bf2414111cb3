//! Registration, sign-in, tokens.

use std::collections::BTreeMap;

use uuid::Uuid;
use vizroom_protocol::Error;
use vizroom_protocol::account::{Empty, Login, Refresh, Register, Tokens, User};
use vizroom_protocol::event::RoomMemberAdded;
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{RoomId, TenantId, UserId};
use vizroom_protocol::operation::{AccountLogin, AccountLogout, AccountRegister, Operation};
use vizroom_protocol::room::{Member, MemberAdded, Role};

use super::valid;
use crate::app::App;
use crate::audit::Deed;
use crate::auth::{ACCESS_SECONDS, Opaque, random_word, source};
use crate::bus::Ctx;
use crate::room::tell::With;
use crate::store::{Error as StoreError, NewUser, Rotation};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const REFRESH_MS: i64 = 7 * DAY_MS;
pub(super) const NAME_MAX: usize = 100;
pub(super) const PASSWORD_CHARACTERS: (usize, usize) = (8, 256);

/// `account.register`
pub(super) async fn register(ctx: Ctx, input: Register) -> Result<Tokens, Error> {
    let app = &ctx.app;
    let email = valid::email("email", &input.email)?;
    new_password(&input.password)?;
    let local = email.split('@').next().unwrap_or_default();
    let name = valid::name("name", input.name.as_deref().unwrap_or(local), NAME_MAX)?;
    let password_hash = app.auth.passwords.turn().await?.hash(input.password).await?;
    let (id, tenant_id) = (UserId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let new = NewUser { id, tenant_id, email, name, password_hash };
    let invitation = input.invitation.as_deref().map(Opaque::hash);
    let registered = app.store.register(&new, invitation.as_deref(), app.clock.now_ms()).await?;
    note(&ctx, AccountRegister::NAME, &registered.user, &Ok(()));
    if let Some((room_id, role)) = registered.room {
        entered(app, room_id, &registered.user, role).await?;
    }
    sign_in(app, registered.user, None).await
}

/// That a password may be set.
pub(super) fn new_password(password: &str) -> Result<(), Error> {
    valid::length("password", password, PASSWORD_CHARACTERS.0, PASSWORD_CHARACTERS.1)
}

/// `account.login`
pub(super) async fn login(ctx: Ctx, input: Login) -> Result<Tokens, Error> {
    let app = &ctx.app;
    let email = valid::email("email", &input.email)?;
    valid::length("password", &input.password, 0, PASSWORD_CHARACTERS.1)?;
    let found = app.store.user_by_email(&email).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
    let from = from(&ctx);
    // Asked with the turn in hand, so that many guesses at once are counted one after the other.
    let turn = app.auth.passwords.turn().await?;
    app.auth.logins.check(&email, app.clock.now_ms())?;
    app.auth.sources.check(&from, app.clock.now_ms())?;
    let matches = turn.verify(input.password, hash.clone()).await?;
    let Some(user) = user.as_ref().filter(|_| matches).cloned() else {
        app.auth.logins.failed(&email, app.clock.now_ms());
        app.auth.sources.failed(&from, app.clock.now_ms());
        let wrong = Error::unauthorized("the e-mail or the password is wrong");
        if let Some(user) = &user {
            note(&ctx, AccountLogin::NAME, user, &Err(wrong.clone()));
        }
        return Err(wrong);
    };
    app.auth.logins.succeeded(&email);
    note(&ctx, AccountLogin::NAME, &user, &Ok(()));
    if let Some(token) = input.invitation {
        let (room_id, role) = app.store.accept_invitation(&user, &Opaque::hash(&token), app.clock.now_ms()).await?;
        entered(app, room_id, &user, role).await?;
    }
    sign_in(app, user, hash.as_deref()).await
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
    let (hash, store) = (Opaque::hash(&input.refresh_token), &ctx.app.store);
    let who = store.user_of_refresh_token(&hash).await?;
    if let Some(family) = store.revoke_family_of(&hash, ctx.app.clock.now_ms()).await? {
        ctx.app.revoke(family);
    }
    if let Some(user) = who {
        note(&ctx, AccountLogout::NAME, &user, &Ok(()));
    }
    Ok(Empty {})
}

/// `account.me`
pub(super) async fn me(ctx: Ctx, _: Empty) -> Result<User, Error> {
    ctx.app.store.user(ctx.caller()?.user_id).await?.ok_or_else(|| Error::unauthorized("the user is gone"))
}

/// Starts a family of tokens; for who was let in by a password, if that is still theirs.
pub(super) async fn sign_in(app: &App, user: User, password_hash: Option<&str>) -> Result<Tokens, Error> {
    let (family, first, now_ms) = (random_word::<16>(), Opaque::new(), app.clock.now_ms());
    let expires_ms = now_ms + REFRESH_MS;
    let stored = app.store.add_refresh_token(&first.hash, &family, user.id, password_hash, expires_ms, now_ms).await;
    if matches!(stored, Err(StoreError::Missing(_))) {
        return Err(Error::unauthorized("the password has changed meanwhile; sign in again"));
    }
    stored?;
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
pub(super) async fn entered(app: &App, room_id: RoomId, user: &User, role: Role) -> Result<(), Error> {
    app.role_changed(room_id, user.id);
    let room = app.hub.room(room_id).await?;
    let actor = Actor { kind: ActorKind::User, id: user.id.to_string(), name: user.name.clone() };
    let member = Member { user_id: user.id, name: user.name.clone(), email: user.email.clone(), role };
    app.hub.tell::<RoomMemberAdded>(&room, &actor, &MemberAdded { member }, With::default()).await?;
    Ok(())
}

/// Where guesses come from. On a socket, whose address is not known here, from whoever opened it.
pub(super) fn from(ctx: &Ctx) -> String {
    match (ctx.remote, ctx.caller()) {
        (Some(address), _) => source(address),
        (None, Ok(caller)) => caller.tenant_id.to_string(),
        (None, Err(_)) => String::new(),
    }
}

/// Leaves a line in the audit log about somebody who is just signing in, or out.
pub(super) fn note(ctx: &Ctx, operation: &'static str, user: &User, outcome: &Result<(), Error>) {
    let deed = Deed {
        tenant_id: user.tenant_id,
        // Who failed may be anybody.
        user_id: outcome.is_ok().then_some(user.id),
        room_id: None,
        operation,
        target: BTreeMap::from([("email".to_owned(), user.email.clone())]),
        remote: ctx.remote,
    };
    ctx.app.audit.note(Some(deed), outcome);
}
