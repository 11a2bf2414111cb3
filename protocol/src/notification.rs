//! What concerns one person, whichever rooms they have open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{DashboardId, EventId, NotificationId, RoomId};

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "NotificationKind")]
pub enum Kind {
    /// Somebody wrote `@name` or `@email` in a room.
    Mention,
    /// Somebody let the user into a room.
    RoomAdded,
    /// A dashboard of the user could not be refreshed.
    RefreshFailed,
}

/// Event `notification`, told to all connections of its user; and an entry of their list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notification {
    pub id: NotificationId,
    pub kind: Kind,
    /// One sentence for a person.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    /// The message that mentions the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard_id: Option<DashboardId>,
    pub read: bool,
    /// RFC 3339.
    pub created_at: String,
}

/// `notification.list`
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NotificationList")]
pub struct List {
    /// Those older than this one.
    #[serde(default)]
    pub before: Option<NotificationId>,
    /// 1–200; 50 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Reply to `notification.list`: newest first. The newest 500 of a user are kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NotificationListed")]
pub struct Listed {
    pub notifications: Vec<Notification>,
    /// Of all that are kept.
    pub unread: u64,
}

/// `notification.read`
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NotificationRead")]
pub struct Read {
    /// At most 500; absent: all.
    #[serde(default)]
    pub ids: Option<Vec<NotificationId>>,
}

/// Reply to `notification.read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NotificationUnread")]
pub struct Unread {
    pub unread: u64,
}
