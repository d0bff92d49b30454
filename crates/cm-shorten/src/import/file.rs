//! What a file is, told by its first bytes, and its rows.

use super::remarks::Remarks;
use super::row::Rows;
use super::{json, sql, table};
use crate::args::From;
use anyhow::{Context, Result};
use cm_cli::Failure;
use std::io::{BufRead, BufReader, Cursor, Read};

/// How much of a file is looked at to tell what it is.
const HEAD: u64 = 4096;
/// The longest row: longer ones are no rows but a quote or bracket that is never closed.
pub const LONGEST_ROW: u64 = 4 << 20;

/// The rows of a file. Whatever `from` names may come as CSV, JSON or SQL.
pub fn rows<'a>(input: impl Read + 'a, from: From, remarks: &Remarks) -> Result<Rows<'a>> {
    let mut input = input;
    let mut head = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut head).context("cannot be read")?;
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
        return Err(Failure::usage("it is written in UTF-16: save it as UTF-8").into());
    }
    if head.starts_with(&[0x1F, 0x8B]) || head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        return Err(
            Failure::usage("it is compressed: unpack it, or `zcat FILE | cm-shorten import -`").into()
        );
    }
    let head = head.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(head);
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    let is_sql = from == From::Yourls && is_sql(&head);
    let input: Box<dyn BufRead + 'a> =
        Box::new(BufReader::with_capacity(64 << 10, Cursor::new(head).chain(input)));
    match (from, first) {
        (From::Jsonl, _) => Ok(json::lines(input)),
        (_, None) => Ok(Box::new(std::iter::empty())),
        (From::Csv, _) => table::rows(input, from, remarks),
        (_, Some(b'{' | b'[')) => Ok(json::documents(input, remarks.clone())),
        _ if is_sql => Ok(sql::rows(input)),
        _ => table::rows(input, from, remarks),
    }
}

/// Whether it begins as dumps do: with a comment, or a word of SQL.
fn is_sql(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start();
    let begins = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    ["--", "/*", "insert ", "create ", "drop ", "set ", "lock ", "use ", "start transaction", "begin"]
        .iter()
        .any(|word| begins(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(
            head in "(url,code|keyword;url|INSERT INTO y_url VALUES \\(|\\{\"data\":\\[|-- |\\[)?",
            rest in "([ -~\n]|['\"`(),;:\\[\\]{}\\\\]){0,80}",
            from in 0_u8..10,
        ) {
            let text = head + &rest;
            let found = crate::probe::import(text.as_bytes(), from);
            prop_assert_eq!(crate::probe::import(text.as_bytes(), from), found);
            prop_assert!(found.0 + found.1 <= text.len());
        }
    }
}
