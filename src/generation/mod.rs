//! From a sentence to a dashboard: `strategy → data → viz → layout`.
//!
//! Read in this order: [`request`] (what is asked, checked), [`strategy`] (a sentence and profiles become goals),
//! [`desk`] (a goal becomes rows), [`fitting`] (no more of them than a browser can show; of
//! groups the [`largest`]), [`viz`] and [`card`] (rows become a card), [`layout`] (cards find their place), [`run`]
//! (the four one after the other, told as they happen), [`feed`] (a run's own log), [`callback`] (who is told over HTTP that
//! one has ended). [`refine`], [`filter`] and [`made`] change what is there: all by [`change`], so that each change has a
//! revision, is remembered and told. [`panel`] and [`asking`] read what somebody wants a panel to show; [`process`] is all of it as one call.
//! [`relating`] says how tables hang together, [`refresh`] queries what is there again, and [`outside`] is how those see it who are not in its room.
//!
//! Invariants:
//! - Every card is in the store before anyone is told of it, and stands or fails alone.
//! - Whatever a run tells, it tells once, however often its process dies: events carry a key that the room's log takes
//!   only once, and the plan is a function of prompt and profiles.
//! - A run ends by telling that it ended; one whose process died is taken up at the next start.

mod asking;
mod callback;
mod card;
mod change;
mod desk;
pub mod feed;
mod filter;
mod fitting;
mod largest;
pub mod layout;
mod made;
mod outside;
mod panel;
mod process;
mod refine;
mod refresh;
mod relating;
mod request;
mod run;
mod strategy;
pub mod theme;
pub mod viz;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vizroom_protocol::dashboard::{Dashboard, Deleted, Generate, Generating, Started, Status};
use vizroom_protocol::event::DashboardDeleted;
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{DashboardId, RoomId, RunId};
use vizroom_protocol::room::Run;
use vizroom_protocol::{Code, Error};

use crate::analytics::Analytics;
use crate::auth::Caller;
use crate::clock::{Clock, rfc3339};
use crate::config::Callbacks;
use crate::limits::Limits;
use crate::planner::Goal;
use crate::room::Hub;
use crate::room::count::Counter;
use crate::room::tell::With;
use crate::sources::Sources;
use crate::store::{DashboardRow, RunRow, Store};
pub use callback::SECRET as CALLBACK_SECRET;
use feed::{Follow, Live};

/// Cards that a run makes.
pub(crate) const CARDS_MAX: usize = 12;
/// Cards of a dashboard, with those added later.
const PANELS_MAX: usize = 24;
/// Cards of a run whose prompt and caller name no number.
const CARDS_USUAL: usize = 4;
/// Runs that wait or run in one process; one more is refused.
const RUNS_WAITING_MAX: usize = 1_000;
/// Runs that have ended and can still be followed from memory; older ones are read from the store.
const ENDED_KEPT: usize = 64;
/// Runs taken up after a crash at a time.
const RESUMED: usize = 1_000;
/// Changes that a listener may be behind before it misses some, and is told so.
const CHANGES_KEPT: usize = 1_024;
/// Changes of different dashboards that never wait for each other, about.
const LOCKS: usize = 64;

/// What generations need of the rest of the server.
pub struct Parts {
    pub store: Arc<Store>,
    pub hub: Arc<Hub>,
    pub analytics: Analytics,
    pub sources: Arc<Sources>,
    pub limits: Limits,
    pub callbacks: Callbacks,
    /// What a new dashboard's fiscal years begin with.
    pub fiscal_year_begins: Option<u8>,
    pub clock: Clock,
    pub tasks: TaskTracker,
    /// Cancelled when the server stops: runs then leave off, to be taken up at the next start.
    pub draining: CancellationToken,
}

