//! Every operation over every transport: the same answer, the same error.

use serde_json::{Value, json};
use vizroom_protocol::operation::{self, Access};

use crate::server::{Person, Server, send};
use crate::socket::Socket;

/// What an operation answered: its data, or its error.
type Outcome = Result<Value, Value>;

async fn over_http(person: &Person, name: &str, data: &Value) -> Outcome {
    let answer = person.call(name, data.clone()).await.json();
    if answer["success"] == true { Ok(answer["data"].clone()) } else { Err(answer["errors"][0].clone()) }
}

async fn over_sse(person: &Person, name: &str, data: &Value) -> Outcome {
    let request = person.ask(reqwest::Method::POST, &format!("/api/v1/call/{name}")).json(data);
    let answer = send(request.header("accept", "text/event-stream")).await;
    let frame: Value = serde_json::from_str(answer.text.trim().strip_prefix("data: ").unwrap()).unwrap();
    if frame["type"] == "error" { Err(frame["data"].clone()) } else { Ok(frame["data"].clone()) }
}

async fn over_socket(socket: &mut Socket, name: &str, data: &Value) -> Outcome {
    socket.try_call(name, data.clone(), None).await
}

#[tokio::test]
async fn an_error_is_the_same_whatever_brought_the_call() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let (room, stranger) = (ann.room().await, "0190163d-8694-739b-aea5-966c26f8ad91");
    let mut socket = server.socket(&ann).await;
    let inputs = [
        json!({ "nonsense": 1 }),
        json!({ "room_id": stranger, "user_id": stranger, "role": "viewer", "content": "x", "file_ids": [], "user_prompt": "x" }),
        json!({ "room_id": 7, "file_id": "x", "session_id": [], "dashboard_id": {}, "email": 1, "name": null }),
        json!({ "session_id": stranger, "new_feedback": "x" }),
        json!({ "session_id": stranger, "filter_state": {} }),
        json!({ "dashboard_id": stranger }),
        json!({ "file_id": stranger }),
        json!({ "room_id": room, "role": "owner", "user_id": stranger }),
    ];
    for info in operation::ALL {
        // These answer for their connection, and say so anywhere else.
        if info.access == Access::Connected || info.name == "auth" {
            let input = if info.name == "auth" { json!({ "token": "x" }) } else { json!({ "room_id": room }) };
            let error = over_http(&ann, info.name, &input).await.unwrap_err();
            assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_REQUEST"), &json!("type")), "{}", info.name);
            continue;
        }
        let mut refused = 0;
        for input in &inputs {
            let http = over_http(&ann, info.name, input).await;
            if http.is_ok() {
                continue;
            }
            refused += 1;
            assert_eq!(http, over_sse(&ann, info.name, input).await, "{} {input}", info.name);
            assert_eq!(http, over_socket(&mut socket, info.name, input).await, "{} {input}", info.name);
        }
        assert!(refused > 0, "{} refuses none of these", info.name);
        let anonymous = over_http(&server.stranger(), info.name, &json!({})).await.unwrap_err();
        let expected = if info.access == Access::Anyone { "INVALID_REQUEST" } else { "UNAUTHORIZED" };
        assert_eq!(anonymous["code"], expected, "{} without a credential", info.name);
    }
}

#[tokio::test]
async fn an_answer_is_the_same_whatever_brought_the_call() {
    let server = Server::start().await;
    let ann = server.person("ann").await;
    let room = ann.room().await;
    ann.call("chat.send", json!({ "room_id": room, "content": "hello" })).await.data();
    let made = ann.call("dashboard.create", json!({ "title": "x", "room_id": room })).await.data();
    let by_id = json!({ "dashboard_id": made["id"] });
    let mut socket = server.socket(&ann).await;
    let reads = [
        ("account.me", json!({})),
        ("room.list", json!({})),
        ("room.status", json!({ "room_id": room })),
        ("room.readers", json!({ "room_id": room })),
        ("room.history", json!({ "room_id": room })),
        ("file.list", json!({})),
        ("dashboard.list", json!({ "room_id": room })),
        ("dashboard.get", by_id.clone()),
        ("dashboard.changes", by_id.clone()),
        ("dashboard.shares", by_id),
    ];
    for (name, input) in reads {
        let http = over_http(&ann, name, &input).await;
        assert!(http.is_ok(), "{name}: {http:?}");
        assert_eq!(http, over_sse(&ann, name, &input).await, "{name}");
        assert_eq!(http, over_socket(&mut socket, name, &input).await, "{name}");
    }
}
