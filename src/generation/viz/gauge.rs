//! A figure on half a ring, and steps below each other: charts of layered marks.

use serde_json::{Value, json};

use super::channels::{Drawing, titled};
use super::{Body, members, readable, rows_as_objects};

const QUARTER_TURN: f64 = std::f64::consts::FRAC_PI_2;
/// Pixels of the ring, and how far its centre lies below the middle of the chart.
const RADIUS: f64 = 110.0;
const INNER_RADIUS: f64 = 82.0;
const CENTRE_BELOW: f64 = 45.0;

/// Half a ring, filled as far as the figure goes; the target, or else the next round number, is where it ends.
pub(super) fn gauge(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let Some(y) = encoding.y.first() else { return Body::new() };
    let value = drawing.values(y).find_map(Value::as_f64).unwrap_or(0.0);
    let full = encoding.target.filter(|target| *target > 0.0).unwrap_or_else(|| full_scale(value));
    let ring = |more: Value| {
        let mut mark = members(json!({
            "type": "arc", "innerRadius": INNER_RADIUS, "outerRadius": RADIUS, "yOffset": CENTRE_BELOW, "cornerRadius": 3, "stroke": null,
        }));
        mark.extend(members(more));
        mark
    };
    let theta = json!({
        "field": y.field, "type": "quantitative", "stack": null,
        "scale": {"domain": [0, full], "range": [-QUARTER_TURN, QUARTER_TURN], "clamp": true},
    });
    let mut figure = members(json!({"field": y.field, "type": "quantitative"}));
    // Up to here there is room for every digit.
    let format = if value.abs() < 1e7 { y.format.clone().map(|f| f.replace(".2f", ".2~f")) } else { drawing.brief(y) };
    format.into_iter().for_each(|f| drop(figure.insert("format".into(), f.into())));
    let middle = (RADIUS + INNER_RADIUS) / 2.0;
    let small = |x: f64, down: f64, more: Value| {
        let mut mark = members(json!({
            "type": "text", "fontSize": 11, "opacity": 0.75, "xOffset": x, "yOffset": CENTRE_BELOW + down, "tooltip": null,
        }));
        mark.extend(members(more));
        mark
    };
    let end = |at: f64, value: f64| {
        let format = drawing.brief(y).unwrap_or_else(|| "~s".into());
        let text = json!({"datum": value, "type": "quantitative", "format": format});
        json!({"data": {"values": [{}]}, "mark": small(at, 14.0, json!({})), "encoding": {"text": text}})
    };
    let words = |x: f64, down: f64, text: &str| json!({"data": {"values": [{}]}, "mark": small(x, down, json!({"text": text}))});
    let mut layers = vec![
        json!({
            "data": {"values": [{}]},
            "mark": ring(json!({"color": "#9aa5b1", "opacity": 0.25, "tooltip": null})),
            "encoding": {"theta": {"value": -QUARTER_TURN}, "theta2": {"value": QUARTER_TURN}},
        }),
        json!({
            "params": [drawing.pick()], "mark": ring(json!({"cursor": "pointer"})),
            "encoding": {"theta": theta, "theta2": {"datum": 0}, "tooltip": drawing.tooltip()},
        }),
        json!({
            "mark": {"type": "text", "fontSize": 28, "fontWeight": 600, "yOffset": CENTRE_BELOW - 14.0, "tooltip": null},
            "encoding": {"text": figure},
        }),
        words(0.0, 14.0, &titled(y)),
        end(-middle, 0.0),
        end(middle, full),
    ];
    layers.extend(encoding.target.map(|_| words(middle, 28.0, "target")));
    members(json!({"layer": layers}))
}

/// The next of 1, 2 and 5 times a power of ten that holds a value.
pub(super) fn full_scale(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let ten = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|n| n * ten).find(|full| *full >= value).unwrap_or(10.0 * ten)
}

/// Where the funnel's parts of its widest step stand.
const SHARES: &str = "step_shares";

/// Steps in the order of the rows, centred below each other; beside each its part of the widest one.
pub(super) fn funnel(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut shared = Body::new();
    if let Some(x) = &encoding.x {
        let mut steps = drawing.groups(x);
        steps.insert(
            "axis".into(),
            json!({"labelLimit": 160, "grid": false, "domain": false, "ticks": false, "title": null}),
        );
        steps.insert("sort".into(), Value::Null);
        shared.insert("y".into(), steps.into());
    }
    let mut bars = members(json!({"tooltip": drawing.tooltip()}));
    let mut layers = Vec::new();
    if let Some(y) = encoding.y.first() {
        let mut width = drawing.figure(y);
        width.insert("stack".into(), "center".into());
        width.insert("axis".into(), Value::Null);
        // Room at the sides for what stands beside the widest step.
        width.insert("scale".into(), json!({"padding": 40, "nice": false}));
        bars.insert("x".into(), width.into());
        let mark = json!({"type": "bar", "cornerRadius": 3, "cursor": "pointer"});
        layers.push(json!({"params": [drawing.pick()], "mark": mark, "encoding": bars}));
        let mut figure = members(json!({"field": y.field, "type": "quantitative"}));
        drawing.brief(y).into_iter().for_each(|f| drop(figure.insert("format".into(), f.into())));
        for ink in readable() {
            let mut text = members(json!({"type": "text", "fontSize": 12, "fontWeight": 500, "tooltip": null}));
            text.extend(ink);
            layers.push(json!({"mark": text, "encoding": {"text": figure}}));
        }
        let text = json!({"type": "text", "align": "right", "fontSize": 11, "opacity": 0.75, "tooltip": null});
        let share = json!({"field": "step_share", "type": "quantitative", "format": ".0%"});
        layers.push(json!({
            "data": {"name": SHARES}, "mark": text, "encoding": {"x": {"value": "width"}, "text": share},
        }));
    }
    members(json!({"encoding": shared, "layer": layers, "datasets": shares(drawing)}))
}

/// Each row with its part of the largest figure.
pub(super) fn shares(drawing: &Drawing<'_>) -> Value {
    let Some(y) = drawing.goal.encoding.y.first() else { return json!({}) };
    let widest = drawing.values(y).filter_map(Value::as_f64).fold(0.0, f64::max);
    let share = |mut row: Body| {
        let part = row.get(&y.field).and_then(Value::as_f64).filter(|_| widest > 0.0).map(|value| value / widest);
        row.insert("step_share".into(), json!(part));
        Value::from(row)
    };
    json!({SHARES: rows_as_objects(drawing.table).map(share).collect::<Vec<_>>()})
}
