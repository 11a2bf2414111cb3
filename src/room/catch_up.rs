//! A reader that fell out of memory reads the store until it is back.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use vizroom_protocol::event;
use vizroom_protocol::room::Lag;

use crate::hub::{Hub, Room};
use crate::members::{State, Stats};
use crate::peer::{Close, Peer};
use crate::wire::{self, Opcode};
use crate::{lock, tell};

/// Events read at a time.
const EVENTS: usize = 500;
/// About how many bytes are read at a time.
const BYTES: usize = 256 * 1024;

/// What the next step is.
enum Next {
    Read { after: u64 },
    Back,
    Gone,
}

impl Hub {
    /// Sends `peer` what it misses of `room`, as fast as it takes it, and makes its cursor live again.
    pub(super) fn catch_up(self: Arc<Self>, room: Arc<Room>, peer: Arc<Peer>) {
        tokio::spawn(async move {
            let before = self.behind_stats(&room, &peer);
            loop {
                // Nothing is read for a socket that takes nothing: a stuck reader costs no memory.
                peer.room_for(1).await;
                match self.rejoin(&room, &peer, before) {
                    Next::Gone => return,
                    Next::Back => break,
                    Next::Read { after } => match self.journal.read(room.id, after, EVENTS, BYTES).await {
                        Ok(events) => self.replay(&room, &peer, &events),
                        Err(error) => {
                            tracing::warn!(%error, room = %room.id, "a lagging reader could not be caught up");
                            self.close(&peer, Close::Draining, "the store does not answer");
                            return;
                        }
                    },
                }
            }
            if let Some(seat) = peer.seat(room.id) {
                self.inboxes[peer.reactor].drain(&peer, seat);
            }
        });
    }

    fn behind_stats(&self, room: &Room, peer: &Peer) -> Stats {
        let seat = peer.seat(room.id);
        seat.and_then(|s| lock(&room.members[peer.reactor]).get_mut(s.slot).map(|m| m.stats)).unwrap_or_default()
    }

    /// Sends stored events.
    fn replay(self: &Arc<Self>, room: &Room, peer: &Arc<Peer>, events: &[(u64, bytes::Bytes)]) {
        let Some(seat) = peer.seat(room.id) else { return };
        let mut run = BytesMut::new();
        for (_, text) in events {
            wire::put_header(&mut run, Opcode::Text, text.len());
            run.put_slice(text);
        }
        let mut members = lock(&room.members[peer.reactor]);
        if let (Some(member), Some((seq, _))) = (members.get_mut(seat.slot), events.last()) {
            member.tally.seq = *seq;
            member.stats.replayed += events.len() as u64;
            peer.counters.replayed_from_store.add(events.len() as u64);
            peer.queue(&run);
            drop(members);
            self.inboxes[peer.reactor].enlist(peer);
        }
    }

    /// Makes the cursor live if memory reaches back to it, and says what the reader did not get.
    fn rejoin(self: &Arc<Self>, room: &Room, peer: &Arc<Peer>, before: Stats) -> Next {
        let Some(seat) = peer.seat(room.id) else { return Next::Gone };
        let mut members = lock(&room.members[peer.reactor]);
        let Some(member) = members.get_mut(seat.slot) else { return Next::Gone };
        let State::Behind(fell_at) = member.state else { return Next::Gone };
        let after = member.tally.seq;
        let mut log = lock(&room.log);
        log.seal();
        let Some(at) = log.position_after(after) else { return Next::Read { after } };
        let now = log.tally_at(at);
        let latest = fell_at.map(|from| log.latest_between(from, at)).unwrap_or_default();
        drop(log);
        let mut run = BytesMut::new();
        if fell_at.is_some() {
            let merged = (now.latest - member.tally.latest).saturating_sub(latest.len() as u64);
            let dropped = now.ephemeral - member.tally.ephemeral;
            member.stats.merged += merged;
            member.stats.dropped += dropped;
            peer.counters.missed(merged, dropped);
            latest.iter().for_each(|frame| run.put_slice(frame));
            let lag = Lag {
                room_id: room.id,
                replayed: member.stats.replayed - before.replayed,
                merged: member.stats.merged - before.merged,
                dropped: member.stats.dropped - before.dropped,
            };
            let text = tell::private::<event::RoomLag>(&lag);
            wire::put_header(&mut run, Opcode::Text, text.len());
            run.put_slice(text.as_bytes());
        }
        // Before anything newer may follow.
        peer.queue(&run);
        member.state = State::Live(at);
        member.tally = now;
        drop(members);
        self.inboxes[peer.reactor].enlist(peer);
        Next::Back
    }
}
