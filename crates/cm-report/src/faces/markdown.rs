//! Markdown (the table dialect that forges and chats read).

use super::show::{Show, address, columns, linked, printable};
use crate::report::{Metric, Report, Section, Table};

/// Writes the report.
pub fn write(report: &Report, show: &Show) -> String {
    let mut text = format!("# Report: {}\n\n", report.period.label);
    text.push_str(&format!(
        "{} to {} ({})",
        show.full(&report.period.since),
        show.full(&report.period.until),
        report.time_zone
    ));
    if let Some(compare) = &report.compare {
        text.push_str(&format!(", compared with {}", compare.label));
    }
    text.push_str("\n\n");
    if !report.glance.is_empty() {
        text.push_str("## At a glance\n\n");
        text.push_str(&metric_list(report.glance.iter().filter_map(|name| report.metric(name)), show));
    }
    if report.is_empty() {
        text.push_str("There is nothing to report for this time.\n\n");
    }
    for section in &report.sections {
        text.push_str(&section_text(section, show));
    }
    for note in &report.notes {
        text.push_str(&format!("> {note}\n"));
    }
    text
}

fn section_text(section: &Section, show: &Show) -> String {
    let mut text = format!("## {}\n\n", section.title);
    if section.is_empty {
        text.push_str(&format!("{}\n\n", escaped(section.nothing)));
        return text;
    }
    text.push_str(&metric_list(section.metrics.iter(), show));
    for table in &section.tables {
        text.push_str(&table_text(table, show));
    }
    text
}

fn metric_list<'a>(metrics: impl Iterator<Item = &'a Metric>, show: &Show) -> String {
    let mut text = String::new();
    for metric in metrics {
        text.push_str(&format!("- {}: **{}**", metric.definition.title, show.value(&metric.value)));
        let beside = show.beside(metric);
        if !beside.is_empty() {
            text.push_str(&format!(" ({beside})"));
        }
        if let Some((change, _)) = show.change(metric) {
            text.push_str(&format!(", {change}"));
        }
        text.push('\n');
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn table_text(table: &Table, show: &Show) -> String {
    if table.rows.is_empty() && table.note.is_none() {
        return String::new();
    }
    let mut text = format!("### {}\n\n", table.title);
    if !table.rows.is_empty() {
        let shown = columns(table);
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        text.push_str(&line(shown.iter().map(|c| table.columns[*c].title.to_owned()).collect()));
        let right = |c: &usize| table.rows.iter().any(|row| row[*c].number().is_some());
        text.push_str(&line(shown.iter().map(|c| if right(c) { "--:" } else { "---" }.to_owned()).collect()));
        for row in &table.rows {
            let cell = |c: &usize| {
                let words = escaped(&show.value(&row[*c]));
                match address(row) {
                    Some(url) if *c == linked(table) => format!("[{words}](<{}>)", escaped_url(url)),
                    _ => words,
                }
            };
            text.push_str(&line(shown.iter().map(cell).collect()));
        }
        text.push('\n');
    }
    if table.left_out > 0 {
        text.push_str(&format!("and {} more\n\n", table.left_out));
    }
    if let Some(note) = &table.note {
        text.push_str(&format!("{note}\n\n"));
    }
    text
}

/// A stranger's text makes no markup.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in printable(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '~' | '&' | '@') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

fn escaped_url(url: &str) -> String {
    let unsafe_here =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '|' | '\\' | '"');
    let mut safe = String::new();
    for c in url.chars() {
        if unsafe_here(c) {
            c.to_string().bytes().for_each(|byte| safe.push_str(&format!("%{byte:02X}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_strangers_is_text() {
        assert_eq!(escaped("a|b <script> [x](y) *z*"), r"a\|b \<script\> \[x\](y) \*z\*");
        assert_eq!(escaped_url("https://a.example/<x> |y"), "https://a.example/%3Cx%3E%20%7Cy");
    }
}
