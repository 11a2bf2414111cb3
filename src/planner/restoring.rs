//! From a card back to what was asked for, so that a sentence can change the question rather than the SQL.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::Goal;
use super::fields::Data;
use super::intent::{Ask, Group, Intent};
use super::query::{Agg, Cut, Dimension, Measure, Op, Source};

/// The intent that builds a card like `goal`.
pub fn intent_of(data: &Data<'_>, goal: &Goal) -> Intent {
    let query = &goal.query;
    let mut intent = Intent {
        chart: Some(goal.kind),
        filters: query.filters.iter().filter(|p| p.op != Op::NotNull).cloned().collect(),
        by: true,
        ..Intent::default()
    };
    intent.decades = query.dimensions.iter().any(|d| d.cut == Cut::Decade);
    intent.weekends = query.dimensions.iter().any(|d| d.cut == Cut::Weekend);
    intent.sides = query.dimensions.iter().find_map(|d| d.sides.as_ref()).map_or_else(Vec::new, |s| s.when.clone());
    for dimension in query.dimensions.iter().filter(|d| !matches!(d.cut, Cut::Bin(_))) {
        intent.groups.extend(group(data, dimension));
    }
    match goal.kind {
        CardKind::Histogram => binned(data, goal, &mut intent),
        CardKind::Boxplot => intent.asks.extend(query.measures.first().and_then(|m| plain(data, m))),
        CardKind::Scatter | CardKind::Bubble | CardKind::Geomap => {
            let figures = 1 + goal.encoding.y.len();
            intent.asks = query.measures.iter().take(figures).filter_map(|m| plain(data, m)).collect();
            let colour = query.measures.get(figures).and_then(|m| data.index(m.column.as_deref()?));
            intent.groups.extend(colour.map(|field| Group { field: Some(field), grain: None }));
        }
        CardKind::Kpi => intent.asks.extend(query.measures.first().map(|m| ask(data, m))),
        _ if query.rows.is_some() => rows(data, goal, &mut intent),
        _ => {
            for dimension in query.dimensions.iter().filter(|d| matches!(d.cut, Cut::Bin(_))) {
                intent.groups.extend(group(data, dimension));
            }
            for measure in &query.measures {
                intent.add_ask(ask(data, measure));
            }
        }
    }
    // Values that made no group when the card was planned are meant as one.
    let several = intent.filters.iter().filter(|p| p.op == Op::In && p.values.len() > 1);
    let together: Vec<usize> = several.filter_map(|p| data.index(p.source.column()?)).collect();
    intent.together = together.into_iter().filter(|f| !intent.groups.iter().any(|g| g.field == Some(*f))).collect();
    restore_times(goal, &mut intent);
    restore_units(data, goal, &mut intent);
    intent.having.clone_from(&query.having);
    let step = query.measures.iter().find_map(|m| m.steps.as_ref());
    intent.each_step = step.map(|s| Group { field: None, grain: Some(s.grain) });
    intent.counts_groups = query.count_of_groups.is_some();
    restore_rates(goal, &mut intent);
    restore_order(goal, &mut intent);
    intent
}

/// The data, its rows called as the card calls what it counts.
pub fn called<'a>(data: &Data<'a>, goal: &Goal) -> Data<'a> {
    let rows = |m: &&Measure| m.column.is_none() && matches!(m.agg, Agg::Count | Agg::Rate);
    let label = |m: &Measure| goal.encoding.y.iter().find(|c| c.field == m.alias).map(|c| c.label.to_lowercase());
    let noun = goal.query.measures.iter().filter(rows).find_map(label).map(|label| {
        let figure = ["share of ", "cumulative ", "change in "].into_iter().find_map(|p| label.strip_prefix(p));
        figure.unwrap_or(&label).to_owned()
    });
    let one = |noun: &String| !noun.contains(' ');
    Data { noun: noun.filter(one).or_else(|| data.noun.clone()), ..data.clone() }
}

fn group(data: &Data<'_>, dimension: &Dimension) -> Option<Group> {
    let grain = match dimension.cut {
        Cut::Grain(grain) => Some(grain),
        Cut::Weekend => return Some(Group { field: None, grain: Some(Grain::DayOfWeek) }),
        Cut::Decade => return Some(Group { field: None, grain: Some(Grain::Year) }),
        _ => None,
    };
    Some(match &dimension.source {
        Source::Less { .. } => return None,
        Source::Parts { .. } => Group { field: None, grain },
        Source::Column { name, .. } | Source::Spelled { name, .. } => Group { field: Some(data.index(name)?), grain },
    })
}

fn ask(data: &Data<'_>, measure: &Measure) -> Ask {
    let index = |name: &Option<String>| name.as_deref().and_then(|n| data.index(n));
    let agg = match measure.agg {
        Agg::Rate if measure.column.is_some() => Agg::Sum,
        Agg::Rate => Agg::Count,
        agg => agg,
    };
    Ask { agg: Some(agg), field: index(&measure.column), over: index(&measure.over) }
}

