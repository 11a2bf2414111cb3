//! How many requests somebody may still make, and how many [`sockets`] a tenant has open. Windows of a minute begin with the first request in them; they are kept
//! in memory and, where several nodes share a budget, told to Redis and heard from there.
//!
//! A call on a socket never waits for Redis: what it spends is told within [`TELL_EVERY`]. A request over HTTP asks. Where
//! Redis does not answer, each node counts for itself until it does; nobody is refused for that.

mod shared;
pub mod sockets;
mod tiers;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use redis::Script;
use serde_json::json;
use vizroom_protocol::id::{TenantId, UserId};
use vizroom_protocol::{Code, Error};

pub use tiers::Tiers;

use shared::Shared;
use sockets::Sockets;

/// Adds, and says what there is now and how long the window still lasts: in one step, so that no window is without end.
const ADD: &str = "
    local total = redis.call('INCRBY', KEYS[1], ARGV[1])
    local left = redis.call('PTTL', KEYS[1])
    if left < 0 then
        left = tonumber(ARGV[2])
        redis.call('PEXPIRE', KEYS[1], left)
    end
    return {total, left}";

/// How often what sockets spent is told to Redis.
pub const TELL_EVERY: Duration = Duration::from_millis(100);
const WINDOW_MS: i64 = 60_000;
/// Windows remembered; beyond, those that are over are forgotten, and if there are none, all.
const WINDOWS_MAX: usize = 100_000;

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// All requests of a tenant's users and keys.
    Tenant(TenantId),
    /// What is no request: pings, typing, cursors. Never told to other nodes.
    Signals(UserId),
    /// Whoever comes without a credential. Of an IPv6 address the network counts, since a host has all of it.
    Address(IpAddr),
}

impl Payer {
    /// Whoever is at `address`.
    pub fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self::Address(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            v4 => Self::Address(v4),
        }
    }
}

impl fmt::Display for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Payer::Tenant(id) => write!(f, "tenant:{id}"),
            Payer::Signals(id) => write!(f, "signals:{id}"),
            Payer::Address(address) => write!(f, "address:{address}"),
        }
    }
}

/// What is left of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub limit: u32,
    pub remaining: u32,
    /// Until all of it is there again.
    pub reset_ms: u64,
}

impl Standing {
    /// The answer to one request too many.
    pub fn refusal(&self) -> Error {
        let error = Error::new(Code::RateLimited, format!("at most {} a minute", self.limit));
        Error { retry_after_ms: Some(self.reset_ms), ..error }.with_details(json!({ "limit": self.limit }))
    }
}

/// The window that is running.
#[derive(Debug, Clone, Copy)]
struct Window {
    spent: u32,
    /// What of it Redis has not been told.
    untold: u32,
    until_ms: i64,
}

