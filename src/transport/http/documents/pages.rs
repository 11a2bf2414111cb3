//! The pages that show the interface: `/docs` (Swagger UI), `/redoc`, `/asyncapi`. Their files are compressed when they are
//! built, and so inside the binary.

use std::borrow::Cow;
use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, LOCATION,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use rust_embed::RustEmbed;
use warp::reply::Response;

use crate::transport::http::assets::{content_type, hex};
use crate::transport::http::{respond, set};

#[derive(RustEmbed)]
#[folder = "examples/api-pages/dist/"]
#[allow_missing = true]
struct Pages;

/// Pages by their paths.
const PAGES: [&str; 3] = ["docs", "redoc", "asyncapi"];

/// Their own code and this server only. Styles may be inline, and a worker may be made of text: ReDoc searches in one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const UNBUILT: &str = "<!doctype html><meta charset=utf-8><title>vizroom</title><h1>Not built</h1>\
    <p>This binary was built without these pages. Build them with <code>make page</code>, then build the server again. \
    What they show is there: <a href=openapi.json>openapi.json</a>, <a href=asyncapi.json>asyncapi.json</a>.</p>";

/// The page or the file of one at `path`, if there is one.
pub(in crate::transport::http) fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = path.strip_prefix('/')?;
    let (page, inside) = name.split_once('/').unwrap_or((name, ""));
    if !PAGES.contains(&page) {
        return None;
    }
    // What the page refers to is relative to its path without a slash at the end, also behind a proxy's prefix.
    if name.ends_with('/') && inside.is_empty() {
        let mut response = respond(StatusCode::PERMANENT_REDIRECT, "text/plain", Bytes::new());
        set(&mut response, LOCATION, &format!("../{page}"));
        return Some(guarded(response));
    }
    let file = if inside.is_empty() { format!("{page}.html") } else { name.to_owned() };
    let Some(packed) = Pages::get(&format!("{file}.gz")) else {
        let unbuilt = || respond(StatusCode::OK, "text/html; charset=utf-8", Bytes::from_static(UNBUILT.as_bytes()));
        return inside.is_empty().then(|| guarded(unbuilt()));
    };
    let etag = format!("\"{}\"", hex(&packed.metadata.sha256_hash()[..16]));
    let known = headers.get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let mut response =
        if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
            respond(StatusCode::NOT_MODIFIED, content_type(&file), Bytes::new())
        } else {
            content(&file, packed.data, headers)?
        };
    set(&mut response, CACHE_CONTROL, "no-cache");
    set(&mut response, ETAG, &etag);
    set(&mut response, VARY, "accept-encoding");
    Some(guarded(response))
}

/// As it is packed; unpacked for who does not know how to.
fn content(file: &str, packed: Cow<'static, [u8]>, headers: &HeaderMap) -> Option<Response> {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|kinds| kinds.to_str().ok()).unwrap_or_default();
    let unpacks = accepted.split(',').any(|kind| {
        let (kind, quality) = kind.split_once(';').unwrap_or((kind, ""));
        kind.trim() == "gzip" && !["q=0", "q=0.0"].contains(&quality.trim())
    });
    if !unpacks {
        let mut plain = Vec::new();
        GzDecoder::new(&*packed).read_to_end(&mut plain).ok()?;
        return Some(respond(StatusCode::OK, content_type(file), plain.into()));
    }
    let body = match packed {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    };
    let mut response = respond(StatusCode::OK, content_type(file), body);
    set(&mut response, CONTENT_ENCODING, "gzip");
    Some(response)
}

fn guarded(mut response: Response) -> Response {
    set(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, X_FRAME_OPTIONS, "DENY");
    set(&mut response, REFERRER_POLICY, "no-referrer");
    response
}
