//! Every event a room or a connection is told, once: its name, its data, its class.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::{chat, connection, dashboard, file, notification, presence, publish, room};

/// What becomes of an event when a reader is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Takes the room's next `seq`; stored before anyone sees it; every reader gets it.
    Durable,
    /// Carries a key; a reader that lags gets only the newest of each key.
    Latest,
    /// A reader that lags does not get it, and is told how many it missed.
    Ephemeral,
}

/// An event type.
pub trait Event: 'static {
    /// As it stands in a frame's `type`: `chat.message`.
    const NAME: &'static str;
    const CLASS: Class;
    type Data: Serialize + JsonSchema;
}

/// An event's row in [`ALL`].
pub struct Info {
    pub name: &'static str,
    pub class: Class,
    pub data: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! events {
    ($($marker:ident $name:literal ($data:ty), $class:ident;)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub enum $marker {}

            impl Event for $marker {
                const NAME: &'static str = $name;
                const CLASS: Class = Class::$class;
                type Data = $data;
            }
        )*

        /// The table.
        pub const ALL: &[Info] = &[$(Info {
            name: $name,
            class: Class::$class,
            data: |g| g.subschema_for::<$data>(),
        }),*];
    };
}

events! {
    ChatMessage "chat.message" (chat::Message), Durable;
    ChatEdited "chat.edited" (chat::Edited), Durable;
    ChatDeleted "chat.deleted" (chat::Deleted), Durable;

    GenerationStarted "generation.started" (dashboard::Started), Durable;
    GenerationProgress "generation.progress" (dashboard::Progress), Latest;
    GenerationChart "generation.chart" (dashboard::Chart), Durable;
    GenerationClarification "generation.clarification" (dashboard::Clarify), Durable;
    GenerationWarning "generation.warning" (dashboard::Warning), Durable;
    GenerationCompleted "generation.completed" (dashboard::Completed), Durable;
    GenerationFailed "generation.failed" (dashboard::Ended), Durable;
    GenerationCancelled "generation.cancelled" (dashboard::Ended), Durable;

    DashboardCreated "dashboard.created" (dashboard::Created), Durable;
    DashboardUpdated "dashboard.updated" (dashboard::Updated), Durable;
    DashboardFiltered "dashboard.filtered" (dashboard::Filtered), Latest;
    DashboardDeleted "dashboard.deleted" (dashboard::Deleted), Durable;
    DashboardRefreshed "dashboard.refreshed" (publish::Refreshed), Latest;
    DashboardRefreshFailed "dashboard.refresh_failed" (publish::RefreshFailed), Durable;
    DashboardPublished "dashboard.published" (publish::Published), Durable;
    DashboardUnpublished "dashboard.unpublished" (publish::Unpublished), Durable;
    DashboardShown "dashboard.shown" (publish::Shown), Latest;
    DashboardHidden "dashboard.hidden" (publish::Hidden), Ephemeral;

    FileLinked "file.linked" (file::Linked), Durable;
    FileUnlinked "file.unlinked" (file::Unlinked), Durable;
    FileReplaced "file.replaced" (file::Replaced), Durable;
    FileDeleted "file.deleted" (file::Deleted), Durable;

    PresenceJoined "presence.joined" (presence::Joined), Latest;
    PresenceLeft "presence.left" (presence::Left), Latest;
    PresenceUpdated "presence.updated" (presence::Updated), Latest;
    PresenceSignal "presence.signal" (presence::Signal), Ephemeral;

    RoomMemberAdded "room.member_added" (room::MemberAdded), Durable;
    RoomMemberUpdated "room.member_updated" (room::MemberUpdated), Durable;
    RoomMemberRemoved "room.member_removed" (room::MemberRemoved), Durable;
    RoomUpdated "room.updated" (room::Updated), Durable;
    RoomDeleted "room.deleted" (room::Deleted), Ephemeral;
    RoomLag "room.lag" (room::Lag), Ephemeral;

    Notification "notification" (notification::Notification), Ephemeral;

    ConnectionReady "connection.ready" (connection::Ready), Ephemeral;
    ServerDrain "server.drain" (connection::Drain), Ephemeral;
}
