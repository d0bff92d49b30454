//! `--import`: the queries of other services as saved searches.
//! In: their query texts (Brandwatch, Meltwater, Talkwalker, Google Alerts). Out: `[[search]]` tables on standard output,
//! each of which this tool reads; on stderr everything that has no counterpart here, with its line and column.

mod dialect;
mod input;
mod json;
#[cfg(test)]
mod laws;
mod lines;
mod missing;
mod named;
mod pieces;
mod table;
mod tree;

pub use dialect::Dialect;

use crate::query::Query;
use cm_cli::{Exit, Failure, Session, one_line, unreadable};
use input::Original;
use named::Names;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file of queries may be so long, in bytes.
const LONGEST: u64 = 256 << 20;

/// Reads files of queries (none or `-`: standard input) and prints them as searches.
pub fn import(dialect: Dialect, files: &[PathBuf], session: &Session) -> anyhow::Result<()> {
    session.need_any(files)?;
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input } else { files };
    let (mut searches, mut found) = (Vec::new(), 0);
    for file in files {
        let text = text(file)?;
        let name = file.display().to_string();
        let originals =
            input::read(&text, dialect).map_err(|message| Failure::config(format!("{name}: {message}")))?;
        found += originals.len();
        for original in originals {
            let (search, told) = translated(dialect, &original);
            for (place, message) in told {
                session.warn("no_counterpart", format!("{name}:{}: {message}", place));
                session.mark(Exit::Partial);
            }
            searches.extend(search.map(|query| (original, query)));
        }
    }
    if found == 0 {
        return Err(Failure::config(
            "no queries in it: a query a line, or a CSV or JSON export with a column query",
        )
        .into());
    }
    let mut names = Names::beside(dialect, searches.iter().map(|(_, query)| query.as_str()));
    let tables: Vec<String> =
        searches.iter().map(|(original, query)| table(dialect, original, query, &mut names)).collect();
    session.print(&tables.join("\n"))
}

fn text(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
    };
    read.map_err(|error| unreadable(file, &error))?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::config(format!("{}: longer than {} MiB", file.display(), LONGEST >> 20)));
    }
    Ok(text)
}

