//! One dashboard, five faces: what each documented family shows of it, to the letter, and that all show the same one.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::generation::{ORDERS, PROMPT};
use crate::server::{Answer, Person, Server, send};

async fn put(person: &Person, path: &str, body: Value) -> Answer {
    send(person.ask(Method::PUT, path).json(&body)).await
}

/// A room of somebody's with the orders in it.
pub async fn room_with_orders(person: &Person) -> String {
    let room = person.room().await;
    person.upload("/server/data/upload", "orders.csv", ORDERS, Some(&room)).await.data();
    room
}

/// A dashboard that a run has filled.
pub async fn generated(person: &Person, room: Option<&str>, prompt: &str) -> String {
    let body = json!({"prompt": prompt, "room_id": room});
    let done = person.call("dashboard.process", body).await.data();
    assert_eq!(done["status"], "complete", "{done}");
    done["session_id"].as_str().unwrap().to_owned()
}

/// Ids and times out of an answer's way: `{id}`, `{time}`.
fn plain(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::String(text) if text.parse::<Uuid>().is_ok() => *text = "{id}".into(),
            Value::String(text) if text.len() >= 20 && chrono::DateTime::parse_from_rfc3339(text).is_ok() => {
                *text = "{time}".into();
            }
            Value::Array(values) => values.iter_mut().for_each(walk),
            Value::Object(fields) => fields.values_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}

