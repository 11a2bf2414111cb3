//! Uploads in pieces, to the letter of the protocol. (A client that others wrote, through cuts and a killed server:
//! `node tests/tus/resume.mjs`.)

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sha1::{Digest, Sha1};

use crate::server::{Answer, Person, Server, send};
use crate::uploads::files_below;

const CSV: &str = "region,sales\nNorth,10\nSouth,20\nNorth,30\n";
const TUS: &str = "/server/data/tus";

fn ask(person: &Person, method: &str, path: &str) -> RequestBuilder {
    person.ask(method.parse().unwrap(), path).header("Tus-Resumable", "1.0.0")
}

fn metadata(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).collect::<Vec<_>>().join(",")
}

async fn begin(person: &Person, length: usize, pairs: &[(&str, &str)]) -> Answer {
    let request = ask(person, "POST", TUS).header("Upload-Length", length).header("Upload-Metadata", metadata(pairs));
    send(request).await
}

fn piece(person: &Person, place: &str, offset: usize, bytes: &str) -> RequestBuilder {
    let request = ask(person, "PATCH", place).header("Content-Type", "application/offset+octet-stream");
    request.header("Upload-Offset", offset).body(bytes.to_owned())
}

/// Status and `Upload-Offset`.
fn at(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.header("tus-resumable"), "1.0.0", "{answer:?}");
    (answer.status, answer.header("upload-offset"))
}

fn parts(server: &Server) -> usize {
    files_below(&server.data_dir().join("data/uploads"))
}

#[tokio::test]
async fn pieces_become_a_file() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let offer = send(server.stranger().ask(Method::OPTIONS, TUS)).await;
    assert_eq!((offer.status, offer.header("tus-version")), (204, "1.0.0"));
    assert_eq!(offer.header("tus-extension"), "creation,creation-with-upload,expiration,termination,checksum");
    let begun = begin(&ada, CSV.len(), &[("filename", "sales.csv"), ("room_id", &room)]).await;
    assert_eq!(at(&begun), (201, "0"));
    let place = begun.header("location").to_owned();
    assert!(begun.header("upload-expires").ends_with(" GMT"));
    assert_eq!(at(&send(piece(&ada, &place, 0, &CSV[..10])).await), (204, "10"));
    let look = async || send(ask(&ada, "HEAD", &place)).await;
    let seen = look().await;
    assert_eq!((at(&seen), seen.header("upload-length")), ((200, "10"), "40"));
    assert_eq!(seen.header("cache-control"), "no-store");
    let usage = ada.get("/server/data/usage").await.data();
    assert_eq!((&usage["files"], &usage["bytes"]), (&json!(1), &json!(40)), "what has begun has its place");
    // The rest, with a checksum that is wrong, then right.
    let sum = |text: &str| format!("sha1 {}", STANDARD.encode(Sha1::digest(text)));
    let wrong = send(piece(&ada, &place, 10, &CSV[10..]).header("Upload-Checksum", sum("x"))).await;
    assert_eq!((wrong.status, wrong.error().2.as_str()), (460, "Upload-Checksum"));
    assert_eq!(at(&look().await), (200, "10"));
    let last = send(piece(&ada, &place, 10, &CSV[10..]).header("Upload-Checksum", sum(&CSV[10..]))).await;
    assert_eq!(at(&last), (204, "40"));
    let status = send(ask(&ada, "GET", &place)).await.data();
    assert_eq!((&status["stage"], &status["file"]["datasets"][0]["rows"]), (&json!("done"), &json!(3)));
    assert_eq!(ada.call("file.upload", json!({ "upload_id": status["id"] })).await.data(), status);
    assert_eq!(at(&look().await), (200, "40"));
    assert_eq!(at(&send(piece(&ada, &place, 40, "")).await), (204, "40"), "again is as once");
    assert_eq!((parts(&server), ada.events(&room).await), (0, vec!["file.linked".to_owned()]));
    let usage = ada.get("/server/data/usage").await.data();
    assert_eq!((&usage["files"], &usage["bytes"]), (&json!(1), &json!(40)), "it is counted once");
    // Its next version, in one request, by a client that knows only POST.
    let id = status["file"]["id"].as_str().unwrap();
    let begun = begin(&ada, 8, &[("filename", "x.csv"), ("file_id", id)]).await;
    let patch = ask(&ada, "POST", begun.header("location")).header("X-HTTP-Method-Override", "PATCH");
    let patch = patch.header("Content-Type", "application/offset+octet-stream").header("Upload-Offset", 0);
    assert_eq!(at(&send(patch.body("a,b\n1,2\n")).await), (204, "8"));
    assert_eq!(ada.get(&format!("/server/data/{id}")).await.data()["version"], 2);
    server.stop().await;
}