/// The unit that the figures are told in, or per how many of what they are divided by.
fn restore_units(data: &Data<'_>, goal: &Goal, intent: &mut Intent) {
    for measure in &goal.query.measures {
        let Some(times) = measure.times else { continue };
        let field = measure.column.as_deref().and_then(|c| data.index(c)).map(|f| &data.fields[f]);
        match measure.over {
            Some(_) => intent.scale = Some(times),
            None => intent.unit = field.and_then(|f| super::scales::Unit::told(f, times)),
        }
    }
}

fn plain(data: &Data<'_>, measure: &Measure) -> Option<Ask> {
    Some(Ask { agg: None, field: Some(data.index(measure.column.as_deref()?)?), over: None })
}

/// The column that is cut into bins.
fn binned(data: &Data<'_>, goal: &Goal, intent: &mut Intent) {
    let column = goal.query.dimensions.first().and_then(|d| data.index(d.source.column()?));
    intent.asks.extend(column.map(|field| Ask { agg: None, field: Some(field), over: None }));
    intent.groups.clear();
    intent.distribution = true;
}

/// A ranking of single rows.
fn rows(data: &Data<'_>, goal: &Goal, intent: &mut Intent) {
    intent.asks = goal.query.measures.iter().filter_map(|m| plain(data, m)).collect();
    intent.groups.clear();
    intent.rows = true;
    let first = goal.query.sort.first();
    if first.is_some_and(|s| goal.query.dimensions.iter().any(|d| d.alias == s.alias)) {
        // A list, which ranks nothing.
        intent.asks.clear();
        return;
    }
    intent.rank = Some(super::lexicon::Rank::Most);
}

/// Periods that are compared, and what is made of a figure along time.
fn restore_times(goal: &Goal, intent: &mut Intent) {
    let measures = &goal.query.measures;
    intent.course = measures.first().and_then(|m| m.course);
    let Some(first) = measures.first().filter(|m| m.agg != Agg::Rate && !m.when.is_empty()) else { return };
    let timed = |when: &[super::query::Predicate]| !when.iter().all(|p| p.op == Op::NotIn);
    if !first.minus.is_empty() {
        intent.periods = vec![first.when.clone(), first.minus.clone()];
        intent.contrast = true;
        // They were added to tell which rows are read at all.
        intent.filters.retain(|p| !first.when.iter().any(|w| w.source == p.source && w.part == p.part));
    } else if let Some(second) = measures.iter().find(|m| m.when != first.when)
        && timed(&first.when)
    {
        intent.periods = vec![first.when.clone(), second.when.clone()];
    }
}

fn restore_rates(goal: &Goal, intent: &mut Intent) {
    for measure in &goal.query.measures {
        intent.share |= measure.share;
        if measure.agg == Agg::Rate {
            intent.share = true;
            intent.rate = true;
            intent.when.clone_from(&measure.when);
        }
    }
}

fn restore_order(goal: &Goal, intent: &mut Intent) {
    let query = &goal.query;
    let cut = |n: &u64| goal.description.contains(&super::building::only_some(*n));
    intent.top = query.limit.filter(|_| goal.kind != CardKind::Scatter && goal.kind != CardKind::Table);
    intent.top = intent.top.filter(|n| !cut(n));
    if let Some(first) = &query.first {
        let figure = query.sort.iter().find(|s| query.measures.iter().any(|m| m.alias == s.alias));
        (intent.first_of_each, intent.descending) = (Some(first.count), figure.map(|s| s.descending));
        return;
    }
    let first = query.sort.first();
    let by_figure = first.is_some_and(|s| query.measures.iter().any(|m| m.alias == s.alias));
    let named = query.dimensions.first().is_some_and(|d| first.is_some_and(|s| s.alias == d.alias));
    intent.by_name = named && matches!(goal.kind, CardKind::Bar | CardKind::Table | CardKind::Pie | CardKind::Donut);
    if by_figure || (intent.by_name && first.is_some_and(|s| s.descending)) {
        intent.descending = first.map(|s| s.descending);
    }
    // The strongest groups, in the order of their names.
    let leads = |k: &&super::query::Keep| query.dimensions.first().is_some_and(|d| d.alias == k.alias);
    if let Some(keep) = query.keep.as_ref().filter(leads).filter(|_| intent.by_name) {
        intent.top = Some(keep.count);
        intent.rank = Some(super::lexicon::Rank::Top);
    }
}

/// Whether a group is one of time.
pub fn is_time(data: &Data<'_>, group: &Group) -> bool {
    use super::fields::Role;
    match group.field {
        None => true,
        Some(field) => matches!(data.fields[field].role, Role::Time | Role::Part(_)),
    }
}

/// Whether the two mean the same step of time.
pub fn same_step(a: Option<Grain>, b: Option<Grain>) -> bool {
    a.is_some() && a == b
}
