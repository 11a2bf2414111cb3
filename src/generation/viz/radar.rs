//! A radar: figures as distances from a centre, one direction for each group.
//!
//! Vega-Lite has no polar lines, and a spec of ours has no expressions: the places of corners, rings and labels are computed
//! here, into the spec's own `datasets`. They are drawn by a projection that leaves them as they are, because a
//! projection keeps circles round whatever the size of the chart.

use std::f64::consts::TAU;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::channels::{Drawing, titled};
use super::gauge::full_scale;
use super::{Body, members, rows_as_objects};

/// Directions that can be told apart.
const DIRECTIONS: RangeInclusive<usize> = 3..=24;
const RINGS: usize = 4;
/// How far from the centre the names of the directions stand; the outermost ring is 1.
const NAMES_AT: f64 = 1.1;
/// Width of a letter in the same measure, about, and how many letters of a name are shown.
const LETTER: f64 = 0.062;
const LETTERS_MAX: usize = 16;
/// Names this close to the vertical stand above or below their direction, in the same measure.
const UPRIGHT: f64 = 0.2;

/// Why rows cannot be drawn as a radar, if they cannot.
pub(super) fn obstacle(drawing: &Drawing<'_>) -> Option<String> {
    let count = directions(drawing).len();
    if !DIRECTIONS.contains(&count) {
        let (least, most) = (DIRECTIONS.start(), DIRECTIONS.end());
        return Some(format!("A radar needs {least} to {most} groups, and there are {count}, so these are bars."));
    }
    let mut figures = drawing.goal.encoding.y.iter().flat_map(|y| drawing.values(y)).filter_map(Value::as_f64);
    figures.any(|value| value < 0.0).then(|| "A radar cannot show figures below zero, so these are bars.".to_owned())
}

/// The distinct groups, in the order of the rows.
pub(super) fn directions(drawing: &Drawing<'_>) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let groups = drawing.goal.encoding.x.iter().flat_map(|x| drawing.values(x));
    for value in groups.filter(|value| !value.is_null()) {
        // One more than can be drawn is enough to know that they cannot.
        if found.len() <= *DIRECTIONS.end() && !found.contains(value) {
            found.push(value.clone());
        }
    }
    found
}

pub(super) fn radar(drawing: &Drawing<'_>) -> Body {
    let line = |more: Value| {
        let mut mark = members(json!({"type": "line", "interpolate": "linear-closed", "tooltip": null}));
        mark.extend(members(more));
        mark
    };
    let faint = json!({"color": "#9aa5b1", "strokeOpacity": 0.4, "strokeWidth": 1});
    let place = json!({
        "longitude": {"field": "web_x", "type": "quantitative"}, "latitude": {"field": "web_y", "type": "quantitative"},
    });
    let at = |more: Value| {
        let mut encoding = members(place.clone());
        encoding.extend(members(more));
        encoding
    };
    let order = json!({"field": "web_order", "type": "quantitative"});
    let mut layers = vec![
        json!({
            "data": {"name": "web_rings"}, "mark": line(faint.clone()),
            "encoding": at(json!({"detail": {"field": "web_ring", "type": "nominal"}, "order": order})),
        }),
        json!({
            "data": {"name": "web_spokes"}, "mark": {"type": "rule", "color": "#9aa5b1", "opacity": 0.4, "tooltip": null},
            "encoding": at(json!({"longitude2": {"field": "web_x0"}, "latitude2": {"field": "web_y0"}})),
        }),
        json!({
            "data": {"name": "web_frame"}, "mark": {"type": "point", "opacity": 0, "tooltip": null}, "encoding": place,
        }),
    ];
    let colour = colour(drawing);
    for mark in [line(json!({"filled": true, "opacity": 0.14})), line(json!({"strokeWidth": 2}))] {
        let mut encoding = at(json!({"detail": {"field": "web_line", "type": "nominal"}, "order": order}));
        colour.iter().for_each(|colour| drop(encoding.insert("color".into(), colour.clone())));
        layers.push(json!({"data": {"name": "web_corners"}, "mark": mark, "encoding": encoding}));
    }
    let mut corners = at(json!({"tooltip": drawing.tooltip()}));
    colour.iter().for_each(|colour| drop(corners.insert("color".into(), colour.clone())));
    layers.push(json!({
        "data": {"name": "web_corners"}, "params": [drawing.pick()], "encoding": corners,
        "mark": {"type": "point", "filled": true, "size": 50, "opacity": 1, "cursor": "pointer"},
    }));
    layers.extend(words(drawing, &at));
    members(json!({
        "projection": {"type": "identity"}, "layer": layers, "datasets": datasets(drawing, &directions(drawing)),
    }))
}

/// Names of the directions, and figures of the rings.
fn words(drawing: &Drawing<'_>, at: &impl Fn(Value) -> Body) -> Vec<Value> {
    let name = |set: &str, align: &str| {
        json!({
            "data": {"name": set}, "mark": {"type": "text", "align": align, "fontSize": 11, "tooltip": null},
            "encoding": at(json!({"text": {"field": "web_name", "type": "nominal"}})),
        })
    };
    let mut all = vec![name("web_left", "right"), name("web_upright", "center"), name("web_right", "left")];
    let format = drawing.goal.encoding.y.first().and_then(|y| y.format.as_deref()).unwrap_or("~s");
    let ring = json!({"field": "web_value", "type": "quantitative", "format": if format.contains('%') { format } else { "~s" }});
    all.push(json!({
        "data": {"name": "web_ticks"}, "encoding": at(json!({"text": ring})),
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 10, "opacity": 0.7, "tooltip": null},
    }));
    all
}

