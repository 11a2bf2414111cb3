//! What every route has in common.

use reqwest::Method;
use serde_json::json;

use crate::server::{Server, send};

#[tokio::test]
async fn unknown_routes_and_methods() {
    let server = Server::start().await;
    let stranger = server.stranger();
    assert_eq!(stranger.get("/server/nonsense").await.error(), (404, "NOT_FOUND".into(), String::new()));
    assert_eq!(stranger.post("/", json!({})).await.error().0, 404);
    let wrong = stranger.get("/server/auth/login").await;
    assert_eq!((wrong.error().0, wrong.error().1), (405, "METHOD_NOT_ALLOWED".to_owned()));
    assert_eq!(wrong.header("allow"), "POST");
    // Also where another route's open segment would take the word.
    let wrong = send(stranger.ask(Method::DELETE, "/server/data/list")).await;
    assert_eq!((wrong.error().0, wrong.header("allow")), (405, "GET"));
    for guarded in [&wrong, &stranger.get("/server/nonsense").await] {
        assert_eq!(guarded.header("x-content-type-options"), "nosniff");
        assert_eq!(guarded.header("cache-control"), "no-store");
    }
    server.stop().await;
}

#[tokio::test]
async fn bodies_must_be_json_and_small() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let post = async |kind: &str, body: Vec<u8>| {
        let request = ada.ask(Method::POST, "/server/rooms/create").header("Content-Type", kind);
        send(request.body(body)).await.error()
    };
    let invalid = |field: &str| (400, "INVALID_REQUEST".to_owned(), field.to_owned());
    assert_eq!(post("application/json", b"{\"name\": ".to_vec()).await, invalid("body"));
    assert_eq!(post("application/json", b"\xff".to_vec()).await, invalid("body"));
    assert_eq!(post("text/plain", b"{\"name\": \"x\"}".to_vec()).await, invalid("Content-Type"));
    assert_eq!(post("application/json", b"[]".to_vec()).await.0, 400);
    assert_eq!(post("application/json", Vec::new()).await, invalid("name"));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(post("application/json", large.clone().into_bytes()).await.1, "TOO_LARGE");
    // Without a length, only counting helps.
    let chunks = futures_util::stream::iter(
        large.into_bytes().chunks(9_999).map(<[u8]>::to_vec).map(Ok::<_, std::io::Error>).collect::<Vec<_>>(),
    );
    let streamed = ada.ask(Method::POST, "/server/rooms/create").header("Content-Type", "application/json");
    assert_eq!(send(streamed.body(reqwest::Body::wrap_stream(chunks))).await.error().1, "TOO_LARGE");
    assert_eq!(ada.post("/server/rooms/create", json!({ "name": "x".repeat(201) })).await.error(), invalid("name"));
    assert_eq!(ada.post("/server/rooms/x/members", json!({ "role": "viewer" })).await.error(), invalid("room_id"));
    server.stop().await;
}

#[tokio::test]
async fn any_operation_can_be_called_by_its_name() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.call("room.create", json!({ "name": "Room" })).await.data();
    assert_eq!(ada.call("room.list", json!({})).await.data()["rooms"], json!([room]));
    assert_eq!(ada.call("room.nonsense", json!({})).await.error(), (400, "INVALID_REQUEST".into(), "type".into()));
    assert_eq!(ada.call("room.create", json!({ "name": 1 })).await.error().2, "name");
    let stream = async |data: serde_json::Value| {
        let request = ada.ask(Method::POST, "/api/v1/call/room.create").header("Accept", "text/event-stream");
        let answer = send(request.json(&data)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
        let frame = answer.text.strip_prefix("data: ").and_then(|text| text.strip_suffix("\n\n")).unwrap().to_owned();
        serde_json::from_str::<serde_json::Value>(&frame).unwrap()
    };
    let reply = stream(json!({ "name": "Other" })).await;
    assert_eq!((&reply["type"], &reply["data"]["name"]), (&json!("reply"), &json!("Other")));
    let error = stream(json!({ "name": "" })).await;
    assert_eq!((&error["type"], &error["data"]["code"]), (&json!("error"), &json!("INVALID_REQUEST")));
    server.stop().await;
}

