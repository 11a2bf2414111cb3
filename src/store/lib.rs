//! SQL, and nothing else knows any: one file per noun, one text for SQLite and PostgreSQL.
//!
//! Functions are named by what they do, take the protocol's ids, and get the time as an argument. Nothing here
//! checks rights. Rules of the one text: TEXT ids and JSON, BIGINT milliseconds, `$1`, `ON CONFLICT`, `RETURNING`.
//! What a caller can cause (a taken e-mail, a stale revision) is asked for in the statement itself and comes back
//! typed; any other database error is ours.

#![allow(rustdoc::private_intra_doc_links, reason = "the documentation is read with its private parts")]

use std::str::FromStr;
use std::time::Duration;

use serde::de::value::Error as WordError;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::json;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use vizroom_protocol::Code;
use vizroom_protocol::file::Usage;
use vizroom_protocol::id::{RoomId, UserId};

use fault::may_pass;
use migrations::migrator;
use together::Together;

/// Runs the same body on whichever database this is; `$db` is a pool to read from.
macro_rules! reading {
    ($store:expr, |$db:ident| $body:expr) => {
        match &$store.pool {
            crate::Pool::Sqlite { read: $db, .. } => $body,
            crate::Pool::Postgres($db) => $body,
        }
    };
}

/// Runs the same body on whichever database this is, in one transaction `$tx`: committed when the body ends, rolled back
/// when it leaves early. What begins it has a box for its 14 kB, which every caller's future would have to carry.
macro_rules! writing {
    ($store:expr, |$tx:ident| $body:expr) => {
        match &$store.pool {
            crate::Pool::Sqlite { write, .. } => {
                // With a deferred one, a lock held elsewhere would fail the first write instead of being waited for.
                let mut $tx = Box::pin(write.begin_with("BEGIN IMMEDIATE")).await?;
                let done = $body;
                $tx.commit().await?;
                done
            }
            crate::Pool::Postgres(pool) => {
                let mut $tx = Box::pin(pool.begin()).await?;
                let done = $body;
                $tx.commit().await?;
                done
            }
        }
    };
}

/// Runs a statement with its arguments; the number of rows it changed.
macro_rules! run {
    ($db:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($argument))*.execute($db).await?.rows_affected()
    };
}

/// The first row of a query, if there is one.
macro_rules! row {
    ($db:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        sqlx::query_as($sql)$(.bind($argument))*.fetch_optional($db).await?
    };
}

/// All rows of a query.
macro_rules! rows {
    ($db:expr, $sql:expr $(, $argument:expr)* $(,)?) => {
        sqlx::query_as($sql)$(.bind($argument))*.fetch_all($db).await?
    };
}

/// A struct that a row is read into by the names of its columns. sqlx's own derive does the same, but has both
/// databases built a second time, for the compiler.
macro_rules! row_struct {
    ($(#[$about:meta])* $vis:vis struct $name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$about])*
        $vis struct $name {
            $($field: $kind),*
        }

        impl<'r, R> sqlx::FromRow<'r, R> for $name
        where
            R: sqlx::Row,
            &'static str: sqlx::ColumnIndex<R>,
            $($kind: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)*
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                Ok(Self { $($field: row.try_get(stringify!($field))?),* })
            }
        }
    };
}

mod account;
mod audit;
mod callback;
mod dashboard;
mod data_connection;
mod event;
mod fault;
#[macro_use]
mod file;
mod idempotency;
mod invitation;
mod key;
mod migrations;
mod notification;
mod publish;
mod recovery;
mod refresh;
mod room;
mod run;
mod settings;
mod share;
mod sign_in;
mod together;
mod upload;

pub use account::{Invitation, NewUser, Registered, Rotation};
pub use audit::AuditRow;
pub use callback::CallbackRow;
pub use dashboard::DashboardRow;
pub use data_connection::DataConnectionRow;
pub use file::{Allowed, FileRow};
pub use invitation::Invited;
pub use key::{KeyHolder, NewKey};
pub use publish::{LinkRow, Stamp};
pub use recovery::Ended;
pub use refresh::{RefreshRow, Tried};
pub use room::NewRoom;
pub use run::RunRow;
pub use share::Place;
pub use sign_in::{Identity, SignIn};
pub use upload::UploadRow;

