//! Dashboards for those who have no account: the links, what their viewers may and see, and how it all ends.

use std::net::IpAddr;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use vizroom::store::{Error, LinkRow};
use vizroom_protocol::dashboard::Dashboard;
use vizroom_protocol::id::LinkId;
use vizroom_protocol::operation::{self, Access};

use crate::generation::{ORDERS, PROMPT};
use crate::server::{Answer, Person, Server, send};
use crate::socket::Socket;
use crate::store::{self, dashboard_row};

const HOUR_MS: i64 = 3_600_000;

/// Ada with a dashboard in a room.
pub struct Owner {
    pub ada: Person,
    pub room: String,
    pub id: String,
    pub file: String,
}

impl Owner {
    pub async fn at(server: &Server) -> Self {
        let ada = server.person("ada").await;
        let room = ada.room().await;
        let file = ada.upload("/server/data/upload", "orders.csv", ORDERS, Some(&room)).await.data();
        let body = json!({"user_prompt": PROMPT, "max_charts": 4, "room_id": room});
        let told = ada.post("/dashboard/generate/stream", body).await.text;
        let last: Value =
            serde_json::from_str(told.lines().rev().find_map(|l| l.strip_prefix("data: ")).unwrap()).unwrap();
        let id = last["result"]["session_id"].as_str().unwrap().to_owned();
        let file = file["files"].as_array().map_or(file["id"].clone(), |files| files[0]["id"].clone());
        Self { ada, room, id, file: file.as_str().unwrap().to_owned() }
    }

    pub fn path(&self, what: &str) -> String {
        format!("/api/v1/analytics/dashboards/{}/{what}", self.id)
    }

    async fn put(&self, what: &str, body: Value) -> Answer {
        send(self.ada.ask(Method::PUT, &self.path(what)).json(&body)).await
    }