/// All generations of this process, and what changes their dashboards later.
pub struct Generations {
    parts: Parts,
    turns: Semaphore,
    runs: DashMap<DashboardId, Arc<Live>>,
    /// Those that have ended, oldest first.
    ended: Mutex<VecDeque<DashboardId>>,
    /// One change of a dashboard at a time; a dashboard's lock is found by its id.
    locks: [tokio::sync::Mutex<()>; LOCKS],
    changed: broadcast::Sender<DashboardId>,
    pub counters: Counters,
    /// Rung when a callback is due.
    bell: Notify,
}

/// How runs ended.
#[derive(Default)]
pub struct Counters {
    pub completed: Counter,
    pub failed: Counter,
    pub cancelled: Counter,
    /// The server stopped: taken up at the next start.
    pub left_off: Counter,
}

/// What a dashboard's cards ask of the data: kept beside it, for those who change it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Recipe {
    /// In reading order.
    goals: Vec<Planned>,
    /// Number of the newest key. None before the strategy is done.
    keys: Option<u64>,
}

/// A card to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Planned {
    key: String,
    goal: Goal,
    /// What it shows, if that is not its goal's query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<By>,
}

/// What a card made by hand shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Sql(String),
    Text(String),
}

impl Recipe {
    /// Adds a goal under a key that no card of this dashboard ever had.
    fn add(&mut self, goal: Goal) -> String {
        let number = self.keys.unwrap_or(0) + 1;
        self.keys = Some(number);
        let key = format!("chart_{number}");
        self.goals.push(Planned { key: key.clone(), goal, by: None });
        key
    }
}

/// A dashboard with its recipe, as it is worked on.
struct Work {
    row: DashboardRow,
    recipe: Recipe,
    /// The revision it was read at.
    base: u64,
    /// Somebody has moved cards.
    by_hand: bool,
}

impl Work {
    fn new(row: DashboardRow) -> Result<Self, Error> {
        let recipe = serde_json::from_value(row.recipe.clone()).map_err(|error| {
            tracing::error!(%error, dashboard = %row.dashboard.id, "a recipe cannot be read");
            Error::new(Code::InternalError, "this dashboard cannot be changed any more")
        })?;
        let dashboard = &row.dashboard;
        let placed = layout::layout(dashboard.cards.iter().map(|c| (c.key.as_str(), c.kind)));
        let (base, by_hand) = (dashboard.revision, dashboard.layout != placed);
        Ok(Self { row, recipe, base, by_hand })
    }

    fn dashboard(&mut self) -> &mut Dashboard {
        &mut self.row.dashboard
    }
}

impl Generations {
    /// None are under way until [`Generations::resume`].
    pub fn new(parts: Parts) -> Arc<Self> {
        let turns = Semaphore::new(parts.limits.runs_max.max(1));
        let locks = std::array::from_fn(|_| tokio::sync::Mutex::new(()));
        Arc::new(Self {
            parts,
            turns,
            runs: DashMap::new(),
            ended: Mutex::default(),
            locks,
            changed: broadcast::Sender::new(CHANGES_KEPT),
            counters: Counters::default(),
            bell: Notify::new(),
        })
    }

