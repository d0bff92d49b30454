//! How far a list has been read: within a run, and from run to run. In: entries with their numbers and times. Out: the
//! number to go on from the next time.
//!
//! Numbers are opaque, and a server gives late ones old numbers: what another server wrote hours ago and brings now is sorted
//! in by its own time. So the next run begins a day before the newest entry: at the number of an entry that is that old.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far a run reaches into the last one.
const OVERLAP: TimeDelta = TimeDelta::days(1);
/// Steps stand this far apart, so that there are no more than a few dozen.
const APART: TimeDelta = TimeDelta::hours(1);

/// Numbers to begin at, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Ladder {
    steps: Vec<(DateTime<Utc>, String)>,
    newest: Option<(DateTime<Utc>, String)>,
    /// The last one met of those that are read from the old to the new.
    last: Option<(DateTime<Utc>, String)>,
}

/// Between runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Mark {
    /// Whose list it was: under the name of an account another one may be meant by now.
    pub(super) me: String,
    /// What has a greater number is read.
    pub(super) after: String,
    /// When that was.
    pub(super) at: DateTime<Utc>,
}

impl Mark {
    /// As it was kept, if it is ours.
    pub(super) fn read(text: Option<&str>, me: &str) -> Option<Mark> {
        serde_json::from_str(text?).ok().filter(|mark: &Mark| mark.me == me)
    }
}

impl Ladder {
    /// On from a mark.
    pub(super) fn from(mark: &Mark) -> Ladder {
        Ladder { steps: vec![(mark.at, mark.after.clone())], ..Ladder::default() }
    }

    /// Takes in the next entry of a list that is read from the old to the new.
    pub(super) fn up(&mut self, at: DateTime<Utc>, id: &str, now: DateTime<Utc>) {
        let at = at.min(now);
        self.last = Some((at, id.to_owned()));
        if self.newest.as_ref().is_none_or(|(newest, _)| at >= *newest) {
            self.newest = Some((at, id.to_owned()));
        }
        if self.steps.last().is_none_or(|(last, _)| at >= *last + APART) {
            self.steps.push((at, id.to_owned()));
        }
        let Some((newest, _)) = &self.newest else { return };
        let old = self.steps.iter().skip(1).take_while(|(at, _)| *at <= *newest - OVERLAP).count();
        self.steps.drain(..old);
    }

    /// Takes in the next entry of a list that is read from the new to the old.
    pub(super) fn down(&mut self, at: DateTime<Utc>, id: &str, now: DateTime<Utc>) {
        let at = at.min(now);
        let (newest, _) = self.newest.get_or_insert_with(|| (at, id.to_owned()));
        let newest = *newest;
        if self.steps.first().is_none_or(|(step, _)| *step > newest - OVERLAP) {
            self.steps = vec![(at, id.to_owned())];
        }
    }

    /// The mark of a list that was read to its end, or as far as a run goes: then what comes next follows the last one met,
    /// whatever its date says.
    pub(super) fn mark(&self, me: &str, end: bool) -> Option<String> {
        let (at, after) = if end { self.steps.first() } else { self.last.as_ref() }?;
        serde_json::to_string(&Mark { me: me.to_owned(), after: after.clone(), at: *at }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hours: i64) -> DateTime<Utc> {
        "2026-11-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
    }

    fn after(ladder: &Ladder) -> String {
        Mark::read(ladder.mark("1", true).as_deref(), "1").unwrap().after
    }

    #[test]
    fn the_next_run_begins_a_day_before_the_newest() {
        let now = at(1000);
        let mut down = Ladder::default();
        for hour in (0..72).rev() {
            down.down(at(hour), &hour.to_string(), now);
        }
        assert_eq!(after(&down), "47");
        let mut up = Ladder::from(&Mark { me: "1".into(), after: "47".into(), at: at(47) });
        for hour in 48..100 {
            up.up(at(hour), &hour.to_string(), now);
        }
        assert_eq!(after(&up), "75");
        assert_eq!(Mark::read(up.mark("1", false).as_deref(), "1").unwrap().after, "99");
        assert!(up.steps.len() < 30);
    }

    #[test]
    fn a_young_list_begins_at_its_oldest_and_a_quiet_one_where_it_did() {
        let mut down = Ladder::default();
        for hour in (5..9).rev() {
            down.down(at(hour), &hour.to_string(), at(1000));
        }
        assert_eq!(after(&down), "5");
        let quiet = Ladder::from(&Mark { me: "1".into(), after: "47".into(), at: at(47) });
        assert_eq!(after(&quiet), "47");
        assert_eq!(Ladder::default().mark("1", true), None);
    }

    #[test]
    fn a_mark_is_its_accounts() {
        let text = r#"{"me":"1","after":"47","at":"2026-11-20T00:00:00Z"}"#;
        assert!(Mark::read(Some(text), "1").is_some() && Mark::read(Some(text), "2").is_none());
        assert!(Mark::read(Some("nonsense"), "1").is_none() && Mark::read(None, "").is_none());
    }

    #[test]
    fn what_lies_ahead_counts_as_now() {
        let mut up = Ladder::default();
        up.up(at(0), "0", at(48));
        up.up(at(9000), "ahead", at(48));
        up.up(at(47), "47", at(48));
        assert_eq!(up.newest, Some((at(48), "ahead".to_owned())));
        let on = Mark::read(up.mark("1", false).as_deref(), "1").unwrap();
        assert_eq!(on.after, "47", "a run that stops on its way goes on there");
    }

    proptest! {
        #[test]
        fn never_less_than_a_day_is_read_again(hours in proptest::collection::vec(0i64..200, 1..80)) {
            let mut hours = hours;
            hours.sort_unstable();
            let (mut up, mut down) = (Ladder::default(), Ladder::default());
            for hour in &hours {
                up.up(at(*hour), &hour.to_string(), at(1000));
            }
            for hour in hours.iter().rev() {
                down.down(at(*hour), &hour.to_string(), at(1000));
            }
            let newest = hours[hours.len() - 1];
            for ladder in [up, down] {
                let after: i64 = after(&ladder).parse().unwrap();
                prop_assert!(after <= newest - 24 || after == hours[0]);
            }
        }
    }
}
