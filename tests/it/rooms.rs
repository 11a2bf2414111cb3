//! Rooms: who may do what, and what strangers see (nothing).

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{PASSWORD, Server, send};

const NOBODY: &str = "0190163d-8694-739b-aea5-966c26f8ad91";

#[tokio::test]
async fn another_tenants_things_are_not_found() {
    let server = Server::start().await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let room = ada.room().await;
    let file = ada.upload("/server/data/upload", "a.csv", "x,y\n1,2\n", Some(&room)).await.data();
    let file = file["id"].as_str().unwrap();
    let own = eve.room().await;
    let member = json!({ "email": "eve@example.com", "role": "owner" });
    let tries = [
        eve.get(&format!("/server/room/status?room_id={room}")).await,
        eve.get(&format!("/server/get_history?room_id={room}")).await,
        eve.get(&format!("/server/data/list?room_id={room}")).await,
        eve.post("/server/chat/messages", json!({ "room_id": room, "content": "hi" })).await,
        eve.post(&format!("/server/rooms/{room}/members"), member).await,
        eve.post(&format!("/server/rooms/{own}/members"), json!({ "user_id": ada.id(), "role": "viewer" })).await,
        eve.post("/server/auth/invitations", json!({ "room_id": room })).await,
        eve.post(&format!("/server/rooms/{own}/link-files"), json!({ "file_ids": [file] })).await,
        eve.upload("/server/data/upload", "b.csv", "x\n1\n", Some(&room)).await,
        eve.upload(&format!("/server/data/{file}/reupload"), "b.csv", "x\n1\n", None).await,
        eve.delete(&format!("/server/data/{file}")).await,
        eve.delete(&format!("/server/rooms/{room}/delete")).await,
        eve.delete(&format!("/server/rooms/{room}/members/{}", ada.id())).await,
        eve.delete(&format!("/server/rooms/{NOBODY}/delete")).await,
    ];
    for (n, answer) in tries.iter().enumerate() {
        assert_eq!((answer.error().0, answer.error().1), (404, "NOT_FOUND".to_owned()), "{n}: {answer:?}");
    }
    assert_eq!(eve.get("/server/data/list").await.data()["files"], json!([]));
    assert_eq!(eve.get("/server/rooms/list").await.data()["rooms"].as_array().unwrap().len(), 1);
    assert_eq!(ada.get("/server/rooms/list").await.data()["rooms"][0]["id"], json!(room));
    server.stop().await;
}

