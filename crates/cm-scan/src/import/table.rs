//! A table of separated values as programs write it and as people do: a field that begins with a quotation mark is CSV's
//! (RFC 4180) only where a separator follows the closing one. In: a text and its separator. Out: its records.

/// A field.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub value: String,
    /// Whether it stood between quotation marks that do not belong to it.
    pub quoted: bool,
}

/// A record and the line at which it begins, from 1.
#[derive(Debug, PartialEq)]
pub(super) struct Record {
    pub line: usize,
    pub cells: Vec<Cell>,
}

/// Reads all records; empty lines are none.
pub(super) fn records(text: &str, separator: char) -> Vec<Record> {
    let (mut found, mut line, mut rest) = (Vec::new(), 1, text);
    while !rest.is_empty() {
        let (cells, after) = record(rest, separator);
        let is_empty = matches!(cells.as_slice(), [only] if only.value.trim().is_empty());
        if !is_empty {
            found.push(Record { line, cells });
        }
        line += rest[..rest.len() - after.len()].matches('\n').count();
        rest = after;
    }
    found
}

fn record(mut rest: &str, separator: char) -> (Vec<Cell>, &str) {
    let mut cells = Vec::new();
    loop {
        let (cell, after) = quoted(rest, separator).unwrap_or_else(|| as_written(rest, separator));
        cells.push(cell);
        match after.strip_prefix(separator) {
            Some(next) => rest = next,
            None => {
                let after = after.strip_prefix('\r').unwrap_or(after);
                return (cells, after.strip_prefix('\n').unwrap_or(after));
            }
        }
    }
}

/// A field between quotation marks, those within it doubled.
fn quoted(text: &str, separator: char) -> Option<(Cell, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        value.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                value.push('"');
                rest = next;
            }
            None => {
                let after = after.trim_start_matches(' ');
                let ends = after.is_empty() || after.starts_with([separator, '\n', '\r']);
                return ends.then_some((Cell { value, quoted: true }, after));
            }
        }
    }
}

/// What stands up to the next separator that no quotation marks enclose, or to the end of the line.
fn as_written(text: &str, separator: char) -> (Cell, &str) {
    let line = &text[..text.find('\n').unwrap_or(text.len())];
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut enclosed = false;
    let end = line.char_indices().find(|(_, c)| {
        enclosed ^= *c == '"';
        *c == separator && !enclosed
    });
    // One that is open at the end of the line encloses nothing.
    let end = end.map(|(at, _)| at).or_else(|| line.find(separator).filter(|_| enclosed));
    let end = end.unwrap_or(line.len());
    (Cell { value: line[..end].to_owned(), quoted: false }, &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_are_those_of_csv_only_where_a_separator_follows() {
        for (line, wanted) in [
            ("a,b", "a|b"),
            ("a,\"b, \"\"c\"\"\",d", "a|<b, \"c\">|d"),
            ("a,\"b\nc\" ,d", "a|<b\nc>|d"),
            ("a,\"b c\" OR \"d, e\",f", "a|\"b c\" OR \"d, e\"|f"),
            ("a,x OR \"d, e\",f\r\n", "a|x OR \"d, e\"|f"),
            ("a,\"b c,d", "a|\"b c|d"),
            ("a,\"\",\"\"\"b c\"\"\"", "a|<>|<\"b c\">"),
            ("a,5\" pipe,b", "a|5\" pipe|b"),
        ] {
            let shown = |cell: &Cell| {
                if cell.quoted { format!("<{}>", cell.value) } else { cell.value.clone() }
            };
            let read = records(line, ',');
            assert_eq!(read.len(), 1, "{line}: {read:?}");
            assert_eq!(read[0].cells.iter().map(shown).collect::<Vec<_>>().join("|"), wanted, "{line}");
        }
        let lines: Vec<usize> =
            records("a,b\n\n\"c\nd\",e\nf", ',').iter().map(|record| record.line).collect();
        assert_eq!(lines, [1, 3, 5]);
    }
}
