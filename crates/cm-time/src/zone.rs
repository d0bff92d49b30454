//! IANA time zones: wall-clock time to instants and back, with gaps and folds decided as RFC 5545 does.

use crate::{TimeError, database, time};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// A named zone. Abbreviations such as `CST` are refused: they are ambiguous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    tz: TimeZone,
    name: String,
}

/// What a wall-clock time is on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// It exists once.
    Once,
    /// The clocks jump over it: moved forward by the length of the gap.
    Gap,
    /// It exists twice: the first is taken.
    Fold,
}

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone { tz: TimeZone::UTC, name: "UTC".to_owned() }
    }

    /// The zone of that IANA name, from the newer of system and bundled data.
    pub fn named(name: &str) -> Result<Zone, TimeError> {
        let asked = name.trim();
        if asked.eq_ignore_ascii_case("utc") || asked == "Z" {
            return Ok(Zone::utc());
        }
        if is_abbreviation(asked) {
            return Err(ambiguous(asked));
        }
        let tz = database::database().get(asked).map_err(|_| unknown(asked))?;
        let name = tz.iana_name().ok_or_else(|| unknown(asked))?.to_owned();
        // `est` finds EST: the database does not mind small letters.
        if is_abbreviation(&name) {
            return Err(ambiguous(asked));
        }
        Ok(Zone { tz, name })
    }

    /// The machine's zone: `TZ`, else the system's setting, else UTC.
    pub fn system() -> Zone {
        let system = TimeZone::try_system().ok();
        let name = system.as_ref().and_then(TimeZone::iana_name);
        name.and_then(|name| Zone::named(name).ok()).unwrap_or_else(Zone::utc)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The wall-clock time at an instant.
    pub fn wall(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let utc = at.naive_utc();
        utc.checked_add_signed(length(self.tz.to_offset(timestamp(at)))).unwrap_or(utc)
    }

    /// The instant of a wall-clock time. Counting with the offset before the change is both rules at once: it moves
    /// a time in a gap forward by the gap's length, and takes the first of two.
    pub fn instant(&self, wall: NaiveDateTime) -> (DateTime<Utc>, Local) {
        let (offset, local) = match self.offset(wall) {
            AmbiguousOffset::Unambiguous { offset } => (offset, Local::Once),
            AmbiguousOffset::Gap { before, .. } => (before, Local::Gap),
            AmbiguousOffset::Fold { before, .. } => (before, Local::Fold),
        };
        (minus(wall, offset), local)
    }

    /// The first instant of a day (which may be 01:00 where midnight is skipped); of a day that a zone left out
    /// altogether, the instant at which the next one began.
    pub fn day_start(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        let AmbiguousOffset::Gap { after, .. } = self.offset(midnight) else {
            return self.instant(midnight).0;
        };
        // Midnight counted with the offset after the change lies just before the change.
        let change = self.tz.following(timestamp(minus(midnight, after))).next();
        change.map_or_else(|| self.instant(midnight).0, |change| instant(change.timestamp()))
    }

    fn offset(&self, wall: NaiveDateTime) -> AmbiguousOffset {
        match civil(wall) {
            Some(civil) => self.tz.to_ambiguous_timestamp(civil).offset(),
            None => AmbiguousOffset::Unambiguous { offset: Offset::UTC },
        }
    }
}

/// Names without a region that are written in capitals, as `EST`, `CET` or `EST5EDT`: they name an offset here and
/// another one elsewhere, or a rule that no place keeps. `GMT` is the one that everybody reads alike.
fn is_abbreviation(name: &str) -> bool {
    !name.contains('/') && name != "GMT" && !name.is_empty() && !name.bytes().any(|b| b.is_ascii_lowercase())
}

fn ambiguous(name: &str) -> TimeError {
    TimeError(format!(
        "\"{}\" is an abbreviation that means several time zones (write a name such as Europe/Berlin)",
        time::shown(name)
    ))
}

fn unknown(name: &str) -> TimeError {
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_ascii_lowercase();
    let asked = city(name);
    // What is longer than any name is no typing error, and is not compared with six hundred of them.
    let nearest = database::database()
        .available()
        .filter(|_| asked.len() < 40)
        .map(|zone| (strsim::jaro_winkler(&city(zone.as_str()), &asked), zone.as_str().to_owned()))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    match nearest {
        Some((likeness, zone)) if likeness > 0.85 => {
            TimeError(format!("no time zone \"{}\" (did you mean \"{zone}\"?)", time::shown(name)))
        }
        _ => {
            TimeError(format!("no time zone \"{}\" (write a name such as Europe/Berlin)", time::shown(name)))
        }
    }
}

