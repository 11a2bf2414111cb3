//! PostgreSQL, 12 or newer.

use sqlx::postgres::{PgConnectOptions, PgRow, PgSslMode};
use sqlx::{ConnectOptions, Row, TypeInfo, ValueRef};
use vizroom_protocol::data_connection::Tls;
use vizroom_protocol::file::ColumnType;

use super::cells::Cell;
use super::found::{Found, FoundColumn, FoundKey, grouped};
use super::pool::{Wire, fetched};
use super::{Database, ServerPlace};
use crate::moment::DAY_US;
use vizroom_protocol::error::Error;

/// From 1970 to 2000, when PostgreSQL begins to count.
const EPOCH_DAYS: i32 = 10_957;

pub(super) fn options(place: &ServerPlace, wire: &Wire) -> PgConnectOptions {
    let mode = match place.tls {
        Tls::Disable => PgSslMode::Disable,
        Tls::Prefer => PgSslMode::Prefer,
        Tls::Require => PgSslMode::Require,
        Tls::VerifyCa => PgSslMode::VerifyCa,
        Tls::VerifyFull => PgSslMode::VerifyFull,
    };
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&place.username)
        // Said even where there is none: the server's own environment may hold another.
        .password(place.password.as_deref().unwrap_or_default())
        .database(&place.database)
        .ssl_mode(mode)
        .application_name("vizroom")
        .statement_cache_capacity(0)
        .disable_statement_logging();
    options = match wire {
        Wire::Address(address) => options.host(&address.ip().to_string()).port(address.port()),
        Wire::Relay(relay) => options.host(&place.host).port(relay.port()).socket(relay.folder()),
    };
    if let Some(ca) = &place.ca {
        options = options.ssl_root_cert_from_pem(ca.clone().into_bytes());
    }
    options
}

/// What every connection begins with.
pub(super) fn greeting(statement_ms: u64) -> String {
    format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET statement_timeout = {statement_ms};
         SET lock_timeout = 5000; SET TimeZone = 'UTC'; SET standard_conforming_strings = on;
         SET extra_float_digits = 1; SET IntervalStyle = 'postgres'"
    )
}

pub(super) fn cell(row: &PgRow, at: usize) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    let bytes = value.as_bytes().map_err(sqlx::Error::Decode)?;
    read(&kind, bytes).ok_or_else(|| sqlx::Error::Decode(format!("a value of type {kind} cannot be read").into()))
}

