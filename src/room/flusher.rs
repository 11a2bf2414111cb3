//! Who drains rooms into sockets, and when.
//!
//! Publishing marks a room dirty and wakes each flusher that has members there, at most once. A flusher then lets
//! everything else that is ready run first, so that what was published in one turn of the event loop leaves in one
//! write for each member. Only a socket whose kernel buffer is full gets a task, for as long as it is.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use crate::room::hub::{Hub, Room};
use crate::room::lock;
use crate::room::members::{News, Trouble};
use crate::room::peer::{Close, Peer, Seat};

/// One core's share of the sockets.
#[derive(Default)]
pub struct Flusher {
    dirty: Mutex<Vec<Arc<Room>>>,
    wake: Notify,
}

impl Flusher {
    /// Drains dirty rooms until the hub is gone.
    pub(super) async fn run(hub: Weak<Hub>, flusher: Arc<Flusher>, index: usize) {
        let mut rooms = Vec::new();
        loop {
            flusher.wake.notified().await;
            tokio::task::yield_now().await;
            let Some(hub) = hub.upgrade() else { return };
            std::mem::swap(&mut rooms, &mut *lock(&flusher.dirty));
            for room in rooms.drain(..) {
                hub.flush(&room, index);
            }
        }
    }
}

impl Hub {
    /// Says that a room's log has grown.
    pub(super) fn mark(&self, room: &Arc<Room>) {
        for (index, flusher) in self.flushers.iter().enumerate() {
            // The first flusher also sees to the readers that pull.
            let needed =
                room.crowd[index].load(Ordering::Acquire) > 0 || (index == 0 && room.news.receiver_count() > 0);
            if needed && !room.dirty[index].swap(true, Ordering::AcqRel) {
                lock(&flusher.dirty).push(room.clone());
                flusher.wake.notify_one();
            }
        }
    }

    fn flush(self: &Arc<Self>, room: &Arc<Room>, index: usize) {
        // Cleared first: what is published from here on marks the room again.
        room.dirty[index].store(false, Ordering::Release);
        let mut trouble = Trouble::default();
        let mut members = lock(&room.members[index]);
        let news = News::since(members.flushed(), &room.log).unwrap_or_else(|| News::none(&room.log));
        members.drain(&news, &room.log, &mut trouble);
        drop(members);
        room.news.send_if_modified(|end| std::mem::replace(end, news.end) < news.end);
        self.see_to(trouble, room, index);
    }

    /// Writes what a joined room has for this connection.
    pub(super) fn drain_seat(self: &Arc<Self>, peer: &Arc<Peer>, seat: &Seat) {
        let mut trouble = Trouble::default();
        lock(&seat.room.members[peer.flusher]).drain_one(seat.slot, &seat.room.log, &mut trouble);
        self.see_to(trouble, &seat.room, peer.flusher);
    }

    fn see_to(self: &Arc<Self>, trouble: Trouble, room: &Arc<Room>, index: usize) {
        for peer in trouble.blocked {
            self.wait_for(peer);
        }
        for slot in trouble.behind {
            let peer = lock(&room.members[index]).get_mut(slot).map(|m| m.peer.clone());
            if let Some(peer) = peer {
                self.clone().catch_up(room.clone(), peer);
            }
        }
    }

    /// Writes for a blocked socket until it is free again or takes nothing for too long.
    pub(super) fn wait_for(self: &Arc<Self>, peer: Arc<Peer>) {
        let hub = self.clone();
        tokio::spawn(async move {
            let patience = Duration::from_millis(hub.limits.no_progress_ms_max);
            let mut sent = peer.bytes_sent();
            loop {
                let writable = tokio::select! {
                    writable = tokio::time::timeout(patience, peer.writable()) => writable,
                    () = peer.closed().cancelled() => return,
                };
                if writable.is_err() && peer.bytes_sent() == sent {
                    tracing::info!(peer = peer.id, "closed: took no byte for {patience:?}");
                    peer.push_close(Close::NoProgress, "no progress");
                    peer.closed().cancel();
                    return;
                }
                sent = peer.bytes_sent();
                if peer.write_backlog() {
                    break;
                }
            }
            let seats = lock(&peer.seats).clone();
            for seat in &seats {
                hub.drain_seat(&peer, seat);
            }
        });
    }
}
