//! What operations do: one file per noun, one `async fn` per operation. No transport, no SQL.

mod account;
mod chat;
mod connection;
mod dashboard;
mod file;
mod presence;
mod join;
mod room;

use vizroom_protocol::operation as op;

use crate::bus::Bus;

/// Puts every operation on the bus.
pub fn register(bus: &mut Bus) {
    bus.register::<op::Auth, _, _>(connection::auth);
    bus.register::<op::AuthRefresh, _, _>(connection::auth);
    bus.register::<op::Ping, _, _>(connection::ping);
    bus.register::<op::ConnectionStats, _, _>(connection::stats);

    bus.register::<op::RoomJoin, _, _>(join::join);
    bus.register::<op::RoomLeave, _, _>(join::leave);

    bus.register::<op::PresenceUpdate, _, _>(presence::update);
}
