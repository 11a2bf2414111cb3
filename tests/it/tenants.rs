//! What belongs to an account and its tenant besides signing in: invitations, settings, the audit log; and who is slowed
//! down.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, PASSWORD, Person, Server, send};

/// The audit log, once it has so many lines: it is written a moment later.
pub async fn audit(owner: &Person, lines: usize) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let listed = owner.get("/server/audit").await.data()["lines"].as_array().unwrap().clone();
        if listed.len() >= lines {
            return listed;
        }
        assert!(tokio::time::Instant::now() < deadline, "{listed:?}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn login_from(server: &Server, address: &str, email: &str, password: &str) -> Answer {
    let request = server.stranger().ask(Method::POST, "/server/auth/login").header("x-forwarded-for", address);
    send(request.json(&json!({ "email": email, "password": password }))).await
}

#[tokio::test]
async fn guessing_at_many_addresses_slows_the_source_down() {
    let server = Server::start().await;
    server.person("ada").await;
    for n in 0..50 {
        // What a client says of itself before the proxy's word changes nothing.
        let claimed = format!("10.9.8.{n}, 203.0.113.7");
        assert_eq!(login_from(&server, &claimed, &format!("user{n}@example.com"), "guess").await.status, 401);
    }
    let slowed = login_from(&server, "203.0.113.7", "ada@example.com", PASSWORD).await;
    assert_eq!(slowed.error().1, "RATE_LIMITED");
    assert_eq!(login_from(&server, "203.0.113.8", "ada@example.com", PASSWORD).await.status, 200, "others are not");
    server.clock.advance(900_000);
    assert_eq!(login_from(&server, "203.0.113.7", "ada@example.com", PASSWORD).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_asks() {
    let server = Server::start_with(|config| config.trusted_proxies.clear()).await;
    server.person("ada").await;
    for n in 0..50 {
        let email = format!("user{n}@example.com");
        assert_eq!(login_from(&server, &format!("10.0.0.{n}"), &email, "guess").await.status, 401);
    }
    assert_eq!(login_from(&server, "10.0.1.1", "ada@example.com", PASSWORD).await.status, 429);
    server.stop().await;
}

#[tokio::test]
async fn settings_are_merged_and_everybody_has_their_own() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    assert_eq!(ada.get("/server/user/settings").await.data(), json!({}));
    let first = json!({ "theme": "dark", "chart": { "kind": "bar", "grid": true }, "recent": [1, 2] });
    assert_eq!(ada.post("/server/user/settings", first.clone()).await.data(), first);
    let patch = json!({ "theme": null, "chart": { "grid": false }, "recent": [3] });
    let merged = json!({ "chart": { "kind": "bar", "grid": false }, "recent": [3] });
    assert_eq!(ada.post("/server/user/settings", patch).await.data(), merged);
    assert_eq!(ada.call("settings.get", json!({})).await.data(), merged);
    assert_eq!(bob.get("/server/user/settings").await.data(), json!({}));
    let large = ada.post("/server/user/settings", json!({ "x": "x".repeat(64 * 1024) })).await;
    assert_eq!(large.error(), (413, "TOO_LARGE".into(), "settings".into()));
    assert_eq!(ada.post("/server/user/settings", json!([1])).await.status, 400);
    let at_once = (0..8).map(|n| ada.post("/server/user/settings", json!({ format!("k{n}"): n })));
    futures_util::future::join_all(at_once).await;
    let settings = ada.get("/server/user/settings").await.data();
    assert!((0..8).all(|n| settings[format!("k{n}")] == json!(n)), "none is lost: {settings}");
    server.stop().await;
}

#[tokio::test]
async fn invitations_are_seen_and_taken_back_by_who_may() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let invite = async |by: &Person, input: Value| by.post("/server/auth/invitations", input).await.data();
    let ids = async |by: &Person, query: &str| -> Vec<Value> {
        let listed = by.get(&format!("/server/auth/invitations{query}")).await.data();
        listed["invitations"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
    };
    let to_tenant = invite(&ann, json!({ "email": "bob@example.com" })).await;
    let to_room = invite(&ann, json!({ "room_id": room, "role": "viewer" })).await;
    let bob = server.invited("bob", to_tenant["invitation"].as_str()).await;
    let of_bob = invite(&bob, json!({ "email": "cem@example.com" })).await;
    assert_eq!(
        ids(&ann, "").await,
        [of_bob["id"].clone(), to_room["id"].clone()],
        "all of the tenant; the first is used"
    );
    assert_eq!(ids(&bob, "").await, [of_bob["id"].clone()], "his own");
    assert_eq!(ids(&ann, &format!("?room_id={room}")).await, [to_room["id"].clone()]);
    assert_eq!(bob.get(&format!("/server/auth/invitations?room_id={room}")).await.status, 404);
    let listed = ann.get(&format!("/server/auth/invitations?room_id={room}")).await.data();
    let one = &listed["invitations"][0];
    assert_eq!((&one["role"], &one["guest"], &one["invited_by"]), (&json!("viewer"), &json!(false), &json!(ann.id())));
    assert_eq!(one["expires_at"], to_room["expires_at"]);
    let eve = server.person("eve").await;
    let path = |one: &Value| format!("/server/auth/invitations/{}", one["id"].as_str().unwrap());
    for stranger in [&eve, &bob] {
        assert_eq!(stranger.delete(&path(&to_room)).await.error().0, 404);
    }
    assert_eq!(ann.delete(&path(&of_bob)).await.data(), json!({}), "the tenant's owner may");
    assert_eq!(ann.delete(&path(&to_room)).await.data(), json!({}));
    assert_eq!(ann.delete(&path(&to_room)).await.error().0, 404);
    let late = json!({ "email": "x@example.com", "password": PASSWORD, "invitation": to_room["invitation"] });
    assert_eq!(server.stranger().post("/server/auth/register", late).await.error().0, 404);
    invite(&ann, json!({})).await;
    server.clock.advance(7 * 24 * 60 * 60_000);
    let mut ann = ann;
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    ann.tokens = ann.post("/server/auth/login", login).await.data();
    assert_eq!(ids(&ann, "").await, Vec::<Value>::new(), "in time they end");
    server.stop().await;
}

#[tokio::test]
async fn the_owner_of_a_tenant_sees_what_was_done_in_it() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let invited = ann.post("/server/auth/invitations", json!({ "room_id": room, "role": "owner" })).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;
    login_from(&server, "203.0.113.7", "ann@example.com", "guess").await;
    login_from(&server, "203.0.113.7", "bob@example.com", PASSWORD).await.data();
    bob.delete(&format!("/server/rooms/{room}/members/{}", ann.id())).await.data();
    assert_eq!(ann.delete(&format!("/server/rooms/{room}/delete")).await.status, 404, "she is no member now");
    let eve = server.person("eve").await;
    assert_eq!(eve.delete(&format!("/server/rooms/{room}/delete")).await.status, 404);
    let lines = audit(&ann, 8).await;
    let seen: Vec<_> =
        lines.iter().rev().map(|l| (l["operation"].as_str().unwrap(), l["outcome"].as_str().unwrap())).collect();
    let expected = [
        ("account.register", "ok"),
        ("room.create", "ok"),
        ("account.invite", "ok"),
        ("account.register", "ok"),
        ("account.login", "UNAUTHORIZED"),
        ("account.login", "ok"),
        ("room.remove_member", "ok"),
        ("room.delete", "NOT_FOUND"),
    ];
    assert_eq!(seen, expected, "and nothing of eve, who is of another tenant");
    let removal = &lines[1];
    assert_eq!(removal["user_id"], json!(bob.id()));
    assert_eq!(removal["target"], json!({ "room_id": room, "user_id": ann.id() }));
    assert_eq!((&removal["remote"], &lines[2]["remote"]), (&json!("127.0.0.1"), &json!("203.0.113.7")));
    assert_eq!(lines[3]["user_id"], Value::Null, "who failed to sign in is not known");
    assert_eq!(bob.get("/server/audit").await.error().1, "FORBIDDEN");
    let page = ann.get("/server/audit?limit=3").await.data();
    assert_eq!((page["lines"].as_array().unwrap().as_slice(), &page["more"]), (&lines[..3], &json!(true)));
    let older = ann.get(&format!("/server/audit?before={}", lines[2]["id"].as_str().unwrap())).await.data();
    assert_eq!((older["lines"].as_array().unwrap().as_slice(), &older["more"]), (&lines[3..], &json!(false)));
    let of_eve = audit(&eve, 2).await;
    assert_eq!(of_eve[0]["operation"], "room.delete", "what she tried stands in her own");
    server.stop().await;
}

