//! What was not counted, and what was read: a report that hides nothing can be trusted.

use super::{Maker, section};
use crate::metrics;
use crate::report::{Metric, Section, Table, Value};

/// Rows of the table.
const ROWS: usize = 20;

impl Maker<'_> {
    pub(super) fn left_out(&self) -> Section {
        let facts = self.facts;
        let (site, first) = (&facts.site, facts.site.first_ms);
        let unread = facts.inputs.iter().map(|input| input.unread).sum();
        let metrics = vec![
            self.pair(&metrics::ROBOT_REQUESTS, first, site.robots),
            self.pair(&metrics::PREVIEW_REQUESTS, first, site.previews),
            self.pair(&metrics::OTHER_REQUESTS, first, site.other_requests),
            Metric::count(&metrics::REQUESTS_OUTSIDE, site.outside),
            Metric::count(&metrics::REPEATS, facts.seen.repeats),
            Metric::count(&metrics::UNREAD_LINES, unread),
        ];
        let nothing = "nothing was read";
        let is_empty = facts.inputs.iter().all(|input| input.lines + input.records + input.clicks == 0);
        let mut section = section("left_out", "Left out and read", nothing, is_empty, metrics);
        let columns = [
            ("input", "input"),
            ("records", "records"),
            ("clicks", "clicks"),
            ("requests", "requests"),
            ("unread", "could not be read"),
        ];
        let mut table = Table::new("inputs", "What was read", 1, &columns);
        for input in &facts.inputs {
            let counts = [input.records, input.clicks, input.requests, input.unread];
            let mut row = vec![Value::Text(input.name.clone())];
            row.extend(counts.into_iter().map(Value::Count));
            table.rows.push(row);
        }
        section.tables.push(table.cut(ROWS));
        section
    }
}
