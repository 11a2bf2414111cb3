//! What the server stands on fails under load: the disk is full, the database is locked or dies, descriptors run out.
//! Publishing gets a typed error that says when to try again, or waits within a bound; whoever repeats it under the
//! same key says it once; who listens hears every event once and in order, all along, without a new connection.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};

use crate::crash::{check, stored};
use crate::postgres;
use crate::program::{Program, long};
use crate::server::{Person, Server};
use crate::socket::Socket;

/// Several who write, and one who listens, all over one fault after the other.
struct Crowd {
    person: Person,
    room: String,
    writers: JoinSet<Written>,
    listener: JoinHandle<Vec<(u64, String)>>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
}

/// What became of one writer's messages.
#[derive(Default)]
struct Written {
    acknowledged: Vec<(u64, String)>,
    refused: Vec<Value>,
    slowest: Duration,
}

const LAST: &str = "the end";

impl Crowd {
    async fn gather(person: Person) -> Self {
        let (room, stop, acknowledged) = (person.room().await, Arc::default(), Arc::default());
        let mut listener = person.socket().await;
        listener.join(&room, json!("head")).await;
        let listener = tokio::spawn(async move {
            let mut heard = Vec::new();
            while heard.last().is_none_or(|(_, content)| content != LAST) {
                heard.push(listener.heard().await);
            }
            heard
        });
        let mut writers = JoinSet::new();
        for name in 0..4 {
            let (stop, count) = (Arc::clone(&stop), Arc::clone(&acknowledged));
            writers.spawn(write(person.socket().await, room.clone(), name, stop, count));
        }
        Self { person, room, writers, listener, stop, acknowledged }
    }

    /// Waits until so many more messages are acknowledged.
    async fn goes_on(&self, more: usize) {
        let enough = self.acknowledged.load(Ordering::Relaxed) + more;
        let arrives = async {
            while self.acknowledged.load(Ordering::Relaxed) < enough {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(40), arrives).await.expect("the crowd goes on");
    }

    /// Ends it, checks that nothing was lost, said twice or told out of order; the refusals, and the longest wait.
    async fn all_well(self) -> (Vec<Value>, Duration) {
        self.stop.store(true, Ordering::Relaxed);
        let written = self.writers.join_all().await;
        let mut last = self.person.socket().await;
        insist(&mut last, &self.room, LAST, &mut Written::default()).await;
        let stored = stored(&self.person, &self.room).await;
        let acknowledged: Vec<_> = written.iter().flat_map(|w| w.acknowledged.clone()).collect();
        check(&stored, &acknowledged);
        assert_eq!(self.listener.await.unwrap(), stored, "who listens hears exactly the log");
        let slowest = written.iter().map(|w| w.slowest).max().unwrap();
        let refused: Vec<Value> = written.into_iter().flat_map(|w| w.refused).collect();
        println!("{} acknowledged, {} refused, slowest {slowest:?}", acknowledged.len(), refused.len());
        for error in &refused {
            assert!(error["code"] == "UNAVAILABLE" && error["retry_after_ms"].is_number(), "{error}");
        }
        (refused, slowest)
    }
}

async fn write(
    mut socket: Socket,
    room: String,
    name: usize,
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
) -> Written {
    let mut written = Written::default();
    while !stop.load(Ordering::Relaxed) {
        let content = format!("{name} {}", written.acknowledged.len());
        insist(&mut socket, &room, &content, &mut written).await;
        count.fetch_add(1, Ordering::Relaxed);
    }
    written
}

/// Says it, again and again under the same key, until that is acknowledged.
async fn insist(socket: &mut Socket, room: &str, content: &str, written: &mut Written) {
    loop {
        let begun = Instant::now();
        let message = json!({ "room_id": room, "content": content });
        let said = socket.try_call("chat.send", message, Some(content)).await;
        written.slowest = written.slowest.max(begun.elapsed());
        match said {
            Ok(sent) => return written.acknowledged.push((sent["seq"].as_u64().unwrap(), content.to_owned())),
            Err(error) => {
                let pause = Duration::from_millis(error["retry_after_ms"].as_u64().unwrap_or(100));
                written.refused.push(error);
                tokio::time::sleep(pause.min(Duration::from_secs(1))).await;
            }
        }
    }
}

#[tokio::test]
async fn a_database_locked_by_another_program() {
    // In the long form for longer than a statement waits.
    let held = if long() { Duration::from_secs(13) } else { Duration::from_millis(1_500) };
    let server = Server::start().await;
    let crowd = Crowd::gather(server.person("ann").await).await;
    crowd.goes_on(100).await;
    let file = server.data_dir().join("data/vizroom.db");
    let mut other = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::query("PRAGMA busy_timeout = 5000").execute(&mut other).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    tokio::time::sleep(held).await;
    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    crowd.goes_on(100).await;
    let (refused, slowest) = crowd.all_well().await;
    assert_eq!(refused.is_empty(), !long(), "{refused:?}");
    // What came while another one waited waits as long again.
    assert!(slowest < Duration::from_secs(21), "{slowest:?}");
}

#[tokio::test]
async fn postgresql_dies_and_comes_back() {
    let mut postgres = tokio::task::spawn_blocking(postgres::Server::start).await.unwrap();
    let address = postgres.address();
    let server = Server::start_with(|config| config.database_url = Some(address)).await;
    let crowd = Crowd::gather(server.person("ann").await).await;
    for _ in 0..if long() { 20 } else { 2 } {
        crowd.goes_on(200).await;
        postgres = tokio::task::spawn_blocking(move || {
            postgres.told("kill");
            postgres.told("start");
            postgres
        })
        .await
        .unwrap();
    }
    crowd.goes_on(200).await;
    let (refused, slowest) = crowd.all_well().await;
    assert!(!refused.is_empty(), "it was not noticed");
    assert!(slowest < Duration::from_secs(11), "{slowest:?}");
}

/// A file system of its own in memory, gone when this is dropped. Only root may make one.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={bytes}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        mount.is_ok_and(|done| done.status.success()).then_some(Self(folder))
    }

    /// Takes all the space that is left, or gives it back.
    fn full(&self, full: bool) {
        let filler = self.0.path().join("filler");
        if !full {
            return std::fs::remove_file(filler).unwrap();
        }
        let mut file = std::fs::File::create(filler).unwrap();
        while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the program may be there still.
        Command::new("umount").arg("-l").arg(self.0.path()).status().unwrap();
    }
}

