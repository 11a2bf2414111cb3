//! Signing in by other providers: a certified OpenID Connect one, and one that is only like GitHub.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vizroom::config::{Mail, Oauth};
use warp::Filter;

use crate::outside::Outside;
use crate::server::{Answer, PASSWORD, Person, Server, send};

/// Enough of a browser: keeps cookies by server, follows redirects, sends the provider's own forms.
#[derive(Clone, Default)]
struct Browser {
    cookies: HashMap<String, BTreeMap<String, String>>,
}

/// What a browser shows.
#[derive(Debug)]
struct Page {
    url: Url,
    answer: Answer,
}

impl Page {
    /// What stands behind `#/signed-in/` in its address.
    fn code(&self) -> &str {
        let fragment = self.url.fragment().unwrap_or_else(|| panic!("not signed in: {self:?}"));
        fragment.strip_prefix("/signed-in/").unwrap_or_else(|| panic!("not signed in: {self:?}"))
    }

    /// The page says why nobody is signed in.
    fn refused(&self, status: u16, why: &str) {
        let Answer { status: is, text, .. } = &self.answer;
        assert!(*is == status && text.contains("You are not signed in") && text.contains(why), "{is} {text}");
        assert!(self.answer.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

impl Browser {
    /// One request, without following where it leads.
    async fn ask(&mut self, method: Method, url: &Url, form: Option<String>) -> Answer {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let jar = self.cookies.entry(url.authority().to_owned()).or_default();
        let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            http.request(method, url.clone()).header("cookie", cookies.join("; ")).header("accept", "text/html");
        if let Some(form) = form {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        }
        let answer = send(request).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || rest.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.into(), value.into());
            }
        }
        answer
    }

    /// Goes to a page, wherever that leads; stops before `stop`.
    async fn go(&mut self, url: &str, stop: Option<&str>) -> Page {
        let mut url = Url::parse(url).unwrap();
        let mut form = None;
        for _ in 0..20 {
            if stop.is_some_and(|stop| url.path().ends_with(stop)) {
                return Page { url, answer: Answer { status: 0, headers: Default::default(), text: String::new() } };
            }
            let method = if form.is_some() { Method::POST } else { Method::GET };
            let answer = self.ask(method, &url, form.take()).await;
            if let Some(location) = answer.headers.get(LOCATION) {
                url = url.join(location.to_str().unwrap()).unwrap();
            } else if let Some(action) =
                attribute(&answer.text, "<form", "action").filter(|a| a.contains("/interaction/"))
            {
                let consent = answer.text.contains("value=\"consent\"");
                let login = self.cookies["login"]["as"].replace('@', "%40");
                form = Some(if consent {
                    "prompt=consent".into()
                } else {
                    format!("prompt=login&login={login}&password=x")
                });
                url = url.join(&action).unwrap();
            } else {
                return Page { url, answer };
            }
        }
        panic!("a circle: {url}");
    }

    /// Somebody who will say this at the provider.
    fn of(login: &str) -> Self {
        let jar = BTreeMap::from([("as".to_owned(), login.to_owned())]);
        Self { cookies: HashMap::from([("login".to_owned(), jar)]) }
    }

    async fn sign_in(&mut self, server: &Server, provider: &str) -> Page {
        self.go(&format!("{}/server/auth/oauth/{provider}", server.url), None).await
    }

    /// What the page does with its code.
    async fn exchange(&self, server: &Server, code: &str) -> Answer {
        let jar = &self.cookies.get(server.url.trim_start_matches("http://"));
        let cookie = jar.and_then(|jar| jar.get("vizroom_sign_in")).map_or_else(String::new, Clone::clone);
        let request = server.stranger().ask(Method::POST, "/server/auth/oauth/exchange");
        send(request.header("cookie", format!("vizroom_sign_in={cookie}")).json(&json!({ "code": code }))).await
    }

    /// The person that a sign-in makes of this browser.
    async fn person(&mut self, server: &Server, provider: &str) -> Person {
        let page = self.sign_in(server, provider).await;
        let mut person = server.stranger();
        person.tokens = self.exchange(server, page.code()).await.data();
        person
    }
}

/// The value of an attribute of the first element that begins so.
fn attribute(html: &str, element: &str, name: &str) -> Option<String> {
    let tag = html.split_once(element)?.1.split_once('>')?.0;
    Some(tag.split_once(&format!("{name}=\""))?.1.split_once('"')?.0.to_owned())
}

async fn provider() -> Outside {
    Outside::start("oidc/provider.mjs", &[]).await
}

fn oidc(port: u64) -> Oauth {
    Oauth {
        label: Some("Work".into()),
        issuer: Some(format!("http://127.0.0.1:{port}")),
        client_id: "rooms".into(),
        client_secret: "a secret of the tests".into(),
        ..Oauth::default()
    }
}

async fn with(name: &str, oauth: Oauth) -> Server {
    Server::start_with(|config| drop(config.oauth.insert(name.into(), oauth))).await
}

