//! Mails, as a real mail server gets them: forgotten passwords, invitations.

use std::path::Path;

use serde_json::{Value, json};
use vizroom::config::Mail;

use crate::outside::{Outside, certificate};
use crate::program::Program;
use crate::server::{Answer, PASSWORD, Person, Server};

const NEW_PASSWORD: &str = "battery horse correct";

/// A server that sends its mail to `sink`, in the clear.
async fn server(sink: &Outside) -> Server {
    let url = format!("smtp://127.0.0.1:{}", sink.port);
    Server::start_with(|config| {
        config.mail = Some(Mail { url, from: "vizroom <rooms@example.com>".into(), ca_file: None })
    })
    .await
}

/// The text of a mail; its lines are as long as they were.
fn text(mail: &Value) -> String {
    let raw = mail["raw"].as_str().unwrap();
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    if head.to_lowercase().contains("quoted-printable") {
        body.replace("=\r\n", "").replace("=3D", "=")
    } else {
        body.to_owned()
    }
}

/// What stands behind `#/{page}/` in a mail.
fn token(mail: &Value, page: &str) -> String {
    let text = text(mail);
    let start = format!("/#/{page}/");
    let rest = text.split_once(&start).unwrap_or_else(|| panic!("no link: {text}")).1;
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn forgot(person: &Person, email: &str) -> Answer {
    person.post("/server/auth/forgot-password", json!({ "email": email })).await
}

async fn reset(person: &Person, token: &str, password: &str) -> Answer {
    person.post("/server/auth/reset-password", json!({ "token": token, "password": password })).await
}

async fn login(person: &Person, password: &str) -> Answer {
    person.post("/server/auth/login", json!({ "email": "ada@example.com", "password": password })).await
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_once_and_ends_every_sign_in() {
    let mut sink = Outside::start("mail/sink.mjs", &["plain"]).await;
    let server = server(&sink).await;
    let (ada, stranger) = (server.person("ada").await, server.stranger());
    let mut elsewhere = stranger.clone();
    elsewhere.tokens = login(&stranger, PASSWORD).await.data();
    // Nobody had proven the address yet: whoever made this key need not be its owner.
    let made = ada.call("key.create", json!({ "name": "x", "scopes": ["read"] })).await.data();
    let mut key = ada.clone();
    key.tokens = json!({ "access_token": made["key"] });
    let mut sockets = [server.socket(&ada).await, server.socket(&elsewhere).await, server.socket(&key).await];
    let answer = forgot(&stranger, " ADA@example.com").await;
    assert_eq!((answer.status, &answer.json()["data"]), (202, &json!({})));
    let mail = sink.next().await;
    assert_eq!((&mail["from"], &mail["to"]), (&json!("rooms@example.com"), &json!(["ada@example.com"])));
    let token = token(&mail, "reset");
    assert!(text(&mail).contains(&format!("{}/#/reset/{token}", server.url)));
    let short = reset(&stranger, &token, "short").await;
    assert_eq!(short.error(), (400, "INVALID_REQUEST".into(), "password".into()), "and the link is still good");
    assert_eq!(reset(&stranger, &token, NEW_PASSWORD).await.data(), json!({}));
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 4503);
    }
    assert_eq!(key.get("/server/auth/me").await.status, 401);
    for person in [&ada, &elsewhere] {
        assert_eq!(person.get("/server/auth/me").await.status, 401);
        let refresh = json!({ "refresh_token": person.tokens["refresh_token"] });
        assert_eq!(stranger.post("/server/auth/refresh", refresh).await.status, 401);
    }
    assert_eq!(login(&stranger, PASSWORD).await.status, 401, "the old one");
    assert_eq!(login(&stranger, NEW_PASSWORD).await.status, 200);
    let again = reset(&stranger, &token, "another password").await;
    assert_eq!(again.error(), (400, "INVALID_REQUEST".into(), "token".into()), "once");
    assert_eq!(login(&stranger, NEW_PASSWORD).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn nobody_learns_who_is_registered_and_nobody_is_flooded() {
    let mut sink = Outside::start("mail/sink.mjs", &["plain"]).await;
    let server = server(&sink).await;
    server.person("ada").await;
    let stranger = server.stranger();
    let (known, unknown) = (forgot(&stranger, "ada@example.com").await, forgot(&stranger, "bob@example.com").await);
    let shape = |answer: &Answer| (answer.status, answer.json()["data"].clone(), answer.json()["errors"].clone());
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(sink.next().await["to"], json!(["ada@example.com"]));
    for _ in 0..5 {
        assert_eq!(forgot(&stranger, "ada@example.com").await.status, 202);
    }
    for _ in 0..2 {
        assert_eq!(sink.next().await["to"], json!(["ada@example.com"]));
    }
    // Half an hour later a link is too old, and there may be mails again.
    server.clock.advance(900_000);
    assert_eq!(forgot(&stranger, "ada@example.com").await.status, 202);
    let mail = sink.next().await;
    server.clock.advance(30 * 60_000);
    assert_eq!(reset(&stranger, &token(&mail, "reset"), NEW_PASSWORD).await.status, 400);
    assert_eq!(login(&stranger, PASSWORD).await.status, 200);
    server.stop().await;
    assert!(sink.is_quiet(), "three in fifteen minutes, and none to who is not registered");
}

#[tokio::test]
async fn an_invitation_reaches_who_it_is_for() {
    let mut sink = Outside::start("mail/sink.mjs", &["plain"]).await;
    let server = server(&sink).await;
    let ada = server.person("ada").await;
    let room = ada.room().await;
    let add = json!({ "email": "bob@example.com", "role": "viewer" });
    ada.post(&format!("/server/rooms/{room}/members"), add).await.data();
    let mail = sink.next().await;
    assert_eq!(mail["to"], json!(["bob@example.com"]));
    assert!(mail["raw"].as_str().unwrap().contains("ada invites you"), "{mail}");
    let bob = server.invited("bob", Some(&token(&mail, "invitation"))).await;
    assert_eq!(bob.get("/server/rooms/list").await.data()["rooms"][0]["id"], json!(room));
    ada.post("/server/auth/invitations", json!({ "email": "eve@example.com" })).await.data();
    assert_eq!(sink.next().await["to"], json!(["eve@example.com"]));
    server.stop().await;
}

#[tokio::test]
async fn mail_goes_encrypted_to_a_server_that_is_trusted_and_waits_for_one_that_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let (key, cert) = certificate(folder.path());
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    for (mode, scheme, more) in [("tls", "smtps", ""), ("starttls", "smtp", "?tls=required")] {
        let mut sink = Outside::start("mail/sink.mjs", &[mode, &path(&key), &path(&cert), "--later", "1"]).await;
        let url = format!("{scheme}://rooms:secret@127.0.0.1:{}{more}", sink.port);
        let mail = Mail { url, from: "rooms@example.com".into(), ca_file: Some(cert.clone()) };
        let server = Server::start_with(|config| config.mail = Some(mail)).await;
        server.person("ada").await;
        assert_eq!(forgot(&server.stranger(), "ada@example.com").await.status, 202);
        assert_eq!(sink.next().await["refused"], true, "{mode}");
        let mail = sink.next().await;
        assert_eq!((&mail["secure"], &mail["user"]), (&json!(true), &json!("rooms")), "{mode}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_holds_nobody_up() {
    let url = "smtp://127.0.0.1:1".to_owned();
    let mail = Mail { url, from: "rooms@example.com".into(), ca_file: None };
    let server = Server::start_with(|config| config.mail = Some(mail)).await;
    let ada = server.person("ada").await;
    assert_eq!(forgot(&ada, "ada@example.com").await.status, 202);
    ada.post("/server/auth/invitations", json!({ "email": "eve@example.com" })).await.data();
    server.stop().await;
}

#[tokio::test]
async fn without_a_mail_server_the_log_shows_the_link() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let program = Program::start_with(folder.path(), "127.0.0.1:0", "", |command| {
        command.env("VIZROOM_LOG", "info").stderr(std::fs::File::create(&log).unwrap());
    });
    let ada = program.stranger().registered("ada", None).await;
    assert_eq!(forgot(&ada, "ada@example.com").await.status, 202);
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let token = loop {
        let text = std::fs::read_to_string(&log).unwrap();
        if let Some((_, rest)) = text.split_once("/#/reset/") {
            break rest.split_whitespace().next().unwrap().to_owned();
        }
        assert!(tokio::time::Instant::now() < deadline, "{text}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    reset(&ada, &token, NEW_PASSWORD).await.data();
    assert_eq!(login(&ada, NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let mut sink = Outside::start("mail/sink.mjs", &["plain"]).await;
    let server = server(&sink).await;
    let (ada, stranger) = (server.person("ada").await, server.stranger());
    let mut elsewhere = stranger.clone();
    elsewhere.tokens = login(&stranger, PASSWORD).await.data();
    let made = ada.call("key.create", json!({ "name": "x", "scopes": ["admin", "read"] })).await.data();
    let key = Person { tokens: json!({ "access_token": made["key"] }), ..stranger.clone() };
    let (mut here, mut there) = (server.socket(&ada).await, server.socket(&elsewhere).await);
    let change = async |person: &Person, old: &str, new: &str| {
        person.post("/server/auth/change-password", json!({ "old_password": old, "password": new })).await
    };
    assert_eq!(change(&stranger, PASSWORD, NEW_PASSWORD).await.status, 401);
    assert_eq!(change(&key, PASSWORD, NEW_PASSWORD).await.error().1, "FORBIDDEN", "whatever its scopes");
    let wrong = (403, "FORBIDDEN".to_owned(), "old_password".to_owned());
    assert_eq!(change(&ada, "wrong", NEW_PASSWORD).await.error(), wrong);
    assert_eq!(change(&ada, PASSWORD, "short").await.error(), (400, "INVALID_REQUEST".into(), "password".into()));
    assert_eq!(login(&stranger, PASSWORD).await.status, 200, "nothing has changed so far");
    forgot(&stranger, "ada@example.com").await;
    let mailed = token(&sink.next().await, "reset");

    assert_eq!(change(&ada, PASSWORD, NEW_PASSWORD).await.data(), json!({}));
    let mail = sink.next().await;
    assert!(text(&mail).contains("your password was changed"), "{mail}");
    assert_eq!(there.closed().await, 4503);
    here.call("ping", json!({})).await;
    assert_eq!((ada.get("/server/auth/me").await.status, key.get("/server/auth/me").await.status), (200, 200));
    assert_eq!(elsewhere.get("/server/auth/me").await.status, 401);
    for (person, status) in [(&elsewhere, 401), (&ada, 200)] {
        let refresh = json!({ "refresh_token": person.tokens["refresh_token"] });
        assert_eq!(stranger.post("/server/auth/refresh", refresh).await.status, status);
    }
    assert_eq!((login(&stranger, PASSWORD).await.status, login(&stranger, NEW_PASSWORD).await.status), (401, 200));
    assert_eq!(reset(&stranger, &mailed, PASSWORD).await.status, 400, "a link from before leads nowhere");

    // Guessing it is guessing at the door.
    for _ in 0..10 {
        assert_eq!(change(&ada, PASSWORD, NEW_PASSWORD).await.error(), wrong);
    }
    assert_eq!(change(&ada, NEW_PASSWORD, PASSWORD).await.status, 429);
    assert_eq!(login(&stranger, NEW_PASSWORD).await.status, 429);
    server.clock.advance(900_000);
    let ada = Person { tokens: login(&stranger, NEW_PASSWORD).await.data(), ..ada };
    let lines = loop {
        let listed = ada.get("/server/audit").await.data();
        let all = listed["lines"].as_array().unwrap().clone();
        let changes: Vec<Value> = all.into_iter().filter(|l| l["operation"] == "account.change_password").collect();
        // They are written in the background.
        if changes.len() >= 13 {
            break changes;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    let outcomes = |of: &str| lines.iter().filter(|line| line["outcome"] == of).count();
    assert_eq!((outcomes("ok"), outcomes("FORBIDDEN")), (1, 12), "{lines:?}");
    assert!(lines.iter().all(|line| line["target"] == json!({})), "{lines:?}");
    server.stop().await;
}
