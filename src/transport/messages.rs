//! Bytes from a socket → WebSocket messages (RFC 6455), without a buffer for a connection that is idle.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::room::Close;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// Collects the parts of what has not arrived whole. Holds no memory between messages.
#[derive(Debug, Default)]
pub struct Assembler {
    /// Bytes of a frame that is not whole.
    rest: Vec<u8>,
    /// The fragments of a message so far.
    message: Option<Vec<u8>>,
}

impl Assembler {
    /// Takes what was read, and gives the messages that are whole now. `bytes_max` bounds a message.
    ///
    /// # Errors
    /// The close code for a client that breaks the protocol or the bound.
    pub fn feed(&mut self, bytes: &mut [u8], bytes_max: usize, out: &mut Vec<Message>) -> Result<(), Close> {
        if self.rest.is_empty() {
            let used = self.parse(bytes, bytes_max, out)?;
            self.rest.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let used = self.parse(&mut rest, bytes_max, out)?;
        if used < rest.len() {
            rest.drain(..used);
            self.rest = rest;
        }
        Ok(())
    }

    /// Parses whole frames; gives how many bytes they took.
    fn parse(&mut self, bytes: &mut [u8], bytes_max: usize, out: &mut Vec<Message>) -> Result<usize, Close> {
        let mut used = 0;
        loop {
            let mut cursor = Cursor::new(&bytes[used..]);
            let Some((header, len)) = FrameHeader::parse(&mut cursor).map_err(|_| Close::BadFrame)? else {
                return Ok(used);
            };
            let start = used + cursor.position() as usize;
            let collected = self.message.as_ref().map_or(0, Vec::len);
            let len = usize::try_from(len).ok().filter(|len| len.saturating_add(collected) <= bytes_max);
            let len = len.ok_or(Close::TooBig)?;
            let mask = header.mask.ok_or(Close::BadFrame)?;
            if header.rsv1 || header.rsv2 || header.rsv3 {
                return Err(Close::BadFrame);
            }
            let Some(payload) = bytes.get_mut(start..start + len) else { return Ok(used) };
            unmask(payload, mask);
            self.take(header.opcode, header.is_final, payload, out)?;
            used = start + len;
        }
    }

    fn take(&mut self, opcode: OpCode, last: bool, payload: &[u8], out: &mut Vec<Message>) -> Result<(), Close> {
        match opcode {
            OpCode::Control(control) => {
                if !last || payload.len() > 125 {
                    return Err(Close::BadFrame);
                }
                out.push(match control {
                    Control::Ping => Message::Ping(payload.to_vec()),
                    Control::Pong => Message::Pong,
                    Control::Close => Message::Close,
                    Control::Reserved(_) => return Err(Close::BadFrame),
                });
            }
            OpCode::Data(Data::Text) if self.message.is_none() && last => out.push(text(payload.to_vec())?),
            OpCode::Data(Data::Text) if self.message.is_none() => self.message = Some(payload.to_vec()),
            OpCode::Data(Data::Continue) => {
                let message = self.message.as_mut().ok_or(Close::BadFrame)?;
                message.extend_from_slice(payload);
                if last {
                    out.push(text(self.message.take().unwrap_or_default())?);
                }
            }
            OpCode::Data(_) => return Err(Close::BadFrame),
        }
        Ok(())
    }
}

fn text(payload: Vec<u8>) -> Result<Message, Close> {
    String::from_utf8(payload).map(Message::Text).map_err(|_| Close::BadFrame)
}

/// XORs with the key, eight bytes at a time where it can.
fn unmask(payload: &mut [u8], key: [u8; 4]) {
    let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(word) ^ wide).to_ne_bytes());
    }
    chunks.into_remainder().iter_mut().enumerate().for_each(|(i, byte)| *byte ^= key[i % 4]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::tungstenite::protocol::frame::Frame;

    use super::*;

    fn masked(opcode: OpCode, last: bool, payload: &[u8]) -> Vec<u8> {
        let header = FrameHeader { is_final: last, opcode, mask: Some([1, 2, 3, 4]), ..FrameHeader::default() };
        let mut bytes = Vec::new();
        Frame::from_payload(header, payload.to_vec().into()).format(&mut bytes).expect("writing to memory");
        bytes
    }

    fn feed_in_parts(bytes: &[u8], parts: &[usize]) -> Result<Vec<Message>, Close> {
        let (mut assembler, mut out, mut at) = (Assembler::default(), Vec::new(), 0);
        for part in parts.iter().copied().chain([bytes.len()]) {
            let to = (at + part).min(bytes.len());
            assembler.feed(&mut bytes[at..to].to_vec(), 1000, &mut out)?;
            at = to;
        }
        Ok(out)
    }

    proptest! {
        #[test]
        fn however_the_bytes_arrive(texts in prop::collection::vec("\\PC{0,300}", 0..5), parts in prop::collection::vec(0usize..200, 0..20)) {
            let mut bytes = Vec::new();
            for text in &texts {
                let (a, b) = text.as_bytes().split_at(text.len() / 2);
                bytes.extend(masked(OpCode::Data(Data::Text), false, a));
                bytes.extend(masked(OpCode::Control(Control::Ping), true, b"in between"));
                bytes.extend(masked(OpCode::Data(Data::Continue), true, b));
            }
            let fits = texts.iter().all(|t| t.len() <= 1000);
            prop_assume!(fits);
            let expected: Vec<Message> = texts
                .iter()
                .flat_map(|t| [Message::Ping(b"in between".to_vec()), Message::Text(t.clone())])
                .collect();
            prop_assert_eq!(feed_in_parts(&bytes, &parts), Ok(expected));
        }

        #[test]
        fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), parts in prop::collection::vec(0usize..50, 0..10)) {
            let _ = feed_in_parts(&bytes, &parts);
        }
    }

    #[test]
    fn breaches_have_their_code() {
        let text = OpCode::Data(Data::Text);
        assert_eq!(feed_in_parts(&masked(text, true, &[0xFF, 0xFE]), &[]), Err(Close::BadFrame));
        assert_eq!(feed_in_parts(&masked(text, true, &[b'x'; 1001]), &[]), Err(Close::TooBig));
        assert_eq!(feed_in_parts(&masked(OpCode::Data(Data::Binary), true, b"x"), &[]), Err(Close::BadFrame));
        assert_eq!(feed_in_parts(&masked(OpCode::Data(Data::Continue), true, b"x"), &[]), Err(Close::BadFrame));
        assert_eq!(feed_in_parts(&[0x81, 0x01, b'x'], &[]), Err(Close::BadFrame), "unmasked");
        let long_ping = masked(OpCode::Control(Control::Ping), true, &[0; 126]);
        assert_eq!(feed_in_parts(&long_ping, &[]), Err(Close::BadFrame));
        let two = [masked(text, false, b"a"), masked(text, true, b"b")].concat();
        assert_eq!(feed_in_parts(&two, &[]), Err(Close::BadFrame), "a new message inside another");
        let huge = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
        assert_eq!(feed_in_parts(&huge, &[]), Err(Close::TooBig));
    }
}
