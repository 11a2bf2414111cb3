//! What changes takes effect at once, on connections that are open.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use vizroom::config::Config;
use vizroom::limits::Tier;

use crate::server::{PASSWORD, Person, Server};
use crate::socket::Socket;
use crate::uploads::files_below;

const QUARTER_MS: i64 = 15 * 60_000;

/// Looks at every connection ten times a second.
fn quick(config: &mut Config) {
    config.limits.no_progress_ms_max = 800;
}

/// Bob, in a room of ann's.
async fn guest(server: &Server, ann: &Person, room: &str, role: &str) -> Person {
    let invitation = ann.call("account.invite", json!({ "room_id": room, "role": role })).await.data();
    server.invited("bob", invitation["invitation"].as_str()).await
}

/// What the socket hears until everything that was told before now has reached it.
async fn heard_by_now(socket: &mut Socket) -> Vec<Value> {
    socket.send(json!({ "type": "ping", "metadata": { "id": "now" } })).await;
    let mut heard = Vec::new();
    loop {
        let frame = socket.next().await;
        if frame["metadata"]["reply_to"] == "now" {
            return heard;
        }
        heard.push(frame);
    }
}

#[tokio::test]
async fn a_token_that_ends_ends_the_connection_unless_it_is_renewed() {
    let server = Server::start_with(quick).await;
    let mut ann = server.person("ann").await;
    let (mut renewed, mut expired) = (server.socket(&ann).await, server.socket(&ann).await);
    let eve = server.person("eve").await;
    let other = renewed.try_call("auth.refresh", json!({ "token": eve.token() }), None).await.unwrap_err();
    assert_eq!(other["code"], "UNAUTHORIZED", "somebody else's token renews nothing");
    server.clock.advance(QUARTER_MS + 10_000);
    // Its time is over, its grace is not.
    tokio::time::sleep(Duration::from_millis(300)).await;
    expired.call("ping", json!({})).await;
    assert_eq!(ann.get("/server/rooms/list").await.status, 401, "over HTTP there is no grace");
    let refresh = json!({ "refresh_token": ann.tokens["refresh_token"] });
    ann.tokens = server.stranger().post("/server/auth/refresh", refresh).await.data();
    renewed.call("auth.refresh", json!({ "token": ann.token() })).await;
    server.clock.advance(16_000);
    assert_eq!(expired.closed().await, 4501);
    renewed.call("room.list", json!({})).await;
}

#[tokio::test]
async fn signing_out_and_a_stolen_refresh_token_close_what_came_of_that_sign_in() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let sign_in = async || {
        let body = json!({ "email": "ann@example.com", "password": PASSWORD });
        let tokens = server.stranger().post("/server/auth/login", body).await.data();
        Person { tokens, ..ann.clone() }
    };
    let (second, third) = (sign_in().await, sign_in().await);
    let mut stays = server.socket(&third).await;
    let (mut one, mut two) = (server.socket(&ann).await, server.socket(&ann).await);
    ann.post("/server/auth/logout", json!({ "refresh_token": ann.tokens["refresh_token"] })).await.data();
    assert_eq!((one.closed().await, two.closed().await), (4503, 4503));
    assert_eq!(ann.get("/server/rooms/list").await.status, 401);

    let mut socket = server.socket(&second).await;
    let used = json!({ "refresh_token": second.tokens["refresh_token"] });
    second.post("/server/auth/refresh", used.clone()).await.data();
    socket.call("ping", json!({})).await;
    assert_eq!(second.post("/server/auth/refresh", used).await.status, 401);
    assert_eq!(socket.closed().await, 4503, "used twice: somebody else has it");
    stays.call("room.list", json!({})).await;
}

