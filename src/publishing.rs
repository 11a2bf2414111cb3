//! Dashboards as they are seen from outside their rooms: through public links, and by those they are shared with.
//!
//! A link has a log of its own, apart from any room: a passing room of the hub, under the link's id, that holds nothing
//! but the newest state of the dashboard under the link's filter. Viewers follow that and nothing else, so that a room's
//! events, people and words cannot reach them. Whenever the dashboard changes, what its followed links show is computed
//! anew: once a link, however many look, and never twice at the same time.
//!
//! A dashboard has such a log under its own id, too, which holds it as its room has it. Whoever may see it may follow that;
//! who may no more is taken off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Card, Channel, FilterState};
use vizroom_protocol::event::{DashboardHidden, DashboardShown};
use vizroom_protocol::id::{DashboardId, LinkId, RoomId, UserId};
use vizroom_protocol::publish::{Hidden, Shown};

use crate::clock::{Clock, rfc3339};
use crate::generation::Generations;
use crate::room::tell::{private, system};
use crate::room::{Close, Hub, Room};
use crate::store::{LinkRow, Stamp, Store};

/// Logs whose content is remembered though nobody follows them; beyond, those are forgotten.
const FEEDS_KEPT: usize = 256;
/// Whether a link's time is over is looked at this often.
const TICK: Duration = Duration::from_secs(1);
/// And every so many times, what another node may have done to it.
const TICKS_ASKED: u64 = 5;
/// Connections of one log that are looked at together: more than a server has.
const READERS_MAX: usize = 1 << 24;
/// What a link tells is always the same thing, so that a slow viewer gets the newest only.
const KEY: &str = "dashboard";

/// What publishing needs of the rest of the server.
pub struct Parts {
    pub store: Arc<Store>,
    pub hub: Arc<Hub>,
    pub generations: Arc<Generations>,
    pub clock: Clock,
    pub tasks: TaskTracker,
    pub draining: CancellationToken,
}

/// See the module.
pub struct Publishing {
    parts: Parts,
    /// By the id of their log.
    feeds: DashMap<RoomId, Arc<Feed>>,
}

/// What one log shows.
struct Feed {
    dashboard: DashboardId,
    /// An update waits for its turn: it will see whatever has changed until then.
    waiting: AtomicBool,
    /// Held while it is computed.
    state: tokio::sync::Mutex<State>,
}

struct State {
    /// Absent: as the dashboard's room has it.
    link: Option<LinkRow>,
    content: Option<(Version, Arc<Shown>)>,
    /// What the link's log was told last, and which log that was.
    told: Option<(String, Arc<Shown>)>,
}

/// What the content depends on, but for a link's filter, which stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    stamp: Stamp,
    viewers_filter: bool,
}

