//! Callbacks: who wants to be told that a run has ended, and when to try next.

use vizroom_protocol::id::{RunId, TenantId};

use super::{Error, Store, signed, unsigned};

/// A callback whose run has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRow {
    pub id: String,
    pub url: String,
    pub secret: String,
    /// What is posted.
    pub body: String,
    /// Tries so far, with the one that is to be made now.
    pub attempts: u64,
}

row_struct! {
    struct Row {
        id: String,
        url: String,
        secret: String,
        body: String,
        attempts: i64,
    }
}

impl Store {
    /// What a tenant's callbacks are signed with where their request does not say, and since when; None if nothing.
    ///
    /// # Errors
    /// Only ours.
    pub async fn callback_secret(&self, tenant: TenantId) -> Result<Option<(String, i64)>, Error> {
        let select = "SELECT callback_secret, callback_secret_set FROM tenants WHERE id = $1";
        let row: Option<(Option<String>, Option<i64>)> = reading!(self, |db| row!(db, select, tenant.to_string()));
        Ok(row.and_then(|(secret, set)| secret.zip(set)))
    }

    /// Sets that.
    ///
    /// # Errors
    /// `Missing("tenant")`.
    pub async fn set_callback_secret(&self, tenant: TenantId, secret: Option<&str>, now_ms: i64) -> Result<(), Error> {
        let update = "UPDATE tenants SET callback_secret = $2, callback_secret_set = $3 WHERE id = $1";
        match writing!(self, |tx| run!(&mut *tx, update, tenant.to_string(), secret, now_ms)) {
            0 => Err(Error::Missing("tenant")),
            _ => Ok(()),
        }
    }

    /// Notes who wants to be told that a run has ended. False if `waiting_max` callbacks of the tenant are there.
    ///
    /// # Errors
    /// Only ours.
    pub async fn add_callback(
        &self,
        (id, tenant_id, run_id): (&str, TenantId, RunId),
        (url, secret): (&str, &str),
        waiting_max: usize,
        now_ms: i64,
    ) -> Result<bool, Error> {
        let insert = "INSERT INTO callbacks (id, tenant_id, run_id, url, secret, attempts, created)
            SELECT $1, $2, $3, $4, $5, 0, $6 WHERE (SELECT COUNT(*) FROM callbacks WHERE tenant_id = $2) < $7";
        let (tenant_id, run_id, max) = (tenant_id.to_string(), run_id.to_string(), signed(waiting_max as u64));
        let added = writing!(self, |tx| run!(&mut *tx, insert, id, tenant_id, run_id, url, secret, now_ms, max));
        Ok(added > 0)
    }

    /// Makes a run's callbacks due, with what they are to say. False if it has none that still waits for its end.
    ///
    /// # Errors
    /// Only ours.
    pub async fn arm_callbacks(&self, run_id: RunId, body: &str, now_ms: i64) -> Result<bool, Error> {
        let update = "UPDATE callbacks SET body = $2, due = $3 WHERE run_id = $1 AND body IS NULL";
        Ok(writing!(self, |tx| run!(&mut *tx, update, run_id.to_string(), body, now_ms)) > 0)
    }

    /// Takes at most `limit` callbacks that are due; nobody else gets them for `lease_ms`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn take_callbacks(&self, now_ms: i64, lease_ms: i64, limit: usize) -> Result<Vec<CallbackRow>, Error> {
        let update = "UPDATE callbacks SET due = $1 + $2, attempts = attempts + 1
            WHERE id IN (SELECT id FROM callbacks WHERE due <= $1 ORDER BY due LIMIT $3) AND due <= $1
            RETURNING id, url, secret, body, attempts";
        let rows: Vec<Row> = writing!(self, |tx| rows!(&mut *tx, update, now_ms, lease_ms, signed(limit as u64)));
        let row = |row: Row| {
            let Row { id, url, secret, body, attempts } = row;
            CallbackRow { id, url, secret, body, attempts: unsigned(attempts) }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// When the next callback is due; None if none is.
    ///
    /// # Errors
    /// Only ours.
    pub async fn callback_due(&self) -> Result<Option<i64>, Error> {
        let select = "SELECT due FROM callbacks WHERE due IS NOT NULL ORDER BY due LIMIT 1";
        let due: Option<(i64,)> = reading!(self, |db| row!(db, select));
        Ok(due.map(|(due,)| due))
    }

    /// Says when to try a callback again.
    ///
    /// # Errors
    /// Only ours.
    pub async fn retry_callback(&self, id: &str, due_ms: i64) -> Result<(), Error> {
        writing!(self, |tx| run!(&mut *tx, "UPDATE callbacks SET due = $2 WHERE id = $1", id, due_ms));
        Ok(())
    }

    /// Forgets a callback: delivered, or given up.
    ///
    /// # Errors
    /// Only ours.
    pub async fn end_callback(&self, id: &str) -> Result<(), Error> {
        writing!(self, |tx| run!(&mut *tx, "DELETE FROM callbacks WHERE id = $1", id));
        Ok(())
    }

    /// Forgets callbacks whose run went with its dashboard.
    ///
    /// # Errors
    /// Only ours.
    pub async fn drop_lost_callbacks(&self) -> Result<(), Error> {
        let delete = "DELETE FROM callbacks WHERE body IS NULL AND run_id NOT IN (SELECT id FROM runs)";
        writing!(self, |tx| run!(&mut *tx, delete));
        Ok(())
    }
}
