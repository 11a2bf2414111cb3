//! The page, inside the binary.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, X_FRAME_OPTIONS};
use http::{HeaderMap, StatusCode};
use rust_embed::RustEmbed;
use warp::reply::Response;

use super::{respond, set};

#[derive(RustEmbed)]
#[folder = "examples/web-room/dist/"]
#[allow_missing = true]
struct Page;

/// The page runs its own code only, talks to its own server only, and stands in no foreign frame. Styles may be
/// inline: charts set them on their marks.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors";

const UNBUILT: &str = "<!doctype html><meta charset=utf-8><title>vizroom</title><h1>vizroom is running</h1>\
    <p>This binary was built without its page. Build it with <code>make page</code>, then build the server again.</p>";

/// One of the page's files, which others' pages may show in a frame.
pub(super) fn embeddable(name: &str, headers: &HeaderMap, frames: &[String]) -> Option<Response> {
    let mut response = find(name, headers)?;
    if !frames.is_empty() {
        response.headers_mut().remove(X_FRAME_OPTIONS);
        set(&mut response, CONTENT_SECURITY_POLICY, &format!("{POLICY} {}", frames.join(" ")));
    }
    Some(response)
}

/// The page's file for `path`, if there is one; `index.html` for `/`.
pub(super) fn find(path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let Some(file) = Page::get(name) else {
        let unbuilt =
            || page(respond(StatusCode::OK, "text/html; charset=utf-8", Bytes::from_static(UNBUILT.as_bytes())));
        return (path == "/").then(unbuilt);
    };
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let known = headers.get(IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let mut response =
        if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
            respond(StatusCode::NOT_MODIFIED, content_type(name), Bytes::new())
        } else {
            let body = match file.data {
                Cow::Borrowed(data) => Bytes::from_static(data),
                Cow::Owned(data) => Bytes::from(data),
            };
            respond(StatusCode::OK, content_type(name), body)
        };
    // The build names what is under `assets/` by its content; anything else may change under its name.
    let lasting = name.starts_with("assets/");
    set(&mut response, CACHE_CONTROL, if lasting { "public, max-age=31536000, immutable" } else { "no-cache" });
    set(&mut response, ETAG, &etag);
    Some(page(response))
}

fn page(mut response: Response) -> Response {
    set(&mut response, CONTENT_SECURITY_POLICY, &format!("{POLICY} 'none'"));
    set(&mut response, X_FRAME_OPTIONS, "DENY");
    response
}

pub(super) fn content_type(name: &str) -> &'static str {
    match mime_guess::from_path(name).first_raw() {
        Some("text/html") => "text/html; charset=utf-8",
        Some("text/css") => "text/css; charset=utf-8",
        Some("text/javascript" | "application/javascript") => "text/javascript; charset=utf-8",
        Some(kind) => kind,
        None => "application/octet-stream",
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