#[tokio::test]
async fn roles_say_who_may() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let token = ada.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
    let bob = server.invited("bob", token.as_str()).await;
    assert_eq!(bob.tokens["user"]["tenant_id"], ada.tokens["user"]["tenant_id"]);
    let room = ada.room().await;
    assert_eq!(bob.get(&format!("/server/room/status?room_id={room}")).await.error().0, 404, "not a member yet");
    let members = format!("/server/rooms/{room}/members");
    let file = ada.upload("/server/data/upload", "a.csv", "x,y\n1,2\n", None).await.data()["id"].clone();
    let link =
        async || bob.post(&format!("/server/rooms/{room}/link-files"), json!({ "file_ids": [file] })).await.status;
    let upload = async || bob.upload("/server/data/upload", "b.csv", "x\n1\n", Some(&room)).await.status;
    let chat = async || bob.post("/server/chat/messages", json!({ "room_id": room, "content": "hi" })).await.status;
    let add = async || bob.post(&members, json!({ "user_id": bob.id(), "role": "owner" })).await.status;
    let delete = async || bob.delete(&format!("/server/rooms/{room}/delete")).await.status;
    for (role, may) in [("viewer", [200, 403, 403, 403, 403]), ("editor", [200, 200, 200, 403, 403])] {
        let added = ada.post(&members, json!({ "user_id": bob.id(), "role": role })).await.data();
        assert_eq!(added["member"]["role"], role);
        let did = [chat().await, link().await, upload().await, add().await, delete().await];
        assert_eq!(did, may, "{role}");
    }
    ada.delete(&format!("/server/rooms/{room}/members/{}", bob.id())).await.data();
    assert_eq!(chat().await, 404, "removed: at once");
    ada.post(&members, json!({ "email": "bob@example.com", "role": "owner" })).await.data();
    assert_eq!(delete().await, 200);
    assert_eq!(ada.get(&format!("/server/room/status?room_id={room}")).await.error().0, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_room_keeps_an_owner() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let left = ada.delete(&format!("/server/rooms/{room}/members/{}", ada.id())).await;
    assert_eq!((left.error().0, left.error().1), (409, "CONFLICT".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn a_guest_sees_one_room_and_nothing_else() {
    let server = Server::start().await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let (room, other) = (ada.room().await, ada.room().await);
    ada.upload("/server/data/upload", "secret.csv", "x\n1\n", None).await.data();
    let members = format!("/server/rooms/{room}/members");
    let invite = async |email: &str| {
        let added = ada.post(&members, json!({ "email": email, "role": "editor" })).await.data();
        assert!(added.get("member").is_none(), "somebody of another tenant is not told apart from nobody");
        added["invitation"]["invitation"].clone()
    };
    // Somebody who has no account, and somebody who has one.
    let token = invite("guest@example.com").await;
    let wrong = json!({ "email": "thief@example.com", "password": PASSWORD, "invitation": token });
    assert_eq!(server.stranger().post("/server/auth/register", wrong).await.error().0, 404);
    let guest = server.invited("guest", token.as_str()).await;
    let token = invite("eve@example.com").await;
    let login = json!({ "email": "eve@example.com", "password": PASSWORD, "invitation": token });
    eve.post("/server/auth/login", login.clone()).await.data();
    assert_eq!(eve.post("/server/auth/login", login).await.error().0, 404, "it works once");
    for person in [&guest, &eve] {
        assert_ne!(person.tokens["user"]["tenant_id"], ada.tokens["user"]["tenant_id"]);
        let rooms = person.get("/server/rooms/list").await.data()["rooms"].clone();
        assert_eq!(
            (rooms[0]["id"].clone(), rooms[0]["role"].clone(), rooms.get(1)),
            (json!(room), json!("editor"), None)
        );
        assert_eq!(person.get("/server/data/list").await.data()["files"], json!([]));
        assert_eq!(person.get(&format!("/server/room/status?room_id={other}")).await.error().0, 404);
    }
    let events = ada.events(&room).await;
    assert_eq!(events.iter().filter(|kind| *kind == "room.member_added").count(), 2, "{events:?}");
    server.stop().await;
}

#[tokio::test]
async fn what_was_said_is_kept_once_and_read_in_pages() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let say = async |content: &str, key: &str| {
        let request = ada.ask(Method::POST, "/server/chat/messages").header("Idempotency-Key", key);
        send(request.json(&json!({ "room_id": room, "content": content }))).await.data()
    };
    let first = say("one", "k1").await;
    assert_eq!(say("one", "k1").await, first, "the same key says it once");
    for n in 2..=5 {
        assert_eq!(say("more", &format!("k{n}")).await["seq"], n);
    }
    let page = async |query: &str| ada.get(&format!("/server/get_history?room_id={room}{query}")).await;
    let seqs = |page: &Value| -> Vec<u64> {
        page["events"].as_array().unwrap().iter().map(|event| event["metadata"]["seq"].as_u64().unwrap()).collect()
    };
    let newest = page("&limit=2").await.data();
    assert_eq!((seqs(&newest), &newest["more"]), (vec![4, 5], &json!(true)));
    let oldest = page("&before=4&kind=chat.message").await.data();
    assert_eq!((seqs(&oldest), &oldest["more"]), (vec![1, 2, 3], &json!(false)));
    assert_eq!(oldest["events"][0]["data"]["content"], "one");
    assert_eq!(oldest["events"][0]["metadata"]["event_id"], first["message_id"]);
    assert_eq!(oldest["events"][0]["metadata"]["actor"]["name"], "ada");
    for (query, field) in
        [("&limit=0", "limit"), ("&limit=501", "limit"), ("&before=x", "before"), ("&color=1", "color")]
    {
        assert_eq!(page(query).await.error(), (400, "INVALID_REQUEST".into(), field.into()), "{query}");
    }
    for content in ["", &"x".repeat(16_001)] {
        let answer = ada.post("/server/chat/messages", json!({ "room_id": room, "content": content })).await;
        assert_eq!(answer.error(), (400, "INVALID_REQUEST".into(), "content".into()));
    }
    let status = ada.get(&format!("/server/room/status?room_id={room}")).await.data();
    assert_eq!((&status["head"], &status["members"][0]["role"]), (&json!(5), &json!("owner")));
    server.stop().await;
}

#[tokio::test]
async fn a_room_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let start = || Server::start_with(|config| config.data_dir = dir.path().to_owned());
    let server = start().await;
    let mut ada = server.person("ada").await;
    let room = ada.room().await;
    ada.post("/server/chat/messages", json!({ "room_id": room, "content": "before" })).await.data();
    let before = ada.get(&format!("/server/room/status?room_id={room}")).await.data();
    server.stop().await;
    let server = start().await;
    let tokens = ada.tokens;
    ada = server.stranger();
    ada.tokens = tokens;
    let sent = ada.post("/server/chat/messages", json!({ "room_id": room, "content": "after" })).await.data();
    assert_eq!(sent["seq"], 2, "the key and the log are the same");
    let after = ada.get(&format!("/server/room/status?room_id={room}")).await.data();
    assert_eq!(after["epoch"], before["epoch"]);
    server.stop().await;
}

#[tokio::test]
async fn many_at_once_make_one_log_without_holes() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let (ada, room) = (&ada, &room);
    let say = |n: usize| async move {
        let sent = ada.post("/server/chat/messages", json!({ "room_id": room, "content": n.to_string() })).await;
        sent.data()["seq"].as_u64().unwrap()
    };
    let mut seqs = futures_util::future::join_all((0..200).map(say)).await;
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=200).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test]
async fn the_whole_runs_on_postgresql() {
    let url = crate::postgres::database().await;
    let server = Server::start_with(|config| config.database_url = Some(url)).await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    ada.upload("/server/data/upload", "a.csv", "x,y\n1,2\n", Some(&room)).await.data();
    ada.post("/server/chat/messages", json!({ "room_id": room, "content": "hi" })).await.data();
    assert_eq!(ada.events(&room).await, ["file.linked", "chat.message"]);
    assert_eq!(ada.get("/readyz").await.status, 200);
    ada.delete(&format!("/server/rooms/{room}/delete")).await.data();
    assert_eq!(ada.get("/server/rooms/list").await.data()["rooms"], json!([]));
    server.stop().await;
}
