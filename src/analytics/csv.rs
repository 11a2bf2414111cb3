//! Delimited text: which delimiter, whether there is a header, and rows however ragged.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

use csv::{Reader, ReaderBuilder, StringRecord};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::Format;

use super::infer::{Guess, Kind};
use super::parts;
use super::sniff::{refused, unreadable};
use super::text::Text;

const DELIMITERS: [u8; 4] = *b",;\t|";
/// Bytes from the start that decide on delimiter and header.
const SAMPLE_BYTES: u64 = 256 << 10;
const SAMPLE_ROWS: usize = 500;

/// A delimited file, ready to be read any number of times (`parts.rs`: by several threads).
pub(super) struct Csv {
    pub(super) text: Text,
    delimiter: u8,
    /// The bytes of the file that hold the data: not those of a `sep=` line, nor the header's.
    pub(super) data: Range<u64>,
    /// As in the header, or empty.
    pub(super) names: Vec<String>,
    has_header: bool,
    pub(super) row_bytes: usize,
    pub(super) part_bytes: u64,
    pub(super) ragged: Ragged,
}

/// Rows of a reading with fewer and with more fields than there are columns.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ragged {
    pub(super) padded: u64,
    pub(super) cut: u64,
}

impl Csv {
    pub(super) fn examine(text: Text, row_bytes: usize) -> Result<Self, Error> {
        let head = text.head(SAMPLE_BYTES).map_err(|error| unreadable(&error))?;
        let told = told_delimiter(&head);
        let delimiter = told.unwrap_or_else(|| sniff_delimiter(&head));
        let (start, end) = text.bytes().map_err(|error| unreadable(&error))?;
        let mut csv = Self {
            text,
            delimiter,
            data: start..end,
            names: Vec::new(),
            has_header: true,
            row_bytes,
            part_bytes: parts::PART_BYTES,
            ragged: Ragged::default(),
        };
        let mut sample = records(&head, delimiter);
        let told = usize::from(told.is_some());
        sample.drain(..told.min(sample.len()));
        // The reader rather than the sample: a header may be longer than that.
        let mut first = StringRecord::new();
        let mut rows = csv.rows(start..end)?;
        for _ in 0..=told {
            csv.data.start = rows.at();
            if !rows.next(&mut first)? {
                return Err(refused("the file is empty"));
            }
        }
        let rest = sample.get(1..).unwrap_or_default();
        csv.has_header = is_header(&first, rest);
        let width = first.len();
        if csv.has_header {
            csv.data.start = rows.at();
            csv.names = first.iter().map(str::to_owned).collect();
            // R names its rows, but not the column of their names.
            if !rest.is_empty() && rest.iter().all(|row| row.len() == width + 1) {
                csv.names.insert(0, "row".to_owned());
            }
        } else {
            let widest = rest.iter().map(StringRecord::len).max().unwrap_or(width);
            csv.names = vec![String::new(); widest.max(width)];
        }
        Ok(csv)
    }

    pub(super) fn format(&self) -> Format {
        if self.delimiter == b'\t' { Format::Tsv } else { Format::Csv }
    }

    /// Whether numbers may have a decimal comma here.
    pub(super) fn decimal_comma(&self) -> bool {
        self.delimiter == b';'
    }

    /// What a person should know about the last reading.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.text.warning().into_iter().collect();
        if !self.has_header {
            warnings.push("the file has no header; its columns are named column_1, column_2 …".to_owned());
        }
        if self.ragged.padded > 0 {
            warnings.push(format!("{} with too few fields: the missing ones are empty", counted(self.ragged.padded)));
        }
        if self.ragged.cut > 0 {
            warnings.push(format!("{} with too many fields: the extra ones were left out", counted(self.ragged.cut)));
        }
        warnings
    }

    /// The rows that begin within `bytes` of the file, of which the first is the beginning of a row.
    pub(super) fn rows(&self, bytes: Range<u64>) -> Result<Rows, Error> {
        let left = Rc::new(Cell::new(self.row_bytes));
        let inner = self.text.open_at(bytes.start).map_err(|error| unreadable(&error))?;
        let paced = Paced { inner, left: left.clone(), row_bytes: self.row_bytes };
        let reader = options(self.delimiter).from_reader(paced);
        Ok(Rows { reader, left, bytes, row_bytes: self.row_bytes })
    }
}

/// Rows one after another.
pub(super) struct Rows {
    reader: Reader<Paced<File>>,
    left: Rc<Cell<usize>>,
    bytes: Range<u64>,
    row_bytes: usize,
}

impl Rows {
    /// The byte of the file where the last row ended, but for what is left of its line's end.
    pub(super) fn at(&self) -> u64 {
        self.bytes.start + self.reader.position().byte()
    }

