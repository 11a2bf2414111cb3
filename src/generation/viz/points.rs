//! Heatmaps and scatters: two dimensions at once.

use serde_json::json;
use vizroom_protocol::dashboard::CardKind;

use super::channels::Drawing;
use super::{Body, members, one};

/// Points of a scatter that are drawn without seeing through them.
const OPAQUE_POINTS: usize = 200;

/// A figure as colour, by two groups.
pub(super) fn heatmap(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut channels = Body::new();
    for (axis, channel) in [("x", encoding.x.as_ref()), ("y", encoding.series.as_ref())] {
        if let Some(channel) = channel {
            let mut groups = drawing.groups(channel);
            if drawing.is_timed(channel) {
                groups.insert("type".into(), "ordinal".into());
            }
            channels.insert(axis.into(), groups.into());
        }
    }
    if let Some(y) = encoding.y.first() {
        channels.insert("color".into(), drawing.shade(y).into());
    }
    channels.insert("tooltip".into(), drawing.tooltip());
    one(drawing, json!({"type": "rect", "cursor": "pointer"}), channels)
}

/// One point for each row.
pub(super) fn scatter(drawing: &Drawing<'_>) -> Body {
    let encoding = &drawing.goal.encoding;
    let mut channels = Body::new();
    if let Some(x) = &encoding.x {
        channels.insert("x".into(), drawing.along(x).into());
    }
    if let Some(y) = encoding.y.first() {
        let mut figure = drawing.figure(y);
        figure.insert("scale".into(), json!({"zero": false}));
        channels.insert("y".into(), figure.into());
    }
    if let (CardKind::Bubble, Some(size)) = (drawing.goal.kind, encoding.y.get(1)) {
        channels.insert("size".into(), drawing.size(size).into());
    }
    if let Some(series) = &encoding.series {
        channels.insert("color".into(), drawing.colour(series).into());
    }
    channels.insert("tooltip".into(), drawing.tooltip());
    let opacity = if drawing.table.rows.len() <= OPAQUE_POINTS { 0.85 } else { 0.5 };
    let mut mark = members(json!({"type": "point", "filled": true, "opacity": opacity}));
    if drawing.goal.kind == CardKind::Scatter {
        mark.insert("size".into(), 40.into());
    }
    one(drawing, mark.into(), channels)
}
