//! With whom dashboards are shared, beside the members of their rooms.

use std::collections::HashSet;

use vizroom_protocol::dashboard::Sharer;
use vizroom_protocol::id::{DashboardId, RoomId, TenantId, UserId};
use vizroom_protocol::room::Role;

use super::{Error, Store, decoded, decoded_option, signed, word};

row_struct! {
    struct SharerRow {
        user_id: String,
        name: String,
        email: String,
        role: String,
    }
}

/// Where a dashboard belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub tenant_id: TenantId,
    pub room_id: Option<RoomId>,
    pub owner_id: UserId,
}

/// Somebody of another tenant sees what is shared with them only as long as they are a member of its room.
pub(super) const SHARED: &str = "SELECT s.dashboard_id FROM dashboard_shares s
    JOIN dashboards b ON b.id = s.dashboard_id JOIN users u ON u.id = s.user_id
    WHERE s.user_id = $1 AND (u.tenant_id = b.tenant_id
        OR EXISTS (SELECT 1 FROM members m WHERE m.room_id = b.room_id AND m.user_id = u.id))";

impl Store {
    /// Where a dashboard belongs, without reading it.
    ///
    /// # Errors
    /// Only ours.
    pub async fn place_of_dashboard(&self, id: DashboardId) -> Result<Option<Place>, Error> {
        let select = "SELECT tenant_id, room_id, owner_id FROM dashboards WHERE id = $1";
        let row: Option<(String, Option<String>, String)> = reading!(self, |db| row!(db, select, id.to_string()));
        row.map(|(tenant, room, owner)| {
            Ok(Place {
                tenant_id: decoded("dashboards.tenant_id", &tenant)?,
                room_id: decoded_option("dashboards.room_id", room.as_deref())?,
                owner_id: decoded("dashboards.owner_id", &owner)?,
            })
        })
        .transpose()
    }

    /// What a dashboard is shared with somebody as.
    ///
    /// # Errors
    /// Only ours.
    pub async fn shared_role(&self, id: DashboardId, user_id: UserId) -> Result<Option<Role>, Error> {
        let select = format!(
            "SELECT role FROM dashboard_shares WHERE user_id = $1 AND dashboard_id = $2 AND dashboard_id IN ({SHARED})"
        );
        let select = sqlx::AssertSqlSafe(select);
        let row: Option<(String,)> = reading!(self, |db| row!(db, select, user_id.to_string(), id.to_string()));
        row.map(|(role,)| decoded("dashboard_shares.role", &role)).transpose()
    }

    /// Shares a dashboard, or changes as what. False if `most` others have it already.
    ///
    /// # Errors
    /// Only ours.
    pub async fn share_dashboard(
        &self,
        id: DashboardId,
        user_id: UserId,
        role: Role,
        most: usize,
        now_ms: i64,
    ) -> Result<bool, Error> {
        let insert = "INSERT INTO dashboard_shares (dashboard_id, user_id, role, created)
            SELECT $1, $2, $3, $4
            WHERE (SELECT COUNT(*) FROM dashboard_shares WHERE dashboard_id = $1 AND user_id <> $2) < $5
            ON CONFLICT (dashboard_id, user_id) DO UPDATE SET role = excluded.role";
        let (id, user_id, role, most) = (id.to_string(), user_id.to_string(), word(role), signed(most as u64));
        Ok(writing!(self, |tx| run!(&mut *tx, insert, id, user_id, role, now_ms, most)) > 0)
    }

    /// Takes a share back.
    ///
    /// # Errors
    /// `Missing("share")`.
    pub async fn unshare_dashboard(&self, id: DashboardId, user_id: UserId) -> Result<(), Error> {
        let delete = "DELETE FROM dashboard_shares WHERE dashboard_id = $1 AND user_id = $2";
        writing!(self, |tx| {
            if run!(&mut *tx, delete, id.to_string(), user_id.to_string()) == 0 {
                return Err(Error::Missing("share"));
            }
        });
        Ok(())
    }

    /// Whoever may see a dashboard: the members of its room, its owner where it is in none, those it is shared with. Nobody,
    /// if it is gone.
    ///
    /// # Errors
    /// Only ours.
    pub async fn seers_of_dashboard(&self, id: DashboardId) -> Result<HashSet<UserId>, Error> {
        let select = "SELECT m.user_id FROM dashboards d JOIN members m ON m.room_id = d.room_id WHERE d.id = $1
            UNION SELECT owner_id FROM dashboards WHERE id = $1 AND room_id IS NULL
            UNION SELECT s.user_id FROM dashboard_shares s JOIN dashboards b ON b.id = s.dashboard_id
                JOIN users u ON u.id = s.user_id WHERE s.dashboard_id = $1 AND u.tenant_id = b.tenant_id";
        let rows: Vec<(String,)> = reading!(self, |db| rows!(db, select, id.to_string()));
        rows.iter().map(|(user,)| decoded("members.user_id", user)).collect()
    }

    /// With whom a dashboard is shared, by name.
    ///
    /// # Errors
    /// Only ours.
    pub async fn shares_of_dashboard(&self, id: DashboardId) -> Result<Vec<Sharer>, Error> {
        let select =
            "SELECT s.user_id, u.name, u.email, s.role FROM dashboard_shares s JOIN users u ON u.id = s.user_id
            WHERE s.dashboard_id = $1 ORDER BY u.name, s.user_id";
        let rows: Vec<SharerRow> = reading!(self, |db| rows!(db, select, id.to_string()));
        let sharer = |row: SharerRow| {
            Ok(Sharer {
                user_id: decoded("dashboard_shares.user_id", &row.user_id)?,
                name: row.name,
                email: row.email,
                role: decoded("dashboard_shares.role", &row.role)?,
            })
        };
        rows.into_iter().map(sharer).collect()
    }
}