#[tokio::test]
async fn panels_are_added_moved_and_removed() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    let body = json!({"title": "By hand", "room_id": room, "theme": "ocean"});
    let made = ada.post("/dashboards/create", body).await.data();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!((&made["status"], &made["revision"], &made["cards"]), (&json!("completed"), &json!(1), &json!([])));
    let listed = ada.get("/dashboards").await.data();
    assert_eq!(listed["dashboards"][0]["id"], id.as_str());
    assert_eq!(ada.get(&format!("/dashboards?room_id={room}")).await.data(), listed);

    let add = format!("/dashboards/{id}/add-panel");
    let query = json!({"type": "bar", "query": {
        "table": "orders", "x": {"column": "region"}, "y": [{"column": "revenue", "aggregation": "sum"}],
    }});
    let bars = ada.post(&add, query).await.data();
    assert_eq!(
        (&bars["panel"]["key"], &bars["panel"]["type"], &bars["revision"]),
        (&json!("chart_1"), &json!("bar"), &json!(2))
    );
    assert_eq!(bars["panel"]["title"], "Total revenue by region");
    assert_eq!(bars["panel"]["data"]["rows"], json!([["West", 300], ["East", 60], ["South", 40]]));
    assert_eq!(bars["panel"]["encoding"]["y"][0]["aggregation"], "sum");
    let sql = "SELECT product, SUM(revenue) AS total FROM orders GROUP BY 1 ORDER BY 2 DESC, 1";
    let pie = ada.post(&add, json!({"type": "pie", "title": "Products", "sql": sql})).await.data();
    assert_eq!((&pie["panel"]["sql"], &pie["panel"]["title"]), (&json!(sql), &json!("Products")));
    assert_eq!(pie["panel"]["data"]["rows"][0], json!(["Desk", 240]));
    let kpi = ada.post(&add, json!({"panel": {"prompt": "total revenue", "target": 500}})).await.data();
    assert_eq!((&kpi["panel"]["kpi"]["value"], &kpi["panel"]["kpi"]["target"]), (&json!(400.0), &json!(500.0)));
    let note = ada.post(&add, json!({"text": "Desks sell best."})).await.data();
    assert_eq!(
        (&note["panel"]["type"], &note["panel"]["description"]),
        (&json!("insight"), &json!("Desks sell best."))
    );
    assert_eq!((&note["panel"]["key"], &note["revision"]), (&json!("chart_4"), &json!(5)));

    let item = |key: &str, x: u32, y: u32| json!({"key": key, "x": x, "y": y, "w": 6, "h": 3});
    let layout = format!("/dashboards/{id}/layout");
    let places = json!([item("chart_3", 0, 0), item("chart_1", 6, 0), item("chart_2", 0, 3), item("chart_4", 6, 3)]);
    let moved = put(&ada, &layout, json!({"layout": {"items": places}})).await.data();
    assert_eq!(moved["layout"], json!({"columns": 12, "items": places}));
    for (wrong, at) in [
        (json!([item("chart_1", 0, 0)]), "layout.items"),
        (json!([item("chart_9", 0, 0)]), "layout.items[0]"),
        (json!([item("chart_1", 7, 0)]), "layout.items[0]"),
        (json!([item("chart_1", 0, 0), item("chart_2", 5, 2)]), "layout.items[1]"),
        (json!([item("chart_1", 0, 0), item("chart_1", 6, 0)]), "layout.items[1]"),
    ] {
        let refused = put(&ada, &layout, json!({"layout": {"items": wrong}})).await;
        assert_eq!(refused.error(), (400, "INVALID_REQUEST".into(), at.into()));
    }
    let pie_id = pie["panel"]["id"].as_str().unwrap();
    let fewer = ada.delete(&format!("/dashboards/{id}/remove-panel/{pie_id}")).await.data();
    let left: Vec<&Value> = fewer["layout"]["items"].as_array().unwrap().iter().map(|item| &item["key"]).collect();
    assert_eq!(left, ["chart_3", "chart_1", "chart_4"], "what somebody placed stays where it is");
    assert_eq!(ada.delete(&format!("/dashboards/{id}/remove-panel/chart_2")).await.error().0, 404);
    let below = ada.post(&add, json!({"prompt": "revenue per month"})).await.data();
    assert_eq!(below["layout"]["items"][3], json!({"key": "chart_5", "x": 0, "y": 6, "w": 12, "h": 4}));

    ada.delete(&format!("/dashboards/{id}")).await.data();
    assert_eq!(ada.delete(&format!("/dashboards/{id}")).await.error().0, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_panel_says_what_is_wrong_with_it() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    let id = ada.post("/dashboards/create", json!({"title": "x", "room_id": room})).await.data()["id"].clone();
    let path = format!("/dashboards/{}/add-panel", id.as_str().unwrap());
    let query = |more: Value| {
        let mut query = json!({"table": "orders", "y": [{"column": "revenue", "aggregation": "sum"}]});
        query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"type": "bar", "query": query})
    };
    for (body, field) in [
        (json!({}), "panel"),
        (json!({"text": "a", "prompt": "b"}), "panel"),
        (json!({"text": "a", "type": "bar"}), "panel.type"),
        (json!({"text": "a", "title": ""}), "panel.title"),
        (json!({"text": "a", "target": 1}), "panel.target"),
        (json!({"colour": "red"}), "panel.colour"),
        (json!({"type": "wheel", "text": "a"}), "panel.type"),
        (json!({"prompt": "unicorns by planet"}), "panel.prompt"),
        (json!({"sql": "DELETE FROM orders"}), "panel.sql"),
        (json!({"sql": "SELECT * FROM users"}), "panel.sql"),
        (json!({"sql": "SELECT region FROM orders", "type": "bar"}), "panel.type"),
        (json!({"sql": "SELECT region FROM orders", "encoding": {"x": "planet"}}), "panel.encoding.x"),
        (query(json!({})), "panel.type"),
        (query(json!({"table": "users"})), "panel.query.table"),
        (query(json!({"x": {"column": "planet"}})), "panel.query.x.column"),
        (query(json!({"x": {"column": "region", "grain": "month"}})), "panel.query.x.grain"),
        (
            query(json!({"x": {"column": "region"}, "y": [{"column": "product", "aggregation": "sum"}]})),
            "panel.query.y[0].aggregation",
        ),
        (query(json!({"x": {"column": "region"}, "filters": {"revenue": "much"}})), "panel.query.filters.revenue"),
        (
            query(json!({"x": {"column": "region"}, "filters": {"date": "2024-02-31' OR 1=1 --"}})),
            "panel.query.filters.date",
        ),
        (query(json!({"x": {"column": "region"}, "limit": 0})), "panel.query.limit"),
    ] {
        assert_eq!(
            ada.post(&path, body.clone()).await.error(),
            (400, "INVALID_REQUEST".into(), field.into()),
            "{body}"
        );
    }
    let asked = ada.post(&path, json!({"prompt": "unicorns by planet"})).await.json();
    assert!(asked["errors"][0]["details"]["missing"].is_array(), "{asked}");
    let none = ada.call("dashboard.get", json!({"dashboard_id": id})).await.data();
    assert_eq!((&none["revision"], &none["cards"]), (&json!(1), &json!([])), "nothing came of them");
    server.stop().await;
}

