//! `dashboard.process`: generation as one call that a program repeats until it has what it wanted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dashboard, Theme};
use crate::error::Error;
use crate::id::{DashboardId, FileId, RoomId, RunId};

/// `dashboard.process`, and `POST /api/v1/sdk/process`.
///
/// Without `session_id` a fresh run: `prompt` says what to show, the other fields are those of `dashboard.generate`. With
/// it, the call resumes: `prompt` answers the question of `awaiting_clarification`, or refines what is there; without a
/// `prompt` it only waits and tells how far the run is. Every answer carries the `session_id` to go on with.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Process {
    #[serde(default)]
    pub session_id: Option<DashboardId>,
    /// At most 4,000 characters. Needed for a fresh run.
    #[serde(default, alias = "user_prompt", alias = "message", alias = "answer")]
    pub prompt: Option<String>,
    /// Who watches a fresh run; where it is absent, only the caller.
    #[serde(default)]
    pub room_id: Option<RoomId>,
    #[serde(default)]
    pub connection_name: Option<String>,
    #[serde(default)]
    pub file_ids: Option<Vec<FileId>>,
    #[serde(default)]
    pub max_charts: Option<u8>,
    #[serde(default)]
    pub theme: Option<Theme>,
    /// See [`super::Generate`].
    #[serde(default)]
    pub callback_url: Option<String>,
    #[serde(default)]
    pub callback_secret: Option<String>,
    /// How long to wait for the end before the answer is `processing`: at most 30,000; 10,000 if absent.
    #[serde(default)]
    pub wait_ms: Option<u64>,
}

/// How far a call of `dashboard.process` came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessStatus {
    /// `question` says what is missing; resume with the answer as `prompt`.
    AwaitingClarification,
    /// Still under way: resume without a `prompt`, or wait for the callback.
    Processing,
    /// `dashboard` is there.
    Complete,
    /// `error` says why; the cards that were finished are in `dashboard`.
    Failed,
}

/// Reply to `dashboard.process`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Processed {
    pub session_id: DashboardId,
    /// Of the run that this call began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    pub status: ProcessStatus,
    /// What is asked back, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Answers that would work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// Words that nothing in the data matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<Dashboard>,
    /// What a refinement did, for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}
