//! What `date:` says: a day, month or year, a range of them, or from or until a time.

use super::context::Context;
use super::habits::shown;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SecondsFormat, TimeDelta, Utc};
use cm_time::parse_time;

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
            return Err(format!(
                "\"{value}\" is an instant: write date:>={value} for since, date:<{value} for until"
            ));
        }
        Err(no_day(value))
    }
}

fn no_day(value: &str) -> String {
    let meant = other_order(value).map(|day| format!(" (did you mean {day}?)"));
    let hint = meant.unwrap_or_else(|| {
        " (write 2026-11-20, 2026-11, 2026, today, 2026-11-01..2026-11-20, or >= and a time)".to_owned()
    });
    format!("\"{}\" is no day, month or year{hint}", shown(value))
}

fn compared(operator: &str, time: &str, context: &Context) -> Result<(Date, String), String> {
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

/// The day as it is written here, of one that is written as elsewhere.
fn other_order(value: &str) -> Option<NaiveDate> {
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
