//! Files as they were uploaded: to the byte, in part, and to nobody who may not see them.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::server::{Person, Server, send};
use crate::uploads::files_below;

const CSV: &str = "region,sales\nNorth,10\nSouth,20\n";

/// An answer whose body need not be text.
struct Bytes {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Bytes {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

async fn fetch(person: &Person, path: &str, headers: &[(&str, &str)]) -> Bytes {
    let request =
        headers.iter().fold(person.ask(Method::GET, path), |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Bytes { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

fn download(file: &Value) -> String {
    format!("/server/data/{}/download", file["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_whatever_it_is_called() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(CSV.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let names = ["sales.csv", "a b; c=d.csv", "Umsätze – 売上.csv", "50% (draft).csv", "x.html"];
    for (name, bytes) in names.map(|name| (name, CSV.as_bytes())).into_iter().chain([("sales.csv.gz", &packed[..])]) {
        let file = ada.upload("/server/data/upload", name, bytes, None).await.data();
        let whole = fetch(&ada, &download(&file), &[("accept-encoding", "gzip")]).await;
        assert_eq!((whole.status, &whole.body[..]), (200, bytes), "{name}");
        assert_eq!(whole.header("content-length"), bytes.len().to_string());
        assert_eq!(whole.header("content-type"), "application/octet-stream");
        assert_eq!((whole.header("accept-ranges"), whole.header("content-encoding")), ("bytes", ""));
        assert_eq!(whole.header("x-content-type-options"), "nosniff");
        assert!(whole.header("content-security-policy").contains("sandbox"));
        let saved = whole.header("content-disposition");
        let (_, full) = saved.split_once("; filename*=UTF-8''").unwrap();
        assert!(saved.starts_with("attachment; filename=\"") && saved.is_ascii(), "{saved}");
        assert_eq!(unescaped(full), name);
    }
    server.stop().await;
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn parts_and_what_is_known_already() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let file = ada.upload("/server/data/upload", "sales.csv", CSV, None).await.data();
    let path = download(&file);
    let tag = fetch(&ada, &path, &[]).await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let size = CSV.len();
    let ranges = [("bytes=0-5", 0..6), ("bytes=7-", 7..size), ("bytes=-4", size - 4..size), ("bytes=30-999", 30..size)];
    for (range, part) in ranges {
        let some = fetch(&ada, &path, &[("range", range)]).await;
        assert_eq!((some.status, &some.body[..]), (206, &CSV.as_bytes()[part.clone()]), "{range}");
        let place = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        assert_eq!((some.header("content-range"), some.header("etag")), (&place[..], &tag[..]));
        assert_eq!(some.header("content-length"), part.len().to_string());
    }
    for range in ["bytes=999-", "bytes=-0"] {
        let none = fetch(&ada, &path, &[("range", range)]).await;
        assert_eq!((none.status, none.header("content-range")), (416, &format!("bytes */{size}")[..]), "{range}");
    }
    for range in ["bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=x"] {
        assert_eq!(fetch(&ada, &path, &[("range", range)]).await.status, 200, "{range}");
    }
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
        let same = fetch(&ada, &path, &[("if-none-match", &known), ("range", "bytes=0-1")]).await;
        assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, &tag[..]), "{known}");
    }
    assert_eq!(fetch(&ada, &path, &[("if-none-match", "\"x\"")]).await.status, 200);
    let head = send(ada.ask(Method::HEAD, &path)).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", &tag[..]));
    assert_eq!(head.header("content-length"), size.to_string());

    // Who has a part of what has been replaced meanwhile gets all of the new one.
    assert_eq!(fetch(&ada, &path, &[("range", "bytes=0-1"), ("if-range", &tag)]).await.status, 206);
    let newer = format!("{CSV}West,30\n");
    let reupload = format!("/server/data/{}/reupload", file["id"].as_str().unwrap());
    ada.upload(&reupload, "sales.csv", newer.clone(), None).await.data();
    for stale in [&tag[..], "Wed, 21 Oct 2026 07:28:00 GMT", "W/\"x\""] {
        let whole = fetch(&ada, &path, &[("range", "bytes=0-1"), ("if-range", stale)]).await;
        assert_eq!((whole.status, &whole.body[..]), (200, newer.as_bytes()), "{stale}");
        assert_ne!(whole.header("etag"), tag);
    }
    assert_eq!(fetch(&ada, &path, &[("if-none-match", &tag)]).await.status, 200);
    // Of each file there is what it is now, beside its one dataset, and nothing when it is gone.
    let kept = || files_below(&server.data_dir().join("data/files"));
    assert_eq!(kept(), 2);
    ada.delete(&format!("/server/data/{}", file["id"].as_str().unwrap())).await.data();
    assert_eq!((kept(), fetch(&ada, &path, &[]).await.status), (0, 404));
    server.stop().await;
}

#[tokio::test]
async fn who_may_see_a_file_may_have_it() {
    let server = Server::start().await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let room = ada.room().await;
    let file = ada.upload("/server/data/upload", "sales.csv", CSV, Some(&room)).await.data();
    let path = download(&file);
    let status = async |person: &Person| fetch(person, &path, &[]).await.status;
    assert_eq!((status(&server.stranger()).await, status(&eve).await), (401, 404));
    let invitation = ada.call("account.invite", json!({})).await.data();
    let colleague = server.invited("col", invitation["invitation"].as_str()).await;
    assert_eq!(status(&colleague).await, 200, "files are the tenant's");
    let body = json!({ "email": "gus@example.com", "role": "viewer" });
    let invited = ada.post(&format!("/server/rooms/{room}/members"), body).await.data();
    let guest = server.invited("gus", invited["invitation"]["invitation"].as_str()).await;
    assert_eq!(status(&guest).await, 200, "it is linked to a room of theirs");
    for (scope, expected) in [("read", 200), ("write", 403), ("admin", 403)] {
        let made = ada.call("key.create", json!({ "name": "x", "scopes": [scope] })).await.data();
        let program = Person { tokens: json!({ "access_token": made["key"] }), ..ada.clone() };
        assert_eq!(status(&program).await, expected, "a key that may {scope}");
    }
    ada.post(&format!("/server/rooms/{room}/unlink-files"), json!({ "file_ids": [file["id"]] })).await.data();
    assert_eq!((status(&guest).await, status(&colleague).await), (404, 200));
    assert_eq!(ada.get("/server/data/x/download").await.error(), (400, "INVALID_REQUEST".into(), "file_id".into()));
    server.stop().await;
}

/// What came in pieces is one file; and a large one is not held in memory, so it can be taken up where it was cut.
#[tokio::test]
async fn what_came_in_pieces_goes_out_in_pieces() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let mut csv = String::from("n,square\n");
    for n in 0_u64..200_000 {
        csv.push_str(&format!("{n},{}\n", n * n));
    }
    let tus = |method: &str, path: &str| ada.ask(method.parse().unwrap(), path).header("Tus-Resumable", "1.0.0");
    let begin = tus("POST", "/server/data/tus").header("Upload-Length", csv.len());
    let begun = send(begin.header("Upload-Metadata", format!("filename {}", STANDARD.encode("squares.csv")))).await;
    let place = begun.header("location").to_owned();
    for (offset, piece) in [(0, &csv[..1_000_000]), (1_000_000, &csv[1_000_000..])] {
        let request = tus("PATCH", &place).header("Content-Type", "application/offset+octet-stream");
        assert_eq!(send(request.header("Upload-Offset", offset).body(piece.to_owned())).await.status, 204);
    }
    let file = send(tus("GET", &place)).await.data()["file"].clone();
    let path = download(&file);
    let mut got = Vec::new();
    while got.len() < csv.len() {
        let range = format!("bytes={}-{}", got.len(), got.len() + 777_776);
        let part = fetch(&ada, &path, &[("range", &range)]).await;
        assert_eq!(part.status, 206);
        got.extend(part.body);
    }
    assert!(got == csv.as_bytes(), "the parts are the whole");
    server.stop().await;
}
