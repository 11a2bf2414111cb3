//! Files: which there are, who may query them. (Uploading streams, so it stands in `upload`.)

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::event::{FileDeleted, FileLinked};
use vizroom_protocol::file::{Delete, Deleted, Link, Linked, List, Listed};

use crate::bus::Ctx;
use crate::files::Files;
use crate::room::tell::With;

/// Files in one answer.
const LISTED_MAX: usize = 1_000;
const LINKED_MAX: usize = 100;

/// `file.list`
pub(super) async fn list(ctx: Ctx, input: List) -> Result<Listed, Error> {
    let caller = ctx.caller()?;
    let rows = match input.room_id {
        Some(room_id) => {
            ctx.app.role(room_id, caller.user_id).await?.ok_or_else(|| Error::not_found("room"))?;
            ctx.app.store.files_of_room(room_id, LISTED_MAX).await?
        }
        None => ctx.app.store.files_of_tenant(caller.tenant_id, LISTED_MAX).await?,
    };
    Ok(Listed { files: rows.into_iter().map(|row| row.file).collect() })
}

/// `file.delete`
pub(super) async fn delete(ctx: Ctx, input: Delete) -> Result<Empty, Error> {
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
    Ok(Listed { files })
}