#[tokio::test]
async fn the_same_key_does_it_once() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let create = async |key: &str| {
        let request = ada.ask(Method::POST, "/server/rooms/create").header("Idempotency-Key", key);
        send(request.json(&json!({ "name": "Room" }))).await.data()["id"].clone()
    };
    let first = create("k1").await;
    assert_eq!(create("k1").await, first);
    assert_ne!(create("k2").await, first);
    assert_eq!(ada.get("/server/rooms/list").await.data()["rooms"].as_array().unwrap().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn life_and_readiness() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(stranger.get(path).await.status, 200, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_page_is_guarded_and_cached_by_its_content() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let page = stranger.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!((page.header("x-frame-options"), page.header("x-content-type-options")), ("DENY", "nosniff"));
    assert!(page.text.contains("vizroom"));
    for path in ["/../Cargo.toml", "/assets/../../Cargo.toml", "/%2e%2e/Cargo.toml", "/assets/none.js"] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_demo_is_offered_until_somebody_has_registered() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("sales.csv"), "region,sales\nNorth,1\nSouth,2\n").unwrap();
    std::fs::write(data.path().join(".hidden"), "x").unwrap();
    let server = Server::start_with(|config| config.demo = Some(data.path().to_owned())).await;
    let mut visitor = server.stranger();
    assert_eq!(visitor.get("/api/v1/demo").await.data(), json!({ "available": true }));
    let begun = visitor.post("/api/v1/demo", json!({})).await.data();
    let room = begun["room_id"].as_str().unwrap().to_owned();
    visitor.tokens = begun;
    let files = visitor.get(&format!("/server/data/list?room_id={room}")).await.data()["files"].clone();
    assert_eq!((&files[0]["name"], files.as_array().unwrap().len()), (&json!("sales.csv"), 1));
    let mut second = server.stranger();
    let begun = second.post("/api/v1/demo", json!({})).await.data();
    assert_eq!(begun["room_id"], room.as_str(), "a second visitor is another guest of the same room");
    second.tokens = begun;
    assert_ne!(second.id(), visitor.id());
    let status = second.call("room.status", json!({ "room_id": room })).await.data();
    assert_eq!((&status["room"]["role"], status["members"].as_array().unwrap().len()), (&json!("editor"), 3));
    server.stop().await;

    let server = Server::start_with(|config| config.demo = Some(data.path().to_owned())).await;
    server.person("ann").await;
    assert_eq!(server.stranger().get("/api/v1/demo").await.data(), json!({ "available": false }));
    assert_eq!(server.stranger().post("/api/v1/demo", json!({})).await.error().0, 404);
    server.stop().await;

    let without = Server::start().await;
    assert_eq!(without.stranger().get("/api/v1/demo").await.data(), json!({ "available": false }));
    without.stop().await;
}

