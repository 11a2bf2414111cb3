//! Which kind of card suits an intent.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::axes::Axis;
use super::fields::Data;
use super::intent::{Group, Intent};
use super::query::{Agg, Measure, Op, Predicate};

/// Most parts of a pie nobody asked for, and of one somebody did.
const PARTS_FEW: u64 = 8;
const PARTS_MAX: u64 = 24;

/// More series than these are fields of a heatmap, which has room for as many groups.
const SERIES_MANY: u64 = 12;
const GROUPS_MANY: u64 = 50;

/// `area chart of the closing price`, `line chart: population of Germany and France`: a line without a group goes along
/// time.
pub fn course(data: &Data<'_>, intent: &mut Intent) {
    let line = matches!(intent.chart, Some(CardKind::Line | CardKind::Area));
    let several = |p: &Predicate| p.op == Op::In && p.part.is_none() && p.values.len() > 1;
    let of = |p: &Predicate| p.source.column().and_then(|c| data.index(c));
    let compared = |g: &Group| g.field.is_some() && intent.filters.iter().any(|p| several(p) && of(p) == g.field);
    let open = !intent.by
        && intent.groups.iter().all(compared)
        && intent.periods.is_empty()
        && !intent.distribution
        && !intent.correlation;
    let figure = intent.rows || !intent.asks.is_empty();
    if line && open && figure && intent.rank.is_none() && data.time_group(Grain::Year).is_some() {
        intent.groups.insert(0, Group { field: None, grain: None });
    }
}

/// The kind, and what a reader must know where it is not the kind asked for.
pub fn choose(intent: &Intent, axes: &[Axis], measures: &[Measure]) -> (CardKind, String) {
    let none = String::new();
    let adds_up = measures.iter().all(|m| m.adds_up() || m.share);
    match (intent.chart, axes) {
        (_, [_, _, ..]) if intent.first_of_each.is_some() => (CardKind::Table, none),
        (Some(CardKind::Table), _) => (CardKind::Table, none),
        (Some(CardKind::Gauge), []) => (CardKind::Gauge, none),
        (_, []) => (CardKind::Kpi, none),
        (Some(kind @ (CardKind::Radar | CardKind::Funnel | CardKind::Choropleth)), [_]) => (kind, none),
        (Some(CardKind::Radar), [_, _]) => (CardKind::Radar, none),
        (Some(CardKind::Pie | CardKind::Donut), [one])
            if !one.ordered && one.distinct.min(intent.top.unwrap_or(u64::MAX)) > PARTS_MAX =>
        {
            (CardKind::Bar, format!(" {} parts are too many for a pie, so these are bars.", one.distinct))
        }
        (Some(CardKind::Pie | CardKind::Donut), _) if !adds_up => {
            (CardKind::Bar, " These figures do not add up to a whole, so these are bars rather than a pie.".into())
        }
        (Some(kind @ (CardKind::Pie | CardKind::Donut)), [_]) => (kind, none),
        (Some(CardKind::Heatmap), [_, _, ..]) => (CardKind::Heatmap, none),
        (Some(kind @ (CardKind::Bar | CardKind::Line | CardKind::Area)), _) if axes.len() <= 2 => (kind, none),
        _ => (unasked(intent, axes, measures, adds_up), none),
    }
}

fn unasked(intent: &Intent, axes: &[Axis], measures: &[Measure], adds_up: bool) -> CardKind {
    let ranked = intent.rank.is_some() || intent.top.is_some() || intent.descending.is_some();
    match axes {
        [_, _, _, ..] => CardKind::Table,
        [a, b] if measures.len() > 1 && !(a.grain.is_some() || b.grain.is_some()) => CardKind::Table,
        // More series than can be told apart by their colours.
        [a, b]
            if b.distinct > SERIES_MANY && !b.ordered && a.grain.is_none() && !ranked && a.distinct <= GROUPS_MANY =>
        {
            CardKind::Heatmap
        }
        [a, b] if a.distinct > 12 && b.distinct > 12 && !is_course(a) => CardKind::Heatmap,
        [a, b] if is_course(a) && b.grain.is_some() => CardKind::Heatmap,
        [a, _] if is_course(a) => CardKind::Line,
        [_, _] => CardKind::Bar,
        // Steps that are left over after a limit are no course.
        [one] if is_course(one) && !ranked && intent.having.is_empty() => CardKind::Line,
        [one] => {
            let parts = (intent.share || intent.breakdown) && adds_up && measures.len() == 1;
            let whole = measures.iter().all(|m| !m.share && m.agg != Agg::Rate);
            let few = one.distinct <= PARTS_FEW && !one.ordered && !ranked;
            if parts && whole && few { CardKind::Donut } else { CardKind::Bar }
        }
        [] => CardKind::Kpi,
    }
}

/// Whether the axis is a course of time or of the day with enough steps for a line; the days of a week are few.
fn is_course(axis: &Axis) -> bool {
    axis.grain.is_some_and(|g| g != vizroom_protocol::dashboard::Grain::DayOfWeek) && axis.distinct > 7
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn lines_go_along_time_and_order_is_no_card() {
        let columns = || {
            let place = text("country", 40, 0, &["France", "Italy"]);
            vec![place, figure("year", 50, 1970, 2019), figure("population", 1_900, 1, 900_000)]
        };
        let sql = |prompt: &str| sql(prompt, "worldpop", columns());
        let line = sql("line chart: population of France and Italy");
        assert!(line.contains("\"year\"") && line.contains("\"country\""), "{line}");
        assert!(sql("area chart of the average population").contains("\"year\""));
        let table = sql("table of countries with total population, sorted by population");
        assert!(table.contains("DESC") && table.contains("\"country\""), "{table}");
    }
}
