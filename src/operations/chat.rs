//! Chat.

use vizroom_protocol::Error;
use vizroom_protocol::chat::{Message, Send, Sent};
use vizroom_protocol::event::ChatMessage;

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
    let message = Message { content: input.content };
    let by = ctx.actor()?;
    let with = With { parent: input.parent, dedup, ..With::default() };
    let told = ctx.app.hub.tell::<ChatMessage>(&room, &by, &message, with).await?;
    if !told.again && message.content.contains('@') {
        let app = ctx.app.clone();
        let mentioning = notification::Mentioning { room_id: input.room_id, event_id: told.event, by, message };
        // Who speaks does not wait for it.
        ctx.app.tasks.spawn(async move { notification::mentions(&app, mentioning).await });
    }
    Ok(Sent { message_id: told.event, seq: told.seq })
}
