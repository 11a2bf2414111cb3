//! Widths of ranges that a prompt says: `in steps of 10`, `5 year age bands`.

use super::Goal;
use super::intent::{Group, Intent};
use super::query::Cut;
use super::words::{Token, is};

const RANGES: &str =
    "step steps bin bins bucket buckets interval intervals increment increments band bands bracket brackets";
const GROUPS: &str = "group groups class classes range ranges";
const UNITS: &str = "year years month months day days hour hours minute minutes point points percent dollar dollars unit units k kg cm m km";

/// The prompt without the words that say a width, and the width.
pub fn width(mut said: Vec<Token>) -> (Vec<Token>, Option<f64>) {
    for at in 0..said.len() {
        // `in steps of 10 years`
        // `age groups of 10`, and nothing more of what they are
        let ends = said.get(at + 3).is_none_or(|t| {
            is(Some(t), UNITS)
                || is(Some(t), "please")
                || t.number().is_none() && !t.lower.chars().any(char::is_alphanumeric)
        });
        let groups = is(said.get(at), GROUPS) && ends;
        let of = (groups || is(said.get(at), RANGES)) && is(said.get(at + 1), "of");
        if let Some(width) = said.get(at + 2).and_then(Token::number).filter(|n| of && *n > 0.0) {
            let unit = usize::from(is(said.get(at + 3), UNITS));
            let joint = usize::from(at > 0 && is(said.get(at - 1), "in into with by"));
            // `orders in price ranges of 500`
            let into = (at.saturating_sub(3)..at.saturating_sub(1)).find(|&i| joint == 0 && is(said.get(i), "in into"));
            said.drain(at - joint..at + 3 + unit);
            if let (Some(into), Some(by)) = (into, super::words::tokens("by").into_iter().next()) {
                said[into] = by;
            }
            return (said, Some(width));
        }
        // `5 year age bands`, `10-year groups`
        let Some(width) = said[at].number().filter(|n| *n > 0.0) else { continue };
        let hyphen = usize::from(said.get(at + 1).is_some_and(|t| t.is('-')));
        if !is(said.get(at + 1 + hyphen), UNITS) {
            continue;
        }
        let after = at + 2 + hyphen;
        let end = (after..said.len().min(after + 3)).find(|&i| is(said.get(i), RANGES) || is(said.get(i), GROUPS));
        if let Some(end) = end {
            said.remove(end);
            said.drain(at..after);
            return (said, Some(width));
        }
    }
    (said, None)
}

/// `in age groups of 10`: the figures that are cut into ranges.
pub fn of_groups(patch: &mut Intent) {
    let fields: Vec<usize> = patch.asks.drain(..).filter_map(|a| a.field).collect();
    fields.into_iter().for_each(|f| patch.add_group(Group { field: Some(f), grain: None }));
}

/// How wide the ranges of a card are to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    To(f64),
    Times(f64),
}

impl Width {
    /// The width that it makes of the card's.
    pub fn of(self, goal: &Goal) -> Option<f64> {
        let now = goal.query.dimensions.iter().find_map(|d| match d.cut {
            Cut::Bin(width) => Some(width),
            _ => None,
        });
        match self {
            Self::To(width) => Some(width),
            Self::Times(factor) => now.map(|width| width * factor),
        }
    }
}

