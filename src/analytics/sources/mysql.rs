//! MySQL 8 and MariaDB 10.6, or newer.

use sqlx::mysql::{MySqlConnectOptions, MySqlRow, MySqlSslMode};
use sqlx::{ConnectOptions, Decode, MySql, Row, TypeInfo, ValueRef};
use vizroom_protocol::data_connection::Tls;
use vizroom_protocol::error::Error;
use vizroom_protocol::file::ColumnType;

use super::cells::Cell;
use super::found::{Found, FoundColumn, FoundKey, grouped};
use super::pool::{Wire, fetched};
use super::{Database, ServerPlace};
use crate::moment::{self, DAY_US, Order};

pub(super) fn options(place: &ServerPlace, wire: &Wire) -> MySqlConnectOptions {
    let mode = match place.tls {
        Tls::Disable => MySqlSslMode::Disabled,
        Tls::Prefer => MySqlSslMode::Preferred,
        Tls::Require => MySqlSslMode::Required,
        Tls::VerifyCa => MySqlSslMode::VerifyCa,
        Tls::VerifyFull => MySqlSslMode::VerifyIdentity,
    };
    let mut options = MySqlConnectOptions::new()
        .username(&place.username)
        .database(&place.database)
        .ssl_mode(mode)
        .statement_cache_capacity(0)
        // All of it is said in the greeting.
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None::<String>)
        .disable_statement_logging();
    options = match wire {
        Wire::Address(address) => options.host(&address.ip().to_string()).port(address.port()),
        Wire::Relay(relay) => options.host(&place.host).port(relay.port()).socket(relay.path()),
    };
    if let Some(password) = &place.password {
        options = options.password(password);
    }
    if let Some(ca) = &place.ca {
        options = options.ssl_ca_from_pem(ca.clone().into_bytes());
    }
    options
}

/// What every connection begins with: names in double quotes, texts without escapes, time in UTC, nothing written.
pub(super) const GREETING: &str = "SET SESSION sql_mode =
    'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION',
    time_zone = '+00:00', lock_wait_timeout = 5";
pub(super) const READ_ONLY: &str = "SET SESSION TRANSACTION READ ONLY";

/// How long a statement may take: MariaDB counts seconds, MySQL milliseconds, each in a word of its own.
pub(super) fn timeouts(statement_ms: u64) -> [String; 2] {
    [
        format!("SET SESSION max_statement_time = {}", statement_ms as f64 / 1_000.0),
        format!("SET SESSION max_execution_time = {statement_ms}"),
    ]
}

pub(super) fn cell(row: &MySqlRow, at: usize) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    let bytes = <&[u8] as Decode<MySql>>::decode(value).map_err(sqlx::Error::Decode)?;
    read(&kind, bytes).ok_or_else(|| sqlx::Error::Decode(format!("a value of type {kind} cannot be read").into()))
}

/// A value in the binary format of prepared statements.
fn read(kind: &str, bytes: &[u8]) -> Option<Cell> {
    let unsigned = kind.ends_with(" UNSIGNED") || kind == "YEAR";
    Some(match kind.trim_end_matches(" UNSIGNED") {
        "BOOLEAN" => Cell::Bool(bytes.iter().any(|byte| *byte != 0)),
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "YEAR" => whole(bytes, unsigned)?,
        "FLOAT" => Cell::Real(f32::from_le_bytes(bytes.try_into().ok()?).into()),
        "DOUBLE" => Cell::Real(f64::from_le_bytes(bytes.try_into().ok()?)),
        "DATE" | "DATETIME" | "TIMESTAMP" => moment(kind == "DATE", bytes)?,
        "NULL" => Cell::Null,
        "DECIMAL" | "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" | "JSON"
        // Texts that are compared byte by byte are called so, too.
        | "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => {
            Cell::Text(String::from_utf8_lossy(bytes).into_owned())
        }
        _ => return None,
    })
}

fn whole(bytes: &[u8], unsigned: bool) -> Option<Cell> {
    let negative = !unsigned && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut all = [if negative { 0xFF } else { 0 }; 8];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    // What is beyond the largest whole number here becomes a number.
    match (unsigned, i64::from_le_bytes(all)) {
        (true, below) if below < 0 => Some(Cell::Real(u64::from_le_bytes(all) as f64)),
        (_, int) => Some(Cell::Int(int)),
    }
}

