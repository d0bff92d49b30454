//! CSV in: the delimiter is the one that the first line has most of, columns are known by their names.

use super::fields::{Draft, Field, column};
use super::file::LONGEST_ROW;
use super::remarks::Remarks;
use super::row::{Bad, Row, Rows};
use crate::args::From;
use anyhow::{Result, anyhow};
use cm_cli::Failure;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{BufRead, Read};
use std::rc::Rc;

/// `yourls_url`, as phpMyAdmin writes it without a first line.
const YOURLS: [Field; 4] = [Field::Code, Field::Target, Field::Title, Field::Created];

/// What is put after every table: it is a row of its own, unless a quote was still open.
const END: &[u8] = b"\n\0end\n";

/// The rows of a table.
pub fn rows<'a>(mut input: Box<dyn BufRead + 'a>, from: From, remarks: &Remarks) -> Result<Rows<'a>> {
    let delimiter = delimiter(input.fill_buf()?);
    let left = Rc::new(Cell::new(LONGEST_ROW));
    let bounded = Bounded { inner: input.chain(END), left: Rc::clone(&left) };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(bounded);
    let mut first = ByteRecord::new();
    reader.read_byte_record(&mut first).map_err(|e| anyhow!("line 1: {e}"))?;
    let mut columns: Vec<Option<Field>> =
        first.iter().map(|name| column(&String::from_utf8_lossy(name))).collect();
    let headless = from == From::Yourls && first.get(1).is_some_and(|cell| cell.starts_with(b"http"));
    if headless {
        columns = YOURLS.into_iter().map(Some).chain([None, Some(Field::Clicks)]).collect();
    } else if !columns.contains(&Some(Field::Target)) {
        let names: Vec<String> =
            first.iter().take(20).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        return Err(Failure::usage(format!(
            "line 1: no column says where links lead (url, long_url, longUrl, target, \"Destination URL\"): {names:?}"
        ))
        .into());
    } else {
        remark(&first, &columns, remarks);
    }
    let own = from == From::Csv;
    let (others, ended, record) = (VecDeque::new(), false, first);
    let table = Table { reader, columns, left, own, ended, record, number: 1, waiting: headless, others };
    Ok(Box::new(table))
}

fn remark(first: &ByteRecord, columns: &[Option<Field>], remarks: &Remarks) {
    let unknown = first.iter().zip(columns).filter(|(_, column)| column.is_none());
    let unknown = unknown.map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect();
    let codes = [Field::Code, Field::Codes, Field::Short].map(Some);
    remarks.columns(unknown, columns.iter().any(|column| codes.contains(column)));
}

/// Of comma, semicolon, tab and bar the one that stands most often in the first line, outside of quotes.
fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in head {
        if !quoted && matches!(byte, b'\n' | b'\r') {
            break;
        }
        quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(sign, _)| sign == byte && !quoted) {
            *count += 1;
        }
    }
    // The first of equals: a table of one column has none.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| *sign)
}

struct Table<R> {
    reader: Reader<R>,
    columns: Vec<Option<Field>>,
    left: Rc<Cell<u64>>,
    own: bool,
    ended: bool,
    record: ByteRecord,
    /// Rows read, the first line among them: as spreadsheets count.
    number: u64,
    /// Whether the record read last is a row that was not given yet.
    waiting: bool,
    /// Rows of the further codes of the row given last.
    others: VecDeque<Row>,
}

impl<R: Read> Iterator for Table<R> {
    type Item = Result<Result<Row, Bad>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(row) = self.others.pop_front() {
            return Some(Ok(Ok(row)));
        }
        if self.ended {
            return None;
        }
        self.left.set(LONGEST_ROW);
        if !std::mem::take(&mut self.waiting) {
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) if self.record.len() == 1 && self.record.get(0) == Some(END.trim_ascii()) => {
                    return None;
                }
                Ok(true) => self.number += 1,
                Ok(false) => return None,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(anyhow!("from row {} on: {error}", self.number + 1)));
                }
            }
        }
        Some(Ok(self.row()))
    }
}