/// How long a statement waits for a connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// When to try again what the database could not do.
const RETRY_AFTER_MS: u64 = 1_000;
/// Connections to PostgreSQL, and reading ones to SQLite.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
const SQLITE_READERS: u32 = 4;

/// The database.
#[derive(Debug)]
pub struct Store {
    pool: Pool,
    heads: event::Heads,
    positions: Together<RoomId, (String, u64)>,
    roles: Together<(RoomId, UserId), room::Roles>,
}

#[derive(Debug)]
enum Pool {
    /// SQLite has one writer at a time: a single writing connection queues here instead of failing there.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody has it already: `email`, `member` …
    #[error("{0} is taken")]
    Taken(&'static str),
    /// There is no such thing (any more).
    #[error("{0} not found")]
    Missing(&'static str),
    /// A room would have no owner left.
    #[error("a room keeps at least one owner")]
    LastOwner,
    /// It would grow beyond its bound.
    #[error("{what}: at most {bytes_max} bytes")]
    TooLarge { what: &'static str, bytes_max: usize },
    /// The tenant has no place for more; what it has and may have.
    #[error("{} of {} files and {} of {} bytes are used", .0.files, .0.files_max, .0.bytes, .0.bytes_max)]
    Full(Usage),
    /// As many as there may be at a time.
    #[error("too many {0} at a time")]
    Many(&'static str),
    /// Somebody changed it first; the revision it has now.
    #[error("changed meanwhile, now at revision {0}")]
    Stale(u64),
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row does not hold what the program put there.
    #[error("cannot read back {what}: {why}")]
    Corrupt { what: &'static str, why: String },
}

impl From<Error> for vizroom_protocol::Error {
    /// What a caller caused says so; anything else goes to the log, not to the caller.
    fn from(error: Error) -> Self {
        match error {
            Error::Taken(what) => {
                Self { field: Some(what.into()), ..Self::new(Code::Conflict, format!("this {what} is taken")) }
            }
            Error::Missing(what) => Self::not_found(what),
            Error::TooLarge { what, .. } => {
                Self { field: Some(what.into()), ..Self::new(Code::TooLarge, error.to_string()) }
            }
            Error::LastOwner => Self::new(Code::Conflict, error.to_string()),
            Error::Full(usage) => {
                Self::new(Code::TooLarge, format!("there is no room for it: {error}")).with_details(json!(usage))
            }
            Error::Many(_) => Self::new(Code::TooLarge, error.to_string()),
            Error::Stale(now) => {
                Self::new(Code::Conflict, "somebody changed it first").with_details(json!({ "revision": now }))
            }
            Error::Database(cause) if may_pass(&cause) => {
                tracing::warn!(%cause, "the database is not available");
                let error = Self::new(Code::Unavailable, "the database is not available; try again");
                Self { retry_after_ms: Some(RETRY_AFTER_MS), ..error }
            }
            Error::Database(_) | Error::Migration(_) | Error::Corrupt { .. } => {
                tracing::error!(%error, "the store failed");
                Self::new(Code::InternalError, "the store failed")
            }
        }
    }
}

impl Store {
    /// Opens `sqlite:PATH` (made if absent) or `postgres://…` and brings its schema up to date.
    ///
    /// # Errors
    /// If the address is neither, the database cannot be reached, or a migration fails.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let pool = match url.split(':').next() {
            Some("postgres" | "postgresql") => Pool::Postgres(open_postgres(url).await?),
            Some("sqlite") if !in_memory => open_sqlite(url).await?,
            _ => {
                let why = format!("`{url}` is neither `sqlite:PATH` nor `postgres://…`");
                return Err(sqlx::Error::Configuration(why.into()).into());
            }
        };
        Ok(Self { pool, heads: event::Heads::default(), positions: Together::default(), roles: Together::default() })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        reading!(self, |db| run!(db, "SELECT 1"));
        Ok(())
    }

    /// Whether nobody else writes to it: a file is one server's, a database's server may have many.
    pub fn is_alone(&self) -> bool {
        matches!(self.pool, Pool::Sqlite { .. })
    }

    /// Ends all connections, waiting for what is under way.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(url: &str) -> Result<Pool, Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was answered as stored is still there after a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // Only another program (a backup) can hold the file longer than a moment.
        .busy_timeout(ACQUIRE_TIMEOUT);
    // All are opened now and kept: later there may be no descriptor left for another.
    let pool = |connections: u32| {
        SqlitePoolOptions::new()
            .min_connections(connections)
            .max_connections(connections)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A file does not hang up.
            .test_before_acquire(false)
    };
    let writers = pool(1).after_release(|connection, _| {
        Box::pin(async move {
            // Waits for a rollback under way. When SQLite rolls back by itself (the disk is full), sqlx goes
            // on to count the transaction as open: the next would be a savepoint in none, never committed.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    });
    // A batch touches the ends of as many indexes as there are rooms in it: with the pages that are kept by default (2 MB)
    // it would write and read them again before it ends, and 4 MB after that the whole log would be copied back.
    // What takes an insert of many rows back, should one of them fail, would be a file of its own each time: it stays in memory.
    let writer = options.clone().pragma("cache_size", "-32768").pragma("wal_autocheckpoint", "4000");
    let writer = writer.pragma("temp_store", "memory");
    let write = writers.connect_with(writer).await?;
    migrator(true).run(&write).await?;
    let read = pool(SQLITE_READERS).connect_with(options.pragma("query_only", "1")).await?;
    Ok(Pool::Sqlite { read, write })
}

async fn open_postgres(url: &str) -> Result<PgPool, Error> {
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(PgConnectOptions::from_str(url)?)
        .await?;
    migrator(false).run(&pool).await?;
    Ok(pool)
}

/// An id or an enum, read back from its text.
fn decoded<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Error> {
    T::deserialize(IntoDeserializer::<WordError>::into_deserializer(text))
        .map_err(|e| Error::Corrupt { what, why: e.to_string() })
}

/// The same for a column that may be NULL.
fn decoded_option<T: DeserializeOwned>(what: &'static str, text: Option<&str>) -> Result<Option<T>, Error> {
    text.map(|text| decoded(what, text)).transpose()
}

/// A unit variant's name as serde writes it.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("an enum of unit variants is written as a word, not {other:?}"),
    }
}

fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| Error::Corrupt { what, why: e.to_string() })
}

fn to_json(what: &'static str, value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::Corrupt { what, why: e.to_string() })
}

/// Counts are BIGINT in SQL and unsigned everywhere else.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(connection: &mut sqlx::SqliteConnection, name: &'static str) -> String {
        let sql = sqlx::AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
        let (value,): (String,) = sqlx::query_as(sql).fetch_one(connection).await.unwrap();
        value
    }

    /// Only then does what was acknowledged survive a power cut; and the pool may open a new one at any time.
    #[tokio::test]
    async fn every_connection_that_writes_syncs_each_commit() {
        let dir = tempfile::tempdir().unwrap();
        let Pool::Sqlite { write, read } =
            open_sqlite(&format!("sqlite:{}", dir.path().join("a.db").display())).await.unwrap()
        else {
            panic!("not SQLite")
        };
        for _ in 0..3 {
            let mut connection = write.acquire().await.unwrap();
            let is = [pragma(&mut connection, "journal_mode").await, pragma(&mut connection, "synchronous").await];
            assert_eq!(is, ["wal", "2"]);
            // The next one is new.
            connection.close().await.unwrap();
        }
        assert_eq!(pragma(&mut read.acquire().await.unwrap(), "query_only").await, "1", "and no other can write");
    }

    /// As when the disk is full: the transaction is over, and sqlx does not know.
    #[tokio::test]
    async fn a_connection_that_lost_its_transaction_is_not_used_again() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("a.db").display());
        let Pool::Sqlite { write, read } = open_sqlite(&url).await.unwrap() else { panic!("not SQLite") };
        let mut transaction = write.begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut *transaction).await.unwrap();
        drop(transaction);
        // One that is rolled back, then one that is committed: others see it.
        write.begin_with("BEGIN IMMEDIATE").await.unwrap().rollback().await.unwrap();
        let mut transaction = write.begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::raw_sql("CREATE TABLE seen (n INTEGER)").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        sqlx::raw_sql("SELECT * FROM seen").execute(&read).await.unwrap();
    }
}
