//! Forgotten passwords.

use std::sync::Arc;

use vizroom_protocol::Error;
use vizroom_protocol::account::{Empty, ForgotPassword, ResetPassword};
use vizroom_protocol::operation::{AccountForgotPassword, AccountResetPassword, Operation};

use super::account::{from, new_password, note};
use super::valid;
use crate::app::App;
use crate::auth::Opaque;
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
