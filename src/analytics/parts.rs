//! A delimited file read by several threads: part by part, and in order.
//!
//! A part begins with a line's end. Whether a row ends there shows only once the part before has been read to its own end,
//! since a field in quotes may hold line ends. Where none does, what was made of the part is thrown away, and it is read
//! again from where the one before ended; so the rows are those of reading from beginning to end, whatever the file holds.

use std::io::{self, BufRead, BufReader, Read};
use std::ops::{ControlFlow, Range};
use std::sync::mpsc::sync_channel;

use csv::StringRecord;
use vizroom_protocol::error::Error;

use super::csv::{Csv, Ragged};
use super::ingest::Row;
use super::refusal::internal;
use super::sniff::unreadable;

/// Bytes of a part: what is made of three parts is held for each thread.
pub(super) const PART_BYTES: u64 = 2 << 20;
/// Threads that read one file; more would wait for the one that takes what they make.
const THREADS_MAX: usize = 8;
/// Bytes read at once to find a line's end.
const SEARCH_BYTES: usize = 4 << 10;

/// A part of a file.
pub(super) struct Part<'a> {
    csv: &'a Csv,
    /// Within which its rows begin.
    bytes: Range<u64>,
    /// Where its last row ended.
    at: u64,
    ragged: Ragged,
}

impl Part<'_> {
    /// Shows every row to `visit`, in order. An error counts only where the part turns out to begin with a row.
    pub(super) fn each(&mut self, mut visit: impl FnMut(Row<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let mut rows = self.csv.rows(self.bytes.clone())?;
        let (mut record, width) = (StringRecord::new(), self.csv.names.len());
        while rows.next(&mut record)? {
            self.ragged.padded += u64::from(record.len() < width);
            self.ragged.cut += u64::from(record.len() > width);
            visit(Row::Csv(&record, width))?;
        }
        self.at = rows.at();
        Ok(())
    }
}

impl Csv {
    /// Has `work` read every part, on as many threads as there are cores, and gives what it makes of them to `take`, in
    /// order, until that has enough.
    pub(super) fn in_parts<T: Send>(
        &mut self,
        work: impl Fn(&mut Part<'_>) -> Result<T, Error> + Sync,
        mut take: impl FnMut(T) -> Result<ControlFlow<()>, Error>,
    ) -> Result<ControlFlow<()>, Error> {
        let (csv, parts) = (&*self, self.parts());
        let read = &|mut part| (work(&mut part), part);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(parts);
        let mut ragged = Ragged::default();
        let flow = std::thread::scope(|scope| {
            let reader = |first: usize| {
                let (send, receive) = sync_channel(1);
                scope.spawn(move || {
                    // Ends when nobody takes any more as well.
                    (first..parts).step_by(threads).all(|n| send.send(csv.part(n).map(read)).is_ok())
                });
                receive
            };
            let made: Vec<_> = (0..threads).map(reader).collect();
            let mut at = csv.data.start;
            for n in 0..parts {
                let (mut made, mut part) = made[n % threads].recv().map_err(|error| internal(&error))??;
                // The line's end that it begins with may have been read with the row before.
                if at > part.bytes.start + 1 {
                    // From a line's end again: a reader would take a byte order mark at its beginning for the file's.
                    part.bytes.start = (at - 1).min(part.bytes.end);
                    (made, part) = read(Part { csv, bytes: part.bytes, at, ragged: Ragged::default() });
                }
                at = at.max(part.at);
                ragged.add(part.ragged);
                if take(made?)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.ragged = ragged;
        Ok(flow)
    }

    fn parts(&self) -> usize {
        (self.data.end - self.data.start).div_ceil(self.part_bytes) as usize
    }

    /// The first part, which certainly begins with a row.
    pub(super) fn first_part(&self) -> Result<Part<'_>, Error> {
        self.part(0)
    }

    fn part(&self, n: usize) -> Result<Part<'_>, Error> {
        let bytes = self.line_end(n).and_then(|start| Ok(start..self.line_end(n + 1)?));
        let bytes = bytes.map_err(|error| unreadable(&error))?;
        Ok(Part { csv: self, at: bytes.start, bytes, ragged: Ragged::default() })
    }

    /// Where part `n` begins: at the next line's end, or where the data end.
    fn line_end(&self, n: usize) -> io::Result<u64> {
        let Range { start, end } = self.data;
        let mut at = start + n as u64 * self.part_bytes;
        if n == 0 || at >= end {
            return Ok(at.min(end));
        }
        // Farther than that, it would end a row that is too long to be taken.
        let within = self.row_bytes as u64;
        let mut text = BufReader::with_capacity(SEARCH_BYTES, self.text.open_at(at)?.take(within));
        loop {
            let buffer = text.fill_buf()?;
            let length = buffer.len();
            if length == 0 {
                return Ok(end);
            }
            if let Some(found) = buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(at + found as u64);
            }
            text.consume(length);
            at += length as u64;
        }
    }
}

impl Ragged {
    fn add(&mut self, other: Self) {
        self.padded += other.padded;
        self.cut += other.cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    /// A file's rows, read in parts of a few bytes each, and those that a reader finds from beginning to end.
    fn both(file: &str, part_bytes: u64) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.csv");
        std::fs::write(&path, file).unwrap();
        let text = Text::examine(&path).unwrap().unwrap();
        let mut csv = Csv::examine(text, 1 << 20).unwrap();
        csv.part_bytes = part_bytes;
        let cells = |record: &StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let (mut all, mut record) = (Vec::new(), StringRecord::new());
        let mut rows = csv.rows(csv.data.clone()).unwrap();
        while rows.next(&mut record).unwrap() {
            all.push(cells(&record));
        }
        let work = |part: &mut Part<'_>| {
            let mut rows = Vec::new();
            part.each(|row| {
                let Row::Csv(record, _) = row else { unreachable!() };
                rows.push(cells(record));
                Ok(())
            })?;
            Ok(rows)
        };
        let mut in_parts = Vec::new();
        let take = |rows: Vec<_>| {
            in_parts.extend(rows);
            Ok(ControlFlow::Continue(()))
        };
        assert!(csv.in_parts(work, take).unwrap().is_continue());
        (in_parts, all)
    }

    proptest::proptest! {
        /// Parts change nothing, wherever they begin: in quotes, between the two bytes of a line's end, at a byte order mark.
        #[test]
        fn parts_are_the_whole(lines in proptest::collection::vec("([a-c]|\"[a-c,\n]{0,6}(\"\")?\r?\n?\"|\u{feff}[a-c]){1,3},[a-c\"]{0,3}(\r\n|\n|\n\n|\r)", 0..12), part_bytes in 1..40_u64) {
            let (in_parts, all) = both(&format!("a,b\n{}", lines.concat()), part_bytes);
            proptest::prop_assert_eq!(in_parts, all);
        }
    }

    #[test]
    fn an_error_in_a_part_that_is_none_is_no_error() {
        let quoted = "x,\"\n\"\n".repeat(50);
        let (in_parts, all) = both(&format!("a,b\n{quoted}"), 3);
        assert_eq!((in_parts.len(), all.len()), (50, 50));
    }
}
