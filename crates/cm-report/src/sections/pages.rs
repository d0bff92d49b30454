//! The site: visits by day, the pages that people saw, and those that they asked for in vain.

use super::{Maker, section, steps};
use crate::metrics;
use crate::report::{Chart, Metric, Section, Table, Value};

/// Rows of the pages and of the missing ones.
const PAGES: usize = 12;
const MISSING: usize = 5;

impl Maker<'_> {
    pub(super) fn pages(&self) -> Section {
        let (site, first) = (&self.facts.site, self.facts.site.first_ms);
        let counted =
            |definition, pair| Metric { estimate: site.is_estimate(), ..self.pair(definition, first, pair) };
        let metrics = vec![
            counted(&metrics::VISITS, self.summary.visits),
            counted(&metrics::VISITORS, self.summary.visitors),
            self.pair(&metrics::PAGE_VIEWS, first, site.page_views),
        ];
        let nothing = "no visit: give a web log as a FILE, or name it in [report] inputs";
        let is_empty = self.summary.visits.now + site.page_views.now == 0;
        let mut section = section("site", "Web site", nothing, is_empty, metrics);
        section.tables.push(steps::days_table(
            "visits_by_day",
            "Visits by day",
            &self.facts.period,
            &[("visits", "visits"), ("page_views", "page views")],
            &[&self.summary.by_day, &site.views_by_day],
        ));
        section.tables.push(self.top_pages());
        section.tables.push(self.missing_pages());
        section
    }

    fn top_pages(&self) -> Table {
        let columns = [("path", "page"), ("views", "views"), ("views_before", "before")];
        let mut table = Table::new("pages", "Pages that people saw", 1, &columns);
        let (top, more) = self.facts.site.pages.top(PAGES);
        for (path, pair) in top {
            let before = self.before(self.facts.site.first_ms, pair.before);
            table.rows.push(vec![Value::Text(path.to_owned()), Value::Count(pair.now), before]);
        }
        table.left_out = more as u64;
        table.note = short_by(self.facts.site.pages.short_by);
        table.chart = Some(Chart::Bars(1));
        table
    }

    fn missing_pages(&self) -> Table {
        let mut table =
            Table::new("missing", "Asked for in vain", 1, &[("path", "page"), ("times", "times")]);
        let (top, more) = self.facts.site.missing.top(MISSING);
        for (path, pair) in top {
            table.rows.push(vec![Value::Text(path.to_owned()), Value::Count(pair.now)]);
        }
        table.left_out = more as u64;
        table.note = short_by(self.facts.site.missing.short_by);
        table
    }
}

fn short_by(most: u64) -> Option<String> {
    (most > 0).then(|| format!("there are too many pages to count each: a count may be up to {most} too low"))
}
