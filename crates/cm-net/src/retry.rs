//! `Retry-After` (RFC 9110, 10.2.3): seconds or an HTTP date.

use chrono::{DateTime, Datelike, Months, NaiveDateTime, TimeDelta, Utc};

/// Nobody is asked to wait longer than this.
const LONGEST: TimeDelta = TimeDelta::days(31);

/// Reads the header; `None` when it says nothing sensible. Never before `now`, at most 31 days ahead.
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let value = value.trim();
    let latest = now + LONGEST;
    let at = match seconds(value) {
        Some(wait) => now.checked_add_signed(wait).unwrap_or(latest),
        None => http_date(value, now)?,
    };
    Some(at.clamp(now, latest))
}

/// `delay-seconds`: digits only, of any number.
fn seconds(value: &str) -> Option<TimeDelta> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| value.parse().ok().and_then(TimeDelta::try_seconds).unwrap_or(LONGEST))
}

/// The three forms of RFC 9110, 5.6.7. The day's name is not compared with the date: servers get it wrong.
pub(crate) fn http_date(value: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let parse = |text: &str, form: &str| NaiveDateTime::parse_from_str(text, form).ok().map(|t| t.and_utc());
    match value.split_once(',') {
        Some((_day, rest)) => {
            let rest = rest.trim_start();
            match rest.contains('-') {
                true => parse(rest, "%d-%b-%y %H:%M:%S GMT").map(|at| century(at, now)),
                false => parse(rest, "%d %b %Y %H:%M:%S GMT"),
            }
        }
        None => parse(value.split_once(' ')?.1.trim_start(), "%b %e %H:%M:%S %Y"),
    }
}

/// A two-digit year that appears to be more than 50 years in the future is the most recent past one (RFC 9110, 5.6.7);
/// chrono has its own pivot, so the century of `now` is taken first.
fn century(at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let year = now.year().div_euclid(100) * 100 + at.year().rem_euclid(100);
    let this = at.with_year(year).unwrap_or(at);
    match this > now + Months::new(50 * 12) {
        true => this.with_year(year - 100).unwrap_or(this),
        false => this,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn seconds_and_the_three_dates() {
        let now = at("2026-11-22T09:00:00Z");
        let said = |value| retry_after(value, now);
        assert_eq!(said("120"), Some(at("2026-11-22T09:02:00Z")));
        assert_eq!(said(" 0 "), Some(now));
        assert_eq!(said("Sun, 22 Nov 2026 10:00:00 GMT"), Some(at("2026-11-22T10:00:00Z")));
        assert_eq!(
            said("Monday, 22 Nov 2026 10:00:00 GMT"),
            Some(at("2026-11-22T10:00:00Z")),
            "a wrong day's name"
        );
        assert_eq!(said("Tuesday, 01-Dec-26 00:00:01 GMT"), Some(at("2026-12-01T00:00:01Z")));
        assert_eq!(said("Tue Dec  1 00:00:01 2026"), Some(at("2026-12-01T00:00:01Z")));
    }

    #[test]
    fn never_in_the_past_never_beyond_a_month() {
        let now = at("2026-11-22T09:00:00Z");
        let month = Some(now + TimeDelta::days(31));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(now));
        assert_eq!(retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now), Some(now), "1994, not 2094");
        assert_eq!(retry_after("Thu, 01 Jan 2099 00:00:00 GMT", now), month);
        for much in ["99999999", "9223372036854775807", "99999999999999999999999999"] {
            assert_eq!(retry_after(much, now), month, "{much}");
        }
    }

    #[test]
    fn nonsense_is_nothing() {
        let now = at("2026-11-22T09:00:00Z");
        for value in [
            "",
            "-1",
            "1.5",
            "soon",
            "1 hour",
            "Sun, 31 Feb 2026 00:00:00 GMT",
            "Sun, 22 Nov 2026 10:00:00 +0100",
        ] {
            assert_eq!(retry_after(value, now), None, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_within_bounds(value in ".{0,60}") {
            let now = at("2026-11-22T09:00:00Z");
            if let Some(at) = retry_after(&value, now) {
                prop_assert!(at >= now && at <= now + LONGEST);
            }
        }
    }
}
