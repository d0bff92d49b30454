//! WHEN, which looks forward: `2h`, `tomorrow 9:00`, `monday`, `2026-12-01 09:00`, RFC 3339 (RFC 9557 too).

use crate::expression::{Day, Expression, Look, read};
use crate::{Local, TimeError, Zone, time};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// What a WHEN came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The instant. It may lie in the past (`today 9:00` in the evening): the caller decides what that means.
    pub at: DateTime<Utc>,
    /// The wall-clock time that was asked for, absent when an exact instant or a length was given.
    pub wall: Option<NaiveDateTime>,
    /// Whether the wall-clock time exists once, not at all, or twice on that day.
    pub local: Local,
    /// The zone that the WHEN itself named, `[Europe/Berlin]`; else the wall-clock time is the caller's zone's.
    pub zone: Option<Zone>,
}

/// The time of day that a bare day means: people plan for the morning, not for midnight.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(nine) => nine,
    None => NaiveTime::MIN,
};

/// Reads a WHEN as seen from `now` in `zone`; several words are one text.
///
/// `2h`, `in 2h`, `1h30m` (from now) · `now` · `today 16:00`, `tomorrow`, `tomorrow 9:00`, `monday`, `monday 9:00`,
/// `9:00`: the next one after now · `2026-12-01`, `2026-12-01 09:00` · RFC 3339, and RFC 9557 for the wall-clock time
/// of another zone. A day without a time of day is meant at 09:00.
pub fn parse_when(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<When, TimeError> {
    let exact = |at| When { at, wall: None, local: Local::Once, zone: None };
    let when = match read(text, Look::Forward)? {
        Some(Expression::Now) => Some(exact(now)),
        Some(Expression::Exact(at)) => Some(exact(at)),
        Some(Expression::Length(length)) => now.checked_add_signed(length).map(exact),
        Some(Expression::Zoned { wall, at, zone }) => {
            let (first, local) = zone.instant(wall);
            Some(When { at: at.unwrap_or(first), wall: Some(wall), local, zone: Some(zone) })
        }
        Some(Expression::Wall { day, clock }) => after(day, clock.unwrap_or(MORNING), zone, now),
        None => None,
    };
    when.ok_or_else(|| {
        TimeError(format!(
            "\"{}\" is not a time to come (write 2h, 9:00, \"tomorrow 9:00\", monday, 2026-12-01, \"2026-12-01 09:00\" \
             or RFC 3339)",
            time::shown(text)
        ))
    })
}

/// The instant at which something ends: as `parse_when`, but a day without a time of day is good until it is over.
pub fn parse_end(text: &str, zone: &Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, TimeError> {
    if let Some(day) = time::other_order(text.trim()).filter(|day| day.to_string() != text.trim()) {
        return Err(TimeError(format!(
            "\"{}\" is not how a day is written here: write {day}",
            time::shown(text)
        )));
    }
    let Some(Expression::Wall { day: Some(day), clock: None }) = read(text, Look::Forward)? else {
        return Ok(parse_when(text, zone, now)?.at);
    };
    let today = zone.wall(now).date();
    let date = match day {
        Day::Date(date) => Some(date),
        Day::FromToday(days) => today.checked_add_signed(TimeDelta::days(days)),
        // As everywhere else the next one: of today people say today.
        Day::Weekday(weekday) => (1..=7)
            .filter_map(|days| today.checked_add_days(Days::new(days)))
            .find(|day| day.weekday() == weekday),
    };
    date.and_then(|date| date.succ_opt())
        .map(|next| zone.day_start(next))
        .ok_or_else(|| TimeError(format!("\"{}\" is too far away", time::shown(text))))
}

fn after(day: Option<Day>, clock: NaiveTime, zone: &Zone, now: DateTime<Utc>) -> Option<When> {
    let today = zone.wall(now).date();
    let on = |day: NaiveDate| {
        let wall = day.and_time(clock);
        let (at, local) = zone.instant(wall);
        When { at, wall: Some(wall), local, zone: None }
    };
    let next = |wanted: &dyn Fn(&NaiveDate) -> bool| {
        (0..=8)
            .filter_map(|days| today.checked_add_days(Days::new(days)))
            .filter(wanted)
            .map(on)
            .find(|w| w.at > now)
    };
    match day {
        Some(Day::Date(date)) => Some(on(date)),
        Some(Day::FromToday(days)) => Some(on(today.checked_add_signed(TimeDelta::days(days))?)),
        Some(Day::Weekday(weekday)) => next(&|day| day.weekday() == weekday),
        None => next(&|_| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_rfc3339, rfc3339};
    use proptest::prelude::*;

    /// As seen from a Sunday, 12:00 in Berlin.
    fn seen(text: &str) -> Result<When, String> {
        let now = parse_rfc3339("2026-11-22T11:00:00Z").unwrap();
        parse_when(text, &Zone::named("Europe/Berlin").unwrap(), now).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_looks_forward() {
        for (text, expected) in [
            ("now", "2026-11-22T11:00:00Z"),
            ("2h", "2026-11-22T13:00:00Z"),
            ("in 2 hours", "2026-11-22T13:00:00Z"),
            ("tomorrow", "2026-11-23T08:00:00Z"),
            ("tomorrow 9:00", "2026-11-23T08:00:00Z"),
            ("tomorrow at 9:30pm", "2026-11-23T20:30:00Z"),
            ("today 16:00", "2026-11-22T15:00:00Z"),
            ("9:00", "2026-11-23T08:00:00Z"),
            ("12:01", "2026-11-22T11:01:00Z"),
            ("monday 9:00", "2026-11-23T08:00:00Z"),
            ("monday", "2026-11-23T08:00:00Z"),
            ("sunday", "2026-11-29T08:00:00Z"),
            ("sun 13:00", "2026-11-22T12:00:00Z"),
            ("2026-12-01", "2026-12-01T08:00:00Z"),
            ("2026-12-01 09:00", "2026-12-01T08:00:00Z"),
            ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
            ("2026-11-22T09:00[Asia/Tokyo]", "2026-11-22T00:00:00Z"),
            ("2026-11-22T09:00+09:00[Asia/Tokyo]", "2026-11-22T00:00:00Z"),
            ("2026-11-22T09:00:00Z[Asia/Tokyo][u-ca=gregory]", "2026-11-22T09:00:00Z"),
            ("2026-10-25T02:30+01:00[Europe/Berlin]", "2026-10-25T01:30:00Z"), // the second of two
        ] {
            assert_eq!(seen(text).map(|when| rfc3339(when.at)).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_bare_day_ends_when_it_is_over() {
        let now = parse_rfc3339("2026-11-22T11:00:00Z").unwrap();
        let zone = Zone::named("Europe/Berlin").unwrap();
        let end = |text: &str| parse_end(text, &zone, now).map(rfc3339).map_err(|error| error.to_string());
        for (text, expected) in [
            ("2026-12-31", "2026-12-31T23:00:00Z"),
            ("today", "2026-11-22T23:00:00Z"),
            ("sunday", "2026-11-29T23:00:00Z"),
            ("monday", "2026-11-23T23:00:00Z"),
            ("tomorrow", "2026-11-23T23:00:00Z"),
            ("2027-03-28", "2027-03-28T22:00:00Z"), // a day of 23 hours
            ("2026-12-31 09:00", "2026-12-31T08:00:00Z"),
            ("2h", "2026-11-22T13:00:00Z"),
            ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
        ] {
            assert_eq!(end(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["31/12/2026", "31.12.2026", "12/31/2026"] {
            assert!(end(text).unwrap_err().contains("write 2026-12-31"), "{text}");
        }
        assert!(end("soon").is_err());
    }

    #[test]
    fn the_wall_clock_and_its_zone_are_kept() {
        let when = seen("2027-03-28 02:30").unwrap();
        assert_eq!(
            (when.local, when.wall.unwrap().to_string().as_str()),
            (Local::Gap, "2027-03-28 02:30:00")
        );
        let zone = seen("2026-11-22T09:00[Asia/Tokyo]").unwrap().zone.unwrap();
        assert_eq!(zone.name(), "Asia/Tokyo");
        assert_eq!(seen("2h").unwrap().wall, None);
        assert_eq!(seen("2026-10-25 02:30").unwrap().local, Local::Fold);
    }

    #[test]
    fn contradictions_and_nonsense_are_refused() {
        for (text, hint) in [
            ("2026-11-22T09:00+02:00[Europe/Berlin]", "leave out one"),
            ("2026-11-22T09:00[CST]", "abbreviation"),
            ("2026-11-22T09:00[Europe/Berlin", "2026-11-22T09:00[Europe/Berlin]"),
            ("2026-11-22T09:00[Europe/Berlin][!x=y]", "leave it out"),
            ("2h ago", "tomorrow"),
            ("noonish", "tomorrow"),
            ("13pm", "tomorrow"),
            ("tomorrow 24:00", "tomorrow"),
            ("9", "tomorrow"),
        ] {
            let error = seen(text).unwrap_err();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*|[0-9T:+Z -]{0,30}(\\[[A-Za-z/!=-]*\\]?)*") {
            let _ = seen(&text);
        }

        #[test]
        fn a_time_of_day_is_within_a_day_ahead(hour in 0_u32..24, minute in 0_u32..60) {
            let when = seen(&format!("{hour}:{minute:02}")).unwrap();
            let ahead = when.at - parse_rfc3339("2026-11-22T11:00:00Z").unwrap();
            prop_assert!(ahead > TimeDelta::zero() && ahead <= TimeDelta::days(1));
        }
    }
}
