//! Any OPML: reading it never falls over, and a bad row costs no other.
#![no_main]

use cm_fetch::probe::opml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (rows, good) = opml(text);
    assert!(good <= rows);
    let one_more = format!("<opml><body><outline xmlUrl='https://a.example/'/></body></opml>{text}");
    assert!(opml(&one_more).1 > 0);
});
