//! Which time the report is about, what it is compared with, and the days in it.
//! In: the options and the clock. Out: spans in UTC and the starts of their days in the configured zone.

use crate::args::{Compare, Named, ReportArgs};
use chrono::{DateTime, Datelike, Days as DayCount, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use cm_cli::{Failure, Session};
use cm_time::Zone;

/// A day of UTC, ms.
pub const DAY_MS: i64 = 86_400_000;
/// Days that a report may span: ten years.
const MOST_DAYS: i64 = 3_660;
/// Days of history that trends look back on.
pub const HISTORY_DAYS: usize = 28;

/// From one instant up to another, which is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// Milliseconds since 1970 UTC.
    pub until_ms: i64,
}

impl Span {
    fn new(since: DateTime<Utc>, until: DateTime<Utc>) -> Span {
        Span { since_ms: since.timestamp_millis(), until_ms: until.timestamp_millis() }
    }

    /// Whether an instant lies in it.
    pub fn contains(&self, ms: i64) -> bool {
        (self.since_ms..self.until_ms).contains(&ms)
    }
}

/// The time of a report.
#[derive(Debug)]
pub struct Period {
    /// What it is called, for people: `the last 7 days`.
    pub label: String,
    /// The time itself.
    pub span: Span,
    /// What it is compared with, and how that is called.
    pub compare: Option<(Span, &'static str)>,
    /// True when the comparison was asked for, so that it is made however thin the data is.
    pub compare_asked: bool,
    /// The days from the earliest instant that matters to the last.
    pub days: Days,
    /// The day of `days` that trends are told of: the last whole one of the period, else the running one.
    pub trend_day: usize,
    /// Now.
    pub now_ms: i64,
}

impl Period {
    /// Reads the options; now is the session's.
    pub fn choose(args: &ReportArgs, session: &Session) -> anyhow::Result<Period> {
        let (zone, now) = (session.zone()?, session.now());
        let (label, since, until) = spoken(args, session)?;
        if since >= until {
            return Err(Failure::usage("the period is empty: --until must lie after --since").into());
        }
        let span = Span::new(since, until);
        if until - since > TimeDelta::days(MOST_DAYS) {
            return Err(Failure::usage("the period is longer than ten years: give a later --since").into());
        }
        let how = args.compare.unwrap_or(Compare::Prev);
        let compare = compared(how, args.period, since, until, zone)?;
        let last_day = zone.wall(until - TimeDelta::milliseconds(1)).date();
        let today = zone.wall(now).date();
        let yesterday = today - DayCount::new(1);
        let begun_before = zone.wall(since).date() <= yesterday;
        let trend = last_day.min(if begun_before { yesterday } else { today });
        let first = zone.wall(since).date().min(trend - DayCount::new(HISTORY_DAYS as u64));
        let days = Days::between(first, last_day, zone);
        let trend_day = days.index_of_date(trend);
        Ok(Period {
            label,
            span,
            compare: Some((compare, name_of(how))),
            compare_asked: args.compare.is_some(),
            days,
            trend_day,
            now_ms: now.timestamp_millis(),
        })
    }

    /// Days up to Friday 20 November 2026, the trend day, of which the last seven are the period.
    #[cfg(test)]
    pub fn of_days(count: usize) -> Period {
        let last = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let days = Days::between(last - DayCount::new(count as u64 - 1), last, &Zone::utc());
        let span = Span { since_ms: days.start_ms(count - 7), until_ms: days.until_ms };
        let (trend_day, now_ms) = (count - 1, days.until_ms);
        Period { label: String::new(), span, compare: None, compare_asked: false, days, trend_day, now_ms }
    }

    /// The earliest instant that any part of the report looks at.
    pub fn earliest_ms(&self) -> i64 {
        let compare = self.compare.map_or(i64::MAX, |(span, _)| span.since_ms);
        compare.min(self.span.since_ms).min(self.days.start_ms(0))
    }

    /// Whether any part of the report looks at this instant.
    pub fn wants(&self, ms: i64) -> bool {
        (self.days.start_ms(0)..self.span.until_ms).contains(&ms) || self.in_compare(ms)
    }

    /// Whether it lies in the span that the period is compared with.
    pub fn in_compare(&self, ms: i64) -> bool {
        self.compare.is_some_and(|(span, _)| span.contains(ms))
    }

