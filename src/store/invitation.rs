//! Invitations that nobody has used yet.

use vizroom_protocol::account::Invitation as Pending;
use vizroom_protocol::id::{InvitationId, RoomId, TenantId, UserId};

use super::{Error, Store, decoded, decoded_option};
use vizroom_room::clock::rfc3339;

/// Invitations in one list; beyond, the oldest are left out.
const LISTED_MAX: i64 = 1_000;

/// Which invitations to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    By(UserId),
    ToRoom(RoomId),
    ToTenant(TenantId),
}

row_struct! {
    struct PendingRow {
        id: String,
        email: Option<String>,
        room_id: Option<String>,
        role: Option<String>,
        guest: bool,
        inviter_id: Option<String>,
        created: i64,
        expires: i64,
    }
}

impl PendingRow {
    fn pending(self) -> Result<Pending, Error> {
        Ok(Pending {
            id: decoded("invitations.id", &self.id)?,
            email: self.email,
            room_id: decoded_option("invitations.room_id", self.room_id.as_deref())?,
            role: decoded_option("invitations.role", self.role.as_deref())?,
            guest: self.guest,
            invited_by: decoded_option("invitations.inviter_id", self.inviter_id.as_deref())?,
            created_at: rfc3339(self.created),
            expires_at: rfc3339(self.expires),
        })
    }
}

impl Store {
    /// Pending invitations, newest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn invitations(&self, invited: Invited, now_ms: i64) -> Result<Vec<Pending>, Error> {
        let select = "SELECT * FROM invitations WHERE used IS NULL AND expires > $1
            AND (inviter_id = $2 OR room_id = $3 OR tenant_id = $4) ORDER BY created DESC, id DESC LIMIT $5";
        let (by, room, tenant) = match invited {
            Invited::By(user) => (Some(user.to_string()), None, None),
            Invited::ToRoom(room) => (None, Some(room.to_string()), None),
            Invited::ToTenant(tenant) => (None, None, Some(tenant.to_string())),
        };
        let rows: Vec<PendingRow> = reading!(self, |db| rows!(db, select, now_ms, &by, &room, &tenant, LISTED_MAX));
        rows.into_iter().map(PendingRow::pending).collect()
    }

    /// A pending invitation, and its tenant.
    ///
    /// # Errors
    /// Only ours.
    pub async fn invitation(&self, id: InvitationId, now_ms: i64) -> Result<Option<(Pending, TenantId)>, Error> {
        let select = "SELECT * FROM invitations WHERE id = $1 AND used IS NULL AND expires > $2";
        let tenant = "SELECT tenant_id FROM invitations WHERE id = $1";
        let id = id.to_string();
        let row: Option<PendingRow> = reading!(self, |db| row!(db, select, &id, now_ms));
        let owner: Option<(String,)> = reading!(self, |db| row!(db, tenant, &id));
        let (Some(row), Some((tenant_id,))) = (row, owner) else { return Ok(None) };
        Ok(Some((row.pending()?, decoded("invitations.tenant_id", &tenant_id)?)))
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// `Missing("invitation")` if it is gone or used.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<(), Error> {
        let delete = "DELETE FROM invitations WHERE id = $1 AND used IS NULL";
        let gone = writing!(self, |tx| run!(&mut *tx, delete, id.to_string()));
        (gone == 1).then_some(()).ok_or(Error::Missing("invitation"))
    }
}