fn length(offset: Offset) -> TimeDelta {
    TimeDelta::seconds(i64::from(offset.seconds()))
}

fn minus(wall: NaiveDateTime, offset: Offset) -> DateTime<Utc> {
    wall.checked_sub_signed(length(offset)).unwrap_or(wall).and_utc()
}

/// Instants beyond the year 9999 (which jiff does not know) are held at its edge: no rule differs there.
fn timestamp(at: DateTime<Utc>) -> Timestamp {
    let edge = if at.timestamp() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::new(at.timestamp(), 0).unwrap_or(edge)
}

fn instant(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(at.as_second(), 0).unwrap_or_default()
}

fn civil(wall: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    let small = |n: u32| i8::try_from(n).ok();
    jiff::civil::DateTime::new(
        i16::try_from(wall.year()).ok()?,
        small(wall.month())?,
        small(wall.day())?,
        small(wall.hour())?,
        small(wall.minute())?,
        small(wall.second())?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_rfc3339, rfc3339};
    use proptest::prelude::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    /// (zone, wall-clock time, instant, what it is there)
    const WALLS: &[(&str, &str, &str, Local)] = &[
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z", Local::Gap), // shown as 03:30
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z", Local::Fold),
        ("Europe/Berlin", "2026-11-22T09:00:00", "2026-11-22T08:00:00Z", Local::Once),
        ("Pacific/Apia", "2011-12-30T10:00:00", "2011-12-30T20:00:00Z", Local::Gap), // the 31st at 10:00
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00Z", Local::Gap), // 02:45
        ("Africa/Cairo", "2026-04-24T00:30:00", "2026-04-23T22:30:00Z", Local::Gap),
        ("Asia/Kathmandu", "2026-01-01T00:00:00", "2025-12-31T18:15:00Z", Local::Once),
    ];

    #[test]
    fn gaps_move_forward_and_folds_take_the_first() {
        for (zone, asked, expected, local) in WALLS {
            let (at, found) = Zone::named(zone).unwrap().instant(wall(asked));
            assert_eq!((rfc3339(at).as_str(), found), (*expected, *local), "{asked} {zone}");
        }
    }

    #[test]
    fn days_start_where_the_clocks_say() {
        for (zone, day, expected) in [
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"),
            ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"), // 01:00 there
            ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"), // 01:00 there
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"), // the day that was not
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"), // 00:00 exists twice
            ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"), // 23:30 became 00:30
        ] {
            let start = Zone::named(zone).unwrap().day_start(day.parse().unwrap());
            assert_eq!(rfc3339(start), expected, "{day} {zone}");
        }
    }

    #[test]
    fn names_are_canonical_and_abbreviations_refused() {
        assert_eq!(Zone::named("europe/berlin").unwrap().name(), "Europe/Berlin");
        assert_eq!(Zone::named("utc").unwrap(), Zone::utc());
        assert_eq!(Zone::named("gmt").unwrap().name(), "GMT");
        for name in ["CST", "EST", "est", "Cet", "est5edt", "EST5EDT", "+02:00"] {
            let error = Zone::named(name).unwrap_err().to_string();
            assert!(error.contains("Europe/Berlin"), "{error}");
        }
        for (name, hint) in
            [("Europe/Berlni", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("", "Europe/Berlin")]
        {
            let error = Zone::named(name).unwrap_err().to_string();
            assert!(error.contains(hint), "{error}");
        }
        assert!(Zone::named("../../etc/passwd").is_err());
    }

    proptest! {
        #[test]
        fn an_instant_is_found_again_but_for_the_second_of_two(
            seconds in 0_i64..4_000_000_000,
            zone in prop::sample::select(vec!["Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "America/Havana"]),
        ) {
            let zone = Zone::named(zone).unwrap();
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let (back, local) = zone.instant(zone.wall(at));
            prop_assert!(back == at || (local == Local::Fold && back < at));
            prop_assert!(zone.day_start(zone.wall(at).date()) <= at);
        }

        #[test]
        fn no_name_panics(name in "\\PC{0,40}") {
            let _ = Zone::named(&name);
        }
    }

    #[test]
    fn far_away_instants_do_not_panic() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        for at in [
            DateTime::<Utc>::MIN_UTC,
            DateTime::<Utc>::MAX_UTC,
            parse_rfc3339("9999-12-31T23:59:59Z").unwrap(),
        ] {
            let _ = zone.instant(zone.wall(at));
            let _ = zone.day_start(zone.wall(at).date());
        }
    }
}
