//! A server's WebSocket frames (RFC 6455 §5.2): unmasked, so header and payload are the same bytes for everyone.

use bytes::{BufMut, Bytes, BytesMut};

/// Longest header of an unmasked frame.
pub const HEADER_BYTES_MAX: usize = 10;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// Writes the header of a whole, unmasked message of `len` bytes.
pub fn put_header(out: &mut impl BufMut, opcode: Opcode, len: usize) {
    put_any_header(out, 0x80 | opcode as u8, len);
}

/// Writes a whole message that has been deflated as one frame.
pub fn put_deflated(out: &mut impl BufMut, opcode: Opcode, deflated: &[u8]) {
    put_any_header(out, 0xC0 | opcode as u8, deflated.len());
    out.put_slice(deflated);
}

fn put_any_header(out: &mut impl BufMut, first: u8, len: usize) {
    out.put_u8(first);
    match len {
        0..126 => out.put_u8(len as u8),
        126..=0xFFFF => {
            out.put_u8(126);
            out.put_u16(len as u16);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(len as u64);
        }
    }
}

/// Writes a whole message as one frame.
pub fn put_frame(out: &mut impl BufMut, opcode: Opcode, payload: &[u8]) {
    put_header(out, opcode, payload.len());
    out.put_slice(payload);
}

/// A whole message as one frame.
pub fn frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(HEADER_BYTES_MAX + payload.len());
    put_frame(&mut out, opcode, payload);
    out.freeze()
}

/// Header and payload length of the frame that `bytes` begins with, which must be one of ours and have its header whole.
pub fn measure(bytes: &[u8]) -> (usize, usize) {
    match bytes[1] & 0x7F {
        126 => (4, u16::from_be_bytes([bytes[2], bytes[3]]) as usize),
        127 => {
            let mut len = [0; 8];
            len.copy_from_slice(&bytes[2..10]);
            (10, u64::from_be_bytes(len) as usize)
        }
        len => (2, len as usize),
    }
}

/// Cuts whole frames into their payloads, sharing the bytes.
pub fn payloads(mut frames: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        if frames.is_empty() {
            return None;
        }
        let (header, len) = measure(&frames);
        let mut frame = frames.split_to(header + len);
        Some(frame.split_off(header))
    })
}

/// The first frame boundary at or after `at` in a run of whole frames.
pub fn boundary(frames: &[u8], at: usize) -> usize {
    let mut end = 0;
    while end < at {
        let (header, len) = measure(&frames[end..]);
        end += header + len;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_measure_and_cut() {
        for len in [0, 1, 125, 126, 65_535, 65_536, 70_000] {
            let payload = vec![b'x'; len];
            let one = frame(Opcode::Text, &payload);
            let (header, n) = measure(&one);
            assert_eq!((header + n, n), (one.len(), len));

            let two = [one.clone(), frame(Opcode::Text, b"end")].concat();
            let cut: Vec<Bytes> = payloads(two.clone().into()).collect();
            assert_eq!(cut, [Bytes::from(payload), Bytes::from_static(b"end")]);
            assert_eq!(boundary(&two, 0), 0);
            assert_eq!(boundary(&two, 1), one.len());
            assert_eq!(boundary(&two, one.len()), one.len());
            assert_eq!(boundary(&two, one.len() + 1), two.len());
        }
    }
}
