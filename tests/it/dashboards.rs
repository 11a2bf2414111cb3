//! Dashboards over HTTP, as the documents have them.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::generation::{ORDERS, PROMPT};
use crate::server::{Answer, Person, Server, send};

/// The lines of a stream: `id`, if there is one, and `data`.
fn lines(answer: &Answer) -> Vec<(Option<String>, Value)> {
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"), "{}", answer.text);
    let blocks = answer.text.split("\n\n").filter(|block| !block.is_empty() && !block.starts_with(':'));
    let part = |block: &str, name: &str| block.lines().find_map(|l| l.strip_prefix(name).map(str::to_owned));
    blocks.map(|b| (part(b, "id: "), serde_json::from_str(&part(b, "data: ").unwrap()).unwrap())).collect()
}

async fn generated(ada: &Person, room: Option<&str>) -> Vec<(Option<String>, Value)> {
    let body = json!({"user_prompt": PROMPT, "max_charts": 4, "theme": "slate", "room_id": room});
    lines(&ada.post("/dashboard/generate/stream", body).await)
}

#[tokio::test]
async fn a_dashboard_is_streamed_refined_filtered_retrieved_and_deleted() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    ada.upload("/server/data/upload", "orders.csv", ORDERS, Some(&room)).await.data();
    let told = generated(&ada, Some(&room)).await;
    let of = |kind: &str| told.iter().filter(|(_, line)| line["type"] == kind).map(|(_, l)| l).collect::<Vec<_>>();
    let stages: Vec<_> = of("progress").iter().map(|p| (p["stage"].clone(), p["progress"].clone())).collect();
    let expected = [("strategy", 25), ("data", 50), ("viz", 75), ("layout", 100)];
    assert_eq!(stages, expected.map(|(stage, progress)| (json!(stage), json!(progress))));
    assert_eq!(told[0].1["details"], json!({"charts_planned": 4}));
    assert_eq!(of("chart").len(), 4);
    let result = &told.last().unwrap().1["result"];
    assert_eq!(told.last().unwrap().1["type"], "complete");
    let (id, spec) = (result["session_id"].as_str().unwrap(), &result["dashboard_spec"]);
    let bars = &spec["individual_specs"][2];
    assert_eq!(bars["data"]["values"][0], json!({"region": "West", "total_revenue": 300}));
    assert_eq!(bars["usermeta"]["chart_id"], "chart_3");

    // Going on after the third line gives exactly the rest.
    let after = told[2].0.clone().unwrap();
    let rest = send(ada.ask(Method::GET, "/dashboard/generate/stream").header("Last-Event-ID", after)).await;
    assert_eq!(lines(&rest), told[3..]);

    let pie = json!({"session_id": id, "new_feedback": "make it a pie chart", "target_chart_id": "chart_3"});
    let pie = ada.post("/dashboard/refine", pie).await.json();
    assert_eq!((&pie["success"], &pie["error"], &pie["session_id"]), (&json!(true), &Value::Null, &json!(id)));
    assert_eq!(pie["dashboard"]["individual_specs"][2]["usermeta"]["type"], "pie");
    assert!(pie["dashboard"]["layout_config"]["items"].is_array() && pie["dashboard"]["title"].is_string());

    let west = json!({"session_id": id, "filter_state": {"region": "West"}});
    let west = ada.post("/dashboard/filter", west).await.json();
    assert_eq!(west["dashboard"]["individual_specs"][2]["data"]["values"].as_array().unwrap().len(), 1);
    let wrong = ada.post("/dashboard/filter", json!({"session_id": id, "filter_state": {"planet": 1}})).await;
    let body = wrong.json();
    assert_eq!((wrong.status, &body["success"], &body["dashboard"]), (400, &json!(false), &Value::Null));
    assert_eq!((&body["field"], &body["session_id"]), (&json!("filter_state.planet"), &json!(id)));
    assert!(body["error"].is_string());

    let whole = ada.get(&format!("/api/dashboard/{id}/")).await.json();
    assert_eq!((&whole["status"], &whole["success"]), (&json!("success"), &json!(true)));
    assert_eq!(whole["data"]["chart_blocks"][0]["spec"]["value"], 300.0);
    assert_eq!(whole["data"]["dataset"]["name"], "orders");
    let bob = server.person("bob").await;
    for path in [format!("/api/dashboard/{id}/"), format!("/api/dashboard/{}/", Uuid::now_v7())] {
        assert_eq!((bob.get(&path).await.status, server.stranger().get(&path).await.status), (404, 401));
    }
    let refused = bob.post("/dashboard/refine", json!({"session_id": id, "new_feedback": "make it a pie"})).await;
    assert_eq!((refused.status, &refused.json()["success"]), (404, &json!(false)));

    let listed = ada.call("dashboard.list", json!({"room_id": room})).await.data();
    assert_eq!((&listed["dashboards"][0]["id"], &listed["dashboards"][0]["revision"]), (&json!(id), &json!(3)));
    ada.call("dashboard.delete", json!({"dashboard_id": id})).await.data();
    assert_eq!(ada.call("dashboard.get", json!({"dashboard_id": id})).await.error().0, 404);
    assert_eq!(ada.events(&room).await.last().unwrap(), "dashboard.deleted");
    server.stop().await;
}

#[tokio::test]
async fn a_stream_needs_a_credential_and_a_prompt() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let refused = ada.post("/dashboard/generate/stream", json!({"user_prompt": " "})).await;
    assert_eq!(refused.error(), (400, "INVALID_REQUEST".into(), "user_prompt".into()));
    let body = json!({"user_prompt": "x", "connection_name": "primary_analytics_db"});
    let elsewhere = ada.post("/dashboard/generate/stream", body).await;
    assert_eq!(elsewhere.error(), (404, "NOT_FOUND".into(), "connection_name".into()));
    let stranger = server.stranger().post("/dashboard/generate/stream", json!({"user_prompt": "x"})).await;
    assert_eq!(stranger.status, 401);
    let empty = lines(&ada.post("/dashboard/generate/stream", json!({"user_prompt": "sales by month"})).await);
    assert_eq!((&empty[0].1["type"], &empty.last().unwrap().1["type"]), (&json!("clarification"), &json!("complete")));
    server.stop().await;
}

#[tokio::test]
async fn a_room_sees_a_generation_live() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    ada.upload("/server/data/upload", "orders.csv", ORDERS, Some(&room)).await.data();
    let mut socket = server.socket(&ada).await;
    socket.join(&room, json!("head")).await;
    generated(&ada, Some(&room)).await;
    for kind in ["generation.started", "generation.chart", "generation.completed"] {
        let event = socket.event(kind).await;
        assert_eq!((&event["metadata"]["room_id"], &event["metadata"]["actor"]["name"]), (&json!(room), &json!("ada")));
    }
    server.stop().await;
}