#[tokio::test]
async fn widgets_are_kept_and_shared() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    ada.upload("/server/data/upload", "orders.csv", ORDERS, None).await.data();
    let invitation = ada.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
    let bob = server.invited("bob", invitation.as_str()).await;
    let eve = server.person("eve").await;
    let all = "/api/v1/bi/dashboards";
    let id = ada.post(all, json!({"title": "BI"})).await.data()["id"].as_str().unwrap().to_owned();
    let one = format!("{all}/{id}");
    let widget = ada.post(&format!("{one}/widgets"), json!({"prompt": "revenue by region"})).await.data();
    let widgets = ada.get(&format!("{one}/widgets")).await.data();
    assert_eq!((&widgets["widgets"], &widgets["revision"]), (&json!([widget["panel"]]), &json!(2)));
    let path = format!("{one}/widgets/{}", widget["panel"]["id"].as_str().unwrap());
    let pie = put(&ada, &path, json!({"type": "pie", "title": "Regions"})).await.data()["panel"].clone();
    assert_eq!((&pie["type"], &pie["title"], &pie["id"]), (&json!("pie"), &json!("Regions"), &widget["panel"]["id"]));
    assert_eq!(put(&ada, &path, json!({"type": "bubble"})).await.error().2, "panel.type");
    assert_eq!(put(&ada, &one, json!({"title": "Better", "theme": "forest"})).await.data()["theme"], "forest");
    assert_eq!(put(&ada, &one, json!({})).await.error().0, 400);

    assert_eq!(bob.get(&one).await.error().0, 404, "the tenant alone is no reason to see it");
    let shared = ada.post(&format!("{one}/share"), json!({"email": "bob@example.com", "role": "viewer"})).await.data();
    let entry = json!({"user_id": bob.id(), "name": "bob", "email": "bob@example.com", "role": "viewer"});
    assert_eq!(shared, json!({"shared_with": [entry]}));
    assert_eq!(bob.get(all).await.data()["dashboards"][0]["title"], "Better");
    assert_eq!(bob.get(&one).await.data()["title"], "Better");
    assert_eq!(put(&bob, &one, json!({"title": "Mine"})).await.error().0, 403);
    ada.post(&format!("{one}/share"), json!({"user_id": bob.id(), "role": "editor"})).await.data();
    assert_eq!(put(&bob, &one, json!({"title": "Ours"})).await.data()["title"], "Ours");
    for (who, role, status) in [(eve.id(), "viewer", 404), (bob.id(), "owner", 400)] {
        let refused = ada.post(&format!("{one}/share"), json!({"user_id": who, "role": role})).await;
        assert_eq!(refused.error().0, status);
    }
    assert_eq!(eve.get(&one).await.error().0, 404);
    assert_eq!(ada.delete(&format!("{one}/share/{}", bob.id())).await.data(), json!({"shared_with": []}));
    assert_eq!((bob.get(&one).await.error().0, bob.get(all).await.data()["dashboards"].clone()), (404, json!([])));
    ada.delete(&path).await.data();
    assert_eq!(ada.get(&format!("{one}/widgets")).await.data()["widgets"], json!([]));
    ada.delete(&one).await.data();
    assert_eq!(ada.get(&one).await.error().0, 404);
    server.stop().await;
}

