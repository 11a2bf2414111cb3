//! What a member is doing right now.

use vizroom_protocol::account::Empty;
use vizroom_protocol::presence::{Signal, Update};
use vizroom_protocol::{Error, event};

use crate::bus::Ctx;

/// Largest free-form signal.
const SIGNAL_BYTES_MAX: usize = 4096;

pub async fn update(ctx: Ctx, input: Update) -> Result<Empty, Error> {
    if input.signal.as_ref().is_some_and(|s| s.get().len() > SIGNAL_BYTES_MAX) {
        return Err(Error::invalid("signal", format!("at most {SIGNAL_BYTES_MAX} bytes")));
    }
    let user_id = ctx.caller()?.user_id;
    let room = ctx.app.hub.room(input.room_id).await?;
    if let Some(status) = input.status
        && !ctx.app.hub.set_status(&room, user_id, status)
    {
        return Err(Error::invalid("room_id", "join the room first: only who is present has a status"));
    }
    if input.typing.is_some() || input.cursor.is_some() || input.signal.is_some() {
        let signal = Signal { user_id, typing: input.typing, cursor: input.cursor, signal: input.signal };
        ctx.app.hub.tell_ephemeral::<event::PresenceSignal>(&room, &ctx.actor()?, &signal);
    }
    Ok(Empty {})
}
