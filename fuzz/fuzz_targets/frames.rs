//! Whatever arrives, in whatever parts: the same messages, the same end, and no more memory than a message may have.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vizroom_room::messages::{Assembler, Breach, Message};

const MESSAGE_BYTES_MAX: usize = 2_000;
/// A control frame's payload, with what its buffer may grow by.
const CONTROL_BYTES_MAX: usize = 256;

fuzz_target!(|input: (bool, Vec<u8>, Vec<u8>)| {
    let (inflates, parts, bytes) = input;
    let whole = feed(inflates, &bytes, &[]);
    let parted = feed(inflates, &bytes, &parts);
    assert_eq!(whole, parted);
});

fn feed(inflates: bool, bytes: &[u8], parts: &[u8]) -> (Vec<Message<'static>>, Result<(), Breach>) {
    let mut assembler = Assembler::new(inflates);
    let (mut out, mut rest) = (Vec::new(), bytes.to_vec());
    for part in parts.iter().map(|n| usize::from(*n)).chain([bytes.len()]) {
        let mut now: Vec<u8> = rest.drain(..part.min(rest.len())).collect();
        let fed = assembler.feed(&mut now, MESSAGE_BYTES_MAX, &mut out);
        assert!(assembler.held_bytes() <= MESSAGE_BYTES_MAX + CONTROL_BYTES_MAX);
        assert!(out.iter().all(|message| length(message) <= MESSAGE_BYTES_MAX));
        if fed.is_err() {
            return (out, fed);
        }
    }
    (out, Ok(()))
}

fn length(message: &Message<'_>) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
        Message::Ping(payload) => payload.len(),
        Message::Pong | Message::Close(_) => 0,
    }
}
