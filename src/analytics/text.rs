//! Text files in whatever encoding, read as UTF-8.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

const CHUNK: usize = 64 << 10;

/// A text file whose encoding is known.
#[derive(Debug, Clone)]
pub(super) struct Text {
    path: PathBuf,
    encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    mark: u64,
}

impl Text {
    /// Reads the whole file once to learn its encoding; none if it is not text.
    pub(super) fn examine(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut head = Vec::with_capacity(3);
        (&mut file).take(3).read_to_end(&mut head)?;
        let found = |encoding, mark| Ok(Some(Self { path: path.to_owned(), encoding, mark }));
        match head.as_slice() {
            [0xFF, 0xFE, ..] => return found(UTF_16LE, 2),
            [0xFE, 0xFF, ..] => return found(UTF_16BE, 2),
            _ => {}
        }
        let mark = if head == [0xEF, 0xBB, 0xBF] { 3 } else { 0 };
        file.seek(SeekFrom::Start(mark))?;
        match utf8(&mut file)? {
            Some(true) => found(UTF_8, mark),
            Some(false) => found(WINDOWS_1252, mark),
            None => Ok(None),
        }
    }

    /// The text from its start, as UTF-8 without a byte order mark.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.mark))?;
        if self.encoding == UTF_8 {
            return Ok(Box::new(file));
        }
        let decoder = self.encoding.new_decoder_without_bom_handling();
        Ok(Box::new(Transcoded { file, decoder, input: Vec::new(), ended: false, output: Vec::new(), given: 0 }))
    }

    /// The first `bytes` of the text.
    pub(super) fn head(&self, bytes: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.open()?.take(bytes).read_to_end(&mut head)?;
        Ok(head)
    }

    /// What a person should know about how the file was read.
    pub(super) fn warning(&self) -> Option<String> {
        let name = self.encoding.name();
        (self.encoding == WINDOWS_1252).then(|| format!("the file is not UTF-8; it was read as {name} (Latin-1)"))
    }
}

/// Whether all of it is UTF-8; none if it holds a zero byte, which no text does.
fn utf8(file: &mut File) -> io::Result<Option<bool>> {
    let mut valid = true;
    let mut buffer = vec![0; CHUNK];
    // Bytes of a character that the last chunk cut.
    let mut kept = 0;
    loop {
        let read = file.read(&mut buffer[kept..])?;
        if read == 0 {
            return Ok(Some(valid && kept == 0));
        }
        let filled = &buffer[..kept + read];
        if filled.contains(&0) {
            return Ok(None);
        }
        kept = match str::from_utf8(filled) {
            Err(error) if valid && error.error_len().is_none() => {
                let cut = error.valid_up_to()..kept + read;
                let length = cut.len();
                buffer.copy_within(cut, 0);
                length
            }
            Err(_) => {
                valid = false;
                0
            }
            Ok(_) => 0,
        };
    }
}

struct Transcoded {
    file: File,
    decoder: Decoder,
    input: Vec<u8>,
    ended: bool,
    output: Vec<u8>,
    given: usize,
}

impl Read for Transcoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.input.clear();
            (&mut self.file).take(CHUNK as u64).read_to_end(&mut self.input)?;
            self.ended = self.input.len() < CHUNK;
            // No encoding read here needs more than three bytes for one.
            self.output.resize(CHUNK * 3 + 16, 0);
            let (_, _, written, _) = self.decoder.decode_to_utf8(&self.input, &mut self.output, self.ended);
            self.output.truncate(written);
            self.given = 0;
        }
        let count = buffer.len().min(self.output.len() - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let text = Text::examine(&path).unwrap()?;
        let mut all = String::new();
        text.open().unwrap().read_to_string(&mut all).unwrap();
        Some(all)
    }

    #[test]
    fn every_encoding_reads_as_utf8() {
        assert_eq!(read("Zürich €".as_bytes()).unwrap(), "Zürich €");
        assert_eq!(read("\u{feff}Zürich".as_bytes()).unwrap(), "Zürich");
        assert_eq!(read(b"Z\xFCrich \x80").unwrap(), "Zürich €");
        let little: Vec<u8> = "\u{feff}Zürich 𝄞".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&little).unwrap(), "Zürich 𝄞");
        let big: Vec<u8> = "\u{feff}Zürich".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&big).unwrap(), "Zürich");
        assert_eq!(read(b"\x7fELF\0\0"), None);
        assert_eq!(read(b"").unwrap(), "");
    }

    #[test]
    fn a_character_across_two_chunks_is_no_mistake() {
        let text = format!("{}é{}", "x".repeat(CHUNK - 1), "ü".repeat(CHUNK));
        assert_eq!(read(text.as_bytes()).unwrap(), text);
        let latin: Vec<u8> = [vec![b'x'; CHUNK * 2], vec![0xE9]].concat();
        assert_eq!(read(&latin).unwrap().chars().last(), Some('é'));
    }
}
