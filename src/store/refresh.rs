//! When dashboards are due to be queried again, and who is at it.

use vizroom_protocol::id::DashboardId;

use super::{Error, Store, decoded, signed, unsigned};

/// A dashboard's settings, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshRow {
    pub dashboard_id: DashboardId,
    pub enabled: bool,
    pub interval_s: u64,
    /// Milliseconds since 1970, as all times here.
    pub due_ms: Option<i64>,
    /// Somebody is at it until then.
    pub lease_ms: Option<i64>,
    pub last_ms: Option<i64>,
    pub failures: u64,
    pub error: Option<String>,
}

/// What became of a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    Done,
    Failed(String),
    /// Not now: neither done nor failed.
    PutOff,
}

row_struct! {
    struct Row {
        dashboard_id: String,
        enabled: bool,
        interval_s: i64,
        due: Option<i64>,
        lease: Option<i64>,
        last: Option<i64>,
        failures: i64,
        error: Option<String>,
    }
}

impl Row {
    fn refresh(self) -> Result<RefreshRow, Error> {
        Ok(RefreshRow {
            dashboard_id: decoded("refreshes.dashboard_id", &self.dashboard_id)?,
            enabled: self.enabled,
            interval_s: unsigned(self.interval_s),
            due_ms: self.due,
            lease_ms: self.lease,
            last_ms: self.last,
            failures: unsigned(self.failures),
            error: self.error,
        })
    }
}

impl Store {
    /// A dashboard's settings; none if nobody has ever set or refreshed anything.
    ///
    /// # Errors
    /// Only ours.
    pub async fn refresh_of(&self, id: DashboardId) -> Result<Option<RefreshRow>, Error> {
        let select = "SELECT * FROM refreshes WHERE dashboard_id = $1";
        let row: Option<Row> = reading!(self, |db| row!(db, select, id.to_string()));
        row.map(Row::refresh).transpose()
    }

    /// Has a dashboard refreshed every `interval_s` seconds from `due_ms` on, or not at all. Earlier failures are
    /// forgotten.
    ///
    /// # Errors
    /// `Missing("dashboard")`.
    pub async fn set_refresh(
        &self,
        id: DashboardId,
        enabled: bool,
        interval_s: u64,
        due_ms: Option<i64>,
    ) -> Result<RefreshRow, Error> {
        let put = "INSERT INTO refreshes (dashboard_id, enabled, interval_s, due, failures)
            SELECT id, $2, $3, $4, 0 FROM dashboards WHERE id = $1
            ON CONFLICT (dashboard_id) DO UPDATE SET enabled = excluded.enabled, interval_s = excluded.interval_s,
                due = excluded.due, failures = 0, error = NULL
            RETURNING *";
        let row: Option<Row> =
            writing!(self, |tx| row!(&mut *tx, put, id.to_string(), enabled, signed(interval_s), due_ms));
        row.ok_or(Error::Missing("dashboard"))?.refresh()
    }

    /// Whether anything is due that nobody is at.
    ///
    /// # Errors
    /// Only ours.
    pub async fn is_refresh_due(&self, now_ms: i64) -> Result<bool, Error> {
        let select = "SELECT dashboard_id FROM refreshes
            WHERE enabled AND due <= $1 AND (lease IS NULL OR lease < $1) LIMIT 1";
        let row: Option<(String,)> = reading!(self, |db| row!(db, select, now_ms));
        Ok(row.is_some())
    }

    /// Takes up to `max` of those that are due, the longest first: until `lease_ms` nobody else gets them.
    ///
    /// # Errors
    /// Only ours.
    pub async fn claim_refreshes(
        &self,
        holder: &str,
        now_ms: i64,
        lease_ms: i64,
        max: usize,
    ) -> Result<Vec<DashboardId>, Error> {
        // What is asked inside is asked again outside: where another node was first, the rows have changed meanwhile.
        let claim = "UPDATE refreshes SET lease = $3, holder = $1
            WHERE enabled AND due <= $2 AND (lease IS NULL OR lease < $2) AND dashboard_id IN (
                SELECT dashboard_id FROM refreshes WHERE enabled AND due <= $2 AND (lease IS NULL OR lease < $2)
                ORDER BY due LIMIT $4)
            RETURNING dashboard_id";
        let rows: Vec<(String,)> =
            writing!(self, |tx| rows!(&mut *tx, claim, holder, now_ms, lease_ms, signed(max as u64)));
        rows.iter().map(|(id,)| decoded("refreshes.dashboard_id", id)).collect()
    }

    /// Takes one, due or not. False if somebody else is at it.
    ///
    /// # Errors
    /// `Missing("dashboard")`.
    pub async fn claim_refresh(
        &self,
        id: DashboardId,
        interval_s: u64,
        holder: &str,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<bool, Error> {
        let claim = "INSERT INTO refreshes (dashboard_id, enabled, interval_s, failures, lease, holder)
            SELECT id, FALSE, $2, 0, $4, $3 FROM dashboards WHERE id = $1
            ON CONFLICT (dashboard_id) DO UPDATE SET lease = excluded.lease, holder = excluded.holder
                WHERE refreshes.lease IS NULL OR refreshes.lease < $5";
        let id = id.to_string();
        Ok(writing!(self, |tx| {
            let claimed = run!(&mut *tx, claim, &id, signed(interval_s), holder, lease_ms, now_ms) == 1;
            let there: Option<(String,)> = row!(&mut *tx, "SELECT id FROM dashboards WHERE id = $1", &id);
            there.ok_or(Error::Missing("dashboard"))?;
            claimed
        }))
    }

    /// Lets go of one and notes what became of it. None if it was taken over: then nothing is noted.
    ///
    /// # Errors
    /// Only ours.
    pub async fn end_refresh(
        &self,
        id: DashboardId,
        holder: &str,
        tried: &Tried,
        next_ms: impl Fn(&RefreshRow) -> Option<i64>,
        now_ms: i64,
    ) -> Result<Option<RefreshRow>, Error> {
        let select = "SELECT * FROM refreshes WHERE dashboard_id = $1 AND holder = $2";
        let update = "UPDATE refreshes SET lease = NULL, holder = NULL, due = $3, last = $4, failures = $5, error = $6
            WHERE dashboard_id = $1 AND holder = $2 RETURNING *";
        let id = id.to_string();
        let row: Option<Row> = writing!(self, |tx| {
            let row: Option<Row> = row!(&mut *tx, select, &id, holder);
            let Some(row) = row else { return Ok(None) };
            let mut row = row.refresh()?;
            match tried {
                Tried::Done => (row.last_ms, row.failures, row.error) = (Some(now_ms), 0, None),
                Tried::Failed(why) => (row.failures, row.error) = (row.failures + 1, Some(why.clone())),
                Tried::PutOff => {}
            }
            let due = next_ms(&row).filter(|_| row.enabled);
            row!(&mut *tx, update, &id, holder, due, row.last_ms, signed(row.failures), &row.error)
        });
        row.map(Row::refresh).transpose()
    }
}
