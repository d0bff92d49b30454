//! Mentions: what the saved searches found, per search and day.

use super::{Maker, section, steps};
use crate::facts::Pair;
use crate::metrics;
use crate::report::{Chart, Section, Table, Value};

/// Rows of the table.
const ROWS: usize = 15;

impl Maker<'_> {
    pub(super) fn mentions(&self) -> Section {
        let items = &self.facts.items;
        let mut all = Pair::default();
        items.mentions.values().for_each(|pair| all.add(*pair));
        let metrics = vec![
            self.pair(&metrics::MENTIONS, items.first_ms, all),
            self.pair(&metrics::ITEMS, items.first_ms, items.count),
        ];
        let nothing = "no saved search found anything (cm-scan -f searches.toml)";
        let is_empty = all.now == 0 && items.count.now == 0;
        let mut section = section("mentions", "Saved searches", nothing, is_empty, metrics);
        section.tables.push(self.items_by_day(all.now > 0));
        section.tables.push(self.by_search());
        section
    }

    /// Mentions drawn, or where there are none, the items that were read.
    fn items_by_day(&self, found: bool) -> Table {
        let items = &self.facts.items;
        let mut mentions = vec![0; self.facts.period.days.len()];
        for counts in items.searches.values() {
            mentions.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let (period, columns) = (&self.facts.period, [("mentions", "hits"), ("items", "items read")]);
        let title = if found { "Hits of saved searches by day" } else { "Items read by day" };
        let mut table =
            steps::days_table("mentions_by_day", title, period, &columns, &[&mentions, &items.by_day]);
        table.chart = Some(Chart::Days(if found { 1 } else { 2 }));
        table
    }

    fn by_search(&self) -> Table {
        let items = &self.facts.items;
        let columns =
            [("search", "search"), ("mentions", "hits"), ("mentions_before", "before"), ("per_day", "a day")];
        let mut table = Table::new("searches", "Hits by saved search", 1, &columns);
        let days = self.facts.period.own_days().len().max(1) as f64;
        let mut searches: Vec<_> = items.mentions.iter().filter(|(_, pair)| pair.now > 0).collect();
        searches.sort_by(|a, b| b.1.now.cmp(&a.1.now).then_with(|| a.0.cmp(b.0)));
        for (search, pair) in searches {
            table.rows.push(vec![
                Value::Text(search.clone()),
                Value::Count(pair.now),
                self.before(items.first_ms, pair.before),
                Value::Number(pair.now as f64 / days),
            ]);
        }
        table.chart = Some(Chart::Bars(1));
        table.cut(ROWS)
    }
}
