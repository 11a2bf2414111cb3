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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Empty once it is deleted.
    pub content: String,
    /// Its author changed it since: history and snapshots show the newest words.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// `chat.edit`: a message is named by its place in the room's log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChatEdit")]
pub struct Edit {
    pub room_id: RoomId,
    /// The message's own, as `chat.send` answered it.
    pub seq: u64,
    /// 1–16,000 characters.
    pub content: String,
}

/// `chat.delete`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChatDelete")]
pub struct Delete {
    pub room_id: RoomId,
    /// The message's own, as `chat.send` answered it.
    pub seq: u64,
}

/// Event `chat.edited`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChatEdited")]
pub struct Edited {
    /// The `event_id` of the message.
    pub message_id: EventId,
    pub content: String,
}

/// Event `chat.deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChatDeleted")]
pub struct Deleted {
    /// The `event_id` of the message.
    pub message_id: EventId,
}
