//! Several people change one dashboard at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::faces::{generated, room_with_orders};
use crate::generation::PROMPT;
use crate::server::{Person, Server};
use crate::socket::Socket;

/// What a page knows of a dashboard: what it fetched, and every event since, applied as the documents say.
struct Page {
    person: Person,
    socket: Socket,
    revision: u64,
    title: Value,
    theme: Value,
    layout: Value,
    cards: BTreeMap<String, Value>,
    /// Changes made, and conflicts met.
    done: (usize, usize),
}

impl Page {
    async fn open(server: &Server, person: &Person, room: &str, id: &str) -> Self {
        let mut socket = server.socket(person).await;
        socket.join(room, json!("head")).await;
        let whole = person.call("dashboard.get", json!({"dashboard_id": id})).await.data();
        let cards = whole["cards"].as_array().unwrap().iter();
        Self {
            person: person.clone(),
            socket,
            revision: whole["revision"].as_u64().unwrap(),
            title: whole["title"].clone(),
            theme: whole["theme"].clone(),
            layout: whole["layout"].clone(),
            cards: cards.map(|card| (card["key"].as_str().unwrap().to_owned(), card.clone())).collect(),
            done: (0, 0),
        }
    }

    /// Applies events until the dashboard is at this revision.
    async fn catch_up(&mut self, revision: u64) {
        while self.revision < revision {
            let event = self.socket.event("dashboard.updated").await["data"].clone();
            assert_eq!(event["base_revision"], self.revision, "no change is missed or told twice");
            self.revision = event["revision"].as_u64().unwrap();
            (self.title, self.theme, self.layout) =
                (event["title"].clone(), event["theme"].clone(), event["layout"].clone());
            for key in event["removed"].as_array().unwrap() {
                self.cards.remove(key.as_str().unwrap());
            }
            for card in event["cards"].as_array().unwrap() {
                self.cards.insert(card["key"].as_str().unwrap().to_owned(), card.clone());
            }
        }
    }

    /// One change, based on what the page shows; a conflict tells what it lacks, and it tries again on that.
    async fn change(&mut self, operation: &str, mut data: Value) {
        loop {
            data["base_revision"] = self.revision.into();
            let answer = self.person.call(operation, data.clone()).await;
            if answer.status != 409 {
                answer.data();
                self.done.0 += 1;
                return;
            }
            self.done.1 += 1;
            let details = answer.json()["errors"][0]["details"].clone();
            let changes = details["changes"].as_array().unwrap();
            let told: Vec<u64> = changes.iter().map(|c| c["revision"].as_u64().unwrap()).collect();
            let now = details["revision"].as_u64().unwrap();
            assert!(told.iter().copied().eq(self.revision + 1..=now), "{told:?} after {} to {now}", self.revision);
            assert_eq!(details["complete"], true);
            self.catch_up(now).await;
        }
    }
}

/// Two editors, each changing as fast as it can: every change is made once, none is made on what its author had not seen,
/// and both pages show in the end what the server has.
#[tokio::test]
async fn two_editors_and_a_reader_see_the_same() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    let body = json!({"email": "bob@example.com", "role": "editor"});
    let invited = ada.post(&format!("/server/rooms/{room}/members"), body).await.data();
    let bob = server.invited("bob", invited["invitation"]["invitation"].as_str()).await;
    let id = generated(&ada, Some(&room), PROMPT).await;
    let mut pages = Vec::new();
    for person in [&ada, &bob, &ada] {
        pages.push(Page::open(&server, person, &room, &id).await);
    }
    let mut reader = pages.pop().unwrap();
    let (mut left, mut right) = (pages.remove(0), pages.remove(0));
    let editing = async |page: &mut Page, who: &str| {
        for turn in 0..6 {
            let of = |more: Value| {
                let mut data = json!({"dashboard_id": id});
                data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                data
            };
            match turn % 4 {
                0 => page.change("dashboard.update", of(json!({"title": format!("{who} {turn}")}))).await,
                1 => page.change("dashboard.add_panel", of(json!({"panel": {"text": format!("{who} {turn}")}}))).await,
                2 => page.change("dashboard.update", of(json!({"theme": "ocean", "description": who}))).await,
                _ => {
                    let sentence = json!({"session_id": id, "new_feedback": format!("rename chart 3 to {who}")});
                    page.change("dashboard.refine", sentence).await;
                }
            }
        }
    };
    tokio::join!(editing(&mut left, "ada"), editing(&mut right, "bob"));
    let whole = ada.call("dashboard.get", json!({"dashboard_id": id})).await.data();
    let now = whole["revision"].as_u64().unwrap();
    assert_eq!((now, left.done.0, right.done.0), (13, 6, 6), "a change is a revision");
    assert!(left.done.1 + right.done.1 > 0, "they were in each other's way");
    for page in [&mut left, &mut right, &mut reader] {
        page.catch_up(now).await;
        assert_eq!((&page.title, &page.theme, &page.layout), (&whole["title"], &whole["theme"], &whole["layout"]));
        let cards: BTreeMap<String, Value> = whole["cards"]
            .as_array()
            .unwrap()
            .iter()
            .map(|card| (card["key"].as_str().unwrap().to_owned(), card.clone()))
            .collect();
        assert_eq!(page.cards, cards);
    }
    let past = bob.call("dashboard.changes", json!({"dashboard_id": id, "since": 3})).await.data();
    let past: Vec<u64> = past["changes"].as_array().unwrap().iter().map(|c| c["revision"].as_u64().unwrap()).collect();
    assert!(past.into_iter().eq(4..=13));
    server.stop().await;
}

#[tokio::test]
async fn a_change_on_an_old_revision_is_refused_by_every_operation() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let room = room_with_orders(&ada).await;
    let id = generated(&ada, Some(&room), PROMPT).await;
    ada.call("dashboard.update", json!({"dashboard_id": id, "title": "2"})).await.data();
    let layout = json!({"items": []});
    let calls = [
        ("dashboard.update", json!({"dashboard_id": id, "title": "3"})),
        ("dashboard.layout", json!({"dashboard_id": id, "layout": layout})),
        ("dashboard.add_panel", json!({"dashboard_id": id, "panel": {"text": "3"}})),
        ("dashboard.update_panel", json!({"dashboard_id": id, "panel_id": "chart_1", "panel": {"title": "3"}})),
        ("dashboard.remove_panel", json!({"dashboard_id": id, "panel_id": "chart_1"})),
        ("dashboard.start", json!({"dashboard_id": id})),
        ("dashboard.refine", json!({"session_id": id, "new_feedback": "make chart 3 a pie chart"})),
        ("dashboard.filter", json!({"session_id": id, "filter_state": {"region": "West"}})),
    ];
    for (operation, mut data) in calls {
        data["base_revision"] = 1.into();
        let refused = ada.call(operation, data).await;
        assert_eq!(refused.error(), (409, "CONFLICT".into(), "base_revision".into()), "{operation}");
        let details = refused.json()["errors"][0]["details"].clone();
        assert_eq!((&details["revision"], &details["complete"]), (&json!(2), &json!(true)), "{operation}");
        let change = &details["changes"][0];
        assert_eq!((&change["by"]["name"], &change["cards"]), (&json!("ada"), &json!([])), "{operation}");
        assert_eq!(change["changes"], json!(["the dashboard is called “2”"]));
    }
    let stale = format!("/dashboards/{id}/remove-panel/chart_1?base_revision=1");
    assert_eq!(ada.delete(&stale).await.error().0, 409);
    server.stop().await;
}
