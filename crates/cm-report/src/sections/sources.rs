//! Where people came from: families and sources, what rises, what is new.

use super::trends::{LEAST_DAYS, Move, Trends};
use super::{Maker, section};
use crate::facts::{Pair, Source};
use crate::metrics;
use crate::report::{Chart, Metric, Section, Table, Value};
use std::collections::BTreeMap;

/// Rows of each table.
const ROWS: usize = 12;
const MOVES: usize = 8;

/// Visits and clicks of one source or family.
type Counts = (Pair, Pair);

/// Whether anybody came in the period.
fn came((visits, clicks): &Counts) -> bool {
    visits.now + clicks.now > 0
}

impl Maker<'_> {
    pub(super) fn sources(&self) -> Section {
        let by_source = self.by_source();
        let trends = self.trends();
        let mut metrics = vec![
            Metric::new(&metrics::SOURCES_RISING, Value::Unknown),
            Metric::new(&metrics::SOURCES_NEW, Value::Unknown),
        ];
        if trends.tested {
            metrics[0].value = Value::Count(trends.rising.len() as u64);
            metrics[1].value = Value::Count(trends.new.len() as u64);
        }
        let nothing = "nobody came from anywhere: neither a web log nor a click was read";
        let is_empty = by_source.values().all(|counts| !came(counts));
        let mut section = section("sources", "Where people came from", nothing, is_empty, metrics);
        section.tables.push(self.families(&by_source));
        section.tables.push(self.top_sources(&by_source));
        section.tables.extend(self.moves(trends));
        section
    }

    fn by_source(&self) -> BTreeMap<Source, Counts> {
        let mut all: BTreeMap<Source, Counts> = BTreeMap::new();
        for (source, group) in &self.summary.by_source {
            all.entry(source.clone()).or_default().0.add(group.visits);
        }
        for (source, pair) in &self.facts.clicks.by_source {
            all.entry(source.clone()).or_default().1.add(*pair);
        }
        all
    }

    fn families(&self, by_source: &BTreeMap<Source, Counts>) -> Table {
        let mut families: BTreeMap<String, Counts> = BTreeMap::new();
        for (source, (visits, clicks)) in by_source {
            let sum = families.entry(source.family.clone()).or_default();
            sum.0.add(*visits);
            sum.1.add(*clicks);
        }
        let rows = families.into_iter().map(|(family, counts)| (vec![Value::Text(family)], counts)).collect();
        self.counted("families", "By kind of place", &[("family", "kind")], rows)
    }

    fn top_sources(&self, by_source: &BTreeMap<Source, Counts>) -> Table {
        let keys =
            |source: &Source| vec![Value::Text(source.name.clone()), Value::Text(source.family.clone())];
        let rows = by_source.iter().map(|(source, counts)| (keys(source), *counts)).collect();
        self.counted("sources", "By source", &[("source", "source"), ("family", "kind")], rows)
    }

    fn counted(
        &self,
        name: &'static str,
        title: &str,
        keys: &[(&'static str, &'static str)],
        mut rows: Vec<(Vec<Value>, Counts)>,
    ) -> Table {
        let mut columns = keys.to_vec();
        columns.extend([
            ("visits", "visits"),
            ("visits_before", "before"),
            ("clicks", "clicks"),
            ("clicks_before", "before"),
        ]);
        let mut table = Table::new(name, title, keys.len(), &columns);
        // Only here: a family's past is that of all its sources, those that sent nobody this time too.
        rows.retain(|(_, counts)| came(counts));
        rows.sort_by_key(|(_, (visits, clicks))| std::cmp::Reverse((visits.now, clicks.now)));
        let visits_known = self.summary.visits.now > 0;
        for (mut row, (visits, clicks)) in rows {
            row.push(Value::Count(visits.now));
            row.push(self.before(self.facts.site.first_ms, visits.before));
            row.push(Value::Count(clicks.now));
            row.push(self.before(self.facts.clicks.first_ms, clicks.before));
            table.rows.push(row);
        }
        table.chart = Some(Chart::Bars(keys.len() + if visits_known { 0 } else { 2 }));
        table.cut(ROWS)
    }

    /// Visits where there is a web log, else people's clicks.
    fn trends(&self) -> Trends {
        let period = &self.facts.period;
        if self.summary.visits.now > 0 {
            Trends::of(&self.facts.site.daily(period), period)
        } else {
            Trends::of(&self.facts.clicks.daily, period)
        }
    }

    fn moves(&self, trends: Trends) -> [Table; 3] {
        let day = self.facts.period.days.date(self.facts.period.trend_day).format("%a %-d %b %Y");
        let table = |name, title: &str, moves: Vec<Move>, note: Option<String>| {
            let columns = [
                ("source", "source"),
                ("family", "kind"),
                ("count", "that day"),
                ("expected", "expected"),
                ("lift", "times expected"),
                ("p", "p"),
            ];
            let mut table = Table::new(name, format!("{title} on {day}"), 2, &columns);
            for m in moves {
                table.rows.push(vec![
                    Value::Text(m.source.name),
                    Value::Text(m.source.family),
                    Value::Count(m.count),
                    Value::Number(m.expected),
                    Value::Number(m.lift),
                    Value::Number(m.p),
                ]);
            }
            table.note = note;
            table.cut(MOVES)
        };
        let thin = (!trends.tested).then(|| {
            format!(
                "not tested: {} of {LEAST_DAYS} comparable days with traffic are known",
                trends.history_days
            )
        });
        [
            table("rising", "Rising", trends.rising, thin),
            table("new", "New", trends.new, None),
            table("watch", "To watch, though chance may explain it,", trends.watch, None),
        ]
    }
}
