//! `dashboard.ready`, to a real HTTP server.

use std::sync::{Arc, Mutex};

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::generation::ORDERS;
use crate::program::Program;
use crate::server::{Person, Server, send};

const SECRET: &str = "0123456789abcdef";

/// A request as it arrived.
struct Arrived {
    headers: HeaderMap,
    body: String,
}

/// Answers each request with the next of these statuses, the last one again and again.
async fn listen(statuses: &'static [&'static str]) -> (String, mpsc::UnboundedReceiver<Arrived>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let asked = Arc::new(Mutex::new(0));
        while let Ok((mut socket, _)) = listener.accept().await {
            let (sender, asked) = (sender.clone(), asked.clone());
            tokio::spawn(async move {
                let arrived = read(&mut socket).await;
                let status = {
                    let mut asked = asked.lock().unwrap();
                    *asked += 1;
                    statuses[(*asked - 1).min(statuses.len() - 1)]
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                socket.write_all(answer.as_bytes()).await.unwrap();
                let _ = sender.send(arrived);
            });
        }
    });
    (url, receiver)
}

/// One request.
async fn read(socket: &mut TcpStream) -> Arrived {
    try_read(socket).await.expect("the request is whole")
}

/// The same; None if it is cut off.
async fn try_read(socket: &mut TcpStream) -> Option<Arrived> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = socket.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
        if let Some(arrived) = parsed(&bytes) {
            return Some(arrived);
        }
    }
}

fn parsed(bytes: &[u8]) -> Option<Arrived> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let headers: HeaderMap = head
        .lines()
        .skip(1)
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
    (body.len() == length).then(|| Arrived { headers, body: body.to_owned() })
}

async fn ask(person: &Person, url: &str) -> Value {
    let body = json!({"prompt": "revenue by region", "callback_url": url, "callback_secret": SECRET});
    person.post("/api/v1/sdk/process", body).await.data()
}

async fn orders(server: &Server) -> Person {
    let ada = server.person("ada").await;
    ada.upload("/server/data/upload", "orders.csv", ORDERS, None).await.data();
    ada
}

/// What any receiver does with a signature.
fn signed(arrived: &Arrived) -> bool {
    use hmac::Mac;
    let header = |name: &str| arrived.headers[name].to_str().unwrap().to_owned();
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.{}.{}", header("x-vizroom-timestamp"), header("x-vizroom-id"), arrived.body).as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    header("x-vizroom-signature") == format!("v1={hex}")
}

#[tokio::test]
async fn a_callback_is_signed_and_tried_until_it_is_taken() {
    let server = Server::start_with(|config| {
        config.callbacks.allow_private = true;
        config.callbacks.retry_ms = 10;
    })
    .await;
    let ada = orders(&server).await;
    let (url, mut arrivals) = listen(&["503 no", "302 elsewhere", "200 ok"]).await;
    let done = ask(&ada, &url).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let arrived = arrivals.recv().await.unwrap();
        assert!(signed(&arrived));
        let body: Value = serde_json::from_str(&arrived.body).unwrap();
        assert_eq!((&body["type"], &body["data"]["dashboard_id"]), (&json!("dashboard.ready"), &done["session_id"]));
        assert_eq!((&body["data"]["status"], &body["data"]["run_id"]), (&json!("completed"), &done["run_id"]));
        ids.push(arrived.headers["x-vizroom-id"].clone());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // The next one comes alone: what was taken is not told again.
    let (other, mut others) = listen(&["204 ok"]).await;
    ask(&ada, &other).await;
    others.recv().await.unwrap();
    assert!(arrivals.try_recv().is_err());
    server.stop().await;
}

#[tokio::test]
async fn a_callback_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_owned();
    let configured = |retry_ms: i64| {
        let data_dir = data_dir.clone();
        move |config: &mut vizroom::config::Config| {
            config.data_dir = data_dir;
            (config.callbacks.allow_private, config.callbacks.retry_ms) = (true, retry_ms);
        }
    };
    let first = Server::start_with(configured(1)).await;
    let ada = orders(&first).await;
    let (url, mut arrivals) = listen(&["500 no", "500 no", "500 no", "500 no", "200 ok"]).await;
    ask(&ada, &url).await;
    let before = arrivals.recv().await.unwrap().headers["x-vizroom-id"].clone();
    first.stop().await;
    let second = Server::start_with(configured(1)).await;
    assert_eq!(arrivals.recv().await.unwrap().headers["x-vizroom-id"], before);
    second.stop().await;
}

#[tokio::test]
async fn only_public_addresses_are_told() {
    let server = Server::start().await;
    let ada = orders(&server).await;
    let refused = async |url: &str, secret: Option<&str>| {
        let body = json!({"user_prompt": "x", "callback_url": url, "callback_secret": secret});
        ada.call("dashboard.generate", body).await.error()
    };
    for url in [
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "ftp://example.com/",
        "http://me:you@example.com/",
        "nonsense",
        "file:///etc/passwd",
    ] {
        assert_eq!(refused(url, Some(SECRET)).await, (400, "INVALID_REQUEST".into(), "callback_url".into()), "{url}");
    }
    let short = refused("https://example.com/", Some("short")).await;
    assert_eq!(short, (400, "INVALID_REQUEST".into(), "callback_secret".into()));
    assert_eq!(refused("https://example.com/", None).await.2, "callback_secret");
    server.stop().await;
}

