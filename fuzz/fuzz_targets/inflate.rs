//! Noise inflates to nothing longer than the bound; what was deflated inflates to what it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vizroom_room::deflate::{deflate, inflate};

fuzz_target!(|input: (u16, u8, Vec<u8>)| {
    let (bytes_max, window, bytes) = input;
    if let Ok(inflated) = inflate(&bytes, bytes_max.into()) {
        assert!(inflated.len() <= bytes_max.into() && inflated.capacity() <= bytes_max.into());
    }
    if let Some(short) = deflate(&bytes, 9 + window % 7) {
        assert!(short.len() < bytes.len());
        assert_eq!(inflate(&short, bytes.len()), Ok(bytes));
    }
});
