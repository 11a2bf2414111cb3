//! Pies, histograms and boxplots: parts of a whole, and how values are spread.

use std::sync::LazyLock;

use serde_json::{Value, json};
use vizroom_protocol::dashboard::CardKind;

use super::channels::{Drawing, SHORT};
use super::{Body, HEIGHT, members, one, readable};
use crate::planner::Cut;

/// Parts smaller than this get no label of their own: legend and tooltip name them.
const LABELLED_SHARE: f64 = 0.05;

/// Ranges that begin here or further on are written short: `20k`.
const SHORT_RANGES_FROM: f64 = 10_000.0;

/// How far from the centre labels stand, as a part of the radius: whatever the size of the chart, within their slices.
static LABELS_AT: LazyLock<Value> = LazyLock::new(
    || json!({"datum": 0.77, "type": "quantitative", "scale": {"type": "linear", "domain": [0, 1], "zero": false, "nice": false}}),
);

/// Pies and donuts, labelled.
pub(super) fn round(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut shared = Body::new();
    if let Some(y) = encoding.y.first() {
        let mut theta = drawing.figure(y);
        theta.remove("axis");
        theta.insert("stack".into(), true.into());
        shared.insert("theta".into(), theta.into());
        shared.insert("order".into(), json!({"field": y.field, "type": "quantitative", "sort": "descending"}));
    }
    shared.insert("tooltip".into(), drawing.tooltip());
    let donut = drawing.goal.kind == CardKind::Donut;
    let mut arc = members(json!({"type": "arc", "cursor": "pointer"}));
    if donut {
        arc.insert("innerRadius".into(), 50.into());
    }
    let colour = encoding.x.as_ref().map(|x| json!({"color": drawing.colour(x)}));
    let mut layers = vec![json!({
        "params": [drawing.pick()], "mark": arc, "encoding": colour.unwrap_or_else(|| json!({})),
    })];
    let labelled = labelled(drawing);
    if let (Some(y), true) = (encoding.y.first(), labelled > 0) {
        for ink in readable() {
            let mut text = members(json!({"type": "text", "fontSize": 11, "baseline": "middle", "tooltip": null}));
            text.extend(ink);
            let mut label = members(json!({"field": y.field, "type": "quantitative"}));
            drawing.brief(y).into_iter().for_each(|f| drop(label.insert("format".into(), f.into())));
            let seen = json!({"condition": {"test": {"field": "part", "lte": labelled}, "value": 1}, "value": 0});
            layers.push(json!({
                "mark": text,
                "encoding": {"text": label, "radius": LABELS_AT.clone(), "opacity": seen, "detail": detail(drawing)},
            }));
        }
    }
    let mut body = members(json!({"encoding": shared, "layer": layers}));
    if let Some(y) = encoding.y.first() {
        let rank = json!({
            "window": [{"op": "row_number", "as": "part"}], "sort": [{"field": y.field, "order": "descending"}],
        });
        body.insert("transform".into(), json!([rank]));
    }
    body
}

/// Text marks stack as the arcs do only if they are told apart as these are.
fn detail(drawing: &Drawing<'_>) -> Value {
    drawing.goal.encoding.x.as_ref().map_or_else(|| json!([]), |x| json!({"field": x.field, "type": "nominal"}))
}

/// How many parts, from the largest, have room for a label.
fn labelled(drawing: &Drawing<'_>) -> usize {
    let Some(y) = drawing.goal.encoding.y.first() else { return 0 };
    let values: Vec<f64> = drawing.values(y).filter_map(Value::as_f64).collect();
    let total: f64 = values.iter().sum();
    values.iter().filter(|v| **v >= total * LABELLED_SHARE && total > 0.0).count()
}

/// Counts by ranges of equal width.
pub(super) fn histogram(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut channels = Body::new();
    if let Some(x) = &encoding.x {
        let width = drawing.goal.query.dimension(&x.field).and_then(|d| match d.cut {
            Cut::Bin(width) => Some(width),
            _ => None,
        });
        let edges = drawing.values(x).filter_map(Value::as_f64).fold(None, |edges: Option<(f64, f64)>, v| {
            Some(edges.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
        });
        let def = match (width, edges) {
            (Some(width), Some((low, high))) => {
                let mut def = drawing.along(x);
                def.remove("scale");
                // Short only where it is shorter: half of something is no 500 thousandths.
                let axis = match low.abs().max(high.abs()) >= SHORT_RANGES_FROM {
                    true => json!({"format": "~s", "labelExpr": SHORT, "grid": false}),
                    false => json!({"format": ",~r", "grid": false}),
                };
                def.insert("axis".into(), axis);
                // The last range begins at `high`.
                def.insert("bin".into(), json!({"step": width, "extent": [low, high + width]}));
                def
            }
            _ => drawing.groups(x),
        };
        channels.insert("x".into(), def.into());
    }
    if let Some(y) = encoding.y.first() {
        channels.insert("y".into(), drawing.figure(y).into());
    }
    channels.insert("tooltip".into(), drawing.tooltip());
    one(drawing, json!({"type": "bar", "binSpacing": 1, "cursor": "pointer"}), channels)
}

/// Boxes from quartiles that the query computed.
pub(super) fn boxplot(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let [low, lower, middle, upper, high] = encoding.y.as_slice() else { return super::course::bars(drawing) };
    let sideways = encoding.x.as_ref().is_some_and(|x| drawing.reads_sideways(x));
    let (across, along, end) = if sideways { ("y", "x", "x2") } else { ("x", "y", "y2") };
    let mut shared = Body::new();
    if let Some(x) = &encoding.x {
        shared.insert(across.into(), drawing.groups(x).into());
    }
    shared.insert("tooltip".into(), drawing.tooltip());
    let column = || drawing.measure(middle).and_then(|m| m.column.as_deref()).unwrap_or(&middle.label);
    let title = middle.label.strip_prefix("Median of ").unwrap_or_else(column);
    let title = crate::generation::asking::label(title);
    let from = |channel| {
        let mut figure = drawing.figure(channel);
        figure.insert("title".into(), title.clone().into());
        figure.insert("scale".into(), json!({"zero": false}));
        figure
    };
    let mut body = members(json!({"encoding": shared, "layer": [
        {"mark": {"type": "rule"}, "encoding": {along: from(low), end: {"field": high.field}}},
        {
            "params": [drawing.pick()],
            "mark": {"type": "bar", "size": 18, "cursor": "pointer"},
            "encoding": {along: from(lower), end: {"field": upper.field}},
        },
        {
            "mark": {"type": "tick", "color": "white", "size": 18, "thickness": 2},
            "encoding": {along: from(middle)},
        },
    ]}));
    if let (true, Some(x)) = (sideways, &encoding.x) {
        body.insert("height".into(), (drawing.labels(x).len() * 26 + 40).max(HEIGHT as usize).into());
    }
    body
}
