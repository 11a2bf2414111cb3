//! The shared drill-down: every card's query again, over filtered tables.

use futures_util::StreamExt;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Dashboard, Filter, FilterState, Filtered};
use vizroom_protocol::event::DashboardFiltered;
use vizroom_protocol::file::Table;
use vizroom_protocol::frame::Actor;

use super::desk::Desk;
use super::{Generations, Planned, Work, card};
use crate::planner::Goal;

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
        let mut work = self.take_up(wanted.session_id).await?;
        let base = work.row.dashboard.revision;
        let desk = self.desk(&work.row.dashboard).await?;
        apply(&desk, &mut work, &wanted.filter_state).await?;
        let dashboard = work.dashboard();
        dashboard.filter_state = wanted.filter_state;
        dashboard.revision = base + 1;
        self.save(&mut work, base).await?;
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
    let shown = |planned: &&Planned| work.row.dashboard.cards.iter().any(|c| c.key == planned.key);
    let goals: Vec<(&str, &Goal)> =
        recipe.goals.iter().filter(shown).map(|planned| (planned.key.as_str(), &planned.goal)).collect();
    let mut answers = std::pin::pin!(desk.all(goals, filter));
    let mut cards = work.row.dashboard.cards.clone();
    // Columns that no card so far has.
    let mut unknown: Vec<String> = filter.keys().cloned().collect();
    while let Some((key, goal, answer)) = answers.next().await {
        let Some(card) = cards.iter_mut().find(|c| c.key == key) else { continue };
        match answer {
            Ok(answer) => {
                unknown.retain(|column| answer.filters_skipped.contains(column));
                card::fill(card, goal, answer);
            }
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
