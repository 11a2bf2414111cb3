//! Every answer that the reference shows, held against what the server answers: names, nesting, casing, types and the order
//! of the fields. `docs/reference.md` says which test holds which.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use reqwest::Method;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use crate::faces::{generated, room_with_orders};
use crate::generation::PROMPT;
use crate::server::{Answer, Person, Server, send};

/// JSON whose fields keep their order, and of whose values only the type counts. In what a document shows, `"…"` stands
/// for anything, as an item for any items, and as a field for any further fields.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Null,
    Bool,
    Number,
    Text(String),
    List(Vec<Shape>),
    Fields(Vec<(String, Shape)>),
}

const ANYTHING: &str = "…";

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Shape, E> {
                Ok(Shape::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
                Ok(Shape::Bool)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
                Ok(Shape::Number)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
                Ok(Shape::Number)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
                Ok(Shape::Number)
            }

            fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
                Ok(Shape::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(Shape::List(all))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Shape, A::Error> {
                let mut all = Vec::new();
                while let Some(field) = fields.next_entry()? {
                    all.push(field);
                }
                Ok(Shape::Fields(all))
            }
        }
        from.deserialize_any(Reader)
    }
}

impl Shape {
    fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn is_anything(&self) -> bool {
        matches!(self, Shape::Text(text) if text == ANYTHING)
    }

    /// Where `told` is not what this says.
    fn differences(&self, told: &Shape, at: &str, found: &mut Vec<String>) {
        match (self, told) {
            (said, _) if said.is_anything() => {}
            (Shape::Null, Shape::Null) | (Shape::Bool, Shape::Bool) => {}
            (Shape::Number, Shape::Number) | (Shape::Text(_), Shape::Text(_)) => {}
            (Shape::List(said), Shape::List(told)) => {
                for (n, item) in told.iter().enumerate() {
                    let mut best: Option<Vec<String>> = None;
                    for said in said {
                        let mut now = Vec::new();
                        said.differences(item, &format!("{at}[{n}]"), &mut now);
                        best = Some(best.filter(|best| best.len() <= now.len()).unwrap_or(now));
                    }
                    found.extend(best.unwrap_or_else(|| vec![format!("{at}[{n}] is more than is said")]));
                }
            }
            (Shape::Fields(said), Shape::Fields(told)) => {
                let open = said.iter().any(|(name, _)| name == ANYTHING);
                let names: Vec<&str> =
                    said.iter().map(|(name, _)| name.as_str()).filter(|name| *name != ANYTHING).collect();
                let there: Vec<&str> =
                    told.iter().map(|(name, _)| name.as_str()).filter(|name| !open || names.contains(name)).collect();
                if names != there {
                    found.push(format!("{at}: {there:?} are not {names:?}"));
                }
                for (name, said) in said {
                    if let Some((_, told)) = told.iter().find(|(there, _)| there == name) {
                        said.differences(told, &format!("{at}.{name}"), found);
                    }
                }
            }
            (said, told) => found.push(format!("{at}: {told:?} is not {said:?}")),
        }
    }
}

#[track_caller]
fn same(document: &str, told: &str) {
    let mut found = Vec::new();
    Shape::of(document).differences(&Shape::of(told), "", &mut found);
    assert!(found.is_empty(), "{found:#?}\nin {told}");
}