#[tokio::test]
async fn every_answer_names_its_request_and_is_guarded() {
    let server = Server::start_with(|config| config.public_url = Some("https://rooms.example.com".into())).await;
    let stranger = server.stranger();
    let with_id = async |id: &str| {
        let answer = send(stranger.ask(Method::GET, "/server/nonsense").header("X-Request-Id", id)).await;
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(with_id("my-id:7").await, "my-id:7");
    assert_ne!(with_id("my id").await, "my id");
    for path in ["/", "/healthz", "/server/rooms/list", "/server/nonsense", "/server/data/list?%ff"] {
        let answer = stranger.get(path).await;
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        let guards = ["x-content-type-options", "referrer-policy", "strict-transport-security"];
        assert_eq!(guards.map(|name| answer.header(name))[..2], ["nosniff", "no-referrer"], "{path}");
    }
    let answer = stranger.get("/server/rooms/list").await;
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(answer.header("cache-control"), "no-store");
    server.stop().await;

    let framed = Server::start_with(|config| config.frame_ancestors = vec!["https://a.example".into()]).await;
    // Only published dashboards may be framed.
    let page = framed.stranger().get("/").await;
    assert!(page.header("content-security-policy").ends_with("frame-ancestors 'none'"));
    assert_eq!((page.header("x-frame-options"), page.header("strict-transport-security")), ("DENY", ""));
    framed.stop().await;
}

#[tokio::test]
async fn pages_of_other_origins_ask_as_far_as_they_are_allowed() {
    let server = Server::start_with(|config| config.cors_origins = vec!["https://app.example.com".into()]).await;
    let stranger = server.stranger();
    let preflight = async |origin: &str| {
        let request = stranger.ask(Method::OPTIONS, "/server/rooms/list").header("Origin", origin);
        send(request.header("Access-Control-Request-Method", "GET")).await
    };
    let allowed = preflight("https://app.example.com").await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, "https://app.example.com"));
    assert!(allowed.header("access-control-allow-headers").contains("authorization"));
    assert!(allowed.header("access-control-allow-methods").contains("DELETE"));
    let refused = preflight("https://evil.example.com").await;
    assert_eq!((refused.error().0, refused.header("access-control-allow-origin")), (403, ""));
    let get = async |origin: &str| send(stranger.ask(Method::GET, "/healthz").header("Origin", origin)).await;
    let allowed = get("https://app.example.com").await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (200, "https://app.example.com"));
    assert_eq!((allowed.header("vary"), allowed.header("access-control-allow-credentials")), ("Origin", ""));
    let other = get("https://evil.example.com").await;
    assert_eq!((other.status, other.header("access-control-allow-origin"), other.header("vary")), (200, "", "Origin"));
    assert_eq!(send(stranger.ask(Method::OPTIONS, "/server/rooms/list")).await.status, 405, "no preflight");
    server.stop().await;

    let open = Server::start_with(|config| config.cors_origins = vec!["*".into()]).await;
    let answer = send(open.stranger().ask(Method::GET, "/healthz").header("Origin", "https://x.example")).await;
    let headers = ["access-control-allow-origin", "access-control-allow-credentials", "vary"];
    assert_eq!(headers.map(|name| answer.header(name)), ["*", "", ""]);
    open.stop().await;
}

#[tokio::test]
async fn long_text_is_compressed_for_who_wants_it() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    for _ in 0..10 {
        ann.call("chat.send", json!({ "room_id": room, "content": "over and over ".repeat(40) })).await.data();
    }
    let history = format!("/server/get_history?room_id={room}");
    let plain = ann.get(&history).await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept-Encoding"));
    let fetch = async |path: &str, accept: &str| {
        let request = ann.ask(Method::GET, path).header("Accept-Encoding", accept);
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        (headers, response.bytes().await.unwrap())
    };
    let (headers, small) = fetch(&history, "br, gzip").await;
    assert_eq!(headers["content-encoding"], "gzip");
    assert!(small.len() * 5 < plain.text.len(), "{} of {}", small.len(), plain.text.len());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&small[..]), &mut text).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["data"], plain.json()["data"]);
    assert!(!fetch("/server/rooms/list", "gzip").await.0.contains_key("content-encoding"), "too short");
    assert!(!fetch(&history, "gzip;q=0").await.0.contains_key("content-encoding"));
    // A compressed file has a tag, too, that is known again.
    let (headers, _) = fetch("/", "gzip").await;
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let again = send(ann.ask(Method::GET, "/").header("If-None-Match", &tag)).await;
    assert_eq!((again.status, again.text.len()), (304, 0));
    server.stop().await;
}

/// Each piece comes in time, the whole does not.
#[tokio::test]
async fn a_body_that_dawdles_is_given_up() {
    let server = Server::start_with(|config| config.limits.body_ms_max = 300).await;
    let ann = server.person("ann").await;
    let endless = futures_util::stream::unfold((), async |()| {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        Some((Ok::<_, std::io::Error>(" "), ()))
    });
    let request = ann.ask(Method::POST, "/server/rooms/create").header("Content-Type", "application/json");
    let answer = send(request.body(reqwest::Body::wrap_stream(endless))).await;
    assert_eq!(answer.error(), (400, "INVALID_REQUEST".into(), "body".into()));
    server.stop().await;
}
