//! A dashboard as blocks for a page of one's own: chart blocks whose `spec` says how their columns are used.

use serde_json::{Map, Value, json};
use vizroom_protocol::dashboard::{Card, CardKind, Channel, Dashboard, Status};

use super::dashboard::rows;
use crate::generation::theme::palette;

/// The whole, as `data` of an answer.
pub(super) fn present(dashboard: &Dashboard) -> Value {
    let colours = palette(dashboard.theme).series;
    let told = dashboard.cards.iter().filter(|card| card.kind == CardKind::Insight);
    let snippets: Vec<&str> = told.map(|card| card.description.as_str()).collect();
    let order: Vec<usize> = (0..dashboard.cards.len()).collect();
    let blocks: Vec<Value> = dashboard.cards.iter().enumerate().map(|(at, card)| block(dashboard, at, card)).collect();
    let dataset = dashboard.origins.first().map(|origin| {
        let gone = dashboard.missing_tables.contains(&origin.table);
        json!({"id": origin.file_id, "name": origin.dataset, "status": if gone { "deleted" } else { "cleaned" }})
    });
    json!({
        "id": dashboard.id,
        "title": dashboard.title,
        "description": dashboard.description,
        "layout": {
            "visualizations": [],
            "chart_order": order,
            "color_scheme": {"primary": colours[0], "secondary": colours[1], "accent": colours[2]},
            "narrative_snippets": snippets,
        },
        "chart_blocks": blocks,
        "dataset": dataset,
        "visibility": if dashboard.room_id.is_some() { "shared" } else { "private" },
        "status": status(dashboard),
        "created_at": dashboard.created_at,
        "updated_at": dashboard.updated_at,
        "last_generated_at": dashboard.generated_at.as_ref().unwrap_or(&dashboard.created_at),
    })
}

/// `processing`, `completed` or `failed`: also where the planner asked back and drew nothing.
pub(super) fn status(dashboard: &Dashboard) -> Status {
    match dashboard.clarification {
        Some(_) if dashboard.cards.is_empty() => Status::Failed,
        _ => dashboard.status,
    }
}

fn block(dashboard: &Dashboard, position: usize, card: &Card) -> Value {
    let place = dashboard.layout.items.iter().find(|item| item.key == card.key);
    let mut config = Map::new();
    if let Some(place) = place {
        config.insert("layout".into(), json!({"x": place.x, "y": place.y, "w": place.w, "h": place.h}));
    }
    if let Some(spec) = &card.spec {
        config.insert("vega_lite".into(), spec.clone());
    }
    if let Some(error) = &card.error {
        config.insert("error".into(), json!(error));
    }
    json!({
        "id": card.id,
        "dashboard": dashboard.id,
        "position": position,
        "type": card.kind,
        "title": card.title,
        "description": card.description,
        "spec": spec(card),
        "data_preview": preview(card),
        "config": config,
        "created_at": dashboard.created_at,
        "updated_at": dashboard.updated_at,
    })
}

/// How the columns are used. What a chart lies along is `x`, its figure `y`, and how that was computed `aggregation`;
/// where a kind has words of its own, these.
fn spec(card: &Card) -> Value {
    let encoding = &card.encoding;
    let x = encoding.x.as_ref().map(|x| x.field.as_str());
    let series = encoding.series.as_ref().map(|series| series.field.as_str());
    let field = |at: usize| encoding.y.get(at).map(|y| y.field.as_str());
    let figures: Vec<&str> = encoding.y.iter().map(|y| y.field.as_str()).collect();
    let y = if let [one] = figures[..] { json!(one) } else { json!(figures) };
    let aggregation = encoding.y.first().and_then(|y| y.aggregation.as_ref());
    let spec = match card.kind {
        CardKind::Insight => json!({}),
        CardKind::Kpi => match &card.kpi {
            Some(kpi) => json!({
                "value": kpi.value, "value_from_column": kpi.value_from_column, "operation": kpi.operation,
                "unit": kpi.unit, "trend": kpi.trend, "target": kpi.target,
            }),
            None => json!({
                "value": null, "value_from_column": null, "operation": aggregation, "unit": null, "trend": null,
                "target": encoding.target,
            }),
        },
        CardKind::Gauge => json!({
            "value": first(card), "value_column": field(0), "aggregation": aggregation, "min": 0,
            "max": encoding.target, "unit": encoding.y.first().and_then(|y| y.unit.as_ref()),
        }),
        CardKind::Pie => json!({"label": x, "value": field(0), "aggregation": aggregation}),
        CardKind::Donut => json!({"label": x, "value": field(0), "aggregation": aggregation, "inner_radius": 0.5}),
        CardKind::Funnel => json!({"stage": x, "value": field(0), "aggregation": aggregation}),
        CardKind::Radar => json!({"axis": x, "value": y, "aggregation": aggregation}),
        CardKind::Heatmap => json!({"x": x, "y": series, "value": field(0), "aggregation": aggregation}),
        CardKind::Bubble => json!({"x": x, "y": field(0), "size": field(1), "color": series}),
        CardKind::Scatter => json!({"x": x, "y": field(0), "color": series}),
        CardKind::Geomap => json!({"longitude": x, "latitude": field(0), "size": field(1), "color": series}),
        CardKind::Choropleth => json!({"region": x, "value": field(0), "aggregation": aggregation}),
        CardKind::Boxplot => json!({
            "x": x, "min": field(0), "q1": field(1), "median": field(2), "q3": field(3), "max": field(4),
        }),
        CardKind::Histogram => json!({"x": x, "y": field(0), "aggregation": aggregation, "bin_width": bin_width(card)}),
        CardKind::Table => json!({"columns": columns(card)}),
        CardKind::Bar | CardKind::Line | CardKind::Area => json!({"x": x, "y": y, "aggregation": aggregation}),
    };
    let mut spec = spec;
    let splits = [CardKind::Bar, CardKind::Line, CardKind::Area, CardKind::Radar, CardKind::Choropleth];
    if let (Some(series), true) = (series, splits.contains(&card.kind)) {
        spec["series"] = series.into();
    }
    spec
}

