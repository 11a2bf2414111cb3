//! Changes of a card that need nothing of what it asked: its axes swapped, or, of SQL of its own, its kind and its length.

use vizroom_protocol::dashboard::{CardKind, Clarification};

use super::fields::Data;
use super::intent::{Ask, Intent};
use super::lexicon::Rank;
use super::ordering::Order;
use super::query::Sort;
use super::refining::Work;
use super::telling::said;
use super::words::Token;
use super::{Change, Goal, building, lexicon, restoring, targets};

/// `use age on the x axis` of points: one of the two figures goes, the other stays.
pub fn on_axis(data: &Data<'_>, said: &[Token], base: &Intent, patch: &Intent) -> Option<Intent> {
    let axis = |name: &str| said.windows(2).any(|w| w[0].lower == name && w[1].lower == "axis");
    let at = if axis("x") { 0 } else { usize::from(axis("y")) };
    let points = matches!(base.chart, Some(CardKind::Scatter | CardKind::Bubble)) && base.asks.len() > 1;
    let named = patch.asks.first().and_then(|a| a.field).or(patch.groups.first().and_then(|g| g.field));
    let field = named.filter(|&f| points && (axis("x") || axis("y")) && data.fields[f].is_number())?;
    let mut out = base.clone();
    out.asks[at] = Ask { agg: None, field: Some(field), over: None };
    Some(out)
}

impl Work<'_> {
    /// What was along one axis is along the other.
    pub(super) fn swap(&mut self, index: usize, goal: &Goal) -> Result<(), Clarification> {
        let Some(data) = self.data(goal) else { return Err(self.ask(String::new(), Vec::new())) };
        let mut intent = restoring::intent_of(data, goal);
        let points = matches!(goal.kind, CardKind::Scatter | CardKind::Bubble);
        match (points, intent.groups.len()) {
            (true, _) if intent.asks.len() > 1 => intent.asks.swap(0, 1),
            (false, 2) => intent.groups.swap(0, 1),
            _ => {
                return Err(self
                    .ask("This chart has one axis of groups; its bars or lines cannot be turned.".into(), Vec::new()));
            }
        }
        let built = building::build(data, &intent);
        self.replace(index, goal, built)
    }

    /// Another kind, or only the strongest rows, of a card whose rows come from no table of these, such as from SQL of its
    /// own: nothing else of it is known here.
    pub(super) fn redraw(
        &mut self,
        index: usize,
        mut goal: Goal,
        kept: &[Token],
        top: Option<u64>,
        order: Option<Order>,
    ) -> Result<(), Clarification> {
        let mut wanted = None;
        let (mut top, mut down, mut clear) = (top, order.is_none_or(Order::down), true);
        for token in kept {
            match lexicon::keyword(&token.lower, &token.stem) {
                Some(lexicon::Keyword::Chart(kind)) => wanted = Some(kind),
                Some(lexicon::Keyword::Kpi) => wanted = Some(CardKind::Kpi),
                Some(lexicon::Keyword::Rank(rank)) => down = !matches!(rank, Rank::Bottom | Rank::Least),
                _ if token.number().is_some_and(|n| n.fract() == 0.0 && (1.0..=1_000.0).contains(&n)) => {
                    top = token.number().map(|n| n as u64);
                }
                _ if targets::is_card_word(token) || lexicon::is_filler(&token.lower) || token.lower == "only" => {}
                _ => clear = false,
            }
        }
        let key = self.cards[index].key.to_owned();
        let old = goal.clone();
        goal.kind = wanted.unwrap_or(goal.kind);
        // A text has no rows.
        top = top.filter(|_| goal.kind != CardKind::Insight);
        if top.is_some() {
            goal.query.limit = top;
            // The columns of a table have no roles: it keeps the order of its own.
            let figure = goal.encoding.y.first().filter(|_| goal.kind != CardKind::Table);
            goal.query.sort = figure.map(|y| Sort { alias: y.field.clone(), descending: down }).into_iter().collect();
        }
        if goal == old || !clear || (order.is_some() && top.is_none()) {
            let message = format!(
                "{key} shows a query or a text of its own: a sentence can change its kind, its title and how many rows it shows."
            );
            return Err(self.ask(message, Vec::new()));
        }
        let said = match top {
            Some(top) => format!("{key} shows {top} rows now"),
            None => said(&key, &old, &goal),
        };
        self.remember(&key, goal.clone());
        self.changes.push(Change::Replace { key, goal, said });
        Ok(())
    }
}
