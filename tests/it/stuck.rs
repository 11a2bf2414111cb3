//! Clients that do not do their part: never read, never answer, dawdle, or send a flood.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vizroom::config::Config;

use crate::program::{Program, long};
use crate::server::{Person, Server};
use crate::socket::{Socket, masked};

/// How many connections the room has.
async fn connected(person: &Person, room: &str) -> u64 {
    person.call("room.status", json!({ "room_id": room })).await.data()["connected"].as_u64().unwrap()
}

/// How long `count` messages of `bytes` each take from one socket to the other, shortest first.
async fn latencies(from: &mut Socket, to: &mut Socket, room: &str, count: usize, bytes: usize) -> Vec<Duration> {
    let content = "x".repeat(bytes);
    let mut all = Vec::new();
    for _ in 0..count {
        let begun = Instant::now();
        from.say(room, &content).await;
        to.heard().await;
        all.push(begun.elapsed());
    }
    all.sort();
    all
}

#[tokio::test]
async fn who_never_reads_slows_nobody_and_is_closed() {
    let no_progress = Duration::from_secs(3);
    let server = Server::start_with(|config| config.limits.no_progress_ms_max = 3_000).await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let (mut one, mut two) = (server.socket(&ann).await, server.socket(&ann).await);
    two.join(&room, json!("head")).await;
    let (count, bytes) = (200, 10_000);
    let alone = latencies(&mut one, &mut two, &room, count, bytes).await;
    let mut stuck = Vec::new();
    for _ in 0..50 {
        let mut socket = ann.narrow_socket().await;
        socket.join(&room, json!("head")).await;
        stuck.push(socket);
    }
    let begun = Instant::now();
    let among = latencies(&mut one, &mut two, &room, count, bytes).await;
    let lag = ann.call("room.status", json!({ "room_id": room })).await.data();
    // On a machine so busy that this took longer, some may rightly be gone.
    if begun.elapsed() < no_progress {
        assert_eq!(lag["connected"], 51, "they are there all the while");
    }
    println!(
        "latency alone: {:?} (half), {:?} (99 %); among 50 who do not read: {:?} (half), {:?} (99 %)",
        alone[count / 2],
        alone[count * 99 / 100],
        among[count / 2],
        among[count * 99 / 100]
    );
    assert!(among[count / 2] < alone[count / 2] * 10 + Duration::from_millis(20), "{:?}", among[count / 2]);
    // Their buffers in the kernel fill up sooner or later.
    while connected(&ann, &room).await > 1 {
        latencies(&mut one, &mut two, &room, 20, bytes).await;
        assert!(begun.elapsed() < Duration::from_secs(30), "they are not closed");
    }
    println!("all closed {:?} after the first of the events they did not read", begun.elapsed());
    let code = stuck[0].closed().await;
    assert_eq!(code, 1006, "whoever reads in the end finds the connection gone: come back");
}

#[tokio::test]
async fn who_does_not_answer_is_closed() {
    let server = Server::start_with(|config| config.limits.ping_after_ms = 400).await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut silent = server.socket(&ann).await;
    silent.join(&room, json!("head")).await;
    let mut answers = server.socket(&ann).await;
    let begun = Instant::now();
    // A client that reads answers pings by itself.
    let reading = tokio::spawn(async move { answers.try_next().await });
    while connected(&ann, &room).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "it is not closed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() > Duration::from_millis(700), "after {:?}", begun.elapsed());
    assert_eq!(silent.closed().await, 4012);
    assert!(!reading.is_finished(), "who answers stays");
}

#[tokio::test]
async fn a_frame_byte_by_byte() {
    let server = Server::start_with(|config| config.limits.ping_after_ms = 200).await;
    let ann = server.person("ann").await;
    let mut stream = ann.raw_socket().await;
    let begun = Instant::now();
    for byte in masked(1, br#"{"type":"ping","metadata":{"id":"slow"}}"#) {
        stream.write_all(&[byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(begun.elapsed() > Duration::from_secs(1), "longer than a silent client has");
    assert!(heard(&mut stream, "\"slow\"").await, "answered");
    // Half a frame is kept only as long as it may become a whole one that is not too large.
    let mut large = ann.raw_socket().await;
    large.write_all(&[0x81, 0x80 | 127, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]).await.unwrap();
    assert!(heard(&mut large, "bad frame").await, "closed before the rest comes");
}

/// Reads until this text comes. False if the connection ends before.
async fn heard(stream: &mut TcpStream, text: &str) -> bool {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer)).await.expect("in time");
        match n {
            Ok(0) | Err(_) => return false,
            Ok(n) => all.extend_from_slice(&buffer[..n]),
        }
        if all.windows(text.len()).any(|window| window == text.as_bytes()) {
            return true;
        }
    }
}

