//! Text for terminals, mails and pipes: no wider than the terminal, coloured and with bars only there.

use super::show::{Show, Tone, columns};
use crate::report::{Metric, Report, Section, Table, Value};
use cm_cli::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest bar, in characters.
const BAR: usize = 24;
/// The width of a metric's title.
const TITLE: usize = 28;

/// Writes the report.
pub fn write(report: &Report, show: &Show) -> String {
    let heading = format!("Report: {}", report.period.label);
    let mut text = format!("{}\n", Style::Bold.paint(&heading, show.color));
    let mut time = format!(
        "{} to {} ({})",
        show.full(&report.period.since),
        show.full(&report.period.until),
        report.time_zone
    );
    if let Some(compare) = &report.compare {
        time.push_str(&format!(", compared with {}", compare.label));
    }
    text.push_str(&Style::Dim.paint(&time, show.color));
    text.push('\n');
    if !report.glance.is_empty() {
        text.push_str(&title("At a glance", show));
        for metric in report.glance.iter().filter_map(|name| report.metric(name)) {
            text.push_str(&metric_line(metric, show));
        }
    }
    if report.is_empty() {
        text.push_str("\nThere is nothing to report for this time.\n");
    }
    for section in &report.sections {
        text.push_str(&section_text(section, show));
    }
    for note in &report.notes {
        text.push('\n');
        text.push_str(&aside(&format!("note: {note}"), show));
    }
    text
}

/// Words beside the point, broken so that no line is wider than the terminal.
fn aside(words: &str, show: &Show) -> String {
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        let last = lines.last().map_or(0, |line| line.width());
        if last > 0 && last + 1 + word.width() + 2 > show.width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|line| format!("  {}\n", Style::Dim.paint(line, show.color))).collect()
}

fn title(words: &str, show: &Show) -> String {
    format!("\n{}\n", Style::Cyan.paint(&words.to_uppercase(), show.color))
}

fn section_text(section: &Section, show: &Show) -> String {
    let mut text = title(section.title, show);
    if section.is_empty {
        text.push_str(&aside(section.nothing, show));
        return text;
    }
    for metric in &section.metrics {
        text.push_str(&metric_line(metric, show));
    }
    for table in &section.tables {
        text.push_str(&table_text(table, show));
    }
    text
}

fn metric_line(metric: &Metric, show: &Show) -> String {
    let value = show.value(&metric.value);
    let alarm = metric.definition.alarm && metric.value.number().is_some_and(|n| n > 0.0);
    let painted =
        if alarm { Style::Red.paint(&value, show.color) } else { Style::Bold.paint(&value, show.color) };
    let gap = " ".repeat(14_usize.saturating_sub(value.width()));
    let mut line = format!("  {:<TITLE$}{gap}{painted}", metric.definition.title);
    let beside = show.beside(metric);
    if !beside.is_empty() {
        line.push_str(&Style::Dim.paint(&format!("  {beside}"), show.color));
    }
    if let Some((change, tone)) = show.change(metric) {
        let style = match tone {
            Tone::Good => Style::Green,
            Tone::Bad => Style::Yellow,
            Tone::Plain => Style::Dim,
        };
        line.push_str(&format!("  {}", style.paint(&change, show.color)));
    }
    line.push('\n');
    line
}

fn table_text(table: &Table, show: &Show) -> String {
    if table.rows.is_empty() && table.note.is_none() {
        return String::new();
    }
    let mut text = format!("\n  {}\n", Style::Bold.paint(&table.title, show.color));
    if !table.rows.is_empty() {
        text.push_str(&grid(table, show));
    }
    if table.left_out > 0 {
        text.push_str(&Style::Dim.paint(&format!("  and {} more\n", table.left_out), show.color));
    }
    if let Some(note) = &table.note {
        text.push_str(&aside(note, show));
    }
    text
}

/// Columns that would be cut to nothing between others: what went wrong, and ids that are typed again.
const WHOLE: [&str; 2] = ["error", "id"];

fn grid(table: &Table, show: &Show) -> String {
    let (whole, shown): (Vec<usize>, Vec<usize>) =
        columns(table).into_iter().partition(|c| WHOLE.contains(&table.columns[*c].name));
    let mut cells: Vec<Vec<String>> =
        vec![shown.iter().map(|c| table.columns[*c].title.to_owned()).collect()];
    cells.extend(table.rows.iter().map(|row| shown.iter().map(|c| show.value(&row[*c])).collect()));
    let bars = bars(table, show);
    let room = show.width.saturating_sub(4 + if bars.is_empty() { 0 } else { BAR + 2 });
    let widths = widths(&cells, room);
    let right: Vec<bool> =
        shown.iter().map(|c| table.rows.iter().any(|row| row[*c].number().is_some())).collect();
    let mut text = String::new();
    for (i, row) in cells.iter().enumerate() {
        let mut line = String::from("    ");
        for ((cell, width), right) in row.iter().zip(&widths).zip(&right) {
            let cell = fit(cell, *width);
            let gap = " ".repeat(width - cell.width().min(*width));
            line.push_str(&if *right { format!("{gap}{cell}  ") } else { format!("{cell}{gap}  ") });
        }
        if i == 0 {
            line = Style::Dim.paint(line.trim_end(), show.color);
        } else if let Some(bar) = bars.get(i - 1) {
            line.push_str(&Style::Cyan.paint(bar, show.color));
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if let Some(row) = i.checked_sub(1).map(|i| &table.rows[i]) {
            for cell in whole.iter().map(|c| &row[*c]).filter(|cell| **cell != Value::Unknown) {
                text.push_str(&Style::Dim.paint(&format!("      {}\n", show.value(cell)), show.color));
            }
        }
    }
    text
}

/// A bar per row, where there is a chart and somebody watches.
fn bars(table: &Table, show: &Show) -> Vec<String> {
    let Some(chart) = table.chart.filter(|_| show.bars) else { return Vec::new() };
    let values: Vec<f64> = table.rows.iter().map(|row| row[chart.column()].number().unwrap_or(0.0)).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    values.iter().map(|value| bar(if most > 0.0 { value / most } else { 0.0 })).collect()
}

/// A bar in eighths of a character.
fn bar(share: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share * (BAR * 8) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

/// Columns as wide as they need; the widest gives way until a line fits.
fn widths(cells: &[Vec<String>], room: usize) -> Vec<usize> {
    let count = cells.first().map_or(0, Vec::len);
    let mut widths: Vec<usize> =
        (0..count).map(|i| cells.iter().map(|row| row[i].width()).max().unwrap_or(0)).collect();
    while widths.iter().sum::<usize>() + 2 * count > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 10 => *widest -= 1,
            _ => break,
        }
    }
    widths
}

/// A cell cut to a width, with `…` where it was cut.
fn fit(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let (mut cut, mut used) = (String::new(), 0);
    for c in cell.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        cut.push(c);
    }
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_by_their_width() {
        assert_eq!(fit("日本語です", 5), "日本…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!((bar(1.0).width(), bar(0.0), bar(0.5).width()), (BAR, String::new(), BAR / 2));
    }
}
