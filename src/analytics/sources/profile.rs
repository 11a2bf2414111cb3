//! What is in a database's tables, for the planner: each from its first rows, and, where there are more than these, from
//! what the database counts itself.

use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use futures_util::stream::{self, StreamExt};
use serde_json::Value;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::Database;
use super::pool::Most;
use super::survey::{Relation, Survey, quoted};
use crate::refusal::internal;
use crate::seen::Seen;
use crate::table::values;

/// Rows looked at of each table.
const SAMPLE: usize = 10_000;
const SAMPLE_BYTES: usize = 32 << 20;
/// Tables looked into; of further ones only the columns are known.
const PROFILED_MAX: usize = 60;
/// Tables looked into at a time.
const AT_ONCE: usize = 2;
/// How long one table may take, and its counting.
const TABLE_TIME: Duration = Duration::from_secs(20);
const COUNT_TIME: Duration = Duration::from_secs(8);

/// The wide tables with their profiles. A table that cannot be read is left out.
pub(super) async fn datasets(database: &Database, survey: &Survey) -> Result<Vec<Dataset>, Error> {
    let looked = survey.plain.iter().take(PROFILED_MAX).cloned().map(|relation| async move {
        let columns = tokio::time::timeout(TABLE_TIME, table(database, survey, &relation)).await;
        match columns {
            Ok(Ok(dataset)) => Some(dataset),
            Ok(Err(error)) => {
                tracing::info!(table = relation.name, %error, "a table of a database cannot be profiled");
                None
            }
            Err(_) => Some(bare(survey, &relation)),
        }
    });
    let mut plain: Vec<Option<Dataset>> = stream::iter(looked).buffered(AT_ONCE).collect().await;
    plain.extend(survey.plain.iter().skip(PROFILED_MAX).map(|relation| Some(bare(survey, relation))));
    if plain.iter().all(Option::is_none)
        && let Some(relation) = survey.plain.first()
    {
        // Nothing can be read at all: the first table says why.
        table(database, survey, relation).await?;
    }
    let of = |number: usize| {
        let at = survey.plain.iter().position(|relation| relation.columns[0].from.0 == number)?;
        plain[at].as_ref()
    };
    let wide = survey.wide.iter().filter_map(|relation| {
        let number = relation.columns[0].from.0;
        let own = of(number)?;
        let column = |seen: &super::survey::Seen| match of(seen.from.0) {
            Some(its) => Column { name: seen.name.clone(), ..its.columns[seen.from.1].clone() },
            None => unknown(&seen.name, seen.kind, own.rows),
        };
        Some(Dataset {
            name: relation.name.clone(),
            rows: own.rows,
            columns: relation.columns.iter().map(column).collect(),
        })
    });
    Ok(wide.collect())
}

/// What is known without looking.
fn bare(survey: &Survey, relation: &Relation) -> Dataset {
    let rows = estimate(survey, relation).unwrap_or(0);
    let columns = relation.columns.iter().map(|column| unknown(&column.name, column.kind, rows)).collect();
    Dataset { name: relation.name.clone(), rows, columns }
}

fn estimate(survey: &Survey, relation: &Relation) -> Option<u64> {
    survey.schema.tables.iter().find(|table| table.dataset == relation.name)?.rows
}

fn unknown(name: &str, kind: ColumnType, rows: u64) -> Column {
    Column { name: name.to_owned(), kind, nulls: 0, distinct: rows, min: None, max: None, mean: None, top: Vec::new() }
}

async fn table(database: &Database, survey: &Survey, relation: &Relation) -> Result<Dataset, Error> {
    let schema = relation.schema();
    let select = format!("SELECT * FROM ({}) AS \"r\" LIMIT {SAMPLE}", relation.select);
    let (mut sample, mut seen, mut bytes) = (Seen::of(&schema, SAMPLE as u64), 0, 0);
    let most = Most { rows: SAMPLE, bytes: usize::MAX };
    let take = |batch: RecordBatch| {
        (seen, bytes) = (seen + batch.num_rows(), bytes + batch.get_array_memory_size());
        sample.see(&batch).map_err(|error| internal(&error))?;
        Ok(bytes < SAMPLE_BYTES)
    };
    database.0.connections.read(select, &schema, &most, take).await?;
    let mut columns = sample.columns().map_err(|error| internal(&error))?;
    let mut total = seen as u64;
    if seen >= SAMPLE || bytes >= SAMPLE_BYTES {
        total = estimate(survey, relation).unwrap_or(0).max(total);
        // Where counting takes too long, the first rows speak for all.
        if let Ok(Ok(Some(counted))) = tokio::time::timeout(COUNT_TIME, count(database, relation, &mut columns)).await {
            total = counted;
        }
        for column in &mut columns {
            widen(column, seen as u64, total);
        }
    }
    Ok(Dataset { name: relation.name.clone(), rows: total, columns })
}

/// Where nearly every row of the sample had a value of its own, so have the others.
fn widen(column: &mut Column, seen: u64, total: u64) {
    let filled = seen.saturating_sub(column.nulls).max(1);
    let factor = total as f64 / seen.max(1) as f64;
    column.nulls = (column.nulls as f64 * factor) as u64;
    if column.distinct as f64 > filled as f64 * 0.5 {
        column.distinct = (column.distinct as f64 * factor) as u64;
    }
}

/// The number of rows, and the ends of what can be ordered, from the database.
async fn count(database: &Database, relation: &Relation, columns: &mut [Column]) -> Result<Option<u64>, Error> {
    let ordered = |kind: ColumnType| !matches!(kind, ColumnType::Text | ColumnType::Boolean);
    let mut picked = vec!["COUNT(*)".to_owned()];
    let mut kinds = vec![ColumnType::Integer];
    for column in columns.iter().filter(|column| ordered(column.kind)) {
        let name = quoted(&column.name);
        picked.push(format!("MIN({name}), MAX({name})"));
        kinds.extend([column.kind; 2]);
    }
    let select = format!("SELECT {} FROM ({}) AS \"r\"", picked.join(", "), relation.select);
    let Some(row) = database.row(select, &kinds).await? else { return Ok(None) };
    let mut found = Vec::new();
    for column in row.columns() {
        let value = values(column).map_err(|error| internal(&error))?.into_iter().next();
        found.push(value.filter(|value| !value.is_null()));
    }
    let mut found = found.into_iter();
    let total = found.next().flatten().as_ref().and_then(Value::as_u64);
    for column in columns.iter_mut().filter(|column| ordered(column.kind)) {
        column.min = found.next().flatten();
        column.max = found.next().flatten();
    }
    Ok(total)
}