/// Somebody of another tenant keeps what is shared with them only while they are in the room.
#[tokio::test]
async fn a_guest_loses_what_is_shared_with_the_room() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    let id = ada.post("/dashboards/create", json!({"title": "x", "room_id": room})).await.data()["id"].clone();
    let body = json!({"email": "gus@example.com", "role": "viewer"});
    let invited = ada.post(&format!("/server/rooms/{room}/members"), body).await.data();
    let gus = server.invited("gus", invited["invitation"]["invitation"].as_str()).await;
    let share = json!({"dashboard_id": id, "user_id": gus.id(), "role": "editor"});
    let rename = json!({"dashboard_id": id, "title": "y"});
    assert_eq!(gus.call("dashboard.update", rename.clone()).await.error().0, 403);
    ada.call("dashboard.share", share.clone()).await.data();
    gus.call("dashboard.update", rename.clone()).await.data();
    ada.delete(&format!("/server/rooms/{room}/members/{}", gus.id())).await.data();
    assert_eq!(gus.call("dashboard.update", rename).await.error().0, 404);
    assert_eq!(gus.call("dashboard.get", json!({"dashboard_id": id})).await.error().0, 404);
    assert_eq!(gus.get("/dashboards").await.data()["dashboards"], json!([]));
    assert_eq!(ada.call("dashboard.share", share).await.error(), (404, "NOT_FOUND".into(), "user_id".into()));
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_is_saved_listed_and_cloned() {
    let server = Server::start().await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let room = room_with_orders(&ada).await;
    let all = "/api/v1/analytics/dashboards";
    let empty = ada.post(all, json!({"conversationId": room, "title": "Q3"})).await;
    assert_eq!((empty.status, &empty.json()["field"]), (400, &json!("conversationId")));
    generated(&ada, Some(&room), "revenue by region as a bar chart").await;
    let newest = generated(&ada, Some(&room), PROMPT).await;
    let saved = ada.post(all, json!({"conversationId": room, "title": "Q3 Revenue Dashboard"})).await.json();
    assert_eq!(
        plain(saved.clone()),
        json!({"success": true, "dashboard": {"id": "{id}", "title": "Q3 Revenue Dashboard", "createdAt": "{time}"}})
    );
    let id = saved["dashboard"]["id"].as_str().unwrap();
    let of = async |id: &str| ada.call("dashboard.get", json!({"dashboard_id": id})).await.data();
    let (whole, first) = (of(id).await, of(&newest).await);
    let titles = |d: &Value| d["cards"].as_array().unwrap().iter().map(|c| c["title"].clone()).collect::<Vec<_>>();
    assert_eq!(titles(&whole)[..5], titles(&first)[..], "the newest prompt's come first");
    assert!(titles(&whole).len() > 5 && whole["cards"][0]["id"] != first["cards"][0]["id"]);
    let listed = ada.get(all).await.json();
    assert_eq!((&listed["success"], listed["dashboards"].as_array().unwrap().len()), (&json!(true), 3));
    let entry = json!({
        "id": "{id}", "title": "Q3 Revenue Dashboard", "isDashboard": true, "isPublic": false, "createdAt": "{time}",
    });
    assert_eq!(plain(listed["dashboards"][0].clone()), entry);
    let clone = ada.post(&format!("{all}/{id}/clone"), json!({})).await.json();
    assert_eq!(
        plain(clone.clone()),
        json!({"success": true, "dashboard": {"id": "{id}", "title": "Q3 Revenue Dashboard (Copy)"}})
    );
    let copy = of(clone["dashboard"]["id"].as_str().unwrap()).await;
    assert_eq!((titles(&copy), &copy["revision"], &copy["room_id"]), (titles(&whole), &json!(1), &json!(room)));
    let west = json!({"session_id": copy["id"], "filter_state": {"region": "West"}});
    assert_eq!(ada.call("dashboard.filter", west).await.data()["cards"][0]["kpi"]["value"], 300.0);
    assert_eq!(of(id).await, whole, "a copy is another dashboard");

    let error = |answer: Answer| (answer.status, answer.json()["success"].clone(), answer.json()["error"].clone());
    assert_eq!(error(server.stranger().get(all).await), (401, json!(false), json!("unauthorized")));
    let foreign = eve.post(&format!("{all}/{id}/clone"), json!({})).await;
    assert_eq!(error(foreign), (404, json!(false), json!("not_found")));
    assert_eq!(error(ada.post(&format!("{all}/dash_xyz789/clone"), json!({})).await).0, 404);
    let elsewhere = eve.post(all, json!({"conversationId": room, "title": "Q3"})).await;
    assert_eq!(error(elsewhere), (404, json!(false), json!("not_found")));
    server.stop().await;
}

