//! From Arrow to the rows of the protocol.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;
use vizroom_protocol::file::{ColumnType, Field, Table};

use super::moment;

/// What an Arrow type is for a reader.
pub(super) fn column_type(kind: &DataType) -> ColumnType {
    match kind {
        DataType::Boolean => ColumnType::Boolean,
        kind if kind.is_integer() => ColumnType::Integer,
        kind if kind.is_floating() || kind.is_decimal() => ColumnType::Number,
        DataType::Date32 | DataType::Date64 => ColumnType::Date,
        DataType::Timestamp(..) => ColumnType::Timestamp,
        _ => ColumnType::Text,
    }
}

/// A table in the making, within bounds.
pub(super) struct Rows {
    table: Table,
    rows_max: usize,
    bytes_left: usize,
}

/// Why no more rows are taken.
pub(super) enum Full {
    Rows,
    Bytes,
    Failed(ArrowError),
}

impl Rows {
    pub(super) fn new(schema: &Schema, rows_max: usize, bytes_max: usize) -> Self {
        let field = |field: &std::sync::Arc<datafusion::arrow::datatypes::Field>| Field {
            name: field.name().clone(),
            kind: column_type(field.data_type()),
        };
        let columns = schema.fields().iter().map(field).collect();
        Self {
            table: Table { columns, rows: Vec::new(), truncated: false, total: None, others: None },
            rows_max,
            bytes_left: bytes_max,
        }
    }

    /// Takes as many rows as there is room for.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<(), Full> {
        let room = self.rows_max - self.table.rows.len();
        let taken = batch.num_rows().min(room);
        let batch_cut = batch.slice(0, taken);
        let mut columns = Vec::new();
        for column in batch_cut.columns() {
            columns.push(values(column).map_err(Full::Failed)?.into_iter());
        }
        for _ in 0..taken {
            let row: Vec<Value> = columns.iter_mut().filter_map(Iterator::next).collect();
            let size = row.iter().map(weight).sum::<usize>();
            self.bytes_left = self.bytes_left.checked_sub(size).ok_or(Full::Bytes)?;
            self.table.rows.push(row);
        }
        if taken < batch.num_rows() {
            self.table.truncated = true;
            return Err(Full::Rows);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Table {
        self.table
    }
}

/// About the bytes of a value in JSON.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 3,
        _ => 8,
    }
}

/// Approximate bytes of a table, in memory.
pub(super) fn table_weight(table: &Table) -> usize {
    let cell = size_of::<Value>();
    table.rows.iter().flatten().map(|value| weight(value) + cell).sum::<usize>() + 1_024
}

/// A column's values as JSON.
pub(super) fn values(array: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let json: Vec<Value> = match column_type(array.data_type()) {
        ColumnType::Boolean => array.as_boolean().iter().map(Value::from).collect(),
        ColumnType::Integer => {
            cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().iter().map(Value::from).collect()
        }
        ColumnType::Number => {
            // Infinities and NaN have no JSON.
            cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().iter().map(Value::from).collect()
        }
        ColumnType::Date => {
            let days = cast(array, &DataType::Date32)?;
            days.as_primitive::<Date32Type>().iter().map(|day| day.and_then(moment::day_text).into()).collect()
        }
        ColumnType::Timestamp => {
            let micros = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let micros = micros.as_primitive::<TimestampMicrosecondType>();
            micros.iter().map(|micros| micros.and_then(moment::micros_text).into()).collect()
        }
        ColumnType::Text => match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().iter().map(Value::from).collect(),
            DataType::Utf8View => array.as_string_view().iter().map(Value::from).collect(),
            _ => text(array)?.as_string_view().iter().map(Value::from).collect(),
        },
    };
    Ok(json)
}

/// A column of texts, or of what can only be shown as one.
pub(super) fn text(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Utf8View => Ok(array.clone()),
        DataType::Utf8 | DataType::LargeUtf8 => cast(array, &DataType::Utf8View),
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(array, &options)?;
            let text = |row| array.is_valid(row).then(|| formatter.value(row).to_string());
            Ok(Arc::new((0..array.len()).map(text).collect::<StringViewArray>()))
        }
    }
}
