//! Connections to one database: few, each in a session that only reads, idle ones ended.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryStreamExt};
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{AssertSqlSafe, Executor, MySql, Pool, Postgres, Row as _, Sqlite};
use vizroom_protocol::data_connection::Kind;
use vizroom_protocol::error::{Code, Error};
use vizroom_protocol::file::ColumnType;

use super::cells::{Cell, Intake, schema};
use super::found::Texts;
use super::relay::Relay;
use super::{Database, Place, ServerPlace, mysql, postgres, sqlite};
use crate::refusal::{internal, over_limit};

/// Connections to one database.
const CONNECTIONS_MAX: u32 = 4;
/// How long one stays open without being used, and at most.
const IDLE: Duration = Duration::from_secs(60);
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// How long opening one may take, or waiting for one of the others.
const ACQUIRE: Duration = Duration::from_secs(10);
/// Steps of SQLite between looks at whether anybody still wants to know.
const STEPS: i32 = 10_000;
/// Rows of what a database says of itself, and their size.
const ABOUT_ROWS_MAX: usize = 100_000;
const ABOUT_BYTES_MAX: usize = 32 << 20;
/// Characters of a database's own words.
const WORDS_MAX: usize = 300;

/// How a server is reached.
pub(super) enum Wire {
    Address(SocketAddr),
    Relay(Relay),
}

pub(super) enum Connections {
    Postgres(Pool<Postgres>),
    Mysql(Pool<MySql>),
    Sqlite(Pool<Sqlite>),
}

/// A connection in use; one that is given back in the middle of an answer is closed instead of being read to its end.
struct Lease<D: sqlx::Database> {
    connection: Option<PoolConnection<D>>,
    finished: bool,
}

impl<D: sqlx::Database> Lease<D> {
    async fn of(pool: &Pool<D>) -> Result<Self, Error> {
        let connection = pool.acquire().await.map_err(|error| failed(&error))?;
        Ok(Self { connection: Some(connection), finished: false })
    }

    fn connection(&mut self) -> Result<&mut D::Connection, Error> {
        match &mut self.connection {
            Some(connection) => Ok(&mut **connection),
            None => Err(internal(&"a connection was given back before its time")),
        }
    }
}

impl<D: sqlx::Database> Drop for Lease<D> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| !self.finished) {
            drop(connection.detach());
        }
    }
}

/// Ends a statement of SQLite when nobody waits for it any more.
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// What a reading may give.
pub(super) struct Most {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Connections {
    /// Nothing is opened yet.
    pub(super) fn new(place: &Place, statement: Duration) -> Result<(Self, Option<Wire>), Error> {
        let statement_ms = u64::try_from(statement.as_millis()).unwrap_or(u64::MAX).max(1);
        match place {
            Place::File(path) => Ok((Self::Sqlite(bounded().connect_lazy_with(sqlite::options(path))), None)),
            Place::Server(server) if server.kind == Kind::Mysql => {
                let wire = wire(server)?;
                let timeouts = mysql::timeouts(statement_ms);
                let pool = bounded().after_connect(move |connection: &mut sqlx::MySqlConnection, _| {
                    let timeouts = timeouts.clone();
                    Box::pin(async move {
                        connection.execute(mysql::GREETING).await?;
                        connection.execute(mysql::READ_ONLY).await?;
                        let [first, second] = timeouts.map(AssertSqlSafe);
                        if connection.execute(first).await.is_err() {
                            connection.execute(second).await?;
                        }
                        Ok(())
                    })
                });
                Ok((Self::Mysql(pool.connect_lazy_with(mysql::options(server, &wire))), Some(wire)))
            }
            Place::Server(server) => {
                let wire = wire(server)?;
                let greeting = postgres::greeting(statement_ms);
                let pool = bounded().after_connect(move |connection: &mut sqlx::PgConnection, _| {
                    let greeting = AssertSqlSafe(greeting.clone());
                    Box::pin(async move {
                        sqlx::raw_sql(greeting).execute(connection).await?;
                        Ok(())
                    })
                });
                Ok((Self::Postgres(pool.connect_lazy_with(postgres::options(server, &wire))), Some(wire)))
            }
        }
    }

    /// Ends them all; those in use when they are given back. None is given from the moment of the call.
    pub(super) fn close(&self) -> BoxFuture<'_, ()> {
        match self {
            Self::Postgres(pool) => pool.close().boxed(),
            Self::Mysql(pool) => pool.close().boxed(),
            Self::Sqlite(pool) => pool.close().boxed(),
        }
    }

