//! Public links to dashboards.

use vizroom_protocol::dashboard::FilterState;
use vizroom_protocol::id::{DashboardId, LinkId};

use super::{Error, Store, decoded, from_json, signed, to_json, unsigned};

/// A link with what only the server knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkRow {
    pub id: LinkId,
    pub dashboard_id: DashboardId,
    pub slug: String,
    pub name: String,
    pub main: bool,
    pub password_hash: Option<String>,
    /// Milliseconds since 1970.
    pub expires_ms: Option<i64>,
    pub filter: FilterState,
    pub viewers_filter: bool,
    /// Tokens of earlier ones are over.
    pub epoch: u64,
    /// Milliseconds since 1970.
    pub created_ms: i64,
}

impl LinkRow {
    /// Whether it leads somewhere at this time.
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.expires_ms.is_none_or(|expires_ms| now_ms < expires_ms)
    }
}

/// What tells one state of a dashboard from another, and costs little to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub revision: u64,
    pub cards: u64,
    /// Milliseconds since 1970.
    pub updated_ms: i64,
    /// When its data was last queried again, in milliseconds since 1970.
    pub refreshed_ms: Option<i64>,
}

row_struct! {
    struct Row {
        id: String,
        dashboard_id: String,
        slug: String,
        name: String,
        main: bool,
        password_hash: Option<String>,
        expires: Option<i64>,
        filter: String,
        viewers_filter: bool,
        epoch: i64,
        created: i64,
    }
}

impl Row {
    fn link(self) -> Result<LinkRow, Error> {
        Ok(LinkRow {
            id: decoded("links.id", &self.id)?,
            dashboard_id: decoded("links.dashboard_id", &self.dashboard_id)?,
            slug: self.slug,
            name: self.name,
            main: self.main,
            password_hash: self.password_hash,
            expires_ms: self.expires,
            filter: from_json("links.filter", &self.filter)?,
            viewers_filter: self.viewers_filter,
            epoch: unsigned(self.epoch),
            created_ms: self.created,
        })
    }
}

