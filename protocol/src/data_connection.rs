//! Data connections: databases that dashboards are made from, beside uploaded files. Each has a name that is its own in
//! the tenant; `connection_name` says it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::file::ColumnType;
use crate::id::{DataConnectionId, UserId};

/// What `connection_name` says for uploaded files; no data connection is called so.
pub const FILES: &str = "files";

/// What kind of database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DataConnectionKind")]
pub enum Kind {
    /// 12 or newer.
    Postgres,
    /// MySQL 8 or MariaDB 10.6, or newer.
    Mysql,
    /// A file on the server, in a folder that its operator allows.
    Sqlite,
}

/// How far the way to the database is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "DataConnectionTls")]
pub enum Tls {
    /// Never.
    Disable,
    /// Where the database offers it; whoever sits in between can prevent it.
    #[default]
    Prefer,
    /// Always, with whoever answers.
    Require,
    /// Always, with a certificate that `ca_certificate` (or a public authority) has signed.
    VerifyCa,
    /// The same, and made out to `host`.
    VerifyFull,
}

/// `data_connection.create`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DataConnectionCreate")]
pub struct Create {
    /// 1–100 characters; what `connection_name` says. Not `files`, and no other connection's.
    pub name: String,
    pub kind: Kind,
    /// A name or an address; not for `sqlite`.
    #[serde(default)]
    pub host: Option<String>,
    /// 5432 or 3306 if absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// The database's name on its server; not for `sqlite`.
    #[serde(default)]
    pub database: Option<String>,
    /// Somebody who may do nothing but read, if you can.
    #[serde(default)]
    pub username: Option<String>,
    /// Kept encrypted, and never given back.
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub tls: Option<Tls>,
    /// PEM, of the authority that signed the database's certificate.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// The file, for `sqlite` only.
    #[serde(default)]
    pub path: Option<String>,
}

/// `data_connection.update`: what is absent stays. Where it leads, and as whom, changes only together with the password.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DataConnectionUpdate")]
pub struct Update {
    pub connection_id: DataConnectionId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub host: Option<String>,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub database: Option<String>,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub tls: Option<Tls>,
    #[serde(default)]
    pub ca_certificate: Option<String>,
    #[serde(default)]
    pub path: Option<String>,
}

/// `data_connection.get`, `.delete`, `.test`, `.schema`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DataConnectionById")]
pub struct ById {
    pub connection_id: DataConnectionId,
}

/// A data connection, without its password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataConnection {
    pub id: DataConnectionId,
    pub name: String,
    #[serde(flatten)]
    pub target: Target,
    /// Whether a password is kept.
    pub has_password: bool,
    pub created_by: UserId,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// Where a data connection leads, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataConnectionTarget")]
pub struct Target {
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default)]
    pub tls: Tls,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Reply to `data_connection.list`: those of the caller's tenant, by name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataConnectionListed")]
pub struct Listed {
    pub connections: Vec<DataConnection>,
    /// Whether the caller registered the tenant, and so adds, changes, tests and deletes them.
    pub may_change: bool,
}

/// Reply to `data_connection.test`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataConnectionTested")]
pub struct Tested {
    /// Whether it can be read.
    pub ok: bool,
    /// Why not, or what answered: `PostgreSQL 15.14`.
    pub message: String,
    /// How long it took.
    pub duration_ms: u64,
}

/// Reply to `data_connection.schema`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataConnectionSchema")]
pub struct DatabaseSchema {
    pub tables: Vec<SchemaTable>,
    /// There are more tables or columns than are read: 200 tables, 500 columns of each.
    pub truncated: bool,
}

/// A table or view of a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SchemaTable {
    /// The name that queries use here: lower-case letters, digits and `_`.
    pub dataset: String,
    /// Where the database keeps schemas within one another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// As the database has it.
    pub name: String,
    pub view: bool,
    /// About how many rows, as far as the database knows without counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    pub columns: Vec<SchemaColumn>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
}

/// A column of a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SchemaColumn {
    pub name: String,
    /// As the database calls it: `numeric(10,2)`.
    pub declared: String,
    /// What it is for a query here; absent: it cannot be read (bytes, arrays, shapes).
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ColumnType>,
    pub nullable: bool,
}

/// Columns that name a row of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    /// The other table's `dataset`.
    pub table: String,
    pub references: Vec<String>,
}
