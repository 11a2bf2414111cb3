//! Dashboards that keep themselves fresh: on one node, on two, and when one of them dies.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;
use vizroom::store::{RefreshRow, Store, Tried};
use vizroom_protocol::id::{DashboardId, UserId};
use vizroom_protocol::notification::Kind;

use crate::generation::ORDERS;
use crate::program::Program;
use crate::publish::Owner;
use crate::server::{Answer, Person, Server, send};

const MINUTE_MS: i64 = 60_000;

async fn set(owner: &Owner, body: Value) -> Answer {
    send(owner.ada.ask(Method::PUT, &owner.path("refresh")).json(&body)).await
}

/// The settings as they are stored: tokens do not last as long as these tests do by the clock.
async fn settings(store: &Store, owner: &Owner) -> RefreshRow {
    store.refresh_of(owner.id.parse().unwrap()).await.unwrap().unwrap()
}

/// Asks again until it is so.
async fn until<F: Future<Output = bool>>(is: impl Fn() -> F) {
    let patience = tokio::time::timeout(Duration::from_secs(20), async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    patience.await.expect("it comes about in time");
}

fn quick(config: &mut vizroom::config::Config) {
    config.limits.refresh_check_ms = 20;
}

#[tokio::test]
async fn settings_are_as_documented() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let never = owner.ada.get(&owner.path("refresh")).await.json();
    let expected = json!({"success": true, "refreshEnabled": false, "refreshInterval": 3600, "lastRefreshedAt": null});
    assert_eq!(never, expected);
    let off = set(&owner, json!({"refreshEnabled": false})).await.json();
    assert_eq!(off, expected);
    let on = set(&owner, json!({"refreshEnabled": true, "refreshInterval": 900})).await.json();
    let expected = json!({"success": true, "refreshEnabled": true, "refreshInterval": 900, "lastRefreshedAt": null});
    assert_eq!((&on, &owner.ada.get(&owner.path("refresh")).await.json()), (&expected, &expected));
    for interval in [json!(0), json!(301), json!(86_401), json!("300"), json!(-300)] {
        let wrong = set(&owner, json!({"refreshEnabled": true, "refreshInterval": interval})).await;
        assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("invalid_request")), "{interval}");
    }
    let refreshed = owner.ada.post(&owner.path("refresh"), json!({})).await.json();
    assert!(refreshed["success"] == true && refreshed["lastRefreshedAt"].is_string(), "{refreshed}");
    assert_eq!(owner.ada.get(&owner.path("refresh")).await.json(), refreshed);
    let bob = server.person("bob").await;
    assert_eq!(bob.get(&owner.path("refresh")).await.json()["error"], "not_found");
    assert_eq!(server.stranger().get(&owner.path("refresh")).await.json()["error"], "unauthorized");
    server.stop().await;
}

#[tokio::test]
async fn a_dashboard_refreshes_itself_for_the_room_too() {
    let server = Server::start_with(quick).await;
    let owner = Owner::at(&server).await;
    let store = open(&format!("sqlite:{}", server.data_dir().join("data/vizroom.db").display())).await;
    let mut socket = server.socket(&owner.ada).await;
    socket.join(&owner.room, json!("head")).await;
    set(&owner, json!({"refreshEnabled": true, "refreshInterval": 300})).await;
    let more = format!("{ORDERS}2024-05-05,West,Sofa,5\n");
    owner.ada.upload(&format!("/server/data/{}/reupload", owner.file), "orders.csv", more, None).await.data();
    server.clock.advance(6 * MINUTE_MS);
    let told = socket.event("dashboard.refreshed").await["data"].clone();
    assert_eq!((&told["dashboard_id"], &told["cards"][0]["kpi"]["value"]), (&json!(owner.id), &json!(405.0)));
    let stored = owner.ada.call("dashboard.get", json!({"dashboard_id": owner.id})).await.data();
    assert_eq!((&stored["revision"], &stored["cards"]), (&told["revision"], &told["cards"]));
    until(async || settings(&store, &owner).await.last_ms.is_some()).await;

    // Without its data it cannot be refreshed: its room is told once, and it is tried less and less often.
    owner.ada.delete(&format!("/server/data/{}", owner.file)).await.data();
    server.clock.advance(6 * MINUTE_MS);
    // The owner hears of it wherever they are.
    let mut elsewhere = Vec::new();
    let failed = loop {
        let event = socket.next().await;
        match event["type"].as_str().unwrap() {
            "dashboard.refresh_failed" => break event["data"].clone(),
            "notification" => elsewhere.push(event["data"].clone()),
            _ => {}
        }
    };
    assert!(failed["message"].as_str().unwrap().contains("deleted"), "{failed}");
    let [notice] = &elsewhere[..] else { panic!("{elsewhere:?}") };
    assert_eq!((&notice["kind"], &notice["dashboard_id"]), (&json!("refresh_failed"), &json!(owner.id)));
    assert_eq!(notice["room_id"], json!(owner.room));
    let text = notice["text"].as_str().unwrap();
    assert!(text.contains("could not be refreshed") && text.contains("deleted"), "{text}");
    until(async || settings(&store, &owner).await.failures == 1).await;
    server.clock.advance(6 * MINUTE_MS);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(settings(&store, &owner).await.failures, 1, "the wait has doubled");
    server.clock.advance(6 * MINUTE_MS);
    until(async || settings(&store, &owner).await.failures == 2).await;
    let room = owner.room.parse().unwrap();
    let (told, _) = store.history(room, None, 100, 1 << 24, Some("dashboard.refresh_failed")).await.unwrap();
    assert_eq!(told.len(), 1);
    let ada: UserId = owner.ada.id().parse().unwrap();
    let notices = async || {
        let all = store.notifications_of(ada, None, 10).await.unwrap();
        all.iter().filter(|notice| notice.kind == Kind::RefreshFailed).count()
    };
    assert_eq!(notices().await, 1, "a run of failures is one");
    // Another run of failures is another one.
    store.set_refresh(owner.id.parse().unwrap(), true, 300, Some(1)).await.unwrap();
    until(async || notices().await == 2).await;
    server.stop().await;
}