/// A client that does not read and is signed out cannot go on writing.
#[tokio::test]
async fn who_does_not_read_is_signed_out_all_the_same() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bob = guest(&server, &ann, &room, "editor").await;
    let (mut of_ann, mut of_bob) = (server.socket(&ann).await, bob.narrow_socket().await);
    of_ann.join(&room, json!("head")).await;
    of_bob.join(&room, json!("head")).await;
    for _ in 0..600 {
        of_ann.say(&room, &"x".repeat(16_000)).await;
    }
    bob.post("/server/auth/logout", json!({ "refresh_token": bob.tokens["refresh_token"] })).await.data();
    // Both are read by the same server in turns: after ten more calls it has seen to the other one, too.
    for _ in 0..10 {
        of_ann.call("room.status", json!({ "room_id": room })).await;
    }
    of_bob.send(json!({ "type": "chat.send", "data": { "room_id": room, "content": "still here" } })).await;
    of_ann.say(&room, "end").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let page = ann.call("room.history", json!({ "room_id": room, "limit": 3 })).await.data();
    let said: Vec<&str> =
        page["events"].as_array().unwrap().iter().map(|e| e["data"]["content"].as_str().unwrap()).collect();
    assert!(!said.contains(&"still here"), "after the sign-out");
}

#[tokio::test]
async fn who_is_removed_hears_that_and_nothing_after_it() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bob = guest(&server, &ann, &room, "editor").await;
    let (mut writer, mut of_ann) = (server.socket(&ann).await, server.socket(&ann).await);
    let stop = tokio_util::sync::CancellationToken::new();
    let (stopped, place) = (stop.clone(), room.clone());
    let writing = tokio::spawn(async move {
        while !stopped.is_cancelled() {
            let frames: Vec<Value> = (0..20)
                .map(|n| json!({ "type": "chat.send", "data": { "room_id": place, "content": "x" }, "metadata": { "id": n } }))
                .collect();
            writer.burst(&frames).await;
        }
    });
    let mut of_bob = server.socket(&bob).await;
    for round in 0..25 {
        of_bob.join(&room, json!("head")).await;
        of_bob.event("chat.message").await;
        of_ann.call("room.remove_member", json!({ "room_id": room, "user_id": bob.id() })).await;
        let removed = of_bob.event("room.member_removed").await;
        assert_eq!(removed["data"]["user_id"], bob.id());
        let after = heard_by_now(&mut of_bob).await;
        assert!(after.is_empty(), "round {round}: {after:?}");
        for name in ["room.join", "room.history", "room.status", "room.leave"] {
            let error = of_bob.try_call(name, json!({ "room_id": room }), None).await.unwrap_err();
            assert!(error["code"] == "NOT_FOUND" || name == "room.leave", "{name}: {error}");
        }
        let send = json!({ "room_id": room, "content": "y" });
        assert_eq!(of_bob.try_call("chat.send", send, None).await.unwrap_err()["code"], "NOT_FOUND");
        let add = json!({ "room_id": room, "user_id": bob.id(), "role": "editor" });
        of_ann.call("room.add_member", add).await;
    }
    stop.cancel();
    writing.await.unwrap();
}

/// Who is joining while they are removed is not in afterwards.
#[tokio::test]
async fn a_join_does_not_outrun_a_removal() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bob = guest(&server, &ann, &room, "editor").await;
    let (mut of_ann, mut of_bob) = (server.socket(&ann).await, server.socket(&bob).await);
    for _ in 0..100 {
        let join =
            json!({ "type": "room.join", "data": { "room_id": room, "since": "head" }, "metadata": { "id": "j" } });
        let remove = of_ann.call("room.remove_member", json!({ "room_id": room, "user_id": bob.id() }));
        tokio::join!(of_bob.send(join), remove);
        of_ann.say(&room, "secret").await;
        let heard = heard_by_now(&mut of_bob).await;
        assert!(heard.iter().all(|frame| frame["type"] != "chat.message"), "{heard:?}");
        let add = json!({ "room_id": room, "user_id": bob.id(), "role": "editor" });
        of_ann.call("room.add_member", add).await;
    }
}