#[tokio::test]
async fn a_file_with_instructions_becomes_blocks() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let post = async |form: Form| send(ada.ask(Method::POST, "/api/dashboard/generate/").multipart(form)).await;
    let file = |name: &str, bytes: Vec<u8>| Part::bytes(bytes).file_name(name.to_owned());
    let form = Form::new().text("instructions", PROMPT).part("file", file("orders.csv", ORDERS.into()));
    let done = post(form).await.json();
    assert_eq!((&done["status"], &done["success"]), (&json!("success"), &json!(true)), "{done}");
    assert_eq!(
        plain(done["data"].clone()),
        json!({"dashboard_id": "{id}", "status": "completed", "title": "Orders overview", "suggestions": []}),
    );
    let id = done["data"]["dashboard_id"].as_str().unwrap();
    let whole = ada.get(&format!("/api/dashboard/{id}")).await.json();
    assert_eq!(whole, ada.get(&format!("/api/dashboard/{id}/")).await.json());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&whole), ["data", "message", "status", "success"]);
    assert_eq!(
        keys(&whole["data"]),
        [
            "chart_blocks",
            "created_at",
            "dataset",
            "description",
            "id",
            "last_generated_at",
            "layout",
            "status",
            "title",
            "updated_at",
            "visibility",
        ]
    );
    let block = plain(whole["data"]["chart_blocks"][0].clone());
    assert_eq!(
        block,
        json!({
            "id": "{id}", "dashboard": "{id}", "position": 0, "type": "kpi", "title": "Total revenue",
            "description": block["description"],
            "spec": {
                "value": 400.0, "value_from_column": "revenue", "operation": "sum", "unit": null,
                "trend": block["spec"]["trend"], "target": null,
            },
            "data_preview": {"columns": ["label", "value"], "rows": [{"label": "Total revenue", "value": 400.0}]},
            "config": {"layout": {"x": 0, "y": 0, "w": 12, "h": 2}}, "created_at": "{time}", "updated_at": "{time}",
        })
    );
    let dataset = json!({"id": "{id}", "name": "orders", "status": "cleaned"});
    assert_eq!(plain(whole["data"]["dataset"].clone()), dataset);
    let file_id = whole["data"]["dataset"]["id"].as_str().unwrap().to_owned();
    let again = json!({"instructions": "revenue by region", "dataset_id": file_id});
    let again = ada.post("/api/dashboard/generate", again).await.json();
    assert_eq!(again["data"]["status"], "completed", "{again}");
    let asked = post(Form::new().text("instructions", "unicorns by planet").text("dataset_id", file_id)).await.json();
    assert_eq!(asked["data"]["status"], "failed");
    let asked = ada.get(&format!("/api/dashboard/{}/", asked["data"]["dashboard_id"].as_str().unwrap())).await.json();
    assert_eq!(asked["data"]["status"], "failed");

    server.stop().await;
}

#[tokio::test]
async fn an_order_that_is_wrong_says_so() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let file = |name: &str, bytes: Vec<u8>| Part::bytes(bytes).file_name(name.to_owned());
    let refused = async |form: Form| {
        let answer = send(ada.ask(Method::POST, "/api/dashboard/generate/").multipart(form)).await;
        let body = answer.json();
        assert_eq!((&body["success"], &body["status"], &body["data"]), (&json!(false), &json!("error"), &Value::Null));
        (answer.status, body["field"].as_str().unwrap_or_default().to_owned())
    };
    let text = |name: &'static str, text: &'static str| Form::new().text(name, text);
    assert_eq!(refused(text("instructions", "x")).await, (400, "file".into()));
    assert_eq!(
        refused(Form::new().part("file", file("a.csv", b"a\n1\n".to_vec()))).await,
        (400, "instructions".into())
    );
    assert_eq!(refused(text("colour", "red")).await, (400, "colour".into()));
    let nobody = Uuid::now_v7().to_string();
    assert_eq!(refused(text("instructions", "x").text("dataset_id", nobody)).await, (404, "dataset_id".into()));
    let large = vec![b'1'; 10 * 1024 * 1024 + 1];
    assert_eq!(refused(text("instructions", "x").part("file", file("a.csv", large))).await.0, 413);
    let stranger = send(server.stranger().ask(Method::POST, "/api/dashboard/generate/").json(&json!({}))).await;
    assert_eq!(stranger.status, 401);
    server.stop().await;
}

