//! Campaigns: visits by the utm_* tags of the page that they began with.

use super::{Maker, section};
use crate::report::{Section, Table, Value};

/// Rows of the table.
const ROWS: usize = 10;

impl Maker<'_> {
    pub(super) fn campaigns(&self) -> Section {
        let columns = [
            ("campaign", "campaign"),
            ("source", "source"),
            ("medium", "medium"),
            ("visits", "visits"),
            ("visits_before", "before"),
            ("conversions", "conversions"),
        ];
        let mut table = Table::new("campaigns", "Visits by campaign", 3, &columns);
        let mut all: Vec<_> =
            self.summary.by_campaign.iter().filter(|(_, group)| group.visits.now > 0).collect();
        all.sort_by(|a, b| b.1.visits.now.cmp(&a.1.visits.now).then_with(|| a.0.cmp(b.0)));
        for (campaign, group) in all {
            table.rows.push(vec![
                Value::text(Some(&campaign.name)),
                Value::text(Some(&campaign.source)),
                Value::text(Some(&campaign.medium)),
                Value::Count(group.visits.now),
                self.before(self.facts.site.first_ms, group.visits.before),
                Value::Count(group.total()),
            ]);
        }
        let nothing = "no visit came with utm_* tags (cm-shorten --utm NAME sets them)";
        let mut section = section("campaigns", "Campaigns", nothing, table.rows.is_empty(), Vec::new());
        section.tables.push(table.cut(ROWS));
        section
    }
}
