//! Parquet and Arrow files, brought to the types a dataset has.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::{FileReader, StreamReader};
use datafusion::arrow::record_batch::RecordBatchReader;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use vizroom_protocol::error::Error;

use super::sniff::unreadable;

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

/// A file of Arrow batches.
pub(super) struct Columnar {
    pub(super) schema: SchemaRef,
    batches: Batches,
}

impl Columnar {
    pub(super) fn parquet(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.with_batch_size(4_096).build());
        let reader = reader.map_err(|error| unreadable(&error))?;
        Ok(Self { schema: RecordBatchReader::schema(&reader), batches: Box::new(reader) })
    }

    pub(super) fn arrow_file(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let reader = FileReader::try_new(BufReader::new(file), None).map_err(|error| unreadable(&error))?;
        Ok(Self { schema: reader.schema(), batches: Box::new(reader) })
    }

    pub(super) fn arrow_stream(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let reader = StreamReader::try_new(BufReader::new(file), None).map_err(|error| unreadable(&error))?;
        Ok(Self { schema: reader.schema(), batches: Box::new(reader) })
    }

    /// The names of its columns.
    pub(super) fn names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The schema it is brought to, under `names`.
    pub(super) fn target(&self, names: &[String]) -> SchemaRef {
        let fields = self.schema.fields().iter().zip(names);
        let fields: Vec<Field> =
            fields.map(|(field, name)| Field::new(name, target(field.data_type()), true)).collect();
        Arc::new(Schema::new(fields))
    }

    /// Its batches in the types of `schema`, which [`Self::target`] gave.
    pub(super) fn into_batches(self, schema: SchemaRef) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        self.batches.map(move |batch| {
            let batch = batch.map_err(|error| unreadable(&error))?;
            let columns = batch.columns().iter().zip(schema.fields());
            let columns: Result<Vec<ArrayRef>, ArrowError> =
                columns.map(|(column, field)| convert(column, field.data_type())).collect();
            let batch = columns.and_then(|columns| RecordBatch::try_new(schema.clone(), columns));
            batch.map_err(|error| unreadable(&error))
        })
    }
}

/// Text stands for all that has no type of its own.
fn target(kind: &DataType) -> DataType {
    match kind {
        DataType::Boolean => DataType::Boolean,
        kind if kind.is_integer() => DataType::Int64,
        kind if kind.is_floating() || kind.is_decimal() => DataType::Float64,
        DataType::Date32 => DataType::Date32,
        DataType::Date64 | DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Dictionary(_, values) => target(values),
        DataType::RunEndEncoded(_, values) => target(values.data_type()),
        _ => DataType::Utf8,
    }
}

fn convert(column: &ArrayRef, kind: &DataType) -> Result<ArrayRef, ArrowError> {
    let checked = CastOptions { safe: false, format_options: FormatOptions::default() };
    match column.data_type() {
        from if from == kind => Ok(column.clone()),
        // Through UTC, so that the instant stays and only the zone goes.
        DataType::Timestamp(unit, Some(_)) => {
            let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
            cast_with_options(&cast_with_options(column, &utc, &checked)?, kind, &checked)
        }
        DataType::Dictionary(_, values) => {
            let plain = cast_with_options(column, values, &checked)?;
            convert(&plain, kind)
        }
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => cast_with_options(column, kind, &checked),
        _ if *kind != DataType::Utf8 => cast_with_options(column, kind, &checked),
        _ => display(column),
    }
}

/// Values without a type of their own, as a person would read them.
fn display(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if let Some(bytes) = column.as_binary_opt::<i32>()
        && bytes.iter().flatten().all(|bytes| str::from_utf8(bytes).is_ok())
    {
        // Some writers leave out that their bytes are text.
        return datafusion::arrow::compute::cast(column, &DataType::Utf8);
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let mut texts = StringBuilder::new();
    for row in 0..column.len() {
        texts.append_option((!column.is_null(row)).then(|| formatter.value(row).to_string()));
    }
    Ok(Arc::new(texts.finish()))
}
