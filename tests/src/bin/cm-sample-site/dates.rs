//! Dates in the sample files: `@rfc2822(-2d 09:14)`, `@rfc3339(-2d 09:14)` and `@log(-2d 09:14:05)` stand for that time of
//! the day so many days before the server's, in UTC. All that is served on one day is the same.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

const MARKS: [(&str, &str); 4] = [
    ("@rfc2822(", "%a, %d %b %Y %H:%M:%S +0000"),
    ("@rfc3339(", "%Y-%m-%dT%H:%M:%SZ"),
    ("@log(", "%d/%b/%Y:%H:%M:%S +0000"),
    ("@http(", "%a, %d %b %Y %H:%M:%S GMT"),
];

/// The server's instant: RFC 3339 as given, else the machine's.
pub(crate) fn now(given: Option<&str>) -> Result<DateTime<Utc>, String> {
    let Some(text) = given else { return Ok(Utc::now()) };
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| format!("{text:?} is not RFC 3339"))?;
    Ok(at.to_utc())
}

/// A file with its marks filled in; what is no mark stays as it is.
pub(crate) fn fill(text: &str, day: NaiveDate) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mark)) = rest.split_once('@') {
        filled.push_str(before);
        match date(mark, day) {
            Some((date, after)) => {
                filled.push_str(&date);
                rest = after;
            }
            None => {
                filled.push('@');
                rest = mark;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The date that a mark stands for, given without its `@`, and what follows it.
fn date(mark: &str, day: NaiveDate) -> Option<(String, &str)> {
    let (format, inner) =
        MARKS.iter().find_map(|(name, format)| Some((format, mark.strip_prefix(name.get(1..)?)?)))?;
    let (inner, after) = inner.split_once(')')?;
    let (ago, time) = inner.split_once(' ')?;
    let days = ago.strip_prefix('-')?.strip_suffix('d')?.parse().ok()?;
    let time = NaiveTime::parse_from_str(time, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(time, "%H:%M"))
        .ok()?;
    let at = day.checked_sub_days(Days::new(days))?.and_time(time);
    Some((at.format(format).to_string(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_dates_and_the_rest_stays() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        for (text, filled) in [
            ("<d>@rfc2822(-2d 09:14)</d>", "<d>Fri, 20 Nov 2026 09:14:00 +0000</d>"),
            ("@rfc3339(-30d 00:00)", "2026-10-23T00:00:00Z"),
            ("[@log(-1d 09:14:05)]", "[21/Nov/2026:09:14:05 +0000]"),
            ("@http(-0d 00:00)", "Sun, 22 Nov 2026 00:00:00 GMT"),
            ("ana@mail.example @log(x) @", "ana@mail.example @log(x) @"),
        ] {
            assert_eq!(fill(text, day), filled);
        }
    }
}
