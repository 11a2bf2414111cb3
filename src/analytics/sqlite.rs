//! SQLite files: each of their tables becomes a dataset.
//!
//! Whoever made the file may mean harm, so no text of it is ever run: views, triggers, virtual tables and computed
//! columns stay closed, and only tables are read, from their first row to their last. SQLite itself withstands broken
//! pages; a tree of pages that leads to the same rows again and again ends at the limit of bytes.

use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Decode, Row as _, TypeInfo, ValueRef};
use tokio::runtime::Handle;
use vizroom_protocol::error::{Code, Error};

use super::infer::{Guess, Kind};
use super::sniff::{refused, unreadable};

/// Tables that are read of one file.
const TABLES_MAX: usize = 100;
/// One value, and all of a row's columns at their largest; larger values are left out.
const CELL_BYTES_MAX: usize = 1 << 20;
const ROW_BYTES_MAX: usize = 64 << 20;
/// Rows that wait between SQLite's thread and ours.
const ROWS_AHEAD: usize = 4;
/// What a row costs besides its values: endless rows of nothing are endless, too.
const ROW_BYTES: u64 = 8;

/// Takes a row's texts.
type Push<'a> = &'a mut dyn FnMut(&[Option<String>]) -> Result<(), Error>;

/// A database being read, on a thread that may block.
pub(super) struct Sqlite {
    connection: SqliteConnection,
    runtime: Handle,
    /// Bytes that may still be read, for each of the two readings.
    bytes_max: u64,
    pub(super) warnings: Vec<String>,
}

/// One table, with what is in it.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) kinds: Vec<Kind>,
    pub(super) references: Vec<Reference>,
}

/// A foreign key of one column, by the names that the file has.
pub(super) struct Reference {
    pub(super) column: String,
    pub(super) to_table: String,
    pub(super) to_column: String,
}

/// What the values of a column are.
#[derive(Clone)]
struct Seen {
    integers: bool,
    reals: bool,
    texts: bool,
    left_out: bool,
    /// 0 and 1 alone, in a column that is declared to hold truth values.
    boolean: bool,
    /// Of the texts.
    guess: Guess,
}

impl Seen {
    fn kind(&self) -> Kind {
        match (self.integers, self.reals, self.texts) {
            (true, false, false) if self.boolean => Kind::Boolean,
            (true, false, false) => Kind::Integer,
            (_, true, false) => Kind::Number { decimal_comma: false },
            // Who stored numbers as text meant text; only dates have no type of their own.
            (false, false, true) if matches!(self.guess.kind(), Kind::Date(_) | Kind::Timestamp(_)) => {
                self.guess.kind()
            }
            _ => Kind::Text,
        }
    }
}

/// A value, whatever its column was declared to hold.
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// Bytes that are no text, or too many.
    LeftOut,
}

