//! A line of a family's table: where it is, what serves it, and what the documents say of it.
//!
//! ```ignore
//! route!(POST "/server/rooms/{room_id}/members" => RoomAddMember)   // an operation, as it is
//! route!(GET "/dashboards/{dashboard_id}", shown)                   // a function of its own, which
//!     .calls::<DashboardGet>()                                      //   has an operation's input and rights,
//!     .gives::<Shown>()                                             //   and a shape of its own
//! ```

use http::Method;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use vizroom_protocol::{Access, Code, Error, Operation, operation};

use super::Answer;
use super::ask::Ask;

/// The schema of a type.
pub(super) type Describe = fn(&mut SchemaGenerator) -> Schema;

pub(super) const JSON: &str = "application/json";
pub(super) const FORM: &str = "multipart/form-data";
pub(super) const EVENTS: &str = "text/event-stream";
pub(super) const BYTES: &str = "application/octet-stream";

/// See the module. Segments of the path such as `{room_id}` match anything; where there is an input, each is the field
/// of that name. The input's other fields stand in the query string of a GET or DELETE, else in the body.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) serve: fn(&'static Route, Ask) -> Answer,
    /// The operation that it presents.
    pub(super) operation: Option<&'static str>,
    /// A sentence. Empty: the operation's own.
    pub(super) about: &'static str,
    pub(super) access: Access,
    /// Path, query and body as one.
    pub(super) input: Option<Describe>,
    /// Of the body, if there is one.
    pub(super) input_kind: &'static str,
    /// What a success answers.
    pub(super) output: Option<Describe>,
    /// Empty: no body.
    pub(super) output_kind: &'static str,
    /// Whether `output` is the `data` of the envelope.
    pub(super) enveloped: bool,
    pub(super) status: u16,
    /// Request headers that mean something here.
    pub(super) headers: &'static [Header],
    pub(super) errors: Errors,
    /// Answers that are no errors, besides `status`; they have no JSON.
    pub(super) more: &'static [(u16, &'static str)],
    /// Statuses of errors that are its protocol's own.
    pub(super) own_errors: &'static [(u16, &'static str)],
}

/// A request header.
pub(super) struct Header {
    pub(super) name: &'static str,
    /// A regular expression of what it may say.
    pub(super) pattern: &'static str,
    pub(super) example: &'static str,
    pub(super) about: &'static str,
}

/// How a family presents an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Errors {
    /// In the envelope.
    Enveloped,
    /// `{"success": false, "error": "not_found", "message": …}`
    Named,
    /// `{"status": "error", "success": false, "message": …, "data": null, "code": …}`
    Stated,
    /// `{"success": false, "session_id": …, "dashboard": null, "error": …, "code": …}`
    Session,
}

