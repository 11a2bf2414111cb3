//! The one error every operation answers with, whatever brought the call in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What went wrong: a closed set. Its HTTP status is [`Code::status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The call itself is wrong; `field` names the offending part.
    InvalidRequest,
    /// No credential, or one that is wrong or expired.
    Unauthorized,
    /// The caller may not do this.
    Forbidden,
    /// A published dashboard wants a password.
    PasswordRequired,
    /// No such thing, or it belongs to another tenant.
    NotFound,
    /// HTTP only: the route exists, the method does not.
    MethodNotAllowed,
    /// Somebody changed it first, or it exists already; `details` says what changed.
    Conflict,
    /// Over a size limit; the message states the limit.
    TooLarge,
    /// Too many calls; `retry_after_ms` says when to come back, `details.limit` how many there may be.
    RateLimited,
    /// Our fault. Details are in the server's log, not here.
    InternalError,
    /// No LLM provider answered.
    LlmUnavailable,
    /// Temporarily not possible: draining, overloaded, or a part is down.
    Unavailable,
}

impl Code {
    /// Every code, in the order of the enum.
    pub const ALL: [Self; 12] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::PasswordRequired,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::RateLimited,
        Self::InternalError,
        Self::LlmUnavailable,
        Self::Unavailable,
    ];

    /// As it is written on the wire: `NOT_FOUND`.
    pub fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(Value::String(word)) => word,
            other => unreachable!("a code is written as a word, not {other:?}"),
        }
    }

    /// The HTTP status this code travels with.
    pub fn status(self) -> u16 {
        match self {
            Code::InvalidRequest => 400,
            Code::Unauthorized => 401,
            Code::Forbidden | Code::PasswordRequired => 403,
            Code::NotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::Conflict => 409,
            Code::TooLarge => 413,
            Code::RateLimited => 429,
            Code::InternalError => 500,
            Code::LlmUnavailable | Code::Unavailable => 503,
        }
    }
}

/// An error as it leaves the server: on a socket as the `data` of an `error` frame, over HTTP inside `errors`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub code: Code,
    /// For a person; never a stack, a path, or SQL of ours.
    pub message: String,
    /// Path of the offending field, such as `data.room_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When a retry makes sense, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What a program needs to act on the error, such as the current revision of a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl Error {
    /// An error of any code; prefer the named constructors.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_ms: None, details: None }
    }

    /// A bad input, naming the field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::InvalidRequest, message) }
    }

    /// `what` does not exist, as far as this caller may know.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} not found"))
    }

    /// The caller may not do this; `why` says what would be needed.
    pub fn forbidden(why: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, why)
    }

    /// No or a wrong credential.
    pub fn unauthorized(why: impl Into<String>) -> Self {
        Self::new(Code::Unauthorized, why)
    }

    /// Adds machine-readable details.
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }
}
