//! Cleaning as a black box: what goes by default and on demand, the user's rules, and where their mistakes are told.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Home, jsonl};
use serde_json::{Value, json};

/// What a link becomes, by `explain`.
fn cleaned(home: &Home, args: &[&str], link: &str) -> Value {
    let done = home.run(&[&["explain", link], args].concat());
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{link}");
    jsonl(&done.out).remove(0)
}

#[test]
fn more_goes_when_more_is_asked_for() {
    let home = Home::new("");
    for (args, link, expected) in [
        (&[][..], "https://a.example/?spm=1&utm_id=2", "https://a.example/?spm=1"),
        (&["--aggressive"], "https://a.example/?spm=1&utm_id=2&ref=3", "https://a.example/?ref=3"),
        (&[], "https://www.amazon.de/dp/B0?tag=ana-21&th=1", "https://www.amazon.de/dp/B0?tag=ana-21&th=1"),
        (
            &["--strip-affiliate"],
            "https://www.amazon.de/dp/B0?tag=ana-21&th=1",
            "https://www.amazon.de/dp/B0?th=1",
        ),
        (
            &[],
            "https://www.awin1.com/cread.php?ued=https%3A%2F%2Fa.example%2F",
            "https://www.awin1.com/cread.php?ued=https%3A%2F%2Fa.example%2F",
        ),
        (
            &["--unwrap-affiliate"],
            "https://www.awin1.com/cread.php?ued=https%3A%2F%2Fa.example%2F",
            "https://a.example/",
        ),
    ] {
        assert_eq!(cleaned(&home, args, link)["clean_url"], expected, "{args:?} {link}");
    }
    let same = Home::new("[clean]\naggressive = true\nstrip_affiliate = true\nunwrap_affiliate = true\n");
    let link =
        "https://www.awin1.com/cread.php?ued=https%3A%2F%2Fwww.amazon.de%2Fdp%2FB0%3Ftag%3Dana-21%26spm%3D1";
    assert_eq!(cleaned(&same, &[], link)["clean_url"], "https://www.amazon.de/dp/B0");
}

#[test]
fn every_decision_is_explained() {
    let home = Home::new("[clean]\nstrip = ['shop.example: sid']\n");
    let inner = "https%3A%2F%2Fshop.example%2F%3Fid%3D7%26sid%3D9%26FBCLID%3DI";
    let link = format!("https://l.facebook.com/l.php?u={inner}&h=A");
    let line = cleaned(&home, &[], &link);
    let expected = json!({
        "url": link,
        "unwrapped": [link],
        "removed": [
            {"name": "sid", "reason": "your rule `shop.example: sid`"},
            {"name": "FBCLID", "reason": "click id of Facebook"},
        ],
        "clean_url": "https://shop.example/?id=7",
        "key": "https://shop.example/?id=7",
    });
    assert_eq!(line, expected);
}

#[test]
fn peoples_own_rules_hold_in_the_filter_too() {
    let home = Home::new("[clean]\nrules = 'tracking.txt'\nkeep = ['a.example: utm_id']\n");
    home.file("tracking.txt", "# ours\nx_*\n!b.example: x_id # they need it\n");
    let text =
        "https://a.example/?x_a=1&utm_id=2 https://b.example/?x_a=1&x_id=2\nhttps://a.example/?utm_id=3\n";
    let done = home.pipe(&["--plain", "--backend", "none"], text);
    assert_eq!(
        done.bytes,
        b"https://a.example/?utm_id=2 https://b.example/?x_id=2\nhttps://a.example/?utm_id=3\n"
    );
    // A parameter that stays tells links apart: neither may lead where the other does.
    let done = home.pipe(&["--plain"], text);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(jsonl(&home.run(&["list"]).out).len(), 3);
}

#[test]
fn a_mistake_in_a_rule_is_told_with_its_place() {
    for (config, rules, place) in [
        ("[clean]\n\nstrip = ['x_*',\n  'a*b']\n", "", "cm.toml:3: \"a*b\""),
        ("[clean]\nkeep = ['*']\n", "", "cm.toml:2: "),
        ("[clean]\nstirp = ['x']\n", "", "did you mean \"strip\""),
        ("[clean]\nrules = 'tracking.txt'\n", "x\n\nsh op: y\n", "tracking.txt:3: "),
        ("[clean]\nrules = 'nowhere.txt'\n", "", "nowhere.txt: no such file"),
    ] {
        let home = Home::new(config);
        home.file("tracking.txt", rules);
        for args in [&["explain", "https://a.example/"][..], &["--plain", "--backend", "none"]] {
            let done = home.run(args);
            assert_eq!((done.code, done.out.as_str()), (2, ""), "{config}: {}", done.err);
            assert!(done.err.contains(place) && done.err.lines().count() == 1, "{config}: {}", done.err);
        }
    }
}

/// It signs its whole query: with a tag more, or one replaced, it would lead nowhere.
#[test]
fn a_signed_wrapper_gets_no_tags() {
    let home = Home::new("[utm.social]\nutm_source = '{network}'\n");
    for (link, tagged) in [
        ("https://urldefense.com/v3/__https://a.example/?utm_source=x__;!!abc$", Value::Null),
        ("https://a.example/", json!("https://a.example/?utm_source=bluesky")),
    ] {
        let record = json!({"id": "1", "url": link, "content_text": "x"}).to_string() + "\n";
        let done = home.pipe(&["--backend", "none", "--for", "bluesky:acme"], record);
        let made = &jsonl(&done.out)[0]["_cm_shorten"]["links"][0];
        assert_eq!((&made["clean_url"], &made["tagged_url"]), (&json!(link), &tagged), "{}", done.err);
    }
}
