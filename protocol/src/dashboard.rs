//! Dashboards: one domain model, which each documented API family presents in its own shape.

mod edit;
mod filter;
mod process;

pub use edit::*;
pub use filter::*;
pub use process::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::file::{Relation, Table};
use crate::id::{CardId, DashboardId, DataConnectionId, FileId, RoomId, RunId, UserId};

/// A dashboard as members of a room see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dashboard {
    /// The documented APIs call it `session_id` as well.
    pub id: DashboardId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    pub title: String,
    /// One sentence for a reader: what it shows, of which data.
    #[serde(default)]
    pub description: String,
    /// The sentence it was generated from.
    #[serde(default)]
    pub prompt: String,
    #[serde(default)]
    pub theme: Theme,
    pub status: Status,
    /// Counts up with every change, from 1; a change names the revision it is based on.
    pub revision: u64,
    /// In reading order.
    pub cards: Vec<Card>,
    pub layout: Layout,
    /// The drill-down in force; every card's data already reflects it.
    #[serde(default)]
    pub filter_state: FilterState,
    /// What the planner asked back and nobody has answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clarification: Option<Clarification>,
    /// The database that its cards read; absent: uploaded files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Database>,
    /// The tables its cards may read: a `file.replaced` of one of their files means that the cards are stale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// How its tables hang together, as far as its editors said so: what the files themselves declare is known besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// The month, 2–12, that its fiscal years begin with; absent: January.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year_begins: Option<u8>,
    /// Those of its tables whose file has been deleted: their cards keep the rows they had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_tables: Vec<String>,
    /// A file was replaced or deleted since its cards were made, or some could not be refreshed: they show the old rows
    /// until they are run again.
    #[serde(default)]
    pub stale: bool,
    pub created_by: UserId,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// When a run or a refresh last filled it; RFC 3339. Absent for one that was made by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_at: Option<String>,
}

/// A data connection that a dashboard is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardDatabase")]
pub struct Database {
    pub connection_id: DataConnectionId,
    /// What it was called then.
    pub connection_name: String,
}

/// A table as the queries of one dashboard name it, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    pub table: String,
    pub file_id: FileId,
    /// The data set's name within the file: other than `table` only where two files have one of the same name.
    pub dataset: String,
}

/// How far a dashboard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DashboardStatus")]
pub enum Status {
    /// A run is filling it; cards appear one by one.
    Processing,
    Completed,
    /// The run ended early; the cards it finished are there.
    Failed,
}

/// Colours of the charts. Unknown names are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    Slate,
    Ocean,
    Forest,
    Sunset,
    Mono,
    /// Light on a dark ground, whatever the page around it looks like.
    Dark,
}

/// One chart, figure or sentence of a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    pub id: CardId,
    /// `chart_1`, `chart_2` …: what `target_chart_id` names. Never reused within a dashboard.
    pub key: String,
    #[serde(rename = "type")]
    pub kind: CardKind,
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// The query that gave `data`, without the filter in force.
    #[serde(default)]
    pub sql: String,
    /// Its rows. Column names are those the `spec` encodes.
    #[serde(default)]
    pub data: Table,
    /// A complete Vega-Lite 6 spec whose data is `{"name": "rows"}`: put `data` there, as objects. Absent for kpi, table and insight.
    /// Maps name the outlines they need in `usermeta.shapes`, to be put as GeoJSON features at `{"name": "shapes"}`: `world` (npm
    /// `world-atlas`, `countries-110m`) or `us` (npm `us-atlas`, `states-10m`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<Value>,
    /// The figure of a kpi card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kpi: Option<Kpi>,
    /// How the columns are used; what a click on a mark filters by.
    #[serde(default)]
    pub encoding: Encoding,
    /// What a reader must know of what is shown: `5,000 of 1,234,567 points, sampled`, or why it is drawn otherwise than asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why the card shows nothing, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// Why it shows older rows than the other cards do: its last refresh failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Error>,
    /// Keys of the filter in force that leave this card as it is, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "filter::skipped")]
    pub filters_skipped: Vec<Skipped>,
}

