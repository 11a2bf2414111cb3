//! Cards of single rows: scatters and rankings by name.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding};

use super::Goal;
use super::axes::Names;
use super::building::{descends, with_conditions};
use super::channels::channel;
use super::fields::{Data, Role};
use super::intent::{Ask, Intent};
use super::query::{Agg, Cut, Dimension, Measure, Op, Predicate, Query, Rows, Sort};
use super::text::{self, capital};

/// Scatters, rankings of single rows, and lists of rows.
pub fn by_rows(data: &Data<'_>, intent: &Intent) -> Option<Goal> {
    let plain = |a: &Ask| a.field.filter(|_| matches!(a.agg, None | Some(Agg::Value)) && a.over.is_none());
    let figures: Vec<usize> = intent.asks.iter().filter_map(plain).collect();
    let all = figures.len() == intent.asks.len();
    let scatter = matches!(intent.chart, Some(CardKind::Scatter | CardKind::Bubble));
    // Figures that add up are compared side by side; others point by point.
    let untimed = intent.groups.len() == 1 && intent.groups.iter().all(|g| g.grain.is_none() && g.field.is_some());
    let means = untimed && figures.iter().all(|&f| data.fields[f].role == Role::Mean);
    let pair = figures.len() >= 2
        && (scatter
            || intent.colour
            || (intent.correlation && intent.chart.is_none() && (intent.groups.is_empty() || means)));
    if all && pair {
        return Some(scatter_goal(data, intent, &figures));
    }
    let ranked = intent.rank.is_some() && intent.groups.is_empty() && intent.rows && all && !figures.is_empty();
    if ranked {
        return ranking_of_rows(data, intent, &figures);
    }
    None
}

fn scatter_goal(data: &Data<'_>, intent: &Intent, figures: &[usize]) -> Goal {
    let colour = colour(data, intent);
    // A third figure sizes the points.
    let size = figures.get(2).copied().filter(|_| intent.chart == Some(CardKind::Bubble));
    let label = |field: usize| data.fields[field].label.as_str();
    let by = colour.map(|c| format!(" by {}", label(c))).unwrap_or_default();
    let sized = size.map(|s| format!(", sized by {}", label(s))).unwrap_or_default();
    let [x, y] = [figures[0], figures[1]];
    let title = with_conditions(data, format!("{} and {}{sized}{by}", capital(label(x)), label(y)), &intent.filters);
    let description = format!("Each point is one row{sized}.");
    let (query, encoding) = points(data, intent, [x, y], size, colour);
    let kind = if size.is_some() { CardKind::Bubble } else { CardKind::Scatter };
    Goal { kind, title, description, query, encoding }
}

/// The group that colours single rows.
pub fn colour(data: &Data<'_>, intent: &Intent) -> Option<usize> {
    intent.groups.iter().find_map(|g| g.field.filter(|&f| data.fields[f].role != Role::Time))
}

/// Each row as a point at two figures, where it has both.
pub fn points(
    data: &Data<'_>,
    intent: &Intent,
    at: [usize; 2],
    size: Option<usize>,
    colour: Option<usize>,
) -> (Query, Encoding) {
    let mut names = Names::new(data);
    let mut query = Query { dataset: data.dataset.name.clone(), filters: intent.filters.clone(), ..Query::default() };
    let mut channels: Vec<Channel> = Vec::new();
    for index in at.into_iter().chain(size).chain(colour) {
        let field = &data.fields[index];
        let alias = names.plain(&field.column.name);
        channels.push(Channel {
            filter: data.filter_name(&field.column.name),
            ..channel(&alias, &field.label, field, Agg::Value)
        });
        query.measures.push(Measure::new(Agg::Value, Some(&field.column.name), alias));
    }
    for index in at {
        let source = data.fields[index].source();
        query.filters.push(Predicate { source, part: None, op: Op::NotNull, values: Vec::new() });
    }
    // Of more points than can be shown, whoever runs the query takes a sample.
    query.rows = Some(Rows { stride: 1 });
    let series = colour.and_then(|_| channels.pop());
    let mut channels = channels.into_iter();
    (query, Encoding { x: channels.next(), y: channels.collect(), series, target: None })
}