    /// Begins a generation; the rest is told as it happens.
    ///
    /// # Errors
    /// `INVALID_REQUEST` or `NOT_FOUND` naming the field; `UNAVAILABLE` if too many are waiting.
    pub async fn start(self: &Arc<Self>, caller: &Caller, request: Generate) -> Result<Generating, Error> {
        request::check(&request)?;
        let callback = self.callback(caller.tenant_id, &request).await?;
        if self.runs.len() >= RUNS_WAITING_MAX + ENDED_KEPT {
            let error = Error::new(Code::Unavailable, "too many generations are waiting");
            return Err(Error { retry_after_ms: Some(10_000), ..error });
        }
        let (file_ids, tenant_id) = (request.file_ids.as_deref(), caller.tenant_id);
        let connection = self.connection(tenant_id, request.connection_name.as_deref(), file_ids).await?;
        let origins = match connection {
            Some(_) => Vec::new(),
            None => self.origins(tenant_id, request.room_id, file_ids).await?,
        };
        let dashboard = Dashboard {
            room_id: request.room_id,
            prompt: request.user_prompt.clone(),
            theme: request.theme.unwrap_or_default(),
            status: Status::Processing,
            connection,
            origins,
            ..self.blank(caller, request::working_title(&request.user_prompt))
        };
        let (now_ms, id) = (self.parts.clock.now_ms(), dashboard.id);
        let row = DashboardRow { dashboard, tenant_id, recipe: encoded(&Recipe::default()) };
        let live = self.live(caller, &row, request).await?;
        let run = &live.run;
        self.parts.store.add_dashboard(&row, now_ms).await?;
        if let Some(callback) = callback {
            self.expect_callback(run, callback).await?;
        }
        self.parts.store.start_run(run, now_ms).await?;
        let generating = Generating { run_id: run.id, session_id: id };
        // From here on the run is under way whatever happens to this call: it tells its beginning itself.
        self.begin(live, row);
        Ok(generating)
    }

    /// A run of a dashboard, for its caller.
    async fn live(&self, caller: &Caller, row: &DashboardRow, request: Generate) -> Result<Live, Error> {
        let run = RunRow {
            id: RunId(uuid::Uuid::now_v7()),
            dashboard_id: row.dashboard.id,
            room_id: row.dashboard.room_id,
            tenant_id: row.tenant_id,
            user_id: caller.user_id,
            // Whoever is to be told of its end stands elsewhere.
            request: Generate { callback_url: None, callback_secret: None, ..request },
        };
        let room = match run.room_id {
            Some(room_id) => Some(self.parts.hub.room(room_id).await?),
            None => None,
        };
        Ok(Live::new(run, actor(caller), room, self.parts.draining.child_token()))
    }

    /// Takes up the runs that an earlier process left, in the background.
    ///
    /// # Errors
    /// The store's.
    pub async fn resume(self: &Arc<Self>) -> Result<(), Error> {
        self.parts.store.drop_lost_callbacks().await?;
        self.parts.tasks.spawn(self.clone().call_back());
        for run in self.parts.store.runs_under_way(RESUMED).await? {
            let id = run.id;
            if let Err(error) = self.take_over(run).await {
                tracing::warn!(run = %id, %error, "a generation cannot be taken up again");
                self.parts.store.end_run(id, Status::Failed, self.parts.clock.now_ms()).await?;
            }
        }
        Ok(())
    }

    async fn take_over(self: &Arc<Self>, run: RunRow) -> Result<(), Error> {
        let (store, id) = (&self.parts.store, run.dashboard_id);
        let row = store.dashboard(id).await?.ok_or_else(|| Error::not_found("dashboard"))?;
        let room = match run.room_id {
            Some(room_id) => Some(self.parts.hub.room(room_id).await?),
            None => None,
        };
        let name = store.user(run.user_id).await?.map(|user| user.name).unwrap_or_default();
        let actor = Actor { kind: ActorKind::User, id: run.user_id.to_string(), name };
        tracing::info!(run = %run.id, dashboard = %id, "a generation is taken up again");
        self.begin(Live::new(run, actor, room, self.parts.draining.child_token()), row);
        Ok(())
    }

    fn begin(self: &Arc<Self>, live: Live, row: DashboardRow) {
        let (all, id, live) = (self.clone(), live.run.dashboard_id, Arc::new(live));
        self.runs.insert(id, live.clone());
        let user_prompt = row.dashboard.prompt.clone();
        let started = Started { run_id: live.run.id, dashboard_id: id, user_prompt };
        self.parts.tasks.spawn(async move {
            all.run(live, row, started).await;
            let oldest = {
                let mut ended = all.ended.lock().unwrap_or_else(PoisonError::into_inner);
                ended.push_back(id);
                (ended.len() > ENDED_KEPT).then(|| ended.pop_front()).flatten()
            };
            // Another run may fill the same dashboard by now.
            oldest.and_then(|id| all.runs.remove_if(&id, |_, live| live.standing().is_none()));
        });
    }

