//! The audit log: lines are queued, and written in batches, so that nobody waits for them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use uuid::Uuid;
use vizroom_protocol::id::{AuditId, RoomId, TenantId, UserId};
use vizroom_protocol::{Code, Error, operation};

use crate::auth::Caller;
use crate::clock::Clock;
use crate::store::{AuditRow, Store};

/// Lines waiting; beyond, new ones are lost, and the log says so.
const QUEUE_MAX: usize = 10_000;
/// Lines in one transaction.
const BATCH_MAX: usize = 500;
/// What the database could not take is tried again after this.
const PAUSE: Duration = Duration::from_secs(1);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);
/// Bytes of a field of an input that a line takes.
const TARGET_MAX: usize = 256;
/// Fields of inputs that no line has, also with something in front: `old_password`.
const SECRETS: [&str; 3] = ["password", "secret", "token"];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What somebody did, or tried to.
#[derive(Debug, Clone)]
pub struct Deed {
    pub tenant_id: TenantId,
    pub user_id: Option<UserId>,
    /// The room it was about: the line belongs to its tenant.
    pub room_id: Option<RoomId>,
    pub operation: &'static str,
    /// What it was about, by field.
    pub target: BTreeMap<String, String>,
    pub remote: Option<IpAddr>,
}

impl Deed {
    /// That of a call by its input, if it is one to remember.
    pub fn of(
        operation: &'static str,
        who: Option<&Caller>,
        data: Option<&RawValue>,
        remote: Option<IpAddr>,
    ) -> Option<Self> {
        let who = who.filter(|_| operation::AUDITED.contains(&operation))?;
        let fields: BTreeMap<String, Value> =
            data.and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default();
        // What is secret leaves no trace.
        let plain = |(name, _): &(String, Value)| !SECRETS.iter().any(|secret| name.ends_with(secret));
        let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
        let short = |(_, text): &(String, String)| text.len() <= TARGET_MAX;
        let target: BTreeMap<_, _> = fields.into_iter().filter(plain).filter_map(text).filter(short).collect();
        let room_id = target.get("room_id").and_then(|id| id.parse().ok());
        Some(Self { tenant_id: who.tenant_id, user_id: Some(who.user_id), room_id, operation, target, remote })
    }
}

/// See the module.
#[derive(Debug)]
pub struct Audit {
    clock: Clock,
    /// Taken away when the server stops. Held for a few instructions.
    queue: Mutex<Option<Sender<AuditRow>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Audit {
    /// Begins to write, and to forget what is older than `days`.
    pub fn open(store: Arc<Store>, clock: Clock, days: u32) -> Self {
        let (queue, lines) = mpsc::channel(QUEUE_MAX);
        let writer = tokio::spawn(write(store, lines, clock.clone(), i64::from(days) * DAY_MS));
        Self { clock, queue: Mutex::new(Some(queue)), writer: Mutex::new(Some(writer)) }
    }

    /// Notes what became of a deed, if there was one to note.
    pub fn note<T>(&self, deed: Option<Deed>, outcome: &Result<T, Error>) {
        let Some(deed) = deed else { return };
        let Deed { tenant_id, user_id, mut room_id, operation, target, remote } = deed;
        let outcome = match outcome.as_ref().map_err(|error| error.code) {
            Ok(_) => "ok".to_owned(),
            // What was not even tried is none: anybody could fill the log with it.
            Err(Code::InvalidRequest | Code::RateLimited) => return,
            Err(code) => {
                // Of a room that the caller does not see, its tenant hears nothing.
                room_id = room_id.filter(|_| code != Code::NotFound);
                code.word()
            }
        };
        let id = AuditId(Uuid::now_v7());
        let remote = remote.map(|address| address.to_canonical().to_string());
        let ts_ms = self.clock.now_ms();
        let line = AuditRow { id, tenant_id, room_id, user_id, operation, target, outcome, ts_ms, remote };
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queue.as_ref()
            && let Err(error) = queue.try_send(line)
        {
            tracing::error!(%error, "a line of the audit log is lost");
        }
    }

    /// Writes what waits, and no more.
    pub async fn finish(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the audit log ended early");
        }
    }
}

async fn write(store: Arc<Store>, mut lines: Receiver<AuditRow>, clock: Clock, kept_ms: i64) {
    let mut prune = tokio::time::interval(PRUNE_EVERY);
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            taken = lines.recv_many(&mut batch, BATCH_MAX) => if taken == 0 { return },
            _ = prune.tick() => {
                if let Err(error) = store.prune_audit(clock.now_ms() - kept_ms).await {
                    tracing::warn!(%error, "the audit log was not pruned");
                }
                continue;
            }
        }
        while let Err(error) = store.add_audit(&batch).await {
            if lines.is_closed() {
                return tracing::error!(%error, lost = batch.len(), "the end of the audit log is lost");
            }
            tracing::warn!(%error, "the audit log waits for the database");
            tokio::time::sleep(PAUSE).await;
        }
        batch.clear();
    }
}
