//! Dashboards as those follow them who are not in their rooms.

use serde_json::{Value, json};

use crate::generation::ORDERS;
use crate::publish::Owner;
use crate::server::{Person, Server};
use crate::socket::Socket;

/// Ada with a dashboard in a room, and a colleague who is not in it.
async fn stage(server: &Server) -> (Owner, Person) {
    let owner = Owner::at(server).await;
    let invited = owner.ada.call("account.invite", json!({})).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;
    (owner, bob)
}

impl Owner {
    fn by_id(&self) -> Value {
        json!({ "dashboard_id": self.id })
    }

    async fn share(&self, person: &Person) {
        let input = json!({ "dashboard_id": self.id, "user_id": person.id(), "role": "viewer" });
        self.ada.call("dashboard.share", input).await.data();
    }

    async fn retitle(&self, title: &str) {
        self.ada.call("dashboard.update", json!({ "dashboard_id": self.id, "title": title })).await.data();
    }
}

/// The first state of the dashboard that is so; whatever else comes must be another state of it.
async fn shown(socket: &mut Socket, is: impl Fn(&Value) -> bool) -> Value {
    loop {
        let frame = socket.next().await;
        assert_eq!(frame["type"], "dashboard.shown", "{frame}");
        if is(&frame["data"]) {
            return frame["data"].clone();
        }
    }
}

#[tokio::test]
async fn who_a_dashboard_is_shared_with_sees_all_that_becomes_of_it() {
    let server = Server::start().await;
    let (owner, bob) = stage(&server).await;
    let (ada, by_id) = (&owner.ada, owner.by_id());
    let mut socket = bob.socket().await;
    let refused = socket.try_call("dashboard.follow", by_id.clone(), None).await.unwrap_err();
    assert_eq!(refused["code"], "NOT_FOUND", "the tenant alone is no reason to see it");
    owner.share(&bob).await;
    socket.call("dashboard.follow", by_id.clone()).await;
    let whole = async || bob.call("dashboard.get", by_id.clone()).await.data();
    let first = shown(&mut socket, |_| true).await;
    assert_eq!(first["cards"], whole().await["cards"]);
    let revision = first["revision"].as_u64().unwrap();
    let twice = socket.try_call("dashboard.follow", by_id.clone(), None).await.unwrap_err();
    assert_eq!((&twice["code"], &twice["field"]), (&json!("INVALID_REQUEST"), &json!("dashboard_id")));

    // What is said in the room is the room's.
    ada.call("chat.send", json!({ "room_id": owner.room, "content": "quarterly secrets" })).await.data();
    let west = json!({ "session_id": owner.id, "filter_state": { "region": "West" } });
    ada.call("dashboard.filter", west).await.data();
    let filtered = shown(&mut socket, |data| data["revision"] == revision + 1).await;
    assert_eq!(
        (&filtered["filter_state"], &filtered["cards"]),
        (&json!({ "region": "West" }), &whole().await["cards"])
    );
    ada.call("dashboard.filter", json!({ "session_id": owner.id, "filter_state": {} })).await.data();
    shown(&mut socket, |data| data["filter_state"] == json!({})).await;
    let pie = json!({"session_id": owner.id, "new_feedback": "make it a pie chart", "target_chart_id": "chart_3"});
    ada.call("dashboard.refine", pie).await.data();
    shown(&mut socket, |data| data["cards"][2]["type"] == "pie").await;
    let text = json!({ "dashboard_id": owner.id, "panel": { "type": "insight", "text": "so" } });
    ada.call("dashboard.add_panel", text).await.data();
    shown(&mut socket, |data| data["cards"].as_array().unwrap().len() == 5).await;
    let more = format!("{ORDERS}2024-05-05,West,Sofa,5\n");
    ada.upload(&format!("/server/data/{}/reupload", owner.file), "orders.csv", more, None).await.data();
    ada.post(&owner.path("refresh"), json!({})).await;
    let fresh = |data: &Value| data["cards"][0]["kpi"]["value"] == 405.0 && data["refreshed_at"].is_string();
    let last = shown(&mut socket, fresh).await;
    assert_eq!(last["cards"], whole().await["cards"]);

    // Who no longer wants to, hears no more; who comes back finds the newest.
    socket.call("dashboard.unfollow", by_id.clone()).await;
    assert!(socket.try_call("dashboard.unfollow", by_id.clone(), None).await.is_err());
    owner.retitle("Another").await;
    let key = Some("said twice");
    socket.try_call("dashboard.follow", by_id.clone(), key).await.unwrap();
    assert_eq!(shown(&mut socket, |_| true).await["title"], "Another");
    // Said again on the next connection, it holds for that.
    let mut next = bob.socket().await;
    next.try_call("dashboard.follow", by_id.clone(), key).await.unwrap();
    assert_eq!(shown(&mut next, |_| true).await["title"], "Another");
    server.stop().await;
}

#[tokio::test]
async fn what_is_taken_back_is_hidden_at_once() {
    let server = Server::start().await;
    let (owner, bob) = stage(&server).await;
    let (ada, by_id) = (&owner.ada, owner.by_id());
    let body = json!({ "email": "gus@example.com", "role": "viewer" });
    let invited = ada.post(&format!("/server/rooms/{}/members", owner.room), body).await.data();
    let gus = server.invited("gus", invited["invitation"]["invitation"].as_str()).await;
    owner.share(&bob).await;
    owner.share(&gus).await;
    let mut sockets = [ada.socket().await, bob.socket().await, gus.socket().await];
    for socket in &mut sockets {
        socket.call("dashboard.follow", by_id.clone()).await;
        shown(socket, |_| true).await;
    }
    let [mut hers, mut his, mut guest] = sockets;
    let hidden = json!({ "dashboard_id": owner.id });
    let unshare = json!({ "dashboard_id": owner.id, "user_id": bob.id() });
    ada.call("dashboard.unshare", unshare).await.data();
    // A guest sees what is shared with them as long as they are in the room.
    ada.delete(&format!("/server/rooms/{}/members/{}", owner.room, gus.id())).await.data();
    for socket in [&mut his, &mut guest] {
        let frame = socket.next().await;
        assert_eq!((&frame["type"], &frame["data"]), (&json!("dashboard.hidden"), &hidden));
    }
    owner.retitle("Secret").await;
    shown(&mut hers, |data| data["title"] == "Secret").await;
    owner.retitle("Open").await;
    shown(&mut hers, |data| data["title"] == "Open").await;
    assert_eq!(guest.try_call("dashboard.follow", by_id.clone(), None).await.unwrap_err()["code"], "NOT_FOUND");
    owner.share(&bob).await;
    his.call("dashboard.follow", by_id.clone()).await;
    let next = his.next().await;
    assert_eq!((&next["type"], &next["data"]["title"]), (&json!("dashboard.shown"), &json!("Open")), "nothing between");
    // With the room goes the dashboard.
    ada.call("room.delete", json!({ "room_id": owner.room })).await.data();
    for socket in [&mut hers, &mut his] {
        assert_eq!(socket.event("dashboard.hidden").await["data"], hidden);
    }
    server.stop().await;
}
