//! Uploads: good ones become datasets, bad ones leave nothing behind.

use std::path::Path;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::server::{Person, Server, send};

const CSV: &str = "region,sales\nNorth,10\nSouth,20\nNorth,30\n";

pub fn files_below(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

/// Files in the spool, and uploads kept in the object store: each as it came, and its one dataset.
fn left(server: &Server) -> (usize, usize) {
    let data = server.data_dir().join("data");
    let kept = files_below(&data.join("files"));
    assert_eq!(kept % 2, 0, "one is not there without the other");
    (files_below(&data.join("spool")), kept / 2)
}

async fn upload(person: &Person, name: &str, bytes: impl Into<Vec<u8>>) -> crate::server::Answer {
    person.upload("/server/data/upload", name, bytes, None).await
}

#[tokio::test]
async fn a_file_is_uploaded_linked_replaced_and_deleted() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let file = ada.upload("/server/data/upload", "Sales 2024.csv", CSV, Some(&room)).await.data();
    assert_eq!(
        (&file["name"], &file["format"], &file["version"]),
        (&json!("Sales 2024.csv"), &json!("csv"), &json!(1))
    );
    assert_eq!(file["size"], CSV.len());
    let dataset = &file["datasets"][0];
    assert_eq!((&dataset["rows"], &dataset["columns"][0]["name"]), (&json!(3), &json!("region")));
    assert_eq!(left(&server), (0, 1));
    let id = file["id"].as_str().unwrap();
    let again = "region,sales\nWest,1\n";
    let replaced = ada.upload(&format!("/server/data/{id}/reupload"), "other.csv", again, None).await.data();
    assert_eq!((&replaced["version"], &replaced["id"]), (&json!(2), &file["id"]));
    assert_eq!(replaced["datasets"][0]["name"], dataset["name"], "queries still find it");
    assert_eq!(replaced["datasets"][0]["rows"], 1);
    assert_eq!(left(&server), (0, 1), "the old rows are gone");
    let listed = ada.get(&format!("/server/data/list?room_id={room}")).await.data();
    assert_eq!(listed["files"], json!([replaced]));
    assert_eq!(ada.get("/server/data/list").await.data()["files"], json!([replaced]));
    ada.delete(&format!("/server/data/{id}")).await.data();
    assert_eq!(ada.delete(&format!("/server/data/{id}")).await.error().0, 404);
    assert_eq!(left(&server), (0, 0));
    assert_eq!(ada.events(&room).await, ["file.linked", "file.replaced", "file.deleted"]);
    server.stop().await;
}

#[tokio::test]
async fn files_are_linked_all_or_none() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let link = async |ids: serde_json::Value| {
        ada.post(&format!("/server/rooms/{room}/link-files"), json!({ "file_ids": ids })).await
    };
    let file = upload(&ada, "a.csv", CSV).await.data()["id"].clone();
    assert_eq!(link(json!([file, "0190163d-8694-739b-aea5-966c26f8ad91"])).await.error().0, 404);
    assert_eq!(ada.get(&format!("/server/data/list?room_id={room}")).await.data()["files"], json!([]));
    assert_eq!(link(json!([])).await.error().2, "file_ids");
    assert_eq!(link(json!(["x"])).await.error().2, "file_ids[0]");
    assert_eq!(link(json!([file])).await.data()["files"][0]["id"], file);
    server.stop().await;
}

