//! `/ws/events`: one log, many cursors.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::server::Server;

#[tokio::test]
async fn everybody_hears_the_same_in_one_order() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let (mut one, mut two) = (server.socket(&ann).await, server.socket(&ann).await);
    let joined = one.join(&room, Value::Null).await;
    assert_eq!((&joined["mode"], &joined["head"]), (&json!("snapshot"), &json!(0)));
    assert_eq!(joined["snapshot"]["room"]["role"], "owner");
    assert_eq!(two.join(&room, json!("head")).await["mode"], "live");

    let sent = one.say(&room, "hello").await;
    two.say(&room, "hi").await;
    let first = one.event("chat.message").await;
    assert_eq!(first, two.event("chat.message").await, "the same bytes for everybody");
    assert_eq!(first["data"], json!({ "content": "hello" }));
    let metadata = &first["metadata"];
    assert_eq!((&metadata["seq"], &metadata["event_id"]), (&json!(1), &sent["message_id"]));
    assert_eq!((&metadata["room_id"], &metadata["epoch"]), (&json!(room), &joined["epoch"]));
    assert_eq!(metadata["actor"], json!({ "kind": "user", "id": ann.id(), "name": "ann" }));
    assert_eq!(one.heard().await, (2, "hi".into()));
    assert_eq!(two.heard().await, (2, "hi".into()));

    let late = server.socket(&ann).await.join(&room, Value::Null).await;
    let messages = late["snapshot"]["messages"].as_array().unwrap();
    assert_eq!(messages[0], first, "the snapshot has the frames as they were told");
    assert_eq!(messages.len(), 2);
}

#[tokio::test]
async fn a_resume_misses_nothing_and_repeats_nothing() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut writer = server.socket(&ann).await;
    let epoch = writer.join(&room, json!("head")).await["epoch"].clone();
    let all = 300;
    let writing = async {
        for n in 1..=all {
            writer.say(&room, &n.to_string()).await;
        }
    };
    let reading = async {
        let mut seq = 0;
        while seq < all {
            let mut reader = server.socket(&ann).await;
            let joined = reader.join(&room, json!({ "epoch": epoch, "seq": seq })).await;
            assert!(joined["mode"] == "replay" || joined["mode"] == "live", "{joined}");
            for _ in 0..37.min(all - seq) {
                let heard = reader.heard().await;
                seq += 1;
                assert_eq!(heard, (seq, seq.to_string()));
            }
            reader.cut();
        }
    };
    tokio::join!(writing, reading);
}

#[tokio::test]
async fn a_position_the_log_does_not_know_gives_a_snapshot() {
    let server = Server::start_with(|config| config.limits.replay_events_max = 3).await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut writer = server.socket(&ann).await;
    let epoch = writer.join(&room, json!("head")).await["epoch"].clone();
    for n in 0..5 {
        writer.say(&room, &n.to_string()).await;
    }
    for (since, mode) in [
        (json!({ "epoch": epoch, "seq": 5 }), "live"),
        (json!({ "epoch": epoch, "seq": 2 }), "replay"),
        (json!({ "epoch": epoch, "seq": 1 }), "snapshot"),
        (json!({ "epoch": epoch, "seq": 6 }), "snapshot"),
        (json!({ "epoch": "other", "seq": 5 }), "snapshot"),
    ] {
        let joined = server.socket(&ann).await.join(&room, since.clone()).await;
        assert_eq!((&joined["mode"], &joined["head"]), (&json!(mode), &json!(5)), "{since}");
        assert_eq!(joined["snapshot"].is_null(), mode != "snapshot");
    }
}

#[tokio::test]
async fn the_log_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let at = |config: &mut vizroom::config::Config| config.data_dir = folder.path().join("kept");
    let server = Server::start_with(at).await;
    let mut ann = server.person("ann").await;
    let room = ann.room().await;
    let mut socket = server.socket(&ann).await;
    let epoch = socket.join(&room, json!("head")).await["epoch"].clone();
    socket.say(&room, "before").await;
    server.stop().await;

    let server = Server::start_with(at).await;
    ann.moved_to(&server);
    let mut socket = server.socket(&ann).await;
    let joined = socket.join(&room, json!({ "epoch": epoch, "seq": 0 })).await;
    assert_eq!((&joined["mode"], &joined["head"]), (&json!("replay"), &json!(1)));
    socket.say(&room, "after").await;
    assert_eq!(socket.heard().await, (1, "before".into()));
    assert_eq!(socket.heard().await, (2, "after".into()));
}

