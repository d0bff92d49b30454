//! Dates as feeds write them. In: any text. Out: an instant in UTC, or nothing: a date is never guessed.
//!
//! Understood: W3C-DTF and ISO 8601 (also with a blank, basic, ordinal), RFC 822 and its many variants, asctime, slashed
//! year-first dates, Korean, Greek, Hungarian, German, French, Spanish, Italian, Portuguese, Dutch and Russian month names,
//! named zones that mean one thing in feeds. A time without a zone is UTC; an unknown zone name is no date.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Longer texts are no dates.
const LONGEST: usize = 100;

/// Reads a date.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    // `2003-07-01 T 06:55:07 Z`, before `T` and `t` are parts of words.
    let tight = || iso(&text.split_whitespace().collect::<String>());
    iso(text).or_else(tight).or_else(|| korean(text)).or_else(|| words(text))
}

/// A date as it is written, on one line and no longer than any date.
pub(crate) fn written(text: &str) -> String {
    let line = crate::feed::one_line(text);
    line[..line.floor_char_boundary(LONGEST)].to_owned()
}

/// `2003-12-31T10:14:55.5+01:00` and its shorter and looser forms.
fn iso(text: &str) -> Option<DateTime<Utc>> {
    let split = text.find(['T', 't', ' ', '_']);
    let (date, time) = split.map_or((text, None), |at| (&text[..at], Some(text[at + 1..].trim())));
    let date = iso_date(date)?;
    match time {
        None | Some("") => Some(date.and_time(NaiveTime::MIN).and_utc()),
        Some(time) => {
            let end = time.find(|c: char| !c.is_ascii_digit() && !":.,".contains(c)).unwrap_or(time.len());
            let (clock, zone) = (time[..end].trim_end_matches([':', '.', ',']), time[end..].trim());
            let clock = &extended(clock);
            let offset = if zone.is_empty() { TimeDelta::zero() } else { zone_offset(zone)? };
            at(date, clock, None, offset)
        }
    }
}

/// `192030` and `1920` are `19:20:30` and `19:20` (ISO 8601, basic format).
fn extended(clock: &str) -> String {
    let whole = clock.find(['.', ',']).unwrap_or(clock.len());
    match whole {
        4 | 6 if !clock.contains(':') => {
            let (hour, rest) = clock.split_at(2);
            let (minute, second) = rest.split_at(2);
            if second.is_empty() { format!("{hour}:{minute}") } else { format!("{hour}:{minute}:{second}") }
        }
        _ => clock.to_owned(),
    }
}

fn iso_date(text: &str) -> Option<NaiveDate> {
    let short = text.strip_prefix('-');
    let parts: Vec<&str> = short.unwrap_or(text).split('-').collect();
    if !parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let n: Vec<u32> = parts.iter().map_while(|part| part.parse().ok()).collect();
    match (short.is_some(), &lengths[..], &n[..]) {
        (false, [4, 1..=2, 1..=2], [y, m, d]) => ymd(*y, *m, *d),
        // Three digits and a leading zero: seen in the wild.
        (false, [4, 3, 1..=2], [y, m, d]) => ymd(*y, *m, *d),
        (false, [2, 2, 2], [y, m, d]) => ymd(century(*y), *m, *d),
        (false, [4, 1..=2], [y, m]) => ymd(*y, *m, 1),
        (false, [4, 3], [y, day]) => NaiveDate::from_yo_opt(*y as i32, *day),
        (false, [4], [y]) => ymd(*y, 1, 1),
        (false, [8], [all]) => ymd(all / 10_000, all / 100 % 100, all % 100),
        (false, [7], [all]) => NaiveDate::from_yo_opt((all / 1000) as i32, all % 1000),
        (false, [6], [all]) => ymd(century(all / 10_000), all / 100 % 100, all % 100),
        // ISO 8601:1988, year of the century and month.
        (true, [4], [all]) => ymd(century(all / 100), all % 100, 1),
        (true, [2, 2], [y, m]) => ymd(century(*y), *m, 1),
        _ => None,
    }
}

/// `2004년 05월 28일 오후 01:31:15`, `2004-05-25 오후 11:23:17`: Korean time.
fn korean(text: &str) -> Option<DateTime<Utc>> {
    let afternoon = text.contains("오후");
    if !afternoon && !text.contains("오전") && !text.contains('년') {
        return None;
    }
    let plain =
        text.replace(['년', '월', '일'], "-").replace("오후", " ").replace("오전", " ").replace("- ", "-");
    let numbers: Vec<u32> =
        plain.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let [y, m, d, clock @ ..] = &numbers[..] else { return None };
    let clock: Vec<String> = clock.iter().take(3).map(|n| format!("{n:02}")).collect();
    let half = if text.contains("오") { Some(afternoon) } else { None };
    at(ymd(*y, *m, *d)?, &clock.join(":"), half, TimeDelta::hours(9))
}

