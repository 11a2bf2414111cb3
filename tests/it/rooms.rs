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

#[tokio::test]
async fn roles_change_and_members_leave() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let token = ada.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
    let bob = server.invited("bob", token.as_str()).await;
    let room = ada.room().await;
    let member = format!("/server/rooms/{room}/members/{}", bob.id());
    let set = async |person: &crate::server::Person, path: &str, role: &str| {
        send(person.ask(Method::PUT, path).json(&json!({ "role": role }))).await
    };
    assert_eq!(set(&ada, &member, "viewer").await.error().0, 404, "not a member yet");
    ada.call("room.add_member", json!({ "room_id": room, "user_id": bob.id(), "role": "viewer" })).await.data();
    let own = format!("/server/rooms/{room}/members/{}", ada.id());
    for (person, role) in [(&own, "editor"), (&own, "viewer")] {
        let last = set(&ada, person, role).await;
        assert_eq!((last.error().0, last.error().1), (409, "CONFLICT".to_owned()), "the last owner stays one");
    }
    let leave = format!("/server/rooms/{room}/leave");
    assert_eq!(ada.post(&leave, json!({})).await.error().0, 409);
    let rename = format!("/server/rooms/{room}/update");
    assert_eq!(bob.post(&rename, json!({ "name": "Mine" })).await.error().0, 403);
    assert_eq!(ada.post(&rename, json!({ "name": " " })).await.error().2, "name");
    assert_eq!(ada.post(&rename, json!({ "name": "Ours" })).await.data()["name"], "Ours");
    assert_eq!(set(&ada, &member, "king").await.error().2, "role");
    assert_eq!(set(&ada, &member, "owner").await.data()["role"], "owner");
    // Handed over: the new owner may, the old one may go, and then not come back.
    assert_eq!(ada.post(&leave, json!({})).await.status, 200);
    assert_eq!(ada.post(&leave, json!({})).await.error().0, 404);
    assert_eq!(bob.post(&rename, json!({ "name": "Bob's" })).await.data()["members"], 1);
    let events = bob.events(&room).await;
    let expected = ["room.member_added", "room.updated", "room.member_updated", "room.member_removed", "room.updated"];
    assert_eq!(events, expected);
    server.stop().await;
}

#[tokio::test]
async fn two_owners_do_not_both_leave() {
    for url in [None, Some(crate::postgres::database().await)] {
        let server = Server::start_with(|config| config.database_url = url).await;
        let ada = server.person("ada").await;
        let token = ada.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
        let bob = server.invited("bob", token.as_str()).await;
        for _ in 0..5 {
            let room = ada.room().await;
            ada.call("room.add_member", json!({ "room_id": room, "user_id": bob.id(), "role": "owner" })).await.data();
            let input = json!({ "room_id": room });
            let (one, other) = tokio::join!(ada.call("room.resign", input.clone()), bob.call("room.resign", input));
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409]);
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn what_was_said_can_be_changed_and_taken_back() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let token = ada.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
    let bob = server.invited("bob", token.as_str()).await;
    let room = ada.room().await;
    ada.call("room.add_member", json!({ "room_id": room, "user_id": bob.id(), "role": "viewer" })).await.data();
    let say = async |content: &str| bob.call("chat.send", json!({ "room_id": room, "content": content })).await.data();
    let (first, second) = (say("frist").await, say("secret").await);
    let edit = |seq: &Value, content: &str| json!({ "room_id": room, "seq": seq, "content": content });
    let one = |seq: &Value| json!({ "room_id": room, "seq": seq });
    assert_eq!(ada.call("chat.edit", edit(&first["seq"], "x")).await.error().0, 403, "an owner does not put words");
    assert_eq!(bob.call("chat.edit", edit(&first["seq"], "")).await.error().2, "content");
    assert_eq!(bob.call("chat.edit", edit(&json!(1), "x")).await.error().0, 404, "that was no message");
    let put = bob.ask(Method::PUT, "/server/chat/messages").json(&edit(&first["seq"], "first"));
    let edited = send(put).await.data();
    assert_eq!((&edited["message_id"], &edited["seq"]), (&first["message_id"], &json!(4)));
    assert_eq!(ada.call("chat.delete", one(&second["seq"])).await.data()["message_id"], second["message_id"]);
    assert_eq!(bob.call("chat.delete", one(&second["seq"])).await.error().0, 404);
    assert_eq!(bob.call("chat.edit", edit(&second["seq"], "again")).await.error().0, 404);
    let page = ada.get(&format!("/server/get_history?room_id={room}")).await.data();
    let events: Vec<(&Value, &Value)> =
        page["events"].as_array().unwrap().iter().map(|event| (&event["type"], &event["data"])).collect();
    let told = [
        (json!("chat.message"), json!({ "content": "first", "edited": true })),
        (json!("chat.message"), json!({ "content": "", "deleted": true })),
        (json!("chat.edited"), json!({ "message_id": first["message_id"], "content": "first" })),
        (json!("chat.deleted"), json!({ "message_id": second["message_id"] })),
    ];
    assert_eq!(events[1..], told.each_ref().map(|(kind, data)| (kind, data)));
    assert!(!page.to_string().contains("secret"));
    let kept = &page["events"][1]["metadata"];
    assert_eq!((&kept["event_id"], &kept["actor"]["name"]), (&first["message_id"], &json!("bob")));
    server.stop().await;
}

