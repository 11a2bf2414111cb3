//! Databases beside uploaded files: which are open, and what is known of them.
//!
//! A data connection is opened when somebody asks something of it, at the address that its host has then, and as it was
//! stored then: a change ends what was open. At most [`OPEN_MAX`] are open, those used last; their connections end by
//! themselves when nobody uses them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use vizroom_protocol::data_connection::{DatabaseSchema, Kind, Target, Tested};
use vizroom_protocol::file::Dataset;
use vizroom_protocol::id::{DataConnectionId, TenantId};
use vizroom_protocol::{Code, Error};

use crate::address;
use crate::analytics::sources::{Database, Place, Relation, ServerPlace, Survey};
use crate::analytics::{Analytics, Answer, Bounds, Conditions};
use crate::auth::seal::Seal;
use crate::clock::Clock;
use crate::config::Connections;
use crate::store::{DataConnectionRow, Store};

/// Databases open at once; of more, those used longest ago are closed.
const OPEN_MAX: usize = 32;
/// How long tables and their profiles are believed.
const KNOWN_MS: i64 = 10 * 60 * 1000;
/// How long an address may take to answer at all.
const KNOCK: Duration = Duration::from_secs(5);

/// What is needed of the rest of the server.
pub struct Parts {
    pub store: Arc<Store>,
    pub analytics: Analytics,
    pub seal: Seal,
    pub config: Connections,
    /// What a statement may take.
    pub statement: Duration,
    pub clock: Clock,
}

/// See the module.
pub struct Sources {
    parts: Parts,
    /// Held for a lookup only.
    open: Mutex<HashMap<DataConnectionId, Held>>,
}

#[derive(Clone)]
struct Held {
    /// Of the row it was opened by.
    version: u64,
    database: Database,
    known: Arc<OnceCell<Arc<Known>>>,
    known_ms: i64,
    used_ms: i64,
}

/// A database's tables.
pub struct Known {
    pub survey: Arc<Survey>,
    /// With what is in them: those of `survey.wide`.
    pub datasets: Vec<Dataset>,
}

/// A database that a dashboard reads.
pub struct Open {
    sources: Arc<Sources>,
    id: DataConnectionId,
    database: Database,
    pub known: Arc<Known>,
}

impl Open {
    /// Runs a query; see [`Analytics::ask`].
    ///
    /// # Errors
    /// Those.
    pub async fn ask(
        &self,
        sql: &str,
        relations: &[Relation],
        conditions: Conditions,
        bounds: Bounds,
    ) -> Result<Answer, Error> {
        let answer = self.sources.parts.analytics.ask(sql, &self.database, relations, conditions, bounds).await;
        answer.inspect_err(|error| self.sources.doubt(self.id, &self.database, error))
    }
}

/// What a connection's password is encrypted for.
pub fn place(id: DataConnectionId) -> String {
    format!("data_connections.{id}")
}