/// A dashboard in no room is its owner's alone; who has left a room hears no more of what is in it.
#[tokio::test]
async fn a_failure_is_told_to_whom_it_concerns() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let ada = &owner.ada;
    let own = ada.call("dashboard.clone", json!({"dashboard_id": owner.id})).await.data();
    let alone =
        ada.call("dashboard.process", json!({"prompt": "revenue by region"})).await.data()["session_id"].clone();
    let invited = ada.call("account.invite", json!({})).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;
    let add = json!({"room_id": owner.room, "user_id": bob.id(), "role": "editor"});
    ada.call("room.add_member", add).await.data();
    let of_bob = bob.call("dashboard.clone", json!({"dashboard_id": owner.id})).await.data();
    bob.call("room.resign", json!({"room_id": owner.room})).await.data();
    ada.delete(&format!("/server/data/{}", owner.file)).await.data();
    for id in [&own["id"], &alone, &of_bob["id"]] {
        let failed = ada.call("dashboard.refresh", json!({"dashboard_id": id})).await;
        assert_ne!(failed.status, 200, "{failed:?}");
    }
    let told = async |person: &Person| {
        let listed = person.get("/server/notifications").await.data();
        let all = listed["notifications"].as_array().unwrap().clone();
        all.iter().filter(|n| n["kind"] == "refresh_failed").map(|n| n["dashboard_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(ada).await, [alone, own["id"].clone()], "newest first");
    assert!(told(&bob).await.is_empty());
    server.stop().await;
}

async fn open(url: &str) -> Store {
    Store::open(url).await.unwrap()
}

/// Two nodes on one database and one folder of files.
async fn two_nodes(dir: &std::path::Path) -> (Server, Server, String) {
    let url = crate::postgres::database().await;
    let node = async || {
        let (url, files) = (url.clone(), dir.to_owned());
        Server::start_with(move |config| {
            quick(config);
            (config.database_url, config.files_dir) = (Some(url), Some(files));
        })
        .await
    };
    let first = node().await;
    first.stranger().get("/healthz").await;
    let second = node().await;
    second.stranger().get("/healthz").await;
    (first, second, url)
}

#[tokio::test]
async fn with_two_nodes_each_refresh_is_done_once() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two, url) = two_nodes(dir.path()).await;
    let owner = Owner::at(&one).await;
    let mut all = vec![owner.id.clone()];
    let store = open(&url).await;
    let first = store.dashboard(owner.id.parse().unwrap()).await.unwrap().unwrap();
    for _ in 0..15 {
        let mut row = first.clone();
        row.dashboard.id = DashboardId(Uuid::now_v7());
        all.push(row.dashboard.id.to_string());
        store.add_dashboard(&row, 1).await.unwrap();
    }
    for id in &all {
        store.set_refresh(id.parse().unwrap(), true, 300, Some(1)).await.unwrap();
    }
    let revision = async |id: &str| store.dashboard(id.parse().unwrap()).await.unwrap().unwrap().dashboard.revision;
    let done = async |id: &str| store.refresh_of(id.parse().unwrap()).await.unwrap().unwrap().last_ms.is_some();
    for id in &all {
        until(async || done(id).await).await;
    }
    // A while longer, in which nothing more may happen.
    tokio::time::sleep(Duration::from_millis(200)).await;
    for id in &all {
        assert_eq!(revision(id).await, first.dashboard.revision + 1, "{id}");
    }

    // A node takes one and dies: the others wait for its lease to end, and no longer.
    let id: DashboardId = owner.id.parse().unwrap();
    let now_ms = one.clock.now_ms();
    store.set_refresh(id, true, 300, Some(1)).await.unwrap();
    // It may be that a living one was quicker: then it is as if it were due again.
    while store.claim_refreshes("dead", now_ms, now_ms + 150_000, 1).await.unwrap() != [id] {
        store.set_refresh(id, true, 300, Some(1)).await.unwrap();
    }
    let before = revision(&owner.id).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(revision(&owner.id).await, before);
    two.clock.advance(151_000);
    until(async || revision(&owner.id).await == before + 1).await;
    // The dead one was only slow: what it says now counts no more.
    let late = store.end_refresh(id, "dead", &Tried::Failed("late".into()), |_| None, now_ms).await.unwrap();
    assert_eq!(late, None);
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn who_asks_joins_the_refresh_that_is_under_way() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let store = open(&format!("sqlite:{}", server.data_dir().join("data/vizroom.db").display())).await;
    let (id, now_ms): (DashboardId, i64) = (owner.id.parse().unwrap(), server.clock.now_ms());
    assert!(store.claim_refresh(id, 300, "other", now_ms, now_ms + 150_000).await.unwrap());
    assert!(!store.claim_refresh(id, 300, "third", now_ms, now_ms + 150_000).await.unwrap());
    let (ada, path) = (owner.ada.clone(), owner.path("refresh"));
    let asked = tokio::spawn(async move { ada.post(&path, json!({})).await });
    // Nobody else refreshes it; what the other notes is the answer.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!asked.is_finished());
    store.end_refresh(id, "other", &Tried::Done, |_| None, 1_700_000_000_000).await.unwrap().unwrap();
    assert_eq!(asked.await.unwrap().json()["lastRefreshedAt"], "2023-11-14T22:13:20.000Z");
    // Many at once are served by few.
    let before = store.dashboard(id).await.unwrap().unwrap().dashboard.revision;
    let many = (0..10)
        .map(|_| owner.ada.post("/api/v1/call/dashboard.refresh", json!({"dashboard_id": owner.id})))
        .collect::<Vec<_>>();
    for answer in futures_util::future::join_all(many).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let after = store.dashboard(id).await.unwrap().unwrap().dashboard.revision;
    assert!((before + 1..before + 10).contains(&after), "{before} {after}");
    server.stop().await;
}

