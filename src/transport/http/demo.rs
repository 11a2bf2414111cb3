//! A first look without registering, where the operator offers data for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use tokio_util::io::ReaderStream;
use vizroom_protocol::account::Tokens;
use vizroom_protocol::id::RoomId;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::{Route, route, succeeded};
use crate::auth::{Caller, Grant, random_word};
use crate::bus::Request;
use crate::upload;

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/api/v1/demo", offered).about("Whether there is a demo to try.").open().answers::<Offered>(),
    route!(POST "/api/v1/demo", begin).about("Lets a guest into the demo room.").open().answers::<Begun>(),
];

/// Whether there is a demo to try.
#[derive(JsonSchema, Serialize)]
struct Offered {
    available: bool,
}

/// A guest's tokens, and the demo room.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "said; what is answered are these same fields")]
struct Begun {
    #[schemars(flatten)]
    tokens: Tokens,
    room_id: RoomId,
}

/// Owns the demo room.
const HOST: &str = "demo@example.com";
/// Files beyond are left out.
const FILES_MAX: usize = 20;

#[derive(Deserialize)]
struct Made {
    id: RoomId,
    members: u64,
}

#[derive(Deserialize)]
struct Rooms {
    rooms: Vec<Made>,
}

/// `{available}`
async fn offered(ask: Ask) -> Result<Response, Error> {
    let offered = Offered { available: folder(&ask).await?.is_some() };
    Ok(succeeded(&plain(&offered), ask.started))
}

/// A guest in the demo room, which the first one makes, all by the same operations as anybody: answers the tokens
/// and `room_id`.
async fn begin(ask: Ask) -> Result<Response, Error> {
    let folder = folder(&ask).await?.ok_or_else(|| Error::not_found("demo"))?;
    // Two first guests at once must not make two rooms.
    static MAKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let making = MAKING.lock().await;
    let host = match host(&ask).await? {
        Some(host) => host,
        None => make(&ask, &folder).await?,
    };
    drop(making);
    let rooms: Rooms = call(&ask, "room.list", Some(&host), &json!({})).await?;
    let room = rooms.rooms.into_iter().next_back().ok_or_else(|| Error::not_found("demo"))?;
    let invite = json!({ "room_id": room.id, "role": "editor" });
    let invited: Map<String, Value> = call(&ask, "account.invite", Some(&host), &invite).await?;
    let register = json!({
        "email": format!("{}@example.com", random_word::<16>().to_lowercase().replace('_', "-")),
        "password": random_word::<16>(),
        "name": format!("Guest {}", room.members),
        "invitation": invited.get("invitation"),
    });
    let mut answer: Map<String, Value> = call(&ask, "account.register", None, &register).await?;
    answer.insert("room_id".into(), room.id.to_string().into());
    Ok(succeeded(&object(answer), ask.started))
}

/// Registers the host, and makes the room with its files.
async fn make(ask: &Ask, folder: &Path) -> Result<Caller, Error> {
    let register = json!({ "email": HOST, "password": random_word::<32>(), "name": "Demo" });
    let _: Map<String, Value> = call(ask, "account.register", None, &register).await?;
    let host = host(ask).await?.ok_or_else(|| Error::not_found("demo"))?;
    let room: Made = call(ask, "room.create", Some(&host), &json!({ "name": "Demo" })).await?;
    for path in data_files(folder).await.map_err(|error| unreadable(folder, &error))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = tokio::fs::File::open(&path).await.map_err(|error| unreadable(&path, &error))?;
        let chunks = ReaderStream::new(file).map_err(|_| Error::new(Code::InternalError, "a demo file cannot be read"));
        let spooled = ask.bus.app.files.spool(chunks, ask.bus.app.config.limits.upload_bytes_max).await?;
        upload::add(&ask.bus.app, &host, Some(room.id), &name, &spooled).await?;
    }
    Ok(host)
}

/// The user who owns the demo room; nobody signs in as them.
async fn host(ask: &Ask) -> Result<Option<Caller>, Error> {
    let found = ask.bus.app.store.user_by_email(HOST).await?;
    Ok(found.map(|(user, _)| Caller {
        user_id: user.id,
        tenant_id: user.tenant_id,
        name: user.name,
        email: user.email,
        family: "".into(),
        expires_at_ms: i64::MAX,
        grant: Grant::Session,
    }))
}

/// The folder, if the demo is on offer: until somebody else has registered first.
async fn folder(ask: &Ask) -> Result<Option<PathBuf>, Error> {
    let Some(folder) = &ask.bus.app.config.demo else { return Ok(None) };
    let offered = host(ask).await?.is_some() || !ask.bus.app.store.has_users().await?;
    Ok(offered.then(|| folder.clone()))
}

async fn data_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = tokio::fs::read_dir(folder).await?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_type().await?.is_file() && !entry.file_name().to_string_lossy().starts_with('.') {
            files.push(entry.path());
        }
    }
    files.sort();
    files.truncate(FILES_MAX);
    Ok(files)
}

fn plain(data: &impl Serialize) -> Box<RawValue> {
    to_raw_value(data).unwrap_or_else(|error| unreachable!("plain data: {error}"))
}

async fn call<T: serde::de::DeserializeOwned>(
    ask: &Ask,
    name: &str,
    caller: Option<&Caller>,
    input: &Value,
) -> Result<T, Error> {
    let data = RawValue::from_string(input.to_string()).unwrap_or_else(|error| unreachable!("JSON is JSON: {error}"));
    let request = Request {
        name,
        data: Some(&data),
        caller: caller.cloned().map(Arc::new),
        idempotency_key: None,
        line: None,
        remote: None,
    };
    let reply = ask.bus.call(request).await?;
    serde_json::from_str(reply.get()).map_err(|error| {
        tracing::error!(%error, operation = name, "a reply of ours cannot be read");
        Error::new(Code::InternalError, "a reply cannot be read")
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    tracing::error!(%error, path = %path.display(), "the demo data cannot be read");
    Error::new(Code::InternalError, "the demo data cannot be read")
}
