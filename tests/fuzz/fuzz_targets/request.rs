//! Any bytes, as the path of a request and as a body of the server's API: a code is a part of the path that any file system
//! and any header could hold, and what is wrong with a body is told on one line without its words.
#![no_main]

use cm_shorten::probe::{code, wish};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = String::from_utf8_lossy(bytes);
    if let Some(code) = code(&path) {
        assert!((1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        assert_eq!(path.trim_matches('/'), code);
    }
    if let Err(why) = wish(bytes) {
        assert!(!why.is_empty() && why.len() < 300 && why.bytes().all(|b| (b' '..=b'~').contains(&b)), "{why}");
    }
});