/// `the 10 highest grossing movies`: rows by name, not groups.
fn ranking_of_rows(data: &Data<'_>, intent: &Intent, figures: &[usize]) -> Option<Goal> {
    let figure = *figures.first()?;
    let Some(name) = name_of_row(data) else { return listed_rows(data, intent, figure) };
    // Others stand beside the one that ranks.
    let beside: Vec<&super::fields::Field<'_>> = figures[1..].iter().map(|&f| &data.fields[f]).collect();
    let field = &data.fields[figure];
    let descending = descends(intent, &field.words.iter().map(|w| w.stem.clone()).collect::<Vec<_>>());
    let top = intent.top.unwrap_or(10);
    let mut names = Names::new(data);
    let alias = names.plain(&name.column.name);
    let dimension = Dimension {
        source: name.source(),
        cut: Cut::Whole,
        alias: alias.clone(),
        skip_null: name.may_lack(),
        sides: None,
    };
    let value = names.plain(&field.column.name);
    let mut filters = intent.filters.clone();
    filters.push(Predicate { source: field.source(), part: None, op: Op::NotNull, values: Vec::new() });
    let mut measures = vec![Measure::new(Agg::Value, Some(&field.column.name), value.clone())];
    let mut y = vec![channel(&value, &field.label, field, Agg::Value)];
    for other in &beside {
        let alias = names.plain(&other.column.name);
        y.push(channel(&alias, &other.label, other, Agg::Value));
        measures.push(Measure::new(Agg::Value, Some(&other.column.name), alias));
    }
    let query = Query {
        dataset: data.dataset.name.clone(),
        dimensions: vec![dimension],
        measures,
        filters,
        sort: vec![Sort { alias: value.clone(), descending }, Sort { alias: alias.clone(), descending: false }],
        limit: Some(top),
        rows: Some(Rows { stride: 1 }),
        ..Query::default()
    };
    let noun = text::rows_noun(data);
    let which = if descending { "Top" } else { "Bottom" };
    let with: Vec<String> = beside.iter().map(|f| f.label.clone()).collect();
    let with = if with.is_empty() { String::new() } else { format!(", with {}", text::list(&with)) };
    let end = if descending { "highest" } else { "lowest" };
    let called = match top {
        1 => format!("{} with the {end} {}", capital(&text::singular(&noun)), field.label),
        _ => format!("{which} {top} {noun} by {}{with}", field.label),
    };
    let title = with_conditions(data, called, &intent.filters);
    let description = format!("The {top} rows with the {end} {}; ties in the order of {}.", field.label, name.label);
    let x = Channel { filter: data.filter_name(&name.column.name), ..channel(&alias, &name.label, name, Agg::Value) };
    let kind = match intent.chart {
        Some(CardKind::Table) => CardKind::Table,
        _ => CardKind::Bar,
    };
    Some(Goal { kind, title, description, query, encoding: Encoding { x: Some(x), y, series: None, target: None } })
}

/// The column that tells single rows apart best, where one does.
pub fn name_of_row<'d>(data: &'d Data<'_>) -> Option<&'d super::fields::Field<'d>> {
    super::ranking::naming(data).map(|f| &data.fields[f]).or_else(|| {
        data.fields.iter().find(|f| f.role == Role::Id && !f.joined && f.column.distinct == data.dataset.rows)
    })
}

/// How well a column names the rows; less is better.
pub fn names_well(data: &Data<'_>, field: &super::fields::Field<'_>) -> (u8, usize) {
    let name = field.words.iter().any(|w| matches!(w.lower.as_str(), "name" | "title"));
    let noun = super::words::stem(&data.dataset.name);
    let own = field.words.iter().any(|w| w.stem == noun);
    let rank = match (field.words.len(), name || own) {
        (1, true) => 0,
        (2, true) if own => 1,
        (1, false) => 2,
        (_, true) => 3,
        _ => 4,
    };
    (rank, field.words.len())
}

/// Most columns beside the figure in a list of rows that have no name.
const COLUMNS_MAX: usize = 5;

/// `the longest flights`, which have no names: what else is known of them, and the figure.
fn listed_rows(data: &Data<'_>, intent: &Intent, figure: usize) -> Option<Goal> {
    let field = &data.fields[figure];
    let descending = descends(intent, &field.words.iter().map(|w| w.stem.clone()).collect::<Vec<_>>());
    let top = intent.top.unwrap_or(10);
    let mut names = Names::new(data);
    let mut dimensions = Vec::new();
    let mut channels = Vec::new();
    let shown = data.fields.iter().filter(|f| {
        matches!(f.role, Role::Time | Role::Category | Role::Flag | Role::Ordinal) && f.column.distinct > 1
    });
    for other in shown.filter(|f| !f.joined).take(COLUMNS_MAX) {
        let alias = names.plain(&other.column.name);
        channels.push(Channel {
            filter: data.filter_name(&other.column.name),
            ..channel(&alias, &other.label, other, Agg::Value)
        });
        dimensions.push(Dimension { source: other.source(), cut: Cut::Whole, alias, skip_null: false, sides: None });
    }
    let value = names.plain(&field.column.name);
    let mut filters = intent.filters.clone();
    filters.push(Predicate { source: field.source(), part: None, op: Op::NotNull, values: Vec::new() });
    let mut sort = vec![Sort { alias: value.clone(), descending }];
    sort.extend(dimensions.iter().map(|d| Sort { alias: d.alias.clone(), descending: false }));
    let query = Query {
        dataset: data.dataset.name.clone(),
        dimensions,
        measures: vec![Measure::new(Agg::Value, Some(&field.column.name), value.clone())],
        filters,
        sort,
        limit: Some(top),
        rows: Some(Rows { stride: 1 }),
        ..Query::default()
    };
    let which = if descending { "Top" } else { "Bottom" };
    let noun = text::rows_noun(data);
    let end = if descending { "highest" } else { "lowest" };
    let called = match top {
        1 => format!("{} with the {end} {}", capital(&text::singular(&noun)), field.label),
        _ => format!("{which} {top} {noun} by {}", field.label),
    };
    let title = with_conditions(data, called, &intent.filters);
    let description = format!("The {top} rows with the {end} {}.", field.label);
    let mut channels = channels.into_iter();
    let encoding = Encoding {
        x: Some(channels.next()?),
        y: vec![channel(&value, &field.label, field, Agg::Value)],
        series: channels.next(),
        target: None,
    };
    Some(Goal { kind: CardKind::Table, title, description, query, encoding })
}
