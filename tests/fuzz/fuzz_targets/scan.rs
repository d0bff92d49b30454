//! Any record and any queries: what looks at bytes first finds what trying every query on the whole document finds.
#![no_main]

use cm_scan::probe::never_misses;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (queries, rest) = text.split_once('\0').unwrap_or(("acme", text));
    let queries: Vec<&str> = queries.split('\n').take(16).collect();
    if rest.starts_with('{') {
        return never_misses(rest, &queries);
    }
    // A text, as most programs write it and with every letter by number.
    for by_number in [false, true] {
        let value = serde_json::Value::from(rest).to_string();
        let escape = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
        let value = if by_number { format!("\"{}\"", rest.chars().map(escape).collect::<String>()) } else { value };
        never_misses(&format!("{{\"id\":\"1\",\"title\":{value},\"content_text\":{value},\"tags\":[{value}]}}"), &queries);
        never_misses(&format!("{{\"id\":{value},\"content_html\":{value},\"authors\":[{{\"name\":{value}}}]}}"), &queries);
    }
});