#[tokio::test]
async fn what_is_refused_and_leaves_nothing() {
    let server = Server::start_with(|config| {
        config.limits.upload_bytes_max = 1_000;
        config.limits.uploads_open_max = 2;
    })
    .await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let name = [("filename", "a.csv")];
    let room = ada.room().await;
    assert_eq!(begin(&server.stranger(), 9, &name).await.status, 401);
    assert_eq!(begin(&eve, 9, &[("filename", "a.csv"), ("room_id", &room)]).await.error().0, 404);
    assert_eq!(begin(&ada, 1_001, &name).await.error().1, "TOO_LARGE");
    assert_eq!(begin(&ada, 0, &name).await.error().2, "file");
    assert_eq!(begin(&ada, 9, &[]).await.error().2, "file");
    let old = ada.ask(Method::POST, TUS).header("Tus-Resumable", "0.2.2").header("Upload-Length", 9);
    let old = send(old).await;
    assert_eq!((old.status, old.header("tus-version")), (412, "1.0.0"));
    let without = send(ask(&ada, "POST", TUS).header("Upload-Metadata", metadata(&name))).await;
    assert_eq!(without.error().2, "upload-length");
    let place = begin(&ada, 20, &name).await.header("location").to_owned();
    for method in ["HEAD", "PATCH", "DELETE"] {
        let foreign = ask(&eve, method, &place).header("Content-Type", "application/offset+octet-stream");
        assert_eq!(send(foreign.header("Upload-Offset", 0)).await.status, 404, "{method}");
    }
    let id = place.rsplit('/').next().unwrap();
    assert_eq!(eve.call("file.upload", json!({ "upload_id": id })).await.error().0, 404);
    let plain = ask(&ada, "PATCH", &place).header("Content-Type", "text/plain").header("Upload-Offset", 0);
    assert_eq!(send(plain.body("x")).await.status, 415);
    assert_eq!(send(piece(&ada, &place, 1, "x")).await.error().0, 409);
    let long = send(piece(&ada, &place, 0, &"x".repeat(21))).await;
    assert_eq!((long.status, long.error().1.as_str()), (413, "TOO_LARGE"));
    begin(&ada, 9, &name).await;
    let third = begin(&ada, 9, &name).await;
    assert_eq!((third.error().0, third.error().1), (413, "TOO_LARGE".to_owned()), "two at a time");
    assert_eq!(parts(&server), 2);
    assert_eq!(send(ask(&ada, "DELETE", &place)).await.status, 204);
    assert_eq!(send(ask(&ada, "HEAD", &place)).await.status, 404);
    assert_eq!(parts(&server), 1);
    // No data: said at once, and again to whoever asks.
    let text = "PAR1 but not PAR1";
    let bad = begin(&ada, text.len(), &[("filename", "a.parquet")]).await.header("location").to_owned();
    assert_eq!(send(piece(&ada, &bad, 0, text)).await.error(), (400, "INVALID_REQUEST".into(), "file".into()));
    let status = send(ask(&ada, "GET", &bad)).await.data();
    assert_eq!((&status["stage"], &status["error"]["field"]), (&json!("failed"), &json!("file")));
    assert_eq!((parts(&server), &ada.get("/server/data/usage").await.data()["files"]), (1, &json!(1)));
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_finished_in_time_is_forgotten() {
    let server = Server::start_with(|config| config.limits.upload_open_ms_max = 60_000).await;
    let ada = server.person("ada").await;
    let place = begin(&ada, 9, &[("filename", "a.csv")]).await.header("location").to_owned();
    assert_eq!(at(&send(piece(&ada, &place, 0, "a\n")).await), (204, "2"));
    server.clock.advance(61_000);
    assert_eq!(send(ask(&ada, "HEAD", &place)).await.status, 404);
    server.stop().await;
}

/// The process ends between two pieces, and between the last one and its reading.
#[tokio::test]
async fn a_restart_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let start = || Server::start_with(|config| config.data_dir = dir.path().to_owned());
    let server = start().await;
    let mut ada = server.person("ada").await;
    let cut = begin(&ada, CSV.len(), &[("filename", "cut.csv")]).await.header("location").to_owned();
    assert_eq!(at(&send(piece(&ada, &cut, 0, &CSV[..20])).await), (204, "20"));
    let whole = begin(&ada, CSV.len(), &[("filename", "whole.csv")]).await.header("location").to_owned();
    server.stop().await;
    let name = whole.rsplit('/').next().unwrap();
    std::fs::write(dir.path().join("uploads").join(name), CSV).unwrap();
    std::fs::write(dir.path().join("uploads/nobodys"), "x").unwrap();
    let server = start().await;
    ada.moved_to(&server);
    assert_eq!(at(&send(ask(&ada, "HEAD", &cut)).await), (200, "20"));
    assert_eq!(at(&send(piece(&ada, &cut, 20, &CSV[20..])).await), (204, "40"));
    // The last piece of what is being read waits for what becomes of it.
    assert_eq!(at(&send(piece(&ada, &whole, CSV.len(), "")).await), (204, "40"));
    let listed = ada.get("/server/data/list").await.data();
    let mut names: Vec<_> = listed["files"].as_array().unwrap().iter().map(|file| file["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["cut.csv", "whole.csv"]);
    assert_eq!(files_below(&dir.path().join("uploads")), 0);
    server.stop().await;
}
