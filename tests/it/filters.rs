//! Drill-down as members of a room meet it: shared and private, along relations, and once however many ask.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::faces::{generated, room_with_orders};
use crate::generation::PROMPT;
use crate::server::{Person, Server};
use crate::socket::Socket;

/// What a card shows: its rows, and the keys it is not filtered by.
fn shown(dashboard: &Value, key: &str) -> (Value, Vec<(String, String)>) {
    let card = dashboard["cards"].as_array().unwrap().iter().find(|card| card["key"] == key).unwrap();
    let skipped = card["filters_skipped"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let skipped = skipped.iter().map(|skipped| (text(&skipped["key"]), text(&skipped["reason"])));
    (card["data"]["rows"].clone(), skipped.collect())
}

/// Queries that the engine has run since the server's start.
async fn queries_run(server: &Server) -> u64 {
    let answer = server.stranger().get("/metrics").await;
    let line = answer.text.lines().find(|line| line.starts_with("vizroom_queries_total{outcome=\"run\"}")).unwrap();
    line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64
}

struct Members {
    ada: Person,
    room: String,
    id: String,
    sockets: Vec<Socket>,
}

impl Members {
    /// Ada's room with a dashboard, and so many others looking on.
    async fn of(server: &Server, many: usize) -> Self {
        let ada = server.person("ada").await;
        let room = room_with_orders(&ada).await;
        let id = generated(&ada, Some(&room), PROMPT).await;
        let mut sockets = Vec::new();
        for n in 0..many {
            let body = json!({"email": format!("member{n}@example.com"), "role": "viewer"});
            let invited = ada.post(&format!("/server/rooms/{room}/members"), body).await.data();
            let member = server.invited(&format!("member{n}"), invited["invitation"]["invitation"].as_str()).await;
            let mut socket = server.socket(&member).await;
            socket.join(&room, json!("head")).await;
            sockets.push(socket);
        }
        Self { ada, room, id, sockets }
    }

    /// All of them ask for the same at once.
    async fn filter(&mut self, filter: Value) -> Vec<Value> {
        let (id, private) = (self.id.clone(), filter["private"].clone());
        let call = json!({"session_id": id, "filter_state": filter["state"], "private": private == true});
        join_all(self.sockets.iter_mut().map(|socket| socket.call("dashboard.filter", call.clone()))).await
    }

    /// How many filters each has been told of since the last time.
    async fn told(&mut self) -> Vec<usize> {
        self.ada.call("chat.send", json!({"room_id": self.room, "content": "that was it"})).await.data();
        let mut all = Vec::new();
        for socket in &mut self.sockets {
            let mut told = 0;
            loop {
                match socket.next().await["type"].as_str() {
                    Some("chat.message") => break,
                    Some("dashboard.filtered") => told += 1,
                    _ => {}
                }
            }
            all.push(told);
        }
        all
    }
}

#[tokio::test]
async fn fifty_members_with_one_filter_are_one_execution() {
    let server = Server::start().await;
    let mut members = Members::of(&server, 50).await;
    members.told().await;
    // What one member costs.
    let before = queries_run(&server).await;
    let input = json!({"session_id": members.id, "filter_state": {"region": "East"}});
    let east = members.ada.call("dashboard.filter", input).await.data();
    let once = queries_run(&server).await - before;
    assert!(once > 0 && once <= east["cards"].as_array().unwrap().len() as u64, "{once}");
    assert_eq!((&east["revision"], members.told().await), (&json!(2), vec![1; 50]));

    // Shared: the first changes the dashboard, the others find it so.
    let before = queries_run(&server).await;
    let west = members.filter(json!({"state": {"region": "West"}})).await;
    assert_eq!(queries_run(&server).await - before, once);
    for dashboard in &west {
        assert_eq!((&dashboard["revision"], shown(dashboard, "chart_3").0), (&json!(3), json!([["West", 300]])));
    }
    assert_eq!(members.told().await, [1; 50]);

    // Private: each for themselves, and still it is run once.
    let before = queries_run(&server).await;
    let south = members.filter(json!({"state": {"region": "South"}, "private": true})).await;
    assert_eq!(queries_run(&server).await - before, once);
    assert!(south.iter().all(|dashboard| shown(dashboard, "chart_3").0 == json!([["South", 40]])));
    assert_eq!(members.told().await, [0; 50]);

    // What was asked before is remembered, whoever asks.
    let before = queries_run(&server).await;
    members.filter(json!({"state": {"region": ["East"]}, "private": true})).await;
    assert_eq!(queries_run(&server).await, before);
    server.stop().await;
}

#[tokio::test]
async fn a_private_filter_changes_nothing_for_others() {
    let server = Server::start().await;
    let mut members = Members::of(&server, 1).await;
    let west = json!({"session_id": members.id, "filter_state": {"region": "West"}});
    let shared = members.ada.call("dashboard.filter", west.clone()).await.data();
    let own = members.filter(json!({"state": {"region": "East", "date": "2024-03"}, "private": true})).await.remove(0);
    assert_eq!((shown(&own, "chart_3").0, &own["revision"]), (json!([["East", 20]]), &json!(2)));
    assert_eq!(own["filter_state"], json!({"region": "East", "date": "2024-03"}));
    assert_eq!(own["cards"][0]["spec"], shared["cards"][0]["spec"]);
    let get = json!({"dashboard_id": members.id});
    assert_eq!(members.ada.call("dashboard.get", get.clone()).await.data(), shared);

    // The same again changes nothing, and nobody is told.
    members.told().await;
    assert_eq!(members.ada.call("dashboard.filter", west).await.data(), shared);
    assert_eq!(members.told().await, [0]);

    // A wrong one is an error as ever, a stale one a conflict.
    let wrong = json!({"session_id": members.id, "filter_state": {"planet": 1}, "private": true});
    let error = members.sockets[0].try_call("dashboard.filter", wrong, None).await.unwrap_err();
    assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_REQUEST"), &json!("filter_state.planet")));
    let stale = json!({"session_id": members.id, "filter_state": {}, "private": true, "base_revision": 1});
    assert_eq!(members.sockets[0].try_call("dashboard.filter", stale, None).await.unwrap_err()["code"], "CONFLICT");
    assert_eq!(members.ada.call("dashboard.get", get).await.data(), shared);

    // The documented route has it, too.
    let body = json!({"session_id": members.id, "filter_state": {"region": "South"}, "private": true});
    let told = members.ada.post("/dashboard/filter", body).await.json();
    let rows = &told["dashboard"]["individual_specs"][2]["data"]["values"];
    assert_eq!((&told["success"], rows), (&json!(true), &json!([{"region": "South", "total_revenue": 40}])));
    server.stop().await;
}

const REGIONS: &str = "name,manager,opened\nWest,Kim,2020-05-01\nEast,Kim,2021-06-01\nSouth,Lee,2022-07-01\n";

/// A dashboard by hand: orders per region, managers, both joined, and a text.
async fn by_hand(ada: &Person) -> String {
    let room = room_with_orders(ada).await;
    ada.upload("/server/data/upload", "regions.csv", REGIONS, Some(&room)).await.data();
    let made = ada.call("dashboard.create", json!({"room_id": room, "title": "By hand"})).await.data();
    let id = made["id"].as_str().unwrap().to_owned();
    for panel in [
        json!({"title": "Orders", "sql": "SELECT region, count(*) AS orders FROM orders GROUP BY 1 ORDER BY 1"}),
        json!({"title": "Regions", "sql": "SELECT name, manager FROM regions ORDER BY 1"}),
        json!({"title": "All", "sql": "SELECT r.manager, sum(o.revenue) AS revenue FROM orders o \
            LEFT JOIN regions r ON r.name = o.region GROUP BY 1 ORDER BY 1"}),
        json!({"text": "Mind the East."}),
    ] {
        ada.call("dashboard.add_panel", json!({"dashboard_id": id, "panel": panel})).await.data();
    }
    id
}

fn skips(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(key, reason)| ((*key).to_owned(), (*reason).to_owned())).collect()
}

