//! Listings: a readable table on a terminal, JSON lines in a pipe.

use crate::{Style, one_line};
use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// No column is cut to less, and what the main one has at the least before spare ones go.
const NARROWEST: usize = 8;
const ROOM: usize = 44;

/// Rows that are both: cells for people, an object for programs.
#[derive(Debug, Default)]
pub struct Listing {
    columns: Vec<&'static str>,
    whole: Vec<&'static str>,
    spare: Vec<&'static str>,
    optional: Vec<&'static str>,
    main: Option<&'static str>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    cells: Vec<String>,
    object: Value,
    notes: Vec<String>,
}

impl Listing {
    /// A listing with these headings.
    pub fn new(columns: &[&'static str]) -> Listing {
        Listing { columns: columns.to_vec(), ..Listing::default() }
    }

    /// Columns that are never cut, such as what other commands are to be given; rather the line gets too long.
    pub fn whole(mut self, columns: &[&'static str]) -> Listing {
        self.whole = columns.to_vec();
        self
    }

    /// Columns that are left out, the last first, where not all of them have room.
    pub fn spare(mut self, columns: &[&'static str]) -> Listing {
        self.spare = columns.to_vec();
        self
    }

    /// Columns that are left out where no row has anything in them.
    pub fn optional(mut self, columns: &[&'static str]) -> Listing {
        self.optional = columns.to_vec();
        self
    }

    /// The column that matters most: the others are cut before it, and spare ones go when it has no room to speak of.
    pub fn main(mut self, column: &'static str) -> Listing {
        self.main = Some(column);
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>, object: Value) {
        self.rows.push(Row { cells, object, notes: Vec::new() });
    }

    /// Adds a line of its own under the last row, for people; it is never cut.
    pub fn note(&mut self, note: String) {
        if let Some(row) = self.rows.last_mut() {
            row.notes.push(note);
        }
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Value> {
        self.rows.iter().map(|row| &row.object)
    }

    /// The table: columns as wide as they need, the widest cut so that a line fits the terminal.
    pub(crate) fn table(&self, width: usize, color: bool) -> String {
        let shown = self.shown(width);
        let clean = |cell: &String| one_line(cell).trim().to_owned();
        let mut lines = vec![shown.iter().map(|column| self.columns[*column].to_owned()).collect::<Vec<_>>()];
        for row in &self.rows {
            let cell = |column: &usize| row.cells.get(*column).map(clean).unwrap_or_default();
            lines.push(shown.iter().map(cell).collect());
        }
        let whole: Vec<bool> =
            shown.iter().map(|column| self.whole.contains(&self.columns[*column])).collect();
        let mut widths = widest(&lines);
        if self.main.is_some() {
            let first =
                shown.iter().zip(&whole).map(|(at, whole)| *whole || self.is_main(*at)).collect::<Vec<_>>();
            widths = fitted(widths, &first, width);
        }
        let widths = fitted(widths, &whole, width);
        let mut table = String::new();
        for (n, cells) in lines.iter().enumerate() {
            let line = line(cells, &widths);
            table.push_str(&if n == 0 { Style::Dim.paint(&line, color) } else { line });
            table.push('\n');
            for note in n.checked_sub(1).and_then(|n| self.rows.get(n)).iter().flat_map(|row| &row.notes) {
                table.push_str(&format!("    {}\n", one_line(note).trim()));
            }
        }
        table
    }

    fn is_main(&self, column: usize) -> bool {
        self.main == Some(self.columns[column])
    }

    /// The columns for which there is room.
    fn shown(&self, width: usize) -> Vec<usize> {
        let natural = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
            let widest = cells.map(|cell| one_line(cell).trim().width()).max().unwrap_or(0);
            let natural = widest.max(self.columns[column].width());
            let is_cut = self.main.is_some() && self.spare.contains(&self.columns[column]);
            let least = if self.is_main(column) { natural.min(ROOM) } else { natural.min(NARROWEST) };
            2 + if is_cut || self.is_main(column) { least } else { natural }
        };
        let is_empty = |column: usize| {
            self.rows.iter().all(|row| row.cells.get(column).is_none_or(|cell| cell.trim().is_empty()))
        };
        let is_shown =
            |column: &usize| !(self.optional.contains(&self.columns[*column]) && is_empty(*column));
        let mut shown: Vec<usize> = (0..self.columns.len()).filter(is_shown).collect();
        for name in self.spare.iter().rev() {
            if shown.iter().map(|column| natural(*column)).sum::<usize>() > width + 2 {
                shown.retain(|column| self.columns[*column] != *name);
            }
        }
        shown
    }
}

fn widest(lines: &[Vec<String>]) -> Vec<usize> {
    let columns = lines.first().map_or(0, Vec::len);
    let cell = |column: usize| lines.iter().filter_map(move |cells| cells.get(column));
    (0..columns).map(|column| cell(column).map(|cell| cell.width()).max().unwrap_or(0)).collect()
}

/// The widths with the widest made smaller until all fit, but for those of the columns that stay whole.
fn fitted(mut widths: Vec<usize>, whole: &[bool], width: usize) -> Vec<usize> {
    let gaps = 2 * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        let cut = widths.iter_mut().zip(whole).filter(|(_, whole)| !**whole).map(|(width, _)| width).max();
        match cut {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
    widths
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

    #[test]
    fn the_main_column_has_the_room_first() {
        let listing = |target: &str| {
            let beside = ["TITLE", "TAGS"];
            let mut listing = Listing::new(&["CODE", "TITLE", "TAGS", "TO"]).spare(&beside).main("TO");
            let cells = ["spring", "The sale of the spring", "sale, spring, poster", target];
            listing.row(cells.map(str::to_owned).to_vec(), Value::Null);
            listing
        };
        let long = "shop.example/a/long/way/to/go/for/a/page/of/a/sale";
        assert!(listing(long).table(80, false).contains(long));
        let narrow = listing(long).table(50, false);
        assert!(narrow.contains("shop.example/a/long/way/to/go") && !narrow.contains("TAGS"), "{narrow}");
        let short = listing("a.example").table(80, false);
        assert!(short.contains("The sale of the spring  sale, spring, poster  a.example"), "{short}");
    }

    #[test]
    fn an_optional_column_is_left_out_where_it_is_empty() {
        let mut listing = Listing::new(&["N", "TAGS", "TITLE"]).optional(&["TAGS", "TITLE"]);
        listing.row(vec!["1".into(), " ".into(), "a".into()], Value::Null);
        listing.row(vec!["2".into(), String::new(), String::new()], Value::Null);
        assert_eq!(listing.table(80, false), "N  TITLE\n1  a\n2\n");
    }

    #[test]
    fn what_is_whole_is_not_cut_and_what_is_spare_goes_first() {
        let mut listing = Listing::new(&["WHEN", "TEXT", "LONGEST"]).whole(&["WHEN"]).spare(&["LONGEST"]);
        listing.row(
            vec!["Sun 2026-11-22 18:00".into(), "much more than fits".into(), "300".into()],
            Value::Null,
        );
        listing.note("a long reason\nthat is told from its beginning to its end".into());
        assert_eq!(
            listing.table(34, false),
            "WHEN                  TEXT\nSun 2026-11-22 18:00  much more t…\n    a long reason that is told from its beginning to its end\n"
        );
        assert!(listing.table(80, false).contains("LONGEST"), "there is room for all");
    }
}
