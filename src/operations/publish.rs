//! Public links to a dashboard, and its refreshes.

use uuid::Uuid;
use vizroom_protocol::account::Empty;
use vizroom_protocol::dashboard::ById;
use vizroom_protocol::event::{DashboardPublished, DashboardUnpublished};
use vizroom_protocol::id::{DashboardId, LinkId};
use vizroom_protocol::publish::{
    AddLink, ChangeLink, Link, Links, Publish, Published, Refresh, RemoveLink, SetRefresh, Unpublished,
};
use vizroom_protocol::{Code, Error};

use super::valid;
use crate::app::App;
use crate::auth::random_letters;
use crate::bus::Ctx;
use crate::clock::rfc3339;
use crate::refreshing::{INTERVAL_S, INTERVALS_S, wait_ms};
use crate::room::tell::With;
use crate::store::{self, DashboardRow, LinkRow, RefreshRow};

/// Links of a dashboard.
const LINKS_MAX: usize = 100;
const NAME_MAX: usize = 100;
const PASSWORD_MAX: usize = 256;
/// Of a slug, before its end.
const SLUG_WORDS_MAX: usize = 48;
/// What ends a slug: the main link's is short, any other's cannot be guessed.
const ENDING: usize = 6;
const LONG_ENDING: usize = 16;
/// How often another slug is tried, and a link that somebody else makes at the same time.
const TRIES: usize = 5;

/// `dashboard.publish`
pub(super) async fn publish(ctx: Ctx, input: Publish) -> Result<Link, Error> {
    let app = &ctx.app;
    let dashboard = found(app, input.dashboard_id).await?.dashboard;
    let wanted = Wanted::of(app, input.password, input.expires_at).await?;
    let link = 'made: {
        for _ in 0..TRIES {
            let there = app.store.links_of(dashboard.id).await?.into_iter().find(|link| link.main);
            if let Some(link) = there {
                break 'made change(app, link, wanted).await?;
            }
            let link = wanted.clone().onto(LinkRow {
                id: LinkId(Uuid::now_v7()),
                dashboard_id: dashboard.id,
                slug: slug(&dashboard.title, ENDING),
                name: String::new(),
                main: true,
                password_hash: None,
                expires_ms: None,
                filter: Default::default(),
                viewers_filter: true,
                epoch: 1,
                created_ms: app.clock.now_ms(),
            });
            match app.store.add_link(&link, LINKS_MAX).await {
                // Somebody has the slug, or has published it just now.
                Err(store::Error::Taken(_)) => {}
                added => break 'made added?,
            }
        }
        return Err(Error::new(Code::Unavailable, "no link could be made; try again"));
    };
    let presented = present(app, link);
    let told = Published {
        dashboard_id: dashboard.id,
        slug: presented.slug.clone(),
        public_url: presented.public_url.clone(),
    };
    if let Some(room) = dashboard.room_id {
        let room = app.hub.room(room).await?;
        app.hub.tell::<DashboardPublished>(&room, &ctx.actor()?, &told, With::default()).await?;
    }
    Ok(presented)
}

/// `dashboard.unpublish`: also of one that is not published.
pub(super) async fn unpublish(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let app = &ctx.app;
    let links = app.store.links_of(input.dashboard_id).await?;
    for link in &links {
        end(app, link).await?;
    }
    let room = found(app, input.dashboard_id).await?.dashboard.room_id;
    if let Some(room) = room.filter(|_| !links.is_empty()) {
        let room = app.hub.room(room).await?;
        let told = Unpublished { dashboard_id: input.dashboard_id };
        app.hub.tell::<DashboardUnpublished>(&room, &ctx.actor()?, &told, With::default()).await?;
    }
    Ok(Empty {})
}

/// `dashboard.links`
pub(super) async fn links(ctx: Ctx, input: ById) -> Result<Links, Error> {
    let links = ctx.app.store.links_of(input.dashboard_id).await?;
    Ok(Links { links: links.into_iter().map(|link| present(&ctx.app, link)).collect() })
}

