//! Runs: which generations are under way, so that one whose process died is found and its room told.

use vizroom_protocol::dashboard::{Generate, Status};
use vizroom_protocol::id::{DashboardId, RoomId, RunId, TenantId, UserId};

use super::{Error, Store, decoded, decoded_option, from_json, signed, to_json, word};

/// A run.
#[derive(Debug, Clone)]
pub struct RunRow {
    pub id: RunId,
    pub dashboard_id: DashboardId,
    pub room_id: Option<RoomId>,
    pub tenant_id: TenantId,
    pub user_id: UserId,
    pub request: Generate,
}

row_struct! {
    struct Row {
        id: String,
        dashboard_id: String,
        room_id: Option<String>,
        tenant_id: String,
        user_id: String,
        request: String,
    }
}

impl Row {
    fn run(self) -> Result<RunRow, Error> {
        Ok(RunRow {
            id: decoded("runs.id", &self.id)?,
            dashboard_id: decoded("runs.dashboard_id", &self.dashboard_id)?,
            room_id: decoded_option("runs.room_id", self.room_id.as_deref())?,
            tenant_id: decoded("runs.tenant_id", &self.tenant_id)?,
            user_id: decoded("runs.user_id", &self.user_id)?,
            request: from_json("runs.request", &self.request)?,
        })
    }
}

impl Store {
    /// Notes that a run is under way.
    ///
    /// # Errors
    /// Only ours.
    pub async fn start_run(&self, run: &RunRow, now_ms: i64) -> Result<(), Error> {
        let insert = "INSERT INTO runs (id, dashboard_id, room_id, tenant_id, user_id, request, status, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (id, dashboard_id) = (run.id.to_string(), run.dashboard_id.to_string());
        let room_id = run.room_id.map(|id| id.to_string());
        let (tenant_id, user_id) = (run.tenant_id.to_string(), run.user_id.to_string());
        let (request, status) = (to_json("request", &run.request)?, word(Status::Processing));
        writing!(self, |tx| {
            run!(&mut *tx, insert, id, dashboard_id, room_id, tenant_id, user_id, request, status, now_ms)
        });
        Ok(())
    }

    /// Notes how a run ended. Says whether it was under way until now: only who ends it tells the room.
    ///
    /// # Errors
    /// Only ours.
    pub async fn end_run(&self, id: RunId, status: Status, now_ms: i64) -> Result<bool, Error> {
        let update = "UPDATE runs SET status = $2, updated = $3 WHERE id = $1 AND status = 'processing'";
        Ok(writing!(self, |tx| run!(&mut *tx, update, id.to_string(), word(status), now_ms)) == 1)
    }

    /// Runs that are under way, oldest first, at most `limit`. At start: those whose process died.
    ///
    /// # Errors
    /// Only ours.
    pub async fn runs_under_way(&self, limit: usize) -> Result<Vec<RunRow>, Error> {
        let select = "SELECT id, dashboard_id, room_id, tenant_id, user_id, request FROM runs
            WHERE status = 'processing' ORDER BY id LIMIT $1";
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, signed(limit as u64)));
        rows.into_iter().map(Row::run).collect()
    }
}
