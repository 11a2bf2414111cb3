//! The documented families' own shapes: what is presented is made of them, so that names, nesting and order are those of
//! the documents, and the schemas too.

#![allow(dead_code, reason = "said, not read")]

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};
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

/// Fields in the order in which they are given: JSON's own map sorts them.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Map<String, Value>")]
pub(in crate::transport::http) struct Fields(pub Vec<(String, Value)>);

impl From<Map<String, Value>> for Fields {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Fields {
    fn from(fields: [(&str, Value); N]) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl JsonSchema for Fields {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fields".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Map::<String, Value>::json_schema(generator)
    }
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
#[derive(Serialize, Deserialize, JsonSchema)]
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

/// What a generation came to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GenerationResult")]
pub(in crate::transport::http) struct Made {
    pub session_id: id::DashboardId,
    pub dashboard_spec: Spec,
}

/// A dashboard as Vega-Lite specs with their rows inside.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<String>>,
    /// After a refinement: asked back instead of guessed; nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clarification: Option<Clarification>,
}

/// Where the charts stand.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LayoutConfig")]
pub(in crate::transport::http) struct Grid {
    pub columns: u32,
    pub items: Vec<Place>,
}

/// A chart's place, in grid units.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
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
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SavedConversation")]
pub(in crate::transport::http) struct Saved {
    /// Always true.
    pub success: bool,
    pub dashboard: SavedDashboard,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::transport::http) struct SavedDashboard {
    pub id: id::DashboardId,
    pub title: String,
    /// RFC 3339.
    pub created_at: String,
}

/// All dashboards the caller may see, newest first.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SavedDashboards")]
pub(in crate::transport::http) struct SavedList {
    /// Always true.
    pub success: bool,
    pub dashboards: Vec<ListedDashboard>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
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
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ClonedDashboard")]
pub(in crate::transport::http) struct Cloned {
    /// Always true.
    pub success: bool,
    pub dashboard: Named,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NamedDashboard")]
pub(in crate::transport::http) struct Named {
    pub id: id::DashboardId,
    pub title: String,
}

/// What came of instructions.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct Instructed {
    /// `success`
    pub status: String,
    pub success: bool,
    /// For a person: also why it failed.
    pub message: String,
    pub data: Generated,
}

#[derive(Serialize, Deserialize, JsonSchema)]
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
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct Retrieved {
    /// `success`
    pub status: String,
    pub success: bool,
    pub message: String,
    pub data: Blocks,
}

/// A dashboard as blocks.
#[derive(Serialize, Deserialize, JsonSchema)]
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
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::transport::http) struct BlockLayout {
    pub visualizations: Vec<Value>,
    pub chart_order: Vec<u32>,
    pub color_scheme: Colours,
    pub narrative_snippets: Vec<String>,
}

/// Colours as `#rrggbb`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ColorScheme")]
pub(in crate::transport::http) struct Colours {
    pub primary: String,
    pub secondary: String,
    pub accent: String,
}

/// A chart, figure or sentence.
#[derive(Serialize, Deserialize, JsonSchema)]
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
    pub spec: Fields,
    pub data_preview: Preview,
    pub config: Fields,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// Columns, rows, and what stands on the axes; nothing of a sentence.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DataPreview")]
pub(in crate::transport::http) struct Preview {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Values by column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Fields>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_axis: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_axis: Option<String>,
}

/// The data set behind a dashboard.
#[derive(Serialize, Deserialize, JsonSchema)]
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
        let said = |presented: serde_json::Result<Value>| presented.unwrap();
        serde_json::from_value::<Blocks>(said(serde_json::to_value(blocks::present(&dashboard)))).unwrap();
        serde_json::from_value::<Spec>(said(serde_json::to_value(dashboard_spec(&dashboard)))).unwrap();
    }
}
