//! `--since` and `--until`: the time that items have to be from.

use crate::document::readable_member;
use chrono::{DateTime, Utc};
use cm_record::Checked;
use cm_time::parse_rfc3339;
use serde::Deserialize;

/// From `since` on and before `until`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// The first instant.
    pub since: Option<DateTime<Utc>>,
    /// The first instant after it.
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// Whether an item is from this time: when it was published, else when it was fetched. An item that says neither is
    /// let in: it may be new.
    pub fn admits(&self, record: Checked) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        published(record).is_none_or(|at| {
            self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
        })
    }
}

impl Window {
    /// Whether an item is from before `since`.
    pub fn is_before(&self, record: Checked) -> bool {
        self.since.is_some_and(|since| published(record).is_some_and(|at| at < since))
    }
}

/// What of `_cm_fetch` is looked at: another member that cannot be read hides no date.
#[derive(Default, Deserialize)]
struct Fetched {
    at: String,
}

/// When an item was published, else when it was fetched.
pub fn published(record: Checked) -> Option<DateTime<Utc>> {
    let date = record.text("date_published").and_then(|text| parse_rfc3339(&text));
    date.or_else(|| parse_rfc3339(&readable_member::<Fetched>(record, "_cm_fetch")?.at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    #[test]
    fn until_is_not_included_and_no_date_is_let_in() {
        let at = |text: &str| parse_rfc3339(text);
        let window = Window { since: at("2026-11-20T00:00:00Z"), until: at("2026-11-21T00:00:00Z") };
        for (members, wanted) in [
            (r#""date_published":"2026-11-20T01:00:00+01:00""#, true),
            (r#""date_published":"2026-11-19T23:59:59Z""#, false),
            (r#""date_published":"2026-11-21T00:00:00Z""#, false),
            (r#""date_published":"soon""#, true),
            (r#""_cm_fetch":{"at":"2026-11-19T00:00:00Z","from":""}"#, false),
            (r#""_cm_fetch":{"at":"2026-11-19T00:00:00Z","from":"a\ud83d"}"#, false),
            (r#""_cm_fetch":{"\ud83d":1,"from":7,"at":"2026-11-19T00:00:00Z"}"#, false),
        ] {
            let record = Record::parse(format!(r#"{{"id":"1","content_text":"",{members}}}"#)).unwrap();
            assert_eq!(window.admits(record.checked()), wanted, "{members}");
        }
    }
}