/// One colour for each series, or for each of several figures; none where there is one line.
fn colour(drawing: &Drawing<'_>) -> Option<Value> {
    let encoding = &drawing.goal.encoding;
    match (&encoding.series, encoding.y.as_slice()) {
        (Some(series), _) => Some(drawing.colour(series).into()),
        (None, [_, _, ..]) => {
            let lines: Vec<String> = encoding.y.iter().map(titled).collect();
            let legend = json!({"symbolOpacity": 1});
            Some(
                json!({"field": "web_line", "type": "nominal", "title": null, "scale": {"domain": lines}, "legend": legend}),
            )
        }
        _ => None,
    }
}

/// The places of everything, with these groups as directions: those that a filter has left nothing of keep theirs.
pub(super) fn datasets(drawing: &Drawing<'_>, directions: &[Value]) -> Value {
    let encoding = &drawing.goal.encoding;
    let count = directions.len().max(1);
    let point = |direction: usize, distance: f64| {
        let angle = TAU * direction as f64 / count as f64;
        (rounded(distance * angle.sin()), rounded(-distance * angle.cos()))
    };
    let greatest = encoding.y.iter().flat_map(|y| drawing.values(y)).filter_map(Value::as_f64).fold(0.0, f64::max);
    let full = full_scale(greatest);
    let mut corners = Vec::new();
    for row in rows_as_objects(drawing.table) {
        let group = encoding.x.as_ref().and_then(|x| row.get(&x.field));
        let Some(direction) = directions.iter().position(|d| Some(d) == group) else { continue };
        for y in &encoding.y {
            let Some(value) = row.get(&y.field).and_then(Value::as_f64) else { continue };
            let (x, up) = point(direction, value.max(0.0) / full);
            let line = match &encoding.series {
                Some(series) => row.get(&series.field).cloned().unwrap_or_default(),
                None => titled(y).into(),
            };
            let mut corner = row.clone();
            corner.extend(members(json!({"web_x": x, "web_y": up, "web_line": line, "web_order": direction})));
            corners.push(corner);
        }
    }
    let rings = (1..=RINGS).flat_map(|ring| {
        (0..count).map(move |direction| (ring, direction, point(direction, ring as f64 / RINGS as f64)))
    });
    let rings: Vec<Value> = rings
        .map(|(ring, order, (x, y))| json!({"web_ring": ring, "web_order": order, "web_x": x, "web_y": y}))
        .collect();
    let spokes: Vec<Value> = (0..count)
        .map(|direction| point(direction, 1.0))
        .map(|(x, y)| json!({"web_x": x, "web_y": y, "web_x0": 0, "web_y0": 0}))
        .collect();
    // At the outermost one stands the name of a direction.
    let ticks: Vec<Value> = (1..RINGS)
        .map(|ring| ring as f64 / RINGS as f64)
        .map(|part| json!({"web_x": 0, "web_y": rounded(-part), "web_value": full * part}))
        .collect();
    let names: Vec<(f64, f64, String)> = (0..directions.len())
        .map(|direction| (point(direction, NAMES_AT), name(drawing, &directions[direction])))
        .map(|((x, y), name)| (x, y, name))
        .collect();
    let named = |fits: &dyn Fn(f64) -> bool| -> Vec<Value> {
        let those = names.iter().filter(|(x, ..)| fits(*x));
        those.map(|(x, y, name)| json!({"web_x": x, "web_y": y, "web_name": name})).collect()
    };
    let reach = |(x, _, name): &(f64, f64, String)| {
        x.abs() + name.chars().count() as f64 * LETTER * if x.abs() < UPRIGHT { 0.5 } else { 1.0 }
    };
    let side = rounded(names.iter().map(reach).fold(NAMES_AT, f64::max));
    let frame: Vec<Value> =
        [(-side, -1.18), (side, 1.18)].iter().map(|(x, y)| json!({"web_x": x, "web_y": y})).collect();
    json!({
        "web_rings": rings, "web_spokes": spokes, "web_ticks": ticks, "web_frame": frame, "web_corners": corners,
        "web_directions": directions,
        "web_left": named(&|x| x <= -UPRIGHT), "web_upright": named(&|x| x.abs() < UPRIGHT), "web_right": named(&|x| x >= UPRIGHT),
    })
}

/// A direction's name, short enough to stand beside the web.
fn name(drawing: &Drawing<'_>, direction: &Value) -> String {
    let whole = drawing.goal.encoding.x.as_ref().map_or_else(String::new, |x| drawing.shown(x, direction));
    if whole.chars().count() <= LETTERS_MAX {
        return whole;
    }
    let mut short: String = whole.chars().take(LETTERS_MAX - 1).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A place needs no more digits than a screen has pixels.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
