//! What a file is, by its content.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::de::IgnoredAny;
use vizroom_protocol::error::{Code, Error};
use vizroom_protocol::file::Format;

use super::scratch::Scratch;
use super::text::Text;

/// A file whose kind is known.
#[derive(Debug)]
pub(super) enum Content {
    Delimited(Text),
    /// One JSON value.
    Json(Text),
    /// JSON values one after another.
    Ndjson(Text),
    Parquet,
    ArrowFile,
    ArrowStream,
    Sqlite,
}

/// Recognises the file at `path`, or says what it is instead of data.
pub(super) fn sniff(path: &Path) -> Result<Content, Error> {
    let mut head = Vec::new();
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    (&mut file).take(512).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
    if head.is_empty() {
        return Err(refused("the file is empty"));
    }
    for (magic, kind) in KNOWN {
        if head.starts_with(magic) {
            return match kind {
                Known::Parquet => Ok(Content::Parquet),
                Known::ArrowFile => Ok(Content::ArrowFile),
                Known::ArrowStream => Ok(Content::ArrowStream),
                Known::Sqlite => Ok(Content::Sqlite),
                Known::Other(name) => Err(refused(format!("the file is {name}, which cannot be read"))),
            };
        }
    }
    let text = Text::examine(path).map_err(|error| unreadable(&error))?;
    let text = text.ok_or_else(|| refused("the file is neither text nor a data format that can be read"))?;
    sniff_text(text)
}

fn sniff_text(text: Text) -> Result<Content, Error> {
    let head = text.head(4_096).map_err(|error| unreadable(&error))?;
    let start = head.trim_ascii_start();
    if start.is_empty() && head.len() < 4_096 {
        return Err(refused("the file is empty"));
    }
    if start.first() == Some(&b'<') {
        return Err(refused("the file is a web page or XML, not a table"));
    }
    if !opens_json(start) {
        return Ok(Content::Delimited(text));
    }
    let reader = io::BufReader::new(text.open().map_err(|error| unreadable(&error))?);
    let mut values = serde_json::Deserializer::from_reader(reader).into_iter::<IgnoredAny>();
    match (values.next(), values.next()) {
        (Some(Ok(_)), None) => Ok(Content::Json(text)),
        (Some(Ok(_)), Some(_)) => Ok(Content::Ndjson(text)),
        (Some(Err(error)), _) => Err(refused(format!("the file is broken JSON: {error}"))),
        (None, _) => Err(refused("the file is empty")),
    }
}

/// Whether JSON starts here, and not a CSV header like `[id],[name]`.
fn opens_json(start: &[u8]) -> bool {
    let inside = |from: usize| start[from..].trim_ascii_start();
    match start.first() {
        Some(b'{') => matches!(inside(1).first(), Some(b'"' | b'}')),
        Some(b'[') => match inside(1).first() {
            Some(b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9') => true,
            _ => ["null", "true", "false"].iter().any(|word| {
                inside(1)
                    .strip_prefix(word.as_bytes())
                    .is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
            }),
        },
        _ => false,
    }
}

#[derive(Clone, Copy)]
enum Known {
    Parquet,
    ArrowFile,
    ArrowStream,
    Sqlite,
    Other(&'static str),
}

const KNOWN: &[(&[u8], Known)] = &[
    (b"PAR1", Known::Parquet),
    (b"ARROW1", Known::ArrowFile),
    (&[0xFF, 0xFF, 0xFF, 0xFF], Known::ArrowStream),
    (b"SQLite format 3\0", Known::Sqlite),
    (b"PK\x03\x04", Known::Other("a ZIP archive or an Excel workbook (save the sheet as CSV)")),
    (&[0xD0, 0xCF, 0x11, 0xE0], Known::Other("an old Excel or Office file (save the sheet as CSV)")),
    (&[0x1F, 0x8B], Known::Other("gzip within gzip")),
    (b"BZh", Known::Other("a bzip2 archive")),
    (&[0x28, 0xB5, 0x2F, 0xFD], Known::Other("a Zstandard archive")),
    (&[0xFD, b'7', b'z', b'X', b'Z', 0], Known::Other("an xz archive")),
    (b"%PDF", Known::Other("a PDF")),
    (&[0x89, b'P', b'N', b'G'], Known::Other("an image")),
];

/// A gzip file inflated beside it; none if it is not gzip. More than `bytes_max` inflated is refused.
pub(super) fn inflated(path: &Path, bytes_max: u64) -> Result<Option<Scratch>, Error> {
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut magic = Vec::new();
    (&mut file).take(2).read_to_end(&mut magic).map_err(|error| unreadable(&error))?;
    if magic != [0x1F, 0x8B] {
        return Ok(None);
    }
    let inflated = Scratch::beside(path, "inflated");
    let mut output = File::create(inflated.path()).map_err(|error| super::refusal::internal(&error))?;
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut input = MultiGzDecoder::new(io::BufReader::new(file)).take(bytes_max + 1);
    let bytes = io::copy(&mut input, &mut output).map_err(|error| unreadable(&error))?;
    if bytes > bytes_max {
        return Err(Error::new(Code::TooLarge, format!("the file is larger than {bytes_max} bytes when inflated")));
    }
    Ok(Some(inflated))
}

/// What the file's name promises; none if its extension says nothing.
pub(super) fn promised(file_name: &str) -> Option<Format> {
    let lower = file_name.to_lowercase();
    let extension = lower.strip_suffix(".gz").unwrap_or(&lower).rsplit_once('.')?.1;
    Some(match extension {
        "csv" => Format::Csv,
        "tsv" | "tab" => Format::Tsv,
        "json" | "geojson" => Format::Json,
        "ndjson" | "jsonl" => Format::Ndjson,
        "parquet" | "pq" => Format::Parquet,
        "arrow" | "feather" | "ipc" => Format::Arrow,
        "sqlite" | "sqlite3" | "db" | "db3" => Format::Sqlite,
        _ => return None,
    })
}

/// A file that is no table, and why.
pub(super) fn refused(why: impl Into<String>) -> Error {
    Error::invalid("file", why)
}

/// A file that breaks off, or is broken.
pub(super) fn unreadable(error: &dyn std::fmt::Display) -> Error {
    refused(format!("the file cannot be read: {error}"))
}
