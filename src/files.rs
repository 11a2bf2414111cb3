//! Uploaded bytes: first a spool file, then objects (datasets as the query engine reads them) under a prefix per
//! tenant, file and version. Knows nothing of what is inside.

mod hold;
pub mod parts;

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, path::Path as ObjectPath};
use tokio::fs::{File, create_dir_all};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;
use vizroom_protocol::id::{FileId, TenantId, UploadId};
use vizroom_protocol::{Code, Error};

pub use hold::Hold;

/// The name of an upload as it came, beside the datasets made of it: these end in `.parquet`.
const ORIGINAL: &str = "original";

/// The object store, the spool folder, and the folder of uploads in pieces.
#[derive(Debug)]
pub struct Files {
    objects: Arc<LocalFileSystem>,
    spool: PathBuf,
    parts: PathBuf,
    turns: parts::Turns,
}

/// An upload on its way in; unless it came in pieces, the file is removed when this is dropped.
#[derive(Debug)]
pub struct Spooled {
    path: PathBuf,
    size: u64,
    /// The upload whose pieces these are.
    upload: Option<UploadId>,
}

impl Spooled {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The upload whose pieces these are, if it came so.
    pub fn upload(&self) -> Option<UploadId> {
        self.upload
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        if self.upload.is_none()
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "a spool file stays behind");
        }
    }
}

impl Files {
    /// Objects go to `files_dir`, which servers may share; spool files to `data_dir/spool`, which is emptied: what is there
    /// was left by a process that died. Uploads in pieces stay in `data_dir/uploads`.
    ///
    /// # Errors
    /// If the folders cannot be made.
    pub async fn open(data_dir: &Path, files_dir: &Path) -> std::io::Result<Self> {
        let (objects, spool, parts) = (files_dir, data_dir.join("spool"), data_dir.join("uploads"));
        create_dir_all(objects).await?;
        create_dir_all(&parts).await?;
        match tokio::fs::remove_dir_all(&spool).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => create_dir_all(&spool).await?,
        }
        let objects = LocalFileSystem::new_with_prefix(objects)?.with_automatic_cleanup(true);
        Ok(Self { objects: Arc::new(objects), spool, parts, turns: parts::Turns::default() })
    }

    /// The object store.
    pub fn objects(&self) -> Arc<dyn ObjectStore> {
        self.objects.clone()
    }

    /// Where the objects of a new version of a file go: nobody else's, whoever uploads at the same time.
    pub fn new_prefix(tenant_id: TenantId, file_id: FileId) -> ObjectPath {
        ObjectPath::from(format!("{tenant_id}/{file_id}/{}", Uuid::now_v7()))
    }

    /// Where everything of a file is.
    pub fn all_versions(tenant_id: TenantId, file_id: FileId) -> ObjectPath {
        ObjectPath::from(format!("{tenant_id}/{file_id}"))
    }

    /// Writes an upload to the spool as it arrives, at most `bytes_max`. Nothing stays behind if it fails.
    ///
    /// # Errors
    /// `TOO_LARGE`, whatever the stream says, or ours.
    pub async fn spool(
        &self,
        mut upload: impl Stream<Item = Result<Bytes, Error>> + Unpin,
        bytes_max: u64,
    ) -> Result<Spooled, Error> {
        let path = self.spool.join(Uuid::now_v7().to_string());
        // Without a wait in between: an upload given up there would leave a file that nobody removes.
        let file = std::fs::File::create_new(&path).map_err(|e| ours(&e))?;
        let (mut file, mut spooled) = (File::from_std(file), Spooled { path, size: 0, upload: None });
        while let Some(chunk) = upload.next().await {
            let chunk = chunk?;
            spooled.size += chunk.len() as u64;
            if spooled.size > bytes_max {
                return Err(Error::new(Code::TooLarge, format!("an upload has at most {bytes_max} bytes")));
            }
            file.write_all(&chunk).await.map_err(|e| ours(&e))?;
        }
        file.flush().await.map_err(|e| ours(&e))?;
        Ok(spooled)
    }

    /// Keeps an upload as it came, as an object under `prefix`: where it is. Nothing is copied where the spool and the
    /// objects lie on one disk.
    ///
    /// # Errors
    /// Ours.
    pub async fn keep(&self, spooled: &Spooled, prefix: &ObjectPath) -> Result<ObjectPath, Error> {
        let path = prefix.clone().join(ORIGINAL);
        let place = self.objects.path_to_filesystem(&path).map_err(|error| ours(&std::io::Error::other(error)))?;
        if let Some(folder) = place.parent() {
            create_dir_all(folder).await.map_err(|error| ours(&error))?;
        }
        if tokio::fs::hard_link(&spooled.path, &place).await.is_err() {
            tokio::fs::copy(&spooled.path, &place).await.map_err(|error| ours(&error))?;
        }
        Ok(path)
    }

    /// The bytes of an object from one place up to another, as they are read.
    ///
    /// # Errors
    /// `NOT_FOUND` if it has been deleted meanwhile, or ours.
    pub async fn read(&self, path: &str, range: Range<u64>) -> Result<BoxStream<'static, io::Result<Bytes>>, Error> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        match self.objects.get_opts(&ObjectPath::from(path), options).await {
            Ok(found) => Ok(found.into_stream().map_err(io::Error::other).boxed()),
            Err(object_store::Error::NotFound { .. }) => Err(Error::not_found("file")),
            Err(error) => {
                tracing::error!(%error, path, "an object cannot be read");
                Err(Error::new(Code::InternalError, "the file cannot be read"))
            }
        }
    }

    /// Deletes all objects under a prefix. A failure is logged, not returned: the row that led to them is gone, and
    /// nobody can do anything about it.
    pub async fn delete(&self, prefix: &ObjectPath) {
        let listed: Result<Vec<_>, _> =
            self.objects.list(Some(prefix)).map_ok(|object| object.location).try_collect().await;
        match listed {
            Ok(paths) => self.delete_all(paths).await,
            Err(error) => tracing::warn!(%error, %prefix, "objects stay behind"),
        }
    }

    /// Deletes objects by their paths; a failure is logged.
    pub async fn delete_objects(&self, paths: impl Iterator<Item = &String>) {
        self.delete_all(paths.map(|path| ObjectPath::from(path.as_str())).collect()).await;
    }

    async fn delete_all(&self, paths: Vec<ObjectPath>) {
        for path in paths {
            if let Err(error) = self.objects.delete(&path).await {
                tracing::warn!(%error, %path, "an object stays behind");
            }
        }
    }
}