#[tokio::test]
async fn a_slow_reader_is_caught_up_from_the_store() {
    let server = Server::start_with(|config| config.limits.room_ring_bytes_max = 4096).await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut slow = server.socket(&ann).await;
    slow.join(&room, json!("head")).await;
    let mut writer = server.socket(&ann).await;
    writer.join(&room, json!("head")).await;
    // More than any socket buffer holds, so that the reader, who does not read, falls out of memory.
    let (count, filler) = (1200, "x".repeat(12_000));
    for n in 0..count {
        writer
            .send(json!({ "type": "chat.send", "data": { "room_id": room, "content": format!("{n} {filler}") } }))
            .await;
        writer.send(json!({ "type": "presence.update", "data": { "room_id": room, "typing": n % 2 == 0 } })).await;
        let status = ["active", "busy"][n % 2];
        writer.send(json!({ "type": "presence.update", "data": { "room_id": room, "status": status } })).await;
        if n % 50 == 0 {
            writer.call("ping", json!({})).await;
        }
    }
    writer.call("ping", json!({})).await;
    // It falls behind more than once; each time it is told what it missed since.
    let (mut seq, mut replayed, mut dropped, mut last_status) = (0, 0, 0, Value::Null);
    // The newest value arrives, whatever was merged; where it stands among the durable ones is not said.
    while seq < count as u64 || replayed == 0 || dropped == 0 || last_status != "busy" {
        let frame = slow.next().await;
        match frame["type"].as_str().unwrap() {
            "chat.message" => {
                seq += 1;
                assert_eq!(frame["metadata"]["seq"], seq, "no hole, no repeat, no reorder");
            }
            "room.lag" => {
                replayed += frame["data"]["replayed"].as_u64().unwrap();
                dropped += frame["data"]["dropped"].as_u64().unwrap();
            }
            "presence.updated" => last_status = frame["data"]["status"].clone(),
            _ => {}
        }
    }
    assert!(replayed > 0 && dropped > 0, "{replayed} replayed, {dropped} dropped");
}

#[tokio::test]
async fn the_same_key_says_it_once() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut socket = server.socket(&ann).await;
    socket.join(&room, json!("head")).await;
    let message = json!({ "room_id": room, "content": "once" });
    let first = socket.try_call("chat.send", message.clone(), Some("k1")).await.unwrap();
    assert_eq!(socket.try_call("chat.send", message.clone(), Some("k1")).await.unwrap(), first);
    assert_ne!(socket.try_call("chat.send", message, Some("k2")).await.unwrap(), first);
    assert_eq!((socket.heard().await.0, socket.heard().await.0), (1, 2));

    let made = socket.try_call("room.create", json!({ "name": "A" }), Some("k3")).await.unwrap();
    assert_eq!(socket.try_call("room.create", json!({ "name": "A" }), Some("k3")).await.unwrap(), made);
    let clash = socket.try_call("room.list", json!({}), Some("k3")).await.unwrap_err();
    assert_eq!(clash["code"], "CONFLICT");
}

#[tokio::test]
async fn presence_is_of_people_not_of_connections() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut one = server.socket(&ann).await;
    assert_eq!(one.join(&room, json!("head")).await["presence"], json!([]));
    let joined = one.event("presence.joined").await;
    assert_eq!(joined["data"]["presence"]["name"], "ann");
    let mut two = server.socket(&ann).await;
    assert_eq!(two.join(&room, json!("head")).await["presence"][0]["user_id"], ann.id());
    one.call("presence.update", json!({ "room_id": room, "status": "away" })).await;
    let updated = two.event("presence.updated").await;
    assert_eq!(updated["data"]["status"], "away");
    assert!(updated["metadata"]["rev"].as_u64() > joined["metadata"]["rev"].as_u64(), "revisions count up");
    one.call("presence.update", json!({ "room_id": room, "typing": true, "signal": { "laser": [1, 2] } })).await;
    assert_eq!(two.event("presence.signal").await["data"]["signal"], json!({ "laser": [1, 2] }));

    // The watcher hears that ann has left only when both her connections have.
    let invitation = ann.call("account.invite", json!({ "room_id": room, "role": "viewer" })).await.data();
    let bob = server.invited("bob", invitation["invitation"].as_str()).await;
    let mut watcher = server.socket(&bob).await;
    watcher.join(&room, json!("head")).await;
    one.cut();
    two.call("presence.update", json!({ "room_id": room, "status": "busy" })).await;
    assert_eq!(watcher.event("presence.updated").await["data"]["status"], "busy");
    two.cut();
    assert_eq!(watcher.event("presence.left").await["data"]["user_id"], ann.id());
}

