//! Databases instead of files: PostgreSQL, MySQL and MariaDB, SQLite files on the server.
//!
//! Reading order: `pool` (few connections, which only read) → `found`, `survey` (what tables there are; `postgres`,
//! `mysql` and `sqlite` ask for them) → `profile` (what is in them) → `ask` (a query) → `flights` (the same at the same
//! time, once) → `render` (in the database's own words) → `cells` (what comes back).
//!
//! A query passes the same guard as over files, and is planned over the same six types; then it runs in the database if its
//! words mean the same there, each table being replaced by what the filter leaves of it. Where they do not (a
//! median for MySQL, anything for SQLite), the database gives the columns that are needed, within bounds, and the embedded
//! engine computes. So an answer never depends on where it was computed, but for what the database itself means by its
//! texts: whether `a` equals `A`, and which comes first.

mod ask;
mod cells;
mod flights;
mod found;
mod fraction;
mod mysql;
mod pool;
mod postgres;
mod profile;
mod relay;
mod render;
mod sqlite;
mod survey;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use vizroom_protocol::data_connection::{Kind, Tls};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::{Dataset, Table};

use crate::{Analytics, Answer, Bounds, Conditions, refusal};
use flights::Flights;
use pool::{Connections, Wire};

pub use survey::{Relation, Survey};

/// Where a database is. Holds a password: never printed.
pub enum Place {
    Server(ServerPlace),
    /// An SQLite file.
    File(PathBuf),
}

/// A database server.
pub struct ServerPlace {
    pub kind: Kind,
    /// As it was given: certificates are compared with it.
    pub host: String,
    /// Where it led when it was looked up; the connection goes there and nowhere else.
    pub address: SocketAddr,
    pub database: String,
    pub username: String,
    pub password: Option<String>,
    pub tls: Tls,
    /// PEM, of the authority that signs certificates.
    pub ca: Option<String>,
}

/// A database that can be read. Cheap to clone; clones share its connections, which open when they are needed.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

impl PartialEq for Database {
    /// Whether they are the same connections.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    kind: Kind,
    connections: Connections,
    /// Questions under way. They are this database's as it was opened: no other tenant, user or address meets them.
    flights: Flights<Arc<Table>>,
    /// Kept as long as there are connections.
    _wire: Option<Wire>,
}

impl Analytics {
    /// A database at `place`; nothing is opened yet. A statement of it may take as long as `statement`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn connect(&self, place: Place, statement: Duration) -> Result<Database, Error> {
        let work = async move {
            let kind = match &place {
                Place::Server(server) => server.kind,
                Place::File(_) => Kind::Sqlite,
            };
            let (connections, wire) = Connections::new(&place, statement)?;
            Ok(Database(Arc::new(Inner { kind, connections, flights: Flights::default(), _wire: wire })))
        };
        self.engine.spawn(work).await
    }

    /// Ends a database's connections, those in use when they are given back. No question begins from now on.
    pub fn disconnect(&self, database: Database) {
        // Marks them as ended at once; whoever changes a data connection does not wait for its queries.
        drop(database.0.connections.close());
        self.engine.leave(async move { database.0.connections.close().await });
    }

    /// What answers there: `PostgreSQL 15.14`.
    ///
    /// # Errors
    /// Why it cannot be read: `UNAVAILABLE`, `FORBIDDEN`.
    pub async fn version(&self, database: &Database) -> Result<String, Error> {
        let database = database.clone();
        self.engine.spawn(async move { database.version().await }).await
    }

    /// What tables there are.
    ///
    /// # Errors
    /// As [`Analytics::version`].
    pub async fn survey(&self, database: &Database) -> Result<Survey, Error> {
        let database = database.clone();
        self.engine.spawn(async move { survey::survey(&database).await }).await
    }

    /// What is in them: the tables of [`Survey::wide`] with their profiles.
    ///
    /// # Errors
    /// As [`Analytics::version`].
    pub async fn look_into(&self, database: &Database, survey: &Arc<Survey>) -> Result<Vec<Dataset>, Error> {
        let (database, survey) = (database.clone(), survey.clone());
        self.engine.spawn(async move { profile::datasets(&database, &survey).await }).await
    }

    /// Runs one guarded query over tables of a database, as `conditions` leave them. Who asks while the same is
    /// being asked of the same open database is answered with it; nothing is remembered.
    ///
    /// # Errors
    /// As [`Analytics::query_under`], and `UNAVAILABLE`, `NOT_FOUND` or `FORBIDDEN` where the database is gone, has changed,
    /// or does not allow it. `TOO_LARGE` also where it would have to give too many rows to be computed here.
    pub async fn ask(
        &self,
        sql: &str,
        database: &Database,
        relations: &[Relation],
        conditions: Conditions,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let (engine, sql, database) = (self.engine.clone(), sql.to_owned(), database.clone());
        let relations = relations.to_vec();
        let work = async move { ask::ask(&engine, &sql, &database, &relations, &conditions, bounds).await };
        match tokio::time::timeout(bounds.timeout, self.engine.spawn(work)).await {
            Ok(answer) => answer,
            Err(_) => Err(refusal::over_limit("time", format!("the query took longer than {:?}", bounds.timeout))),
        }
    }
}