fn ours(error: &std::io::Error) -> Error {
    tracing::error!(%error, "the upload could not be written");
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) {
        return Error::new(Code::Unavailable, "the server has no space left for uploads");
    }
    Error::new(Code::InternalError, "the upload could not be stored")
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    async fn files() -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path(), &dir.path().join("files")).await.unwrap();
        (dir, files)
    }

    fn left(dir: &Path) -> usize {
        std::fs::read_dir(dir.join("spool")).unwrap().count()
    }

    #[tokio::test]
    async fn an_upload_is_spooled_and_removed_with_its_owner() {
        let (dir, files) = files().await;
        let chunks = stream::iter(["ab", "c"].map(|c| Ok(Bytes::from(c))));
        let spooled = files.spool(chunks, 3).await.unwrap();
        assert_eq!((std::fs::read(spooled.path()).unwrap(), spooled.size()), (b"abc".to_vec(), 3));
        drop(spooled);
        assert_eq!(left(dir.path()), 0);
    }

    #[tokio::test]
    async fn nothing_stays_of_an_upload_that_fails() {
        let (dir, files) = files().await;
        let chunks = stream::iter(["ab", "cd"].map(|c| Ok(Bytes::from(c))));
        assert_eq!(files.spool(chunks, 3).await.unwrap_err().code, Code::TooLarge);
        let cut = stream::iter([Ok(Bytes::from("ab")), Err(Error::invalid("body", "cut off"))]);
        assert_eq!(files.spool(cut, 3).await.unwrap_err().code, Code::InvalidRequest);
        assert_eq!(left(dir.path()), 0);
        std::fs::write(dir.path().join("spool/dead"), "x").unwrap();
        Files::open(dir.path(), &dir.path().join("files")).await.unwrap();
        assert_eq!(left(dir.path()), 0);
    }

    #[tokio::test]
    async fn an_upload_is_kept_as_it_came_and_read_in_part() {
        let (_dir, files) = files().await;
        let prefix = Files::new_prefix(TenantId(Uuid::from_u128(1)), FileId(Uuid::from_u128(2)));
        let spooled = files.spool(stream::iter([Ok(Bytes::from("abcdef"))]), 6).await.unwrap();
        let path = files.keep(&spooled, &prefix).await.unwrap();
        drop(spooled);
        let read = async |range| {
            let chunks: Vec<Bytes> = files.read(path.as_ref(), range).await.unwrap().try_collect().await.unwrap();
            chunks.concat()
        };
        assert_eq!((read(0..6).await, read(2..4).await), (b"abcdef".to_vec(), b"cd".to_vec()));
        files.delete(&prefix).await;
        assert_eq!(files.read(path.as_ref(), 0..6).await.err().unwrap().code, Code::NotFound);
    }

    #[tokio::test]
    async fn a_prefix_is_deleted_whole_and_alone() {
        let (_dir, files) = files().await;
        let ids = (TenantId(Uuid::from_u128(1)), FileId(Uuid::from_u128(2)));
        let (old, new) = (Files::new_prefix(ids.0, ids.1), Files::new_prefix(ids.0, ids.1));
        for prefix in [&old, &new] {
            files.objects().put(&prefix.clone().join("rows.parquet"), "x".into()).await.unwrap();
        }
        files.delete(&old).await;
        let left: Vec<_> = files.objects().list(None).map_ok(|o| o.location).try_collect().await.unwrap();
        let path = new.join("rows.parquet");
        assert_eq!(left, std::slice::from_ref(&path));
        files.delete_objects([path.to_string()].iter()).await;
        assert_eq!(files.objects().list(None).count().await, 0);
    }
}
