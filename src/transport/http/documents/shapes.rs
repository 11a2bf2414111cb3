//! The documented families' own shapes, as schemas. A test holds what is presented against them.

#![allow(dead_code, reason = "said, not read")]

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use vizroom_protocol::Code;
use vizroom_protocol::dashboard::{Card, CardKind, Clarification, FilterState, Layout, Status, Theme};
use vizroom_protocol::frame::Metadata;
use vizroom_protocol::id::{self, CardId, FileId, RoomId};

/// A failure whose code is a word in lower case.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct NamedError {
    /// Always false.
    pub success: bool,
    /// `unauthorized`, `forbidden`, `password_required`, `not_found` …
    pub error: String,
    /// For a person.
    pub message: String,
    /// Path of the offending field, if there is one.
    pub field: Option<String>,
}

/// A failure that says its status.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct StatedError {
    /// `error`
    pub status: String,
    /// Always false.
    pub success: bool,
    /// For a person.
    pub message: String,
    /// Always null.
    pub data: Option<Value>,
    pub code: Code,
    /// What is wrong, where it is a part of the request.
    pub field: Option<String>,
}

/// A failure of a refinement or a filter.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct SessionError {
    /// Always false.
    pub success: bool,
    /// As it was asked for.
    pub session_id: Option<Value>,
    /// Always null.
    pub dashboard: Option<Value>,
    /// For a person.
    pub error: String,
    pub code: Code,
    pub field: Option<String>,
    pub details: Option<Value>,
}

/// An event, as everywhere.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct EventFrame {
    /// The event's name.
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Value,
    pub metadata: Metadata,
}

/// Which dashboard.
#[derive(Deserialize, JsonSchema)]
pub(in crate::transport::http) struct Which {
    pub id: id::DashboardId,
}

/// Which generation.
#[derive(Deserialize, JsonSchema)]
pub(in crate::transport::http) struct SessionId {
    pub session_id: Option<id::DashboardId>,
}

/// A dashboard that was refined or filtered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardResponse")]
pub(in crate::transport::http) struct Session {
    /// Always true.
    pub success: bool,
    pub session_id: id::DashboardId,
    pub dashboard: Spec,
    /// Always null.
    pub error: Option<String>,
}

/// A dashboard as Vega-Lite specs with their rows inside.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardSpec")]
pub(in crate::transport::http) struct Spec {
    pub id: id::DashboardId,
    pub title: String,
    pub description: String,
    pub theme: Theme,
    pub status: Status,
    pub revision: u64,
    /// One Vega-Lite spec a card; its `usermeta` says which card it is, and all of what is no chart.
    pub individual_specs: Vec<Map<String, Value>>,
    pub layout_config: Grid,
    pub filter_state: FilterState,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// After a refinement: what was done, for a person.
    pub changes: Option<Vec<String>>,
    /// After a refinement: asked back instead of guessed; nothing was changed.
    pub clarification: Option<Clarification>,
}

/// Where the charts stand.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LayoutConfig")]
pub(in crate::transport::http) struct Grid {
    pub columns: u32,
    pub items: Vec<Place>,
}

/// A chart's place, in grid units.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct Place {
    pub chart_id: String,
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

/// A dashboard's widgets.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct Widgets {
    /// In reading order.
    pub widgets: Vec<Card>,
    pub layout: Layout,
    pub revision: u64,
}

/// A conversation to save.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::transport::http) struct SaveConversation {
    /// The id of its room.
    pub conversation_id: RoomId,
    /// 1–200 characters.
    pub title: String,
}

/// A conversation that was saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SavedConversation")]
pub(in crate::transport::http) struct Saved {
    /// Always true.
    pub success: bool,
    pub dashboard: SavedDashboard,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::transport::http) struct SavedDashboard {
    pub id: id::DashboardId,
    pub title: String,
    /// RFC 3339.
    pub created_at: String,
}

/// All dashboards the caller may see, newest first.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SavedDashboards")]
pub(in crate::transport::http) struct SavedList {
    /// Always true.
    pub success: bool,
    pub dashboards: Vec<ListedDashboard>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::transport::http) struct ListedDashboard {
    pub id: id::DashboardId,
    pub title: String,
    /// Always true.
    pub is_dashboard: bool,
    pub is_public: bool,
    /// RFC 3339.
    pub created_at: String,
}

/// A copy.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ClonedDashboard")]
pub(in crate::transport::http) struct Cloned {
    /// Always true.
    pub success: bool,
    pub dashboard: Named,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NamedDashboard")]
pub(in crate::transport::http) struct Named {
    pub id: id::DashboardId,
    pub title: String,
}

/// What came of instructions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct Instructed {
    /// `success`
    pub status: String,
    pub success: bool,
    /// For a person: also why it failed.
    pub message: String,
    pub data: Generated,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GeneratedDashboard")]
pub(in crate::transport::http) struct Generated {
    pub dashboard_id: id::DashboardId,
    /// `failed` also where the data cannot answer the instructions.
    pub status: Status,
    /// Null while it is processing.
    pub title: Option<String>,
    /// Instructions that would work.
    pub suggestions: Vec<String>,
}

/// A retrieved dashboard.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct Retrieved {
    /// `success`
    pub status: String,
    pub success: bool,
    pub message: String,
    pub data: Blocks,
}

/// A dashboard as blocks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BlockDashboard")]
pub(in crate::transport::http) struct Blocks {
    pub id: id::DashboardId,
    pub title: String,
    pub description: String,
    pub layout: BlockLayout,
    pub chart_blocks: Vec<Block>,
    pub dataset: Option<Origin>,
    pub visibility: String,
    pub status: Status,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// RFC 3339.
    pub last_generated_at: String,
}

/// Order, colours and what is said.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct BlockLayout {
    pub visualizations: Vec<Value>,
    pub chart_order: Vec<u32>,
    pub color_scheme: Colours,
    pub narrative_snippets: Vec<String>,
}

/// Colours as `#rrggbb`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ColorScheme")]
pub(in crate::transport::http) struct Colours {
    pub primary: String,
    pub secondary: String,
    pub accent: String,
}

/// A chart, figure or sentence.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChartBlock")]
pub(in crate::transport::http) struct Block {
    pub id: CardId,
    pub dashboard: id::DashboardId,
    /// From 0.
    pub position: u32,
    #[serde(rename = "type")]
    pub kind: CardKind,
    pub title: String,
    pub description: String,
    /// How the columns are used; varies by type.
    pub spec: Map<String, Value>,
    /// Columns, rows, and what stands on the axes.
    pub data_preview: Map<String, Value>,
    pub config: Map<String, Value>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// The data set behind a dashboard.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BlockDataset")]
pub(in crate::transport::http) struct Origin {
    pub id: FileId,
    pub name: String,
    pub status: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::http::blocks;
    use crate::transport::http::dashboard::{dashboard_spec, sample};

    /// What is presented has these shapes, and nothing beside them.
    #[test]
    fn what_is_presented_is_what_is_said() {
        let dashboard = sample();
        serde_json::from_value::<Blocks>(blocks::present(&dashboard)).unwrap();
        serde_json::from_value::<Spec>(dashboard_spec(&dashboard).into()).unwrap();
    }
}
