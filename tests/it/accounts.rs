//! Registration, sign-in, tokens.

use serde_json::json;

use crate::server::{PASSWORD, Server};

#[tokio::test]
async fn who_registers_is_signed_in() {
    let server = Server::start().await;
    let ada = server.person("Ada").await;
    assert_eq!(ada.tokens["token_type"], "Bearer");
    assert_eq!(ada.tokens["expires_in"], 900);
    let me = ada.get("/server/auth/me").await.data();
    assert_eq!(me, ada.tokens["user"]);
    assert_eq!((me["email"].as_str(), me["name"].as_str()), (Some("ada@example.com"), Some("Ada")));
    let again = json!({ "email": " ADA@example.com ", "password": PASSWORD });
    let again = server.stranger().post("/server/auth/register", again).await;
    assert_eq!(again.error(), (409, "CONFLICT".into(), "email".into()));
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let long = "x".repeat(257);
    let wrong = [
        (json!({ "email": "ada", "password": PASSWORD }), "email"),
        (json!({ "email": "ada@example.com", "password": "short" }), "password"),
        (json!({ "email": "ada@example.com", "password": long }), "password"),
        (json!({ "email": "ada@example.com", "password": PASSWORD, "name": " " }), "name"),
        (json!({ "email": "ada@example.com" }), "password"),
        (json!({ "email": "ada@example.com", "password": PASSWORD, "admin": true }), "admin"),
        (json!({ "email": 7, "password": PASSWORD }), "email"),
    ];
    for (body, field) in wrong {
        let answer = stranger.post("/server/auth/register", body.clone()).await;
        assert_eq!(answer.error(), (400, "INVALID_REQUEST".into(), field.into()), "{body}");
    }
    let unknown = json!({ "email": "ada@example.com", "password": PASSWORD, "invitation": "guess" });
    assert_eq!(stranger.post("/server/auth/register", unknown).await.error().0, 404);
    server.stop().await;
}

#[tokio::test]
async fn signing_in_needs_the_password_and_tells_nothing_about_who_exists() {
    let server = Server::start().await;
    server.person("ada").await;
    let stranger = server.stranger();
    let login = async |email: &str, password: &str| {
        stranger.post("/server/auth/login", json!({ "email": email, "password": password })).await
    };
    let mut ada = server.stranger();
    ada.tokens = login("Ada@Example.com", PASSWORD).await.data();
    assert_eq!(ada.get("/server/auth/me").await.data()["email"], "ada@example.com");
    let (wrong, nobody) = (login("ada@example.com", "wrong password").await, login("bob@example.com", PASSWORD).await);
    assert_eq!(wrong.error(), (401, "UNAUTHORIZED".into(), String::new()));
    assert_eq!(wrong.json()["errors"], nobody.json()["errors"]);
    server.stop().await;
}

#[tokio::test]
async fn guessing_locks_the_address() {
    let server = Server::start().await;
    server.person("ada").await;
    let login = async |password: &str| {
        let body = json!({ "email": "ada@example.com", "password": password });
        server.stranger().post("/server/auth/login", body).await
    };
    for _ in 0..10 {
        assert_eq!(login("wrong password").await.status, 401);
    }
    let locked = login(PASSWORD).await;
    assert_eq!(locked.error(), (429, "RATE_LIMITED".into(), String::new()));
    let wait_s: u64 = locked.header("retry-after").parse().unwrap();
    assert!((890..=900).contains(&wait_s), "{wait_s}");
    assert_eq!(
        (locked.header("x-ratelimit-remaining"), locked.header("x-ratelimit-reset")),
        ("0", locked.header("retry-after"))
    );
    assert!(locked.header("x-ratelimit-limit").parse::<u64>().unwrap() > 0);
    server.clock.advance(900_000);
    assert_eq!(login(PASSWORD).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn who_comes_with_an_expired_token_may_still_renew_it() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    server.clock.advance(16 * 60_000);
    assert_eq!(ada.get("/server/auth/me").await.status, 401, "the access token is no longer good");
    let refresh = json!({ "refresh_token": ada.tokens["refresh_token"] });
    let renewed = ada.post("/server/auth/refresh", refresh).await.data();
    assert_ne!(renewed["access_token"], ada.tokens["access_token"]);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_reuse_ends_everything() {
    let server = Server::start().await;
    let mut ada = server.person("ada").await;
    let stranger = server.stranger();
    let refresh = async |token: &serde_json::Value| {
        stranger.post("/server/auth/refresh", json!({ "refresh_token": token })).await
    };
    let first = ada.tokens["refresh_token"].clone();
    ada.tokens = refresh(&first).await.data();
    assert_eq!(ada.get("/server/auth/me").await.status, 200);
    assert_eq!(refresh(&first).await.error().0, 401);
    assert_eq!(refresh(&ada.tokens["refresh_token"]).await.error().0, 401, "its family is revoked");
    assert_eq!(ada.get("/server/auth/me").await.error().0, 401, "so are its access tokens");
    server.stop().await;
}

#[tokio::test]
async fn tokens_end_in_time() {
    let server = Server::start().await;
    let mut ada = server.person("ada").await;
    server.clock.advance(15 * 60 * 1000);
    assert_eq!(ada.get("/server/auth/me").await.error().0, 401);
    let refresh = json!({ "refresh_token": ada.tokens["refresh_token"] });
    ada.tokens = server.stranger().post("/server/auth/refresh", refresh).await.data();
    assert_eq!(ada.get("/server/auth/me").await.status, 200);
    server.clock.advance(7 * 24 * 60 * 60 * 1000);
    let refresh = json!({ "refresh_token": ada.tokens["refresh_token"] });
    assert_eq!(server.stranger().post("/server/auth/refresh", refresh).await.error().0, 401);
    server.stop().await;
}

#[tokio::test]
async fn logging_out_ends_this_sign_in_only() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let mut elsewhere = server.stranger();
    let login = json!({ "email": "ada@example.com", "password": PASSWORD });
    elsewhere.tokens = elsewhere.post("/server/auth/login", login).await.data();
    let body = json!({ "refresh_token": ada.tokens["refresh_token"] });
    assert_eq!(server.stranger().post("/server/auth/logout", body.clone()).await.data(), json!({}));
    assert_eq!(server.stranger().post("/server/auth/logout", body.clone()).await.data(), json!({}));
    assert_eq!(ada.get("/server/auth/me").await.status, 401);
    assert_eq!(server.stranger().post("/server/auth/refresh", body).await.status, 401);
    assert_eq!(elsewhere.get("/server/auth/me").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_credential_must_be_one_of_ours() {
    let server = Server::start().await;
    let mut eve = server.person("eve").await;
    let good = eve.token().to_owned();
    for bad in ["nonsense", "a.b.c", &good[..good.len() - 3]] {
        eve.tokens["access_token"] = json!(bad);
        assert_eq!(eve.get("/server/rooms/list").await.error(), (401, "UNAUTHORIZED".into(), String::new()));
    }
    let basic = server.stranger().ask(reqwest::Method::GET, "/server/rooms/list").basic_auth("eve", Some(PASSWORD));
    assert_eq!(crate::server::send(basic).await.error().0, 401);
    let nobody = server.stranger().get("/server/rooms/list").await;
    assert_eq!((nobody.error().0, nobody.header("www-authenticate")), (401, "Bearer"));
    server.stop().await;
}
