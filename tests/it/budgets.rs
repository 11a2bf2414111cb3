//! How many requests a tenant or an address may make.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use vizroom::limits::Tier;

use crate::program::Program;
use crate::server::{Answer, PASSWORD, Person, Server, send};
use crate::socket::Socket;

async fn server_with(requests: u32) -> Server {
    let tier = Tier { requests_per_minute: Some(requests), websockets: None };
    Server::start_with(|config| _ = config.tiers.insert("unlimited".into(), tier)).await
}

fn figures(answer: &Answer) -> [&str; 3] {
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"].map(|name| answer.header(name))
}

#[tokio::test]
async fn a_tenant_makes_so_many_requests_a_minute_whatever_they_are() {
    let server = server_with(4).await;
    let (ann, eve) = (server.person("ann").await, server.person("eve").await);
    let first = ann.get("/server/rooms/list").await;
    assert_eq!((first.status, figures(&first)), (200, ["4", "3", "60"]));
    assert_eq!(figures(&ann.get("/server/rooms/nonsense").await), ["", "", ""], "no route, no count");
    let failed = ann.post("/server/rooms/create", json!({})).await;
    assert_eq!((failed.status, figures(&failed)), (400, ["4", "2", "60"]), "also what fails");
    // Calls on a socket are requests; what somebody does by the way is none.
    let mut socket = ann.socket().await;
    let room = socket.call("room.create", json!({ "name": "Room" })).await["id"].as_str().unwrap().to_owned();
    for _ in 0..20 {
        socket.call("ping", json!({})).await;
        let typing = json!({ "room_id": room, "typing": true });
        socket.call("presence.update", typing).await;
    }
    socket.call("room.list", json!({})).await;
    let refused = socket.try_call("room.list", json!({}), None).await.unwrap_err();
    assert_eq!(refused["code"], "RATE_LIMITED");
    assert!((1..=60_000).contains(&refused["retry_after_ms"].as_u64().unwrap()), "{refused}");
    let refused = ann.get("/server/rooms/list").await;
    assert_eq!((refused.error().1.as_str(), figures(&refused)[..2].to_vec()), ("RATE_LIMITED", vec!["4", "0"]));
    assert_eq!((refused.status, refused.header("retry-after")), (429, figures(&refused)[2]));
    socket.call("ping", json!({})).await;
    assert_eq!(eve.get("/server/rooms/list").await.status, 200, "another tenant has its own");
    server.clock.advance(60_000);
    assert_eq!(figures(&ann.get("/server/rooms/list").await), ["4", "3", "60"]);
}

#[tokio::test]
async fn signals_have_a_bound_of_their_own() {
    let server = Server::start_with(|config| config.limits.signals_per_minute_max = 3).await;
    let mut socket = server.person("ann").await.socket().await;
    for _ in 0..3 {
        socket.call("ping", json!({})).await;
    }
    assert_eq!(socket.try_call("ping", json!({}), None).await.unwrap_err()["code"], "RATE_LIMITED");
    socket.call("room.list", json!({})).await;
}

#[tokio::test]
async fn who_has_no_credential_is_counted_by_address() {
    let three = Tier { requests_per_minute: Some(3), websockets: None };
    let server = Server::start_with(|config| _ = config.tiers.insert("anonymous".into(), three)).await;
    let ann = server.person("ann").await;
    let stranger = server.stranger();
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    let from = async |forwarded: &str| {
        let request = stranger.ask(Method::POST, "/server/auth/login").header("X-Forwarded-For", forwarded);
        send(request.json(&login)).await.status
    };
    for _ in 0..3 {
        assert_eq!(from("203.0.113.7").await, 200);
    }
    assert_eq!(from("203.0.113.7").await, 429);
    assert_eq!(from("198.51.100.1, 203.0.113.7").await, 429, "what a stranger says of itself counts for nothing");
    assert_eq!(from("203.0.113.7, 198.51.100.1").await, 200, "the nearest that no proxy of ours is");
    let bad = stranger.ask(Method::GET, "/server/rooms/list").bearer_auth("x").header("X-Forwarded-For", "203.0.113.7");
    assert_eq!(send(bad).await.status, 429, "a wrong credential is none");
    assert_eq!(ann.get("/server/rooms/list").await.status, 200, "who is signed in is not counted by address");
    for path in ["/", "/healthz", "/readyz", "/metrics"] {
        for _ in 0..5 {
            assert_eq!(stranger.get(path).await.status, 200, "{path}");
        }
    }

    let server = Server::start_with(|config| {
        config.tiers.insert("anonymous".into(), three);
        config.trusted_proxies.clear();
    })
    .await;
    for (n, expected) in [401, 401, 401, 429].into_iter().enumerate() {
        let request = server.stranger().ask(Method::POST, "/server/auth/login");
        let request = request.header("X-Forwarded-For", format!("203.0.113.{n}"));
        assert_eq!(send(request.json(&login)).await.status, expected, "no proxy is trusted");
    }
}

