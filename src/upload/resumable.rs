//! Uploads that arrive in pieces, over however many connections, also after the server was started anew. The store knows
//! what they are to become, the bytes on disk how far they are. A whole one becomes a file like any other; what came
//! of it stays to be asked for until it expires, since the connection may be lost before the answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use uuid::Uuid;
use vizroom_protocol::file::{File, Upload, UploadStage};
use vizroom_protocol::id::{FileId, RoomId, UploadId};
use vizroom_protocol::{Code, Error};

use super::{Uploader, allowed, may_link};
use crate::app::App;
use crate::auth::Caller;
use crate::clock::rfc3339;
use crate::files::parts::{Appended, Part, Sha1Sum};
use crate::store::UploadRow;

/// Between two looks for uploads that have expired.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// What is to be uploaded.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub name: String,
    /// Bytes in all.
    pub length: u64,
    pub room_id: Option<RoomId>,
    /// The file whose next version it is to be.
    pub replaces: Option<FileId>,
}

/// Begins an upload.
///
/// # Errors
/// `TOO_LARGE` if it is, or there is no room for it; `NOT_FOUND` or `FORBIDDEN` for the room or the file; or ours.
pub async fn begin(app: &App, caller: &Caller, wanted: Wanted) -> Result<UploadRow, Error> {
    let limits = &app.config.limits;
    if wanted.length == 0 {
        return Err(Error::invalid("file", "the file is empty"));
    }
    if wanted.length > limits.upload_bytes_max {
        let why = format!("an upload has at most {} bytes", limits.upload_bytes_max);
        return Err(Error::new(Code::TooLarge, why));
    }
    may_link(app, caller.user_id, wanted.room_id).await?;
    if let Some(id) = wanted.replaces {
        super::own(app, caller, id).await?;
    }
    let row = UploadRow {
        id: UploadId(Uuid::now_v7()),
        tenant_id: caller.tenant_id,
        owner_id: caller.user_id,
        room_id: wanted.room_id,
        replaces: wanted.replaces,
        name: wanted.name,
        length: wanted.length,
        outcome: None,
        expires_ms: app.clock.now_ms().saturating_add(limits.upload_open_ms_max),
    };
    app.store.begin_upload(&row, allowed(app), limits.uploads_open_max).await?;
    if let Err(error) = app.files.begin_part(row.id).await {
        app.store.delete_upload(row.id).await?;
        return Err(error);
    }
    Ok(row)
}

/// The upload, if it is the caller's and has not expired.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn own(app: &App, caller: &Caller, id: UploadId) -> Result<UploadRow, Error> {
    let row = app.store.upload(id).await?;
    let own = row.filter(|row| row.owner_id == caller.user_id && row.expires_ms > app.clock.now_ms());
    own.ok_or_else(|| Error::not_found("upload"))
}

/// How far an upload is. One that is whole and that nobody reads is read from now on.
///
/// # Errors
/// `NOT_FOUND`, or ours.
pub async fn status(app: &Arc<App>, caller: &Caller, id: UploadId) -> Result<Upload, Error> {
    let row = own(app, caller, id).await?;
    let (mut stage, mut offset, mut file, mut error) = (UploadStage::Arriving, row.length, None, None);
    match &row.outcome {
        Some(Ok(id)) => {
            stage = UploadStage::Done;
            file = app.store.file(*id).await?.map(|row| row.file);
        }
        Some(Err(why)) => (stage, error) = (UploadStage::Failed, Some(why.clone())),
        None => {
            offset = app.files.part_size(id).await?.unwrap_or_default();
            if offset == row.length {
                stage = UploadStage::Reading;
                take_up(app, id);
            }
        }
    }
    let (name, expires_at) = (row.name, rfc3339(row.expires_ms));
    Ok(Upload { id, name, stage, offset, length: row.length, file, error, expires_at })
}

/// How many bytes an upload has; whoever still appends to it is sent away, so that it stays so.
///
/// # Errors
/// `CONFLICT` if they do not leave, or ours.
pub async fn settled(app: &App, row: &UploadRow) -> Result<u64, Error> {
    if row.outcome.is_some() || app.files.part_size(row.id).await? == Some(row.length) {
        return Ok(row.length);
    }
    let (row, part) = alone(app, row.id).await?;
    if row.outcome.is_some() { Ok(row.length) } else { part.size().await }
}

/// An upload with nobody else at it, as it is then.
async fn alone(app: &App, id: UploadId) -> Result<(UploadRow, Part), Error> {
    let part = app.files.part(id).await?;
    let row = app.store.upload(id).await?.ok_or_else(|| Error::not_found("upload"))?;
    Ok((row, part))
}

