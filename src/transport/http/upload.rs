//! Uploads: multipart, streamed to the spool, never held in memory.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::CONTENT_TYPE;
use multer::{Field, Multipart};
use schemars::JsonSchema;
use serde_json::value::to_raw_value;
use vizroom_protocol::file::{File, Usage};
use vizroom_protocol::id::{FileId, RoomId};
use vizroom_protocol::operation::Key;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, Body};
use super::succeeded;
use crate::app::App;
use crate::files::{Files, Spooled};
use crate::store::Error as StoreError;
use crate::upload;

/// Fields other than the file are ids.
const FIELD_BYTES_MAX: usize = 100;
/// A form of an upload has few fields.
const FIELDS_MAX: usize = 8;

/// Of a refused upload so much is read to its end, and for so long.
const REST_BYTES_MAX: usize = 8 * 1024 * 1024;
const REST_TIMEOUT: Duration = Duration::from_secs(5);

/// The form of an upload.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "said; it is read piece by piece")]
#[schemars(rename = "Upload")]
pub(super) struct Add {
    /// Its name in the form is the file's.
    #[schemars(extend("format" = "binary"))]
    file: String,
    /// Links it to this room at once.
    room_id: Option<RoomId>,
}

/// The form of a new content for a file.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "said; it is read piece by piece")]
#[schemars(rename = "Reupload")]
pub(super) struct Replace {
    file_id: FileId,
    #[schemars(extend("format" = "binary"))]
    file: String,
}

/// What an upload's form says.
struct Form {
    name: String,
    spooled: Spooled,
    room_id: Option<RoomId>,
}

/// `POST /server/data/upload`: `file`, and `room_id` to link it to a room at once.
pub(super) async fn add(mut ask: Ask) -> Result<Response, Error> {
    let added = taken(&mut ask).await;
    present(added, &ask)
}

async fn taken(ask: &mut Ask) -> Result<File, Error> {
    let caller = ask.allowed(Key::Write)?;
    let usage = upload::usage(&ask.bus.app, &caller).await?;
    let (form, app) = (form(ask, &usage, usage.files < usage.files_max).await?, ask.bus.app.clone());
    finish(ask, async move { upload::add(&app, &caller, form.room_id, &form.name, &form.spooled).await }).await
}

/// `POST /server/data/{file_id}/reupload`: `file`.
pub(super) async fn replace(mut ask: Ask) -> Result<Response, Error> {
    let replaced = replaced(&mut ask).await;
    present(replaced, &ask)
}

async fn replaced(ask: &mut Ask) -> Result<File, Error> {
    let caller = ask.allowed(Key::Write)?;
    let file_id: FileId = ask.param(0).parse().map_err(|_| Error::invalid("file_id", "not an id"))?;
    let old = upload::own(&ask.bus.app, &caller, file_id).await?;
    let mut usage = upload::usage(&ask.bus.app, &caller).await?;
    usage.bytes = usage.bytes.saturating_sub(old.file.size);
    let (form, app) = (form(ask, &usage, true).await?, ask.bus.app.clone());
    finish(ask, async move { upload::replace(&app, &caller, file_id, &form.spooled).await }).await
}

/// What arrived whole is dealt with to the end: who hangs up cuts nothing in half.
pub(super) async fn finish(
    ask: &Ask,
    work: impl Future<Output = Result<File, Error>> + Send + 'static,
) -> Result<File, Error> {
    ask.bus.app.tasks.spawn(work).await.map_err(|error| {
        tracing::error!(%error, "an upload ended without an answer");
        Error::new(Code::InternalError, "the upload ended without an answer")
    })?
}

/// Counts what became of an upload, and answers it.
fn present(outcome: Result<File, Error>, ask: &Ask) -> Result<Response, Error> {
    let counters = &ask.bus.app.counters;
    counters.uploads.count(&outcome, ask.started.elapsed());
    let file = outcome?;
    counters.uploaded_bytes.add(file.size);
    let data = to_raw_value(&file).unwrap_or_else(|error| unreachable!("a file is plain data: {error}"));
    Ok(succeeded(&data, ask.started))
}

