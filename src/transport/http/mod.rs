//! HTTP: one file per documented family of routes; each route only reads the request, calls the bus, and presents
//! the answer. One filter serves them all from one table, so that a new route is one line.

mod account;
mod analytics;
mod analytics_publish;
mod ask;
mod assets;
mod bi;
mod blocks;
mod call;
mod dashboard;
mod demo;
mod documents;
mod download;
mod follow;
mod health;
mod manners;
mod metrics;
mod panels;
mod process;
mod public;
mod retrieve;
mod routes;
mod server;
mod socket;
mod tus;
mod upload;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, Bytes};
use futures_util::StreamExt;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use serde::Serialize;
use serde_json::value::RawValue;
use tracing::Instrument;
use vizroom_protocol::{Code, Error};
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Rejection};

use crate::budget::Standing;
use crate::bus::Bus;
use crate::config::Config;
use ask::{Ask, Body};
use manners::Manners;
use routes::{Errors, Route};

/// What is asked by machines that watch, and what counts otherwise: never refused for being asked too often.
const UNCOUNTED: &[&str] = &["/livez", "/readyz", "/healthz", "/metrics", "/ws/events"];

/// What a route gives: a ready response, or an error that becomes one in [`failed`].
type Answer = Pin<Box<dyn Future<Output = Result<Response, Error>> + Send>>;

/// `route!(POST "/path/{id}" => Operation)` or `route!(POST "/path/{id}", function)`: see [`Route`].
macro_rules! route {
    ($method:ident $path:literal => $operation:ident) => {
        $crate::transport::http::Route::of::<::vizroom_protocol::operation::$operation>(::http::Method::$method, $path)
    };
    ($method:ident $path:literal, $serve:expr) => {
        $crate::transport::http::Route::own(::http::Method::$method, $path, |_, ask| {
            ::std::boxed::Box::pin($serve(ask))
        })
    };
}
use route;

/// Every family's routes. What none of them has is looked for among the page's files.
fn table() -> impl Iterator<Item = &'static Route> {
    let families = [
        socket::ROUTES,
        account::ROUTES,
        server::ROUTES,
        dashboard::ROUTES,
        retrieve::ROUTES,
        panels::ROUTES,
        bi::ROUTES,
        analytics::ROUTES,
        analytics_publish::ROUTES,
        public::ROUTES,
        call::ROUTES,
        demo::ROUTES,
        follow::ROUTES,
        health::ROUTES,
        metrics::ROUTES,
        documents::ROUTES,
    ];
    families.into_iter().flatten()
}

/// The filter that serves all of HTTP, the upgrade to a WebSocket included.
///
/// In a box, and so is the work of a request: whoever serves it need not be compiled with all of its types.
pub fn routes(bus: Arc<Bus>) -> BoxedFilter<(Response,)> {
    warp::method()
        .and(warp::path::full())
        .and(warp::query::<Vec<(String, String)>>())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<SocketAddr>())
        .and(warp::ext::optional::<OnUpgrade>())
        .and(warp::body::stream())
        .then(move |method: Method, path: FullPath, query, headers: HeaderMap, remote, upgrade, body| {
            let chunks = StreamExt::map(body, |chunk: Result<_, warp::Error>| chunk.map(whole));
            let body = Body::new(chunks, &bus.app.config.limits);
            let ask = Ask::new(bus.clone(), query, headers, (remote, upgrade), body);
            let work: Pin<Box<dyn Future<Output = Response> + Send>> = Box::pin(async move {
                let manners = Manners::of(&ask.bus.app.config, &ask.headers);
                let span = tracing::info_span!("request", id = manners.request_id, %method, path = path.as_str());
                let response = match manners.preflight(&method, &ask.headers) {
                    Some(outcome) => outcome.unwrap_or_else(|error| failed(&error, ask.started)),
                    None => answer(&method, path.as_str(), ask).instrument(span).await,
                };
                manners.applied(response)
            });
            work
        })
        .recover(rejected)
        .unify()
        .boxed()
}

