//! A request on its way to the bus.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use hyper::upgrade::OnUpgrade;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use vizroom_protocol::operation::Key;
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::routes::{Route, fields, is_literal};
use super::{enveloped, succeeded};
use crate::auth::{Caller, Grant};
use crate::bus::{Bus, Request};
use crate::limits::Limits;
use crate::transport::address;

/// A request, its path already matched.
pub(super) struct Ask {
    pub(super) bus: Arc<Bus>,
    pub(super) started: Instant,
    /// Who is at the other end of the connection: a caller, or a proxy.
    pub(super) remote: Option<SocketAddr>,
    pub(super) headers: HeaderMap,
    /// Who asks, by `Authorization: Bearer`; none without the header.
    pub(super) credential: Result<Option<Caller>, Error>,
    /// Values of the path's open segments.
    pub(super) params: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    /// The connection, for who takes it over.
    pub(super) upgrade: Option<OnUpgrade>,
    pub(super) body: Body,
}

/// A body that arrives in pieces; the wait for each is bounded.
pub(super) struct Body {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send + Sync>>,
    bytes_max: usize,
    whole_within: Duration,
}

impl Body {
    pub(super) fn new(
        chunks: impl Stream<Item = Result<Bytes, warp::Error>> + Send + Sync + 'static,
        limits: &Limits,
    ) -> Self {
        let patience = Duration::from_millis(limits.no_progress_ms_max);
        let mut chunks = Box::pin(chunks);
        let chunks = async_stream::stream! {
            loop {
                match tokio::time::timeout(patience, chunks.next()).await {
                    Ok(Some(Ok(chunk))) => yield Ok(chunk),
                    Ok(Some(Err(_))) => return yield Err(Error::invalid("body", "the body was cut off")),
                    Ok(None) => return,
                    Err(_) => return yield Err(Error::invalid("body", "the body stopped arriving")),
                }
            }
        };
        let whole_within = Duration::from_millis(limits.body_ms_max);
        Self { chunks: Box::pin(chunks), bytes_max: limits.body_bytes_max, whole_within }
    }

    /// No body.
    pub(super) fn empty() -> Self {
        Self { chunks: Box::pin(futures_util::stream::empty()), bytes_max: 0, whole_within: Duration::ZERO }
    }

    /// The pieces, however many: whoever takes them counts.
    pub(super) fn chunks(self) -> Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send + Sync>> {
        self.chunks
    }

    /// The whole, if it is not larger than a JSON body may be, nor slower.
    async fn whole(&mut self) -> Result<Bytes, Error> {
        let within = self.whole_within;
        let late = |_| Error::invalid("body", format!("the body did not arrive within {within:?}"));
        tokio::time::timeout(within, self.collect()).await.map_err(late)?
    }

