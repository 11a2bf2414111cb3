//! Uploads in pieces, by the protocol tus 1.0 (<https://tus.io/protocols/resumable-upload>): core, creation (also with
//! the first piece), expiration, termination and checksum. Metadata: `filename`, `room_id`, and `file_id` to replace one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, StatusCode};
use serde_json::value::to_raw_value;
use vizroom_protocol::id::UploadId;
use vizroom_protocol::operation::Key;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, Body};
use super::routes::Header;
use super::upload::{file_name, read_rest};
use super::{failed, respond, set, succeeded};
use crate::auth::Caller;
use crate::files::parts::Sha1Sum;
use crate::store::UploadRow;
use crate::upload::resumable::{self, Step, Wanted};

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination,checksum";
const PIECE: &str = "application/offset+octet-stream";
/// Characters of the metadata, encoded.
const METADATA_MAX: usize = 4_096;
/// The protocol's own status for a piece that is not what its checksum says.
const MISMATCH: u16 = 460;

/// Request headers, for the documents.
const RESUMABLE: Header =
    Header { name: "Tus-Resumable", pattern: r"^1\.0\.0$", example: VERSION, about: "The protocol's version." };
pub(super) const VERSIONED: &[Header] = &[RESUMABLE];
pub(super) const BEGINS: &[Header] = &[
    RESUMABLE,
    Header { name: "Upload-Length", pattern: "^[0-9]{1,18}$", example: "1024", about: "Bytes in all." },
    Header {
        name: "Upload-Metadata",
        pattern: "^[a-z_]+ [A-Za-z0-9+/=]+(,[a-z_]+ [A-Za-z0-9+/=]+)*$",
        example: "filename c2FsZXMuY3N2",
        about: "`filename`, and if wanted `room_id` or `file_id` (to replace it), each with its value in base64.",
    },
];
pub(super) const APPENDS: &[Header] = &[
    RESUMABLE,
    Header { name: "Upload-Offset", pattern: "^[0-9]{1,18}$", example: "0", about: "Bytes that are there already." },
    Header {
        name: "Upload-Checksum",
        pattern: "^sha1 [A-Za-z0-9+/]{27}=$",
        example: "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        about: "`sha1`, and the piece's sum in base64.",
    },
];

/// Statuses that the protocol has beside the usual ones.
pub(super) const ERRORS: &[(u16, &str)] = &[
    (405, "No `X-HTTP-Method-Override` says what is meant."),
    (412, "Another version of the protocol, or none."),
    (413, "More than one upload, or the tenant, may have."),
    (415, "A piece is `application/offset+octet-stream`."),
    (460, "The piece is not what its checksum says."),
];

/// What goes wrong, and its status where that is not the error's own.
struct Refused(Error, Option<u16>);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error, None)
    }
}

impl From<crate::store::Error> for Refused {
    fn from(error: crate::store::Error) -> Self {
        Self(error.into(), None)
    }
}

/// `OPTIONS /server/data/tus`: what is offered.
pub(super) async fn offer(ask: Ask) -> Result<Response, Error> {
    let mut response = respond(StatusCode::NO_CONTENT, "text/plain", Default::default());
    response.headers_mut().remove(CONTENT_TYPE);
    put(&mut response, "tus-version", VERSION);
    put(&mut response, "tus-extension", EXTENSIONS);
    put(&mut response, "tus-checksum-algorithm", "sha1");
    put(&mut response, "tus-max-size", &ask.bus.app.config.limits.upload_bytes_max.to_string());
    put(&mut response, "tus-resumable", VERSION);
    Ok(response)
}

/// `POST /server/data/tus`
pub(super) async fn begin(mut ask: Ask) -> Result<Response, Error> {
    let begun = begun(&mut ask).await;
    finish(ask, begun).await
}

/// `HEAD /server/data/tus/{upload_id}`, and `GET` for what became of it. Whoever still sends is interrupted.
pub(super) async fn look(mut ask: Ask) -> Result<Response, Error> {
    let looked = looked(&mut ask).await;
    finish(ask, looked).await
}

/// `PATCH /server/data/tus/{upload_id}`
pub(super) async fn append(mut ask: Ask) -> Result<Response, Error> {
    let appended = appended(&mut ask).await;
    finish(ask, appended).await
}

