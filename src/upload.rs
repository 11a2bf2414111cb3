//! What becomes of an upload once it is spooled: datasets, a row, and an event.

use object_store::path::Path;
use uuid::Uuid;
use vizroom_protocol::Error;
use vizroom_protocol::event::{FileLinked, FileReplaced};
use vizroom_protocol::file::{File, Linked, Replaced};
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{FileId, RoomId};
use vizroom_protocol::room::Role;

use crate::analytics::Ingested;
use crate::app::App;
use crate::auth::Caller;
use crate::clock::rfc3339;
use crate::files::{Files, Spooled};
use crate::room::tell::With;
use crate::store::FileRow;

/// Adds a file to the caller's tenant and, with `room_id`, links it to that room.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` for the room; `INVALID_REQUEST` if the file cannot be read as data; or ours.
pub async fn add(
    app: &App,
    caller: &Caller,
    room_id: Option<RoomId>,
    name: &str,
    spooled: &Spooled,
) -> Result<File, Error> {
    if let Some(room_id) = room_id {
        let role = app.role(room_id, caller.user_id).await?.ok_or_else(|| Error::not_found("room"))?;
        if !role.covers(Role::Editor) {
            return Err(Error::forbidden("this needs the role editor in the room"));
        }
    }
    let (id, now_ms) = (FileId(Uuid::now_v7()), app.clock.now_ms());
    let (prefix, ingested) = ingest(app, caller, id, name, spooled).await?;
    let row = row(caller, id, name, 1, rfc3339(now_ms), spooled, ingested);
    if let Err(error) = app.store.add_file(&row, now_ms).await {
        app.files.delete(&prefix).await;
        return Err(error.into());
    }
    if let Some(room_id) = room_id {
        app.store.link_files(room_id, row.tenant_id, &[id]).await?;
        let room = app.hub.room(room_id).await?;
        let linked = Linked { room_id, files: vec![row.file.clone()] };
        app.hub.tell::<FileLinked>(&room, &actor(caller), &linked, With::default()).await?;
    }
    Ok(row.file)
}

/// The file, if it is of the caller's tenant.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn own(app: &App, caller: &Caller, id: FileId) -> Result<FileRow, Error> {
    let row = app.store.file(id).await?.filter(|row| row.tenant_id == caller.tenant_id);
    row.ok_or_else(|| Error::not_found("file"))
}

/// Replaces a file by its next version, under the name it has: queries name its datasets by that.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` if somebody else replaced it meanwhile; `INVALID_REQUEST` if it cannot be read as data.
pub async fn replace(app: &App, caller: &Caller, id: FileId, spooled: &Spooled) -> Result<File, Error> {
    let FileRow { file: old, paths: old_paths, .. } = own(app, caller, id).await?;
    let (prefix, ingested) = ingest(app, caller, id, &old.name, spooled).await?;
    let row = row(caller, id, &old.name, old.version + 1, old.created_at, spooled, ingested);
    if let Err(error) = app.store.replace_file(&row).await {
        app.files.delete(&prefix).await;
        return Err(error.into());
    }
    app.files.delete_objects(old_paths.values()).await;
    for room_id in app.store.rooms_of_file(id).await? {
        let room = app.hub.room(room_id).await?;
        let replaced = Replaced { file: row.file.clone() };
        app.hub.tell::<FileReplaced>(&room, &actor(caller), &replaced, With::default()).await?;
    }
    Ok(row.file)
}

/// Makes the datasets. Nothing stays behind if it fails.
async fn ingest(
    app: &App,
    caller: &Caller,
    id: FileId,
    name: &str,
    spooled: &Spooled,
) -> Result<(Path, Ingested), Error> {
    let prefix = Files::new_prefix(caller.tenant_id, id);
    match app.analytics.ingest(spooled.path(), name, &prefix).await {
        Ok(ingested) => Ok((prefix, ingested)),
        Err(error) => {
            app.files.delete(&prefix).await;
            Err(error)
        }
    }
}

fn row(
    caller: &Caller,
    id: FileId,
    name: &str,
    version: u64,
    created_at: String,
    spooled: &Spooled,
    ingested: Ingested,
) -> FileRow {
    let Ingested { format, datasets, warnings } = ingested;
    let paths = datasets.iter().map(|d| (d.dataset.name.clone(), d.path.to_string())).collect();
    let datasets = datasets.into_iter().map(|d| d.dataset).collect();
    let (name, size) = (name.to_owned(), spooled.size());
    let file = File { id, name, size, format, version, datasets, warnings, created_at };
    FileRow { file, tenant_id: caller.tenant_id, owner_id: caller.user_id, paths }
}

fn actor(caller: &Caller) -> Actor {
    Actor { kind: ActorKind::User, id: caller.user_id.to_string(), name: caller.name.clone() }
}
