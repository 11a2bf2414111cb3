//! What is generated is committed, and does not drift. `UPDATE=1 cargo test -p vizroom-protocol` writes it anew.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;
use vizroom_protocol::{asyncapi, event, operation, schema};

/// What somebody does by the way: typing must not use up what a tenant may ask for.
const SIGNALS: [&str; 5] = ["auth", "auth.refresh", "ping", "connection.stats", "presence.update"];

#[test]
fn the_schema_is_the_committed_one() {
    committed("schema.json", &schema::document());
}

#[test]
fn the_description_of_the_socket_is_the_committed_one() {
    committed("asyncapi.json", &asyncapi::document());
}

fn committed(name: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("generated").join(name);
    let now = serde_json::to_string_pretty(document).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == committed, "protocol/generated/{name} has drifted: UPDATE=1 cargo test -p vizroom-protocol");
}

#[test]
fn names_are_unique_and_documented() {
    let mut seen = HashSet::new();
    for info in operation::ALL {
        assert!(seen.insert(info.name), "{} twice", info.name);
        assert!(info.about.trim().ends_with('.'), "{} has no sentence about it", info.name);
        assert_eq!(info.cost == 0, SIGNALS.contains(&info.name), "{}: only signals are no requests", info.name);
    }
    for info in event::ALL {
        assert!(seen.insert(info.name), "{} twice", info.name);
    }
}
