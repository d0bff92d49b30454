//! What one run of a source keeps for the next, and where a run stands between two of its pages.
//!
//! WordPress has no date of change for comments, and one that is approved late has an old number and an old date. So a
//! run reads the newest 30 days again, and compares how many there are before them with what the last run saw: when that
//! does not add up, and once a week anyway, it reads everything. What leaves a list is told by no list that is read: so
//! the numbers of those that were in it are kept, and the next run looks up those that it does not meet.

use crate::services::Trouble;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How far back every run reads again.
const OVERLAP: TimeDelta = TimeDelta::days(30);
/// How often everything is read, as an approval and a deletion in the same time add up to nothing.
const WHOLE: TimeDelta = TimeDelta::days(7);
/// How many held comments are remembered, the newest.
pub(super) const HELD: usize = 2_000;
/// How many approved ones of the newest days are.
pub(super) const APPROVED: usize = 1_000;

/// Between runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Where the newest days begin.
    pub since: DateTime<Utc>,
    /// How many are older, where it is said.
    pub older: Option<u64>,
    /// When everything was read.
    pub whole: DateTime<Utc>,
    /// The numbers of those that were in the list: all that were held, the approved ones of the newest days.
    #[serde(default, alias = "held", skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<u64>,
}

impl Mark {
    /// Remembers more of the list, until there are so many.
    pub(super) fn list(&mut self, ids: impl Iterator<Item = u64>, most: usize) {
        let room = most.saturating_sub(self.listed.len());
        self.listed.extend(ids.take(room));
    }

    /// Of a run that reads everything.
    pub(super) fn new(now: DateTime<Utc>) -> Mark {
        Mark { since: overlap(now), older: None, whole: now, listed: Vec::new() }
    }

    /// As it was kept; one of another version is none.
    pub(super) fn read(text: &str) -> Option<Mark> {
        serde_json::from_str(text).ok()
    }

    /// As it is kept.
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the newest days are enough, when so many are older now.
    pub(super) fn holds(&self, older: Option<u64>, now: DateTime<Utc>) -> bool {
        older.is_some() && older == self.older && (TimeDelta::zero()..WHOLE).contains(&(now - self.whole))
    }
}

/// The beginning of a day, so that runs of one day agree.
fn overlap(now: DateTime<Utc>) -> DateTime<Utc> {
    let since = now - OVERLAP;
    since.duration_trunc(TimeDelta::days(1)).unwrap_or(since)
}

/// Between two pages of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// What the run will leave behind.
    pub mark: Mark,
    /// What was in the list when the last run looked.
    #[serde(default)]
    pub before: Vec<u64>,
    /// Only newer ones are read.
    pub after: Option<DateTime<Utc>>,
    /// How many of the list, which runs from the highest number down, lie behind us.
    pub offset: u64,
    /// The lowest number that was handed out.
    pub lowest: Option<u64>,
    /// Pages asked for.
    pub pages: u32,
    /// How often the list was begun again because it had shrunk.
    pub restarts: u32,
    /// How long the list was at the last page, where it is said.
    pub total: Option<u64>,
    /// Some that were counted were not shown.
    #[serde(default)]
    pub hidden: bool,
    /// Some may have been passed over: the list went on shrinking.
    #[serde(default)]
    pub gap: bool,
}

impl Place {
    /// At the head of a list.
    pub(super) fn new(mark: Mark, after: Option<DateTime<Utc>>) -> Place {
        Place {
            mark,
            before: Vec::new(),
            after,
            offset: 0,
            lowest: None,
            pages: 0,
            restarts: 0,
            total: None,
            hidden: false,
            gap: false,
        }
    }

    /// As a cursor says.
    pub(super) fn read(cursor: &str) -> Result<Place, Trouble> {
        serde_json::from_str(cursor).map_err(|e| Trouble::Refused(format!("no cursor of ours: {e}")))
    }

    /// As a cursor.
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Those that were in the list and were not met in it.
    pub(super) fn missing(&self) -> Vec<u64> {
        let met: HashSet<u64> = self.mark.listed.iter().copied().collect();
        self.before.iter().copied().filter(|id| !met.contains(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_newest_days_are_enough() {
        let now: DateTime<Utc> = "2026-11-22T21:15:30Z".parse().unwrap();
        let mark = Mark { older: Some(5), ..Mark::new(now) };
        assert_eq!(mark.since.to_rfc3339(), "2026-10-23T00:00:00+00:00");
        assert!(mark.holds(Some(5), now) && mark.holds(Some(5), now + TimeDelta::days(6)));
        assert!(!mark.holds(Some(6), now), "one was approved late");
        assert!(!mark.holds(Some(4), now), "one was deleted");
        assert!(!mark.holds(Some(5), now + WHOLE) && !mark.holds(Some(5), now - TimeDelta::days(1)));
        assert!(!Mark::new(now).holds(None, now), "nobody said how many");
        assert_eq!(Mark::read(&mark.write()), Some(mark));
        assert_eq!(Mark::read("41"), None);
        let before =
            r#"{"since":"2026-10-23T00:00:00Z","older":null,"whole":"2026-11-22T21:15:30Z","held":[7]}"#;
        assert_eq!(Mark::read(before).unwrap().listed, [7], "as it was kept when only held ones were");
    }
}
