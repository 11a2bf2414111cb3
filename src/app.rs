//! What all operations share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vizroom_protocol::Error;
use vizroom_protocol::id::{DashboardId, RoomId, UserId};
use vizroom_protocol::room::{Role, Run};

use crate::analytics::{Analytics, AnalyticsLimits};
use crate::audit::Audit;
use crate::auth::oauth::Providers;
use crate::auth::seal::Seal;
use crate::auth::{ACCESS_SECONDS, Auth, Caller, Grant, Opaque, key};
use crate::budget::{Budgets, TELL_EVERY, Tiers};
use crate::clock::Clock;
use crate::config::Config;
use crate::files::Files;
use crate::generation::{self, Generations};
use crate::limits::Tier;
use crate::mail::Mail;
use crate::notice::Notices;
use crate::publishing::{self, Publishing};
use crate::refreshing::{self, Refreshing};
use crate::room::Hub;
use crate::room::count::{Counter, Outcomes};
use crate::sources::{self, Sources};
use crate::store::{Ended, LinkRow, Store};

/// Roles remembered; beyond, all are forgotten and asked for again.
const ROLES_MAX: usize = 200_000;
/// Rooms known from the start, and roles in them.
const ROOMS_AT_START: u32 = 10_000;
const ROLES_AT_START: u32 = 100_000;
/// How often the store is asked for the tenants' tiers.
const TIERS_EVERY: Duration = Duration::from_secs(10);
/// When a key ends that has no end: in the year 9999.
const NEVER_MS: i64 = 253_402_300_799_000;

/// See the module.
pub struct App {
    pub config: Config,
    /// How browsers reach this server, without a slash at the end.
    pub base_url: String,
    pub clock: Clock,
    pub store: Arc<Store>,
    pub files: Files,
    pub analytics: Analytics,
    pub auth: Auth,
    pub providers: Providers,
    pub mail: Mail,
    pub audit: Audit,
    pub notices: Arc<Notices>,
    pub budgets: Budgets,
    pub tiers: Tiers,
    pub hub: Arc<Hub>,
    pub sources: Arc<Sources>,
    pub generations: Arc<Generations>,
    pub publishing: Arc<Publishing>,
    pub refreshing: Arc<Refreshing>,
    pub counters: Counters,
    roles: DashMap<(RoomId, UserId), Role>,
    /// Counts the changes of memberships.
    changes: AtomicU64,
    /// Cancelled when the server begins to stop.
    pub draining: CancellationToken,
    /// Connections and runs: the server waits for them when it stops.
    pub tasks: TaskTracker,
}

/// What no part counts for itself.
#[derive(Default)]
pub struct Counters {
    /// Whole uploads, from the first byte to the datasets.
    pub uploads: Outcomes,
    pub uploaded_bytes: Counter,
    /// Upgrades to a WebSocket; those refused by their error.
    pub upgrades: Outcomes,
}

