//! API keys: what they open, how far they reach, how they end.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::server::{Person, Server};

/// A person who calls with this key.
fn with_key(person: &Person, made: &Value) -> Person {
    let tokens = json!({ "user": person.tokens["user"], "access_token": made["key"] });
    Person { tokens, ..person.clone() }
}

/// As [`with_key`], with a new key that may do all of this.
async fn keyed(person: &Person, scopes: Value) -> (Person, Value) {
    let made = person.post("/api/v1/keys", json!({ "name": "a program", "scopes": scopes })).await.data();
    (with_key(person, &made), made)
}

fn forbidden() -> (u16, String, String) {
    (403, "FORBIDDEN".into(), String::new())
}

#[tokio::test]
async fn a_key_is_shown_once_and_its_secret_is_stored_nowhere() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let input = json!({ "name": "a program", "scopes": ["read", "write", "read"] });
    let request = ann.ask(reqwest::Method::POST, "/api/v1/keys").header("Idempotency-Key", "once").json(&input);
    let made = crate::server::send(request).await.data();
    let secret = made["key"].as_str().unwrap();
    assert_eq!((secret.len(), &secret[..8]), (51, "vizroom_"));
    let listed = ann.get("/api/v1/keys").await.data();
    let expected = json!({
        "id": made["id"], "name": "a program", "prefix": secret[..12], "scopes": ["read", "write"],
        "created_at": made["created_at"],
    });
    assert_eq!(listed, json!({ "keys": [expected] }));
    let mut program = with_key(&ann, &made);
    assert_eq!(program.call("account.me", json!({})).await.data()["id"], ann.id());
    let used = loop {
        // It is written down beside the call.
        let used = ann.get("/api/v1/keys").await.data()["keys"][0]["last_used_at"].clone();
        if !used.is_null() {
            break used;
        }
    };
    assert!(used.as_str() >= made["created_at"].as_str(), "{used}");
    let dir = server.data_dir().join("data");
    let url = format!("sqlite:{}", dir.join("vizroom.db").display());
    let another = if secret.ends_with('x') { 'y' } else { 'x' };
    program.tokens["access_token"] = json!(format!("{}{another}", &secret[..50]));
    assert_eq!(program.get("/server/rooms/list").await.error().1, "UNAUTHORIZED", "nearly right");
    server.stop().await;
    for file in ["vizroom.db", "vizroom.db-wal"] {
        let bytes = std::fs::read(dir_of(&url).join(file)).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "the secret is in {file}");
    }
}

