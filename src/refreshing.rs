//! Keeps dashboards fresh: those that are due, and those that somebody asks for.
//!
//! When a dashboard is due stands in the database. A node takes what is due under a lease, so that with several nodes
//! each refresh is done once, and what a dead node had taken comes up again when its lease is over. There are never two
//! refreshes of one dashboard at once: who asks for one while another is under way joins that.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vizroom_protocol::event::DashboardRefreshFailed;
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::DashboardId;
use vizroom_protocol::notification::Kind;
use vizroom_protocol::publish::RefreshFailed;
use vizroom_protocol::{Code, Error};

use crate::clock::{Clock, rfc3339};
use crate::generation::Generations;
use crate::notice::{About, Notices};
use crate::room::Hub;
use crate::room::tell::{With, system};
use crate::store::{RefreshRow, Store, Tried};

/// How often a dashboard may refresh itself, in seconds.
pub const INTERVALS_S: [u64; 4] = [300, 900, 3_600, 86_400];
/// For a dashboard of which nobody has said.
pub const INTERVAL_S: u64 = 3_600;
/// Refreshes of one node at a time.
const AT_ONCE: usize = 4;
/// A dashboard that cannot be refreshed now, because it is being generated, is looked at again after this.
const PUT_OFF_MS: i64 = 60_000;
/// However often it failed, it is tried again after this.
const BACK_OFF_MS_MAX: i64 = 86_400_000;
/// What another node is at is asked about this often.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// What refreshing needs of the rest of the server.
pub struct Parts {
    pub store: Arc<Store>,
    pub hub: Arc<Hub>,
    pub generations: Arc<Generations>,
    pub clock: Clock,
    pub tasks: TaskTracker,
    pub draining: CancellationToken,
    pub notices: Arc<Notices>,
    /// How often it is looked whether something is due.
    pub every: Duration,
    /// A refresh that takes longer has failed.
    pub within: Duration,
}

impl Parts {
    /// Longer than a refresh can take: who holds one longer is dead.
    fn lease_ms(&self) -> i64 {
        i64::try_from(self.within.as_millis() * 5 / 4).unwrap_or(i64::MAX / 2)
    }
}

/// A refresh under way, for whoever joins it.
type Flight = Shared<BoxFuture<'static, Result<RefreshRow, Error>>>;

/// See the module.
pub struct Refreshing {
    parts: Parts,
    turns: Arc<Semaphore>,
    /// Those of this node.
    under_way: DashMap<DashboardId, Flight>,
}

