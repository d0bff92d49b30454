//! The table of hard text in docs/searches.md ("Words"), row by row through the binary: one search alone, a few
//! saved ones, all among 1,000 others, with raw and with escaped JSON, and as plain text. All ways have to find the same.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/searches.md");

/// A row: its texts in UTF-16, the queries that find each of them, those that find none.
struct Row {
    texts: Vec<Vec<u16>>,
    found_by: Vec<String>,
    not_by: Vec<String>,
}

/// The rows of the first table of the section.
fn rows() -> Vec<Row> {
    let docs = fs::read_to_string(DOCS).unwrap();
    let section = docs.split("\n## Words\n").nth(1).unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    table.take_while(|line| line.starts_with('|')).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split('|').collect();
    assert_eq!(cells.len(), 6, "four cells: {line}");
    let strings = |cell: &str| -> Vec<Vec<u16>> { cell.split('`').skip(1).step_by(2).map(units).collect() };
    let queries = |cell: &str| strings(cell).iter().map(|units| String::from_utf16(units).unwrap()).collect();
    let row = Row { texts: strings(cells[1]), found_by: queries(cells[2]), not_by: queries(cells[3]) };
    assert!(!row.texts.is_empty() && !row.found_by.is_empty(), "{line}");
    row
}

/// `{U+AD}` is that character, or half of a surrogate pair; `{C++}` is what it is.
fn units(written: &str) -> Vec<u16> {
    let mut all = Vec::new();
    let mut rest = written;
    while let Some((before, code)) = rest.split_once("{U+") {
        let (code, after) = code.split_once('}').unwrap();
        all.extend(before.encode_utf16());
        match u16::from_str_radix(code, 16) {
            Ok(unit) => all.push(unit),
            Err(_) => {
                let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
                all.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            }
        }
        rest = after;
    }
    all.extend(rest.encode_utf16());
    all
}

/// A JSON string; what is not ASCII, and a `#` too, by number when `escaped`.
fn json(text: &[u16], escaped: bool) -> String {
    let mut json = String::new();
    for c in char::decode_utf16(text.iter().copied()) {
        match c {
            Ok(c) if escaped && (!c.is_ascii() || c == '#') => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| json += &format!("\\u{unit:04X}"));
            }
            Ok('"') => json += "\\\"",
            Ok(c) => json.push(c),
            Err(half) => json += &format!("\\u{:04x}", half.unpaired_surrogate()),
        }
    }
    format!("\"{json}\"")
}

/// Standard output of a run that found something or nothing.
fn run(folder: &Path, args: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cm-scan"));
    command.args(args).current_dir(folder).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    // `C#` is a row of the table, and told.
    let is_quiet = err.lines().all(|line| line.ends_with("finds these very characters"));
    assert!(matches!(output.status.code(), Some(0 | 1)) && is_quiet, "{args:?}: {err}");
    out
}

/// Which search found which item, and what of it.
type Finds = BTreeMap<(String, String), Vec<String>>;

fn finds(out: &str) -> Finds {
    let mut finds = Finds::new();
    for line in out.lines() {
        let item: serde_json::Value = serde_json::from_str(&line.replace("\\ud83d", "\u{FFFD}")).unwrap();
        for found in item["_cm_scan"]["matches"].as_array().unwrap() {
            let hits = found["hits"].as_array().into_iter().flatten();
            let exact = hits.map(|hit| hit["exact"].as_str().unwrap().to_owned()).collect();
            let query = found["query"].as_str().unwrap();
            let query = query.strip_prefix('=').unwrap_or(query);
            finds.insert((query.to_owned(), item["id"].as_str().unwrap().to_owned()), exact);
        }
    }
    finds
}

/// Names are written so that no `@name` means one of them.
fn search(query: &str) -> String {
    let (name, query) = (serde_json::Value::from(format!("={query}")), serde_json::Value::from(query));
    format!("[[search]]\nname = {name}\nquery = {query}\n")
}

fn assert_same(found: &Finds, wanted: &Finds, how: &str) {
    let keys: BTreeSet<_> = found.keys().chain(wanted.keys()).collect();
    let differ: Vec<_> = keys
        .into_iter()
        .map(|key| (key, found.get(key), wanted.get(key)))
        .filter(|(_, found, wanted)| found != wanted)
        .collect();
    assert!(differ.is_empty(), "{how}: {} differ, such as {:?}", differ.len(), differ.first());
}

struct Table {
    folder: TempDir,
    rows: Vec<Row>,
    queries: BTreeSet<String>,
    items: String,
}

impl Table {
    fn read() -> Table {
        let rows = rows();
        assert!(rows.len() > 50, "{} rows", rows.len());
        let queries = rows.iter().flat_map(|row| row.found_by.iter().chain(&row.not_by)).cloned().collect();
        let mut items = String::new();
        for (number, text) in rows.iter().flat_map(|row| &row.texts).enumerate() {
            for escaped in [false, true] {
                let text = json(text, escaped);
                items += &format!("{{\"id\":\"{number}.{escaped}\",\"content_text\":{text}}}\n");
            }
        }
        Table { folder: tempfile::tempdir().unwrap(), rows, queries, items }
    }

    fn run(&self, args: &[&str], input: &str) -> String {
        run(self.folder.path(), args, input)
    }