impl Route {
    /// A route with a function of its own.
    pub(super) const fn own(method: Method, path: &'static str, serve: fn(&'static Route, Ask) -> Answer) -> Self {
        Self {
            method,
            path,
            serve,
            operation: None,
            about: "",
            access: Access::SignedIn,
            input: None,
            input_kind: JSON,
            output: None,
            output_kind: "",
            enveloped: false,
            status: 200,
            headers: &[],
            more: &[],
            own_errors: &[],
            errors: Errors::Enveloped,
        }
    }

    /// An operation as it is, its answer in the envelope.
    pub(super) const fn of<O: Operation>(method: Method, path: &'static str) -> Self {
        Self::own(method, path, |route, ask| Box::pin(ask.present(route))).calls::<O>().answers::<O::Output>()
    }

    /// It has this operation's input, rights and purpose.
    pub(super) const fn calls<O: Operation>(mut self) -> Self {
        self.operation = Some(O::NAME);
        self.access = O::ACCESS;
        self.takes::<O::Input>()
    }

    /// What it is about, in a sentence.
    pub(super) const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// Anyone may call it.
    pub(super) const fn open(mut self) -> Self {
        self.access = Access::Anyone;
        self
    }

    /// Path, query and JSON body, as one.
    pub(super) const fn takes<T: JsonSchema>(mut self) -> Self {
        self.input = Some(|generator| generator.subschema_for::<T>());
        self
    }

    /// The body is a form.
    pub(super) const fn takes_form<T: JsonSchema>(mut self) -> Self {
        self.input_kind = FORM;
        self.takes::<T>()
    }

    /// Answers in the envelope.
    pub(super) const fn answers<T: JsonSchema>(self) -> Self {
        let mut route = self.gives::<T>();
        route.enveloped = true;
        route
    }

    /// Answers JSON of a shape of its own.
    pub(super) const fn gives<T: JsonSchema>(mut self) -> Self {
        self.output = Some(|generator| generator.subschema_for::<T>());
        self.output_kind = JSON;
        self.enveloped = false;
        self
    }

    /// Answers Server-Sent Events, the `data` of each of this shape.
    pub(super) const fn streams<T: JsonSchema>(self) -> Self {
        let mut route = self.gives::<T>();
        route.output_kind = EVENTS;
        route
    }

    /// Answers something that is no JSON.
    pub(super) const fn gives_text(mut self, content_type: &'static str) -> Self {
        self.output = None;
        self.output_kind = content_type;
        self.enveloped = false;
        self
    }

    /// The status of a success, where it is not 200.
    pub(super) const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Request headers that mean something here.
    pub(super) const fn headers(mut self, headers: &'static [Header]) -> Self {
        self.headers = headers;
        self
    }

    /// Statuses of answers that are no errors, and when.
    pub(super) const fn more(mut self, more: &'static [(u16, &'static str)]) -> Self {
        self.more = more;
        self
    }

    /// Statuses of errors that other routes do not have, and when.
    pub(super) const fn own_errors(mut self, errors: &'static [(u16, &'static str)]) -> Self {
        self.own_errors = errors;
        self
    }

    /// How errors look, where it is not in the envelope.
    pub(super) const fn errors(mut self, errors: Errors) -> Self {
        self.errors = errors;
        self
    }

    /// Names of the path's open segments, in order.
    pub(super) fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Whether input beyond the path stands in a body.
    pub(super) fn has_body(&self) -> bool {
        ![Method::GET, Method::DELETE].contains(&self.method)
    }

    /// What it is about.
    pub(super) fn sentence(&self) -> &'static str {
        let info = operation::ALL.iter().find(|info| Some(info.name) == self.operation);
        if self.about.is_empty() { info.map_or("", |info| info.about.trim()) } else { self.about }
    }
}

/// The input's fields, by name, as schemas. None of an input that is no object.
pub(super) fn fields(route: &Route) -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let Some(schema) = route.input.map(|describe| describe(&mut generator)) else { return Map::new() };
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next());
    let schema = name.and_then(|name| generator.definitions().get(name)).unwrap_or(schema.as_value());
    schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Whether a text for a field with this schema is read as a number or a boolean.
pub(super) fn is_literal(schema: &Value) -> bool {
    let literal = |kind: &Value| kind.as_str().is_some_and(|kind| ["integer", "number", "boolean"].contains(&kind));
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(literal),
        Some(kind) => literal(kind),
        None => false,
    }
}

impl Errors {
    /// A failure's body; none: that of the envelope.
    pub(super) fn body(self, error: &Error) -> Option<Value> {
        let mut body = match self {
            Errors::Enveloped => return None,
            Errors::Named => {
                let mut body = json!({"success": false, "error": word(error.code), "message": error.message});
                if let Some(field) = &error.field {
                    body["field"] = field.as_str().into();
                }
                body
            }
            Errors::Stated => json!({
                "status": "error", "success": false, "message": error.message, "data": null, "code": error.code,
            }),
            Errors::Session => json!({
                "success": false, "session_id": null, "dashboard": null, "error": error.message,
                "code": error.code, "field": error.field, "details": error.details,
            }),
        };
        if let (Some(field), Errors::Named | Errors::Stated) = (&error.field, self) {
            body["field"] = field.as_str().into();
        }
        Some(body)
    }
}

/// `not_found` of `NOT_FOUND`.
fn word(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_lowercase)).unwrap_or_default()
}