/// Generated by one family, it is listed, changed, filtered, cloned and retrieved by every other.
#[tokio::test]
async fn every_family_shows_the_same_dashboard() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let form = Form::new().text("instructions", PROMPT);
    let form = form.part("file", Part::bytes(ORDERS.as_bytes()).file_name("orders.csv"));
    let made = send(ada.ask(Method::POST, "/api/dashboard/generate/").multipart(form)).await.json();
    let id = made["data"]["dashboard_id"].as_str().unwrap().to_owned();
    assert_eq!(ada.get("/dashboards").await.data()["dashboards"][0]["id"], id.as_str());
    assert_eq!(ada.get("/api/v1/bi/dashboards").await.data()["dashboards"][0]["id"], id.as_str());
    assert_eq!(ada.get("/api/v1/analytics/dashboards").await.json()["dashboards"][0]["id"], id.as_str());
    let pie = json!({"session_id": id, "new_feedback": "make chart 3 a pie chart"});
    assert_eq!(ada.post("/dashboard/refine", pie).await.json()["success"], true);
    let more = ada.post(&format!("/dashboards/{id}/add-panel"), json!({"text": "Mind the South."})).await.data();
    assert_eq!(more["revision"], 3);
    let west = json!({"session_id": id, "filter_state": {"region": "West"}});
    assert_eq!(ada.post("/dashboard/filter", west).await.json()["success"], true);
    put(&ada, &format!("/api/v1/bi/dashboards/{id}"), json!({"title": "West"})).await.data();
    let clone = ada.post(&format!("/api/v1/analytics/dashboards/{id}/clone"), json!({})).await.json();
    let copy = clone["dashboard"]["id"].as_str().unwrap();
    for id in [id.as_str(), copy] {
        let whole = ada.get(&format!("/api/dashboard/{id}/")).await.json()["data"].clone();
        let types: Vec<&Value> = whole["chart_blocks"].as_array().unwrap().iter().map(|b| &b["type"]).collect();
        assert_eq!(types, ["kpi", "line", "pie", "histogram", "insight", "insight"]);
        assert_eq!(whole["chart_blocks"][0]["spec"]["value"], 300.0);
        assert_eq!(whole["layout"]["narrative_snippets"][1], "Mind the South.");
    }
    let widgets = ada.get(&format!("/api/v1/bi/dashboards/{copy}/widgets")).await.data();
    assert_eq!(widgets["widgets"].as_array().unwrap().len(), 6);
    server.stop().await;
}

