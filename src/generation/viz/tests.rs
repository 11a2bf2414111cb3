use serde_json::{Value, json};
use vizroom_protocol::dashboard::{CardKind, Channel, Encoding, Grain, Theme};
use vizroom_protocol::file::{ColumnType, Field, Table};

use super::channels::{MONTHS, SHORT, WEEKDAYS};
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
    Table { columns, rows: serde_json::from_value(rows).unwrap(), truncated: false, ..Table::default() }
}

/// Sales by region, the largest first; `series` splits them by year.
fn sales(kind: CardKind, series: bool) -> (Goal, Table) {
    let dimension = |name: &str, kind| Dimension {
        source: Source::Column { name: name.into(), kind },
        cut: Cut::Whole,
        alias: name.into(),
        skip_null: false,
        sides: None,
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
                "axis": {"labelOverlap": false, "grid": false, "labelAngle": 0},
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
        assert!(drawn["encoding"].is_object() || drawn["layer"].is_array(), "{kind:?}");
        assert!(drawn["config"]["range"]["category"].is_array(), "{kind:?}");
        assert_eq!(drawn.to_string().matches(r#""name":"pick""#).count(), 1, "{kind:?}");
        assert!(drawn.to_string().contains(r#""tooltip":["#), "{kind:?}");
        let mut found = Vec::new();
        texts(&drawn, "", &mut found);
        for (path, text) in found {
            let key = path.rsplit('.').next().unwrap();
            assert!(!["url", "expr", "signal", "href", "calculate", "filter"].contains(&key), "{kind:?} {path}");
            assert!(key != "labelExpr" || [MONTHS, WEEKDAYS, SHORT].contains(&text.as_str()), "{kind:?} {path}");
            let made = |field: &str| ["part", "step_share"].contains(&field) || field.starts_with("web_");
            let known = ["region", "year", "total_sales"].contains(&text.as_str()) || made(&text);
            assert!(key != "field" || known, "{path}: {text}");
        }
    }
}

/// The corners of a radar: name of the direction, and place.
fn corners(spec: &Value) -> Vec<(String, f64, f64)> {
    let place = |corner: &Value, at: &str| (corner[at].as_f64().unwrap() * 1000.0).round() / 1000.0;
    let corner = |c: &Value| (c["region"].as_str().unwrap().to_owned(), place(c, "web_x"), place(c, "web_y"));
    spec["datasets"]["web_corners"].as_array().unwrap().iter().map(corner).collect()
}

#[test]
fn a_radar_is_a_line_around_a_centre_that_follows_its_rows() {
    let (goal, rows) = sales(CardKind::Radar, false);
    let mut spec = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(spec["projection"], json!({"type": "identity"}));
    // The outermost ring is 10. The first direction is up, the others follow clockwise.
    let at = |name: &str, x, y| (name.to_owned(), x, y);
    assert_eq!(corners(&spec), [at("West", 0.0, -0.9), at("East", 0.346, 0.2), at("South", -0.173, 0.1)]);
    let marks: Vec<&Value> = spec["layer"].as_array().unwrap().iter().map(|layer| &layer["mark"]["type"]).collect();
    assert!(marks.contains(&&json!("line")) && marks.contains(&&json!("text")), "{marks:?}");

    let (colours, layers) = (spec["config"].clone(), spec["layer"].clone());
    let less = table(&[("region", ColumnType::Text), ("total_sales", ColumnType::Integer)], json!([["East", 5]]));
    super::follow(&mut spec, &goal, &less);
    assert_eq!(corners(&spec), [at("East", 0.866, 0.5)], "a direction keeps its place");
    assert_eq!((&spec["config"], &spec["layer"]), (&colours, &layers));
}

#[test]
fn what_suits_no_radar_is_bars_and_says_so() {
    let (goal, mut rows) = sales(CardKind::Radar, false);
    rows.rows[0][1] = (-3).into();
    let below = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(super::notes(Some(&below)), ["A radar cannot show figures below zero, so these are bars."]);
    rows.rows.truncate(2);
    let few = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(super::notes(Some(&few)), ["A radar needs 3 to 24 groups, and there are 2, so these are bars."]);
    assert_eq!(few["mark"]["type"], "bar");
}

#[test]
fn a_map_knows_countries_and_states_by_name() {
    let (goal, mut rows) = sales(CardKind::Choropleth, false);
    for (row, name) in rows.rows.iter_mut().zip(["Switzerland", "Atlantis", "usa"]) {
        row[0] = name.into();
    }
    let world = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(world["usermeta"], json!({"shapes": "world", "notes": ["Not on the map: Atlantis."]}));
    let named = &world["layer"][1]["transform"][0]["from"]["data"]["values"];
    let expected = json!([{"place_name": "Switzerland", "place": "756"}, {"place_name": "usa", "place": "840"}]);
    assert_eq!(*named, expected);
    assert_eq!((&world["data"], &world["layer"][0]["data"]), (&json!({"name": "rows"}), &json!({"name": "shapes"})));

    rows.rows[2][0] = "Utopia".into();
    let unknown = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(unknown["mark"]["type"], "bar");
    let why = "Only 1 of 3 names are countries or US states, so these are bars.";
    assert_eq!(super::notes(Some(&unknown)), [why]);

    for (row, name) in rows.rows.iter_mut().zip(["CA", "New York", "texas"]) {
        row[0] = name.into();
    }
    assert_eq!(spec(&goal, &rows, Theme::Slate).unwrap()["usermeta"], json!({"shapes": "us"}));
}

#[test]
fn points_lie_on_the_map_they_fit() {
    let (mut goal, _) = sales(CardKind::Geomap, false);
    goal.encoding.x = Some(channel("region", "Longitude"));
    let columns = [("region", ColumnType::Number), ("total_sales", ColumnType::Number)];
    let drawn = |rows: Value| spec(&goal, &table(&columns, rows), Theme::Slate).unwrap();
    assert_eq!(drawn(json!([[-120.0, 40.0], [-80.0, 30.0]]))["usermeta"], json!({"shapes": "us"}));
    assert_eq!(drawn(json!([[-120.0, 40.0], [80.0, 30.0]]))["usermeta"], json!({"shapes": "world"}));
    let near = drawn(json!([[7.4, 46.9], [10.0, 48.4]]));
    assert_eq!((near.get("usermeta"), &near["projection"]), (None, &json!({"type": "mercator"})));
    assert!(near["layer"][0]["data"]["graticule"].is_object());
    assert_eq!(drawn(json!([[600_000.0, 200_000.0]]))["mark"]["type"], "point");
}

#[test]
fn a_gauge_ends_at_its_target_and_a_funnel_says_how_much_is_left() {
    let (mut goal, rows) = sales(CardKind::Gauge, false);
    goal.encoding.x = None;
    goal.encoding.target = Some(12.0);
    let gauge = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(gauge["layer"][1]["encoding"]["theta"]["scale"]["domain"], json!([0, 12.0]));
    let (goal, rows) = sales(CardKind::Funnel, false);
    let mut funnel = spec(&goal, &rows, Theme::Slate).unwrap();
    let shares = |spec: &Value| -> Vec<f64> {
        let steps = spec["datasets"]["step_shares"].as_array().unwrap();
        steps.iter().map(|step| step["step_share"].as_f64().unwrap()).collect()
    };
    assert_eq!(shares(&funnel), [1.0, 4.0 / 9.0, 2.0 / 9.0]);
    let less = Table { rows: rows.rows[1..].to_vec(), ..rows };
    super::follow(&mut funnel, &goal, &less);
    assert_eq!(shares(&funnel), [1.0, 0.5]);
}

#[test]
fn large_figures_are_short_where_they_are_round() {
    let (mut goal, mut rows) = sales(CardKind::Bar, false);
    goal.encoding.y[0].format = Some(",.2f".into());
    let axis = |goal: &Goal, rows: &Table| spec(goal, rows, Theme::Slate).unwrap()["encoding"]["y"]["axis"].clone();
    assert_eq!(axis(&goal, &rows), json!({"format": ",.2~f"}));
    rows.rows[0][1] = 80.5.into();
    assert_eq!(axis(&goal, &rows), json!({"format": ",.0f", "tickMinStep": 1}));
    rows.rows[0][1] = 2_000_000.5.into();
    assert_eq!(axis(&goal, &rows), json!({"format": "~s", "labelExpr": SHORT}));
    goal.encoding.y[0].format = Some("$,.0f".into());
    assert_eq!(axis(&goal, &rows)["format"], "$~s");
    let both = table(
        &[("region", ColumnType::Text), ("total_sales", ColumnType::Integer), ("profit", ColumnType::Integer)],
        json!([["West", 2_000_000, 5], ["East", 3, 4]]),
    );
    let mut two = goal.clone();
    two.encoding.y.push(Channel { format: Some(",.0f".into()), ..channel("profit", "Profit") });
    let drawn = spec(&two, &both, Theme::Slate).unwrap();
    let layers = drawn["layer"].as_array().unwrap().iter();
    let shared: Vec<&Value> = layers.map(|layer| &layer["encoding"]["y"]["axis"]["labelExpr"]).collect();
    assert_eq!(shared, [SHORT, SHORT], "one axis, one way of writing");
    goal.kind = CardKind::Pie;
    let pie = spec(&goal, &rows, Theme::Slate).unwrap();
    assert_eq!(pie["layer"][1]["encoding"]["text"]["format"], "$.3~s");
    goal.encoding.y[0].format = Some(".1%".into());
    goal.kind = CardKind::Bar;
    assert_eq!(axis(&goal, &rows)["format"], ".1%");
}

#[test]
fn shares_beside_other_figures_have_an_axis_of_their_own() {
    let share = Channel { format: Some(".1%".into()), ..channel("margin", "Margin") };
    let columns = [("region", ColumnType::Text), ("total_sales", ColumnType::Integer), ("margin", ColumnType::Number)];
    let rows = table(&columns, json!([["West", 900, 0.25], ["East", 400, 0.5]]));
    for kind in [CardKind::Bar, CardKind::Line] {
        let (mut goal, _) = sales(kind, false);
        goal.encoding.y.push(share.clone());
        let drawn = spec(&goal, &rows, Theme::Slate).unwrap();
        assert_eq!(drawn["resolve"]["scale"]["y"], "independent", "{kind:?}");
        goal.encoding.y[1].format = goal.encoding.y[0].format.clone();
        assert!(spec(&goal, &rows, Theme::Slate).unwrap().get("resolve").is_none(), "{kind:?}");
    }
}