/// A piece of a body.
fn whole(mut chunk: impl Buf) -> Bytes {
    chunk.copy_to_bytes(chunk.remaining())
}

/// Finds the route and gives its answer.
async fn answer(method: &Method, path: &str, mut ask: Ask) -> Response {
    let started = ask.started;
    // A HEAD is a GET whose body the server leaves out.
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let mut allowed = Vec::new();
    for (route, params) in matching(path) {
        if route.method != wanted {
            allowed.push(route.method.as_str());
            continue;
        }
        ask.params = params;
        return counted(route, ask).await;
    }
    if !allowed.is_empty() {
        let mut response = failed(&Error::new(Code::MethodNotAllowed, "not with this method"), started);
        set(&mut response, ALLOW, &allowed.join(", "));
        return response;
    }
    if wanted == Method::GET
        && let Some(response) = documents::find(path, &ask.headers).or_else(|| assets::find(path, &ask.headers))
    {
        return response;
    }
    failed(&Error::not_found("route"), started)
}

/// Serves a request if its tenant, or its address, may still make one; and says how many more it may.
async fn counted(route: &'static Route, mut ask: Ask) -> Response {
    let started = ask.started;
    if UNCOUNTED.contains(&route.path) {
        return (route.serve)(route, ask).await.unwrap_or_else(|error| refused(route.errors, &error, started));
    }
    ask.identify().await;
    let caller = ask.credential.as_ref().ok().and_then(Option::as_ref);
    let standing = match ask.bus.admit(caller, ask.address()).await {
        Ok(standing) => standing,
        Err(standing) => return refused(route.errors, &standing.refusal(), started),
    };
    let mut response = (route.serve)(route, ask).await.unwrap_or_else(|error| refused(route.errors, &error, started));
    // What a route itself refuses as too much has its own figures.
    if let Some(Standing { limit, remaining, reset_ms }) = standing
        && response.status() != StatusCode::TOO_MANY_REQUESTS
    {
        figures(&mut response, limit.into(), remaining, reset_ms);
    }
    response
}

/// How many requests there may be, how many are left, and in how many seconds there are all of them again.
fn figures(response: &mut Response, limit: u64, remaining: u32, reset_ms: u64) {
    let figures = [
        ("x-ratelimit-limit", limit),
        ("x-ratelimit-remaining", remaining.into()),
        ("x-ratelimit-reset", reset_ms.div_ceil(1000)),
    ];
    for (name, figure) in figures {
        set(response, HeaderName::from_static(name), &figure.to_string());
    }
}

/// The routes of a path, with the values of its open segments. What a path says in words goes before what stands open in
/// another: `/server/data/list` is no `/server/data/{file_id}`.
fn matching(path: &str) -> impl Iterator<Item = (&'static Route, Vec<String>)> {
    let found: Vec<_> = table().filter_map(|route| Some((route, matched(route.path, path)?))).collect();
    let fewest = found.iter().map(|(_, params)| params.len()).min();
    found.into_iter().filter(move |(_, params)| Some(params.len()) == fewest)
}

/// The values of `pattern`'s open segments, if `path` matches it.
fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut params = Vec::new();
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            params.push(segment.to_owned());
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(params)
}

/// The envelope of every answer that no document shapes otherwise.
#[derive(Serialize)]
struct Envelope<'a> {
    success: bool,
    data: Option<&'a RawValue>,
    errors: &'a [&'a Error],
    warnings: &'a [String],
    execution_time_ms: f64,
}

/// An answer in the envelope.
fn succeeded(data: &RawValue, started: Instant) -> Response {
    enveloped(StatusCode::OK, Some(data), &[], started)
}

/// An error in the envelope.
fn failed(error: &Error, started: Instant) -> Response {
    refused(Errors::Enveloped, error, started)
}

