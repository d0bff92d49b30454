//! Values as people read them.

use crate::metrics::Better;
use crate::report::{Metric, Table, Value};
use chrono::{DateTime, Datelike, NaiveDate};
use cm_time::Zone;

/// How a face for people is written.
pub struct Show<'a> {
    /// The zone of its times.
    pub zone: &'a Zone,
    /// The year that goes without saying.
    pub year: i32,
    /// Whether a text is coloured.
    pub color: bool,
    /// Whether a text has bars.
    pub bars: bool,
    /// The width of a text.
    pub width: usize,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// News.
    Plain,
}

impl Show<'_> {
    /// A value for people; unknown is a dash.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Unknown => "–".to_owned(),
            Value::Count(n) => grouped(*n),
            Value::Ordinal(n) => n.to_string(),
            Value::Number(n) => number(*n),
            Value::Seconds(n) => duration(*n),
            Value::Share(n) => format!("{:.1} %", n * 100.0),
            Value::Text(text) | Value::Url(text) => printable(text),
            Value::Instant(ms) => self.instant(*ms),
            Value::Date(day) => self.day(*day),
        }
    }

    fn instant(&self, ms: i64) -> String {
        let at = self.zone.wall(DateTime::from_timestamp_millis(ms).unwrap_or_default());
        format!("{} {}", self.day(at.date()), at.format("%H:%M"))
    }

    fn day(&self, day: NaiveDate) -> String {
        let format = if day.year() == self.year { "%a %-d %b" } else { "%a %-d %b %Y" };
        day.format(format).to_string()
    }

    /// An RFC 3339 text on the wall clock, with its year.
    pub fn full(&self, rfc3339: &str) -> String {
        Show { year: 0, ..*self }.wall(rfc3339)
    }

    /// An RFC 3339 text on the wall clock.
    fn wall(&self, rfc3339: &str) -> String {
        cm_time::parse_rfc3339(rfc3339)
            .map_or_else(|| rfc3339.to_owned(), |at| self.instant(at.timestamp_millis()))
    }

    /// What stands beside a metric's value: why it is not known, interval and cases.
    pub fn beside(&self, metric: &Metric) -> String {
        let mut parts = Vec::new();
        if let Some(why) = metric.unknown.filter(|_| metric.value == Value::Unknown) {
            parts.push(why.to_owned());
        }
        if let Some((low, high)) = metric.interval {
            parts.push(format!("{:.1} to {:.1} %", low * 100.0, high * 100.0));
        }
        if let Some(n) = metric.n {
            parts.push(format!("n = {}", grouped(n)));
        }
        if metric.estimate {
            parts.push("estimated".to_owned());
        }
        parts.join(", ")
    }

    /// What a metric was before, and the change: `+12 % (was 100)`.
    pub fn change(&self, metric: &Metric) -> Option<(String, Tone)> {
        let before = metric.previous.as_ref().filter(|before| **before != Value::Unknown)?;
        let was = format!("was {}", self.value(before));
        let (Some(now), Some(then)) = (metric.value.number(), before.number()) else {
            return Some((was, Tone::Plain));
        };
        let tone = match metric.definition.better {
            _ if is_chance(metric, now, then) => Tone::Plain,
            Better::Neither => Tone::Plain,
            Better::More if now > then => Tone::Good,
            Better::Less if now < then => Tone::Good,
            _ => Tone::Bad,
        };
        let text = match percent(now, then) {
            Some(percent) if now != then => format!("{percent} ({was})"),
            _ => was,
        };
        Some((text, tone))
    }
}

/// Whether a change is no more than chance makes of it: within the interval where there is one, and for counts within two
/// standard errors of the difference of two Poisson counts. Of medians and sums of worth nobody has tested it.
fn is_chance(metric: &Metric, now: f64, then: f64) -> bool {
    match (metric.interval, &metric.value) {
        (Some((low, high)), _) => (low..=high).contains(&then),
        (None, Value::Count(_)) => (now - then).abs() <= 1.96 * (now + then).sqrt(),
        _ => true,
    }
}

/// `+12 %`; none where the change has no measure.
fn percent(now: f64, then: f64) -> Option<String> {
    if then == 0.0 {
        return None;
    }
    let change = (now - then) / then.abs() * 100.0;
    if change.abs() < 0.5 {
        return None;
    }
    Some(if change.abs() >= 1000.0 { format!("{:.0} times", now / then) } else { format!("{change:+.0} %") })
}

