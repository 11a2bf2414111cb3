//! API keys: how a program calls in its user's name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::KeyId;
use crate::operation::Key;

/// `key.create`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KeyCreate")]
pub struct Create {
    /// 1–100 characters: what it is for.
    pub name: String,
    /// At least one. A key makes no key that may do what it may not itself.
    pub scopes: Vec<Key>,
    /// RFC 3339, in the future. Absent: good until it is revoked.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKey {
    pub id: KeyId,
    pub name: String,
    /// How it begins, to tell it from others.
    pub prefix: String,
    pub scopes: Vec<Key>,
    /// RFC 3339, like the others.
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
}

/// Reply to `key.create`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "KeyCreated")]
pub struct Created {
    #[serde(flatten)]
    pub about: ApiKey,
    /// `vizroom_…`: goes where an access token goes. Shown this once.
    pub key: String,
}

/// Reply to `key.list`: the caller's own, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "KeyListed")]
pub struct Listed {
    pub keys: Vec<ApiKey>,
}

/// `key.revoke`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KeyRevoke")]
pub struct Revoke {
    pub key_id: KeyId,
}