#[tokio::test]
async fn who_a_provider_knows_is_signed_in_and_is_the_same_next_time() {
    let provider = provider().await;
    let server = with("work", oidc(provider.port)).await;
    let providers = server.stranger().get("/server/auth/providers").await.data();
    assert_eq!(providers, json!({ "providers": [{ "name": "work", "label": "Work" }] }));
    let mut browser = Browser::of("ada@example.com");
    let page = browser.sign_in(&server, "work").await;
    assert_eq!(page.url.query(), None, "no code or token in what servers log");
    let code = page.code().to_owned();
    let stolen = Browser::default().exchange(&server, &code).await;
    assert_eq!(stolen.error().0, 401, "not in another browser");
    assert_eq!(browser.exchange(&server, &code).await.error().0, 401, "and then never again");
    let ada = browser.person(&server, "work").await;
    let me = ada.get("/server/auth/me").await.data();
    assert_eq!((&me["email"], &me["name"]), (&json!("ada@example.com"), &json!("ada")));
    let again = Browser::of("ada@example.com").person(&server, "work").await;
    assert_eq!(again.id(), ada.id());
    let by_password = json!({ "email": "ada@example.com", "password": "" });
    assert_eq!(server.stranger().post("/server/auth/login", by_password).await.error().0, 401, "she has none");
    assert_eq!(server.stranger().get("/server/auth/oauth/nobody").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_sign_in_is_finished_once_in_its_own_browser_with_its_own_state() {
    let provider = provider().await;
    let server = with("work", oidc(provider.port)).await;
    let start = format!("{}/server/auth/oauth/work", server.url);
    let callback = async |browser: &mut Browser| browser.go(&start, Some("/callback")).await.url;
    let (mut ada, mut eve) = (Browser::of("ada@example.com"), Browser::of("eve@example.com"));
    // Somebody else's link, followed by ada: she would be eve without knowing it.
    let of_eve = callback(&mut eve).await;
    callback(&mut ada).await;
    ada.go(of_eve.as_str(), None).await.refused(401, "not begun in this browser");
    eve.go(of_eve.as_str(), None).await.refused(401, "used already");
    let good = callback(&mut ada).await;
    let mut wrong = good.clone();
    wrong.query_pairs_mut().clear().append_pair("code", "x").append_pair("state", "guess");
    ada.go(wrong.as_str(), None).await.refused(401, "not begun in this browser");
    assert!(ada.go(good.as_str(), None).await.code().len() > 20);
    ada.go(good.as_str(), None).await.refused(401, "used already");
    let mut forged = callback(&mut ada).await;
    let state = forged.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    forged.query_pairs_mut().clear().append_pair("code", "x").append_pair("state", &state);
    ada.go(forged.as_str(), None).await.refused(401, "did not confirm");
    let mut declined = callback(&mut ada).await;
    let state = declined.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    declined.query_pairs_mut().clear().append_pair("error", "access_<b>denied").append_pair("state", &state);
    ada.go(declined.as_str(), None).await.refused(401, "access_&lt;b&gt;denied");
    let late = callback(&mut ada).await;
    server.clock.advance(10 * 60_000);
    ada.go(late.as_str(), None).await.refused(401, "took too long");
    server.stop().await;
}

#[tokio::test]
async fn an_account_is_linked_only_by_an_address_that_is_proven() {
    let provider = provider().await;
    let server = with("work", oidc(provider.port)).await;
    server.person("unverified").await;
    let page = Browser::of("unverified@example.com").sign_in(&server, "work").await;
    page.refused(403, "has not verified");
    // Whoever registered with ada's address did not have it: ada does.
    let squatter = server.person("ada").await;
    let mut socket = server.socket(&squatter).await;
    let ada = Browser::of("ada@example.com").person(&server, "work").await;
    assert_eq!(ada.id(), squatter.id(), "one account for one address");
    assert_eq!(socket.closed().await, 4503);
    let by_password = json!({ "email": "ada@example.com", "password": PASSWORD });
    assert_eq!(server.stranger().post("/server/auth/login", by_password).await.status, 401);
    // From now on the address is known to be hers, and another sign-in ends nothing.
    let mut socket = server.socket(&ada).await;
    Browser::of("ada@example.com").person(&server, "work").await;
    socket.call("ping", json!({})).await;
    server.stop().await;
}

#[tokio::test]
async fn who_comes_by_invitation_comes_into_the_room() {
    let provider = provider().await;
    let server = with("work", oidc(provider.port)).await;
    let ann = server.person("ann").await;
    for login in ["bob@example.com", "bob@example.com"] {
        let room = ann.room().await;
        let invited = ann.call("account.invite", json!({ "room_id": room, "role": "viewer" })).await.data();
        let start =
            format!("{}/server/auth/oauth/work?invitation={}", server.url, invited["invitation"].as_str().unwrap());
        let mut browser = Browser::of(login);
        let page = browser.go(&start, None).await;
        let mut bob = server.stranger();
        bob.tokens = browser.exchange(&server, page.code()).await.data();
        let rooms = bob.get("/server/rooms/list").await.data();
        assert_eq!((&rooms["rooms"][0]["id"], &rooms["rooms"][0]["role"]), (&json!(room), &json!("viewer")));
    }
    server.stop().await;
}

#[tokio::test]
async fn who_signs_in_by_a_provider_may_set_a_password_by_mail() {
    let (provider, mut sink) = (provider().await, Outside::start("mail/sink.mjs", &["plain"]).await);
    let (url, from) = (format!("smtp://127.0.0.1:{}", sink.port), "rooms@example.com".to_owned());
    let server = Server::start_with(|config| {
        config.mail = Some(Mail { url, from, ca_file: None });
        config.oauth.insert("work".into(), oidc(provider.port));
    })
    .await;
    let ada = Browser::of("ada@example.com").person(&server, "work").await;
    ada.post("/server/auth/forgot-password", json!({ "email": "ada@example.com" })).await;
    let raw = sink.next().await["raw"].as_str().unwrap().replace("=\r\n", "");
    let token = raw.split_once("/#/reset/").unwrap().1.split_whitespace().next().unwrap();
    ada.post("/server/auth/reset-password", json!({ "token": token, "password": PASSWORD })).await.data();
    let login = json!({ "email": "ada@example.com", "password": PASSWORD });
    assert_eq!(ada.post("/server/auth/login", login).await.data()["user"]["id"], ada.tokens["user"]["id"]);
    let by_provider = Browser::of("ada@example.com").person(&server, "work").await;
    assert_eq!(by_provider.id(), ada.id(), "both ways lead in");
    server.stop().await;
}

/// A provider like GitHub: gives out one code after the other, and knows which challenge each came with.
async fn forge(user: Value, emails: Value) -> u16 {
    let challenges: Arc<Mutex<HashMap<String, String>>> = Arc::default();
    let given = challenges.clone();
    let authorize = warp::path("authorize").and(warp::query()).map(move |query: HashMap<String, String>| {
        let code = format!("code{}", given.lock().unwrap().len());
        given.lock().unwrap().insert(code.clone(), query["code_challenge"].clone());
        let mut back = Url::parse(&query["redirect_uri"]).unwrap();
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]);
        warp::reply::with_header(http::StatusCode::FOUND, "location", back.as_str().to_owned())
    });
    let token = warp::path("token").and(warp::body::form()).map(move |form: HashMap<String, String>| {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        let known = challenges.lock().unwrap().remove(&form["code"]) == Some(challenge);
        let good = known && form["client_secret"] == "hush" && form["grant_type"] == "authorization_code";
        warp::reply::json(&if good {
            json!({ "access_token": "t0" })
        } else {
            json!({ "error": "bad_verification_code" })
        })
    });
    let authorized = warp::header::exact("authorization", "Bearer t0");
    let user = warp::path("user").and(authorized).map(move || warp::reply::json(&user));
    let emails = warp::path("emails").and(authorized).map(move || warp::reply::json(&emails));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(warp::serve(authorize.or(token).or(user).or(emails)).incoming(listener).run());
    port
}

