//! What a browser gets of large results, what can be taken away, and what no spec may hold.

use serde_json::{Value, json};

use crate::server::{Person, Server};

const ROWS: usize = 12_000;

/// So many points of three series.
fn points() -> String {
    let mut csv = String::from("n,series,value\n");
    for n in 0..ROWS {
        csv.push_str(&format!("{n},{},{}\n", ["a", "b", "c"][n % 3], n * 7 % 101));
    }
    csv
}

async fn dashboard(person: &Person) -> String {
    let room = person.room().await;
    person.upload("/server/data/upload", "points.csv", points(), Some(&room)).await.data();
    let made = person.call("dashboard.create", json!({"title": "Large", "room_id": room})).await.data();
    made["id"].as_str().unwrap().to_owned()
}

async fn panel(person: &Person, id: &str, panel: Value) -> Value {
    let added = person.call("dashboard.add_panel", json!({"dashboard_id": id, "panel": panel})).await;
    added.data()["panel"].clone()
}

fn rows(table: &Value) -> &Vec<Value> {
    table["rows"].as_array().unwrap()
}

#[tokio::test]
async fn large_results_are_cut_and_say_so() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = dashboard(&ada).await;
    let query =
        json!({"table": "points", "x": {"column": "n"}, "y": [{"column": "value"}], "series": {"column": "series"}});
    let scatter = panel(&ada, &id, json!({"type": "scatter", "query": query})).await;
    assert_eq!(scatter["notes"], json!(["4,002 of 12,000 points, sampled"]), "a third of each of three series");
    assert_eq!((&scatter["data"]["truncated"], &scatter["data"]["total"]), (&json!(true), &json!(ROWS)));
    for series in ["a", "b", "c"] {
        let of_series = rows(&scatter["data"]).iter().filter(|row| row[1] == series);
        let places: Vec<u64> = of_series.map(|row| row[0].as_u64().unwrap()).collect();
        assert_eq!(places.len(), 1_334, "{series}");
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] == 9), "evenly, and in order");
    }

    let by_hand = json!({"type": "line", "sql": "SELECT n, value FROM points -- all of them", "encoding": {"x": "n", "y": ["value"]}});
    let line = panel(&ada, &id, by_hand).await;
    assert_eq!(line["notes"], json!(["4,000 of 12,000 points, sampled"]));
    let table = panel(&ada, &id, json!({"type": "table", "sql": "SELECT * FROM points ORDER BY n DESC"})).await;
    assert_eq!(table["notes"], json!(["The first 5,000 of 12,000 rows"]));
    assert_eq!((rows(&table["data"]).len(), &table["data"]["rows"][0][0]), (5_000, &json!(ROWS - 1)));

    // The sample is one of what the filter leaves: all of it, where that is little enough.
    let filtered = json!({"session_id": id, "filter_state": {"series": "b"}});
    let cards = ada.call("dashboard.filter", filtered).await.data()["cards"].clone();
    assert_eq!((rows(&cards[0]["data"]).len(), cards[0].get("notes")), (4_000, None));
    let whole = ada.call("dashboard.rows", json!({"dashboard_id": id, "panel_id": "chart_3"})).await.data();
    assert_eq!((rows(&whole).len(), &whole["truncated"]), (4_000, &json!(false)));
    ada.call("dashboard.filter", json!({"session_id": id, "filter_state": {}})).await.data();
    let whole = ada.call("dashboard.rows", json!({"dashboard_id": id, "panel_id": table["id"]})).await.data();
    assert_eq!((rows(&whole).len(), &whole["truncated"]), (ROWS, &json!(false)));
    server.stop().await;
}

/// So many groups, each of two rows: in no order, none as large as another; and days of twenty years.
fn many_groups() -> String {
    let mut csv = String::from("place,half,amount,day\n");
    for n in 0..GROUPS {
        let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Days::new(n as u64);
        for half in ["left", "right"] {
            csv.push_str(&format!("place {},{half},{},{day}\n", n, amount(n)));
        }
    }
    csv
}