fn set_tier(data: &std::path::Path, tenant: &str, tier: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vizroom"));
    let done = command.args(["tenant", "set-tier", tenant, tier, "--data-dir"]).arg(data).output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

#[tokio::test]
async fn an_operator_gives_a_tenant_a_tier() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), "127.0.0.1:0");
    let mut ann = program.stranger().registered("ann", None).await;
    assert_eq!(figures(&ann.get("/server/rooms/list").await), ["", "", ""], "unlimited");
    let (set, said) = set_tier(folder.path(), "Ann@example.com", "free");
    assert!(set && said.contains("free"), "{said}");
    let (set, said) = set_tier(folder.path(), "ann@example.com", "golden");
    assert!(!set && said.contains("there is no tier `golden`, only anonymous, enterprise, free"), "{said}");
    assert!(!set_tier(folder.path(), "bob@example.com", "free").0);
    assert!(!set_tier(folder.path(), "0190163d-8694-739b-aea5-966c26f8ad91", "free").0);
    program.terminate();
    program.child.wait().unwrap();
    program = Program::start(folder.path(), "127.0.0.1:0");
    ann.url = program.url.clone();
    assert_eq!(figures(&ann.get("/server/rooms/list").await), ["60", "59", "60"]);
    program.kill();
}

#[tokio::test]
async fn an_operator_says_how_much_a_tenant_stores() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_with(folder.path(), "127.0.0.1:0", "", |command| {
        command.env("VIZROOM_LIMITS__TENANT_FILES_MAX", "7").env("VIZROOM_LIMITS__TENANT_BYTES_MAX", "1000");
    });
    let ann = program.stranger().registered("ann", None).await;
    let usage = async || {
        let usage = ann.get("/server/data/usage").await.data();
        (usage["files_max"].as_u64().unwrap(), usage["bytes_max"].as_u64().unwrap())
    };
    assert_eq!(usage().await, (7, 1_000), "as all limits, by the environment");
    let set = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vizroom"));
        command.args(["tenant", "set-files"]).args(args).arg("--data-dir").arg(folder.path());
        let done = command.output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (done, said) = set(&["ann@example.com", "--files-max", "1", "--bytes-max", "50"]);
    assert!(done && said.contains("0 of 1 files, 0 of 50 bytes"), "{said}");
    assert_eq!(usage().await, (1, 50), "at once");
    let refused = ann.upload("/server/data/upload", "a.csv", "a\n1\n".repeat(20), None).await;
    assert_eq!(refused.error().1, "TOO_LARGE");
    let tenant = ann.tokens["user"]["tenant_id"].as_str().unwrap();
    assert!(set(&[tenant, "--files-max", "default"]).0);
    assert_eq!(usage().await, (7, 50), "what is not said stays");
    let (done, said) = set(&["ann@example.com", "--bytes-max", "much"]);
    assert!(!done && said.contains("`much` is neither a number nor `default`"), "{said}");
    assert!(!set(&["bob@example.com", "--files-max", "1"]).0);
    program.kill();
}

