//! Rows as they are: `list the volcanoes in Italy`.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding};

use super::Goal;
use super::axes::Names;
use super::building::with_conditions;
use super::channels::channel;
use super::fields::{Data, Field, Role};
use super::intent::{Ask, Intent};
use super::lexicon::Rank;
use super::query::{Agg, Cut, Dimension, Measure, Op, Predicate, Query, Rows, Sort};
use super::rowwise::{name_of_row, names_well};
use super::text::{self, capital};

/// Most columns of a list, and most rows.
const COLUMNS_MAX: usize = 8;
const ROWS_MAX: u64 = 1_000;

/// How many are the newest, where nobody says.
const RECENT: u64 = 10;

/// Most kinds that a list of rows without names tells of each.
const KINDS_MAX: usize = 3;

/// How many are listed of a ranking, where nobody says.
const RANKED: u64 = 10;

/// What a list of rows tells of each: `planets found in 2020 with their mass`, `mammals that sleep less than 4 hours`.
fn told<'d>(data: &'d Data<'_>, intent: &Intent) -> Option<Vec<&'d Field<'d>>> {
    let bare = |a: &Ask| matches!(a.agg, None | Some(Agg::Value)) && a.over.is_none() && a.field.is_some();
    let of = |p: &Predicate| p.source.names().into_iter().filter_map(|c| data.index(c)).collect::<Vec<_>>();
    let limits = |p: &&Predicate| matches!(p.op, Op::Gt | Op::Gte | Op::Lt | Op::Lte) && p.part.is_none();
    let compared = intent.filters.iter().filter(limits).flat_map(of).filter(|&f| data.fields[f].is_measure());
    let compared: Vec<usize> = compared.filter(|&f| !data.fields[f].holds_years()).collect();
    let rest = Intent { chart: None, ..intent.besides_rows() };
    let date = || data.fields.iter().position(|f| f.role == Role::Time && !f.joined);
    let columns = intent.groups.iter().filter_map(|g| g.field.or_else(date));
    if !rest.is_empty() || !intent.rows || intent.by || !intent.asks.iter().all(bare) {
        return None;
    }
    let table = intent.chart == Some(CardKind::Table) && !(intent.asks.is_empty() && intent.groups.is_empty());
    let table = table && (intent.rank.is_none() || !intent.groups.is_empty() || intent.asks.len() > 1);
    let bound = intent.chart.is_none_or(|c| c == CardKind::Table)
        && intent.asks.is_empty()
        && intent.groups.is_empty()
        && intent.rank.is_none();
    let bound = bound && !compared.is_empty() && intent.top.is_none() && has_names(data);
    if !(table || bound) {
        return None;
    }
    let named = name_of_row(data).or_else(|| data.named_kinds().map(|f| &data.fields[f]));
    let mut shown: Vec<&Field<'_>> = named.into_iter().collect();
    if shown.is_empty() && intent.groups.is_empty() {
        // What has no name is known by the kinds that it is of.
        let kinds = |f: &&Field<'_>| matches!(f.role, Role::Category | Role::Flag | Role::Time) && !f.joined;
        shown.extend(data.fields.iter().filter(kinds).filter(|f| f.column.distinct > 1).take(KINDS_MAX));
    }
    for field in columns.chain(intent.asks.iter().filter_map(|a| a.field)).chain(compared) {
        let field = &data.fields[field];
        if !shown.iter().any(|f| std::ptr::eq(*f, field)) {
            shown.push(field);
        }
    }
    Some(shown)
}

/// Whether a column names the rows, rather than only tells them apart.
fn has_names(data: &Data<'_>) -> bool {
    let called = |f: &Field<'_>| super::roles::has(&f.words, "name title") && !f.joined;
    let named = |i: usize| data.fields[i].words.len() <= 2 && data.names_each(i) || called(&data.fields[i]);
    (0..data.fields.len()).any(|i| data.fields[i].role == Role::Label && named(i))
}

