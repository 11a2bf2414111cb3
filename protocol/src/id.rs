//! Identifiers. Each is a UUIDv7 made by the server, so that ids sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    )*};
}

ids! {
    /// A tenant: the boundary that nothing crosses.
    TenantId,
    /// A registered person.
    UserId,
    /// A room.
    RoomId,
    /// An uploaded file.
    FileId,
    /// An upload that arrives in pieces.
    UploadId,
    /// A dashboard. Documented APIs call the same id `session_id` while it is being generated and refined.
    DashboardId,
    /// One card of a dashboard (its `key`, such as `chart_1`, is unique only within the dashboard).
    CardId,
    /// One generation.
    RunId,
    /// One event of a room.
    EventId,
    /// A public link to a dashboard.
    LinkId,
    /// An invitation to a tenant or a room.
    InvitationId,
    /// A line of the audit log.
    AuditId,
    /// An API key.
    KeyId,
    /// A database that dashboards may be made from.
    DataConnectionId,
    /// A notification.
    NotificationId,
}