    async fn published(&self, body: Value) -> String {
        let answer = self.ada.post(&self.path("publish"), body).await.json();
        answer["slug"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// A link that shows the rows of one region only.
    async fn limited(&self, region: &str) -> Value {
        let body = json!({"name": region, "filterState": {"region": region}});
        self.ada.post(&self.path("links"), body).await.json()["link"].clone()
    }
}

async fn open(server: &Server, slug: &str, password: Option<&str>) -> Answer {
    let body = password.map_or(json!({}), |password| json!({"password": password}));
    server.stranger().post(&format!("/api/v1/public/dashboards/{slug}"), body).await
}

/// Somebody who came by the link.
async fn viewer(server: &Server, slug: &str, password: Option<&str>) -> Person {
    let opened = open(server, slug, password).await.json();
    assert_eq!(opened["success"], true, "{opened}");
    Person { tokens: json!({"access_token": opened["viewerToken"]}), ..server.stranger() }
}

/// A viewer's connection, and what it is shown first.
async fn follow(viewer: &Person) -> (Socket, Value) {
    let mut socket = viewer.socket().await;
    socket.call("view.follow", json!({})).await;
    let shown = socket.event("dashboard.shown").await;
    (socket, shown)
}

/// What a document of this family says of an error.
fn refused(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(body["success"], false, "{body}");
    assert!(body["message"].is_string(), "{body}");
    (answer.status, body["error"].as_str().unwrap().to_owned())
}

fn not_found() -> (u16, String) {
    (404, "not_found".into())
}

#[tokio::test]
async fn a_dashboard_is_published_as_documented() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let body = owner.ada.post(&owner.path("publish"), json!({"password": "secret"})).await.json();
    let slug = body["slug"].as_str().unwrap().to_owned();
    let url = format!("{}/public/dashboards/{slug}", server.url);
    assert_eq!(body, json!({"success": true, "slug": slug, "publicUrl": url}));
    assert_eq!(owner.ada.events(&owner.room).await.last().unwrap(), "dashboard.published");

    for wrong in [None, Some("wrong"), Some("")] {
        assert_eq!(refused(&open(&server, &slug, wrong).await), (403, "password_required".into()));
    }
    let opened = open(&server, &slug, Some("secret")).await.json();
    let dashboard = &opened["dashboard"];
    assert_eq!(dashboard["id"], json!(owner.id));
    let charts = dashboard["charts"].as_array().unwrap();
    assert_eq!((charts.len(), &charts[2]["data"]["rows"][0]), (4, &json!(["West", 300])));
    assert!(opened["viewerToken"].is_string() && opened["expiresIn"] == 900, "{opened}");
    for inside in ["sql\":\"S", "origins", "prompt", "created_by", owner.ada.id(), &owner.room, &owner.file] {
        assert!(!opened.to_string().contains(inside), "{inside} is nobody's business");
    }

    // Absent, the password stays; null takes it away; the slug is the same all along.
    assert_eq!(owner.published(json!({})).await, slug);
    assert_eq!(open(&server, &slug, None).await.status, 403);
    assert_eq!(owner.published(json!({"password": null})).await, slug);
    assert_eq!(open(&server, &slug, None).await.status, 200);
    let gone = owner.ada.delete(&owner.path("publish")).await;
    assert_eq!((gone.status, gone.json()), (200, json!({"success": true})));
    assert_eq!(refused(&open(&server, &slug, None).await), not_found());
    assert_eq!(owner.ada.delete(&owner.path("publish")).await.status, 200, "once is as good as twice");
    assert_eq!(owner.ada.events(&owner.room).await.last().unwrap(), "dashboard.unpublished");
    assert_eq!(owner.published(json!({})).await, slug);
    assert_eq!(open(&server, &slug, None).await.status, 200);

    let bob = server.person("bob").await;
    assert_eq!(refused(&bob.post(&owner.path("publish"), json!({})).await), not_found());
    assert_eq!(refused(&bob.post("/api/v1/analytics/dashboards/dash_1/publish", json!({})).await), not_found());
    let stranger = server.stranger().post(&owner.path("publish"), json!({})).await;
    assert_eq!(refused(&stranger), (401, "unauthorized".into()));
    let odd = owner.ada.post(&owner.path("publish"), json!({"colour": 1})).await;
    assert_eq!((refused(&odd), &odd.json()["field"]), ((400, "invalid_request".into()), &json!("colour")));
    assert_eq!(refused(&open(&server, "no-such-thing", None).await), not_found());
    server.stop().await;
}

#[tokio::test]
async fn a_link_ends_in_time() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let late = owner.ada.post(&owner.path("publish"), json!({"expiresAt": "2020-01-01T00:00:00Z"})).await;
    assert_eq!((late.status, &late.json()["field"]), (400, &json!("expiresAt")));
    let at = vizroom::clock::rfc3339(server.clock.now_ms() + 60_000);
    let slug = owner.published(json!({"expiresAt": at})).await;
    let opened = open(&server, &slug, None).await.json();
    assert!(opened["expiresIn"].as_u64().unwrap() <= 60, "{opened}");
    let (mut socket, _) = follow(&viewer(&server, &slug, None).await).await;
    server.clock.advance(61_000);
    assert_eq!(refused(&open(&server, &slug, None).await), not_found());
    assert!([4501, 4503].contains(&socket.closed().await));
    server.stop().await;
}

#[tokio::test]
async fn a_viewer_looks_and_does_nothing_else() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let slug = owner.published(json!({})).await;
    let viewer = viewer(&server, &slug, None).await;
    let (mut socket, shown) = follow(&viewer).await;
    assert_eq!(shown["data"]["cards"].as_array().unwrap().len(), 4);
    let input = json!({"room_id": owner.room, "dashboard_id": owner.id});
    for info in operation::ALL {
        // These the connection answers itself, or they are for everybody.
        if ["auth", "auth.refresh", "ping"].contains(&info.name)
            || matches!(info.access, Access::Anyone | Access::Viewing)
        {
            continue;
        }
        let over_socket = socket.try_call(info.name, input.clone(), None).await.unwrap_err();
        assert_eq!(over_socket["code"], "FORBIDDEN", "{}", info.name);
        assert_eq!(viewer.call(info.name, input.clone()).await.error().0, 403, "{}", info.name);
    }
    assert_eq!(viewer.upload("/server/data/upload", "a.csv", "a\n1\n", None).await.status, 403);
    assert_eq!(viewer.get(&format!("/api/v1/rooms/{}/events", owner.room)).await.status / 100, 4);
    assert_eq!(owner.ada.call("view.follow", json!({})).await.error().0, 403, "for viewers only");

    // The room's life is not the viewer's: only what the dashboard looks like.
    owner.ada.call("chat.send", json!({"room_id": owner.room, "content": "quarterly secrets"})).await.data();
    let pie = json!({"session_id": owner.id, "new_feedback": "make it a pie chart", "target_chart_id": "chart_3"});
    owner.ada.call("dashboard.refine", pie).await.data();
    let next = socket.try_next().await.unwrap();
    assert_eq!((&next["type"], &next["data"]["cards"][2]["type"]), (&json!("dashboard.shown"), &json!("pie")));
    assert_ne!(next["metadata"]["room_id"], json!(owner.room));
    assert!(!next.to_string().contains("secrets") && !next.to_string().contains("\"ada\""));
    // What the room drills down to is the room's own.
    let west = json!({"session_id": owner.id, "filter_state": {"region": "West"}});
    owner.ada.call("dashboard.filter", west).await.data();
    assert_eq!(rows(&open(&server, &slug, None).await.json()["dashboard"]["charts"][2]).len(), 3);
    server.stop().await;
}