/// The stream of a room's events over HTTP, as text, until it ends.
async fn followed(person: &Person, room: &str) -> tokio::task::JoinHandle<String> {
    let request = person.ask(Method::GET, &format!("/api/v1/rooms/{room}/events"));
    let mut stream = request.send().await.unwrap().bytes_stream();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(&first[..], b": welcome\n\n");
    tokio::spawn(async move {
        let mut text = String::new();
        while let Some(Ok(chunk)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
        text
    })
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_read() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bob = guest(&server, &ann, &room, "viewer").await;
    let stream = followed(&bob, &room).await;
    let mut socket = server.socket(&ann).await;
    socket.say(&room, "open").await;
    socket.call("room.remove_member", json!({ "room_id": room, "user_id": bob.id() })).await;
    socket.say(&room, "secret").await;
    let text = tokio::time::timeout(Duration::from_secs(5), stream).await.expect("the stream ends").unwrap();
    assert!(!text.contains("secret"), "{text}");

    let of_ann = followed(&ann, &room).await;
    socket.call("room.delete", json!({ "room_id": room })).await;
    tokio::time::timeout(Duration::from_secs(5), of_ann).await.expect("the stream of a deleted room ends").unwrap();
}

#[tokio::test]
async fn a_room_that_is_deleted_is_over_for_everybody() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bob = guest(&server, &ann, &room, "editor").await;
    let (mut of_ann, mut of_bob) = (server.socket(&ann).await, server.socket(&bob).await);
    of_ann.join(&room, json!("head")).await;
    of_bob.join(&room, json!("head")).await;
    of_ann.call("room.delete", json!({ "room_id": room })).await;
    for socket in [&mut of_ann, &mut of_bob] {
        assert_eq!(socket.event("room.deleted").await["data"]["room_id"], room.as_str());
        let send = json!({ "room_id": room, "content": "x" });
        assert_eq!(socket.try_call("chat.send", send, None).await.unwrap_err()["code"], "NOT_FOUND");
        let join = socket.try_call("room.join", json!({ "room_id": room }), None).await.unwrap_err();
        assert_eq!(join["code"], "NOT_FOUND");
        let signal = json!({ "room_id": room, "signal": 1 });
        assert_eq!(socket.try_call("presence.update", signal, None).await.unwrap_err()["code"], "NOT_FOUND");
        assert_eq!(socket.call("connection.stats", json!({})).await["rooms"], json!([]));
    }
}

#[tokio::test]
async fn a_lesser_role_counts_from_the_next_call_on() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bob = guest(&server, &ann, &room, "editor").await;
    let (mut of_ann, mut of_bob) = (server.socket(&ann).await, server.socket(&bob).await);
    of_bob.join(&room, json!("head")).await;
    let change = json!({ "room_id": room, "user_prompt": "x" });
    for (role, refused) in [("viewer", true), ("editor", false), ("viewer", true)] {
        let put = json!({ "room_id": room, "user_id": bob.id(), "role": role });
        of_ann.call("room.add_member", put).await;
        let invite = of_bob.try_call("dashboard.generate", change.clone(), None).await;
        let code = invite.as_ref().err().map(|e| e["code"].clone()).unwrap_or_default();
        assert_eq!(code == "FORBIDDEN", refused, "{role}: {invite:?}");
    }
    of_ann.say(&room, "x").await;
    assert_eq!(of_bob.heard().await.1, "x", "a viewer still reads");
}

#[tokio::test]
async fn a_tenant_has_so_many_connections() {
    let two = Tier { websockets: Some(2), ..Tier::default() };
    let server = Server::start_with(|config| _ = config.tiers.insert("unlimited".into(), two)).await;
    let ann = server.person("ann").await;
    let (one, mut two) = (server.socket(&ann).await, server.socket(&ann).await);
    let bearer = format!("Bearer {}", ann.token());
    let mut third = server.handshake(&[("authorization", &bearer)]).await.unwrap();
    assert_eq!(third.closed().await, 4504);
    server.socket(&server.person("eve").await).await;
    one.cut();
    let mut tries = 0;
    loop {
        // The server may not have noticed yet that one has left.
        let mut next = server.handshake(&[("authorization", &bearer)]).await.unwrap();
        if next.try_next().await.is_ok() {
            break;
        }
        tries += 1;
        assert!(tries < 1_000, "the place is never free again");
    }
    two.call("ping", json!({})).await;
}

