//! The files that hold another service's queries: text, CSV, JSON, or a feed of Google Alerts.
//! In: a file's name and text. Out: the queries with their names, and where each begins.

use super::dialect::Dialect;
use super::lines;
use super::table::{Cell, Record, records};
use cm_text::html_to_text;
use serde_json::Value;

/// A query as it was exported.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Original {
    /// Its name, where the file gives one.
    pub name: Option<String>,
    pub query: String,
    pub languages: Vec<String>,
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The column at which it begins, from 1; `None` where the file writes it otherwise (CSV, JSON).
    pub column: Option<usize>,
    /// Whether its quotation marks may have been meant for a phrase, where the table took them for its own.
    pub doubtful: bool,
    /// What is to be told of how the file was read.
    pub told: Vec<String>,
}

/// Columns and members that hold a name.
const NAMES: [&str; 12] = [
    "name",
    "query name",
    "search name",
    "title",
    "topic",
    "abfragename",
    "suchname",
    "titel",
    "thema",
    "bezeichnung",
    "nom",
    "nombre",
];
/// Those that hold a query, the surest first.
const QUERIES: [&str; 26] = [
    "booleanquery",
    "boolean query",
    "boolean",
    "boolesche abfrage",
    "query",
    "abfrage",
    "suchabfrage",
    "suchanfrage",
    "includedterms",
    "included terms",
    "search string",
    "searchstring",
    "search query",
    "keywords",
    "terms",
    "term",
    "suchstring",
    "suchbegriffe",
    "suchbegriff",
    "requête",
    "requete",
    "consulta",
    "búsqueda",
    "busqueda",
    "search",
    "suche",
];
/// Those that are one by themselves too: hardly anybody looks for the word.
const SURE: [&str; 6] =
    ["query", "booleanquery", "boolean query", "abfrage", "suchabfrage", "boolesche abfrage"];
/// What is in the name of columns and members that say what a query must not find, or must find beside.
const LIMITS: [&str; 5] = ["exclu", "ausschl", "ausgeschl", "context", "negative"];
/// Those that hold languages.
const LANGUAGES: [&str; 8] =
    ["languages", "language", "lang", "sprachen", "sprache", "langue", "idioma", "idiomas"];

/// Reads a file; the error says what is wrong with it.
pub(super) fn read(text: &str, dialect: Dialect) -> Result<Vec<Original>, String> {
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        Some('{' | '[') if is_json(text) => json(text),
        Some('<') if text.contains("<feed") || text.contains("<rss") || text.contains("<opml") => {
            Ok(feeds(text))
        }
        _ => match csv_header(text)? {
            Some(columns) => Ok(csv(text, &columns)),
            None => Ok(lines::queries(text, dialect)),
        },
    }
}

/// A `{` may also begin `{BT} AND ...`.
fn is_json(text: &str) -> bool {
    let rest = text.trim_start()[1..].trim_start();
    rest.starts_with(['"', '{', ']', '}', '[']) && text.contains('"')
}

/// The columns of a table that has one for queries. A first line that names other columns beside a name is refused.
fn csv_header(text: &str) -> Result<Option<Vec<String>>, String> {
    let Some(header) = text.lines().next().map(str::to_lowercase) else { return Ok(None) };
    let columns: Vec<String> = header
        .split(separator(&header))
        .map(|column| column.trim().trim_matches('"').trim().to_owned())
        .collect();
    let some = |names: &[&str]| columns.iter().any(|column| names.contains(&column.as_str()));
    let has_rows = text.lines().nth(1).is_some();
    match columns.len() {
        // One column: what else might be a query is read as one.
        1 if has_rows && some(&SURE) => Ok(Some(columns)),
        0 | 1 => Ok(None),
        _ if some(&QUERIES) => Ok(Some(columns)),
        _ if some(&NAMES) && has_rows => {
            let columns = columns.join(", ");
            Err(format!("no column is called query: line 1 names {columns}"))
        }
        _ => Ok(None),
    }
}

fn separator(header: &str) -> char {
    [';', '\t'].into_iter().find(|separator| header.contains(*separator)).unwrap_or(',')
}

