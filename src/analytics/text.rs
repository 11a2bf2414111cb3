//! Text files in whatever encoding, read as UTF-8.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::scratch::Scratch;

const CHUNK: usize = 64 << 10;

/// A text file, in UTF-8: it was that, or has been written anew.
#[derive(Debug)]
pub(super) struct Text {
    path: PathBuf,
    /// Bytes of the byte order mark.
    mark: u64,
    /// What it was.
    encoding: &'static Encoding,
    _anew: Option<Scratch>,
}

impl Text {
    /// Reads the whole file once to learn its encoding; none if it is not text. What is not UTF-8 is written once more
    /// beside it, which takes at most three times its bytes.
    pub(super) fn examine(path: &Path) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut head = Vec::with_capacity(3);
        (&mut file).take(3).read_to_end(&mut head)?;
        match head.as_slice() {
            [0xFF, 0xFE, ..] => return Self::anew(path, UTF_16LE, 2).map(Some),
            [0xFE, 0xFF, ..] => return Self::anew(path, UTF_16BE, 2).map(Some),
            _ => {}
        }
        let mark = if head == [0xEF, 0xBB, 0xBF] { 3 } else { 0 };
        file.seek(SeekFrom::Start(mark))?;
        match utf8(&mut file)? {
            Some(true) => Ok(Some(Self { path: path.to_owned(), mark, encoding: UTF_8, _anew: None })),
            Some(false) => Self::anew(path, WINDOWS_1252, mark).map(Some),
            None => Ok(None),
        }
    }

    fn anew(path: &Path, encoding: &'static Encoding, mark: u64) -> io::Result<Self> {
        let anew = Scratch::beside(path, "utf8");
        transcode(path, mark, encoding, anew.path())?;
        Ok(Self { path: anew.path().to_owned(), mark: 0, encoding, _anew: Some(anew) })
    }

    /// The text from its start, without a byte order mark.
    pub(super) fn open(&self) -> io::Result<File> {
        self.open_at(self.mark)
    }

    /// The text from a byte of the file.
    pub(super) fn open_at(&self, byte: u64) -> io::Result<File> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(byte))?;
        Ok(file)
    }

    /// The bytes of the file where the text begins and ends.
    pub(super) fn bytes(&self) -> io::Result<(u64, u64)> {
        Ok((self.mark, std::fs::metadata(&self.path)?.len()))
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

/// Writes a file to another as UTF-8.
fn transcode(from: &Path, mark: u64, encoding: &'static Encoding, to: &Path) -> io::Result<()> {
    let (mut input, mut output) = (File::open(from)?, BufWriter::with_capacity(CHUNK, File::create(to)?));
    input.seek(SeekFrom::Start(mark))?;
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut read, mut written) = (Vec::with_capacity(CHUNK), String::with_capacity(CHUNK * 3 + 16));
    loop {
        read.clear();
        written.clear();
        (&mut input).take(CHUNK as u64).read_to_end(&mut read)?;
        let ended = read.len() < CHUNK;
        // No encoding read here needs more than three bytes for one, so that all of it is taken.
        let _ = decoder.decode_to_string(&read, &mut written, ended);
        output.write_all(written.as_bytes())?;
        if ended {
            return output.flush();
        }
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