impl Store {
    /// Stores a new link. A main link that was there and not live becomes live as `link` says, under the id and the
    /// slug that it had. Gives the link as it stands.
    ///
    /// # Errors
    /// `Missing("dashboard")`; `Taken("slug")` if a link has it; `Taken("link")` if the dashboard has a live main link,
    /// or `max` links.
    pub async fn add_link(&self, link: &LinkRow, max: usize) -> Result<LinkRow, Error> {
        let insert = "INSERT INTO links (id, dashboard_id, slug, name, main, live, password_hash, expires, filter,
                viewers_filter, epoch, created)
            VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7, $8, $9, 1, $10) ON CONFLICT DO NOTHING";
        let revive = "UPDATE links SET live = TRUE, password_hash = $2, expires = $3, epoch = epoch + 1
            WHERE dashboard_id = $1 AND main AND NOT live";
        let (id, dashboard_id) = (link.id.to_string(), link.dashboard_id.to_string());
        let filter = to_json("links.filter", &link.filter)?;
        let (hash, expires) = (&link.password_hash, link.expires_ms);
        let row: Option<Row> = writing!(self, |tx| {
            let there: Option<(String,)> = row!(&mut *tx, "SELECT id FROM dashboards WHERE id = $1", &dashboard_id);
            there.ok_or(Error::Missing("dashboard"))?;
            let count: Option<(i64,)> =
                row!(&mut *tx, "SELECT COUNT(*) FROM links WHERE dashboard_id = $1", &dashboard_id);
            if !link.main && count.is_some_and(|(n,)| n >= signed(max as u64)) {
                return Err(Error::Taken("link"));
            }
            let added = run!(
                &mut *tx,
                insert,
                &id,
                &dashboard_id,
                &link.slug,
                &link.name,
                link.main,
                hash,
                expires,
                &filter,
                link.viewers_filter,
                link.created_ms
            );
            if added == 0 && link.main {
                if run!(&mut *tx, revive, &dashboard_id, hash, expires) == 0 {
                    let main = "SELECT id FROM links WHERE dashboard_id = $1 AND main";
                    let main: Option<(String,)> = row!(&mut *tx, main, &dashboard_id);
                    return Err(Error::Taken(if main.is_some() { "link" } else { "slug" }));
                }
                row!(&mut *tx, "SELECT * FROM links WHERE dashboard_id = $1 AND main", &dashboard_id)
            } else {
                row!(&mut *tx, "SELECT * FROM links WHERE id = $1", &id)
            }
        });
        row.ok_or(Error::Taken("slug"))?.link()
    }

    /// Changes a link's name, password, expiry, and whether its viewers may filter. With `ends`, the tokens of its
    /// viewers are over.
    ///
    /// # Errors
    /// `Missing("link")`.
    pub async fn change_link(&self, link: &LinkRow, ends: bool) -> Result<LinkRow, Error> {
        let update = "UPDATE links SET name = $2, password_hash = $3, expires = $4, viewers_filter = $5,
            epoch = epoch + $6 WHERE id = $1 AND live RETURNING *";
        let (id, hash) = (link.id.to_string(), &link.password_hash);
        let row: Option<Row> = writing!(self, |tx| {
            row!(&mut *tx, update, id, &link.name, hash, link.expires_ms, link.viewers_filter, i64::from(ends))
        });
        row.ok_or(Error::Missing("link"))?.link()
    }

    /// Ends a link. The main one stays, for its slug.
    ///
    /// # Errors
    /// `Missing("link")`.
    pub async fn end_link(&self, id: LinkId) -> Result<(), Error> {
        let id = id.to_string();
        writing!(self, |tx| {
            let close = "UPDATE links SET live = FALSE, password_hash = NULL, expires = NULL, epoch = epoch + 1
                WHERE id = $1 AND main AND live";
            let ended =
                run!(&mut *tx, close, &id) + run!(&mut *tx, "DELETE FROM links WHERE id = $1 AND NOT main", &id);
            if ended == 0 {
                return Err(Error::Missing("link"));
            }
        });
        Ok(())
    }

    /// A link that is live, whether or not its time is over.
    ///
    /// # Errors
    /// Only ours.
    pub async fn link(&self, id: LinkId) -> Result<Option<LinkRow>, Error> {
        let select = "SELECT * FROM links WHERE id = $1 AND live";
        let row: Option<Row> = reading!(self, |db| row!(db, select, id.to_string()));
        row.map(Row::link).transpose()
    }

    /// The same by its slug.
    ///
    /// # Errors
    /// Only ours.
    pub async fn link_by_slug(&self, slug: &str) -> Result<Option<LinkRow>, Error> {
        let row: Option<Row> = reading!(self, |db| row!(db, "SELECT * FROM links WHERE slug = $1 AND live", slug));
        row.map(Row::link).transpose()
    }

    /// The live links of a dashboard, the main one first, then oldest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn links_of(&self, dashboard_id: DashboardId) -> Result<Vec<LinkRow>, Error> {
        let select = "SELECT * FROM links WHERE dashboard_id = $1 AND live
            ORDER BY CASE WHEN main THEN 0 ELSE 1 END, created, id";
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, dashboard_id.to_string()));
        rows.into_iter().map(Row::link).collect()
    }

    /// What tells a dashboard's state from any other of it.
    ///
    /// # Errors
    /// Only ours.
    pub async fn stamp_of_dashboard(&self, id: DashboardId) -> Result<Option<Stamp>, Error> {
        let select = "SELECT d.revision, d.cards, d.updated, r.last FROM dashboards d
            LEFT JOIN refreshes r ON r.dashboard_id = d.id WHERE d.id = $1";
        let row: Option<(i64, i64, i64, Option<i64>)> = reading!(self, |db| row!(db, select, id.to_string()));
        Ok(row.map(|(revision, cards, updated_ms, refreshed_ms)| Stamp {
            revision: unsigned(revision),
            cards: unsigned(cards),
            updated_ms,
            refreshed_ms,
        }))
    }
}
