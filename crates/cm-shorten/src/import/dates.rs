//! Instants as shorteners write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// With an offset, whose colon may lack (Bitly).
const WITH_OFFSET: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"];
/// Without: they are taken for UTC, as databases and APIs mean them.
const WITHOUT: [&str; 5] =
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"];
/// Days. Spreadsheets write the day first where they write dots; with strokes nobody can tell, so that is refused.
const DAYS: [&str; 2] = ["%Y-%m-%d", "%d.%m.%Y"];

/// Milliseconds since 1970: of RFC 3339, `2026-11-22 09:31:00`, `2026-11-22`, `22.11.2026`, or seconds or milliseconds as a number.
pub fn read(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches(" UTC");
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    if let Some(at) = WITH_OFFSET.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
        return Some(at.timestamp_millis());
    }
    let naive = WITHOUT.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    if let Some(at) = naive.or_else(|| day(text).map(|day| day.and_time(NaiveTime::MIN))) {
        // A year of two digits is not one of the first century.
        return Some(at.and_utc().timestamp_millis()).filter(|at| *at >= 0);
    }
    // Nine digits of seconds are of 1973 on; what is longer than eleven is milliseconds.
    let number = text.parse::<i64>().ok().filter(|number| *number >= 100_000_000)?;
    Some(if number < 100_000_000_000 { number * 1000 } else { number }).filter(|at| *at < 32_503_680_000_000)
}

/// A day without a time of day.
pub fn day(text: &str) -> Option<NaiveDate> {
    DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text.trim(), form).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_in_which_shorteners_write_an_instant() {
        let at = Some(1_714_564_800_000);
        for text in [
            "2024-05-01T12:00:00Z",
            "2024-05-01T14:00:00+02:00",
            "2024-05-01T12:00:00+0000",
            "2024-05-01T12:00:00.000Z",
            "2024-05-01 12:00:00",
            "2024-05-01 12:00:00 UTC",
            "2024-05-01T12:00:00",
            "1714564800",
            "1714564800000",
        ] {
            assert_eq!(read(text), at, "{text}");
        }
        for text in ["2024-05-01", "01.05.2024", "1.5.2024", "01.05.2024 00:00", "01.05.2024 00:00:00"] {
            assert_eq!(read(text), Some(1_714_521_600_000), "{text}");
        }
        for text in [
            "",
            "0000-00-00 00:00:00",
            "yesterday",
            "12",
            "99999999999999999",
            "01/05/2024",
            "31.12.26",
            "13.13.2026",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
