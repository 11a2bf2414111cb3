//! The WebSocket as an AsyncAPI 3.0 document: every call with its reply, and every event.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::at_once::AtOnce;
use crate::event::Class;
use crate::example::{self, Show};
use crate::{PROTOCOL, error, event, frame, operation, schema};

const ABOUT: &str = "Rooms are logs, members are cursors on them. Every frame, both ways, is one JSON text message \
    `{\"type\", \"data\", \"metadata\"}`.\n\n\
    A **call** is an operation's name with its input; with `metadata.id` it is answered by a `reply` or an `error` whose \
    `metadata.reply_to` is that id. With `metadata.idempotency_key` it is done once, however often it is sent. An **event** is \
    what a room tells its members, in one order.\n\n\
    Sign in by the header `Authorization: Bearer <token>`, by the subprotocols `vizroom.v1, bearer.<token>`, or by a first call \
    `auth` within 5 s. With `?room_id=…&since=…` the connection's first call is `room.join` with the id `join`, without being \
    sent: `since` is `head`, or where the caller left off as `EPOCH:SEQ`. Every operation can also be called at `POST /api/v1/call/{operation}`.\n\n\
    Close codes 4000–4499 say *come back* (4001 draining, 4008 no progress, 4012 no pong, 4029 too many calls), 4500–4999 *do \
    not* (4501 bad token, 4502 bad frame, 4503 revoked, 4504 too many connections, 4509 too big).";

const CHANNEL: &str = "#/channels/events";

/// The document, the same as the committed `generated/asyncapi.json`.
pub fn document() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let (mut messages, mut operations) = (Map::new(), Map::new());
    for info in operation::ALL {
        let [call, reply] = exchange(&mut generator, info);
        messages.insert(info.name.to_owned(), call);
        messages.insert(format!("{}.reply", info.name), reply);
        operations.insert(info.name.to_owned(), received(info));
    }
    for info in event::ALL {
        messages.insert(info.name.to_owned(), told(&mut generator, info));
        operations.insert(format!("tell.{}", info.name), sent(info));
    }
    messages.insert("error".into(), failure(&mut generator));
    let query = generator.subschema_for::<AtOnce>();
    let schemas = generator.take_definitions(true);
    for message in messages.values_mut() {
        let example = if message["x-kind"] == "call" {
            let data = example::of(&message["payload"]["properties"]["data"], &schemas, Show::Needed);
            json!({ "type": message["name"], "data": data, "metadata": { "id": 7 } })
        } else {
            example::of(&message["payload"], &schemas, Show::All)
        };
        message["examples"] = json!([{ "payload": example }]);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "vizroom",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "here": {
                "host": "{host}",
                "protocol": "ws",
                "description": "`wss` where the server is behind TLS.",
                "variables": { "host": { "default": "localhost:8000" } },
            },
        },
        "channels": {
            "events": {
                "address": "/ws/events",
                "title": "Room event hub",
                "description": format!("One connection for any number of rooms. Subprotocol `{PROTOCOL}`."),
                "messages": messages,
                "bindings": { "ws": { "method": "GET", "query": query } },
            },
        },
        "operations": operations,
        "components": { "schemas": schemas },
    })
}

/// What the server does with a call.
fn received(info: &operation::Info) -> Value {
    json!({
        "action": "receive",
        "title": info.name,
        "summary": info.about.trim(),
        "description": schema::terms(info),
        "tags": [{ "name": noun(info.name) }],
        "channel": { "$ref": CHANNEL },
        "messages": [message(info.name)],
        "reply": {
            "channel": { "$ref": CHANNEL },
            "messages": [message(&format!("{}.reply", info.name)), message("error")],
        },
    })
}

/// What it does with an event.
fn sent(info: &event::Info) -> Value {
    json!({
        "action": "send",
        "title": info.name,
        "tags": [{ "name": noun(info.name) }],
        "channel": { "$ref": CHANNEL },
        "messages": [message(info.name)],
    })
}

fn message(name: &str) -> Value {
    json!({ "$ref": format!("{CHANNEL}/messages/{name}") })
}

/// `room` of `room.join`.
fn noun(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// A call and its reply.
fn exchange(generator: &mut SchemaGenerator, info: &operation::Info) -> [Value; 2] {
    let call = json!({
        "name": info.name,
        "title": info.name,
        "summary": info.about.trim(),
        "x-kind": "call",
        "payload": {
            "type": "object",
            "required": ["type"],
            "additionalProperties": false,
            "properties": {
                "type": { "const": info.name },
                "data": (info.input)(generator),
                "metadata": generator.subschema_for::<frame::CallMetadata>(),
            },
        },
    });
    let reply = json!({
        "name": "reply",
        "title": format!("Reply to {}", info.name),
        "x-kind": "reply",
        "payload": framed("reply", (info.output)(generator).to_value(), &json!({
            "type": "object",
            "required": ["reply_to"],
            "properties": { "reply_to": generator.subschema_for::<frame::CallId>() },
        })),
    });
    [call, reply]
}

/// An event.
fn told(generator: &mut SchemaGenerator, info: &event::Info) -> Value {
    let about = match info.class {
        Class::Durable => {
            "Durable: takes the room's next `seq`, is stored before anyone sees it, and reaches every reader."
        }
        Class::Latest => "Latest: carries a `key` and a `rev`; a reader that lags gets only the newest of each key.",
        Class::Ephemeral => "Ephemeral: a reader that lags does not get it, and is told how many it missed.",
    };
    let metadata = generator.subschema_for::<frame::Metadata>().to_value();
    json!({
        "name": info.name,
        "title": info.name,
        "summary": about,
        "x-kind": "event",
        "x-class": info.class,
        "payload": framed(info.name, (info.data)(generator).to_value(), &metadata),
    })
}

/// An error, in reply to a call or to what could not be read.
fn failure(generator: &mut SchemaGenerator) -> Value {
    let data = generator.subschema_for::<error::Error>().to_value();
    let metadata = generator.subschema_for::<frame::Metadata>().to_value();
    json!({ "name": "error", "title": "error", "x-kind": "reply", "payload": framed("error", data, &metadata) })
}

fn framed(kind: &str, data: Value, metadata: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["type", "data", "metadata"],
        "properties": { "type": { "const": kind }, "data": data, "metadata": metadata },
    })
}
