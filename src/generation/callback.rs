//! `dashboard.ready`: who asked to be told over HTTP when a run has ended.
//!
//! A callback waits in the store, so that it survives whatever happens to this process; it is told at least once, under one
//! id. Only public addresses are told, unless the operator allows others: a name is resolved here, every address is
//! looked at, and the connection goes to these very addresses, so that no second look-up can lead elsewhere.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Url, redirect};
use ring::hmac;
use serde_json::json;
use vizroom_protocol::dashboard::{Generate, Status};
use vizroom_protocol::id::TenantId;
use vizroom_protocol::{Code, Error};

use super::Generations;
use super::feed::Live;
use crate::address;
use crate::clock::rfc3339;
use crate::store::{CallbackRow, RunRow};

/// Callbacks of one tenant that wait.
const WAITING_MAX: usize = 1_000;
/// Callbacks told at once.
const AT_ONCE: usize = 8;
/// Tries of one callback.
const ATTEMPTS_MAX: u64 = 8;
/// A try is nobody else's for so many times what it may take.
const LEASE: i64 = 3;
/// After a failure of the store, and between looks at it where nothing is due.
const PAUSE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(60);

const URL_MAX: usize = 2_000;
/// Characters of a secret.
pub const SECRET: RangeInclusive<usize> = 16..=200;

/// Whom to tell, and the key to sign with.
pub(super) struct Callback {
    url: String,
    secret: String,
}

impl Generations {
    /// The callback that a request wants.
    pub(super) async fn callback(&self, tenant: TenantId, request: &Generate) -> Result<Option<Callback>, Error> {
        let (url, secret) = match (&request.callback_url, &request.callback_secret) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(Error::invalid("callback_url", "is needed with `callback_secret`")),
            (Some(url), Some(secret)) if SECRET.contains(&secret.chars().count()) => (url, secret.clone()),
            (Some(_), Some(_)) => {
                let (min, max) = (SECRET.start(), SECRET.end());
                return Err(Error::invalid("callback_secret", format!("{min} to {max} characters")));
            }
            (Some(url), None) => {
                let needed = "is needed with `callback_url`, unless the tenant has set one";
                let own = self.parts.store.callback_secret(tenant).await?;
                (url, own.ok_or_else(|| Error::invalid("callback_secret", needed))?.0)
            }
        };
        let wrong = |why: &str| Error::invalid("callback_url", why);
        let parsed = Url::parse(url).ok().filter(|_| url.len() <= URL_MAX).ok_or_else(|| wrong("is no URL"))?;
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
            return Err(wrong("http or https is expected"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(wrong("holds a user name or password"));
        }
        let address = parsed.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if address.is_some_and(|address| !self.may_tell(address)) {
            return Err(wrong("is not a public address"));
        }
        Ok(Some(Callback { url: parsed.into(), secret }))
    }

    fn may_tell(&self, address: IpAddr) -> bool {
        self.parts.callbacks.allow_private || address::is_public(address)
    }

    /// Notes that somebody is to be told of a run's end.
    pub(super) async fn expect_callback(&self, run: &RunRow, callback: Callback) -> Result<(), Error> {
        let id = uuid::Uuid::now_v7().to_string();
        let (which, whom) = ((id.as_str(), run.tenant_id, run.id), (callback.url.as_str(), callback.secret.as_str()));
        if !self.parts.store.add_callback(which, whom, WAITING_MAX, self.parts.clock.now_ms()).await? {
            let error = Error::new(Code::Unavailable, "too many callbacks of this tenant are waiting");
            return Err(Error { retry_after_ms: Some(60_000), ..error });
        }
        Ok(())
    }

    /// A run has ended: whoever wants to know is told from now on.
    pub(super) async fn arm(&self, live: &Live, title: &str, status: Status) -> Result<(), Error> {
        let now_ms = self.parts.clock.now_ms();
        let body = json!({
            "type": "dashboard.ready",
            "created_at": rfc3339(now_ms),
            "data": {
                "dashboard_id": live.run.dashboard_id, "run_id": live.run.id, "room_id": live.run.room_id,
                "status": status, "title": title,
            },
        });
        if self.parts.store.arm_callbacks(live.run.id, &body.to_string(), now_ms).await? {
            self.bell.notify_one();
        }
        Ok(())
    }

