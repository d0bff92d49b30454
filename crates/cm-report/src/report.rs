//! The report as a model: what every face shows. Each number stands here once; the faces only write it.

use crate::metrics::Definition;
use crate::value::rounded;
pub use crate::value::{Value, rfc3339};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The version of the JSON face. Names only gain company within a version.
pub const VERSION: u32 = 1;

/// A metric with its value.
#[derive(Clone, Debug)]
pub struct Metric {
    /// What it is.
    pub definition: &'static Definition,
    /// In the period, or now.
    pub value: Value,
    /// In the span that the period is compared with; `None` where there is nothing to compare.
    pub previous: Option<Value>,
    /// A 95 % interval of the value.
    pub interval: Option<(f64, f64)>,
    /// Cases behind it.
    pub n: Option<u64>,
    /// True when it is estimated from a sample.
    pub estimate: bool,
    /// Why the value is not known, for people, should it not be.
    pub unknown: Option<&'static str>,
}

impl Metric {
    /// A metric without company.
    pub fn new(definition: &'static Definition, value: Value) -> Metric {
        Metric { definition, value, previous: None, interval: None, n: None, estimate: false, unknown: None }
    }

    /// A count.
    pub fn count(definition: &'static Definition, count: u64) -> Metric {
        Metric::new(definition, Value::Count(count))
    }

    /// With what it was before.
    pub fn with_previous(self, previous: Option<Value>) -> Metric {
        Metric { previous, ..self }
    }

    /// The companions of the value, by name.
    pub fn companions(&self) -> Vec<(&'static str, serde_json::Value)> {
        let mut all = Vec::new();
        if let Some(previous) = &self.previous {
            all.push(("previous", previous.raw()));
        }
        if let Some((low, high)) = self.interval {
            all.push(("low", rounded(low).into()));
            all.push(("high", rounded(high).into()));
        }
        if let Some(n) = self.n {
            all.push(("n", n.into()));
        }
        if self.estimate {
            all.push(("estimate", true.into()));
        }
        all
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("unit", self.definition.unit.as_str())?;
        for (name, value) in self.companions() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in JSON and CSV.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
}

/// What a table also looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// One bar per row, in the order of time; the column counted.
    Days(usize),
    /// A lying bar per row; the column counted.
    Bars(usize),
}

impl Chart {
    /// The column drawn.
    pub fn column(self) -> usize {
        match self {
            Chart::Days(column) | Chart::Bars(column) => column,
        }
    }
}

/// Rows that belong together.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name in JSON and CSV.
    pub name: &'static str,
    /// Its heading.
    pub title: String,
    /// Its columns; the first `keys` of them say what a row is about.
    pub columns: Vec<Column>,
    /// How many columns say what a row is about.
    pub keys: usize,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
    /// Rows that would follow.
    pub left_out: u64,
    /// What a reader has to know.
    pub note: Option<String>,
    /// How it is drawn.
    pub chart: Option<Chart>,
}

impl Table {
    /// An empty table with these (name, heading) columns, the first `keys` of which say what a row is about.
    pub fn new(
        name: &'static str,
        title: impl Into<String>,
        keys: usize,
        columns: &[(&'static str, &'static str)],
    ) -> Table {
        let columns = columns.iter().map(|(name, title)| Column { name, title }).collect();
        Table {
            name,
            title: title.into(),
            columns,
            keys,
            rows: Vec::new(),
            left_out: 0,
            note: None,
            chart: None,
        }
    }

    /// Keeps the first `n` rows and counts the rest.
    pub fn cut(mut self, n: usize) -> Table {
        self.left_out += self.rows.len().saturating_sub(n) as u64;
        self.rows.truncate(n);
        self
    }

    /// A row's subject as one text.
    pub fn key(&self, row: &[Value]) -> String {
        let words = row.iter().take(self.keys).map(|value| match value.raw() {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => "-".to_owned(),
            other => other.to_string(),
        });
        words.collect::<Vec<_>>().join(" / ")
    }
}

/// A row as an object.
struct RowOf<'a>(&'a [Column], &'a [Value]);

impl Serialize for RowOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(self.1).map(|(column, value)| (column.name, value)))
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows: Vec<RowOf> = self.rows.iter().map(|row| RowOf(&self.columns, row)).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rows", &rows)?;
        map.serialize_entry("left_out", &self.left_out)?;
        if let Some(note) = &self.note {
            map.serialize_entry("note", note)?;
        }
        map.end()
    }
}

/// A part of the report.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in JSON and CSV.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What is said when there is nothing to show, and how that could change.
    pub nothing: &'static str,
    /// Whether there is nothing to show.
    pub is_empty: bool,
    /// Its numbers.
    pub metrics: Vec<Metric>,
    /// Its tables.
    pub tables: Vec<Table>,
}

impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("empty", &self.is_empty)?;
        map.serialize_entry("metrics", &Named(&self.metrics, |metric: &Metric| metric.definition.name))?;
        map.serialize_entry("tables", &Named(&self.tables, |table: &Table| table.name))?;
        map.end()
    }
}

/// A list as an object, each entry under its own name.
struct Named<'a, T>(&'a [T], fn(&T) -> &'static str);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| ((self.1)(entry), entry)))
    }
}

/// A span of time for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct Time {
    /// How it is called.
    pub label: String,
    /// From, RFC 3339.
    pub since: String,
    /// Up to, RFC 3339.
    pub until: String,
}

/// The whole report.
#[derive(Clone, Debug)]
pub struct Report {
    /// When it was made, RFC 3339.
    pub generated_at: String,
    /// The zone of its days.
    pub time_zone: String,
    /// What it is about.
    pub period: Time,
    /// What that is compared with.
    pub compare: Option<Time>,
    /// What a reader has to know about all of it.
    pub notes: Vec<String>,
    /// The names of the metrics that come first.
    pub glance: Vec<&'static str>,
    /// The parts.
    pub sections: Vec<Section>,
}

impl Report {
    /// A metric, wherever it stands.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.sections
            .iter()
            .flat_map(|section| &section.metrics)
            .find(|metric| metric.definition.name == name)
    }

    /// Whether there is nothing to report but what was left out.
    pub fn is_empty(&self) -> bool {
        self.sections.iter().all(|section| section.is_empty || section.name == "left_out")
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &VERSION)?;
        map.serialize_entry("generated_at", &self.generated_at)?;
        map.serialize_entry("time_zone", &self.time_zone)?;
        map.serialize_entry("period", &self.period)?;
        map.serialize_entry("compare", &self.compare)?;
        map.serialize_entry("notes", &self.notes)?;
        map.serialize_entry("glance", &self.glance)?;
        map.serialize_entry("sections", &Named(&self.sections, |section: &Section| section.name))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_by_its_keys() {
        let mut table = Table::new("t", "T", 2, &[("a", "A"), ("b", "B"), ("n", "N")]);
        table.rows.push(vec![Value::Text("x".into()), Value::Unknown, Value::Count(2)]);
        assert_eq!(table.key(&table.rows[0]), "x / -");
        assert_eq!(
            serde_json::to_string(&table).unwrap(),
            r#"{"rows":[{"a":"x","b":null,"n":2}],"left_out":0}"#
        );
    }
}