#[tokio::test]
async fn many_rooms_on_one_connection() {
    let server = Server::start_with(|config| config.limits.rooms_per_connection_max = 3).await;
    let ann = server.person("ann").await;
    let rooms = [ann.room().await, ann.room().await, ann.room().await, ann.room().await];
    let mut socket = server.socket(&ann).await;
    for room in &rooms[..3] {
        socket.join(room, json!("head")).await;
    }
    let full = socket.try_call("room.join", json!({ "room_id": rooms[3] }), None).await.unwrap_err();
    assert_eq!(full["code"], "TOO_LARGE");
    let twice = socket.try_call("room.join", json!({ "room_id": rooms[0] }), None).await.unwrap_err();
    assert_eq!((&twice["code"], &twice["field"]), (&json!("INVALID_REQUEST"), &json!("room_id")));
    for room in &rooms[..3] {
        socket.say(room, room).await;
    }
    for room in &rooms[..3] {
        assert_eq!(socket.heard().await, (1, room.clone()), "each room counts for itself");
    }
    socket.call("room.leave", json!({ "room_id": rooms[0] })).await;
    socket.say(&rooms[0], "unheard").await;
    socket.say(&rooms[1], "heard").await;
    assert_eq!(socket.heard().await, (2, "heard".into()));
    let stats = socket.call("connection.stats", json!({})).await;
    assert_eq!(stats["rooms"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_bad_frame_is_answered_and_the_connection_stays() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let mut socket = server.socket(&ann).await;
    for text in ["nonsense", "[]", "{}", r#"{"type":7}"#, r#"{"type":"ping","extra":1}"#] {
        socket.send_raw(text).await;
        let error = socket.next().await;
        assert_eq!((&error["type"], &error["data"]["code"]), (&json!("error"), &json!("INVALID_REQUEST")), "{text}");
    }
    for (name, data, code, field) in [
        ("no.such", json!({}), "INVALID_REQUEST", "type"),
        ("chat.send", json!({ "room_id": room }), "INVALID_REQUEST", "content"),
        ("chat.send", json!({ "room_id": room, "content": "" }), "INVALID_REQUEST", "content"),
        ("chat.send", json!({ "room_id": room, "content": "x".repeat(16_001) }), "INVALID_REQUEST", "content"),
        ("chat.send", json!({ "room_id": room, "content": "x", "colour": 1 }), "INVALID_REQUEST", "colour"),
        ("chat.send", json!([1]), "INVALID_REQUEST", "data"),
        ("room.join", json!({ "room_id": "x" }), "INVALID_REQUEST", "room_id"),
        ("room.join", json!({ "room_id": "0190163d-8694-739b-aea5-966c26f8ad91" }), "NOT_FOUND", ""),
    ] {
        let error = socket.try_call(name, data, None).await.unwrap_err();
        let found = error["field"].as_str().unwrap_or_default();
        assert_eq!((error["code"].as_str(), found), (Some(code), field), "{name}: {error}");
    }
    socket.call("ping", json!({})).await;
}

#[tokio::test]
async fn a_breach_of_the_protocol_closes() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let mut binary = server.socket(&ann).await;
    binary.send_message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(binary.closed().await, 4502);
    let mut big = server.socket(&ann).await;
    big.send_raw(&"x".repeat(65 * 1024)).await;
    assert_eq!(big.closed().await, 4509);
}

#[tokio::test]
async fn who_may_connect() {
    let server = Server::start_with(|config| config.limits.auth_ms_max = 200).await;
    let ann = server.person("ann").await;
    let host = server.url.trim_start_matches("http://").to_owned();
    let bearer = format!("Bearer {}", ann.token());

    assert_eq!(server.handshake(&[("authorization", "Bearer nonsense")]).await.err(), Some(401));
    let protocols = format!("vizroom.v1, bearer.{}", ann.token());
    let mut page = server.handshake(&[("sec-websocket-protocol", &protocols)]).await.unwrap();
    assert_eq!(page.next().await["data"]["user"]["id"], ann.id());
    assert_eq!(server.handshake(&[("sec-websocket-protocol", "vizroom.v1, bearer.x")]).await.err(), Some(401));

    let mut first = server.handshake(&[]).await.unwrap();
    let renewed = first.call("auth", json!({ "token": ann.token() })).await;
    assert_eq!(renewed["user"]["id"], ann.id());
    assert_eq!(first.next().await["type"], "connection.ready");
    let mut wrong = server.handshake(&[]).await.unwrap();
    assert_eq!(wrong.try_call("auth", json!({ "token": "x" }), None).await.unwrap_err()["code"], "UNAUTHORIZED");
    assert_eq!(wrong.closed().await, 4501);
    let mut silent = server.handshake(&[]).await.unwrap();
    assert_eq!(silent.closed().await, 4501, "no auth frame in time");

    for (origin, answer) in
        [(format!("http://{host}"), None), ("http://evil.example".into(), Some(403)), ("null".into(), Some(403))]
    {
        let socket = server.handshake(&[("authorization", &bearer), ("origin", &origin)]).await;
        assert_eq!(socket.err(), answer, "{origin}");
    }
}

#[tokio::test]
async fn rights_that_end_end_at_once() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let invitation = ann.call("account.invite", json!({ "room_id": room, "role": "viewer" })).await.data();
    let bob = server.invited("bob", invitation["invitation"].as_str()).await;
    let eve = server.person("eve").await;
    let (mut of_ann, mut of_bob, mut of_eve) =
        (server.socket(&ann).await, server.socket(&bob).await, server.socket(&eve).await);
    of_ann.join(&room, json!("head")).await;
    of_bob.join(&room, json!("head")).await;
    for name in ["room.join", "room.status", "room.history", "room.delete"] {
        let error = of_eve.try_call(name, json!({ "room_id": room }), None).await.unwrap_err();
        assert_eq!(error["code"], "NOT_FOUND", "{name}: another tenant's room does not exist");
    }
    let error = of_bob.try_call("room.delete", json!({ "room_id": room }), None).await.unwrap_err();
    assert_eq!(error["code"], "FORBIDDEN");

    of_ann.call("room.remove_member", json!({ "room_id": room, "user_id": bob.id() })).await;
    of_ann.say(&room, "secret").await;
    let error = of_bob.try_call("room.history", json!({ "room_id": room }), None).await.unwrap_err();
    assert_eq!(error["code"], "NOT_FOUND");
    let mut after = Vec::new();
    of_bob.call("ping", json!({})).await;
    of_bob.send(json!({ "type": "ping", "metadata": { "id": "end" } })).await;
    loop {
        let frame = of_bob.next().await;
        if frame["metadata"]["reply_to"] == "end" {
            break;
        }
        after.push(frame["type"].as_str().unwrap().to_owned());
    }
    assert!(!after.contains(&"chat.message".to_owned()), "{after:?}");

    bob.post("/server/auth/logout", json!({ "refresh_token": bob.tokens["refresh_token"] })).await.data();
    assert_eq!(of_bob.closed().await, 4503);

    server.clock.advance(15 * 60_000 + 26_000);
    assert_eq!(of_ann.closed().await, 4501, "an expired token, past its grace");
}

