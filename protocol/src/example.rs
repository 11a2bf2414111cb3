//! Examples of anything that has a schema: the type's own where it gives one (`#[schemars(example = …)]`), else one that
//! is put together field by field, the same every time.

use serde_json::{Map, Value, json};

/// Types nest no deeper; what refers to itself ends here.
const DEPTH_MAX: usize = 40;

/// How much an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// What has to be there: enough for an input.
    Needed,
    /// Every field.
    All,
}

/// An example of `schema`, whose `$ref`s end in names of `definitions`.
pub fn of(schema: &Value, definitions: &Map<String, Value>, show: Show) -> Value {
    Examples { definitions, show }.of(schema, "", 0)
}

struct Examples<'a> {
    definitions: &'a Map<String, Value>,
    show: Show,
}

impl Examples<'_> {
    fn of(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let given = schema.get("examples").and_then(|examples| examples.get(0)).or_else(|| schema.get("const"));
        if let Some(given) = given {
            return given.clone();
        }
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
            return first.clone();
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.rsplit('/').next().and_then(|name| self.definitions.get(name));
            return target.map_or(Value::Null, |target| self.of(target, name, depth + 1));
        }
        for either in ["oneOf", "anyOf"] {
            if let Some(first) = schema.get(either).and_then(|schemas| schemas.get(0)) {
                return merged(self.of(first, name, depth + 1), self.object(schema, depth));
            }
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => {
                schema.get("items").map_or(json!([]), |items| json!([self.of(items, singular(name), depth + 1)]))
            }
            "integer" => {
                schema.get("minimum").filter(|least| least.as_u64() > Some(0)).cloned().unwrap_or(number(name))
            }
            "number" => json!(1250.5),
            "boolean" => json!(true),
            "string" => text(schema, name).into(),
            _ => word(name).map_or(Value::Null, Into::into),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let needed = |name: &String| {
            let required = schema.get("required").and_then(Value::as_array);
            required.is_some_and(|required| required.iter().any(|field| field == name))
        };
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let shown = fields.filter(|(name, _)| self.show == Show::All || needed(name));
        shown.map(|(name, field)| (name.clone(), self.of(field, name, depth + 1))).collect()
    }
}

/// What flattened parts give together.
fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            one.into()
        }
        (one, _) => one,
    }
}

/// The type, that it may be null aside.
fn kind(schema: &Value) -> &str {
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    kind.or(schema.get("properties").map(|_| "object")).unwrap_or_default()
}

fn singular(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}

fn number(name: &str) -> Value {
    match name {
        "expires_in" => json!(900),
        "head" | "seq" | "before" => json!(1052),
        "progress" => json!(25),
        "columns" => json!(12),
        "reconnect_after_ms" | "retry_after_ms" => json!(800),
        _ => json!(1),
    }
}

fn text(schema: &Value, name: &str) -> String {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let known = match format {
        "uuid" => Some("0190163d-8694-739b-aea5-966c26f8ad91"),
        "binary" => Some("region,sales\nNorth,450000\nSouth,380000\n"),
        "date-time" => Some("2026-01-08T10:15:00.000Z"),
        _ => word(name),
    };
    known.map_or_else(|| name.replace('_', " "), ToOwned::to_owned)
}

/// What a field of this name often says.
fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "email" | "target" => "ada@example.com",
        "password" => "correct horse battery",
        "name" => "Sales",
        "title" => "Sales by region",
        "content" | "message" => "Sales by region, please",
        "user_prompt" | "prompt" | "instructions" => "Show sales by region and month",
        "new_feedback" => "make chart 1 a pie",
        "target_chart_id" | "chart_id" | "key" => "chart_1",
        "token" | "access_token" => "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
        "refresh_token" | "invitation" => "Jb7Qm0dD3Zt1kq4l0m6mQG3nq2p7rX1Zb0m9s8u7y6w",
        "token_type" => "Bearer",
        "epoch" => "k3",
        "protocol" => "vizroom.v1",
        "connection_name" => "files",
        "field" | "x" => "region",
        "sql" => "SELECT region, SUM(sales) AS sales FROM sales GROUP BY region",
        "slug" => "sales-by-region-abc123",
        "trend" => "+12% vs last month",
        "unit" => "$",
        "ts" | "since" => "2026-01-08T10:15:00.000Z",
        "operation" => "room.list",
        name if name.ends_with("_at") || name.ends_with("_since") => "2026-01-08T10:15:00.000Z",
        _ => return None,
    })
}
