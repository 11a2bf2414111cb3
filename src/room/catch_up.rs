//! A reader that fell out of memory reads the store until it is back.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use vizroom_protocol::room::Lag;
use vizroom_protocol::{Error, event};

use crate::hub::Hub;
use crate::members::{State, Stats};
use crate::peer::{Peer, Seat};
use crate::room::Room;
use crate::wire::{self, Opcode};
use crate::{Close, lock, tell};

/// Events read at a time.
const EVENTS: usize = 500;
/// About how many bytes are read at a time.
pub(super) const BYTES: usize = if cfg!(test) { 1_500 } else { 256 * 1024 };

/// What the next step is.
enum Next {
    Read { after: u64 },
    Back,
    Gone,
}

impl Hub {
    /// Sends `peer` what it misses of the room it sits in, as fast as it takes it, and makes its cursor live again.
    pub(super) fn catch_up(self: Arc<Self>, seat: Seat, peer: Arc<Peer>) {
        tokio::spawn(async move {
            let room = &seat.room;
            let before = lock(&room.members[peer.reactor]).get_mut(seat.slot).map(|m| m.stats).unwrap_or_default();
            loop {
                // Nothing is read for a socket that takes nothing: a stuck reader costs no memory.
                peer.room_for(1).await;
                match self.rejoin(&seat, &peer, before) {
                    Next::Gone => return,
                    Next::Back => break,
                    Next::Read { after } => match self.read_told(room, after, EVENTS, BYTES).await {
                        // Memory begins after something that the store no longer has: the room has been deleted.
                        Ok(events) if events.is_empty() => {
                            self.leave(&peer, room.id);
                            return;
                        }
                        Ok(events) => self.replay(&seat, &peer, &events),
                        Err(error) => {
                            tracing::warn!(%error, room = %room.id, "a lagging reader could not be caught up");
                            self.close(&peer, Close::Draining, "the store does not answer");
                            return;
                        }
                    },
                }
            }
            self.inboxes[peer.reactor].drain(seat);
        });
    }

    /// As [`Journal::read`](crate::Journal::read), without what the store has and the room has not been told yet: it
    /// comes by the log. Nothing only where the room has been deleted, if memory begins later than after `seq`.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn read_told(
        &self,
        room: &Room,
        seq: u64,
        limit: usize,
        bytes_max: usize,
    ) -> Result<Vec<(u64, Bytes)>, Error> {
        let mut events = self.journal.read(room.id, seq, limit, bytes_max).await?;
        let head = room.head();
        events.truncate(events.partition_point(|(seq, _)| *seq <= head));
        Ok(events)
    }

    /// Sends stored events.
    fn replay(self: &Arc<Self>, seat: &Seat, peer: &Arc<Peer>, events: &[(u64, Bytes)]) {
        let mut run = BytesMut::new();
        for (_, text) in events {
            wire::put_header(&mut run, Opcode::Text, text.len());
            run.put_slice(text);
        }
        let mut members = lock(&seat.room.members[peer.reactor]);
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
    fn rejoin(self: &Arc<Self>, seat: &Seat, peer: &Arc<Peer>, before: Stats) -> Next {
        let room = &seat.room;
        let mut members = lock(&room.members[peer.reactor]);
        let Some(member) = members.get_mut(seat.slot) else { return Next::Gone };
        let State::Behind(fell_at) = member.state else { return Next::Gone };
        let after = member.tally.seq;
        let mut log = lock(&room.log);
        log.seal();
        let Some(at) = log.position_after(member.lane, after) else { return Next::Read { after } };
        let now = log.tally_at(member.lane, at);
        let latest = fell_at.map(|_| log.latest_between(member.tally, now)).unwrap_or_default();
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