impl Window {
    fn standing(&self, limit: u32, now_ms: i64) -> Standing {
        let reset_ms = u64::try_from(self.until_ms - now_ms).unwrap_or(0).max(1);
        Standing { limit, remaining: limit.saturating_sub(self.spent), reset_ms }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Budgets {
    windows: DashMap<Payer, Window>,
    shared: Option<Arc<Shared>>,
    add: Script,
    pub sockets: Arc<Sockets>,
    /// Who spent what Redis has not been told. Held for a few instructions, never across an await.
    owing: Mutex<Vec<Payer>>,
}

impl Budgets {
    /// Budgets shared by all that use this Redis, or one's own; a socket that its node does not vouch for any more counts
    /// for another `socket_lease_ms`. Does not connect yet.
    ///
    /// # Errors
    /// If the address is none.
    pub fn new(redis_url: Option<&str>, socket_lease_ms: u64) -> redis::RedisResult<Self> {
        let shared = redis_url.map(Shared::new).transpose()?.map(Arc::new);
        let sockets = Arc::new(Sockets::new(shared.clone(), socket_lease_ms));
        Ok(Self { windows: DashMap::new(), shared, add: Script::new(ADD), sockets, owing: Mutex::default() })
    }

    /// Takes one request from a budget, as far as this node knows.
    ///
    /// # Errors
    /// What is left where that is nothing.
    pub fn spend(&self, payer: Payer, limit: u32, now_ms: i64) -> Result<Standing, Standing> {
        let (outcome, owes) = self.take(payer, limit, now_ms);
        if owes && self.shared.is_some() && !matches!(payer, Payer::Signals(_)) {
            self.owing.lock().unwrap_or_else(PoisonError::into_inner).push(payer);
        }
        outcome
    }

    /// The same, as far as all nodes know.
    ///
    /// # Errors
    /// What is left where that is nothing.
    pub async fn spend_shared(&self, payer: Payer, limit: u32, now_ms: i64) -> Result<Standing, Standing> {
        let standing = self.take(payer, limit, now_ms).0?;
        if self.shared.is_none() {
            return Ok(standing);
        }
        self.tell(payer, now_ms).await;
        let Some(window) = self.windows.get(&payer) else { return Ok(standing) };
        let standing = window.standing(limit, now_ms);
        if window.spent > limit { Err(standing) } else { Ok(standing) }
    }

    /// Tells Redis what sockets spent since the last time.
    pub async fn tell_all(&self, now_ms: i64) {
        let owing = std::mem::take(&mut *self.owing.lock().unwrap_or_else(PoisonError::into_inner));
        for payer in owing {
            self.tell(payer, now_ms).await;
        }
    }

    /// Whether there is anybody to tell.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Also whether this is the first that Redis has not been told.
    fn take(&self, payer: Payer, limit: u32, now_ms: i64) -> (Result<Standing, Standing>, bool) {
        if self.windows.len() >= WINDOWS_MAX {
            self.make_room(now_ms);
        }
        let fresh = Window { spent: 0, untold: 0, until_ms: now_ms + WINDOW_MS };
        let mut window = self.windows.entry(payer).or_insert(fresh);
        // A clock that was set back must not make a window of it that lasts.
        if now_ms >= window.until_ms || window.until_ms > now_ms + WINDOW_MS {
            *window = fresh;
        }
        if window.spent >= limit {
            return (Err(window.standing(limit, now_ms)), false);
        }
        window.spent += 1;
        window.untold += 1;
        (Ok(window.standing(limit, now_ms)), window.untold == 1)
    }

    fn make_room(&self, now_ms: i64) {
        self.windows.retain(|_, window| now_ms < window.until_ms);
        if self.windows.len() >= WINDOWS_MAX {
            tracing::warn!("more than {WINDOWS_MAX} budgets in use: all begin anew");
            self.windows.clear();
        }
    }

    /// Tells Redis what this node has spent, and hears what all have.
    async fn tell(&self, payer: Payer, now_ms: i64) {
        let Some(shared) = &self.shared else { return };
        let take = |mut window: dashmap::mapref::one::RefMut<'_, Payer, Window>| std::mem::take(&mut window.untold);
        let Some(untold) = self.windows.get_mut(&payer).map(take) else { return };
        let heard: Option<(u32, i64)> =
            shared.ask(self.add.key(format!("vizroom:spent:{payer}")).arg(untold).arg(WINDOW_MS)).await;
        let Some(mut window) = self.windows.get_mut(&payer) else { return };
        match heard {
            Some((total, left_ms)) => {
                window.spent = total.saturating_add(window.untold);
                window.until_ms = now_ms + left_ms.min(WINDOW_MS);
            }
            None => window.untold += untold,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_window_allows_its_limit_and_begins_again() {
        let budgets = Budgets::new(None, 1_000).unwrap();
        let [one, other] = [1, 2].map(|n| Payer::Tenant(TenantId(Uuid::from_u128(n))));
        for left in [1, 0] {
            let standing = budgets.spend(one, 2, 1_000).unwrap();
            assert_eq!(standing, Standing { limit: 2, remaining: left, reset_ms: 60_000 });
        }
        let refused = budgets.spend(one, 2, 31_000).unwrap_err();
        assert_eq!((refused.remaining, refused.refusal().retry_after_ms), (0, Some(30_000)));
        budgets.spend(other, 2, 31_000).unwrap();
        budgets.spend(one, 2, 61_000).unwrap();
        assert!(budgets.spend(one, 1, 61_001).is_err(), "a limit that was lowered counts at once");
        budgets.spend(one, 1, 0).expect("a clock set back");
    }

    #[test]
    fn neighbours_of_one_network_are_one() {
        let at = |text: &str| Payer::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
        assert_ne!(at("10.0.0.2"), at("10.0.0.1"));
    }

    #[test]
    fn memory_is_bounded() {
        let budgets = Budgets::new(None, 1_000).unwrap();
        for n in 0..WINDOWS_MAX as u128 + 10 {
            budgets.spend(Payer::Tenant(TenantId(Uuid::from_u128(n))), 1, 0).unwrap();
        }
        assert!(budgets.windows.len() <= WINDOWS_MAX);
    }
}
