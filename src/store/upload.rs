//! Uploads that arrive in pieces: what they are to become, and what became of them.

use vizroom_protocol::file::Usage;
use vizroom_protocol::id::{FileId, RoomId, TenantId, UploadId, UserId};

use super::file::Allowed;
use super::{Error, Store, decoded, decoded_option, from_json, signed, to_json, unsigned};

/// An upload in pieces. How far it is, its bytes say.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadRow {
    pub id: UploadId,
    pub tenant_id: TenantId,
    pub owner_id: UserId,
    /// Where it will be linked.
    pub room_id: Option<RoomId>,
    /// The file whose next version it is to be.
    pub replaces: Option<FileId>,
    pub name: String,
    /// Bytes in all.
    pub length: u64,
    /// None until it is read.
    pub outcome: Option<Result<FileId, vizroom_protocol::Error>>,
    pub expires_ms: i64,
}

row_struct! {
    struct Row {
        id: String,
        tenant_id: String,
        owner_id: String,
        room_id: Option<String>,
        replaces: Option<String>,
        name: String,
        length: i64,
        file_id: Option<String>,
        failed: Option<String>,
        expires: i64,
    }
}

impl Row {
    fn upload(self) -> Result<UploadRow, Error> {
        let file_id = decoded_option("uploads.file_id", self.file_id.as_deref())?;
        let outcome = match (file_id, self.failed) {
            (Some(id), _) => Some(Ok(id)),
            (None, Some(error)) => Some(Err(from_json("uploads.failed", &error)?)),
            (None, None) => None,
        };
        Ok(UploadRow {
            id: decoded("uploads.id", &self.id)?,
            tenant_id: decoded("uploads.tenant_id", &self.tenant_id)?,
            owner_id: decoded("uploads.owner_id", &self.owner_id)?,
            room_id: decoded_option("uploads.room_id", self.room_id.as_deref())?,
            replaces: decoded_option("uploads.replaces", self.replaces.as_deref())?,
            name: self.name,
            length: unsigned(self.length),
            outcome,
            expires_ms: self.expires,
        })
    }
}

impl Store {
    /// Begins an upload, of which a tenant may have `open_max` at a time. Its bytes count from now on.
    ///
    /// # Errors
    /// `Full` if there is no room for it; `Many("uploads")`.
    pub async fn begin_upload(&self, row: &UploadRow, allowed: Allowed, open_max: u64) -> Result<(), Error> {
        let count = "SELECT COUNT(*) FROM uploads WHERE tenant_id = $1 AND file_id IS NULL AND failed IS NULL";
        let insert = "INSERT INTO uploads (id, tenant_id, owner_id, room_id, replaces, name, length, expires)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (id, tenant_id, owner_id) = (row.id.to_string(), row.tenant_id.to_string(), row.owner_id.to_string());
        let (room_id, replaces) = (row.room_id.map(|id| id.to_string()), row.replaces.map(|id| id.to_string()));
        let (length, expires) = (signed(row.length), row.expires_ms);
        writing!(self, |tx| {
            make_room!(tx, &tenant_id, allowed, u64::from(row.replaces.is_none()), row.length, besides "");
            let open: Option<(i64,)> = row!(&mut *tx, count, &tenant_id);
            if open.is_none_or(|(n,)| unsigned(n) >= open_max) {
                return Err(Error::Many("uploads"));
            }
            run!(&mut *tx, insert, id, &tenant_id, owner_id, room_id, replaces, &row.name, length, expires)
        });
        Ok(())
    }

    /// An upload.
    ///
    /// # Errors
    /// Only ours.
    pub async fn upload(&self, id: UploadId) -> Result<Option<UploadRow>, Error> {
        let select = "SELECT id, tenant_id, owner_id, room_id, replaces, name, length, file_id, failed, expires
            FROM uploads WHERE id = $1";
        let row: Option<Row> = reading!(self, |db| row!(db, select, id.to_string()));
        row.map(Row::upload).transpose()
    }

    /// All uploads of which nothing became yet.
    ///
    /// # Errors
    /// Only ours.
    pub async fn uploads_open(&self) -> Result<Vec<UploadRow>, Error> {
        let select = "SELECT id, tenant_id, owner_id, room_id, replaces, name, length, file_id, failed, expires
            FROM uploads WHERE file_id IS NULL AND failed IS NULL ORDER BY id";
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select));
        rows.into_iter().map(Row::upload).collect()
    }

    /// Keeps what became of an upload.
    ///
    /// # Errors
    /// Only ours.
    pub async fn end_upload(
        &self,
        id: UploadId,
        outcome: &Result<FileId, vizroom_protocol::Error>,
    ) -> Result<(), Error> {
        let update = "UPDATE uploads SET file_id = $2, failed = $3 WHERE id = $1";
        let (file_id, failed) = match outcome {
            Ok(file_id) => (Some(file_id.to_string()), None),
            Err(error) => (None, Some(to_json("error", error)?)),
        };
        writing!(self, |tx| run!(&mut *tx, update, id.to_string(), file_id, failed));
        Ok(())
    }

    /// Forgets an upload; whether there was one.
    ///
    /// # Errors
    /// Only ours.
    pub async fn delete_upload(&self, id: UploadId) -> Result<bool, Error> {
        Ok(writing!(self, |tx| run!(&mut *tx, "DELETE FROM uploads WHERE id = $1", id.to_string())) > 0)
    }

    /// Forgets the uploads that have expired, at most 1,000, and says which.
    ///
    /// # Errors
    /// Only ours.
    pub async fn expire_uploads(&self, now_ms: i64) -> Result<Vec<UploadId>, Error> {
        let delete = "DELETE FROM uploads WHERE id IN (SELECT id FROM uploads WHERE expires <= $1 LIMIT 1000)
            RETURNING id";
        let rows: Vec<(String,)> = writing!(self, |tx| rows!(&mut *tx, delete, now_ms));
        rows.iter().map(|(id,)| decoded("uploads.id", id)).collect()
    }

    /// What a tenant has stored, uploads that have begun included, and what it may.
    ///
    /// # Errors
    /// Only ours.
    pub async fn usage(&self, tenant_id: TenantId, allowed: Allowed) -> Result<Usage, Error> {
        let select = "SELECT files_max, file_bytes_max FROM tenants WHERE id = $1";
        let tenant_id = tenant_id.to_string();
        let (own, used) = reading!(self, |db| {
            let own: Option<(Option<i64>, Option<i64>)> = row!(db, select, &tenant_id);
            let used: Option<(i64, i64, i64, i64)> = row!(db, super::file::USED, &tenant_id, "");
            (own, used)
        });
        Ok(super::file::usage(own, used, allowed))
    }
}
