//! Datasets: an uploaded file becomes Parquet once, with a profile; queries then run over it, guarded and bounded.
//!
//! Reading order: `ingest` (what a file is, and its conversion) → `profile` (what is in it) → `guard` (which queries
//! may run: its words in `allowed` and `calls`, its length in `syntax`, what it would become in `shape`) → `filter` (a
//! drill-down becomes filtered views; `target` is what a key compares, `when` what a value says of time) → `engine`
//! (running; what nobody else bounds: `windows`, `growth`, `deadline`) → `cache`; `sources` (databases instead of files).
//!
//! Nothing here knows rooms, users or dashboards. SQL text never decides which rows a filter leaves: the tables a
//! query sees are substituted by filtered views before it is planned.

#![allow(rustdoc::private_intra_doc_links, reason = "the documentation is read with its private parts")]

mod allowed;
mod cache;
mod calendar;
mod calls;
mod columnar;
mod csv;
mod deadline;
mod engine;
mod filter;
mod floor;
mod growth;
mod guard;
mod infer;
mod ingest;
mod json;
mod literal;
mod moment;
mod names;
mod parts;
mod profile;
mod refusal;
mod scratch;
mod seen;
mod shape;
mod sniff;
pub mod sources;
mod sqlite;
mod syntax;
mod table;
mod target;
mod text;
mod when;
mod windows;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use datafusion::object_store::ObjectStore;
use datafusion::object_store::path::Path;
use vizroom_protocol::dashboard::{FilterState, Skipped};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::{Dataset, Format, Relation, Table};

use engine::{Engine, Source};
pub use syntax::is_ordered;

/// Ingests files and answers queries over them. Cheap to clone; clones share memory, threads and caches.
#[derive(Clone)]
pub struct Analytics {
    engine: Arc<Engine>,
}

/// What one process spends on analytics, all calls together unless said otherwise.
#[derive(Debug, Clone)]
pub struct AnalyticsLimits {
    /// Memory of running queries, in bytes; what needs more is spilled to disk or refused.
    pub memory_bytes: usize,
    /// Temporary files of running queries, in bytes.
    pub spill_bytes: u64,
    /// Queries that run at once; more wait for their turn, within their own timeout.
    pub queries_at_once: usize,
    /// Uploads that are converted at once; more wait for their turn.
    pub ingests_at_once: usize,
    /// Remembered results, in bytes.
    pub cache_bytes: usize,
    /// Columns of one dataset.
    pub columns: usize,
    /// A gzip upload, inflated, in bytes.
    pub inflated_bytes: u64,
    /// One row of a text file, in bytes.
    pub row_bytes: usize,
    /// Rows, and their bytes, that a database gives for one query that it cannot compute itself.
    pub source_rows: usize,
    pub source_bytes: usize,
}

impl Default for AnalyticsLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 << 20,
            spill_bytes: 2 << 30,
            queries_at_once: 8,
            ingests_at_once: 2,
            cache_bytes: 64 << 20,
            columns: 2_000,
            inflated_bytes: 2 << 30,
            row_bytes: 16 << 20,
            source_rows: 1_000_000,
            source_bytes: 128 << 20,
        }
    }
}

/// What one query may give and take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Rows returned; a longer result is cut and says so.
    pub rows: usize,
    /// Approximate size of the result; a larger one is refused.
    pub bytes: usize,
    /// From call to answer, waiting for a turn included.
    pub timeout: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { rows: 10_000, bytes: 8 << 20, timeout: Duration::from_secs(30) }
    }
}

/// What an upload turned into.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingested {
    /// What the file is, whatever its name says. Gzip is not a format: this is what was inside.
    pub format: Format,
    pub datasets: Vec<IngestedDataset>,
    /// How the datasets hang together, as the file declares it.
    pub relations: Vec<Relation>,
    /// What was noticed and mended, for a person.
    pub warnings: Vec<String>,
}

/// A dataset, and where its Parquet file is.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestedDataset {
    pub dataset: Dataset,
    pub path: Path,
}

/// A dataset that a query may read.
#[derive(Debug, Clone)]
pub struct DatasetRef {
    pub dataset: Dataset,
    pub path: Path,
    /// Changes whenever the Parquet file does: results are remembered by it.
    pub version: String,
}

/// What a query gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub table: Table,
    /// Keys of the filter that narrow no table of the query.
    pub filters_skipped: Vec<Skipped>,
}

/// Which rows a query sees: those that meet all of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Each narrows what the others leave. A table that lacks a column is not narrowed by it.
    pub filters: Vec<FilterState>,
    /// A table that lacks one of these columns is not read at all.
    pub locked: FilterState,
    /// How the tables hang together: one that lacks a column is narrowed by the table it refers to, if that has it.
    pub relations: Vec<Relation>,
    /// The month, 2–12, that fiscal years begin with; absent: January.
    pub fiscal_year_begins: Option<u8>,
}

/// What became of queries since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Run by the engine.
    pub run: u64,
    /// Asked while the same was being run, and answered with it.
    pub shared: u64,
    /// Answered from memory.
    pub remembered: u64,
}

impl From<FilterState> for Conditions {
    fn from(filter: FilterState) -> Self {
        Self { filters: vec![filter], ..Self::default() }
    }
}

impl Analytics {
    /// `store` is where Parquet files lie, on disk or in S3.
    pub fn new(store: Arc<dyn ObjectStore>, limits: AnalyticsLimits) -> Result<Self, Error> {
        Ok(Self { engine: Arc::new(Engine::new(store, limits)?) })
    }

    /// What became of queries so far.
    pub fn counts(&self) -> Counts {
        self.engine.counts()
    }

    /// Reads an upload from local disk, finds out by its content what it is, converts it to Parquet under `prefix`
    /// and profiles it. Memory stays bounded whatever the file's size.
    ///
    /// A file that cannot be read gives `INVALID_REQUEST` with field `file`, one over a limit `TOO_LARGE`.
    /// `file_name` names the dataset; its extension is a hint only.
    pub async fn ingest(&self, spooled: &std::path::Path, file_name: &str, prefix: &Path) -> Result<Ingested, Error> {
        let engine = self.engine.clone();
        let (spooled, file_name, prefix) = (spooled.to_owned(), file_name.to_owned(), prefix.clone());
        self.engine.spawn(async move { ingest::ingest(&engine, spooled, file_name, prefix).await }).await
    }

    /// Runs one guarded query over `datasets` as `filter` leaves them.
    ///
    /// A query that is refused or fails gives `INVALID_REQUEST` with field `sql`, a filter value that does not suit its
    /// column the same with field `filter_state.<column>`, and one over its bounds `TOO_LARGE`.
    pub async fn query(
        &self,
        sql: &str,
        datasets: &[DatasetRef],
        filter: &FilterState,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        self.query_under(sql, datasets, filter.clone().into(), bounds).await
    }

    /// The same under several filters at once. A table that lacks a locked column gives `FORBIDDEN` with the field
    /// `filter_state.<column>`.
    pub async fn query_under(
        &self,
        sql: &str,
        datasets: &[DatasetRef],
        conditions: Conditions,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let engine = self.engine.clone();
        let sql = sql.to_owned();
        let sources: Vec<Source> = datasets.iter().map(Source::from).collect();
        let work = async move { engine.query(&sql, &sources, &conditions, bounds).await };
        match tokio::time::timeout(bounds.timeout, self.engine.spawn(work)).await {
            Ok(answer) => answer,
            Err(_) => Err(refusal::over_limit("time", format!("the query took longer than {:?}", bounds.timeout))),
        }
    }
}
