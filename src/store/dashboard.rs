//! Dashboards: the whole of each as JSON, with what lists need beside it.

use std::collections::BTreeMap;

use serde_json::Value;
use vizroom_protocol::dashboard::{Change, Dashboard, Summary};
use vizroom_protocol::id::{DashboardId, FileId, RoomId, TenantId, UserId};

use super::share::SHARED;
use super::{Error, Store, decoded, decoded_option, from_json, signed, to_json, unsigned, word};
use vizroom_room::clock::rfc3339;

/// Changes remembered of each dashboard.
const CHANGES_KEPT: u64 = 100;

/// A dashboard with what only the server knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct DashboardRow {
    pub dashboard: Dashboard,
    pub tenant_id: TenantId,
    /// What its cards ask of the data, for whoever changes them; the store does not look into it.
    pub recipe: Value,
}

row_struct! {
    struct SummaryRow {
        id: String,
        room_id: Option<String>,
        owner_id: String,
        title: String,
        status: String,
        revision: i64,
        cards: i64,
        public: bool,
        stale: bool,
        created: i64,
        updated: i64,
    }
}

impl SummaryRow {
    fn summary(self) -> Result<Summary, Error> {
        Ok(Summary {
            id: decoded("dashboards.id", &self.id)?,
            room_id: decoded_option("dashboards.room_id", self.room_id.as_deref())?,
            title: self.title,
            status: decoded("dashboards.status", &self.status)?,
            revision: unsigned(self.revision),
            cards: unsigned(self.cards),
            is_public: self.public,
            stale: self.stale,
            created_by: decoded("dashboards.owner_id", &self.owner_id)?,
            created_at: rfc3339(self.created),
            updated_at: rfc3339(self.updated),
        })
    }
}

/// Whether a file of the dashboard `d` has another version than its cards show, or is gone, or cards of it could not be
/// refreshed.
macro_rules! stale {
    () => {
        "(d.cards_behind > 0 OR EXISTS (SELECT 1 FROM dashboard_files u LEFT JOIN files f ON f.id = u.file_id
            WHERE u.dashboard_id = d.id AND (f.version IS NULL OR f.version <> u.version))) AS stale"
    };
}

/// What lists show of dashboards `d`; $3 is the time.
const SUMMARY: &str = concat!(
    "SELECT id, room_id, owner_id, title, status, revision, cards, created, updated,
        EXISTS (SELECT 1 FROM links l WHERE l.dashboard_id = d.id AND l.live AND (l.expires IS NULL OR l.expires > $3))
            AS public, ",
    stale!(),
    " FROM dashboards d"
);

impl Store {
    /// Keeps which version of each file a dashboard's cards show: until one is replaced or deleted, it is not stale.
    ///
    /// # Errors
    /// `Missing("dashboard")`.
    pub async fn show_versions(&self, id: DashboardId, versions: &[(FileId, u64)]) -> Result<(), Error> {
        let insert = "INSERT INTO dashboard_files (dashboard_id, file_id, version) VALUES ($1, $2, $3)";
        let id = id.to_string();
        writing!(self, |tx| {
            let there: Option<(String,)> = row!(&mut *tx, "SELECT id FROM dashboards WHERE id = $1", &id);
            there.ok_or(Error::Missing("dashboard"))?;
            run!(&mut *tx, "DELETE FROM dashboard_files WHERE dashboard_id = $1", &id);
            for (file_id, version) in versions {
                run!(&mut *tx, insert, &id, file_id.to_string(), signed(*version));
            }
        });
        Ok(())
    }

    /// Which version of each file the cards of these dashboards show: the oldest of each.
    ///
    /// # Errors
    /// Only ours.
    pub async fn versions_of(&self, ids: &[DashboardId]) -> Result<Vec<(FileId, u64)>, Error> {
        let mut oldest: BTreeMap<FileId, u64> = BTreeMap::new();
        for id in ids {
            let select = "SELECT file_id, version FROM dashboard_files WHERE dashboard_id = $1";
            let rows: Vec<(String, i64)> = reading!(self, |db| rows!(db, select, id.to_string()));
            for (file_id, version) in rows {
                let (file_id, version) = (decoded("dashboard_files.file_id", &file_id)?, unsigned(version));
                oldest.entry(file_id).and_modify(|known| *known = version.min(*known)).or_insert(version);
            }
        }
        Ok(oldest.into_iter().collect())
    }

