//! Who is here, and what they are doing right now.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::id::{RoomId, UserId};

/// A user present in a room, over however many connections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    pub user_id: UserId,
    pub name: String,
    pub status: PresenceStatus,
}

/// A [`Presence`] as JSON.
pub type Encoded = Arc<RawValue>;

impl Presence {
    pub fn encoded(&self) -> Encoded {
        serde_json::value::to_raw_value(self).expect("presence is plain data").into()
    }
}

/// Who is here: each a [`Presence`], encoded once for all who are told.
#[derive(Debug, Clone, Default)]
pub struct Everybody(pub Vec<Encoded>);

impl Everybody {
    /// # Errors
    /// Somebody is described otherwise than this library knows.
    pub fn read(&self) -> serde_json::Result<Vec<Presence>> {
        self.0.iter().map(|one| serde_json::from_str(one.get())).collect()
    }
}

impl Serialize for Everybody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(AsRef::as_ref))
    }
}

impl<'de> Deserialize<'de> for Everybody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Vec::<Box<RawValue>>::deserialize(deserializer)?;
        Ok(Self(all.into_iter().map(Arc::from).collect()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PresenceStatus {
    #[default]
    Active,
    Away,
    Busy,
}

/// `presence.update`: tells the room. A `status` is kept and shown to who joins later (event `presence.updated`);
/// `typing`, `cursor` and `signal` are passing (event `presence.signal`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    pub room_id: RoomId,
    #[serde(default)]
    pub status: Option<PresenceStatus>,
    #[serde(default)]
    pub typing: Option<bool>,
    #[serde(default)]
    pub cursor: Option<Cursor>,
    /// Anything the clients of a room agreed on; at most 4 KiB.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub signal: Option<Box<RawValue>>,
}

/// Where a pointer is: over a card, in fractions of its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The card's key, or absent for the whole board.
    #[serde(default)]
    pub card: Option<String>,
    pub x: f32,
    pub y: f32,
}

/// Event `presence.joined`: the first connection of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PresenceJoined")]
pub struct Joined {
    pub presence: Presence,
}

/// Event `presence.left`: the last connection of a user is gone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Left {
    pub user_id: UserId,
}

/// Event `presence.updated`: a status that holds until the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PresenceUpdated")]
pub struct Updated {
    pub user_id: UserId,
    pub status: PresenceStatus,
}

/// Event `presence.signal`: passing; a member who lags does not get it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    pub user_id: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typing: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub signal: Option<Box<RawValue>>,
}
