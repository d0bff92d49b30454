//! Feeds: which answer, which fail and since when.

use super::{Maker, section};
use crate::metrics;
use crate::report::{Metric, Section, Table, Value};

/// Rows of the table.
const ROWS: usize = 15;

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
                Value::Text(feed.source.clone()),
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
