//! The third-party suites of feeds: a table per class, and floors below which no change may fall.
//! The suites are not part of this project; where they are absent the test says so and passes.

use crate::dates;
use crate::feed::{Document, Feed, read};
use cm_time::rfc3339;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Where the suites are: `CM_SUITES`, else beside the checkout.
fn suites() -> Option<PathBuf> {
    let given = std::env::var_os("CM_SUITES").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let path = given.unwrap_or(beside).join("feeds");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: no feed suites at {} (name them in CM_SUITES)", path.display());
    None
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn document(folder: &Path, row: &Value) -> Document {
    let file = row["file"].as_str().unwrap();
    let header = |name| row["headers"].get(name).and_then(Value::as_str);
    let charset = header("content-type")
        .and_then(|t| t.split("charset=").nth(1))
        .map(|c| c.trim_matches(['"', '\'']).to_owned());
    let address = format!("http://127.0.0.1:8097/{}", file.strip_prefix("feedparser/").unwrap_or(file));
    let address: url::Url = address.parse().unwrap();
    let base = header("content-location").and_then(|at| address.join(at).ok()).unwrap_or(address);
    Document { bytes: std::fs::read(folder.join(file)).unwrap(), charset, base: Some(base) }
}

/// Text as both readers can be compared on it: no tags, no references, no difference in white space.
fn folded(text: &str) -> String {
    cm_text::html_to_text(text, false).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is compared, and the floor of each in per cent of what the reference finds; a little below what is reached.
const FLOORS: [(&str, f64); 7] = [
    ("count", 99.5),
    ("feed title", 98.5),
    ("title", 97.5),
    ("link", 96.0),
    ("date", 96.5),
    ("words", 95.0),
    ("charset", 95.0),
];

#[derive(Default)]
struct Score(BTreeMap<String, BTreeMap<&'static str, (u32, u32)>>);

impl Score {
    fn count(&mut self, class: &str, what: &'static str, good: bool, detail: impl FnOnce() -> String) {
        for class in [class, "all"] {
            let cell = self.0.entry(class.to_owned()).or_default().entry(what).or_default();
            cell.0 += u32::from(good);
            cell.1 += 1;
        }
        if !good && std::env::var_os("CM_SUITE_FAILURES").is_some() {
            eprintln!("FAIL {class} {what}: {}", detail());
        }
    }

    fn rate(&self, class: &str, what: &str) -> f64 {
        let (good, all) = self.0[class][what];
        f64::from(good) / f64::from(all.max(1)) * 100.0
    }

    fn print(&self) {
        let row = |name: &str, cell: &dyn Fn(&'static str, f64) -> String| {
            let cells: String =
                FLOORS.iter().map(|(what, floor)| format!("{:>12}", cell(what, *floor))).collect();
            eprintln!("{name:<52}{cells}");
        };
        row("class", &|what, _| what.to_owned());
        for (class, cells) in &self.0 {
            row(class, &|what, _| {
                cells.get(what).map_or(String::new(), |(good, all)| format!("{good}/{all}"))
            });
        }
        row("all, per cent", &|what, _| format!("{:.1}", self.rate("all", what)));
        row("floor", &|_, floor| format!("{floor:.1}"));
    }
}

/// Whether a document was decoded as the charset that its makers know it to be in.
fn is_decoded(document: &Document, charset: &str) -> bool {
    let text = document.text();
    match encoding_rs::Encoding::for_label(charset.as_bytes()) {
        Some(known) => {
            let plain = known.decode(&document.bytes).0.trim_start().to_owned();
            let visible = |text: &str| text.chars().filter(|c| crate::repair::is_xml(*c)).collect::<String>();
            visible(&text) == visible(&plain)
        }
        // UTF-32, which the web's decoders do not know.
        None => text.starts_with('<') && !text.contains(char::REPLACEMENT_CHARACTER),
    }
}

fn compare(score: &mut Score, class: &str, feed: &Feed, reference: &Value) {
    let file = || reference["file"].as_str().unwrap_or_default().to_owned();
    let wanted = |value: &Value| value.as_str().map(str::to_owned).filter(|text| !text.trim().is_empty());
    if let Some(title) = wanted(&reference["title"]) {
        let found = feed.head.title.clone().unwrap_or_default();
        score.count(class, "feed title", folded(&found) == folded(&title), || {
            format!("{} {found:?} {title:?}", file())
        });
    }
    let entries = reference["entries_first5"].as_array().cloned().unwrap_or_default();
    for (wanted_entry, entry) in entries.iter().zip(&feed.entries) {
        if let Some(title) = wanted(&wanted_entry["title"]) {
            let found = entry.title.clone().unwrap_or_default();
            score.count(class, "title", folded(&found) == folded(&title), || {
                format!("{} {found:?} {title:?}", file())
            });
        }
        // The reference takes an Atom id for a link even where it is no address of the web.
        let is_web = |link: &String| link.contains("://") || !link.contains(':');
        if let Some(link) = wanted(&wanted_entry["link"]).filter(is_web) {
            let found = entry.url.clone().unwrap_or_default();
            let same = found.trim_end_matches('/') == link.trim().trim_end_matches('/');
            score.count(class, "link", same, || format!("{} {found:?} {link:?}", file()));
        }
        let dates = [entry.published, entry.modified].map(|at| at.map(rfc3339));
        for name in ["published", "updated"] {
            if let Some(date) = wanted(&wanted_entry[name]).map(|date| date.replace("+00:00", "Z")) {
                let same = dates.iter().flatten().any(|found| *found == date);
                score.count(class, "date", same, || format!("{} {dates:?} {date:?}", file()));
            }
        }
    }
}

/// What people wrote down as expected: the words of each entry, wherever this tool keeps them.
fn compare_words(score: &mut Score, class: &str, file: &str, feed: &Feed, expect: &Value) {
    let entries = expect["entries"].as_array().cloned().unwrap_or_default();
    for (wanted, entry) in entries.iter().zip(&feed.entries) {
        for name in ["summary", "content"] {
            let Some(words) = wanted[name].as_str().map(folded).filter(|words| !words.is_empty()) else {
                continue;
            };
            let summary = entry.summary.clone().unwrap_or_default();
            let html = entry.html.as_deref().map(folded).unwrap_or_default();
            let found = [folded(&summary), folded(&entry.text), html];
            score.count(class, "words", found.contains(&words), || format!("{file} {words:?} {found:?}"));
        }
    }
}

#[test]
fn open_feeds() {
    let Some(folder) = suites().map(|suites| suites.join("open")) else { return };
    let rows = lines(&folder.join("expect.jsonl"));
    let reference: HashMap<String, Value> = lines(&folder.join("ref_derived.jsonl"))
        .into_iter()
        .map(|row| (row["file"].as_str().unwrap().to_owned(), row))
        .collect();
    let mut score = Score::default();
    for row in &rows {
        let file = row["file"].as_str().unwrap();
        let class = row["class"].as_str().unwrap().split('/').take(2).collect::<Vec<_>>().join("/");
        let class = format!("{} {class}", row["suite"].as_str().unwrap());
        let feed = read(&document(&folder, row)).unwrap_or_default();
        let expected =
            row["expect"]["n_entries"].as_u64().or_else(|| reference.get(file)?["n_entries"].as_u64());
        if let Some(expected) = expected.filter(|n| *n > 0) {
            let found = feed.entries.len();
            score.count(&class, "count", found as u64 == expected, || format!("{file} {found} {expected}"));
        }
        compare_words(&mut score, &class, file, &feed, &row["expect"]);
        if let Some(charset) = row["encoding"].as_str() {
            let good = is_decoded(&document(&folder, row), charset);
            score.count(&class, "charset", good, || format!("{file} is not read as {charset}"));
        }
        if let Some(reference) = reference.get(file) {
            compare(&mut score, &class, &feed, reference);
        }
    }
    score.print();
    for (what, floor) in FLOORS {
        assert!(
            score.rate("all", what) >= floor,
            "{what}: {:.1} % is below {floor} %",
            score.rate("all", what)
        );
    }
    for class in ["feedparser encoding", "feedparser illformed"] {
        for what in ["count", "charset"] {
            assert!(score.rate(class, what) >= 95.0, "{class}, {what}: {:.1} %", score.rate(class, what));
        }
    }
}

#[test]
fn broken_feeds() {
    let Some(folder) = suites().map(|suites| suites.join("breakage")) else { return };
    let rows = lines(&folder.join("expect.jsonl"));
    for row in &rows {
        let feed = read(&document(&folder, row)).unwrap_or_default();
        let enough = feed.entries.len() as u64 >= row["min_entries"].as_u64().unwrap();
        let first = feed.entries.first().and_then(|entry| entry.title.clone());
        let titled = row["first_title"].as_str().is_none_or(|title| first.as_deref() == Some(title));
        assert!(enough && titled, "{row}: {} entries, {first:?}", feed.entries.len());
    }
    eprintln!("breakage: {} of {} as expected", rows.len(), rows.len());
}

#[test]
fn dates_of_all_kinds() {
    let Some(folder) = suites() else { return };
    let rows = lines(&folder.join("open/dates.jsonl"));
    let wrong: Vec<&Value> = rows
        .iter()
        .filter(|row| {
            dates::parse(row["input"].as_str().unwrap()).map(rfc3339).as_deref() != row["expect"].as_str()
        })
        .collect();
    eprintln!("dates: {} of {} as expected; not: {wrong:#?}", rows.len() - wrong.len(), rows.len());
    assert!(wrong.len() * 10 <= rows.len(), "{wrong:#?}");
}