    /// Each query in a run of its own, four runs at a time.
    fn alone(&self) -> Finds {
        let queries: Vec<_> = self.queries.iter().collect();
        let one = |query: &&String| finds(&self.run(&["--", query], &self.items));
        let quarter = queries.len().div_ceil(4);
        std::thread::scope(|scope| {
            let some =
                |queries| scope.spawn(move || -> Finds { <[_]>::iter(queries).flat_map(one).collect() });
            let all: Vec<_> = queries.chunks(quarter).map(some).collect();
            all.into_iter().flat_map(|some| some.join().unwrap()).collect()
        })
    }

    /// A few in a file.
    fn saved(&self) -> Finds {
        let queries: Vec<_> = self.queries.iter().collect();
        let each = queries.chunks(8).flat_map(|few| {
            let file: String = few.iter().map(|query| search(query)).collect();
            fs::write(self.folder.path().join("few.toml"), file).unwrap();
            finds(&self.run(&["-f", "few.toml"], &self.items))
        });
        each.collect()
    }

    /// All at once, and a thousand others that find nothing.
    fn among_others(&self) -> Finds {
        let mut file: String = self.queries.iter().map(|query| search(query)).collect();
        for number in 0..1_000 {
            let others = [
                format!("other{number} zebra"),
                format!("#other{number}"),
                format!("öther{number}*"),
                format!("\"acme other{number}\" -cafe"),
            ];
            file += &search(&others[number % others.len()]);
        }
        fs::write(self.folder.path().join("many.toml"), file).unwrap();
        finds(&self.run(&["-f", "many.toml"], &self.items))
    }
}

#[test]
fn every_row_holds_on_every_way() {
    let table = Table::read();
    let alone = table.alone();
    let mut number = 0;
    for row in &table.rows {
        for text in &row.texts {
            let shown = String::from_utf16_lossy(text);
            for escaped in [false, true] {
                let found =
                    |query: &String| alone.contains_key(&(query.clone(), format!("{number}.{escaped}")));
                for query in &row.found_by {
                    assert!(found(query), "{query} does not find {shown}, escaped: {escaped}");
                }
                for query in &row.not_by {
                    assert!(!found(query), "{query} finds {shown}, escaped: {escaped}");
                }
            }
            number += 1;
        }
    }
    assert_same(&table.saved(), &alone, "as saved searches");
    assert_same(&table.among_others(), &alone, "among many others");
}

#[test]
fn escapes_change_nothing() {
    let table = Table::read();
    let alone = table.among_others();
    let of = |wanted: &str| -> Finds {
        let end = format!(".{wanted}");
        let each = alone.iter().filter_map(|((query, id), hits)| {
            Some(((query.clone(), id.strip_suffix(&end)?.to_owned()), hits.clone()))
        });
        each.collect()
    };
    assert!(!alone.is_empty());
    assert_same(&of("true"), &of("false"), "with escapes");
}

/// Every eighth query alone, line by line. All together they can only be counted: of all lines, and of those whose number
/// has this or that bit, so that no line can take the place of another.
#[test]
fn plain_lines_are_found_as_items_are() {
    let table = Table::read();
    let found = table.among_others();
    let texts: Vec<String> =
        table.rows.iter().flat_map(|row| &row.texts).map(|text| String::from_utf16_lossy(text)).collect();
    let finds =
        |query: &String, number: &usize| found.contains_key(&(query.clone(), format!("{number}.false")));
    let input = |numbers: &[usize]| numbers.iter().map(|n| format!("{}\n", texts[*n])).collect::<String>();
    let all: Vec<usize> = (0..texts.len()).collect();
    for query in table.queries.iter().step_by(8) {
        let out = table.run(&["--plain", "--", query], &input(&all));
        let wanted: Vec<&str> = all.iter().filter(|n| finds(query, n)).map(|n| texts[*n].as_str()).collect();
        assert_eq!(out.lines().collect::<Vec<_>>(), wanted, "{query}");
    }
    for bit in 0..=all.len().ilog2() + 1 {
        let some: Vec<usize> = all.iter().copied().filter(|n| bit == 0 || n >> (bit - 1) & 1 == 1).collect();
        let out = table.run(&["--plain", "--count", "-f", "many.toml"], &input(&some));
        let counts: BTreeMap<String, usize> = out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|count| {
                (count["query"].as_str().unwrap().to_owned(), count["count"].as_u64().unwrap() as usize)
            })
            .collect();
        for query in &table.queries {
            let wanted = some.iter().filter(|n| finds(query, n)).count();
            assert_eq!(counts.get(&format!("={query}")), Some(&wanted), "{query}, bit {bit}");
        }
    }
}

#[test]
fn of_html_only_the_text_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let html = concat!(
        "<p class='acme'>Caf&eacute;</p><p>roast<br>mill</p><!-- beans --><script>beans()</script><style>.beans{}</style>",
        "<template>beans</template><ul><li>one</li><li>two</li></ul><img alt='filter' src='beans.png' title='beans'>",
        "ac&shy;me<wbr>x &#x1F621;&lt;b&gt; <b>bo</b>ld <a href='https://beans.example/deep' rel=beans>here</a>",
    );
    let item = serde_json::json!({"id": "1", "content_html": html}).to_string();
    let found = |query: &str| !run(folder.path(), &["--", query], &item).is_empty();
    let there =
        ["café", "\"cafe roast\"", "\"roast mill\"", "\"one two\"", "filter", "acmex", "😡", "bold", "here"];
    for query in there.into_iter().chain(["links:beans.example/deep", "b"]) {
        assert!(found(query), "{query}");
    }
    for query in ["acme", "beans", "class", "p", "li", "eacute", "shy", "caferoast", "onetwo", "deep", "png"]
    {
        assert!(!found(query), "{query}");
    }
}