fn rows(card: &Value) -> Vec<Value> {
    card["data"]["rows"].as_array().unwrap().clone()
}

/// Nothing a viewer of a limited link ever gets has a row, a name or a figure of the others.
#[tokio::test]
async fn a_limited_link_shows_its_rows_only() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let wrong = owner.ada.post(&owner.path("links"), json!({"filterState": {"planet": "Mars"}})).await;
    assert_eq!((wrong.status, &wrong.json()["field"]), (400, &json!("filter_state.planet")));
    let link = owner.limited("West").await;
    let slug = link["slug"].as_str().unwrap();
    let first = open(&server, slug, None).await;
    let charts = first.json()["dashboard"]["charts"].clone();
    assert_eq!((&charts[0]["kpi"]["value"], rows(&charts[2])), (&json!(300.0), vec![json!(["West", 300])]));
    let viewer = viewer(&server, slug, None).await;
    let (mut socket, shown) = follow(&viewer).await;
    let mut seen = first.text + &shown.to_string();
    // The room filters, refines, and gets new data; a viewer tries to look around the corner.
    let east = json!({"session_id": owner.id, "filter_state": {"region": "East"}});
    owner.ada.call("dashboard.filter", east.clone()).await.data();
    let line = json!({"session_id": owner.id, "new_feedback": "show revenue by product", "target_chart_id": "chart_3"});
    owner.ada.call("dashboard.refine", line).await.data();
    seen += &socket.event("dashboard.shown").await.to_string();
    let own = socket.try_call("view.filter", json!({"filter_state": {"region": "East"}}), None).await;
    seen += &own.map_or_else(|error| error["code"].to_string(), |shown| shown["cards"].to_string());
    let more = format!("{ORDERS}2024-05-05,East,Sofa,77777\n2024-05-05,West,Sofa,5\n");
    owner.ada.upload(&format!("/server/data/{}/reupload", owner.file), "orders.csv", more, None).await.data();
    assert_eq!(owner.ada.post(&owner.path("refresh"), json!({})).await.status, 200);
    let fresh = socket.event("dashboard.shown").await;
    assert_eq!(fresh["data"]["cards"][0]["kpi"]["value"], 305.0);
    seen += &fresh.to_string();
    // As whole words: ids and tokens hold any digits.
    let words: Vec<&str> = seen.split(|c: char| !c.is_alphanumeric()).collect();
    for leak in ["East", "South", "77777", "410", "390"] {
        assert!(!words.contains(&leak), "{leak} in {seen}");
    }
    assert!(!seen.contains("8 rows"), "{seen}");
    server.stop().await;
}

