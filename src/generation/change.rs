//! One change of a dashboard: based on a revision, stored, remembered, and told to the room.

use futures_util::StreamExt;
use serde_json::json;
use vizroom_protocol::dashboard::{Card, Change, Dashboard, Updated};
use vizroom_protocol::event::DashboardUpdated;
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::{CardId, DashboardId};
use vizroom_protocol::{Code, Error};

use super::desk::Desk;
use super::{Generations, PANELS_MAX, Planned, Work, card, encoded, layout};
use crate::clock::rfc3339;
use crate::room::tell::With;
use crate::store;

/// What was done to a dashboard.
#[derive(Default)]
pub(super) struct Done {
    /// For a person.
    pub(super) said: Vec<String>,
    /// Cards to be made anew.
    pub(super) asked: Vec<Planned>,
    /// Cards changed without a look at the data.
    pub(super) touched: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl Done {
    /// Nothing but this.
    pub(super) fn said(what: impl Into<String>) -> Self {
        Self { said: vec![what.into()], ..Self::default() }
    }
}

impl Generations {
    /// A dashboard to change, if it still is at the revision that the caller saw.
    ///
    /// # Errors
    /// `CONFLICT` with what changed since; see [`Change`].
    pub(super) async fn take_up_at(&self, id: DashboardId, seen: Option<u64>) -> Result<Work, Error> {
        let work = self.take_up(id).await?;
        match seen {
            Some(seen) if seen != work.base => Err(self.conflict(id, seen, work.base).await?),
            _ => Ok(work),
        }
    }

    /// That a dashboard still is at the revision that the caller saw, where they say which.
    ///
    /// # Errors
    /// As [`Generations::take_up_at`].
    pub async fn expect(&self, id: DashboardId, seen: Option<u64>) -> Result<(), Error> {
        self.take_up_at(id, seen).await.map(drop)
    }

    async fn conflict(&self, id: DashboardId, seen: u64, now: u64) -> Result<Error, Error> {
        let changes = self.parts.store.changes_of_dashboard(id, seen).await?;
        let complete = seen < now && changes.len() as u64 == now - seen;
        let error = Error::new(Code::Conflict, "somebody changed this dashboard first");
        let details = json!({"revision": now, "changes": changes, "complete": complete});
        Ok(Error { field: Some("base_revision".into()), ..error }.with_details(details))
    }

    /// Stores a changed dashboard as its next revision, and tells its room.
    pub(super) async fn publish(&self, actor: &Actor, mut work: Work, done: Done) -> Result<Dashboard, Error> {
        work.place();
        work.dashboard().clarification = None;
        let changed = |card: &&Card| done.touched.contains(&card.key) || done.asked.iter().any(|p| p.key == card.key);
        let cards: Vec<Card> = work.row.dashboard.cards.iter().filter(changed).cloned().collect();
        let keys = cards.iter().map(|card| card.key.clone()).collect();
        self.revise(actor, &mut work, (done.said.clone(), keys, done.removed.clone())).await?;
        let (base_revision, dashboard) = (work.base, work.row.dashboard);
        if let Some(room_id) = dashboard.room_id {
            let updated = Updated {
                dashboard_id: dashboard.id,
                base_revision,
                revision: dashboard.revision,
                changes: done.said,
                title: dashboard.title.clone(),
                description: dashboard.description.clone(),
                theme: dashboard.theme,
                cards,
                removed: done.removed,
                layout: dashboard.layout.clone(),
            };
            let room = self.parts.hub.room(room_id).await?;
            self.parts.hub.tell::<DashboardUpdated>(&room, actor, &updated, With::default()).await?;
        }
        Ok(dashboard)
    }

    /// Stores a changed dashboard as its next revision: what was said, the keys of changed and of removed cards.
    pub(super) async fn revise(
        &self,
        actor: &Actor,
        work: &mut Work,
        (changes, cards, removed): (Vec<String>, Vec<String>, Vec<String>),
    ) -> Result<(), Error> {
        let now_ms = self.parts.clock.now_ms();
        work.row.recipe = encoded(&work.recipe);
        work.row.dashboard.updated_at = rfc3339(now_ms);
        work.row.dashboard.revision = work.base + 1;
        let (revision, at) = (work.row.dashboard.revision, work.row.dashboard.updated_at.clone());
        let change = Change { revision, by: actor.clone(), at, changes, cards, removed };
        match self.parts.store.change_dashboard(&work.row, work.base, &change, now_ms).await {
            Err(store::Error::Stale(now)) => return Err(self.conflict(work.row.dashboard.id, work.base, now).await?),
            other => other?,
        }
        self.announce(work.row.dashboard.id);
        Ok(())
    }
}

impl Work {
    /// Puts the cards where they belong: all anew while nobody has moved one; else only what is new, below.
    fn place(&mut self) {
        let dashboard = &mut self.row.dashboard;
        let cards = dashboard.cards.iter().map(|c| (c.key.as_str(), c.kind));
        dashboard.layout = match self.by_hand {
            true => layout::kept(&dashboard.layout, cards),
            false => layout::layout(cards),
        };
    }

    /// That there is room for the cards asked for.
    pub(super) fn has_room(&self, done: &Done) -> Result<(), Error> {
        let new = done.asked.iter().filter(|p| !self.row.dashboard.cards.iter().any(|c| c.key == p.key)).count();
        if self.row.dashboard.cards.len() + new > PANELS_MAX {
            return Err(Error::new(Code::TooLarge, format!("a dashboard has at most {PANELS_MAX} cards")));
        }
        Ok(())
    }
}

/// Queries and draws the cards that changed. Gives the title of one that no rows are there for.
pub(super) async fn redraw(desk: &Desk, work: &mut Work, done: &Done) -> Result<Option<String>, Error> {
    let (theme, filter) = (work.row.dashboard.theme, work.row.dashboard.filter_state.clone());
    let unfiltered = Default::default();
    let mut empty = None;
    let mut answers = std::pin::pin!(desk.all(done.asked.iter().collect(), &unfiltered));
    while let Some((planned, answer)) = answers.next().await {
        let answer = answer?;
        if card::is_empty(planned, &answer.table) {
            empty = Some(planned.goal.title.clone());
        }
        let old = work.row.dashboard.cards.iter().position(|c| c.key == planned.key);
        let id = old.map_or_else(|| CardId(uuid::Uuid::now_v7()), |at| work.row.dashboard.cards[at].id);
        // Drawn from all rows, shown as the drill-down in force leaves them.
        let mut new = card::drawn(id, planned, answer, theme);
        if !filter.is_empty() {
            card::fill(&mut new, planned, desk.rows(planned, &filter).await?);
        }
        match old {
            Some(at) => work.dashboard().cards[at] = new,
            None => work.dashboard().cards.push(new),
        }
    }
    let order: Vec<String> = work.recipe.goals.iter().map(|p| p.key.clone()).collect();
    work.dashboard().cards.sort_by_key(|c| order.iter().position(|key| *key == c.key));
    Ok(empty)
}
