//! A first look without registering: where the operator offers data for it, and nobody has registered yet.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio_util::io::ReaderStream;
use vizroom_protocol::id::RoomId;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::{Route, route, succeeded};
use crate::auth::random_word;
use crate::bus::Request;
use crate::upload;

pub(super) const ROUTES: &[Route] = &[route!(GET "/api/v1/demo", offered), route!(POST "/api/v1/demo", begin)];

/// Files beyond are left out.
const FILES_MAX: usize = 20;

#[derive(Deserialize)]
struct Made {
    id: RoomId,
}

/// `{available}`
async fn offered(ask: Ask) -> Result<Response, Error> {
    let available = folder(&ask).await?.is_some();
    Ok(succeeded(&object(Map::from_iter([("available".to_owned(), available.into())])), ask.started))
}

/// Makes a user, a room and its files, by the same operations as anybody: answers the tokens and `room_id`.
async fn begin(ask: Ask) -> Result<Response, Error> {
    let folder = folder(&ask).await?.ok_or_else(|| Error::not_found("demo"))?;
    let email = format!("demo-{}@example.com", random_word::<8>().to_lowercase().replace('_', "-"));
    let register = json!({ "email": email, "password": random_word::<16>(), "name": "Demo" });
    let tokens: Map<String, Value> = call(&ask, "account.register", None, &register).await?;
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let caller = ask.bus.app.auth.tokens.caller(token, ask.bus.app.clock.now_ms())?;
    let room: Made = call(&ask, "room.create", Some(&caller), &json!({ "name": "Demo" })).await?;
    for path in data_files(&folder).await.map_err(|error| unreadable(&folder, &error))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = tokio::fs::File::open(&path).await.map_err(|error| unreadable(&path, &error))?;
        let chunks = ReaderStream::new(file).map_err(|_| Error::new(Code::InternalError, "a demo file cannot be read"));
        let spooled = ask.bus.app.files.spool(chunks, ask.bus.app.config.limits.upload_bytes_max).await?;
        upload::add(&ask.bus.app, &caller, Some(room.id), &name, &spooled).await?;
    }
    let mut answer = tokens;
    answer.insert("room_id".into(), room.id.to_string().into());
    Ok(succeeded(&object(answer), ask.started))
}

/// The folder, if the demo is on offer.
async fn folder(ask: &Ask) -> Result<Option<PathBuf>, Error> {
    let Some(folder) = &ask.bus.app.config.demo else { return Ok(None) };
    Ok((!ask.bus.app.store.has_users().await?).then(|| folder.clone()))
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

async fn call<T: serde::de::DeserializeOwned>(
    ask: &Ask,
    name: &str,
    caller: Option<&crate::auth::Caller>,
    input: &Value,
) -> Result<T, Error> {
    let data = RawValue::from_string(input.to_string()).unwrap_or_else(|error| unreachable!("JSON is JSON: {error}"));
    let request = Request { name, data: Some(&data), caller: caller.cloned(), idempotency_key: None, line: None };
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
