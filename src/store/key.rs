//! API keys, and the tiers of tenants.

use vizroom_protocol::account::User;
use vizroom_protocol::id::{KeyId, TenantId, UserId};
use vizroom_protocol::key::ApiKey;
use vizroom_protocol::operation::Key;
use vizroom_room::clock::rfc3339;

use super::{Error, Store, decoded, from_json, signed, to_json};

/// A key about to be stored.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub id: KeyId,
    /// SHA-256 of the secret.
    pub hash: String,
    pub user_id: UserId,
    pub name: String,
    pub prefix: String,
    pub scopes: Vec<Key>,
    pub expires_ms: Option<i64>,
}

/// Whose a key is, and what it may.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyHolder {
    pub id: KeyId,
    pub user: User,
    pub scopes: Vec<Key>,
    pub expires_ms: Option<i64>,
}

row_struct! {
    struct KeyRow {
        id: String,
        name: String,
        prefix: String,
        scopes: String,
        created: i64,
        expires: Option<i64>,
        used: Option<i64>,
    }
}

impl KeyRow {
    fn key(self) -> Result<ApiKey, Error> {
        Ok(ApiKey {
            id: decoded("api_keys.id", &self.id)?,
            name: self.name,
            prefix: self.prefix,
            scopes: from_json("api_keys.scopes", &self.scopes)?,
            created_at: rfc3339(self.created),
            expires_at: self.expires.map(rfc3339),
            last_used_at: self.used.map(rfc3339),
        })
    }
}

row_struct! {
    struct HolderRow {
        id: String,
        user_id: String,
        scopes: String,
        expires: Option<i64>,
    }
}

impl Store {
    /// Stores a key.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_key(&self, new: &NewKey, now_ms: i64) -> Result<ApiKey, Error> {
        let NewKey { id, hash, user_id, name, prefix, scopes, expires_ms } = new;
        let insert = "INSERT INTO api_keys (id, hash, user_id, name, prefix, scopes, created, expires)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, name, prefix, scopes, created, expires, used";
        let (id, user_id, scopes) = (id.to_string(), user_id.to_string(), to_json("api_keys.scopes", scopes)?);
        let rows: Vec<KeyRow> =
            writing!(self, |tx| rows!(&mut *tx, insert, id, hash, user_id, name, prefix, scopes, now_ms, *expires_ms));
        rows.into_iter().next().ok_or(Error::Missing("key"))?.key()
    }

    /// A user's keys, newest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn keys_of(&self, user: UserId) -> Result<Vec<ApiKey>, Error> {
        let select = "SELECT id, name, prefix, scopes, created, expires, used FROM api_keys
            WHERE user_id = $1 ORDER BY id DESC";
        let rows: Vec<KeyRow> = reading!(self, |db| rows!(db, select, user.to_string()));
        rows.into_iter().map(KeyRow::key).collect()
    }

    /// Whose the key with this hash is.
    ///
    /// # Errors
    /// Only ours.
    pub async fn key_holder(&self, hash: &str) -> Result<Option<KeyHolder>, Error> {
        let select = "SELECT id, user_id, scopes, expires FROM api_keys WHERE hash = $1";
        let found: Option<HolderRow> = reading!(self, |db| row!(db, select, hash));
        let Some(found) = found else { return Ok(None) };
        let Some(user) = self.user(decoded("api_keys.user_id", &found.user_id)?).await? else { return Ok(None) };
        let id = decoded("api_keys.id", &found.id)?;
        let scopes = from_json("api_keys.scopes", &found.scopes)?;
        Ok(Some(KeyHolder { id, user, scopes, expires_ms: found.expires }))
    }

    /// Deletes a user's key.
    ///
    /// # Errors
    /// `Missing("key")`, also if it is somebody else's.
    pub async fn revoke_key(&self, user: UserId, id: KeyId) -> Result<(), Error> {
        let delete = "DELETE FROM api_keys WHERE id = $1 AND user_id = $2";
        match writing!(self, |tx| run!(&mut *tx, delete, id.to_string(), user.to_string())) {
            0 => Err(Error::Missing("key")),
            _ => Ok(()),
        }
    }

    /// Keeps when a key was used last.
    ///
    /// # Errors
    /// Only ours.
    pub async fn key_used(&self, id: KeyId, now_ms: i64) -> Result<(), Error> {
        let update = "UPDATE api_keys SET used = $2 WHERE id = $1";
        writing!(self, |tx| run!(&mut *tx, update, id.to_string(), now_ms));
        Ok(())
    }

    /// The tenants that have a tier of their own.
    ///
    /// # Errors
    /// Only ours.
    pub async fn tiers(&self) -> Result<Vec<(TenantId, String)>, Error> {
        let select = "SELECT id, tier FROM tenants WHERE tier IS NOT NULL";
        let rows: Vec<(String, String)> = reading!(self, |db| rows!(db, select));
        rows.into_iter().map(|(id, tier)| Ok((decoded("tenants.id", &id)?, tier))).collect()
    }

    /// Says how many files and bytes a tenant may store; None: what the configuration says. What is None outside stays.
    ///
    /// # Errors
    /// `Missing("tenant")`.
    pub async fn set_allowed(
        &self,
        tenant: TenantId,
        files: Option<Option<u64>>,
        bytes: Option<Option<u64>>,
    ) -> Result<(), Error> {
        let tenant = tenant.to_string();
        let number = |max: Option<u64>| max.map(signed);
        writing!(self, |tx| {
            let there: Option<(String,)> = row!(&mut *tx, "SELECT id FROM tenants WHERE id = $1", &tenant);
            there.ok_or(Error::Missing("tenant"))?;
            if let Some(files) = files {
                run!(&mut *tx, "UPDATE tenants SET files_max = $2 WHERE id = $1", &tenant, number(files));
            }
            if let Some(bytes) = bytes {
                run!(&mut *tx, "UPDATE tenants SET file_bytes_max = $2 WHERE id = $1", &tenant, number(bytes));
            }
        });
        Ok(())
    }

    /// Gives a tenant a tier, or with None the default one.
    ///
    /// # Errors
    /// `Missing("tenant")`.
    pub async fn set_tier(&self, tenant: TenantId, tier: Option<&str>) -> Result<(), Error> {
        let update = "UPDATE tenants SET tier = $2 WHERE id = $1";
        match writing!(self, |tx| run!(&mut *tx, update, tenant.to_string(), tier)) {
            0 => Err(Error::Missing("tenant")),
            _ => Ok(()),
        }
    }
}