#[tokio::test]
async fn a_card_that_cannot_be_limited_is_withheld() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let link = owner.limited("West").await;
    let without = "date,product,revenue\n2024-01-15,Desk,99999\n";
    owner.ada.upload(&format!("/server/data/{}/reupload", owner.file), "orders.csv", without, None).await.data();
    owner.ada.post(&owner.path("refresh"), json!({})).await;
    let opened = open(&server, link["slug"].as_str().unwrap(), None).await;
    assert!(opened.status == 200 && !opened.text.contains("99999"), "{}", opened.text);
    for card in opened.json()["dashboard"]["charts"].as_array().unwrap() {
        assert_eq!((rows(card).len(), &card["error"]["code"]), (0, &json!("FORBIDDEN")), "{card}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_viewer_filters_for_themselves() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let slug = owner.published(json!({})).await;
    let (one, two) = (viewer(&server, &slug, None).await, viewer(&server, &slug, None).await);
    let ((mut socket, shown), (mut other, _)) = (follow(&one).await, follow(&two).await);
    let columns = shown["data"]["filter_columns"].as_array().unwrap().clone();
    assert!(columns.contains(&json!("region")), "{columns:?}");
    let west = socket.call("view.filter", json!({"filter_state": {"region": "West"}})).await;
    assert_eq!((rows(&west["cards"][2]).len(), &west["filter_state"]), (1, &json!({"region": "West"})));
    // Neither the other viewer nor the room sees anything of it.
    let stored = owner.ada.call("dashboard.get", json!({"dashboard_id": owner.id})).await.data();
    assert_eq!((&stored["filter_state"], rows(&stored["cards"][2]).len()), (&json!({}), 3));
    owner
        .ada
        .call("dashboard.refine", json!({"session_id": owner.id, "new_feedback": "use the ocean theme"}))
        .await
        .data();
    let next = other.try_next().await.unwrap();
    assert_eq!((&next["type"], rows(&next["data"]["cards"][2]).len()), (&json!("dashboard.shown"), 3));
    // What no card shows cannot be asked about: it would tell of rows that nobody published.
    for (filter, field) in
        [(json!({"revenue": 100}), "filter_state.revenue"), (json!({"planet": 1}), "filter_state.planet")]
    {
        let error = socket.try_call("view.filter", json!({"filter_state": filter}), None).await.unwrap_err();
        assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_REQUEST"), &json!(field)));
    }
    let links = owner.ada.call("dashboard.links", json!({"dashboard_id": owner.id})).await.data();
    let change = json!({"dashboard_id": owner.id, "link_id": links["links"][0]["id"], "viewers_filter": false});
    owner.ada.call("dashboard.change_link", change).await.data();
    let error = socket.try_call("view.filter", json!({"filter_state": {"region": "West"}}), None).await.unwrap_err();
    assert_eq!(error["code"], "FORBIDDEN");
    // The link's filter and the viewer's hold both.
    let limited = owner.limited("West").await;
    let (mut socket, _) = follow(&viewer(&server, limited["slug"].as_str().unwrap(), None).await).await;
    let east = socket.try_call("view.filter", json!({"filter_state": {"region": "East"}}), None).await.unwrap();
    assert_eq!(rows(&east["cards"][2]), Vec::<Value>::new());
    server.stop().await;
}

#[tokio::test]
async fn a_viewer_filters_by_ranges_as_they_are_shown() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let panel = json!({"type": "histogram", "query": {"table": "orders", "x": {"column": "revenue", "bin": 50}}});
    owner.ada.call("dashboard.add_panel", json!({"dashboard_id": owner.id, "panel": panel})).await.data();
    let slug = owner.published(json!({})).await;
    let (mut socket, shown) = follow(&viewer(&server, &slug, None).await).await;
    let histogram = shown["data"]["cards"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&histogram["encoding"]["x"]["filter"], &histogram["encoding"]["x"]["bin"]),
        (&json!("revenue"), &json!(50.0))
    );
    assert!(shown["data"]["filter_columns"].as_array().unwrap().contains(&json!("revenue")), "{shown}");
    let range = json!({"filter_state": {"revenue": {"gte": 50, "lt": 100}}});
    let narrowed = socket.call("view.filter", range).await;
    let left = rows(narrowed["cards"].as_array().unwrap().last().unwrap());
    assert!(rows(&histogram).len() > 1 && left.len() == 1 && left[0][0] == 50.0, "{left:?}");
    // Single values could be told apart otherwise, which nobody published.
    for narrow in [json!(60), json!([60]), json!({"gte": 60, "lt": 61}), json!({"gt": 50}), json!({"gte": "50"})] {
        let asked = json!({"filter_state": {"revenue": narrow}});
        let error = socket.try_call("view.filter", asked, None).await.unwrap_err();
        assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_REQUEST"), &json!("filter_state.revenue")));
    }
    server.stop().await;
}

