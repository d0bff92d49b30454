//! Goals: conversions, their rate and worth, and which sources and campaigns they came from.

use super::summary::Group;
use super::{Maker, section, share};
use crate::facts::Pair;
use crate::metrics;
use crate::report::{Metric, Section, Table, Value};
use crate::statistics::wilson;

/// Rows of the tables by source and campaign.
const ROWS: usize = 8;

impl Maker<'_> {
    pub(super) fn goals(&self) -> Section {
        let sum = &self.summary;
        let nothing = "no goals, or no visits to meet them: write goals.toml and name it with --goals or [report] goals";
        let is_empty = self.facts.goals.0.is_empty() || sum.visits.now == 0;
        let mut section = section("goals", "Conversions", nothing, is_empty, self.conversions());
        section.tables.push(self.by_goal());
        let by_source = sum.by_source.iter().map(|(source, group)| (source.name.clone(), group));
        section.tables.push(grouped("by_source", "Conversions by source", "source", by_source));
        let by_campaign = sum.by_campaign.iter().map(|(campaign, group)| (campaign.label(), group));
        section.tables.push(grouped("by_campaign", "Conversions by campaign", "campaign", by_campaign));
        section
    }

    fn conversions(&self) -> Vec<Metric> {
        let first = self.facts.site.first_ms;
        let (goals, sum) = (&self.facts.goals.0, &self.summary);
        let worth = |pick: fn(&Pair) -> u64| {
            let each = goals.iter().zip(&sum.by_goal);
            let total: f64 = each.map(|(goal, pair)| goal.value.unwrap_or(0.0) * pick(pair) as f64).sum();
            if goals.iter().any(|goal| goal.value.is_some()) { Value::Number(total) } else { Value::Unknown }
        };
        let mut all = Pair::default();
        sum.by_goal.iter().for_each(|pair| all.add(*pair));
        let rate = Metric {
            interval: wilson(sum.converted.now, sum.visits.now),
            n: Some(sum.visits.now),
            ..Metric::new(&metrics::CONVERSION_RATE, share(sum.converted.now, sum.visits.now))
                .with_previous(self.previous(first, share(sum.converted.before, sum.visits.before)))
        };
        vec![
            self.pair(&metrics::CONVERSIONS, first, all),
            rate,
            Metric::new(&metrics::CONVERSION_VALUE, worth(|pair| pair.now))
                .with_previous(self.previous(first, worth(|pair| pair.before))),
        ]
    }

    fn by_goal(&self) -> Table {
        let columns = [
            ("goal", "goal"),
            ("conversions", "conversions"),
            ("conversions_before", "before"),
            ("rate", "rate"),
            ("rate_low", "at least"),
            ("rate_high", "at most"),
            ("worth", "worth"),
        ];
        let mut table = Table::new("goals", "Goals", 1, &columns);
        let visits = self.summary.visits.now;
        for (goal, pair) in self.facts.goals.0.iter().zip(&self.summary.by_goal) {
            let (low, high) = match wilson(pair.now, visits) {
                Some((low, high)) => (Value::Share(low), Value::Share(high)),
                None => (Value::Unknown, Value::Unknown),
            };
            table.rows.push(vec![
                Value::Text(goal.name.clone()),
                Value::Count(pair.now),
                self.before(self.facts.site.first_ms, pair.before),
                share(pair.now, visits),
                low,
                high,
                goal.value.map_or(Value::Unknown, |value| Value::Number(value * pair.now as f64)),
            ]);
        }
        if self.facts.goals.0.iter().any(|goal| goal.event.is_some()) {
            table.note = Some("goals by event wait for analytics exports, which are not read yet".to_owned());
        }
        table
    }
}

fn grouped<'a>(
    name: &'static str,
    title: &str,
    key: &'static str,
    groups: impl Iterator<Item = (String, &'a Group)>,
) -> Table {
    let columns = [(key, key), ("conversions", "conversions"), ("visits", "visits"), ("rate", "per visit")];
    let mut table = Table::new(name, title, 1, &columns);
    let mut groups: Vec<_> = groups.filter(|(_, group)| group.total() > 0).collect();
    groups.sort_by(|a, b| b.1.total().cmp(&a.1.total()).then_with(|| a.0.cmp(&b.0)));
    for (label, group) in groups {
        let (total, visits) = (group.total(), group.visits.now);
        table.rows.push(vec![
            Value::Text(label),
            Value::Count(total),
            Value::Count(visits),
            share(total, visits),
        ]);
    }
    table.cut(ROWS)
}
