//! What all nodes count together, in Redis.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, RedisResult, ScriptInvocation};
use tokio::sync::OnceCell;

/// Nobody waits longer for Redis than this.
const PATIENCE: Duration = Duration::from_millis(250);
/// After a failure, Redis is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Shared {
    client: Client,
    connection: OnceCell<ConnectionManager>,
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
            down: AtomicBool::new(false),
            again: Mutex::default(),
        })
    }

    /// What a script answers. None where Redis does not.
    pub async fn ask<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Option<T> {
        if self.lock().is_some_and(|again| Instant::now() < again) {
            return None;
        }
        match tokio::time::timeout(PATIENCE, self.run(script)).await {
            Ok(Ok(answer)) => {
                if self.down.swap(false, Ordering::Relaxed) {
                    tracing::info!("Redis answers again: requests and sockets are counted for all nodes");
                }
                *self.lock() = None;
                Some(answer)
            }
            failed => {
                let error = failed.map_or_else(|_| "no answer".to_owned(), |asked| format!("{:?}", asked.err()));
                if !self.down.swap(true, Ordering::Relaxed) {
                    tracing::warn!(error, "Redis does not answer: each node counts requests and sockets for itself");
                }
                *self.lock() = Some(Instant::now() + PAUSE);
                None
            }
        }
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connect = || async { ConnectionManager::new_with_config(self.client.clone(), config).await };
        let mut connection = self.connection.get_or_try_init(connect).await?.clone();
        script.invoke_async(&mut connection).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