/// The kinds of card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CardKind {
    Bar,
    Line,
    Area,
    Pie,
    Donut,
    Table,
    Kpi,
    Insight,
    Heatmap,
    Scatter,
    Bubble,
    Histogram,
    Boxplot,
    Radar,
    Funnel,
    Gauge,
    Geomap,
    Choropleth,
}

/// Result columns by role.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Encoding {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<Channel>,
    /// More than one where several measures share an axis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<Channel>,
    /// The column that splits the marks into series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<Channel>,
    /// For kpi and gauge: the value to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
}

/// One result column in a role.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Channel {
    /// Name of the column in the card's `data`.
    pub field: String,
    /// For a person: `Average arrival delay`.
    #[serde(default)]
    pub label: String,
    /// The data set's own column, if a value here can be filtered by; absent for computed ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How the values were cut from that column: a clicked value covers this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// How wide the ranges are that the values begin: a clicked one covers from itself to less than itself plus this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<f64>,
    /// A d3-format pattern for the numbers, such as `,.0f` or `.1%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `$`, `%`, `min` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How a figure came from many values: `sum`, `avg`, `count` …; absent for groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<String>,
}

/// Steps of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    /// 0–23, whatever the day.
    HourOfDay,
    /// 1 (Monday) – 7.
    DayOfWeek,
    /// 1–12, whatever the year.
    MonthOfYear,
    /// `FY 2016 Q1`: of the dashboard's fiscal years.
    FiscalQuarter,
    /// `FY 2016`, named for the calendar year that it ends in.
    FiscalYear,
}

/// The figure of a kpi card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kpi {
    /// Null if the data gives none.
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A d3-format pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `+12% vs last month`, computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<String>,
    /// The value to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// The source column, if it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from_column: Option<String>,
    /// `sum`, `avg`, `count` …
    pub operation: String,
}

/// Where the cards stand: a grid of 12 columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Layout {
    /// Always 12.
    #[serde(default = "columns")]
    pub columns: u32,
    pub items: Vec<LayoutItem>,
}

fn columns() -> u32 {
    12
}

/// A card's place, in grid units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayoutItem {
    /// The card's key; its id is taken as well.
    #[serde(alias = "chart_id", alias = "panel_id")]
    pub key: String,
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

/// What lists show of a dashboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    pub id: DashboardId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    pub title: String,
    pub status: Status,
    pub revision: u64,
    pub cards: u64,
    /// Whether a link shows it to people without an account.
    #[serde(default)]
    pub is_public: bool,
    /// As [`Dashboard::stale`].
    #[serde(default)]
    pub stale: bool,
    pub created_by: UserId,
    pub created_at: String,
    pub updated_at: String,
}

/// `dashboard.generate`: plans, queries and draws a dashboard from a sentence. Answers at once; the rest are events.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// Who watches. Absent: only the caller, over SSE or by asking.
    #[serde(default)]
    pub room_id: Option<RoomId>,
    /// At most 4,000 characters.
    pub user_prompt: String,
    /// The name of a data connection; `files`, or absent: uploaded files.
    #[serde(default)]
    pub connection_name: Option<String>,
    /// Which files; absent: all linked to the room, or all of the caller's where there is no room.
    #[serde(default)]
    pub file_ids: Option<Vec<FileId>>,
    /// 1–12; 4 if absent, more only if the prompt names more.
    #[serde(default)]
    pub max_charts: Option<u8>,
    #[serde(default)]
    pub theme: Option<Theme>,
    /// Where to POST a `dashboard.ready` when the run has ended: http or https, at a public address. It is signed:
    /// `X-Vizroom-Signature: v1=<hex of HMAC-SHA256(secret, "{X-Vizroom-Timestamp}.{X-Vizroom-Id}.{body}")>`. Anything but
    /// a 2xx is tried again, ever later, at most 8 times; the id stays the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// 16–200 characters; needed with `callback_url`, unless the tenant has one (`callback.set_secret`). Never shown again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_secret: Option<String>,
}