    async fn collect(&mut self) -> Result<Bytes, Error> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunks.next().await {
            let chunk = chunk?;
            if whole.len() + chunk.len() > self.bytes_max {
                return Err(Error::new(Code::TooLarge, format!("a JSON body has at most {} bytes", self.bytes_max)));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

impl Ask {
    pub(super) fn new(
        bus: Arc<Bus>,
        query: Vec<(String, String)>,
        headers: HeaderMap,
        (remote, upgrade): (Option<SocketAddr>, Option<OnUpgrade>),
        body: Body,
    ) -> Self {
        let (started, credential) = (Instant::now(), Ok(None));
        Self { bus, started, remote, headers, credential, params: Vec::new(), query, upgrade, body }
    }

    /// Finds out who asks.
    pub(super) async fn identify(&mut self) {
        let Some(header) = self.headers.get(AUTHORIZATION) else { return };
        let bearer = header.to_str().ok().and_then(|text| text.split_once(' '));
        self.credential = match bearer {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                self.bus.app.caller(token.trim()).await.map(Some)
            }
            _ => Err(Error::unauthorized("the Authorization header must be `Bearer <token>`")),
        };
    }

    /// Who asks; none without a credential.
    pub(super) fn caller(&self) -> Result<Option<Caller>, Error> {
        self.credential.clone()
    }

    /// Where the request comes from, as far as trusted proxies say.
    pub(super) fn address(&self) -> Option<IpAddr> {
        Some(address::of(&self.bus.app.config, self.remote?.ip(), &self.headers))
    }

    /// Who asks, where somebody has to.
    pub(super) fn signed_in(&self) -> Result<Caller, Error> {
        let caller = self.caller()?.ok_or_else(|| Error::unauthorized("sign in first"))?;
        match caller.grant {
            Grant::Viewer { .. } => Err(Error::forbidden("a viewer looks at one dashboard, and does nothing else")),
            _ => Ok(caller),
        }
    }

    /// Who asks, where somebody has to whose credential reaches to what needs `key`. For what is no operation of the bus.
    pub(super) fn allowed(&self, key: Key) -> Result<Caller, Error> {
        let caller = self.signed_in()?;
        caller.grant.check(key)?;
        Ok(caller)
    }

    /// The JSON body, unread; `{}` if there is none.
    pub(super) async fn json(&mut self) -> Result<Box<RawValue>, Error> {
        let body = self.body.whole().await?;
        let text = std::str::from_utf8(&body).map_err(|_| Error::invalid("body", "not UTF-8"))?;
        if text.trim().is_empty() {
            return Ok(object(Map::new()));
        }
        if let Some(kind) = self.headers.get(CONTENT_TYPE)
            && !kind.to_str().is_ok_and(is_json)
        {
            return Err(Error::invalid("Content-Type", "this route takes application/json"));
        }
        serde_json::from_str(text).map_err(|error| Error::invalid("body", format!("not JSON: {error}")))
    }

    /// A route's input: its path's segments, and its query string or its body.
    async fn input(&mut self, route: &'static Route) -> Result<Box<RawValue>, Error> {
        let body = match route.has_body() {
            true => Some(self.json().await?),
            false => None,
        };
        let mut input = match body {
            Some(body) if self.params.is_empty() => return Ok(body),
            Some(body) => serde_json::from_str(body.get()).map_err(|_| Error::invalid("body", "must be an object"))?,
            None if self.query.is_empty() => Map::new(),
            None => self.query_of(route)?,
        };
        input
            .extend(route.segments().map(ToOwned::to_owned).zip(self.params.iter().map(|value| value.as_str().into())));
        Ok(object(input))
    }

    /// The query string, read as the route's input says.
    fn query_of(&self, route: &Route) -> Result<Map<String, Value>, Error> {
        let known = fields(route);
        let mut input = Map::new();
        for (name, text) in &self.query {
            let field = known.get(name).filter(|_| route.segments().all(|segment| segment != name));
            let schema = field.ok_or_else(|| Error::invalid(name, "unknown query parameter"))?;
            // `before=` says no more than nothing.
            if text.is_empty() {
                continue;
            }
            let value = match is_literal(schema) {
                true => serde_json::from_str(text)
                    .ok()
                    .filter(|value: &Value| value.is_number() || value.is_boolean())
                    .ok_or_else(|| Error::invalid(name, "not a number"))?,
                false => text.as_str().into(),
            };
            input.insert(name.clone(), value);
        }
        Ok(input)
    }

    /// What the operation that the route is answers.
    pub(super) async fn present(mut self, route: &'static Route) -> Result<Response, Error> {
        let input = self.input(route).await?;
        let data = self.call(route.operation.unwrap_or_default(), Some(&input)).await?;
        let status = StatusCode::from_u16(route.status).unwrap_or_default();
        Ok(enveloped(status, Some(&data), &[], self.started))
    }

    /// The input of an operation whose fields the path's open segments hold, in their order.
    pub(super) fn path_fields(&self, names: &[&str]) -> Box<RawValue> {
        let named = names.iter().zip(&self.params);
        object(named.map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect())
    }

    /// The input of an operation whose fields stand in the query string. Those in `numbers` are numbers.
    pub(super) fn query_fields(&self, texts: &[&str], numbers: &[&str]) -> Result<Box<RawValue>, Error> {
        let mut fields = Map::new();
        for (name, text) in &self.query {
            let value = if numbers.contains(&name.as_str()) {
                text.parse::<u64>().map_err(|_| Error::invalid(name, "not a number"))?.into()
            } else if texts.contains(&name.as_str()) {
                text.as_str().into()
            } else {
                return Err(Error::invalid(name, "unknown query parameter"));
            };
            // `before=` says no more than nothing.
            if !text.is_empty() {
                fields.insert(name.clone(), value);
            }
        }
        Ok(object(fields))
    }

    /// A field of the query string, where others may stand beside it.
    pub(super) fn query_text(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// After which event of a stream the caller goes on. Who knows of none may say so by nothing.
    pub(super) fn last_event(&self) -> Option<&HeaderValue> {
        self.headers.get("last-event-id").filter(|id| !id.is_empty())
    }

    /// The value of the path's open segment `at`.
    pub(super) fn param(&self, at: usize) -> &str {
        self.params.get(at).map_or("", String::as_str)
    }

    /// What an operation answers to this caller.
    pub(super) async fn call(&self, name: &str, data: Option<&RawValue>) -> Result<Box<RawValue>, Error> {
        let key = self.headers.get("idempotency-key").map(|key| {
            let text = key.to_str().map(ToOwned::to_owned);
            text.map_err(|_| Error::invalid("Idempotency-Key", "must be plain text"))
        });
        let caller = match self.caller() {
            Err(_) if self.bus.is_open(name) => None,
            caller => caller?.map(Arc::new),
        };
        let (idempotency_key, remote) = (key.transpose()?, self.address());
        let (bus, name, data) = (self.bus.clone(), name.to_owned(), data.map(ToOwned::to_owned));
        // In a task of its own: who hangs up does not cut what was begun in half.
        let work = async move {
            let request = Request { name: &name, data: data.as_deref(), caller, idempotency_key, line: None, remote };
            bus.call(request).await
        };
        self.bus.app.tasks.spawn(work).await.map_err(|error| {
            tracing::error!(%error, "a call ended without an answer");
            Error::new(Code::InternalError, "the call ended without an answer")
        })?
    }

    /// The same, in the envelope.
    pub(super) async fn answer(&self, name: &str, data: Option<&RawValue>) -> Result<Response, Error> {
        Ok(succeeded(&self.call(name, data).await?, self.started))
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Plain data, ready for the bus.
pub(super) fn object(fields: Map<String, Value>) -> Box<RawValue> {
    to_raw_value(&fields).unwrap_or_else(|error| unreachable!("JSON made of JSON: {error}"))
}
