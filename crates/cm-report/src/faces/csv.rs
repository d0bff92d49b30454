//! CSV in long form: section,metric,dimension,value. Numbers are raw, as in JSON.

use crate::report::{Report, Section};
use anyhow::anyhow;
use serde_json::Value;

/// Writes all metrics, their companions, and every cell of every table.
pub fn write(report: &Report) -> anyhow::Result<String> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["section", "metric", "dimension", "value"])?;
    for (name, time) in [("period", Some(&report.period)), ("compare", report.compare.as_ref())] {
        if let Some(time) = time {
            out.write_record(["report", name, "since", &time.since])?;
            out.write_record(["report", name, "until", &time.until])?;
        }
    }
    for section in &report.sections {
        for row in rows(section) {
            out.write_record(&row)?;
        }
    }
    let bytes = out.into_inner().map_err(|e| anyhow!("{e}"))?;
    Ok(String::from_utf8(bytes)?)
}

fn rows(section: &Section) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    let mut push = |metric: String, dimension: String, value: &Value| {
        if !value.is_null() {
            rows.push([section.name.to_owned(), metric, harmless(dimension), cell(value)]);
        }
    };
    for metric in &section.metrics {
        let name = metric.definition.name.to_owned();
        push(name.clone(), String::new(), &metric.value.raw());
        for (companion, value) in metric.companions() {
            push(name.clone(), companion.to_owned(), &value);
        }
    }
    for table in &section.tables {
        for row in &table.rows {
            let key = table.key(row);
            for (column, value) in table.columns.iter().zip(row).skip(table.keys) {
                push(format!("{}.{}", table.name, column.name), key.clone(), &value.raw());
            }
        }
    }
    rows
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => harmless(text.clone()),
        other => other.to_string(),
    }
}

/// A spreadsheet takes a text that begins like this for a formula (OWASP, CSV injection).
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_from_strangers_stay_texts() {
        assert_eq!(cell(&Value::from("=HYPERLINK(1)")), "'=HYPERLINK(1)");
        assert_eq!(cell(&Value::from(-1.5)), "-1.5");
    }
}