    /// Adds to what [`Store::show_versions`] keeps: where a dashboard shows another version already, the older one stays.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_versions(&self, id: DashboardId, versions: &[(FileId, u64)]) -> Result<(), Error> {
        // Nothing of a dashboard that has been deleted meanwhile.
        let insert = "INSERT INTO dashboard_files (dashboard_id, file_id, version)
            SELECT id, $2, $3 FROM dashboards WHERE id = $1
            ON CONFLICT (dashboard_id, file_id) DO UPDATE SET version = excluded.version
                WHERE excluded.version < dashboard_files.version";
        let id = id.to_string();
        writing!(self, |tx| {
            for (file_id, version) in versions {
                run!(&mut *tx, insert, &id, file_id.to_string(), signed(*version));
            }
        });
        Ok(())
    }

    /// Stores a new dashboard.
    ///
    /// # Errors
    /// `Missing("room")` if its room is gone.
    pub async fn add_dashboard(&self, row: &DashboardRow, now_ms: i64) -> Result<(), Error> {
        let d = &row.dashboard;
        let insert = "INSERT INTO dashboards
            (id, tenant_id, room_id, owner_id, title, status, revision, cards, cards_behind, body, recipe, created, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)";
        let (id, tenant_id, owner_id) = (d.id.to_string(), row.tenant_id.to_string(), d.created_by.to_string());
        let room_id = d.room_id.map(|id| id.to_string());
        let (status, revision) = (word(d.status), signed(d.revision));
        let (cards, behind) = (signed(d.cards.len() as u64), behind(d));
        let (body, recipe) = (to_json("dashboard", d)?, row.recipe.to_string());
        writing!(self, |tx| {
            if let Some(room_id) = &room_id {
                let room: Option<(String,)> = row!(&mut *tx, "SELECT id FROM rooms WHERE id = $1", room_id);
                room.ok_or(Error::Missing("room"))?;
            }
            run!(
                &mut *tx, insert, id, tenant_id, &room_id, owner_id, &d.title, status, revision, cards, behind, body,
                recipe, now_ms
            )
        });
        Ok(())
    }

    /// Replaces a dashboard that still is at `base_revision`.
    ///
    /// # Errors
    /// `Stale(now)` if it is not; `Missing("dashboard")`.
    pub async fn update_dashboard(&self, row: &DashboardRow, base_revision: u64, now_ms: i64) -> Result<(), Error> {
        self.put_dashboard(row, base_revision, None, now_ms).await
    }

    /// The same, and remembers the change that made it so.
    ///
    /// # Errors
    /// `Stale(now)` if it is not; `Missing("dashboard")`.
    pub async fn change_dashboard(
        &self,
        row: &DashboardRow,
        base_revision: u64,
        change: &Change,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.put_dashboard(row, base_revision, Some(change), now_ms).await
    }

    async fn put_dashboard(
        &self,
        row: &DashboardRow,
        base_revision: u64,
        change: Option<&Change>,
        now_ms: i64,
    ) -> Result<(), Error> {
        let d = &row.dashboard;
        let update = "UPDATE dashboards
            SET title = $3, status = $4, revision = $5, cards = $6, body = $7, recipe = $8, updated = $9, cards_behind = $10
            WHERE id = $1 AND revision = $2";
        let note = "INSERT INTO dashboard_changes (dashboard_id, revision, body) VALUES ($1, $2, $3)";
        let forget = "DELETE FROM dashboard_changes WHERE dashboard_id = $1 AND revision <= $2";
        let (id, base) = (d.id.to_string(), signed(base_revision));
        let (body, recipe) = (to_json("dashboard", d)?, row.recipe.to_string());
        let (status, revision) = (word(d.status), signed(d.revision));
        let (cards, behind) = (signed(d.cards.len() as u64), behind(d));
        let change = change.map(|change| to_json("change", change)).transpose()?;
        writing!(self, |tx| {
            if run!(&mut *tx, update, &id, base, &d.title, status, revision, cards, body, recipe, now_ms, behind) == 0 {
                let now: Option<(i64,)> = row!(&mut *tx, "SELECT revision FROM dashboards WHERE id = $1", &id);
                return Err(now.map_or(Error::Missing("dashboard"), |(now,)| Error::Stale(unsigned(now))));
            }
            if let Some(change) = &change {
                run!(&mut *tx, note, &id, revision, change);
                run!(&mut *tx, forget, &id, revision - signed(CHANGES_KEPT));
            }
        });
        Ok(())
    }

    /// What is remembered of a dashboard's changes after a revision, oldest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn changes_of_dashboard(&self, id: DashboardId, after: u64) -> Result<Vec<Change>, Error> {
        let select = "SELECT body FROM dashboard_changes WHERE dashboard_id = $1 AND revision > $2 ORDER BY revision";
        let rows: Vec<(String,)> = reading!(self, |db| rows!(db, select, id.to_string(), signed(after)));
        rows.iter().map(|(body,)| from_json("dashboard_changes.body", body)).collect()
    }

    /// Those of the files that have been deleted.
    ///
    /// # Errors
    /// Only ours.
    pub async fn deleted_of(&self, files: &[FileId]) -> Result<Vec<FileId>, Error> {
        let mut deleted = Vec::new();
        for id in files {
            let there: Option<(String,)> =
                reading!(self, |db| row!(db, "SELECT id FROM files WHERE id = $1", id.to_string()));
            if there.is_none() {
                deleted.push(*id);
            }
        }
        Ok(deleted)
    }

    /// A dashboard.
    ///
    /// # Errors
    /// Only ours.
    pub async fn dashboard(&self, id: DashboardId) -> Result<Option<DashboardRow>, Error> {
        let select = concat!("SELECT body, tenant_id, recipe, ", stale!(), " FROM dashboards d WHERE id = $1");
        let row: Option<(String, String, String, bool)> = reading!(self, |db| row!(db, select, id.to_string()));
        row.map(|(body, tenant_id, recipe, stale)| {
            Ok(DashboardRow {
                dashboard: Dashboard { stale, ..from_json("dashboards.body", &body)? },
                tenant_id: decoded("dashboards.tenant_id", &tenant_id)?,
                recipe: from_json("dashboards.recipe", &recipe)?,
            })
        })
        .transpose()
    }

    /// A room's newest dashboards, at most `limit`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn dashboards_of_room(&self, room_id: RoomId, limit: usize, now_ms: i64) -> Result<Vec<Summary>, Error> {
        let select =
            sqlx::AssertSqlSafe(format!("{SUMMARY} WHERE room_id = $1 ORDER BY created DESC, id DESC LIMIT $2"));
        let (id, limit) = (room_id.to_string(), signed(limit as u64));
        let rows: Vec<SummaryRow> = reading!(self, |db| rows!(db, select, id, limit, now_ms));
        rows.into_iter().map(SummaryRow::summary).collect()
    }

    /// The newest dashboards somebody may see, at most `limit`: of their rooms, their own that are in none, and those
    /// shared with them.
    ///
    /// # Errors
    /// Only ours.
    pub async fn dashboards_of_user(&self, user_id: UserId, limit: usize, now_ms: i64) -> Result<Vec<Summary>, Error> {
        let select = sqlx::AssertSqlSafe(format!(
            "{SUMMARY} WHERE (room_id IS NULL AND owner_id = $1)
                OR room_id IN (SELECT room_id FROM members WHERE user_id = $1) OR id IN ({SHARED})
            ORDER BY created DESC, id DESC LIMIT $2"
        ));
        let (id, limit) = (user_id.to_string(), signed(limit as u64));
        let rows: Vec<SummaryRow> = reading!(self, |db| rows!(db, select, id, limit, now_ms));
        rows.into_iter().map(SummaryRow::summary).collect()
    }

    /// Deletes a dashboard and its runs.
    ///
    /// # Errors
    /// `Missing("dashboard")`.
    pub async fn delete_dashboard(&self, id: DashboardId) -> Result<(), Error> {
        writing!(self, |tx| {
            if run!(&mut *tx, "DELETE FROM dashboards WHERE id = $1", id.to_string()) == 0 {
                return Err(Error::Missing("dashboard"));
            }
        });
        Ok(())
    }
}

/// How many of its cards kept older rows than the others have.
fn behind(dashboard: &Dashboard) -> i64 {
    signed(dashboard.cards.iter().filter(|card| card.stale.is_some()).count() as u64)
}
