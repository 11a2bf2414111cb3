//! From a database's values to Arrow: six types, whatever the database calls its own.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, RecordBatchOptions,
    StringBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::ColumnType;

use crate::moment::{self, DAY_US, Order};
use crate::refusal::internal;
use crate::table::column_type;

/// Rows of one batch.
const BATCH_ROWS: usize = 4_096;

/// One value, as a database gave it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
    /// Days since 1970.
    Day(i32),
    /// Microseconds since 1970.
    Micros(i64),
}

impl Cell {
    fn bytes(&self) -> usize {
        if let Cell::Text(text) = self { text.len() + 8 } else { 9 }
    }

    fn int(&self) -> Option<i64> {
        match self {
            Cell::Int(int) => Some(*int),
            Cell::Bool(flag) => Some(i64::from(*flag)),
            // Sums of whole numbers arrive as decimals.
            Cell::Real(real) if real.fract() == 0.0 && real.abs() < 9e15 => Some(*real as i64),
            Cell::Text(text) => text.trim().parse().ok().or_else(|| Cell::Real(text.trim().parse().ok()?).int()),
            _ => None,
        }
    }

    fn real(&self) -> Option<f64> {
        match self {
            Cell::Real(real) => Some(*real),
            Cell::Int(int) => Some(*int as f64),
            Cell::Bool(flag) => Some(f64::from(u8::from(*flag))),
            Cell::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Cell::Bool(flag) => Some(*flag),
            Cell::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "t" | "1" => Some(true),
                "false" | "f" | "0" => Some(false),
                _ => None,
            },
            other => other.int().map(|int| int != 0),
        }
    }

    fn micros(&self) -> Option<i64> {
        match self {
            Cell::Micros(micros) => Some(*micros),
            Cell::Day(day) => Some(i64::from(*day) * DAY_US),
            Cell::Text(text) => moment::parse(text.trim(), Order::MonthFirst).map(|moment| moment.micros()),
            _ => None,
        }
    }

    /// As a person reads it; none for null.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Cell::Null => None,
            Cell::Text(text) => Some(text),
            Cell::Bool(flag) => Some(flag.to_string()),
            Cell::Int(int) => Some(int.to_string()),
            Cell::Real(real) => Some(real.to_string()),
            Cell::Day(day) => moment::day_text(day),
            Cell::Micros(micros) => moment::micros_text(micros),
        }
    }
}

/// The Arrow type that holds a column.
pub(super) fn arrow(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Number => DataType::Float64,
        ColumnType::Text => DataType::Utf8,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// Columns of these names and types.
pub(super) fn schema<'a>(columns: impl IntoIterator<Item = (&'a str, ColumnType)>) -> SchemaRef {
    let fields = columns.into_iter().map(|(name, kind)| Field::new(name, arrow(kind), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The same columns in the types that values are read into.
pub(super) fn readable(schema: &Schema) -> SchemaRef {
    let columns = schema.fields().iter().map(|field| (field.name().as_str(), column_type(field.data_type())));
    self::schema(columns)
}

enum Builder {
    Flag(BooleanBuilder),
    Int(Int64Builder),
    Real(Float64Builder),
    Text(StringBuilder),
    Day(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
}

impl Builder {
    fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Boolean => Builder::Flag(BooleanBuilder::new()),
            ColumnType::Integer => Builder::Int(Int64Builder::new()),
            ColumnType::Number => Builder::Real(Float64Builder::new()),
            ColumnType::Text => Builder::Text(StringBuilder::new()),
            ColumnType::Date => Builder::Day(Date32Builder::new()),
            ColumnType::Timestamp => Builder::Micros(TimestampMicrosecondBuilder::new()),
        }
    }

    /// A value that does not suit its column is left out.
    fn push(&mut self, cell: Cell) {
        match self {
            Builder::Flag(builder) => builder.append_option(cell.flag()),
            Builder::Int(builder) => builder.append_option(cell.int()),
            Builder::Real(builder) => builder.append_option(cell.real()),
            Builder::Text(builder) => builder.append_option(cell.text()),
            Builder::Day(builder) => {
                let day = cell.micros().and_then(|micros| i32::try_from(micros.div_euclid(DAY_US)).ok());
                builder.append_option(day);
            }
            Builder::Micros(builder) => builder.append_option(cell.micros()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Flag(builder) => Arc::new(builder.finish()),
            Builder::Int(builder) => Arc::new(builder.finish()),
            Builder::Real(builder) => Arc::new(builder.finish()),
            Builder::Text(builder) => Arc::new(builder.finish()),
            Builder::Day(builder) => Arc::new(builder.finish()),
            Builder::Micros(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Rows on their way into batches.
pub(super) struct Intake {
    schema: SchemaRef,
    builders: Vec<Builder>,
    waiting: usize,
    /// Taken in all.
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Intake {
    pub(super) fn new(schema: SchemaRef) -> Self {
        let builders = schema.fields().iter().map(|field| Builder::new(column_type(field.data_type()))).collect();
        Self { schema, builders, waiting: 0, rows: 0, bytes: 0 }
    }

    /// How many columns a row has.
    pub(super) fn width(&self) -> usize {
        self.builders.len()
    }

    /// Takes a row; a batch, once there are enough.
    pub(super) fn push(&mut self, cells: Vec<Cell>) -> Result<Option<RecordBatch>, Error> {
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            self.bytes += cell.bytes();
            builder.push(cell);
        }
        self.rows += 1;
        self.waiting += 1;
        if self.waiting < BATCH_ROWS { Ok(None) } else { self.finish().map(Some) }
    }

    /// What has been taken since the last batch.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, Error> {
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.waiting));
        self.waiting = 0;
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(|error| internal(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_what_their_column_is_or_nothing() {
        for (cell, int, real, flag, micros) in [
            (Cell::Int(3), Some(3), Some(3.0), Some(true), None),
            (Cell::Real(2.5), None, Some(2.5), None, None),
            (Cell::Text("2.50".into()), None, Some(2.5), None, None),
            (Cell::Text("12".into()), Some(12), Some(12.0), None, None),
            (Cell::Text("12.0000".into()), Some(12), Some(12.0), None, None),
            (Cell::Text("x".into()), None, None, None, None),
            (Cell::Bool(true), Some(1), Some(1.0), Some(true), None),
            (Cell::Day(1), None, None, None, Some(DAY_US)),
            (Cell::Text("1970-01-02".into()), None, None, None, Some(DAY_US)),
            (Cell::Null, None, None, None, None),
        ] {
            assert_eq!((cell.int(), cell.real(), cell.flag(), cell.micros()), (int, real, flag, micros), "{cell:?}");
        }
    }
}
