//! What `date:` says: a day, month or year, a range of them, or from or until a time.

use super::context::Context;
use super::habits::shown;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SecondsFormat, TimeDelta, Utc};
use cm_time::{other_order, parse_time};

/// From one instant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The first instant; `None` for any.
    pub from: Option<DateTime<Utc>>,
    /// The first instant that does not belong to it any more; `None` for any.
    pub until: Option<DateTime<Utc>>,
}

/// Whole days, and how they are written.
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    written: String,
}

impl Date {
    /// Whether an instant belongs to it.
    pub fn admits(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    /// Reads a value. Gives also how it is written when read from now on: relative times are told as what they are now.
    pub(super) fn read(value: &str, context: &Context) -> Result<(Date, String), String> {
        let value = value.trim();
        for operator in [">=", "<=", ">", "<"] {
            if let Some(time) = value.strip_prefix(operator) {
                return compared(operator, time.trim(), context);
            }
        }
        if let Some((first, last)) = value.split_once("..") {
            return range(first.trim(), last.trim(), context);
        }
        if let Some(span) = span(value, context) {
            return Ok((Date { from: Some(span.from), until: Some(span.until) }, span.written));
        }
        if parse_time(value, context.zone, context.now).is_ok() {
            let value = shown(value);
            if value.contains(' ') {
                return Err(format!("\"{value}\" is an instant: write date:\">={value}\" for since"));
            }
            return Err(format!(
                "\"{value}\" is an instant: write date:>={value} for since, date:<{value} for until"
            ));
        }
        Err(no_day(value))
    }
}

fn no_day(value: &str) -> String {
    if let Some(day) = value.strip_prefix('=') {
        return format!("no \"=\" is needed: write date:{}", shown(day));
    }
    let meant = other_order(value).map(|day| format!(" (did you mean {day}?)"));
    let hint = meant.unwrap_or_else(|| {
        " (write 2026-11-20, 2026-11, 2026, today, 2026-11-01..2026-11-20, or >= and a time)".to_owned()
    });
    format!("\"{}\" is no day, month or year{hint}", shown(value))
}

fn compared(operator: &str, time: &str, context: &Context) -> Result<(Date, String), String> {
    if time.is_empty() {
        return Err(format!(
            "a time is missing behind \"{operator}\": write date:{operator}2026-11-20 or date:{operator}3d"
        ));
    }
    let (first, after, written) = match span(time, context) {
        Some(Span { from, until, written }) => (from, until, written),
        None if other_order(time).is_some() => return Err(no_day(time)),
        None => {
            let at = parse_time(time, context.zone, context.now).map_err(|error| error.to_string())?;
            let after = at.checked_add_signed(TimeDelta::nanoseconds(1)).unwrap_or(at);
            (at, after, at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
    };
    let date = match operator {
        ">=" => Date { from: Some(first), until: None },
        ">" => Date { from: Some(after), until: None },
        "<" => Date { from: None, until: Some(first) },
        _ => Date { from: None, until: Some(after) },
    };
    Ok((date, format!("{operator}{written}")))
}

fn range(first: &str, last: &str, context: &Context) -> Result<(Date, String), String> {
    let side = |text: &str| match span(text, context) {
        _ if text.is_empty() => Ok(None),
        Some(span) => Ok(Some(span)),
        None if parse_time(text, context.zone, context.now).is_ok() => {
            Err("a range is of days, months or years: for instants write date:>=A date:<B".to_owned())
        }
        None => Err(no_day(text)),
    };
    let (first, last) = (side(first)?, side(last)?);
    let date =
        Date { from: first.as_ref().map(|span| span.from), until: last.as_ref().map(|span| span.until) };
    let written = |span: Option<Span>| span.map(|span| span.written).unwrap_or_default();
    match (date.from, date.until) {
        (None, None) => Err("a range needs a day: 2026-11-01..2026-11-20".to_owned()),
        (Some(from), Some(until)) if from >= until => Err(format!(
            "the range ends before it begins (did you mean {}..{}?)",
            written(last),
            written(first)
        )),
        _ => Ok((date, format!("{}..{}", written(first), written(last)))),
    }
}

/// A day, month or year.
fn span(text: &str, context: &Context) -> Option<Span> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let (first, next) = match shape.as_str() {
        "0000" => {
            let first: NaiveDate = format!("{text}-01-01").parse().ok()?;
            (first, first.checked_add_months(Months::new(12))?)
        }
        "0000-00" => {
            let first: NaiveDate = format!("{text}-01").parse().ok()?;
            (first, first.checked_add_months(Months::new(1))?)
        }
        "0000-00-00" => {
            let day: NaiveDate = text.parse().ok()?;
            (day, day.checked_add_days(Days::new(1))?)
        }
        word if word.len() <= "wednesday".len() && word.bytes().all(|b| b.is_ascii_alphabetic()) => {
            return named_day(text, context);
        }
        _ => return None,
    };
    Some(Span {
        from: context.zone.day_start(first),
        until: context.zone.day_start(next),
        written: text.to_owned(),
    })
}

/// `today`, `yesterday`, `monday`: told as the day that it is now.
fn named_day(word: &str, context: &Context) -> Option<Span> {
    let is_instant = word.eq_ignore_ascii_case("now");
    let at = parse_time(word, context.zone, context.now).ok().filter(|_| !is_instant)?;
    let day = context.zone.wall(at).date();
    (0..=9999).contains(&day.year()).then(|| span(&day.to_string(), context))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_time::{Zone, parse_rfc3339, rfc3339};

    /// As seen from a Sunday, 12:00 in Berlin.
    fn read(value: &str) -> Result<String, String> {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let now = parse_rfc3339("2026-11-22T11:00:00Z").unwrap();
        let context = Context { names: None, itself: None, now, zone: &zone };
        let (date, written) = Date::read(value, &context)?;
        assert_eq!(Date::read(&written, &context), Ok((date, written.clone())), "{value}");
        let side = |at: Option<DateTime<Utc>>| at.map_or("-".to_owned(), rfc3339);
        Ok(format!("{written} = {} {}", side(date.from), side(date.until)))
    }

    #[test]
    fn days_months_and_years_are_those_of_the_zone() {
        for (value, wanted) in [
            ("2026-11-20", "2026-11-20 = 2026-11-19T23:00:00Z 2026-11-20T23:00:00Z"),
            ("2026-03-29", "2026-03-29 = 2026-03-28T23:00:00Z 2026-03-29T22:00:00Z"),
            ("2026-10-25", "2026-10-25 = 2026-10-24T22:00:00Z 2026-10-25T23:00:00Z"),
            ("2024-02-29", "2024-02-29 = 2024-02-28T23:00:00Z 2024-02-29T23:00:00Z"),
            (">=2016-12-31T23:59:60Z", ">=2016-12-31T23:59:60Z = 2016-12-31T23:59:60Z -"),
            ("2026-12", "2026-12 = 2026-11-30T23:00:00Z 2026-12-31T23:00:00Z"),
            ("2026", "2026 = 2025-12-31T23:00:00Z 2026-12-31T23:00:00Z"),
            ("Today", "2026-11-22 = 2026-11-21T23:00:00Z 2026-11-22T23:00:00Z"),
            ("monday", "2026-11-16 = 2026-11-15T23:00:00Z 2026-11-16T23:00:00Z"),
            ("2026-11..2026-12-01", "2026-11..2026-12-01 = 2026-10-31T23:00:00Z 2026-12-01T23:00:00Z"),
            ("..yesterday", "..2026-11-21 = - 2026-11-21T23:00:00Z"),
            (">=2026-11-20", ">=2026-11-20 = 2026-11-19T23:00:00Z -"),
            ("> 2026-11-20", ">2026-11-20 = 2026-11-20T23:00:00Z -"),
            ("<2026-11", "<2026-11 = - 2026-10-31T23:00:00Z"),
            ("<=2026", "<=2026 = - 2026-12-31T23:00:00Z"),
            (">=2h", ">=2026-11-22T09:00:00Z = 2026-11-22T09:00:00Z -"),
            ("<2026-11-20 14:00", "<2026-11-20T13:00:00Z = - 2026-11-20T13:00:00Z"),
            ("<=2026-11-20T14:00:00.5+01:00", "<=2026-11-20T13:00:00.500Z = - 2026-11-20T13:00:00Z"),
        ] {
            assert_eq!(read(value).as_deref(), Ok(wanted), "{value}");
        }
    }

    #[test]
    fn days_that_no_calendar_has_are_refused() {
        for value in
            ["2026-02-30", "2026-02-29", "2026-11-31", "2026-13", "2026-00-10", "2026-02-30..", "30.2.2026"]
        {
            let error = read(value).unwrap_err();
            assert!(error.contains("is no day, month or year"), "{value}: {error}");
        }
        assert!(read(">=2026-02-30").unwrap_err().contains("is not a time"));
    }

    /// Midnight is skipped in Beirut once a year, and in Apia a whole day once was.
    #[test]
    fn days_begin_where_the_zone_has_them_begin() {
        let now = parse_rfc3339("2026-11-22T11:00:00Z").unwrap();
        for (zone, value, from, until) in [
            ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", "2024-03-31T21:00:00Z"),
            ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
        ] {
            let zone = Zone::named(zone).unwrap();
            let (date, _) =
                Date::read(value, &Context { names: None, itself: None, now, zone: &zone }).unwrap();
            assert_eq!(
                (date.from.map(rfc3339), date.until.map(rfc3339)),
                (Some(from.into()), Some(until.into())),
                "{value}"
            );
        }
    }

    #[test]
    fn an_instant_belongs_or_not() {
        let at = |text: &str| parse_rfc3339(text).unwrap();
        let zone = Zone::utc();
        let context = Context { names: None, itself: None, now: at("2026-11-22T11:00:00Z"), zone: &zone };
        for (value, instant, wanted) in [
            ("2026-11-20", "2026-11-20T00:00:00Z", true),
            ("2026-11-20", "2026-11-20T23:59:59.999Z", true),
            ("2026-11-20", "2026-11-21T00:00:00Z", false),
            ("2016-12-31", "2016-12-31T23:59:60.5Z", true),
            ("2017", "2016-12-31T23:59:60.5Z", false),
            (">1h", "2026-11-22T10:00:00Z", false),
            (">1h", "2026-11-22T10:00:00.001Z", true),
            (">=1h", "2026-11-22T10:00:00Z", true),
            ("<1h", "2026-11-22T10:00:00Z", false),
            ("<=1h", "2026-11-22T10:00:00Z", true),
        ] {
            let (date, _) = Date::read(value, &context).unwrap();
            assert_eq!(date.admits(at(instant)), wanted, "{value} {instant}");
        }
    }
}
