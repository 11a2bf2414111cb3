//! `/openapi.json`: the table of routes, as OpenAPI 3.1.

use std::collections::{BTreeMap, HashSet};

use http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use vizroom_protocol::{Access, Code, Error, operation, schema};

use super::finish::{exemplify, prune};
use super::groups;
use super::shapes::{NamedError, SessionError, StatedError};
use crate::transport::http::routes::{self, Describe, EVENTS, Errors, FORM, JSON, Route};
use crate::transport::http::table;

const ABOUT: &str = include_str!("about.md");

/// The document.
pub(super) fn document() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut write = Writer { generator: settings.into_generator(), errors: HashSet::new() };
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut used = HashSet::new();
    for route in table() {
        let group = groups::of(route.path).unwrap_or_default();
        used.insert(group);
        let operation = write.operation(route, group);
        paths.entry(route.path).or_default().insert(route.method.as_str().to_lowercase(), operation);
    }
    let responses = write.responses();
    let schemas = write.generator.take_definitions(true);
    let tags: Vec<Value> = groups::described(|name| used.contains(name))
        .map(|(name, about)| json!({"name": name, "description": about}))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vizroom",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Rooms in which people and AI agents build dashboards from their data together, live.",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": ".", "description": "Here." }],
        "security": [{ "token": [] }, { "key": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token: register or sign in, and send `Authorization: Bearer <access_token>`.",
                },
                "key": {
                    "type": "http", "scheme": "bearer",
                    "description": "An API key: `Authorization: Bearer vizroom_…`. It may do what its scopes say.",
                },
            },
            "parameters": { "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header",
                "description": "The same key from the same caller gives the first answer again, and does nothing twice.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]([\\t -~]*[!-~])?$" },
                "example": "9f3c1c1e-order-7",
            } },
            "headers": {
                "Retry-After": { "description": "Seconds until a retry makes sense.", "schema": { "type": "integer" } },
                "WWW-Authenticate": { "description": "Always `Bearer`.", "schema": { "type": "string" } },
            },
            "responses": responses,
            "schemas": schemas,
        },
    });
    exemplify(&mut document);
    prune(&mut document);
    document
}

struct Writer {
    generator: SchemaGenerator,
    /// The error answers that are referred to.
    errors: HashSet<(Errors, u16)>,
}

impl Writer {
    fn operation(&mut self, route: &Route, group: &str) -> Value {
        let info = operation::ALL.iter().find(|info| Some(info.name) == route.operation);
        let words = route.path.replace(['/', '.', '-'], "_").replace(['{', '}'], "");
        let id = format!("{}{words}", route.method.as_str().to_lowercase());
        let summary = route.sentence();
        let mut operation = json!({
            "operationId": id,
            "tags": [group],
            "summary": summary.trim_end_matches('.'),
            "responses": self.answers(route),
        });
        if let Some(info) = info {
            operation["description"] = format!("`{}`: {}", info.name, schema::terms(info)).into();
        }
        if route.access == Access::Anyone {
            operation["security"] = json!([]);
        }
        let fields = routes::fields(route);
        let mut parameters: Vec<Value> = Vec::new();
        let whole = route.input.map(|describe| self.resolved(describe));
        for segment in route.segments() {
            let schema = whole.as_ref().and_then(|whole| whole["properties"].get(segment)).cloned();
            parameters.push(parameter(segment, "path", schema.unwrap_or(json!({"type": "string"})), true));
        }
        let rest: Vec<&String> =
            fields.keys().filter(|field| route.segments().all(|segment| segment != *field)).collect();
        if let Some(whole) = &whole {
            if route.has_body() {
                if !rest.is_empty()
                    || whole.get("properties").is_none()
                    || whole.get("additionalProperties") == Some(&json!(true))
                {
                    operation["requestBody"] = self.body(route, whole);
                }
            } else {
                for field in rest {
                    let needed = required(whole).any(|name| name == field);
                    parameters.push(parameter(field, "query", whole["properties"][field].clone(), needed));
                }
            }
        }
        parameters.extend(route.headers.iter().map(|header| {
            json!({
                "name": header.name, "in": "header", "description": header.about, "example": header.example,
                "schema": { "type": "string", "pattern": header.pattern },
            })
        }));
        if route.has_body() && route.operation.is_some() {
            parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
        }
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        operation
    }

