use serde_json::{Value, json};
use vizroom_protocol::dashboard::{CardKind, Channel, Encoding, Grain, Theme};
use vizroom_protocol::file::{ColumnType, Field, Table};

use super::channels::{MONTHS, WEEKDAYS};
use super::spec;
use crate::planner::{Agg, Cut, Dimension, Goal, Measure, Query, Sort, Source};

const KINDS: [CardKind; 18] = [
    CardKind::Bar,
    CardKind::Line,
    CardKind::Area,
    CardKind::Pie,
    CardKind::Donut,
    CardKind::Table,
    CardKind::Kpi,
    CardKind::Insight,
    CardKind::Heatmap,
    CardKind::Scatter,
    CardKind::Bubble,
    CardKind::Histogram,
    CardKind::Boxplot,
    CardKind::Radar,
    CardKind::Funnel,
    CardKind::Gauge,
    CardKind::Geomap,
    CardKind::Choropleth,
];

fn channel(field: &str, label: &str) -> Channel {
    Channel { field: field.into(), label: label.into(), ..Channel::default() }
}

fn table(columns: &[(&str, ColumnType)], rows: Value) -> Table {
    let columns = columns.iter().map(|(name, kind)| Field { name: (*name).into(), kind: *kind }).collect();
    Table { columns, rows: serde_json::from_value(rows).unwrap(), truncated: false }
}

/// Sales by region, the largest first; `series` splits them by year.
fn sales(kind: CardKind, series: bool) -> (Goal, Table) {
    let dimension = |name: &str, kind| Dimension {
        source: Source::Column { name: name.into(), kind },
        cut: Cut::Whole,
        alias: name.into(),
        skip_null: false,
    };
    let mut query = Query {
        dataset: "sales".into(),
        dimensions: vec![dimension("region", ColumnType::Text)],
        measures: vec![Measure::new(Agg::Sum, Some("sales"), "total_sales")],
        sort: vec![Sort { alias: "total_sales".into(), descending: true }],
        ..Query::default()
    };
    let y = Channel { format: Some(",.0f".into()), unit: Some("$".into()), ..channel("total_sales", "Total sales") };
    let mut encoding = Encoding { x: Some(channel("region", "Region")), y: vec![y], series: None, target: None };
    let rows = if series {
        query.dimensions.push(dimension("year", ColumnType::Integer));
        encoding.series = Some(Channel { grain: Some(Grain::Year), ..channel("year", "Year") });
        json!([["West", 2020, 5], ["East", 2020, 4], ["West", 2021, 6]])
    } else {
        json!([["West", 9], ["East", 4], ["South", 2]])
    };
    let mut columns = vec![("region", ColumnType::Text)];
    columns.extend(series.then_some(("year", ColumnType::Integer)));
    columns.push(("total_sales", ColumnType::Integer));
    let goal = Goal { kind, title: "Sales by region".into(), description: "Sum of sales.".into(), query, encoding };
    (goal, table(&columns, rows))
}