/// A name that leads to this very machine is only found out when it is looked up: nobody is told then.
#[tokio::test]
async fn a_name_does_not_hide_a_private_address() {
    let server = Server::start_with(|config| config.callbacks.retry_ms = 0).await;
    let ada = orders(&server).await;
    let (url, mut arrivals) = listen(&["200 ok"]).await;
    ask(&ada, &url.replace("127.0.0.1", "localhost")).await;
    // All eight tries are over when the callback is given up: only then is the store without one that is due.
    let database = format!("sqlite:{}", server.data_dir().join("data/vizroom.db").display());
    let store = vizroom::store::Store::open(&database).await.unwrap();
    for tries in 0.. {
        assert!(tries < 5_000, "it is never given up");
        if store.callback_due().await.unwrap().is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(arrivals.try_recv().is_err());
    server.stop().await;
}

/// A tenant's own secret signs where a request brings none; nobody sees it again.
#[tokio::test]
async fn a_tenant_has_a_secret_of_its_own() {
    let server = Server::start_with(|config| config.callbacks.allow_private = true).await;
    let ada = orders(&server).await;
    let (url, mut arrivals) = listen(&["200 ok"]).await;
    let without = json!({"prompt": "revenue by region", "callback_url": url});
    let refused = ada.post("/api/v1/sdk/process", without.clone()).await;
    assert_eq!(refused.error(), (400, "INVALID_REQUEST".into(), "callback_secret".into()));
    let set = async |person: &Person, body: Value| {
        send(person.ask(reqwest::Method::PUT, "/server/callbacks/secret").json(&body)).await
    };
    assert_eq!(ada.get("/server/callbacks").await.data(), json!({"has_secret": false}));
    for wrong in [json!({"secret": "short"}), json!({"secret": "x".repeat(201)}), json!({}), json!({"secret": 1})] {
        assert_eq!(set(&ada, wrong.clone()).await.error().0, 400, "{wrong}");
    }
    let told = set(&ada, json!({"secret": SECRET})).await;
    assert!(!told.text.contains(SECRET));
    let told = told.data();
    assert!(told["has_secret"] == true && told["set_at"].is_string(), "{told}");
    assert_eq!(ada.get("/server/callbacks").await.data(), told);
    ada.post("/api/v1/sdk/process", without.clone()).await.data();
    assert!(signed(&arrivals.recv().await.unwrap()));
    // A request's own goes first.
    let own = json!({"prompt": "revenue by region", "callback_url": url, "callback_secret": "another secret of 16"});
    ada.post("/api/v1/sdk/process", own).await.data();
    assert!(!signed(&arrivals.recv().await.unwrap()));

    let invited = ada.call("account.invite", json!({})).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;
    assert_eq!(set(&bob, json!({"secret": null})).await.error().1, "FORBIDDEN", "it is the owner's to say");
    assert_eq!(bob.get("/server/callbacks").await.data()["has_secret"], true);
    assert_eq!(server.person("eve").await.get("/server/callbacks").await.data(), json!({"has_secret": false}));
    assert_eq!(set(&ada, json!({"secret": null})).await.data(), json!({"has_secret": false}));
    assert_eq!(ada.post("/api/v1/sdk/process", without).await.error().2, "callback_secret");
    server.stop().await;
}

/// A process dies while it waits for the answer: whoever comes next makes that try again, when its time is over.
#[tokio::test]
async fn a_try_whose_process_was_killed_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let start = |listen: &str| {
        Program::start_with(folder.path(), listen, "", |command| {
            command.env("VIZROOM_CALLBACKS__ALLOW_PRIVATE", "true").env("VIZROOM_CALLBACKS__TIMEOUT_MS", "2000");
        })
    };
    // It hears the first request, and never answers it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let mut first = start("127.0.0.1:0");
    let ada = first.stranger().registered("ada", None).await;
    ada.upload("/server/data/upload", "orders.csv", ORDERS, None).await.data();
    let done = ask(&ada, &url).await;
    let (mut held, heard) = (listener.accept().await.unwrap().0, std::time::Instant::now());
    let before = read(&mut held).await;
    first.kill();
    drop(held);

    let mut second = start("127.0.0.1:0");
    let again = tokio::time::timeout(std::time::Duration::from_secs(40), async {
        loop {
            let mut socket = listener.accept().await.unwrap().0;
            // One that was on its way when the first was killed says nothing any more.
            if let Some(arrived) = try_read(&mut socket).await {
                return (socket, arrived);
            }
        }
    });
    let (mut socket, arrived) = again.await.expect("somebody comes again");
    assert!(heard.elapsed() >= std::time::Duration::from_millis(5_000), "too early: {:?}", heard.elapsed());
    assert_eq!(arrived.headers["x-vizroom-id"], before.headers["x-vizroom-id"], "the same one");
    assert!(signed(&arrived) && arrived.body == before.body);
    assert!(arrived.body.contains(done["session_id"].as_str().unwrap()));
    socket.write_all(b"HTTP/1.1 204 ok\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    second.terminate();
    second.child.wait().unwrap();
    // It was taken: there is nothing left to tell.
    let store =
        vizroom::store::Store::open(&format!("sqlite:{}", folder.path().join("vizroom.db").display())).await.unwrap();
    assert_eq!(store.callback_due().await.unwrap(), None);
}
