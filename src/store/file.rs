//! Uploaded files, and which rooms may query them.

use std::collections::BTreeMap;

use vizroom_protocol::file::{File, Usage};
use vizroom_protocol::id::{FileId, RoomId, TenantId, UploadId, UserId};

use super::{Error, Store, decoded, from_json, signed, to_json, unsigned};

/// A file with what only the server knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRow {
    pub file: File,
    pub tenant_id: TenantId,
    pub owner_id: UserId,
    /// Where each dataset's rows are: name → object path.
    pub paths: BTreeMap<String, String>,
    /// Where it is as it came. None of what was uploaded before that was kept.
    pub original: Option<String>,
}

/// What a tenant may store, where its own row says nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    pub files: u64,
    pub bytes: u64,
}

/// Files and their bytes; uploads that have begun, but for one (`$2`), and theirs.
pub(super) const USED: &str = "SELECT
    (SELECT COUNT(*) FROM files WHERE tenant_id = $1),
    (SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM files WHERE tenant_id = $1),
    (SELECT COUNT(*) FROM uploads
        WHERE tenant_id = $1 AND id <> $2 AND file_id IS NULL AND failed IS NULL AND replaces IS NULL),
    (SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT) FROM uploads
        WHERE tenant_id = $1 AND id <> $2 AND file_id IS NULL AND failed IS NULL)";

/// Whoever has changed a tenant's row is alone with what it has stored until the transaction ends.
pub(super) const LOCK_TENANT: &str = "UPDATE tenants SET name = name WHERE id = $1 RETURNING files_max, file_bytes_max";

pub(super) fn usage(
    own: Option<(Option<i64>, Option<i64>)>,
    used: Option<(i64, i64, i64, i64)>,
    allowed: Allowed,
) -> Usage {
    let (files_max, bytes_max) = own.unwrap_or_default();
    let (files, bytes, uploads, upload_bytes) = used.unwrap_or_default();
    Usage {
        files: unsigned(files + uploads),
        files_max: files_max.map_or(allowed.files, unsigned),
        bytes: unsigned(bytes + upload_bytes),
        bytes_max: bytes_max.map_or(allowed.bytes, unsigned),
    }
}

/// Leaves the transaction with `Full` unless so many more files and bytes fit; of `besides`, an upload, they are taken
/// over (`''`: none). Nobody else of the tenant can take the place before it ends.
macro_rules! make_room {
    ($tx:ident, $tenant_id:expr, $allowed:expr, $files:expr, $bytes:expr, besides $upload:expr) => {{
        let besides: &str = $upload;
        let own: Option<(Option<i64>, Option<i64>)> = row!(&mut *$tx, crate::file::LOCK_TENANT, $tenant_id);
        let used: Option<(i64, i64, i64, i64)> = row!(&mut *$tx, crate::file::USED, $tenant_id, besides);
        let usage = crate::file::usage(own, used, $allowed);
        let (files, bytes): (u64, u64) = ($files, $bytes);
        let fits = |used: u64, more: u64, max: u64| more == 0 || used.saturating_add(more) <= max;
        if !fits(usage.files, files, usage.files_max) || !fits(usage.bytes, bytes, usage.bytes_max) {
            return Err(Error::Full(usage));
        }
    }};
}

row_struct! {
    struct Row {
        tenant_id: String,
        owner_id: String,
        body: String,
        paths: String,
        original: Option<String>,
    }
}

impl Row {
    fn file(self) -> Result<FileRow, Error> {
        Ok(FileRow {
            file: from_json("files.body", &self.body)?,
            tenant_id: decoded("files.tenant_id", &self.tenant_id)?,
            owner_id: decoded("files.owner_id", &self.owner_id)?,
            paths: from_json("files.paths", &self.paths)?,
            original: self.original,
        })
    }
}