fn csv(text: &str, columns: &[String]) -> Vec<Original> {
    let separator = separator(text.lines().next().unwrap_or_default());
    let of = |names: &[&str]| names.iter().find_map(|name| columns.iter().position(|column| column == name));
    let [queries, names, languages] = [of(&QUERIES), of(&NAMES), of(&LANGUAGES)];
    let mut found = Vec::new();
    for record in records(text, separator).into_iter().skip(1) {
        let cell = |column: Option<usize>| {
            column.and_then(|n| record.cells.get(n)).filter(|cell| !cell.value.trim().is_empty())
        };
        let value = |cell: &Cell| cell.value.trim().to_owned();
        let mut told = around(&record, columns);
        let query = cell(queries);
        if query.is_none() {
            told.push("this row holds no query: left out".to_owned());
        }
        let needless =
            |query: &Cell| !query.value.contains(['"', '\n', separator]) && query.value.trim().contains(' ');
        let others = record.cells.iter().filter(|cell| cell.quoted).count() > 1;
        let languages = cell(languages).map(|cell| split_languages(&cell.value)).unwrap_or_default();
        found.push(Original {
            name: cell(names).map(value),
            query: query.map(value).unwrap_or_default(),
            languages: codes(languages, &mut told),
            line: record.line,
            column: None,
            doubtful: query.is_some_and(|query| query.quoted && needless(query) && !others),
            told,
        });
    }
    found
}

/// What a row holds beside its query and would be lost in silence.
fn around(record: &Record, columns: &[String]) -> Vec<String> {
    let filled = |cell: &&Cell| !cell.value.trim().is_empty();
    let mut told = Vec::new();
    if record.cells.iter().skip(columns.len()).any(|cell| filled(&cell)) {
        told.push(format!(
            "this row has more fields than the {} that line 1 names, the others are left out: a query that holds a \
             separator stands in quotation marks",
            columns.len()
        ));
    }
    let limits = columns.iter().zip(&record.cells).filter(|(column, cell)| is_limit(column) && filled(cell));
    told.extend(limits.map(|(column, _)| left_out(column)));
    told
}

fn is_limit(name: &str) -> bool {
    let name = name.to_lowercase();
    LIMITS.iter().any(|part| name.contains(part))
}

fn left_out(name: &str) -> String {
    format!("{name} is left out: this finds more")
}

fn split_languages(value: &str) -> Vec<String> {
    value.split([',', ';', ' ', '|']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Those that are codes: items name theirs so.
fn codes(languages: Vec<String>, told: &mut Vec<String>) -> Vec<String> {
    let is_code = |language: &String| {
        let mut parts = language.split(['-', '_']);
        let first = parts.next().unwrap_or_default();
        let letters = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric());
        (2..=3).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphabetic()) && parts.all(letters)
    };
    let (codes, others): (Vec<_>, Vec<_>) = languages.into_iter().partition(is_code);
    if !others.is_empty() {
        told.push(format!(
            "{} is no code of a language, as en is: left out, which finds more",
            others.join(", ")
        ));
    }
    codes
}

/// A list of objects, one in `results`, `queries` or `searches`, an object, or JSON lines.
fn json(text: &str) -> Result<Vec<Original>, String> {
    let mut found = Vec::new();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    loop {
        let before = values.byte_offset();
        let Some(value) = values.next() else { return Ok(found) };
        let value = value.map_err(|error| error.to_string())?;
        let skipped = text[before..].len() - text[before..].trim_start().len();
        let line = text[..before + skipped].bytes().filter(|byte| *byte == b'\n').count() + 1;
        objects(&value, line, &mut found);
    }
}

