//! What the callbacks of a tenant are signed with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `callback.set_secret`: for who registered the tenant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CallbackSetSecret")]
pub struct SetSecret {
    /// 16–200 characters, which no answer ever shows; null: none any more. Callbacks that wait already keep theirs. Not to
    /// be left out.
    #[serde(deserialize_with = "Option::deserialize")]
    pub secret: Option<String>,
}

/// Reply to `callback.settings` and `callback.set_secret`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CallbackSettings")]
pub struct Settings {
    /// Whether a `callback_url` may come without a `callback_secret`.
    pub has_secret: bool,
    /// Since when; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_at: Option<String>,
}
