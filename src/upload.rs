//! What becomes of an upload once it is spooled: datasets, a row, and an event.

pub mod resumable;

use object_store::path::Path;
use uuid::Uuid;
use vizroom_protocol::Error;
use vizroom_protocol::event::{FileLinked, FileReplaced};
use vizroom_protocol::file::{File, Linked, Replaced, Usage};
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{FileId, RoomId, TenantId, UserId};
use vizroom_protocol::room::Role;

use crate::analytics::Ingested;
use crate::app::App;
use crate::auth::Caller;
use crate::clock::rfc3339;
use crate::files::{Files, Spooled};
use crate::room::tell::With;
use crate::store::{Allowed, FileRow};

/// Whose file it will be.
#[derive(Debug, Clone)]
pub struct Uploader {
    pub user_id: UserId,
    pub tenant_id: TenantId,
    /// As events name them.
    pub name: String,
}

impl From<&Caller> for Uploader {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.user_id, tenant_id: caller.tenant_id, name: caller.name.clone() }
    }
}

/// What a tenant may store where nothing else is said of it.
pub fn allowed(app: &App) -> Allowed {
    let limits = &app.config.limits;
    Allowed { files: limits.tenant_files_max, bytes: limits.tenant_bytes_max }
}

/// What the caller's tenant has stored, and how much it may.
///
/// # Errors
/// Ours.
pub async fn usage(app: &App, caller: &Caller) -> Result<Usage, Error> {
    Ok(app.store.usage(caller.tenant_id, allowed(app)).await?)
}

/// Adds a file to the caller's tenant and, with `room_id`, links it to that room.
///
/// # Errors
/// `NOT_FOUND` or `FORBIDDEN` for the room; `INVALID_REQUEST` if the file cannot be read as data; `TOO_LARGE` if the
/// tenant has no room for it; or ours.
pub async fn add(
    app: &App,
    by: impl Into<Uploader>,
    room_id: Option<RoomId>,
    name: &str,
    spooled: &Spooled,
) -> Result<File, Error> {
    let by = by.into();
    may_link(app, by.user_id, room_id).await?;
    let (id, now_ms) = (FileId(Uuid::now_v7()), app.clock.now_ms());
    let (prefix, kept) = ingest(app, by.tenant_id, id, name, spooled).await?;
    let row = row(&by, id, name, 1, rfc3339(now_ms), spooled, kept);
    if let Err(error) = app.store.add_file(&row, spooled.upload(), allowed(app), now_ms).await {
        app.files.delete(&prefix).await;
        return Err(error.into());
    }
    if let Some(room_id) = room_id {
        app.store.link_files(room_id, row.tenant_id, &[id]).await?;
        let room = app.hub.room(room_id).await?;
        let linked = Linked { room_id, files: vec![row.file.clone()] };
        app.hub.tell::<FileLinked>(&room, &actor(&by), &linked, With::default()).await?;
    }
    Ok(row.file)
}

/// That somebody may link files to a room, where one is named.
async fn may_link(app: &App, user_id: UserId, room_id: Option<RoomId>) -> Result<(), Error> {
    let Some(room_id) = room_id else { return Ok(()) };
    let role = app.role(room_id, user_id).await?.ok_or_else(|| Error::not_found("room"))?;
    if role.covers(Role::Editor) { Ok(()) } else { Err(Error::forbidden("this needs the role editor in the room")) }
}

/// The file, if it is of the caller's tenant.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn own(app: &App, caller: &Caller, id: FileId) -> Result<FileRow, Error> {
    of_tenant(app, caller.tenant_id, id).await
}

async fn of_tenant(app: &App, tenant_id: TenantId, id: FileId) -> Result<FileRow, Error> {
    let row = app.store.file(id).await?.filter(|row| row.tenant_id == tenant_id);
    row.ok_or_else(|| Error::not_found("file"))
}

/// Replaces a file by its next version, under the name it has: queries name its datasets by that.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` if somebody else replaced it meanwhile; `INVALID_REQUEST` if it cannot be read as data;
/// `TOO_LARGE` if the tenant has no room for it.
pub async fn replace(app: &App, by: impl Into<Uploader>, id: FileId, spooled: &Spooled) -> Result<File, Error> {
    let by = by.into();
    let FileRow { file: old, paths: old_paths, original: old_original, .. } = of_tenant(app, by.tenant_id, id).await?;
    let (prefix, kept) = ingest(app, by.tenant_id, id, &old.name, spooled).await?;
    let row = row(&by, id, &old.name, old.version + 1, old.created_at, spooled, kept);
    if let Err(error) = app.store.replace_file(&row, spooled.upload(), allowed(app)).await {
        app.files.delete(&prefix).await;
        return Err(error.into());
    }
    app.files.delete_objects(old_paths.values().chain(&old_original)).await;
    for room_id in app.store.rooms_of_file(id).await? {
        let room = app.hub.room(room_id).await?;
        let replaced = Replaced { file: row.file.clone() };
        app.hub.tell::<FileReplaced>(&room, &actor(&by), &replaced, With::default()).await?;
    }
    Ok(row.file)
}

/// An upload as it is kept.
struct Kept {
    ingested: Ingested,
    /// Where it is as it came.
    original: Path,
}

/// Makes the datasets, and keeps the upload beside them. Nothing stays behind if it fails.
async fn ingest(
    app: &App,
    tenant_id: TenantId,
    id: FileId,
    name: &str,
    spooled: &Spooled,
) -> Result<(Path, Kept), Error> {
    let prefix = Files::new_prefix(tenant_id, id);
    let kept = async {
        let ingested = app.analytics.ingest(spooled.path(), name, &prefix).await?;
        Ok::<_, Error>(Kept { ingested, original: app.files.keep(spooled, &prefix).await? })
    };
    match kept.await {
        Ok(kept) => Ok((prefix, kept)),
        Err(error) => {
            app.files.delete(&prefix).await;
            Err(error)
        }
    }
}

fn row(
    by: &Uploader,
    id: FileId,
    name: &str,
    version: u64,
    created_at: String,
    spooled: &Spooled,
    Kept { ingested, original }: Kept,
) -> FileRow {
    let Ingested { format, datasets, relations, warnings } = ingested;
    let paths = datasets.iter().map(|d| (d.dataset.name.clone(), d.path.to_string())).collect();
    let datasets = datasets.into_iter().map(|d| d.dataset).collect();
    let (name, size) = (name.to_owned(), spooled.size());
    let file = File { id, name, size, format, version, datasets, relations, warnings, created_at };
    FileRow { file, tenant_id: by.tenant_id, owner_id: by.user_id, paths, original: Some(original.to_string()) }
}

fn actor(by: &Uploader) -> Actor {
    Actor { kind: ActorKind::User, id: by.user_id.to_string(), name: by.name.clone() }
}
