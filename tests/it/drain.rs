//! A server goes, another one comes in its place: everybody moves and misses nothing.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use vizroom_protocol::client::{Client, News, Options};
use vizroom_protocol::id::RoomId;
use vizroom_protocol::room::{Head, Since};
use vizroom_protocol::{chat, operation as op};

use crate::crash::{check, stored};
use crate::program::{Program, long};

const LAST: &str = "the end";

/// What a client went through.
struct Moved {
    room: usize,
    heard: Vec<(u64, String)>,
    back: Instant,
}

/// 300 clients (5,000 in the long form) in several rooms, and one who writes in each of them all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_moves_to_the_next_server_and_misses_nothing() {
    let (clients, rooms, messages, pause_ms) = if long() { (5_000, 20, 60, 250) } else { (300, 5, 100, 40) };
    let folder = tempfile::tempdir().unwrap();
    let mut old = Program::start(folder.path(), "127.0.0.1:0");
    let address = old.url.trim_start_matches("http://").to_owned();
    let ann = old.stranger().registered("ann", None).await;
    let options = Options::new(format!("ws://{address}/ws/events"), ann.token());
    let mut names: Vec<RoomId> = Vec::new();
    for _ in 0..rooms {
        names.push(ann.room().await.parse().unwrap());
    }
    let mut crowd = JoinSet::new();
    for n in 0..clients {
        let (client, news) = Client::connect(options.clone());
        client.join(names[n % rooms], Some(Since::Head(Head::Head))).await.unwrap();
        crowd.spawn(listen(client, news, n % rooms));
    }
    let mut writers = JoinSet::new();
    for (place, room) in names.iter().enumerate() {
        writers.spawn(write(options.clone(), place, *room, messages, Duration::from_millis(pause_ms)));
    }
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let begun = Instant::now();
    old.terminate();
    assert_eq!(tokio::task::spawn_blocking(move || old.child.wait().unwrap().code()).await.unwrap(), Some(0));
    let drained = begun.elapsed();
    let new = Program::start(folder.path(), &address);
    let away = begun.elapsed();

    let mut said = writers.join_all().await;
    said.sort();
    let moved = crowd.join_all().await;
    let mut back: Vec<Duration> = moved.iter().map(|m| m.back - begun).collect();
    back.sort();
    let at = |share: usize| back[(back.len() - 1) * share / 100];
    let (first, half, most, last) = (at(0), at(50), at(90), at(100));
    println!(
        "{clients} clients: drained in {drained:?}, nobody served for {away:?}; back after {first:?} (first), {half:?} (half), {most:?} (90 %), {last:?} (last)"
    );
    for (room, (_, said)) in names.iter().zip(&said) {
        check(&stored(&ann, &room.to_string()).await, said);
    }
    for client in &moved {
        assert_eq!(client.heard, said[client.room].1, "nothing missed, nothing twice, in order");
    }
    // Spread over a good part of the time that was given, not in one moment.
    assert!(at(90) - at(10) > Duration::from_millis(1_500), "{:?} to {:?}", at(10), at(90));
    drop(new);
}

/// Hears everything until the end.
async fn listen(client: Client, mut news: mpsc::Receiver<News>, room: usize) -> Moved {
    let (mut heard, mut back) = (Vec::new(), Instant::now());
    loop {
        match news.recv().await.expect("the client goes on") {
            News::Event(event) if event.kind == "chat.message" => {
                let message: chat::Message = serde_json::from_str(event.data.get()).unwrap();
                heard.push((event.metadata.seq.unwrap(), message.content));
                if heard.last().unwrap().1 == LAST {
                    drop(client);
                    return Moved { room, heard, back };
                }
            }
            News::Connected => back = Instant::now(),
            News::Snapshot(_) => panic!("nothing was lost, so nothing needs a snapshot"),
            News::Event(_) | News::Disconnected => {}
        }
    }
}

async fn write(
    options: Options,
    place: usize,
    room_id: RoomId,
    messages: usize,
    pause: Duration,
) -> (usize, Vec<(u64, String)>) {
    let (client, mut news) = Client::connect(options);
    tokio::spawn(async move { while news.recv().await.is_some() {} });
    let mut said = Vec::new();
    for n in 1..=messages {
        let content = if n == messages { LAST.to_owned() } else { n.to_string() };
        let send = chat::Send { room_id, content: content.clone(), parent: None };
        said.push((client.call::<op::ChatSend>(&send).await.unwrap().seq, content));
        tokio::time::sleep(pause).await;
    }
    (place, said)
}