/// How a list is ordered: by the figure that ranks it, or the first that it tells, and how many rows it has.
fn ordered(data: &Data<'_>, intent: &Intent, query: &mut Query) {
    let descending = match intent.asks.first().and_then(|a| a.field).filter(|_| intent.rank.is_some()) {
        Some(figure) => {
            let stems: Vec<String> = data.fields[figure].words.iter().map(|w| w.stem.clone()).collect();
            super::building::descends(intent, &stems)
        }
        None => intent.descending.unwrap_or_else(|| !intent.filters.iter().any(|p| matches!(p.op, Op::Lt | Op::Lte))),
    };
    let named = query.dimensions.iter().map(|d| Sort { alias: d.alias.clone(), descending: false });
    let first = query.measures.first().map(|m| Sort { alias: m.alias.clone(), descending });
    query.sort = first.into_iter().chain(named).collect();
    let most = if intent.rank.is_some() { RANKED } else { ROWS_MAX };
    query.limit = Some(intent.top.unwrap_or(most));
}

/// A table of the rows that the conditions leave, each by its name first.
pub fn rows(data: &Data<'_>, intent: &Intent) -> Option<Goal> {
    if let Some(shown) = told(data, intent) {
        return listed(data, intent, &shown, ordered);
    }
    // `list the countries` where each row is one.
    let each = intent.groups.iter().all(|g| g.field.is_some_and(|f| data.names_each(f)));
    let list = intent.chart == Some(CardKind::Table) && intent.asks.is_empty() && intent.having.is_empty() && each;
    let list =
        list && intent.rank.is_none() && (intent.rows || !intent.groups.is_empty() || !intent.filters.is_empty());
    // `the 10 most recent orders`
    let time = match (intent.rank, intent.asks.as_slice()) {
        (Some(_), [Ask { agg: None, field: Some(f), over: None }]) if intent.rows => Some(&data.fields[*f]),
        _ => None,
    };
    let time = time.filter(|f| f.role == Role::Time && intent.groups.is_empty());
    if !(list || time.is_some()) || intent.share {
        return None;
    }
    let newest = intent.rank == Some(Rank::Most);
    let plain = |f: &&Field<'_>| !f.joined && f.column.distinct > 1 && f.role != Role::Other;
    let mut shown: Vec<&Field<'_>> = data.fields.iter().filter(plain).collect();
    // What they are limited by is told of each.
    let limits = |p: &Predicate| matches!(p.op, Op::Gt | Op::Gte | Op::Lt | Op::Lte) && p.part.is_none();
    let by = |f: &Field<'_>| intent.filters.iter().any(|p| limits(p) && p.source == f.source());
    let order = |f: &&Field<'_>| match f.role {
        Role::Sum | Role::Mean | Role::Ordinal if by(f) => (1, (0, 0)),
        // Artists of songs are told more than once: the songs come first.
        Role::Label => {
            let (rank, words) = names_well(data, f);
            let each = (0..data.fields.len()).any(|i| std::ptr::eq(&data.fields[i], *f) && data.names_each(i));
            (0, (rank + if each { 0 } else { 8 }, words))
        }
        Role::Category | Role::Flag | Role::Time => (1, (1, 0)),
        Role::Sum | Role::Mean | Role::Ordinal => (2, (0, 0)),
        _ => (3, (0, 0)),
    };
    shown.sort_by_key(|f| (!time.is_some_and(|t| std::ptr::eq(t, *f)), order(f)));
    // One name is enough.
    let mut named = false;
    shown.retain(|f| f.role != Role::Label || !std::mem::replace(&mut named, true));
    shown.truncate(COLUMNS_MAX);
    let order = |_: &Data<'_>, intent: &Intent, query: &mut Query| {
        query.sort = query.dimensions.iter().map(|d| Sort { alias: d.alias.clone(), descending: false }).collect();
        if let Some(first) = query.sort.first_mut().filter(|_| time.is_some()) {
            first.descending = newest;
        }
        query.limit = Some(intent.top.unwrap_or(if time.is_some() { RECENT } else { ROWS_MAX }));
    };
    let mut goal = listed(data, intent, &shown, order)?;
    if let Some(time) = time {
        let (noun, which) = (text::rows_noun(data), if newest { "newest" } else { "oldest" });
        goal.title = with_conditions(data, capital(&format!("{which} {noun}")), &intent.filters);
        goal.description = format!("The {noun} as they are, by {}, the {which} first.", time.label);
    }
    Some(goal)
}