fn dir_of(url: &str) -> std::path::PathBuf {
    std::path::Path::new(url.trim_start_matches("sqlite:")).parent().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_reaches_as_far_as_its_scopes() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let (reads, _) = keyed(&ann, json!(["read"])).await;
    reads.get("/server/rooms/list").await.data();
    assert_eq!(reads.post("/server/rooms/create", json!({ "name": "x" })).await.error(), forbidden());
    let upload = async |person: &Person| person.upload("/server/data/upload", "a.csv", "x\n1\n", None).await;
    assert_eq!(upload(&reads).await.error(), forbidden());
    let file = upload(&keyed(&ann, json!(["write"])).await.0).await.data()["id"].clone();
    let again = format!("/server/data/{}/reupload", file.as_str().unwrap());
    assert_eq!(reads.upload(&again, "a.csv", "x\n1\n", None).await.error(), forbidden());
    let (writes, _) = keyed(&ann, json!(["write"])).await;
    assert_eq!(writes.get(&format!("/api/v1/rooms/{room}/events")).await.error(), forbidden(), "a stream is read");
    // On a socket the same.
    let mut socket = reads.socket().await;
    socket.join(&room, json!("head")).await;
    let say = json!({ "room_id": room, "content": "hi" });
    assert_eq!(socket.try_call("chat.send", say, None).await.unwrap_err()["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_key_makes_no_key_that_may_more_and_no_nonsense() {
    let server = Server::start().await;
    let (ann, eve) = (server.person("ann").await, server.person("eve").await);
    let (admin, made) = keyed(&ann, json!(["admin", "read"])).await;
    let make = async |who: &Person, input: Value| who.post("/api/v1/keys", input).await;
    assert_eq!(make(&admin, json!({ "name": "x", "scopes": ["read", "write"] })).await.error(), forbidden());
    make(&admin, json!({ "name": "x", "scopes": ["read"] })).await.data();
    let invalid = |field: &str| (400, "INVALID_REQUEST".to_owned(), field.to_owned());
    assert_eq!(make(&ann, json!({ "name": "x", "scopes": [] })).await.error(), invalid("scopes"));
    assert_eq!(make(&ann, json!({ "name": "x", "scopes": ["all"] })).await.error(), invalid("scopes[0]"));
    assert_eq!(make(&ann, json!({ "name": " ", "scopes": ["read"] })).await.error(), invalid("name"));
    for moment in ["2020-01-01T00:00:00Z", "tomorrow"] {
        let input = json!({ "name": "x", "scopes": ["read"], "expires_at": moment });
        assert_eq!(make(&ann, input).await.error(), invalid("expires_at"));
    }
    let id = made["id"].as_str().unwrap();
    let missing = (404, "NOT_FOUND".to_owned(), String::new());
    assert_eq!(eve.delete(&format!("/api/v1/keys/{id}")).await.error(), missing, "somebody else's");
    assert_eq!(eve.get("/api/v1/keys").await.data(), json!({ "keys": [] }));
    for _ in 0..98 {
        make(&ann, json!({ "name": "x", "scopes": ["read"] })).await.data();
    }
    assert_eq!(make(&ann, json!({ "name": "x", "scopes": ["read"] })).await.error().1, "CONFLICT", "100 are enough");
}

#[tokio::test]
async fn a_key_opens_sockets_until_it_is_revoked() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let (program, made) = keyed(&ann, json!(["read", "write"])).await;
    let (other, _) = keyed(&ann, json!(["read"])).await;
    let mut by_header = program.socket().await;
    let pair = format!("vizroom.v1, bearer.{}", program.token());
    let mut by_protocol = server.handshake(&[("sec-websocket-protocol", &pair)]).await.unwrap();
    assert_eq!(by_protocol.next().await["type"], "connection.ready");
    let mut by_frame = server.handshake(&[]).await.unwrap();
    let auth = json!({ "type": "auth", "data": { "token": program.token() }, "metadata": { "id": 1 } });
    by_frame.send_message(Message::text(auth.to_string())).await;
    assert_eq!(by_frame.next().await["type"], "reply");
    assert_eq!(by_frame.next().await["type"], "connection.ready");
    let (mut stays, mut of_ann) = (other.socket().await, ann.socket().await);
    of_ann.join(&room, json!("head")).await;
    by_header.join(&room, json!("head")).await;
    by_header.say(&room, "from a program").await;
    assert_eq!(of_ann.heard().await.1, "from a program");
    let refused = by_header.try_call("auth.refresh", json!({ "token": program.token() }), None).await;
    assert_eq!(refused.unwrap_err()["code"], "UNAUTHORIZED", "a key is not renewed");

    ann.delete(&format!("/api/v1/keys/{}", made["id"].as_str().unwrap())).await.data();
    for socket in [&mut by_header, &mut by_protocol, &mut by_frame] {
        assert_eq!(socket.closed().await, 4503);
    }
    assert_eq!(program.get("/server/rooms/list").await.error().1, "UNAUTHORIZED", "at once, also from memory");
    let bearer = format!("Bearer {}", program.token());
    assert_eq!(server.handshake(&[("authorization", &bearer)]).await.err(), Some(401));
    stays.call("ping", json!({})).await;
    of_ann.call("ping", json!({})).await;
}

#[tokio::test]
async fn a_key_ends_when_it_says() {
    let server = Server::start_with(|config| config.limits.no_progress_ms_max = 800).await;
    let ann = server.person("ann").await;
    let soon = vizroom::clock::rfc3339(server.clock.now_ms() + 60_000);
    let input = json!({ "name": "x", "scopes": ["read"], "expires_at": soon });
    let made = ann.post("/api/v1/keys", input).await.data();
    assert_eq!(made["expires_at"], soon);
    let program = with_key(&ann, &made);
    let mut socket = program.socket().await;
    server.clock.advance(60_000);
    assert_eq!(program.get("/server/rooms/list").await.error().1, "UNAUTHORIZED");
    server.clock.advance(26_000);
    assert_eq!(socket.closed().await, 4501, "after the grace that tokens have, too");
}
