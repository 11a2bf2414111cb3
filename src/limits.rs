//! Every bound of the server in one place. All can be set under `[limits]` in the configuration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Sizes in bytes, times in milliseconds, as the names say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest frame a client may send; larger closes the connection (4509).
    pub frame_bytes_max: usize,
    /// Rooms one connection may have joined.
    pub rooms_per_connection_max: usize,
    /// Calls of one connection being worked on; further ones wait in the socket.
    pub calls_in_flight_max: usize,
    /// Replies waiting for a connection that does not read; beyond, its calls wait in the socket.
    pub backlog_bytes_max: usize,
    /// Connections in all; beyond, upgrades get 503.
    pub connections_max: usize,
    /// Bytes of a room's newest events kept in memory; who lags further reads the store.
    pub room_ring_bytes_max: usize,
    /// A client that missed more durable events than this gets a snapshot.
    pub replay_events_max: u64,
    /// Replays up to this size come from memory.
    pub replay_bytes_max: usize,
    /// Keys of `latest` events a room remembers; beyond, the oldest is forgotten.
    pub room_latest_keys_max: usize,
    /// Above this many present users a room's presence is counted, not listed or announced.
    pub presence_listed_max: usize,
    /// Events waiting for the store; beyond, publishing waits.
    pub commit_queue_max: usize,
    /// Events in one transaction.
    pub commit_batch_max: usize,
    /// A connection that takes no byte for so long is closed (4008).
    pub no_progress_ms_max: u64,
    /// A silent connection is pinged after this, and closed (4012) after twice this.
    pub ping_after_ms: u64,
    /// How long an expired token is still good on a live connection.
    pub token_grace_ms: i64,
    /// How long a client may take to send the headers of a request; also how long a quiet HTTP connection is kept.
    pub headers_ms_max: u64,
    /// How long a connection may take to authenticate.
    pub auth_ms_max: u64,
    /// How long a call may take.
    pub call_ms_max: u64,
    /// How long a JSON body may take to arrive.
    pub body_ms_max: u64,
    /// Largest JSON body over HTTP.
    pub body_bytes_max: usize,
    /// Largest upload.
    pub upload_bytes_max: u64,
    /// Files of a tenant, and their bytes, unless its own row says something else.
    pub tenant_files_max: u64,
    pub tenant_bytes_max: u64,
    /// Uploads in pieces that a tenant may have begun.
    pub uploads_open_max: u64,
    /// How long an upload in pieces may take, and how long afterwards one may ask what became of it.
    pub upload_open_ms_max: i64,
    /// Columns of an uploaded table.
    pub columns_max: usize,
    /// Rows of one card that reach a browser; of more, a sample or the first of them.
    pub card_rows_max: usize,
    /// Rows of one card that can be taken away at once.
    pub export_rows_max: usize,
    /// How long one query may run.
    pub query_ms_max: u64,
    /// Memory of all queries together.
    pub query_memory_bytes_max: usize,
    /// Rows that a database gives for one query which it cannot compute itself.
    pub source_rows_max: usize,
    /// Generations running at once; further ones wait their turn.
    pub runs_max: usize,
    /// How often it is looked whether a dashboard is due to be refreshed.
    pub refresh_check_ms: u64,
    /// How long a refresh of a dashboard may take; a quarter longer, and it is another node's to take over.
    pub refresh_ms_max: u64,
    /// How long the WebSockets of a node that died count for their tenants on the others.
    pub socket_lease_ms: u64,
    /// Connections get this long to end when the server stops.
    pub drain_ms_max: u64,
    /// Calls of one user in a minute that are no requests: pings, typing, cursors.
    pub signals_per_minute_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: 64 * 1024,
            rooms_per_connection_max: 128,
            calls_in_flight_max: 64,
            backlog_bytes_max: 256 * 1024,
            connections_max: 100_000,
            room_ring_bytes_max: 1024 * 1024,
            replay_events_max: 10_000,
            replay_bytes_max: 256 * 1024,
            room_latest_keys_max: 1_024,
            presence_listed_max: 200,
            commit_queue_max: 65_536,
            commit_batch_max: 4_000,
            no_progress_ms_max: 30_000,
            ping_after_ms: 30_000,
            token_grace_ms: 25_000,
            headers_ms_max: 15_000,
            auth_ms_max: 5_000,
            call_ms_max: 60_000,
            body_ms_max: 20_000,
            body_bytes_max: 1024 * 1024,
            upload_bytes_max: 2 * 1024 * 1024 * 1024,
            tenant_files_max: 10_000,
            tenant_bytes_max: 100 * 1024 * 1024 * 1024,
            uploads_open_max: 100,
            upload_open_ms_max: 24 * 60 * 60 * 1000,
            columns_max: 2_000,
            card_rows_max: 5_000,
            export_rows_max: 100_000,
            query_ms_max: 30_000,
            query_memory_bytes_max: 2 * 1024 * 1024 * 1024,
            source_rows_max: 1_000_000,
            runs_max: 8,
            refresh_check_ms: 1_000,
            refresh_ms_max: 120_000,
            socket_lease_ms: 30_000,
            drain_ms_max: 5_000,
            signals_per_minute_max: 12_000,
        }
    }
}

impl Limits {
    /// Those of the room log.
    pub fn room(&self) -> crate::room::Limits {
        crate::room::Limits {
            rooms_per_connection_max: self.rooms_per_connection_max,
            room_ring_bytes_max: self.room_ring_bytes_max,
            replay_events_max: self.replay_events_max,
            replay_bytes_max: self.replay_bytes_max,
            room_latest_keys_max: self.room_latest_keys_max,
            presence_listed_max: self.presence_listed_max,
            commit_queue_max: self.commit_queue_max,
            commit_batch_max: self.commit_batch_max,
            no_progress_ms_max: self.no_progress_ms_max,
            ping_after_ms: self.ping_after_ms,
            token_grace_ms: self.token_grace_ms,
        }
    }
}

/// What a tenant may. Where a figure is absent, there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tier {
    /// A request is one over HTTP, or one call on a socket; pings, typing and cursors are none.
    pub requests_per_minute: Option<u32>,
    /// Open WebSockets, on all nodes that share a Redis; beyond, a new one is closed (4504).
    pub websockets: Option<usize>,
}

/// The tiers there are if the configuration adds none.
pub fn tiers() -> BTreeMap<String, Tier> {
    let tier = |requests, websockets| Tier { requests_per_minute: Some(requests), websockets };
    let tiers = [
        ("free", tier(60, Some(5))),
        ("standard", tier(300, Some(25))),
        ("enterprise", tier(1_000, Some(100))),
        ("unlimited", Tier::default()),
        ("anonymous", tier(300, None)),
        ("viewers", tier(6_000, Some(1_000))),
    ];
    tiers.map(|(name, tier)| (name.to_owned(), tier)).into()
}
