//! Slots: wall-clock times per weekday, and the next one that is free.

use crate::quiet::{Quiet, time_of_day};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use cm_time::{Local, Zone};
use std::collections::BTreeMap;

/// How far ahead a free slot is looked for.
const DAYS_AHEAD: u64 = 366;
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Times of day, each for some weekdays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slots(Vec<Slot>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    /// Bit 0 is Monday.
    days: u8,
    time: NaiveTime,
    /// As written, for `why`: `mon-fri 09:00`.
    label: String,
}

/// What a slot has to respect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manners {
    /// Nothing is scheduled then.
    pub quiet: Quiet,
    /// The least elapsed time between two posts.
    pub gap: TimeDelta,
}

/// A free slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Free {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The wall-clock time that was asked for.
    pub wall: NaiveDateTime,
    /// Which slot, and what was passed over.
    pub why: String,
}

impl Slots {
    /// Reads `mon-fri = ["09:00"]`, `sat`, `daily`, `mon,wed,fri` ...
    pub(crate) fn parse(table: &BTreeMap<String, Vec<String>>) -> Result<Slots, String> {
        let mut slots = Vec::new();
        for (key, times) in table {
            let days = days(key).ok_or_else(|| {
                format!("slots: {key:?} names no days: write mon-fri, sat, mon,wed,fri or daily")
            })?;
            for text in times {
                // 24:00 would be the midnight before.
                let time = time_of_day(text)
                    .filter(|_| !text.trim().starts_with("24"))
                    .ok_or_else(|| format!("slots: {key}: {text:?} is no time of day such as \"09:00\""))?;
                slots.push(Slot { days, time, label: format!("{key} {text}") });
            }
        }
        Ok(Slots(slots))
    }

    /// True when there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The instants of a day's slots, in order. A slot that the clocks jump over is moved forward; a day that the zone
    /// leaves out altogether has none.
    fn on(&self, day: NaiveDate, zone: &Zone) -> Vec<(DateTime<Utc>, Local, &Slot)> {
        let bit = 1 << day.weekday().num_days_from_monday();
        let mut instants: Vec<_> = self
            .0
            .iter()
            .filter(|slot| slot.days & bit != 0)
            .map(|slot| (zone.instant(day.and_time(slot.time)), slot))
            .filter(|((at, _), slot)| zone.wall(*at) - day.and_time(slot.time) < TimeDelta::hours(20))
            .map(|((at, local), slot)| (at, local, slot))
            .collect();
        instants.sort_by_key(|(at, ..)| *at);
        instants
    }

    /// The first slot after `now` at which nothing of `taken` stands or stands too near.
    pub(crate) fn next_free(
        &self,
        manners: &Manners,
        zone: &Zone,
        now: DateTime<Utc>,
        taken: &[DateTime<Utc>],
    ) -> Option<Free> {
        let mut passed = Passed::default();
        // The day before: what a gap moves past midnight belongs to it.
        let first = zone.wall(now).date().pred_opt()?;
        for day in (0..DAYS_AHEAD).map_while(|n| first.checked_add_days(Days::new(n))) {
            for (at, local, slot) in self.on(day, zone).into_iter().filter(|(at, ..)| *at > now) {
                if taken.contains(&at) {
                    passed.taken += 1;
                } else if manners.quiet.covers(zone.wall(at).time()) {
                    passed.quiet += 1;
                } else if taken.iter().any(|other| (at - *other).abs() < manners.gap) {
                    passed.near += 1;
                } else {
                    let why = format!("the next free slot, {}{}{passed}", slot.label, shifted(local));
                    return Some(Free { at, wall: day.and_time(slot.time), why });
                }
            }
        }
        None
    }
}

/// The slots that were passed over.
#[derive(Default)]
struct Passed {
    taken: u32,
    near: u32,
    quiet: u32,
}

impl std::fmt::Display for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (count, why) in [
            (self.taken, "taken"),
            (self.near, "within min_gap of another post"),
            (self.quiet, "in quiet hours"),
        ] {
            if count > 0 {
                write!(f, "; {count} before it {why}")?;
            }
        }
        Ok(())
    }
}

/// What is said of a wall-clock time that does not exist once.
pub(crate) fn shifted(local: Local) -> &'static str {
    match local {
        Local::Once => "",
        Local::Gap => " (the clocks jump over it that day: moved forward)",
        Local::Fold => " (it comes twice that day: the first)",
    }
}

/// The weekdays that a key names, as bits.
fn days(key: &str) -> Option<u8> {
    if key.trim() == "daily" {
        return Some(0b111_1111);
    }
    let mut bits = 0;
    for part in key.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last) = (weekday(from)?, weekday(to)?);
        bits |= bit(day);
        while day != last {
            day = day.succ();
            bits |= bit(day);
        }
    }
    Some(bits)
}

fn bit(day: Weekday) -> u8 {
    1 << day.num_days_from_monday()
}

