//! How far a list that is sorted by date of change, the oldest first, has been read: within a run and from run to run.
//!
//! Pages by number shift when something changes while they are read: what was on the next one is passed over. So each page
//! is asked for by the date at which the last one ended, less a second; by number only where a whole page lies within that
//! second, and then each page reaches back into the one before, as entries may vanish meanwhile. A run begins ten minutes before the mark: changes are listed late.

use crate::services::Wanted;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far before the mark a run begins.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// Dates are given in whole seconds.
const SECOND: TimeDelta = TimeDelta::seconds(1);
/// Entries on a page, the most that is given.
const EACH: u32 = 100;
/// How many entries of the page before are asked for again, where pages are numbered.
const BACK: u32 = 10;
/// Pages of one run; the next goes on.
const MOST_PAGES: u32 = 50;

/// From run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The newest change met.
    pub(super) newest: Option<DateTime<Utc>>,
    /// The tag of the answer, where it was the whole list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// Which list it was.
    pub(super) of: String,
}

impl Mark {
    /// The mark of the last run, if it is this list's.
    pub(super) fn read(wanted: &Wanted, of: &str) -> Mark {
        let kept = wanted.mark.as_deref().and_then(|mark| serde_json::from_str::<Mark>(mark).ok());
        kept.filter(|mark| mark.of == of).unwrap_or_else(|| Mark { of: of.to_owned(), ..Mark::default() })
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// Within a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) mark: Mark,
    /// Changes from this date on are asked for.
    pub(super) since: Option<DateTime<Utc>>,
    /// The number of the page among them, from 1 on.
    pub(super) page: u32,
    /// How many entries a page has.
    pub(super) each: u32,
    pages: u32,
    /// A page was not whole: the mark stays before it.
    #[serde(default)]
    holes: bool,
}

/// What a page says of its list.
pub(super) struct Turned<'a> {
    /// The network says that there is another.
    pub(super) more: bool,
    /// It holds all that it should.
    pub(super) whole: bool,
    /// The tag of the answer.
    pub(super) etag: Option<&'a str>,
}

/// What follows a page.
pub(super) enum Onward {
    /// Another page.
    Page,
    /// Nothing: it was the last.
    End,
    /// Nothing in this run.
    NextRun,
}

impl Place {
    /// From the cursor that the last page gave, else where the last run ended.
    pub(super) fn resume(wanted: &Wanted, cursor: Option<&str>, of: &str) -> Place {
        if let Some(place) = cursor.and_then(|text| serde_json::from_str(text).ok()) {
            return place;
        }
        let mark = Mark::read(wanted, of);
        let known = mark.newest.and_then(|newest| newest.checked_sub_signed(OVERLAP));
        let since = known.or(wanted.since).map(whole);
        Place { mark, since, page: 1, each: EACH, pages: 0, holes: false }
    }

    /// The tag to send, of the very question that is asked now.
    pub(super) fn etag(&self) -> Option<&str> {
        self.mark.etag.as_deref().filter(|_| self.pages == 0)
    }

    /// Takes a page's dates of change in. The mark stands for what came until then: the list is sorted.
    pub(super) fn turn(
        &mut self,
        dates: impl Iterator<Item = DateTime<Utc>>,
        page: Turned<'_>,
        now: DateTime<Utc>,
    ) -> Onward {
        let Turned { more, whole: is_whole, etag } = page;
        let last = dates.max();
        let before = self.mark.newest;
        // One that lies ahead would make the next run begin after what comes until then.
        self.holes |= !is_whole;
        let met = last.map(|last| last.min(now)).filter(|_| !self.holes);
        self.mark.newest = met.into_iter().chain(before).max();
        let whole_list = !self.holes && self.pages == 0 && !more && self.mark.newest == before;
        self.mark.etag = etag.filter(|_| whole_list).map(str::to_owned);
        self.pages += 1;
        if !more {
            return Onward::End;
        }
        match last.and_then(|last| last.checked_sub_signed(SECOND)).map(whole) {
            Some(later) if self.since.is_none_or(|since| later > since) => {
                (self.since, self.page, self.each) = (Some(later), 1, EACH);
            }
            _ => {
                self.each = ((self.page * self.each).saturating_sub(BACK) / self.page).max(1);
                self.page += 1;
            }
        }
        if self.pages >= MOST_PAGES { Onward::NextRun } else { Onward::Page }
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// Without the parts of a second.
fn whole(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}
