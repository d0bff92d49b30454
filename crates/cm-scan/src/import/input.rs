//! The files that hold another service's queries: text, CSV, JSON, or a feed of Google Alerts.
//! In: a file's name and text. Out: the queries with their names, and where each begins.

use super::dialect::Dialect;
use super::json;
use super::lines;
use super::table::{Cell, Record, records};
use cm_text::html_to_text;

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
pub(super) const NAMES: [&str; 12] = [
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
pub(super) const QUERIES: [&str; 26] = [
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
const LIMITS: [&str; 7] =
    ["exclu", "ausschl", "ausgeschl", "context", "negativeterm", "negativekeyword", "negativequer"];
/// Those that hold languages.
pub(super) const LANGUAGES: [&str; 8] =
    ["languages", "language", "lang", "sprachen", "sprache", "langue", "idioma", "idiomas"];

/// Reads a file; the error says what is wrong with it.
pub(super) fn read(text: &str, dialect: Dialect) -> Result<Vec<Original>, String> {
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        Some('{' | '[') if json::is_json(text) => json::queries(text),
        Some('<') if text.contains("<feed") || text.contains("<rss") || text.contains("<opml") => {
            Ok(feeds(text))
        }
        _ => match csv_header(text)? {
            Some(columns) => Ok(csv(text, &columns)),
            None => Ok(lines::queries(text, dialect)),
        },
    }
}

/// The columns of a table that has one for queries. A first line that names other columns beside a name is refused.
fn csv_header(text: &str) -> Result<Option<Vec<String>>, String> {
    let Some(header) = text.lines().next() else { return Ok(None) };
    let separator = separator(header);
    let cells = records(header, separator).into_iter().next().map(|record| record.cells).unwrap_or_default();
    let cells = cells.iter().map(|cell| cell.value.trim().trim_matches('"').trim());
    if cells.clone().any(is_of_query) {
        return Ok(None);
    }
    let columns: Vec<String> = cells.map(str::to_lowercase).collect();
    let some = |names: &[&str]| columns.iter().any(|column| names.contains(&column.as_str()));
    let has_rows = text.lines().nth(1).is_some();
    match columns.len() {
        // One column: what else might be a query is read as one.
        1 if has_rows && some(&SURE) => Ok(Some(columns)),
        0 | 1 => Ok(None),
        // Queries stand so behind their names too.
        2 if separator == '\t' && !some(&SURE) && !columns.iter().all(|column| is_known(column)) => Ok(None),
        _ if some(&QUERIES) => Ok(Some(columns)),
        _ if some(&NAMES) && has_rows => {
            let columns = columns.join(", ");
            Err(format!("no column is called query: line 1 names {columns}"))
        }
        _ => Ok(None),
    }
}

/// Whether a cell holds what no column is called: an operator, a phrase, parentheses that are not a remark behind a name.
fn is_of_query(cell: &str) -> bool {
    let count = |sign: char| cell.matches(sign).count();
    lines::holds_operator(cell) || cell.contains('"') || cell.starts_with('(') || count('(') != count(')')
}

fn is_known(column: &str) -> bool {
    NAMES.contains(&column) || QUERIES.contains(&column) || LANGUAGES.contains(&column)
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
    let limits = columns
        .iter()
        .zip(&record.cells)
        .filter(|(column, cell)| is_limit(column) && !is_nothing(&cell.value));
    told.extend(limits.map(|(column, _)| left_out(column)));
    told
}

pub(super) fn is_limit(name: &str) -> bool {
    let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    LIMITS.iter().any(|part| name.contains(part))
}

/// Whether the value of a limit limits nothing.
pub(super) fn is_nothing(value: &str) -> bool {
    ["", "-", "0", "no", "false", "nein"].contains(&value.trim().to_lowercase().as_str())
}

pub(super) fn left_out(name: &str) -> String {
    format!("{name} is left out: this finds more")
}

pub(super) fn split_languages(value: &str) -> Vec<String> {
    value.split([',', ';', ' ', '|']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Those that are codes: items name theirs so. None where any language will do.
pub(super) fn codes(mut languages: Vec<String>, told: &mut Vec<String>) -> Vec<String> {
    let is_one =
        |language: &str, names: &[&str]| names.iter().any(|name| language.eq_ignore_ascii_case(name));
    if languages.iter().any(|language| is_one(language, &["all", "any"])) {
        return Vec::new();
    }
    // ISO 639-2 for not determined and for several; the first is a German "and" too.
    languages.retain(|language| !is_one(language, &["und", "mul"]));
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

    #[test]
    fn any_language_is_no_limit() {
        for (value, wanted, is_told) in [
            ("All", &[][..], false),
            ("all languages", &[], false),
            ("Any", &[], false),
            ("UND", &[], false),
            ("mul", &[], false),
            ("en all", &[], false),
            ("de und en", &["de", "en"], false),
            ("en Deutsch", &["en"], true),
        ] {
            let read = read(&format!("Name,Query,Language\nA,acme,{value}\n"), Dialect::Brandwatch).unwrap();
            assert_eq!(read[0].languages, wanted, "{value}");
            assert_eq!(!read[0].told.is_empty(), is_told, "{value}");
        }
    }

    #[test]
    fn only_what_excludes_is_told() {
        for (column, value, is_told) in [
            ("exclude retweets", "no", false),
            ("exclude retweets", "FALSE", false),
            ("exclude retweets", "0", false),
            ("exclude retweets", "Nein", false),
            ("exclude retweets", "-", false),
            ("exclude retweets", "yes", true),
            ("negative share", "12", false),
            ("Negative Keywords", "jobs", true),
            ("negativeTerm", "jobs", true),
            ("negative_terms", "jobs", true),
            ("Ausschlüsse", "jobs", true),
        ] {
            let table = format!("name,query,{column}\nA,acme,{value}\n");
            let object = format!("{{\"name\":\"A\",\"query\":\"acme\",\"{column}\":\"{value}\"}}");
            for text in [table, object] {
                let read = read(&text, Dialect::Brandwatch).unwrap();
                assert_eq!(!read[0].told.is_empty(), is_told, "{text}");
            }
        }
        let text = r#"{"query":"acme","excludeRetweets":0,"excludedTerms":[]}"#;
        assert!(read(text, Dialect::Brandwatch).unwrap()[0].told.is_empty());
    }

    #[test]
    fn what_holds_a_query_names_no_columns() {
        let names = |text: &str| -> Vec<String> {
            read(text, Dialect::Talkwalker)
                .unwrap()
                .into_iter()
                .filter_map(|original| original.name)
                .collect()
        };
        for (text, wanted) in [
            ("Suche\tacme AND roast\nMarke\t\"acme roast\" OR acmeroast", &["Suche", "Marke"][..]),
            ("Thema\tacme OR roast\nB\ttea", &["Thema", "B"]),
            ("Thema\tacme\nB\ttea", &["Thema", "B"]),
            ("Suche\t\"acme roast\" tea\nB\ttea", &["Suche", "B"]),
            ("Suche\t(acme)\nB\ttea", &["Suche", "B"]),
            ("Thema\tSuche\nB\ttea", &["B"]),
            ("Query\tBrand\nacme\tB", &[]),
            ("Name,\"Search\",Volume (30 days),\"Country, language\"\nB,tea,3,", &["B"]),
            ("\"Tags (a, b)\", \"Name\",Search\nx,B,tea", &["B"]),
        ] {
            assert_eq!(names(text), wanted, "{text}");
        }
        assert_eq!(queries("ATLEAST/2 (acme, query, tea)\nb").len(), 2);
        assert!(read("Name;Text\nA;acme\n", Dialect::Talkwalker).is_err());
    }
}
