//! A dashboard as blocks for a page of one's own: `GET /api/dashboard/{id}/`.

use http::StatusCode;
use serde_json::{Map, Value, json};
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{Card, CardKind, Dashboard};
use warp::reply::Response;

use super::ask::Ask;
use super::dashboard::{rows, stored};
use super::documents::shapes;
use super::routes::Errors;
use super::{Route, respond, route};
use crate::generation::theme::palette;

pub(super) const ROUTES: &[Route] = &[route!(GET "/api/dashboard/{id}", retrieve)
    .about("A dashboard as blocks for a page of one's own.")
    .takes::<shapes::Which>()
    .gives::<shapes::Retrieved>()
    .errors(Errors::Stated)];

async fn retrieve(ask: Ask) -> Result<Response, Error> {
    let dashboard = match ask.param(0).parse() {
        Ok(id) => stored(&ask, id).await,
        // What is no id names no dashboard; who may not know gets no other answer.
        Err(_) => ask.signed_in().and(Err(Error::not_found("dashboard"))),
    };
    let body = json!({
        "status": "success", "success": true, "message": "Dashboard retrieved successfully",
        "data": present(&dashboard?),
    });
    Ok(respond(StatusCode::OK, "application/json", body.to_string().into()))
}

pub(super) fn present(dashboard: &Dashboard) -> Value {
    let colours = palette(dashboard.theme).series;
    let told = dashboard.cards.iter().filter(|card| card.kind == CardKind::Insight);
    let snippets: Vec<&str> = told.map(|card| card.description.as_str()).collect();
    let order: Vec<usize> = (0..dashboard.cards.len()).collect();
    let blocks: Vec<Value> = dashboard.cards.iter().enumerate().map(|(at, card)| block(dashboard, at, card)).collect();
    let dataset = dashboard
        .origins
        .first()
        .map(|origin| json!({"id": origin.file_id, "name": origin.dataset, "status": "cleaned"}));
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
        "visibility": "private",
        "status": dashboard.status,
        "created_at": dashboard.created_at,
        "updated_at": dashboard.updated_at,
        "last_generated_at": dashboard.created_at,
    })
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

/// How the columns are used; varies by type.
fn spec(card: &Card) -> Value {
    let encoding = &card.encoding;
    match (card.kind, &card.kpi) {
        (CardKind::Insight, _) => json!({}),
        (_, Some(kpi)) => json!({
            "value": kpi.value,
            "value_from_column": kpi.value_from_column,
            "operation": kpi.operation,
            "unit": kpi.unit,
            "trend": kpi.trend,
            "target": null,
        }),
        _ => {
            let mut spec = Map::new();
            spec.insert("x".into(), json!(encoding.x.as_ref().map(|x| &x.field)));
            let fields: Vec<&String> = encoding.y.iter().map(|y| &y.field).collect();
            spec.insert("y".into(), if let [one] = fields[..] { json!(one) } else { json!(fields) });
            spec.insert("aggregation".into(), json!(encoding.y.first().and_then(|y| y.aggregation.as_ref())));
            if let Some(series) = &encoding.series {
                spec.insert("series".into(), json!(series.field));
            }
            spec.into()
        }
    }
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
            for (axis, channel) in [("x_axis", card.encoding.x.as_ref()), ("y_axis", card.encoding.y.first())] {
                if let Some(channel) = channel {
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
