//! A file as it was uploaded: whole, in part, or only whether it is still the same (RFC 9110, 13 and 14).

use std::ops::Range;

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, ETAG,
    IF_NONE_MATCH, IF_RANGE, RANGE,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, json};
use sync_wrapper::SyncStream;
use vizroom_protocol::file::File;
use vizroom_protocol::id::FileId;
use vizroom_protocol::{Code, Error};
use warp::Reply;
use warp::reply::Response;

use super::ask::{Ask, object};
use super::dashboard::read;
use super::routes::{BYTES, Header};
use super::{respond, set};

/// As HTTP has it, a header that is not understood is as if it were not there.
const ANY: &str = "^.*$";

/// What is understood of a request's headers.
pub(super) const HEADERS: &[Header] = &[
    Header {
        name: "Range",
        pattern: ANY,
        example: "bytes=0-1023",
        about: "One part of the file. Anything else is answered with all of it.",
    },
    Header {
        name: "If-None-Match",
        pattern: ANY,
        example: "\"1-0190163d8694739baea5966c26f8ad91\"",
        about: "The `ETag` of what is there already: if it is still that, nothing is sent.",
    },
    Header {
        name: "If-Range",
        pattern: ANY,
        example: "\"1-0190163d8694739baea5966c26f8ad91\"",
        about: "The `ETag` of what is there in part: if it is no longer that, all of it is sent.",
    },
];

/// Answers that are neither all of it nor an error.
pub(super) const ANSWERS: &[(u16, &str)] = &[(206, "The part that was asked for."), (304, "It is what it was.")];

/// Statuses of errors that only this has.
pub(super) const ERRORS: &[(u16, &str)] = &[(416, "The file has no such part; `Content-Range` says how long it is.")];

/// Whoever opens it in a browser gets nothing of it run.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// `GET /server/data/{file_id}/download`
pub(super) async fn content(ask: Ask) -> Result<Response, Error> {
    let id: FileId = ask.param(0).parse().map_err(|_| Error::invalid("file_id", "not an id"))?;
    // The right to read is asked of the bus, as everywhere.
    let input = object(Map::from_iter([("file_id".to_owned(), json!(id))]));
    read::<File>(&ask.call("file.get", Some(&input)).await?)?;
    let row = ask.bus.app.store.file(id).await?.ok_or_else(|| Error::not_found("file"))?;
    let gone = || Error::new(Code::NotFound, "this file was uploaded before originals were kept; upload it again");
    let path = row.original.as_deref().ok_or_else(gone)?;
    let (size, tag) = (row.file.size, format!("\"{}-{}\"", row.file.version, id.0.simple()));
    let answer = |status: StatusCode| {
        let mut response = respond(status, BYTES, "".into());
        set(&mut response, ETAG, &tag);
        set(&mut response, ACCEPT_RANGES, "bytes");
        set(&mut response, CACHE_CONTROL, "private, no-cache");
        set(&mut response, CONTENT_SECURITY_POLICY, POLICY);
        response
    };
    if is_known(&ask.headers, &tag) {
        return Ok(answer(StatusCode::NOT_MODIFIED));
    }
    let (status, part) = match wanted(&ask.headers, &tag, size) {
        Wanted::All => (StatusCode::OK, 0..size),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Nothing => {
            let error = Error::invalid("Range", format!("the file has {size} bytes"));
            let mut response = super::failed_as(StatusCode::RANGE_NOT_SATISFIABLE, &error, ask.started);
            set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    let mut response = answer(status);
    set(&mut response, CONTENT_LENGTH, &(part.end - part.start).to_string());
    set(&mut response, CONTENT_DISPOSITION, &disposition(&row.file.name));
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut response, CONTENT_RANGE, &format!("bytes {}-{}/{size}", part.start, part.end - 1));
    }
    if !part.is_empty() {
        let bytes = SyncStream::new(ask.bus.app.files.read(path, part).await?);
        *response.body_mut() = warp::reply::stream(bytes).into_response().into_body();
    }
    Ok(response)
}

/// Whether the client has this already.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// A part that there is not.
    Nothing,
}

/// What of so many bytes is asked for. A range that is none, or of another version, asks for all; so do several at once.
fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    // A weak tag or a date does not say that it is the same to the byte.
    if headers.contains_key(IF_RANGE) && text(IF_RANGE) != Some(tag) {
        return Wanted::All;
    }
    let range = text(RANGE).and_then(|range| range.trim().strip_prefix("bytes=")?.split_once('-'));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match range.map(|(first, last)| (first.trim(), last.trim())) {
        None | Some(("", "")) => Wanted::All,
        Some(("", last)) => match number(last) {
            Some(0) => Wanted::Nothing,
            Some(_) if size == 0 => Wanted::Nothing,
            Some(last) => Wanted::Part(size.saturating_sub(last)..size),
            None => Wanted::All,
        },
        Some((first, last)) => match (number(first), if last.is_empty() { Some(u64::MAX) } else { number(last) }) {
            (Some(first), Some(last)) if first > last => Wanted::All,
            (Some(first), Some(_)) if first >= size => Wanted::Nothing,
            (Some(first), Some(last)) => Wanted::Part(first..last.saturating_add(1).min(size)),
            _ => Wanted::All,
        },
    }
}

/// To be saved under its name (RFC 6266), whatever is in that: once in ASCII, once in full.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' }).collect();
    let full: String = name
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_range_is_read() {
        let wanted = |range: &'static str| {
            wanted(&HeaderMap::from_iter([(RANGE, HeaderValue::from_static(range))]), "\"t\"", 10)
        };
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-5", 2..6),
            ("bytes=2-", 2..10),
            ("bytes=8-99", 8..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=9-18446744073709551615", 9..10),
        ] {
            assert_eq!(wanted(range), Wanted::Part(part), "{range}");
        }
        for none in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(wanted(none), Wanted::Nothing, "{none}");
        }
        let wrong =
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1,4-5", "rows=0-1", "bytes=+1-2"];
        for all in wrong {
            assert_eq!(wanted(all), Wanted::All, "{all}");
        }
    }

    #[test]
    fn a_name_cannot_end_its_header() {
        assert_eq!(disposition("a b.csv"), "attachment; filename=\"a b.csv\"; filename*=UTF-8''a%20b.csv");
        let worst = disposition("é\"\\;'%.csv");
        assert_eq!(worst, "attachment; filename=\"______.csv\"; filename*=UTF-8''%C3%A9%22%5C%3B%27%25.csv");
    }
}