impl Refreshing {
    /// Nothing is refreshed by itself until [`Refreshing::run`].
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self { parts, turns: Arc::new(Semaphore::new(AT_ONCE)), under_way: DashMap::new() })
    }

    /// Refreshes what is due, until the server stops.
    pub async fn run(self: Arc<Self>) {
        let mut tick = tokio::time::interval(self.parts.every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self.parts.draining.run_until_cancelled(tick.tick()).await.is_some() {
            if let Err(error) = self.take_due().await {
                tracing::warn!(%error, "it is not known what is due to be refreshed");
            }
        }
    }

    /// Begins as many of those that are due as this node has turns for.
    async fn take_due(self: &Arc<Self>) -> Result<(), Error> {
        let free = self.turns.available_permits();
        let now_ms = self.parts.clock.now_ms();
        if free == 0 || !self.parts.store.is_refresh_due(now_ms).await? {
            return Ok(());
        }
        let holder = holder();
        let until_ms = now_ms + self.parts.lease_ms();
        for id in self.parts.store.claim_refreshes(&holder, now_ms, until_ms, free).await? {
            drop(self.begin(id, holder.clone(), system()));
        }
        Ok(())
    }

    /// Refreshes a dashboard now, or joins whoever is at it.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` while it is being generated; otherwise why it failed.
    pub async fn now(self: &Arc<Self>, actor: &Actor, id: DashboardId) -> Result<RefreshRow, Error> {
        let before = self.parts.store.refresh_of(id).await?;
        let failures = |row: &Option<RefreshRow>| row.as_ref().map_or(0, |row| row.failures);
        loop {
            if let Some(flight) = self.under_way.get(&id).map(|flight| flight.clone()) {
                return flight.await;
            }
            let (holder, now_ms) = (holder(), self.parts.clock.now_ms());
            let until_ms = now_ms + self.parts.lease_ms();
            if self.parts.store.claim_refresh(id, INTERVAL_S, &holder, now_ms, until_ms).await? {
                return self.begin(id, holder, actor.clone()).await;
            }
            // Another node's, or of this one, which is about to say so.
            tokio::time::sleep(ASKED_EVERY).await;
            let row = self.parts.store.refresh_of(id).await?;
            if failures(&row) > failures(&before) {
                let why = row.and_then(|row| row.error).unwrap_or_default();
                return Err(Error::new(Code::Unavailable, why));
            }
            match row {
                Some(row) if row.last_ms > before.as_ref().and_then(|row| row.last_ms) => return Ok(row),
                _ => {}
            }
        }
    }

    /// Refreshes a dashboard that this node holds, in a task of its own.
    fn begin(self: &Arc<Self>, id: DashboardId, holder: String, actor: Actor) -> Flight {
        let all = self.clone();
        let (noted, go) = oneshot::channel::<()>();
        let work = self.parts.tasks.spawn(async move {
            // Not over before it is noted, or nobody would take the note away.
            let _ = go.await;
            let done = all.refresh(&actor, id, &holder).await;
            all.under_way.remove(&id);
            done
        });
        let broke_off = |_| Err(Error::new(Code::InternalError, "the refresh broke off; the server's log says why"));
        let flight = work.map(move |done| done.unwrap_or_else(broke_off)).boxed().shared();
        self.under_way.insert(id, flight.clone());
        drop(noted);
        flight
    }

    async fn refresh(&self, actor: &Actor, id: DashboardId, holder: &str) -> Result<RefreshRow, Error> {
        let Parts { store, generations, clock, draining, within, .. } = &self.parts;
        let _turn = self.turns.acquire().await;
        let work = tokio::time::timeout(*within, generations.refresh(actor, id));
        let late = || Error::new(Code::Unavailable, format!("not done within {within:?}"));
        let outcome = match draining.run_until_cancelled(work).await {
            Some(outcome) => outcome.unwrap_or_else(|_| Err(late())),
            None => Err(Error::new(Code::Conflict, "the server is stopping")),
        };
        let tried = match &outcome {
            Ok(()) => Tried::Done,
            Err(error) if error.code == Code::Conflict => Tried::PutOff,
            Err(error) => Tried::Failed(error.message.clone()),
        };
        let now_ms = clock.now_ms();
        let put_off_ms = if draining.is_cancelled() { 0 } else { PUT_OFF_MS };
        let next = |row: &RefreshRow| match tried {
            Tried::PutOff => Some(now_ms + put_off_ms),
            _ => Some(now_ms + wait_ms(row.interval_s, row.failures)),
        };
        let row = store.end_refresh(id, holder, &tried, next, now_ms).await?;
        generations.announce(id);
        let row = row.ok_or_else(|| Error::not_found("dashboard"))?;
        if let Err(error) = &outcome {
            tracing::info!(dashboard = %id, %error, failures = row.failures, "a refresh failed");
        }
        if tried != Tried::Done && row.failures == 1 {
            self.tell_failure(&row).await?;
        }
        outcome.map(|()| row)
    }

    /// Tells the dashboard's owner, and its room, of the first failure in a row.
    async fn tell_failure(&self, row: &RefreshRow) -> Result<(), Error> {
        let Parts { store, hub, notices, .. } = &self.parts;
        let found = store.dashboard(row.dashboard_id).await?;
        let Some(dashboard) = found.map(|found| found.dashboard) else { return Ok(()) };
        let (owner, room_id) = (dashboard.created_by, dashboard.room_id);
        let message = row.error.clone().unwrap_or_default();
        // Who has left the room hears no more of what is in it.
        let concerns = match room_id {
            Some(room_id) => store.role(room_id, owner).await?.is_some(),
            None => true,
        };
        if concerns {
            let text = format!("“{}” could not be refreshed: {message}", dashboard.title);
            let about = About::new(Kind::RefreshFailed, text);
            notices.tell(owner, About { room_id, dashboard_id: Some(dashboard.id), ..about }).await;
        }
        let Some(room_id) = room_id else { return Ok(()) };
        let room = hub.room(room_id).await?;
        let told = RefreshFailed {
            dashboard_id: dashboard.id,
            title: dashboard.title,
            message,
            next_refresh_at: row.due_ms.map(rfc3339),
        };
        hub.tell::<DashboardRefreshFailed>(&room, &system(), &told, With::default()).await?;
        Ok(())
    }
}

/// Until the next refresh: the interval, twice as long for each failure in a row, and a little more, so that what
/// began together does not stay together.
pub fn wait_ms(interval_s: u64, failures: u64) -> i64 {
    let interval_ms = i64::try_from(interval_s).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000);
    let doubled = interval_ms.saturating_mul(1 << failures.min(16));
    doubled.min(BACK_OFF_MS_MAX.max(interval_ms)) + chance(interval_ms / 20)
}

/// Somewhere from 0 up to `below`.
fn chance(below: i64) -> i64 {
    let random = i64::try_from(uuid::Uuid::now_v7().as_u128() & 0xFFFF_FFFF).unwrap_or(0);
    random % below.max(1)
}

/// A name for one attempt.
fn holder() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_wait_up_to_a_day() {
        for (failures, least_s) in [(0, 300), (1, 600), (2, 1_200), (8, 76_800), (9, 86_400), (1_000, 86_400)] {
            let waits: Vec<i64> = (0..50).map(|_| wait_ms(300, failures)).collect();
            let range = least_s * 1_000..least_s * 1_000 + 15_000;
            assert!(waits.iter().all(|wait| range.contains(wait)), "{failures}: {waits:?}");
        }
        let spread: std::collections::HashSet<i64> = (0..50).map(|_| wait_ms(300, 0)).collect();
        assert!(spread.len() > 10, "{spread:?}");
        assert!(wait_ms(86_400, 3) < 86_400_000 * 21 / 20);
    }
}
