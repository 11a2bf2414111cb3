//! The shared drill-down: every card's query again, over filtered tables.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Dashboard, Filter, FilterState, Filtered, SkipReason, Skipped};
use vizroom_protocol::event::DashboardFiltered;
use vizroom_protocol::file::Table;
use vizroom_protocol::frame::Actor;

use super::desk::{Desk, skipped};
use super::{Generations, Work, card};

/// Columns of one filter.
const COLUMNS_MAX: usize = 50;

impl Generations {
    /// Replaces the filter in force. Specs stay; rows, figures and sentences follow. One that is in force already changes
    /// nothing: of many members who ask for the same, the first has it done. A private one is the answer, and nothing else.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with `filter_state.<column>` for a column that narrows no card, or a value that does not suit
    /// it.
    pub async fn filter(&self, actor: &Actor, wanted: Filter) -> Result<Dashboard, Error> {
        if wanted.filter_state.len() > COLUMNS_MAX {
            return Err(Error::invalid("filter_state", format!("at most {COLUMNS_MAX} columns")));
        }
        // Who changes nothing waits for nobody.
        let _turn = if wanted.private { None } else { Some(self.turn(wanted.session_id).await) };
        let mut work = self.take_up_at(wanted.session_id, wanted.base_revision).await?;
        if holds(&work.row.dashboard, &wanted.filter_state) {
            return Ok(work.row.dashboard);
        }
        let desk = self.desk(&work.row).await?;
        apply(&desk, &mut work, &wanted.filter_state).await?;
        work.dashboard().filter_state = wanted.filter_state;
        if wanted.private {
            return Ok(work.row.dashboard);
        }
        let said = if work.row.dashboard.filter_state.is_empty() { "the filter is off" } else { "filtered" };
        let keys = work.row.dashboard.cards.iter().map(|card| card.key.clone()).collect();
        self.revise(actor, &mut work, (vec![said.into()], keys, Vec::new())).await?;
        self.parts.store.show_versions(work.row.dashboard.id, desk.versions()).await?;
        let stale = work.row.dashboard.cards.iter().any(|card| card.stale.is_some());
        let dashboard = Dashboard { stale, ..work.row.dashboard };
        if let Some(room_id) = dashboard.room_id {
            let room = self.parts.hub.room(room_id).await?;
            let told = Filtered {
                dashboard_id: dashboard.id,
                revision: dashboard.revision,
                filter_state: dashboard.filter_state.clone(),
                cards: dashboard.cards.clone(),
            };
            let key = format!("filter {}", dashboard.id);
            self.parts.hub.tell_latest::<DashboardFiltered>(&room, actor, &key, false, &told);
        }
        Ok(dashboard)
    }
}

/// Whether a dashboard shows just this already.
fn holds(dashboard: &Dashboard, filter: &FilterState) -> bool {
    dashboard.filter_state == *filter && !dashboard.stale && dashboard.cards.iter().all(|card| card.error.is_none())
}

/// Queries every card anew. Nothing is changed if the filter itself is wrong.
pub(super) async fn apply(desk: &Desk, work: &mut Work, filter: &FilterState) -> Result<(), Error> {
    let recipe = work.recipe.clone();
    let mut cards = work.row.dashboard.cards.clone();
    let asked = recipe.goals.iter().filter(|planned| cards.iter().any(|c| c.key == planned.key)).collect();
    let mut answers = std::pin::pin!(desk.all(asked, filter));
    // Keys that have narrowed no card so far, each with the best reason.
    let mut idle: BTreeMap<&String, Option<Skipped>> = filter.keys().map(|key| (key, None)).collect();
    while let Some((planned, answer)) = answers.next().await {
        let Some(card) = cards.iter_mut().find(|c| c.key == planned.key) else { continue };
        match answer {
            Ok(answer) => {
                idle.retain(|key, why| {
                    let Some(skipped) = answer.filters_skipped.iter().find(|skipped| skipped.key == **key) else {
                        return false;
                    };
                    // What is said of texts helps nobody.
                    let better = why.as_ref().is_none_or(|why| why.reason < skipped.reason);
                    if better && skipped.reason != SkipReason::NoQuery {
                        *why = Some(skipped.clone());
                    }
                    true
                });
                card::fill(card, planned, answer);
            }
            // Its rows are all there is of its file.
            Err(_) if desk.lost(planned) => {
                card.filters_skipped = filter.keys().map(|key| skipped(key, SkipReason::NoData)).collect();
            }
            Err(error) if error.field.as_deref().is_some_and(|f| f.starts_with("filter_state")) => return Err(error),
            Err(error) => {
                card.error = Some(error);
                card.stale = None;
                card.kpi = None;
                card.data = Table::default();
            }
        }
    }
    if let Some((key, why)) = idle.into_iter().next() {
        let why = match why {
            Some(Skipped { reason: SkipReason::Ambiguous | SkipReason::NoRelation, message, .. }) => message,
            _ => "no table of this dashboard has that column".to_owned(),
        };
        return Err(Error::invalid(format!("filter_state.{key}"), why));
    }
    work.dashboard().cards = cards;
    Ok(())
}
