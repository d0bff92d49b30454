//! Links that lead nowhere: what the last `cm-shorten check` found dead or moved, those that people still open first.

use super::feeds::shown;
use super::{Maker, section};
use crate::facts::LinkCheck;
use crate::metrics;
use crate::report::{Metric, Section, Table, Value};

/// Rows of the table.
const ROWS: usize = 15;

impl Maker<'_> {
    pub(super) fn link_rot(&self) -> Section {
        let checks = &self.facts.link_checks;
        let count = |state: &str| checks.iter().filter(|check| check.state == state).count() as u64;
        let metrics = vec![
            Metric::count(&metrics::LINKS_DEAD, count("dead")),
            Metric::count(&metrics::LINKS_MOVED, count("moved")),
            Metric::count(&metrics::LINKS_UNSURE, count("unsure")),
            Metric::count(&metrics::LINKS_OK, count("ok")),
        ];
        let nothing = "no link was checked yet (cm-shorten check)";
        let mut section = section("link_rot", "Links that lead nowhere", nothing, checks.is_empty(), metrics);
        let mut rotten: Vec<(&LinkCheck, u64)> = checks
            .iter()
            .filter(|check| matches!(check.state.as_str(), "dead" | "moved"))
            .map(|check| (check, self.facts.clicks.by_code.get(&check.code).map_or(0, |c| c.people.now)))
            .collect();
        let rank = |check: &LinkCheck| check.state != "dead";
        rotten.sort_by(|a, b| {
            rank(a.0).cmp(&rank(b.0)).then(b.1.cmp(&a.1)).then_with(|| a.0.code.cmp(&b.0.code))
        });
        let columns = [
            ("code", "link"),
            ("title", "leads to"),
            ("state", "state"),
            ("people", "people"),
            ("since", "since"),
            ("reason", "why"),
            ("moved_to", "moved to"),
            ("url", "page"),
        ];
        let mut table = Table::new("rotten", "Links to mend (cm-shorten edit CODE --url)", 1, &columns);
        for (check, people) in rotten {
            table.rows.push(vec![
                Value::Text(check.code.clone()),
                Value::Text(check.title.clone().unwrap_or_else(|| shown(&check.url))),
                Value::Text(check.state.clone()),
                Value::Count(people),
                Value::instant(check.since_ms),
                Value::Text(check.reason.clone()),
                Value::url(check.moved_to.as_deref()),
                Value::url(Some(&check.url)),
            ]);
        }
        section.tables.push(table.cut(ROWS));
        section
    }
}
