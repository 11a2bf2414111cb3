//! A dashboard changed by a sentence.

use futures_util::StreamExt;
use serde_json::json;
use vizroom_protocol::dashboard::{Card, CardKind, Clarification, Clarify, Refine, Refined, Updated};
use vizroom_protocol::event::{DashboardUpdated, GenerationClarification};
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::CardId;
use vizroom_protocol::{Code, Error};

use super::desk::Desk;
use super::{CARDS_MAX, Generations, Planned, Work, card, layout, request, strategy, viz};
use crate::planner::{self, Change, Goal, Placed};
use crate::room::tell::With;

/// What a refinement did to a dashboard.
#[derive(Default)]
struct Done {
    said: Vec<String>,
    /// Cards to be made anew.
    asked: Vec<Planned>,
    /// Cards changed without a look at the data.
    touched: Vec<String>,
    removed: Vec<String>,
}

impl Generations {
    /// Follows a sentence, or asks back and changes nothing.
    ///
    /// # Errors
    /// `INVALID_REQUEST` or `NOT_FOUND` naming the field; `CONFLICT` with the `revision` it has if that is not
    /// `base_revision`; what a query of a changed card gives, and then nothing is changed.
    pub async fn refine(&self, actor: &Actor, wanted: Refine) -> Result<Refined, Error> {
        request::sentence("new_feedback", &wanted.new_feedback)?;
        let _turn = self.turn(wanted.session_id).await;
        let mut work = self.take_up(wanted.session_id).await?;
        let base = work.row.dashboard.revision;
        if wanted.base_revision.is_some_and(|seen| seen != base) {
            let error = Error::new(Code::Conflict, "somebody changed this dashboard first");
            return Err(Error { field: Some("base_revision".into()), ..error }.with_details(json!({"revision": base})));
        }
        let target = wanted.target_chart_id.as_deref();
        if target.is_some_and(|key| !work.row.dashboard.cards.iter().any(|c| c.key == key)) {
            return Err(Error { field: Some("target_chart_id".into()), ..Error::not_found("card") });
        }
        let desk = self.desk(&work.row.dashboard).await?;
        let refinement = {
            let shown = work.recipe.goals.iter().filter(|p| work.row.dashboard.cards.iter().any(|c| c.key == p.key));
            let placed: Vec<Placed<'_>> = shown.map(|p| Placed { key: &p.key, goal: &p.goal }).collect();
            planner::refine(&wanted.new_feedback, target, &placed, &desk.datasets())
        };
        if let Some(clarification) = refinement.clarification {
            return self.ask_back(actor, work, clarification).await;
        }
        let mut done = Done::default();
        for change in refinement.changes {
            let also = follows(&work, &change);
            apply(&mut work, &mut done, change);
            also.into_iter().for_each(|change| apply(&mut work, &mut done, change));
        }
        if work.row.dashboard.cards.len() + done.asked.iter().filter(|p| is_new(&work, p)).count() > CARDS_MAX {
            return Err(Error::new(Code::TooLarge, format!("a dashboard has at most {CARDS_MAX} cards")));
        }
        if let Some(empty) = redraw(&desk, &mut work, &done).await? {
            let message = format!("There are no rows for “{empty}”. What should be shown instead?");
            let asked = Clarification { message, missing: Vec::new(), suggestions: Vec::new() };
            let before = self.take_up(wanted.session_id).await?;
            return self.ask_back(actor, before, asked).await;
        }
        self.publish(actor, work, done, base).await
    }

