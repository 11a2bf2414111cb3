//! Taking connections out of rooms, and away.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use vizroom_protocol::id::{RoomId, UserId};

use crate::hub::Hub;
use crate::members::{News, State};
use crate::peer::Peer;
use crate::{Close, lock};

impl Hub {
    /// Ends the connections whose tokens came from this family.
    pub fn revoke_family(self: &Arc<Self>, family: &str) {
        for peer in self.peers().iter().filter(|p| *p.owner.family == *family) {
            self.close(peer, Close::Revoked, "revoked");
        }
    }

    /// Takes a user's connections out of a room at once; what it has told so far still reaches them.
    pub fn kick_user(&self, room: RoomId, user: UserId) {
        for peer in self.peers().iter().filter(|p| p.owner.user == user) {
            self.hear_out(peer, room);
            self.leave(peer, room);
        }
    }

    /// Takes everybody out of a room that is being deleted, and forgets it; what it has told so far still reaches them.
    pub fn close_room(&self, room: RoomId) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        if let Some((_, room)) = self.rooms.remove(&room) {
            for list in &room.members {
                let peers: Vec<Arc<Peer>> = lock(list).iter().map(|m| m.peer.clone()).collect();
                for peer in &peers {
                    self.hear_out(peer, room.id);
                    self.leave(peer, room.id);
                }
            }
        }
    }

    /// Queues what memory has after a member's cursor, if that is no more than a replay may be.
    fn hear_out(&self, peer: &Arc<Peer>, room: RoomId) {
        let Some(seat) = peer.seat(room) else { return };
        let mut members = lock(&seat.room.members[peer.reactor]);
        let Some(member) = members.get_mut(seat.slot) else { return };
        let State::Live(at) = member.state else { return };
        let Some(news) = News::since(member.lane, at, &seat.room.log) else { return };
        if news.end - at <= self.limits.replay_bytes_max as u64 {
            news.run.iter().for_each(|frames| peer.queue(frames));
            peer.counters.delivered(member.tally, news.tally);
            (member.state, member.tally) = (State::Live(news.end), news.tally);
        }
        drop(members);
        self.inboxes[peer.reactor].enlist(peer);
    }
}
