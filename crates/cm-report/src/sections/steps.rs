//! The period cut into the steps of a chart: days, or weeks, months and years of days when there are many.

use crate::period::Period;
use crate::report::{Chart, Table, Value};

/// Bars in a chart at most.
const MOST_BARS: usize = 62;

/// A table of counts by step, drawn as bars. `by_day` counts by day of the report; the first column is drawn.
pub fn days_table(
    name: &'static str,
    title: &str,
    period: &Period,
    columns: &[(&'static str, &'static str)],
    by_day: &[&[u64]],
) -> Table {
    let own = period.own_days();
    let width =
        [1, 7, 28, 364].into_iter().find(|width| own.len().div_ceil(*width) <= MOST_BARS).unwrap_or(364);
    let mut all = vec![("day", if width == 1 { "day" } else { "from" })];
    all.extend_from_slice(columns);
    let mut table = Table::new(name, title, 1, &all);
    let days: Vec<usize> = own.collect();
    for step in days.chunks(width) {
        let sum = |counts: &&[u64]| step.iter().map(|day| counts.get(*day).copied().unwrap_or(0)).sum();
        let mut row = vec![Value::Date(period.days.date(step[0]))];
        row.extend(by_day.iter().map(|counts| Value::Count(sum(counts))));
        table.rows.push(row);
    }
    if width > 1 {
        table.note = Some(format!("each row is {width} days"));
    }
    table.chart = Some(Chart::Days(1));
    table
}
