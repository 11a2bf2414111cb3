//! Who is in a room, over however many connections of this process.
//!
//! That somebody came or went is told with the room's next event, or a moment later: of a hundred who come back at once
//! everybody hears in a few writes instead of a hundred.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use vizroom_protocol::event::{self, Event};
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::UserId;
use vizroom_protocol::presence::{Encoded, Everybody, Joined, Left, Presence, PresenceStatus, Updated};

use crate::hub::Hub;
use crate::lock;
use crate::peer::Peer;
use crate::room::Room;

/// The users present in a room.
#[derive(Default)]
pub struct Present {
    users: HashMap<UserId, Here>,
    /// By name, each as JSON: of many who come at once, everyone is told of all who came before.
    list: BTreeMap<(Arc<str>, UserId), Encoded>,
}

struct Here {
    name: Arc<str>,
    connections: usize,
}

impl Present {
    /// What somebody who is here is called.
    pub fn name(&self, user: UserId) -> Option<&str> {
        self.users.get(&user).map(|here| &*here.name)
    }

    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Everybody, by name; nobody where there are more than `max`.
    pub fn listed(&self, max: usize) -> Everybody {
        let all = self.list.values().take(if self.users.len() > max { 0 } else { max });
        Everybody(all.cloned().collect())
    }

    /// Another connection of `user`; who they are, if it is the first.
    fn add(&mut self, user: UserId, name: &str) -> Option<Presence> {
        let here = self.users.entry(user).or_insert_with(|| Here { name: name.into(), connections: 0 });
        here.connections += 1;
        if here.connections > 1 {
            return None;
        }
        let name = here.name.clone();
        Some(self.show(user, name, PresenceStatus::Active))
    }

    /// One connection of `user` less; what they were called, if it was the last.
    fn remove(&mut self, user: UserId) -> Option<Arc<str>> {
        let here = self.users.get_mut(&user)?;
        here.connections -= 1;
        if here.connections > 0 {
            return None;
        }
        let name = self.users.remove(&user)?.name;
        self.list.remove(&(name.clone(), user));
        Some(name)
    }

    /// Keeps how somebody is listed from now on.
    fn show(&mut self, user: UserId, name: Arc<str>, status: PresenceStatus) -> Presence {
        let presence = Presence { user_id: user, name: name.to_string(), status };
        self.list.insert((name, user), presence.encoded());
        presence
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
            (present.add(user, name), present.users.len() <= self.limits.presence_listed_max)
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
            (present.remove(user), told)
        };
        if let Some(name) = left.filter(|_| told) {
            let left = Left { user_id: user };
            self.tell_presence::<event::PresenceLeft>(room, user, name.to_string(), &left);
        }
    }

    /// Keeps and tells a user's status. False if the user is not present.
    pub fn set_status(&self, room: &Arc<Room>, user: UserId, status: PresenceStatus) -> bool {
        let name = {
            let mut present = lock(&room.present);
            let Some(name) = present.users.get(&user).map(|here| here.name.clone()) else { return false };
            present.show(user, name, status).name
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
