//! `--expand` as a black box, against shorteners that answer in all the ways that shorteners do.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;
mod site;

use home::{Home, jsonl};
use serde_json::json;
use site::Site;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\nexpand = ['127.0.0.1', '127.0.0.2']\n";

fn record(url: &str) -> String {
    format!("{}\n", json!({"id": "1", "content_text": "x", "url": url}))
}

#[test]
fn links_of_shorteners_are_asked_and_remembered() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    let short = site.on(1, "s/chain");
    let input = home.file("records.jsonl", &record(&short));
    let plain = home.run(&["--allow-private", "--backend", "none", &input]);
    assert_eq!(jsonl(&plain.out)[0]["_cm_shorten"]["links"][0]["clean_url"], short, "not asked for");
    assert_eq!(site.asked().len(), 0);
    let expanded = home.run(&["--allow-private", "--expand", &input]);
    assert_eq!((expanded.code, expanded.err.as_str()), (0, ""));
    let link = &jsonl(&expanded.out)[0]["_cm_shorten"]["links"][0];
    assert_eq!(link["url"], short, "as it stands in the record");
    assert_eq!(link["clean_url"], site.on(7, "article?id=7&x=%7E"), "as the redirect wrote it");
    let asked = site.asked();
    let again = home.pipe(&["--allow-private", "--expand"], &expanded.bytes);
    assert_eq!(again.bytes, expanded.bytes, "a second pass changes no byte");
    assert_eq!(site.asked(), asked, "what is known is not asked again");
}

#[test]
fn every_command_that_may_ask_does() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    let (short, page) = (site.on(2, "s/meta"), site.on(7, "article?m=1"));
    let explained = &jsonl(&home.run(&["explain", "--expand", "--allow-private", &short]).out)[0];
    assert_eq!((&explained["expanded"], &explained["clean_url"]), (&json!(page), &json!(page)));
    assert!(!home.path("state").join("cm").exists(), "without a store nothing is kept");
    let expanded = home.run(&["expand", "--expand", "--allow-private", &short]);
    assert_eq!(jsonl(&expanded.out), [json!({"short_url": short, "url": page})], "{}", expanded.err);
    let text = home
        .pipe(&["--plain", "--expand", "--backend", "none", "--allow-private"], format!("See {short}.\n"));
    assert_eq!(text.out, format!("See {page}.\n"));
    let added = home.run(&["add", "--expand", "--allow-private", &short]);
    assert_eq!(jsonl(&added.out)[0]["clean_url"], page, "{}", added.err);
    assert!(
        site.asked().iter().all(|line| !line.contains("article")),
        "only the redirect is read, never the page"
    );
}

#[test]
fn a_link_that_cannot_be_asked_stays_as_it_is() {
    let site = Site::new();
    let home = Home::new(CONFIG);
    for (path, why) in
        [("s/dead", "answers 404"), ("own", "our own short links"), ("script", "not a web address")]
    {
        let short = site.on(1, path);
        let done = home.pipe(&["--expand", "--allow-private", "--backend", "none"], record(&short));
        assert_eq!(done.code, 3);
        assert_eq!(jsonl(&done.out)[0]["_cm_shorten"]["links"][0]["clean_url"], short);
        assert!(done.err.contains("stays as it is") && done.err.contains(why), "{}", done.err);
    }
    // Without --allow-private nobody is asked at all.
    let asked = site.asked().len();
    let done = home.pipe(&["--expand", "--backend", "none"], record(&site.on(1, "s/moved")));
    assert_eq!((done.code, site.asked().len()), (3, asked), "{}", done.err);
}
