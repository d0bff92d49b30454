//! Any text: links stand in order where they are said to, begin like links, and each is found alone as it is found there.
#![no_main]

use cm_text::find_links;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for link in find_links(text) {
        assert!(link.start >= end && text.get(link.start..link.end) == Some(&*link.url));
        end = link.end;
        let lower = link.url.to_ascii_lowercase();
        assert!(lower.starts_with("http://") || lower.starts_with("https://"));
        assert!(!link.url.contains(|c: char| c.is_whitespace() || c.is_control()));
        let alone: Vec<String> = find_links(&link.url).into_iter().map(|link| link.url).collect();
        assert_eq!(alone, [link.url]);
    }
});