#[tokio::test]
async fn what_is_done_on_a_socket_says_where_from_and_no_secret_is_written_down() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let bearer = format!("Bearer {}", ann.token());
    let mut far = server.handshake(&[("authorization", &bearer), ("x-forwarded-for", "203.0.113.7")]).await.unwrap();
    far.call("room.create", json!({ "name": "Far" })).await;
    let mut later = server.handshake(&[("x-forwarded-for", "203.0.113.8, 10.0.0.1")]).await.unwrap();
    later.call("auth", json!({ "token": ann.token() })).await;
    later.call("room.create", json!({ "name": "Later" })).await;
    let made = later.call("dashboard.create", json!({ "title": "x" })).await;
    later.call("dashboard.publish", json!({ "dashboard_id": made["id"], "password": "hunter2" })).await;
    ann.call("callback.set_secret", json!({ "secret": "0123456789abcdef" })).await.data();
    let lines = audit(&ann, 5).await;
    let seen: Vec<_> = lines
        .iter()
        .rev()
        .map(|l| (l["operation"].as_str().unwrap(), l["remote"].as_str().unwrap_or("nowhere")))
        .collect();
    let expected = [
        ("account.register", "127.0.0.1"),
        ("room.create", "203.0.113.7"),
        ("room.create", "10.0.0.1"),
        ("dashboard.publish", "10.0.0.1"),
        ("callback.set_secret", "127.0.0.1"),
    ];
    assert_eq!(seen, expected);
    assert_eq!((&lines[1]["target"], &lines[0]["target"]), (&json!({ "dashboard_id": made["id"] }), &json!({})));
    server.stop().await;
}
