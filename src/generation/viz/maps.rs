//! Maps: points by longitude and latitude, and figures of countries or states.
//!
//! A spec loads nothing, so a map names its outlines: `{"name": "shapes"}` are to be the features of the atlas that
//! `usermeta.shapes` says, `world` (npm `world-atlas`, `countries-110m`) or `us` (npm `us-atlas`, `states-10m`).

use serde_json::{Value, json};

use super::channels::{Drawing, titled};
use super::places::{self, Atlas, Located};
use super::{Body, members};

/// Spans in degrees of longitude and latitude from which on a map of the world is a help.
const WORLD_SPAN: (f64, f64) = (60.0, 35.0);
/// Corners of the contiguous United States, in degrees.
const US: ((f64, f64), (f64, f64)) = ((-125.0, 24.0), (-66.0, 50.0));
/// Names said to be missing from a map.
const MISSING_SAID: usize = 5;

/// Where the rows of a choropleth lie, or why there can be none.
pub(super) fn located(drawing: &Drawing<'_>) -> Result<Located, String> {
    let encoding = &drawing.goal.encoding;
    let Some(x) = &encoding.x else { return Err("A map needs names of places, so these are bars.".into()) };
    if encoding.series.is_some() || encoding.y.len() > 1 {
        return Err("A map shows one figure for each place, and here are several, so these are bars.".into());
    }
    let labels = drawing.labels(x);
    let names: Vec<&str> = labels.values().filter_map(|value| value.as_str()).collect();
    places::locate(&names, &x.label).map_err(|known| match known {
        0 => "None of the names is a country or a US state, so these are bars.".to_owned(),
        known => format!("Only {known} of {} names are countries or US states, so these are bars.", labels.len()),
    })
}

/// What a reader must know of names that are on no map.
pub(super) fn missing(located: &Located) -> Option<String> {
    let names = &located.unknown;
    let said = names.iter().take(MISSING_SAID).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        count if count > MISSING_SAID => Some(format!("Not on the map: {said} and {} more.", count - MISSING_SAID)),
        _ => Some(format!("Not on the map: {said}.")),
    }
}

/// Places by name, coloured by the figure.
pub(super) fn choropleth(drawing: &Drawing<'_>, located: &Located) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut channels = members(json!({"shape": {"field": "outline", "type": "geojson"}, "tooltip": drawing.tooltip()}));
    if let Some(y) = encoding.y.first() {
        channels.insert("color".into(), drawing.shade(y).into());
    }
    let field = encoding.x.as_ref().map_or("", |x| x.field.as_str());
    let names: Vec<Value> =
        located.known.iter().map(|(name, place)| json!({"place_name": name, "place": place})).collect();
    let transform = json!([
        {"lookup": field, "from": {"data": {"values": names}, "key": "place_name", "fields": ["place"]}},
        {"lookup": "place", "from": {"data": {"name": "shapes"}, "key": "id"}, "as": "outline"},
    ]);
    members(json!({
        "projection": projection(located.atlas),
        "layer": [
            ground(),
            {
                "transform": transform, "params": [drawing.pick()], "encoding": channels,
                "mark": {"type": "geoshape", "stroke": "#9aa5b1", "strokeWidth": 0.5, "cursor": "pointer"},
            },
        ],
    }))
}

/// Land without figures.
fn ground() -> Value {
    json!({
        "data": {"name": "shapes"},
        "mark": {
            "type": "geoshape", "fill": "#9aa5b1", "fillOpacity": 0.16, "stroke": "#9aa5b1", "strokeOpacity": 0.5,
            "strokeWidth": 0.5, "tooltip": null,
        },
    })
}

fn projection(atlas: Atlas) -> Value {
    match atlas {
        Atlas::World => json!({"type": "equalEarth"}),
        Atlas::Us => json!({"type": "albersUsa"}),
    }
}

/// What lies below points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ground {
    Atlas(Atlas),
    /// A net of lines: the points are too close to each other for any outline.
    Net {
        west: f64,
        south: f64,
        east: f64,
        north: f64,
    },
}