    /// Tells whoever is due, until the server stops. A try that is under way then is made to its end.
    pub(super) async fn call_back(self: Arc<Self>) {
        let draining = self.parts.draining.clone();
        while !draining.is_cancelled() {
            let wait = self.tell_due().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "callbacks cannot be read");
                PAUSE
            });
            let rung = tokio::time::timeout(wait, self.bell.notified());
            let _ = draining.run_until_cancelled(rung).await;
        }
    }

    /// Tells all that are due; how long until the next is.
    async fn tell_due(&self) -> Result<Duration, Error> {
        let store = &self.parts.store;
        while !self.parts.draining.is_cancelled() {
            let lease_ms = i64::try_from(self.parts.callbacks.timeout_ms).unwrap_or(i64::MAX).saturating_mul(LEASE);
            let due = store.take_callbacks(self.parts.clock.now_ms(), lease_ms, AT_ONCE).await?;
            if due.is_empty() {
                break;
            }
            for outcome in join_all(due.iter().map(|callback| self.tell_once(callback))).await {
                outcome?;
            }
        }
        let next = store.callback_due().await?.map(|due| due - self.parts.clock.now_ms());
        Ok(next.map_or(LOOK, |ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(LOOK)))
    }

    async fn tell_once(&self, callback: &CallbackRow) -> Result<(), Error> {
        let store = &self.parts.store;
        let told = tokio::time::timeout(self.timeout(), self.post(callback)).await;
        let told = told.unwrap_or_else(|_| Err("too slow".into()));
        let Err(why) = told else { return Ok(store.end_callback(&callback.id).await?) };
        let (id, attempts) = (&callback.id, callback.attempts);
        if attempts >= ATTEMPTS_MAX {
            tracing::warn!(callback = %id, why, attempts, "a callback is given up");
            return Ok(store.end_callback(id).await?);
        }
        tracing::info!(callback = %id, why, attempts, "a callback is tried again");
        let wait_ms = self.parts.callbacks.retry_ms.saturating_mul(4_i64.saturating_pow(attempts as u32 - 1));
        Ok(store.retry_callback(id, self.parts.clock.now_ms().saturating_add(wait_ms)).await?)
    }

    /// From the look-up of the name to the head of the answer.
    fn timeout(&self) -> Duration {
        Duration::from_millis(self.parts.callbacks.timeout_ms)
    }

    /// One try.
    async fn post(&self, callback: &CallbackRow) -> Result<(), String> {
        let url = Url::parse(&callback.url).map_err(|error| error.to_string())?;
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
        let addresses = address::resolve(host, port, self.parts.callbacks.allow_private).await?;
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .resolve_to_addrs(host, &addresses)
            .timeout(self.timeout())
            .build()
            .map_err(|error| error.to_string())?;
        let seconds = self.parts.clock.now_ms() / 1_000;
        let request = client
            .post(url)
            .header("Content-Type", "application/json")
            .header("User-Agent", "vizroom")
            .header("X-Vizroom-Id", &callback.id)
            .header("X-Vizroom-Timestamp", seconds)
            .header("X-Vizroom-Signature", format!("v1={}", signature(callback, seconds)));
        let answer = request.body(callback.body.clone()).send().await.map_err(|error| error.to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(format!("answered {}", answer.status())) }
    }
}

/// Hexadecimal HMAC-SHA256 of when, which and what.
fn signature(callback: &CallbackRow, seconds: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, callback.secret.as_bytes());
    let mac = hmac::sign(&key, format!("{seconds}.{}.{}", callback.id, callback.body).as_bytes());
    mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As any other program computes it: `printf '7.a.{}' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn a_signature_is_a_plain_hmac() {
        let (id, body) = ("a".to_owned(), "{}".to_owned());
        let callback = CallbackRow { id, url: String::new(), secret: "key".into(), body, attempts: 1 };
        assert_eq!(signature(&callback, 7), "5cc548df01ca2f0d7c7563603ab271bcb6872ad35de7ea07f4af258182f73ec3");
    }
}
