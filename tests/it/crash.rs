//! Sudden death. What was acknowledged is in the file: SQLite in WAL mode with `synchronous = FULL` syncs the log of
//! every transaction before it says that it is committed, so neither SIGKILL (the kernel still has the pages) nor a
//! power cut (the disk has them) takes it back; what was not acknowledged is there whole or not at all. That each
//! writing connection is opened so is checked in `store.rs`. A power cut itself is not simulated here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vizroom_protocol::client::{Client, News, Options};
use vizroom_protocol::id::RoomId;
use vizroom_protocol::{chat, operation as op};

use crate::program::{Program, long};
use crate::server::Person;

/// Number and content of a message.
type Said = (u64, String);

#[tokio::test]
async fn sigterm_ends_it_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), "127.0.0.1:0");
    assert!(program.url.starts_with("http://127.0.0.1:") && !program.url.ends_with(":0"), "{}", program.url);
    program.terminate();
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

/// Many write; the program is killed in the middle, again and again (50 times in the long form); the clients come back
/// by themselves. What was acknowledged is there, once and in order, for those who were there all along and for
/// those who come later.
#[tokio::test]
async fn sigkill_loses_nothing_that_was_acknowledged() {
    let rounds = if long() { 50 } else { 3 };
    let folder = tempfile::tempdir().unwrap();
    // Who comes back late resumes all the same, so that a snapshot means that something was lost.
    let start = |listen: &str| {
        Program::start_with(folder.path(), listen, "", |command| {
            command.env("VIZROOM_LIMITS__REPLAY_EVENTS_MAX", "10000000");
        })
    };
    let mut program = start("127.0.0.1:0");
    let address = program.url.trim_start_matches("http://").to_owned();
    // One person all along: their token is good for a quarter of an hour.
    let ann = program.stranger().registered("ann", None).await;
    let room = ann.room().await;
    let options = Options::new(format!("ws://{address}/ws/events"), ann.token());
    let (mut news, mut seen) = (watch(&options, &room).await, Vec::new());
    let (others, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut watchers = JoinSet::new();
    for _ in 0..3 {
        let (mut news, others) = (watch(&options, &room).await, others.clone());
        watchers.spawn(async move {
            let mut seen = Vec::new();
            while !others.load(Ordering::Relaxed) {
                let next = seen.len() + 1;
                hear(&mut news, &mut seen, next).await;
            }
            seen
        });
    }
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        writers.spawn(write(options.clone(), room.parse().unwrap(), writer, stop.clone()));
    }
    for round in 1..=rounds {
        hear(&mut news, &mut seen, 150 * round).await;
        program.kill();
        program = start(&address);
    }
    hear(&mut news, &mut seen, 150 * (rounds + 1)).await;
    stop.store(true, Ordering::Relaxed);
    let acknowledged: Vec<Said> = writers.join_all().await.into_iter().flatten().collect();
    hear(&mut news, &mut seen, acknowledged.len()).await;
    // One more, so that every watcher wakes up.
    others.store(true, Ordering::Relaxed);
    ann.call("chat.send", json!({ "room_id": room, "content": "the end" })).await.data();

    let stored = stored(&ann, &room).await;
    check(&stored, &acknowledged);
    println!("{rounds} kills, {} acknowledged, {} in the log: 0 lost, 0 twice", acknowledged.len(), stored.len());
    for seen in watchers.join_all().await.into_iter().chain([seen]) {
        assert_eq!(seen[..], stored[..seen.len()], "who was there all along heard exactly the log");
    }
}

async fn watch(options: &Options, room: &str) -> tokio::sync::mpsc::Receiver<News> {
    let (watcher, news) = Client::connect(options.clone());
    watcher.join(room.parse().unwrap(), None).await.unwrap();
    // The connection lives as long as the client does.
    tokio::spawn(async move {
        let _watcher = watcher;
        std::future::pending::<()>().await;
    });
    news
}

/// Says one thing after the other until told to stop; what was acknowledged.
async fn write(options: Options, room_id: RoomId, writer: usize, stop: Arc<AtomicBool>) -> Vec<Said> {
    let (client, mut ignored) = Client::connect(options);
    tokio::spawn(async move { while ignored.recv().await.is_some() {} });
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let content = format!("{writer} {}", acknowledged.len());
        let send = chat::Send { room_id, content: content.clone(), parent: None };
        let sent = client.call::<op::ChatSend>(&send).await.unwrap();
        acknowledged.push((sent.seq, content));
    }
    acknowledged
}

/// Every acknowledged message is where it was said to be; none is there twice; there is no hole.
pub fn check(stored: &[Said], acknowledged: &[Said]) {
    for (at, (seq, _)) in stored.iter().enumerate() {
        assert_eq!(*seq, at as u64 + 1, "no hole");
    }
    for entry in acknowledged {
        assert_eq!(&stored[entry.0 as usize - 1], entry, "an acknowledged message is where it was said to be");
    }
    let mut contents: Vec<&String> = stored.iter().map(|(_, content)| content).collect();
    contents.sort();
    contents.dedup();
    assert_eq!(contents.len(), stored.len(), "a repeated call says nothing twice");
}

/// Listens until so many messages have been heard.
async fn hear(news: &mut tokio::sync::mpsc::Receiver<News>, seen: &mut Vec<Said>, count: usize) {
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
pub async fn stored(person: &Person, room: &str) -> Vec<Said> {
    let mut all = Vec::new();
    let mut before = Value::Null;
    loop {
        let mut input = json!({ "room_id": room, "limit": 500, "kind": "chat.message" });
        if !before.is_null() {
            input["before"] = before.clone();
        }
        let page = person.call("room.history", input).await.data();
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
