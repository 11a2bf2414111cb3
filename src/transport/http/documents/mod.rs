//! What the server says of its own interface: `/openapi.json` from the table of routes, `/asyncapi.json` from those of
//! operations and events, and the pages that show them. All of it is inside the binary.

mod finish;
mod groups;
mod openapi;
mod pages;
pub(super) mod shapes;

use std::sync::LazyLock;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};
use vizroom_protocol::{Error, asyncapi};
use warp::reply::Response;

use super::ask::Ask;
use super::routes::JSON;
use super::{Route, respond, route};
pub(super) use pages::find;

pub(super) const ROUTES: &[Route] = &[
    route!(GET "/openapi.json", openapi)
        .about("This document: every route, as OpenAPI 3.1. `/docs` and `/redoc` show it.")
        .open()
        .gives::<Map<String, Value>>(),
    route!(GET "/asyncapi.json", asyncapi)
        .about("Every call and event of the WebSocket, as AsyncAPI 3.0. `/asyncapi` shows it.")
        .open()
        .gives::<Map<String, Value>>(),
];

async fn openapi(_: Ask) -> Result<Response, Error> {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| openapi::document().to_string().into());
    Ok(respond(StatusCode::OK, JSON, TEXT.clone()))
}

async fn asyncapi(_: Ask) -> Result<Response, Error> {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| asyncapi::document().to_string().into());
    Ok(respond(StatusCode::OK, JSON, TEXT.clone()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_document_is_the_committed_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol/generated/openapi.json");
        let now = serde_json::to_string_pretty(&openapi::document()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            now == committed,
            "protocol/generated/openapi.json has drifted: \
             UPDATE=1 cargo test --workspace --features vizroom-protocol/client --lib documents"
        );
    }

    #[test]
    fn every_route_has_a_group() {
        for route in super::super::table() {
            assert!(groups::of(route.path).is_some(), "{} belongs to no group: see groups.rs", route.path);
        }
    }
}