    /// Whether a while lies within one part of the report as a whole: in the period or not, in the comparison or not, and
    /// before the days of trends or one of them.
    pub fn is_one_part(&self, from: i64, to: i64) -> bool {
        let is_apart = |span: &Span| {
            let cuts = |at: i64| from < at && at < to;
            !cuts(span.since_ms) && !cuts(span.until_ms)
        };
        let trends = self.trend_day.checked_sub(HISTORY_DAYS).map_or(i64::MAX, |day| self.days.start_ms(day));
        let is_day = |day: usize| (self.days.start_ms(day), self.days.start_ms(day + 1)) == (from, to);
        is_apart(&self.span)
            && self.compare.is_none_or(|(span, _)| is_apart(&span))
            && (to <= trends || self.days.index_of(from).is_some_and(is_day))
    }

    /// A number for the day of an instant before the first of `days`, like no place in it: days of 24 hours from the
    /// beginning of the comparison, which begins at a midnight of the zone unless the period does not either.
    pub fn day_before(&self, ms: i64) -> usize {
        let begin = self.compare.map_or(0, |(span, _)| span.since_ms);
        usize::try_from((ms - begin) / DAY_MS).unwrap_or(0) + (1 << 20)
    }

    /// The place in the trend window of the day that an instant falls on: the 28 days before the trend day are 0 to 27, the
    /// trend day is 28.
    pub fn trend_place(&self, ms: i64) -> Option<usize> {
        let first = self.trend_day.checked_sub(HISTORY_DAYS)?;
        self.days.index_of(ms)?.checked_sub(first).filter(|place| *place <= HISTORY_DAYS)
    }

    /// The days of the period itself, as places in `days`.
    pub fn own_days(&self) -> std::ops::Range<usize> {
        self.days.index_of(self.span.since_ms).unwrap_or(0)..self.days.len()
    }
}

/// Label, beginning and end as asked for. An open end is just after now, so that what happens now counts.
fn spoken(args: &ReportArgs, session: &Session) -> anyhow::Result<(String, DateTime<Utc>, DateTime<Utc>)> {
    let (zone, now) = (session.zone()?, session.now());
    let today = zone.wall(now).date();
    let after_now = now + TimeDelta::milliseconds(1);
    let start = |day: NaiveDate| zone.day_start(day);
    if let Some(named) = args.period {
        let monday = today - DayCount::new(u64::from(today.weekday().num_days_from_monday()));
        let first = today.with_day(1).unwrap_or(today);
        return Ok(match named {
            Named::Today => ("today so far".into(), start(today), after_now),
            Named::Yesterday => ("yesterday".into(), start(today - DayCount::new(1)), start(today)),
            Named::Week => ("the last whole week".into(), start(monday - DayCount::new(7)), start(monday)),
            Named::Month => ("the last whole month".into(), start(first - Months::new(1)), start(first)),
        });
    }
    let until = match &args.until {
        Some(text) => session.time("--until", text)?,
        None => after_now,
    };
    let Some(since) = &args.since else {
        let label = if args.until.is_some() { "7 days" } else { "the last 7 days" };
        let last = zone.wall(until - TimeDelta::milliseconds(1)).date();
        return Ok((label.into(), start(last - DayCount::new(6)), until));
    };
    Ok(("the chosen time".into(), session.time("--since", since)?, until))
}

fn name_of(how: Compare) -> &'static str {
    match how {
        Compare::Prev => "the period before",
        Compare::Week => "a week earlier",
        Compare::Year => "a year earlier",
    }
}

/// The span to compare with, moved on the wall clock so that a day stays a day when the clocks change; a span that
/// begins within a day is moved by its own length.
fn compared(
    how: Compare,
    named: Option<Named>,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    zone: &Zone,
) -> Result<Span, Failure> {
    let first = zone.wall(since).date();
    let touched = (zone.wall(until - TimeDelta::milliseconds(1)).date() - first).num_days() + 1;
    // A week is one on the wall clock, or 168 hours, when the clocks change; an open end lies just after now.
    let length = (until - since).min(zone.wall(until) - zone.wall(since));
    let overlong = length > TimeDelta::days(7) + TimeDelta::milliseconds(1);
    let (days, months) = match (how, named) {
        (Compare::Prev, Some(Named::Month)) => (0, 1),
        (Compare::Prev, _) if zone.day_start(first) == since => (touched, 0),
        (Compare::Prev, _) => return Ok(Span::new(since - (until - since), since)),
        (Compare::Week, _) if overlong => {
            let why = "a period longer than a week overlaps itself a week earlier: use --compare prev";
            return Err(Failure::usage(why));
        }
        (Compare::Week, _) => (7, 0),
        (Compare::Year, _) => (0, 12),
    };
    let back = |at: DateTime<Utc>| {
        let wall: NaiveDateTime = zone.wall(at);
        zone.instant(wall - DayCount::new(u64::try_from(days).unwrap_or(0)) - Months::new(months)).0
    };
    Ok(Span::new(back(since), back(until).min(since)))
}

