//! The files that hold another service's queries: text, CSV, JSON, or a feed of Google Alerts.
//! In: a file's name and text. Out: the queries with their names, and where each begins.

use super::table::{Cell, records};
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
}

/// Columns and members that hold a name.
const NAMES: [&str; 5] = ["name", "query name", "search name", "title", "topic"];
/// Those that hold a query.
const QUERIES: [&str; 12] = [
    "query",
    "booleanquery",
    "boolean query",
    "boolean",
    "includedterms",
    "included terms",
    "search string",
    "searchstring",
    "search query",
    "keywords",
    "terms",
    "term",
];
/// Those that hold languages.
const LANGUAGES: [&str; 3] = ["languages", "language", "lang"];

/// Reads a file; the error says what is wrong with it.
pub(super) fn read(text: &str) -> Result<Vec<Original>, String> {
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        Some('{' | '[') if is_json(text) => json(text),
        Some('<') if text.contains("<feed") || text.contains("<rss") || text.contains("<opml") => {
            Ok(feeds(text))
        }
        _ => match csv_header(text) {
            Some(columns) => Ok(csv(text, &columns)),
            None => Ok(lines(text)),
        },
    }
}

/// A `{` may also begin `{BT} AND ...`.
fn is_json(text: &str) -> bool {
    let rest = text.trim_start()[1..].trim_start();
    rest.starts_with(['"', '{', ']', '}', '[']) && text.contains('"')
}

/// A query a line; one whose parentheses or quotation marks are open goes on in the next.
fn lines(text: &str) -> Vec<Original> {
    let mut found: Vec<Original> = Vec::new();
    let mut open: Option<Original> = None;
    let mut state = Enclosed::default();
    for (n, line) in text.lines().enumerate() {
        if line.trim().is_empty() && open.is_none() {
            continue;
        }
        let mut original = match open.take() {
            Some(mut before) => {
                before.query.push('\n');
                before.query.push_str(line);
                before
            }
            None => begun(line, n + 1),
        };
        let own = if original.line == n + 1 { original.query.as_str() } else { line };
        state.read(own);
        if state.is_open() {
            open = Some(original);
        } else {
            state = Enclosed::default();
            original.query.truncate(original.query.trim_end().len());
            found.push(original);
        }
    }
    found.extend(open);
    found
}

/// The beginning of a query; a name may stand before it, and a tab between them.
fn begun(line: &str, number: usize) -> Original {
    let (name, query) = match line.split_once('\t') {
        Some((name, query)) if !name.trim().is_empty() => (Some(name.trim().to_owned()), query),
        _ => (None, line),
    };
    let skipped = line.len() - query.trim_start().len();
    let column = line[..skipped].chars().count() + 1;
    Original {
        name,
        query: query.trim_start().to_owned(),
        line: number,
        column: Some(column),
        ..Original::default()
    }
}

/// What is open where a line of a query ends.
#[derive(Default)]
struct Enclosed {
    depth: i32,
    quoted: bool,
}

impl Enclosed {
    /// Reads on.
    fn read(&mut self, line: &str) {
        for c in line.chars() {
            match c {
                '"' => self.quoted = !self.quoted,
                '(' if !self.quoted => self.depth += 1,
                ')' if !self.quoted => self.depth -= 1,
                _ => {}
            }
        }
    }

    fn is_open(&self) -> bool {
        self.quoted || self.depth > 0
    }
}

/// The columns of a table that has one for queries.
fn csv_header(text: &str) -> Option<Vec<String>> {
    let header = text.lines().next()?.to_lowercase();
    let separator = separator(&header);
    let columns: Vec<String> =
        header.split(separator).map(|column| column.trim().trim_matches('"').trim().to_owned()).collect();
    let known = |column: &String| QUERIES.contains(&column.as_str());
    (columns.len() > 1 && columns.iter().any(known)).then_some(columns)
}

fn separator(header: &str) -> char {
    [';', '\t'].into_iter().find(|separator| header.contains(*separator)).unwrap_or(',')
}

fn csv(text: &str, columns: &[String]) -> Vec<Original> {
    let separator = separator(text.lines().next().unwrap_or_default());
    let mut found = Vec::new();
    for record in records(text, separator).into_iter().skip(1) {
        let of = |names: &[&str]| {
            let column = names.iter().find_map(|name| columns.iter().position(|column| column == name))?;
            record.cells.get(column).filter(|cell| !cell.value.trim().is_empty())
        };
        let value = |cell: &Cell| cell.value.trim().to_owned();
        let Some(query) = of(&QUERIES) else { continue };
        let needless = !query.value.contains(['"', '\n', separator]) && query.value.trim().contains(' ');
        let others = record.cells.iter().filter(|cell| cell.quoted).count() > 1;
        found.push(Original {
            name: of(&NAMES).map(value),
            query: value(query),
            languages: of(&LANGUAGES).map(|cell| split_languages(&cell.value)).unwrap_or_default(),
            line: record.line,
            column: None,
            doubtful: query.quoted && needless && !others,
        });
    }
    found
}

fn split_languages(value: &str) -> Vec<String> {
    value.split([',', ';', ' ', '|']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
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
                (Some(query), _) => found.push(Original {
                    name: member(&NAMES).and_then(Value::as_str).map(str::to_owned),
                    query,
                    languages: member(&LANGUAGES).map(texts).unwrap_or_default(),
                    line,
                    ..Original::default()
                }),
                (None, Some(list)) => objects(list, line, found),
                (None, None) => {}
            }
        }
        _ => {}
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
        read(text)
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
            [named(2, "A", "\"acme roast\" AND\nx")]
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
