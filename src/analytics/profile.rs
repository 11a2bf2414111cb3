//! What is in a dataset, column by column, asked of its Parquet file.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::Column as ColumnName;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::{approx_distinct, avg, count, max, min};
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::object_store::path::Path;
use datafusion::prelude::DataFrame;
use serde_json::Value;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::{Column, ColumnType};

use super::engine::{Engine, internal};
use super::table::{column_type, values};

/// Most frequent values kept.
const TOP: usize = 50;
/// Up to here distinct values are counted one by one.
const EXACT_MAX: u64 = 10_000;
/// An estimate this far above may still be fewer in truth.
const ESTIMATE_MAX: u64 = EXACT_MAX + EXACT_MAX / 5;
/// Whole numbers of no more distinct values are as good as categories.
const CATEGORIES_MAX: u64 = 1_000;
/// Columns of one pass: their states are held in memory together.
const PASS_COLUMNS: usize = 64;

/// Profiles every column of the Parquet file at `path`.
pub(super) async fn profile(engine: &Engine, path: &Path) -> Result<Vec<Column>, Error> {
    let table = engine.open(path).await.map_err(|error| internal(&error))?;
    let session = engine.session().map_err(|error| internal(&error))?;
    let rows = session.read_table(table).map_err(|error| internal(&error))?;
    let fields: Vec<Field> = rows.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = Vec::with_capacity(fields.len());
    for fields in fields.chunks(PASS_COLUMNS) {
        columns.extend(summary(&rows, fields).await.map_err(|error| internal(&error))?);
    }
    for column in &mut columns {
        if column.distinct <= ESTIMATE_MAX || column.kind == ColumnType::Text {
            match frequent(&rows, column).await {
                Ok(()) => {}
                // Too many long values to group within the memory allowed: the estimate stays.
                Err(DataFusionError::ResourcesExhausted(_)) => {}
                Err(error) => return Err(internal(&error)),
            }
        }
    }
    Ok(columns)
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
async fn frequent(rows: &DataFrame, column: &mut Column) -> Result<(), DataFusionError> {
    let value = name(&column.name);
    let groups = rows.clone().filter(value.clone().is_not_null())?;
    let groups = groups.aggregate(vec![value.clone()], vec![count(lit(1)).alias("vizroom occurrences")])?;
    let occurrences = name("vizroom occurrences");
    if column.distinct <= ESTIMATE_MAX {
        let counted = groups.clone().aggregate(Vec::new(), vec![count(lit(1)).alias("distinct")])?.collect().await?;
        let exact = counted.first().and_then(|batch| cell(batch, "distinct")).and_then(|value| value.as_u64());
        column.distinct = exact.unwrap_or(column.distinct);
    }
    let as_categories = match column.kind {
        ColumnType::Text | ColumnType::Boolean => true,
        ColumnType::Integer => column.distinct <= CATEGORIES_MAX,
        _ => column.distinct <= TOP as u64,
    };
    if as_categories {
        let order = vec![occurrences.sort(false, false), value.sort(true, false)];
        let top = groups.sort(order)?.limit(0, Some(TOP))?.collect().await?;
        for batch in &top {
            column.top.extend(values(batch.column(0))?);
        }
    }
    Ok(())
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
