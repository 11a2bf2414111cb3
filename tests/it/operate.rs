//! What an operator sees: the metrics, who reads a room, whether the server should be given work.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::server::{Answer, Person, Server, send};
use crate::socket::Socket;

/// What does not come true within this never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// All metrics at one moment, by name and labels as they are written.
struct Scrape(HashMap<String, f64>);

impl Scrape {
    /// A counter or a gauge; 0 where nothing has been counted under these labels. For quotes, apostrophes do.
    fn value(&self, sample: &str) -> u64 {
        let sample = sample.replace('\'', "\"");
        let name = sample.split('{').next().unwrap();
        assert!(self.0.keys().any(|known| known.split('{').next() == Some(name)), "no metric {name}");
        self.0.get(&sample).map_or(0, |value| *value as u64)
    }

    /// A histogram's count and sum.
    fn spread(&self, sample: &str) -> (u64, f64) {
        let (name, labels) = sample.split_at(sample.find('{').unwrap_or(sample.len()));
        let of = |part: &str| self.0[&format!("{name}_{part}{}", labels.replace('\'', "\""))];
        (of("count") as u64, of("sum"))
    }
}

impl Server {
    async fn scrape(&self) -> Scrape {
        let answer = self.stranger().get("/metrics").await;
        assert_eq!(
            (answer.status, answer.header("content-type").split(';').next()),
            (200, Some("application/openmetrics-text"))
        );
        let samples = answer.text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            (sample.to_owned(), value.parse().unwrap())
        });
        Scrape(samples.collect())
    }

    /// Scrapes until this holds.
    async fn scrape_until(&self, holds: impl Fn(&Scrape) -> bool) -> Scrape {
        let found = async {
            loop {
                let scrape = self.scrape().await;
                if holds(&scrape) {
                    return scrape;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("it comes true in time")
    }
}

async fn readers(person: &Person, room: &str) -> Answer {
    person.get(&format!("/server/rooms/{room}/readers")).await
}

/// Joins with what comes from now on.
async fn joined(server: &Server, person: &Person, room: &str) -> Socket {
    let mut socket = server.socket(person).await;
    socket.join(room, json!("head")).await;
    socket
}

/// Reads metrics as their specification says, and says how many samples there are of which type. Not of ours.
const STRICT_READER: &str = "
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
families = list(read(sys.stdin.read()))
undocumented = [f.name for f in families if not f.documentation]
assert not undocumented, undocumented
print(json.dumps({f.name: [f.type, len(f.samples)] for f in families}))
";

#[tokio::test]
async fn another_program_reads_the_metrics() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(python.exists(), "the tests' Python is not there; `make test` makes it");
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    joined(&server, &ann, &room).await.say(&room, "x").await;
    assert_eq!(server.handshake(&[("authorization", "Bearer nonsense")]).await.err(), Some(401));
    let text = server.stranger().get("/metrics").await.text;
    let samples = text.lines().filter(|line| !line.starts_with('#')).count();
    let mut reader =
        Command::new(python).args(["-c", STRICT_READER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reader.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert!(read.status.success(), "its complaint is above; the metrics:\n{text}");
    let read: HashMap<String, (String, usize)> = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(read.values().map(|(_, n)| n).sum::<usize>(), samples, "every sample belongs to a family");
    assert!(read.values().all(|(kind, _)| ["counter", "gauge", "histogram"].contains(&kind.as_str())), "{read:?}");
    // Whoever is on call finds each of them in the documentation.
    let told = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md")).unwrap();
    let untold: Vec<_> = read.keys().filter(|name| !told.contains(&format!("`{name}"))).collect();
    assert!(untold.is_empty(), "not in docs/operations.md: {untold:?}");
    server.stop().await;
}

#[tokio::test]
async fn figures_move_exactly_as_what_was_done() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut sockets =
        [joined(&server, &ann, &room).await, joined(&server, &ann, &room).await, joined(&server, &ann, &room).await];
    for n in 1..=20 {
        sockets[0].say(&room, &n.to_string()).await;
    }
    for typing in [true, false] {
        sockets[1].call("presence.update", json!({ "room_id": room, "typing": typing })).await;
    }
    for socket in &mut sockets {
        for _ in 0..2 {
            socket.event("presence.signal").await;
        }
        // What its reactor wrote before it read this has been counted.
        socket.call("ping", json!({})).await;
    }
    let now = server.scrape().await;
    let class =
        |name: &str| ["durable", "latest", "ephemeral"].map(|class| now.value(&format!("{name}{{class='{class}'}}")));
    // Only the first of a user's connections is told as present, and only it was there to hear that.
    assert_eq!(class("vizroom_events_published_total"), [20, 1, 2]);
    assert_eq!(class("vizroom_events_delivered_total"), [60, 1, 6]);
    assert_eq!(now.spread("vizroom_drain_events").1, 67.0);
    let (commits, committed) = now.spread("vizroom_commit_events");
    assert_eq!((committed, now.spread("vizroom_commit_seconds").0), (20.0, commits));
    assert_eq!((now.value("vizroom_commits_failed_total"), now.value("vizroom_commits_waiting")), (0, 0));
    for (sample, value) in [
        ("vizroom_connections", 3),
        ("vizroom_connections_opened_total", 3),
        ("vizroom_rooms", 1),
        ("vizroom_followers", 0),
        ("vizroom_cursors{state='live'}", 3),
        ("vizroom_cursors{state='blocked'}", 0),
        ("vizroom_joins_total{mode='live'}", 3),
        ("vizroom_calls_total{operation='chat.send',outcome='ok'}", 20),
        ("vizroom_calls_total{operation='room.join',outcome='ok'}", 3),
        ("vizroom_events_replayed_total{source='memory'}", 0),
    ] {
        assert_eq!(now.value(sample), value, "{sample}");
    }
    assert_eq!(now.spread("vizroom_call_duration_seconds{operation='chat.send'}").0, 20);
    let mut sent = 0;
    for socket in &mut sockets {
        sent += socket.call("connection.stats", json!({})).await["bytes_sent"].as_u64().unwrap();
    }
    assert!(sent >= now.value("vizroom_sent_bytes_total") && now.value("vizroom_sent_bytes_total") > 20 * 3 * 100);
    assert!(now.value("process_open_fds") > 3 && now.value("process_resident_memory_bytes") > 1 << 20);
    server.stop().await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn the_table_of_descriptors_is_large_from_the_start() {
    let server = Server::start().await;
    let allowed = server.scrape().await.value("process_max_fds");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("FDSize:")).unwrap();
    assert!(size.trim().parse::<u64>().unwrap() >= allowed.min(100_000), "{size} of {allowed}");
    server.stop().await;
}

#[tokio::test]
async fn resumes_errors_and_ends_are_counted_by_their_kind() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut one = joined(&server, &ann, &room).await;
    let epoch = ann.get(&format!("/server/room/status?room_id={room}")).await.data()["epoch"].clone();
    for n in 1..=20 {
        one.say(&room, &n.to_string()).await;
    }
    let mut late = server.socket(&ann).await;
    assert_eq!(late.join(&room, json!({ "epoch": epoch, "seq": 13 })).await["mode"], "replay");
    assert_eq!(server.socket(&ann).await.join(&room, Value::Null).await["mode"], "snapshot");
    let error = late.try_call("chat.send", json!({ "room_id": room, "content": "" }), None).await.unwrap_err();
    assert_eq!(error["code"], "INVALID_REQUEST");
    late.try_call("no.such", json!({}), None).await.unwrap_err();
    assert_eq!(server.handshake(&[("authorization", "Bearer nonsense")]).await.err(), Some(401));
    late.send_message(Message::binary(vec![1])).await;
    assert_eq!(late.closed().await, 4502);
    one.cut();
    let now = server.scrape_until(|now| now.value("vizroom_closes_total{code='1006'}") == 2).await;
    for (sample, value) in [
        ("vizroom_joins_total{mode='replay'}", 1),
        ("vizroom_joins_total{mode='snapshot'}", 1),
        ("vizroom_events_replayed_total{source='memory'}", 7),
        ("vizroom_calls_total{operation='chat.send',outcome='INVALID_REQUEST'}", 1),
        ("vizroom_calls_total{operation='unknown',outcome='INVALID_REQUEST'}", 1),
        ("vizroom_upgrades_refused_total{error='UNAUTHORIZED'}", 1),
        ("vizroom_closes_total{code='4502'}", 1),
        ("vizroom_closes_total{code='1000'}", 0),
        ("vizroom_connections_opened_total", 3),
        ("vizroom_connections", 0),
    ] {
        assert_eq!(now.value(sample), value, "{sample}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stuck_reader_shows_until_it_reads_again() {
    let server = Server::start_with(|config| config.limits.room_ring_bytes_max = 4096).await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let (mut slow, mut writer) = (joined(&server, &ann, &room).await, server.socket(&ann).await);
    let (count, filler) = (1200, "x".repeat(12_000));
    for n in 0..count {
        let content = format!("{n} {filler}");
        writer.send(json!({ "type": "chat.send", "data": { "room_id": room, "content": content } })).await;
        writer.send(json!({ "type": "presence.update", "data": { "room_id": room, "typing": n % 2 == 0 } })).await;
        if n % 50 == 0 {
            writer.call("ping", json!({})).await;
        }
    }
    writer.call("ping", json!({})).await;
    let in_state = |now: &Scrape, state: &str| now.value(&format!("vizroom_cursors{{state='{state}'}}"));
    let lagging = |now: &Scrape| in_state(now, "blocked") + in_state(now, "behind");
    // Everything has been told: who joins now lacks nothing.
    let told = async { while readers(&ann, &room).await.data()["head"] != count {} };
    timeout(PATIENCE, told).await.expect("all is told in time");
    let _quick = joined(&server, &ann, &room).await;
    server.scrape_until(|now| lagging(now) == 1).await;
    let seen = readers(&ann, &room).await.data();
    assert_eq!((&seen["connected"], &seen["members"], &seen["followers"]), (&json!(2), &json!(1), &json!(0)));
    let (first, last) = (&seen["readers"][0], &seen["readers"][1]);
    assert!(first["state"] == "blocked" || first["state"] == "behind", "{first}");
    assert!(first["lag_events"].as_u64() > Some(100) && first["lag_bytes"].as_u64() > Some(4096), "{first}");
    assert_eq!((&last["state"], &last["lag_events"], &last["lag_bytes"]), (&json!("live"), &json!(0), &json!(0)));
    assert_eq!((&first["name"], &first["user_id"]), (&json!("ann"), &json!(ann.id())));
    assert!(first["connection_id"].as_u64() < last["connection_id"].as_u64() && first["since"].is_string());

    let mut seq = 0;
    while seq < count {
        seq = slow.heard().await.0;
    }
    let now = server.scrape_until(|now| lagging(now) == 0).await;
    let seen = readers(&ann, &room).await.data();
    let of = |id: &Value| seen["readers"].as_array().unwrap().iter().find(|r| r["connection_id"] == *id).unwrap();
    let row = of(&first["connection_id"]);
    assert_eq!((&row["state"], &row["lag_events"], &seen["head"]), (&json!("live"), &json!(0), &json!(count)));
    assert!(row["replayed"].as_u64() > Some(0) && row["dropped"].as_u64() > Some(0), "{row}");
    let all = |field: &str| seen["readers"].as_array().unwrap().iter().map(|r| r[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(now.value("vizroom_events_replayed_total{source='store'}"), all("replayed"));
    assert_eq!(now.value("vizroom_events_dropped_total{class='ephemeral'}"), all("dropped"));
    assert_eq!(now.value("vizroom_events_merged_total{class='latest'}"), all("merged"));
    assert!(now.value("vizroom_cursors_fell_behind_total") > 0);
    let stats = slow.call("connection.stats", json!({})).await;
    for field in ["lag_bytes", "replayed", "merged", "dropped"] {
        assert_eq!(stats["rooms"][0][field], row[field], "{field}");
    }
    assert_eq!(stats["bytes_sent"], row["bytes_sent"]);
    server.stop().await;
}

#[tokio::test]
async fn only_an_owner_sees_who_reads() {
    let server = Server::start().await;
    let (ann, eve) = (server.person("ann").await, server.person("eve").await);
    let room = ann.room().await;
    let invitation = ann.call("account.invite", json!({ "room_id": room, "role": "editor" })).await.data();
    let bob = server.invited("bob", invitation["invitation"].as_str()).await;
    let of_bob = joined(&server, &bob, &room).await;
    assert_eq!(readers(&bob, &room).await.error().1, "FORBIDDEN");
    assert_eq!(readers(&eve, &room).await.error().1, "NOT_FOUND");
    assert_eq!(readers(&server.stranger(), &room).await.error().1, "UNAUTHORIZED");

    let follow = ann.ask(Method::GET, &format!("/api/v1/rooms/{room}/events")).send().await.unwrap();
    let seen = readers(&ann, &room).await.data();
    assert_eq!((&seen["followers"], &seen["connected"], &seen["members"]), (&json!(1), &json!(1), &json!(2)));
    assert_eq!((&seen["readers"][0]["name"], &seen["readers"][0]["calls"]), (&json!("bob"), &json!(0)));
    assert_eq!(server.scrape().await.value("vizroom_followers"), 1);
    drop((follow, of_bob));
    server.scrape_until(|now| now.value("vizroom_connections") == 0).await;
    assert_eq!(readers(&ann, &room).await.data()["readers"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn work_on_data_is_counted() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut socket = joined(&server, &ann, &room).await;
    let csv = "region,sales\nNorth,3\nSouth,5\n";
    ann.upload("/server/data/upload", "sales.csv", csv, Some(&room)).await.data();
    assert_eq!(ann.upload("/server/data/upload", "bad.parquet", "PAR1", Some(&room)).await.status, 400);
    socket.call("dashboard.generate", json!({ "room_id": room, "user_prompt": "sales by region" })).await;
    socket.event("generation.completed").await;
    let completed = |now: &Scrape| now.value("vizroom_generations_total{outcome='completed'}") == 1;
    let now = server.scrape_until(|now| completed(now) && now.value("vizroom_generations_running") == 0).await;
    assert_eq!(now.value("vizroom_generations_waiting"), 0);
    assert_eq!(now.value("vizroom_uploads_total{outcome='ok'}"), 1);
    assert_eq!(now.value("vizroom_uploads_total{outcome='INVALID_REQUEST'}"), 1);
    assert_eq!(now.value("vizroom_uploaded_bytes_total"), csv.len() as u64);
    assert_eq!(now.spread("vizroom_upload_duration_seconds").0, 2);
    server.stop().await;
}

#[tokio::test]
async fn metrics_are_for_who_may_read_them() {
    let server = Server::start().await;
    let stranger = server.stranger();
    assert_eq!(stranger.get("/metrics").await.status, 200, "this very machine");
    let passed_on = stranger.ask(Method::GET, "/metrics").header("X-Forwarded-For", "192.0.2.1");
    assert_eq!(send(passed_on).await.error().1, "FORBIDDEN", "a proxy on this machine speaks for others");
    server.stop().await;

    let server = Server::start_with(|config| config.metrics_token = Some("sesame".into())).await;
    let ann = server.person("ann").await;
    let with = |token: &str| server.stranger().ask(Method::GET, "/metrics").bearer_auth(token);
    assert_eq!(ann.get("/metrics").await.error().1, "UNAUTHORIZED", "a user's token is none");
    assert_eq!(server.stranger().get("/metrics").await.status, 401);
    for token in ["sesamf", "sesam", "sesame2", ""] {
        assert_eq!(send(with(token)).await.status, 401, "{token}");
    }
    assert_eq!(send(with("sesame")).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let mut socket = server.socket(&ann).await;
    let probe = server.stranger();
    assert_eq!((probe.get("/livez").await.status, probe.get("/readyz").await.status), (200, 200));
    let stopping = tokio::spawn(server.stop());
    socket.event("server.drain").await;
    // Who probes over a new connection finds nobody at the door; over an old one, a refusal.
    let ready = probe.ask(Method::GET, "/readyz").send().await;
    assert!(ready.as_ref().map_or(true, |answer| answer.status() == 503), "{ready:?}");
    assert_eq!(socket.closed().await, 4001);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_server_whose_database_is_gone_is_not_ready() {
    let address = crate::postgres::database().await;
    let mut admin = PgConnection::connect(&address).await.unwrap();
    let mut run = async |sql: &'static str| sqlx::query(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    run("CREATE DATABASE operated").await;
    let own = address.replacen("/postgres?", "/operated?", 1).split_once('&').unwrap().0.to_owned();
    let server = Server::start_with(|config| config.database_url = Some(own)).await;
    assert_eq!(server.stranger().get("/readyz").await.status, 200);
    run("DROP DATABASE operated WITH (FORCE)").await;
    assert_eq!(server.stranger().get("/readyz").await.error().1, "UNAVAILABLE");
    assert_eq!(server.stranger().get("/healthz").await.status, 200);
    server.stop().await;
}