    /// Whether they have been ended, because the data connection was changed or deleted.
    pub(super) fn closed(&self) -> bool {
        match self {
            Self::Postgres(pool) => pool.is_closed(),
            Self::Mysql(pool) => pool.is_closed(),
            Self::Sqlite(pool) => pool.is_closed(),
        }
    }

    /// Runs one statement, row by row, until `each` has enough.
    async fn each(&self, sql: String, mut each: impl FnMut(Vec<Cell>) -> Result<bool, Error>) -> Result<(), Error> {
        // Prepared: so a server takes one statement, and never two.
        macro_rules! drain {
            ($lease:expr, $cell:path) => {{
                let lease: &mut Lease<_> = $lease;
                let mut rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(lease.connection()?);
                let mut more = true;
                while more {
                    let Some(row) = rows.try_next().await.map_err(|error| failed(&error))? else { break };
                    let cells: Result<Vec<Cell>, _> = (0..row.columns().len()).map(|at| $cell(&row, at)).collect();
                    more = each(cells.map_err(|error| failed(&error))?)?;
                }
                drop(rows);
                lease.finished = more;
            }};
        }
        match self {
            Self::Postgres(pool) => drain!(&mut Lease::of(pool).await?, postgres::cell),
            Self::Mysql(pool) => drain!(&mut Lease::of(pool).await?, mysql::cell),
            Self::Sqlite(pool) => {
                let mut lease = Lease::of(pool).await?;
                let wanted = Wanted(Arc::new(AtomicBool::new(true)));
                let asked = wanted.0.clone();
                let mut handle = lease.connection()?.lock_handle().await.map_err(|error| failed(&error))?;
                handle.set_progress_handler(STEPS, move || asked.load(Ordering::Relaxed));
                drop(handle);
                drain!(&mut lease, sqlite::cell);
                if lease.finished {
                    let mut handle = lease.connection()?.lock_handle().await.map_err(|error| failed(&error))?;
                    handle.remove_progress_handler();
                }
            }
        }
        Ok(())
    }

    /// Runs one statement; `take` gets the rows batch by batch and says whether it wants more.
    pub(super) async fn read(
        &self,
        sql: String,
        schema: &SchemaRef,
        most: &Most,
        mut take: impl FnMut(RecordBatch) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut intake = Intake::new(schema.clone());
        let mut more = true;
        let each = |cells: Vec<Cell>| {
            if cells.len() != intake.width() {
                return Err(internal(&"a database gave other columns than were asked for"));
            }
            let batch = intake.push(cells)?;
            most.check(&intake)?;
            if let Some(batch) = batch {
                more = take(batch)?;
            }
            Ok(more)
        };
        self.each(sql, each).await?;
        if more {
            take(intake.finish()?)?;
        }
        Ok(())
    }

    /// All rows of one statement, as texts.
    async fn texts(&self, sql: String) -> Result<Vec<Texts>, Error> {
        let (mut all, mut bytes) = (Vec::new(), 0);
        let each = |cells: Vec<Cell>| {
            let texts: Texts = cells.into_iter().map(Cell::text).collect();
            bytes += texts.iter().flatten().map(String::len).sum::<usize>();
            if all.len() == ABOUT_ROWS_MAX || bytes > ABOUT_BYTES_MAX {
                return Err(over_limit("rows", "the database has too many tables and columns".into()));
            }
            all.push(texts);
            Ok(true)
        };
        self.each(sql, each).await?;
        Ok(all)
    }
}

impl Most {
    fn check(&self, intake: &Intake) -> Result<(), Error> {
        if intake.rows > self.rows {
            let why = format!("the database would have to give more than {} rows for this: narrow it down", self.rows);
            return Err(over_limit("rows", why));
        }
        if intake.bytes > self.bytes {
            let why =
                format!("the database would have to give more than {} bytes for this: narrow it down", self.bytes);
            return Err(over_limit("bytes", why));
        }
        Ok(())
    }
}

fn bounded<D: sqlx::Database>() -> PoolOptions<D> {
    PoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .min_connections(0)
        .idle_timeout(IDLE)
        .max_lifetime(LIFETIME)
        .acquire_timeout(ACQUIRE)
}

fn wire(server: &ServerPlace) -> Result<Wire, Error> {
    use vizroom_protocol::data_connection::Tls;
    match server.tls {
        // The driver takes one name for both, where to go and whose certificate to expect.
        Tls::VerifyFull => Relay::open(server.address).map(Wire::Relay).map_err(|error| internal(&error)),
        _ => Ok(Wire::Address(server.address)),
    }
}

