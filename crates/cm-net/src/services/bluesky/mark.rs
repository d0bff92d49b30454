//! How far a list has been read: within a run, and from run to run.
//! In: the mark of the last run, the cursor of the last page. Out: where to stop, what to keep.
//!
//! Lists come newest first. They are read down to the mark and a day beyond it, because entries arrive out of order: the
//! AppView sorts by the time that the author's program wrote, where that is earlier. The caller knows what it has seen.

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

    /// The mark of a list that was read to its end; never before the last one.
    pub(super) fn to_mark(&self, last: Option<&str>) -> Option<String> {
        let newest = self.newest.into_iter().chain(last.and_then(instant)).max()?;
        Some(newest.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// What is older than this need not be read again.
pub(super) fn stop(mark: Option<&str>) -> Option<DateTime<Utc>> {
    mark.and_then(instant)?.checked_sub_signed(OVERLAP)
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
        assert_eq!(progress.to_mark(None), None);
        assert_eq!(
            progress.to_mark(Some("2026-11-20T00:00:00.000Z")).as_deref(),
            Some("2026-11-20T00:00:00.000Z")
        );
        progress.advance([at("2026-11-21T08:00:00.5Z"), at("2026-11-19T00:00:00Z")].into_iter(), now);
        assert_eq!(
            progress.to_mark(Some("2026-11-20T00:00:00.000Z")).as_deref(),
            Some("2026-11-21T08:00:00.500Z")
        );
        assert_eq!(
            progress.to_mark(Some("2026-11-22T00:00:00.000Z")).as_deref(),
            Some("2026-11-22T00:00:00.000Z")
        );
        progress.advance([at("2199-01-01T00:00:00Z")].into_iter(), now);
        assert_eq!(progress.to_mark(None).as_deref(), Some("2026-11-22T09:00:00.000Z"));
    }

    #[test]
    fn a_day_beyond_the_mark_is_read_again() {
        assert_eq!(stop(Some("2026-11-22T09:00:00.000Z")), Some(at("2026-11-21T09:00:00Z")));
        assert_eq!(stop(Some("nonsense")), None);
        assert_eq!(stop(None), None);
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