/// However slowly a client begins, it has so much time for the headers of its request.
#[tokio::test]
async fn who_dawdles_with_a_request_is_closed() {
    let server = Server::start_with(|config| config.limits.headers_ms_max = 500).await;
    let address = server.url.trim_start_matches("http://");
    let dawdle = async |text: &'static str, pause: Duration| {
        let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
        let begun = Instant::now();
        let write = async {
            for byte in text.bytes() {
                tokio::time::sleep(pause).await;
                if writing.write_all(&[byte]).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        let read = async {
            let mut rest = Vec::new();
            let _ = reading.read_to_end(&mut rest).await;
        };
        tokio::select! {
            () = write => {}
            () = read => {}
            () = tokio::time::sleep(Duration::from_secs(8)) => panic!("still open: {text}"),
        }
        begun.elapsed()
    };
    let pause = Duration::from_millis(100);
    let closed = tokio::join!(
        dawdle("", pause),
        dawdle("GET / HTTP/1.1\r\nhost: example.com\r\nx-filler: aaaaaaaaaaaaaaaaaaaaaaaa", pause),
        dawdle("P", pause),
        dawdle("PRI * HTTP/2.0\r\n", Duration::from_millis(10)),
        dawdle("GET /health HTTP/1.1\r\nhost: x\r\n\r\n", Duration::from_millis(1)),
    );
    println!("closed after {closed:?}");
}

#[tokio::test]
async fn a_clock_that_jumps() {
    let hour = 3_600_000;
    let quick = |config: &mut Config| (config.limits.no_progress_ms_max, config.limits.ping_after_ms) = (800, 800);
    let server = Server::start_with(quick).await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut socket = server.socket(&ann).await;
    socket.join(&room, json!("head")).await;
    server.clock.advance(-hour);
    // Long enough that the server has looked at every connection; who reads answers its pings.
    assert!(tokio::time::timeout(Duration::from_millis(2_500), socket.event("nothing")).await.is_err());
    socket.say(&room, "an hour ago").await;
    assert_eq!(socket.heard().await.0, 1);
    server.clock.advance(hour);
    assert!(tokio::time::timeout(Duration::from_millis(1_000), socket.event("nothing")).await.is_err());
    socket.say(&room, "now").await;
    assert_eq!(socket.heard().await.0, 2);
    server.clock.advance(hour);
    assert_eq!(socket.closed().await, 4501, "the token has expired; nobody was silent");
    let body = json!({ "email": "ann@example.com", "password": crate::server::PASSWORD });
    let tokens = server.stranger().post("/server/auth/login", body).await.data();
    let later = Person { tokens, ..ann };
    let mut socket = server.socket(&later).await;
    socket.say(&room, "an hour later").await;
    server.clock.advance(-hour);
    socket.say(&room, "back again").await;
    let page = later.call("room.history", json!({ "room_id": room })).await.data();
    let seqs: Vec<&Value> = page["events"].as_array().unwrap().iter().map(|e| &e["metadata"]["seq"]).collect();
    assert_eq!(seqs, [1, 2, 3, 4], "the order is the log's, not the clock's");
}

#[tokio::test]
async fn ten_thousand_tiny_frames_in_one_write() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    for (frame, answer, bytes) in [
        (masked(9, b"x"), vec![0x8A, 1, b'x'], 3),
        (masked(1, b"x"), Vec::new(), 0),
        (masked(1, br#"{"type":"ping","metadata":{"id":1}}"#), Vec::new(), 0),
    ] {
        let mut stream = ann.raw_socket().await;
        assert!(heard(&mut stream, "connection.ready").await);
        let (mut reading, mut writing) = stream.into_split();
        let flood = [frame.repeat(10_000), masked(1, br#"{"type":"ping","metadata":{"id":"last"}}"#)].concat();
        let reading = async {
            let (mut all, mut buffer) = (Vec::new(), vec![0; 65_536]);
            while !all.ends_with(br#""metadata":{"reply_to":"last"}}"#) {
                let n = tokio::time::timeout(Duration::from_secs(20), reading.read(&mut buffer)).await;
                let n = n.expect("an answer in time").unwrap();
                assert!(n > 0, "closed: {}", String::from_utf8_lossy(&all[all.len().saturating_sub(200)..]));
                all.extend_from_slice(&buffer[..n]);
            }
            all
        };
        let (_, all) = tokio::join!(async { writing.write_all(&flood).await.unwrap() }, reading);
        if bytes > 0 {
            assert!(all.windows(bytes).filter(|w| *w == answer).count() >= 10_000, "each ping has its pong");
        } else {
            let text = String::from_utf8_lossy(&all);
            let answers = text.matches("INVALID_REQUEST").count().max(text.matches(r#""reply_to":1}"#).count());
            assert_eq!(answers, 10_000);
        }
    }
}

/// What all TCP connections of this machine hold in the kernel.
fn kernel_bytes() -> u64 {
    let all = std::fs::read_to_string("/proc/net/sockstat").unwrap();
    let tcp = all.lines().find(|line| line.starts_with("TCP:")).unwrap();
    tcp.rsplit(' ').next().unwrap().parse::<u64>().unwrap() * 4096
}

/// 200 readers that never read (1,000 in the long form), and 20 (100) MB told to them. What a stuck reader costs the
/// program is the rest of one event and its entry in the lists; the log is bounded by `room_ring_bytes_max`. The
/// kernel's buffers are not the program's memory, but the machine's: bounded by what the client's own buffer takes
/// and 128 kB.
#[tokio::test]
async fn the_memory_of_a_room_full_of_stuck_readers() {
    let (readers, messages) = if long() { (1_000, 6_250) } else { (200, 1_250) };
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), "127.0.0.1:0");
    let ann = program.stranger().registered("ann", None).await;
    let room = ann.room().await;
    let mut stuck = Vec::new();
    for _ in 0..readers {
        let mut socket = ann.narrow_socket().await;
        socket.join(&room, json!("head")).await;
        stuck.push(socket);
    }
    let mut writer = ann.socket().await;
    // What everything needs once, whoever reads.
    let own = ann.room().await;
    let content = "x".repeat(16_000);
    for _ in 0..200 {
        writer.say(&own, &content).await;
    }
    let (before, kernel_before) = (program.resident_bytes(), kernel_bytes());
    let (mut most, mut kernel_most, begun) = (before, 0, Instant::now());
    for n in 0..messages {
        writer.say(&room, &content).await;
        if n % 25 == 0 {
            most = most.max(program.resident_bytes());
            kernel_most = kernel_most.max(kernel_bytes());
        }
    }
    let left = connected(&ann, &room).await;
    let (grown, each) = (most - before, (most - before) / readers);
    println!(
        "{readers} stuck readers ({left} left), {} MB told in {:?}: {} MB before, {} MB at most; {each} bytes a reader; \
         {} MB of the kernel's",
        messages * 16 / 1000,
        begun.elapsed(),
        before >> 20,
        most >> 20,
        kernel_most.saturating_sub(kernel_before) >> 20
    );
    // One event of 16 kB each, and what the log and the allocator keep.
    assert!(grown < readers * 24_000 + 24 * 1024 * 1024, "{grown} bytes more");
}

/// Replies that nobody takes are bounded, too: a client that asks for much and reads nothing is not read from.
#[tokio::test]
async fn the_memory_of_replies_that_nobody_reads() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), "127.0.0.1:0");
    let ann = program.stranger().registered("ann", None).await;
    let room = ann.room().await;
    let mut writer = ann.socket().await;
    for _ in 0..300 {
        writer.say(&room, &"x".repeat(16_000)).await;
    }
    let mut greedy = ann.narrow_socket().await;
    let before = program.resident_bytes();
    let ask = json!({ "type": "room.history", "data": { "room_id": room, "limit": 500 }, "metadata": { "id": 1 } });
    for _ in 0..500 {
        // Once the server does not read any more, this waits.
        let sent = tokio::time::timeout(Duration::from_millis(500), greedy.send(ask.clone())).await;
        if sent.is_err() {
            break;
        }
    }
    let mut most = before;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = most.max(program.resident_bytes());
    }
    println!("500 replies of 1 MB asked for, none read: {} MB before, {} MB at most", before >> 20, most >> 20);
    // As many as calls may be under way, copied once on their way out.
    assert!(most - before < 160 * 1024 * 1024, "{} bytes more", most - before);
}
