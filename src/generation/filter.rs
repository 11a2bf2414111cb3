//! The shared drill-down: every card's query again, over filtered tables.

use futures_util::StreamExt;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Dashboard, Filter, FilterState, Filtered};
use vizroom_protocol::event::DashboardFiltered;
use vizroom_protocol::file::Table;
use vizroom_protocol::frame::Actor;

use super::desk::Desk;
use super::{Generations, Work, card};

/// Columns of one filter.
const COLUMNS_MAX: usize = 50;

impl Generations {
    /// Replaces the filter in force. Specs stay; rows, figures and sentences follow.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with `filter_state.<column>` for a column that no card's table has, or a value that does not
    /// suit it.
    pub async fn filter(&self, actor: &Actor, wanted: Filter) -> Result<Dashboard, Error> {
        if wanted.filter_state.len() > COLUMNS_MAX {
            return Err(Error::invalid("filter_state", format!("at most {COLUMNS_MAX} columns")));
        }
        let _turn = self.turn(wanted.session_id).await;
        let mut work = self.take_up_at(wanted.session_id, wanted.base_revision).await?;
        let desk = self.desk(&work.row).await?;
        apply(&desk, &mut work, &wanted.filter_state).await?;
        work.dashboard().filter_state = wanted.filter_state;
        let said = if work.row.dashboard.filter_state.is_empty() { "the filter is off" } else { "filtered" };
        let keys = work.row.dashboard.cards.iter().map(|card| card.key.clone()).collect();
        self.revise(actor, &mut work, (vec![said.into()], keys, Vec::new())).await?;
        self.parts.store.show_versions(work.row.dashboard.id, desk.versions()).await?;
        let dashboard = Dashboard { stale: false, ..work.row.dashboard };
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

/// Queries every card anew. Nothing is changed if the filter itself is wrong.
async fn apply(desk: &Desk, work: &mut Work, filter: &FilterState) -> Result<(), Error> {
    let recipe = work.recipe.clone();
    let mut cards = work.row.dashboard.cards.clone();
    let asked = recipe.goals.iter().filter(|planned| cards.iter().any(|c| c.key == planned.key)).collect();
    let mut answers = std::pin::pin!(desk.all(asked, filter));
    // Columns that no card so far has.
    let mut unknown: Vec<String> = filter.keys().cloned().collect();
    while let Some((planned, answer)) = answers.next().await {
        let Some(card) = cards.iter_mut().find(|c| c.key == planned.key) else { continue };
        match answer {
            Ok(answer) => {
                unknown.retain(|column| answer.filters_skipped.contains(column));
                card::fill(card, planned, answer);
            }
            // Its rows are all there is of its file.
            Err(_) if desk.lost(planned) => card.filters_skipped = filter.keys().cloned().collect(),
            Err(error) if error.field.as_deref().is_some_and(|f| f.starts_with("filter_state")) => return Err(error),
            Err(error) => {
                card.error = Some(error);
                card.kpi = None;
                card.data = Table::default();
            }
        }
    }
    if let Some(column) = unknown.first() {
        let why = "no table of this dashboard has that column";
        return Err(Error::invalid(format!("filter_state.{column}"), why));
    }
    work.dashboard().cards = cards;
    Ok(())
}
