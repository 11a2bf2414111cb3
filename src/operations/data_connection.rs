//! Databases beside uploaded files. Who registered the tenant says which; all of the tenant use them.

use uuid::Uuid;
use vizroom_protocol::Error;
use vizroom_protocol::account::Empty;
use vizroom_protocol::data_connection::{
    ById, Create, DataConnection, DatabaseSchema, FILES, Listed, Target, Tested, Update,
};
use vizroom_protocol::id::DataConnectionId;

use super::valid;
use crate::bus::Ctx;
use crate::sources::{Sources, place};
use crate::store::DataConnectionRow;

const NAME_MAX: usize = 100;
/// Characters of a host, a path, a database's name, a user's name, a password; of a certificate.
const WORD_MAX: usize = 1_000;
const CERTIFICATE_MAX: usize = 64 * 1024;
/// Data connections of one tenant.
const CONNECTIONS_MAX: u64 = 100;

/// `data_connection.create`
pub(super) async fn create(ctx: Ctx, input: Create) -> Result<DataConnection, Error> {
    owner(&ctx).await?;
    let (caller, now_ms) = (ctx.caller()?, ctx.app.clock.now_ms());
    let Create { name, kind, host, port, database, username, password, tls, ca_certificate, path } = input;
    let tls = tls.unwrap_or_default();
    let target = Target { kind, host, port, database, username, tls, ca_certificate, path };
    let (id, name) = (DataConnectionId(Uuid::now_v7()), named(&name)?);
    let target = checked(&ctx.app.sources, target)?;
    let secret = password.map(|password| sealed(&ctx.app.sources, id, &password)).transpose()?;
    let row = DataConnectionRow {
        id,
        tenant_id: caller.tenant_id,
        name,
        target,
        secret,
        version: 1,
        created_by: caller.user_id,
        created_ms: now_ms,
        updated_ms: now_ms,
    };
    ctx.app.store.add_data_connection(&row, CONNECTIONS_MAX).await?;
    Ok(row.shown())
}

/// `data_connection.list`
pub(super) async fn list(ctx: Ctx, _: Empty) -> Result<Listed, Error> {
    let (caller, store) = (ctx.caller()?, &ctx.app.store);
    let rows = store.data_connections(caller.tenant_id).await?;
    let may_change = store.owns_tenant(caller.user_id).await?;
    Ok(Listed { connections: rows.into_iter().map(DataConnectionRow::shown).collect(), may_change })
}

/// `data_connection.get`
pub(super) async fn get(ctx: Ctx, input: ById) -> Result<DataConnection, Error> {
    Ok(found(&ctx, input.connection_id).await?.shown())
}

/// `data_connection.update`
pub(super) async fn update(ctx: Ctx, input: Update) -> Result<DataConnection, Error> {
    let mut row = found(&ctx, input.connection_id).await?;
    owner(&ctx).await?;
    let Update { connection_id: id, name, host, port, database, username, password, tls, ca_certificate, path } = input;
    if let Some(name) = name {
        row.name = named(&name)?;
    }
    let old = row.target.clone();
    let target = Target {
        kind: old.kind,
        host: host.or(old.host),
        port: port.or(old.port),
        database: database.or(old.database),
        username: username.or(old.username),
        tls: tls.unwrap_or(old.tls),
        ca_certificate: ca_certificate.or(old.ca_certificate),
        path: path.or(old.path),
    };
    let target = checked(&ctx.app.sources, target)?;
    match password {
        Some(password) => row.secret = Some(sealed(&ctx.app.sources, id, &password)?),
        // Else whoever may change a connection could have its password told to a server of their own.
        None if row.secret.is_some() && target != row.target => {
            return Err(Error::invalid("password", "must be given again where the connection leads elsewhere"));
        }
        None => {}
    }
    (row.target, row.updated_ms) = (target, ctx.app.clock.now_ms());
    ctx.app.store.change_data_connection(&row).await?;
    ctx.app.sources.forget(id);
    Ok(row.shown())
}

/// `data_connection.delete`
pub(super) async fn delete(ctx: Ctx, input: ById) -> Result<Empty, Error> {
    let row = found(&ctx, input.connection_id).await?;
    owner(&ctx).await?;
    ctx.app.store.delete_data_connection(row.tenant_id, row.id).await?;
    ctx.app.sources.forget(row.id);
    Ok(Empty {})
}

/// `data_connection.test`
pub(super) async fn test(ctx: Ctx, input: ById) -> Result<Tested, Error> {
    let row = found(&ctx, input.connection_id).await?;
    owner(&ctx).await?;
    Ok(ctx.app.sources.test(&row).await)
}

/// `data_connection.schema`
pub(super) async fn schema(ctx: Ctx, input: ById) -> Result<DatabaseSchema, Error> {
    let row = found(&ctx, input.connection_id).await?;
    ctx.app.sources.schema(&row).await
}

/// Also another tenant's are not there.
async fn found(ctx: &Ctx, id: DataConnectionId) -> Result<DataConnectionRow, Error> {
    let row = ctx.app.store.data_connection(ctx.caller()?.tenant_id, id).await?;
    row.ok_or_else(|| Error::not_found("connection"))
}

async fn owner(ctx: &Ctx) -> Result<(), Error> {
    if ctx.app.store.owns_tenant(ctx.caller()?.user_id).await? {
        return Ok(());
    }
    Err(Error::forbidden("only who registered the tenant says which databases it reads"))
}

fn named(name: &str) -> Result<String, Error> {
    let name = valid::name("name", name, NAME_MAX)?;
    if name.eq_ignore_ascii_case(FILES) {
        return Err(Error::invalid("name", "`files` are the uploaded files"));
    }
    Ok(name)
}

fn checked(sources: &Sources, target: Target) -> Result<Target, Error> {
    let Target { host, database, username, ca_certificate, path, .. } = &target;
    for (field, text) in [("host", host), ("database", database), ("username", username), ("path", path)] {
        if let Some(text) = text {
            valid::length(field, text, 1, WORD_MAX)?;
            if text.chars().any(char::is_control) {
                return Err(Error::invalid(field, "holds control characters"));
            }
        }
    }
    if let Some(certificate) = ca_certificate {
        valid::length("ca_certificate", certificate, 1, CERTIFICATE_MAX)?;
        if !certificate.contains("-----BEGIN CERTIFICATE-----") {
            return Err(Error::invalid("ca_certificate", "is no certificate in PEM"));
        }
    }
    sources.check(target)
}

fn sealed(sources: &Sources, id: DataConnectionId, password: &str) -> Result<String, Error> {
    valid::length("password", password, 1, WORD_MAX)?;
    sources.seal().sealed(password, &place(id))
}
