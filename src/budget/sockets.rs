//! How many WebSockets each tenant has open, on all nodes that share a Redis. Each is a lease there, which its node renews:
//! those of a node that dies end by time. Where Redis does not answer, each node counts for itself.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use futures_util::future::join_all;
use redis::Script;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use vizroom_protocol::id::TenantId;

use super::shared::Shared;

/// How often Redis is told which ended.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// A lease is renewed so many times before it would end.
const RENEWALS: u32 = 3;
/// Leases of one message.
const AT_ONCE: usize = 500;
/// Messages under way.
const MESSAGES: usize = 32;

/// By the clock of Redis, so that those of the nodes need not agree.
const NOW: &str = "
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)";
/// Adds one if there are fewer than so many.
const TAKE: &str = "
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
    redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[3])
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    return 1";
const RENEW: &str = "
    for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    return 1";
const END: &str = "
    for i = 1, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
    return 1";

/// See the module.
#[derive(Debug)]
pub struct Sockets {
    shared: Option<Arc<Shared>>,
    /// This node, among those that share the Redis.
    node: Uuid,
    lease_ms: u64,
    next: AtomicU64,
    /// Those of this node. As many as it has connections.
    open: DashMap<TenantId, HashSet<u64>>,
    /// Those that ended since Redis was told. Held for a few instructions, never across an await.
    ended: Mutex<Vec<(TenantId, u64)>>,
    take: Script,
    renew: Script,
    end: Script,
}

/// One socket's place among its tenant's; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    sockets: Arc<Sockets>,
    tenant: TenantId,
    id: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let there = self.sockets.open.get_mut(&self.tenant).is_some_and(|mut open| open.remove(&self.id));
        self.sockets.open.remove_if(&self.tenant, |_, open| open.is_empty());
        if there {
            self.sockets.ended().push((self.tenant, self.id));
        }
    }
}

/// The tenant has as many as it may.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Sockets {
    pub(super) fn new(shared: Option<Arc<Shared>>, lease_ms: u64) -> Self {
        let script = |text: &str| Script::new(&format!("{NOW}{text}"));
        Self {
            shared,
            node: Uuid::now_v7(),
            lease_ms,
            next: AtomicU64::new(0),
            open: DashMap::new(),
            ended: Mutex::default(),
            take: script(TAKE),
            renew: script(RENEW),
            end: Script::new(END),
        }
    }

    /// Whether nodes count together.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// A place among at most so many of a tenant. None where this node counts for itself.
    ///
    /// # Errors
    /// If there is none left.
    pub async fn take(self: &Arc<Self>, tenant: TenantId, most: usize) -> Result<Option<Place>, Full> {
        let Some(shared) = &self.shared else { return Ok(None) };
        // Who has closed one may open another at once.
        self.tell_ended().await;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let asked = shared.ask(self.take.key(key(tenant)).arg(self.lease_ms).arg(most).arg(self.name(id))).await;
        if asked == Some(0) {
            return Err(Full);
        }
        self.open.entry(tenant).or_default().insert(id);
        Ok(Some(Place { sockets: self.clone(), tenant, id }))
    }

    /// Vouches for this node's sockets, until the server stops.
    pub async fn run(self: Arc<Self>, draining: CancellationToken) {
        let renewals = Duration::from_millis(self.lease_ms.max(1)) / RENEWALS;
        let (mut renew, mut tell) = (tokio::time::interval(renewals), tokio::time::interval(TELL_EVERY));
        loop {
            tokio::select! {
                () = draining.cancelled() => return,
                _ = renew.tick() => self.renew().await,
                _ = tell.tick() => self.tell_ended().await,
            }
        }
    }

    /// Gives up all places at once: whose sockets these are is about to go to another node.
    pub async fn leave(&self) {
        let open: Vec<(TenantId, HashSet<u64>)> = self.open.iter().map(|of| (*of.key(), of.value().clone())).collect();
        self.open.clear();
        self.ended().extend(open.into_iter().flat_map(|(tenant, ids)| ids.into_iter().map(move |id| (tenant, id))));
        self.tell_ended().await;
    }

    async fn renew(&self) {
        let open = self.open.iter().map(|of| (*of.key(), of.value().iter().copied().collect())).collect();
        self.tell(open, |tenant, names| {
            let mut renew = self.renew.key(key(tenant));
            renew.arg(self.lease_ms).arg(names);
            renew
        })
        .await;
    }

    /// What Redis does not hear ends by itself.
    async fn tell_ended(&self) {
        let ended = std::mem::take(&mut *self.ended());
        let mut of: HashMap<TenantId, Vec<u64>> = HashMap::new();
        ended.into_iter().for_each(|(tenant, id)| of.entry(tenant).or_default().push(id));
        self.tell(of.into_iter().collect(), |tenant, names| {
            let mut end = self.end.key(key(tenant));
            end.arg(names);
            end
        })
        .await;
    }

    async fn tell<'a>(
        &'a self,
        of: Vec<(TenantId, Vec<u64>)>,
        script: impl Fn(TenantId, Vec<String>) -> redis::ScriptInvocation<'a>,
    ) {
        let Some(shared) = &self.shared else { return };
        let mut messages = Vec::new();
        for (tenant, ids) in of {
            for ids in ids.chunks(AT_ONCE) {
                messages.push(script(tenant, ids.iter().map(|id| self.name(*id)).collect()));
            }
        }
        for messages in messages.chunks(MESSAGES) {
            // Whether they were heard shows next time.
            join_all(messages.iter().map(|message| shared.ask::<u32>(message))).await;
        }
    }

    fn name(&self, id: u64) -> String {
        format!("{}:{id}", self.node.simple())
    }

    fn ended(&self) -> std::sync::MutexGuard<'_, Vec<(TenantId, u64)>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(tenant: TenantId) -> String {
    format!("vizroom:sockets:{tenant}")
}