/// Reads the form, of which no more is kept than the tenant has place for.
async fn form(ask: &mut Ask, usage: &Usage, place: bool) -> Result<Form, Error> {
    let kind = ask.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind)
        .map_err(|_| Error::invalid("Content-Type", "this route takes multipart/form-data"))?;
    let mut chunks = std::mem::replace(&mut ask.body, Body::empty()).chunks();
    let left = usage.bytes_max.saturating_sub(usage.bytes);
    let bytes_max = ask.bus.app.config.limits.upload_bytes_max;
    let form = match place && left > 0 {
        true => fields(&ask.bus.app, Multipart::new(&mut chunks, boundary), bytes_max.min(left)).await,
        false => Err(StoreError::Full(*usage).into()),
    };
    if form.is_err() {
        read_rest(&mut chunks).await;
    }
    form.map_err(|error| match error.code {
        Code::TooLarge if left < bytes_max => StoreError::Full(*usage).into(),
        _ => error,
    })
}

/// Reads what is left of a refused body, for a while: who is still sending would see the connection reset instead of
/// the answer.
pub(super) async fn read_rest(chunks: &mut (impl Stream<Item = Result<Bytes, Error>> + Unpin)) {
    let rest = async {
        let mut left = REST_BYTES_MAX;
        while left > 0
            && let Some(Ok(chunk)) = chunks.next().await
        {
            left = left.saturating_sub(chunk.len());
        }
    };
    // Too slow is as good as too much.
    let _ = tokio::time::timeout(REST_TIMEOUT, rest).await;
}

async fn fields(app: &App, mut parts: Multipart<'_>, bytes_max: u64) -> Result<Form, Error> {
    let (mut file, mut room_id) = (None, None);
    for _ in 0..FIELDS_MAX {
        let Some(part) = parts.next_field().await.map_err(unreadable)? else { break };
        match part.name() {
            Some("file") if file.is_none() => file = Some(spool(&app.files, part, bytes_max).await?),
            Some("room_id") if room_id.is_none() => room_id = Some(id(part).await?),
            other => {
                let name = other.unwrap_or_default().chars().take(64).collect::<String>();
                return Err(Error::invalid(name, "the form has one `file` and may have one `room_id`"));
            }
        }
    }
    let (name, spooled) = file.ok_or_else(|| Error::invalid("file", "the form has no file"))?;
    Ok(Form { name, spooled, room_id })
}

pub(super) async fn spool(files: &Files, part: Field<'_>, bytes_max: u64) -> Result<(String, Spooled), Error> {
    let name = file_name(part.file_name().unwrap_or_default())?;
    let chunks = part.map(|chunk| chunk.map_err(unreadable));
    Ok((name, files.spool(chunks, bytes_max).await?))
}

/// The name without the path that some browsers send with it.
pub(super) fn file_name(sent: &str) -> Result<String, Error> {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(Error::invalid("file", "the file needs a name of 1 to 255 characters"));
    }
    Ok(name.to_owned())
}

async fn id(mut part: Field<'_>) -> Result<RoomId, Error> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        text.extend_from_slice(&chunk);
        if text.len() > FIELD_BYTES_MAX {
            break;
        }
    }
    let text = String::from_utf8_lossy(&text);
    text.trim().parse().map_err(|_| Error::invalid("room_id", "not an id"))
}

/// An error of ours that passed through the parser comes out as it went in.
pub(super) fn unreadable(error: multer::Error) -> Error {
    if let multer::Error::StreamReadFailed(inner) = error {
        return match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(_) => Error::invalid("body", "the body was cut off"),
        };
    }
    Error::invalid("body", format!("not a form: {error}"))
}
