//! `searches.toml` as TOML allows it, read by the TOML reader; its mistakes are told with their line.

use super::builder::Builder;
use super::entry::{Entry, Text};
use super::hints::hinted;
use super::sentence::Sentence;
use cm_cli::Failure;
use serde::Deserialize;
use std::borrow::Cow;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    search: Vec<Spanned<Table>>,
}

/// `Entry` with texts of its own and the place of the query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    name: String,
    query: Option<Spanned<String>>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
    enabled: Option<bool>,
    #[serde(default)]
    must_match: Vec<Sentence>,
    #[serde(default)]
    must_miss: Vec<Sentence>,
}

/// Reads all searches of a text; `file` is what errors name.
pub(super) fn read(file: &str, text: &str, builder: &mut Builder) -> Result<(), Failure> {
    read_part(file, text, (1, 0), builder)
}

/// Reads a part of a text, which begins at a line and a byte of it.
pub(super) fn read_part(
    file: &str,
    text: &str,
    (first_line, first_byte): (usize, usize),
    builder: &mut Builder,
) -> Result<(), Failure> {
    let parsed: File = cm_cli::parse_toml(file, text).map_err(|failure| hinted(file, text, failure))?;
    let (mut line, mut counted) = (first_line, 0);
    for table in parsed.search {
        let start = table.span().start.min(text.len());
        if counted <= start {
            line += text.as_bytes()[counted..start].iter().filter(|byte| **byte == b'\n').count();
            counted = start;
        }
        let table = table.into_inner();
        let at = first_byte + table.query.as_ref().map_or(0, |query| query.span().start);
        let entry = Entry {
            name: owned(table.name),
            query: owned(table.query.map(Spanned::into_inner).unwrap_or_default()),
            tags: table.tags.into_iter().map(owned).collect(),
            notes: owned(table.notes),
            languages: table.languages.into_iter().map(owned).collect(),
            sources: table.sources.into_iter().map(owned).collect(),
            enabled: table.enabled.unwrap_or(true),
            must_match: table.must_match,
            must_miss: table.must_miss,
        };
        builder.add(&entry, line, at).map_err(|m| Failure::config(format!("{file}:{line}: {m}")))?;
        builder.add_sentences(entry);
    }
    Ok(())
}

fn owned(text: String) -> Text<'static> {
    Text(Cow::Owned(text))
}
