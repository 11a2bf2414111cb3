//! A goal and its rows as a card.

use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Card, CardKind, Encoding, Theme};
use vizroom_protocol::file::Table;
use vizroom_protocol::id::CardId;

use super::{By, Planned, fitting, viz};
use crate::analytics::Answer;
use crate::planner::{self, Agg, Goal};

impl Planned {
    /// The SQL of its rows; a text has none.
    pub(super) fn sql(&self) -> Option<String> {
        match &self.by {
            None => Some(self.goal.query.sql()),
            Some(By::Sql(own)) => Some(self.goal.query.cut(own)),
            Some(By::Text(_)) => None,
        }
    }
}

/// A card without rows yet.
fn blank(id: CardId, planned: &Planned) -> Card {
    let Planned { key, goal, .. } = planned;
    Card {
        id,
        key: key.clone(),
        kind: goal.kind,
        title: goal.title.clone(),
        description: goal.description.clone(),
        sql: planned.sql().unwrap_or_default(),
        data: Table::default(),
        spec: None,
        kpi: None,
        encoding: encoding(goal),
        notes: Vec::new(),
        error: None,
        stale: None,
        filters_skipped: Vec::new(),
    }
}

/// A card with its unfiltered rows, drawn.
pub(super) fn drawn(id: CardId, planned: &Planned, answer: Answer, theme: Theme) -> Card {
    let mut card = blank(id, planned);
    card.spec = viz::spec(&planned.goal, &answer.table, theme);
    fill(&mut card, planned, answer);
    card
}

/// A card that says why it shows nothing.
pub(super) fn failed(id: CardId, planned: &Planned, error: Error) -> Card {
    Card { error: Some(error), ..blank(id, planned) }
}

/// Puts rows into a card, and what is computed from them; its spec stays but for what it holds of the rows.
pub(super) fn fill(card: &mut Card, planned: &Planned, answer: Answer) {
    let goal = &planned.goal;
    match (goal.kind, &planned.by) {
        (CardKind::Insight, Some(By::Text(text))) => card.description = text.clone(),
        (CardKind::Insight, _) => card.description = sentence(goal, &answer.table),
        (CardKind::Kpi, by) => {
            let mut kpi = planner::kpi(goal, &answer.table);
            if by.is_some() {
                kpi.operation = "value".into();
                kpi.value_from_column = goal.encoding.y.first().map(|y| y.field.clone());
            }
            card.kpi = Some(kpi);
        }
        _ => {}
    }
    if let Some(spec) = &mut card.spec {
        viz::follow(spec, goal, &answer.table);
    }
    card.notes = viz::notes(card.spec.as_ref());
    card.notes.extend(fitting::note(goal, &answer.table));
    card.data = answer.table;
    card.filters_skipped = answer.filters_skipped;
    card.error = None;
    card.stale = None;
}

fn sentence(goal: &Goal, table: &Table) -> String {
    let said = planner::insight(goal, table);
    if said.is_empty() { "There is nothing to say about this selection.".into() } else { said }
}

/// Whether rows are too few for a card at all.
pub(super) fn is_empty(planned: &Planned, table: &Table) -> bool {
    let goal = &planned.goal;
    match (goal.kind, &planned.by) {
        (_, Some(By::Text(_))) => false,
        (CardKind::Insight, _) => planner::insight(goal, table).is_empty(),
        (CardKind::Kpi, _) => planner::kpi(goal, table).value.is_none(),
        _ => table.rows.is_empty(),
    }
}

/// A goal's encoding with the way each figure was computed.
fn encoding(goal: &Goal) -> Encoding {
    let mut encoding = goal.encoding.clone();
    for channel in &mut encoding.y {
        let measure = goal.query.measures.iter().find(|m| m.alias == channel.field);
        channel.aggregation = measure.and_then(|m| aggregation(m.agg)).map(str::to_owned);
    }
    encoding
}

fn aggregation(agg: Agg) -> Option<&'static str> {
    Some(match agg {
        Agg::Count => "count",
        Agg::Distinct => "count_distinct",
        Agg::Sum => "sum",
        Agg::Avg => "avg",
        Agg::Min => "min",
        Agg::Max => "max",
        Agg::Median => "median",
        Agg::LowerQuartile | Agg::UpperQuartile => "quantile",
        Agg::Deviation => "stddev",
        Agg::Rate => "rate",
        Agg::Value => return None,
    })
}
