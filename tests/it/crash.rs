//! The program itself, as an operator runs it: its first line, its end, and its sudden death.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vizroom_protocol::client::{Client, News, Options};
use vizroom_protocol::{chat, operation as op};

use crate::server::{PASSWORD, send};

struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(data: &Path, listen: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vizroom"))
            .args(["serve", "--listen", listen, "--data-dir"])
            .arg(data)
            .env("VIZROOM_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url =
            first.trim_end().strip_prefix("vizroom listening on ").unwrap_or_else(|| panic!("{first}")).to_owned();
        Self { child, url }
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url)).json(&body);
        send(if token.is_empty() { request } else { request.bearer_auth(token) }).await.data()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

#[tokio::test]
async fn sigterm_ends_it_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), "127.0.0.1:0");
    assert!(program.url.starts_with("http://127.0.0.1:") && !program.url.ends_with(":0"), "{}", program.url);
    let id = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

/// Many write; the program is killed in the middle, several times; the clients come back by themselves. What was
/// acknowledged is there, once and in order, for a client that was there all along and for one that comes later.
#[tokio::test]
async fn sigkill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), "127.0.0.1:0");
    let address = program.url.trim_start_matches("http://").to_owned();
    let register = json!({ "email": "ann@example.com", "password": PASSWORD });
    let token = program.post("/server/auth/register", "", register).await["access_token"].as_str().unwrap().to_owned();
    let room = program.post("/server/rooms/create", &token, json!({ "name": "Room" })).await["id"].clone();
    let room_id = room.as_str().unwrap().parse().unwrap();
    let options = Options::new(format!("ws://{address}/ws/events"), token.clone());

    let (watcher, mut news) = Client::connect(options.clone());
    watcher.join(room_id, None).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let (client, mut ignored) = Client::connect(options.clone());
        let stop = stop.clone();
        tokio::spawn(async move { while ignored.recv().await.is_some() {} });
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let content = format!("{writer} {n}");
                let send = chat::Send { room_id, content: content.clone(), parent: None };
                let sent = client.call::<op::ChatSend>(&send).await.unwrap();
                acknowledged.push((sent.seq, content));
            }
            acknowledged
        });
    }
    let mut seen: Vec<(u64, String)> = Vec::new();
    for round in 1..=3 {
        hear(&mut news, &mut seen, 150 * round).await;
        program.kill();
        program = Program::start(folder.path(), &address);
    }
    hear(&mut news, &mut seen, 600).await;
    stop.store(true, Ordering::Relaxed);
    let acknowledged: Vec<(u64, String)> = writers.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() >= 500, "only {} were written", acknowledged.len());
    hear(&mut news, &mut seen, acknowledged.len()).await;

    let stored = stored(&program, &token, &room).await;
    for (at, (seq, _)) in stored.iter().enumerate() {
        assert_eq!(*seq, at as u64 + 1, "no hole");
    }
    for entry in &acknowledged {
        assert_eq!(&stored[entry.0 as usize - 1], entry, "an acknowledged message is where it was said to be");
    }
    let mut contents: Vec<&String> = stored.iter().map(|(_, content)| content).collect();
    contents.sort();
    contents.dedup();
    assert_eq!(contents.len(), stored.len(), "a repeated call says nothing twice");
    assert_eq!(seen[..], stored[..seen.len()], "who was there all along heard exactly the log");
}

/// Listens until so many messages have been heard.
async fn hear(news: &mut tokio::sync::mpsc::Receiver<News>, seen: &mut Vec<(u64, String)>, count: usize) {
    while seen.len() < count {
        match news.recv().await.expect("the client goes on") {
            News::Event(event) if event.kind == "chat.message" => {
                let message: chat::Message = serde_json::from_str(event.data.get()).unwrap();
                seen.push((event.metadata.seq.unwrap(), message.content));
            }
            News::Snapshot(_) => panic!("nothing was lost, so nothing needs a snapshot"),
            _ => {}
        }
    }
}

/// The room's messages as the store has them.
async fn stored(program: &Program, token: &str, room: &Value) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    let mut before = Value::Null;
    loop {
        let mut input = json!({ "room_id": room, "limit": 500, "kind": "chat.message" });
        if !before.is_null() {
            input["before"] = before.clone();
        }
        let page = program.post("/api/v1/call/room.history", token, input).await;
        let events = page["events"].as_array().unwrap();
        let entry =
            |e: &Value| (e["metadata"]["seq"].as_u64().unwrap(), e["data"]["content"].as_str().unwrap().to_owned());
        all.splice(0..0, events.iter().map(entry));
        if page["more"] == false {
            return all;
        }
        before = all[0].0.into();
    }
}
