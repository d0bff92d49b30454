//! Any line: the scanner agrees with serde_json on what is an object and where its members stand; a part can be set, replaced
//! and taken out without touching another byte.
#![no_main]

use cm_record::{Checker, Reason, Record};
use libfuzzer_sys::fuzz_target;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

fuzz_target!(|line: &str| {
    let valid = serde_json::from_str::<IgnoredAny>(line).is_ok() && line.trim_ascii().starts_with('{');
    let bom = line.starts_with('\u{feff}');
    match Record::parse(line) {
        Ok(record) => {
            assert!(valid || bom);
            members(&record, line);
            parts(record, line);
        }
        Err(Reason::NotObject(_)) => assert!(!valid),
        Err(_) => {}
    }
});

/// The members are those that serde_json finds, byte for byte; a line that is only looked at says the same as one that is kept.
fn members(record: &Record, line: &str) {
    let text = line.strip_prefix('\u{feff}').unwrap_or(line);
    let mut checker = Checker::default();
    let checked = checker.check(line.as_bytes()).unwrap();
    assert_eq!(checked.to_record(), *record);
    // A name with half a surrogate pair is none for serde_json.
    let Ok(Raw(found)) = serde_json::from_str::<Raw>(text) else { return };
    let values: Vec<_> = checked.members().iter().map(|member| &line[member.value.clone()]).collect();
    assert_eq!(values, found.iter().map(|value| value.get()).collect::<Vec<_>>());
    let mut out = Vec::new();
    checked.write_with_part("_cm_fuzz", "1", &mut out);
    let mut set = record.clone();
    set.set_raw_part("_cm_fuzz", "1");
    assert_eq!(out, set.line().as_bytes());
    out.clear();
    set.checked().write_without_part("_cm_fuzz", &mut out);
    assert!(record.raw("_cm_fuzz").is_some() || out == line.as_bytes());
}

/// The values of an object, in order.
struct Raw<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw<'a>, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = Vec<&'de RawValue>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some((_, value)) = map.next_entry::<String, &RawValue>()? {
                    values.push(value);
                }
                Ok(values)
            }
        }
        deserializer.deserialize_map(Values).map(Raw)
    }
}

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
