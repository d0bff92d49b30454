//! Where a run stands between two pages of a list that comes newest first, by offset. What the next run needs is the same as
//! of a WordPress of one's own (`../mark.rs`).

use super::super::mark::Mark;
use crate::services::Trouble;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// What the run will leave behind.
    pub(super) mark: Mark,
    /// What the last run left.
    pub(super) last: Option<Mark>,
    /// How many of the list lie behind us.
    pub(super) offset: u64,
    /// The numbers of the page before.
    pub(super) before: Vec<u64>,
    /// Which of those that the last run had listed were met again.
    met: Vec<u64>,
    /// How many were met that are not older than `mark.since`.
    newer: u64,
    /// How many were met that are not older than `last.since`.
    newer_than_last: u64,
    /// How long the list was at the last page, where it is said.
    pub(super) total: Option<u64>,
    /// Pages asked for.
    pub(super) pages: u32,
    /// How often the list was begun again because it had shrunk.
    pub(super) restarts: u32,
    /// Some may have been passed over: the list went on shrinking.
    pub(super) gap: bool,
}

impl Place {
    /// At the head of a list.
    pub(super) fn new(now: DateTime<Utc>, last: Option<Mark>) -> Place {
        Place {
            mark: Mark::new(now),
            last,
            offset: 0,
            before: Vec::new(),
            met: Vec::new(),
            newer: 0,
            newer_than_last: 0,
            total: None,
            pages: 0,
            restarts: 0,
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

    /// Begins the list again.
    pub(super) fn restart(&mut self) {
        let again = Place::new(DateTime::UNIX_EPOCH, self.last.take());
        let mark = Mark { listed: Vec::new(), ..self.mark.clone() };
        *self = Place { mark, total: self.total, pages: self.pages, restarts: self.restarts + 1, ..again };
    }

    /// Counts one that was met.
    pub(super) fn meet(&mut self, id: u64, published: Option<DateTime<Utc>>) {
        if self.last.as_ref().is_some_and(|last| last.listed.contains(&id)) {
            self.met.push(id);
        }
        let since = |since: DateTime<Utc>| u64::from(published.is_some_and(|at| at >= since));
        self.newer += since(self.mark.since);
        self.newer_than_last += self.last.as_ref().map_or(0, |last| since(last.since));
    }

    /// Whether what lies further down is as the last run left it: nothing came or went there, by count.
    pub(super) fn is_enough(&self, oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let Some((last, oldest)) = self.last.as_ref().zip(oldest) else { return false };
        let older = self.total.map(|total| total.saturating_sub(self.newer_than_last));
        oldest < last.since && last.holds(older, now)
    }

    /// The mark of a run that has read down to here; `whole` when that was everything.
    pub(super) fn finished(mut self, whole: bool) -> Mark {
        self.mark.older = self.total.map(|total| total.saturating_sub(self.newer)).filter(|_| !self.gap);
        if !whole {
            self.mark.whole = self.last.map_or(self.mark.whole, |last| last.whole);
        }
        self.mark
    }

    /// Those that were in the list when the last run looked and were not met in it.
    pub(super) fn missing(&self) -> Vec<u64> {
        let met: HashSet<u64> = self.met.iter().copied().collect();
        let listed = self.last.iter().flat_map(|last| &last.listed).copied();
        listed.filter(|id| !met.contains(id)).collect()
    }
}
