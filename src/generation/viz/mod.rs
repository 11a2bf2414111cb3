//! The third stage: a goal and its rows become a Vega-Lite 6 spec.
//!
//! A spec names its rows (`"data": {"name": "rows"}`) instead of holding them, loads nothing, links nowhere, and its
//! only expressions are three constants for labels (`channels.rs`). It is made from a card's unfiltered rows, so that a filter changes
//! rows but neither colours nor axes. What must be computed of the rows and Vega-Lite cannot without an expression stands
//! in the spec's own `datasets`; they follow the rows ([`follow`]). `usermeta` says what the picture itself cannot: `notes`
//! for a reader, and `shapes`, the outlines that a map needs ([`maps`]).

mod channels;
mod course;
mod gauge;
mod maps;
mod places;
mod points;
mod radar;
mod spread;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};
use vizroom_protocol::dashboard::{CardKind, Theme};
use vizroom_protocol::file::Table;

use super::theme;
use crate::planner::Goal;
use channels::Drawing;

/// The spec of a card; none for figures, sentences and tables.
///
/// Rows that do not suit the kind asked for (a radar of two groups, a map of names that are no places) are drawn as bars or
/// points, which say the same; a note says why.
pub fn spec(goal: &Goal, table: &Table, theme: Theme) -> Option<Value> {
    let drawing = Drawing { goal, table };
    let (body, meta) = body(&drawing)?;
    let mut spec = Map::new();
    spec.insert("$schema".into(), "https://vega.github.io/schema/vega-lite/v6.json".into());
    spec.insert("description".into(), format!("{}. {}", goal.title, goal.description).into());
    spec.insert("data".into(), json!({"name": "rows"}));
    spec.insert("width".into(), "container".into());
    spec.insert("height".into(), HEIGHT.into());
    spec.insert("autosize".into(), json!({"type": "fit", "contains": "padding"}));
    spec.extend(body);
    spec.insert("config".into(), theme::config(theme));
    if !meta.is_empty() {
        spec.insert("usermeta".into(), meta.into());
    }
    Some(spec.into())
}

/// What is drawn, and what is to be said of it.
fn body(drawing: &Drawing<'_>) -> Option<(Body, Body)> {
    let encoding = &drawing.goal.encoding;
    let plain = |body: Body| Some((body, Body::new()));
    let bars = |why: String| Some((course::bars(drawing), members(json!({"notes": [why]}))));
    match drawing.goal.kind {
        CardKind::Kpi | CardKind::Table | CardKind::Insight => None,
        CardKind::Line | CardKind::Area => plain(course::course(drawing)),
        CardKind::Gauge if encoding.x.is_some() => bars("A gauge shows one figure, so these are bars.".into()),
        CardKind::Gauge => plain(gauge::gauge(drawing)),
        CardKind::Bar => plain(course::bars(drawing)),
        CardKind::Radar => match radar::obstacle(drawing) {
            Some(why) => bars(why),
            None => plain(radar::radar(drawing)),
        },
        CardKind::Choropleth => match maps::located(drawing) {
            Err(why) => bars(why),
            Ok(located) => {
                let mut meta = members(json!({"shapes": located.atlas.name()}));
                maps::missing(&located).into_iter().for_each(|note| drop(meta.insert("notes".into(), json!([note]))));
                Some((maps::choropleth(drawing, &located), meta))
            }
        },
        CardKind::Geomap => match maps::below(drawing) {
            Err(why) => Some((points::scatter(drawing), members(json!({"notes": [why]})))),
            Ok(below) => {
                let atlas = maps::atlas(below).map(|atlas| members(json!({"shapes": atlas.name()})));
                Some((maps::geomap(drawing, below), atlas.unwrap_or_default()))
            }
        },
        CardKind::Funnel => plain(gauge::funnel(drawing)),
        CardKind::Pie | CardKind::Donut => plain(spread::round(drawing)),
        CardKind::Histogram => plain(spread::histogram(drawing)),
        CardKind::Boxplot => plain(spread::boxplot(drawing)),
        CardKind::Heatmap => plain(points::heatmap(drawing)),
        CardKind::Scatter | CardKind::Bubble => plain(points::scatter(drawing)),
    }
}

/// Brings what a spec holds of its rows up to date with other rows; colours and axes stay.
pub(super) fn follow(spec: &mut Value, goal: &Goal, table: &Table) {
    let drawing = Drawing { goal, table };
    let Some(datasets) = spec.get_mut("datasets") else { return };
    *datasets = match datasets.get("web_directions").and_then(Value::as_array) {
        Some(directions) => radar::datasets(&drawing, directions),
        None => gauge::shares(&drawing),
    };
}

/// What a reader must know of how a card is drawn.
pub(super) fn notes(spec: Option<&Value>) -> Vec<String> {
    let notes = spec.and_then(|spec| spec.get("usermeta")?.get("notes")?.as_array());
    notes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Gives a spec the colours of another theme.
pub fn recolour(spec: &mut Value, theme: Theme) {
    if let Value::Object(spec) = spec {
        spec.insert("config".into(), theme::config(theme));
    }
}

/// Of a chart whose page does not say otherwise, in pixels.
const HEIGHT: u32 = 300;

/// What [`spec`] adds to its frame.
type Body = Map<String, Value>;

/// An object's members.
fn members(value: Value) -> Body {
    match value {
        Value::Object(members) => members,
        other => unreachable!("a literal of ours is an object, not {other}"),
    }
}

/// The one mark of a chart with its encoding, and the parameter `pick` that says which mark was clicked.
fn one(drawing: &Drawing<'_>, mark: Value, encoding: Body) -> Body {
    members(json!({"params": [drawing.pick()], "mark": mark, "encoding": encoding}))
}

/// Rows as objects.
fn rows_as_objects(table: &Table) -> impl Iterator<Item = Body> {
    let object = |row: &Vec<Value>| {
        table.columns.iter().zip(row).map(|(column, value)| (column.name.clone(), value.clone())).collect()
    };
    table.rows.iter().map(object)
}

/// Text that is readable on any colour: a light rim, and dark letters on it.
fn readable() -> [Body; 2] {
    [
        json!({"stroke": "white", "strokeWidth": 3, "strokeOpacity": 0.75, "strokeJoin": "round"}),
        json!({"fill": "#1f2933"}),
    ]
    .map(members)
}
