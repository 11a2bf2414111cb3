//! Rows as they are: `list the volcanoes in Italy`.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding};

use super::Goal;
use super::axes::Names;
use super::building::with_conditions;
use super::channels::channel;
use super::fields::{Data, Field, Role};
use super::intent::{Ask, Intent};
use super::lexicon::Rank;
use super::query::{Agg, Cut, Dimension, Measure, Query, Rows, Sort};
use super::rowwise::names_well;
use super::text::{self, capital};

/// Most columns of a list, and most rows.
const COLUMNS_MAX: usize = 8;
const ROWS_MAX: u64 = 1_000;

/// How many are the newest, where nobody says.
const RECENT: u64 = 10;

/// A table of the rows that the conditions leave, each by its name first.
pub fn rows(data: &Data<'_>, intent: &Intent) -> Option<Goal> {
    // `list the countries` where each row is one.
    let each = intent.groups.iter().all(|g| g.field.is_some_and(|f| data.names_each(f)));
    let list = intent.chart == Some(CardKind::Table) && intent.asks.is_empty() && intent.having.is_empty() && each;
    let list = list && intent.rank.is_none() && (intent.rows || !intent.groups.is_empty());
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
    let order = |f: &&Field<'_>| match f.role {
        // Artists of songs are told more than once: the songs come first.
        Role::Label => {
            let (rank, words) = names_well(data, f);
            let each = (0..data.fields.len()).any(|i| std::ptr::eq(&data.fields[i], *f) && data.names_each(i));
            (0, (rank + if each { 0 } else { 8 }, words))
        }
        Role::Category | Role::Flag | Role::Time => (1, (0, 0)),
        Role::Sum | Role::Mean | Role::Ordinal => (2, (0, 0)),
        _ => (3, (0, 0)),
    };
    shown.sort_by_key(|f| (!time.is_some_and(|t| std::ptr::eq(t, *f)), order(f)));
    // One name is enough.
    let mut named = false;
    shown.retain(|f| f.role != Role::Label || !std::mem::replace(&mut named, true));
    shown.truncate(COLUMNS_MAX);
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
            query.dimensions.push(Dimension { source: field.source(), cut: Cut::Whole, alias, skip_null: false });
        }
    }
    query.sort = query.dimensions.iter().map(|d| Sort { alias: d.alias.clone(), descending: false }).collect();
    if let Some(first) = query.sort.first_mut().filter(|_| time.is_some()) {
        first.descending = newest;
    }
    query.limit = Some(intent.top.unwrap_or(if time.is_some() { RECENT } else { ROWS_MAX }));
    query.rows = Some(Rows { stride: 1 });
    let noun = text::rows_noun(data);
    let which = if newest { "newest" } else { "oldest" };
    let (called, order) = match time {
        Some(time) => (format!("{which} {noun}"), format!("by {}, the {which} first", time.label)),
        None => (noun.clone(), "in the order of their names".to_owned()),
    };
    let title = with_conditions(data, capital(&called), &intent.filters);
    let description = format!("The {noun} as they are, {order}.");
    let (y, groups): (Vec<_>, Vec<_>) = channels.into_iter().partition(|(_, number)| *number);
    let mut groups = groups.into_iter().map(|(c, _)| c);
    let encoding =
        Encoding { x: groups.next(), series: groups.next(), y: y.into_iter().map(|(c, _)| c).collect(), target: None };
    encoding.x.is_some().then_some(Goal { kind: CardKind::Table, title, description, query, encoding })
}