/// Two processes on one PostgreSQL: the one that is at it is killed in the middle, and the other does it once more, when
/// the lease of the dead one is over, and once.
#[tokio::test]
async fn a_killed_process_lets_go_of_what_it_was_refreshing() {
    let (dir, url) = (tempfile::tempdir().unwrap(), crate::postgres::database().await);
    let start = |name: &str| {
        let url = format!("{url}&application_name={name}");
        Program::one_of_several(dir.path(), name, &url, |command| {
            command.env("VIZROOM_LIMITS__REFRESH_CHECK_MS", "20").env("VIZROOM_LIMITS__REFRESH_MS_MAX", "4000");
        })
    };
    let one = start("node_one");
    let ada = one.stranger().registered("ada", None).await;
    let two = start("node_two");
    assert_eq!(two.stranger().get("/healthz").await.status, 200);
    ada.upload("/server/data/upload", "orders.csv", ORDERS, None).await.data();
    let made = ada.call("dashboard.process", json!({"prompt": "revenue by region"})).await.data();
    assert_eq!(made["status"], "complete", "{made}");
    let id: DashboardId = made["session_id"].as_str().unwrap().parse().unwrap();
    let store = open(&url).await;
    let revision = async || store.dashboard(id).await.unwrap().unwrap().dashboard.revision;
    let before = revision().await;

    // Whoever takes it cannot store what it has found, and so is in the middle of it. (What refers to the row is not held up.)
    let mut lock = PgConnection::connect(&url).await.unwrap();
    let mut watch = PgConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN").execute(&mut lock).await.unwrap();
    let row = AssertSqlSafe(format!("SELECT id FROM dashboards WHERE id = '{id}' FOR NO KEY UPDATE"));
    sqlx::query(row).execute(&mut lock).await.unwrap();
    store.set_refresh(id, true, 300, Some(1)).await.unwrap();
    let (pid,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut lock).await.unwrap();
    // For this lock: both may have wanted the lease at once, and one have waited for the other.
    let waiting = "SELECT application_name FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)) AND application_name LIKE 'node%'";
    let holder = loop {
        let found: Option<(String,)> = sqlx::query_as(waiting).bind(pid).fetch_optional(&mut watch).await.unwrap();
        match found {
            Some((name,)) => break name,
            None => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    let lease_ms = store.refresh_of(id).await.unwrap().unwrap().lease_ms.unwrap();
    let (mut dead, mut alive) = if holder == "node_one" { (one, two) } else { (two, one) };
    dead.kill();
    sqlx::query("ROLLBACK").execute(&mut lock).await.unwrap();

    until(async || revision().await > before).await;
    let done = store.refresh_of(id).await.unwrap().unwrap();
    until(async || store.refresh_of(id).await.unwrap().unwrap().lease_ms.is_none()).await;
    let done_ms = store.refresh_of(id).await.unwrap().unwrap().last_ms.expect("it is noted");
    assert!(done_ms >= lease_ms, "not before the lease of the dead one was over: {done_ms} {lease_ms} {done:?}");
    assert_eq!((revision().await, done.failures), (before + 1, 0), "once");
    let survivor = Person { url: alive.url.clone(), ..ada };
    let settings = survivor.get(&format!("/api/v1/analytics/dashboards/{id}/refresh")).await.json();
    assert_eq!((&settings["refreshEnabled"], settings["lastRefreshedAt"].is_string()), (&json!(true), true));
    alive.kill();
}

/// What cannot be queried keeps its rows and says why; all of it is told as any failure is, and ends with the next success.
#[tokio::test]
async fn a_refresh_that_fails_in_part_leaves_the_dashboard_stale() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let (ada, by_id) = (&owner.ada, json!({"dashboard_id": owner.id}));
    let mut socket = server.socket(ada).await;
    socket.join(&owner.room, json!("head")).await;
    let whole = async || ada.call("dashboard.get", by_id.clone()).await.data();
    let listed = async || {
        let listed = ada.call("dashboard.list", json!({"room_id": owner.room})).await.data();
        listed["dashboards"][0]["stale"].clone()
    };
    let bring = async |rows: &str| {
        let path = format!("/server/data/{}/reupload", owner.file);
        ada.upload(&path, "orders.csv", rows.to_owned(), None).await.data();
    };
    let before = whole().await;
    assert_eq!((&before["stale"], &listed().await), (&json!(false), &json!(false)));

    bring("date,product,revenue\n2024-01-15,Desk,99999\n").await;
    let failed = ada.call("dashboard.refresh", by_id.clone()).await;
    assert_ne!(failed.status, 200, "{failed:?}");
    let after = whole().await;
    assert_eq!((&after["stale"], &listed().await), (&json!(true), &json!(true)));
    assert_eq!((&after["cards"][0]["kpi"]["value"], &after["cards"][0]["stale"]), (&json!(99_999.0), &Value::Null));
    let (old, was) = (&after["cards"][2], &before["cards"][2]);
    assert!(old["stale"]["message"].as_str().unwrap().contains("region"), "{old}");
    assert_eq!((&old["data"], &old["spec"], &old["error"]), (&was["data"], &was["spec"], &Value::Null));
    assert_eq!(socket.event("dashboard.refreshed").await["data"]["cards"], after["cards"]);
    let told = socket.event("dashboard.refresh_failed").await["data"]["message"].clone();
    assert!(told.as_str().unwrap().contains("region"), "{told}");
    let notices = ada.get("/server/notifications").await.data();
    assert_eq!(notices["notifications"][0]["kind"], "refresh_failed");
    // A filter queries all of them, too.
    let shared = json!({"session_id": owner.id, "filter_state": {"product": "Desk"}});
    ada.call("dashboard.filter", shared).await.data();
    assert!(whole().await["cards"][2]["error"].is_object(), "it has no rows that the filter has left");
    ada.call("dashboard.filter", json!({"session_id": owner.id, "filter_state": {}})).await.data();

    bring("date,product,revenue\n2024-01-15,Desk,1\n").await;
    ada.call("dashboard.refresh", by_id.clone()).await;
    assert_eq!(whole().await["stale"], true);
    bring(ORDERS).await;
    ada.call("dashboard.refresh", by_id.clone()).await.data();
    let again = whole().await;
    assert_eq!((&again["stale"], &listed().await), (&json!(false), &json!(false)));
    assert!(again["cards"].as_array().unwrap().iter().all(|card| card["stale"].is_null() && card["error"].is_null()));
    server.stop().await;
}