    /// A type's own schema, not a reference to it.
    fn resolved(&mut self, describe: Describe) -> Value {
        let schema = describe(&mut self.generator);
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next());
        name.and_then(|name| self.generator.definitions().get(name)).unwrap_or(schema.as_value()).clone()
    }

    /// The body: the input without what the path says.
    fn body(&mut self, route: &Route, whole: &Value) -> Value {
        let refers = route.segments().next().is_none().then_some(route.input).flatten();
        let schema = match refers {
            Some(describe) => describe(&mut self.generator).to_value(),
            None => {
                let mut schema = whole.clone();
                let segments: HashSet<&str> = route.segments().collect();
                if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
                    fields.retain(|name, _| !segments.contains(name.as_str()));
                }
                if let Some(names) = schema.get_mut("required").and_then(Value::as_array_mut) {
                    names.retain(|name| name.as_str().is_some_and(|name| !segments.contains(name)));
                }
                schema
            }
        };
        let needed =
            required(&schema).next().is_some() || required(whole).any(|name| route.segments().all(|s| s != name));
        json!({ "required": needed, "content": { route.input_kind: { "schema": schema } } })
    }

    fn answers(&mut self, route: &Route) -> Value {
        let mut answers = Map::new();
        answers.insert(route.status.to_string(), self.success(route));
        for (status, name) in failures(route) {
            self.errors.insert((route.errors, status));
            let reference = format!("#/components/responses/{name}{}", suffix(route.errors));
            answers.insert(status.to_string(), json!({ "$ref": reference }));
        }
        for (status, when) in route.more {
            let mut answer = json!({ "description": when });
            if *status == 206 {
                answer["content"] = json!({ route.output_kind: { "schema": { "type": "string" } } });
            }
            answers.insert(status.to_string(), answer);
        }
        for (status, when) in route.own_errors {
            let shape = refusal(self.generator.subschema_for::<Error>().to_value());
            let content = json!({ "application/json": { "schema": shape } });
            answers.insert(status.to_string(), json!({ "description": when, "content": content }));
        }
        answers.into()
    }

    fn success(&mut self, route: &Route) -> Value {
        if route.status == 101 {
            return json!({ "description": "The connection is a WebSocket from here on." });
        }
        let described = route.output.map(|describe| describe(&mut self.generator).to_value());
        let content = match described {
            Some(event) if route.output_kind == EVENTS => json!({
                "description": "One event of the stream; its `data` is one JSON text.",
                "type": "object",
                "required": ["data"],
                "properties": {
                    "id": { "type": "string", "description": "For `Last-Event-ID`." },
                    "event": { "type": "string" },
                    "data": { "type": "string", "contentMediaType": JSON, "contentSchema": event },
                },
            }),
            Some(data) if route.enveloped => envelope(data),
            Some(data) => data,
            None => json!({ "type": "string" }),
        };
        let description = if route.output_kind == EVENTS { "A stream." } else { "Done." };
        let kind = route.output_kind.split(';').next().unwrap_or_default();
        match kind {
            "" => json!({ "description": description }),
            kind => json!({ "description": description, "content": { kind: { "schema": content } } }),
        }
    }

    /// Every error answer that is referred to.
    fn responses(&mut self) -> Value {
        let mut responses = BTreeMap::new();
        for (shape, status) in std::mem::take(&mut self.errors) {
            let (name, error) = sample(status);
            let schema = match shape {
                Errors::Enveloped => {
                    let error = self.generator.subschema_for::<Error>().to_value();
                    refusal(error)
                }
                Errors::Named => self.generator.subschema_for::<NamedError>().to_value(),
                Errors::Stated => self.generator.subschema_for::<StatedError>().to_value(),
                Errors::Session => self.generator.subschema_for::<SessionError>().to_value(),
            };
            let enveloped =
                || json!({"success": false, "data": null, "errors": [error], "warnings": [], "execution_time_ms": 0.4});
            let example = shape.body(&error).unwrap_or_else(enveloped);
            let mut response = json!({
                "description": about(status),
                "content": { JSON: { "schema": schema, "example": example } },
            });
            let header = |name: &str| json!({ name: { "$ref": format!("#/components/headers/{name}") } });
            match status {
                401 => response["headers"] = header("WWW-Authenticate"),
                429 => response["headers"] = header("Retry-After"),
                _ => {}
            }
            responses.insert(format!("{name}{}", suffix(shape)), response);
        }
        json!(responses)
    }
}

