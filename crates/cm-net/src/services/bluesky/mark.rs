//! How far a list has been read: within a run, and from run to run.
//! In: the mark of the last run, the cursor of the last page. Out: where to stop, what to keep.
//!
//! Lists come newest first. They are read until a whole page lies more than a day before the mark, because entries arrive
//! out of order: the AppView sorts by the time that the author's program wrote, where that is earlier. The caller knows
//! what it has seen. A mark is an instant and whose list it was: under the name of an account another one may be meant by now.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How far beyond the mark is read.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// Where a run stands in a list.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Progress {
    /// The server's own cursor.
    pub(super) cursor: Option<String>,
    /// The newest instant met.
    pub(super) newest: Option<DateTime<Utc>>,
    /// Entries read.
    pub(super) read: usize,
    /// Pages read: some are empty.
    pub(super) pages: usize,
    /// The list comes from the account's repository, as no AppView answers.
    pub(super) repository: bool,
}

impl Progress {
    /// From the cursor that the last page gave; the beginning without one.
    pub(super) fn resume(cursor: Option<&str>) -> Progress {
        cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// As a cursor.
    pub(super) fn to_cursor(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Takes a page's instants in.
    pub(super) fn advance(&mut self, dates: impl Iterator<Item = DateTime<Utc>>, now: DateTime<Utc>) {
        // One that lies ahead would make the next run stop short of what comes until then.
        self.newest = dates.map(|date| date.min(now)).chain(self.newest).max();
    }

    /// The mark of a list of ours that was read to its end; never before the last one.
    pub(super) fn to_mark(&self, last: Option<DateTime<Utc>>, me: &str) -> Option<String> {
        let newest = self.newest.into_iter().chain(last).max()?;
        Some(format!("{} {me}", millis(newest)))
    }
}

/// The instant of a mark, if it is ours.
pub(super) fn last(mark: Option<&str>, me: &str) -> Option<DateTime<Utc>> {
    let (at, whose) = mark?.split_once(' ')?;
    instant(at).filter(|_| whose == me)
}

/// What is older than this need not be read again.
pub(super) fn stop(last: DateTime<Utc>) -> Option<DateTime<Utc>> {
    last.checked_sub_signed(OVERLAP)
}

/// The cursor with which the page after one that was asked for with `before` is asked for. Where it is an instant it leaves
/// out all of that instant, those too that the page had no more room for (bsky, data-plane, `IsoSortAtKey`; measured). So
/// it is moved by a millisecond, and they are met again; but for a page that holds nothing else.
pub(super) fn onward(cursor: String, before: Option<&str>) -> String {
    let after = instant(&cursor).and_then(|at| at.checked_add_signed(TimeDelta::milliseconds(1)));
    after.map(millis).filter(|after| Some(after.as_str()) != before).unwrap_or(cursor)
}

fn millis(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// RFC 3339, as servers and marks have it.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    cm_time::parse_rfc3339(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_mark_moves_forward_only_and_never_ahead_of_now() {
        let now = at("2026-11-22T09:00:00Z");
        let mut progress = Progress::default();
        let mark = |progress: &Progress, last: Option<&str>| progress.to_mark(last.map(at), "did:plc:us");
        assert_eq!(mark(&progress, None), None);
        let shown = |text: &str| Some(format!("{text} did:plc:us"));
        assert_eq!(mark(&progress, Some("2026-11-20T00:00:00Z")), shown("2026-11-20T00:00:00.000Z"));
        progress.advance([at("2026-11-21T08:00:00.5Z"), at("2026-11-19T00:00:00Z")].into_iter(), now);
        assert_eq!(mark(&progress, Some("2026-11-20T00:00:00Z")), shown("2026-11-21T08:00:00.500Z"));
        assert_eq!(mark(&progress, Some("2026-11-22T00:00:00Z")), shown("2026-11-22T00:00:00.000Z"));
        progress.advance([at("2199-01-01T00:00:00Z")].into_iter(), now);
        assert_eq!(mark(&progress, None), shown("2026-11-22T09:00:00.000Z"));
    }

    #[test]
    fn a_mark_is_its_accounts() {
        let mark = Some("2026-11-22T09:00:00.000Z did:plc:us");
        assert_eq!(last(mark, "did:plc:us"), Some(at("2026-11-22T09:00:00Z")));
        assert_eq!(stop(at("2026-11-22T09:00:00Z")), Some(at("2026-11-21T09:00:00Z")));
        assert_eq!(last(mark, "did:plc:them"), None);
        for none in [None, Some("nonsense"), Some("non sense")] {
            assert_eq!(last(none, "sense"), None);
        }
    }

    #[test]
    fn a_cursor_that_is_an_instant_meets_all_of_it_again() {
        let onward = |cursor: &str, before| onward(cursor.to_owned(), before);
        let (at, after) = ("2026-11-22T09:00:00.000Z", "2026-11-22T09:00:00.001Z");
        assert_eq!((onward(at, None), onward(at, Some("x"))), (after.to_owned(), after.to_owned()));
        assert_eq!(onward(at, Some(after)), at);
        for opaque in ["1795383153000::bafy", "100", "3k2a"] {
            assert_eq!(onward(opaque, None), opaque);
        }
    }

    #[test]
    fn a_cursor_carries_everything() {
        let progress = Progress {
            cursor: Some("1795383153000__bafy".to_owned()),
            newest: Some(at("2026-11-22T09:00:00Z")),
            read: 100,
            pages: 1,
            repository: true,
        };
        assert_eq!(Progress::resume(progress.to_cursor().as_deref()), progress);
        assert_eq!(Progress::resume(Some("nonsense")), Progress::default());
    }
}