/// The table of these columns, in the order that is given.
fn listed(
    data: &Data<'_>,
    intent: &Intent,
    shown: &[&Field<'_>],
    order: impl Fn(&Data<'_>, &Intent, &mut Query),
) -> Option<Goal> {
    let mut names = Names::new(data);
    let mut query = Query { dataset: data.dataset.name.clone(), filters: intent.filters.clone(), ..Query::default() };
    let mut channels = Vec::new();
    for field in shown {
        let alias = names.plain(&field.column.name);
        let filter = data.filter_name(&field.column.name);
        let number = field.is_number() && field.is_measure();
        channels.push((Channel { filter, ..channel(&alias, &field.label, field, Agg::Value) }, number));
        if number {
            query.measures.push(Measure::new(Agg::Value, Some(&field.column.name), alias));
        } else {
            query.dimensions.push(Dimension {
                source: field.source(),
                cut: Cut::Whole,
                alias,
                skip_null: false,
                sides: None,
            });
        }
    }
    query.rows = Some(Rows { stride: 1 });
    order(data, intent, &mut query);
    let noun = text::rows_noun(data);
    let first = query.sort.first().map(|s| s.alias.as_str());
    let by = channels.iter().find(|(c, _)| first == Some(c.field.as_str())).map_or("", |(c, _)| c.label.as_str());
    let by = super::figures::lower_first(by);
    let ranked = intent.rank.is_some();
    let title = with_conditions(data, called(&noun, &query, ranked.then_some(by.as_str())), &intent.filters);
    let description = format!("The {noun} as they are, in the order of {by}.");
    let (y, groups): (Vec<_>, Vec<_>) = channels.into_iter().partition(|(_, number)| *number);
    let mut groups = groups.into_iter().map(|(c, _)| c);
    let encoding =
        Encoding { x: groups.next(), series: groups.next(), y: y.into_iter().map(|(c, _)| c).collect(), target: None };
    encoding.x.is_some().then_some(Goal { kind: CardKind::Table, title, description, query, encoding })
}

/// What a list is called: `Mammals`, `Top 5 mammals by sleep total`.
fn called(noun: &str, query: &Query, by: Option<&str>) -> String {
    let most = query.sort.first().is_some_and(|s| s.descending);
    match by {
        Some(by) => {
            format!("{} {} {noun} by {by}", if most { "Top" } else { "Bottom" }, query.limit.unwrap_or(RANKED))
        }
        None => capital(noun),
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    fn list(prompt: &str) -> String {
        let columns = vec![
            text("name", 2_000, 0, &["Ann", "Bob"]),
            text("club", 40, 0, &["Ajax", "Real"]),
            text("position", 4, 0, &["goal", "wing"]),
            figure("salary", 900, 1, 9_000),
            figure("height", 60, 150, 210),
        ];
        sql(prompt, "players", columns)
    }

    #[test]
    fn a_list_tells_what_was_asked_of_each_row() {
        let told = list("list the players of Ajax with position, salary and height");
        assert!(told.contains("\"position\", \"salary\"") || told.contains("\"position\" AS"), "{told}");
        assert!(told.contains("\"height\"") && told.contains("'Ajax'") && !told.contains("AVG"), "{told}");
        let top = list("list the 10 best paid players with club and height");
        assert!(top.contains("\"club\"") && top.contains("LIMIT 10") && !top.contains("GROUP"), "{top}");
        let limited = list("players taller than 200 cm");
        assert!(limited.contains("\"name\"") && limited.contains("\"height\" > 200"), "{limited}");
        assert!(list("show me players of Real").contains("\"name\""));
        assert!(list("how many players of Real are there").contains("COUNT(*)"));
    }
}