fn objects(value: &Value, line: usize, found: &mut Vec<Original>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| objects(value, line, found)),
        Value::String(query) => found.push(Original { query: query.clone(), line, ..Original::default() }),
        Value::Object(members) => {
            let member = |names: &[&str]| {
                let named = |name: &&str| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                names.iter().find_map(named).map(|(_, value)| value)
            };
            let list =
                ["results", "queries", "searches", "alerts"].iter().find_map(|name| members.get(*name));
            match (member(&QUERIES).and_then(query_of), list) {
                (Some(query), _) => {
                    let limits = members.iter().filter(|(name, value)| is_limit(name) && !is_empty(value));
                    let mut told: Vec<String> = limits.map(|(name, _)| left_out(name)).collect();
                    found.push(Original {
                        name: member(&NAMES).and_then(Value::as_str).map(str::to_owned),
                        query,
                        languages: codes(member(&LANGUAGES).map(texts).unwrap_or_default(), &mut told),
                        line,
                        told,
                        ..Original::default()
                    });
                }
                (None, Some(list)) => objects(list, line, found),
                (None, None) => {}
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A query, or a list of terms of which one is enough.
fn query_of(value: &Value) -> Option<String> {
    match value {
        Value::String(query) => Some(query.clone()).filter(|query| !query.trim().is_empty()),
        Value::Array(_) => {
            let terms: Vec<String> = texts(value).iter().map(|term| format!("({term})")).collect();
            Some(terms.join(" OR ")).filter(|query| !query.is_empty())
        }
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => split_languages(text),
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Feeds of alerts, or a reader's list of them: their titles are `Google Alert - the terms`.
fn feeds(text: &str) -> Vec<Original> {
    let mut found: Vec<Original> = Vec::new();
    for (at, _) in text.match_indices("Google Alert") {
        let before = text[..at].trim_end();
        let end =
            if before.ends_with(['"', '\'']) { text[at..].find(['"', '\'']) } else { text[at..].find('<') };
        let Some(end) = end else { continue };
        let title = html_to_text(&text[at..at + end], false);
        let Some(terms) = title
            .trim_start_matches("Google Alerts")
            .trim_start_matches("Google Alert")
            .trim_start()
            .strip_prefix(['-', '–', '—', ':'])
        else {
            continue;
        };
        let (query, line) =
            (terms.trim().to_owned(), text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1);
        if !query.is_empty() && found.iter().all(|other| other.query != query) {
            found.push(Original { query, line, ..Original::default() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries(text: &str) -> Vec<(usize, Option<String>, String)> {
        read(text, Dialect::Brandwatch)
            .unwrap()
            .into_iter()
            .map(|original| (original.line, original.name, original.query))
            .collect()
    }

    #[test]
    fn every_form_is_read() {
        let named = |line, name: &str, query: &str| (line, Some(name.to_owned()), query.to_owned());
        let bare = |line, query: &str| (line, None, query.to_owned());
        assert_eq!(
            queries("acme\n\n  (roast OR\n  beans)\nName\t\"b c\"\n"),
            [bare(1, "acme"), bare(3, "(roast OR\n  beans)"), named(5, "Name", "\"b c\"")]
        );
        assert_eq!(queries("{BT} AND acme\n"), [bare(1, "{BT} AND acme")]);
        assert_eq!(
            queries("Name,Query,Language\nA,\"\"\"acme roast\"\" AND\nx\",en\nB,,\n"),
            [named(2, "A", "\"acme roast\" AND\nx"), named(4, "B", "")]
        );
        assert_eq!(
            queries("name,query\nMarke,\"kaffee zauber\" OR \"b c\"\n"),
            [named(2, "Marke", "\"kaffee zauber\" OR \"b c\"")]
        );
        assert_eq!(
            queries("Name\tQuery\nMarke\t\"kaffee zauber\" NEAR/5 tee\n"),
            [named(2, "Marke", "\"kaffee zauber\" NEAR/5 tee")]
        );
        assert_eq!(queries("name;boolean query\nA;acme\n"), [named(2, "A", "acme")]);
        assert_eq!(
            queries(
                "{\"results\":[{\"name\":\"A\",\"booleanQuery\":\"acme\",\"languages\":[\"en\"]},{\"id\":1}]}"
            ),
            [named(1, "A", "acme")]
        );
        assert_eq!(
            queries("[{\"name\":\"A\",\"includedTerms\":[\"acme\",\"b OR c\"]},\"d\"]"),
            [named(1, "A", "(acme) OR (b OR c)"), bare(1, "d")]
        );
        assert_eq!(
            queries("{\"name\":\"A\",\"query\":\"a\"}\n{\"name\":\"B\",\"query\":\"b\"}\n"),
            [named(1, "A", "a"), named(2, "B", "b")]
        );
        let feed = "<?xml version=\"1.0\"?>\n<feed><title>Google Alert - &quot;acme roast&quot; -jobs</title><entry><title>Google Alert</title></entry></feed>";
        assert_eq!(queries(feed), [bare(2, "\"acme roast\" -jobs")]);
        let list =
            "<opml><body><outline text='Google Alerts - beans' xmlUrl='https://x.example'/></body></opml>";
        assert_eq!(queries(list), [bare(1, "beans")]);
        assert_eq!(queries(""), []);
    }
}
