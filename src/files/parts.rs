//! Uploads that arrive in pieces: one file each, which outlives the process. One at a time works on it; whoever comes
//! next interrupts: a connection that was lost may look alive for long.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use dashmap::DashMap;
use futures_util::{Stream, StreamExt};
use sha1::{Digest, Sha1};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;
use vizroom_protocol::id::UploadId;
use vizroom_protocol::{Code, Error};

use super::{Files, Spooled, ours};

/// How long whoever is interrupted has to leave.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
/// Turns remembered before those nobody has are forgotten.
const TURNS_MAX: usize = 1_000;

/// Who works on which upload.
#[derive(Debug, Default)]
pub(super) struct Turns(DashMap<UploadId, Arc<Turn>>);

#[derive(Debug, Default)]
struct Turn {
    lock: Arc<tokio::sync::Mutex<()>>,
    /// Of who has it, or had it last.
    stop: Mutex<CancellationToken>,
}

/// An upload in pieces, with nobody else at it.
#[derive(Debug)]
pub struct Part {
    id: UploadId,
    path: PathBuf,
    stop: CancellationToken,
    _turn: OwnedMutexGuard<()>,
}

/// What a piece must hash to.
pub type Sha1Sum = [u8; 20];

/// How appending ended.
#[derive(Debug)]
pub enum Appended {
    /// So many bytes are there now.
    To(u64),
    /// The piece is not what its checksum says, and is not kept.
    Mismatch,
}

impl Files {
    /// Begins an upload in pieces.
    ///
    /// # Errors
    /// Ours.
    pub async fn begin_part(&self, id: UploadId) -> Result<(), Error> {
        File::create_new(self.part_path(id)).await.map_err(|error| ours(&error))?.sync_all().await.map_err(|e| ours(&e))
    }