/// Reply to `dashboard.generate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generating {
    pub run_id: RunId,
    /// The dashboard's id, under the name the documented APIs use.
    pub session_id: DashboardId,
}

/// `dashboard.refine`: changes a dashboard by a sentence.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refine {
    #[serde(alias = "dashboard_id")]
    pub session_id: DashboardId,
    /// At most 4,000 characters.
    pub new_feedback: String,
    /// The card meant; absent: told from the sentence.
    #[serde(default)]
    pub target_chart_id: Option<String>,
    /// The revision the caller saw; if it is no longer the newest, the answer is a conflict.
    #[serde(default)]
    pub base_revision: Option<u64>,
}

/// Reply to `dashboard.refine`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Refined {
    pub dashboard: Dashboard,
    /// What was done, for a person: `chart_1 is a line chart now`. Empty with a clarification.
    pub changes: Vec<String>,
    /// Asked back instead of guessed; nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clarification: Option<Clarification>,
}

/// `dashboard.cancel`: ends a run; the cards it finished stay.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    #[serde(alias = "dashboard_id")]
    pub session_id: DashboardId,
}

/// `dashboard.get`, `dashboard.delete`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardById")]
pub struct ById {
    #[serde(alias = "session_id")]
    pub dashboard_id: DashboardId,
}

/// `dashboard.list`
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardList")]
pub struct List {
    /// Absent: all the caller may see.
    #[serde(default)]
    pub room_id: Option<RoomId>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardListed")]
pub struct Listed {
    /// Newest first.
    pub dashboards: Vec<Summary>,
}

/// The stages of a generation, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Strategy,
    Data,
    Viz,
    Layout,
}

impl Stage {
    /// Per cent done when the stage is.
    pub fn progress(self) -> u8 {
        match self {
            Stage::Strategy => 25,
            Stage::Data => 50,
            Stage::Viz => 75,
            Stage::Layout => 100,
        }
    }
}

/// Event `generation.started`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Started {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    pub user_prompt: String,
}

/// Event `generation.progress`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    pub stage: Stage,
    /// Per cent.
    pub progress: u8,
    pub message: String,
    /// Figures of the stage: `charts_planned`, `charts_done` …
    pub details: Value,
}

/// Event `generation.chart`: a card, as soon as it is ready. A later one of the same key replaces it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Chart {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    pub card: Card,
}

/// What the data cannot answer, and what could be shown instead.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Clarification {
    /// The question, for a person.
    pub message: String,
    /// Words of the prompt that nothing in the data matches.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Prompts that would work.
    #[serde(default)]
    pub suggestions: Vec<String>,
}

/// Event `generation.clarification`: a run or a refinement asks back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Clarify {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    pub dashboard_id: DashboardId,
    #[serde(flatten)]
    pub clarification: Clarification,
}

/// Event `generation.warning`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    pub message: String,
}

/// Event `generation.completed`: the dashboard as it stands, its cards left out (they came as `generation.chart`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Completed {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    pub title: String,
    pub description: String,
    pub theme: Theme,
    pub revision: u64,
    pub layout: Layout,
    /// From start to end, in milliseconds.
    pub duration_ms: u64,
}

/// Events `generation.failed` and `generation.cancelled`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Ended {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// Event `dashboard.updated`: apply it if `base_revision` is what you have, else fetch the dashboard.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardUpdated")]
pub struct Updated {
    pub dashboard_id: DashboardId,
    pub base_revision: u64,
    pub revision: u64,
    /// For a person.
    pub changes: Vec<String>,
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub theme: Theme,
    /// New and changed cards, whole.
    pub cards: Vec<Card>,
    /// Keys of removed ones.
    pub removed: Vec<String>,
    pub layout: Layout,
}

/// Event `dashboard.deleted`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardDeleted")]
pub struct Deleted {
    pub dashboard_id: DashboardId,
}
