//! The module as a whole, over small inputs.

mod bounds;
mod filtering;
mod grammar;
mod hostile;
mod ingesting;
mod legitimate;
mod querying;
mod rewriting;
mod sqlite;
mod tpch;
mod written;

use std::io::Write;
use std::sync::Arc;

use datafusion::object_store::memory::InMemory;
use datafusion::object_store::path::Path;
use serde_json::Value;
use vizroom_protocol::dashboard::FilterState;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::{Column, Table};

use super::{Analytics, AnalyticsLimits, Answer, Bounds, DatasetRef, Ingested};

/// An engine over an empty store in memory, and the datasets ingested so far.
pub(super) struct Desk {
    pub(super) analytics: Analytics,
    pub(super) datasets: Vec<DatasetRef>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::with(AnalyticsLimits::default())
    }

    pub(super) fn with(limits: AnalyticsLimits) -> Self {
        // What the engine logs explains a failing test.
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
        let analytics = Analytics::new(Arc::new(InMemory::new()), limits).unwrap();
        Self { analytics, datasets: Vec::new() }
    }

    /// Ingests `bytes` as a file of that name.
    pub(super) async fn ingest(&mut self, file_name: &str, bytes: impl AsRef<[u8]>) -> Result<Ingested, Error> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes.as_ref()).unwrap();
        let ingested = self.analytics.ingest(file.path(), file_name, &Path::from("files/1")).await?;
        for found in &ingested.datasets {
            let (dataset, path) = (found.dataset.clone(), found.path.clone());
            let version = self.datasets.len().to_string();
            self.datasets.push(DatasetRef { dataset, path, version });
        }
        Ok(ingested)
    }

    pub(super) async fn query(&self, sql: &str) -> Result<Answer, Error> {
        self.filtered(sql, "{}").await
    }

    /// Queries with a filter given as JSON.
    pub(super) async fn filtered(&self, sql: &str, filter: &str) -> Result<Answer, Error> {
        let filter: FilterState = serde_json::from_str(filter).unwrap();
        self.analytics.query(sql, &self.datasets, &filter, Bounds::default()).await
    }

    /// The rows of a query that works, as JSON text.
    pub(super) async fn rows(&self, sql: &str) -> String {
        json(&self.query(sql).await.unwrap().table)
    }
}

pub(super) fn json(table: &Table) -> String {
    Value::from(table.rows.iter().map(|row| Value::from(row.clone())).collect::<Vec<_>>()).to_string()
}

/// A file's columns, ingested into an engine of its own.
pub(super) async fn columns(file_name: &str, bytes: impl AsRef<[u8]>) -> Vec<Column> {
    let mut desk = Desk::new();
    desk.ingest(file_name, bytes).await.unwrap();
    desk.datasets.remove(0).dataset.columns
}
