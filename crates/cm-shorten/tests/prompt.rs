//! What a person at the prompt is told: slips of the pen with what was meant, what became of a link, and lists in the order
//! that they promise.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Home, jsonl};
use serde_json::Value;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\n\
    [utm.social]\nutm_source = '{network}'\nutm_medium = 'social'\n";

fn codes(home: &Home, args: &[&str]) -> Vec<String> {
    let done = home.run(&[&["list"], args].concat());
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{args:?}");
    jsonl(&done.out).iter().map(|line| line["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_newest_is_last_also_when_an_older_one_was_changed_or_came_later() {
    let home = Home::new(CONFIG);
    for (code, day) in [("z", "2026-11-20"), ("y", "2026-11-21"), ("x", "2026-11-22")] {
        home.run(&["add", "https://a.example/", "--slug", code, "--clock", day]);
    }
    home.run(&["edit", "z", "--note", "n", "--clock", "2026-11-23"]);
    home.run(&["add", "https://a.example/", "--slug", "old", "--clock", "2026-11-01"]);
    assert_eq!(codes(&home, &[]), ["old", "z", "y", "x"]);
    assert_eq!(codes(&home, &["--limit", "2"]), ["y", "x"]);
    assert_eq!(codes(&home, &["--limit", "0"]), [""; 0]);
    assert_eq!(codes(&home, &["--sort", "clicks", "--limit", "3"]), ["x", "y", "z"], "none was clicked");
}

#[test]
fn a_word_that_is_no_command_is_told_with_the_one_that_was_meant() {
    let home = Home::new(CONFIG);
    for (args, part) in [
        (&["lst"][..], "did you mean \"list\"?"),
        (&["delete", "spring"], "is no command"),
        (&["edit", "x", "--slug", "y"], "a code never changes"),
        (&["add", "shop.example/x"], "; write https://shop.example/x"),
        (&["add", "shop.example:8443/x"], "; write https://shop.example:8443/x"),
        (&["--store", "typo.db", "list"], "cm-shorten add"),
    ] {
        let done = home.run(args);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{args:?}: {}", done.err);
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
    }
    for wrong in ["javascript:alert(1)", "mailto:a@b.example", "10.0.0.1/x", "x"] {
        let done = home.run(&["add", wrong]);
        assert!(done.code == 2 && !done.err.contains("; write"), "{wrong}: {}", done.err);
    }
    home.file("posts", "");
    assert_eq!(home.run(&["posts"]).code, 0, "a file may have such a name");
    assert_eq!(codes(&home, &[]), [""; 0], "nothing was made");
}

#[test]
fn an_account_that_is_none_of_the_configured_ones_is_told() {
    let accounts = "[accounts.\"bluesky:acme\"]\nuser = 'acme'\n";
    let home = Home::new(&format!("{CONFIG}{accounts}"));
    let add = |account: &str| home.run(&["add", "https://a.example/", "--for", account]);
    let slip = add("bluesky:acem");
    assert!(slip.code == 0 && slip.err.contains("did you mean bluesky:acme?"), "{}", slip.err);
    for good in ["bluesky:acme", "newsletter:november"] {
        assert_eq!((add(good).code, add(good).err.as_str()), (0, ""), "{good}");
    }
    let home = Home::new(&format!("{CONFIG}for = ['bluesky:acem', 'mastodon']\n{accounts}"));
    let done = home.run(&["add", "https://a.example/"]);
    assert!(done.err.starts_with("cm-shorten: [utm.social] for: bluesky:acem is no account"), "{}", done.err);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
}

#[test]
fn tags_that_no_link_gets_are_told_once() {
    let home = Home::new(CONFIG);
    let record = "{\"id\":\"1\",\"url\":\"https://a.example/1\",\"content_text\":\"x\"}\n".repeat(2);
    let record = record.as_str();
    for (args, part) in [
        (&["--utm", "social"][..], "utm_source is left out"),
        (&["--campaign", "spring"], "--for ACCOUNT or --utm NAME"),
    ] {
        for done in [home.pipe(args, record), home.run(&[&["add", "https://a.example/"], args].concat())] {
            assert_eq!((done.code, done.err.lines().count()), (0, 1), "{args:?}: {}", done.err);
            assert!(done.err.contains(part), "{args:?}: {}", done.err);
        }
    }
    for quiet in [
        &["--utm", "social", "--for", "bluesky:acme"][..],
        &["--campaign", "spring", "--for", "bluesky:acme"],
        &["--campaign", "spring", "--utm", "none"],
        &[],
    ] {
        assert_eq!(home.pipe(quiet, record).err, "", "{quiet:?}");
    }
    assert_eq!(Home::new("").pipe(&["--campaign", "spring", "--backend", "none"], record).err, "");
}

#[test]
fn add_says_whether_the_link_is_new() {
    let home = Home::new(CONFIG);
    let made = |args: &[&str]| {
        let done = home.run(&[&["add"], args].concat());
        jsonl(&done.out)[0].get("created").cloned()
    };
    assert_eq!(made(&["https://a.example/"]), Some(Value::Bool(true)));
    assert_eq!(made(&["https://a.example/"]), Some(Value::Bool(false)));
    assert_eq!(made(&["https://a.example/", "--backend", "none"]), None);
    let again = home.run(&["add", "https://a.example/", "-v"]);
    assert!(again.err.contains("was there already"), "{}", again.err);
    let blank = home.run(&["add", "https://a.example/a b"]);
    assert!(blank.code == 0 && blank.err.contains("holds a blank"), "{}", blank.err);
    assert!(blank.bytes.ends_with(b"}\n"), "the link is made all the same");
}

#[test]
fn clicks_are_told_of_one_link_or_of_all() {
    let home = Home::new(CONFIG);
    for code in ["a", "b"] {
        home.run(&["add", "https://a.example/", "--slug", code, "--clock", "2026-11-01"]);
    }
    let click = |code: &str| {
        format!(
            "203.0.113.7 - - [22/Nov/2026:09:00:00 +0000] \"GET /{code} HTTP/1.1\" 302 0 \"-\" \
             \"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0\"\n"
        )
    };
    let log = home.file("access.log", &["a", "b", "b"].map(click).concat());
    let import = home.run(&["clicks", "import", &log, "--clock", "2026-11-23T09:00:00Z"]);
    assert_eq!(import.code, 0, "{}", import.err);
    let lines = |args: &[&str]| home.run(&[&["clicks"], args].concat()).out.lines().count();
    assert_eq!((lines(&[]), lines(&["b"]), lines(&["https://go.acme.example/a"])), (3, 2, 1));
    assert_eq!(lines(&["b", "--since", "2026-11-23"]), 0);
    assert_eq!(codes(&home, &["--sort", "clicks"]), ["b", "a"]);
    let none = home.run(&["clicks", "nope"]);
    assert!(none.code == 2 && none.err.contains("not a link of this store"), "{}", none.err);
}

#[test]
fn a_slip_is_told_with_the_way_out() {
    let home = Home::new(CONFIG);
    assert_eq!(home.run(&["add", "https://a.example/", "--slug", "x", "--tag", "sale"]).code, 0);
    home.file("bitly.csv", "long_url\nhttps://a.example/\n");
    for (args, code, part) in [
        (&["import", "bitly.csv"][..], 2, "csv, jsonl, yourls, shlink, kutt, bitly, dub"),
        (&["expand", "https://bit.ly/x"], 3, "--expand asks bit.ly"),
        (&["edit", "x", "--untag", "nope"], 0, "--untag nope: it has no such tag; its tags: sale"),
    ] {
        let done = home.run(args);
        assert_eq!(done.code, code, "{args:?}: {}", done.err);
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
    }
    let done = home.pipe(&[], "Look: https://a.example/\nAnd https://b.example/\n");
    assert_eq!(done.err.matches("--plain").count(), 1, "{}", done.err);
    assert_eq!(done.code, 3);
    let done = home.pipe(&[], "{\"url\":\"https://a.example/\"\n");
    assert!(!done.err.contains("--plain"), "a record that broke off is no text: {}", done.err);
}
