//! Chat.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{EventId, RoomId};

/// `chat.send`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    pub room_id: RoomId,
    /// 1–16,000 characters.
    #[schemars(length(min = 1, max = 16_000), regex(pattern = r"\S"))]
    pub content: String,
    /// The message this one answers.
    #[serde(default)]
    pub parent: Option<EventId>,
}

/// Reply to `chat.send`: the message is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    pub message_id: EventId,
    pub seq: u64,
}

/// Event `chat.message`. Who and when stand in its metadata; its `event_id` is the message's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    pub content: String,
}
