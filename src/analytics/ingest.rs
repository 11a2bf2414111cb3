//! An upload becomes a dataset: recognised by content, converted once to Parquet, profiled.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use csv::StringRecord;
use datafusion::object_store::ObjectStore;
use datafusion::object_store::path::Path;
use tokio::runtime::Handle;
use vizroom_protocol::error::{Code, Error};
use vizroom_protocol::file::{Dataset, Format, Relation};

use super::columnar::Columnar;
use super::csv::Csv;
use super::engine::Engine;
use super::infer::{Guess, Kind};
use super::json::Json;
use super::parts::Part;
use super::refusal::internal;
use super::scratch::Scratch;
use super::sniff::{self, Content, refused};
use super::sqlite::{self, Reference, Sqlite};
use super::write::{Batch, Parquet};
use super::{AnalyticsLimits, Ingested, IngestedDataset, profile};

/// Bytes of a dataset's name.
const NAME_MAX: usize = 63;
/// Characters of a column's name.
const COLUMN_NAME_MAX: usize = 200;

/// One row of a text file.
#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    /// A record, and how many columns there are.
    Csv(&'a StringRecord, usize),
    Json(&'a [Option<String>]),
}

impl Row<'_> {
    /// The columns known by now.
    fn width(self) -> usize {
        match self {
            Row::Csv(_, width) => width,
            Row::Json(cells) => cells.len(),
        }
    }

    /// None where the row has no such cell.
    pub(super) fn cell(&self, column: usize) -> Option<&str> {
        match self {
            Row::Csv(record, _) => record.get(column),
            Row::Json(cells) => cells.get(column)?.as_deref(),
        }
    }
}

/// See [`super::Analytics::ingest`].
pub(super) async fn ingest(
    engine: &Arc<Engine>,
    spooled: PathBuf,
    file_name: String,
    prefix: Path,
) -> Result<Ingested, Error> {
    let job = Job {
        store: engine.store.clone(),
        prefix,
        name: dataset_name(&file_name),
        limits: engine.limits.clone(),
        runtime: Handle::current(),
    };
    let turn = engine.conversions.clone().acquire_owned().await.map_err(|error| internal(&error))?;
    let converted = tokio::task::spawn_blocking(move || {
        // A conversion nobody waits for any more still holds its turn.
        let _turn = turn;
        job.convert(&spooled)
    });
    let converted = converted.await;
    let converted = converted.unwrap_or_else(|panic| {
        // A broken file can upset a reader that trusts it.
        tracing::warn!(%panic, "an upload could not be read");
        Err(refused("the file is broken"))
    })?;
    let mut warnings = converted.warnings;
    if let Some(promised) = sniff::promised(&file_name).filter(|promised| *promised != converted.format) {
        warnings.insert(0, format!("{file_name} is named like {promised:?}, but it is {:?}", converted.format));
    }
    let mut datasets = Vec::with_capacity(converted.tables.len());
    for Written { name, path, rows } in converted.tables {
        let columns = profile::profile(engine, &path, rows).await?;
        datasets.push(IngestedDataset { dataset: Dataset { name, rows, columns }, path });
    }
    Ok(Ingested { format: converted.format, datasets, relations: converted.relations, warnings })
}

/// A conversion, on a thread that may block.
struct Job {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Of the dataset, made of the file's name.
    name: String,
    limits: AnalyticsLimits,
    runtime: Handle,
}

struct Converted {
    format: Format,
    tables: Vec<Written>,
    relations: Vec<Relation>,
    warnings: Vec<String>,
}

/// A dataset's Parquet file.
struct Written {
    name: String,
    path: Path,
    rows: u64,
}

impl Job {
    fn convert(&self, spooled: &FilePath) -> Result<Converted, Error> {
        let inflated = sniff::inflated(spooled, self.limits.inflated_bytes)?;
        let file = inflated.as_ref().map_or(spooled, Scratch::path);
        let AnalyticsLimits { row_bytes, columns, .. } = self.limits;
        match sniff::sniff(file)? {
            Content::Delimited(text) => self.csv(Csv::examine(text, row_bytes)?),
            Content::Json(text) => self.json(Json::examine(text, false, row_bytes, columns)?, Format::Json),
            Content::Ndjson(text) => self.json(Json::examine(text, true, row_bytes, columns)?, Format::Ndjson),
            Content::Parquet => self.columnar(Columnar::parquet(file)?, Format::Parquet),
            Content::ArrowFile => self.columnar(Columnar::arrow_file(file)?, Format::Arrow),
            Content::ArrowStream => self.columnar(Columnar::arrow_stream(file)?, Format::Arrow),
            Content::Sqlite => {
                let mut database = Sqlite::open(file, self.limits.inflated_bytes, self.runtime.clone())?;
                let tables = self.sqlite(&mut database);
                let warnings = std::mem::take(&mut database.warnings);
                database.close();
                let (tables, relations) = tables?;
                Ok(Converted { format: Format::Sqlite, tables, relations, warnings })
            }
        }
    }

