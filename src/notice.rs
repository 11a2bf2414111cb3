//! Telling one person, whichever rooms they have open.

use std::sync::Arc;

use uuid::Uuid;
use vizroom_protocol::event;
use vizroom_protocol::id::{DashboardId, EventId, NotificationId, RoomId, UserId};
use vizroom_protocol::notification::{Kind, Notification};

use crate::clock::{Clock, rfc3339};
use crate::room::Hub;
use crate::store::Store;

/// Notifications kept for each user; the oldest make room.
const KEPT: u32 = 500;

/// What somebody is told of.
#[derive(Debug, Clone)]
pub struct About {
    pub kind: Kind,
    /// One sentence for a person.
    pub text: String,
    pub room_id: Option<RoomId>,
    pub event_id: Option<EventId>,
    pub dashboard_id: Option<DashboardId>,
}

impl About {
    /// Something that is about no place in particular.
    pub fn new(kind: Kind, text: String) -> Self {
        Self { kind, text, room_id: None, event_id: None, dashboard_id: None }
    }
}

/// See the module.
pub struct Notices {
    store: Arc<Store>,
    hub: Arc<Hub>,
    clock: Clock,
}

impl Notices {
    /// Kept in `store`, told over `hub`.
    pub fn new(store: Arc<Store>, hub: Arc<Hub>, clock: Clock) -> Arc<Self> {
        Arc::new(Self { store, hub, clock })
    }

    /// Keeps a notification for a user, and tells it to whatever they have open. A failure is logged, not returned: what
    /// it is about has happened all the same.
    pub async fn tell(&self, user: UserId, about: About) {
        let About { kind, text, room_id, event_id, dashboard_id } = about;
        let (id, created_at) = (NotificationId(Uuid::now_v7()), rfc3339(self.clock.now_ms()));
        let new = Notification { id, kind, text, room_id, event_id, dashboard_id, read: false, created_at };
        match self.store.notify(user, &new, KEPT).await {
            Ok(()) => self.hub.tell_user::<event::Notification>(user, &new),
            Err(error) => tracing::warn!(%error, %user, "a notification was not kept"),
        }
    }
}