/// Consecutive days of a zone.
#[derive(Debug)]
pub struct Days {
    dates: Vec<NaiveDate>,
    starts_ms: Vec<i64>,
    until_ms: i64,
}

impl Days {
    fn between(first: NaiveDate, last: NaiveDate, zone: &Zone) -> Days {
        let dates: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
        let starts_ms = dates.iter().map(|day| zone.day_start(*day).timestamp_millis()).collect();
        let until_ms = last.succ_opt().map_or(i64::MAX, |day| zone.day_start(day).timestamp_millis());
        Days { dates, starts_ms, until_ms }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.dates.len()
    }

    /// The place of the day that an instant falls on.
    pub fn index_of(&self, ms: i64) -> Option<usize> {
        if ms >= self.until_ms {
            return None;
        }
        self.starts_ms.partition_point(|start| *start <= ms).checked_sub(1)
    }

    fn index_of_date(&self, date: NaiveDate) -> usize {
        self.dates.binary_search(&date).unwrap_or_else(|i| i.min(self.dates.len().saturating_sub(1)))
    }

    /// The date at a place.
    pub fn date(&self, index: usize) -> NaiveDate {
        self.dates.get(index).copied().unwrap_or_default()
    }

    /// When the day at a place begins.
    pub fn start_ms(&self, index: usize) -> i64 {
        self.starts_ms.get(index).copied().unwrap_or(self.until_ms)
    }

    /// Whether it is a Saturday or Sunday.
    pub fn is_weekend(&self, index: usize) -> bool {
        self.date(index).weekday().num_days_from_monday() >= 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_keep_the_wall_clock() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |text| cm_time::parse_rfc3339(text).unwrap();
        // The week after the clocks went back, Monday to Sunday.
        let (since, until) = (at("2026-10-25T23:00:00Z"), at("2026-11-01T23:00:00Z"));
        let before = compared(Compare::Prev, Some(Named::Week), since, until, &zone).unwrap();
        assert_eq!(before, Span::new(at("2026-10-18T22:00:00Z"), at("2026-10-25T23:00:00Z")));
        let year = compared(Compare::Year, None, since, until, &zone).unwrap();
        assert_eq!(year, Span::new(at("2025-10-25T22:00:00Z"), at("2025-11-01T23:00:00Z")));
        let month = (at("2026-09-30T22:00:00Z"), at("2026-10-31T23:00:00Z"));
        let before = compared(Compare::Prev, Some(Named::Month), month.0, month.1, &zone).unwrap();
        assert_eq!(before, Span::new(at("2026-08-31T22:00:00Z"), at("2026-09-30T22:00:00Z")));
        assert!(compared(Compare::Week, None, month.0, month.1, &zone).is_err());
        let week = compared(Compare::Week, None, since, until, &zone).unwrap();
        assert_eq!(week, Span::new(at("2026-10-18T22:00:00Z"), since));
        let eight_days = (at("2026-11-01T23:00:00Z"), at("2026-11-09T23:00:00Z"));
        assert!(compared(Compare::Week, None, eight_days.0, eight_days.1, &zone).is_err());
        // The week in which they go back lasts an hour longer.
        let long = (at("2026-10-18T22:00:00Z"), at("2026-10-25T23:00:00Z"));
        assert!(compared(Compare::Week, None, long.0, long.1, &zone).is_ok());
    }

    #[test]
    fn days_are_found_by_their_instants() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let date = |text: &str| text.parse().unwrap();
        let days = Days::between(date("2026-10-24"), date("2026-10-26"), &zone);
        let ms = |text| cm_time::parse_rfc3339(text).unwrap().timestamp_millis();
        assert_eq!(days.index_of(ms("2026-10-23T21:59:59Z")), None);
        assert_eq!(days.index_of(ms("2026-10-24T22:00:00Z")), Some(1));
        assert_eq!(days.index_of(ms("2026-10-25T22:59:59Z")), Some(1));
        assert_eq!(days.index_of(ms("2026-10-25T23:00:00Z")), Some(2));
        assert_eq!(days.index_of(ms("2026-10-26T23:00:00Z")), None);
        assert!(days.is_weekend(1) && !days.is_weekend(2));
    }
}