/// `dashboard.add_link`
pub(super) async fn add_link(ctx: Ctx, input: AddLink) -> Result<Link, Error> {
    let app = &ctx.app;
    valid::length("name", &input.name, 0, NAME_MAX)?;
    let row = found(app, input.dashboard_id).await?;
    let title = row.dashboard.title.clone();
    app.generations.check_lock(row, &input.filter_state).await?;
    let wanted = Wanted::of(app, input.password.map(Some), input.expires_at.map(Some)).await?;
    for _ in 0..TRIES {
        let link = wanted.clone().onto(LinkRow {
            id: LinkId(Uuid::now_v7()),
            dashboard_id: input.dashboard_id,
            slug: slug(&title, LONG_ENDING),
            name: input.name.trim().to_owned(),
            main: false,
            password_hash: None,
            expires_ms: None,
            filter: input.filter_state.clone(),
            viewers_filter: input.viewers_filter.unwrap_or(true),
            epoch: 1,
            created_ms: app.clock.now_ms(),
        });
        match app.store.add_link(&link, LINKS_MAX).await {
            Err(store::Error::Taken("slug")) => {}
            Err(store::Error::Taken(_)) => {
                return Err(Error::new(Code::TooLarge, format!("a dashboard has at most {LINKS_MAX} links")));
            }
            added => return Ok(present(app, added?)),
        }
    }
    Err(Error::new(Code::Unavailable, "no link could be made; try again"))
}

/// `dashboard.change_link`
pub(super) async fn change_link(ctx: Ctx, input: ChangeLink) -> Result<Link, Error> {
    let app = &ctx.app;
    let mut link = one(app, input.dashboard_id, input.link_id).await?;
    if let Some(name) = input.name {
        valid::length("name", &name, 0, NAME_MAX)?;
        link.name = name.trim().to_owned();
    }
    link.viewers_filter = input.viewers_filter.unwrap_or(link.viewers_filter);
    let wanted = Wanted::of(app, input.password, input.expires_at).await?;
    Ok(present(app, change(app, link, wanted).await?))
}

/// `dashboard.remove_link`
pub(super) async fn remove_link(ctx: Ctx, input: RemoveLink) -> Result<Empty, Error> {
    end(&ctx.app, &one(&ctx.app, input.dashboard_id, input.link_id).await?).await?;
    Ok(Empty {})
}

/// `dashboard.refresh`
pub(super) async fn refresh(ctx: Ctx, input: ById) -> Result<Refresh, Error> {
    let row = ctx.app.refreshing.now(&ctx.actor()?, input.dashboard_id).await?;
    Ok(settings(input.dashboard_id, Some(row)))
}

/// `dashboard.refresh_settings`
pub(super) async fn refresh_settings(ctx: Ctx, input: ById) -> Result<Refresh, Error> {
    Ok(settings(input.dashboard_id, ctx.app.store.refresh_of(input.dashboard_id).await?))
}

/// `dashboard.set_refresh`
pub(super) async fn set_refresh(ctx: Ctx, input: SetRefresh) -> Result<Refresh, Error> {
    let (app, id) = (&ctx.app, input.dashboard_id);
    let wanted = input.interval.map(u64::from);
    if wanted.is_some_and(|interval| !INTERVALS_S.contains(&interval)) {
        return Err(Error::invalid("interval", "300, 900, 3600 or 86400 seconds"));
    }
    let there = app.store.refresh_of(id).await?;
    let (was, interval) = there.map_or((false, INTERVAL_S), |row| (row.enabled, row.interval_s));
    let (enabled, interval) = (input.enabled.unwrap_or(was), wanted.unwrap_or(interval));
    let due_ms = enabled.then(|| app.clock.now_ms() + wait_ms(interval, 0));
    Ok(settings(id, Some(app.store.set_refresh(id, enabled, interval, due_ms).await?)))
}

fn settings(dashboard_id: DashboardId, row: Option<RefreshRow>) -> Refresh {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Refresh {
        dashboard_id,
        enabled: row.as_ref().is_some_and(|row| row.enabled),
        interval: small(row.as_ref().map_or(INTERVAL_S, |row| row.interval_s)),
        last_refreshed_at: row.as_ref().and_then(|row| row.last_ms).map(rfc3339),
        next_refresh_at: row.as_ref().and_then(|row| row.due_ms).map(rfc3339),
        failures: small(row.as_ref().map_or(0, |row| row.failures)),
        last_error: row.and_then(|row| row.error),
    }
}

/// What a link is to be changed to; None: as it is.
#[derive(Clone)]
struct Wanted {
    password_hash: Option<Option<String>>,
    expires_ms: Option<Option<i64>>,
}

