//! The networks' own test data for hashtags and mentions. It is not part of this project; where it is absent the tests say
//! so and pass. Each deliberate difference is named.

use crate::handle::handles;
use cm_text::{HashtagRule, find_hashtags, find_links};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A file of the suites: in `CM_SUITES`, else beside the checkout.
fn suite(name: &str) -> Option<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let folder = std::env::var_os("CM_SUITES").map_or(beside, PathBuf::from);
    let text = std::fs::read_to_string(folder.join("posting").join(name)).ok();
    if text.is_none() {
        eprintln!("SKIPPED: no posting/{name} in {} (name the suites in CM_SUITES)", folder.display());
    }
    text.map(|text| serde_json::from_str(&text).unwrap())
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
}

fn tags(text: &str, rule: HashtagRule) -> Vec<String> {
    let found = find_hashtags(text, &find_links(text), rule);
    found.iter().map(|tag| text[tag.name..tag.end].to_owned()).collect()
}

fn mentions(text: &str) -> Vec<String> {
    let found = handles(text, &find_links(text));
    found
        .iter()
        .map(|handle| text[handle.start..handle.end].trim_start_matches(['@', '＠']).to_owned())
        .collect()
}

/// Compares every case; those whose text is among the differences have to differ.
fn compare(cases: impl Iterator<Item = (String, Vec<String>, Vec<String>)>, differences: &[&str]) {
    let (mut count, mut differ) = (0, Vec::new());
    for (text, expected, found) in cases {
        count += 1;
        if expected != found {
            differ.push((text, expected, found));
        }
    }
    let unnamed: Vec<_> = differ.iter().filter(|(text, ..)| !differences.contains(&text.as_str())).collect();
    eprintln!("{count} cases, {} differences", differ.len());
    assert!(count > 0 && unnamed.is_empty(), "{unnamed:#?}");
}

#[test]
fn hashtags_as_twitter_text_has_them() {
    let Some(cases) = suite("extract.json") else { return };
    let cases = ["hashtags", "hashtags_from_astral", "hashtags_with_indices"]
        .into_iter()
        .flat_map(|section| cases["tests"][section].as_array().unwrap());
    let cases = cases.map(|case| {
        let text = case["text"].as_str().unwrap().to_owned();
        let expected = case["expected"].as_array().unwrap().iter();
        let expected =
            expected.map(|tag| tag["hashtag"].as_str().or(tag.as_str()).unwrap().to_owned()).collect();
        let found = tags(&text, HashtagRule::TwitterText);
        (text, expected, found)
    });
    compare(cases, &[]);
}

#[test]
fn mentions_as_twitter_text_has_them() {
    let Some(cases) = suite("extract.json") else { return };
    let sections = ["mentions", "mentions_with_indices", "mentions_or_lists_with_indices"];
    let cases = sections.into_iter().flat_map(|section| cases["tests"][section].as_array().unwrap());
    let cases = cases.map(|case| {
        let text = case["text"].as_str().unwrap().to_owned();
        let expected = case["expected"].as_array().unwrap().iter();
        let expected =
            expected.map(|name| name["screen_name"].as_str().or(name.as_str()).unwrap().to_owned()).collect();
        let found = mentions(&text);
        (text, expected, found)
    });
    compare(
        cases,
        &[
            // A handle of the Fediverse, with its host.
            "@username email me @test@example.com",
        ],
    );
}

#[test]
fn tags_as_bluesky_has_them() {
    let Some(cases) = suite("bluesky-facets.json") else { return };
    let cases = cases["tags"].as_array().unwrap().iter().map(|case| {
        let text = case["text"].as_str().unwrap().to_owned();
        let found = tags(&text, HashtagRule::Bluesky);
        (text, strings(&case["tags"]), found)
    });
    compare(cases, &[]);
}

#[test]
fn mentions_as_bluesky_has_them() {
    let Some(cases) = suite("bluesky-facets.json") else { return };
    let cases = cases["segments"].as_array().unwrap().iter().map(|case| {
        let text = case["text"].as_str().unwrap().to_owned();
        let mentioned = |segment: &&Value| segment["target"].as_str().is_some_and(|t| t.starts_with("did:"));
        let segments = case["segments"].as_array().unwrap().iter().filter(mentioned);
        let expected =
            segments.map(|s| s["text"].as_str().unwrap().trim_start_matches('@').to_owned()).collect();
        let found = mentions(&text);
        (text, expected, found)
    });
    compare(cases, &[]);
}