impl Publishing {
    /// Nobody is told of changes until [`Publishing::run`].
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self { parts, feeds: DashMap::new() })
    }

    /// Tells viewers what changes, until the server stops.
    pub async fn run(self: Arc<Self>) {
        let mut changes = self.parts.generations.changes();
        let (mut tick, mut ticks) = (tokio::time::interval(TICK), 0);
        loop {
            tokio::select! {
                () = self.parts.draining.cancelled() => return,
                changed = changes.recv() => match changed {
                    Ok(id) => self.update_where(|feed| feed.dashboard == id),
                    Err(RecvError::Lagged(_)) => self.look_again(),
                    Err(RecvError::Closed) => return,
                },
                _ = tick.tick() => {
                    ticks += 1;
                    let (asked, now_ms) = (ticks % TICKS_ASKED == 0, self.parts.clock.now_ms());
                    self.update_where(|feed| asked || feed.state.try_lock().is_ok_and(|s| s.link.as_ref().is_some_and(|link| !link.is_open(now_ms))));
                }
            }
        }
    }

    /// The dashboard as the link shows it.
    ///
    /// # Errors
    /// `NOT_FOUND` if it is gone, or the store's.
    pub async fn shown(&self, link: &LinkRow) -> Result<Arc<Shown>, Error> {
        let feed = self.feed(link.dashboard_id, Some(link));
        let mut state = feed.state.lock().await;
        Ok(self.computed(link.dashboard_id, Some(link), &mut state).await?.1)
    }

    /// The link's log, which has been told the newest there is.
    ///
    /// # Errors
    /// As [`Publishing::shown`].
    pub async fn follow(&self, link: &LinkRow) -> Result<Arc<Room>, Error> {
        // As long as it is held, it is not forgotten.
        let room = self.parts.hub.passing_room(RoomId(link.id.0));
        let feed = self.feed(link.dashboard_id, Some(link));
        let mut state = feed.state.lock().await;
        self.tell(link.dashboard_id, Some(link), &mut state, &room).await?;
        Ok(room)
    }

    /// The log of a dashboard as its room has it, which has been told the newest there is.
    ///
    /// # Errors
    /// As [`Publishing::shown`].
    pub async fn follow_shared(&self, id: DashboardId) -> Result<Arc<Room>, Error> {
        let room = self.parts.hub.passing_room(log_of(id));
        let feed = self.feed(id, None);
        let mut state = feed.state.lock().await;
        self.tell(id, None, &mut state, &room).await?;
        Ok(room)
    }

    /// Takes those off the log of a dashboard who may not see it any more, and tells them. Must be called after the store
    /// was told.
    ///
    /// # Errors
    /// The store's.
    pub async fn dismiss(&self, id: DashboardId) -> Result<(), Error> {
        let hub = &self.parts.hub;
        let Some(room) = hub.opened(log_of(id)).filter(|room| room.connected() > 0) else { return Ok(()) };
        let may = self.parts.store.seers_of_dashboard(id).await?;
        let hidden = private::<DashboardHidden>(&Hidden { dashboard_id: id });
        for reader in room.readers(READERS_MAX).into_iter().filter(|reader| !may.contains(&reader.peer.owner.user)) {
            if hub.leave(&reader.peer, room.id) {
                hub.send_text(&reader.peer, &hidden);
            }
        }
        Ok(())
    }

    /// The same for all dashboards that this user follows.
    ///
    /// # Errors
    /// The store's.
    pub async fn dismiss_from_all(&self, user: UserId) -> Result<(), Error> {
        let peers = self.parts.hub.peers();
        let theirs: Vec<_> = peers.iter().filter(|peer| peer.owner.user == user).collect();
        let followed = |feed: &Arc<Feed>| theirs.iter().any(|peer| peer.has_joined(log_of(feed.dashboard)));
        let ids: Vec<DashboardId> =
            self.feeds.iter().filter(|feed| followed(feed)).map(|feed| feed.dashboard).collect();
        for id in ids {
            self.dismiss(id).await?;
        }
        Ok(())
    }

    /// The same under a filter of one viewer's own.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with `filter_state.<column>` for a column that the link does not show, or a value that does
    /// not suit it; `FORBIDDEN` if the link lets nobody filter.
    pub async fn filtered(&self, link: &LinkRow, own: FilterState) -> Result<Shown, Error> {
        let shown = self.shown(link).await?;
        if !link.viewers_filter {
            return Err(Error::forbidden("this link does not let its viewers filter"));
        }
        if let Some(column) = own.keys().find(|column| !shown.filter_columns.contains(column)) {
            return Err(Error::invalid(format!("filter_state.{column}"), "no card here shows that column"));
        }
        if let Some((column, _)) = own.iter().find(|(column, value)| !as_cut(&shown.cards, column, value)) {
            return Err(Error::invalid(format!("filter_state.{column}"), "is narrower than the ranges that are shown"));
        }
        let row = self.parts.store.dashboard(link.dashboard_id).await?.ok_or_else(|| Error::not_found("dashboard"))?;
        let revision = row.dashboard.revision;
        let cards = self.parts.generations.cards_under(row, &link.filter, &own).await?;
        let cards = cards.into_iter().map(public).collect();
        Ok(Shown { cards, filter_state: own, revision, ..(*shown).clone() })
    }

    /// Has every followed link compared with the store: what is gone is closed.
    pub fn look_again(self: &Arc<Self>) {
        self.update_where(|_| true);
    }

    /// Ends the connections of a link's viewers.
    pub fn end(&self, link: LinkId) {
        self.end_others(link, None);
    }

    /// The same, but for those who came in after the link's latest change.
    fn end_others(&self, link: LinkId, family: Option<&str>) {
        let viewer = UserId(link.0);
        for peer in self.parts.hub.peers() {
            if peer.owner.user == viewer && family != Some(&*peer.owner.family) {
                self.parts.hub.close(&peer, Close::Revoked, "this link has ended");
            }
        }
    }

    fn feed(&self, dashboard: DashboardId, link: Option<&LinkRow>) -> Arc<Feed> {
        let log = link.map_or(log_of(dashboard), |link| RoomId(link.id.0));
        if self.feeds.len() >= FEEDS_KEPT {
            self.feeds.retain(|id, _| *id == log || self.is_followed(*id));
        }
        let fresh = || {
            let state = State { link: link.cloned(), content: None, told: None };
            Arc::new(Feed { dashboard, waiting: AtomicBool::new(false), state: state.into() })
        };
        self.feeds.entry(log).or_insert_with(fresh).clone()
    }

    fn is_followed(&self, log: RoomId) -> bool {
        self.parts.hub.opened(log).is_some_and(|room| room.connected() > 0)
    }

    /// Has the followed feeds that `which` names brought up to date.
    fn update_where(self: &Arc<Self>, which: impl Fn(&Feed) -> bool) {
        for feed in self.feeds.iter().filter(|feed| which(feed)) {
            let (id, feed) = (*feed.key(), feed.value().clone());
            if !self.is_followed(id) || feed.waiting.swap(true, Ordering::SeqCst) {
                continue;
            }
            let all = self.clone();
            self.parts.tasks.spawn(async move {
                if let Err(error) = all.update(id, &feed).await {
                    // Tried again within seconds.
                    tracing::warn!(log = %id, %error, "who follows a dashboard was not told of a change");
                }
            });
        }
    }

    async fn update(&self, log: RoomId, feed: &Feed) -> Result<(), Error> {
        let mut state = feed.state.lock().await;
        feed.waiting.store(false, Ordering::SeqCst);
        let Some(LinkRow { id, epoch, .. }) = state.link.clone() else {
            self.dismiss(feed.dashboard).await?;
            if !self.is_followed(log) {
                return Ok(());
            }
            let room = self.parts.hub.passing_room(log);
            return self.tell(feed.dashboard, None, &mut state, &room).await;
        };
        match self.parts.store.link(id).await?.filter(|link| link.is_open(self.parts.clock.now_ms())) {
            Some(link) => {
                if link.epoch != epoch {
                    self.end_others(id, Some(&family(&link)));
                }
                state.link = Some(link.clone());
                let room = self.parts.hub.passing_room(log);
                self.tell(feed.dashboard, Some(&link), &mut state, &room).await
            }
            None => {
                self.feeds.remove(&log);
                self.end(id);
                Ok(())
            }
        }
    }

    /// Tells a log what it shows, unless it knows that.
    async fn tell(
        &self,
        dashboard: DashboardId,
        link: Option<&LinkRow>,
        state: &mut State,
        room: &Arc<Room>,
    ) -> Result<(), Error> {
        let (_, shown) = self.computed(dashboard, link, state).await?;
        let known = |(epoch, told): &(String, Arc<Shown>)| *epoch == room.epoch && same(told, &shown);
        if !state.told.as_ref().is_some_and(known) {
            self.parts.hub.tell_latest::<DashboardShown>(room, &system(), KEY, true, &shown);
            state.told = Some((room.epoch.clone(), shown));
        }
        Ok(())
    }

    async fn computed(
        &self,
        id: DashboardId,
        link: Option<&LinkRow>,
        state: &mut State,
    ) -> Result<(Version, Arc<Shown>), Error> {
        let missing = || Error::not_found("dashboard");
        // Read before the dashboard, which may be newer then, but never older than it says.
        let stamp = self.parts.store.stamp_of_dashboard(id).await?.ok_or_else(missing)?;
        let viewers_filter = link.is_none_or(|link| link.viewers_filter);
        let version = Version { stamp, viewers_filter };
        if let Some(content) = state.content.as_ref().filter(|(there, _)| *there == version) {
            return Ok(content.clone());
        }
        let row = self.parts.store.dashboard(id).await?.ok_or_else(missing)?;
        let dashboard = row.dashboard.clone();
        let (cards, filter_state) = match link {
            Some(link) => {
                let cards = self.parts.generations.cards_under(row, &link.filter, &FilterState::new()).await?;
                (cards.into_iter().map(public).collect(), FilterState::new())
            }
            None => (row.dashboard.cards, row.dashboard.filter_state),
        };
        let locked = link.is_some_and(|link| !link.filter.is_empty());
        let shown = Arc::new(Shown {
            id: dashboard.id,
            title: dashboard.title,
            // It counts all rows.
            description: if locked { String::new() } else { dashboard.description },
            theme: dashboard.theme,
            status: dashboard.status,
            revision: dashboard.revision,
            filter_columns: if viewers_filter { columns(&cards) } else { Vec::new() },
            cards,
            layout: dashboard.layout,
            filter_state,
            refreshed_at: stamp.refreshed_ms.map(rfc3339),
            updated_at: dashboard.updated_at,
        });
        state.content = Some((version, shown.clone()));
        Ok((version, shown))
    }
}

