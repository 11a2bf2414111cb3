//! What is done to the document once it is whole: examples, and nothing that nobody refers to.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use vizroom_protocol::example::{self, Show};

use crate::transport::http::routes::{EVENTS, FORM, JSON};

/// Leaves out types that nothing refers to: those whose fields stand in paths and query strings.
pub(super) fn prune(document: &mut Value) {
    loop {
        let mut used = HashSet::new();
        references(document, &mut used);
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
        let before = schemas.len();
        schemas.retain(|name, _| used.contains(name));
        if schemas.len() == before {
            return;
        }
    }
}

/// Names of the types that are referred to.
fn references(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Object(fields) => {
            let target =
                fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/components/schemas/"));
            found.extend(target.map(ToOwned::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Gives every body and parameter an example.
pub(super) fn exemplify(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(body) = operation.get_mut("requestBody") {
            each_content(body, Show::Needed, &schemas);
        }
        for answer in operation["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            each_content(answer, Show::All, &schemas);
        }
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            if parameter.get("$ref").is_none() && parameter["in"] != "header" {
                let wrapped = json!({"type": "object", "required": [name], "properties": {&name: parameter["schema"]}});
                parameter["example"] = example::of(&wrapped, &schemas, Show::Needed)[&name].clone();
            }
        }
    }
}

fn each_content(holder: &mut Value, show: Show, schemas: &Map<String, Value>) {
    for (kind, media) in holder.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        let example = match kind.as_str() {
            EVENTS => {
                let data = example::of(&media["schema"]["properties"]["data"]["contentSchema"], schemas, show);
                json!({ "data": data.to_string() })
            }
            JSON | FORM => example::of(&media["schema"], schemas, show),
            _ => continue,
        };
        media["example"] = example;
    }
}