/// A real Redis on a free port; ends with this.
struct Redis {
    child: Child,
    url: String,
}

impl Redis {
    fn start() -> Self {
        // Somebody else may take the port before Redis does: then another is tried.
        for _ in 0..10 {
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut child = Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()])
                .stdout(Stdio::piped())
                .spawn()
                .expect("redis-server is installed (Debian: apt install redis-server)");
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            if lines.map_while(Result::ok).any(|line| line.contains("Ready to accept connections")) {
                return Self { child, url: format!("redis://127.0.0.1:{port}") };
            }
            child.wait().unwrap();
        }
        panic!("no port for Redis");
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn two_servers_share_a_budget_and_go_on_alone_without_redis() {
    let (mut redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let database = format!("sqlite:{}", folder.path().join("both.db").display());
    let start = |name: &str| {
        Program::one_of_several(folder.path(), name, &database, |command| {
            command.env("VIZROOM_REDIS_URL", &redis.url).env("VIZROOM_TIERS__UNLIMITED__REQUESTS_PER_MINUTE", "6");
        })
    };
    let one = start("one");
    // Once it answers, the database is made.
    let ann = one.stranger().registered("ann", None).await;
    let two = start("two");
    let at = |program: &Program| Person { url: program.url.clone(), ..ann.clone() };
    let (here, there) = (at(&one), at(&two));
    let left = async |person: &Person| figures(&person.get("/server/rooms/list").await)[1].to_owned();
    let mut seen = Vec::new();
    for person in [&here, &there, &here, &there] {
        seen.push(left(person).await);
    }
    assert_eq!(seen, ["5", "4", "3", "2"]);
    // What a socket spends is told soon, not at once.
    here.socket().await.call("room.list", json!({})).await;
    let spent = format!("vizroom:spent:tenant:{}", ann.tokens["user"]["tenant_id"].as_str().unwrap());
    let mut told = redis::Client::open(redis.url.as_str()).unwrap().get_connection().unwrap();
    while redis::cmd("GET").arg(&spent).query::<u32>(&mut told).unwrap() < 5 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(left(&there).await, "0");
    assert_eq!(here.get("/server/rooms/list").await.status, 429);
    assert_eq!(there.get("/server/rooms/list").await.status, 429);

    redis.kill();
    let bob = two.stranger().registered("bob", None).await;
    let bob_here = Person { url: one.url.clone(), ..bob.clone() };
    for expected in [200, 200, 200, 200, 200, 200, 429] {
        assert_eq!(bob.get("/server/rooms/list").await.status, expected);
    }
    assert_eq!(bob_here.get("/server/rooms/list").await.status, 200, "each counts for itself");
    for mut program in [one, two] {
        program.kill();
    }
}

/// Whether a socket is taken; one too many is told so.
async fn taken(person: &Person) -> Option<Socket> {
    let mut socket = person.opened().await;
    match socket.try_next().await {
        Ok(frame) => {
            assert_eq!(frame["type"], "connection.ready");
            Some(socket)
        }
        Err(code) => {
            assert_eq!(code, 4504);
            None
        }
    }
}

/// The next socket that is taken, once there is place.
async fn taken_in_time(person: &Person) -> Socket {
    let patience = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(socket) = taken(person).await {
                return socket;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    patience.await.expect("there is place in time")
}

#[tokio::test]
async fn a_tenant_has_so_many_sockets_on_all_servers_together() {
    let (mut redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let (url, database) = (redis.url.clone(), format!("sqlite:{}", folder.path().join("both.db").display()));
    let start = |name: &str| {
        Program::one_of_several(folder.path(), name, &database, |command| {
            command
                .env("VIZROOM_REDIS_URL", &url)
                .env("VIZROOM_TIERS__UNLIMITED__WEBSOCKETS", "3")
                .env("VIZROOM_LIMITS__SOCKET_LEASE_MS", "2500");
        })
    };
    let one = start("one");
    let ann = one.stranger().registered("ann", None).await;
    let mut two = start("two");
    let at = |program: &Program| Person { url: program.url.clone(), ..ann.clone() };
    let (here, there) = (at(&one), at(&two));
    let first = taken(&here).await.expect("the first");
    let _second = taken(&here).await.expect("the second");
    let third = taken(&there).await.expect("the third");
    assert!(taken(&here).await.is_none() && taken(&there).await.is_none(), "three are all there are");
    let eve = two.stranger().registered("eve", None).await;
    drop(taken(&eve).await.expect("another tenant has its own"));

    first.cut();
    let fourth = taken_in_time(&there).await;
    assert!(taken(&here).await.is_none());
    // Longer than a lease: whoever lives is vouched for.
    tokio::time::sleep(Duration::from_millis(3_000)).await;
    assert!(taken(&here).await.is_none() && taken(&there).await.is_none());

    // What a server had that is killed ends with its leases; that of one that stops, at once.
    two.kill();
    let killed = std::time::Instant::now();
    drop((third, fourth));
    assert!(taken(&here).await.is_none(), "nobody knows yet");
    let _fifth = taken_in_time(&here).await;
    assert!(killed.elapsed() > Duration::from_millis(1_000), "not before a lease was over: {:?}", killed.elapsed());
    let _sixth = taken_in_time(&here).await;
    let three = start("three");
    let elsewhere = at(&three);
    assert!(taken(&elsewhere).await.is_none());
    let (stopped, mut all) = (std::time::Instant::now(), Vec::new());
    one.terminate();
    for _ in 0..3 {
        all.push(taken_in_time(&elsewhere).await);
    }
    assert!(stopped.elapsed() < Duration::from_millis(1_600), "{:?}", stopped.elapsed());
    assert!(taken(&elsewhere).await.is_none());

    // Without Redis each server counts its own.
    redis.kill();
    let four = start("four");
    let alone = at(&four);
    assert!(taken(&elsewhere).await.is_none());
    for _ in 0..3 {
        all.push(taken(&alone).await.expect("counted for itself"));
    }
    assert!(taken(&alone).await.is_none());
}

#[tokio::test]
async fn wrong_tokens_of_handshakes_are_counted_by_address() {
    let three = Tier { requests_per_minute: Some(3), websockets: None };
    let server = Server::start_with(|config| _ = config.tiers.insert("anonymous".into(), three)).await;
    let ann = server.person("ann").await;
    let knock = async |address: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        server.handshake(&[("x-forwarded-for", address), ("authorization", &bearer)]).await.map(drop)
    };
    for wrong in ["x", "vizroom_x", "x"] {
        assert_eq!(knock("203.0.113.7", wrong).await, Err(401));
    }
    assert_eq!(knock("203.0.113.7", "x").await, Err(429));
    let asked = server.stranger().ask(Method::GET, "/server/rooms/list").header("x-forwarded-for", "203.0.113.7");
    assert_eq!(send(asked).await.status, 429, "it is the same budget");
    assert_eq!(knock("203.0.113.8", "x").await, Err(401), "another address has its own");
    assert_eq!(knock("203.0.113.7", ann.token()).await, Ok(()), "a right one is let in");
    // In a first frame as well.
    let auth = async |token: &str| {
        let mut socket = server.handshake(&[("x-forwarded-for", "203.0.113.9")]).await.unwrap();
        socket.send(json!({ "type": "auth", "data": { "token": token }, "metadata": { "id": 1 } })).await;
        let answer = socket.next().await;
        (answer["data"]["code"].as_str().unwrap_or_default().to_owned(), answer, socket)
    };
    for _ in 0..3 {
        let (code, _, mut socket) = auth("x").await;
        assert_eq!((code.as_str(), socket.closed().await), ("UNAUTHORIZED", 4501));
    }
    let (code, answer, mut socket) = auth("x").await;
    assert_eq!((code.as_str(), socket.closed().await), ("RATE_LIMITED", 4029));
    assert!(answer["data"]["retry_after_ms"].as_u64().unwrap() > 0, "{answer}");
    assert_eq!(auth(ann.token()).await.1["type"], "reply");
    server.stop().await;
}
