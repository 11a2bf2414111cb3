//! A whole server on a free port with a fresh data folder, and people who use it over HTTP.

use std::path::Path;

use reqwest::Method;
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vizroom::clock::Clock;
use vizroom::config::Config;
use vizroom::files::Hold;
use vizroom::limits::Tier;

pub struct Server {
    pub url: String,
    /// The server's; tests move it.
    pub clock: Clock,
    dir: TempDir,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server configured by `change`.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: dir.path().join("data"), ..Config::default() };
        // Who tests makes more requests than a person; tests of the limits set their own.
        config.default_tier = "unlimited".into();
        config.tiers.insert("anonymous".into(), Tier::default());
        change(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let (stopped, clock) = (stop.clone(), Clock::default());
        let hold = Hold::take(&config.data_dir).unwrap();
        let server = vizroom::server::run(hold, listener, config, clock.clone(), stopped);
        let running = tokio::spawn(async move { server.await.unwrap() });
        Self { url, clock, dir, stop, running }
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// Stops it and waits for it.
    pub async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }

    /// Somebody without a credential.
    pub fn stranger(&self) -> Person {
        Person::at(&self.url)
    }

    /// Somebody who has registered as `{name}@example.com`, in a tenant of their own.
    pub async fn person(&self, name: &str) -> Person {
        self.invited(name, None).await
    }

    /// Somebody who has registered with an invitation.
    pub async fn invited(&self, name: &str, invitation: Option<&str>) -> Person {
        self.stranger().registered(name, invitation).await
    }
}

pub const PASSWORD: &str = "correct horse battery";

#[derive(Clone)]
pub struct Person {
    /// Of the server that they talk to.
    pub url: String,
    pub http: reqwest::Client,
    /// What registering answered.
    pub tokens: Value,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What the envelope of a success holds.
    pub fn data(&self) -> Value {
        let json = self.json();
        assert_eq!((self.status, &json["success"]), (200, &json!(true)), "{json}");
        assert!(json["execution_time_ms"].is_number() && json["errors"] == json!([]), "{json}");
        json["data"].clone()
    }

    /// Status, code and field of a failure.
    pub fn error(&self) -> (u16, String, String) {
        let json = self.json();
        assert_eq!((&json["success"], &json["data"]), (&json!(false), &Value::Null), "{json}");
        let error = &json["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (self.status, text(&error["code"]), text(&error["field"]))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Person {
    /// Somebody without a credential, at the server with this address.
    pub fn at(url: &str) -> Self {
        // Where the server is another process, nobody else does.
        vizroom::auth::crypto::install();
        Self { url: url.to_owned(), http: reqwest::Client::new(), tokens: Value::Null }
    }

    /// Registers as `{name}@example.com`.
    pub async fn registered(mut self, name: &str, invitation: Option<&str>) -> Self {
        let body = json!({
            "email": format!("{name}@example.com"), "password": PASSWORD, "name": name, "invitation": invitation,
        });
        self.tokens = self.post("/server/auth/register", body).await.data();
        self
    }

    /// Goes to another server with the same tokens.
    pub fn moved_to(&mut self, server: &Server) {
        self.url = server.url.clone();
    }

    pub fn id(&self) -> &str {
        self.tokens["user"]["id"].as_str().unwrap()
    }

    pub fn token(&self) -> &str {
        self.tokens["access_token"].as_str().unwrap_or_default()
    }

    /// A request with this person's credential, if they have one.
    pub fn ask(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        if self.token().is_empty() { request } else { request.bearer_auth(self.token()) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.ask(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.ask(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.ask(Method::POST, path).json(&body)).await
    }

    pub async fn call(&self, operation: &str, data: Value) -> Answer {
        self.post(&format!("/api/v1/call/{operation}"), data).await
    }

    /// A new room of this person.
    pub async fn room(&self) -> String {
        let room = self.post("/server/rooms/create", json!({ "name": "Room" })).await.data();
        room["id"].as_str().unwrap().to_owned()
    }

    pub async fn upload(&self, path: &str, name: &str, bytes: impl Into<Vec<u8>>, room_id: Option<&str>) -> Answer {
        let mut form = Form::new();
        if let Some(room_id) = room_id {
            form = form.text("room_id", room_id.to_owned());
        }
        let form = form.part("file", Part::bytes(bytes.into()).file_name(name.to_owned()));
        send(self.ask(Method::POST, path).multipart(form)).await
    }

    /// The types of the events in a room's log, oldest first.
    pub async fn events(&self, room: &str) -> Vec<String> {
        let page = self.get(&format!("/server/get_history?room_id={room}")).await.data();
        let events = page["events"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}