/// The figure of a card that shows one.
fn first(card: &Card) -> Option<f64> {
    let field = &card.encoding.y.first()?.field;
    let at = card.data.columns.iter().position(|column| column.name == *field)?;
    card.data.rows.first()?.get(at)?.as_f64()
}

/// The least distance of two bins: empty ones are left out.
fn bin_width(card: &Card) -> Option<f64> {
    let field = &card.encoding.x.as_ref()?.field;
    let at = card.data.columns.iter().position(|column| column.name == *field)?;
    let mut starts: Vec<f64> = card.data.rows.iter().filter_map(|row| row.get(at)?.as_f64()).collect();
    starts.sort_by(f64::total_cmp);
    starts.windows(2).map(|pair| pair[1] - pair[0]).filter(|width| *width > 0.0).min_by(f64::total_cmp)
}

/// A table's columns with what stands above them.
fn columns(card: &Card) -> Vec<Value> {
    let encoding = &card.encoding;
    let channels: Vec<&Channel> = encoding.x.iter().chain(&encoding.series).chain(&encoding.y).collect();
    let label = |name: &str| channels.iter().find(|c| c.field == name).map_or(name, |c| c.label.as_str()).to_owned();
    let column = |c: &vizroom_protocol::file::Field| json!({"field": c.name, "label": label(&c.name), "type": c.kind});
    card.data.columns.iter().map(column).collect()
}

/// The card's rows, with what stands on its axes.
fn preview(card: &Card) -> Value {
    match (card.kind, &card.kpi) {
        (CardKind::Insight, _) => json!({}),
        (_, Some(kpi)) => json!({
            "columns": ["label", "value"], "rows": [{"label": card.title, "value": kpi.value}],
        }),
        _ => {
            let columns: Vec<&String> = card.data.columns.iter().map(|c| &c.name).collect();
            let mut preview = Map::new();
            preview.insert("columns".into(), json!(columns));
            preview.insert("rows".into(), rows(card).into());
            let encoding = &card.encoding;
            let up = if card.kind == CardKind::Heatmap { encoding.series.as_ref() } else { encoding.y.first() };
            for (axis, channel) in [("x_axis", encoding.x.as_ref()), ("y_axis", up)] {
                if let (Some(channel), true) = (channel, card.kind != CardKind::Table) {
                    preview.insert(axis.into(), channel.label.clone().into());
                }
            }
            preview.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http::dashboard::sample;

    /// The documented sample, with our names and times in it.
    #[test]
    fn a_dashboard_as_documented() {
        let id = "d6ad65c0-1234-5678-9abc-def012345678";
        let (created, updated) = ("2025-01-08T10:15:00.000Z", "2025-01-08T10:16:12.000Z");
        let expected = json!({
            "id": id,
            "title": "Sales",
            "description": "Sales by region.",
            "layout": {
                "visualizations": [],
                "chart_order": [0, 1, 2],
                "color_scheme": {"primary": "#3b5b92", "secondary": "#e0a030", "accent": "#2a9d8f"},
                "narrative_snippets": ["West has the highest sales."],
            },
            "chart_blocks": [
                {
                    "id": "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d", "dashboard": id, "position": 0, "type": "kpi",
                    "title": "Total sales", "description": "Sum of all sales",
                    "spec": {
                        "value": 1250.0, "value_from_column": "sales", "operation": "sum", "unit": "$",
                        "trend": "+12% vs May", "target": null,
                    },
                    "data_preview": {
                        "columns": ["label", "value"], "rows": [{"label": "Total sales", "value": 1250.0}],
                    },
                    "config": {}, "created_at": created, "updated_at": updated,
                },
                {
                    "id": "b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d6e", "dashboard": id, "position": 1, "type": "bar",
                    "title": "Sales by region", "description": "Sum of sales by region",
                    "spec": {"x": "region", "y": "total", "aggregation": "sum"},
                    "data_preview": {
                        "columns": ["region", "total"],
                        "rows": [{"region": "West", "total": 900}, {"region": "East", "total": 350}],
                        "x_axis": "Region", "y_axis": "Total sales",
                    },
                    "config": {
                        "layout": {"x": 0, "y": 2, "w": 12, "h": 4},
                        "vega_lite": {"data": {"name": "rows"}, "mark": "bar"},
                    },
                    "created_at": created, "updated_at": updated,
                },
                {
                    "id": "c3d4e5f6-a7b8-4c9d-0e1f-2a3b4c5d6e7f", "dashboard": id, "position": 2, "type": "insight",
                    "title": "Insight", "description": "West has the highest sales.",
                    "spec": {}, "data_preview": {}, "config": {}, "created_at": created, "updated_at": updated,
                },
            ],
            "dataset": {"id": "1b0b7d3e-1234-5678-9abc-def012345678", "name": "sales", "status": "cleaned"},
            "visibility": "private",
            "status": "completed",
            "created_at": created,
            "updated_at": updated,
            "last_generated_at": created,
        });
        assert_eq!(present(&sample()), expected);
    }
}