#[tokio::test]
async fn links_have_lives_of_their_own() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let slug = owner.published(json!({})).await;
    let body = json!({"name": "Acme", "password": "acme", "filterState": {"region": "West"}, "viewersFilter": false});
    let link = owner.ada.post(&owner.path("links"), body).await.json()["link"].clone();
    let (id, other) = (link["id"].as_str().unwrap(), link["slug"].as_str().unwrap());
    assert_ne!(other, slug);
    assert_eq!(
        (&link["hasPassword"], &link["main"], &link["viewersFilter"]),
        (&json!(true), &json!(false), &json!(false))
    );
    assert!(!link.to_string().contains("argon2"), "{link}");
    let listed = owner.ada.get(&owner.path("links")).await.json();
    assert_eq!((listed["links"].as_array().unwrap().len(), &listed["links"][1]), (2, &link));

    let (mut main, _) = follow(&viewer(&server, &slug, None).await).await;
    let (mut acme, _) = follow(&viewer(&server, other, Some("acme")).await).await;
    // A new password ends who came with the old one, and nobody else.
    let path = format!("links/{id}");
    assert_eq!(owner.put(&path, json!({"password": "new", "name": "Acme 2"})).await.json()["link"]["name"], "Acme 2");
    assert_eq!(acme.closed().await, 4503);
    assert_eq!(open(&server, other, Some("acme")).await.status, 403);
    let late = viewer(&server, other, Some("new")).await;
    let (mut acme, _) = follow(&late).await;
    assert_eq!(owner.ada.delete(&owner.path(&path)).await.json(), json!({"success": true}));
    assert_eq!(acme.closed().await, 4503);
    assert_eq!(late.call("view.filter", json!({"filter_state": {}})).await.error().0, 401, "its token is over");
    assert_eq!(refused(&open(&server, other, Some("new")).await), not_found());
    assert_eq!(refused(&owner.ada.delete(&owner.path(&path)).await), not_found());
    owner
        .ada
        .call("dashboard.refine", json!({"session_id": owner.id, "new_feedback": "use the ocean theme"}))
        .await
        .data();
    assert_eq!(main.event("dashboard.shown").await["data"]["theme"], "ocean");

    let viewer = viewer(&server, &slug, None).await;
    owner.ada.delete(&owner.path("publish")).await;
    assert_eq!(main.closed().await, 4503);
    let bearer = format!("Bearer {}", viewer.token());
    assert_eq!(server.handshake(&[("authorization", &bearer)]).await.err(), Some(401));

    let slug = owner.published(json!({})).await;
    let (mut main, _) = follow(&self::viewer(&server, &slug, None).await).await;
    owner.ada.call("dashboard.delete", json!({"dashboard_id": owner.id})).await.data();
    assert_eq!(main.closed().await, 4503, "with the dashboard, its links are gone");
    server.stop().await;

    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let slug = owner.published(json!({})).await;
    let (mut main, _) = follow(&self::viewer(&server, &slug, None).await).await;
    owner.ada.call("room.delete", json!({"room_id": owner.room})).await.data();
    assert_eq!(main.closed().await, 4503, "and with the room");
    server.stop().await;
}

#[tokio::test]
async fn guessing_is_slow() {
    let server = Server::start().await;
    let owner = Owner::at(&server).await;
    let slug = owner.published(json!({"password": "secret"})).await;
    for _ in 0..10 {
        assert_eq!(open(&server, &slug, Some("guess")).await.status, 403);
    }
    let locked = open(&server, &slug, Some("secret")).await;
    assert_eq!(refused(&locked), (429, "rate_limited".into()));
    assert!(!locked.header("retry-after").is_empty());
    // Somebody elsewhere is let in.
    let http = reqwest::Client::builder().local_address(IpAddr::from([127, 0, 0, 2])).build().unwrap();
    let elsewhere = Person { http, ..server.stranger() };
    let path = format!("/api/v1/public/dashboards/{slug}");
    assert_eq!(elsewhere.post(&path, json!({"password": "secret"})).await.status, 200);
    server.clock.advance(HOUR_MS);
    assert_eq!(open(&server, &slug, Some("secret")).await.status, 200);
    // So is looking for slugs.
    for n in 0..100 {
        assert_eq!(open(&server, &format!("guess-{n}"), None).await.status, 404);
    }
    assert_eq!(open(&server, "guess-100", None).await.status, 429);
    server.stop().await;
}

