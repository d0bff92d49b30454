//! `check` as a black box, against a server that answers in all the ways that servers do.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;
mod site;

use home::{Done, Home, jsonl};
use serde_json::Value;
use site::Site;
use std::collections::BTreeMap;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\n";

fn check(home: &Home, clock: &str, args: &[&str]) -> Done {
    home.run(&[&["check", "--allow-private", "--pause", "0", "--clock", clock], args].concat())
}

/// State and line by the path of the target.
fn by_path(done: &Done) -> BTreeMap<String, (String, Value)> {
    let line = |line: Value| {
        let path = line["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (path, (line["state"].as_str().unwrap().to_owned(), line))
    };
    jsonl(&done.out).into_iter().map(line).collect()
}

fn add(home: &Home, url: &str, slug: &str, more: &[&str]) {
    let done = home.run(&[&["add", url, "--slug", slug, "--allow-private"], more].concat());
    assert_eq!(done.code, 0, "{}", done.err);
}

const DAY: [&str; 5] = [
    "2026-11-22T09:00:00Z",
    "2026-11-22T10:00:00Z",
    "2026-11-23T09:00:00Z",
    "2026-11-24T09:00:00Z",
    "2026-11-26T09:00:00Z",
];

#[test]
fn every_answer_is_judged() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    let paths = [
        "ok",
        "no-head",
        "wrong-head",
        "gone",
        "moved",
        "front",
        "temporary",
        "loop",
        "long",
        "endless",
        "broken",
        "script",
        "own",
        "forbidden",
        "trouble",
    ];
    for (n, path) in paths.iter().enumerate() {
        add(&home, &site.on(n as u8 + 1, path), path, &[]);
    }
    let first = check(&home, DAY[0], &["--all"]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    let found = by_path(&first);
    let state = |path: &str| (found[path].0.as_str(), found[path].1["status"].as_i64());
    assert_eq!(state("ok"), ("ok", Some(200)));
    assert_eq!(state("no-head"), ("ok", Some(200)), "405 to HEAD");
    assert_eq!(state("wrong-head"), ("ok", Some(200)), "404 to HEAD alone");
    assert_eq!(state("endless"), ("ok", Some(200)), "of a page only the beginning is read");
    assert_eq!(state("temporary"), ("ok", Some(200)));
    assert_eq!(state("moved"), ("moved", Some(200)));
    assert_eq!(found["moved"].1["moved_to"], site.on(5, "new/place?a=b+c"));
    assert_eq!(state("gone"), ("unsure", Some(404)), "once is not enough");
    for path in ["front", "loop", "long", "broken", "script", "own", "forbidden", "trouble"] {
        assert_eq!(found[path].0, "unsure", "{}", found[path].1);
        assert!(!found[path].1["reason"].as_str().unwrap().is_empty());
    }
    assert!(!site.asked().contains(&"GET /ok".to_owned()), "who answers HEAD is not asked more");
}

#[test]
fn a_page_is_dead_when_it_stays_gone_and_cured_by_edit() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    add(&home, &site.on(1, "gone"), "lost", &[]);
    add(&home, &site.on(1, "ok"), "well", &[]);
    for (clock, code, lines) in [(DAY[0], 0, 0), (DAY[1], 0, 0), (DAY[2], 1, 1), (DAY[3], 1, 1)] {
        let done = check(&home, clock, &[]);
        assert_eq!((done.code, done.err.as_str()), (code, ""), "{clock}");
        assert_eq!(done.out.lines().count(), lines, "{clock}: nothing is said where all is well");
    }
    let line = &jsonl(&check(&home, DAY[4], &[]).out)[0];
    assert_eq!((&line["state"], &line["codes"][0]), (&Value::from("dead"), &Value::from("lost")));
    assert_eq!(line["since"], DAY[2]);
    home.run(&["edit", "lost", "--expires", "2026-11-26T08:00:00Z", "--clock", DAY[3]]);
    assert_eq!(check(&home, DAY[4], &[]).code, 0, "a link that has ended is not asked about");
    let done = home.run(&["edit", "lost", "--expires", "never"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let found = by_path(&check(&home, DAY[4], &["--all"]));
    assert_eq!(found["gone"].0, "unsure", "and what was found of it is forgotten");
    home.run(&["edit", "lost", "--url", &site.on(1, "ok"), "--allow-private"]);
    let done = check(&home, DAY[4], &["--all"]);
    assert_eq!(done.code, 0);
    assert_eq!(jsonl(&done.out)[0]["codes"], serde_json::json!(["well", "lost"]), "one place, asked once");
}

#[test]
fn hosts_are_left_alone_when_they_ask_for_it() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    for path in ["busy", "busy-too", "busy-three"] {
        add(&home, &site.on(9, path), path, &[]);
    }
    add(&home, &site.on(8, "soon"), "soon", &[]);
    let found = by_path(&check(&home, DAY[0], &["--all"]));
    assert!(found.values().filter(|(state, _)| state == "unsure").count() == 3);
    assert_eq!(found["soon"].0, "ok", "asked again after a second");
    assert_eq!(site.asked().iter().filter(|line| line.contains("busy")).count(), 1, "Retry-After of an hour");
}

#[test]
fn links_are_chosen_and_pages_asked_once() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    let page = site.on(1, "ok");
    add(&home, &format!("{page}?utm_source=bluesky"), "a", &["--tag", "spring"]);
    // The filter's links are checked as well as those made by hand.
    let record = format!("{{\"id\":\"1\",\"content_text\":\"x\",\"url\":\"{page}#part\"}}\n");
    let filtered = home.run(&["--allow-private", "--clock", DAY[0], &home.file("records.jsonl", &record)]);
    assert_eq!(filtered.bytes, home.pipe(&["--allow-private", "--clock", DAY[0]], &record).bytes);
    let made = jsonl(&filtered.out)[0]["_cm_shorten"]["links"][0]["short_url"].as_str().unwrap().to_owned();
    add(&home, &page, "c", &["--expires", "2026-11-22T08:00:00Z", "--clock", "2026-11-20T08:00:00Z"]);
    add(&home, &site.on(1, "gone"), "d", &[]);
    let count = |args: &[&str]| {
        let before = site.asked().len();
        let lines = check(&home, DAY[0], &[&["--all"], args].concat()).out.lines().count();
        (lines, site.asked().len() - before)
    };
    assert_eq!(count(&["a", &made]), (2, 1), "but for the place on it, it is one page");
    assert_eq!(count(&["--tag", "spring"]), (1, 1));
    assert_eq!(count(&["d"]), (1, 2), "HEAD and GET");
    assert_eq!(count(&["c"]), (0, 0), "what has ended leads nowhere");
    let unknown = check(&home, DAY[0], &["nobody"]);
    assert!(unknown.code == 2 && unknown.err.contains("not a link of this store"), "{}", unknown.err);
    assert_eq!(check(&Home::new(CONFIG), DAY[0], &[]).code, 0, "no links, nothing to check");
}

#[test]
fn without_a_network_nothing_is_held_against_a_link() {
    let home = Home::new(CONFIG);
    add(&home, "https://nobody.invalid/x", "x", &[]);
    for clock in [DAY[0], DAY[4]] {
        let done = check(&home, clock, &[]);
        assert_eq!((done.code, done.out.as_str()), (3, ""), "{}", done.err);
        assert!(done.err.contains("offline"), "{}", done.err);
    }
    let site = Site::new();
    add(&home, &site.on(1, "ok"), "y", &[]);
    assert_eq!(check(&home, DAY[0], &[]).code, 0);
    assert_eq!(check(&home, DAY[2], &[]).code, 0, "name servers have bad days");
    let done = check(&home, DAY[4], &[]);
    assert_eq!((done.code, &jsonl(&done.out)[0]["state"]), (1, &Value::from("dead")));
}