#[tokio::test]
async fn bad_uploads_are_refused_and_leave_nothing() {
    let server = Server::start_with(|config| config.limits.upload_bytes_max = 1_000).await;
    let ada = server.person("ada").await;
    let part = |text: &'static str| Part::text(text).file_name("a.csv");
    let form = async |form: Form| send(ada.ask(Method::POST, "/server/data/upload").multipart(form)).await;
    let invalid = |field: &str| (400, "INVALID_REQUEST".to_owned(), field.to_owned());
    assert_eq!(form(Form::new().text("room_id", "x")).await.error(), invalid("room_id"));
    assert_eq!(form(Form::new().text("colour", "x")).await.error(), invalid("colour"));
    assert_eq!(form(Form::new()).await.error().0, 400);
    assert_eq!(form(Form::new().part("file", Part::text("x"))).await.error(), invalid("file"));
    assert_eq!(
        form(Form::new().part("file", part("x\n1\n")).part("file", part("x\n1\n"))).await.error(),
        invalid("file")
    );
    let json = ada.post("/server/data/upload", json!({ "file": "x" })).await;
    assert_eq!(json.error(), invalid("Content-Type"));
    let cut = ada.ask(Method::POST, "/server/data/upload").header("Content-Type", "multipart/form-data; boundary=b");
    let cut = cut.body("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nx,y\n1,");
    assert_eq!(send(cut).await.error(), invalid("body"));
    let large = upload(&ada, "a.csv", "x\n".repeat(501)).await;
    assert_eq!((large.error().0, large.error().1), (413, "TOO_LARGE".to_owned()));
    assert_eq!(upload(&ada, "a.csv", "").await.error().0, 400);
    assert_eq!(upload(&ada, "a.parquet", "PAR1 but not really PAR1").await.error().0, 400);
    assert_eq!(upload(&ada, "a.json", "{\"a\": ").await.error().0, 400);
    assert_eq!(server.stranger().upload("/server/data/upload", "a.csv", CSV, None).await.error().0, 401);
    assert_eq!(left(&server), (0, 0));
    assert_eq!(ada.get("/server/data/list").await.data()["files"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn a_replacement_that_fails_leaves_the_old_version() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let file = upload(&ada, "a.csv", CSV).await.data();
    let path = format!("/server/data/{}/reupload", file["id"].as_str().unwrap());
    assert_eq!(ada.upload(&path, "a.csv", "", None).await.error().0, 400);
    assert_eq!(ada.get("/server/data/list").await.data()["files"], json!([file]));
    assert_eq!(left(&server), (0, 1));
    server.stop().await;
}

/// A name is a name, never a path.
#[tokio::test]
async fn a_name_is_no_path() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    for name in ["../../etc/passwd.csv", "C:\\data\\passwd.csv", "/passwd.csv"] {
        assert_eq!(upload(&ada, name, CSV).await.data()["name"], "passwd.csv");
    }
    server.stop().await;
}

/// One answers in full what is stored, the shapes of the contract.
#[tokio::test]
async fn what_is_answered_of_files() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let file = upload(&ada, "sales.csv", CSV).await.data();
    let expected = json!({
        "id": file["id"], "name": "sales.csv", "size": 40, "format": "csv", "version": 1,
        "created_at": file["created_at"],
        "datasets": [{ "name": "sales", "rows": 3, "columns": [
            { "name": "region", "type": "text", "nulls": 0, "distinct": 2, "min": "North", "max": "South",
                "top": ["North", "South"] },
            { "name": "sales", "type": "integer", "nulls": 0, "distinct": 3, "min": 10, "max": 30, "mean": 20.0,
                "top": [10, 20, 30] },
        ] }],
    });
    assert_eq!(file, expected);
    let path = format!("/server/data/{}", file["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await.data(), expected);
    assert_eq!(ada.get("/server/data/list").await.data(), json!({ "files": [expected], "more": false }));
    let usage = json!({ "files": 1, "files_max": 10_000, "bytes": 40, "bytes_max": 100_u64 << 30 });
    assert_eq!(ada.get("/server/data/usage").await.data(), usage);
    let linked = ada.post(&format!("/server/rooms/{room}/link-files"), json!({ "file_ids": [file["id"]] })).await;
    assert_eq!(linked.data(), json!({ "files": [expected], "more": false }));
    let sent = ada.post("/server/chat/messages", json!({ "room_id": room, "content": "hi" })).await.data();
    let page = ada.get(&format!("/server/get_history?room_id={room}&before=3&limit=1")).await.data();
    let metadata = &page["events"][0]["metadata"];
    let message = json!({ "events": [{ "type": "chat.message", "data": { "content": "hi" }, "metadata": {
        "room_id": room, "epoch": metadata["epoch"], "seq": 2, "event_id": sent["message_id"], "ts": metadata["ts"],
        "actor": { "kind": "user", "id": ada.id(), "name": "ada" },
    } }], "more": true });
    assert_eq!((&page, &sent["seq"]), (&message, &json!(2)));
    server.stop().await;
}

#[tokio::test]
async fn files_are_listed_in_pages_and_unlinked() {
    let server = Server::start().await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let room = ada.room().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let room = (n != 2).then_some(room.as_str());
        let file = ada.upload("/server/data/upload", &format!("f{n}.csv"), CSV, room).await.data();
        ids.insert(0, file["id"].clone());
    }
    let page = async |query: &str| {
        let data = ada.get(&format!("/server/data/list?{query}")).await.data();
        let ids: Vec<_> = data["files"].as_array().unwrap().iter().map(|file| file["id"].clone()).collect();
        (ids, data["more"].clone())
    };
    assert_eq!(page("limit=2").await, (ids[..2].to_vec(), json!(true)));
    let before = |n: usize| format!("limit=2&before={}", ids[n].as_str().unwrap());
    assert_eq!(page(&before(1)).await, (ids[2..4].to_vec(), json!(true)));
    assert_eq!(page(&before(3)).await, (ids[4..].to_vec(), json!(false)));
    let in_room = [&ids[3], &ids[4]].map(Clone::clone).to_vec();
    assert_eq!(page(&format!("room_id={room}&{}", before(1))).await, (in_room, json!(false)));
    for query in ["limit=0", "limit=1001"] {
        assert_eq!(ada.get(&format!("/server/data/list?{query}")).await.error().2, "limit");
    }
    // A guest looks at what is linked, as long as it is.
    let added = ada.call("room.add_member", json!({ "room_id": room, "email": "eve@example.com", "role": "viewer" }));
    let invitation = added.await.data()["invitation"]["invitation"].clone();
    let login = json!({ "email": "eve@example.com", "password": crate::server::PASSWORD, "invitation": invitation });
    eve.post("/server/auth/login", login).await.data();
    let look = async |n: usize| eve.get(&format!("/server/data/{}", ids[n].as_str().unwrap())).await.status;
    assert_eq!((look(0).await, look(2).await), (200, 404));
    let unlink = async |n: usize| {
        ada.post(&format!("/server/rooms/{room}/unlink-files"), json!({ "file_ids": [ids[n]] })).await.status
    };
    assert_eq!((unlink(0).await, unlink(0).await, look(0).await), (200, 404, 404));
    assert_eq!(eve.call("file.unlink", json!({ "room_id": room, "file_ids": [ids[1]] })).await.error().0, 403);
    assert_eq!(ada.events(&room).await.last().unwrap(), "file.unlinked");
    server.stop().await;
}

#[tokio::test]
async fn a_tenant_has_its_place_and_no_more_whoever_comes_at_once() {
    for url in [None, Some(crate::postgres::database().await)] {
        let server = Server::start_with(|config| {
            config.database_url = url;
            config.limits.tenant_files_max = 3;
            config.limits.tenant_bytes_max = 2_000;
        })
        .await;
        let ada = server.person("ada").await;
        let many = (0..8).map(|n| {
            let ada = &ada;
            async move { upload(ada, &format!("f{n}.csv"), CSV).await }
        });
        let answers = futures_util::future::join_all(many).await;
        let full: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
        assert_eq!(full.len(), 5, "{answers:?}");
        for answer in full {
            let details = json!({ "files": 3, "files_max": 3, "bytes": 120, "bytes_max": 2_000 });
            assert_eq!((answer.error().1.as_str(), &answer.json()["errors"][0]["details"]), ("TOO_LARGE", &details));
        }
        assert_eq!(left(&server), (0, 3));
        let listed = ada.get("/server/data/list").await.data();
        let path = format!("/server/data/{}", listed["files"][0]["id"].as_str().unwrap());
        let large = |bytes: usize| format!("a\n{}", "1\n".repeat((bytes - 2) / 2));
        let reupload = format!("{path}/reupload");
        assert_eq!(ada.upload(&reupload, "x.csv", large(1_000), None).await.status, 200);
        let over = ada.upload(&reupload, "x.csv", large(1_922), None).await;
        assert_eq!((over.status, &over.json()["errors"][0]["details"]["bytes_max"]), (413, &json!(2_000)));
        assert_eq!(ada.upload(&reupload, "x.csv", large(1_900), None).await.status, 200, "it gives its old place up");
        assert_eq!(ada.get("/server/data/usage").await.data()["bytes"], 1_900 + 2 * 40);
        ada.delete(&path).await.data();
        assert_eq!(upload(&ada, "again.csv", CSV).await.status, 200);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_tenants_own_place_is_in_its_row() {
    use sqlx::Connection;
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let url = format!("sqlite:{}", server.data_dir().join("data/vizroom.db").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("UPDATE tenants SET files_max = 1, file_bytes_max = 50").execute(&mut database).await.unwrap();
    assert_eq!(upload(&ada, "large.csv", CSV.repeat(2)).await.error().1, "TOO_LARGE");
    assert_eq!(upload(&ada, "a.csv", CSV).await.status, 200);
    assert_eq!(upload(&ada, "b.csv", "a\n1\n").await.error().1, "TOO_LARGE");
    let usage = json!({ "files": 1, "files_max": 1, "bytes": 40, "bytes_max": 50 });
    assert_eq!(ada.call("file.usage", json!({})).await.data(), usage);
    server.stop().await;
}

#[tokio::test]
async fn a_dashboard_says_that_its_data_is_another_by_now() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let file = ada.upload("/server/data/upload", "sales.csv", CSV, Some(&room)).await.data();
    let path = format!("/server/data/{}", file["id"].as_str().unwrap());
    let prompt = json!({ "room_id": room, "user_prompt": "sales by region" });
    assert_eq!(ada.post("/dashboard/generate/stream", prompt).await.status, 200);
    let listed = async || ada.call("dashboard.list", json!({ "room_id": room })).await.data()["dashboards"][0].clone();
    let id = listed().await["id"].clone();
    let stale = async || {
        let got = ada.call("dashboard.get", json!({ "dashboard_id": id })).await.data()["stale"].clone();
        assert_eq!(listed().await["stale"], got);
        got
    };
    assert_eq!(stale().await, false);
    let again = "region,sales\nWest,1\nEast,2\n";
    ada.upload(&format!("{path}/reupload"), "sales.csv", again, None).await.data();
    assert_eq!(ada.events(&room).await.last().unwrap(), "file.replaced");
    assert_eq!(stale().await, true);
    let filter = async || ada.call("dashboard.filter", json!({ "session_id": id, "filter_state": {} })).await.data();
    let run = filter().await;
    assert!(run["stale"] == false && run["cards"].to_string().contains("West"), "{run}");
    assert_eq!(stale().await, false);
    let (link, unlink) = (format!("/server/rooms/{room}/link-files"), format!("/server/rooms/{room}/unlink-files"));
    ada.post(&unlink, json!({ "file_ids": [file["id"]] })).await.data();
    ada.upload(&format!("{path}/reupload"), "sales.csv", "region,sales\nFar,1\nAway,2\n", None).await.data();
    let run = filter().await["cards"].to_string();
    assert!(run.contains("West") && !run.contains("Far"), "what is unlinked is not queried: {run}");
    ada.post(&link, json!({ "file_ids": [file["id"]] })).await.data();
    assert!(filter().await["cards"].to_string().contains("Far"));
    ada.delete(&path).await.data();
    assert_eq!(stale().await, true);
    let run = filter().await;
    assert!(run["cards"].to_string().contains("Far"), "the rows it has stay: {run}");
    assert_eq!(stale().await, true, "there is nothing new it could show");
    server.stop().await;
}

/// What is made of a dashboard shows what that shows: a copy, what is saved of a conversation, a panel added later.
#[tokio::test]
async fn what_is_made_of_old_data_says_so_too() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let file = ada.upload("/server/data/upload", "sales.csv", CSV, Some(&room)).await.data();
    let reupload = format!("/server/data/{}/reupload", file["id"].as_str().unwrap());
    let prompt = json!({ "room_id": room, "user_prompt": "sales by region" });
    assert_eq!(ada.post("/dashboard/generate/stream", prompt).await.status, 200);
    let id = ada.call("dashboard.list", json!({ "room_id": room })).await.data()["dashboards"][0]["id"].clone();
    let fresh = ada.call("dashboard.clone", json!({ "dashboard_id": id })).await.data();
    assert_eq!(fresh["stale"], false);
    let by_hand = ada.call("dashboard.create", json!({ "room_id": room, "title": "By hand" })).await.data();
    let add = json!({ "dashboard_id": by_hand["id"], "panel": { "prompt": "sales by region" } });
    ada.call("dashboard.add_panel", add.clone()).await.data();

    ada.upload(&reupload, "sales.csv", "region,sales\nWest,1\nEast,2\n", None).await.data();
    let late = ada.call("dashboard.clone", json!({ "dashboard_id": id })).await.data();
    assert_eq!(late["stale"], true, "a copy of what is stale is");
    let saved = ada.call("dashboard.save", json!({ "room_id": room, "title": "Saved" })).await.data();
    let stale =
        async |of: &Value| ada.call("dashboard.get", json!({ "dashboard_id": of["id"] })).await.data()["stale"] == true;
    for (of, what) in [(&fresh, "copied before"), (&late, "copied since"), (&saved, "saved"), (&by_hand, "by hand")] {
        assert!(stale(of).await, "{what}");
    }
    ada.call("dashboard.add_panel", add).await.data();
    assert!(stale(&by_hand).await, "its first panel still shows what was");
    for of in [&fresh, &late, &saved, &by_hand] {
        ada.call("dashboard.start", json!({ "dashboard_id": of["id"] })).await.data();
        assert!(!stale(of).await, "{of}");
    }
    server.stop().await;
}
