//! Saved searches: `searches.toml`, or the same members as JSON lines.
//! In: a file that people keep for years. Out: searches with their parsed queries, or the line of the first mistake.

use crate::query::Query;
use cm_cli::{Failure, in_our_words, unreadable};
use cm_record::{Item, Record};
use serde::Deserialize;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use toml::Spanned;

/// A search.
#[derive(Debug)]
pub struct Search {
    /// Its name in the output.
    pub name: String,
    /// What it looks for.
    pub query: Query,
    /// What it must match.
    pub must_match: Vec<Sentence>,
    /// What it must miss.
    pub must_miss: Vec<Sentence>,
}

impl Search {
    /// A search from the command line, named by its query.
    pub fn ad_hoc(text: &str) -> Result<Search, Failure> {
        let query = text.parse().map_err(|e| Failure::usage(format!("the query, {e}")))?;
        Ok(Search { name: text.to_owned(), query, must_match: Vec::new(), must_miss: Vec::new() })
    }
}

/// A sentence of a search, or an item where the query looks at more than a text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Sentence {
    /// Taken as `content_text`.
    Text(String),
    /// Members of an item: `{ title = "...", language = "de" }`.
    Item(Box<Item>),
}

impl Sentence {
    /// The sentence as an item.
    pub fn record(&self) -> Option<Record> {
        let mut item = match self {
            Sentence::Text(text) => Item { content_text: Some(text.clone()), ..Item::default() },
            Sentence::Item(item) => (**item).clone(),
        };
        item.id = "sentence".to_owned();
        item.content_text.get_or_insert_default();
        Record::from_item(&item).ok()
    }

    /// The sentence as one shows it.
    pub fn shown(&self) -> String {
        match self {
            Sentence::Text(text) => format!("{text:?}"),
            Sentence::Item(item) => serde_json::to_string(item).unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    search: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    query: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for people and other programs; part of the format")]
    tags: Vec<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "for people; part of the format")]
    notes: Option<String>,
    #[serde(default)]
    must_match: Vec<Sentence>,
    #[serde(default)]
    must_miss: Vec<Sentence>,
}

/// Reads a file of searches; `.jsonl` is read as JSON lines, everything else as TOML.
pub fn read(path: &Path) -> Result<Vec<Search>, Failure> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let json_lines = path.extension().is_some_and(|extension| extension == "jsonl");
    let entries = if json_lines { from_json_lines(&file, &text)? } else { from_toml(&file, &text)? };
    if entries.is_empty() {
        return Err(Failure::config(format!(
            "{file}: no searches in it: write [[search]] with a name and a query"
        )));
    }
    checked(&file, entries)
}

fn from_toml(file: &str, text: &str) -> Result<Vec<(usize, Entry)>, Failure> {
    let parsed: File = cm_cli::parse_toml(file, text)?;
    Ok(parsed
        .search
        .into_iter()
        .map(|entry| (query_line(text, entry.span().start), entry.into_inner()))
        .collect())
}

/// The line, from 1, of the `query` of a table that starts at a byte; that of the table when it is written otherwise.
fn query_line(text: &str, start: usize) -> usize {
    let start = start.min(text.len());
    let before = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    let rest = text.get(start..).unwrap_or_default().lines().enumerate();
    let own = rest.take_while(|(i, line)| *i == 0 || !line.trim_start().starts_with("[["));
    let query = own.into_iter().find(|(_, line)| line.trim_start().starts_with("query"));
    before + 1 + query.map_or(0, |(i, _)| i)
}

fn from_json_lines(file: &str, text: &str) -> Result<Vec<(usize, Entry)>, Failure> {
    let lines =
        text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| match serde_json::from_str(line) {
            Ok(entry) => Ok((i + 1, entry)),
            Err(error) => {
                let message = error.to_string();
                let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
                Err(Failure::config(format!("{file}:{}: {}", i + 1, in_our_words(message))))
            }
        })
        .collect()
}

fn checked(file: &str, entries: Vec<(usize, Entry)>) -> Result<Vec<Search>, Failure> {
    let mut lines: HashMap<String, usize> = HashMap::new();
    let mut searches = Vec::with_capacity(entries.len());
    for (line, entry) in entries {
        let wrong = |message: String| Failure::config(format!("{file}:{line}: {message}"));
        if entry.name.trim().is_empty() {
            return Err(wrong("a search needs a name".into()));
        }
        if let Some(first) = lines.insert(entry.name.clone(), line) {
            return Err(wrong(format!("the name {:?} is taken by the search on line {first}", entry.name)));
        }
        let query = entry.query.parse().map_err(|e| wrong(format!("the query of {:?}, {e}", entry.name)))?;
        let Entry { name, must_match, must_miss, .. } = entry;
        searches.push(Search { name, query, must_match, must_miss });
    }
    Ok(searches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> Result<Vec<Search>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        read(&path).map_err(|e| e.message.replace(&format!("{}/", dir.path().display()), ""))
    }

    #[test]
    fn both_forms_say_the_same() {
        let toml = "[[search]]\nname = \"a\"\ntags = [\"x\"]\nnotes = \"n\"\nquery = '\"b c\"'\nmust_match = [\"b c\", { title = \"b c\" }]\n";
        let json =
            r#"{"name":"a","tags":["x"],"notes":"n","query":"\"b c\"","must_match":["b c",{"title":"b c"}]}"#;
        for searches in [read_text("s.toml", toml).unwrap(), read_text("s.jsonl", json).unwrap()] {
            assert_eq!((searches[0].name.as_str(), searches[0].query.to_string().as_str()), ("a", "\"b c\""));
            assert_eq!(searches[0].must_match.len(), 2);
        }
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (name, text, wanted) in [
            ("s.toml", "", "s.toml: no searches in it: write [[search]] with a name and a query"),
            (
                "s.toml",
                "[[search]]\nname = \"a\"\nquerry = \"b\"\n",
                "s.toml:3: unknown key \"querry\" (did you mean \"query\"?)",
            ),
            (
                "s.toml",
                "# x\n[[search]]\nname = \"a\"\nquery = \"b\"\n\n[[search]]\nname = \"c\"\nquery = \"d OR\"\n",
                "s.toml:8: the query of \"c\", column 5: something is missing at the end",
            ),
            (
                "s.toml",
                "[[search]]\nname = \"a\"\nquery = \"b\"\n[[search]]\nname = \"a\"\nquery = \"c\"\n",
                "s.toml:6: the name \"a\" is taken by the search on line 3",
            ),
            (
                "s.jsonl",
                "\n{\"name\":\"a\",\"querry\":\"b\"}",
                "s.jsonl:2: unknown key \"querry\" (did you mean \"query\"?)",
            ),
            ("s.jsonl", "{\"name\":\" \",\"query\":\"b\"}", "s.jsonl:1: a search needs a name"),
        ] {
            assert_eq!(read_text(name, text).unwrap_err(), wanted);
        }
        assert!(read(Path::new("none.toml")).unwrap_err().message.ends_with("none.toml: no such file"));
    }
}
