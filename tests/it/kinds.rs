//! Each kind of card by hand, and what family 004 says of it.

use serde_json::{Value, json};

use crate::server::Server;

const PLACES: &str = "city,country,lon,lat,people,area,opened\n\
    Basel,CH,7.6,47.5,180,24,2020-01-05\nBern,CH,7.4,46.9,140,52,2020-02-05\nUlm,DE,10.0,48.4,126,118,2021-03-01\n";

/// Kind, query (without its table), spec.
const KINDS: &str = r#"[
["bar",
 {"x": {"column": "country"}, "y": [{"column": "people", "aggregation": "sum"}]},
 {"x": "country", "y": "total_people", "aggregation": "sum"}],
["line",
 {"x": {"column": "opened", "grain": "year"}, "y": [{"column": "people", "aggregation": "sum"}]},
 {"x": "opened_year", "y": "total_people", "aggregation": "sum"}],
["area",
 {"x": {"column": "country"}, "series": {"column": "city"}, "y": [{"column": "people", "aggregation": "sum"}]},
 {"x": "country", "y": "total_people", "aggregation": "sum", "series": "city"}],
["pie",
 {"x": {"column": "country"}, "y": [{"column": "people", "aggregation": "sum"}]},
 {"label": "country", "value": "total_people", "aggregation": "sum"}],
["donut",
 {"x": {"column": "country"}, "y": [{"column": "people", "aggregation": "avg"}]},
 {"label": "country", "value": "average_people", "aggregation": "avg", "inner_radius": 0.5}],
["table",
 {"x": {"column": "city"}, "y": [{"column": "people"}]},
 {"columns": [{"field": "city", "label": "City", "type": "text"}, {"field": "people", "label": "People", "type": "integer"}]}],
["kpi",
 {"y": [{"column": "people", "aggregation": "sum"}]},
 {"value": 446.0, "value_from_column": "people", "operation": "sum", "unit": null, "trend": null, "target": 500.0}],
["insight",
 {"x": {"column": "country"}, "y": [{"column": "people", "aggregation": "sum"}]},
 {}],
["heatmap",
 {"x": {"column": "country"}, "series": {"column": "city"}, "y": [{"aggregation": "count"}]},
 {"x": "country", "y": "city", "value": "number_of_rows", "aggregation": "count"}],
["scatter",
 {"x": {"column": "lon"}, "y": [{"column": "people"}], "series": {"column": "country"}},
 {"x": "lon", "y": "people", "color": "country"}],
["bubble",
 {"x": {"column": "lon"}, "y": [{"column": "lat"}, {"column": "people"}], "series": {"column": "country"}},
 {"x": "lon", "y": "lat", "size": "people", "color": "country"}],
["histogram",
 {"x": {"column": "people", "bin": 50}},
 {"x": "people", "y": "number_of_rows", "aggregation": "count", "bin_width": 50.0}],
["boxplot",
 {"x": {"column": "country"}, "y": [{"column": "area"}]},
 {"x": "country", "min": "minimum_area", "q1": "lower_quartile_area", "median": "median_area",
  "q3": "upper_quartile_area", "max": "maximum_area"}],
["radar",
 {"x": {"column": "country"}, "y": [{"column": "people", "aggregation": "max"}, {"column": "area", "aggregation": "max"}]},
 {"axis": "country", "value": ["largest_people", "largest_area"], "aggregation": "max"}],
["funnel",
 {"x": {"column": "country"}, "y": [{"column": "city", "aggregation": "count_distinct"}]},
 {"stage": "country", "value": "distinct_city", "aggregation": "count_distinct"}],
["gauge",
 {"y": [{"column": "people", "aggregation": "sum"}]},
 {"value": 446.0, "value_column": "total_people", "aggregation": "sum", "min": 0, "max": 500.0, "unit": null}],
["geomap",
 {"x": {"column": "lon"}, "y": [{"column": "lat"}, {"column": "people"}], "series": {"column": "country"}},
 {"longitude": "lon", "latitude": "lat", "size": "people", "color": "country"}],
["choropleth",
 {"x": {"column": "country"}, "y": [{"column": "people", "aggregation": "median"}]},
 {"region": "country", "value": "median_people", "aggregation": "median"}]
]"#;

#[tokio::test]
async fn every_kind_of_card_can_be_made_and_has_a_spec() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    ada.upload("/server/data/upload", "places.csv", PLACES, Some(&room)).await.data();
    let id = ada.post("/dashboards/create", json!({"title": "All", "room_id": room})).await.data()["id"].clone();
    let id = id.as_str().unwrap();
    let kinds: Vec<(String, Value, Value)> = serde_json::from_str(KINDS).unwrap();
    for (kind, query, _) in &kinds {
        let mut query = query.clone();
        query["table"] = "places".into();
        let mut panel = json!({"type": kind, "query": query});
        if kind == "kpi" || kind == "gauge" {
            panel["target"] = 500.into();
        }
        let added = ada.post(&format!("/dashboards/{id}/add-panel"), panel).await.data();
        assert_eq!(added["panel"]["error"], Value::Null, "{added}");
        let drawn = !["table", "kpi", "insight"].contains(&kind.as_str());
        assert_eq!(added["panel"]["spec"]["$schema"].is_string(), drawn, "{kind}");
    }
    let whole = ada.get(&format!("/api/dashboard/{id}/")).await.json()["data"].clone();
    let blocks = whole["chart_blocks"].as_array().unwrap();
    assert_eq!((blocks.len(), kinds.len()), (18, 18));
    for (block, (kind, _, spec)) in blocks.iter().zip(&kinds) {
        assert_eq!((&block["type"], &block["spec"]), (&json!(kind), spec));
    }
    let preview = json!({
        "columns": ["country", "total_people"], "rows": [{"country": "CH", "total_people": 320}, {"country": "DE", "total_people": 126}],
        "x_axis": "Country", "y_axis": "Total people",
    });
    assert_eq!(blocks[0]["data_preview"], preview);
    assert_eq!(whole["layout"]["chart_order"].as_array().unwrap().len(), 18);
    assert!(whole["layout"]["narrative_snippets"][0].as_str().unwrap().contains("CH"), "{}", whole["layout"]);
    server.stop().await;
}
