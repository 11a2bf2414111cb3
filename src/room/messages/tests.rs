use proptest::prelude::*;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame as Theirs, FrameHeader};

use super::*;

const MAX: usize = 1000;
const TEXT: OpCode = OpCode::Data(Data::Text);
const MORE: OpCode = OpCode::Data(Data::Continue);
const PING: OpCode = OpCode::Control(Control::Ping);
const CLOSE: OpCode = OpCode::Control(Control::Close);

/// A client's frame, made by another library.
fn frame(opcode: OpCode, last: bool, deflated: bool, payload: &[u8]) -> Vec<u8> {
    let mask = Some([1, 2, 3, 4]);
    let header = FrameHeader { is_final: last, opcode, mask, rsv1: deflated, ..FrameHeader::default() };
    let mut bytes = Vec::new();
    Theirs::from_payload(header, payload.to_vec().into()).format(&mut bytes).expect("writing to memory");
    bytes
}

fn masked(opcode: OpCode, last: bool, payload: &[u8]) -> Vec<u8> {
    frame(opcode, last, false, payload)
}

fn deflated(message: &[u8]) -> Vec<u8> {
    deflate::deflate(message, 15).expect("it gets shorter")
}

/// What comes out, and how it ended, if the bytes arrive in these parts.
fn feed(bytes: &[u8], parts: &[usize]) -> (Vec<Message<'static>>, Result<(), Breach>) {
    let (mut assembler, mut out, mut at) = (Assembler::new(true), Vec::new(), 0);
    for part in parts.iter().copied().chain([bytes.len()]) {
        let to = (at + part).min(bytes.len());
        let fed = assembler.feed(&mut bytes[at..to].to_vec(), MAX, &mut out);
        assert!(assembler.held_bytes() <= MAX + 250, "{} bytes held", assembler.held_bytes());
        if fed.is_err() {
            return (out, fed);
        }
        at = to;
    }
    (out, Ok(()))
}

fn breach(bytes: &[u8]) -> Option<Breach> {
    feed(bytes, &[]).1.err()
}

proptest! {
    #[test]
    fn however_the_bytes_arrive(texts in prop::collection::vec("\\PC{0,300}", 0..4), parts in prop::collection::vec(0usize..200, 0..20)) {
        let fits = texts.iter().all(|t| t.len() <= MAX);
        prop_assume!(fits);
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for text in &texts {
            let short = deflate::deflate(text.as_bytes(), 15);
            let shorter = short.is_some();
            let payload = short.as_deref().unwrap_or(text.as_bytes());
            let (a, b) = payload.split_at(payload.len() / 2);
            bytes.extend(frame(TEXT, false, shorter, a));
            bytes.extend(masked(PING, true, b"in between"));
            bytes.extend(masked(MORE, true, b));
            expected.extend([Message::Ping(b"in between".to_vec()), Message::Text(text.clone().into())]);
        }
        prop_assert_eq!(feed(&bytes, &parts), (expected, Ok(())));
    }

    #[test]
    fn noise_is_the_same_noise_in_any_parts(bytes in prop::collection::vec(any::<u8>(), 0..400), parts in prop::collection::vec(0usize..50, 0..10)) {
        let (whole, parted) = (feed(&bytes, &[]), feed(&bytes, &parts));
        prop_assert_eq!(&whole.0, &parted.0);
        prop_assert_eq!(whole.1, parted.1);
    }
}

#[test]
fn breaches_have_their_name() {
    use Breach::{NotText, Protocol, TooBig};
    let binary = OpCode::Data(Data::Binary);
    assert_eq!(breach(&masked(TEXT, true, &[0xFF, 0xFE])), Some(NotText));
    assert_eq!(breach(&masked(TEXT, true, &[b'x'; MAX + 1])), Some(TooBig));
    let parts = [masked(binary, false, &[0; MAX]), masked(MORE, true, &[0])].concat();
    assert_eq!(breach(&parts), Some(TooBig), "the parts of a message count together");
    assert_eq!(breach(&masked(MORE, true, b"x")), Some(Protocol), "goes on with nothing");
    assert_eq!(breach(&[0x81, 0x01, b'x']), Some(Protocol), "unmasked");
    assert_eq!(breach(&masked(PING, true, &[0; 126])), Some(Protocol));
    assert_eq!(breach(&masked(PING, false, b"")), Some(Protocol), "in parts");
    let two = [masked(TEXT, false, b"a"), masked(TEXT, true, b"b")].concat();
    assert_eq!(breach(&two), Some(Protocol), "a new message inside another");
    assert_eq!(breach(&[0x82, 0xFF, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), Some(TooBig));
    assert_eq!(breach(&[0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), Some(Protocol), "64 bits");
    assert_eq!(breach(&[0x82, 0xFE, 0, 125]), Some(Protocol), "not the shortest form");
    assert_eq!(breach(&[0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]), Some(Protocol), "not the shortest form");
    for first in [0xC0, 0xA1, 0x91, 0x83, 0x87, 0x8B, 0x8F, 0xC8, 0xC9] {
        assert_eq!(breach(&[first, 0x80]), Some(Protocol), "{first:x}: reserved bits and opcodes");
    }
    let not_agreed = Assembler::new(false).feed(&mut frame(TEXT, true, true, b"\0"), MAX, &mut Vec::new());
    assert_eq!(not_agreed, Err(Protocol), "deflated without having agreed on it");
}

#[test]
fn a_text_that_is_none_is_refused_before_its_end() {
    let begun = &masked(TEXT, true, b"abc\xC3\xA4\xF4\x90 and so on")[..6 + 7];
    assert_eq!(breach(begun), Some(Breach::NotText));
    let cut = [masked(TEXT, false, b"\xC3"), masked(MORE, true, b"\xA4")].concat();
    assert_eq!(feed(&cut, &[]).0, [Message::Text("ä".into())], "a character may be cut");
    let open = [masked(TEXT, false, b"x\xC3"), masked(MORE, true, b"")].concat();
    assert_eq!(breach(&open), Some(Breach::NotText), "but not at the end");
}

#[test]
fn a_close_says_why_in_a_way_that_is_allowed() {
    let close = |payload: &[u8]| feed(&[masked(CLOSE, true, payload), vec![0xFF; 20]].concat(), &[]);
    assert_eq!(close(b""), (vec![Message::Close(None)], Ok(())), "and nothing after it counts");
    assert_eq!(close(b"\x03\xE8gone"), (vec![Message::Close(Some(1000))], Ok(())));
    assert_eq!(close(b"\x03").1, Err(Breach::Protocol));
    assert_eq!(close(b"\x03\xE8\xFF").1, Err(Breach::NotText));
    for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        assert_eq!(close(&code.to_be_bytes()).1, Err(Breach::Protocol), "{code}");
    }
    for code in [1001u16, 1003, 1007, 1014, 3000, 4999] {
        assert_eq!(close(&code.to_be_bytes()).0, [Message::Close(Some(code))]);
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    let bomb = deflated(&[b'x'; 90_000]);
    assert!(bomb.len() < MAX, "{}", bomb.len());
    assert_eq!(breach(&frame(TEXT, true, true, &bomb)), Some(Breach::TooBig));
    let fits = deflated(&[b'x'; MAX]);
    assert_eq!(feed(&frame(TEXT, true, true, &fits), &[]).0, [Message::Text("x".repeat(MAX).into())]);
}
