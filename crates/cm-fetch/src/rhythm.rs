//! What a document says of how often it is worth asking. In: its head. Out: how long to wait, and the hours and days at which it wants no visit. Pure; kept from run to run, since a "not modified" says
//! none of it again.
//!
//! `ttl`, `skipHours` and `skipDays`: RSS 2.0, <https://www.rssboard.org/rss-specification> (times in GMT).
//! `sy:update*`: <https://web.resource.org/rss/1.0/modules/syndication/>.

use crate::feed::Head;
use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// A document's own words about its rhythm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Rhythm {
    /// `ttl`, in minutes.
    pub(crate) ttl_minutes: Option<u64>,
    /// `sy:updatePeriod`, in seconds.
    pub(crate) period_seconds: Option<i64>,
    /// `sy:updateFrequency`: how often in a period.
    pub(crate) frequency: Option<i64>,
    /// `sy:updateBase`: from which periods are counted.
    pub(crate) base: Option<DateTime<Utc>>,
    /// `skipHours`: a bit for each hour of the day in GMT.
    skip_hours: u32,
    /// `skipDays`: a bit for each day of the week in GMT, Monday the lowest.
    skip_days: u8,
}

/// All hours of a day, all days of a week: whoever skips them all means nothing by it.
const ALL_HOURS: u32 = (1 << 24) - 1;
const ALL_DAYS: u8 = (1 << 7) - 1;
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Rhythm {
    /// Of a document's head. Hours of a document in RSS 0.91 count to 24: that is midnight.
    pub(crate) fn of(head: &Head) -> Rhythm {
        let hours = head.skip_hours.iter().filter(|hour| **hour <= 24).map(|hour| 1 << (hour % 24));
        let days = head.skip_days.iter().map(|day| 1 << day.num_days_from_monday());
        Rhythm {
            ttl_minutes: head.ttl_minutes,
            period_seconds: head.update_period.as_deref().and_then(period),
            frequency: head.update_frequency.and_then(|often| i64::try_from(often).ok()),
            base: head.update_base,
            skip_hours: hours.fold(0, |all: u32, hour| all | hour),
            skip_days: days.fold(0, |all: u8, day| all | day),
        }
    }

    /// How long `ttl` asks to be left alone.
    pub(crate) fn ttl(&self) -> Option<TimeDelta> {
        let minutes = i64::try_from(self.ttl_minutes.filter(|minutes| *minutes > 0)?).ok();
        Some(minutes.and_then(TimeDelta::try_minutes).unwrap_or(TimeDelta::MAX))
    }

    /// How long `sy:update*` says that nothing changes.
    pub(crate) fn update(&self) -> Option<TimeDelta> {
        if self.period_seconds.is_none() && self.frequency.is_none() {
            return None;
        }
        // A period that is not said is a day, and so often in it that is not said is once.
        let seconds = self.period_seconds.unwrap_or(DAY) / self.frequency.unwrap_or(1).max(1);
        TimeDelta::try_seconds(seconds).filter(|length| *length > TimeDelta::zero())
    }

    /// When by `sy:update*` it changes next: a whole number of updates from its base, else one from now.
    pub(crate) fn next_update(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let length = self.update()?;
        let Some(base) = self.base else { return now.checked_add_signed(length) };
        let since = (now - base).num_seconds().rem_euclid(length.num_seconds());
        now.checked_add_signed(length - TimeDelta::try_seconds(since)?)
    }

    /// The hours that it skips, where it does not skip them all.
    pub(crate) fn skipped_hours(&self) -> Vec<u32> {
        let hours = if self.skip_hours == ALL_HOURS { 0 } else { self.skip_hours };
        (0..24).filter(|hour| hours & (1 << hour) != 0).collect()
    }

    /// The days that it skips, where it does not skip them all.
    pub(crate) fn skipped_days(&self) -> Vec<&'static str> {
        let days = if self.skip_days == ALL_DAYS { 0 } else { self.skip_days };
        DAYS.into_iter().enumerate().filter(|(day, _)| days & (1 << day) != 0).map(|(_, name)| name).collect()
    }

    /// Without the hours that it skips.
    pub(crate) fn at_any_hour(self) -> Rhythm {
        Rhythm { skip_hours: 0, ..self }
    }

    /// Without the days that it skips.
    pub(crate) fn on_any_day(self) -> Rhythm {
        Rhythm { skip_days: 0, ..self }
    }

    /// The first moment from `at` on that is in no hour and on no day that it skips.
    pub(crate) fn awake(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let hours = if self.skip_hours == ALL_HOURS { 0 } else { self.skip_hours };
        let days = if self.skip_days == ALL_DAYS { 0 } else { self.skip_days };
        let asleep = |at: &DateTime<Utc>| {
            hours & (1 << at.hour()) != 0 || days & (1 << at.weekday().num_days_from_monday()) != 0
        };
        let next_hour = |at: DateTime<Utc>| {
            let hour = at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
            hour.checked_add_signed(TimeDelta::hours(1)).unwrap_or(at)
        };
        // A week has 168 hours, and one of them is awake.
        let hours = std::iter::successors(Some(at), |at| Some(next_hour(*at)));
        hours.take(24 * 8).find(|at| !asleep(at)).unwrap_or(at)
    }
}

