//! Any bytes: links stand where they are said to, nothing beside them changes, and what is not refused is one header line
//! that leads where the link led.
#![no_main]

use cm_shorten::probe::{probe, restore};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &str)| {
    let (bytes, value) = input;
    let links = probe(bytes, value);
    assert_eq!(restore(bytes, &links), bytes);
    let mut end = 0;
    for link in &links {
        assert!(link.place.start >= end && link.place.end <= bytes.len());
        end = link.place.end;
        assert_eq!(&bytes[link.place.clone()], link.url.as_bytes());
        if link.tagged.is_some() {
            let location = link.location.as_deref().expect("what is not refused can be written");
            assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(location.to_ascii_lowercase().starts_with("http"));
        }
    }
});