    /// Ends a run; the cards it finished stay. Nothing happens if it has ended already.
    pub fn cancel(&self, id: DashboardId) {
        if let Some(live) = self.runs.get(&id) {
            live.stop.cancel();
        }
    }

    /// Generations under way in a room.
    pub fn runs_of(&self, room: RoomId) -> Vec<Run> {
        let mut runs: Vec<Run> =
            self.runs.iter().filter(|live| live.run.room_id == Some(room)).filter_map(|live| live.standing()).collect();
        runs.sort_by_key(|run| run.run_id);
        runs
    }

    /// How many runs are being worked on, and how many wait for their turn.
    pub fn under_way(&self) -> (usize, usize) {
        let all = self.runs.iter().filter(|live| live.standing().is_some()).count();
        let running = self.parts.limits.runs_max.max(1) - self.turns.available_permits();
        (running, all.saturating_sub(running))
    }

    /// What a run tells, beginning after its `after`-th event. None if it is no longer in memory: the store has its
    /// dashboard then.
    pub fn follow(&self, id: DashboardId, after: usize) -> Option<Follow> {
        self.runs.get(&id).map(|live| Follow::new(live.clone(), after))
    }

    /// Deletes a dashboard; a run that fills it ends.
    ///
    /// # Errors
    /// `NOT_FOUND`, or the store's.
    pub async fn delete(&self, actor: &Actor, id: DashboardId) -> Result<(), Error> {
        let _turn = self.turn(id).await;
        let room = self.parts.store.place_of_dashboard(id).await?.and_then(|place| place.room_id);
        self.parts.store.delete_dashboard(id).await?;
        self.announce(id);
        self.cancel(id);
        if let Some(room) = room {
            let room = self.parts.hub.room(room).await?;
            let told = Deleted { dashboard_id: id };
            self.parts.hub.tell::<DashboardDeleted>(&room, actor, &told, With::default()).await?;
        }
        Ok(())
    }

    /// Waits until nobody else changes this dashboard.
    async fn turn(&self, id: DashboardId) -> tokio::sync::MutexGuard<'_, ()> {
        self.locks[(id.0.as_u128() % LOCKS as u128) as usize].lock().await
    }

    /// A dashboard to change.
    async fn take_up(&self, id: DashboardId) -> Result<Work, Error> {
        let row = self.parts.store.dashboard(id).await?.ok_or_else(|| Error::not_found("dashboard"))?;
        if row.dashboard.status == Status::Processing {
            return Err(Error::new(Code::Conflict, "this dashboard is still being generated"));
        }
        Work::new(row)
    }

    /// Stores what a run has made so far: no change of its own.
    async fn save(&self, work: &mut Work) -> Result<(), Error> {
        let now_ms = self.parts.clock.now_ms();
        work.row.recipe = encoded(&work.recipe);
        work.row.dashboard.updated_at = rfc3339(now_ms);
        self.parts.store.update_dashboard(&work.row, work.base, now_ms).await?;
        self.announce(work.row.dashboard.id);
        Ok(())
    }

    /// Which dashboards change from now on, rooms or not.
    pub fn changes(&self) -> broadcast::Receiver<DashboardId> {
        self.changed.subscribe()
    }

    /// Says that a dashboard has changed, to whoever listens.
    pub fn announce(&self, id: DashboardId) {
        // Nobody may be listening.
        let _ = self.changed.send(id);
    }
}

fn actor(caller: &Caller) -> Actor {
    Actor { kind: ActorKind::User, id: caller.user_id.to_string(), name: caller.name.clone() }
}

fn encoded(recipe: &Recipe) -> serde_json::Value {
    serde_json::to_value(recipe).unwrap_or_else(|error| unreachable!("a recipe is plain data: {error}"))
}