/// The query in our language, and what is to be told, each with `line:column`.
fn translated(dialect: Dialect, original: &Original) -> (Option<String>, Vec<(String, String)>) {
    // Saved searches hold no control characters but those between lines.
    let plain =
        original.query.replace(|c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r'), " ");
    let cut = pieces::cut(&plain, dialect);
    let (tree, mut told) = tree::read(&cut.pieces, dialect);
    told.extend(cut.told);
    told.extend(missing::told(&cut.pieces));
    told.extend(original.told.iter().map(|message| (0, message.clone())));
    if original.doubtful {
        let phrase = format!("\"\"\"{}\"\"\"", one_line(&original.query));
        told.push((0, format!("the quotation marks are taken for the table's: write {phrase} for a phrase")));
    }
    let query = tree.written();
    let search = match query.parse::<Query>() {
        Ok(_) if tree.is_negative() => {
            let message = "left out: it only says what must not be there, and would find nearly everything";
            told.push((0, message.to_owned()));
            None
        }
        Ok(_) => Some(query),
        Err(_) if query.is_empty() => {
            if original.told.is_empty() {
                told.push((0, "nothing is left of this query".to_owned()));
            }
            None
        }
        Err(error) => {
            told.push((0, format!("left out: here it would be {query:?}, {error}")));
            None
        }
    };
    told.sort_by_key(|(place, _)| *place);
    told.dedup();
    (search, placed(original, told))
}

/// What is to be told, in the order of its code points, with `line:column`, or the line and the column in the query.
fn placed(original: &Original, told: Vec<(usize, String)>) -> Vec<(String, String)> {
    let mut chars = original.query.chars();
    let (mut read, mut down, mut behind) = (0, 0, 0);
    let place = |(at, message)| {
        for c in chars.by_ref().take(at - read) {
            (down, behind) = if c == '\n' { (down + 1, 0) } else { (down, behind + 1) };
        }
        read = at;
        let place = match original.column {
            Some(column) if down == 0 => format!("{}:{}", original.line, column + behind),
            Some(_) => format!("{}:{}", original.line + down, behind + 1),
            None => format!("{}: column {} of the query", original.line, at + 1),
        };
        (place, message)
    };
    told.into_iter().map(place).collect()
}

fn table(dialect: Dialect, original: &Original, query: &str, names: &mut Names) -> String {
    let name = names.name(original.name.as_deref(), query);
    let notes = format!("From {}: {}", dialect.name(), original.query.trim());
    let mut table = format!("[[search]]\nname = {}\ntags = [\"imported\"]\n", quoted(&name));
    if !original.languages.is_empty() {
        let languages: Vec<String> = original.languages.iter().map(|language| quoted(language)).collect();
        table.push_str(&format!("languages = [{}]\n", languages.join(", ")));
    }
    table.push_str(&format!(
        "notes = {}\nquery = {}\nmust_match = []\nmust_miss = []\n",
        quoted(&notes),
        quoted(query)
    ));
    table
}

/// A string of TOML, as plain as it can be.
fn quoted(text: &str) -> String {
    if !text.contains('\'') && !text.chars().any(|c| c.is_control()) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write;

    /// The query in our language, and behind ` !` the columns of what was told.
    fn shown(dialect: Dialect, query: &str) -> String {
        let original = Original { query: query.to_owned(), line: 1, column: Some(1), ..Original::default() };
        let (search, told) = translated(dialect, &original);
        let mut shown = search.unwrap_or_default();
        for (place, _) in told {
            write!(shown, " !{}", place.trim_start_matches("1:")).unwrap();
        }
        shown
    }

    #[test]
    fn brandwatch_keeps_its_meaning() {
        for (query, wanted) in [
            ("apple AND juice", "apple juice"),
            (
                "(apple OR \"apple juice\") NOT (jobs OR hiring)",
                "(apple OR \"apple juice\") -(jobs OR hiring)",
            ),
            ("\"apple juice\"~5", "\"apple juice\"~5"),
            (
                "((apple OR orange) NEAR/5 (smartphone OR phone))",
                "(apple OR orange) NEAR/5 (smartphone OR phone)",
            ),
            ("(logitech NEAR/2f keyboard)", "logitech ONEAR/2 keyboard"),
            (
                "((apple OR orange) AND (smartphone OR phone))~5",
                "(apple OR orange) NEAR/5 (smartphone OR phone)",
            ),
            ("complain* OR customi?e", "complain* OR customi?e"),
            ("title:\"apple juice\" AND site:twitter.com", "title:\"apple juice\" site:twitter.com"),
            ("<<<our name>>> {BT} OR raw:Google+", "{BT} OR {Google+}"),
            (
                "language:en AND author:ladygaga AND url:\"msn.com/news\"",
                "lang:en author:ladygaga url:\"msn.com/news\"",
            ),
            (
                "links:msn.com OR #MondayMotivation OR @brandwatch",
                "links:msn.com OR #MondayMotivation OR @brandwatch",
            ),
            (
                "at_mentions:acme OR hashtags:coffee OR tags:photography",
                "@acme OR #coffee OR tag:photography",
            ),
            ("country:gbr AND \"apple juice\"", "\"apple juice\" !1"),
            ("\"apple juice\" AND authorFollowers:[500 TO 100000]", "\"apple juice\" !19"),
            ("apple NOT (rating:[1 TO 2])", "apple !12"),
            ("engagementType:COMMENT", " !1 !1"),
            ("hashtag:coffee", "#coffee"),
            ("a <<<x\ny>>> b", "a b !3"),
            ("a <<<x <<<y>>> b", "a b"),
            ("(a <<<x\nOR b <<<y>>>)", "a OR b !4"),
            ("a AND b OR c", "a b OR c !1"),
            ("a OR b NOT c", "a OR b -c !1"),
            ("a OR NOT b", "a OR -b"),
            ("(a OR b) NOT c", "(a OR b) -c"),
            ("(a AND b) OR c", "a b OR c"),
            ("(a AND (b OR c)) NEAR/3 d", "a (b OR c) d !1"),
            ("title:a NEAR/3 b", "title:a b !1"),
            ("title:(a NEAR/3 b)", "title:a NEAR/3 title:b"),
            ("a NEAR/500 b", "a NEAR/100 b !3"),
            ("a AND (b OR c", "a (b OR c) !7"),
            ("a) AND b", "a b !2"),
            ("acme.x AND links:\"acme.example/*\"", "acme.x links:\"acme.example\""),
            ("links:acme.example/shop/*", "links:acme.example/shop"),
            ("https://acme.example/x", "links:\"https://acme.example/x\""),
        ] {
            assert_eq!(shown(Dialect::Brandwatch, query), wanted, "{query}");
        }
    }

    #[test]
    fn the_others_keep_theirs() {
        use Dialect::{GoogleAlerts, Meltwater, Talkwalker};
        for (dialect, query, wanted) in [
            (
                Meltwater,
                "apple and (watch or iwatch) not \"apple juice\"",
                "apple (watch OR iwatch) -\"apple juice\"",
            ),
            (Meltwater, "Apple NEAR watch", "Apple NEAR/4 watch"),
            (Meltwater, "Apple onear/10 watch", "Apple ONEAR/10 watch"),
            (Meltwater, "(apple OR ipad)^9 AND title:store", "(apple OR ipad) title:store !16"),
            (Meltwater, "atleast/2 (acme, \"acme roast\", roast)", "ATLEAST/2(acme \"acme roast\" roast)"),
            (Meltwater, "atleast/3 acme", "\"acme acme acme\"~100 !1"),
            (Talkwalker, "(BMW OR Audi) ONEAR/3 (car OR bike)", "(BMW OR Audi) ONEAR/3 (car OR bike)"),
            (Talkwalker, "BMW NEAR bike", "BMW NEAR/15 bike"),
            (Talkwalker, "BMW SENTENCE bike", "BMW NEAR/15 bike !5"),
            (Talkwalker, "++\"L'Oréal\" AND NOT lang:fr", "{L'Oréal} -lang:fr"),
            (Talkwalker, "+\"p&t\" OR hashtag:#bmw OR mention:@ana", "\"p&t\" OR #bmw OR @ana !1"),
            (Talkwalker, "roam~1 AND content:sixt AND sourcecountry:de", "roam text:sixt !5 !29"),
            (GoogleAlerts, "\"acme roast\" -jobs", "\"acme roast\" -jobs"),
            (GoogleAlerts, "acme coffee OR tea", "acme (coffee OR tea)"),
            (GoogleAlerts, "acme | roast", "acme OR roast"),
            (
                GoogleAlerts,
                "site:acme.example/shop intitle:beans",
                "site:acme.example url:\"acme.example/shop\" title:beans",
            ),
            (GoogleAlerts, "allintitle: acme roast", "title:acme title:roast"),
            (GoogleAlerts, "inurl:shop acme AROUND(3) roast", "url:shop acme NEAR/3 roast"),
            (GoogleAlerts, "grinder $50..$100", "grinder !9"),
            (GoogleAlerts, "\"from * to graz\"", "\"from\" ONEAR/3 \"to graz\" !1"),
            (GoogleAlerts, "acme filetype:pdf +roast ~cheap", "acme roast cheap !6 !26"),
            (GoogleAlerts, "acme after:2026-01-01", "acme date:>=2026-01-01"),
            (GoogleAlerts, "espresso * machine", "espresso machine !10"),
            (GoogleAlerts, "site:.de tee", "site:.de tee"),
            (GoogleAlerts, "site:*.acme.example tee", "site:acme.example tee !6"),
            (GoogleAlerts, "NOT a", "\"NOT\" a"),
        ] {
            assert_eq!(shown(dialect, query), wanted, "{query}");
        }
    }

    #[test]
    fn no_nesting_is_too_deep() {
        for dialect in [Dialect::Brandwatch, Dialect::GoogleAlerts] {
            for (piece, told) in [("~", true), ("ATLEAST/1(", true), ("(", true), ("allintitle: ", false)] {
                let query = piece.repeat(50_000) + "a";
                assert!(shown(dialect, &query).contains('!') || !told, "{piece}");
            }
        }
        let deep = |n: usize| format!("{}a{}", "(b ".repeat(n), ")".repeat(n));
        assert!(!shown(Dialect::Brandwatch, &deep(100)).contains('!'));
        assert!(shown(Dialect::Brandwatch, &deep(103)).contains('!'));
    }

    #[test]
    fn places_are_those_of_the_file() {
        let original = Original {
            query: "acme\n  AND country:gbr".into(),
            line: 7,
            column: Some(3),
            ..Original::default()
        };
        let (_, told) = translated(Dialect::Brandwatch, &original);
        assert_eq!(told[0].0, "8:7");
        let original = Original { column: None, ..original };
        assert_eq!(translated(Dialect::Brandwatch, &original).1[0].0, "7: column 12 of the query");
        let doubtful = Original { query: "a b".into(), doubtful: true, ..Original::default() };
        let told = translated(Dialect::Brandwatch, &doubtful).1;
        assert!(told[0].1.ends_with("write \"\"\"a b\"\"\" for a phrase"), "{told:?}");
    }

    #[test]
    fn names_are_free_and_texts_are_toml() {
        let mut names = Names::beside(Dialect::Meltwater, []);
        let original = Original { query: "l'eau \"x\"\n\u{7}".into(), ..Original::default() };
        for wanted in ["name = 'meltwater/l-eau-x'", "name = 'meltwater/l-eau-x-2'"] {
            let table = table(Dialect::Meltwater, &original, "l'eau \"x\"", &mut names);
            assert!(table.contains(wanted), "{table}");
            let read: toml::Table = toml::from_str(&table).unwrap();
            assert_eq!(read["search"][0]["query"].as_str(), Some("l'eau \"x\""));
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_what_is_printed_is_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "acme", "\"b c\"", "(", ")", "AND", "OR", "NOT", "-", "NEAR/3", "NEAR/2f", "~3", "title:", "site:", "country:", "{BT}", "raw:x+", "AROUND(2)",
            "<<<x>>>", "*", "ro*st", "colo?r", "#t", "@ana", "^9", "ATLEAST/2", ",", "++\"x\"", "allintitle:", "1..2", "|", "date:", "\"", "}", "é", "&&", "!x", "before:2026",
        ]), 0..12), glue in prop::sample::select(vec![" ", ""]), dialect in prop::sample::select(vec![
            Dialect::Brandwatch, Dialect::Meltwater, Dialect::Talkwalker, Dialect::GoogleAlerts,
        ])) {
            let original = Original { query: pieces.join(glue), line: 1, column: Some(1), ..Original::default() };
            let (search, told) = translated(dialect, &original);
            if let Some(query) = search {
                prop_assert!(query.parse::<Query>().is_ok());
                let table = table(dialect, &original, &query, &mut Names::beside(dialect, [query.as_str()]));
                prop_assert!(toml::from_str::<toml::Table>(&table).is_ok(), "{}", table);
            } else {
                prop_assert!(!told.is_empty());
            }
        }
    }
}