/// All rows of a question about the database itself, as texts.
pub(super) async fn fetched(database: &Database, sql: String) -> Result<Vec<Texts>, Error> {
    database.0.connections.texts(sql).await
}

impl Database {
    /// What answers, in its own words.
    pub(super) async fn version(&self) -> Result<String, Error> {
        let (name, sql) = match &self.0.connections {
            Connections::Postgres(_) => ("PostgreSQL", "SHOW server_version"),
            Connections::Mysql(_) => ("MySQL", "SELECT CAST(VERSION() AS CHAR)"),
            // Also reads the file: what is no database says so.
            Connections::Sqlite(_) => ("SQLite", "SELECT sqlite_version() FROM (SELECT COUNT(*) FROM sqlite_schema)"),
        };
        let rows = fetched(self, sql.to_owned()).await?;
        let version = rows.first().and_then(|row| row[0].clone()).unwrap_or_default();
        let name = if version.contains("MariaDB") { "MariaDB" } else { name };
        Ok(format!("{name} {}", version.chars().take(60).collect::<String>()))
    }

    /// One number or text of each column of one row.
    pub(super) async fn row(&self, sql: String, kinds: &[ColumnType]) -> Result<Option<RecordBatch>, Error> {
        let names: Vec<String> = (0..kinds.len()).map(|at| format!("c{at}")).collect();
        let schema = schema(names.iter().map(String::as_str).zip(kinds.iter().copied()));
        let mut found = None;
        let most = Most { rows: 1, bytes: ABOUT_BYTES_MAX };
        let take = |batch: RecordBatch| {
            found = Some(batch);
            Ok(true)
        };
        self.0.connections.read(sql, &schema, &most, take).await?;
        Ok(found.filter(|batch| batch.num_rows() > 0))
    }
}

/// What somebody is told of a database that did not do what was asked.
pub(super) fn failed(error: &sqlx::Error) -> Error {
    let unavailable = |why: &str| Error::new(Code::Unavailable, why);
    match error {
        // What a handshake fails by: a certificate of another authority or name.
        sqlx::Error::Io(why) if why.kind() == std::io::ErrorKind::InvalidData => {
            unavailable(&format!("the database cannot be reached by TLS as the connection wants it: {why}"))
        }
        sqlx::Error::Io(_) => unavailable("the database cannot be reached"),
        sqlx::Error::PoolTimedOut => {
            let busy = unavailable("the database does not answer, or all connections to it are busy");
            Error { retry_after_ms: Some(5_000), ..busy }
        }
        sqlx::Error::PoolClosed => unavailable("the data connection was changed meanwhile; try again"),
        sqlx::Error::Tls(_) => unavailable("the database cannot be reached by TLS as the connection wants it"),
        sqlx::Error::Database(theirs) => {
            let said: String = theirs.message().chars().take(WORDS_MAX).collect();
            let code = theirs.code().unwrap_or_default().into_owned();
            let number = theirs.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map(|error| error.number());
            match (code.as_str(), number) {
                // Passwords, roles, databases that are not there, and TLS that is not.
                ("28P01" | "28000" | "3D000", _) | (_, Some(1044 | 1045 | 1049 | 1698 | 3159)) => {
                    Error::new(Code::Forbidden, format!("the database does not let the connection in: {said}"))
                }
                ("42P01" | "42703" | "3F000", _) | (_, Some(1146 | 1054 | 1356)) => {
                    Error::new(Code::NotFound, format!("the database has changed: {said}"))
                }
                _ if said.starts_with("no such table") || said.starts_with("no such column") => {
                    Error::new(Code::NotFound, format!("the database has changed: {said}"))
                }
                ("57014", _) | (_, Some(1969 | 3024 | 1317)) => {
                    over_limit("time", "the query took longer than the database may".into())
                }
                _ if said == "interrupted" => over_limit("time", "the query took longer than the database may".into()),
                ("25006", _) | (_, Some(1792 | 1290)) => {
                    Error::forbidden("the query would change the database, and may only read it")
                }
                ("42501", _) | (_, Some(1142 | 1143)) => {
                    Error::forbidden(format!("the database does not allow it: {said}"))
                }
                (class, _) if class.starts_with("57P") || class.starts_with("53") || class.starts_with("08") => {
                    unavailable("the database does not answer at the moment")
                }
                _ => Error::invalid("sql", format!("the database says: {said}")),
            }
        }
        // The driver's words may hold an address, but no password.
        other => {
            tracing::warn!(error = %other, "a database could not be read");
            unavailable("the database could not be read")
        }
    }
}
