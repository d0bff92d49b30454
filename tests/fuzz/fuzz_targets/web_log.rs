//! Any line of a log: reading it never falls over, and what may be kept of its user agent is short and names no number.
#![no_main]

use cm_web::{LogEntry, classify, signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    if let Some(entry) = LogEntry::read(line) {
        assert!(entry.path().len() + entry.query().len() <= entry.target.len() + 1);
    }
    let kept = signature(line);
    assert!(kept.len() <= 256 && kept.is_ascii());
    assert_eq!(classify(&kept).agent, classify(line).agent, "{kept}");
});