/// `DELETE /server/data/tus/{upload_id}`
pub(super) async fn give_up(mut ask: Ask) -> Result<Response, Error> {
    let given_up = given_up(&mut ask).await;
    finish(ask, given_up).await
}

/// `POST /server/data/tus/{upload_id}`, for clients that cannot say otherwise what they mean.
pub(super) async fn overridden(ask: Ask) -> Result<Response, Error> {
    match header(&ask, "x-http-method-override") {
        Some("PATCH") => append(ask).await,
        Some("DELETE") => give_up(ask).await,
        Some("HEAD") => look(ask).await,
        _ => Err(Error::new(Code::MethodNotAllowed, "not with this method")),
    }
}

async fn begun(ask: &mut Ask) -> Result<Response, Refused> {
    let caller = who(ask)?;
    let length = number(ask, "upload-length")?;
    let wanted = wanted(header(ask, "upload-metadata").unwrap_or_default(), length)?;
    let app = ask.bus.app.clone();
    let row = resumable::begin(&app, &caller, wanted).await?;
    let place = format!("/server/data/tus/{}", row.id);
    let at = match is_piece(ask) {
        true => step(ask, row.id, 0).await?,
        false => 0,
    };
    let mut response = placed(StatusCode::CREATED, at, &row);
    set(&mut response, LOCATION, &place);
    Ok(response)
}

async fn looked(ask: &mut Ask) -> Result<Response, Refused> {
    let (caller, app) = (who(ask)?, ask.bus.app.clone());
    let row = own(ask, &caller).await?;
    let at = resumable::settled(&app, &row).await?;
    let status = resumable::status(&app, &caller, row.id).await?;
    let status = to_raw_value(&status).unwrap_or_else(|error| unreachable!("an upload is plain data: {error}"));
    let mut response = succeeded(&status, ask.started);
    mark(&mut response, at, &row);
    put(&mut response, "upload-length", &row.length.to_string());
    Ok(response)
}

async fn appended(ask: &mut Ask) -> Result<Response, Refused> {
    let caller = who(ask)?;
    if !is_piece(ask) {
        let why = Error::invalid("Content-Type", format!("a piece is {PIECE}"));
        return Err(Refused(why, Some(415)));
    }
    let (row, offset) = (own(ask, &caller).await?, number(ask, "upload-offset")?);
    let at = step(ask, row.id, offset).await?;
    Ok(placed(StatusCode::NO_CONTENT, at, &row))
}

async fn given_up(ask: &mut Ask) -> Result<Response, Refused> {
    let caller = who(ask)?;
    let row = own(ask, &caller).await?;
    resumable::give_up(&ask.bus.app, &row).await?;
    let mut response = placed(StatusCode::NO_CONTENT, 0, &row);
    response.headers_mut().remove("upload-offset");
    Ok(response)
}

/// Takes the body as a piece; where the upload ends then.
async fn step(ask: &mut Ask, id: UploadId, offset: u64) -> Result<u64, Refused> {
    let (checksum, app) = (checksum(ask)?, ask.bus.app.clone());
    let piece = std::mem::replace(&mut ask.body, Body::empty()).chunks();
    // In a task of its own: who hangs up leaves what has arrived, to its last byte, and what is whole becomes a file.
    let work = async move {
        let mut piece = piece;
        let step = resumable::append(&app, id, offset, &mut piece, checksum).await;
        if step.is_err() {
            read_rest(&mut piece).await;
        }
        step
    };
    let step = ask.bus.app.tasks.spawn(work).await.map_err(|error| {
        tracing::error!(%error, "a piece of an upload ended without an answer");
        Error::new(Code::InternalError, "the upload ended without an answer")
    })?;
    match step? {
        Step::At(at) => Ok(at),
        Step::Mismatch => {
            let why = Error::invalid("Upload-Checksum", "the piece is not what its checksum says");
            Err(Refused(why, Some(MISMATCH)))
        }
    }
}

/// Every answer says which protocol it is of; whoever still sends to a refusal gets to read it.
async fn finish(mut ask: Ask, outcome: Result<Response, Refused>) -> Result<Response, Error> {
    let mut response = match outcome {
        Ok(response) => response,
        Err(Refused(error, status)) => {
            read_rest(&mut std::mem::replace(&mut ask.body, Body::empty()).chunks()).await;
            let mut response = failed(&error, ask.started);
            if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
                *response.status_mut() = status;
            }
            response
        }
    };
    put(&mut response, "tus-resumable", VERSION);
    put(&mut response, "tus-version", VERSION);
    Ok(response)
}