/// What became of a piece.
#[derive(Debug)]
pub enum Step {
    /// So many bytes are there; with the last of them, it has become a file.
    At(u64),
    /// It was not what its checksum says.
    Mismatch,
}

/// Appends a piece; the last one makes it a file.
///
/// # Errors
/// `CONFLICT` if it does not begin where the upload ends; `TOO_LARGE` if it is longer than said; what reading it gives; or ours.
pub async fn append(
    app: &Arc<App>,
    id: UploadId,
    offset: u64,
    piece: impl Stream<Item = Result<Bytes, Error>> + Unpin + Send,
    checksum: Option<Sha1Sum>,
) -> Result<Step, Error> {
    let misplaced = |at: u64| {
        let error = Error::new(Code::Conflict, format!("the upload has {at} bytes"));
        Error { field: Some("Upload-Offset".into()), ..error }
    };
    let (row, part) = alone(app, id).await?;
    match &row.outcome {
        Some(Err(error)) => return Err(error.clone()),
        Some(Ok(_)) if offset == row.length => return Ok(Step::At(offset)),
        Some(Ok(_)) => return Err(misplaced(row.length)),
        None => {}
    }
    let at = part.size().await?;
    if at != offset {
        return Err(misplaced(at));
    }
    match part.append(offset, piece, row.length, checksum).await? {
        Appended::Mismatch => Ok(Step::Mismatch),
        Appended::To(at) if at < row.length => Ok(Step::At(at)),
        Appended::To(at) => finish(app.clone(), row, part).await.map(|_| Step::At(at)),
    }
}

/// Gives an upload up. What has become a file already stays one.
///
/// # Errors
/// `CONFLICT` if it is being read, or ours.
pub async fn give_up(app: &App, row: &UploadRow) -> Result<(), Error> {
    let part = app.files.part(row.id).await?;
    app.store.delete_upload(row.id).await?;
    part.remove().await;
    Ok(())
}

/// Makes a file of a whole upload, and keeps what came of it.
async fn finish(app: Arc<App>, row: UploadRow, part: Part) -> Result<File, Error> {
    let started = Instant::now();
    let whole = part.whole(row.length);
    let name = app.store.user(row.owner_id).await?.ok_or_else(|| Error::not_found("user"))?.name;
    let by = Uploader { user_id: row.owner_id, tenant_id: row.tenant_id, name };
    let made = match row.replaces {
        None => super::add(&app, by, row.room_id, &row.name, &whole).await,
        Some(id) => super::replace(&app, by, id, &whole).await,
    };
    app.counters.uploads.count(&made, started.elapsed());
    match &made {
        // The store knows: it took the file and this in one transaction.
        Ok(file) => app.counters.uploaded_bytes.add(file.size),
        // To be tried again, when somebody asks or at the next start.
        Err(error) if error.code.status() >= 500 => return made,
        Err(error) => app.store.end_upload(row.id, &Err(error.clone())).await?,
    }
    part.remove().await;
    made
}

/// Takes up what an earlier process left: whole uploads are read in the background, bytes of those that are over removed.
///
/// # Errors
/// Ours.
pub async fn resume(app: &Arc<App>) -> Result<(), Error> {
    let open = app.store.uploads_open().await?;
    let known: Vec<UploadId> = open.iter().map(|row| row.id).collect();
    if let Err(error) = app.files.keep_parts(&known).await {
        tracing::warn!(%error, "uploads stay behind");
    }
    for row in open {
        if app.files.part_size(row.id).await? == Some(row.length) {
            take_up(app, row.id);
        }
    }
    Ok(())
}

/// Has a whole upload read in the background, unless somebody is at it.
fn take_up(app: &Arc<App>, id: UploadId) {
    let Some(part) = app.files.idle_part(id) else { return };
    let app = app.clone();
    app.clone().tasks.spawn(async move {
        match app.store.upload(id).await {
            Ok(Some(row)) if row.outcome.is_none() => drop(finish(app, row, part).await),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, upload = %id, "an upload waits to be read"),
        }
    });
}

/// Forgets uploads that have expired, now and then, until the server stops.
pub async fn sweep(app: Arc<App>) {
    loop {
        if let Err(error) = expire(&app).await {
            tracing::warn!(%error, "expired uploads could not be removed");
        }
        let pause = tokio::time::sleep(SWEEP_EVERY);
        if app.draining.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

async fn expire(app: &App) -> Result<(), Error> {
    for id in app.store.expire_uploads(app.clock.now_ms()).await? {
        // One that is being read removes itself.
        if let Ok(part) = app.files.part(id).await {
            part.remove().await;
        }
    }
    Ok(())
}