const GROUPS: usize = 7_300;

/// A prime of places apart, so that neighbours differ much.
fn amount(n: usize) -> usize {
    1 + n * 3_571 % GROUPS
}

/// The amounts of all groups but the largest so many, for each row of a group.
fn rest(largest: usize) -> usize {
    (1..=GROUPS - largest).sum()
}

#[tokio::test]
async fn of_too_many_groups_the_largest_are_shown() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    ada.upload("/server/data/upload", "groups.csv", many_groups(), Some(&room)).await.data();
    let made = ada.call("dashboard.create", json!({"title": "Many", "room_id": room})).await.data();
    let id = made["id"].as_str().unwrap().to_owned();
    let sum = json!([{"column": "amount", "aggregation": "sum"}]);
    let asked = |change: Value| {
        let mut query = json!({"table": "groups", "x": {"column": "place"}, "y": sum});
        query.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        query
    };
    let figures = |card: &Value| rows(&card["data"]).iter().map(|row| row[1].as_u64().unwrap()).collect::<Vec<_>>();

    // By name, they stand by name, and are the largest all the same.
    let by_name = asked(json!({"sort": {"by": "x"}}));
    let bars = panel(&ada, &id, json!({"type": "bar", "query": by_name})).await;
    let together = rest(5_000) * 2;
    assert_eq!(together, 5_292_300);
    let note = "The 5,000 largest of 7,300 groups; the other 2,300: 5,292,300 together";
    assert_eq!(bars["notes"], json!([note]));
    assert_eq!(figures(&bars).iter().min(), Some(&(2 * 2_301)));
    assert!(rows(&bars["data"]).is_sorted_by(|a, b| a[0].as_str() < b[0].as_str()));
    let others = json!({"groups": 2_300, "of": GROUPS, "sums": {"total_amount": together as f64}});
    assert_eq!((&bars["data"]["others"], &bars["data"]["total"]), (&others, &json!(GROUPS)));

    // Parts of a whole, of which the others are one.
    let pie = panel(&ada, &id, json!({"type": "pie", "query": asked(json!({}))})).await;
    assert_eq!(pie["notes"], json!(["The 4,999 largest of 7,300 groups; the other 2,301 are one part"]));
    assert_eq!(rows(&pie["data"]).last(), Some(&json!(["2,301 others", rest(4_999) * 2])));
    assert_eq!(pie["data"]["others"]["row"], "2,301 others");
    assert_eq!(figures(&pie).iter().sum::<u64>(), (rest(0) * 2) as u64);

    // Of what does not add up nothing is said; a group's series stay together; an order that is asked for stays.
    let mean = asked(json!({"y": [{"column": "amount", "aggregation": "avg"}], "sort": {"by": "x"}}));
    let means = panel(&ada, &id, json!({"type": "bar", "query": mean})).await;
    assert_eq!(means["notes"], json!(["The 5,000 largest of 7,300 groups"]));
    let halves = panel(&ada, &id, json!({"type": "bar", "query": asked(json!({"series": {"column": "half"}}))})).await;
    assert_eq!(halves["notes"][0], "The 2,500 largest of 7,300 groups; the other 4,800: 23,044,800 together");
    assert_eq!(rest(2_500) * 2, 23_044_800);
    assert_eq!(rows(&halves["data"]).len(), 5_000);
    let lowest = asked(json!({"sort": {"by": "y", "descending": false}}));
    let lowest = panel(&ada, &id, json!({"type": "bar", "query": lowest})).await;
    assert_eq!((&lowest["notes"][0], figures(&lowest)[0]), (&json!("The first 5,000 of 7,300 groups"), 2));
    let own = "SELECT place, SUM(amount) AS n FROM groups GROUP BY place";
    let sql =
        |order: &str| json!({"type": "bar", "sql": format!("{own}{order}"), "encoding": {"x": "place", "y": ["n"]}});
    let unordered = panel(&ada, &id, sql("")).await;
    assert_eq!((&unordered["notes"][0], figures(&unordered)[0]), (&json!("The 5,000 largest of 7,300 groups"), 14_600));
    let ordered = panel(&ada, &id, sql(" ORDER BY n")).await;
    assert_eq!((&ordered["notes"][0], figures(&ordered)[0]), (&json!("The first 5,000 of 7,300 groups"), 2));
    let days = panel(&ada, &id, json!({"type": "bar", "query": asked(json!({"x": {"column": "day"}}))})).await;
    assert_eq!(days["notes"], json!(["3,650 of 7,300 points, sampled"]));

    // Under a filter they are the largest of what it leaves, or simply all; what is taken away is all of it.
    let filtered = async |state: Value| {
        ada.call("dashboard.filter", json!({"session_id": id, "filter_state": state})).await.data()["cards"].clone()
    };
    let left = filtered(json!({"half": "left", "amount": {"gt": 1_000}})).await;
    let sum: usize = (1_001..=2_300).sum();
    assert_eq!(
        left[0]["notes"],
        json!([format!("The 5,000 largest of 6,300 groups; the other 1,300: {} together", "2,145,650")])
    );
    assert_eq!((sum, &left[0]["data"]["others"]["sums"]["total_amount"]), (2_145_650, &json!(sum as f64)));
    assert_eq!(rows(&left[1]["data"]).last(), Some(&json!(["1,301 others", sum + 2_301])));
    let few = filtered(json!({"amount": {"gt": 7_000}})).await;
    assert_eq!((rows(&few[1]["data"]).len(), few[1].get("notes"), few[1]["data"].get("others")), (300, None, None));
    filtered(json!({})).await;
    let all = ada.call("dashboard.rows", json!({"dashboard_id": id, "panel_id": "chart_2"})).await.data();
    assert_eq!((rows(&all).len(), &all["truncated"], all.get("others")), (GROUPS, &json!(false), None));
    server.stop().await;
}