/// Who asks, in the protocol's version.
fn who(ask: &Ask) -> Result<Caller, Refused> {
    let caller = ask.allowed(Key::Write)?;
    if header(ask, "tus-resumable") == Some(VERSION) {
        return Ok(caller);
    }
    Err(Refused(Error::invalid("Tus-Resumable", format!("this is tus {VERSION}")), Some(412)))
}

async fn own(ask: &Ask, caller: &Caller) -> Result<UploadRow, Error> {
    let id: UploadId = ask.param(0).parse().map_err(|_| Error::not_found("upload"))?;
    resumable::own(&ask.bus.app, caller, id).await
}

fn header<'a>(ask: &'a Ask, name: &str) -> Option<&'a str> {
    ask.headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(ask: &Ask, name: &str) -> Result<u64, Error> {
    let value = header(ask, name).and_then(|text| text.parse().ok());
    value.ok_or_else(|| Error::invalid(name, "a number is expected"))
}

fn is_piece(ask: &Ask) -> bool {
    ask.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == PIECE)
}

/// Pairs of a key and a value in base64, separated by commas. What nobody here knows is left alone.
fn wanted(metadata: &str, length: u64) -> Result<Wanted, Error> {
    let unreadable = || Error::invalid("Upload-Metadata", "pairs of a key and a value in base64 are expected");
    if metadata.len() > METADATA_MAX {
        return Err(unreadable());
    }
    let mut wanted = Wanted { name: String::new(), length, room_id: None, replaces: None };
    for pair in metadata.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.ok_or_else(unreadable)?;
        let not_an_id = |_| Error::invalid(key, "not an id");
        match key {
            "filename" => wanted.name = value,
            "room_id" => wanted.room_id = Some(value.parse().map_err(not_an_id)?),
            "file_id" => wanted.replaces = Some(value.parse().map_err(not_an_id)?),
            _ => {}
        }
    }
    wanted.name = file_name(&wanted.name)?;
    Ok(wanted)
}

fn checksum(ask: &Ask) -> Result<Option<Sha1Sum>, Error> {
    let Some(text) = header(ask, "upload-checksum") else { return Ok(None) };
    let sum = text.strip_prefix("sha1 ").and_then(|sum| STANDARD.decode(sum).ok());
    let sum: Option<Sha1Sum> = sum.and_then(|sum| sum.try_into().ok());
    sum.map(Some).ok_or_else(|| Error::invalid("Upload-Checksum", "`sha1` and a sum in base64 are expected"))
}

/// An answer without a body that says how far the upload is.
fn placed(status: StatusCode, at: u64, row: &UploadRow) -> Response {
    let mut response = respond(status, "text/plain", Default::default());
    response.headers_mut().remove(CONTENT_TYPE);
    mark(&mut response, at, row);
    response
}

fn mark(response: &mut Response, at: u64, row: &UploadRow) {
    put(response, "upload-offset", &at.to_string());
    if let Some(expires) = DateTime::from_timestamp_millis(row.expires_ms) {
        put(response, "upload-expires", &expires.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    }
}

fn put(response: &mut Response, name: &'static str, value: &str) {
    set(response, HeaderName::from_static(name), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_or_refused() {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        let encoded = |text: &str| STANDARD.encode(text);
        let text = format!("filename {}, room_id {},relevant", encoded("C:\\a b.csv"), encoded(id));
        let read = wanted(&text, 7).unwrap();
        assert_eq!((read.name.as_str(), read.length), ("a b.csv", 7));
        assert_eq!(read.room_id, Some(id.parse().unwrap()));
        let field = |text: &str| wanted(text, 7).unwrap_err().field.unwrap();
        assert_eq!(field(""), "file", "a file has a name");
        assert_eq!(field("filename !"), "Upload-Metadata");
        assert_eq!(field(&format!("filename {}", "QQ==,".repeat(2_000))), "Upload-Metadata");
        assert_eq!(field(&format!("filename {},room_id {}", encoded("a"), encoded("x"))), "room_id");
    }
}
