//! Dashboards made and changed by hand: requests, replies, and what is remembered of each change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CardKind, Channel, Dashboard, FilterState, Grain, Layout, Theme};
use crate::file::Relation;
use crate::frame::Actor;
use crate::id::{DashboardId, FileId, RoomId, UserId};
use crate::room::Role;

/// `dashboard.create`: an empty dashboard, to be filled panel by panel.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardCreate")]
pub struct Create {
    /// Whose members see it. Absent: only the caller, and who it is shared with.
    #[serde(default)]
    pub room_id: Option<RoomId>,
    /// 1–200 characters.
    pub title: String,
    /// At most 2,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub theme: Option<Theme>,
    /// Which files its panels read; absent: all linked to the room, or all of the caller's where there is no room.
    #[serde(default)]
    pub file_ids: Option<Vec<FileId>>,
    /// The name of a data connection that its panels read instead; `files`, or absent: uploaded files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_name: Option<String>,
}

/// `dashboard.update`: title, description, theme, relations, fiscal years. What is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardUpdate")]
pub struct Update {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub theme: Option<Theme>,
    /// How its tables hang together, at most 50: a filter on `customers` then narrows `orders`, too. They replace those
    /// that were said before.
    #[serde(default)]
    pub relations: Option<Vec<Relation>>,
    /// The month, 1–12, that fiscal years begin with; its cards are run again.
    #[serde(default)]
    pub fiscal_year_begins: Option<u8>,
    /// The revision the caller saw; if it is no longer the newest, the answer is a conflict. See [`Change`].
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// `dashboard.layout`: where the panels stand. From then on new ones are put below, and nothing else moves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrange {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    /// Every panel once; none overlaps another.
    pub layout: Layout,
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// `dashboard.add_panel`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPanel {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    pub panel: Panel,
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// `dashboard.update_panel`: what is absent stays; a new `prompt`, `query`, `sql` or `text` replaces what it showed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePanel {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    /// The card's key (`chart_1`) or id.
    pub panel_id: String,
    pub panel: Panel,
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// `dashboard.remove_panel`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovePanel {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    /// The card's key (`chart_1`) or id.
    pub panel_id: String,
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// `dashboard.rows`: all rows of one card, as the filter in force leaves them, where the card itself may hold only some.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardRows")]
pub struct RowsOf {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    /// The card's key (`chart_1`) or id.
    pub panel_id: String,
}

/// What a panel shows: exactly one of `prompt`, `query`, `sql` and `text`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Absent: told from the prompt, a bar chart for a query, a table for SQL, an insight for a text.
    #[serde(rename = "type", default, alias = "kind")]
    pub kind: Option<CardKind>,
    /// 1–200 characters. Absent: made from what it shows.
    #[serde(default)]
    pub title: Option<String>,
    /// At most 2,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// A sentence for the planner: `revenue per month`.
    #[serde(default)]
    pub prompt: Option<String>,
    #[serde(default)]
    pub query: Option<PanelQuery>,
    /// One `SELECT` over the dashboard's tables, at most 20,000 characters. It passes the same guard as any query.
    #[serde(default)]
    pub sql: Option<String>,
    /// A sentence of one's own, at most 4,000 characters: the panel is an insight.
    #[serde(default)]
    pub text: Option<String>,
    /// How the columns of `sql` are used. Absent: the first column that holds no figures is `x`, the next one the series,
    /// every figure a `y`.
    #[serde(default)]
    pub encoding: Option<PanelEncoding>,
    /// For kpi and gauge: the value to reach.
    #[serde(default)]
    pub target: Option<f64>,
}

/// A question to one table.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelQuery {
    /// A data set's name: `orders`.
    pub table: String,
    /// Groups along the axis; the longitude of a geomap.
    #[serde(default)]
    pub x: Option<Group>,
    /// Figures. bubble: the second sizes the points. geomap: latitude, then size. boxplot: one column, without aggregation.
    /// histogram: may be left out.
    #[serde(default)]
    pub y: Vec<Figure>,
    /// Splits the marks; the second axis of a heatmap.
    #[serde(default)]
    pub series: Option<Group>,
    /// Only these rows, in the words of `dashboard.filter`: by whole columns, and by days and times in full.
    #[serde(default)]
    pub filters: FilterState,
    #[serde(default)]
    pub sort: Option<PanelSort>,
    /// 1–5,000 rows.
    #[serde(default)]
    pub limit: Option<u64>,
}

