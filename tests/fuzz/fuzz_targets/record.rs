//! Any line: the scanner agrees with serde_json, a part can be set, replaced and taken out without touching another byte.
#![no_main]

use cm_record::{Reason, Record};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|line: &str| {
    let valid = serde_json::from_str::<IgnoredAny>(line).is_ok() && line.trim_ascii().starts_with('{');
    let bom = line.starts_with('\u{feff}');
    match Record::parse(line) {
        Ok(record) => {
            assert!(valid || bom);
            parts(record, line);
        }
        Err(Reason::NotObject(_)) => assert!(!valid),
        Err(_) => {}
    }
});

fn parts(mut record: Record, line: &str) {
    let _ = (record.item(), record.meta(), record.version());
    let there = record.raw("_cm_fuzz").is_some();
    record.set_part("_cm_fuzz", &1);
    assert_eq!(Record::parse(record.line()).as_ref(), Ok(&record));
    assert!(!record.set_part("_cm_fuzz", &1));
    record.set_part("_cm_fuzz", &[22, 333]);
    assert_eq!(Record::parse(record.line()).as_ref(), Ok(&record));
    assert!(record.remove_part("_cm_fuzz"));
    assert_eq!(Record::parse(record.line()).as_ref(), Ok(&record));
    assert!(there || record.line() == line);
}
