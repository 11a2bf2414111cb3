//! What those do who come by a public link.

use vizroom_protocol::account::Empty;
use vizroom_protocol::publish::{Open, Opened, Shown, ViewFilter};
use vizroom_protocol::{Code, Error};

use crate::app::App;
use crate::auth::ACCESS_SECONDS;
use crate::bus::Ctx;
use crate::publishing::family;
use crate::room::{hub, lock};
use crate::store::LinkRow;

const SLUG_MAX: usize = 200;
const PASSWORD_MAX: usize = 256;
/// Columns of one filter.
const COLUMNS_MAX: usize = 50;

/// `view.open`: unknown, expired and unpublished are the same.
pub(super) async fn open(ctx: Ctx, input: Open) -> Result<Opened, Error> {
    let (app, now_ms) = (&ctx.app, ctx.app.clock.now_ms());
    // Over a socket it is known who asks, instead of where from.
    let whose = || ctx.caller().map(|caller| caller.user_id.to_string()).unwrap_or_default();
    let place = ctx.remote.map_or_else(whose, |address| address.to_string());
    app.auth.guesses.places.check(&place, now_ms)?;
    let missing = || Error::not_found("dashboard");
    let link = match input.slug.len() {
        0..=SLUG_MAX => app.store.link_by_slug(&input.slug).await?.filter(|link| link.is_open(now_ms)),
        _ => None,
    };
    let Some(link) = link else {
        app.auth.guesses.places.failed(&place, now_ms);
        return Err(missing());
    };
    admit(app, &link, input.password, &place).await?;
    let shown = app.publishing.shown(&link).await?;
    let seconds_left = link.expires_ms.map(|expires_ms| (expires_ms - now_ms) / 1_000);
    let expires_in = seconds_left.map_or(ACCESS_SECONDS, |s| ACCESS_SECONDS.min(u64::try_from(s).unwrap_or(0)));
    let expires_ms = now_ms + 1_000 * i64::try_from(expires_in).unwrap_or(0);
    let token = app.auth.tokens.issue_viewer(link.dashboard_id, link.id, &family(&link), expires_ms, now_ms)?;
    Ok(Opened { token, expires_in, dashboard: (*shown).clone() })
}

/// Asks for the password, if there is one.
async fn admit(app: &App, link: &LinkRow, password: Option<String>, place: &str) -> Result<(), Error> {
    let Some(hash) = link.password_hash.clone() else { return Ok(()) };
    let refused = |why| Error::new(Code::PasswordRequired, why);
    let Some(password) = password.filter(|password| !password.is_empty()) else {
        return Err(refused("this dashboard needs a password"));
    };
    let guesses = &app.auth.guesses;
    let here = format!("{} {place}", link.slug);
    // Asked with the turn in hand, so that many guesses at once are counted one after the other.
    let turn = app.auth.passwords.turn().await?;
    let now_ms = app.clock.now_ms();
    guesses.here.check(&here, now_ms)?;
    guesses.slugs.check(&link.slug, now_ms)?;
    if password.len() <= PASSWORD_MAX * 4 && turn.verify(password, Some(hash)).await? {
        guesses.here.succeeded(&here);
        return Ok(());
    }
    guesses.here.failed(&here, now_ms);
    guesses.slugs.failed(&link.slug, now_ms);
    guesses.places.failed(place, now_ms);
    Err(refused("the password is wrong"))
}

/// `view.follow`
pub(super) async fn follow(ctx: Ctx, _: Empty) -> Result<Empty, Error> {
    let link = looked_at(&ctx).await?;
    let peer = &ctx.line()?.peer;
    let room = ctx.app.publishing.follow(&link).await?;
    let (_, seat) = ctx.app.hub.join(peer, &room, hub::Since::Nothing)?;
    // Whoever ended the link meanwhile did so before there was a cursor to take off.
    if let Err(error) = looked_at(&ctx).await {
        ctx.app.hub.leave(peer, room.id);
        return Err(error);
    }
    lock(&ctx.line()?.joined).push(seat);
    Ok(Empty {})
}

/// `view.filter`
pub(super) async fn filter(ctx: Ctx, input: ViewFilter) -> Result<Shown, Error> {
    if input.filter_state.len() > COLUMNS_MAX {
        return Err(Error::invalid("filter_state", format!("at most {COLUMNS_MAX} columns")));
    }
    let link = looked_at(&ctx).await?;
    ctx.app.publishing.filtered(&link, input.filter_state).await
}

/// The viewer's link, if their token is still good for it. Otherwise their connection ends, too.
async fn looked_at(ctx: &Ctx) -> Result<LinkRow, Error> {
    let (id, caller) = ctx.viewer()?;
    let now_ms = ctx.app.clock.now_ms();
    let link = ctx.app.store.link(id).await?.filter(|link| link.is_open(now_ms));
    link.filter(|link| *family(link) == *caller.family).ok_or_else(|| {
        if let Some(line) = &ctx.line {
            ctx.app.hub.close(&line.peer, crate::room::Close::Revoked, "this link has ended");
        }
        Error::not_found("dashboard")
    })
}
