//! A dashboard as blocks for a page of one's own: chart blocks whose `spec` says how their columns are used.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::{Card, CardKind, Channel, Dashboard, Kpi, Status};

use super::documents::shapes::{Block, BlockLayout, Blocks, Colours, Fields, Origin, Preview};
use crate::generation::theme::palette;

/// The whole, as `data` of an answer.
pub(super) fn present(dashboard: &Dashboard) -> Blocks {
    let [primary, secondary, accent, ..] = palette(dashboard.theme).series.map(str::to_owned);
    let told = dashboard.cards.iter().filter(|card| card.kind == CardKind::Insight);
    let blocks = (0..).zip(&dashboard.cards).map(|(at, card)| block(dashboard, at, card)).collect();
    let dataset = dashboard.origins.first().map(|origin| {
        let gone = dashboard.missing_tables.contains(&origin.table);
        let status = if gone { "deleted" } else { "cleaned" };
        Origin { id: origin.file_id, name: origin.dataset.clone(), status: status.into() }
    });
    Blocks {
        id: dashboard.id,
        title: dashboard.title.clone(),
        description: dashboard.description.clone(),
        layout: BlockLayout {
            visualizations: Vec::new(),
            chart_order: (0..).zip(&dashboard.cards).map(|(at, _)| at).collect(),
            color_scheme: Colours { primary, secondary, accent },
            narrative_snippets: told.map(|card| card.description.clone()).collect(),
        },
        chart_blocks: blocks,
        dataset,
        visibility: if dashboard.room_id.is_some() { "shared" } else { "private" }.into(),
        status: status(dashboard),
        created_at: dashboard.created_at.clone(),
        updated_at: dashboard.updated_at.clone(),
        last_generated_at: dashboard.generated_at.as_ref().unwrap_or(&dashboard.created_at).clone(),
    }
}

/// `processing`, `completed` or `failed`: also where the planner asked back and drew nothing.
pub(super) fn status(dashboard: &Dashboard) -> Status {
    match dashboard.clarification {
        Some(_) if dashboard.cards.is_empty() => Status::Failed,
        _ => dashboard.status,
    }
}

fn block(dashboard: &Dashboard, position: u32, card: &Card) -> Block {
    let place = dashboard.layout.items.iter().find(|item| item.key == card.key);
    let place = place.map(|place| json!({"x": place.x, "y": place.y, "w": place.w, "h": place.h}));
    let error = card.error.as_ref().map(|error| json!(error));
    let notes = (!card.notes.is_empty()).then(|| json!(card.notes));
    let config = [("layout", place), ("vega_lite", card.spec.clone()), ("notes", notes), ("error", error)];
    Block {
        id: card.id,
        dashboard: dashboard.id,
        position,
        kind: card.kind,
        title: card.title.clone(),
        description: card.description.clone(),
        spec: spec(card),
        data_preview: preview(card),
        config: Fields(config.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()),
        created_at: dashboard.created_at.clone(),
        updated_at: dashboard.updated_at.clone(),
    }
}

