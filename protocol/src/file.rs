//! Uploaded files, and the datasets and profiles made of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::id::{FileId, RoomId, UploadId};

/// An uploaded file. Its bytes arrive by `POST /server/data/upload`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    pub id: FileId,
    /// As the uploader named it: `flights.csv`.
    pub name: String,
    /// Bytes as uploaded.
    pub size: u64,
    pub format: Format,
    /// Counts up with every re-upload, from 1.
    pub version: u64,
    /// The tables in it: one, but for SQLite files.
    pub datasets: Vec<Dataset>,
    /// How its tables hang together: the foreign keys of a SQLite file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// What the reader noticed and mended, for a person: `3 rows had too few fields`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// RFC 3339.
    pub created_at: String,
}

/// What a file turned out to be, by content rather than by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Tsv,
    Json,
    Ndjson,
    Parquet,
    Arrow,
    Sqlite,
}

/// A queryable table with its profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dataset {
    /// The name queries use: lower-case letters, digits and `_`, made from the file's name (`flights`).
    pub name: String,
    pub rows: u64,
    pub columns: Vec<Column>,
}

/// That a column of one table names rows of another: `orders.customer_id` → `customers.id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    pub table: String,
    pub column: String,
    pub to_table: String,
    pub to_column: String,
}

/// What is known about one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// As in the file's header, unchanged.
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Number of null or empty values.
    pub nulls: u64,
    /// Number of distinct values: exact up to 10,000, and where each row has another one up to 250,000; else estimated.
    pub distinct: u64,
    /// Smallest value; absent when all are null. Dates and timestamps as ISO 8601 text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Arithmetic mean of a numeric column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// The most frequent values, most frequent first: at most 50, and all of them where `distinct` ≤ 50, of texts ≤ 2,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<Value>,
}

/// The types a column can have for a query, whatever the file's own format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    Boolean,
    Integer,
    Number,
    Text,
    /// A calendar day.
    Date,
    /// A point in time; microseconds, UTC unless the file says otherwise.
    Timestamp,
}

/// The rows a query gave.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    pub columns: Vec<Field>,
    /// Row-major; numbers as JSON numbers, dates as `YYYY-MM-DD`, timestamps as `YYYY-MM-DDTHH:MM:SS`, null as null.
    pub rows: Vec<Vec<Value>>,
    /// True if these are not all rows of the result.
    #[serde(default)]
    pub truncated: bool,
    /// How many there are in all, where these are only some of them and somebody has counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// What all others come to, where these rows are those of the largest groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
}

/// The groups that are not among a table's rows, together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Others {
    /// How many they are.
    pub groups: u64,
    /// How many groups there are in all.
    pub of: u64,
    /// What their figures add up to, by column; of those only that add up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sums: BTreeMap<String, f64>,
    /// What they are called where they are the last of the rows, as a part of a pie. No value of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

/// Name and type of a result column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// `file.list`: the caller's tenant's files, newest first; with `room_id`, those linked to that room.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileList")]
pub struct List {
    #[serde(default)]
    pub room_id: Option<RoomId>,
    /// Only files older than this one: the last of the page before.
    #[serde(default)]
    pub before: Option<FileId>,
    /// 1–1,000; 100 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FileListed")]
pub struct Listed {
    pub files: Vec<File>,
    /// Whether there are older ones.
    #[serde(default)]
    pub more: bool,
}

/// `file.get`, `file.delete`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileById")]
pub struct ById {
    pub file_id: FileId,
}

/// Reply to `file.usage`. Uploads that have begun count with their whole size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FileUsage")]
pub struct Usage {
    pub files: u64,
    pub files_max: u64,
    pub bytes: u64,
    pub bytes_max: u64,
}

/// `file.link`: makes files queryable for everyone in the room. `file.unlink`: takes them out again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub room_id: RoomId,
    /// At most 100.
    #[schemars(length(min = 1, max = 100))]
    pub file_ids: Vec<FileId>,
}

/// Event `file.linked`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Linked {
    pub room_id: RoomId,
    pub files: Vec<File>,
}

/// Event `file.unlinked`: nobody in the room may query them any more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Unlinked {
    pub room_id: RoomId,
    pub file_ids: Vec<FileId>,
}

/// Event `file.replaced`: dashboards made from it are stale now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Replaced {
    pub file: File,
}

/// `file.upload`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadById {
    pub upload_id: UploadId,
}

/// How far an upload is that arrives in pieces (`/server/data/tus`), as its owner may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FileUpload")]
pub struct Upload {
    pub id: UploadId,
    pub name: String,
    pub stage: UploadStage,
    /// Bytes that have arrived.
    pub offset: u64,
    /// Bytes in all.
    pub length: u64,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// Why it became nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// When it is forgotten; RFC 3339.
    pub expires_at: String,
}

/// What is being done with an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UploadStage {
    /// Bytes are still to come.
    Arriving,
    /// All are there; the server makes datasets of them.
    Reading,
    Done,
    Failed,
}

/// Event `file.deleted`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FileDeleted")]
pub struct Deleted {
    pub file_id: FileId,
}
