//! Whatever extensions a client offers: what is agreed on can be honoured, and its answer means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vizroom_room::deflate::negotiate;

fuzz_target!(|offers: Vec<&str>| {
    if let Some(agreed) = negotiate(offers) {
        assert!((9..=15).contains(&agreed.window_bits()));
        assert_eq!(negotiate([&*agreed.answer()]), Some(agreed));
    }
});