/// A refinement without the words that say another width, and the width: `bins of 100`, `finer bins`.
pub fn changed(said: Vec<Token>) -> (Vec<Token>, Option<Width>) {
    const MORE: &str = "finer smaller narrower more thinner";
    const FEWER: &str = "coarser wider bigger larger fewer broader less";
    let factor = |at: usize| match () {
        () if is(said.get(at), MORE) => Some(0.5),
        () if is(said.get(at), FEWER) => Some(2.0),
        () => None,
    };
    let relative = (0..said.len()).find_map(|at| factor(at).filter(|_| is(said.get(at + 1), RANGES)).map(|f| (at, f)));
    if let Some((at, factor)) = relative {
        let kept = said[..at].iter().chain(&said[at + 2..]).cloned().collect();
        return (kept, Some(Width::Times(factor)));
    }
    let (said, width) = width(said);
    (said, width.map(Width::To))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::{Change, Placed, plan, refine};

    fn data() -> Vec<Dataset> {
        let column = |name: &str, kind, distinct, range: Option<(Value, Value)>, top: Vec<Value>| {
            let (min, max) = range.unzip();
            Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top }
        };
        let days = Some((json!("2014-01-01"), json!("2017-09-20")));
        let regions = vec![json!("North"), json!("South")];
        let columns = vec![
            column("order_date", ColumnType::Date, 1_200, days, Vec::new()),
            column("region", ColumnType::Text, 2, None, regions),
            column("amount", ColumnType::Number, 900, Some((json!(1.0), json!(1_500.0))), Vec::new()),
            column("quantity", ColumnType::Integer, 9, Some((json!(1), json!(9))), Vec::new()),
        ];
        vec![Dataset { name: "orders".into(), rows: 2_000, columns }]
    }

    /// What a sentence does to the cards of a prompt: whether one is added, and the queries.
    fn refined(prompt: &str, said: &str) -> (bool, Vec<String>) {
        let data = data();
        let goals = plan(prompt, &data, None).goals;
        let keys: Vec<String> = (1..=goals.len()).map(|n| format!("chart_{n}")).collect();
        let cards: Vec<Placed<'_>> = keys.iter().zip(&goals).map(|(key, goal)| Placed { key, goal }).collect();
        let changes = refine(said, None, &cards, &data).changes;
        let adds = changes.iter().any(|c| matches!(c, Change::Add { .. }));
        let sql = changes.iter().filter_map(|c| match c {
            Change::Replace { goal, .. } | Change::Add { goal, .. } => Some(goal.query.sql()),
            _ => None,
        });
        (adds, sql.collect())
    }

    #[test]
    fn ranges_are_made_finer_or_as_wide_as_it_is_said() {
        for (said, width) in [("bins of 100", "/ 100.0) * 100.0"), ("finer bins please", "/ 25.0) * 25.0")] {
            let (_, sql) = refined("histogram of amount", said);
            assert!(sql[0].contains(width), "{said}: {sql:?}");
        }
    }

    #[test]
    fn reasons_change_nothing_and_ends_of_the_data_can_be_left_out() {
        let (_, sql) = refined("amount by month", "drop 2017, it's not complete");
        assert!(sql[0].contains("<> ") || sql[0].contains("NOT IN"), "{sql:?}");
        let (_, sql) = refined("amount by month", "leave out the last month because it is incomplete");
        assert!(sql[0].contains("\"order_date\" < DATE '2017-09-01'"), "{sql:?}");
    }

    #[test]
    fn seasons_and_first_steps_are_conditions_of_a_card() {
        for (prompt, said, wanted) in [
            ("amount by region", "in summer only", "IN (6, 7, 8)"),
            ("amount by region", "for the winter months", "IN (12, 1, 2)"),
            ("amount by month", "without the first month", "\"order_date\" >= DATE '2014-02-01'"),
        ] {
            let (_, sql) = refined(prompt, said);
            assert!(sql[0].contains(wanted), "{said}: {sql:?}");
        }
    }

    #[test]
    fn periods_are_compared_with_each_other_and_steps_with_those_before() {
        let (_, sql) = refined("amount by month", "compare 2016 with 2015");
        assert!(sql[0].contains("2015-01-01") && sql[0].contains("date_part('month'"), "{sql:?}");
        let (_, sql) = refined("amount by month", "difference to the month before");
        assert!(sql[0].contains("LAG"), "{sql:?}");
    }

    #[test]
    fn what_is_put_beside_a_card_is_a_card_of_its_own() {
        assert!(refined("amount by region", "put a chart of orders per month next to it").0);
        assert!(refined("amount by region", "next to it, the quantity by region").0);
        let (adds, sql) = refined("amount by region, amount per month", "filter everything to the North");
        assert!(!adds && sql.len() == 2, "{sql:?}");
    }

    #[test]
    fn only_says_which_rows_and_leaving_out_is_of_what_is_shown() {
        let (_, sql) = refined("histogram of amount", "leave out everything over 50 dollars");
        assert!(sql[0].contains("\"amount\" <= 50"), "{sql:?}");
        let (_, sql) = refined("average amount and average quantity by region", "drop the quantity");
        assert!(sql[0].contains("\"amount\"") && !sql[0].contains("\"quantity\""), "{sql:?}");
    }

    #[test]
    fn another_number_is_that_of_the_only_limit() {
        let (_, sql) = refined("orders over 50 by region", "make that 80");
        assert!(sql[0].contains("> 80"), "{sql:?}");
    }
}