/// Every text of a spec by its path.
fn texts(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                found.push((format!("{path}.{key}"), value.as_str().unwrap_or_default().to_owned()));
                texts(value, &format!("{path}.{key}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, path, found)),
        _ => {}
    }
}

#[test]
fn bars_in_the_order_of_the_rows() {
    let (goal, table) = sales(CardKind::Bar, false);
    let spec = spec(&goal, &table, Theme::Slate).unwrap();
    assert_eq!(
        spec["encoding"],
        json!({
            "x": {
                "field": "region", "type": "nominal", "title": "Region", "sort": null,
                "axis": {"labelOverlap": true, "grid": false, "labelAngle": 0},
            },
            "y": {
                "field": "total_sales", "type": "quantitative", "title": "Total sales ($)", "axis": {"format": ",.0f", "tickMinStep": 1},
            },
            "tooltip": [
                {"field": "region", "type": "nominal", "title": "Region"},
                {"field": "total_sales", "type": "quantitative", "title": "Total sales ($)", "format": ",.0f"},
            ],
        })
    );
    assert_eq!(spec["params"], json!([{"name": "pick", "select": {"type": "point", "fields": ["region"]}}]));
    assert_eq!(spec["description"], "Sales by region. Sum of sales.");
}

#[test]
fn long_names_stand_beside_their_bars() {
    let (goal, mut table) = sales(CardKind::Bar, false);
    table.rows[0][0] = "A region with quite a long name".into();
    let spec = spec(&goal, &table, Theme::Slate).unwrap();
    assert_eq!(
        (&spec["encoding"]["y"]["field"], &spec["encoding"]["x"]["field"]),
        (&json!("region"), &json!("total_sales"))
    );
}

#[test]
fn sums_are_stacked_and_averages_stand_side_by_side() {
    let (mut goal, table) = sales(CardKind::Bar, true);
    let stacked = spec(&goal, &table, Theme::Slate).unwrap()["encoding"].clone();
    assert_eq!((stacked.get("xOffset"), &stacked["color"]["type"]), (None, &json!("ordinal")));
    assert_eq!(stacked["x"]["sort"], json!({"field": "total_sales", "op": "sum", "order": "descending"}));
    goal.query.measures[0].agg = Agg::Avg;
    let grouped = spec(&goal, &table, Theme::Slate).unwrap()["encoding"].clone();
    assert_eq!((&grouped["xOffset"]["field"], &grouped["y"]["stack"]), (&json!("year"), &Value::Null));
}

#[test]
fn months_are_shown_in_utc_and_parts_of_the_calendar_by_name() {
    let (mut goal, _) = sales(CardKind::Line, false);
    goal.query.sort = vec![Sort { alias: "month".into(), descending: false }];
    goal.encoding.x = Some(Channel { grain: Some(Grain::Month), ..channel("month", "Month") });
    let columns = [("month", ColumnType::Date), ("total_sales", ColumnType::Integer)];
    let course = table(&columns, json!([["2020-01-01", 5], ["2020-02-01", 6]]));
    let drawn = spec(&goal, &course, Theme::Ocean).unwrap();
    let x = &drawn["encoding"]["x"];
    assert_eq!(
        (&x["timeUnit"], &x["axis"]["format"], &x["type"]),
        (&json!("utcyearmonth"), &json!("%b %Y"), &json!("temporal"))
    );
    assert_eq!(drawn["layer"][1]["params"][0]["name"], "pick");

    goal.encoding.x = Some(Channel { grain: Some(Grain::MonthOfYear), ..channel("month", "Month") });
    let columns = [("month", ColumnType::Integer), ("total_sales", ColumnType::Integer)];
    let parts = table(&columns, json!([[1, 5], [2, 6]]));
    let drawn = spec(&goal, &parts, Theme::Ocean).unwrap();
    assert_eq!(drawn["encoding"]["x"]["axis"]["labelExpr"], MONTHS);
}

#[test]
fn bins_reach_to_the_end_of_the_last_one() {
    let (mut goal, _) = sales(CardKind::Histogram, false);
    goal.query.dimensions[0].cut = Cut::Bin(0.5);
    goal.query.sort.clear();
    let columns = [("region", ColumnType::Number), ("total_sales", ColumnType::Integer)];
    let table = table(&columns, json!([[1.5, 3], [2.0, 4], [4.0, 1]]));
    let spec = spec(&goal, &table, Theme::Slate).unwrap();
    assert_eq!(spec["encoding"]["x"]["bin"], json!({"step": 0.5, "extent": [1.5, 4.5]}));
}

/// Mandatory parts of every spec, and what none may have.
#[test]
fn every_kind_has_what_the_page_counts_on() {
    for (kind, series) in KINDS.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
        let (goal, table) = sales(kind, series);
        let drawn = spec(&goal, &table, Theme::Forest);
        if matches!(kind, CardKind::Kpi | CardKind::Table | CardKind::Insight) {
            assert_eq!(drawn, None, "{kind:?}");
            continue;
        }
        let drawn = drawn.unwrap();
        assert_eq!(drawn["$schema"], "https://vega.github.io/schema/vega-lite/v6.json");
        assert_eq!((&drawn["data"], &drawn["width"]), (&json!({"name": "rows"}), &json!("container")), "{kind:?}");
        assert!(drawn.get("mark").is_some() || drawn["layer"].as_array().is_some_and(|l| !l.is_empty()), "{kind:?}");
        assert!(drawn["encoding"].is_object() && drawn["config"]["range"]["category"].is_array(), "{kind:?}");
        assert_eq!(drawn.to_string().matches(r#""name":"pick""#).count(), 1, "{kind:?}");
        assert!(drawn.to_string().contains(r#""tooltip":["#), "{kind:?}");
        let mut found = Vec::new();
        texts(&drawn, "", &mut found);
        for (path, text) in found {
            let key = path.rsplit('.').next().unwrap();
            assert!(!["url", "expr", "signal", "href", "calculate", "filter"].contains(&key), "{kind:?} {path}");
            assert!(key != "labelExpr" || [MONTHS, WEEKDAYS].contains(&text.as_str()), "{kind:?} {path}");
            assert!(
                key != "field" || ["region", "year", "total_sales", "part"].contains(&text.as_str()),
                "{path}: {text}"
            );
        }
    }
}
