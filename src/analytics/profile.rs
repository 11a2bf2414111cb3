//! What is in a dataset, column by column, asked of its Parquet file.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::Column as ColumnName;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::{approx_distinct, avg, count, max, min};
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::object_store::path::Path;
use datafusion::prelude::DataFrame;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::{Column, ColumnType};

use super::engine::Engine;
use super::refusal::internal;
use super::table::{column_type, values};

/// Most frequent values kept.
const TOP: usize = 50;
/// Texts that are no more than this are kept all: somebody may ask for any one of them by name.
const TEXTS: usize = 2_000;
/// Most bytes of such texts in a column; the rarest are left out.
const TEXT_BYTES: usize = 64 * 1_024;
/// Up to here distinct values are counted one by one.
const EXACT_MAX: u64 = 10_000;
/// An estimate this far above may still be fewer in truth.
const ESTIMATE_MAX: u64 = EXACT_MAX + EXACT_MAX / 5;
/// Whole numbers of no more distinct values are as good as categories.
const CATEGORIES_MAX: u64 = 1_000;
/// Columns of one pass: their states are held in memory together.
const PASS_COLUMNS: usize = 64;
/// Columns whose values are counted at the same time.
const COLUMNS_AT_ONCE: usize = 4;
/// No header is likely to say this.
const OCCURRENCES: &str = "vizroom occurrences";

/// Profiles every column of the Parquet file at `path`.
pub(super) async fn profile(engine: &Engine, path: &Path) -> Result<Vec<Column>, Error> {
    let table = engine.open(path).await.map_err(|error| internal(&error))?;
    let session = engine.session().map_err(|error| internal(&error))?;
    columns(session.read_table(table).map_err(|error| internal(&error))?).await
}

/// Profiles every column of these rows.
pub(super) async fn columns(rows: DataFrame) -> Result<Vec<Column>, Error> {
    let fields: Vec<Field> = rows.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = Vec::with_capacity(fields.len());
    for fields in fields.chunks(PASS_COLUMNS) {
        columns.extend(summary(&rows, fields).await.map_err(|error| internal(&error))?);
    }
    // Planning is most of the work: as tasks, a few at once keep every core busy.
    let counted = columns.into_iter().map(|column| {
        let task = AbortOnDropHandle::new(tokio::spawn(counted(rows.clone(), column)));
        async { task.await.unwrap_or_else(|error| Err(internal(&error))) }
    });
    stream::iter(counted).buffered(COLUMNS_AT_ONCE).try_collect().await
}

/// The column with its distinct values counted, where they are few enough or texts.
async fn counted(rows: DataFrame, column: Column) -> Result<Column, Error> {
    if column.distinct > ESTIMATE_MAX && column.kind != ColumnType::Text {
        return Ok(column);
    }
    match frequent(&rows, column.clone()).await {
        Ok(counted) => Ok(counted),
        // Too many long values to group within the memory allowed: the estimate stays.
        Err(error) if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) => Ok(column),
        Err(error) => Err(internal(&error)),
    }
}

/// One pass over some columns: everything but what needs grouping.
async fn summary(rows: &DataFrame, fields: &[Field]) -> Result<Vec<Column>, DataFusionError> {
    let mut aggregates = vec![count(lit(1)).alias("rows")];
    for (index, field) in fields.iter().enumerate() {
        let column = || name(field.name());
        aggregates.push(count(column()).alias(format!("count{index}")));
        aggregates.push(min(column()).alias(format!("min{index}")));
        aggregates.push(max(column()).alias(format!("max{index}")));
        match column_type(field.data_type()) {
            ColumnType::Boolean => {}
            // The estimate does not take floats.
            ColumnType::Number => {
                let text = cast(column(), DataType::Utf8);
                aggregates.push(approx_distinct(text).alias(format!("distinct{index}")));
            }
            _ => aggregates.push(approx_distinct(column()).alias(format!("distinct{index}"))),
        }
        if is_number(column_type(field.data_type())) {
            aggregates.push(avg(column()).alias(format!("mean{index}")));
        }
    }
    let batches = rows.clone().aggregate(Vec::new(), aggregates)?.collect().await?;
    let row = batches.iter().find(|batch| batch.num_rows() > 0);
    let cell = |name: String| row.and_then(|row| cell(row, &name)).unwrap_or(Value::Null);
    let total = cell("rows".to_owned()).as_u64().unwrap_or(0);
    let column = |(index, field): (usize, &Field)| Column {
        name: field.name().clone(),
        kind: column_type(field.data_type()),
        nulls: total - cell(format!("count{index}")).as_u64().unwrap_or(0),
        distinct: cell(format!("distinct{index}")).as_u64().unwrap_or(2),
        min: Some(cell(format!("min{index}"))).filter(|value| !value.is_null()),
        max: Some(cell(format!("max{index}"))).filter(|value| !value.is_null()),
        mean: cell(format!("mean{index}")).as_f64(),
        top: Vec::new(),
    };
    Ok(fields.iter().enumerate().map(column).collect())
}

/// The most frequent values of one column, and how many there are exactly.
async fn frequent(rows: &DataFrame, mut column: Column) -> Result<Column, DataFusionError> {
    let (value, occurrences) = (name(&column.name), name(OCCURRENCES));
    let groups = rows.clone().filter(value.clone().is_not_null())?;
    let groups = groups.aggregate(vec![value.clone()], vec![count(lit(1)).alias(OCCURRENCES)])?;
    // So few groups are cheaper to look at than to ask about once more.
    let countable = column.distinct <= ESTIMATE_MAX;
    let order = vec![occurrences.sort(false, false), value.sort(true, false)];
    let groups = groups.sort(order)?.limit(0, (!countable).then_some(TOP))?.collect().await?;
    if countable {
        column.distinct = groups.iter().map(|batch| batch.num_rows() as u64).sum();
    }
    let as_categories = match column.kind {
        ColumnType::Text | ColumnType::Boolean => true,
        ColumnType::Integer => column.distinct <= CATEGORIES_MAX,
        _ => column.distinct <= TOP as u64,
    };
    let named = column.kind == ColumnType::Text && column.distinct <= TEXTS as u64;
    let most = if named { TEXTS } else { TOP };
    for batch in groups.iter().filter(|_| as_categories) {
        let first = batch.column(0).slice(0, batch.num_rows().min(most - column.top.len()));
        column.top.extend(values(&first)?);
    }
    if named {
        let mut bytes = 0;
        let within = |value: &Value| {
            bytes += value.as_str().map_or(0, str::len);
            bytes <= TEXT_BYTES
        };
        let kept = column.top.iter().map(within).take_while(|fits| *fits).count();
        column.top.truncate(kept.max(TOP));
    }
    Ok(column)
}

fn name(column: &str) -> Expr {
    Expr::Column(ColumnName::new_unqualified(column))
}

fn is_number(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Integer | ColumnType::Number)
}

/// The first row's value in a column.
fn cell(batch: &RecordBatch, column: &str) -> Option<Value> {
    values(batch.column_by_name(column)?).ok()?.into_iter().next()
}
