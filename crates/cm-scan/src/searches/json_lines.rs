//! `searches.jsonl`: a search a line, with the members of `searches.toml`.

use super::builder::Builder;
use super::entry::Entry;
use cm_cli::{Failure, in_our_words, unreadable};
use std::io::BufRead;
use std::path::Path;

/// A line may be so long, in bytes: a search with its sentences, not a file of items.
const LONGEST: usize = 16 << 20;

/// Reads them, line by line, so that the file is never in memory.
pub(super) fn read(path: &Path, mut input: impl BufRead, builder: &mut Builder) -> Result<(), Failure> {
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let length = std::io::Read::take(&mut input, LONGEST as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| unreadable(path, &error))?;
        number += 1;
        if length == 0 {
            return Ok(());
        }
        let wrong = |message: String| Failure::config(format!("{}:{number}: {message}", path.display()));
        if length > LONGEST {
            return Err(wrong(format!("this line is longer than {} MiB", LONGEST >> 20)));
        }
        let bytes = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 1).unwrap_or(&line);
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if let Err(message) = read_line(bytes, number, builder) {
            builder.mistake(wrong(message))?;
        }
    }
}

fn read_line(line: &[u8], number: usize, builder: &mut Builder) -> Result<(), String> {
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    // A list would be taken for the members in their order.
    if !text.trim_start().starts_with('{') {
        return Err("a search is a JSON object: {\"name\": ..., \"query\": ...}".to_owned());
    }
    let entry: Entry = serde_json::from_str(text).map_err(|error| in_one_line(&error))?;
    builder.add(&entry, number, 0)?;
    builder.add_sentences(entry);
    Ok(())
}

fn in_one_line(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let (what, place) = message.rsplit_once(" at line ").unwrap_or((&message, ""));
    let what = in_our_words(what);
    match place.rsplit_once("column ") {
        // serde names the column for a mistake of the JSON only.
        Some((_, column)) if error.is_syntax() || error.is_eof() => format!("column {column}: {what}"),
        _ => what,
    }
}
