//! Other people's test data, where it is at hand: the folder named by `CM_SUITES`, or `shared/suites` beside the checkout.

use serde_json::Value;
use std::path::{Path, PathBuf};

#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn suite(path: &str) -> Option<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let folder = std::env::var_os("CM_SUITES").map_or(beside, PathBuf::from);
    let text = std::fs::read_to_string(folder.join(path)).ok();
    if text.is_none() {
        eprintln!("NOT RUN: no {path} in {} (set CM_SUITES to the folder of suites)", folder.display());
    }
    text
}

fn urls(text: &str) -> Vec<String> {
    cm_text::find_links(text).into_iter().map(|link| link.url).collect()
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
}

#[test]
fn links_in_plain_text() {
    let Some(cases) = suite("urls/clean.jsonl") else { return };
    for case in cases.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        if let Some(text) = case["text"].as_str() {
            assert_eq!(urls(text), strings(&case["urls"]), "{case}");
        }
    }
}

/// The cases whose addresses all carry their scheme, as ours must; in the others a bare domain counts as a link.
#[test]
fn links_as_a_network_finds_them() {
    let Some(cases) = suite("posting/extract.json") else { return };
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let all = cases["tests"]["urls"].as_array().unwrap();
    let ours = all.iter().filter(|case| strings(&case["expected"]).iter().all(|url| url.starts_with("http")));
    let (mut right, mut count) = (0, 0);
    for case in ours {
        count += 1;
        let found = urls(case["text"].as_str().unwrap());
        let expected = strings(&case["expected"]);
        right += usize::from(found == expected);
        if found != expected {
            eprintln!("differs: {}: {found:?} for {expected:?}", case["description"]);
        }
    }
    eprintln!("links: {right} of {count}");
    assert!(right * 100 >= count * 80, "{right} of {count}");
}
