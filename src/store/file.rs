//! Uploaded files, and which rooms may query them.

use std::collections::BTreeMap;

use vizroom_protocol::file::File;
use vizroom_protocol::id::{FileId, RoomId, TenantId, UserId};

use super::{Error, Store, decoded, from_json, signed, to_json, unsigned};

/// A file with what only the server knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRow {
    pub file: File,
    pub tenant_id: TenantId,
    pub owner_id: UserId,
    /// Where each dataset's rows are: name → object path.
    pub paths: BTreeMap<String, String>,
}

row_struct! {
    struct Row {
        tenant_id: String,
        owner_id: String,
        body: String,
        paths: String,
    }
}

impl Row {
    fn file(self) -> Result<FileRow, Error> {
        Ok(FileRow {
            file: from_json("files.body", &self.body)?,
            tenant_id: decoded("files.tenant_id", &self.tenant_id)?,
            owner_id: decoded("files.owner_id", &self.owner_id)?,
            paths: from_json("files.paths", &self.paths)?,
        })
    }
}

impl Store {
    /// Stores a file's row; its objects are there already.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_file(&self, row: &FileRow, now_ms: i64) -> Result<(), Error> {
        let FileRow { file, tenant_id, owner_id, paths } = row;
        let insert = "INSERT INTO files (id, tenant_id, owner_id, version, body, paths, created)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (body, paths) = (to_json("file", file)?, to_json("paths", paths)?);
        let (id, tenant_id, owner_id) = (file.id.to_string(), tenant_id.to_string(), owner_id.to_string());
        let version = signed(file.version);
        writing!(self, |tx| run!(&mut *tx, insert, id, tenant_id, owner_id, version, body, paths, now_ms));
        Ok(())
    }

    /// Replaces a file by its next version.
    ///
    /// # Errors
    /// `Stale(now)` if somebody replaced it first; `Missing("file")`.
    pub async fn replace_file(&self, row: &FileRow) -> Result<(), Error> {
        let update = "UPDATE files SET version = $2, body = $3, paths = $4 WHERE id = $1 AND version = $2 - 1";
        let (body, paths) = (to_json("file", &row.file)?, to_json("paths", &row.paths)?);
        let (id, version) = (row.file.id.to_string(), signed(row.file.version));
        writing!(self, |tx| {
            if run!(&mut *tx, update, &id, version, body, paths) == 0 {
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
            "SELECT tenant_id, owner_id, body, paths FROM files WHERE id = $1",
            id.to_string()
        ));
        row.map(Row::file).transpose()
    }

    /// A tenant's newest files, at most `limit`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn files_of_tenant(&self, tenant_id: TenantId, limit: usize) -> Result<Vec<FileRow>, Error> {
        let select = "SELECT tenant_id, owner_id, body, paths FROM files WHERE tenant_id = $1
            ORDER BY created DESC, id DESC LIMIT $2";
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, tenant_id.to_string(), signed(limit as u64)));
        rows.into_iter().map(Row::file).collect()
    }

    /// The files linked to a room, newest first, at most `limit`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn files_of_room(&self, room_id: RoomId, limit: usize) -> Result<Vec<FileRow>, Error> {
        let select =
            "SELECT f.tenant_id, f.owner_id, f.body, f.paths FROM room_files l JOIN files f ON f.id = l.file_id
            WHERE l.room_id = $1 ORDER BY f.created DESC, f.id DESC LIMIT $2";
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, room_id.to_string(), signed(limit as u64)));
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
        let select = "SELECT tenant_id, owner_id, body, paths FROM files WHERE id = $1 AND tenant_id = $2";
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

    /// Deletes a file's row and links, and gives them back: its objects and rooms are the caller's to tidy and tell.
    ///
    /// # Errors
    /// `Missing("file")`.
    pub async fn delete_file(&self, id: FileId) -> Result<(FileRow, Vec<RoomId>), Error> {
        let unlink = "DELETE FROM room_files WHERE file_id = $1 RETURNING room_id";
        let delete = "DELETE FROM files WHERE id = $1 RETURNING tenant_id, owner_id, body, paths";
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