#[tokio::test]
async fn what_can_be_taken_away_is_bounded_as_well() {
    let server = Server::start_with(|config| config.limits.export_rows_max = 6_000).await;
    let ada = server.person("ada").await;
    let id = dashboard(&ada).await;
    panel(&ada, &id, json!({"type": "table", "sql": "SELECT * FROM points"})).await;
    panel(&ada, &id, json!({"text": "What we think of it."})).await;
    let some = ada.call("dashboard.rows", json!({"dashboard_id": id, "panel_id": "chart_1"})).await.data();
    assert_eq!((rows(&some).len(), &some["truncated"], &some["total"]), (6_000, &json!(true), &json!(ROWS)));
    let none = ada.call("dashboard.rows", json!({"dashboard_id": id, "panel_id": "chart_2"})).await.data();
    assert_eq!(rows(&none).len(), 0);
    let (status, code, _) =
        ada.call("dashboard.rows", json!({"dashboard_id": id, "panel_id": "chart_9"})).await.error();
    assert_eq!((status, code.as_str()), (404, "NOT_FOUND"));
    server.stop().await;
}

/// A row of a table may be so wide that five thousand of them are too much for a browser.
#[tokio::test]
async fn wide_rows_are_fewer() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = dashboard(&ada).await;
    let sql = format!("SELECT n, '{}' AS words FROM points ORDER BY n", "wide ".repeat(300));
    let table = panel(&ada, &id, json!({"type": "table", "sql": sql})).await;
    assert_eq!(table["notes"], json!(["The first 500 of 12,000 rows"]));
    server.stop().await;
}