#[tokio::test]
async fn the_page_stands_in_the_frames_it_may() {
    let server = Server::start().await;
    let page = server.stranger().get("/public/dashboards/anything").await;
    assert_eq!((page.status, page.header("x-frame-options")), (200, "DENY"));
    assert!(page.header("content-security-policy").ends_with("frame-ancestors 'none'"), "{:?}", page.headers);
    server.stop().await;
    let allowed = "https://intranet.example.com";
    let server = Server::start_with(|config| config.frame_ancestors = vec!["'self'".into(), allowed.into()]).await;
    let page = server.stranger().get("/public/dashboards/anything").await;
    assert_eq!(page.header("x-frame-options"), "");
    assert!(page.header("content-security-policy").ends_with(&format!("frame-ancestors 'self' {allowed}")));
    assert_eq!(server.stranger().get("/").await.header("x-frame-options"), "DENY", "signing in stands in no frame");
    server.stop().await;
}

store::on_both! {
    links_end_and_the_main_one_comes_back,
}

async fn links_end_and_the_main_one_comes_back(url: &str) {
    let store = store::open(url).await;
    let ada = store::user(&store, "ada@example.com").await;
    let room = store::room(&store, &ada).await;
    let row = dashboard_row(&ada, Some(room), "D");
    let Dashboard { id, .. } = row.dashboard;
    store.add_dashboard(&row, 1).await.unwrap();
    let link = |slug: &str, main: bool| LinkRow {
        id: LinkId(Uuid::now_v7()),
        dashboard_id: id,
        slug: slug.into(),
        name: "n".into(),
        main,
        password_hash: Some("hash".into()),
        expires_ms: Some(5),
        filter: [("region".to_owned(), json!(["West", null]))].into(),
        viewers_filter: true,
        epoch: 1,
        created_ms: 2,
    };
    let main = store.add_link(&link("a", true), 2).await.unwrap();
    assert_eq!(store.link_by_slug("a").await.unwrap(), Some(main.clone()));
    assert!(matches!(store.add_link(&link("b", true), 2).await, Err(Error::Taken("link"))), "one is enough");
    assert!(matches!(store.add_link(&link("a", false), 2).await, Err(Error::Taken("slug"))));
    let other = store.add_link(&link("c", false), 2).await.unwrap();
    assert!(matches!(store.add_link(&link("d", false), 2).await, Err(Error::Taken("link"))), "too many");
    assert_eq!(store.links_of(id).await.unwrap(), [main.clone(), other.clone()]);
    let named = LinkRow { name: "m".into(), expires_ms: None, ..other.clone() };
    assert_eq!(store.change_link(&named, false).await.unwrap(), named);
    assert_eq!(store.change_link(&named, true).await.unwrap().epoch, 2);

    store.end_link(main.id).await.unwrap();
    store.end_link(other.id).await.unwrap();
    assert!(matches!(store.end_link(other.id).await, Err(Error::Missing("link"))));
    assert!(matches!(store.end_link(main.id).await, Err(Error::Missing("link"))), "it has ended");
    assert!(matches!(store.change_link(&main, true).await, Err(Error::Missing("link"))));
    assert_eq!((store.link(main.id).await.unwrap(), store.links_of(id).await.unwrap()), (None, vec![]));
    let again = LinkRow { password_hash: None, expires_ms: None, ..link("e", true) };
    let again = store.add_link(&again, 2).await.unwrap();
    assert_eq!((again.id, again.slug.as_str(), again.password_hash), (main.id, "a", None));
    assert_eq!(again.epoch, 3, "tokens of before are over");
    store.delete_dashboard(id).await.unwrap();
    assert_eq!(store.link(main.id).await.unwrap(), None);
}