/// Every row of every table that names one of these.
async fn rows_naming(url: &str, names: &[&str]) -> Vec<String> {
    use sqlx::{AssertSqlSafe, Connection};
    macro_rules! look {
        ($connection:ty, $columns:expr) => {{
            let mut db = <$connection>::connect(url).await.unwrap();
            let columns: Vec<(String, String)> = sqlx::query_as($columns).fetch_all(&mut db).await.unwrap();
            assert!(columns.len() > 50, "{columns:?}");
            let mut found = Vec::new();
            // What was done is remembered, whatever it was done to.
            for (table, column) in columns.into_iter().filter(|(table, _)| table != "audit") {
                for name in names {
                    let count =
                        format!("SELECT COUNT(*) FROM \"{table}\" WHERE CAST(\"{column}\" AS TEXT) LIKE '%{name}%'");
                    let (rows,): (i64,) = sqlx::query_as(AssertSqlSafe(count)).fetch_one(&mut db).await.unwrap();
                    if rows > 0 {
                        found.push(format!("{table}.{column}: {rows}"));
                    }
                }
            }
            found
        }};
    }
    if url.starts_with("sqlite") {
        look!(
            sqlx::SqliteConnection,
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        )
    } else {
        look!(
            sqlx::PgConnection,
            "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema()"
        )
    }
}

#[tokio::test]
async fn nothing_stays_of_a_deleted_room_but_its_files() {
    for url in [None, Some(crate::postgres::database().await)] {
        let server = Server::start_with(|config| config.database_url = url.clone()).await;
        let database = server.data_dir().join("data/vizroom.db");
        let url = url.unwrap_or_else(|| format!("sqlite:{}", database.display()));
        let ada = server.person("ada").await;
        let room = ada.room().await;
        let csv = "region,sales\nNorth,10\nSouth,20\nNorth,30\n";
        let file = ada.upload("/server/data/upload", "sales.csv", csv, Some(&room)).await.data()["id"].clone();
        ada.call("chat.send", json!({ "room_id": room, "content": "hello" })).await.data();
        ada.call("room.add_member", json!({ "room_id": room, "email": "eve@example.com", "role": "viewer" }))
            .await
            .data();
        // The stream ends with the generation.
        let prompt = json!({ "room_id": room, "user_prompt": "sales by region" });
        assert_eq!(ada.post("/dashboard/generate/stream", prompt).await.status, 200);
        let listed = ada.call("dashboard.list", json!({ "room_id": room })).await.data();
        let dashboard = listed["dashboards"][0]["id"].as_str().unwrap().to_owned();
        assert!(rows_naming(&url, &[&room, &dashboard]).await.len() > 5);
        ada.delete(&format!("/server/rooms/{room}/delete")).await.data();
        assert_eq!(rows_naming(&url, &[&room, &dashboard]).await, Vec::<String>::new());
        assert_eq!(ada.get("/server/data/list").await.data()["files"][0]["id"], file);
        assert_eq!(crate::uploads::files_below(&server.data_dir().join("data/files")), 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_room_says_what_it_is_for() {
    for url in [None, Some(crate::postgres::database().await)] {
        let server = Server::start_with(|config| config.database_url = url).await;
        let ada = server.person("ada").await;
        let plain = ada.call("room.create", json!({ "name": "Plain" })).await.data();
        assert!(plain.get("description").is_none(), "{plain}");
        let body = json!({ "name": "Sales", "description": " Weekly numbers:\n- revenue " });
        let made = ada.post("/server/rooms/create", body).await.data();
        let (id, about) = (made["id"].as_str().unwrap(), json!("Weekly numbers:\n- revenue"));
        assert_eq!(made["description"], about);
        assert_eq!(ada.get("/server/rooms/list").await.data()["rooms"][0]["description"], about);
        assert_eq!(ada.call("room.status", json!({ "room_id": id })).await.data()["room"]["description"], about);
        let mut socket = ada.socket().await;
        let joined = socket.join(id, Value::Null).await;
        assert_eq!(joined["snapshot"]["room"]["description"], about);

        let update = format!("/server/rooms/{id}/update");
        let renamed = ada.post(&update, json!({ "name": "Numbers" })).await.data();
        assert_eq!((&renamed["name"], &renamed["description"]), (&json!("Numbers"), &about), "what is absent stays");
        let told = socket.event("room.updated").await["data"].clone();
        assert_eq!(told, json!({ "room_id": id, "name": "Numbers", "description": about }));
        let cleared = ada.post(&update, json!({ "description": "" })).await.data();
        assert_eq!((&cleared["name"], cleared.get("description")), (&json!("Numbers"), None));
        assert_eq!(socket.event("room.updated").await["data"], json!({ "room_id": id, "name": "Numbers" }));
        for wrong in [json!("x".repeat(2_001)), json!("a\u{0}b"), json!(7)] {
            let refused = ada.post(&update, json!({ "description": wrong })).await;
            assert_eq!(refused.error(), (400, "INVALID_REQUEST".into(), "description".into()));
        }
        assert_eq!(ada.post(&update, json!({})).await.data(), cleared, "nothing to change");
        assert_eq!(ada.events(id).await, ["room.updated", "room.updated"]);
        server.stop().await;
    }
}
