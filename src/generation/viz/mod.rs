//! The third stage: a goal and its rows become a Vega-Lite 6 spec.
//!
//! A spec names its rows (`"data": {"name": "rows"}`) instead of holding them, loads nothing, links nowhere, and its
//! only expressions are the two label lists below. It is made from a card's unfiltered rows, so that a filter changes
//! rows but neither colours nor axes.

mod channels;
mod course;
mod points;
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
/// Kinds without a Vega-Lite form of their own (radar, and choropleth, for which there are no shapes) are drawn as bars,
/// which say the same; so is a gauge of several groups.
pub fn spec(goal: &Goal, table: &Table, theme: Theme) -> Option<Value> {
    let drawing = Drawing { goal, table };
    let body = match goal.kind {
        CardKind::Kpi | CardKind::Table | CardKind::Insight => return None,
        CardKind::Line | CardKind::Area => course::course(&drawing),
        CardKind::Gauge if goal.encoding.x.is_none() => spread::gauge(&drawing),
        CardKind::Bar | CardKind::Radar | CardKind::Gauge | CardKind::Choropleth => course::bars(&drawing),
        CardKind::Funnel => course::funnel(&drawing),
        CardKind::Pie | CardKind::Donut => spread::round(&drawing),
        CardKind::Histogram => spread::histogram(&drawing),
        CardKind::Boxplot => spread::boxplot(&drawing),
        CardKind::Heatmap => points::heatmap(&drawing),
        CardKind::Scatter | CardKind::Bubble => points::scatter(&drawing),
        CardKind::Geomap => points::map(&drawing),
    };
    let mut spec = Map::new();
    spec.insert("$schema".into(), "https://vega.github.io/schema/vega-lite/v6.json".into());
    spec.insert("description".into(), format!("{}. {}", goal.title, goal.description).into());
    spec.insert("data".into(), json!({"name": "rows"}));
    spec.insert("width".into(), "container".into());
    spec.insert("height".into(), HEIGHT.into());
    spec.insert("autosize".into(), json!({"type": "fit", "contains": "padding"}));
    spec.extend(body);
    spec.insert("config".into(), theme::config(theme));
    Some(spec.into())
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
