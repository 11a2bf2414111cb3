//! Files: which there are, who may query them. (Uploading streams, so it stands in `upload`.)

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::event::{FileDeleted, FileLinked, FileUnlinked};
use vizroom_protocol::file::{ById, Deleted, File, Link, Linked, List, Listed, Unlinked, Upload, UploadById, Usage};

use crate::bus::Ctx;
use crate::files::Files;
use crate::room::tell::With;
use crate::upload::{self, resumable};

/// Files in one answer.
const LISTED_DEFAULT: u32 = 100;
const LISTED_MAX: u32 = 1_000;
const LINKED_MAX: usize = 100;

/// `file.list`
pub(super) async fn list(ctx: Ctx, input: List) -> Result<Listed, Error> {
    let caller = ctx.caller()?;
    let limit = input.limit.unwrap_or(LISTED_DEFAULT);
    if !(1..=LISTED_MAX).contains(&limit) {
        return Err(Error::invalid("limit", format!("1 to {LISTED_MAX}")));
    }
    let limit = limit as usize;
    let mut rows = match input.room_id {
        Some(room_id) => {
            ctx.app.role(room_id, caller.user_id).await?.ok_or_else(|| Error::not_found("room"))?;
            ctx.app.store.files_of_room(room_id, input.before, limit + 1).await?
        }
        None => ctx.app.store.files_of_tenant(caller.tenant_id, input.before, limit + 1).await?,
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Listed { files: rows.into_iter().map(|row| row.file).collect(), more })
}

/// `file.get`
pub(super) async fn get(ctx: Ctx, input: ById) -> Result<File, Error> {
    let caller = ctx.caller()?;
    let row = ctx.app.store.visible_file(input.file_id, caller.tenant_id, caller.user_id).await?;
    row.map(|row| row.file).ok_or_else(|| Error::not_found("file"))
}

/// `file.upload`
pub(super) async fn upload(ctx: Ctx, input: UploadById) -> Result<Upload, Error> {
    resumable::status(&ctx.app, ctx.caller()?, input.upload_id).await
}

/// `file.usage`
pub(super) async fn usage(ctx: Ctx, _: Empty) -> Result<Usage, Error> {
    upload::usage(&ctx.app, ctx.caller()?).await
}

/// `file.delete`
pub(super) async fn delete(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let (row, rooms) = ctx.app.store.delete_file(input.file_id).await?;
    ctx.app.files.delete(&Files::all_versions(row.tenant_id, row.file.id)).await;
    let actor = ctx.actor()?;
    for room_id in rooms {
        let room = ctx.app.hub.room(room_id).await?;
        let told = Deleted { file_id: input.file_id };
        ctx.app.hub.tell::<FileDeleted>(&room, &actor, &told, With::default()).await?;
    }
    Ok(Empty {})
}

/// `file.link`
pub(super) async fn link(ctx: Ctx, input: Link) -> Result<Listed, Error> {
    let Link { room_id, file_ids } = input;
    if !(1..=LINKED_MAX).contains(&file_ids.len()) {
        return Err(Error::invalid("file_ids", format!("1 to {LINKED_MAX} files")));
    }
    let rows = ctx.app.store.link_files(room_id, ctx.caller()?.tenant_id, &file_ids).await?;
    let files: Vec<_> = rows.into_iter().map(|row| row.file).collect();
    let room = ctx.app.hub.room(room_id).await?;
    let linked = Linked { room_id, files: files.clone() };
    ctx.app.hub.tell::<FileLinked>(&room, &ctx.actor()?, &linked, With::default()).await?;
    Ok(Listed { files, more: false })
}

/// `file.unlink`
pub(super) async fn unlink(ctx: Ctx, input: Link) -> Result<Empty, Error> {
    let Link { room_id, file_ids } = input;
    if !(1..=LINKED_MAX).contains(&file_ids.len()) {
        return Err(Error::invalid("file_ids", format!("1 to {LINKED_MAX} files")));
    }
    let file_ids = ctx.app.store.unlink_files(room_id, &file_ids).await?;
    if file_ids.is_empty() {
        return Err(Error::not_found("file linked to the room"));
    }
    let room = ctx.app.hub.room(room_id).await?;
    let told = Unlinked { room_id, file_ids };
    ctx.app.hub.tell::<FileUnlinked>(&room, &ctx.actor()?, &told, With::default()).await?;
    Ok(Empty {})
}