#[tokio::test]
async fn a_full_disk() {
    let Some(disk) = Disk::of(12 * 1024 * 1024) else {
        return println!("not root, so no disk of its own; `a_file_that_may_not_grow` does nearly the same");
    };
    let data = disk.0.path().join("data");
    let program = Program::start(&data, "127.0.0.1:0");
    no_space(program, &data, |_, full| disk.full(full)).await;
}

#[tokio::test]
async fn a_file_that_may_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    // The signal that comes with it would end the program.
    let program = Program::start_with(folder.path(), "127.0.0.1:0", "trap '' XFSZ", |_| {});
    no_space(program, folder.path(), |program, full| {
        let size = if full { "4096:" } else { "unlimited:" };
        let done = Command::new("prlimit").args(["--pid", &program.id(), &format!("--fsize={size}")]).status();
        assert!(done.unwrap().success());
    })
    .await;
}

async fn no_space(mut program: Program, data: &Path, full: impl Fn(&Program, bool)) {
    let ann = program.stranger().registered("ann", None).await;
    let room = ann.room().await;
    let (mut listener, mut other, mut writer) = (ann.socket().await, ann.socket().await, ann.socket().await);
    listener.join(&room, json!("head")).await;
    other.join(&room, json!("head")).await;
    writer.join(&room, json!("head")).await;
    let mut written = Written::default();
    for n in 0..20 {
        insist(&mut writer, &room, &format!("{n}"), &mut written).await;
    }

    full(&program, true);
    // What is left of the files is used up first.
    let mut n = 20;
    let refused = loop {
        let content = format!("{n} {}", "x".repeat(8_000));
        let key = format!("full {n}");
        match writer.try_call("chat.send", json!({ "room_id": room, "content": content }), Some(&key)).await {
            Ok(sent) => written.acknowledged.push((sent["seq"].as_u64().unwrap(), content)),
            Err(error) => break error,
        }
        n += 1;
        assert!(n < 2_000, "the disk is not full");
    };
    assert!(refused["code"] == "UNAVAILABLE" && refused["retry_after_ms"].is_number(), "{refused}");
    writer.call("presence.update", json!({ "room_id": room, "signal": { "still": "here" } })).await;
    assert_eq!(other.event("presence.signal").await["data"]["signal"], json!({ "still": "here" }));
    assert_eq!(stored(&ann, &room).await, written.acknowledged, "reading goes on; what was refused is not there");
    let upload = ann.upload("/server/data/upload", "a.csv", "a,b\n".repeat(50_000), None).await;
    assert_eq!(upload.error().0, 503, "{upload:?}");
    assert_eq!(std::fs::read_dir(data.join("spool")).unwrap().count(), 0, "nothing of it stays");

    // The refused upload was not read to its end, so its connection is good for nothing else.
    let ann = Person { http: reqwest::Client::new(), ..ann };
    full(&program, false);
    // A call that fails for a reason of its own undoes what it began, and no more.
    let error = ann.call("room.remove_member", json!({ "room_id": room, "user_id": ann.id() })).await.error();
    assert_eq!(error.1, "CONFLICT", "the last owner stays");
    let content = format!("{n} {}", "x".repeat(8_000));
    let key = format!("full {n}");
    let message = json!({ "room_id": room, "content": content });
    let sent = writer.try_call("chat.send", message, Some(&key)).await.expect("there is space again");
    written.acknowledged.push((sent["seq"].as_u64().unwrap(), content));
    for n in 0..20 {
        insist(&mut writer, &room, &format!("after {n}"), &mut written).await;
    }
    check(&stored(&ann, &room).await, &written.acknowledged);
    for expected in &written.acknowledged {
        assert_eq!(&listener.heard().await, expected);
    }
    program.kill();
    let program = Program::start(data, "127.0.0.1:0");
    let ann = Person { url: program.url.clone(), ..ann };
    assert_eq!(stored(&ann, &room).await, written.acknowledged, "what was acknowledged is in the file");
}

