//! Chat.

use std::pin::pin;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use vizroom_protocol::chat::{Delete, Deleted, Edit, Edited, Message, Send, Sent};
use vizroom_protocol::event::{ChatDeleted, ChatEdited, ChatMessage};
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::{EventId, RoomId};
use vizroom_protocol::room::Role;
use vizroom_protocol::{Code, Error};

use super::{notification, valid};
use crate::bus::Ctx;
use crate::room::tell::With;

const CONTENT_MAX: usize = 16_000;

/// `chat.send`
pub(super) async fn send(ctx: Ctx, input: Send) -> Result<Sent, Error> {
    valid::length("content", &input.content, 1, CONTENT_MAX)?;
    let caller = ctx.caller()?;
    let dedup = ctx.idempotency_key.as_ref().map(|key| format!("{} {key}", caller.user_id));
    let room = ctx.app.hub.room(input.room_id).await?;
    let message = Message { content: input.content, ..Message::default() };
    let by = ctx.actor()?;
    let with = With { parent: input.parent, dedup, ..With::default() };
    let told = ctx.placing(pin!(ctx.app.hub.tell::<ChatMessage>(&room, &by, &message, with))).await?;
    if !told.again && message.content.contains('@') {
        let app = ctx.app.clone();
        let mentioning = notification::Mentioning { room_id: input.room_id, event_id: told.event, by, message };
        // Who speaks does not wait for it.
        ctx.app.tasks.spawn(async move { notification::mentions(&app, mentioning).await });
    }
    Ok(Sent { message_id: told.event, seq: told.seq })
}

/// `chat.edit`
pub(super) async fn edit(ctx: Ctx, input: Edit) -> Result<Sent, Error> {
    let Edit { room_id, seq, content } = input;
    valid::length("content", &content, 1, CONTENT_MAX)?;
    let message = Message { content: content.clone(), edited: true, ..Message::default() };
    let message_id = rewrite(&ctx, (room_id, seq), &message, false).await?;
    let room = ctx.app.hub.room(room_id).await?;
    let told = Edited { message_id, content };
    let told = ctx.app.hub.tell::<ChatEdited>(&room, &ctx.actor()?, &told, With::default()).await?;
    Ok(Sent { message_id, seq: told.seq })
}

/// `chat.delete`
pub(super) async fn delete(ctx: Ctx, input: Delete) -> Result<Sent, Error> {
    let Delete { room_id, seq } = input;
    let message = Message { deleted: true, ..Message::default() };
    let message_id = rewrite(&ctx, (room_id, seq), &message, ctx.role == Some(Role::Owner)).await?;
    let room = ctx.app.hub.room(room_id).await?;
    let told = Deleted { message_id };
    let told = ctx.app.hub.tell::<ChatDeleted>(&room, &ctx.actor()?, &told, With::default()).await?;
    Ok(Sent { message_id, seq: told.seq })
}

/// A frame as it is stored; what is not changed stays as it is, to the letter.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "type")]
    kind: String,
    data: Box<RawValue>,
    metadata: Box<RawValue>,
}

/// Which event it is, and who told it.
#[derive(Deserialize)]
struct Marks {
    event_id: EventId,
    actor: Actor,
}

/// Puts `message` in the place of what was said. This comes before it is told: whoever reads the past from then on must
/// not find words that were taken back, whatever happens to the call.
async fn rewrite(ctx: &Ctx, place: (RoomId, u64), message: &Message, of_others: bool) -> Result<EventId, Error> {
    let (store, (room_id, seq), missing) = (&ctx.app.store, place, || Error::not_found("message"));
    let frame = store.event(room_id, seq, "chat.message").await?.ok_or_else(missing)?;
    let unreadable = |error: serde_json::Error| {
        tracing::error!(%error, room = %room_id, seq, "a stored message cannot be read");
        Error::new(Code::InternalError, "a stored message cannot be read")
    };
    let mut stored: Stored = serde_json::from_str(&frame).map_err(unreadable)?;
    let Marks { event_id, actor } = serde_json::from_str(stored.metadata.get()).map_err(unreadable)?;
    if !of_others && actor.id != ctx.caller()?.user_id.to_string() {
        return Err(Error::forbidden("only its author may do this"));
    }
    if serde_json::from_str::<Message>(stored.data.get()).map_err(unreadable)?.deleted {
        return Err(missing());
    }
    stored.data = serde_json::value::to_raw_value(message).map_err(unreadable)?;
    store.rewrite_event(room_id, seq, &serde_json::to_string(&stored).map_err(unreadable)?).await?;
    Ok(event_id)
}