/// A card with SQL of its own can be another kind, be called otherwise, and go; its query stays what it is.
#[tokio::test]
async fn cards_made_by_hand_are_changed_by_a_sentence() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = dashboard(&ada).await;
    let sql = "SELECT series, SUM(value) AS total FROM points GROUP BY series ORDER BY series";
    panel(&ada, &id, json!({"type": "table", "sql": sql})).await;
    panel(&ada, &id, json!({"text": "What we think of it."})).await;
    let refine = async |sentence: &str| {
        let input = json!({"session_id": id, "new_feedback": sentence, "target_chart_id": "chart_1"});
        ada.call("dashboard.refine", input).await.data()
    };
    let pie = refine("make it a pie chart").await;
    let card = &pie["dashboard"]["cards"][0];
    assert_eq!((&card["type"], &card["sql"]), (&json!("pie"), &json!(sql)), "{}", pie["clarification"]);
    assert_eq!(
        (&card["encoding"]["x"]["field"], &card["encoding"]["y"][0]["field"]),
        (&json!("series"), &json!("total"))
    );
    assert!(card["spec"].is_object());
    assert_eq!(refine("call it “Shares”").await["dashboard"]["cards"][0]["title"], "Shares");
    let asked = refine("make it a heatmap").await;
    assert!(asked["clarification"]["message"].as_str().unwrap().contains("two groups"), "{asked}");
    let asked = refine("only the west").await;
    assert!(asked["clarification"]["message"].as_str().unwrap().contains("its kind, its title"), "{asked}");
    assert_eq!(asked["dashboard"]["cards"][0]["type"], "pie");
    let cut = refine("only the top 2").await;
    let card = &cut["dashboard"]["cards"][0];
    assert_eq!(card["data"]["rows"].as_array().map(Vec::len), Some(2), "{cut}");
    assert!(card["sql"].as_str().is_some_and(|text| text.contains(sql) && text.ends_with("LIMIT 2")), "{card}");
    let gone = refine("remove this chart").await;
    let left = gone["dashboard"]["cards"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["key"]), (1, &json!("chart_2")), "the note is no sentence about it");
    server.stop().await;
}

/// A spec is always the server's own: whatever brings one, or what could be put into one to load or run something, is
/// refused.
#[tokio::test]
async fn no_spec_comes_from_outside() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = dashboard(&ada).await;
    let query = json!({"table": "points", "x": {"column": "series"}, "y": [{"column": "value", "aggregation": "sum"}]});
    let add = format!("/dashboards/{id}/add-panel");
    for (name, value) in [
        ("spec", json!({"mark": "bar", "data": {"url": "https://example.com/x.json"}})),
        ("vega_lite", json!({"params": [{"name": "x", "expr": "1"}]})),
        ("url", json!("https://example.com")),
        ("href", json!("javascript:alert(1)")),
        ("signal", json!("x")),
    ] {
        let mut with = json!({"type": "bar", "query": query});
        with[name] = value;
        let (status, code, message) = ada.post(&add, with.clone()).await.error();
        assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"), "{name}: {message}");
        let input = json!({"dashboard_id": id, "panel": with});
        assert_eq!(ada.call("dashboard.add_panel", input).await.error().1, "INVALID_REQUEST", "{name}");
    }
    // Nor does a name or a format become an expression: they stay the words they are.
    let title = "datum['constructor'] {\"signal\": \"x\"}";
    let hostile = json!({"type": "bar", "title": title, "sql": "SELECT series AS \"a\", SUM(value) AS b FROM points GROUP BY 1",
        "encoding": {"x": "a", "y": [{"field": "b", "label": title, "format": "{signal: 1}", "unit": "href"}]}});
    let (status, _, message) = ada.post(&add, hostile.clone()).await.error();
    assert_eq!(status, 400, "{message}");
    let mut named = hostile;
    named["encoding"]["y"][0]["format"] = ",.0f".into();
    let card = panel(&ada, &id, named).await;
    let mut keys = Vec::new();
    names(&card["spec"], &mut keys);
    for refused in ["url", "expr", "signal", "href", "calculate", "filter"] {
        assert!(!keys.iter().any(|key| key == refused), "{refused} in {}", card["spec"]);
    }
    let (status, ..) = {
        let sql = json!({"type": "bar", "sql": "SELECT series AS \"a.b['c']\", 1 AS b FROM points", "encoding": {"x": "a.b['c']", "y": ["b"]}});
        ada.post(&add, sql).await.error()
    };
    assert_eq!(status, 400, "a column's name that Vega reads as a path");
    server.stop().await;
}

fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found.push(key.clone());
            names(value, found);
        }),
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}
