//! Joining a room by the address of the socket.

use serde_json::{Value, json};

use crate::server::{Person, Server};
use crate::socket::Socket;

/// Opens a socket at `query` and reads up to the answer to the join.
async fn arrived(server: &Server, person: &Person, query: &str) -> (Socket, Value) {
    let bearer = format!("Bearer {}", person.token());
    let mut socket = server.handshake_at(query, &[("authorization", &bearer)]).await.unwrap();
    assert_eq!(socket.next().await["type"], "connection.ready");
    let answer = socket.next().await;
    assert_eq!(answer["metadata"], json!({ "reply_to": "join" }), "right behind it");
    (socket, answer)
}

#[tokio::test]
async fn who_comes_back_is_in_the_room_at_once() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let (mut writer, answer) = arrived(&server, &ann, &format!("room_id={room}&since=head")).await;
    assert_eq!((&answer["type"], &answer["data"]["mode"]), (&json!("reply"), &json!("live")));
    for n in 1..=4 {
        writer.say(&room, &n.to_string()).await;
    }
    let epoch = answer["data"]["epoch"].as_str().unwrap();
    // As a browser's `URLSearchParams` writes it.
    for since in [format!("{epoch}:2"), format!("{epoch}%3A2")] {
        let (mut reader, answer) = arrived(&server, &ann, &format!("room_id={room}&since={since}")).await;
        assert_eq!((&answer["data"]["mode"], &answer["data"]["head"]), (&json!("replay"), &json!(4)));
        assert_eq!([reader.heard().await, reader.heard().await], [(3, "3".into()), (4, "4".into())]);
        reader.cut();
    }
    let (mut reader, _) = arrived(&server, &ann, &format!("room_id={room}&since={epoch}:4")).await;
    writer.say(&room, "5").await;
    assert_eq!(reader.heard().await, (5, "5".into()), "then live");
    let (_, answer) = arrived(&server, &ann, &format!("since=&room_id={room}")).await;
    assert_eq!((&answer["data"]["mode"], &answer["data"]["head"]), (&json!("snapshot"), &json!(5)));
}

#[tokio::test]
async fn a_room_that_may_not_be_joined_costs_no_connection() {
    let server = Server::start().await;
    let (ann, eve) = (server.person("ann").await, server.person("eve").await);
    let room = ann.room().await;
    let (mut socket, answer) = arrived(&server, &eve, &format!("room_id={room}")).await;
    assert_eq!((&answer["type"], &answer["data"]["code"]), (&json!("error"), &json!("NOT_FOUND")));
    socket.call("ping", json!({})).await;
    // Somebody who has to say first who it is.
    let mut late = server.handshake_at(&format!("room_id={room}&since=head"), &[]).await.unwrap();
    late.call("auth", json!({ "token": ann.token() })).await;
    assert_eq!(late.next().await["type"], "connection.ready");
    assert_eq!(late.next().await["data"]["mode"], "live");
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_refused() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    let bearer = format!("Bearer {}", ann.token());
    for query in [
        "room_id=7".to_owned(),
        "since=head".into(),
        format!("room_id={room}&since=yesterday"),
        format!("room_id={room}&since=k3:-1"),
        format!("room_id={room}&token=x"),
    ] {
        let refused = server.handshake_at(&query, &[("authorization", &bearer)]).await;
        assert_eq!(refused.err(), Some(400), "{query}");
    }
}
