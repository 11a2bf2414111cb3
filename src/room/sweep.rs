//! What time does to rooms, and the end of it all.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vizroom_protocol::connection::Drain;
use vizroom_protocol::event;

use crate::Close;
use crate::hub::Hub;
use crate::tell;

/// A room that nobody uses leaves memory after one to two of these.
const EVERY: Duration = Duration::from_secs(60);
/// Reconnects after a drain are spread over this, so that the next server is not stormed.
const RECONNECT_SPREAD_MS: u64 = 3_000;

/// Sweeps until the server stops.
pub async fn run(hub: Arc<Hub>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => hub.forget_idle_rooms(),
        }
    }
}

impl Hub {
    /// Tells every connection when to come back, and closes it; done when all are gone.
    pub async fn drain(self: &Arc<Self>) {
        let peers = self.peers();
        let n = peers.len().max(1) as u64;
        for (i, peer) in peers.iter().enumerate() {
            let reconnect_after_ms = RECONNECT_SPREAD_MS * i as u64 / n;
            self.send_text(peer, &tell::private::<event::ServerDrain>(&Drain { reconnect_after_ms }));
            self.close(peer, Close::Draining, "draining");
        }
        drop(peers);
        loop {
            let gone = self.gone.notified();
            if self.connections() == 0 {
                return;
            }
            gone.await;
        }
    }
}
