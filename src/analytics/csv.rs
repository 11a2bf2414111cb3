//! Delimited text: which delimiter, whether there is a header, and rows however ragged.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{Reader, ReaderBuilder, StringRecord};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::Format;

use super::infer::{Guess, Kind};
use super::ingest::Row;
use super::sniff::{refused, unreadable};
use super::text::Text;

const DELIMITERS: [u8; 4] = *b",;\t|";
/// Bytes from the start that decide on delimiter and header.
const SAMPLE_BYTES: u64 = 256 << 10;
const SAMPLE_ROWS: usize = 500;

/// A delimited file, ready to be read any number of times.
pub(super) struct Csv {
    text: Text,
    delimiter: u8,
    /// Rows before the data: a `sep=` line, the header.
    skipped: usize,
    /// As in the header, or empty.
    pub(super) names: Vec<String>,
    has_header: bool,
    row_bytes: usize,
    /// Rows of the last reading with fewer and with more fields than there are columns.
    padded: u64,
    cut: u64,
}

impl Csv {
    pub(super) fn examine(text: Text, row_bytes: usize) -> Result<Self, Error> {
        let head = text.head(SAMPLE_BYTES).map_err(|error| unreadable(&error))?;
        let told = told_delimiter(&head);
        let delimiter = told.unwrap_or_else(|| sniff_delimiter(&head));
        let mut csv = Self {
            text,
            delimiter,
            skipped: usize::from(told.is_some()),
            names: Vec::new(),
            has_header: true,
            row_bytes,
            padded: 0,
            cut: 0,
        };
        let mut sample = records(&head, delimiter);
        sample.drain(..csv.skipped.min(sample.len()));
        // The reader rather than the sample: a header may be longer than that.
        let mut first = StringRecord::new();
        let (mut reader, _) = csv.reader()?;
        for _ in 0..=csv.skipped {
            if !reader.read_record(&mut first).map_err(|error| broken(&error))? {
                return Err(refused("the file is empty"));
            }
        }
        let rest = sample.get(1..).unwrap_or_default();
        csv.has_header = is_header(&first, rest);
        let width = first.len();
        if csv.has_header {
            csv.skipped += 1;
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

    /// Shows every row to `visit`, in order.
    pub(super) fn each(&mut self, visit: &mut dyn FnMut(Row<'_>) -> Result<(), Error>) -> Result<(), Error> {
        (self.padded, self.cut) = (0, 0);
        let width = self.names.len();
        let (mut reader, pace) = self.reader()?;
        let mut record = StringRecord::new();
        let mut read = 0;
        while reader.read_record(&mut record).map_err(|error| broken(&error))? {
            pace.set(self.row_bytes);
            read += 1;
            if read <= self.skipped {
                continue;
            }
            self.padded += u64::from(record.len() < width);
            self.cut += u64::from(record.len() > width);
            visit(Row::Csv(&record, width))?;
        }
        Ok(())
    }

    /// What a person should know about the last reading.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.text.warning().into_iter().collect();
        if !self.has_header {
            warnings.push("the file has no header; its columns are named column_1, column_2 …".to_owned());
        }
        if self.padded > 0 {
            warnings.push(format!("{} with too few fields: the missing ones are empty", rows(self.padded)));
        }
        if self.cut > 0 {
            warnings.push(format!("{} with too many fields: the extra ones were left out", rows(self.cut)));
        }
        warnings
    }

    fn reader(&self) -> Result<(Reader<Paced>, Rc<Cell<usize>>), Error> {
        let left = Rc::new(Cell::new(self.row_bytes));
        let inner = self.text.open().map_err(|error| unreadable(&error))?;
        let paced = Paced { inner, left: left.clone(), row_bytes: self.row_bytes };
        Ok((options(self.delimiter).from_reader(paced), left))
    }
}

fn rows(count: u64) -> String {
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
pub(super) struct Paced {
    pub(super) inner: Box<dyn Read>,
    /// Bytes until the current row is too long; reset with every row.
    pub(super) left: Rc<Cell<usize>>,
    pub(super) row_bytes: usize,
}

impl Read for Paced {
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
