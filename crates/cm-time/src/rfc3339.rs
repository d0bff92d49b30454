//! RFC 3339 in and out. Records are written in UTC with `Z`.

use chrono::{DateTime, Datelike, Utc};

/// Writes an instant as a record carries it: UTC, `Z`, whole seconds (fractions dropped).
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads RFC 3339 with any offset; `None` when it is anything else, or an instant that cannot be written in UTC because
/// its year there is not one of four digits.
pub fn parse_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (0..=9999).contains(&at.year()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn any_offset_comes_out_in_utc() {
        for (given, expected) in [
            ("2026-11-22T09:00:00+01:00", Some("2026-11-22T08:00:00Z")),
            ("2026-11-22T09:00:00.999Z", Some("2026-11-22T09:00:00Z")),
            ("2026-11-22t09:00:00z", Some("2026-11-22T09:00:00Z")),
            ("9999-12-31T23:59:59-01:00", None),
            ("0000-01-01T00:00:00+01:00", None),
            ("2026-11-22T09:00:00", None),
            ("2026-11-22", None),
            ("", None),
        ] {
            assert_eq!(parse_rfc3339(given).map(rfc3339).as_deref(), expected, "{given}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in -62_135_596_800_i64..253_402_300_800) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert_eq!(parse_rfc3339(&rfc3339(at)), Some(at));
        }

        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let _ = parse_rfc3339(&text);
        }
    }
}