/// Where a dashboard is told as its room has it.
pub fn log_of(id: DashboardId) -> RoomId {
    RoomId(id.0)
}

/// What tokens and connections of a link's viewers are revoked by.
pub fn family(link: &LinkRow) -> String {
    format!("view {} {}", link.id, link.epoch)
}

/// Whether viewers would see no difference: a dashboard also changes where they do not look.
fn same(a: &Shown, b: &Shown) -> bool {
    let plain = |of: &Shown| (of.title.clone(), of.description.clone(), of.refreshed_at.clone(), of.theme, of.status);
    let rest = |of: &Shown| (of.layout.clone(), of.filter_columns.clone(), of.filter_state.clone());
    plain(a) == plain(b) && a.cards == b.cards && rest(a) == rest(b)
}

/// A card without its query, and what may name more than it shows.
fn public(card: Card) -> Card {
    Card { sql: String::new(), stale: None, ..card }
}

/// Whether a viewer's condition on a column asks no more than the cards show: of a column that is shown in ranges only, it
/// begins and ends where they do (`gte`, `lt`).
fn as_cut(cards: &[Card], column: &str, condition: &Value) -> bool {
    let all = cards.iter().filter(|card| card.error.is_none());
    let mut channels = all.flat_map(|card| [&card.encoding.x, &card.encoding.series]).flatten();
    // With a grain in its key it is cut by the filter itself.
    let shows = |channel: &Channel| match (channel.filter.as_deref() == Some(column), channel.bin) {
        (true, Some(width)) => condition.as_object().is_some_and(|range| {
            let edge = |bound: &Value| bound.as_f64().is_some_and(|v| (v / width - (v / width).round()).abs() < 1e-6);
            range.iter().all(|(sign, bound)| matches!(sign.as_str(), "gte" | "lt") && edge(bound))
        }),
        (same, None) => same,
        (false, Some(_)) => false,
    };
    column.contains(':') || channels.any(shows)
}

/// The keys that clicks on the cards' marks filter by: columns, cut as the cards cut them.
fn columns(cards: &[Card]) -> Vec<String> {
    let mut columns: Vec<String> = cards
        .iter()
        .filter(|card| card.error.is_none())
        .flat_map(|card| [&card.encoding.x, &card.encoding.series])
        .flatten()
        .filter_map(|channel| {
            let column = channel.filter.as_ref()?;
            let grain = channel.grain.and_then(|grain| serde_json::to_value(grain).ok());
            Some(grain.as_ref().and_then(|g| g.as_str()).map_or(column.clone(), |grain| format!("{column}:{grain}")))
        })
        .collect();
    columns.sort();
    columns.dedup();
    columns
}
