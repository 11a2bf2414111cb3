//! Bytes from a socket → WebSocket messages (RFC 6455, RFC 7692), without a buffer for a connection that is idle, and without a copy
//! of what arrives whole.

use std::borrow::Cow;

use crate::Close;
use crate::deflate;

/// What a client sent; what arrived whole is where it was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'a> {
    Text(Cow<'a, str>),
    Binary(Cow<'a, [u8]>),
    Ping(Vec<u8>),
    Pong,
    /// The last one: with the code, if it says one.
    Close(Option<u16>),
}

impl Message<'_> {
    /// The same, to be kept.
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::Text(text) => Message::Text(text.into_owned().into()),
            Self::Binary(bytes) => Message::Binary(bytes.into_owned().into()),
            Self::Ping(payload) => Message::Ping(payload),
            Self::Pong => Message::Pong,
            Self::Close(code) => Message::Close(code),
        }
    }
}

/// How a client broke the rules. It is not listened to any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// Of RFC 6455 or RFC 7692.
    Protocol,
    /// A text or a close reason is not UTF-8.
    NotText,
    /// A message is over the bound, as sent or inflated.
    TooBig,
}

impl From<Breach> for Close {
    fn from(breach: Breach) -> Self {
        match breach {
            Breach::Protocol | Breach::NotText => Self::BadFrame,
            Breach::TooBig => Self::TooBig,
        }
    }
}

/// Longest header of a masked frame.
const HEADER_BYTES_MAX: usize = 14;
const CONTROL_BYTES_MAX: u64 = 125;
const LAST: u8 = 0x80;
const DEFLATED: u8 = 0x40;
const RESERVED: u8 = 0x30;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Collects the parts of what has not arrived whole. Holds no memory between messages, and for one never more than
/// it may be long.
#[derive(Debug, Default)]
pub struct Assembler {
    /// Whether messages may be deflated.
    inflates: bool,
    /// The beginning of a header that is not whole.
    head: [u8; HEADER_BYTES_MAX],
    head_len: usize,
    /// The frame whose payload is arriving.
    frame: Option<Frame>,
    /// The data message whose frames are arriving.
    message: Option<Partial>,
    /// The payload of a control frame so far.
    control: Vec<u8>,
    /// The client has said that nothing more comes.
    closed: bool,
}

/// A frame from its header on.
#[derive(Debug)]
struct Frame {
    opcode: u8,
    last: bool,
    mask: [u8; 4],
    /// Bytes of the payload that are still to come.
    left: usize,
}

/// A data message so far.
#[derive(Debug)]
struct Partial {
    text: bool,
    deflated: bool,
    bytes: Vec<u8>,
    /// So many of them are known to be UTF-8.
    checked: usize,
}

impl Assembler {
    /// One for a connection that has agreed on permessage-deflate, or not.
    pub fn new(inflates: bool) -> Self {
        Self { inflates, ..Self::default() }
    }

    /// Takes what was read, and gives the messages that are whole now. `bytes_max` bounds a message.
    ///
    /// # Errors
    /// What the client did. Nothing is to be fed after that.
    pub fn feed(
        &mut self,
        mut bytes: &mut [u8],
        bytes_max: usize,
        out: &mut Vec<Message<'static>>,
    ) -> Result<(), Breach> {
        while let Some(message) = self.next(&mut bytes, bytes_max)? {
            out.push(message.into_owned());
        }
        Ok(())
    }