impl Sources {
    /// None is open yet.
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self { parts, open: Mutex::default() })
    }

    /// What passwords are encrypted with.
    pub fn seal(&self) -> &Seal {
        &self.parts.seal
    }

    /// Where a connection may lead, with what is not said filled in.
    ///
    /// # Errors
    /// `INVALID_REQUEST` naming the field.
    pub fn check(&self, target: Target) -> Result<Target, Error> {
        let absent = |field: &str, there: bool| match there {
            true => Err(Error::invalid(field, "is not for this kind of database")),
            false => Ok(()),
        };
        if target.kind == Kind::Sqlite {
            let Target { host, port, database, username, .. } = &target;
            absent("host", host.is_some())?;
            absent("port", port.is_some())?;
            absent("database", database.is_some())?;
            absent("username", username.is_some())?;
            let path = target.path.as_deref().ok_or_else(|| Error::invalid("path", "is needed"))?;
            self.allowed(Path::new(path))?;
            return Ok(target);
        }
        absent("path", target.path.is_some())?;
        for (field, value) in [("host", &target.host), ("database", &target.database), ("username", &target.username)] {
            if value.is_none() {
                return Err(Error::invalid(field, "is needed"));
            }
        }
        let host = target.host.as_deref().unwrap_or_default();
        if host.contains(['/', '@', ' ']) {
            return Err(Error::invalid("host", "is a name or an address, and nothing else"));
        }
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        if literal.is_some_and(|address| !self.parts.config.allow_private && !address::is_public(address)) {
            return Err(Error::invalid("host", "is not a public address"));
        }
        let port = target.port.filter(|port| *port > 0).unwrap_or(match target.kind {
            Kind::Mysql => 3306,
            _ => 5432,
        });
        Ok(Target { port: Some(port), ..target })
    }

    /// An SQLite file in a folder that the operator allows, wherever links lead.
    fn allowed(&self, path: &Path) -> Result<PathBuf, Error> {
        let inside = |real: &PathBuf| {
            let folders = self.parts.config.sqlite_folders.iter().filter_map(|folder| folder.canonicalize().ok());
            folders.into_iter().any(|folder| real.starts_with(folder))
        };
        let real = path.is_absolute().then(|| path.canonicalize().ok()).flatten();
        // Whether a file is there that is none of theirs, nobody is told.
        real.filter(|real| inside(real) && real.is_file())
            .ok_or_else(|| Error::invalid("path", "is no file in a folder that the operator of this server allows"))
    }

    /// The connection of this name.
    ///
    /// # Errors
    /// `NOT_FOUND` with the field `connection_name`.
    pub async fn named(&self, tenant: TenantId, name: &str) -> Result<DataConnectionRow, Error> {
        self.parts.store.data_connection_named(tenant, name).await?.ok_or_else(|| {
            let error =
                Error::new(Code::NotFound, "there is no connection of that name; `files` are the uploaded files");
            Error { field: Some("connection_name".into()), ..error }
        })
    }

    /// A database with its tables; none if the connection has been deleted.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn open(self: &Arc<Self>, tenant: TenantId, id: DataConnectionId) -> Result<Option<Open>, Error> {
        let Some(row) = self.parts.store.data_connection(tenant, id).await? else {
            self.forget(id);
            return Ok(None);
        };
        let held = self.held(&row).await?;
        let looked = held.known.get_or_try_init(|| self.look(&held.database)).await.cloned();
        let known = looked.inspect_err(|error| self.doubt(id, &held.database, error))?;
        Ok(Some(Open { sources: self.clone(), id, database: held.database, known }))
    }

    async fn look(&self, database: &Database) -> Result<Arc<Known>, Error> {
        let analytics = &self.parts.analytics;
        let survey = Arc::new(analytics.survey(database).await?);
        let datasets = analytics.look_into(database, &survey).await?;
        Ok(Arc::new(Known { survey, datasets }))
    }

    /// Tables, columns and keys as they are now.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn schema(&self, row: &DataConnectionRow) -> Result<DatabaseSchema, Error> {
        let held = self.held(row).await?;
        let survey = self.parts.analytics.survey(&held.database).await;
        Ok(survey.inspect_err(|error| self.doubt(row.id, &held.database, error))?.schema)
    }

    /// Whether it can be read.
    pub async fn test(&self, row: &DataConnectionRow) -> Tested {
        let began_ms = self.parts.clock.now_ms();
        let tried = async {
            // Anew: what is open may be older than what is to be tested.
            self.forget(row.id);
            let held = self.held(row).await?;
            let version = self.parts.analytics.version(&held.database).await;
            version.inspect_err(|error| self.doubt(row.id, &held.database, error))
        };
        let outcome = tried.await;
        let duration_ms = u64::try_from(self.parts.clock.now_ms() - began_ms).unwrap_or(0);
        match outcome {
            Ok(message) => Tested { ok: true, message, duration_ms },
            Err(error) => Tested { ok: false, message: error.message, duration_ms },
        }
    }

    /// Closes what is open of a connection: it has been changed or deleted.
    pub fn forget(&self, id: DataConnectionId) {
        let held = self.lock().remove(&id);
        self.close(held);
    }

    /// After a failure: a database that is gone may be elsewhere by now, one that has changed is looked at anew. What has
    /// been opened since is not doubted.
    fn doubt(&self, id: DataConnectionId, database: &Database, error: &Error) {
        let closed = match (error.code, self.lock().entry(id)) {
            (Code::Unavailable, Entry::Occupied(held)) if held.get().database == *database => Some(held.remove()),
            (Code::NotFound, Entry::Occupied(mut held)) if held.get().database == *database => {
                held.get_mut().known = Arc::default();
                None
            }
            _ => None,
        };
        self.close(closed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<DataConnectionId, Held>> {
        // The map is whole whatever panicked while it was held.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open database of this very row, or a new one.
    async fn held(&self, row: &DataConnectionRow) -> Result<Held, Error> {
        let now_ms = self.parts.clock.now_ms();
        if let Some(held) = self.lock().get_mut(&row.id).filter(|held| held.version == row.version) {
            held.used_ms = now_ms;
            if now_ms - held.known_ms > KNOWN_MS {
                (held.known, held.known_ms) = (Arc::default(), now_ms);
            }
            return Ok(held.clone());
        }
        let database = self.parts.analytics.connect(self.place(row).await?, self.parts.statement).await?;
        let new = Held { version: row.version, database, known: Arc::default(), known_ms: now_ms, used_ms: now_ms };
        let (held, closed) = self.keep(row, new);
        self.close(closed);
        Ok(held)
    }

    /// What is used from now on, and what is to be closed.
    fn keep(&self, row: &DataConnectionRow, new: Held) -> (Held, Vec<Held>) {
        let mut open = self.lock();
        if let Some(held) = open.get(&row.id).filter(|held| held.version >= row.version) {
            // Somebody else was faster, or has a newer row.
            return (held.clone(), vec![new]);
        }
        let mut closed: Vec<Held> = open.insert(row.id, new.clone()).into_iter().collect();
        while open.len() > OPEN_MAX {
            let oldest = open.iter().min_by_key(|(_, held)| held.used_ms).map(|(id, _)| *id);
            closed.extend(oldest.and_then(|id| open.remove(&id)));
        }
        (new, closed)
    }

    fn close(&self, held: impl IntoIterator<Item = Held>) {
        held.into_iter().for_each(|held| self.parts.analytics.disconnect(held.database));
    }

    /// Where it is now. Its name is looked up here, and whoever connects goes to that very address.
    async fn place(&self, row: &DataConnectionRow) -> Result<Place, Error> {
        let target = &row.target;
        if target.kind == Kind::Sqlite {
            let path = target.path.as_deref().unwrap_or_default();
            return Ok(Place::File(self.allowed(Path::new(path))?));
        }
        let password = match &row.secret {
            Some(secret) => Some(self.parts.seal.unsealed(secret, &place(row.id))?),
            None => None,
        };
        let (host, port) = (target.host.clone().unwrap_or_default(), target.port.unwrap_or_default());
        let found = tokio::time::timeout(KNOCK, address::resolve(&host, port, self.parts.config.allow_private)).await;
        let found = found.unwrap_or_else(|_| Err("the name is not found in time".into()));
        let addresses = found.map_err(|why| Error::new(Code::Unavailable, format!("{host}: {why}")))?;
        Ok(Place::Server(ServerPlace {
            kind: target.kind,
            address: answering(&addresses).await?,
            host,
            database: target.database.clone().unwrap_or_default(),
            username: target.username.clone().unwrap_or_default(),
            password,
            tls: target.tls,
            ca: target.ca_certificate.clone(),
        }))
    }
}

/// The first address where somebody answers at all.
async fn answering(addresses: &[SocketAddr]) -> Result<SocketAddr, Error> {
    for address in addresses {
        if let Ok(Ok(_)) = tokio::time::timeout(KNOCK, TcpStream::connect(address)).await {
            return Ok(*address);
        }
    }
    Err(Error::new(Code::Unavailable, "the database cannot be reached"))
}
