//! What a TIME or a WHEN says, before anybody knows whether it looks back or forward.

use crate::{TimeError, Zone, duration, parse_rfc3339, time};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};

/// A text, understood.
#[derive(Debug, PartialEq)]
pub(crate) enum Expression {
    Now,
    Exact(DateTime<Utc>),
    Length(TimeDelta),
    /// A wall-clock time; both parts are never absent together.
    Wall {
        day: Option<Day>,
        clock: Option<NaiveTime>,
    },
    /// RFC 9557: a wall-clock time in a zone of its own, or the instant that its offset picks there.
    Zoned {
        wall: NaiveDateTime,
        at: Option<DateTime<Utc>>,
        zone: Zone,
    },
}

/// A day, as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// Days from today: 0 is today, 1 tomorrow.
    FromToday(i64),
    Weekday(Weekday),
    Date(NaiveDate),
}

/// Which way a text looks: `2h ago` is not understood forward, nor `in 2h` back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Back,
    Forward,
}

/// Reads a text; `Ok(None)` when it is nothing that is known here.
pub(crate) fn read(text: &str, look: Look) -> Result<Option<Expression>, TimeError> {
    let text = text.trim();
    if let Some((wall, suffix)) = text.split_once('[') {
        return zoned(wall, suffix).map(Some);
    }
    if let Some(at) = parse_rfc3339(text) {
        return Ok(Some(Expression::Exact(at)));
    }
    if text.eq_ignore_ascii_case("now") {
        return Ok(Some(Expression::Now));
    }
    Ok(relative(text, look).map(Expression::Length).or_else(|| wall(text)))
}

fn relative(text: &str, look: Look) -> Option<TimeDelta> {
    let lower = text.to_ascii_lowercase();
    let bare = match look {
        Look::Back => lower.strip_suffix(" ago"),
        Look::Forward => lower.strip_prefix("in "),
    };
    duration::length(bare.unwrap_or(&lower))
}

fn wall(text: &str) -> Option<Expression> {
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("at")).collect();
    let (day, clock) = match words.as_slice() {
        [word] => match (day(word), clock(word), word.split_once(['T', 't'])) {
            (Some(day), _, _) => (Some(day), None),
            (_, Some(clock), _) => (None, Some(clock)),
            (_, _, Some((date_part, clock_part))) => {
                (Some(Day::Date(date(date_part)?)), Some(clock(clock_part)?))
            }
            _ => return None,
        },
        [first, second] => (Some(day(first)?), Some(clock(second)?)),
        _ => return None,
    };
    Some(Expression::Wall { day, clock })
}

fn day(word: &str) -> Option<Day> {
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "today" => Day::FromToday(0),
        "yesterday" => Day::FromToday(-1),
        "tomorrow" => Day::FromToday(1),
        "mon" | "monday" => Day::Weekday(Weekday::Mon),
        "tue" | "tuesday" => Day::Weekday(Weekday::Tue),
        "wed" | "wednesday" => Day::Weekday(Weekday::Wed),
        "thu" | "thursday" => Day::Weekday(Weekday::Thu),
        "fri" | "friday" => Day::Weekday(Weekday::Fri),
        "sat" | "saturday" => Day::Weekday(Weekday::Sat),
        "sun" | "sunday" => Day::Weekday(Weekday::Sun),
        _ => Day::Date(date(word)?),
    })
}

/// `2026-12-01`, and only that: four, two and two digits.
fn date(word: &str) -> Option<NaiveDate> {
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    (shape == "0000-00-00").then(|| word.parse().ok()).flatten()
}

/// `9:00`, `09:00:30`, `9am`, `9:30pm`.
fn clock(word: &str) -> Option<NaiveTime> {
    let lower = word.to_ascii_lowercase();
    let (digits, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (lower.as_str(), None),
    };
    let mut parts = digits.split(':').map(number);
    let hour = parts.next()??;
    let minute = parts.next();
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || (minute.is_none() && half.is_none()) {
        return None;
    }
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute.unwrap_or(Some(0))?, second)
}

fn number(digits: &str) -> Option<u32> {
    let well_formed = matches!(digits.len(), 1..=2) && digits.bytes().all(|b| b.is_ascii_digit());
    well_formed.then(|| digits.parse().ok()).flatten()
}

/// RFC 9557: `2026-11-22T09:00[Europe/Berlin]`, with seconds and an offset when they are given. An offset that the
/// zone does not have at that time is refused; `Z` says that the local offset is unknown, and so names the instant.
fn zoned(written: &str, suffix: &str) -> Result<Expression, TimeError> {
    let (name, extensions) = suffix.split_once(']').ok_or_else(|| malformed(written, suffix))?;
    let zone = Zone::named(name.trim_start_matches('!'))?;
    if extensions.contains("[!") {
        return Err(TimeError(format!("\"{}\" cannot be honoured (leave it out)", time::shown(extensions))));
    }
    let written = written.trim();
    if let Some(utc) = written.strip_suffix(['Z', 'z']) {
        let at = local(utc).ok_or_else(|| malformed(written, suffix))?.and_utc();
        return Ok(Expression::Zoned { wall: zone.wall(at), at: Some(at), zone });
    }
    if let Some(wall) = local(written) {
        return Ok(Expression::Zoned { wall, at: None, zone });
    }
    let (wall, at) = with_offset(written).ok_or_else(|| malformed(written, suffix))?;
    if zone.wall(at) != wall {
        return Err(TimeError(format!(
            "{} does not have that offset at {} (leave out one of the two)",
            zone.name(),
            time::shown(written)
        )));
    }
    Ok(Expression::Zoned { wall, at: Some(at), zone })
}

fn with_offset(written: &str) -> Option<(NaiveDateTime, DateTime<Utc>)> {
    let sign = written.rfind(['+', '-'])?;
    let wall = local(written.get(..sign)?)?;
    let offset: FixedOffset = written.get(sign..)?.parse().ok()?;
    Some((wall, wall.checked_sub_offset(offset)?.and_utc()))
}

fn local(written: &str) -> Option<NaiveDateTime> {
    let (day, time) = written.split_once(['T', 't', ' '])?;
    Some(date(day)?.and_time(clock(time)?))
}

fn malformed(written: &str, suffix: &str) -> TimeError {
    let text = format!("{written}[{suffix}");
    TimeError(format!(
        "\"{}\" is not a time in a zone (write 2026-11-22T09:00[Europe/Berlin])",
        time::shown(&text)
    ))
}
