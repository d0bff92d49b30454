//! Feeds: which answer, which fail and since when.

use super::{Maker, section};
use crate::metrics;
use crate::report::{Metric, Section, Table, Value};

/// Rows of the table.
const ROWS: usize = 15;

/// An address without its query where that seems to hold a secret: a report is shown to more people than a store is.
pub(super) fn shown(source: &str) -> String {
    const SECRETS: [&str; 6] = ["token", "key", "secret", "pass", "auth", "sig"];
    let is_secret = |(name, value): (std::borrow::Cow<str>, std::borrow::Cow<str>)| {
        let name = name.to_lowercase();
        // `feed` and a long value: Reddit's personal feeds.
        SECRETS.iter().any(|word| name.contains(word)) || (name == "feed" && value.len() >= 16)
    };
    match source.split_once('?') {
        Some((address, query)) if url::form_urlencoded::parse(query.as_bytes()).any(is_secret) => {
            format!("{address}?***")
        }
        _ => source.to_owned(),
    }
}

impl Maker<'_> {
    pub(super) fn feeds(&self) -> Section {
        let feeds = &self.facts.feeds;
        let is_well = |state: &str| matches!(state, "ok" | "cooling" | "cooling down" | "new");
        let ok = feeds.iter().filter(|feed| feed.state == "ok").count();
        let mut troubled: Vec<_> = feeds.iter().filter(|feed| !is_well(&feed.state)).collect();
        troubled.sort_by(|a, b| {
            a.failing_since_ms.cmp(&b.failing_since_ms).then_with(|| a.source.cmp(&b.source))
        });
        let metrics = vec![
            Metric::count(&metrics::FEEDS_OK, ok as u64),
            Metric::count(&metrics::FEEDS_FAILING, troubled.len() as u64),
        ];
        let nothing = "no feed was asked yet (cm-fetch --new)";
        let mut section = section("feeds", "Feeds", nothing, feeds.is_empty(), metrics);
        let columns = [
            ("source", "feed"),
            ("name", "name"),
            ("state", "state"),
            ("failing_since", "since"),
            ("last_ok_at", "last well"),
            ("error", "why"),
        ];
        let mut table = Table::new("troubled", "Feeds with trouble", 1, &columns);
        for feed in troubled {
            table.rows.push(vec![
                Value::Text(shown(&feed.source)),
                Value::text(Some(&feed.name)),
                Value::text(Some(&feed.state)),
                Value::instant(feed.failing_since_ms),
                Value::instant(feed.last_ok_ms),
                Value::text(feed.error.as_deref()),
            ]);
        }
        section.tables.push(table.cut(ROWS));
        section
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_addresses_are_not_shown() {
        for (source, wanted) in [
            ("https://a.example/feed", "https://a.example/feed"),
            (
                "https://v.example/feed?channel_id=UC1234567890123456",
                "https://v.example/feed?channel_id=UC1234567890123456",
            ),
            ("https://a.example/feed?private_token=hush", "https://a.example/feed?***"),
            ("https://r.example/.rss?user=ana&feed=0123456789abcdef", "https://r.example/.rss?***"),
            ("https://a.example/?feed=rss2", "https://a.example/?feed=rss2"),
        ] {
            assert_eq!(shown(source), wanted);
        }
    }
}