/// Everything that is a row of words and numbers: RFC 822, asctime and what is like them.
fn words(text: &str) -> Option<DateTime<Utc>> {
    let mut read = Words::default();
    let text = text.replace([',', '(', ')', '·'], " ").replace(" - ", " ");
    for word in text.split_whitespace() {
        read.word(word)?;
    }
    let date = match read.date {
        Some(date) => date,
        None => read.assemble()?,
    };
    at(date, read.clock.as_deref().unwrap_or("00:00"), read.afternoon, read.zone.unwrap_or_default())
}

#[derive(Default)]
struct Words {
    date: Option<NaiveDate>,
    month: Option<u32>,
    /// Numbers other than the time, in order: day and year.
    numbers: Vec<(u32, usize)>,
    clock: Option<String>,
    afternoon: Option<bool>,
    zone: Option<TimeDelta>,
}

impl Words {
    fn word(&mut self, word: &str) -> Option<()> {
        let lower = word.trim_end_matches('.').to_lowercase();
        let digits = lower.bytes().all(|b| b.is_ascii_digit());
        if digits && lower.len() <= 4 {
            self.numbers.push((lower.parse().ok()?, lower.len()));
        } else if word == "at" || self.compound(&lower) || is_filler(&lower) && month(&lower).is_none() {
        } else if lower.contains(':') && lower.starts_with(|c: char| c.is_ascii_digit()) {
            self.time(&lower)?;
        } else if let Some(afternoon) = half_of_day(&lower) {
            self.afternoon = Some(afternoon);
        } else if let Some(month) = month(&lower) {
            self.month = Some(month);
        } else {
            let offset = zone_offset(word)?;
            // `GMT +0200`: the number says it.
            self.zone = Some(if offset.is_zero() { self.zone.unwrap_or(offset) } else { offset });
        }
        Some(())
    }

    /// `10:14:55`, `10:14:55+0100`, `10:14pm`, `10:14:55Z`.
    fn time(&mut self, word: &str) -> Option<()> {
        let end = word.find(|c: char| !c.is_ascii_digit() && !":.".contains(c)).unwrap_or(word.len());
        self.clock = Some(word[..end].to_owned());
        match &word[end..] {
            "" => {}
            rest if half_of_day(rest).is_some() => self.afternoon = half_of_day(rest),
            rest => self.zone = Some(zone_offset(rest)?),
        }
        Some(())
    }

    /// `2006/09/15`, `15-sep-2006`, `2004-július-13t9:15-05:00`, `1st`.
    fn compound(&mut self, word: &str) -> bool {
        let ordinal =
            ["st", "nd", "rd", "th", "º"].iter().find_map(|end| word.strip_suffix(end)?.parse().ok());
        if let Some(day) = ordinal {
            self.numbers.push((day, 2));
            return true;
        }
        let (date, time) = word.rsplit_once('t').filter(|(_, time)| time.contains(':')).unwrap_or((word, ""));
        let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
        let [a, b, c] = parts[..] else { return false };
        let number = |text: &str| text.parse::<u32>().ok();
        let found = match (number(a), number(b), number(c)) {
            (Some(y), Some(m), Some(d)) if a.len() == 4 => ymd(y, m, d),
            (Some(y), None, Some(d)) if a.len() == 4 => month(b).and_then(|m| ymd(y, m, d)),
            (Some(d), None, Some(y)) => month(b).and_then(|m| ymd(year(y, c.len())?, m, d)),
            _ => None,
        };
        self.date = found.or(self.date);
        found.is_some() && (time.is_empty() || self.time(time).is_some())
    }

    /// Day, month and year in the order in which they stand: the day is the one that can be.
    fn assemble(&self) -> Option<NaiveDate> {
        let month = self.month?;
        let [a, b] = self.numbers[..] else { return None };
        let (day, (y, length)) = if a.1 > 2 { (b.0, a) } else { (a.0, b) };
        ymd(year(y, length)?, month, day)
    }
}

fn year(number: u32, length: usize) -> Option<u32> {
    match length {
        4 => Some(number),
        2 => Some(century(number)),
        _ => None,
    }
}

