//! What the server says of its own interface.

use std::path::Path;
use std::process::Command;

use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use serde_json::json;

use crate::server::{Server, send};

#[tokio::test]
async fn the_documents_are_served() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let openapi = stranger.get("/openapi.json").await.json();
    assert_eq!(openapi["openapi"], "3.1.0");
    let create = &openapi["paths"]["/server/rooms/create"]["post"];
    assert_eq!(create["requestBody"]["content"]["application/json"]["example"], json!({ "name": "Sales" }));
    assert_eq!(create["responses"]["404"]["$ref"], "#/components/responses/NotFound");
    assert_eq!(openapi["paths"]["/server/auth/login"]["post"]["security"], json!([]), "who signs in has no token yet");
    let asyncapi = stranger.get("/asyncapi.json").await.json();
    assert_eq!(asyncapi["operations"]["room.join"]["action"], "receive");
    assert_eq!(asyncapi["operations"]["tell.chat.message"]["action"], "send");
    server.stop().await;
}

/// An example is one that works: each of an operation's that needs nothing else is sent as it stands.
#[tokio::test]
async fn examples_are_accepted() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let openapi = stranger.get("/openapi.json").await.json();
    let example =
        |path: &str| openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"].clone();
    let registered = stranger.post("/server/auth/register", example("/server/auth/register")).await.data();
    stranger.post("/server/auth/login", example("/server/auth/login")).await.data();
    let mut ada = server.stranger();
    ada.tokens = registered;
    ada.post("/server/rooms/create", example("/server/rooms/create")).await.data();
    ada.post("/server/auth/invitations", example("/server/auth/invitations")).await.data();
    server.stop().await;
}

#[tokio::test]
async fn the_pages_are_packed_and_guarded() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for path in ["/docs", "/redoc", "/asyncapi"] {
        let page = stranger.get(path).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"), "{path}");
        assert!(!page.text.contains("://"), "{path} loads nothing from elsewhere");
        let file = format!("{path}/{}", script(&page.text));
        let packed = send(stranger.ask(Method::GET, &file).header(ACCEPT_ENCODING, "br, gzip")).await;
        let plain = send(stranger.ask(Method::GET, &file).header(ACCEPT_ENCODING, "gzip;q=0")).await;
        assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("gzip", "accept-encoding"), "{file}");
        assert_eq!(packed.header("content-type"), "text/javascript; charset=utf-8");
        assert!(plain.headers.get("content-encoding").is_none() && !plain.text.is_empty(), "{file}");
        let known = send(stranger.ask(Method::GET, &file).header(IF_NONE_MATCH, plain.header("etag"))).await;
        assert_eq!((known.status, known.text.as_str()), (304, ""));
        assert_eq!(stranger.get(&format!("{path}/none.js")).await.status, 404);
    }
    server.stop().await;
}

/// The name of a page's first script.
fn script(html: &str) -> &str {
    let (_, rest) = html.split_once("<script ").unwrap();
    let (_, rest) = rest.split_once("src=\"").unwrap();
    rest.split('"').next().and_then(|path| path.rsplit('/').next()).unwrap()
}

/// Every request of the reference, as curl sends it, to a server that the script starts, and to one that runs.
#[tokio::test(flavor = "multi_thread")]
async fn the_curl_examples_work() {
    let server = Server::start().await;
    for url in [None, Some(server.url.clone())] {
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/curl/run.sh"));
        command.env("VIZROOM_BIN", env!("CARGO_BIN_EXE_vizroom")).args(url);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let (said, wrong) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        let whole = said.trim_end().ends_with("requests were answered as the reference says");
        assert!(run.status.success() && whole, "{said}\n{wrong}");
    }
    server.stop().await;
}

/// No route is served that is not described, and none described that is not served.
#[tokio::test]
async fn what_is_described_is_served() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let openapi = ada.get("/openapi.json").await.json();
    for (path, methods) in openapi["paths"].as_object().unwrap() {
        let methods: Vec<&String> = methods.as_object().unwrap().keys().collect();
        if methods.iter().any(|method| *method == "options") {
            continue;
        }
        let concrete =
            path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        let refused = send(ada.ask(Method::OPTIONS, &concrete)).await;
        let allowed = refused.header("allow").to_lowercase();
        let mut allowed: Vec<&str> = allowed.split(", ").collect();
        allowed.sort_unstable();
        assert_eq!((refused.status, allowed), (405, methods.iter().map(|m| m.as_str()).collect::<Vec<_>>()), "{path}");
    }
    server.stop().await;
}
