//! The bounds of the room log.

/// Sizes in bytes, times in milliseconds, as the names say. What happens at each stands in the server's configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    pub rooms_per_connection_max: usize,
    pub room_ring_bytes_max: usize,
    pub replay_events_max: u64,
    pub replay_bytes_max: usize,
    pub room_latest_keys_max: usize,
    pub presence_listed_max: usize,
    pub commit_queue_max: usize,
    pub commit_batch_max: usize,
    pub no_progress_ms_max: u64,
    pub ping_after_ms: u64,
    pub token_grace_ms: i64,
}
