//! What every answer over HTTP has in common, whatever it answers: its request's id, who may read it, how it travels.

use std::io;

use async_compression::Level;
use async_compression::tokio::bufread::GzipEncoder;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL,
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyDataStream, BodyExt};
use hyper::body::Body as _;
use sync_wrapper::SyncStream;
use tokio_util::io::{ReaderStream, StreamReader};
use uuid::Uuid;
use vizroom_protocol::Error;
use warp::Reply;
use warp::reply::Response;

use super::{respond, set};
use crate::config::Config;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken from a request.
const REQUEST_ID_MAX: usize = 128;
/// Shorter answers are not worth compressing.
const COMPRESSED_BYTES_MIN: u64 = 1024;
/// What a page of another origin may send and read.
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const SENT: &str =
    "authorization, content-type, idempotency-key, if-none-match, if-range, last-event-id, range, x-request-id";
const READ: &str = "accept-ranges, content-disposition, content-range, etag, retry-after, x-ratelimit-limit, \
    x-ratelimit-remaining, x-ratelimit-reset, x-request-id";
/// So long a browser need not ask again whether it may.
const PREFLIGHT_SECONDS: &str = "600";
const HSTS: &str = "max-age=31536000";
/// Data is no page: whoever opens it as one gets nothing of it run or shown in a frame.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a request's headers ask of every answer.
pub(super) struct Manners {
    pub request_id: String,
    /// The page of another origin that may read the answer, or `*`.
    reader: Option<HeaderValue>,
    /// Whether the answer differs by who reads it.
    varies: bool,
    inflates: bool,
    secure: bool,
}

impl Manners {
    pub(super) fn of(config: &Config, headers: &HeaderMap) -> Self {
        let told = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_sane(id));
        let any = config.cors_origins.iter().any(|origin| origin == "*");
        let origin = headers.get(ORIGIN).filter(|origin| {
            let origin = origin.to_str().unwrap_or_default();
            config.cors_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
        });
        Self {
            request_id: told.map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned),
            reader: if any { Some(HeaderValue::from_static("*")) } else { origin.cloned() },
            varies: !any && !config.cors_origins.is_empty(),
            inflates: inflates(headers),
            secure: config.public_url.as_ref().is_some_and(|url| url.starts_with("https://")),
        }
    }

    /// The answer to a browser that asks whether a page of another origin may ask at all; None if nobody asks that.
    pub(super) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Result<Response, Error>> {
        if method != Method::OPTIONS || !headers.contains_key(ORIGIN) {
            return None;
        }
        headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if self.reader.is_none() {
            return Some(Err(Error::forbidden("pages of this origin may not; see `cors_origins`")));
        }
        let mut response = respond(StatusCode::NO_CONTENT, "text/plain", "".into());
        response.headers_mut().remove(CONTENT_TYPE);
        set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, SENT);
        set(&mut response, ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        Some(Ok(response))
    }

    /// The answer as it leaves. What a route has said itself stays.
    pub(super) fn applied(&self, mut response: Response) -> Response {
        set(&mut response, REQUEST_ID, &self.request_id);
        set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(&mut response, REFERRER_POLICY, "no-referrer");
        if self.secure {
            set(&mut response, STRICT_TRANSPORT_SECURITY, HSTS);
        }
        let headers = response.headers_mut();
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
            headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(DATA_POLICY));
        }
        if let Some(reader) = &self.reader {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
        }
        if self.varies {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        compressed(response, self.inflates)
    }
}

fn is_sane(id: &str) -> bool {
    (1..=REQUEST_ID_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:+/=".contains(&b))
}

/// Whether a client takes gzip.
fn inflates(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let mut best = None;
    for offer in offers {
        let (name, parameters) = offer.split_once(';').unwrap_or((offer, ""));
        let wanted = parameters.trim().strip_prefix("q=").is_none_or(|q| q.trim().parse().is_ok_and(|q: f32| q > 0.0));
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" => return wanted,
            "*" => best = Some(wanted),
            _ => {}
        }
    }
    best.unwrap_or(false)
}

/// Compresses text that is whole and long enough. What streams is left alone: an event must not wait for the next.
fn compressed(response: Response, inflates: bool) -> Response {
    let headers = response.headers();
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let fixed = [CONTENT_ENCODING, CONTENT_RANGE].iter().any(|name| headers.contains_key(name));
    let long = response.body().size_hint().exact().is_some_and(|bytes| bytes >= COMPRESSED_BYTES_MIN);
    if !long || fixed || !is_text(kind) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !inflates {
        return Response::from_parts(head, body);
    }
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.remove(CONTENT_LENGTH);
    // The same content in other bytes.
    if let Some(tag) = head.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).filter(|tag| !tag.starts_with("W/"))
        && let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}"))
    {
        head.headers.insert(ETAG, weak);
    }
    let chunks = BodyDataStream::new(body.map_err(io::Error::other).boxed());
    let deflated = ReaderStream::new(GzipEncoder::with_quality(StreamReader::new(chunks), Level::Fastest));
    let body = warp::reply::stream(SyncStream::new(deflated)).into_response().into_body();
    Response::from_parts(head, body)
}

fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let text = kind.starts_with("text/") && kind != "text/event-stream";
    text || kind.ends_with("json") || ["image/svg+xml", "application/javascript"].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_gzip() {
        let takes =
            |value: &'static str| inflates(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]));
        for yes in ["gzip", "br, gzip;q=0.5", "*", "*;q=0, gzip", "GZIP ; q=1"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "*;q=0", "gzip; q=0.0, *", "gzip;q=x"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!inflates(&HeaderMap::new()));
    }

    #[test]
    fn ids_that_are_taken() {
        assert!(is_sane("0190163d-8694") && is_sane("a:b/c+d=_."));
        for bad in ["", "a b", "a\"b", "ü", "x\u{7f}"] {
            assert!(!is_sane(bad), "{bad:?}");
        }
        assert!(is_sane(&"x".repeat(128)) && !is_sane(&"x".repeat(129)));
    }
}