const DAY: i64 = 24 * 3600;

fn period(text: &str) -> Option<i64> {
    Some(match text.to_ascii_lowercase().as_str() {
        "hourly" => 3600,
        "daily" => DAY,
        "weekly" => 7 * DAY,
        "monthly" => 30 * DAY,
        "yearly" => 365 * DAY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;
    use proptest::prelude::*;

    fn of(set: impl FnOnce(&mut Head)) -> Rhythm {
        let mut head = Head::default();
        set(&mut head);
        Rhythm::of(&head)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ttl_is_minutes() {
        let ttl = |minutes| of(|head| head.ttl_minutes = Some(minutes)).ttl().map(|ttl| ttl.num_minutes());
        assert_eq!((ttl(60), ttl(0)), (Some(60), None));
        assert!(ttl(u64::MAX).unwrap() > 1_000_000_000);
    }

    #[test]
    fn updates_are_counted_from_their_base() {
        let now = at("2026-11-22T11:50:00Z");
        let next = |period: Option<&str>, often: Option<u64>, base: Option<&str>| {
            let rhythm = of(|head| {
                head.update_period = period.map(str::to_owned);
                (head.update_frequency, head.update_base) = (often, base.map(at));
            });
            rhythm.next_update(now)
        };
        assert_eq!(next(Some("hourly"), None, None), Some(at("2026-11-22T12:50:00Z")));
        assert_eq!(next(Some("daily"), Some(4), None), Some(at("2026-11-22T17:50:00Z")));
        assert_eq!(next(None, Some(2), None), Some(at("2026-11-22T23:50:00Z")), "a day");
        assert_eq!(next(Some("daily"), None, Some("2000-01-01T12:00:00Z")), Some(at("2026-11-22T12:00:00Z")));
        let due = next(Some("daily"), None, Some("2030-01-01T11:50:00Z"));
        assert_eq!(due, Some(at("2026-11-23T11:50:00Z")), "an update is due now: the next one is a day away");
        assert_eq!(next(Some("often"), None, Some("2000-01-01T12:00:00Z")), None);
        assert_eq!(next(Some("hourly"), Some(0), None), Some(at("2026-11-22T12:50:00Z")));
        assert_eq!(next(Some("hourly"), Some(99_999), None), None);
        assert_eq!(next(None, None, Some("2000-01-01T12:00:00Z")), None);
    }

    #[test]
    fn skipped_hours_and_days_are_slept_through() {
        let night = of(|head| head.skip_hours = vec![23, 24, 1, 25]);
        assert_eq!(night.skipped_hours(), [0, 1, 23]);
        assert_eq!(night.awake(at("2026-11-22T22:59:59Z")), at("2026-11-22T22:59:59Z"));
        assert_eq!(night.awake(at("2026-11-22T23:00:00Z")), at("2026-11-23T02:00:00Z"));
        // 22 November 2026 is a Sunday.
        let weekend = of(|head| head.skip_days = vec![Weekday::Sat, Weekday::Sun]);
        assert_eq!(weekend.skipped_days(), ["saturday", "sunday"]);
        assert_eq!(weekend.awake(at("2026-11-21T08:30:00Z")), at("2026-11-23T00:00:00Z"));
        let both = of(|head| (head.skip_hours, head.skip_days) = (vec![0, 1], vec![Weekday::Sun]));
        assert_eq!(both.awake(at("2026-11-22T12:00:00Z")), at("2026-11-23T02:00:00Z"));
        let never = of(|head| {
            head.skip_hours = (0..24).collect();
            head.skip_days = (0..7).map(|day| Weekday::try_from(day).unwrap()).collect();
        });
        let now = at("2026-11-22T12:00:00Z");
        assert_eq!((never.awake(now), never.skipped_hours().len(), never.skipped_days().len()), (now, 0, 0));
    }

    proptest! {
        #[test]
        fn nothing_said_breaks_it(
            ttl: Option<u64>, often: Option<u64>, hours in prop::collection::vec(0u8..30, 0..30), day in 0u8..7,
            period in prop::option::of("hourly|daily|weekly|monthly|yearly|x"), base in prop::option::of(-1i64 << 40..1i64 << 40),
            seconds in -1i64 << 33..1i64 << 33,
        ) {
            let rhythm = of(|head| {
                (head.ttl_minutes, head.update_frequency, head.skip_hours) = (ttl, often, hours);
                head.skip_days = vec![Weekday::try_from(day).unwrap()];
                head.update_period = period;
                head.update_base = base.and_then(|base| DateTime::from_timestamp(base, 0));
            });
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert!(rhythm.next_update(now).is_none_or(|next| next > now));
            let awake = rhythm.awake(now);
            prop_assert!(awake >= now && awake - now <= TimeDelta::days(7));
            let kept: Rhythm = serde_json::from_str(&serde_json::to_string(&rhythm).unwrap()).unwrap();
            prop_assert_eq!(kept, rhythm);
        }
    }
}
