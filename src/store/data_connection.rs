//! Databases that a tenant's dashboards may be made from.

use vizroom_protocol::data_connection::{DataConnection, Target};
use vizroom_protocol::id::{DataConnectionId, TenantId, UserId};
use vizroom_room::clock::rfc3339;

use super::{Error, Store, decoded, from_json, signed, to_json, unsigned};

/// A data connection as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct DataConnectionRow {
    pub id: DataConnectionId,
    pub tenant_id: TenantId,
    pub name: String,
    pub target: Target,
    /// The password, encrypted.
    pub secret: Option<String>,
    /// Counts up with every change, from 1.
    pub version: u64,
    pub created_by: UserId,
    pub created_ms: i64,
    pub updated_ms: i64,
}

impl DataConnectionRow {
    /// As its tenant sees it.
    pub fn shown(self) -> DataConnection {
        DataConnection {
            id: self.id,
            name: self.name,
            target: self.target,
            has_password: self.secret.is_some(),
            created_by: self.created_by,
            created_at: rfc3339(self.created_ms),
            updated_at: rfc3339(self.updated_ms),
        }
    }
}

row_struct! {
    struct Row {
        id: String,
        tenant_id: String,
        name: String,
        target: String,
        secret: Option<String>,
        version: i64,
        created_by: String,
        created: i64,
        updated: i64,
    }
}

impl Row {
    fn read(self) -> Result<DataConnectionRow, Error> {
        Ok(DataConnectionRow {
            id: decoded("data_connections.id", &self.id)?,
            tenant_id: decoded("data_connections.tenant_id", &self.tenant_id)?,
            name: self.name,
            target: from_json("data_connections.target", &self.target)?,
            secret: self.secret,
            version: unsigned(self.version),
            created_by: decoded("data_connections.created_by", &self.created_by)?,
            created_ms: self.created,
            updated_ms: self.updated,
        })
    }
}

impl Store {
    /// Stores a new one, if the tenant has fewer than `most`.
    ///
    /// # Errors
    /// `Taken("name")`, `Many`.
    pub async fn add_data_connection(&self, row: &DataConnectionRow, most: u64) -> Result<(), Error> {
        let insert = "INSERT INTO data_connections
            (id, tenant_id, name, target, secret, version, created_by, created, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (tenant_id, name) DO NOTHING";
        let count = "SELECT COUNT(*) FROM data_connections WHERE tenant_id = $1";
        let (id, tenant, by) = (row.id.to_string(), row.tenant_id.to_string(), row.created_by.to_string());
        let target = to_json("data_connections.target", &row.target)?;
        let version = signed(row.version);
        let inserted = writing!(self, |tx| {
            let there: Option<(i64,)> = row!(&mut *tx, count, &tenant);
            if there.is_some_and(|(there,)| unsigned(there) >= most) {
                return Err(Error::Many("data connections"));
            }
            run!(&mut *tx, insert, id, &tenant, &row.name, target, &row.secret, version, by, row.created_ms)
        });
        if inserted == 0 { Err(Error::Taken("name")) } else { Ok(()) }
    }

    /// A tenant's, by name.
    ///
    /// # Errors
    /// Only ours.
    pub async fn data_connections(&self, tenant: TenantId) -> Result<Vec<DataConnectionRow>, Error> {
        let select = "SELECT id, tenant_id, name, target, secret, version, created_by, created, updated
            FROM data_connections WHERE tenant_id = $1 ORDER BY name";
        let rows: Vec<Row> = reading!(self, |db| rows!(db, select, tenant.to_string()));
        rows.into_iter().map(Row::read).collect()
    }

    /// One of a tenant.
    ///
    /// # Errors
    /// Only ours.
    pub async fn data_connection(
        &self,
        tenant: TenantId,
        id: DataConnectionId,
    ) -> Result<Option<DataConnectionRow>, Error> {
        let select = "SELECT id, tenant_id, name, target, secret, version, created_by, created, updated
            FROM data_connections WHERE tenant_id = $1 AND id = $2";
        let row: Option<Row> = reading!(self, |db| row!(db, select, tenant.to_string(), id.to_string()));
        row.map(Row::read).transpose()
    }

    /// The one of that name.
    ///
    /// # Errors
    /// Only ours.
    pub async fn data_connection_named(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<Option<DataConnectionRow>, Error> {
        let select = "SELECT id, tenant_id, name, target, secret, version, created_by, created, updated
            FROM data_connections WHERE tenant_id = $1 AND name = $2";
        let row: Option<Row> = reading!(self, |db| row!(db, select, tenant.to_string(), name));
        row.map(Row::read).transpose()
    }

    /// Replaces one that still is at `row.version`; it is one further then.
    ///
    /// # Errors
    /// `Taken("name")`; `Missing("connection")`, also if somebody else changed it meanwhile.
    pub async fn change_data_connection(&self, row: &DataConnectionRow) -> Result<(), Error> {
        let update =
            "UPDATE data_connections SET name = $3, target = $4, secret = $5, version = version + 1, updated = $7
            WHERE tenant_id = $1 AND id = $2 AND version = $6";
        let taken = "SELECT id FROM data_connections WHERE tenant_id = $1 AND name = $2 AND id <> $3";
        let (id, tenant) = (row.id.to_string(), row.tenant_id.to_string());
        let target = to_json("data_connections.target", &row.target)?;
        let changed = writing!(self, |tx| {
            let other: Option<(String,)> = row!(&mut *tx, taken, &tenant, &row.name, &id);
            if other.is_some() {
                return Err(Error::Taken("name"));
            }
            let version = signed(row.version);
            run!(&mut *tx, update, &tenant, &id, &row.name, target, &row.secret, version, row.updated_ms)
        });
        if changed == 0 { Err(Error::Missing("connection")) } else { Ok(()) }
    }

    /// Forgets one.
    ///
    /// # Errors
    /// `Missing("connection")`.
    pub async fn delete_data_connection(&self, tenant: TenantId, id: DataConnectionId) -> Result<(), Error> {
        let delete = "DELETE FROM data_connections WHERE tenant_id = $1 AND id = $2";
        match writing!(self, |tx| run!(&mut *tx, delete, tenant.to_string(), id.to_string())) {
            0 => Err(Error::Missing("connection")),
            _ => Ok(()),
        }
    }
}
