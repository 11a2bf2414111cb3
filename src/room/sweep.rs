//! What time does to connections: silence is answered by a ping, then by closing; an expired token by closing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vizroom_protocol::connection::Drain;
use vizroom_protocol::event;

use crate::room::hub::Hub;
use crate::room::peer::{Close, Peer};
use crate::room::{tell, wire};

/// One walk over all connections serves as the timer of each.
const EVERY: Duration = Duration::from_secs(1);
/// A room that nobody uses leaves memory after one to two of these.
const ROOMS_EVERY: Duration = Duration::from_secs(60);
/// Reconnects after a drain are spread over this, so that the next server is not stormed.
const RECONNECT_SPREAD_MS: u64 = 3_000;

/// Sweeps until the server stops.
pub async fn run(hub: Arc<Hub>, stop: CancellationToken) {
    let (mut tick, mut rooms) = (tokio::time::interval(EVERY), tokio::time::interval(ROOMS_EVERY));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => hub.sweep(),
            _ = rooms.tick() => hub.forget_idle_rooms(),
        }
    }
}

impl Hub {
    fn sweep(self: &Arc<Self>) {
        let now_ms = self.clock.now_ms();
        for peer in self.peers() {
            self.visit(&peer, now_ms);
        }
    }

    fn visit(self: &Arc<Self>, peer: &Arc<Peer>, now_ms: i64) {
        let silent_ms = now_ms - peer.heard_ms.load(Ordering::Relaxed);
        if now_ms > peer.expires_ms.load(Ordering::Relaxed) + self.limits.token_grace_ms {
            self.close(peer, Close::BadToken, "token expired");
        } else if silent_ms > 2 * self.limits.ping_after_ms {
            self.close(peer, Close::NoPong, "no pong");
        } else if silent_ms > self.limits.ping_after_ms && !peer.pinged.swap(true, Ordering::Relaxed) {
            self.send(peer, wire::frame(wire::Opcode::Ping, b""));
        }
    }

    /// Tells every connection when to come back, and closes it.
    pub fn drain(self: &Arc<Self>) {
        let peers = self.peers();
        let n = peers.len().max(1) as u64;
        for (i, peer) in peers.iter().enumerate() {
            let reconnect_after_ms = RECONNECT_SPREAD_MS * i as u64 / n;
            self.send_text(peer, &tell::private::<event::ServerDrain>(&Drain { reconnect_after_ms }));
            self.close(peer, Close::Draining, "draining");
        }
    }
}
