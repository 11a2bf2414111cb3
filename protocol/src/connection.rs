//! What concerns one connection only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{RoomId, TenantId, UserId};

/// `auth`: the first frame of a connection that brought no credential in its headers, within 5 s.
/// Also the input of `auth.refresh`, which renews the token of a live connection.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// An access token.
    pub token: String,
}

/// Reply to `auth` and `auth.refresh`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Authenticated {
    pub user: Identity,
    /// Until the token expires, in seconds.
    pub expires_in: u64,
}

/// Whose connection it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    pub id: UserId,
    pub tenant_id: TenantId,
    pub email: String,
    pub name: String,
}

/// Event `connection.ready`: the first frame to a connection that is authenticated.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    pub user: Identity,
    /// The protocol's name and version: `vizroom.v1`.
    pub protocol: String,
    /// Limits a client should know, in the unit their name says.
    pub limits: Limits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    pub frame_bytes_max: u64,
    pub rooms_max: u64,
    pub calls_in_flight_max: u64,
}

/// Reply to `ping`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Pong {
    /// The server's clock, RFC 3339.
    pub ts: String,
}

/// Reply to `connection.stats`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Stats {
    pub rooms: Vec<RoomStats>,
    /// Bytes written to this connection so far.
    pub bytes_sent: u64,
}

/// A connection's standing in one room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RoomStats {
    pub room_id: RoomId,
    /// Bytes of the log not written to this connection yet.
    pub lag_bytes: u64,
    pub replayed: u64,
    pub merged: u64,
    pub dropped: u64,
}

/// Event `server.drain`: the server is going away; come back after the stated time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Drain {
    pub reconnect_after_ms: u64,
}