/// A parameter of the path or the query string: there, null cannot be said.
fn parameter(name: &str, place: &str, mut schema: Value, required: bool) -> Value {
    if let Some(kinds) = schema.get_mut("type").filter(|kind| kind.is_array()) {
        let kind = kinds.as_array().into_iter().flatten().find(|kind| *kind != "null").cloned().unwrap_or_default();
        *kinds = kind;
    }
    if let Some(either) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        either.retain(|schema| schema["type"] != "null");
        if let [one] = &mut either[..] {
            let one = one.take();
            let about = schema["description"].take();
            schema = one;
            if !about.is_null() {
                schema["description"] = about;
            }
        }
    }
    let mut description = Value::Null;
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("default");
        description = fields.remove("description").unwrap_or_default();
    }
    let mut parameter = json!({ "name": name, "in": place, "required": required, "schema": schema });
    if !description.is_null() {
        parameter["description"] = description;
    }
    parameter
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The envelope of a success with this `data`.
fn envelope(data: Value) -> Value {
    json!({
        "type": "object",
        "required": ["success", "data", "errors", "warnings", "execution_time_ms"],
        "properties": {
            "success": { "const": true },
            "data": data,
            "errors": { "type": "array", "maxItems": 0 },
            "warnings": { "type": "array", "items": { "type": "string" } },
            "execution_time_ms": { "type": "number", "minimum": 0 },
        },
    })
}

/// The envelope of a failure.
fn refusal(error: Value) -> Value {
    json!({
        "type": "object",
        "required": ["success", "data", "errors", "warnings", "execution_time_ms"],
        "properties": {
            "success": { "const": false },
            "data": { "type": "null" },
            "errors": { "type": "array", "items": error, "minItems": 1 },
            "warnings": { "type": "array", "items": { "type": "string" } },
            "execution_time_ms": { "type": "number", "minimum": 0 },
        },
    })
}

/// Which errors a route may answer.
fn failures(route: &Route) -> impl Iterator<Item = (u16, &'static str)> {
    let probe = route.output_kind.starts_with("text/plain");
    let changes = route.method != Method::GET;
    let fields = routes::fields(route);
    let names =
        fields.keys().any(|field| field.ends_with("id") || field == "slug") || route.segments().next().is_some();
    let body = route.has_body() && route.input.is_some();
    let told = [
        (400, true),
        (401, !probe),
        (403, !probe),
        (404, names || changes),
        (409, changes),
        (413, body || route.input_kind == FORM),
        (429, !probe),
        (500, true),
        (503, true),
    ];
    told.into_iter().filter(|(_, may)| *may).map(|(status, _)| (status, sample(status).0))
}

fn suffix(shape: Errors) -> &'static str {
    match shape {
        Errors::Enveloped => "",
        Errors::Named => "Named",
        Errors::Stated => "Stated",
        Errors::Session => "Session",
    }
}

/// The name of an error answer, and one such error.
fn sample(status: u16) -> (&'static str, Error) {
    let mut limited = Error::new(Code::RateLimited, "too many calls; slow down");
    limited.retry_after_ms = Some(800);
    match status {
        400 => ("InvalidRequest", Error::invalid("room_id", "an id is expected")),
        401 => ("Unauthorized", Error::unauthorized("sign in first")),
        403 => ("Forbidden", Error::forbidden("owners of the room may do this")),
        404 => ("NotFound", Error::not_found("room")),
        409 => ("Conflict", Error::new(Code::Conflict, "somebody changed it first")),
        413 => ("TooLarge", Error::new(Code::TooLarge, "a JSON body has at most 262144 bytes")),
        429 => ("RateLimited", limited),
        503 => ("Unavailable", Error::new(Code::Unavailable, "the server is about to stop")),
        _ => ("InternalError", Error::new(Code::InternalError, "something broke; it is in the server's log")),
    }
}

fn about(status: u16) -> &'static str {
    match status {
        400 => "The request is wrong; `field` names the part.",
        401 => "No credential, or one that is wrong or expired.",
        403 => "The caller may not do this.",
        404 => "No such thing, or it belongs to another tenant.",
        409 => "Somebody changed it first, or it exists already.",
        413 => "Over a size limit; the message states the limit.",
        429 => "Too many requests; come back after the stated time.",
        503 => "Not possible for now: stopping, overloaded, or a part is down.",
        _ => "Our fault. Details are in the server's log, not here.",
    }
}