/// A call that was begun is finished, whoever is still there to hear of it.
#[tokio::test]
async fn who_hangs_up_cuts_nothing_in_half() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let csv = "region,sales\nNorth,10\nSouth,20\n";
    ann.upload("/server/data/upload", "sales.csv", csv, Some(&room)).await.data();
    let mut watcher = server.socket(&ann).await;
    watcher.join(&room, json!("head")).await;
    let generate = json!({ "room_id": room, "user_prompt": "sales by region" });
    let mut socket = server.socket(&ann).await;
    socket.send(json!({ "type": "dashboard.generate", "data": generate })).await;
    socket.cut();
    watcher.event("generation.completed").await;

    // An upload whose sender leaves as soon as the last byte is out: the file is there and linked, or nothing of it is.
    let boundary = "----x";
    let body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"room_id\"\r\n\r\n{room}\r\n--{boundary}\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"late.csv\"\r\n\r\n{csv}\r\n--{boundary}--\r\n"
    );
    let head = format!(
        "POST /server/data/upload HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary={boundary}\r\ncontent-length: {}\r\n\r\n",
        ann.token(),
        body.len()
    );
    for pause_ms in [1, 2, 3, 5, 8, 12, 17, 25] {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        drop(stream);
    }
    let data = server.data_dir().join("data");
    // Files of the tenant, of the room, on disk, and on their way.
    let counts = async || {
        let of = async |path: &str| ann.get(path).await.data()["files"].as_array().unwrap().len();
        let (all, linked) = (of("/server/data/list").await, of(&format!("/server/data/list?room_id={room}")).await);
        [all, linked, files_below(&data.join("files")), files_below(&data.join("spool"))]
    };
    let whole = async || {
        let [all, linked, stored, spooled] = counts().await;
        // Each as it came, and its dataset.
        all == linked && 2 * linked == stored && spooled == 0
    };
    let begun = std::time::Instant::now();
    while !whole().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "something was cut in half: {:?}", counts().await);
    }
}

#[tokio::test]
async fn an_upload_that_stops_half_way_leaves_nothing() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let spool = server.data_dir().join("data/spool");
    let left = || std::fs::read_dir(&spool).unwrap().count();
    let mut uploads = Vec::new();
    for _ in 0..5 {
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("a,b\n".repeat(20_000))])
            .chain(futures_util::stream::pending());
        let part = Part::stream(reqwest::Body::wrap_stream(chunks)).file_name("half.csv");
        let request = ann.ask(Method::POST, "/server/data/upload").multipart(Form::new().part("file", part));
        uploads.push(tokio::spawn(request.send()));
    }
    wait_until(|| left() == 5).await;
    uploads.iter().for_each(tokio::task::JoinHandle::abort);
    wait_until(|| left() == 0).await;
    assert_eq!(ann.get("/server/data/list").await.data()["files"], json!([]));
}

pub async fn wait_until(done: impl Fn() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it happens");
}

/// Far more calls than may be under way, in one go: none is lost, and cheap ones are answered in their order.
#[tokio::test]
async fn a_burst_of_calls_is_answered_whole() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut socket = server.socket(&ann).await;
    let pings: Vec<Value> = (0..5_000).map(|n| json!({ "type": "ping", "metadata": { "id": n } })).collect();
    let answers = socket.burst(&pings).await;
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!((&answer["type"], &answer["metadata"]["reply_to"]), (&json!("reply"), &json!(n)));
    }
    // From here on the server knows that ann may: nothing is waited for before a message is queued.
    socket.join(&room, json!("head")).await;
    let said: Vec<Value> = (0..5_000)
        .map(|n| {
            let data = json!({ "room_id": room, "content": n.to_string() });
            json!({ "type": "chat.send", "data": data, "metadata": { "id": n } })
        })
        .collect();
    let mut answers = socket.burst(&said).await;
    answers.sort_by_key(|answer| answer["metadata"]["reply_to"].as_u64());
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer["metadata"]["reply_to"], n, "each has one answer");
        assert_eq!(answer["data"]["seq"], n + 1, "they began in their order");
    }
}
