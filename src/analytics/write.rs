//! Rows of text, or Arrow batches, into one Parquet object.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::object_store::ObjectStore;
use datafusion::object_store::buffered::BufWriter;
use datafusion::object_store::path::Path;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use vizroom_protocol::error::Error;

use super::infer::{self, Kind};
use super::ingest::Row;
use super::moment;
use super::refusal::internal;

/// Rows of a row group: small enough that one file feeds several cores, and that statistics leave out much of it.
const GROUP_ROWS: usize = 128 << 10;
/// Bytes of rows held before they are written, whatever their number.
const GROUP_BYTES: usize = 64 << 20;
/// Bytes of a row group's distinct values in a column up to which they are written once each: to look for more costs more
/// than it saves.
const DICTIONARY_BYTES: usize = 128 << 10;
const BATCH_ROWS: usize = 8 << 10;
/// Cells and bytes of text that end a batch early.
const BATCH_CELLS: usize = 1 << 20;
const BATCH_BYTES: usize = 16 << 20;

/// A Parquet object being written, from a thread that may block.
pub(super) struct Parquet {
    writer: ArrowWriter<Blocking>,
    rows: u64,
}

impl Parquet {
    pub(super) fn create(
        store: Arc<dyn ObjectStore>,
        path: Path,
        schema: SchemaRef,
        runtime: Handle,
    ) -> Result<Self, Error> {
        let sink = Blocking { runtime, object: BufWriter::new(store, path) };
        let properties = WriterProperties::builder()
            .set_compression(Compression::LZ4_RAW)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            // Of row groups, not of pages (`engine.rs`).
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        let writer = ArrowWriter::try_new(sink, schema, Some(properties)).map_err(|error| internal(&error))?;
        Ok(Self { writer, rows: 0 })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| internal(&error))?;
        if self.writer.memory_size() > GROUP_BYTES {
            self.writer.flush().map_err(|error| internal(&error))?;
        }
        Ok(())
    }

    /// Makes the object appear; one that is dropped instead never does.
    pub(super) fn finish(self) -> Result<u64, Error> {
        let rows = self.rows;
        let finished = self.writer.into_inner().and_then(|mut sink| {
            let Blocking { runtime, object } = &mut sink;
            runtime.block_on(object.shutdown()).map_err(ParquetError::from)
        });
        finished.map(|()| rows).map_err(|error| internal(&error))
    }
}

/// An object in the store as a blocking writer.
struct Blocking {
    runtime: Handle,
    object: BufWriter,
}

impl io::Write for Blocking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.runtime.block_on(self.object.put(Bytes::copy_from_slice(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Rows of text, typed column by column.
pub(super) struct Batch {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    pub(super) fn new(names: &[String], kinds: &[Kind]) -> Self {
        let fields: Vec<Field> =
            names.iter().zip(kinds).map(|(name, kind)| Field::new(name, arrow_type(*kind), true)).collect();
        let columns = kinds.iter().copied().map(Column::new).collect();
        Self { schema: Arc::new(Schema::new(fields)), columns, rows: 0, bytes: 0 }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// False if a value does not fit its column: the batch is of no use then.
    pub(super) fn push(&mut self, row: Row<'_>) -> bool {
        for (index, column) in self.columns.iter_mut().enumerate() {
            let value = row.cell(index).unwrap_or_default();
            self.bytes += value.len();
            if !column.push(value) {
                return false;
            }
        }
        self.rows += 1;
        true
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.rows * self.columns.len() >= BATCH_CELLS || self.bytes >= BATCH_BYTES
    }

    /// The rows so far, of which it is empty then.
    pub(super) fn take(&mut self) -> Result<RecordBatch, Error> {
        (self.rows, self.bytes) = (0, 0);
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| internal(&error))
    }
}

fn arrow_type(kind: Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Integer => DataType::Int64,
        Kind::Number { .. } => DataType::Float64,
        Kind::Date(_) => DataType::Date32,
        Kind::Timestamp(_) => DataType::Timestamp(TimeUnit::Microsecond, None),
        Kind::Text | Kind::Nothing => DataType::Utf8,
    }
}

enum Column {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Number(Float64Builder, bool),
    Date(Date32Builder, moment::Order),
    Timestamp(TimestampMicrosecondBuilder, moment::Order),
    Text(StringBuilder),
    Nothing(StringBuilder),
}

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Column::Boolean(BooleanBuilder::new()),
            Kind::Integer => Column::Integer(Int64Builder::new()),
            Kind::Number { decimal_comma } => Column::Number(Float64Builder::new(), decimal_comma),
            Kind::Date(order) => Column::Date(Date32Builder::new(), order),
            Kind::Timestamp(order) => Column::Timestamp(TimestampMicrosecondBuilder::new(), order),
            Kind::Text => Column::Text(StringBuilder::new()),
            Kind::Nothing => Column::Nothing(StringBuilder::new()),
        }
    }

    /// False if the value is none of the column's type.
    fn push(&mut self, value: &str) -> bool {
        let trimmed = infer::trimmed(value);
        match self {
            Column::Text(builder) => {
                builder.append_option((!trimmed.is_empty()).then_some(value));
                true
            }
            Column::Nothing(builder) => {
                builder.append_option((!trimmed.is_empty()).then_some(value));
                infer::is_nothing(trimmed)
            }
            Column::Boolean(builder) => append(trimmed, infer::boolean(trimmed), |v| builder.append_option(v)),
            Column::Integer(builder) => append(trimmed, infer::integer(trimmed), |v| builder.append_option(v)),
            Column::Number(builder, comma) => {
                let number = infer::number(trimmed, *comma).filter(|_| !infer::is_whole_and_long(trimmed));
                append(trimmed, number, |v| builder.append_option(v))
            }
            Column::Date(builder, order) => {
                let day =
                    moment::parse(trimmed, *order).filter(|moment| moment.time.is_none()).map(|moment| moment.day);
                append(trimmed, day, |v| builder.append_option(v))
            }
            Column::Timestamp(builder, order) => {
                let micros = moment::parse(trimmed, *order).map(moment::Moment::micros);
                append(trimmed, micros, |v| builder.append_option(v))
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Boolean(builder) => Arc::new(builder.finish()),
            Column::Integer(builder) => Arc::new(builder.finish()),
            Column::Number(builder, _) => Arc::new(builder.finish()),
            Column::Date(builder, _) => Arc::new(builder.finish()),
            Column::Timestamp(builder, _) => Arc::new(builder.finish()),
            Column::Text(builder) | Column::Nothing(builder) => Arc::new(builder.finish()),
        }
    }
}

fn append<T>(text: &str, value: Option<T>, push: impl FnOnce(Option<T>)) -> bool {
    let fits = value.is_some() || infer::is_nothing(text);
    push(value);
    fits
}