fn weekday(text: &str) -> Option<Weekday> {
    let text = text.trim().to_ascii_lowercase();
    let at = WEEKDAYS.iter().position(|name| *name == text || name.get(..3) == Some(text.as_str()))?;
    Weekday::try_from(u8::try_from(at).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_time::parse_rfc3339;
    use proptest::prelude::*;

    fn slots(table: &[(&str, &[&str])]) -> Slots {
        let owned = table.iter().map(|(k, v)| ((*k).to_owned(), v.iter().map(|t| (*t).to_owned()).collect()));
        Slots::parse(&owned.collect()).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        parse_rfc3339(text).unwrap()
    }

    fn berlin() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    fn manners(quiet: &[&str], minutes: i64) -> Manners {
        let quiet: Vec<String> = quiet.iter().map(|q| (*q).to_owned()).collect();
        Manners { quiet: Quiet::parse(&quiet).unwrap(), gap: TimeDelta::minutes(minutes) }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (key, bits) in [
            ("mon-fri", 0b001_1111),
            ("sat", 0b010_0000),
            ("daily", 0b111_1111),
            ("mon,wed,fri", 0b001_0101),
            ("fri-mon", 0b111_0001),
            ("Sunday", 0b100_0000),
            ("sat-sun, wed", 0b110_0100),
        ] {
            assert_eq!(days(key), Some(bits), "{key}");
        }
        for key in ["", "mon-", "m", "weekdays", "mon..fri", "mo"] {
            assert_eq!(days(key), None, "{key}");
        }
    }

    #[test]
    fn the_end_of_a_day_is_no_slot_of_it() {
        let table = BTreeMap::from([("mon".to_owned(), vec!["24:00".to_owned()])]);
        assert!(Slots::parse(&table).unwrap_err().contains("no time of day"));
    }

    #[test]
    fn the_next_free_slot_says_what_it_passed_over() {
        // Sunday, 22 November 2026.
        let plan = slots(&[("mon-fri", &["09:00", "12:30", "16:45"]), ("sat", &["11:00"])]);
        let now = at("2026-11-22T18:00:00Z");
        let first = plan.next_free(&manners(&[], 45), &berlin(), now, &[]).unwrap();
        assert_eq!(
            (first.at, first.why.as_str()),
            (at("2026-11-23T08:00:00Z"), "the next free slot, mon-fri 09:00")
        );
        let taken = [first.at, at("2026-11-23T11:10:00Z")];
        let next = plan.next_free(&manners(&["16:00-18:00"], 45), &berlin(), now, &taken).unwrap();
        assert_eq!(next.at, at("2026-11-24T08:00:00Z"));
        assert_eq!(
            next.why,
            "the next free slot, mon-fri 09:00; 1 before it taken; 1 before it within min_gap of another post; 1 before it in quiet hours"
        );
    }

    #[test]
    fn clocks_that_jump_move_a_slot_and_clocks_that_fall_back_take_the_first() {
        let plan = slots(&[("daily", &["02:30", "03:30"])]);
        let none = manners(&[], 0);
        // 29 March 2026: 02:00 becomes 03:00. Both slots meet at 03:30 and are one.
        let gap = plan.next_free(&none, &berlin(), at("2026-03-28T12:00:00Z"), &[]).unwrap();
        assert_eq!(
            (gap.at, gap.wall.to_string().as_str()),
            (at("2026-03-29T01:30:00Z"), "2026-03-29 02:30:00")
        );
        assert!(gap.why.contains("jump over"), "{}", gap.why);
        let after = plan.next_free(&none, &berlin(), at("2026-03-28T12:00:00Z"), &[gap.at]).unwrap();
        assert_eq!(after.at, at("2026-03-30T00:30:00Z"));
        // 25 October 2026: 02:30 comes twice.
        let fold = plan.next_free(&none, &berlin(), at("2026-10-24T12:00:00Z"), &[]).unwrap();
        assert_eq!(fold.at, at("2026-10-25T00:30:00Z"));
        assert!(fold.why.contains("comes twice"), "{}", fold.why);
        let after = plan.next_free(&none, &berlin(), at("2026-10-24T12:00:00Z"), &[fold.at]).unwrap();
        assert_eq!(after.at, at("2026-10-25T02:30:00Z"));
    }

    #[test]
    fn a_day_that_a_zone_leaves_out_has_no_slots() {
        let apia = Zone::named("Pacific/Apia").unwrap();
        let plan = slots(&[("fri", &["09:00"])]);
        // 30 December 2011, a Friday, never was.
        let next = plan.next_free(&manners(&[], 0), &apia, at("2011-12-29T12:00:00Z"), &[]).unwrap();
        assert_eq!(next.wall.to_string(), "2012-01-06 09:00:00");
    }

    #[test]
    fn always_quiet_is_said_by_having_no_slot() {
        let plan = slots(&[("daily", &["23:00"])]);
        assert_eq!(
            plan.next_free(&manners(&["22:00-07:00"], 0), &berlin(), at("2026-11-22T18:00:00Z"), &[]),
            None
        );
    }

    proptest! {
        #[test]
        fn any_table_is_answered(key in ".{0,20}", time in ".{0,8}") {
            let _ = Slots::parse(&BTreeMap::from([(key, vec![time])]));
        }

        #[test]
        fn slots_are_filled_once_each_in_order_and_with_manners(
            start in 1_700_000_000_i64..1_900_000_000, minutes in prop::collection::vec(0u32..1440, 1..6),
            gap in 0i64..180, zone in prop::sample::select(vec!["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "UTC"]),
        ) {
            let times: Vec<String> = minutes.iter().map(|m| format!("{:02}:{:02}", m / 60, m % 60)).collect();
            let plan = Slots::parse(&BTreeMap::from([("daily".to_owned(), times)])).unwrap();
            let (zone, manners) = (Zone::named(zone).unwrap(), manners(&["03:00-04:00"], gap));
            let now = DateTime::from_timestamp(start, 0).unwrap();
            let mut taken = Vec::new();
            while let Some(free) = plan.next_free(&manners, &zone, now, &taken).filter(|_| taken.len() < 12) {
                prop_assert!(free.at > now && taken.last().is_none_or(|last| free.at > *last));
                prop_assert!(taken.iter().all(|other| (free.at - *other).abs() >= manners.gap));
                prop_assert!(!manners.quiet.covers(zone.wall(free.at).time()));
                taken.push(free.at);
            }
        }
    }
}
