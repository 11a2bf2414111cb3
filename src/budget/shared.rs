//! What all nodes have spent, in Redis.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult, Script};
use tokio::sync::OnceCell;

use super::Payer;

/// Adds, and says what there is now and how long the window still lasts: in one step, so that no window is without end.
const ADD: &str = "
    local total = redis.call('INCRBY', KEYS[1], ARGV[1])
    local left = redis.call('PTTL', KEYS[1])
    if left < 0 then
        left = tonumber(ARGV[2])
        redis.call('PEXPIRE', KEYS[1], left)
    end
    return {total, left}";

/// A request waits no longer for Redis than this.
const PATIENCE: Duration = Duration::from_millis(250);
/// After a failure, Redis is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Shared {
    client: Client,
    connection: OnceCell<ConnectionManager>,
    add: Script,
    down: AtomicBool,
    /// When Redis may be tried again. Held for a few instructions.
    again: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub fn new(url: &str) -> RedisResult<Self> {
        Ok(Self {
            client: Client::open(url)?,
            connection: OnceCell::new(),
            add: Script::new(ADD),
            down: AtomicBool::new(false),
            again: Mutex::default(),
        })
    }

    /// Adds to what somebody has spent; the sum of all nodes, and the rest of the window in milliseconds. None where
    /// Redis does not answer.
    pub async fn add(&self, payer: Payer, spent: u32, window_ms: i64) -> Option<(u32, i64)> {
        if self.lock().is_some_and(|again| Instant::now() < again) {
            return None;
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask(payer, spent, window_ms)).await;
        match asked {
            Ok(Ok(answer)) => {
                if self.down.swap(false, Ordering::Relaxed) {
                    tracing::info!("Redis answers again: requests are counted for all nodes");
                }
                *self.lock() = None;
                Some(answer)
            }
            failed => {
                let error = failed.map_or_else(|_| "no answer".to_owned(), |asked| format!("{:?}", asked.err()));
                if !self.down.swap(true, Ordering::Relaxed) {
                    tracing::warn!(error, "Redis does not answer: each node counts requests for itself");
                }
                *self.lock() = Some(Instant::now() + PAUSE);
                None
            }
        }
    }

    async fn ask(&self, payer: Payer, spent: u32, window_ms: i64) -> RedisResult<(u32, i64)> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connect = || async { ConnectionManager::new_with_config(self.client.clone(), config).await };
        let mut connection = self.connection.get_or_try_init(connect).await?.clone();
        let key = format!("vizroom:spent:{payer}");
        self.add.key(key).arg(spent).arg(window_ms).invoke_async(&mut connection).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
