//! How far a list has been read. Lists come newest first, and each thing costs: so a run may end in the middle, and what it has
//! read is not asked for again. Then a gap is kept, between what was read before and the oldest that was read now, and a
//! later run reads it after what is new.
//!
//! Numbers of posts hold their time, and those of neighbours are listed a little out of order: a run begins two minutes before
//! the newest that is known. What of these two minutes was charged today is kept, as it is not charged again.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far before the newest known post a run begins.
const OVERLAP: i64 = 120_000;
/// Milliseconds since 1970 of number 0 (<https://github.com/twitter-archive/snowflake>).
const EPOCH: i64 = 1_288_834_974_657;
/// No list is asked for from an earlier date: "minimum allowable time is 2010-11-06T00:00:00Z" (docs.x.com, timelines).
const FIRST: i64 = 1_289_001_600;
/// Gaps that are kept; of more, neighbours become one.
const MOST_GAPS: usize = 8;
/// Charged things that are kept.
const MOST_CHARGED: usize = 300;

/// A part of the list: newer than `since`, older than `until`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<u64>,
    /// Where no post bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) start: Option<DateTime<Utc>>,
}

/// From run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Whose list: the number of the account.
    pub(super) of: String,
    /// The newest post that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newest: Option<u64>,
    /// What was left, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) gaps: Vec<Part>,
    /// The day of `charged`.
    #[serde(default)]
    pub(super) day: NaiveDate,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) charged: Vec<String>,
}

/// Within a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) of: String,
    newest: Option<u64>,
    /// What is being read, what follows, what was left for another run.
    pub(super) part: Part,
    queue: Vec<Part>,
    /// The network's own word for the next page of the part.
    pub(super) token: Option<String>,
    /// The part is the newest one.
    pub(super) is_head: bool,
    /// Posts of the part that were read, and the oldest.
    pub(super) read: u64,
    oldest: Option<u64>,
    pub(super) pages: u32,
    day: NaiveDate,
    charged: Vec<String>,
}

impl Mark {
    pub(super) fn read(text: &str, of: &str) -> Option<Mark> {
        serde_json::from_str::<Mark>(text).ok().filter(|mark| mark.of == of)
    }
}

impl Place {
    /// Where a run begins.
    pub(super) fn begin(mark: Option<Mark>, of: &str, since: Option<DateTime<Utc>>) -> Place {
        let mark = mark.unwrap_or_default();
        let part = Part {
            since: mark.newest.map(before),
            start: since.filter(|since| mark.newest.is_none() && since.timestamp() > FIRST),
            until: None,
        };
        Place {
            of: of.to_owned(),
            newest: mark.newest,
            part,
            queue: mark.gaps,
            is_head: true,
            day: mark.day,
            charged: mark.charged,
            ..Place::default()
        }
    }

    /// Takes the numbers of a page in, and what of it was charged. Whether there is more to read.
    pub(super) fn turn(
        &mut self,
        numbers: &[u64],
        token: Option<String>,
        charged: Vec<String>,
        now: DateTime<Utc>,
    ) -> bool {
        self.newest = numbers.iter().copied().chain(self.newest).max();
        self.oldest = numbers.iter().copied().chain(self.oldest).min();
        (self.read, self.pages) = (self.read + numbers.len() as u64, self.pages + 1);
        if self.day != now.date_naive() {
            (self.day, self.charged) = (now.date_naive(), Vec::new());
        }
        self.charged.extend(charged);
        let again = token.is_some() && token == self.token;
        self.token = token.filter(|_| !again);
        self.token.is_some() || self.next_part()
    }

    /// Leaves the part that is done.
    pub(super) fn next_part(&mut self) -> bool {
        if self.queue.is_empty() {
            self.part = Part::default();
            return false;
        }
        (self.part, self.is_head, self.read, self.oldest, self.token) =
            (self.queue.remove(0), false, 0, None, None);
        true
    }

    /// What is kept if the run ends here; `more` when the part is not done.
    pub(super) fn mark(&self, more: bool) -> Option<String> {
        let mut gaps = self.queue.clone();
        // Of a head of which nothing was read nothing is left: it is the head of the next run too.
        if more && (self.oldest.is_some() || !self.is_head) {
            let until = self.oldest.or(self.part.until);
            gaps.insert(0, Part { until, ..self.part.clone() });
        }
        while gaps.len() > MOST_GAPS {
            let older = gaps.pop().unwrap_or_default();
            if let Some(last) = gaps.last_mut() {
                (last.since, last.start) = (older.since, older.start);
            }
        }
        self.newest?;
        let floor = self.newest.map(before).unwrap_or_default();
        let recent = |thing: &&String| number(thing).is_none_or(|number| number > floor);
        let charged = self.charged.iter().filter(recent).take(MOST_CHARGED).cloned().collect();
        let mark = Mark { of: self.of.clone(), newest: self.newest, gaps, day: self.day, charged };
        serde_json::to_string(&mark).ok()
    }

    pub(super) fn read(cursor: &str) -> Option<Place> {
        serde_json::from_str(cursor).ok()
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// What was charged earlier, and when.
    pub(super) fn charged(&self) -> (NaiveDate, &[String]) {
        (self.day, &self.charged)
    }
}

/// The number of a post that was charged; others are kept whenever they were.
fn number(thing: &str) -> Option<u64> {
    thing.strip_prefix("data")?.parse().ok()
}

/// The number that a post of two minutes earlier would have; small numbers of the first years hold no time.
fn before(number: u64) -> u64 {
    number.saturating_sub((OVERLAP as u64) << 22)
}

/// When a post was made, by its number.
pub(super) fn made(number: u64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(i64::try_from(number >> 22).ok()?.checked_add(EPOCH)?)
}

impl Part {
    /// Bounds the part by a date before which nothing can be asked for; `false` when nothing of it is left.
    pub(super) fn not_before(&mut self, floor: DateTime<Utc>) -> bool {
        if self.until.and_then(made).is_some_and(|until| until <= floor) {
            return false;
        }
        let since = self.since.and_then(made).or(self.start);
        if since.is_none_or(|since| since < floor) {
            (self.since, self.start) = (None, Some(floor));
        }
        true
    }

    /// Whether it reaches further back than a date.
    pub(super) fn reaches(&self, floor: DateTime<Utc>) -> bool {
        self.since.and_then(made).is_some_and(|since| since < floor - TimeDelta::hours(1))
    }
}
