//! SQLite files on the server. They are read, not asked: the file is on this machine, and SQLite's dates and types are
//! whatever was stored, so that the embedded engine computes on what a column really holds.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Decode, Row, Sqlite, TypeInfo, ValueRef};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::ColumnType;

use super::Database;
use super::cells::Cell;
use super::found::{Found, FoundColumn, FoundKey, grouped};
use super::pool::fetched;
use super::survey::quoted;

/// Rows looked at, to find what a column holds.
const LOOKED_AT: usize = 2_000;

pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .pragma("trusted_schema", "OFF")
        .pragma("query_only", "ON")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(0)
        .disable_statement_logging()
}

pub(super) fn cell(row: &SqliteRow, at: usize) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    let cell = match kind.as_str() {
        "INTEGER" | "BOOLEAN" => <i64 as Decode<Sqlite>>::decode(value).map(Cell::Int),
        "REAL" => <f64 as Decode<Sqlite>>::decode(value).map(Cell::Real),
        "TEXT" | "DATE" | "TIME" | "DATETIME" => <Vec<u8> as Decode<Sqlite>>::decode(value)
            .map(|text| Cell::Text(String::from_utf8_lossy(&text).into_owned())),
        // Bytes that are no text.
        _ => Ok(Cell::Null),
    };
    cell.map_err(sqlx::Error::Decode)
}

const TABLES: &str = "
    SELECT t.name, t.type, x.name, x.type, CAST(x.\"notnull\" AS TEXT), CAST(x.pk AS TEXT)
    FROM pragma_table_list AS t JOIN pragma_table_xinfo(t.name) AS x
    WHERE t.schema = 'main' AND t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND x.hidden <> 1
    ORDER BY t.name, x.cid";

const KEYS: &str = "
    SELECT t.name, CAST(f.id AS TEXT), f.\"table\", f.\"from\", f.\"to\"
    FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS f
    WHERE t.schema = 'main' AND t.type = 'table'
    ORDER BY t.name, f.id, f.seq";

/// Its tables and views.
pub(super) async fn tables(database: &Database, most: usize) -> Result<Vec<Found>, Error> {
    let rows = fetched(database, TABLES.to_owned()).await?;
    let primary: Vec<(Option<String>, Option<String>)> = rows
        .iter()
        .filter(|row| row[5].as_deref().is_some_and(|at| at != "0"))
        .map(|row| (row[0].clone(), row[2].clone()))
        .collect();
    let mut tables = grouped(
        rows,
        1,
        |first| Found {
            name: first[0].clone().unwrap_or_default(),
            view: first[1].as_deref() == Some("view"),
            ..Found::default()
        },
        |row| {
            let [name, declared, needed] = [2, 3, 4].map(|at| row[at].clone().unwrap_or_default());
            FoundColumn { name, declared, kind: None, nullable: needed == "0", read: "{}" }
        },
    );
    tables.truncate(most);
    for (table, column) in primary {
        if let Some(found) = tables.iter_mut().find(|found| Some(&found.name) == table.as_ref()) {
            found.primary_key.extend(column);
        }
    }
    let mut last = None;
    for row in fetched(database, KEYS.to_owned()).await? {
        let Some(found) = tables.iter_mut().find(|found| Some(&found.name) == row[0].as_ref()) else { continue };
        let key = Some((row[0].clone(), row[1].clone()));
        if last != key {
            let table = row[2].clone().unwrap_or_default();
            found.keys.push(FoundKey { columns: Vec::new(), schema: None, table, references: Vec::new() });
        }
        last = key;
        if let Some(key) = found.keys.last_mut() {
            key.columns.extend(row[3].clone());
            key.references.extend(row[4].clone());
        }
    }
    for table in &mut tables {
        examine(database, table).await?;
    }
    Ok(tables)
}

/// What the columns hold, by their first values; and how many rows there are, if that is quickly said.
async fn examine(database: &Database, table: &mut Found) -> Result<(), Error> {
    let name = quoted(&table.name);
    let counts: Vec<String> =
        table
            .columns
            .iter()
            .map(|column| {
                let column = quoted(&column.name);
                let day = format!("{column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'");
                let kind = |kind: &str| format!("CAST(total(typeof({column}) = '{kind}') AS INTEGER)");
                format!(
                "{} || ' ' || {} || ' ' || {} || ' ' || {} || ' ' || CAST(total(typeof({column}) = 'text' AND {day})
                    AS INTEGER) || ' ' || CAST(total(typeof({column}) = 'text' AND length({column}) = 10) AS INTEGER)
                    || ' ' || CAST(total({column} IN (0, 1)) AS INTEGER)",
                kind("integer"), kind("real"), kind("text"), kind("blob"),
            )
            })
            .collect();
    let select = format!("SELECT {} FROM (SELECT * FROM {name} LIMIT {LOOKED_AT})", counts.join(", "));
    let seen = fetched(database, select).await?.pop().unwrap_or_default();
    for (column, counts) in table.columns.iter_mut().zip(seen) {
        let counts: Vec<u64> = counts.iter().flat_map(|text| text.split(' ')).filter_map(|n| n.parse().ok()).collect();
        if let [ints, reals, texts, blobs, days, tens, flags] = counts[..] {
            column.kind = kind(&column.declared.to_uppercase(), [ints, reals, texts, blobs], [days, tens, flags]);
        }
    }
    if !table.view {
        // Rows are numbered; a table without numbers is not counted.
        let last = fetched(database, format!("SELECT CAST(max(rowid) AS TEXT) FROM {name}")).await.unwrap_or_default();
        table.rows = last.first().map(|row| row[0].as_deref().and_then(|n| n.parse().ok()).unwrap_or(0));
    }
    Ok(())
}

fn kind(declared: &str, [ints, reals, texts, blobs]: [u64; 4], [days, tens, flags]: [u64; 3]) -> Option<ColumnType> {
    let says = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    Some(match (ints, reals, texts, blobs) {
        // Nothing there yet: as it is declared.
        (0, 0, 0, 0) if says(&["BOOL"]) => ColumnType::Boolean,
        (0, 0, 0, 0) if says(&["INT"]) => ColumnType::Integer,
        (0, 0, 0, 0) if says(&["REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"]) => ColumnType::Number,
        (0, 0, 0, 0) if says(&["DATETIME", "TIMESTAMP"]) => ColumnType::Timestamp,
        (0, 0, 0, 0) if declared == "DATE" => ColumnType::Date,
        (0, 0, 0, 0) if says(&["BLOB"]) => return None,
        (0, 0, 0, 0) => ColumnType::Text,
        (0, 0, 0, _) => return None,
        (_, 0, 0, 0) if says(&["BOOL"]) && flags == ints => ColumnType::Boolean,
        (_, 0, 0, 0) if !says(&["REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"]) => ColumnType::Integer,
        (_, _, 0, 0) => ColumnType::Number,
        (0, 0, _, 0) if days == texts && tens == texts => ColumnType::Date,
        (0, 0, _, 0) if days == texts => ColumnType::Timestamp,
        _ => ColumnType::Text,
    })
}