/// What the points of a geomap need below them, or why they are on no map.
pub(super) fn below(drawing: &Drawing<'_>) -> Result<Ground, String> {
    let encoding = &drawing.goal.encoding;
    let edges = |channel: Option<&vizroom_protocol::dashboard::Channel>| {
        let values = channel.into_iter().flat_map(|c| drawing.values(c)).filter_map(Value::as_f64);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((west, east), (south, north)) = (edges(encoding.x.as_ref()), edges(encoding.y.first()));
    if !(west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0) {
        return Err("These are no longitudes and latitudes in degrees, so this is a plain scatter plot.".into());
    }
    let (low, high) = US;
    let wide = east - west >= WORLD_SPAN.0 || north - south >= WORLD_SPAN.1;
    let us = west >= low.0 && south >= low.1 && east <= high.0 && north <= high.1;
    Ok(match (us && east - west >= 10.0, wide) {
        (true, _) => Ground::Atlas(Atlas::Us),
        (_, true) => Ground::Atlas(Atlas::World),
        _ => Ground::Net { west, south, east, north },
    })
}

/// Points by longitude (`x`) and latitude (the first `y`), sized by the second figure.
pub(super) fn geomap(drawing: &Drawing<'_>, below: Ground) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut channels = Body::new();
    if let Some(x) = &encoding.x {
        channels.insert("longitude".into(), json!({"field": x.field, "type": "quantitative"}));
    }
    if let Some(y) = encoding.y.first() {
        channels.insert("latitude".into(), json!({"field": y.field, "type": "quantitative"}));
    }
    if let Some(size) = encoding.y.get(1) {
        channels.insert("size".into(), drawing.size(size).into());
    }
    if let Some(series) = &encoding.series {
        channels.insert("color".into(), drawing.colour(series).into());
    }
    channels.insert("tooltip".into(), drawing.tooltip());
    let points = json!({
        "params": [drawing.pick()], "encoding": channels,
        "mark": {"type": "circle", "opacity": 0.65, "cursor": "pointer"},
    });
    let (ground, projection) = match below {
        Ground::Atlas(atlas) => (ground(), projection(atlas)),
        Ground::Net { west, south, east, north } => (net(west, south, east, north), json!({"type": "mercator"})),
    };
    members(json!({"projection": projection, "layer": [ground, points]}))
}

/// Meridians and parallels around points, at round degrees.
fn net(west: f64, south: f64, east: f64, north: f64) -> Value {
    let step = super::gauge::full_scale(((east - west).max(north - south) / 5.0).max(0.01));
    let down = |v: f64| (v / step).floor() * step;
    let up = |v: f64| (v / step).floor() * step + step;
    let (low, high) = ([down(west), down(south).max(-80.0)], [up(east), up(north).min(80.0)]);
    json!({
        "data": {"graticule": {"extent": [low, high], "step": [step, step], "precision": 2.5}},
        "mark": {"type": "geoshape", "filled": false, "stroke": "#9aa5b1", "strokeOpacity": 0.35, "strokeWidth": 1, "tooltip": null},
    })
}

/// The atlas that a map needs.
pub(super) fn atlas(ground: Ground) -> Option<Atlas> {
    match ground {
        Ground::Atlas(atlas) => Some(atlas),
        Ground::Net { .. } => None,
    }
}

/// Size by a figure.
impl Drawing<'_> {
    pub(super) fn size(&self, channel: &vizroom_protocol::dashboard::Channel) -> Body {
        let mut legend = self.steps(channel);
        legend.insert("tickCount".into(), 3.into());
        members(json!({
            "field": channel.field, "type": "quantitative", "title": titled(channel),
            "scale": {"rangeMin": 16, "rangeMax": 700}, "legend": legend,
        }))
    }

    /// Colour by a figure.
    pub(super) fn shade(&self, channel: &vizroom_protocol::dashboard::Channel) -> Body {
        let mut legend = self.steps(channel);
        legend.insert("gradientLength".into(), 120.into());
        members(json!({"field": channel.field, "type": "quantitative", "title": titled(channel), "legend": legend}))
    }
}