    /// Stores and tells a refined dashboard.
    async fn publish(&self, actor: &Actor, mut work: Work, done: Done, base: u64) -> Result<Refined, Error> {
        let dashboard = work.dashboard();
        dashboard.layout = layout::layout(dashboard.cards.iter().map(|c| (c.key.as_str(), c.kind)));
        dashboard.revision = base + 1;
        self.save(&mut work, base).await?;
        let dashboard = work.row.dashboard;
        let changed = |card: &&Card| done.touched.contains(&card.key) || done.asked.iter().any(|p| p.key == card.key);
        let updated = Updated {
            dashboard_id: dashboard.id,
            base_revision: base,
            revision: dashboard.revision,
            changes: done.said.clone(),
            title: dashboard.title.clone(),
            theme: dashboard.theme,
            cards: dashboard.cards.iter().filter(changed).cloned().collect(),
            removed: done.removed,
            layout: dashboard.layout.clone(),
        };
        if let Some(room_id) = dashboard.room_id {
            let room = self.parts.hub.room(room_id).await?;
            self.parts.hub.tell::<DashboardUpdated>(&room, actor, &updated, With::default()).await?;
        }
        Ok(Refined { dashboard, changes: done.said, clarification: None })
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

fn is_new(work: &Work, planned: &Planned) -> bool {
    !work.row.dashboard.cards.iter().any(|c| c.key == planned.key)
}

/// What becomes of the sentence about a chart that changes: it speaks of the new one, or goes with it.
fn follows(work: &Work, change: &Change) -> Option<Change> {
    let key = match change {
        Change::Replace { key, .. } | Change::Remove { key, .. } | Change::Retitle { key, .. } => key,
        _ => return None,
    };
    let mut goals = work.recipe.goals.iter();
    let chart = &goals.find(|p| p.key == *key && p.goal.kind != CardKind::Insight)?.goal;
    let told = work.recipe.goals.iter().find(|p| p.goal.kind == CardKind::Insight && p.goal.query == chart.query)?;
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

/// Makes one change, but for what needs the data.
fn apply(work: &mut Work, done: &mut Done, change: Change) {
    let said = match change {
        Change::Replace { key, goal, said } => {
            if let Some(planned) = work.recipe.goals.iter_mut().find(|p| p.key == key) {
                planned.goal = goal.clone();
            }
            done.asked.retain(|p| p.key != key);
            done.asked.push(Planned { key, goal });
            said
        }
        Change::Add { goal, said } => {
            let key = work.recipe.add(goal.clone());
            done.asked.push(Planned { key, goal });
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
            let dashboard = work.dashboard();
            dashboard.theme = theme;
            for card in &mut dashboard.cards {
                if let Some(spec) = &mut card.spec {
                    viz::recolour(spec, theme);
                    done.touched.push(card.key.clone());
                }
            }
            said
        }
    };
    if !said.is_empty() {
        done.said.push(said);
    }
}

/// Queries and draws the cards that changed. Gives the title of one that no rows are left for.
async fn redraw(desk: &Desk, work: &mut Work, done: &Done) -> Result<Option<String>, Error> {
    let (theme, filter) = (work.row.dashboard.theme, work.row.dashboard.filter_state.clone());
    let unfiltered = Default::default();
    let goals: Vec<(&Planned, &Goal)> = done.asked.iter().map(|p| (p, &p.goal)).collect();
    let mut answers = std::pin::pin!(desk.all(goals, &unfiltered));
    while let Some((planned, goal, answer)) = answers.next().await {
        let answer = answer?;
        if card::is_empty(goal, &answer.table) {
            return Ok(Some(goal.title.clone()));
        }
        let old = work.row.dashboard.cards.iter().position(|c| c.key == planned.key);
        let id = old.map_or_else(|| CardId(uuid::Uuid::now_v7()), |at| work.row.dashboard.cards[at].id);
        // Drawn from all rows, shown as the drill-down in force leaves them.
        let mut new = card::drawn(id, planned, answer, theme);
        if !filter.is_empty() {
            card::fill(&mut new, goal, desk.rows(goal, &filter).await?);
        }
        match old {
            Some(at) => work.dashboard().cards[at] = new,
            None => work.dashboard().cards.push(new),
        }
    }
    let order: Vec<String> = work.recipe.goals.iter().map(|p| p.key.clone()).collect();
    work.dashboard().cards.sort_by_key(|c| order.iter().position(|key| *key == c.key));
    Ok(None)
}
