//! permessage-deflate (RFC 7692), always without context takeover: no connection has a compressor or a memory of its
//! own, each thread has one, and what is deflated once is good for everybody whose window is not smaller.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::messages::{Breach, extend};

/// Shorter events are sent as they are: they would hardly be shorter, and cost.
pub const EVENT_BYTES_MIN: usize = 128;
/// The same for what is deflated for one connection only.
pub const REPLY_BYTES_MIN: usize = 1024;
/// Window of what is deflated for all. The smallest that common clients ask for; longer ones gain little on events.
pub const WINDOW_BITS: u8 = 12;
/// What the library can do. RFC 7692 knows 8 as well.
const WINDOW_BITS_ALL: std::ops::RangeInclusive<u8> = 9..=15;
/// A flushed message ends with this; it is not sent (§7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];
/// The lowest that fits its codes to the text: for the short texts that events are, twice the saving of the one below
/// at twice the work, and nearly that of the highest.
const LEVEL: Compression = Compression::new(2);
/// Inflated at once.
const CHUNK_BYTES: usize = 8 * 1024;

thread_local! {
    /// For each window, once somebody wanted it.
    static DEFLATERS: RefCell<[Option<Compress>; 16]> = const { RefCell::new([const { None }; 16]) };
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// What a handshake has agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// The client keeps no longer a window than this; it does not say so if it is the longest.
    window_bits: Option<u8>,
}

impl Agreed {
    /// Window that may be used for this client.
    pub fn window_bits(self) -> u8 {
        self.window_bits.unwrap_or(*WINDOW_BITS_ALL.end())
    }

    /// Whether what is deflated for all is good for it.
    pub fn shares(self) -> bool {
        self.window_bits() >= WINDOW_BITS
    }

    /// The answer: a value of `Sec-WebSocket-Extensions`.
    pub fn answer(self) -> String {
        let mut answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover".to_owned();
        if let Some(bits) = self.window_bits {
            answer.push_str(&format!("; server_max_window_bits={bits}"));
        }
        answer
    }
}

/// Takes the first offer that can be honoured, of the values of `Sec-WebSocket-Extensions`.
pub fn negotiate<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<Agreed> {
    headers.into_iter().flat_map(|header| unquoted(header, ',')).find_map(consider)
}

/// The parts of a header between separators that are not inside quotes.
fn unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let separates = move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == separator && !quoted
    };
    text.split(separates).map(str::trim)
}

/// An offer of ours to honour: every parameter is known, is there once, and has a value that is allowed (§7.1).
fn consider(offer: &str) -> Option<Agreed> {
    let mut parameters = unquoted(offer, ';');
    if parameters.next()? != "permessage-deflate" {
        return None;
    }
    let mut agreed = Agreed { window_bits: None };
    let mut seen = Vec::new();
    for parameter in parameters {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(bits(value.trim_start())?)),
            None => (parameter, None),
        };
        match (name, value) {
            ("server_no_context_takeover" | "client_no_context_takeover", None) => {}
            // Whatever the client's window is, ours for inflating is as long as any.
            ("client_max_window_bits", _) => {}
            ("server_max_window_bits", Some(bits)) if WINDOW_BITS_ALL.contains(&bits) => agreed.window_bits = value,
            _ => return None,
        }
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
    }
    Some(agreed)
}

/// The size of a window, from 8 to 15, perhaps in quotes.
fn bits(value: &str) -> Option<u8> {
    let digits = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    (8..=15).find(|n: &u8| n.to_string() == digits)
}

/// Deflates a message. None if that does not make it shorter.
pub fn deflate(message: &[u8], window_bits: u8) -> Option<Vec<u8>> {
    debug_assert!(WINDOW_BITS_ALL.contains(&window_bits), "as agreed");
    // What does not get shorter gets no more than an eighth longer.
    let mut out = vec![0; message.len() + message.len() / 8 + 64];
    DEFLATERS.with_borrow_mut(|deflaters| {
        let place = &mut deflaters[usize::from(window_bits)];
        let new = || Compress::new_with_window_bits(LEVEL, false, window_bits);
        let deflater = place.get_or_insert_with(new);
        let done = deflater.compress(message, &mut out, FlushCompress::Sync);
        let len = deflater.total_out() as usize;
        if done.is_err() || len == out.len() {
            // A reset would not take back what did not fit (zlib-rs 0.6.8 writes on behind it).
            *place = None;
            return None;
        }
        deflater.reset();
        out.truncate(len.saturating_sub(TAIL.len()));
        (out.len() < message.len()).then_some(out)
    })
}

/// Inflates a message.
///
/// # Errors
/// `Protocol` if it was not deflated; `TooBig` as soon as it is longer than `bytes_max`.
pub fn inflate(deflated: &[u8], bytes_max: usize) -> Result<Vec<u8>, Breach> {
    let mut out = Vec::new();
    let mut chunk = [0; CHUNK_BYTES];
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        for mut input in [deflated, &TAIL] {
            loop {
                let (taken, made) = (inflater.total_in(), inflater.total_out());
                let status = inflater.decompress(input, &mut chunk, FlushDecompress::None);
                let status = status.map_err(|_| Breach::Protocol)?;
                let (taken, made) = ((inflater.total_in() - taken) as usize, (inflater.total_out() - made) as usize);
                input = &input[taken..];
                if out.len() + made > bytes_max {
                    return Err(Breach::TooBig);
                }
                extend(&mut out, &chunk[..made], bytes_max);
                if status == Status::StreamEnd {
                    // A sender may end its stream and begin another one (§7.2.3.4).
                    inflater.reset(false);
                } else if taken == 0 && made == 0 {
                    break;
                }
            }
        }
        Ok(out)
    })
}

#[cfg(test)]
mod tests;
