//! A dashboard changed by a sentence.

use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{CardKind, Clarification, Clarify, Encoding, Refine, Refined, Theme};
use vizroom_protocol::event::GenerationClarification;
use vizroom_protocol::file::{Column, ColumnType, Dataset};
use vizroom_protocol::frame::Actor;

use super::change::{Done, redraw};
use super::{Generations, Planned, Work, panel, request, strategy, viz};
use crate::planner::{self, Change, Goal, Placed};
use crate::room::tell::With;

impl Generations {
    /// Follows a sentence, or asks back and changes nothing.
    ///
    /// # Errors
    /// `INVALID_REQUEST` or `NOT_FOUND` naming the field; `CONFLICT` with the `revision` it has if that is not
    /// `base_revision`; what a query of a changed card gives, and then nothing is changed.
    pub async fn refine(&self, actor: &Actor, wanted: Refine) -> Result<Refined, Error> {
        request::sentence("new_feedback", &wanted.new_feedback)?;
        let _turn = self.turn(wanted.session_id).await;
        let mut work = self.take_up_at(wanted.session_id, wanted.base_revision).await?;
        let target = wanted.target_chart_id.as_deref();
        if target.is_some_and(|key| !work.row.dashboard.cards.iter().any(|c| c.key == key)) {
            return Err(Error { field: Some("target_chart_id".into()), ..Error::not_found("card") });
        }
        let desk = self.desk(&work.row).await?;
        let refinement = {
            let shown = work.recipe.goals.iter().filter(|p| work.row.dashboard.cards.iter().any(|c| c.key == p.key));
            let placed: Vec<Placed<'_>> = shown.map(|p| Placed { key: &p.key, goal: &p.goal }).collect();
            planner::refine(&wanted.new_feedback, target, &placed, &known(&work, desk.datasets()))
        };
        if let Some(clarification) = refinement.clarification {
            return self.ask_back(actor, work, clarification).await;
        }
        let mut done = Done::default();
        for mut change in refinement.changes {
            if let Change::Replace { goal, .. } | Change::Add { goal, .. } = &mut change {
                desk.date(goal);
            }
            let change = match suited(&work, change) {
                Ok(change) => change,
                Err(message) => {
                    let asked = Clarification { message, missing: Vec::new(), suggestions: Vec::new() };
                    let before = self.take_up(wanted.session_id).await?;
                    return self.ask_back(actor, before, asked).await;
                }
            };
            let also = follows(&work, &change);
            apply(&mut work, &mut done, change);
            also.into_iter().for_each(|change| apply(&mut work, &mut done, change));
        }
        work.has_room(&done)?;
        if let Some(empty) = redraw(&desk, &mut work, &done).await? {
            let message = format!("There are no rows for “{empty}”. What should be shown instead?");
            let asked = Clarification { message, missing: Vec::new(), suggestions: Vec::new() };
            let before = self.take_up(wanted.session_id).await?;
            return self.ask_back(actor, before, asked).await;
        }
        let changes = done.said.clone();
        let dashboard = self.publish(actor, work, done).await?;
        Ok(Refined { dashboard, changes, clarification: None })
    }

    async fn ask_back(&self, actor: &Actor, work: Work, clarification: Clarification) -> Result<Refined, Error> {
        let dashboard = work.row.dashboard;
        if let Some(room_id) = dashboard.room_id {
            let room = self.parts.hub.room(room_id).await?;
            let asked = Clarify { run_id: None, dashboard_id: dashboard.id, clarification: clarification.clone() };
            self.parts.hub.tell::<GenerationClarification>(&room, actor, &asked, With::default()).await?;
        }
        Ok(Refined { dashboard, changes: Vec::new(), clarification: Some(clarification) })
    }
}

/// The profiles, which list frequent values only, with those that stand on the cards: a sentence may name what is to be seen.
fn known(work: &Work, mut datasets: Vec<Dataset>) -> Vec<Dataset> {
    for planned in work.recipe.goals.iter().filter(|p| p.by.is_none()) {
        let query = &planned.goal.query;
        let Some(card) = work.row.dashboard.cards.iter().find(|card| card.key == planned.key) else { continue };
        let Some(dataset) = datasets.iter_mut().find(|d| d.name == query.dataset) else { continue };
        for dimension in &query.dimensions {
            let name = dimension.source.column().unwrap_or_default();
            let shown = card.data.columns.iter().position(|c| c.name == dimension.alias);
            let text = |c: &&mut Column| c.name == name && c.kind == ColumnType::Text;
            let (Some(at), Some(column)) = (shown, dataset.columns.iter_mut().find(text)) else { continue };
            for value in card.data.rows.iter().take(SHOWN_MAX).filter_map(|row| row.get(at)) {
                if value.is_string() && !column.top.contains(value) {
                    column.top.push(value.clone());
                }
            }
        }
    }
    datasets
}