#[tokio::test]
async fn a_drain_says_when_to_come_back() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let mut socket = server.socket(&ann).await;
    let stopping = tokio::spawn(server.stop());
    assert!(socket.event("server.drain").await["data"]["reconnect_after_ms"].is_number());
    assert_eq!(socket.closed().await, 4001);
    stopping.await.unwrap();
}

/// Who says several things without waiting says them in this order, also where the server has to look up first whether
/// they may speak at all, and where the room is.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_said_at_once_is_told_in_the_order_in_which_it_was_said() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    for round in 0..10 {
        // Nobody has asked for this room yet.
        let room = ann.room().await;
        let mut socket = server.socket(&ann).await;
        let said: Vec<String> = (0..40).map(|n| format!("{round} {n}")).collect();
        let frame = |(id, content): (usize, &String)| {
            let data = json!({ "room_id": room, "content": content });
            json!({ "type": "chat.send", "data": data, "metadata": { "id": id } })
        };
        let frames: Vec<Value> = said.iter().enumerate().map(frame).collect();
        for answer in socket.burst(&frames).await {
            assert_eq!(answer["type"], "reply", "{answer}");
        }
        let page = ann.get(&format!("/server/get_history?room_id={room}")).await.data();
        let told: Vec<&str> =
            page["events"].as_array().unwrap().iter().map(|event| event["data"]["content"].as_str().unwrap()).collect();
        assert_eq!(told, said);
    }
    server.stop().await;
}

/// One that is refused holds up nobody, and neither does one whose answer has to wait.
#[tokio::test]
async fn what_cannot_be_said_does_not_stay_in_the_way() {
    let server = Server::start().await;
    let (ann, eve) = (server.person("ann").await, server.person("eve").await);
    let (room, foreign) = (ann.room().await, eve.room().await);
    let mut socket = server.socket(&ann).await;
    let say = |id: u64, room: &str| json!({ "type": "chat.send", "data": { "room_id": room, "content": "x" }, "metadata": { "id": id } });
    let frames = [say(0, &foreign), say(1, &room), say(2, &foreign), say(3, "nonsense"), say(4, &room)];
    let mut answers: Vec<(u64, bool)> = socket
        .burst(&frames)
        .await
        .iter()
        .map(|answer| (answer["metadata"]["reply_to"].as_u64().unwrap(), answer["type"] == "reply"))
        .collect();
    answers.sort_unstable();
    assert_eq!(answers, [(0, false), (1, true), (2, false), (3, false), (4, true)]);
    socket.call("ping", json!({})).await;
    server.stop().await;
}
