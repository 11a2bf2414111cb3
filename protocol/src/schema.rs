//! The whole contract as one JSON Schema document: what clients in other languages are generated from.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::operation::Access;
use crate::{PROTOCOL, error, event, frame, operation};

/// `{protocol, operations: {name: {about, access, key, cost, input, output}}, events: {name: {class, data}}, $defs}`,
/// JSON Schema 2020-12. The same as the committed `generated/schema.json`.
pub fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let operations: Map<String, Value> = operation::ALL.iter().map(|info| operation(&mut generator, info)).collect();
    let events: Map<String, Value> = event::ALL.iter().map(|info| event(&mut generator, info)).collect();
    for schema in [
        generator.subschema_for::<error::Error>(),
        generator.subschema_for::<frame::Metadata>(),
        generator.subschema_for::<frame::CallMetadata>(),
    ] {
        debug_assert!(schema.get("$ref").is_some(), "a named type is a definition");
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "protocol": PROTOCOL,
        "operations": operations,
        "events": events,
        "$defs": generator.take_definitions(true),
    })
}

/// Who may call an operation, and what it costs, in words.
pub fn terms(info: &operation::Info) -> String {
    let who = match info.access {
        Access::Anyone => "Anyone may call it".to_owned(),
        Access::SignedIn => "Whoever is signed in may call it".to_owned(),
        Access::Member(role) => format!("Members of the room from `{}` up may call it", word(&role)),
        Access::Viewing => "For whoever came by a public link, with the token that it gave".to_owned(),
        Access::Connected => "Only over a WebSocket, because it is about that connection".to_owned(),
    };
    let key = if [Access::Anyone, Access::Viewing].contains(&info.access) {
        String::new()
    } else {
        format!(", an API key with the scope `{}`", word(&info.key))
    };
    format!("{who}{key}. Costs {}.", info.cost)
}

/// A unit variant as it crosses the wire.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

fn operation(generator: &mut SchemaGenerator, info: &operation::Info) -> (String, Value) {
    let access = match info.access {
        Access::Anyone => "anyone".to_owned(),
        Access::SignedIn => "signed-in".to_owned(),
        Access::Connected => "connected".to_owned(),
        Access::Viewing => "viewing".to_owned(),
        Access::Member(role) => format!("{role:?}").to_lowercase(),
    };
    let schema = json!({
        "about": info.about.trim(),
        "access": access,
        "key": info.key,
        "cost": info.cost,
        "input": (info.input)(generator),
        "output": (info.output)(generator),
    });
    (info.name.to_owned(), schema)
}

fn event(generator: &mut SchemaGenerator, info: &event::Info) -> (String, Value) {
    (info.name.to_owned(), json!({ "class": info.class, "data": (info.data)(generator) }))
}
