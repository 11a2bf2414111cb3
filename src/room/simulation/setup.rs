//! What a seed decides before the first step: how tight the limits are, and what happens how often.

use super::random::Random;
use crate::Limits;

pub struct Setup {
    pub seed: u64,
    pub limits: Limits,
    /// Of the tenant.
    pub connections_max: usize,
    pub reactors: usize,
    pub rooms: usize,
    pub users: usize,
    pub clients_max: usize,
    pub calls_max: usize,
    pub backlog_max: usize,
    /// Of an event's data, usually.
    pub size_max: usize,
    /// How often the store makes one wait, and fails then.
    pub slow_percent: u64,
    pub fail_percent: u64,
    pub interrupt_percent: u64,
    /// The store may have stored what it says it has not.
    pub answers_get_lost: bool,
    /// How often each step is taken.
    pub weights: Vec<u64>,
    pub steps: u64,
}

impl Setup {
    pub fn new(seed: u64, usual: &[u64]) -> Self {
        let r = &mut Random::new(seed, u64::MAX);
        let size_max = r.of(&[1, 100, 100, 600, 3_000]);
        let mut limits = Limits {
            rooms_per_connection_max: r.of(&[1, 2, 5]),
            room_ring_bytes_max: r.of(&[1, 300, 1_000, 1_000, 4_000, 4_000, 100_000]),
            replay_events_max: r.of(&[1, 5, 1_000, 1_000]),
            replay_bytes_max: r.of(&[300, 1_000, 4_000, 100_000]),
            room_latest_keys_max: r.of(&[1, 2, 100, 100]),
            presence_listed_max: r.of(&[0, 1, 100, 100]),
            commit_queue_max: r.of(&[1, 3, 100]),
            commit_batch_max: r.of(&[1, 3, 100]),
            no_progress_ms_max: r.of(&[2_000, 30_000]),
            ping_after_ms: r.of(&[2_000, 20_000]),
            token_grace_ms: r.of(&[0, 5_000]),
        };
        if limits.room_latest_keys_max < 100 {
            // What is told by the way must still be there to be taken down.
            limits.presence_listed_max = 0;
        }
        // Most of what can happen happens seldom, often or never in a run, so that rare things meet.
        let weights =
            usual.iter().map(|usual| usual * if *usual >= 100 { r.of(&[1, 1, 3]) } else { r.of(&[0, 1, 1, 5]) });
        let weights = weights.collect();
        Self {
            seed,
            limits,
            connections_max: r.of(&[2, 100, 100]),
            reactors: r.of(&[1, 1, 2, 3]),
            rooms: r.of(&[1, 1, 2, 4]),
            users: r.of(&[1, 2, 3]),
            clients_max: r.of(&[1, 2, 4, 8]),
            calls_max: r.of(&[1, 3, 64]),
            backlog_max: r.of(&[100, 1_000, 100_000]),
            size_max,
            slow_percent: r.of(&[0, 20, 60, 100]),
            fail_percent: r.of(&[0, 0, 10, 40]),
            interrupt_percent: r.of(&[0, 5, 30]),
            answers_get_lost: r.percent(20),
            weights,
            steps: r.of(&[20, 60, 150, 400]),
        }
    }
}
