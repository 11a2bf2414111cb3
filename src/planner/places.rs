//! Maps: which column names places, and where the rows lie.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding};

use super::Goal;
use super::axes::Names;
use super::building::with_conditions;
use super::channels::channel;
use super::fields::{Data, Role};
use super::intent::{Group, Intent};
use super::query::{Agg, Measure, Op, Predicate, Query, Rows};
use super::text::{self, capital};

/// A map names the places that its figures are of, where the data names any: countries rather than states, for they are
/// seldom both.
pub fn placed(data: &Data<'_>, intent: &mut Intent) {
    if intent.chart != Some(CardKind::Choropleth) || !intent.groups.is_empty() {
        return;
    }
    let named = |word: &str| {
        data.fields.iter().position(|f| {
            matches!(f.role, Role::Category | Role::Label | Role::Id) && f.words.iter().any(|w| w.lower == word)
        })
    };
    match ["country", "nation", "state", "province"].into_iter().find_map(named) {
        Some(field) => intent.groups.push(Group { field: Some(field), grain: None }),
        None if position(data).is_some() => intent.chart = Some(CardKind::Geomap),
        None => {}
    }
}

/// The columns of longitude and latitude.
fn position(data: &Data<'_>) -> Option<(usize, usize)> {
    let of = |word: &str| data.fields.iter().position(|f| f.is_number() && f.words.iter().any(|w| w.lower == word));
    Some((of("longitude").or_else(|| of("long"))?, of("latitude")?))
}

/// Each row where it lies; sized by a figure and coloured by a group, where they are named.
pub fn points(data: &Data<'_>, intent: &Intent) -> Option<Goal> {
    let (x, y) = position(data).filter(|_| intent.chart == Some(CardKind::Geomap))?;
    let size = intent.asks.iter().find_map(|a| a.field.filter(|&f| f != x && f != y && data.fields[f].is_measure()));
    let colour = intent.groups.iter().find_map(|g| g.field.filter(|&f| data.fields[f].role != Role::Time));
    let mut names = Names::new(data);
    let mut query = Query { dataset: data.dataset.name.clone(), filters: intent.filters.clone(), ..Query::default() };
    let mut channels: Vec<Channel> = Vec::new();
    for index in [Some(x), Some(y), size, colour].into_iter().flatten() {
        let field = &data.fields[index];
        let alias = names.plain(&field.column.name);
        channels.push(Channel {
            filter: data.filter_name(&field.column.name),
            ..channel(&alias, &field.label, field, Agg::Value)
        });
        query.measures.push(Measure::new(Agg::Value, Some(&field.column.name), alias));
    }
    for index in [x, y] {
        let source = data.fields[index].source();
        query.filters.push(Predicate { source, part: None, op: Op::NotNull, values: Vec::new() });
    }
    query.rows = Some(Rows { stride: 1 });
    let series = colour.and_then(|_| channels.pop());
    let mut channels = channels.into_iter();
    let encoding = Encoding { x: channels.next(), y: channels.collect(), series, target: None };
    let noun = text::rows_noun(data);
    let what = if noun == "rows" { "places".to_owned() } else { noun };
    let by = size.map(|f| format!(" by {}", data.fields[f].label)).unwrap_or_default();
    let title = with_conditions(data, format!("Map of {what}{by}"), &intent.filters);
    let description = format!(
        "Each point is one row{}.",
        size.map(|f| format!(", sized by {}", data.fields[f].label)).unwrap_or_default()
    );
    Some(Goal { kind: CardKind::Geomap, title: capital(&title), description, query, encoding })
}
