//! What one run keeps for the next, and where a run stands.
//!
//! Threads come by the time of their first comment, so a reply to an old one is seen only by reading that far. A run reads
//! on until a page lies a week before the newest comment that is known; the first run of each day reads fifty pages, five
//! thousand threads. How many replies each thread had is kept, so that replies are asked for only where there are more.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far beyond the newest is read.
const OVERLAP: TimeDelta = TimeDelta::days(7);
/// How often it is read far back.
const WHOLE: TimeDelta = TimeDelta::days(1);
/// Threads whose replies are counted; the oldest of more are forgotten.
const COUNTED: usize = 5000;

/// Between runs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Mark {
    /// Whose comments.
    pub(super) whose: String,
    /// The newest first comment of a thread.
    pub(super) newest: Option<DateTime<Utc>>,
    /// When it was last read far back.
    pub(super) whole: Option<DateTime<Utc>>,
    /// How many replies were handed out of a thread that has more than the API tells with it.
    pub(super) replies: BTreeMap<String, u64>,
}

/// Within a run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Place {
    /// What the run will leave.
    pub(super) mark: Mark,
    /// What the last one left.
    before: BTreeMap<String, u64>,
    /// Read until a page is older.
    pub(super) until: Option<DateTime<Utc>>,
    /// The API's.
    pub(super) token: Option<String>,
    /// Threads whose replies are still to be read: id, video, how many it has, token.
    pub(super) threads: Vec<Thread>,
    /// Pages of threads.
    pub(super) pages: u32,
    /// Questions asked: units of the quota.
    pub(super) units: u32,
    /// There are no further threads to read.
    pub(super) end: bool,
}

/// A thread of whose replies some are missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Thread {
    pub(super) id: String,
    pub(super) video: Option<String>,
    pub(super) replies: u64,
    pub(super) token: Option<String>,
}

impl Place {
    /// At the beginning of a run.
    pub(super) fn begin(
        mark: Option<&str>,
        whose: &str,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Place {
        let last: Option<Mark> = mark.and_then(|mark| serde_json::from_str(mark).ok());
        let last = last.filter(|last| last.whose == whose).unwrap_or_default();
        let far = last.whole.is_none_or(|whole| now < whole || now - whole >= WHOLE);
        let near = last.newest.and_then(|newest| newest.checked_sub_signed(OVERLAP));
        let whole = if far { Some(now) } else { last.whole };
        Place {
            // A thread that began before `since` may have newer replies: then the day's first run goes by pages alone.
            until: if far { None } else { near.into_iter().chain(since.filter(|_| near.is_none())).max() },
            mark: Mark { whose: whose.to_owned(), newest: last.newest, whole, replies: BTreeMap::new() },
            before: last.replies,
            ..Place::default()
        }
    }

    /// Whether a thread has more replies than were handed out of it.
    pub(super) fn grew(&self, thread: &str, replies: u64) -> bool {
        self.before.get(thread).is_none_or(|before| *before != replies)
    }

    /// What the run leaves. What it did not meet keeps its count.
    pub(super) fn leave(self) -> Option<String> {
        let mut mark = self.mark;
        let room = COUNTED.saturating_sub(mark.replies.len());
        let old: Vec<_> = self.before.into_iter().filter(|(id, _)| !mark.replies.contains_key(id)).collect();
        mark.replies.extend(old.into_iter().take(room));
        mark.newest.is_some().then(|| serde_json::to_string(&mark).ok()).flatten()
    }
}