    /// The next message that is whole, taken off what was read. None when all of that is taken.
    ///
    /// # Errors
    /// As [`Assembler::feed`].
    pub fn next<'a>(&mut self, bytes: &mut &'a mut [u8], bytes_max: usize) -> Result<Option<Message<'a>>, Breach> {
        while !self.closed {
            let mut frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.header(bytes, bytes_max)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            let here = frame.left.min(bytes.len());
            let (payload, rest) = std::mem::take(bytes).split_at_mut(here);
            *bytes = rest;
            frame.unmask(payload);
            frame.left -= payload.len();
            let message = self.take(&frame, payload, bytes_max)?;
            if frame.left > 0 {
                self.frame = Some(frame);
                return Ok(None);
            }
            if message.is_some() {
                return Ok(message);
            }
        }
        Ok(None)
    }

    /// Bytes of memory held for what has not arrived whole.
    pub fn held_bytes(&self) -> usize {
        self.message.as_ref().map_or(0, |m| m.bytes.capacity()) + self.control.capacity()
    }

    /// The next header, if it is whole, taken off `bytes`.
    fn header(&mut self, bytes: &mut &mut [u8], bytes_max: usize) -> Result<Option<Frame>, Breach> {
        let before = self.head_len;
        let more = bytes.len().min(HEADER_BYTES_MAX - before);
        self.head[before..before + more].copy_from_slice(&bytes[..more]);
        self.head_len = before + more;
        let Some((frame, used)) = self.begin(bytes_max)? else {
            *bytes = &mut [];
            return Ok(None);
        };
        self.head_len = 0;
        *bytes = &mut std::mem::take(bytes)[used - before..];
        Ok(Some(frame))
    }

    /// Begins the frame whose header has been gathered, as soon as it is whole; also the header's length.
    fn begin(&mut self, bytes_max: usize) -> Result<Option<(Frame, usize)>, Breach> {
        let [first, second, rest @ ..] = &self.head[..self.head_len] else { return Ok(None) };
        let (opcode, last) = (first & 0x0F, first & LAST != 0);
        let deflated = first & DEFLATED != 0;
        let allowed = match opcode {
            CONTINUATION => self.message.is_some() && !deflated,
            TEXT | BINARY => self.message.is_none() && (self.inflates || !deflated),
            CLOSE | PING | PONG => last && !deflated,
            _ => false,
        };
        if !allowed || first & RESERVED != 0 || second & 0x80 == 0 {
            return Err(Breach::Protocol);
        }
        let (len, size, least) = match (second & 0x7F, rest) {
            (126, [a, b, ..]) => (u64::from(u16::from_be_bytes([*a, *b])), 4, 126),
            (127, [a, b, c, d, e, f, g, h, ..]) => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 10, 1 << 16),
            (126 | 127, _) => return Ok(None),
            (len, _) => (u64::from(len), 2, 0),
        };
        // The shortest form is the only one, and the longest has 63 bits.
        if len < least || len >> 63 == 1 || (opcode >= CLOSE && len > CONTROL_BYTES_MAX) {
            return Err(Breach::Protocol);
        }
        let collected = self.message.as_ref().map_or(0, |m| m.bytes.len());
        let left = usize::try_from(len).ok().filter(|n| opcode >= CLOSE || n.saturating_add(collected) <= bytes_max);
        let left = left.ok_or(Breach::TooBig)?;
        let Some(mask) = self.head[size..self.head_len].first_chunk::<4>() else { return Ok(None) };
        let frame = Frame { opcode, last, mask: *mask, left };
        if opcode == TEXT || opcode == BINARY {
            self.message = Some(Partial { text: opcode == TEXT, deflated, bytes: Vec::new(), checked: 0 });
        }
        Ok(Some((frame, size + 4)))
    }

    /// Takes a part of a frame's payload, in most cases all of it; gives the message that is whole by it.
    fn take<'a>(&mut self, frame: &Frame, part: &'a [u8], bytes_max: usize) -> Result<Option<Message<'a>>, Breach> {
        let whole = frame.left == 0;
        if frame.opcode >= CLOSE {
            self.control.extend_from_slice(part);
            if !whole {
                return Ok(None);
            }
            let payload = std::mem::take(&mut self.control);
            self.closed = frame.opcode == CLOSE;
            return Ok(Some(match frame.opcode {
                PING => Message::Ping(payload),
                PONG => Message::Pong,
                _ => Message::Close(close_code(&payload)?),
            }));
        }
        if whole && frame.last {
            let message = self.message.take().ok_or(Breach::Protocol)?;
            return message.end(part, bytes_max).map(Some);
        }
        if let Some(message) = &mut self.message {
            message.add(part, bytes_max)?;
        }
        Ok(None)
    }
}

impl Frame {
    /// XORs with the key, eight bytes at a time where it can. The key is turned, so that the next part can follow.
    fn unmask(&mut self, payload: &mut [u8]) {
        let key = self.mask;
        let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
        let mut chunks = payload.chunks_exact_mut(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            chunk.copy_from_slice(&(u64::from_ne_bytes(word) ^ wide).to_ne_bytes());
        }
        let rest = chunks.into_remainder();
        rest.iter_mut().enumerate().for_each(|(i, byte)| *byte ^= key[i % 4]);
        self.mask.rotate_left(rest.len() % 4);
    }
}

impl Partial {
    fn add(&mut self, part: &[u8], bytes_max: usize) -> Result<(), Breach> {
        extend(&mut self.bytes, part, bytes_max);
        if self.text && !self.deflated {
            // At once, so that nobody has to wait for the end of what is wrong.
            match std::str::from_utf8(&self.bytes[self.checked..]) {
                Ok(_) => self.checked = self.bytes.len(),
                Err(error) if error.error_len().is_some() => return Err(Breach::NotText),
                Err(error) => self.checked += error.valid_up_to(),
            }
        }
        Ok(())
    }

    fn end(mut self, part: &[u8], bytes_max: usize) -> Result<Message<'_>, Breach> {
        let bytes = match (self.bytes.is_empty(), self.deflated) {
            (true, true) => Cow::Owned(deflate::inflate(part, bytes_max)?),
            (true, false) => Cow::Borrowed(part),
            (false, deflated) => {
                self.add(part, bytes_max)?;
                Cow::Owned(if deflated { deflate::inflate(&self.bytes, bytes_max)? } else { self.bytes })
            }
        };
        if !self.text {
            return Ok(Message::Binary(bytes));
        }
        let text = match bytes {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        };
        text.map(Message::Text).ok_or(Breach::NotText)
    }
}

/// Appends, without ever holding more memory than for `bytes_max`, which must be enough.
pub(crate) fn extend(bytes: &mut Vec<u8>, part: &[u8], bytes_max: usize) {
    let need = bytes.len() + part.len();
    if need > bytes.capacity() {
        let capacity = need.max((2 * bytes.capacity()).min(bytes_max));
        bytes.reserve_exact(capacity - bytes.len());
    }
    bytes.extend_from_slice(part);
}

/// The code that a close frame says, which must be one that may be said.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Breach> {
    match payload {
        [] => Ok(None),
        [a, b, reason @ ..] => match u16::from_be_bytes([*a, *b]) {
            code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => {
                std::str::from_utf8(reason).map(|_| Some(code)).map_err(|_| Breach::NotText)
            }
            _ => Err(Breach::Protocol),
        },
        [_] => Err(Breach::Protocol),
    }
}

#[cfg(test)]
mod tests;