    /// What becomes of a file that is one table.
    fn alone(&self, format: Format, rows: u64, warnings: Vec<String>) -> Converted {
        let table = Written { name: self.name.clone(), path: self.path(&self.name), rows };
        Converted { format, tables: vec![table], relations: Vec::new(), warnings }
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(format!("{name}.parquet"))
    }

    fn sqlite(&self, database: &mut Sqlite) -> Result<(Vec<Written>, Vec<Relation>), Error> {
        let (mut written, mut named): (Vec<Written>, Vec<Named>) = (Vec::new(), Vec::new());
        for table in database.tables(|columns| self.check_columns(columns))? {
            let (base, mut name, mut n) = (dataset_name(&table.name), String::new(), 1);
            while name.is_empty() || written.iter().any(|other| other.name == name) {
                name = if n == 1 { base.clone() } else { format!("{base}_{n}") };
                n += 1;
            }
            let columns = column_names(&table.columns);
            let batch = Batch::new(&columns, &table.kinds);
            let path = self.path(&name);
            let mut typed = Typed { parquet: self.create(path.clone(), batch.schema())?, batch };
            database.each(&table, &mut |cells| typed.push(Row::Json(cells)))?;
            written.push(Written { name: name.clone(), path, rows: typed.finish()? });
            named.push(Named { table, name, columns });
        }
        Ok((written, relations(&named)))
    }

    fn csv(&self, mut csv: Csv) -> Result<Converted, Error> {
        self.check_columns(csv.names.len())?;
        let mut guesses = vec![Guess::new(csv.decimal_comma()); csv.names.len()];
        csv.first_part()?.each(|row| see(&mut guesses, row))?;
        // Most files go on as they begin; where one does not, it takes a look at all of it.
        let rows = match self.csv_as(&mut csv, guesses.iter().map(Guess::so_far).collect())? {
            Some(rows) => rows,
            None => {
                let guesses = guessed(&mut csv)?;
                let rows = self.csv_as(&mut csv, guesses.iter().map(Guess::kind).collect())?;
                rows.ok_or_else(|| refused("the file changed while it was read"))?
            }
        };
        Ok(self.alone(csv.format(), rows, csv.warnings()))
    }

    /// Writes a file whose columns are of these kinds; none if one is not.
    fn csv_as(&self, csv: &mut Csv, kinds: Vec<Kind>) -> Result<Option<u64>, Error> {
        let names = column_names(&csv.names);
        let mut parquet = self.create(self.path(&self.name), Batch::new(&names, &kinds).schema())?;
        let typed = |part: &mut Part<'_>| {
            let (mut batches, mut batch, mut fits) = (Vec::new(), Batch::new(&names, &kinds), true);
            part.each(|row| {
                fits = fits && batch.push(row);
                if fits && batch.is_full() {
                    batches.push(batch.take()?);
                }
                Ok(())
            })?;
            if !fits {
                return Ok(None);
            }
            batches.push(batch.take()?);
            Ok(Some(batches))
        };
        let flow = csv.in_parts(typed, |batches| {
            let Some(batches) = batches else { return Ok(ControlFlow::Break(())) };
            batches.iter().try_for_each(|batch| parquet.write(batch))?;
            Ok(ControlFlow::Continue(()))
        })?;
        if flow.is_break() { Ok(None) } else { parquet.finish().map(Some) }
    }

    fn json(&self, mut json: Json, format: Format) -> Result<Converted, Error> {
        let mut guesses = Vec::new();
        json.each(&mut |row| see(&mut guesses, row))?;
        self.check_columns(json.names.len())?;
        guesses.resize(json.names.len(), Guess::new(false));
        let mut parquet = self.typed(&json.names, &guesses)?;
        json.each(&mut |row| parquet.push(row))?;
        Ok(self.alone(format, parquet.finish()?, json.warnings()))
    }

    fn columnar(&self, file: Columnar, format: Format) -> Result<Converted, Error> {
        let names = column_names(&file.names());
        self.check_columns(names.len())?;
        let schema = file.target(&names);
        let mut parquet = self.create(self.path(&self.name), schema.clone())?;
        for batch in file.into_batches(schema) {
            parquet.write(&batch?)?;
        }
        Ok(self.alone(format, parquet.finish()?, Vec::new()))
    }

    fn typed(&self, names: &[String], guesses: &[Guess]) -> Result<Typed, Error> {
        let kinds: Vec<Kind> = guesses.iter().map(Guess::kind).collect();
        let batch = Batch::new(&column_names(names), &kinds);
        Ok(Typed { parquet: self.create(self.path(&self.name), batch.schema())?, batch })
    }

    fn create(&self, path: Path, schema: datafusion::arrow::datatypes::SchemaRef) -> Result<Parquet, Error> {
        Parquet::create(self.store.clone(), path, schema, self.runtime.clone())
    }

    fn check_columns(&self, columns: usize) -> Result<(), Error> {
        match columns {
            0 => Err(refused("the file has no columns")),
            columns if columns > self.limits.columns => Err(too_many_columns(self.limits.columns)),
            _ => Ok(()),
        }
    }
}