/// An error as a family presents it: the one place where a code becomes a status.
fn refused(errors: Errors, error: &Error, started: Instant) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match errors.body(error) {
        Some(body) => respond(status, routes::JSON, body.to_string().into()),
        None => enveloped(status, None, &[error], started),
    };
    if let Some(ms) = error.retry_after_ms {
        set(&mut response, RETRY_AFTER, &ms.div_ceil(1000).to_string());
        if error.code == Code::RateLimited {
            let limit = error.details.as_ref().and_then(|details| details["limit"].as_u64()).unwrap_or(0);
            figures(&mut response, limit, 0, ms);
        }
    }
    if error.code == Code::Unauthorized {
        set(&mut response, WWW_AUTHENTICATE, "Bearer");
    }
    response
}

/// An error in the envelope, under a status that its code does not have.
fn failed_as(status: StatusCode, error: &Error, started: Instant) -> Response {
    enveloped(status, None, &[error], started)
}

fn enveloped(status: StatusCode, data: Option<&RawValue>, errors: &[&Error], started: Instant) -> Response {
    // Tenths of a millisecond are precise enough to read.
    let execution_time_ms = (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
    let envelope = Envelope { success: errors.is_empty(), data, errors, warnings: &[], execution_time_ms };
    let text = serde_json::to_string(&envelope).unwrap_or_else(|error| unreachable!("JSON made of JSON: {error}"));
    respond(status, "application/json", text.into())
}

/// An answer of a family's own shape: its fields stand in the order of the documents.
fn presented(answer: &impl Serialize) -> Response {
    let text = serde_json::to_string(answer).unwrap_or_else(|error| unreachable!("it is plain data: {error}"));
    respond(StatusCode::OK, routes::JSON, text.into())
}

/// A response with a content type.
fn respond(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, content_type);
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => drop(response.headers_mut().insert(name, value)),
        Err(error) => tracing::error!(%name, %error, "a header was left out"),
    }
}

/// What is left when a request fits no filter at all (its query string is broken, say).
async fn rejected(rejection: Rejection) -> Result<Response, Infallible> {
    let error = match rejection.is_not_found() {
        true => Error::not_found("route"),
        false => Error::invalid("query", "the request cannot be read"),
    };
    // Neither its headers nor the configuration are at hand here: the answer is for nobody else.
    Ok(Manners::of(&Config::default(), &HeaderMap::new()).applied(failed(&error, Instant::now())))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn patterns_match_whole_paths_only() {
        let params = |pattern, path| matched(pattern, path);
        assert_eq!(params("/a/{x}/b", "/a/1/b"), Some(vec!["1".to_owned()]));
        assert_eq!(params("/a", "/a/"), Some(vec![]));
        for (pattern, path) in [("/a", "/a/b"), ("/a/b", "/a"), ("/a/{x}", "/a/"), ("/a/{x}/b", "/a//b"), ("/a", "/b")]
        {
            assert_eq!(params(pattern, path), None, "{pattern} {path}");
        }
    }

    #[test]
    fn no_route_is_there_twice() {
        let mut seen = HashSet::new();
        assert!(table().all(|route| seen.insert((route.method.clone(), route.path))));
    }

    #[test]
    fn every_route_says_what_it_is() {
        let mut silent = Vec::new();
        for route in table() {
            let line = format!("{} {}", route.method, route.path);
            if !route.sentence().ends_with('.') {
                silent.push(format!(
                    "{line} says nothing of itself. If it is an operation as it is, write `route!({} \"{}\" => \
                     Operation)`; else add `.about(\"A sentence.\")`, its input (`.calls::<Operation>()` or \
                     `.takes::<Type>()`) and its answer (`.gives::<Type>()`, `.answers::<Type>()` in the envelope, \
                     `.streams::<Type>()`, `.gives_text(..)`): see routes.rs.",
                    route.method, route.path
                ));
            } else if route.output_kind.is_empty() && route.status == 200 {
                silent.push(format!(
                    "{line} does not say what it answers: add `.gives::<Type>()` or the like, or a `.status(..)`"
                ));
            }
            let fields = routes::fields(route);
            for segment in route.segments().filter(|segment| route.input.is_some() && !fields.contains_key(*segment)) {
                silent.push(format!(
                    "{line}: its input has no field `{segment}`; a segment is named by the field it fills"
                ));
            }
        }
        assert!(silent.is_empty(), "{silent:#?}");
    }
}