/// Most rows of a card whose values a sentence may name.
const SHOWN_MAX: usize = 200;

/// A change that suits what it changes: another kind of a card with SQL of its own needs columns for that kind.
fn suited(work: &Work, change: Change) -> Result<Change, String> {
    let Change::Replace { key, mut goal, said } = change else { return Ok(change) };
    let old = work.recipe.goals.iter().find(|p| p.key == key && p.by.is_some()).map(|p| p.goal.kind);
    let points = |kind| matches!(kind, CardKind::Scatter | CardKind::Bubble | CardKind::Geomap);
    let otherwise = |old| panel::fits(goal.kind, &goal.encoding).is_err() || points(old) != points(goal.kind);
    if old.is_some_and(otherwise) {
        // A table names no roles, and those of points are others: they are told from the columns, as for a new panel.
        let card = work.row.dashboard.cards.iter().find(|card| card.key == key);
        let target = goal.encoding.target;
        goal.encoding = Encoding { target, ..card.map(|card| panel::guessed(&card.data)).unwrap_or_default() };
        panel::fits(goal.kind, &goal.encoding)
            .map_err(|error| format!("{key} cannot be drawn so: {}.", error.message))?;
    }
    Ok(Change::Replace { key, goal, said })
}

/// What becomes of the sentence about a chart that changes: it speaks of the new one, or goes with it.
fn follows(work: &Work, change: &Change) -> Option<Change> {
    let key = match change {
        Change::Replace { key, .. } | Change::Remove { key, .. } | Change::Retitle { key, .. } => key,
        _ => return None,
    };
    let mut goals = work.recipe.goals.iter();
    let planned = |p: &&Planned| p.by.is_none();
    let chart = &goals.find(|p| p.key == *key && p.goal.kind != CardKind::Insight).filter(planned)?.goal;
    let mut goals = work.recipe.goals.iter().filter(planned);
    let told = goals.find(|p| p.goal.kind == CardKind::Insight && p.goal.query == chart.query)?;
    let (key, said) = (told.key.clone(), String::new());
    match change {
        Change::Replace { goal, .. } => match strategy::insight(goal) {
            Some(goal) => Some(Change::Replace { key, goal, said }),
            None => Some(Change::Remove { key, said }),
        },
        Change::Retitle { title, .. } => {
            let title = strategy::insight(&Goal { title: title.clone(), ..chart.clone() })?.title;
            Some(Change::Retitle { key, title, said })
        }
        _ => Some(Change::Remove { key, said }),
    }
}

/// Gives a dashboard, and every chart of it, the colours of another theme.
pub(super) fn recolour(work: &mut Work, done: &mut Done, theme: Theme) {
    let dashboard = work.dashboard();
    dashboard.theme = theme;
    for card in &mut dashboard.cards {
        if let Some(spec) = &mut card.spec {
            viz::recolour(spec, theme);
            done.touched.push(card.key.clone());
        }
    }
}

/// Makes one change, but for what needs the data.
fn apply(work: &mut Work, done: &mut Done, change: Change) {
    let said = match change {
        Change::Replace { key, goal, said } => {
            let mut by = None;
            if let Some(planned) = work.recipe.goals.iter_mut().find(|p| p.key == key) {
                planned.goal = goal.clone();
                by = planned.by.clone();
            }
            done.asked.retain(|p| p.key != key);
            done.asked.push(Planned { key, goal, by });
            said
        }
        Change::Add { goal, said } => {
            let key = work.recipe.add(goal.clone());
            done.asked.push(Planned { key, goal, by: None });
            said
        }
        Change::Remove { key, said } => {
            work.recipe.goals.retain(|p| p.key != key);
            work.dashboard().cards.retain(|c| c.key != key);
            done.asked.retain(|p| p.key != key);
            done.removed.push(key);
            said
        }
        Change::Retitle { key, title, said } => {
            for planned in work.recipe.goals.iter_mut().chain(&mut done.asked).filter(|p| p.key == key) {
                planned.goal.title = title.clone();
            }
            if let Some(card) = work.dashboard().cards.iter_mut().find(|c| c.key == key) {
                card.title = title;
            }
            done.touched.push(key);
            said
        }
        Change::DashboardTitle { title, said } => {
            work.dashboard().title = title;
            said
        }
        Change::Theme { theme, said } => {
            recolour(work, done, theme);
            said
        }
    };
    if !said.is_empty() {
        done.said.push(said);
    }
}