    /// False if there is no further one.
    pub(super) fn next(&mut self, record: &mut StringRecord) -> Result<bool, Error> {
        if self.at() >= self.bytes.end {
            return Ok(false);
        }
        self.left.set(self.row_bytes);
        self.reader.read_record(record).map_err(|error| broken(&error))
    }
}

fn counted(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn options(delimiter: u8) -> ReaderBuilder {
    let mut options = ReaderBuilder::new();
    options.delimiter(delimiter).has_headers(false).flexible(true).buffer_capacity(64 << 10);
    options
}

fn broken(error: &csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::Io(error) => unreadable(error),
        _ => unreadable(error),
    }
}

/// Ends a row that never does: it would fill the memory.
pub(super) struct Paced<R> {
    pub(super) inner: R,
    /// Bytes until the current row is too long; reset with every row.
    pub(super) left: Rc<Cell<usize>>,
    pub(super) row_bytes: usize,
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left.get().checked_sub(1) else {
            let limit = self.row_bytes;
            return Err(io::Error::other(format!("a row is longer than {limit} bytes (a quote that never closes?)")));
        };
        let most = buffer.len().min(left + 1);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left + 1 - read);
        Ok(read)
    }
}

/// Excel writes `sep=;` before the header where the delimiter is not the local one.
fn told_delimiter(head: &[u8]) -> Option<u8> {
    match head.strip_prefix(b"sep=")? {
        [delimiter, b'\r' | b'\n', ..] if DELIMITERS.contains(delimiter) => Some(*delimiter),
        _ => None,
    }
}

/// The whole records at the start of the file.
fn records(head: &[u8], delimiter: u8) -> Vec<StringRecord> {
    let head_text = String::from_utf8_lossy(head);
    let mut records: Vec<StringRecord> = options(delimiter)
        .from_reader(head_text.as_bytes())
        .into_records()
        .map_while(Result::ok)
        .take(SAMPLE_ROWS + 1)
        .collect();
    let cut = head.len() as u64 == SAMPLE_BYTES && records.len() <= SAMPLE_ROWS;
    if cut && records.len() > 1 {
        records.pop();
    }
    records
}

/// The delimiter that splits most rows as it splits the first; the comma if there is only one column.
fn sniff_delimiter(head: &[u8]) -> u8 {
    let score = |delimiter: &u8| {
        let records = records(head, *delimiter);
        let width = records.first().map_or(1, StringRecord::len);
        let same = records.iter().filter(|record| record.len() == width).count();
        let even = if width > 1 { same * 1_000 / records.len() } else { 0 };
        // Nearly even is even: a few ragged rows do not outweigh many columns.
        (even.min(900), width)
    };
    let best = DELIMITERS.iter().rev().max_by_key(|delimiter| score(delimiter));
    best.copied().filter(|delimiter| score(delimiter).0 > 0).unwrap_or(b',')
}

/// Whether the first row names the columns: it reads otherwise than the values below it.
fn is_header(first: &StringRecord, rest: &[StringRecord]) -> bool {
    let mut votes = 0_i64;
    let mut named = false;
    for (index, cell) in first.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()) {
        let mut column = Guess::new(false);
        rest.iter().filter_map(|row| row.get(index)).for_each(|value| column.see(value));
        let mut alone = Guess::new(false);
        alone.see(cell);
        match (alone.kind(), column.kind()) {
            (Kind::Text, Kind::Text) => named = true,
            (Kind::Text, _) => (named, votes) = (true, votes + 1),
            // Years name columns too.
            (Kind::Integer, _) if cell.trim().len() == 4 && matches!(cell.trim().as_bytes(), [b'1' | b'2', ..]) => {}
            (_, Kind::Text) if !rest.is_empty() => {}
            _ => votes -= 1,
        }
    }
    votes > 0 || (votes == 0 && named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_delimiter() {
        for (head, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n", b';'),
            ("a\tb\n1,5\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("name\nx\n", b','),
            ("a,b\n\"x;y;z\",2\n\"x;y;z\",3\n", b','),
            ("a,b,c\n1,2\n1,2,3,4\n1,2,3\n", b','),
        ] {
            assert_eq!(sniff_delimiter(head.as_bytes()) as char, delimiter as char, "{head}");
        }
    }

    #[test]
    fn tells_a_header_from_a_row() {
        for (text, expected) in [
            ("name,age\nAnn,3\nBob,5\n", true),
            ("Ann,3\nBob,5\n", false),
            ("1,2\n3,4\n", false),
            ("a,b\nx,y\n", true),
            ("country,1990,1991\nUS,5,6\n", true),
            ("a,b\n", true),
            ("1,2\n", false),
            ("date,x\n2000-01-01,a\n", true),
            ("2000-01-01,a\n2000-01-02,b\n", false),
        ] {
            let sample = records(text.as_bytes(), b',');
            assert_eq!(is_header(&sample[0], &sample[1..]), expected, "{text}");
        }
    }
}