#[tokio::test]
async fn no_descriptors_left() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let program = Program::start_with(&folder.path().join("data"), "127.0.0.1:0", "ulimit -n 100", |command| {
        command.env("VIZROOM_LOG", "warn").stderr(std::fs::File::create(&log).unwrap());
    });
    let ann = program.stranger().registered("ann", None).await;
    let room = ann.room().await;
    let (mut one, mut two) = (ann.socket().await, ann.socket().await);
    one.join(&room, json!("head")).await;
    two.join(&room, json!("head")).await;
    let address = program.url.trim_start_matches("http://");
    let mut crowd = Vec::new();
    for _ in 0..150 {
        crowd.push(TcpStream::connect(address).await.unwrap());
    }
    let descriptors = || std::fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap().count();
    tokio::time::timeout(Duration::from_secs(10), async {
        while descriptors() < 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("all descriptors are taken");
    let (ticks, begun) = (program.cpu_ticks(), Instant::now());
    let mut seq = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        seq += 1;
        one.say(&room, "still here").await;
        assert_eq!(two.heard().await.0, seq);
        one.call("room.history", json!({ "room_id": room })).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ticks = program.cpu_ticks() - ticks;
    let lines = std::fs::read_to_string(&log).unwrap().lines().count();
    println!("{seq} messages and as many looks back in 2 s, {ticks} ticks of the processor, {lines} lines of log");
    assert!(ticks < 100, "{ticks} hundredths of a second of work in two seconds");
    assert!(lines <= 3, "{}", std::fs::read_to_string(&log).unwrap());
    drop(crowd);
    let mut new = tokio::time::timeout(Duration::from_secs(5), ann.socket()).await.expect("others have left");
    new.call("ping", json!({})).await;
}

/// A second server would empty the first one's spool: it is told whose the folder is, and touches nothing.
#[tokio::test]
async fn a_data_folder_has_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Program::start(folder.path(), "127.0.0.1:0");
    let ann = first.stranger().registered("ann", None).await;
    let arriving = folder.path().join("spool/arriving");
    std::fs::write(&arriving, "x").unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_vizroom"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success(), "{said}");
    assert!(second.stdout.is_empty(), "it did not say that it serves");
    for named in [&*folder.path().to_string_lossy(), &format!("process {}", first.id()), "files_dir"] {
        assert!(said.contains(named), "{named}: {said}");
    }
    assert!(arriving.exists());
    assert_eq!(ann.get("/server/rooms/list").await.status, 200);
    // However it ends, the folder is free.
    first.kill();
    let third = Program::start(folder.path(), "127.0.0.1:0");
    let ann = Person { url: third.url.clone(), ..ann };
    assert_eq!(ann.get("/server/rooms/list").await.status, 200);
    assert!(!arriving.exists(), "what a dead one left is cleared away");
}