/// A value in the binary format.
fn read(kind: &str, bytes: &[u8]) -> Option<Cell> {
    Some(match kind {
        "BOOL" => Cell::Bool(*bytes.first()? != 0),
        "INT2" => Cell::Int(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        "INT4" => Cell::Int(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        "OID" => Cell::Int(u32::from_be_bytes(bytes.try_into().ok()?).into()),
        "INT8" => Cell::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
        "FLOAT4" => Cell::Real(f32::from_be_bytes(bytes.try_into().ok()?).into()),
        "FLOAT8" => Cell::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        "NUMERIC" => numeric(bytes)?,
        "DATE" => match i32::from_be_bytes(bytes.try_into().ok()?) {
            // Infinity, both ways.
            i32::MAX | i32::MIN => Cell::Null,
            days => Cell::Day(days.checked_add(EPOCH_DAYS)?),
        },
        "TIMESTAMP" | "TIMESTAMPTZ" => match i64::from_be_bytes(bytes.try_into().ok()?) {
            i64::MAX | i64::MIN => Cell::Null,
            micros => Cell::Micros(micros.checked_add(i64::from(EPOCH_DAYS) * DAY_US)?),
        },
        "TEXT" | "VARCHAR" | "CHAR" | "BPCHAR" | "NAME" | "UNKNOWN" => {
            Cell::Text(String::from_utf8_lossy(bytes).into_owned())
        }
        _ => return None,
    })
}

/// Digits to the base 10,000, with their number, the weight of the first, and a sign before them.
fn numeric(bytes: &[u8]) -> Option<Cell> {
    let word = |at: usize| Some(u16::from_be_bytes(bytes.get(at * 2..at * 2 + 2)?.try_into().ok()?));
    let (count, weight, sign, scale) = (word(0)?, word(1)? as i16, word(2)?, word(3)?);
    let sign = match sign {
        0 => "",
        0x4000 => "-",
        // Not a number, and infinity.
        _ => return Some(Cell::Null),
    };
    let mut digits = String::new();
    for at in 0..usize::from(count) {
        digits.push_str(&format!("{:04}", word(4 + at)?));
    }
    if digits.is_empty() {
        digits.push('0');
    }
    let exponent = (i32::from(weight) + 1 - i32::from(count)) * 4;
    // A sum of whole numbers stays exact.
    if scale == 0 && (0..=16).contains(&exponent) {
        let zeros = "0".repeat(exponent as usize);
        if let Ok(whole) = format!("{sign}{digits}{zeros}").parse() {
            return Some(Cell::Int(whole));
        }
    }
    format!("{sign}{digits}e{exponent}").parse().ok().map(Cell::Real)
}

const TABLES: &str = "
    SELECT n.nspname::text, c.relname::text, (c.relkind IN ('v', 'm'))::text, c.reltuples::bigint::text,
        a.attname::text, format_type(a.atttypid, a.atttypmod), t.typname::text, t.typtype::text, (NOT a.attnotnull)::text
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY n.nspname = current_schema() DESC, n.nspname, c.relname, a.attnum";

const KEYS: &str = "
    SELECT k.contype::text, n.nspname::text, c.relname::text, fn.nspname::text, f.relname::text,
        (SELECT string_agg(a.attname::text, chr(31) ORDER BY u.at)
            FROM unnest(k.conkey) WITH ORDINALITY AS u(num, at)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),
        (SELECT string_agg(a.attname::text, chr(31) ORDER BY u.at)
            FROM unnest(k.confkey) WITH ORDINALITY AS u(num, at)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num)
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid
    LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
    WHERE k.contype IN ('p', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY n.nspname, c.relname, k.contype DESC, k.conname";

/// The tables that may be read.
pub(super) async fn tables(database: &Database) -> Result<Vec<Found>, Error> {
    let rows = fetched(database, TABLES.to_owned()).await?;
    let mut tables = grouped(
        rows,
        2,
        |first| Found {
            schema: first[0].clone(),
            name: first[1].clone().unwrap_or_default(),
            view: first[2].as_deref() == Some("true"),
            // Below zero: never counted.
            rows: first[3].as_deref().and_then(|rows| rows.parse().ok()),
            ..Found::default()
        },
        |row| {
            let [name, declared, kind, class, nullable] = [4, 5, 6, 7, 8].map(|at| row[at].clone().unwrap_or_default());
            let (kind, read) = readable(&kind, &class);
            FoundColumn { name, declared, kind, nullable: nullable == "true", read }
        },
    );
    for row in fetched(database, KEYS.to_owned()).await? {
        let columns = |at: usize| row[at].iter().flat_map(|list| list.split('\u{1f}')).map(str::to_owned).collect();
        let Some(table) = tables.iter_mut().find(|t| t.schema == row[1] && Some(&t.name) == row[2].as_ref()) else {
            continue;
        };
        match row[0].as_deref() {
            Some("p") => table.primary_key = columns(5),
            _ => table.keys.push(FoundKey {
                columns: columns(5),
                schema: row[3].clone(),
                table: row[4].clone().unwrap_or_default(),
                references: columns(6),
            }),
        }
    }
    Ok(tables)
}

/// What a type is here, and how a column of it is read.
fn readable(kind: &str, class: &str) -> (Option<ColumnType>, &'static str) {
    const PLAIN: &str = "{}";
    const TEXT: &str = "CAST({} AS TEXT)";
    match (kind, class) {
        ("bool", _) => (Some(ColumnType::Boolean), PLAIN),
        ("int2" | "int4" | "int8", _) => (Some(ColumnType::Integer), PLAIN),
        ("float4" | "float8" | "numeric", _) => (Some(ColumnType::Number), PLAIN),
        ("money", _) => (Some(ColumnType::Number), "CAST({} AS NUMERIC)"),
        ("date", _) => (Some(ColumnType::Date), PLAIN),
        ("timestamp", _) => (Some(ColumnType::Timestamp), PLAIN),
        ("timestamptz", _) => (Some(ColumnType::Timestamp), "({} AT TIME ZONE 'UTC')"),
        ("text" | "varchar", _) => (Some(ColumnType::Text), PLAIN),
        (
            "bpchar" | "name" | "char" | "uuid" | "json" | "jsonb" | "xml" | "inet" | "cidr" | "macaddr" | "citext"
            | "time" | "timetz" | "interval",
            _,
        )
        | (_, "e") => (Some(ColumnType::Text), TEXT),
        // Of a domain, what it is made of is not known here; as a text it can at least be read.
        (_, "d") => (Some(ColumnType::Text), TEXT),
        _ => (None, PLAIN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(count: u16, weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [count, weight as u16, sign, scale].iter().chain(digits) {
            bytes.extend(word.to_be_bytes());
        }
        bytes
    }

    /// As `SELECT numeric_send(…)` has them.
    #[test]
    fn decimals_are_read() {
        for (bytes, cell) in [
            (wire(2, 0, 0, 2, &[2328, 6000]), Cell::Real(2328.6)),
            (wire(2, 0, 0x4000, 2, &[1, 500]), Cell::Real(-1.05)),
            (wire(0, 0, 0, 0, &[]), Cell::Int(0)),
            (wire(1, 1, 0, 0, &[12]), Cell::Int(120_000)),
            (wire(1, -1, 0, 4, &[1]), Cell::Real(0.0001)),
            (wire(0, 0, 0xC000, 0, &[]), Cell::Null),
        ] {
            assert_eq!(numeric(&bytes), Some(cell));
        }
        assert_eq!(numeric(&[0, 1]), None);
    }
}
