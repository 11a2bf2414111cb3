//! Bars, lines and areas: figures by groups or over time.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::{CardKind, Channel};

use super::channels::{Drawing, Nature, titled, unlike};
use super::{Body, HEIGHT, members, one};

/// Pixels of a horizontal bar with its gap.
const STEP: usize = 22;
/// Above this many rows the points of a line are there to be clicked, not to be seen.
const POINTS_SHOWN: usize = 40;

/// Bars. Series that add up to a whole are stacked, others stand side by side.
pub(super) fn bars(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let sideways = encoding.x.as_ref().is_some_and(|x| drawing.reads_sideways(x));
    let (across, up, offset) = if sideways { ("y", "x", "yOffset") } else { ("x", "y", "xOffset") };
    let mut shared = Body::new();
    if let Some(x) = &encoding.x {
        let mut groups = drawing.groups(x);
        if sideways {
            groups.insert("axis".into(), json!({"labelLimit": 220, "grid": false}));
        }
        // Stacked bars are ranked by their sums; single ones are in the order of the rows already.
        if let (Some(y), Some(descending), Some(_)) = (encoding.y.first(), drawing.ranked(), &encoding.series)
            && groups.get("type") != Some(&json!("temporal"))
        {
            let order = if descending { "descending" } else { "ascending" };
            groups.insert("sort".into(), json!({"field": y.field, "op": "sum", "order": order}));
        }
        shared.insert(across.into(), groups.into());
    }
    shared.insert("tooltip".into(), drawing.tooltip());
    let stacked = encoding.y.first().is_some_and(|y| drawing.adds_up(y));
    let mark = json!({"type": "bar", "cornerRadiusEnd": 2, "cursor": "pointer"});
    let mut body = several(
        drawing,
        shared,
        |y, shared| {
            let mut figure = drawing.figure(y);
            if !stacked {
                figure.insert("stack".into(), Value::Null);
            }
            shared.insert(up.into(), figure.into());
            if let Some(series) = &encoding.series {
                shared.insert("color".into(), drawing.colour(series).into());
                if !stacked {
                    shared.insert(offset.into(), json!({"field": series.field, "type": "nominal"}));
                }
            }
            mark.clone()
        },
        Some(offset),
    );
    if let (true, Some(x)) = (sideways, &encoding.x) {
        let bars = if stacked { 1 } else { encoding.series.as_ref().map_or(1, |s| drawing.labels(s).len()) };
        let bars = bars.max(encoding.y.len()).max(1);
        // A bar of a group is half as thick as one that stands alone.
        let height = drawing.labels(x).len() * STEP * bars.div_ceil(2) + 40;
        body.insert("height".into(), height.max(HEIGHT as usize).into());
    }
    body
}

/// Lines and areas over time or another order.
pub(super) fn course(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let area = drawing.goal.kind == CardKind::Area;
    let mut shared = Body::new();
    if let Some(x) = &encoding.x {
        shared.insert("x".into(), drawing.along(x).into());
    }
    if let Some(series) = &encoding.series {
        shared.insert("color".into(), drawing.colour(series).into());
    }
    shared.insert("tooltip".into(), drawing.tooltip());
    let (one_figure, unlike) = (encoding.y.len() <= 1, unlike(&encoding.y));
    let mut layers = Vec::new();
    for y in &encoding.y {
        let mut figure = drawing.figure(y);
        if !one_figure && !unlike {
            figure.insert("title".into(), joint_title(&encoding.y).into());
        }
        let stacked = area && drawing.adds_up(y) && one_figure;
        figure.insert("stack".into(), if stacked { "zero".into() } else { Value::Null });
        // Amounts are compared with nothing; averages and prices among themselves.
        figure.insert("scale".into(), json!({"zero": area || encoding.y.iter().any(|y| drawing.adds_up(y))}));
        let mut own = members(json!({"y": figure}));
        if !one_figure {
            own.insert("color".into(), json!({"datum": titled(y), "type": "nominal"}));
        }
        let mark = match (area, stacked) {
            (true, true) => json!({"type": "area", "opacity": 0.85}),
            (true, false) => json!({"type": "area", "opacity": 0.3, "line": true}),
            (false, _) => json!({"type": "line", "strokeWidth": 2}),
        };
        layers.push(json!({"mark": mark, "encoding": own}));
        let seen = if drawing.table.rows.len() <= POINTS_SHOWN && !area { 1 } else { 0 };
        let point = json!({"type": "point", "filled": true, "size": 45, "opacity": seen, "cursor": "pointer"});
        layers.push(json!({"mark": point, "encoding": own}));
    }
    // One parameter for the chart: on the points of its first figure.
    if let Some(Value::Object(points)) = layers.get_mut(1) {
        points.insert("params".into(), json!([drawing.pick()]));
    }
    if !unlike {
        return members(json!({"encoding": shared, "layer": layers}));
    }
    let figures: Vec<Value> = layers.chunks(2).map(|figure| json!({"layer": figure})).collect();
    members(json!({"encoding": shared, "layer": figures, "resolve": {"scale": {"y": "independent"}}}))
}

/// One mark, or one layer for each of several figures, told apart by colour and `offset`.
fn several(
    drawing: &Drawing<'_>,
    shared: Body,
    mut draw: impl FnMut(&Channel, &mut Body) -> Value,
    offset: Option<&str>,
) -> Body {
    let figures = &drawing.goal.encoding.y;
    let [first, _, ..] = figures.as_slice() else {
        let mut channels = shared;
        let mark = figures.first().map_or_else(|| json!("bar"), |y| draw(y, &mut channels));
        return one(drawing, mark, channels);
    };
    let (mut layers, mut resolve) = (Vec::new(), Body::new());
    for y in figures {
        let mut own = Body::new();
        let mark = draw(y, &mut own);
        for axis in ["x", "y"] {
            match own.get_mut(axis) {
                Some(_) if unlike(figures) => drop(resolve.insert(axis.into(), json!("independent"))),
                Some(Value::Object(figure)) => drop(figure.insert("title".into(), joint_title(figures).into())),
                _ => {}
            }
        }
        own.insert("color".into(), json!({"datum": titled(y), "type": "nominal"}));
        if let Some(offset) = offset {
            own.insert(offset.into(), json!({"datum": titled(y), "type": "nominal"}));
        }
        let mut layer = members(json!({"mark": mark, "encoding": own}));
        if y.field == first.field {
            layer.insert("params".into(), json!([drawing.pick()]));
        }
        layers.push(layer);
    }
    let mut body = members(json!({"encoding": shared, "layer": layers}));
    if !resolve.is_empty() {
        body.insert("resolve".into(), json!({"scale": resolve}));
    }
    body
}

/// `Sales and profit ($)`
fn joint_title(figures: &[Channel]) -> String {
    let labels: Vec<&str> = figures.iter().map(|y| y.label.as_str()).collect();
    labels.join(" / ")
}

impl Drawing<'_> {
    /// Whether the axis is a course of time.
    pub(super) fn is_timed(&self, channel: &Channel) -> bool {
        matches!(self.nature(channel), Nature::Time(_))
    }
}