/// 69 to 99 are of the last century (POSIX).
fn century(year: u32) -> u32 {
    if year >= 69 { 1900 + year } else { 2000 + year }
}

fn ymd(y: u32, m: u32, d: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, d)
}

/// The instant of a day and a `10:14:55.123`; 24:00 is the next day's beginning, a leap second the second before.
fn at(day: NaiveDate, clock: &str, afternoon: Option<bool>, offset: TimeDelta) -> Option<DateTime<Utc>> {
    let mut parts = clock.split(':');
    let number =
        |part: Option<&str>| part.map_or(Some(0), |text| text.split(['.', ',']).next()?.parse::<u32>().ok());
    let (mut hour, minute, second) = (number(parts.next())?, number(parts.next())?, number(parts.next())?);
    match afternoon {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    let (day, hour) = if (hour, minute, second) == (24, 0, 0) { (day.succ_opt()?, 0) } else { (day, hour) };
    let wall = NaiveDateTime::new(
        day,
        NaiveTime::from_hms_opt(hour, minute, if second == 60 { 59 } else { second })?,
    );
    let instant = wall.checked_sub_signed(offset)?.and_utc();
    (0..=9999).contains(&instant.year()).then_some(instant)
}

/// `+0200`, `-08:00`, `+1`, `GMT`, `GMT-01:01`, `EST`, `Z`.
fn zone_offset(zone: &str) -> Option<TimeDelta> {
    let zone = zone.trim();
    let Some(sign_at) = zone.find(['+', '-', '−']) else { return named_zone(zone) };
    let name = &zone[..sign_at];
    if !name.is_empty() && !["gmt", "utc", "ut", "z"].contains(&name.to_ascii_lowercase().as_str()) {
        return None;
    }
    let sign = if zone[sign_at..].starts_with('+') { 1 } else { -1 };
    let digits = zone[sign_at..].trim_start_matches(['+', '-', '−']);
    let (hours, minutes) = match digits.split_once(':') {
        Some((h, m)) => (h, m),
        None if digits.len() > 2 => {
            digits.split_at(digits.len().checked_sub(2).filter(|at| digits.is_char_boundary(*at))?)
        }
        None => (digits, "0"),
    };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=24).contains(&hours) && (0..60).contains(&minutes))
        .then(|| TimeDelta::minutes(sign * (hours * 60 + minutes)))
}

fn named_zone(name: &str) -> Option<TimeDelta> {
    let minutes = match name.to_ascii_uppercase().as_str() {
        "Z" | "UT" | "GMT" | "UTC" | "WET" | "ETC/GMT" | "ETC/UTC" => 0,
        "NDT" => -150,
        "NST" => -210,
        "AT" | "AST" | "EDT" => -240,
        "ADT" => -180,
        "ET" | "EST" | "CDT" => -300,
        "CT" | "CST" | "MDT" => -360,
        "MT" | "MST" | "PDT" => -420,
        "PT" | "PST" | "AKDT" => -480,
        "AKST" => -540,
        "HST" => -600,
        "WEST" | "BST" | "CET" | "MET" | "MEZ" => 60,
        "CEST" | "MEST" | "MESZ" | "EET" | "SAST" => 120,
        "EEST" | "MSK" => 180,
        "JST" | "KST" => 540,
        "AEST" => 600,
        "AEDT" => 660,
        "NZST" => 720,
        "NZDT" => 780,
        _ => return None,
    };
    Some(TimeDelta::minutes(minutes))
}

fn half_of_day(word: &str) -> Option<bool> {
    match word {
        "am" | "a.m" => Some(false),
        "pm" | "p.m" => Some(true),
        _ => None,
    }
}

/// Week-days in the languages of the months, and small words between the parts.
fn is_filler(word: &str) -> bool {
    const DAYS: [&str; 46] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "κυρ", "δευ", "τρι", "τετ", "πεμ", "παρ", "σαβ",
        "mo", "di", "mi", "do", "fr", "sa", "so", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "mié",
        "jue", "vie", "sáb", "dom", "gio", "seg", "ter", "qua", "qui", "sex", "пн", "вт", "ср", "чт", "пт",
        "сб", "вс",
    ];
    matches!(word, "of" | "de" | "um" | "uhr" | "à" | "the")
        || DAYS.iter().any(|day| word == *day || (day.chars().count() >= 3 && word.starts_with(day)))
}