fn plain(port: u16) -> Oauth {
    let url = |path: &str| Some(format!("http://127.0.0.1:{port}/{path}"));
    Oauth {
        client_id: "rooms".into(),
        client_secret: "hush".into(),
        auth_url: url("authorize"),
        token_url: url("token"),
        userinfo_url: url("user"),
        emails_url: url("emails"),
        name_field: "login".into(),
        ..Oauth::default()
    }
}

#[tokio::test]
async fn a_provider_without_openid_says_who_somebody_is_in_its_own_words() {
    let user = json!({ "id": 7, "login": "Ada L", "email": null });
    let emails = json!([
        { "email": "spam@example.com", "primary": false, "verified": false },
        { "email": "Ada@example.com", "primary": true, "verified": true },
    ]);
    let server = with("forge", plain(forge(user, emails).await)).await;
    let ada = Browser::default().person(&server, "forge").await;
    let me = ada.get("/server/auth/me").await.data();
    assert_eq!((&me["email"], &me["name"]), (&json!("ada@example.com"), &json!("Ada L")));
    assert_eq!(Browser::default().person(&server, "forge").await.id(), ada.id());
    server.stop().await;
    let unproven = json!([{ "email": "bob@example.com", "primary": true, "verified": false }]);
    let server = with("forge", plain(forge(json!({ "id": "b" }), unproven).await)).await;
    server.person("bob").await;
    Browser::default().sign_in(&server, "forge").await.refused(403, "has not verified");
    server.stop().await;
    let server = with("forge", plain(forge(json!({ "id": "b" }), json!([])).await)).await;
    Browser::default().sign_in(&server, "forge").await.refused(403, "does not say your e-mail");
    server.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_to_be() {
    let server = with("work", oidc(1)).await;
    Browser::default().sign_in(&server, "work").await.refused(503, "does not answer");
    server.stop().await;
}
