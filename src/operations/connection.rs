//! What concerns one connection only.

use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::connection::{Auth, Authenticated, Pong, RoomStats, Stats};

use crate::bus::Ctx;
use crate::clock::rfc3339;

/// On a WebSocket the connection answers `auth` and `auth.refresh` itself, since they change it.
pub async fn auth(_ctx: Ctx, _input: Auth) -> Result<Authenticated, Error> {
    Err(Error::invalid("type", "this operation needs a WebSocket connection"))
}

pub async fn ping(ctx: Ctx, _input: Empty) -> Result<Pong, Error> {
    Ok(Pong { ts: rfc3339(ctx.app.clock.now_ms()) })
}

pub async fn stats(ctx: Ctx, _input: Empty) -> Result<Stats, Error> {
    let peer = &ctx.line()?.peer;
    let rooms = peer.standing().into_iter().map(|(room_id, lag, stats)| RoomStats {
        room_id,
        lag_bytes: lag.bytes,
        replayed: stats.replayed,
        merged: stats.merged,
        dropped: stats.dropped,
    });
    Ok(Stats { rooms: rooms.collect(), bytes_sent: peer.bytes_sent() })
}