impl Store {
    /// Stores a file's row; its objects are there already. One that came of `upload` takes the place kept for that.
    ///
    /// # Errors
    /// `Full` if the tenant has no room for it.
    pub async fn add_file(
        &self,
        row: &FileRow,
        upload: Option<UploadId>,
        allowed: Allowed,
        now_ms: i64,
    ) -> Result<(), Error> {
        let FileRow { file, tenant_id, owner_id, paths, original } = row;
        let insert = "INSERT INTO files (id, tenant_id, owner_id, version, body, paths, created, size, original)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (body, paths) = (to_json("file", file)?, to_json("paths", paths)?);
        let (id, tenant_id, owner_id) = (file.id.to_string(), tenant_id.to_string(), owner_id.to_string());
        let (version, size) = (signed(file.version), signed(file.size));
        let upload = upload.map(|id| id.to_string());
        writing!(self, |tx| {
            make_room!(tx, &tenant_id, allowed, 1, file.size, besides upload.as_deref().unwrap_or_default());
            if let Some(upload) = &upload {
                run!(&mut *tx, "UPDATE uploads SET file_id = $2 WHERE id = $1", upload, &id);
            }
            run!(&mut *tx, insert, &id, &tenant_id, owner_id, version, body, paths, now_ms, size, original)
        });
        Ok(())
    }

    /// Replaces a file by its next version, which came of `upload` if that is said.
    ///
    /// # Errors
    /// `Stale(now)` if somebody replaced it first; `Missing("file")`; `Full` if the tenant has no room for it.
    pub async fn replace_file(&self, row: &FileRow, upload: Option<UploadId>, allowed: Allowed) -> Result<(), Error> {
        let update = "UPDATE files SET version = $2, body = $3, paths = $4, size = $5, original = $6
            WHERE id = $1 AND version = $2 - 1";
        let (tenant_id, size) = (row.tenant_id.to_string(), signed(row.file.size));
        let upload = upload.map(|id| id.to_string());
        let (body, paths) = (to_json("file", &row.file)?, to_json("paths", &row.paths)?);
        let (id, version) = (row.file.id.to_string(), signed(row.file.version));
        writing!(self, |tx| {
            let old: Option<(i64,)> = row!(&mut *tx, "SELECT size FROM files WHERE id = $1", &id);
            let more = row.file.size.saturating_sub(old.map_or(0, |(size,)| unsigned(size)));
            make_room!(tx, &tenant_id, allowed, 0, more, besides upload.as_deref().unwrap_or_default());
            if let Some(upload) = &upload {
                run!(&mut *tx, "UPDATE uploads SET file_id = $2 WHERE id = $1", upload, &id);
            }
            if run!(&mut *tx, update, &id, version, body, paths, size, &row.original) == 0 {
                let now: Option<(i64,)> = row!(&mut *tx, "SELECT version FROM files WHERE id = $1", &id);
                return Err(now.map_or(Error::Missing("file"), |(now,)| Error::Stale(unsigned(now))));
            }
        });
        Ok(())
    }

    /// A file.
    ///
    /// # Errors
    /// Only ours.
    pub async fn file(&self, id: FileId) -> Result<Option<FileRow>, Error> {
        let row: Option<Row> = reading!(self, |db| row!(
            db,
            "SELECT tenant_id, owner_id, body, paths, original FROM files WHERE id = $1",
            id.to_string()
        ));
        row.map(Row::file).transpose()
    }

