//! Cards for a prompt that leaves open what to show, and prompts that would work.

use vizroom_protocol::dashboard::CardKind;

use super::Goal;
use super::building::build;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::query::{Agg, Op};
use super::text::{self, capital};

/// Adds complementary cards until there are `count`: figures, the course over time, the strongest groups, the spread.
pub fn fill(data: &Data<'_>, focus: &Intent, mut goals: Vec<Goal>, count: usize) -> Vec<Goal> {
    for intent in candidates(data, focus) {
        if goals.len() >= count {
            break;
        }
        if let Ok(goal) = build(data, &intent)
            && !goals.iter().any(|g| g.query == goal.query)
        {
            goals.push(goal);
        }
    }
    goals
}

/// Everything worth showing, best first and without repetition.
fn candidates(data: &Data<'_>, focus: &Intent) -> Vec<Intent> {
    let asks = figures(data, focus);
    let groups = dimensions(data, focus);
    let base = Intent { filters: focus.filters.clone(), ..Intent::default() };
    let with = |ask: &Ask| Intent { asks: vec![ask.clone()], ..base.clone() };
    let Some(first) = asks.first() else { return Vec::new() };
    let second = asks.get(1).unwrap_or(first);
    let course = Group { field: None, grain: None };
    let by = |ask: &Ask, group: Group| Intent { groups: vec![group], by: true, ..with(ask) };
    let adds = |ask: &Ask| ask.field.is_none_or(|f| data.fields[f].role == Role::Sum);
    let mut out = vec![Intent { kpi: true, ..with(first) }, by(first, course)];
    if let Some(&group) = groups.first() {
        out.push(by(first, group));
    }
    if let Some(field) = first.field {
        out.push(Intent {
            asks: vec![Ask { agg: None, field: Some(field), over: None }],
            distribution: true,
            ..base.clone()
        });
    }
    if let Some(&group) = groups.get(1) {
        out.push(Intent { breakdown: adds(second), ..by(second, group) });
    }
    if let Some(&group) = groups.get(2) {
        out.push(by(first, group));
    }
    out.push(Intent { kpi: true, ..with(second) });
    out.push(by(second, course));
    if let (Some(a), Some(b)) = (first.field, asks.iter().skip(1).find_map(|a| a.field)) {
        let plain = |field| Ask { agg: None, field: Some(field), over: None };
        out.push(Intent { asks: vec![plain(a), plain(b)], correlation: true, ..base.clone() });
    }
    if let (Some(&a), Some(&b)) = (groups.first(), groups.get(1)) {
        out.push(Intent { groups: vec![a, b], by: true, ..with(first) });
    }
    for ask in asks.iter().skip(2) {
        out.push(Intent { kpi: true, ..with(ask) });
    }
    for group in groups.iter().skip(3) {
        out.push(by(first, *group));
    }
    for ask in asks.iter().skip(1) {
        out.extend(groups.iter().take(3).map(|g| by(ask, *g)));
    }
    out.truncate(40);
    out
}

/// What the prompt names, then what the data offers: sums, the number of rows, averages.
fn figures(data: &Data<'_>, focus: &Intent) -> Vec<Ask> {
    let mut out: Vec<Ask> =
        focus.asks.iter().filter(|a| a.field.is_none_or(|f| data.fields[f].is_measure())).cloned().collect();
    let of = |role: Role| {
        let fields = data.fields.iter().enumerate().filter(move |(_, f)| f.role == role && f.column.distinct > 1);
        fields.map(|(i, _)| Ask { agg: None, field: Some(i), over: None })
    };
    let rows = Ask { agg: Some(Agg::Count), field: None, over: None };
    let offered = of(Role::Sum).chain([rows]).chain(of(Role::Mean)).chain(of(Role::Ordinal));
    for ask in offered {
        if !out.iter().any(|a| a.field == ask.field) {
            out.push(ask);
        }
    }
    out.truncate(6);
    out
}

/// Columns that make good groups, best first: a handful of well-filled values.
pub fn dimensions(data: &Data<'_>, focus: &Intent) -> Vec<Group> {
    let rows = data.dataset.rows.max(1);
    let fixed = |name: &str| {
        focus.filters.iter().any(|p| p.op == Op::In && p.values.len() == 1 && p.source.column() == Some(name))
    };
    let mut found: Vec<(u64, usize)> = data
        .fields
        .iter()
        .enumerate()
        .filter(|(_, f)| matches!(f.role, Role::Category | Role::Flag | Role::Ordinal) && !f.joined)
        .filter(|(_, f)| (2..=200).contains(&f.column.distinct) && !fixed(&f.column.name))
        .map(|(i, f)| {
            let size = match f.column.distinct {
                3..=12 => 0,
                2 | 13..=24 => 1,
                25..=60 => 2,
                _ => 3,
            };
            (size * 2 + u64::from(f.column.nulls * 5 > rows) + u64::from(f.role == Role::Ordinal), i)
        })
        .collect();
    found.sort_unstable();
    // What the prompt names comes first.
    let named = focus.groups.iter().filter(|g| g.field.is_some()).copied();
    let rest = found.into_iter().map(|(_, field)| Group { field: Some(field), grain: None });
    let mut out: Vec<Group> = Vec::new();
    named.chain(rest).for_each(|g| {
        if !out.contains(&g) {
            out.push(g)
        }
    });
    out.truncate(6);
    out
}

/// The label of a column that splits the rows into a handful of groups.
pub fn good_group(data: &Data<'_>) -> Option<String> {
    let group = dimensions(data, &Intent::default()).first()?.field?;
    Some(data.fields[group].label.clone())
}

/// A dashboard's title where it has several cards.
pub fn title(data: &Data<'_>, goals: &[Goal]) -> String {
    let name = capital(&data.dataset.name.replace('_', " "));
    let figure = goals.first().and_then(|g| g.encoding.y.first()).map(|c| c.label.clone()).unwrap_or_default();
    let shared = goals.iter().all(|g| g.encoding.y.first().is_some_and(|c| c.label == figure));
    if shared && !figure.is_empty() && figure != name {
        format!("{name}: {}", figure.to_lowercase())
    } else {
        format!("{name} overview")
    }
}

/// Prompts that the data can answer.
pub fn suggestions(all: &[Data<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    for data in all.iter().filter(|d| !d.is_extended()).take(3) {
        let empty = Intent::default();
        for intent in candidates(data, &empty) {
            let Ok(goal) = build(data, &intent) else { continue };
            if goal.kind != CardKind::Kpi && !out.contains(&goal.title) && out.len() < 4 {
                out.push(goal.title);
            }
        }
        if data.fields.is_empty() {
            out.push(format!("Overview of {}", text::rows_noun(data)));
        }
    }
    out.truncate(4);
    out
}