    /// Bytes that an upload has so far; none if there is no such.
    ///
    /// # Errors
    /// Ours.
    pub async fn part_size(&self, id: UploadId) -> Result<Option<u64>, Error> {
        match tokio::fs::metadata(self.part_path(id)).await {
            Ok(about) => Ok(Some(about.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ours(&error)),
        }
    }

    /// Takes an upload from whoever appends to it.
    ///
    /// # Errors
    /// `CONFLICT` if they do not leave: it is being read.
    pub async fn part(&self, id: UploadId) -> Result<Part, Error> {
        if self.turns.0.len() >= TURNS_MAX {
            self.turns.0.retain(|_, turn| Arc::strong_count(turn) > 1 || turn.lock.try_lock().is_err());
        }
        let turn = Arc::clone(&self.turns.0.entry(id).or_default());
        let stop = CancellationToken::new();
        std::mem::replace(&mut *turn.stop.lock().unwrap_or_else(PoisonError::into_inner), stop.clone()).cancel();
        match tokio::time::timeout(TURN_TIMEOUT, turn.lock.clone().lock_owned()).await {
            Ok(turn) => Ok(Part { id, path: self.part_path(id), stop, _turn: turn }),
            Err(_) => Err(Error::new(Code::Conflict, "this upload is being worked on")),
        }
    }

    /// The same, unless somebody has it.
    pub fn idle_part(&self, id: UploadId) -> Option<Part> {
        let turn = Arc::clone(&self.turns.0.entry(id).or_default());
        let turn = turn.lock.clone().try_lock_owned().ok()?;
        Some(Part { id, path: self.part_path(id), stop: CancellationToken::new(), _turn: turn })
    }

    /// Removes what is there of uploads that are not among `known`.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub async fn keep_parts(&self, known: &[UploadId]) -> std::io::Result<()> {
        let mut entries = tokio::fs::read_dir(&self.parts).await?;
        while let Some(entry) = entries.next_entry().await? {
            let id = entry.file_name().to_str().and_then(|name| name.parse::<UploadId>().ok());
            if id.is_none_or(|id| !known.contains(&id)) {
                tokio::fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }

    fn part_path(&self, id: UploadId) -> PathBuf {
        self.parts.join(id.to_string())
    }
}

impl Part {
    /// Bytes so far.
    ///
    /// # Errors
    /// Ours.
    pub async fn size(&self) -> Result<u64, Error> {
        tokio::fs::metadata(&self.path).await.map(|about| about.len()).map_err(|error| ours(&error))
    }

    /// Appends a piece behind the first `offset` bytes, so that there are at most `length`. What arrived before it broke
    /// off is kept, unless a checksum was to be met; what is answered for is on the disk.
    ///
    /// # Errors
    /// `TOO_LARGE`, whatever the stream says, `CONFLICT` if somebody else took it over, or ours.
    pub async fn append(
        &self,
        offset: u64,
        piece: impl Stream<Item = Result<Bytes, Error>> + Unpin,
        length: u64,
        checksum: Option<Sha1Sum>,
    ) -> Result<Appended, Error> {
        let mut file = OpenOptions::new().append(true).open(&self.path).await.map_err(|error| ours(&error))?;
        let (mut size, mut hash) = (offset, checksum.map(|_| Sha1::new()));
        let mut written = self.write(&mut file, piece, length, &mut size, &mut hash).await.map(|()| Appended::To(size));
        // Whoever comes next sees all of it or nothing.
        file.flush().await.map_err(|error| ours(&error))?;
        if let Some((wanted, hash)) = checksum.zip(hash) {
            let same = hash.finalize().as_slice() == wanted.as_slice();
            if !same || written.is_err() {
                file.set_len(offset).await.map_err(|error| ours(&error))?;
                written = written.map(|_| Appended::Mismatch);
            }
        }
        file.sync_data().await.map_err(|error| ours(&error))?;
        written
    }

    async fn write(
        &self,
        file: &mut File,
        mut piece: impl Stream<Item = Result<Bytes, Error>> + Unpin,
        length: u64,
        size: &mut u64,
        hash: &mut Option<Sha1>,
    ) -> Result<(), Error> {
        loop {
            let next = self.stop.run_until_cancelled(piece.next()).await;
            let taken = || Error::new(Code::Conflict, "another request goes on with this upload");
            let Some(chunk) = next.ok_or_else(taken)? else { return Ok(()) };
            let chunk = chunk?;
            if *size + chunk.len() as u64 > length {
                return Err(Error::new(Code::TooLarge, format!("this upload was to have {length} bytes")));
            }
            file.write_all(&chunk).await.map_err(|error| ours(&error))?;
            *size += chunk.len() as u64;
            if let Some(hash) = hash {
                hash.update(&chunk);
            }
        }
    }

    /// The whole, to be read; it stays until it is removed.
    pub fn whole(&self, size: u64) -> Spooled {
        Spooled { path: self.path.clone(), size, upload: Some(self.id) }
    }

    /// Removes its bytes.
    pub async fn remove(self) {
        if let Err(error) = tokio::fs::remove_file(&self.path).await
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.path.display(), "an upload stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use uuid::Uuid;

    use super::*;

    fn piece(text: &'static str) -> impl Stream<Item = Result<Bytes, Error>> + Unpin {
        stream::iter([Ok(Bytes::from(text))])
    }

    fn sum(text: &str) -> Sha1Sum {
        Sha1::digest(text).into()
    }

    #[tokio::test]
    async fn pieces_become_a_whole_and_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let (files, id) = (Files::open(dir.path(), &dir.path().join("files")).await.unwrap(), UploadId(Uuid::now_v7()));
        files.begin_part(id).await.unwrap();
        let part = files.part(id).await.unwrap();
        assert!(matches!(part.append(0, piece("ab"), 5, None).await, Ok(Appended::To(2))));
        assert_eq!(part.append(2, piece("cdef"), 5, None).await.unwrap_err().code, Code::TooLarge);
        assert!(matches!(part.append(2, piece("x"), 5, Some(sum("y"))).await, Ok(Appended::Mismatch)));
        let cut = stream::iter([Ok(Bytes::from("x")), Err(Error::invalid("body", "cut off"))]);
        assert!(part.append(2, cut, 5, Some(sum("x"))).await.is_err());
        assert_eq!(part.size().await.unwrap(), 2, "what cannot be checked is not kept");
        let cut = stream::iter([Ok(Bytes::from("c")), Err(Error::invalid("body", "cut off"))]);
        assert!(part.append(2, cut, 5, None).await.is_err());
        drop(part);
        let files = Files::open(dir.path(), &dir.path().join("files")).await.unwrap();
        assert_eq!(files.part_size(id).await.unwrap(), Some(3), "what arrived is kept");
        let part = files.part(id).await.unwrap();
        assert!(matches!(part.append(3, piece("de"), 5, Some(sum("de"))).await, Ok(Appended::To(5))));
        assert_eq!(std::fs::read(part.whole(5).path()).unwrap(), b"abcde");
        files.keep_parts(&[id]).await.unwrap();
        assert_eq!(files.part_size(id).await.unwrap(), Some(5));
        files.keep_parts(&[]).await.unwrap();
        assert_eq!(files.part_size(id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn who_comes_next_interrupts() {
        let dir = tempfile::tempdir().unwrap();
        let (files, id) = (Files::open(dir.path(), &dir.path().join("files")).await.unwrap(), UploadId(Uuid::now_v7()));
        files.begin_part(id).await.unwrap();
        let first = files.part(id).await.unwrap();
        assert!(files.idle_part(id).is_none());
        let never = Box::pin(piece("ab").chain(stream::pending()));
        let stuck = tokio::spawn(async move { first.append(0, never, 5, None).await.map(|_| ()) });
        let second = files.part(id).await.unwrap();
        assert_eq!(stuck.await.unwrap().unwrap_err().code, Code::Conflict);
        assert!(second.size().await.unwrap() <= 2);
        second.remove().await;
        assert_eq!(files.part_size(id).await.unwrap(), None);
    }
}