/// The month that a word names: by its beginning, in several languages.
fn month(word: &str) -> Option<u32> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "ιαν", "jän", "ene", "gen", "янв"],
        &["feb", "φεβ", "fév", "fev", "фев"],
        &["mar", "μάρ", "μαρ", "már", "mär", "mrt", "maart", "мар"],
        &["apr", "απρ", "ápr", "avr", "abr", "апр"],
        &["may", "μάι", "μαϊ", "μαι", "máj", "mai", "mei", "mag", "май", "мая"],
        &["jun", "ιούν", "ιον", "jún", "juin", "giu", "июн"],
        &["jul", "ιούλ", "ιολ", "júl", "juil", "lug", "июл"],
        &["aug", "αύγ", "αυγ", "aoû", "aou", "ago", "авг"],
        &["sep", "σεπ", "szept", "set", "сен"],
        &["oct", "οκτ", "okt", "out", "ott", "окт"],
        &["nov", "νοέ", "νοε", "ноя"],
        &["dec", "δεκ", "dez", "déc", "dic", "дек"],
    ];
    let named = |names: &&[&str]| names.iter().any(|name| word.starts_with(name));
    // "mar" is March and a short Tuesday; these are Tuesdays only.
    if matches!(word, "mardi" | "martes" | "martedì") {
        return None;
    }
    (word.chars().count() >= 3).then(|| MONTHS.iter().position(named))?.map(|i| i as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_time::rfc3339;
    use proptest::prelude::*;

    #[test]
    fn forms_that_feeds_use() {
        for (text, expected) in [
            ("Sat, 07 Sep 2002 00:00:01 GMT", Some("2002-09-07T00:00:01Z")),
            ("Sat, 7 Sep 2002 0:0:1 +0200", Some("2002-09-06T22:00:01Z")),
            ("7 September 2002", Some("2002-09-07T00:00:00Z")),
            ("September 7th, 2002 9:05 PM EST", Some("2002-09-08T02:05:00Z")),
            ("Thu Aug 30 2012 17:26:16 GMT+0200 (CEST)", Some("2012-08-30T15:26:16Z")),
            ("Fri, 2006/09/15 08:19:53 EDT", Some("2006-09-15T12:19:53Z")),
            ("15-Sep-06 08:19", Some("2006-09-15T08:19:00Z")),
            ("2004-július-13T9:15-05:00", Some("2004-07-13T14:15:00Z")),
            ("2004년 05월 28일  01:31:15", Some("2004-05-27T16:31:15Z")),
            ("2026-11-22T09:00:00.123+01:00", Some("2026-11-22T08:00:00Z")),
            ("2026-11-22 09:00", Some("2026-11-22T09:00:00Z")),
            ("20261122T090000Z", Some("2026-11-22T09:00:00Z")),
            ("2002-12-31T192030.5+01:00", Some("2002-12-31T18:20:30Z")),
            ("Wed, 19 Aug 2009 18:28:00 Etc/GMT", Some("2009-08-19T18:28:00Z")),
            ("Mon, 13 Feb, 2012 06:28:00 UTC", Some("2012-02-13T06:28:00Z")),
            ("Wed, 22 Nov 2017 12:21:11 -0800 (PST)", Some("2017-11-22T20:21:11Z")),
            ("Wed, 22 Nov 2017 12:21:11 PST-0800", None),
            ("Tue,  5 Dec 2017 7:05:00 AM GMT", Some("2017-12-05T07:05:00Z")),
            ("2017/12/05 07:05:00", Some("2017-12-05T07:05:00Z")),
            ("2017-12-05 07:05:00 UTC", Some("2017-12-05T07:05:00Z")),
            ("2017-12-05 07:05:00 +0000", Some("2017-12-05T07:05:00Z")),
            ("Dec 5, 2017", Some("2017-12-05T00:00:00Z")),
            ("5 décembre 2017 à 07:05", Some("2017-12-05T07:05:00Z")),
            ("Di, 05 Dez 2017 07:05:00 +0100", Some("2017-12-05T06:05:00Z")),
            ("2012-12", Some("2012-12-01T00:00:00Z")),
            ("2003335", Some("2003-12-01T00:00:00Z")),
            ("Thu, 31 Jun 2004 19:48:21 GMT", None),
            ("1700000000", None),
            ("2026-11-22T24:00:00Z", Some("2026-11-23T00:00:00Z")),
            ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z")),
            ("yesterday", None),
            ("Mon, 01 Jan 2004 10:00:00 XYZ", None),
            ("31 Feb 2004", None),
            ("11/12/2004", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(rfc3339).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\PC|[0-9]|[-+:TZ/., ]|Jan|GMT|오후|년){0,30}") {
            let _ = parse(&text);
        }
    }
}