impl Sqlite {
    /// Opens the file, which nobody writes to.
    pub(super) fn open(path: &Path, bytes_max: u64, runtime: Handle) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .immutable(true)
            .pragma("trusted_schema", "OFF")
            .pragma("query_only", "ON")
            .pragma("cell_size_check", "ON")
            .pragma("mmap_size", "0")
            .row_buffer_size(ROWS_AHEAD)
            .disable_statement_logging();
        let connection = runtime.block_on(options.connect()).map_err(|error| unreadable(&plain(&error)))?;
        Ok(Self { connection, runtime, bytes_max, warnings: Vec::new() })
    }

    /// The tables, each with the types that its rows tell.
    pub(super) fn tables(&mut self, check: impl Fn(usize) -> Result<(), Error>) -> Result<Vec<Table>, Error> {
        let list = "SELECT name, type, ncol FROM pragma_table_list
            WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT 1000";
        let found: Result<Vec<(String, String, i64)>, _> =
            self.runtime.block_on(sqlx::query_as(list).fetch_all(&mut self.connection));
        let found = found.map_err(|error| unreadable(&plain(&error)))?;
        let (tables, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, kind, _)| kind == "table");
        if tables.is_empty() {
            return Err(refused("the database has no tables"));
        }
        if tables.len() > TABLES_MAX {
            let why = format!("the database has more than {TABLES_MAX} tables");
            return Err(Error { field: Some("file".into()), ..Error::new(Code::TooLarge, why) });
        }
        if !others.is_empty() {
            let names: Vec<String> = others.iter().take(10).map(|(name, ..)| format!("`{}`", clip(name))).collect();
            self.warnings.push(format!("views and virtual tables were left out: {}", names.join(", ")));
        }
        let (mut left, mut read) = (self.bytes_max, Vec::with_capacity(tables.len()));
        for (name, _, width) in tables {
            check(usize::try_from(width).unwrap_or(0))?;
            read.push(self.examine(name, &mut left)?);
        }
        Ok(read)
    }

    fn examine(&mut self, name: String, left: &mut u64) -> Result<Table, Error> {
        let list = "SELECT name, type, hidden FROM pragma_table_xinfo($1) ORDER BY cid";
        let columns: Result<Vec<(String, String, i64)>, _> =
            self.runtime.block_on(sqlx::query_as(list).bind(&name).fetch_all(&mut self.connection));
        let columns = columns.map_err(|error| unreadable(&plain(&error)))?;
        let (columns, computed): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(.., hidden)| *hidden == 0);
        if !computed.is_empty() {
            self.warnings.push(format!("computed columns of `{}` were left out", clip(&name)));
        }
        if columns.is_empty() {
            return Err(refused(format!("the table `{}` has no columns", clip(&name))));
        }
        let mut seen: Vec<Seen> = columns
            .iter()
            .map(|(_, declared, _)| Seen {
                integers: false,
                reals: false,
                texts: false,
                left_out: false,
                boolean: declared.to_ascii_uppercase().starts_with("BOOL"),
                guess: Guess::new(false),
            })
            .collect();
        let columns: Vec<String> = columns.into_iter().map(|(name, ..)| name).collect();
        self.scan(&name, &columns, left, |cells| {
            for (seen, cell) in seen.iter_mut().zip(cells) {
                match cell {
                    Cell::Null => {}
                    Cell::Integer(value) => {
                        seen.integers = true;
                        seen.boolean &= matches!(value, 0 | 1);
                    }
                    Cell::Real(_) => seen.reals = true,
                    Cell::Text(text) => {
                        seen.texts = true;
                        seen.guess.see(text);
                    }
                    Cell::LeftOut => seen.left_out = true,
                }
            }
            Ok(())
        })?;
        for (column, _) in columns.iter().zip(&seen).filter(|(_, seen)| seen.left_out) {
            let (table, column) = (clip(&name), clip(column));
            self.warnings.push(format!("binary or very large values of `{table}`.`{column}` were left out"));
        }
        let kinds = seen.iter().map(Seen::kind).collect();
        let references = self.references(&name)?;
        Ok(Table { name, columns, kinds, references })
    }

    /// The foreign keys of a table; those of several columns are left out.
    fn references(&mut self, table: &str) -> Result<Vec<Reference>, Error> {
        // One that names no column means the other table's primary key.
        let list = "SELECT min(k.\"from\"), min(k.\"table\"), coalesce(min(k.\"to\"),
                (SELECT min(i.name) FROM pragma_table_info(k.\"table\") i WHERE i.pk > 0 HAVING count(*) = 1))
            FROM pragma_foreign_key_list($1) k GROUP BY k.id HAVING count(*) = 1 ORDER BY k.id LIMIT 1000";
        type Row = (Option<String>, Option<String>, Option<String>);
        let found = sqlx::query_as(list).bind(table).fetch_all(&mut self.connection);
        let found: Vec<Row> = self.runtime.block_on(found).map_err(|error| unreadable(&plain(&error)))?;
        let whole = found.into_iter().filter_map(|(column, to_table, to_column)| {
            Some(Reference { column: column?, to_table: to_table?, to_column: to_column? })
        });
        Ok(whole.collect())
    }

    /// Gives each row of a table as texts, as [`Table::kinds`] reads them.
    pub(super) fn each(&mut self, table: &Table, push: Push<'_>) -> Result<(), Error> {
        // The first reading has found that all of it fits.
        let mut left = u64::MAX;
        let mut texts = vec![None; table.columns.len()];
        self.scan(&table.name, &table.columns, &mut left, |cells| {
            for ((text, cell), kind) in texts.iter_mut().zip(cells).zip(&table.kinds) {
                *text = match cell {
                    Cell::Null | Cell::LeftOut => None,
                    Cell::Integer(value) if *kind == Kind::Boolean => Some((*value != 0).to_string()),
                    Cell::Integer(value) => Some(value.to_string()),
                    Cell::Real(value) => Some(value.to_string()),
                    Cell::Text(value) => Some(std::mem::take(value)),
                };
            }
            push(&texts)
        })
    }

    fn scan(
        &mut self,
        table: &str,
        columns: &[String],
        left: &mut u64,
        mut row: impl FnMut(&mut [Cell]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let cell_max = CELL_BYTES_MAX.min(ROW_BYTES_MAX / columns.len());
        // How long a value is, SQLite knows without reading it.
        let picked: Vec<String> = columns
            .iter()
            .map(|column| {
                let column = quoted(column);
                format!("iif(octet_length({column}) > {cell_max}, x'00', {column})")
            })
            .collect();
        let select = format!("SELECT {} FROM {} NOT INDEXED", picked.join(", "), quoted(table));
        let (bytes_max, runtime) = (self.bytes_max, self.runtime.clone());
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut self.connection);
        while let Some(found) = runtime.block_on(rows.try_next()).map_err(|error| unreadable(&plain(&error)))? {
            let (mut cells, bytes) = cells(&found).map_err(|error| unreadable(&plain(&error)))?;
            let Some(rest) = left.checked_sub(bytes) else {
                let why = format!("the database holds more than {bytes_max} bytes of rows");
                return Err(Error { field: Some("file".into()), ..Error::new(Code::TooLarge, why) });
            };
            *left = rest;
            row(&mut cells)?;
        }
        Ok(())
    }

    /// Ends the thread that reads.
    pub(super) fn close(self) {
        let closed = self.runtime.block_on(self.connection.close());
        if let Err(error) = closed {
            tracing::warn!(error = plain(&error), "a database that was read did not close");
        }
    }
}

/// The values of a row, and what they weigh.
fn cells(row: &SqliteRow) -> Result<(Vec<Cell>, u64), sqlx::Error> {
    let (mut cells, mut weight) = (Vec::with_capacity(row.columns().len()), ROW_BYTES);
    for column in row.columns() {
        let value = row.try_get_raw(column.ordinal())?;
        let cell = cell(value).map_err(sqlx::Error::Decode)?;
        weight += match &cell {
            Cell::Text(text) => 1 + text.len() as u64,
            Cell::Null => 1,
            _ => 8,
        };
        cells.push(cell);
    }
    Ok((cells, weight))
}

fn cell(value: SqliteValueRef<'_>) -> Result<Cell, sqlx::error::BoxDynError> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Cell::Integer(<i64 as Decode<sqlx::Sqlite>>::decode(value)?),
        "REAL" => {
            let number = <f64 as Decode<sqlx::Sqlite>>::decode(value)?;
            if number.is_finite() { Cell::Real(number) } else { Cell::Null }
        }
        "TEXT" => {
            let bytes = <Vec<u8> as Decode<sqlx::Sqlite>>::decode(value)?;
            Cell::Text(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => Cell::LeftOut,
    })
}

/// An identifier, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn clip(name: &str) -> String {
    name.chars().take(64).collect()
}

/// What SQLite says, without the path of the file.
fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().chars().take(200).collect(),
        _ => "the database is broken".to_owned(),
    }
}