#[test]
fn a_shape_tells_differences() {
    let differ = |said: &str, told: &str| {
        let mut found = Vec::new();
        Shape::of(said).differences(&Shape::of(told), "", &mut found);
        found.len()
    };
    for (said, told) in [
        (r#"{"a": 1, "b": "x"}"#, r#"{"a": 2.5, "b": "y"}"#),
        (r#"[{"a": 1}, 1]"#, r#"[1, {"a": 2}]"#),
        (r#"{"a": [], "…": 0}"#, r#"{"z": 1, "a": []}"#),
        (r#"{"a": ["…"], "b": "…"}"#, r#"{"a": [1, {}], "b": null}"#),
    ] {
        assert_eq!(differ(said, told), 0, "{said} {told}");
    }
    for (said, told) in [
        (r#"{"a": 1, "b": 1}"#, r#"{"b": 1, "a": 1}"#),
        (r#"{"a": 1}"#, r#"{"a": 1, "b": 1}"#),
        (r#"{"a": 1}"#, r#"{"A": 1}"#),
        (r#"{"a": 1}"#, r#"{"a": "1"}"#),
        (r#"{"a": 1}"#, r#"{"a": null}"#),
        (r#"{"a": null}"#, r#"{"a": 1}"#),
        (r#"[{"a": 1}]"#, r#"[{"a": 1}, {}]"#),
        (r#"[]"#, r#"[1]"#),
        (r#"{"a": 1, "b": 1, "…": 0}"#, r#"{"b": 1, "c": 0, "a": 1}"#),
    ] {
        assert_ne!(differ(said, told), 0, "{said} {told}");
    }
}

async fn put(person: &Person, path: &str, body: Value) -> Answer {
    send(person.ask(Method::PUT, path).json(&body)).await
}

/// 000: the stream's lines, and what refining and filtering answer.
#[tokio::test]
async fn generation_refinement_and_drill_down() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let sales = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/curl/sales.csv")).unwrap();
    ada.upload("/server/data/upload", "sales.csv", sales, Some(&room)).await.data();
    let request = json!({
        "user_prompt": "Show daily revenue metrics breakdown across northern sales regions", "connection_name": "files",
        "max_charts": 4, "theme": "slate", "room_id": room,
    });
    let told = ada.post("/dashboard/generate/stream", request).await;
    assert_eq!((told.status, told.header("content-type")), (200, "text/event-stream"));
    let lines: Vec<&str> = told.text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let progress: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with(r#"{"type":"progress""#)).collect();
    let first = r#"{"type": "progress", "stage": "strategy", "progress": 25, "message": "Planning chart objectives...",
        "details": {"charts_planned": 2, "…": 0}}"#;
    same(first, progress[0]);
    let steps: Vec<(Value, Value)> = progress
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["stage"].clone(), line["progress"].clone()))
        .collect();
    for step in [("strategy", 25), ("data", 50), ("viz", 75), ("layout", 100)] {
        assert!(steps.contains(&(json!(step.0), json!(step.1))), "{step:?} in {steps:?}");
    }
    let complete = r#"{"type": "complete", "result": {"session_id": "aff116c3-...", "dashboard_spec": {"…": 0}}}"#;
    same(complete, lines.last().unwrap());
    let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let id = last["result"]["session_id"].as_str().unwrap().to_owned();

    let answered = r#"{
        "success": true, "session_id": "aff116c3-c9d0-4b9b-a095-dfd265d2b5f9",
        "dashboard": {"title": "Refined Workspace Metrics", "individual_specs": ["…"], "layout_config": {"…": 0}, "…": 0},
        "error": null
    }"#;
    let refine = json!({
        "session_id": id, "new_feedback": "Update chart 1 to use a multi-series bar layout", "target_chart_id": "chart_1",
    });
    let refined = ada.post("/dashboard/refine", refine).await;
    assert_eq!(refined.status, 200, "{refined:?}");
    same(answered, &refined.text);
    let filtered = ada
        .post(
            "/dashboard/filter",
            json!({"session_id": id, "filter_state": {"sales_region": "North", "fiscal_quarter": "Q4"}}),
        )
        .await;
    assert_eq!(filtered.status, 200, "{filtered:?}");
    same(answered, &filtered.text);
    let (before, after) = (refined.json()["dashboard"].clone(), filtered.json()["dashboard"].clone());
    let specs = |of: &Value| {
        let mut specs = of["individual_specs"].as_array().unwrap().clone();
        for spec in &mut specs {
            (spec["data"], spec["usermeta"]) = (Value::Null, Value::Null);
        }
        specs
    };
    assert_eq!(specs(&before), specs(&after), "the specs are what they were, but for their rows");
    server.stop().await;
}

/// 001: the envelope, of an answer and of an error, and the codes of the table.
#[tokio::test]
async fn the_envelope_and_its_codes() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let envelope = r#"{"success": true, "data": {"…": 0}, "errors": [], "warnings": [], "execution_time_ms": 142.5}"#;
    let made = ada.post("/api/v1/bi/dashboards", json!({"title": "BI"})).await;
    same(envelope, &made.text);
    let one = format!("/api/v1/bi/dashboards/{}", made.data()["id"].as_str().unwrap());
    for path in ["/api/v1/bi/dashboards", &one, &format!("{one}/widgets"), &format!("{one}/share")] {
        same(envelope, &ada.get(path).await.text);
    }
    let refused = r#"{"success": false, "data": null, "errors": [{"code": "NOT_FOUND", "message": "…", "…": 0}],
        "warnings": [], "execution_time_ms": 142.5}"#;
    let (stranger, eve) = (server.stranger(), server.person("eve").await);
    let invited = ada.call("account.invite", json!({})).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;
    let share = json!({"user_id": bob.id(), "role": "viewer"});
    ada.post(&format!("{one}/share"), share).await.data();
    for (answer, status, code) in [
        (ada.post("/api/v1/bi/dashboards", json!({})).await, 400, "INVALID_REQUEST"),
        (stranger.get("/api/v1/bi/dashboards").await, 401, "UNAUTHORIZED"),
        (put(&bob, &one, json!({"title": "x"})).await, 403, "FORBIDDEN"),
        (eve.get(&one).await, 404, "NOT_FOUND"),
    ] {
        assert_eq!((answer.status, answer.error().1.as_str()), (status, code));
        same(refused, &answer.text);
    }
    server.stop().await;
}

/// 003: each answer that it shows.
#[tokio::test]
async fn saved_published_cloned_and_refreshed() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    generated(&ada, Some(&room), PROMPT).await;
    let all = "/api/v1/analytics/dashboards";
    let saved = ada.post(all, json!({"conversationId": room, "title": "Q3 Revenue Dashboard"})).await;
    let document = r#"{"success": true, "dashboard":
        {"id": "dash_xyz789", "title": "Q3 Revenue Dashboard", "createdAt": "2024-01-15T10:00:00Z"}}"#;
    same(document, &saved.text);
    let id = saved.json()["dashboard"]["id"].as_str().unwrap().to_owned();
    let document = r#"{"success": true, "dashboards": [{"id": "dash_xyz789", "title": "Q3 Revenue Dashboard",
        "isDashboard": true, "isPublic": false, "createdAt": "2024-01-15T10:00:00Z"}]}"#;
    same(document, &ada.get(all).await.text);
    let published = ada.post(&format!("{all}/{id}/publish"), json!({"password": "optional-password"})).await;
    let document = r#"{"success": true, "slug": "q3-revenue-abc123",
        "publicUrl": "https://app.ballast.sh/public/dashboards/q3-revenue-abc123"}"#;
    same(document, &published.text);
    let slug = published.json()["slug"].as_str().unwrap().to_owned();
    assert!(slug.starts_with("q3-revenue-") && slug.len() == "q3-revenue-abc123".len(), "{slug}");
    let clone = ada.post(&format!("{all}/{id}/clone"), json!({})).await;
    let document = r#"{"success": true, "dashboard": {"id": "dash_newid", "title": "Q3 Revenue Dashboard (Copy)"}}"#;
    same(document, &clone.text);
    assert_eq!(clone.json()["dashboard"]["title"], "Q3 Revenue Dashboard (Copy)");
    ada.post(&format!("{all}/{id}/refresh"), json!({})).await;
    let document = r#"{"success": true, "refreshEnabled": true, "refreshInterval": 900,
        "lastRefreshedAt": "2024-01-15T10:00:00Z"}"#;
    let settings = format!("{all}/{id}/refresh");
    same(document, &ada.get(&settings).await.text);
    for interval in [300, 900, 3600, 86_400] {
        let set = put(&ada, &settings, json!({"refreshEnabled": true, "refreshInterval": interval})).await;
        same(document, &set.text);
        assert_eq!(set.json()["refreshInterval"], interval);
    }
    let stranger = server.stranger();
    let public = format!("/api/v1/public/dashboards/{slug}");
    let shown = stranger.post(&public, json!({"password": "optional-password"})).await;
    same(r#"{"success": true, "dashboard": {"charts": [{"data": {"…": 0}, "…": 0}], "…": 0}, "…": 0}"#, &shown.text);

    let error = |answer: Answer| (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned());
    let invited = ada.call("account.invite", json!({})).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;
    let add = json!({"room_id": room, "user_id": bob.id(), "role": "viewer"});
    ada.call("room.add_member", add).await.data();
    assert_eq!(error(stranger.get(all).await), (401, "unauthorized".into()));
    assert_eq!(error(bob.post(&format!("{all}/{id}/publish"), json!({})).await), (403, "forbidden".into()));
    assert_eq!(error(stranger.post(&public, json!({})).await), (403, "password_required".into()));
    assert_eq!(error(ada.get(&format!("{all}/dash_xyz789/refresh")).await), (404, "not_found".into()));
    let gone = ada.delete(&format!("{all}/{id}/publish")).await;
    assert_eq!((gone.status, gone.json()["success"].clone()), (200, json!(true)));
    assert_eq!(
        error(stranger.post(&public, json!({"password": "optional-password"})).await),
        (404, "not_found".into())
    );
    server.stop().await;
}

/// 004: the dashboard that it shows, with its three kinds of block.
#[tokio::test]
async fn a_dashboard_in_blocks() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    let id = ada.post("/dashboards/create", json!({"title": "Q3 Sales Overview", "room_id": room})).await.data()["id"]
        .clone();
    let id = id.as_str().unwrap();
    for panel in [
        json!({"type": "kpi", "target": 500, "query": {"table": "orders", "y": [{"column": "revenue", "aggregation": "sum"}]}}),
        json!({"type": "bar", "query": {
            "table": "orders", "x": {"column": "region"}, "y": [{"column": "revenue", "aggregation": "sum"}],
        }}),
        json!({"text": "Revenue increased 23% compared to last quarter."}),
    ] {
        ada.post(&format!("/dashboards/{id}/add-panel"), panel).await.data();
    }
    let block = |kind: &str, spec: &str, preview: &str| {
        format!(
            r#"{{"id": "a1", "dashboard": "d6", "position": 0, "type": "{kind}", "title": "Total Revenue",
            "description": "Sum of all revenue", "spec": {spec}, "data_preview": {preview}, "config": {{"…": 0}},
            "created_at": "2025-01-08T10:15:00Z", "updated_at": "2025-01-08T10:15:00Z"}}"#
        )
    };
    // The data has no unit, and nothing to compare with.
    let kpi = r#"{"value": 1250000, "value_from_column": "revenue", "operation": "sum", "unit": "…", "trend": "…", "target": 1000000}"#;
    let figure = r#"{"columns": ["label", "value"], "rows": [{"label": "Total Revenue", "value": 1250000}]}"#;
    let rows = r#"{"columns": ["region", "revenue"], "rows": [{"region": "West", "total_revenue": 450000}], "x_axis": "Region",
        "y_axis": "Revenue"}"#;
    let blocks = [
        block("kpi", kpi, figure),
        block("bar", r#"{"x": "region", "y": "revenue", "aggregation": "sum"}"#, rows),
        block("insight", "{}", "{}"),
    ];
    let document = format!(
        r##"{{"status": "success", "success": true, "message": "Dashboard retrieved successfully", "data": {{
            "id": "d6", "title": "Q3 Sales Overview", "description": "Executive dashboard showing revenue trends",
            "layout": {{
                "visualizations": [], "chart_order": [0, 1, 2],
                "color_scheme": {{"primary": "#3B82F6", "secondary": "#10B981", "accent": "#F5A623"}},
                "narrative_snippets": ["Revenue increased 23% compared to last quarter"]
            }},
            "chart_blocks": [{}],
            "dataset": {{"id": "1b", "name": "Sales Data Q3", "status": "cleaned"}},
            "visibility": "private", "status": "completed", "created_at": "2025-01-08T10:15:00Z",
            "updated_at": "2025-01-08T10:16:12Z", "last_generated_at": "2025-01-08T10:15:00Z"
        }}}}"##,
        blocks.join(",")
    );
    let path = format!("/api/dashboard/{id}/");
    let told = ada.get(&path).await;
    same(&document, &told.text);
    let data = told.json()["data"].clone();
    let order = ["position", "type"].map(|name| {
        data["chart_blocks"].as_array().unwrap().iter().map(|block| block[name].clone()).collect::<Vec<_>>()
    });
    assert_eq!(
        order,
        [json!([0, 1, 2]), json!(["kpi", "bar", "insight"])].map(|list| list.as_array().unwrap().clone())
    );
    // By a key as by a token.
    let made = ada.call("key.create", json!({"name": "x", "scopes": ["read", "ai"]})).await.data();
    let program = Person { tokens: json!({"access_token": made["key"]}), ..ada.clone() };
    assert_eq!(program.get(&path).await.text, told.text);
    let generated = r#"{"status": "success", "success": true, "message": "…", "data": {"dashboard_id": "d6",
        "status": "completed", "title": "…", "suggestions": []}}"#;
    let order = json!({"instructions": "revenue by region", "dataset_id": data["dataset"]["id"]});
    same(generated, &program.post("/api/dashboard/generate/", order).await.text);
    for (who, status) in [(&server.stranger(), 401), (&server.person("eve").await, 404)] {
        assert_eq!(who.get(&path).await.status, status);
    }
    let limited = ada.call("key.create", json!({"name": "x", "scopes": ["write"]})).await.data();
    let limited = Person { tokens: json!({"access_token": limited["key"]}), ..ada.clone() };
    assert_eq!(limited.get(&path).await.status, 403);
    server.stop().await;
}

/// The table of shown answers names tests that are there, and every test here.
#[test]
fn every_shown_answer_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/reference.md")).unwrap();
    let named: BTreeSet<(&str, &str)> = page.split('`').filter_map(|word| word.split_once("::")).collect();
    let mut missing = Vec::new();
    for (file, test) in &named {
        let path = root.join(format!("tests/it/{file}.rs"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if !text.contains(&format!("fn {test}()")) {
            missing.push(format!("{file}::{test}"));
        }
    }
    assert!(missing.is_empty(), "docs/reference.md names tests that there are not: {missing:?}");
    let here = fs::read_to_string(root.join("tests/it/golden.rs")).unwrap();
    for test in here.lines().filter_map(|line| line.strip_prefix("async fn ")?.strip_suffix("() {")) {
        assert!(named.contains(&("golden", test)), "docs/reference.md does not name golden::{test}");
    }
    for document in ["000", "001", "002", "003", "004"] {
        assert!(page.contains(&format!("## {document}")), "docs/reference.md has nothing of {document}");
    }
}