impl Wanted {
    async fn of(
        app: &App,
        password: Option<Option<String>>,
        expires_at: Option<Option<String>>,
    ) -> Result<Self, Error> {
        let expires_ms = match expires_at {
            Some(Some(text)) => {
                let at = chrono::DateTime::parse_from_rfc3339(&text);
                let at = at.map_err(|_| Error::invalid("expires_at", "a time such as 2030-01-31T12:00:00Z"))?;
                if at.timestamp_millis() <= app.clock.now_ms() {
                    return Err(Error::invalid("expires_at", "that time is over"));
                }
                Some(Some(at.timestamp_millis()))
            }
            Some(None) => Some(None),
            None => None,
        };
        let password_hash = match password {
            Some(Some(password)) => {
                valid::length("password", &password, 1, PASSWORD_MAX)?;
                Some(Some(app.auth.passwords.turn().await?.hash(password).await?))
            }
            Some(None) => Some(None),
            None => None,
        };
        Ok(Self { password_hash, expires_ms })
    }

    fn onto(self, link: LinkRow) -> LinkRow {
        let password_hash = self.password_hash.unwrap_or(link.password_hash);
        LinkRow { password_hash, expires_ms: self.expires_ms.unwrap_or(link.expires_ms), ..link }
    }
}

async fn change(app: &App, link: LinkRow, wanted: Wanted) -> Result<LinkRow, Error> {
    // To take a password away lets nobody out.
    let ends = matches!(wanted.password_hash, Some(Some(_)));
    let changed = app.store.change_link(&wanted.onto(link.clone()), ends).await?;
    if ends {
        app.end_views(&link);
    }
    app.generations.announce(link.dashboard_id);
    Ok(changed)
}

async fn end(app: &App, link: &LinkRow) -> Result<(), Error> {
    app.store.end_link(link.id).await?;
    app.end_views(link);
    Ok(())
}

async fn found(app: &App, id: DashboardId) -> Result<DashboardRow, Error> {
    app.store.dashboard(id).await?.ok_or_else(|| Error::not_found("dashboard"))
}

/// A link, if it is that dashboard's.
async fn one(app: &App, dashboard_id: DashboardId, id: LinkId) -> Result<LinkRow, Error> {
    let link = app.store.link(id).await?.filter(|link| link.dashboard_id == dashboard_id);
    link.ok_or_else(|| Error::not_found("link"))
}

fn present(app: &App, link: LinkRow) -> Link {
    Link {
        id: link.id,
        dashboard_id: link.dashboard_id,
        name: link.name,
        main: link.main,
        public_url: app.public_url(&link.slug),
        slug: link.slug,
        has_password: link.password_hash.is_some(),
        expires_at: link.expires_ms.map(rfc3339),
        filter_state: link.filter,
        viewers_filter: link.viewers_filter,
        created_at: rfc3339(link.created_ms),
    }
}

/// `q3-revenue-k3x9ab` of “Q3 Revenue Dashboard”.
fn slug(title: &str, ending: usize) -> String {
    let mut words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    if words.len() > 1 && words.last().is_some_and(|word| word.eq_ignore_ascii_case("dashboard")) {
        words.pop();
    }
    let mut slug = String::new();
    for word in words {
        let word = word.to_lowercase();
        if !word.is_ascii() || slug.len() + word.len() > SLUG_WORDS_MAX {
            continue;
        }
        slug.push_str(&word);
        slug.push('-');
    }
    if slug.is_empty() {
        slug.push_str("dashboard-");
    }
    slug + &random_letters(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_says_what_it_leads_to() {
        let long = "word ".repeat(100);
        for (title, start) in [
            ("Q3 Revenue Dashboard", "q3-revenue-"),
            ("Dashboard", "dashboard-"),
            ("  Umsatz: Zürich & Bern!", "umsatz-bern-"),
            ("売上", "dashboard-"),
            ("", "dashboard-"),
            (&long, "word-word-word-word-word-word-word-word-word-"),
        ] {
            let slug = slug(title, ENDING);
            let end = slug.strip_prefix(start).unwrap_or_else(|| panic!("{slug}"));
            assert_eq!(end.len(), ENDING, "{slug}");
            assert!(end.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{slug}");
        }
        assert_ne!(slug("a", ENDING), slug("a", ENDING));
    }
}
