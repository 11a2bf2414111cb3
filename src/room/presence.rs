//! Who is in a room, over however many connections of this process.
//!
//! That somebody came or went is told with the room's next event, or a moment later: of a hundred who come back at once
//! everybody hears in a few writes instead of a hundred.

use std::collections::HashMap;
use std::sync::Arc;

use vizroom_protocol::event::{self, Event};
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::UserId;
use vizroom_protocol::presence::{Joined, Left, Presence, PresenceStatus, Updated};

use crate::hub::Hub;
use crate::lock;
use crate::peer::Peer;
use crate::room::Room;

/// The users present in a room.
#[derive(Default)]
pub struct Present {
    users: HashMap<UserId, Here>,
}

struct Here {
    presence: Presence,
    connections: usize,
}

impl Present {
    /// What somebody who is here is called.
    pub fn name(&self, user: UserId) -> Option<&str> {
        self.users.get(&user).map(|here| here.presence.name.as_str())
    }

    /// Everybody, by name; nobody where there are more than `max`.
    pub fn listed(&self, max: usize) -> Vec<Presence> {
        if self.users.len() > max {
            return Vec::new();
        }
        let mut all: Vec<Presence> = self.users.values().map(|h| h.presence.clone()).collect();
        all.sort_by(|a, b| (&a.name, a.user_id).cmp(&(&b.name, b.user_id)));
        all
    }
}

impl Hub {
    /// Counts a connection that has joined in; tells the room if it is its user's first.
    pub fn present(&self, room: &Arc<Room>, peer: &Peer, name: &str) {
        let user = peer.owner.user;
        let (joined, told) = {
            let Some(seat) = peer.seat(room.id) else { return };
            let mut members = lock(&room.members[peer.reactor]);
            let Some(member) = members.get_mut(seat.slot).filter(|m| !m.present) else {
                return;
            };
            member.present = true;
            let mut present = lock(&room.present);
            let presence = Presence { user_id: user, name: name.into(), status: PresenceStatus::Active };
            let here = present.users.entry(user).or_insert(Here { presence, connections: 0 });
            here.connections += 1;
            let joined = (here.connections == 1).then(|| here.presence.clone());
            (joined, present.users.len() <= self.limits.presence_listed_max)
        };
        if let Some(presence) = joined.filter(|_| told) {
            let name = presence.name.clone();
            self.tell_presence::<event::PresenceJoined>(room, user, name, &Joined { presence });
        }
    }

    /// Counts a connection of `user` out; tells the room if it was the last.
    pub(super) fn absent(&self, room: &Arc<Room>, user: UserId) {
        let (left, told) = {
            let mut present = lock(&room.present);
            let told = present.users.len() <= self.limits.presence_listed_max;
            let Some(here) = present.users.get_mut(&user) else { return };
            here.connections -= 1;
            (if here.connections == 0 { present.users.remove(&user) } else { None }, told)
        };
        if let Some(here) = left.filter(|_| told) {
            let left = Left { user_id: user };
            self.tell_presence::<event::PresenceLeft>(room, user, here.presence.name, &left);
        }
    }

    /// Keeps and tells a user's status. False if the user is not present.
    pub fn set_status(&self, room: &Arc<Room>, user: UserId, status: PresenceStatus) -> bool {
        let name = {
            let mut present = lock(&room.present);
            let Some(here) = present.users.get_mut(&user) else { return false };
            here.presence.status = status;
            here.presence.name.clone()
        };
        let updated = Updated { user_id: user, status };
        self.tell_presence::<event::PresenceUpdated>(room, user, name, &updated);
        true
    }

    fn tell_presence<E: Event>(&self, room: &Arc<Room>, user: UserId, name: String, data: &E::Data) {
        let actor = Actor { kind: ActorKind::User, id: user.to_string(), name };
        self.append_latest::<E>(room, &actor, &format!("presence:{user}"), false, data);
        self.mark_soon(room);
    }
}