/// How the columns are used. What a chart lies along is `x`, its figure `y`, and how that was computed `aggregation`;
/// where a kind has words of its own, these.
fn spec(card: &Card) -> Fields {
    let encoding = &card.encoding;
    let x = json!(encoding.x.as_ref().map(|x| &x.field));
    let series = encoding.series.as_ref().map(|series| json!(series.field));
    let colour = series.clone().unwrap_or_default();
    let field = |at: usize| json!(encoding.y.get(at).map(|y| &y.field));
    let figures: Vec<&str> = encoding.y.iter().map(|y| y.field.as_str()).collect();
    let y = if let [one] = figures[..] { json!(one) } else { json!(figures) };
    let aggregation = json!(encoding.y.first().and_then(|y| y.aggregation.as_ref()));
    let mut spec: Fields = match card.kind {
        CardKind::Insight => Fields::default(),
        CardKind::Kpi => {
            let kpi = card.kpi.as_ref();
            let told = |of: fn(&Kpi) -> Value| kpi.map(of).unwrap_or_default();
            [
                ("value", told(|kpi| json!(kpi.value))),
                ("value_from_column", told(|kpi| json!(kpi.value_from_column))),
                ("operation", kpi.map_or(aggregation, |kpi| json!(kpi.operation))),
                ("unit", told(|kpi| json!(kpi.unit))),
                ("trend", told(|kpi| json!(kpi.trend))),
                ("target", kpi.map_or(json!(encoding.target), |kpi| json!(kpi.target))),
            ]
            .into()
        }
        CardKind::Gauge => [
            ("value", json!(first(card))),
            ("value_column", field(0)),
            ("aggregation", aggregation),
            ("min", json!(0)),
            ("max", json!(encoding.target)),
            ("unit", json!(encoding.y.first().and_then(|y| y.unit.as_ref()))),
        ]
        .into(),
        CardKind::Pie => [("label", x), ("value", field(0)), ("aggregation", aggregation)].into(),
        CardKind::Donut => {
            [("label", x), ("value", field(0)), ("aggregation", aggregation), ("inner_radius", json!(0.5))].into()
        }
        CardKind::Funnel => [("stage", x), ("value", field(0)), ("aggregation", aggregation)].into(),
        CardKind::Radar => [("axis", x), ("value", y), ("aggregation", aggregation)].into(),
        CardKind::Heatmap => [("x", x), ("y", colour), ("value", field(0)), ("aggregation", aggregation)].into(),
        CardKind::Bubble => [("x", x), ("y", field(0)), ("size", field(1)), ("color", colour)].into(),
        CardKind::Scatter => [("x", x), ("y", field(0)), ("color", colour)].into(),
        CardKind::Geomap => [("longitude", x), ("latitude", field(0)), ("size", field(1)), ("color", colour)].into(),
        CardKind::Choropleth => [("region", x), ("value", field(0)), ("aggregation", aggregation)].into(),
        CardKind::Boxplot => {
            let [min, q1, median, q3, max] = [0, 1, 2, 3, 4].map(field);
            [("x", x), ("min", min), ("q1", q1), ("median", median), ("q3", q3), ("max", max)].into()
        }
        CardKind::Histogram => {
            [("x", x), ("y", field(0)), ("aggregation", aggregation), ("bin_width", json!(bin_width(card)))].into()
        }
        CardKind::Table => [("columns", columns(card).into())].into(),
        CardKind::Bar | CardKind::Line | CardKind::Area => [("x", x), ("y", y), ("aggregation", aggregation)].into(),
    };
    let splits = [CardKind::Bar, CardKind::Line, CardKind::Area, CardKind::Radar, CardKind::Choropleth];
    if let (Some(series), true) = (series, splits.contains(&card.kind)) {
        spec.0.push(("series".into(), series));
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
fn preview(card: &Card) -> Preview {
    match (card.kind, &card.kpi) {
        (CardKind::Insight, _) => Preview::default(),
        (_, Some(kpi)) => Preview {
            columns: Some(vec!["label".into(), "value".into()]),
            rows: Some(vec![[("label", json!(card.title)), ("value", json!(kpi.value))].into()]),
            ..Preview::default()
        },
        (kind, None) => {
            let names: Vec<String> = card.data.columns.iter().map(|column| column.name.clone()).collect();
            let row = |row: &Vec<Value>| Fields(names.iter().cloned().zip(row.iter().cloned()).collect());
            let encoding = &card.encoding;
            let up = if kind == CardKind::Heatmap { encoding.series.as_ref() } else { encoding.y.first() };
            let axis = |channel: Option<&Channel>| {
                channel.filter(|_| kind != CardKind::Table).map(|channel| channel.label.clone())
            };
            let rows = Some(card.data.rows.iter().map(row).collect());
            Preview { x_axis: axis(encoding.x.as_ref()), y_axis: axis(up), rows, columns: Some(names) }
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
        assert_eq!(serde_json::to_value(present(&sample())).unwrap(), expected);
    }
}
