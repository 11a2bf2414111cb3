//! What was done in a tenant: changed rights, deletions, sign-ins.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{AuditId, UserId};

/// `audit.list`: newest first; only for the tenant's owner.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Lines older than this one.
    #[serde(default)]
    pub before: Option<AuditId>,
    /// 1–500, 100 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Reply to `audit.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    pub lines: Vec<Line>,
    /// Whether there are older ones.
    pub more: bool,
}

/// One thing that somebody did, or tried to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    pub id: AuditId,
    /// RFC 3339.
    pub ts: String,
    /// Absent where nobody was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Such as `room.remove_member`.
    pub operation: String,
    /// What it was about, by the fields of its input: `{"room_id": "…", "user_id": "…"}`.
    pub target: BTreeMap<String, String>,
    /// `ok`, or the code of the error.
    pub outcome: String,
    /// The address that the call came from, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
}
