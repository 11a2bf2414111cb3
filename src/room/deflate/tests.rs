use proptest::prelude::*;

use super::*;

fn answer(offers: &str) -> Option<String> {
    negotiate([offers]).map(Agreed::answer)
}

#[test]
fn the_first_offer_that_can_be_honoured_is_taken() {
    let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    let with = |bits: u8| Some(format!("{plain}; server_max_window_bits={bits}"));
    let plain = Some(plain.to_owned());
    // Chrome and Firefox; the `ws` of npm; Python's `websockets`.
    assert_eq!(answer("permessage-deflate; client_max_window_bits"), plain);
    assert_eq!(answer("permessage-deflate"), plain);
    assert_eq!(answer("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"), with(12));
    assert_eq!(answer("x-webkit-deflate-frame, permessage-deflate;server_no_context_takeover"), plain);
    assert_eq!(answer("permessage-deflate; server_max_window_bits=\"10\""), with(10));
    assert_eq!(answer("permessage-deflate; server_max_window_bits=8, permessage-deflate"), plain, "8 cannot be done");
    assert_eq!(answer("other; a=\"x, permessage-deflate\""), None, "inside quotes");
    assert_eq!(negotiate(["other", "permessage-deflate"]).map(Agreed::answer), plain, "in a second header");
    assert_eq!(negotiate([]), None);
}

#[test]
fn an_offer_that_is_not_understood_is_declined() {
    for wrong in [
        "server_max_window_bits",
        "server_max_window_bits=8",
        "server_max_window_bits=16",
        "server_max_window_bits=09",
        "server_max_window_bits=\"10",
        "client_max_window_bits=7",
        "client_max_window_bits=",
        "client_max_window_bits; client_max_window_bits=10",
        "server_no_context_takeover=10",
        "server_no_context_takeover=true",
        "client_no_context_takeover; client_no_context_takeover",
        "mux",
        "",
    ] {
        assert_eq!(answer(&format!("permessage-deflate; {wrong}")), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn what_is_deflated_inflates(seed in prop::collection::vec(any::<u8>(), 1..100), times in 1usize..30, bits in 9u8..=15) {
        let message = seed.repeat(times);
        if let Some(out) = deflate(&message, bits) {
            prop_assert!(out.len() < message.len());
            prop_assert_eq!(inflate(&out, message.len()), Ok(message.clone()));
            prop_assert_eq!(inflate(&out, message.len() - 1), Err(Breach::TooBig));
        }
    }

    #[test]
    fn noise_inflates_to_a_bounded_end(bytes in prop::collection::vec(any::<u8>(), 0..300), max in 0usize..2000) {
        if let Ok(out) = inflate(&bytes, max) {
            prop_assert!(out.len() <= max && out.capacity() <= max);
        }
    }
}

#[test]
fn other_ways_to_end_a_message() {
    // The examples of RFC 7692 §7.2.3: one block, the same stored, two blocks, a final block, nothing.
    let hello = |bytes: &[u8]| assert_eq!(inflate(bytes, 100), Ok(b"Hello".to_vec()));
    hello(&[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]);
    hello(&[0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]);
    hello(&[0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]);
    hello(&[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]);
    assert_eq!(inflate(&[0x00], 100), Ok(Vec::new()));
    assert_eq!(inflate(&[0x00], 0), Ok(Vec::new()));
    assert_eq!(inflate(&[0xFF, 0xFF], 100), Err(Breach::Protocol));
}

#[test]
fn what_repeats_gets_shorter_and_what_does_not_is_left() {
    let event = r#"{"type":"chat.message","data":{"text":"hello"},"metadata":{"actor":{"type":"user"}}}"#.repeat(3);
    let short = deflate(event.as_bytes(), WINDOW_BITS).expect("it gets shorter");
    assert!(short.len() < event.len() / 2, "{}", short.len());
    for len in [0, 1, 127, 1_000, 300_000] {
        assert_eq!(deflate(&noise(len), WINDOW_BITS), None, "{len} bytes");
    }
    assert_eq!(deflate(event.as_bytes(), WINDOW_BITS), Some(short.clone()), "and all is well after that");
    assert_eq!(inflate(&short, event.len()), Ok(event.into_bytes()));
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[test]
fn a_window_is_kept_to() {
    // 3,000 bytes that do not compress, twice: only a window that reaches back as far makes that shorter.
    let twice = [noise(3_000), noise(3_000)].concat();
    let len = |bits| deflate(&twice, bits).map(|short| short.len());
    assert!(len(WINDOW_BITS).is_some_and(|n| n < 5_000));
    assert_eq!(len(9), None, "a window of 512 bytes does not reach back so far");
}