/// A column to group by.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub column: String,
    /// Steps of a date or timestamp.
    #[serde(default)]
    pub grain: Option<Grain>,
    /// Width of ranges of a number.
    #[serde(default)]
    pub bin: Option<f64>,
}

/// A column as a figure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Absent: the rows themselves, to be counted.
    #[serde(default)]
    pub column: Option<String>,
    /// Absent: each row's own value, and then of all figures alike.
    #[serde(default)]
    pub aggregation: Option<Aggregation>,
}

/// How values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    Median,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelSort {
    pub by: SortBy,
    #[serde(default)]
    pub descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortBy {
    X,
    /// The first figure.
    Y,
}

/// Result columns of a panel's SQL by role.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelEncoding {
    #[serde(default)]
    pub x: Option<ColumnUse>,
    #[serde(default)]
    pub y: Vec<ColumnUse>,
    #[serde(default)]
    pub series: Option<ColumnUse>,
}

/// A result column: its name, or all that is known of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnUse {
    Name(String),
    Channel(Channel),
}

/// Reply to `dashboard.add_panel` and `dashboard.update_panel`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Paneled {
    pub panel: super::Card,
    /// Of the dashboard, with this panel.
    pub revision: u64,
    pub layout: Layout,
}

/// `dashboard.start`: runs every card again, on the data as it is now. (A container of one's own for a dashboard comes
/// with the viz runtime; this starts none.)
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardStart")]
pub struct Start {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// `dashboard.clone`: a copy with rows and filter, the caller's own, at revision 1. Nothing that happens to one of them
/// happens to the other.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardClone")]
pub struct Copy {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    /// Absent: `… (Copy)`.
    #[serde(default)]
    pub title: Option<String>,
}

/// `dashboard.save`: the charts that were generated in a room's conversation, those of the newest prompt first, as a
/// dashboard of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// The conversation's id: that of the room.
    #[serde(alias = "conversationId")]
    pub room_id: RoomId,
    /// 1–200 characters.
    pub title: String,
}

/// Event `dashboard.created`: made by hand, cloned or saved. (A generated one is told by `generation.started`.)
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardCreated")]
pub struct Created {
    pub dashboard: Dashboard,
}

/// One change of a dashboard. The newest 100 of each are remembered; a conflict (409) carries, as `details`, the
/// `revision` the dashboard has now, the `changes` since the caller's base revision, and whether they are `complete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardChange")]
pub struct Change {
    /// What the dashboard was at from then on.
    pub revision: u64,
    pub by: Actor,
    /// RFC 3339.
    pub at: String,
    /// For a person.
    pub changes: Vec<String>,
    /// Keys of new and changed cards.
    pub cards: Vec<String>,
    /// Keys of removed ones.
    pub removed: Vec<String>,
}

/// `dashboard.changes`: what became of a dashboard, by whom.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Since {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
    /// Only what came after this revision.
    #[serde(default)]
    pub since: Option<u64>,
}

/// Reply to `dashboard.changes`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// Oldest first.
    pub changes: Vec<Change>,
}

/// `dashboard.share`: lets somebody of the tenant, or a member of the dashboard's room, see a dashboard, or change it.
/// Whoever has a role in the room keeps the greater of the two.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    pub dashboard_id: DashboardId,
    /// Either this or `email`.
    #[serde(default)]
    pub user_id: Option<UserId>,
    #[serde(default)]
    pub email: Option<String>,
    /// `viewer` or `editor`.
    pub role: Role,
}

/// `dashboard.unshare`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unshare {
    pub dashboard_id: DashboardId,
    pub user_id: UserId,
}

/// Somebody a dashboard is shared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sharer {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

/// Reply to `dashboard.share`, `dashboard.unshare` and `dashboard.shares`: with whom it is shared now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardShared")]
pub struct Shared {
    /// By name.
    pub shared_with: Vec<Sharer>,
}
