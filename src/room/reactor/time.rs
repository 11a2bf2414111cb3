//! What a reactor does because time has passed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Reactor, door};
use crate::hub::Hub;
use crate::room::Room;
use crate::wire::Opcode;
use crate::{Close, lock};

/// How long news that may wait a moment wait for others to leave with.
pub(crate) const SOON: Duration = Duration::from_millis(50);
/// While connections come and go in a wave, until the wave has passed, or so long: who was there hears of all at once,
/// and nobody waits to come in for somebody else to be told of it. Until then its log holds what it will tell.
const LATE: Duration = Duration::from_millis(200);
/// So many that came or went within [`SOON`] are a wave.
const WAVE: usize = 32;

/// Rooms with news that may wait a moment: somebody came or went.
#[derive(Default)]
pub(super) struct Soon {
    rooms: Vec<Arc<Room>>,
    /// When they are looked at, and when they have waited long enough whatever happens; since the start.
    at: Duration,
    latest: Duration,
    /// Connections that came or went since they were last looked at.
    pub moved: usize,
}

impl Soon {
    pub fn put_off(&mut self, rooms: &mut Vec<Arc<Room>>, now: Duration) {
        if self.rooms.is_empty() {
            (self.at, self.latest, self.moved) = (now + SOON, now + LATE, 0);
        }
        self.rooms.append(rooms);
    }

    /// Those that have waited long enough.
    pub fn due(&mut self, now: Duration) -> Vec<Arc<Room>> {
        if self.rooms.is_empty() || now < self.at {
            return Vec::new();
        }
        let wave = std::mem::take(&mut self.moved) >= WAVE;
        if wave && now < self.latest {
            self.at = self.latest.min(now + SOON);
            return Vec::new();
        }
        std::mem::take(&mut self.rooms)
    }
}

impl Reactor {
    /// How long there is nothing to do by itself.
    pub(super) fn patience(&self, elapsed: Duration) -> Duration {
        let next = self.wheel.until_next(elapsed);
        let next = self.accepts_at().map_or(next, |at| next.min(at.saturating_sub(elapsed)));
        if self.soon.rooms.is_empty() { next } else { next.min(self.soon.at.saturating_sub(elapsed)) }
    }

    /// Moves time on.
    pub fn tick(&mut self, hub: &Arc<Hub>, now: Duration) {
        self.elapsed = now;
        if self.accepts_at().is_some_and(|at| at <= now) {
            self.accept(hub);
        }
        for room in self.soon.due(now) {
            // Cleared first, as in `flush`.
            room.soon[self.index].store(false, Ordering::Release);
            self.flush(hub, &room);
            lock(&room.log).settle();
        }
        let due = self.wheel.advance(now);
        let Some(due) = due else { return };
        if self.index == 0 {
            hub.committer.again.notify_waiters();
        }
        let wall_ms = hub.clock.now_ms();
        // Tokens expire by the wall clock, which may jump; everything else by one that does not.
        let jumped = (wall_ms - self.wall_ms).abs() > 2 * self.wheel.tick_ms() as i64 + 2_000;
        self.wall_ms = wall_ms;
        if jumped {
            let all: Vec<usize> = self.connections.iter().map(|(place, _)| place).collect();
            for place in all {
                self.visit(hub, place, wall_ms);
            }
        }
        for (place, id) in due {
            if let Some(newcomer) = door::newcomer(place) {
                self.wait_on(newcomer, id);
                continue;
            }
            if self.connections.get(place).is_some_and(|c| c.peer.id == id)
                && let Some(next) = self.visit(hub, place, wall_ms)
            {
                self.wheel.set(place, id, next);
            }
        }
    }

    /// Does what a connection's time has come for. The tick at which to look again; None if it is gone.
    fn visit(&mut self, hub: &Arc<Hub>, place: usize, wall_ms: i64) -> Option<u64> {
        let now = self.wheel.now();
        let (ping_after, patience) =
            (self.wheel.ticks(hub.limits.ping_after_ms), self.wheel.ticks(hub.limits.no_progress_ms_max));
        let connection = &mut self.connections[place];
        let peer = connection.peer.clone();
        let failed = peer.has_ended() && !connection.finished;
        if failed || connection.until.is_some_and(|until| until <= now) {
            self.remove(hub, place);
            return None;
        }
        let sent = peer.bytes_sent();
        let stuck = connection.stuck.filter(|(before, _)| *before == sent);
        connection.stuck = peer.is_blocked().then(|| stuck.unwrap_or((sent, now)));
        let silent = now - connection.heard;
        let left_ms = peer.expires_ms.load(Ordering::Relaxed) + hub.limits.token_grace_ms - wall_ms;
        if connection.stuck.is_some_and(|(_, since)| now - since >= patience) {
            tracing::info!(peer = peer.id, "closed ({:?}): took no byte for long", Close::NoProgress);
            hub.count_close(&peer, Close::NoProgress);
            self.remove(hub, place);
            return None;
        } else if connection.until.is_some() {
        } else if left_ms < 0 {
            hub.close(&peer, Close::BadToken, "token expired");
            self.deafen(place);
        } else if silent > 2 * ping_after {
            hub.close(&peer, Close::NoPong, "no pong");
            self.deafen(place);
        } else if silent > ping_after && !connection.pinged {
            connection.pinged = true;
            hub.send_message(&peer, Opcode::Ping, b"");
        }
        let soon = ping_after.min(patience) / 3;
        Some(now + soon.min(self.wheel.ticks(left_ms.max(0) as u64)).max(1))
    }
}