    /// A file, if somebody may see it: it is of their tenant, or linked to a room they are in.
    ///
    /// # Errors
    /// Only ours.
    pub async fn visible_file(
        &self,
        id: FileId,
        tenant_id: TenantId,
        user_id: UserId,
    ) -> Result<Option<FileRow>, Error> {
        let select =
            "SELECT tenant_id, owner_id, body, paths, original FROM files WHERE id = $1 AND (tenant_id = $2 OR EXISTS
            (SELECT 1 FROM room_files l JOIN members m ON m.room_id = l.room_id
                WHERE l.file_id = $1 AND m.user_id = $3))";
        let row: Option<Row> =
            reading!(self, |db| row!(db, select, id.to_string(), tenant_id.to_string(), user_id.to_string()));
        row.map(Row::file).transpose()
    }

    /// A tenant's newest files, of those made before `before`, at most `limit`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn files_of_tenant(
        &self,
        tenant_id: TenantId,
        before: Option<FileId>,
        limit: usize,
    ) -> Result<Vec<FileRow>, Error> {
        let select = "SELECT tenant_id, owner_id, body, paths, original FROM files WHERE tenant_id = $1 AND id < $2
            ORDER BY id DESC LIMIT $3";
        let (tenant_id, before, limit) = (tenant_id.to_string(), older_than(before), signed(limit as u64));
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, tenant_id, before, limit));
        rows.into_iter().map(Row::file).collect()
    }

    /// The files linked to a room, newest first, of those made before `before`, at most `limit`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn files_of_room(
        &self,
        room_id: RoomId,
        before: Option<FileId>,
        limit: usize,
    ) -> Result<Vec<FileRow>, Error> {
        let select =
            "SELECT f.tenant_id, f.owner_id, f.body, f.paths, f.original FROM room_files l JOIN files f ON f.id = l.file_id
            WHERE l.room_id = $1 AND f.id < $2 ORDER BY f.id DESC LIMIT $3";
        let (room_id, before, limit) = (room_id.to_string(), older_than(before), signed(limit as u64));
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, room_id, before, limit));
        rows.into_iter().map(Row::file).collect()
    }

    /// The rooms a file is linked to.
    ///
    /// # Errors
    /// Only ours.
    pub async fn rooms_of_file(&self, id: FileId) -> Result<Vec<RoomId>, Error> {
        let select = "SELECT room_id FROM room_files WHERE file_id = $1 ORDER BY room_id";
        let rows: Vec<(String,)> = reading!(self, |db| rows!(db, select, id.to_string()));
        rows.iter().map(|(id,)| decoded("room_files.room_id", id)).collect()
    }

    /// Links a tenant's files to a room; those linked already stay. Gives the files.
    ///
    /// # Errors
    /// `Missing("file")` if one is not that tenant's; none is linked then.
    pub async fn link_files(
        &self,
        room_id: RoomId,
        tenant_id: TenantId,
        ids: &[FileId],
    ) -> Result<Vec<FileRow>, Error> {
        let select = "SELECT tenant_id, owner_id, body, paths, original FROM files WHERE id = $1 AND tenant_id = $2";
        let link =
            "INSERT INTO room_files (room_id, file_id) VALUES ($1, $2) ON CONFLICT (room_id, file_id) DO NOTHING";
        let (room_id, tenant_id) = (room_id.to_string(), tenant_id.to_string());
        writing!(self, |tx| {
            let mut files = Vec::with_capacity(ids.len());
            for id in ids {
                let found: Option<Row> = row!(&mut *tx, select, id.to_string(), &tenant_id);
                files.push(found.ok_or(Error::Missing("file"))?.file()?);
                run!(&mut *tx, link, &room_id, id.to_string());
            }
            Ok(files)
        })
    }

    /// Takes files out of a room; those that were in it.
    ///
    /// # Errors
    /// Only ours.
    pub async fn unlink_files(&self, room_id: RoomId, ids: &[FileId]) -> Result<Vec<FileId>, Error> {
        let unlink = "DELETE FROM room_files WHERE room_id = $1 AND file_id = $2";
        let room_id = room_id.to_string();
        writing!(self, |tx| {
            let mut gone = Vec::new();
            for id in ids {
                if run!(&mut *tx, unlink, &room_id, id.to_string()) > 0 {
                    gone.push(*id);
                }
            }
            Ok(gone)
        })
    }

    /// Deletes a file's row and links, and gives them back: its objects and rooms are the caller's to tidy and tell.
    ///
    /// # Errors
    /// `Missing("file")`.
    pub async fn delete_file(&self, id: FileId) -> Result<(FileRow, Vec<RoomId>), Error> {
        let unlink = "DELETE FROM room_files WHERE file_id = $1 RETURNING room_id";
        let delete = "DELETE FROM files WHERE id = $1 RETURNING tenant_id, owner_id, body, paths, original";
        let id = id.to_string();
        writing!(self, |tx| {
            let links: Vec<(String,)> = rows!(&mut *tx, unlink, &id);
            let row: Option<Row> = row!(&mut *tx, delete, &id);
            let row = row.ok_or(Error::Missing("file"))?.file()?;
            let rooms = links.iter().map(|(id,)| decoded("room_files.room_id", id)).collect::<Result<_, _>>()?;
            Ok((row, rooms))
        })
    }
}

/// Ids sort by the time they were made, as text, too.
fn older_than(before: Option<FileId>) -> String {
    before.map_or_else(|| "g".to_owned(), |id| id.to_string())
}