#[tokio::test]
async fn panels_are_run_again_on_the_newest_data_and_outlive_their_file() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let file = ada.upload("/server/data/upload", "orders.csv", ORDERS, Some(&room)).await.data()["id"].clone();
    let file = file.as_str().unwrap();
    let id = generated(&ada, Some(&room), PROMPT).await;
    let newer = format!("{ORDERS}2024-05-02,West,Desk,100\n");
    ada.upload(&format!("/server/data/{file}/reupload"), "orders.csv", newer, None).await.data();
    let start = format!("/dashboards/{id}/start");
    let fresh = ada.post(&start, json!({})).await.data();
    assert_eq!((&fresh["cards"][0]["kpi"]["value"], &fresh["revision"]), (&json!(500.0), &json!(2)));

    ada.delete(&format!("/server/data/{file}")).await.data();
    let left = ada.call("dashboard.get", json!({"dashboard_id": id})).await.data();
    assert_eq!((&left["cards"], &left["missing_tables"]), (&fresh["cards"], &json!(["orders"])));
    assert_eq!(ada.get(&format!("/api/dashboard/{id}/")).await.json()["data"]["dataset"]["status"], "deleted");
    let same = ada.post(&start, json!({})).await.data();
    for (kept, had) in same["cards"].as_array().unwrap().iter().zip(fresh["cards"].as_array().unwrap()) {
        assert_eq!((&kept["data"], &kept["spec"]), (&had["data"], &had["spec"]), "the rows it has are all there are");
        assert!(kept["stale"]["message"].as_str().unwrap().contains("deleted"), "{kept}");
    }
    let settings = ada.get(&format!("/api/v1/analytics/dashboards/{id}/refresh")).await.json();
    assert!(settings["lastRefreshedAt"].is_string(), "to start it is to refresh it: {settings}");
    let changed = json!({"session_id": id, "new_feedback": "make chart 3 a pie chart"});
    assert_ne!(ada.post("/dashboard/refine", changed).await.json()["dashboard"]["individual_specs"], json!([]));

    let other = generated_elsewhere(&ada).await;
    ada.delete(&format!("/server/rooms/{room}/delete")).await.data();
    assert_eq!(ada.call("dashboard.get", json!({"dashboard_id": id})).await.error().0, 404);
    let left = ada.get("/dashboards").await.data();
    let left: Vec<&Value> = left["dashboards"].as_array().unwrap().iter().map(|d| &d["id"]).collect();
    assert_eq!(left, [&json!(other)], "a room goes with its dashboards");
    server.stop().await;
}

async fn generated_elsewhere(ada: &Person) -> String {
    ada.post("/dashboards/create", json!({"title": "Elsewhere"})).await.data()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_asks_answers_and_refines() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    ada.upload("/server/data/upload", "orders.csv", ORDERS, None).await.data();
    let process = async |body: Value| ada.post("/api/v1/sdk/process", body).await;
    let asked = process(json!({"prompt": "unicorns by planet"})).await.data();
    assert_eq!(asked["status"], "awaiting_clarification", "{asked}");
    assert!(
        asked["question"].is_string() && asked["suggestions"].is_array() && asked["dashboard"].is_null(),
        "{asked}"
    );
    let id = asked["session_id"].clone();
    assert_eq!(process(json!({"session_id": id})).await.data()["status"], "awaiting_clarification");
    let done = process(json!({"session_id": id, "prompt": "revenue by region"})).await.data();
    assert_eq!((&done["status"], &done["session_id"]), (&json!("complete"), &id), "{done}");
    assert_eq!(done["dashboard"]["cards"][0]["data"]["rows"][0], json!(["West", 300]));
    let pie = process(json!({"session_id": id, "prompt": "make chart 1 a pie chart"})).await.data();
    assert_eq!((&pie["status"], &pie["dashboard"]["cards"][0]["type"]), (&json!("complete"), &json!("pie")));
    assert!(!pie["changes"].as_array().unwrap().is_empty());
    let back = process(json!({"session_id": id, "prompt": "paint it in the mood of a walrus"})).await.data();
    assert_eq!(back["status"], "awaiting_clarification");
    let at_once = process(json!({"prompt": PROMPT, "wait_ms": 0})).await.data();
    assert_eq!((&at_once["status"], at_once["dashboard"].is_null()), (&json!("processing"), true), "{at_once}");
    let waited = process(json!({"session_id": at_once["session_id"]})).await.data();
    assert_eq!((&waited["status"], waited["dashboard"]["cards"].as_array().unwrap().len()), (&json!("complete"), 5));
    for (body, field) in [
        (json!({}), "prompt"),
        (json!({"prompt": "x", "wait_ms": 30_001}), "wait_ms"),
        (json!({"session_id": id, "theme": "ocean"}), "theme"),
    ] {
        assert_eq!(process(body).await.error(), (400, "INVALID_REQUEST".into(), field.into()));
    }
    let eve = server.person("eve").await;
    assert_eq!(eve.post("/api/v1/sdk/process", json!({"session_id": id})).await.error().0, 404);
    server.stop().await;
}
