//! The audit log.

use std::collections::BTreeMap;

use vizroom_protocol::audit::Line;
use vizroom_protocol::id::{AuditId, RoomId, TenantId, UserId};

use super::{Error, Store, decoded, decoded_option, from_json, to_json};
use vizroom_room::clock::rfc3339;

/// A line about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub id: AuditId,
    /// Of who did it.
    pub tenant_id: TenantId,
    /// The line belongs to this room's tenant instead, if the room is still there.
    pub room_id: Option<RoomId>,
    pub user_id: Option<UserId>,
    pub operation: &'static str,
    /// What it was about, by field.
    pub target: BTreeMap<String, String>,
    pub outcome: String,
    pub ts_ms: i64,
    pub remote: Option<String>,
}

row_struct! {
    struct LineRow {
        id: String,
        user_id: Option<String>,
        operation: String,
        target: String,
        outcome: String,
        ts: i64,
        remote: Option<String>,
    }
}

impl LineRow {
    fn line(self) -> Result<Line, Error> {
        Ok(Line {
            id: decoded("audit.id", &self.id)?,
            ts: rfc3339(self.ts),
            user_id: decoded_option("audit.user_id", self.user_id.as_deref())?,
            operation: self.operation,
            target: from_json("audit.target", &self.target)?,
            outcome: self.outcome,
            remote: self.remote,
        })
    }
}

impl Store {
    /// Writes lines, all or none.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_audit(&self, lines: &[AuditRow]) -> Result<(), Error> {
        let insert = "INSERT INTO audit (id, tenant_id, user_id, operation, target, outcome, ts, remote)
            VALUES ($1, COALESCE((SELECT tenant_id FROM rooms WHERE id = $2), $3), $4, $5, $6, $7, $8, $9)";
        writing!(self, |tx| {
            for line in lines {
                let (id, tenant_id) = (line.id.to_string(), line.tenant_id.to_string());
                let (room_id, user_id) = (line.room_id.map(|id| id.to_string()), line.user_id.map(|id| id.to_string()));
                let target = to_json("audit.target", &line.target)?;
                let AuditRow { operation, outcome, ts_ms, remote, .. } = line;
                run!(
                    &mut *tx, insert, &id, &room_id, &tenant_id, &user_id, *operation, &target, outcome, *ts_ms, remote
                );
            }
        });
        Ok(())
    }

    /// A page of a tenant's lines, newest first, and whether there are older ones.
    ///
    /// # Errors
    /// Only ours.
    pub async fn audit(
        &self,
        tenant_id: TenantId,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<(Vec<Line>, bool), Error> {
        let select = "SELECT * FROM audit WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        // Sorts behind every id.
        let before = before.map_or_else(|| "~".to_owned(), |id| id.to_string());
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let tenant_id = tenant_id.to_string();
        let mut rows: Vec<LineRow> = reading!(self, |db| rows!(db, select, &tenant_id, &before, wanted));
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows.into_iter().map(LineRow::line).collect::<Result<_, _>>()?, more))
    }

    /// Forgets lines before a time; how many they were.
    ///
    /// # Errors
    /// Only ours.
    pub async fn prune_audit(&self, before_ms: i64) -> Result<u64, Error> {
        Ok(writing!(self, |tx| run!(&mut *tx, "DELETE FROM audit WHERE ts < $1", before_ms)))
    }
}
