//! Other passwords: where the old one is forgotten, and where it is known.

use std::sync::Arc;

use vizroom_protocol::account::{ChangePassword, Empty, ForgotPassword, ResetPassword, User};
use vizroom_protocol::operation::{AccountForgotPassword, AccountResetPassword, Operation};
use vizroom_protocol::{Code, Error};

use super::account::{PASSWORD_CHARACTERS, from, new_password, note};
use super::valid;
use crate::app::App;
use crate::auth::{Grant, Opaque};
use crate::bus::Ctx;
use crate::mail::Letter;
use crate::store::Error as StoreError;

const RESET_MS: i64 = 30 * 60 * 1000;

/// `account.forgot_password`: the same answer, as quickly, whether somebody has the address or not. All that could tell the
/// difference happens later, in a task of its own.
pub(super) async fn forgot(ctx: Ctx, input: ForgotPassword) -> Result<Empty, Error> {
    let email = valid::email("email", &input.email)?;
    let (auth, now_ms) = (&ctx.app.auth, ctx.app.clock.now_ms());
    // Who asks too often is answered as ever, and no mail goes out.
    let may = auth.beginnings.take(&from(&ctx), now_ms).and_then(|()| auth.mails.take(&email, now_ms));
    let place = auth.recoveries.clone().try_acquire_owned();
    if let (Ok(()), Ok(place)) = (may, place) {
        ctx.app.clone().tasks.spawn(async move {
            let _place = place;
            if let Err(error) = mail_link(&ctx, &email).await {
                tracing::warn!(%error, "a mail for a forgotten password was not prepared");
            }
        });
    }
    Ok(Empty {})
}

async fn mail_link(ctx: &Ctx, email: &str) -> Result<(), Error> {
    let app: &Arc<App> = &ctx.app;
    let Some((user, _)) = app.store.user_by_email(email).await? else { return Ok(()) };
    let (Opaque { token, hash }, now_ms) = (Opaque::new(), app.clock.now_ms());
    app.store.add_password_reset(&hash, user.id, now_ms + RESET_MS, now_ms).await?;
    note(ctx, AccountForgotPassword::NAME, &user, &Ok(()));
    app.mail.send(Letter {
        to: user.email,
        subject: "Set a new password".into(),
        text: format!(
            "Hello {},\n\nsomebody, hopefully you, asked for a new password. Open this link to set one; it works once, for \
             30 minutes:\n\n{}/#/reset/{token}\n\nIf it was not you, there is nothing to do.\n",
            user.name, app.base_url
        ),
    });
    Ok(())
}

/// `account.reset_password`: whoever was signed in as this user is no longer.
pub(super) async fn reset(ctx: Ctx, input: ResetPassword) -> Result<Empty, Error> {
    let app = &ctx.app;
    new_password(&input.password)?;
    let (hash, wrong) = (Opaque::hash(&input.token), || {
        Error::invalid("token", "this link was used already, or is too old; ask for a new one")
    });
    // Hashing costs; only for those who have a token.
    if !app.store.has_password_reset(&hash, app.clock.now_ms()).await? {
        return Err(wrong());
    }
    let password = app.auth.passwords.turn().await?.hash(input.password).await?;
    let (user_id, ended) = match app.store.reset_password(&hash, &password, app.clock.now_ms()).await {
        Err(StoreError::Missing(_)) => return Err(wrong()),
        done => done?,
    };
    app.end(ended);
    if let Some(user) = app.store.user(user_id).await? {
        app.auth.logins.succeeded(&user.email);
        note(&ctx, AccountResetPassword::NAME, &user, &Ok(()));
    }
    Ok(Empty {})
}

/// `account.change_password`: the sign-in that asks goes on, and so do API keys.
pub(super) async fn change(ctx: Ctx, input: ChangePassword) -> Result<Empty, Error> {
    let (app, caller) = (&ctx.app, ctx.caller()?);
    if caller.grant != Grant::Session {
        return Err(Error::forbidden("whoever has signed in changes their password, no API key does"));
    }
    valid::length("old_password", &input.old_password, 0, PASSWORD_CHARACTERS.1)?;
    new_password(&input.password)?;
    let gone = || Error::unauthorized("the user is gone");
    let user = app.store.user(caller.user_id).await?.ok_or_else(gone)?;
    let (_, hash) = app.store.user_by_email(&user.email).await?.ok_or_else(gone)?;
    // Asked with the turn in hand, as for signing in: these are guesses at the same password.
    let turn = app.auth.passwords.turn().await?;
    app.auth.logins.check(&user.email, app.clock.now_ms())?;
    let old = hash.clone().unwrap_or_default();
    if !turn.verify(input.old_password, hash).await? {
        app.auth.logins.failed(&user.email, app.clock.now_ms());
        let wrong = Error::forbidden("this is not your password; if you have none, a mail helps to set one");
        return Err(Error { field: Some("old_password".into()), ..wrong });
    }
    app.auth.logins.succeeded(&user.email);
    let new = app.auth.passwords.turn().await?.hash(input.password).await?;
    let changed = app.store.change_password(user.id, &old, &new, &caller.family, app.clock.now_ms()).await;
    if matches!(changed, Err(StoreError::Missing(_))) {
        return Err(Error::new(Code::Conflict, "the password has changed meanwhile"));
    }
    app.end(changed?);
    tell_changed(app, user);
    Ok(Empty {})
}

/// Whoever it was, the user is to know.
fn tell_changed(app: &App, user: User) {
    app.mail.send(Letter {
        to: user.email,
        subject: "Your password was changed".into(),
        text: format!(
            "Hello {},\n\nyour password was changed just now, and you are signed out wherever else you were. If it was not \
             you, have a mail sent to set another one:\n\n{}\n",
            user.name, app.base_url
        ),
    });
}