#[tokio::test]
async fn a_filter_reaches_as_far_as_relations_do_and_says_where_it_ends() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = by_hand(&ada).await;
    let filter =
        async |state: Value| ada.call("dashboard.filter", json!({"session_id": id, "filter_state": state})).await;
    let kim = filter(json!({"manager": "Kim"})).await.data();
    let all = json!([["East", 2], ["South", 2], ["West", 4]]);
    assert_eq!(shown(&kim, "chart_1"), (all, skips(&[("manager", "no_relation")])));
    assert_eq!(shown(&kim, "chart_2"), (json!([["East", "Kim"], ["West", "Kim"]]), vec![]));
    assert_eq!(shown(&kim, "chart_3").0, json!([["Kim", 360], [null, 40]]), "orders themselves are not narrowed");
    assert_eq!(shown(&kim, "chart_4").1, skips(&[("manager", "no_query")]));
    let message = &kim["cards"][0]["filters_skipped"][0]["message"];
    assert_eq!(message, "`orders` has no column `manager`, and no relation leads from it to `regions`, which has");

    // Wrong ones are named, and change nothing.
    let relate = async |relations: Value| {
        ada.call("dashboard.update", json!({"dashboard_id": id, "relations": relations})).await
    };
    let right = json!({"table": "orders", "column": "region", "to_table": "regions", "to_column": "name"});
    let with = |name: &str, value: &str| {
        let mut wrong = right.clone();
        wrong[name] = json!(value);
        json!([right, wrong])
    };
    for wrong in
        [with("table", "planets"), with("column", "planet"), with("to_column", "opened"), with("to_table", "orders")]
    {
        let error = relate(wrong.clone()).await.json()["errors"][0].clone();
        assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_REQUEST"), &json!("relations[1]")), "{wrong}");
    }

    // Once it is said how they hang together, the filter in force reaches further.
    let related = relate(json!([right, right])).await.data();
    assert_eq!(related["relations"], json!([right]));
    assert_eq!(shown(&related, "chart_1"), (json!([["East", 2], ["West", 4]]), vec![]));
    assert_eq!(shown(&related, "chart_3").0, json!([["Kim", 360]]));
    // The nearest date is meant: the orders' own, and that of regions where it is the only one.
    let may = filter(json!({"month": ["May", "June"]})).await.data();
    assert_eq!(shown(&may, "chart_1").0, json!([]));
    assert_eq!(shown(&may, "chart_2").0, json!([["East", "Kim"], ["West", "Kim"]]));
    let lee = filter(json!({"regions.manager": "Lee", "fiscal_quarter": "Q1"})).await.data();
    assert_eq!(shown(&lee, "chart_1"), (json!([["South", 1]]), vec![]));
    // A copy hangs together alike.
    let copy = ada.call("dashboard.clone", json!({"dashboard_id": id})).await.data();
    assert_eq!(copy["relations"], json!([right]));

    let undone = relate(json!([])).await.data();
    assert_eq!(shown(&undone, "chart_1").1, skips(&[("regions.manager", "no_relation")]));
    assert_eq!(filter(json!({"manager": {"gte": 5}})).await.status, 200, "numbers are read as the text they are");
    assert_eq!(filter(json!({"revenue": "much"})).await.error().1, "INVALID_REQUEST");
    server.stop().await;
}

#[tokio::test]
async fn what_is_saved_of_a_filtered_conversation_is_not_filtered() {
    let server = Server::start().await;
    let members = Members::of(&server, 0).await;
    let west = json!({"session_id": members.id, "filter_state": {"region": "West"}});
    let west = members.ada.call("dashboard.filter", west).await.data();
    assert_eq!(shown(&west, "chart_3").0, json!([["West", 300]]));
    let saved = members.ada.call("dashboard.save", json!({"room_id": members.room, "title": "Kept"})).await.data();
    let rows = json!([["West", 300], ["East", 60], ["South", 40]]);
    assert_eq!((&saved["filter_state"], shown(&saved, "chart_3").0), (&json!({}), rows));
    server.stop().await;
}
