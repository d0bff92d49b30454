//! CSV: the same as JSON lines, for spreadsheets and for `import --from csv`.

use super::entry::Entry;
use super::jsonl::Line;
use super::place::{Kind, Sole};
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

/// The table as a file.
pub const FILE: Kind = Kind { name: "links.csv", begins: "code,domain,short_url,url," };

/// The table on its way.
pub struct Table {
    out: Writer<Sole>,
}

impl Table {
    /// Begins it.
    pub fn new(out: Sole) -> Result<Table> {
        let mut out = Writer::from_writer(out);
        out.write_record(COLUMNS).map_err(told)?;
        Ok(Table { out })
    }
}

/// An error of the stream as itself: a reader that went away is no error.
fn told(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => anyhow!("{other:?}"),
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
        self.out.write_record(COLUMNS.map(|name| cell(line.get(name)))).map_err(told)?;
        Ok(true)
    }

    fn end(mut self: Box<Self>) -> Result<()> {
        self.out.flush()?;
        let out = self.out.into_inner().map_err(|e| anyhow!("{}", e.error()))?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::super::jsonl::Lines;
    use super::*;
    use crate::args::From;
    use crate::import::row::Row;
    use proptest::prelude::*;
    use std::fs::{self, File};

    fn read_back(face: impl FnOnce(Sole) -> Box<dyn Face>, entry: &Entry, from: From) -> Row {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("links");
        let mut face = face(Sole::open(Some(&path), FILE, false).unwrap());
        assert!(face.entry(entry).unwrap());
        face.end().unwrap();
        let mut rows =
            crate::import::rows(File::open(&path).unwrap(), from, &crate::import::Remarks::default())
                .unwrap();
        let row = rows.next().unwrap().unwrap().unwrap();
        assert!(rows.next().is_none());
        fs::remove_file(&path).unwrap();
        row
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was(
            code in "[A-Za-z0-9_-]{1,64}",
            rest in "[!-~]{0,60}",
            title in "\\PC{1,20}|['=+@\t\r\n\",; -]{1,8}",
            labels in proptest::collection::vec("[^\u{0}]{1,6}", 0..4),
            ms in 0_i64..4_000_000_000_000,
        ) {
            prop_assume!(!title.trim().is_empty());
            let mut entry = entry(&code, &format!("https://a.example/{rest}"));
            entry.full.link.title = Some(title.clone());
            entry.full.link.note = Some(format!("={title}"));
            entry.full.link.labels = labels.clone();
            entry.full.link.created_ms = ms;
            entry.full.before = Some(3);
            let table = read_back(|out| Box::new(Table::new(out).unwrap()), &entry, From::Csv);
            let lines = read_back(|out| Box::new(Lines::new(out)), &entry, From::Jsonl);
            for row in [table, lines] {
                prop_assert_eq!(row.code.as_ref(), Some(&code));
                prop_assert_eq!(&row.target, &entry.full.link.target);
                prop_assert_eq!(row.title.as_ref(), Some(&title));
                prop_assert_eq!(row.note, Some(format!("={title}")));
                prop_assert_eq!(&row.labels, &labels);
                prop_assert_eq!((row.created_ms, row.clicks), (Some(ms), Some(3)));
            }
        }
    }
}
