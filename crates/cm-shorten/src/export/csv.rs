//! CSV: the same as JSON lines, for spreadsheets and for `import --from csv`.

use super::entry::Entry;
use super::jsonl::Line;
use super::place::Sole;
use super::{FORMULA, Face, Result};
use anyhow::anyhow;
use csv::Writer;
use serde_json::Value;

const COLUMNS: [&str; 18] = [
    "code",
    "domain",
    "short_url",
    "url",
    "title",
    "note",
    "tags",
    "account",
    "campaign",
    "created",
    "expires",
    "max_clicks",
    "fallback",
    "status",
    "max_age",
    "identity",
    "clicks",
    "clicks_human",
];

/// The table on its way.
pub struct Table {
    out: Writer<Sole>,
}

impl Table {
    /// Begins it.
    pub fn new(out: Sole) -> Result<Table> {
        let mut out = Writer::from_writer(out);
        out.write_record(COLUMNS)?;
        Ok(Table { out })
    }
}

/// A cell. A text that a spreadsheet would take for a formula gets a `'` before it, which import takes off again.
fn cell(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) if text.starts_with(FORMULA) => format!("'{text}"),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

impl Face for Table {
    fn entry(&mut self, entry: &Entry) -> Result<bool> {
        let line = serde_json::to_value(Line::new(entry))?;
        self.out.write_record(COLUMNS.map(|name| cell(line.get(name))))?;
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<()> {
        let out = self.out.into_inner().map_err(|e| anyhow!("{}", e.error()))?;
        out.end()
    }
}
