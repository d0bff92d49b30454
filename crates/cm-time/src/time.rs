//! TIME, which looks back: RFC 3339, a date, `2h` `3d` `2w` (ago), `today` `yesterday` `monday`.

use crate::Zone;
use crate::expression::{Day, Expression, Look, read};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

/// Why a TIME, WHEN, duration or zone could not be read; its Display is one line that says how to mend it.
#[derive(Debug)]
pub struct TimeError(pub(crate) String);

impl std::fmt::Display for TimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimeError {}

/// Reads a TIME as seen from `now` in `zone`.
///
/// RFC 3339 (and RFC 9557 with a zone) · `2026-11-20`, `2026-11-20 14:00` · `2h`, `3d`, `2w`, `1h30m` (ago) · `now`,
/// `today`, `yesterday`, `tomorrow`, with a time of day or at 00:00 · `monday`, `monday 9:00`: the last one before
/// now · `14:00`: the last one before now.
pub fn parse_time(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, TimeError> {
    let at = match read(text, Look::Back)? {
        Some(Expression::Now) => Some(now),
        Some(Expression::Exact(at)) => Some(at),
        Some(Expression::Length(length)) => now.checked_sub_signed(length),
        Some(Expression::Zoned { wall, at, zone }) => Some(at.unwrap_or_else(|| zone.instant(wall).0)),
        Some(Expression::Wall { day, clock }) => before(day, clock, zone, now),
        None => None,
    };
    at.ok_or_else(|| {
        let hint = match other_order(text.trim()) {
            Some(day) => format!("did you mean {day}?"),
            None => "write 2026-11-20, \"2026-11-20 14:00\", 2h, 3d or 2w for so long ago, today, yesterday, monday, or \
                     RFC 3339"
                .to_owned(),
        };
        TimeError(format!("\"{}\" is not a time ({hint})", shown(text)))
    })
}

/// The day that is meant by one written as elsewhere, for a hint: `20.11.2026`, `11/20/2026`, `2026-2-3`.
pub fn other_order(value: &str) -> Option<NaiveDate> {
    let parts: Vec<&str> = value.split(['.', '/', '-']).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 4);
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    let day = |year: u32, month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    match (first.len(), third.len()) {
        (4, _) => day(a, b, c),
        // 20.11.2026 and 20/11/2026; 11/20/2026 can be read in one way only, too.
        (_, 4) => day(c, b, a).or_else(|| day(c, a, b)),
        _ => None,
    }
}

fn before(
    day: Option<Day>,
    clock: Option<NaiveTime>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let today = zone.wall(now).date();
    let on = |day: NaiveDate| match clock {
        Some(clock) => zone.instant(day.and_time(clock)).0,
        None => zone.day_start(day),
    };
    let last = |wanted: &dyn Fn(&NaiveDate) -> bool| {
        (0..=8)
            .filter_map(|days| today.checked_sub_days(Days::new(days)))
            .filter(wanted)
            .map(on)
            .find(|at| *at < now)
    };
    match day {
        Some(Day::Date(date)) => Some(on(date)),
        Some(Day::FromToday(days)) => Some(on(today.checked_add_signed(chrono::TimeDelta::days(days))?)),
        Some(Day::Weekday(weekday)) => last(&|day| day.weekday() == weekday),
        None => last(&|_| true),
    }
}

/// A text as an error may repeat it: bounded, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.trim().chars().filter(|c| !c.is_control()).take(60).collect();
    if text.trim().chars().count() > 60 {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_rfc3339, rfc3339};
    use proptest::prelude::*;

    /// As seen from a Sunday, 12:00 in Berlin.
    fn seen(text: &str) -> Result<String, String> {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let now = parse_rfc3339("2026-11-22T11:00:00Z").unwrap();
        parse_time(text, &zone, now).map(rfc3339).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_looks_back() {
        for (text, expected) in [
            ("now", "2026-11-22T11:00:00Z"),
            ("2h", "2026-11-22T09:00:00Z"),
            ("2h ago", "2026-11-22T09:00:00Z"),
            ("2w", "2026-11-08T11:00:00Z"),
            ("today", "2026-11-21T23:00:00Z"),
            ("yesterday", "2026-11-20T23:00:00Z"),
            ("Yesterday 14:00", "2026-11-21T13:00:00Z"),
            ("tomorrow", "2026-11-22T23:00:00Z"),
            ("monday", "2026-11-15T23:00:00Z"),
            ("sunday", "2026-11-21T23:00:00Z"),
            ("sunday 13:00", "2026-11-15T12:00:00Z"),
            ("9:00", "2026-11-22T08:00:00Z"),
            ("13:00", "2026-11-21T12:00:00Z"),
            ("2026-07-20", "2026-07-19T22:00:00Z"),
            ("2026-11-20 14:00", "2026-11-20T13:00:00Z"),
            ("2026-11-20T14:00:30", "2026-11-20T13:00:30Z"),
            ("2026-11-20T14:00:00+09:00", "2026-11-20T05:00:00Z"),
            ("2026-11-20T14:00[Asia/Tokyo]", "2026-11-20T05:00:00Z"),
        ] {
            assert_eq!(seen(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_last_monday_is_before_now_even_at_midnight() {
        let midnight = parse_rfc3339("2026-11-23T00:00:00Z").unwrap();
        let monday = parse_time("monday", &Zone::utc(), midnight).unwrap();
        assert_eq!(rfc3339(monday), "2026-11-16T00:00:00Z");
    }

    #[test]
    fn what_is_not_a_time_is_said_in_one_line() {
        for text in ["", "soon", "in 2h", "25:00", "2026-02-30", "20261120", "monday monday", "\n\0"] {
            let error = seen(text).unwrap_err();
            assert!(error.contains("RFC 3339") && !error.contains('\n'), "{error}");
        }
        for (text, meant) in
            [("22.11.2026", "2026-11-22"), (" 11/22/2026 ", "2026-11-22"), ("2026-2-3", "2026-02-03")]
        {
            let error = seen(text).unwrap_err();
            assert!(error.ends_with(&format!("is not a time (did you mean {meant}?)")), "{error}");
        }
        assert!(seen(&"x".repeat(100_000)).unwrap_err().len() < 300);
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*|[0-9T:+Z -]{0,30}(\\[[A-Za-z/]*\\]?)?") {
            let _ = seen(&text);
        }
    }
}
