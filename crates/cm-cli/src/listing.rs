//! Listings: a readable table on a terminal, JSON lines in a pipe.

use crate::{Style, one_line};
use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Rows that are both: cells for people, an object for programs.
#[derive(Debug, Default)]
pub struct Listing {
    columns: Vec<&'static str>,
    rows: Vec<(Vec<String>, Value)>,
}

impl Listing {
    /// A listing with these headings.
    pub fn new(columns: &[&'static str]) -> Listing {
        Listing { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>, object: Value) {
        self.rows.push((cells, object));
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Value> {
        self.rows.iter().map(|(_, object)| object)
    }

    /// The table: columns as wide as they need, the widest cut so that a line fits the terminal.
    pub(crate) fn table(&self, width: usize, color: bool) -> String {
        let cells: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|(cells, _)| cells.iter().map(|cell| one_line(cell).trim().to_owned()).collect())
            .collect();
        let widths = self.widths(&cells, width);
        let mut table = String::new();
        let heading: Vec<String> = self.columns.iter().map(|c| (*c).to_owned()).collect();
        table.push_str(&Style::Dim.paint(&line(&heading, &widths), color));
        table.push('\n');
        for row in &cells {
            table.push_str(&line(row, &widths));
            table.push('\n');
        }
        table
    }

    fn widths(&self, cells: &[Vec<String>], width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                let widest =
                    cells.iter().filter_map(|row| row.get(i)).map(|cell| cell.width()).max().unwrap_or(0);
                widest.max(self.columns[i].width())
            })
            .collect();
        let gaps = 2 * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            match widths.iter_mut().max() {
                Some(widest) if *widest > 8 => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (i, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let cell = fit(cell, *width);
        line.push_str(&cell);
        if i + 1 < widths.len() {
            line.extend(std::iter::repeat_n(' ', width - cell.width().min(*width) + 2));
        }
    }
    line.trim_end().to_owned()
}

/// A cell cut to a width, with `…` where it was cut.
fn fit(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in cell.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        cut.push(c);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_align_and_fit() {
        let mut listing = Listing::new(&["N", "TITLE"]);
        listing
            .row(vec!["1".into(), "a\nb \x1b[31m日本語 and much more than fits in here".into()], Value::Null);
        listing.row(vec!["12".into(), "short".into()], Value::Null);
        let table = listing.table(24, false);
        assert!(table.lines().all(|line| line.width() <= 24), "{table}");
        assert!(table.contains("12  short") && table.contains('…') && !table.contains('\x1b'), "{table}");
    }
}
