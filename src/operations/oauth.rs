//! Signing in by other providers.

use uuid::Uuid;
use vizroom_protocol::account::{OauthBegin, OauthBegun, OauthExchange, OauthFinish, OauthFinished, Tokens, User};
use vizroom_protocol::id::{TenantId, UserId};
use vizroom_protocol::operation::{AccountOauthFinish, Operation};
use vizroom_protocol::{Code, Error};

use super::account::{NAME_MAX, entered, from, note, sign_in};
use super::valid;
use crate::app::App;
use crate::auth::Opaque;
use crate::auth::oauth::{Person, Secrets};
use crate::bus::Ctx;
use crate::store::{Identity, NewUser, SignIn};

/// How long somebody may take at the provider.
const SIGN_IN_MS: i64 = 10 * 60 * 1000;
/// How long the page may take to exchange its code.
const CODE_MS: i64 = 60 * 1000;

/// `account.oauth_begin`
pub(super) async fn begin(ctx: Ctx, input: OauthBegin) -> Result<OauthBegun, Error> {
    let (app, now_ms) = (&ctx.app, ctx.app.clock.now_ms());
    app.auth.beginnings.take(&from(&ctx), now_ms)?;
    let begun = app.providers.begin(&input.provider, now_ms).await?;
    let browser = Opaque::new();
    let Secrets { nonce, verifier } = begun.secrets;
    let invitation_hash = input.invitation.as_deref().map(Opaque::hash);
    let sign_in = SignIn { browser_hash: browser.hash, provider: input.provider, nonce, verifier, invitation_hash };
    app.store.begin_sign_in(&begun.state.hash, &sign_in, now_ms + SIGN_IN_MS, now_ms).await?;
    Ok(OauthBegun { url: begun.url, browser: browser.token })
}

/// `account.oauth_finish`
pub(super) async fn finish(ctx: Ctx, input: OauthFinish) -> Result<OauthFinished, Error> {
    let (app, now_ms) = (&ctx.app, ctx.app.clock.now_ms());
    let begun = app.store.take_sign_in(&Opaque::hash(&input.state), now_ms).await?;
    let browser_hash = Opaque::hash(&input.browser);
    let Some(begun) = begun.filter(|b| b.browser_hash == browser_hash && b.provider == input.provider) else {
        return Err(Error::unauthorized(
            "this sign-in was not begun in this browser, was used already, or took too long",
        ));
    };
    if let Some(error) = input.error {
        let why: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
        return Err(Error::unauthorized(format!("the provider did not sign you in ({why})")));
    }
    let code = input.code.ok_or_else(|| Error::invalid("code", "the provider sent no code"))?;
    let SignIn { nonce, verifier, invitation_hash, .. } = begun;
    let person = app.providers.finish(&input.provider, &code, Secrets { nonce, verifier }, now_ms).await?;
    let user = user_of(app, &input.provider, person, invitation_hash.as_deref()).await?;
    note(&ctx, AccountOauthFinish::NAME, &user, &Ok(()));
    let Opaque { token, hash } = Opaque::new();
    let now_ms = app.clock.now_ms();
    app.store.add_sign_in_code(&hash, &browser_hash, user.id, now_ms + CODE_MS, now_ms).await?;
    Ok(OauthFinished { code: token })
}

/// `account.oauth_exchange`
pub(super) async fn exchange(ctx: Ctx, input: OauthExchange) -> Result<Tokens, Error> {
    let app = &ctx.app;
    let (hash, browser_hash) = (Opaque::hash(&input.code), Opaque::hash(&input.browser));
    let found = app.store.take_sign_in_code(&hash, &browser_hash, app.clock.now_ms()).await?;
    let wrong = || Error::unauthorized("this code was used already, or is too old; sign in again");
    let user = app.store.user(found.ok_or_else(wrong)?).await?.ok_or_else(wrong)?;
    sign_in(app, user, None).await
}

/// The user that a person is here: known by their identity, by an e-mail that is proven to be theirs, or new.
async fn user_of(app: &App, provider: &str, person: Person, invitation: Option<&str>) -> Result<User, Error> {
    let Person { subject, email, verified, name } = person;
    let (identity, now_ms) = (Identity { provider, subject: &subject }, app.clock.now_ms());
    if let Some(user) = app.store.user_by_identity(identity).await? {
        return accepted(app, user, invitation).await;
    }
    let no_email = || Error::forbidden("the provider does not say your e-mail address, which is needed here");
    let email = valid::email("email", &email.ok_or_else(no_email)?).map_err(|_| no_email())?;
    if let Some((user, _)) = app.store.user_by_email(&email).await? {
        if !verified {
            return Err(Error::forbidden(format!(
                "somebody is registered with {email} here, and the provider has not verified that this address is yours: \
                 sign in with your password, or verify the address there first"
            )));
        }
        app.end(app.store.link_identity(user.id, identity, now_ms).await?);
        return accepted(app, user, invitation).await;
    }
    let local = email.split('@').next().unwrap_or_default();
    let name = name.and_then(|name| valid::name("name", &name, NAME_MAX).ok()).unwrap_or_else(|| local.to_owned());
    let (id, tenant_id) = (UserId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let new = NewUser { id, tenant_id, email, name, password_hash: String::new() };
    let registered = app.store.register_by(&new, Some((identity, verified)), invitation, now_ms).await?;
    if let Some((room_id, role)) = registered.room {
        entered(app, room_id, &registered.user, role).await?;
    }
    Ok(registered.user)
}

/// Lets somebody who is registered into the room that they are invited to.
async fn accepted(app: &App, user: User, invitation: Option<&str>) -> Result<User, Error> {
    if let Some(hash) = invitation {
        match app.store.accept_invitation(&user, hash, app.clock.now_ms()).await.map_err(Error::from) {
            Ok((room_id, role)) => entered(app, room_id, &user, role).await?,
            // Signed in all the same: it was used already, perhaps by themselves.
            Err(error) if error.code == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(user)
}