/// A table of a database, and what it and its columns are called as a dataset.
struct Named {
    table: sqlite::Table,
    name: String,
    columns: Vec<String>,
}

impl Named {
    fn column(&self, name: &str) -> Option<String> {
        let at = self.table.columns.iter().position(|column| column.eq_ignore_ascii_case(name))?;
        self.columns.get(at).cloned()
    }
}

/// The foreign keys between tables, by the names of the datasets.
fn relations(tables: &[Named]) -> Vec<Relation> {
    let named = |name: &str| tables.iter().find(|other| other.table.name.eq_ignore_ascii_case(name));
    let of = |from: &Named, reference: &Reference| {
        let to = named(&reference.to_table)?;
        Some(Relation {
            table: from.name.clone(),
            column: from.column(&reference.column)?,
            to_table: to.name.clone(),
            to_column: to.column(&reference.to_column)?,
        })
    };
    tables
        .iter()
        .flat_map(|from| from.table.references.iter().filter_map(move |reference| of(from, reference)))
        .collect()
}

/// Text rows on their way into Parquet.
struct Typed {
    parquet: Parquet,
    batch: Batch,
}

impl Typed {
    fn push(&mut self, row: Row<'_>) -> Result<(), Error> {
        if !self.batch.push(row) {
            // The first reading saw every value.
            return Err(refused("the file changed while it was read"));
        }
        if self.batch.is_full() {
            self.parquet.write(&self.batch.take()?)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<u64, Error> {
        self.parquet.write(&self.batch.take()?)?;
        self.parquet.finish()
    }
}

/// What the columns are for all rows of a file.
fn guessed(csv: &mut Csv) -> Result<Vec<Guess>, Error> {
    let none = vec![Guess::new(csv.decimal_comma()); csv.names.len()];
    let mut all = none.clone();
    let look = |part: &mut Part<'_>| {
        let mut guesses = none.clone();
        part.each(|row| see(&mut guesses, row)).map(|()| guesses)
    };
    let flow = csv.in_parts(look, |guesses| {
        all.iter_mut().zip(&guesses).for_each(|(all, guess)| all.with(guess));
        Ok(ControlFlow::Continue(()))
    });
    flow.map(|_| all)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a row visitor")]
fn see(guesses: &mut Vec<Guess>, row: Row<'_>) -> Result<(), Error> {
    if guesses.len() < row.width() {
        guesses.resize(row.width(), Guess::new(false));
    }
    for (column, guess) in guesses.iter_mut().enumerate() {
        if let Some(value) = row.cell(column) {
            guess.see(value);
        }
    }
    Ok(())
}

pub(super) fn too_many_columns(limit: usize) -> Error {
    let error = Error::new(Code::TooLarge, format!("the file has more than {limit} columns"));
    Error { field: Some("file".to_owned()), ..error }
}

/// The name queries use: lower-case letters, digits and `_`.
pub(super) fn dataset_name(file_name: &str) -> String {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let base = base.strip_suffix(".gz").unwrap_or(base);
    let stem = match base.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => base,
    };
    let mut name = String::new();
    for letter in stem.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if name.len() == NAME_MAX - "data_".len() {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() {
        return "data".to_owned();
    }
    if name.starts_with(|letter: char| letter.is_ascii_digit()) {
        return format!("data_{name}");
    }
    name.to_owned()
}

/// Every column with a name, and no name twice.
fn column_names(names: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut unique = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let trimmed: String = name.trim().chars().filter(|letter| *letter != '\0').take(COLUMN_NAME_MAX).collect();
        let wanted = if trimmed.is_empty() { format!("column_{}", index + 1) } else { trimmed };
        let mut name = wanted.clone();
        let mut count = 1;
        while !taken.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}_{count}");
        }
        unique.push(name);
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_is_named_after_its_file() {
        for (file, name) in [
            ("flights.csv", "flights"),
            ("Sales Report (2024).CSV", "sales_report_2024"),
            ("2024-sales.csv.gz", "data_2024_sales"),
            ("../../etc/passwd", "passwd"),
            ("order.csv", "order"),
            ("Größe.json", "gr_e"),
            ("日本.csv", "data"),
            ("", "data"),
            (".csv", "csv"),
        ] {
            assert_eq!(dataset_name(file), name, "{file}");
        }
        assert!(dataset_name(&"x".repeat(200)).len() <= NAME_MAX);
        assert!(dataset_name(&"9".repeat(200)).len() <= NAME_MAX);
    }

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let names = ["a", "a", "", " b ", "a_2"].map(str::to_owned);
        assert_eq!(column_names(&names), ["a", "a_2", "column_3", "b", "a_2_2"]);
    }
}