impl<R> Table<R> {
    fn row(&mut self) -> Result<Row, Bad> {
        let number = self.number;
        if self.record.iter().next_back().is_some_and(|cell| cell.ends_with(END)) {
            let why = "a quote opens in it that is never closed: all that follows is one cell".to_owned();
            return Err(Bad { number, code: None, why });
        }
        let mut draft = Draft::default();
        for (field, cell) in self.columns.iter().zip(&self.record) {
            let Some(field) = field else { continue };
            let text = std::str::from_utf8(cell).map_err(|_| Bad {
                number,
                code: None,
                why: "it is not UTF-8: save the file as UTF-8".to_owned(),
            })?;
            draft.set(*field, if self.own { unguarded(text) } else { text });
        }
        let (row, others) = draft.finish(number);
        self.others.extend(others);
        row
    }
}

/// Our export puts a `'` before what a spreadsheet would take for a formula.
fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(crate::export::FORMULA)).unwrap_or(text)
}

/// A reader that ends with an error when too much is read for one row.
struct Bounded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.ok_or_else(|| std::io::Error::other("a quote is never closed"))?);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, from: From) -> Vec<Result<Row, Bad>> {
        super::super::file::rows(text.as_bytes(), from, &Remarks::default())
            .unwrap()
            .map(|row| row.unwrap())
            .collect()
    }

    #[test]
    fn delimiters_are_guessed_and_quotes_are_read() {
        for text in [
            "\u{feff}url,slug,title\nhttps://a.example/,AbC,\"x, \"\"y\"\"\nz\"\n",
            "url;slug;title\r\nhttps://a.example/;AbC;\"x, \"\"y\"\"\nz\"\r\n",
            "\"url\"\t\"slug\"\t\"title\"\nhttps://a.example/\tAbC\t\"x, \"\"y\"\"\nz\"",
        ] {
            let rows = read(text, From::Csv);
            let row = rows[0].as_ref().unwrap();
            assert_eq!((rows.len(), row.code.as_deref(), row.number), (1, Some("AbC"), 2), "{text}");
            assert_eq!(row.title.as_deref(), Some("x, \"y\"\nz"));
        }
        let alone = read("url\nhttps://a.example/,\n", From::Csv);
        assert_eq!(alone[0].as_ref().unwrap().target, "https://a.example/");
    }

    #[test]
    fn a_bad_row_costs_no_other_and_a_table_without_targets_is_told() {
        let rows = super::super::file::rows(
            &b"url,title\nhttps://a.example/\xff,x\n,y\nhttps://b.example/\n"[..],
            From::Csv,
            &Remarks::default(),
        );
        let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
        assert!(rows[0].is_err() && rows[1].is_err() && rows[2].is_ok(), "{rows:?}");
        let none =
            super::super::file::rows(&b"a,b\n1,2\n"[..], From::Dub, &Remarks::default()).err().unwrap();
        assert!(none.to_string().contains("no column says where links lead"), "{none}");
    }

    #[test]
    fn a_quote_that_never_closes_ends_the_run_with_its_line() {
        let text = format!("url,title\nhttps://a.example/,x\nhttps://b.example/,\"{}", "y\n".repeat(3 << 20));
        let rows: Vec<_> =
            super::super::file::rows(text.as_bytes(), From::Csv, &Remarks::default()).unwrap().collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[1].as_ref().unwrap_err().to_string().contains("from row 3 on"));
    }

    #[test]
    fn yourls_tables_have_a_first_line_or_none() {
        for text in [
            "keyword,url,title,timestamp,ip,clicks\nAbC,https://a.example/,T,2024-05-01 12:00:00,1.2.3.4,7\n",
            "\"AbC\";\"https://a.example/\";\"T\";\"2024-05-01 12:00:00\";\"1.2.3.4\";\"7\"\n",
        ] {
            let rows = read(text, From::Yourls);
            let row = rows[0].as_ref().unwrap();
            assert_eq!(
                (rows.len(), row.clicks, row.created_ms),
                (1, Some(7), Some(1_714_564_800_000)),
                "{text}"
            );
        }
    }
}