/// Length, year, month, day, and perhaps hour, minute, second, and perhaps microseconds.
fn moment(day_only: bool, bytes: &[u8]) -> Option<Cell> {
    let (_, bytes) = bytes.split_first()?;
    let (&[low, high, month, day], rest) = bytes.split_first_chunk::<4>()?;
    let text = format!("{:04}-{month:02}-{day:02}", u16::from_le_bytes([low, high]));
    // `0000-00-00` is no day.
    let Some(date) = moment::parse(&text, Order::MonthFirst) else { return Some(Cell::Null) };
    if day_only {
        return Some(Cell::Day(date.day));
    }
    let mut micros = i64::from(date.day) * DAY_US;
    if let Some((&[hour, minute, second], rest)) = rest.split_first_chunk::<3>() {
        micros += (i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000;
        if let Some((fraction, _)) = rest.split_first_chunk::<4>() {
            micros += i64::from(u32::from_le_bytes(*fraction));
        }
    }
    Some(Cell::Micros(micros))
}

const TABLES: &str = "
    SELECT CAST(t.table_name AS CHAR), CAST(t.table_type AS CHAR), CAST(t.table_rows AS CHAR),
        CAST(c.column_name AS CHAR), CAST(c.column_type AS CHAR), CAST(c.data_type AS CHAR), CAST(c.is_nullable AS CHAR)
    FROM information_schema.tables t
    JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
    WHERE t.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
    ORDER BY t.table_name, c.ordinal_position";

const KEYS: &str = "
    SELECT CAST(k.constraint_name AS CHAR), CAST(k.table_name AS CHAR), CAST(k.column_name AS CHAR),
        CAST(k.referenced_table_name AS CHAR), CAST(k.referenced_column_name AS CHAR)
    FROM information_schema.key_column_usage k
    WHERE k.table_schema = DATABASE()
        AND (k.constraint_name = 'PRIMARY' OR k.referenced_table_schema = DATABASE())
    ORDER BY k.table_name, k.constraint_name, k.ordinal_position";

/// The tables that may be read.
pub(super) async fn tables(database: &Database) -> Result<Vec<Found>, Error> {
    let rows = fetched(database, TABLES.to_owned()).await?;
    let mut tables = grouped(
        rows,
        1,
        |first| Found {
            name: first[0].clone().unwrap_or_default(),
            view: first[1].as_deref() == Some("VIEW"),
            rows: first[2].as_deref().and_then(|rows| rows.parse().ok()),
            ..Found::default()
        },
        |row| {
            let [name, declared, kind, nullable] = [3, 4, 5, 6].map(|at| row[at].clone().unwrap_or_default());
            let (kind, read) = readable(&kind.to_lowercase(), &declared.to_lowercase());
            FoundColumn { name, declared, kind, nullable: nullable == "YES", read }
        },
    );
    let mut last = None;
    for row in fetched(database, KEYS.to_owned()).await? {
        let [constraint, table, column] = [0, 1, 2].map(|at| row[at].clone().unwrap_or_default());
        let Some(found) = tables.iter_mut().find(|found| found.name == table) else { continue };
        let Some(other) = row[3].clone() else {
            found.primary_key.push(column);
            continue;
        };
        let key = Some((table, constraint));
        if last != key {
            found.keys.push(FoundKey { columns: Vec::new(), schema: None, table: other, references: Vec::new() });
        }
        last = key;
        if let Some(key) = found.keys.last_mut() {
            key.columns.push(column);
            key.references.push(row[4].clone().unwrap_or_default());
        }
    }
    Ok(tables)
}

/// What a type is here, and how a column of it is read.
fn readable(kind: &str, declared: &str) -> (Option<ColumnType>, &'static str) {
    const PLAIN: &str = "{}";
    const TEXT: &str = "CAST({} AS CHAR)";
    match kind {
        "tinyint" if declared.starts_with("tinyint(1)") => (Some(ColumnType::Boolean), PLAIN),
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => (Some(ColumnType::Integer), PLAIN),
        "decimal" | "float" | "double" => (Some(ColumnType::Number), PLAIN),
        "date" => (Some(ColumnType::Date), PLAIN),
        "datetime" | "timestamp" => (Some(ColumnType::Timestamp), PLAIN),
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => (Some(ColumnType::Text), PLAIN),
        "enum" | "set" | "json" | "time" | "uuid" | "inet4" | "inet6" => (Some(ColumnType::Text), TEXT),
        _ => (None, PLAIN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_come_over_the_wire() {
        for (kind, bytes, cell) in [
            ("INT", &[0xFE, 0xFF, 0xFF, 0xFF][..], Cell::Int(-2)),
            ("INT UNSIGNED", &[0xFE, 0xFF, 0xFF, 0xFF], Cell::Int(4_294_967_294)),
            ("BIGINT UNSIGNED", &[0xFF; 8], Cell::Real(1.844_674_407_370_955_2e19)),
            ("YEAR", &[0xDD, 0x07], Cell::Int(2013)),
            ("DECIMAL", b"2328.60", Cell::Text("2328.60".into())),
            ("DATE", &[4, 0xDD, 0x07, 1, 2], Cell::Day(15_707)),
            ("DATETIME", &[7, 0xDD, 0x07, 1, 2, 0, 0, 1], Cell::Micros(15_707 * DAY_US + 1_000_000)),
            ("DATETIME", &[4, 0xDD, 0x07, 1, 2], Cell::Micros(15_707 * DAY_US)),
            ("DATE", &[4, 0, 0, 0, 0], Cell::Null),
        ] {
            assert_eq!(read(kind, bytes), Some(cell), "{kind} {bytes:?}");
        }
        assert_eq!(read("GEOMETRY", &[1]), None);
    }
}
