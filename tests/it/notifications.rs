//! What concerns one person reaches them wherever they are, and is kept.

use serde_json::{Value, json};

use crate::server::Server;

#[tokio::test]
async fn who_is_added_and_mentioned_hears_of_it_and_finds_it_later() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let token = ann.post("/server/auth/invitations", json!({})).await.data()["invitation"].clone();
    let bob = server.invited("bob", token.as_str()).await;
    let room = ann.room().await;
    let (mut one, mut two) = (bob.socket().await, bob.socket().await);
    let add = json!({ "room_id": room, "user_id": bob.id(), "role": "viewer" });
    ann.call("room.add_member", add.clone()).await.data();
    let told = one.event("notification").await["data"].clone();
    let expected = json!({
        "id": told["id"], "kind": "room_added", "text": "ann added you to Room", "room_id": room, "read": false,
        "created_at": told["created_at"],
    });
    assert_eq!(told, expected);
    assert_eq!(two.event("notification").await["data"], told, "on each of their connections");
    ann.call("room.add_member", json!({ "room_id": room, "user_id": bob.id(), "role": "editor" })).await.data();

    // Neither connection has joined the room.
    let mut of_ann = ann.socket().await;
    let say = json!({ "room_id": room, "content": "look, @Bob: and @ann, @bobby" });
    let sent = of_ann.try_call("chat.send", say.clone(), Some("k")).await.unwrap();
    of_ann.try_call("chat.send", say, Some("k")).await.unwrap();
    let told = one.event("notification").await["data"].clone();
    assert_eq!((&told["kind"], &told["event_id"]), (&json!("mention"), &sent["message_id"]));
    assert_eq!(told["text"], "ann: look, @Bob: and @ann, @bobby");
    of_ann.say(&room, "@bob@example.com is an address").await;
    assert!(one.event("notification").await["data"]["text"].as_str().unwrap().ends_with("an address"));

    let list = async |query: &str| bob.get(&format!("/server/notifications{query}")).await.data();
    let all = list("").await;
    let kinds: Vec<&Value> = all["notifications"].as_array().unwrap().iter().map(|n| &n["kind"]).collect();
    assert_eq!((kinds, &all["unread"]), (vec![&json!("mention"), &json!("mention"), &json!("room_added")], &json!(3)));
    assert_eq!(list("?limit=1").await["notifications"], json!([all["notifications"][0]]));
    let before = format!("?before={}", told["id"].as_str().unwrap());
    assert_eq!(list(&before).await["notifications"], json!([all["notifications"][2]]));
    let read = async |input: Value| bob.post("/server/notifications/read", input).await.data();
    assert_eq!(read(json!({ "ids": [told["id"]] })).await, json!({ "unread": 2 }));
    assert_eq!(list("").await["notifications"][1]["read"], true);
    assert_eq!(read(json!({})).await, json!({ "unread": 0 }));
    assert_eq!(ann.get("/server/notifications").await.data(), json!({ "notifications": [], "unread": 0 }), "not ann");
    let wrong = bob.get("/server/notifications?limit=201").await.error();
    assert_eq!(wrong, (400, "INVALID_REQUEST".into(), "limit".into()));
}