impl App {
    /// Opens the data folder, which is there, and the database, and starts the room log. `local` is where it listens.
    ///
    /// # Errors
    /// If one of them cannot be opened.
    pub async fn open(
        config: Config,
        local: SocketAddr,
        clock: Clock,
    ) -> Result<Arc<Self>, Box<dyn std::error::Error + Send + Sync>> {
        let base_url = base_url(&config, local);
        let providers = Providers::new(&config.oauth, &base_url)?;
        let store = Arc::new(Store::open(&config.database_url()).await?);
        let files = Files::open(&config.data_dir, &config.files_dir()).await?;
        let analytics = Analytics::new(files.objects(), analytics_limits(&config))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let hub = Hub::start(store.clone(), config.limits.room(), clock.clone(), cores)?;
        let (draining, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mail = Mail::open(config.mail.as_ref(), &tasks, draining.clone())?;
        let audit = Audit::open(store.clone(), clock.clone(), config.audit_days);
        let notices = Notices::new(store.clone(), hub.clone(), clock.clone());
        let sources = open_sources(&config, store.clone(), analytics.clone(), clock.clone())?;
        let generations = Generations::new(generation::Parts {
            sources: sources.clone(),
            store: store.clone(),
            hub: hub.clone(),
            analytics: analytics.clone(),
            limits: config.limits.clone(),
            callbacks: config.callbacks.clone(),
            fiscal_year_begins: Some(config.fiscal_year_begins).filter(|month| *month > 1),
            clock: clock.clone(),
            tasks: tasks.clone(),
            draining: draining.clone(),
        });
        let publishing = Publishing::new(publishing::Parts {
            store: store.clone(),
            hub: hub.clone(),
            generations: generations.clone(),
            clock: clock.clone(),
            tasks: tasks.clone(),
            draining: draining.clone(),
        });
        let refreshing = Refreshing::new(refreshing::Parts {
            store: store.clone(),
            hub: hub.clone(),
            generations: generations.clone(),
            clock: clock.clone(),
            tasks: tasks.clone(),
            draining: draining.clone(),
            notices: notices.clone(),
            every: Duration::from_millis(config.limits.refresh_check_ms),
            within: Duration::from_millis(config.limits.refresh_ms_max),
        });
        Ok(Arc::new(Self {
            base_url,
            clock,
            store,
            files,
            analytics,
            auth: Auth::open(&config.data_dir)?,
            providers,
            mail,
            audit,
            notices,
            budgets: Budgets::new(config.redis_url.as_deref(), config.limits.socket_lease_ms)?,
            tiers: Tiers::new(config.tiers.clone(), &config.default_tier)?,
            hub,
            sources,
            generations,
            publishing,
            refreshing,
            counters: Counters::default(),
            roles: DashMap::new(),
            changes: AtomicU64::new(0),
            draining,
            tasks,
            config,
        }))
    }

    /// Takes up what an earlier process left: revoked tokens, generations under way.
    ///
    /// # Errors
    /// The store's.
    pub async fn resume(self: &Arc<Self>) -> Result<(), Error> {
        let now_ms = self.clock.now_ms();
        // After a restart everybody comes back at once: nobody need wait for the store then. Where another server may still
        // be writing, what is read now may be over by then.
        if self.store.is_alone() {
            let newest = self.store.newest_rooms(ROOMS_AT_START, ROLES_AT_START).await?;
            self.hub.know(newest.rooms);
            for (room, user, role) in newest.members {
                self.roles.insert((room, user), role);
            }
        }
        self.tiers.replace(self.store.tiers().await?);
        for (family, revoked_ms) in self.store.revoked_families(now_ms - ACCESS_SECONDS as i64 * 1000).await? {
            self.auth.tokens.revoke(family, revoked_ms, now_ms);
        }
        self.generations.resume().await
    }

    /// Keeps the tenants' tiers up to date, and other nodes about what is spent here, until the server stops.
    pub async fn keep(self: Arc<Self>) {
        let (mut tiers, mut spent) = (tokio::time::interval(TIERS_EVERY), tokio::time::interval(TELL_EVERY));
        loop {
            tokio::select! {
                () = self.draining.cancelled() => return,
                _ = tiers.tick() => match self.store.tiers().await {
                    Ok(stored) => self.tiers.replace(stored),
                    Err(error) => tracing::warn!(%error, "the tiers of tenants stay as they are"),
                },
                _ = spent.tick(), if self.budgets.is_shared() => self.budgets.tell_all(self.clock.now_ms()).await,
            }
        }
    }

    /// What a caller's tenant may, or the link they came by.
    pub fn tier(&self, caller: &Caller) -> Tier {
        match caller.grant {
            Grant::Viewer { .. } => self.tiers.viewers(),
            Grant::Session | Grant::Key { .. } => self.tiers.of(caller.tenant_id),
        }
    }

    /// Who presents a credential: an access token or an API key.
    ///
    /// # Errors
    /// `UNAUTHORIZED`, or the store's.
    pub async fn caller(self: &Arc<Self>, token: &str) -> Result<Caller, Error> {
        let now_ms = self.clock.now_ms();
        if !key::is_key(token) {
            return self.auth.tokens.caller(token, now_ms);
        }
        let hash = Opaque::hash(token);
        let (caller, touch) = match self.auth.keys.find(&hash, now_ms) {
            Some(found) => found,
            None => {
                let revocations = self.auth.keys.revocations();
                let caller = self.holder(&hash).await?;
                (caller.clone(), self.auth.keys.remember(hash, caller, revocations, now_ms))
            }
        };
        if now_ms >= caller.expires_at_ms {
            return Err(Error::unauthorized("the API key has expired"));
        }
        if touch && let Grant::Key { id, .. } = caller.grant {
            let app = self.clone();
            self.tasks.spawn(async move {
                if let Err(error) = app.store.key_used(id, now_ms).await {
                    tracing::warn!(%error, "when a key was used was not kept");
                }
            });
        }
        Ok(caller)
    }

    async fn holder(&self, hash: &str) -> Result<Caller, Error> {
        let found = self.store.key_holder(hash).await?;
        let found = found.ok_or_else(|| Error::unauthorized("the API key is not valid"))?;
        Ok(Caller {
            user_id: found.user.id,
            tenant_id: found.user.tenant_id,
            name: found.user.name,
            email: found.user.email,
            family: key::family(found.id).into(),
            expires_at_ms: found.expires_ms.unwrap_or(NEVER_MS),
            grant: Grant::Key { id: found.id, scopes: found.scopes },
        })
    }

    /// Ends what a family of credentials opened, at once, and lets it open no more.
    pub fn revoke(&self, family: String) {
        let now_ms = self.clock.now_ms();
        // In this order: a connection is either among those that are closed, or finds itself revoked when it is there.
        self.auth.keys.forget(&family);
        self.auth.tokens.revoke(family.clone(), now_ms, now_ms);
        self.hub.revoke_family(&family);
    }

    /// Ends all that the store says has ended.
    pub fn end(&self, ended: Ended) {
        let keys = ended.keys.into_iter().map(key::family);
        ended.families.into_iter().chain(keys).for_each(|family| self.revoke(family));
    }

    /// Ends whatever a link's viewers have: their tokens and their connections. Must be called after the store was told.
    pub fn end_views(&self, link: &LinkRow) {
        let now_ms = self.clock.now_ms();
        self.auth.tokens.revoke(publishing::family(link), now_ms, now_ms);
        self.publishing.end(link.id);
    }

    /// Where browsers find a published dashboard.
    pub fn public_url(&self, slug: &str) -> String {
        format!("{}/public/dashboards/{slug}", self.base_url)
    }

    /// Generations under way in a room.
    pub fn runs_of(&self, room: RoomId) -> Vec<Run> {
        self.generations.runs_of(room)
    }

    /// The role of a user in a room; None if they are no member or there is no such room.
    ///
    /// # Errors
    /// The store's.
    pub async fn role(&self, room: RoomId, user: UserId) -> Result<Option<Role>, Error> {
        if let Some(role) = self.roles.get(&(room, user)) {
            return Ok(Some(*role));
        }
        // In a box: whoever is found above need not carry the place for it.
        Box::pin(self.stored_role(room, user)).await
    }

    async fn stored_role(&self, room: RoomId, user: UserId) -> Result<Option<Role>, Error> {
        let changes = self.changes.load(Ordering::SeqCst);
        let Some(found) = self.store.roles(room, user).await? else { return Ok(None) };
        if self.roles.len() + found.len() > ROLES_MAX {
            self.roles.clear();
        }
        let mut role = None;
        for (member, theirs) in found.iter() {
            if *member == user {
                role = Some(*theirs);
            }
            self.roles.insert((room, *member), *theirs);
        }
        // What the store said may be over by now.
        if self.changes.load(Ordering::SeqCst) != changes {
            for (member, _) in found.iter() {
                self.roles.remove(&(room, *member));
            }
        }
        Ok(role)
    }

    /// The role of a user on a dashboard: that in its room, or its owner's where it is in none, or what it is shared as.
    /// None if they may not know of it.
    ///
    /// # Errors
    /// The store's.
    pub async fn role_on(&self, id: DashboardId, user: UserId) -> Result<Option<Role>, Error> {
        let Some(place) = self.store.place_of_dashboard(id).await? else { return Ok(None) };
        let own = match place.room_id {
            Some(room) => self.role(room, user).await?,
            None => (place.owner_id == user).then_some(Role::Owner),
        };
        if own.is_some_and(|role| role.covers(Role::Editor)) {
            return Ok(own);
        }
        let shared = self.store.shared_role(id, user).await?;
        Ok(if shared.is_some_and(|role| role.covers(Role::Editor)) { shared } else { own.or(shared) })
    }

    /// Must be called after a membership has changed in the store: from here on it counts.
    pub fn role_changed(&self, room: RoomId, user: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.roles.remove(&(room, user));
    }

    /// Must be called after a room has been deleted from the store.
    pub fn room_deleted(&self, room: RoomId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.roles.retain(|(r, _), _| *r != room);
        self.hub.close_room(room);
        self.publishing.look_again();
    }
}

fn analytics_limits(config: &Config) -> AnalyticsLimits {
    AnalyticsLimits {
        memory_bytes: config.limits.query_memory_bytes_max,
        columns: config.limits.columns_max,
        inflated_bytes: config.limits.upload_bytes_max,
        source_rows: config.limits.source_rows_max,
        ..AnalyticsLimits::default()
    }
}

fn open_sources(
    config: &Config,
    store: Arc<Store>,
    analytics: Analytics,
    clock: Clock,
) -> std::io::Result<Arc<Sources>> {
    let key_file = config.connections.key_file.clone().unwrap_or_else(|| config.data_dir.join("connections.key"));
    Ok(Sources::new(sources::Parts {
        store,
        analytics,
        seal: Seal::open(&key_file)?,
        config: config.connections.clone(),
        statement: Duration::from_millis(config.limits.query_ms_max),
        clock,
    }))
}

/// Never what a request says of itself: whoever sends that could have others' mails lead to themselves.
fn base_url(config: &Config, local: SocketAddr) -> String {
    match &config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None if local.ip().is_unspecified() => format!("http://localhost:{}", local.port()),
        None => format!("http://{local}"),
    }
}
