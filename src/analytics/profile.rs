//! What is in a dataset, column by column: its Parquet file is read once.

use datafusion::common::Column as ColumnName;
use datafusion::logical_expr::Expr;
use datafusion::object_store::path::Path;
use datafusion::prelude::DataFrame;
use futures_util::StreamExt;
use tokio_util::task::AbortOnDropHandle;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::Column;

use super::engine::Engine;
use super::refusal::internal;
use super::seen::Seen;

/// Columns of one pass, and the most that look at different rows of them at once: what each has counted is held in
/// memory together, less than a megabyte a column, beside the keys (`seen.rs`).
const PASS_COLUMNS: usize = 64;
const PASS_PARTITIONS: usize = 8;

/// Profiles every column of the Parquet file at `path`, which has so many rows.
pub(super) async fn profile(engine: &Engine, path: &Path, rows_in_all: u64) -> Result<Vec<Column>, Error> {
    let table = engine.open(path).await.map_err(|error| internal(&error))?;
    let session = engine.session().map_err(|error| internal(&error))?;
    let partitions = session.copied_config().target_partitions().min(PASS_PARTITIONS);
    session.state_ref().write().config_mut().options_mut().execution.target_partitions = partitions;
    let rows = session.read_table(table).map_err(|error| internal(&error))?;
    let names: Vec<String> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut columns = Vec::with_capacity(names.len());
    for names in names.chunks(PASS_COLUMNS) {
        let some = names.iter().map(|name| Expr::Column(ColumnName::new_unqualified(name)));
        let some = rows.clone().select(some.collect::<Vec<_>>()).map_err(|error| internal(&error))?;
        columns.extend(pass(some, rows_in_all).await?);
    }
    Ok(columns)
}

/// One pass over some columns, a task for every partition.
async fn pass(rows: DataFrame, rows_in_all: u64) -> Result<Vec<Column>, Error> {
    let none = Seen::of(rows.schema().as_arrow(), rows_in_all);
    let streams = rows.execute_stream_partitioned().await.map_err(|error| internal(&error))?;
    let look = |mut stream: datafusion::execution::SendableRecordBatchStream| {
        let mut seen = Seen::of(&stream.schema(), rows_in_all);
        AbortOnDropHandle::new(tokio::spawn(async move {
            while let Some(batch) = stream.next().await {
                seen.see(&batch?)?;
                // A partition may have all of its rows at hand.
                tokio::task::consume_budget().await;
            }
            Ok::<_, datafusion::error::DataFusionError>(seen)
        }))
    };
    let tasks: Vec<_> = streams.into_iter().map(look).collect();
    let mut all = none;
    for task in tasks {
        let seen = task.await.map_err(|error| internal(&error))?.map_err(|error| internal(&error))?;
        all.with(seen).map_err(|error| internal(&error))?;
    }
    all.columns().map_err(|error| internal(&error))
}