/// 1234567 as `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits that count.
fn number(n: f64) -> String {
    let size = n.abs();
    if n == n.trunc() || size >= 100.0 {
        format!("{n:.0}")
    } else if size >= 10.0 {
        format!("{n:.1}")
    } else if size >= 0.01 {
        format!("{n:.2}")
    } else {
        format!("{n:.1e}")
    }
}

/// The two largest units.
fn duration(seconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = UNITS.iter().position(|(length, _)| seconds >= *length).unwrap_or(3);
    let (length, unit) = UNITS[first];
    let rest = UNITS.get(first + 1).map(|(small, name)| (seconds % length / small, name));
    match rest {
        Some((count, name)) if count > 0 && first < 2 => {
            format!("{} {unit} {count} {name}", seconds / length)
        }
        _ => format!("{} {unit}", seconds / length),
    }
}

/// A stranger's text on one line, which cannot steer a terminal: control characters and the marks that turn the
/// direction of writing are shown, not sent.
pub fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The columns that people see: none of which nothing is known, and addresses only where they are linked.
pub fn columns(table: &Table) -> Vec<usize> {
    let known = |column: &usize| {
        *column < table.keys
            || table.rows.iter().any(|row| !matches!(row[*column], Value::Unknown | Value::Url(_)))
    };
    (0..table.columns.len())
        .filter(known)
        .filter(|column| *column >= table.keys || table.rows.iter().any(|row| row[*column] != Value::Unknown))
        .collect()
}

/// The address that a row leads to, when it is one that a browser may follow.
pub fn address(row: &[Value]) -> Option<&str> {
    row.iter().find_map(|value| match value {
        Value::Url(url) if url.starts_with("https://") || url.starts_with("http://") => Some(url.as_str()),
        _ => None,
    })
}

/// The column that carries a row's link: its words.
pub fn linked(table: &Table) -> usize {
    table.columns.iter().position(|column| matches!(column.name, "title" | "text")).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,234,567".into())
        );
        let found: Vec<String> = [0.0, 2.0, 0.333, 12.34, 1234.5, 1e-7].map(number).to_vec();
        assert_eq!(found, ["0", "2", "0.33", "12.3", "1234", "1.0e-7"]);
        let found: Vec<String> = [0, 59, 60, 3_599, 3_600, 12_000, 90_000, 172_800].map(duration).to_vec();
        assert_eq!(found, ["0 s", "59 s", "1 min", "59 min", "1 h", "3 h 20 min", "1 d 1 h", "2 d"]);
        assert_eq!(percent(112.0, 100.0).as_deref(), Some("+12 %"));
        assert_eq!(percent(1.0, 0.0), None);
    }

    #[test]
    fn what_is_typed_again_is_not_grouped_and_a_dash_has_its_reason() {
        let zone = Zone::utc();
        let show = Show { zone: &zone, year: 2026, color: false, bars: false, width: 80 };
        assert_eq!(
            (show.value(&Value::Ordinal(1018)), show.value(&Value::Count(1018))),
            ("1018".into(), "1,018".into())
        );
        let definition = &crate::metrics::RESPONSE_RATE;
        let rate =
            |value| Metric { unknown: Some("nobody asked"), n: Some(0), ..Metric::new(definition, value) };
        assert_eq!(show.beside(&rate(Value::Unknown)), "nobody asked, n = 0");
        assert_eq!(show.beside(&rate(Value::Share(0.5))), "n = 0");
    }

    #[test]
    fn chance_is_neither_good_nor_bad() {
        let zone = Zone::utc();
        let show = Show { zone: &zone, year: 2026, color: false, bars: false, width: 80 };
        let tone = |now, then| {
            let metric = Metric::count(&crate::metrics::VISITS, now).with_previous(Some(Value::Count(then)));
            show.change(&metric).unwrap()
        };
        assert_eq!(tone(12, 10), ("+20 % (was 10)".into(), Tone::Plain));
        assert_eq!(tone(1200, 1000), ("+20 % (was 1,000)".into(), Tone::Good));
        assert_eq!(tone(800, 1000), ("-20 % (was 1,000)".into(), Tone::Bad));
        assert_eq!(tone(7, 0).0, "was 0");
        assert_eq!(tone(10_001, 10_000).0, "was 10,000");
        let median = Metric::new(&crate::metrics::RESPONSE_MEDIAN_S, Value::Seconds(60));
        let change = show.change(&median.with_previous(Some(Value::Seconds(7200)))).unwrap();
        assert_eq!(change, ("-99 % (was 2 h)".into(), Tone::Plain));
    }

    #[test]
    fn a_strangers_text_steers_nothing() {
        assert_eq!(printable("a\n\x1b[31m\u{202e}b"), "a \u{fffd}[31m\u{fffd}b");
    }
}
