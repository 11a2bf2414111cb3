//! Many who ask the same of a database at the same time: it is asked once. A gate stands before its rows, so that all of
//! them are on their way before one is answered.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use crate::server::{Answer, Person, Server};
use crate::sources::{
    PASSWORD, allowing, connected, mariadb_shop, panel, postgres_shop, shop, to_mariadb, to_postgres,
};

const MEMBERS: usize = 50;

/// Queries run, and those that were answered with another's.
async fn queries(server: &Server) -> (u64, u64) {
    let answer = server.stranger().get("/metrics").await;
    let of = |outcome: &str| {
        let name = format!("vizroom_queries_total{{outcome=\"{outcome}\"}}");
        let line = answer.text.lines().find(|line| line.starts_with(&name)).unwrap();
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64
    };
    (of("run"), of("shared"))
}

/// Waits until so many more questions are on their way than there were.
async fn until(server: &Server, before: (u64, u64), many: u64) -> (u64, u64) {
    let began = Instant::now();
    loop {
        let (run, shared) = queries(server).await;
        let new = (run - before.0, shared - before.1);
        if new.0 + new.1 >= many {
            return new;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "only {new:?} of {many} have asked");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the database says that it runs something of ours: one query.
async fn one(mut running: impl AsyncFnMut() -> i64) {
    let began = Instant::now();
    loop {
        match running().await {
            0 => assert!(began.elapsed() < Duration::from_secs(20), "the database was not asked"),
            many => return assert_eq!(many, 1),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A dashboard in Ada's room with one card, of `sql` over the connection `Shop`; and colleagues who look at it.
async fn looked_at(server: &Server, ada: &Person, sql: &str) -> (String, Vec<Person>) {
    let room = ada.room().await;
    let body = json!({"title": "Sold", "connection_name": "Shop", "room_id": room});
    let id = ada.post("/dashboards/create", body).await.data()["id"].as_str().unwrap().to_owned();
    panel(ada, &id, sql).await.unwrap();
    let mut colleagues = Vec::new();
    for n in 0..5 {
        let invited = ada.call("account.invite", json!({})).await.data();
        let colleague = server.invited(&format!("colleague{n}"), invited["invitation"].as_str()).await;
        let body = json!({"email": format!("colleague{n}@example.com"), "role": "viewer"});
        ada.post(&format!("/server/rooms/{room}/members"), body).await.data();
        colleagues.push(colleague);
    }
    (id, colleagues)
}

fn only(names: [&str; 2], dashboard: &str) -> Value {
    json!({"session_id": dashboard, "filter_state": {"Name": names}, "private": true})
}

fn rows(answer: Answer) -> Value {
    answer.data()["cards"][0]["data"]["rows"].clone()
}

/// All of them at once, each for themselves; `opens` once all have asked.
async fn all_ask(server: &Server, dashboard: &str, people: &[Person], opens: impl AsyncFnOnce()) {
    let before = queries(server).await;
    let calls = (0..MEMBERS).map(|n| {
        // What is listed in another order is the same.
        let names = if n % 2 == 0 { ["Rock", "Jazz"] } else { ["Jazz", "Rock"] };
        people[n % people.len()].call("dashboard.filter", only(names, dashboard))
    });
    let opened = async {
        let new = until(server, before, MEMBERS as u64).await;
        assert_eq!(new, (1, MEMBERS as u64 - 1));
        opens().await;
    };
    let (answers, ()) = tokio::join!(join_all(calls), opened);
    for answer in answers {
        assert_eq!(rows(answer), json!([["Jazz", 1], ["Rock", 0]]));
    }
    assert_eq!(until(server, before, MEMBERS as u64).await, (1, MEMBERS as u64 - 1));
    // Nothing is remembered.
    people[0].call("dashboard.filter", only(["Rock", "Jazz"], dashboard)).await.data();
    assert_eq!(until(server, before, MEMBERS as u64 + 1).await.0, 2);
}

const GATED: &str = "SELECT Name, GenreId FROM gated ORDER BY Name";

#[tokio::test]
async fn fifty_members_are_one_query_of_postgres() {
    let (port, mut shop) = postgres_shop("asked").await;
    for statement in [
        "CREATE TABLE shut (n INTEGER)",
        "CREATE FUNCTION waits() RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$ BEGIN
            WHILE current_query() LIKE '%Jazz%' AND EXISTS (SELECT FROM shut) LOOP PERFORM pg_sleep(0.01); END LOOP;
            RETURN true; END $$",
        "CREATE VIEW gated AS SELECT \"Name\", \"GenreId\" FROM \"Genre\" WHERE waits()",
        "GRANT SELECT ON gated TO reader",
    ] {
        shop.execute(statement).await.unwrap();
    }
    let server = Server::start_with(allowing).await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let mine = connected(&ada, &to_postgres(port, "asked")).await;
    let (id, colleagues) = looked_at(&server, &ada, GATED).await;
    let running = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'asked' AND state = 'active'
        AND query LIKE '%gated%' AND pid <> pg_backend_pid()";
    shop.execute("INSERT INTO shut VALUES (1)").await.unwrap();
    let opens = async || {
        one(async || sqlx::query_as::<_, (i64,)>(running).fetch_one(&mut shop).await.unwrap().0).await;
        shop.execute("DELETE FROM shut").await.unwrap();
    };
    all_ask(&server, &id, &colleagues, opens).await;

    // Neither another tenant nor another connection is answered with it, though it leads to the same place; nor who asks
    // after the connection has been changed. Who had asked before is answered as they asked.
    connected(&eve, &to_postgres(port, "asked")).await;
    let body = json!({"title": "Sold", "connection_name": "Shop"});
    let hers = eve.post("/dashboards/create", body).await.data()["id"].as_str().unwrap().to_owned();
    panel(&eve, &hers, GATED).await.unwrap();
    let before = queries(&server).await;
    shop.execute("INSERT INTO shut VALUES (1)").await.unwrap();
    let (rock, path) = (["Rock", "Jazz"], format!("/api/v1/connections/{mine}"));
    let first = ada.call("dashboard.filter", only(rock, &id));
    let second = async {
        until(&server, before, 1).await;
        eve.call("dashboard.filter", only(rock, &hers)).await
    };
    let third = async {
        until(&server, before, 2).await;
        let same = json!({"username": "reader", "password": PASSWORD});
        crate::server::send(ada.ask(reqwest::Method::PUT, &path).json(&same)).await.data();
        ada.call("dashboard.filter", only(rock, &id)).await
    };
    let opened = async {
        assert_eq!(until(&server, before, 3).await, (3, 0));
        shop.execute("DELETE FROM shut").await.unwrap();
    };
    let (first, second, third, ()) = tokio::join!(first, second, third, opened);
    for answer in [first, second, third] {
        assert_eq!(rows(answer), json!([["Jazz", 1], ["Rock", 0]]));
    }

    // The connection to the database is cut while all wait: it is asked once more, and they are answered.
    let before = queries(&server).await;
    shop.execute("INSERT INTO shut VALUES (1)").await.unwrap();
    let calls = (0..MEMBERS).map(|n| colleagues[n % colleagues.len()].call("dashboard.filter", only(rock, &id)));
    let cut = async {
        until(&server, before, MEMBERS as u64).await;
        let cut = running.replace("COUNT(*)", "COUNT(pg_terminate_backend(pid))");
        one(async || sqlx::query_as::<_, (i64,)>(AssertSqlSafe(cut.clone())).fetch_one(&mut shop).await.unwrap().0)
            .await;
        shop.execute("DELETE FROM shut").await.unwrap();
    };
    let (answers, ()) = tokio::join!(join_all(calls), cut);
    for answer in answers {
        assert_eq!(rows(answer), json!([["Jazz", 1], ["Rock", 0]]));
    }
    assert_eq!(until(&server, before, 1).await, (2, MEMBERS as u64 - 1));
    server.stop().await;
}

#[tokio::test]
async fn fifty_members_are_one_query_of_mariadb() {
    let (database, mut shop) = mariadb_shop().await;
    for statement in [
        "CREATE FUNCTION waits() RETURNS INTEGER READS SQL DATA
            BEGIN WHILE IS_FREE_LOCK('gate') = 0 DO DO SLEEP(0.01); END WHILE; RETURN 1; END",
        "CREATE VIEW gated AS SELECT `Name`, `GenreId` FROM `Genre` WHERE waits() = 1",
    ] {
        shop.execute(statement).await.unwrap();
    }
    let server = Server::start_with(allowing).await;
    let ada = server.person("ada").await;
    connected(&ada, &to_mariadb(database.port)).await;
    let (id, colleagues) = looked_at(&server, &ada, GATED).await;
    shop.execute("DO GET_LOCK('gate', 0)").await.unwrap();
    let opens = async || {
        let running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'";
        one(async || sqlx::query_as::<_, (i64,)>(running).fetch_one(&mut shop).await.unwrap().0).await;
        shop.execute("DO RELEASE_LOCK('gate')").await.unwrap();
    };
    all_ask(&server, &id, &colleagues, opens).await;
    server.stop().await;
}

#[tokio::test]
async fn fifty_members_are_one_reading_of_an_sqlite_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    let mut file = SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
    for statement in shop('"', "DATETIME") {
        file.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let folder = dir.path().to_owned();
    let server = Server::start_with(|config| config.connections.sqlite_folders.push(folder)).await;
    let ada = server.person("ada").await;
    connected(&ada, &json!({"name": "Shop", "kind": "sqlite", "path": path})).await;
    let (id, colleagues) = looked_at(&server, &ada, "SELECT Name, GenreId FROM genre ORDER BY Name").await;
    file.execute("BEGIN EXCLUSIVE").await.unwrap();
    all_ask(&server, &id, &colleagues, async || {
        file.execute("COMMIT").await.unwrap();
    })
    .await;
    server.stop().await;
}
