//! Any operation, as it is: `POST /api/v1/call/{operation}`.

use bytes::Bytes;
use http::StatusCode;
use http::header::ACCEPT;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use vizroom_protocol::{Error, frame, operation};
use warp::reply::Response;

use super::ask::Ask;
use super::{Route, respond, route, succeeded};

pub(super) const ROUTES: &[Route] = &[route!(POST "/api/v1/call/{operation}", call)
    .about("Any operation, by its name; the body is its input. Who accepts `text/event-stream` gets the frame that a socket would get.")
    .open()
    .takes::<Call>()
    .answers::<Value>()];

/// An operation's name and input.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "said, not read")]
struct Call {
    /// One of those that `/asyncapi` lists.
    #[schemars(schema_with = "names")]
    operation: String,
    #[schemars(flatten)]
    input: Map<String, Value>,
}

fn names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = operation::ALL.iter().map(|info| info.name).collect();
    json_schema!({ "type": "string", "enum": names, "examples": ["room.list"] })
}

/// The body is the operation's `data`. Who accepts `text/event-stream` gets the frame a socket would get.
async fn call(mut ask: Ask) -> Result<Response, Error> {
    let accept = ask.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let streams = accept.is_some_and(|accept| accept.contains("text/event-stream"));
    let outcome = match ask.json().await {
        Ok(data) => ask.call(ask.param(0), Some(&data)).await,
        Err(error) => Err(error),
    };
    if !streams {
        return Ok(succeeded(&outcome?, ask.started));
    }
    let frame = match outcome {
        Ok(data) => format!(r#"{{"type":"reply","data":{data},"metadata":{{}}}}"#),
        Err(error) => frame::error(None, &error),
    };
    // JSON as we write it has no line breaks, so a frame is one `data` line.
    Ok(respond(StatusCode::OK, "text/event-stream", Bytes::from(format!("data: {frame}\n\n"))))
}
