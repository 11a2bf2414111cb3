//! Uploads: good ones become datasets, bad ones leave nothing behind.

use std::path::Path;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::server::{Person, Server, send};

const CSV: &str = "region,sales\nNorth,10\nSouth,20\nNorth,30\n";

pub fn files_below(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

/// Files in the spool and in the object store.
fn left(server: &Server) -> (usize, usize) {
    let data = server.data_dir().join("data");
    (files_below(&data.join("spool")), files_below(&data.join("files")))
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
