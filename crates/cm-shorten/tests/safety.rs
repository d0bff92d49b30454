//! Where a short link may lead: the table of docs/links.md, tried by every way in.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Home, jsonl};
use serde_json::json;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\nblock_list = 'blocked.txt'\n";

fn home() -> Home {
    let home = Home::new(CONFIG);
    home.file("blocked.txt", "# reported\nBad.Example\n0.0.0.0\tads.example\n");
    home
}

/// What is refused, and a word of why.
fn refused() -> Vec<(String, &'static str)> {
    let given: [(&str, &str); 34] = [
        ("javascript:alert(1)", "not http or https"),
        ("JaVaScRiPt:alert(1)", "not http or https"),
        ("data:text/html,<script>alert(1)</script>", "not http or https"),
        ("vbscript:x", "not http or https"),
        ("file:///etc/passwd", "not http or https"),
        ("ftp://a.example/", "not http or https"),
        ("https://user:secret@a.example/", "user name or password"),
        ("https://user@a.example/", "user name or password"),
        ("https:\\\\user:secret@a.example/", "user name or password"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fu%3Asecret%40a.example%2F", "user name or password"),
        ("http://127.0.0.1/", "public internet"),
        ("http://10.1.2.3/", "public internet"),
        ("http://169.254.169.254/latest/meta-data", "public internet"),
        ("http://2130706433/", "public internet"),
        ("http://0x7f000001/", "public internet"),
        ("http://0x7f.1/", "public internet"),
        ("http://0177.0.0.1/", "public internet"),
        ("http://127.1/", "public internet"),
        ("http://①②⑦.0.0.1/", "public internet"),
        ("http://%31%32%37.0.0.1/", "public internet"),
        ("http://[::1]/", "public internet"),
        ("http://[::ffff:10.0.0.1]/", "public internet"),
        ("http://[::ffff:7f00:1]/", "public internet"),
        ("http://[64:ff9b::7f00:1]/", "public internet"),
        ("http://[fe80::1]/", "public internet"),
        ("http://localhost/", "public internet"),
        ("http://nas.local/", "public internet"),
        ("http://intranet/", "public internet"),
        ("https://bad.example/", "bad.example is on the block list"),
        ("https://www.BAD.example.:8443/x", "bad.example is on the block list"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fads.example%2F", "ads.example is on the block list"),
        ("https://l.facebook.com/l.php?u=http%3A%2F%2F10.0.0.1%2F", "public internet"),
        ("https://a.example/\r\nSet-Cookie: a=b", "not a web address"),
        ("https://a.exam\tple/", "not a web address"),
    ];
    let mut all: Vec<_> = given.iter().map(|(link, why)| ((*link).to_owned(), *why)).collect();
    all.push((format!("https://a.example/{}", "x".repeat(100_000)), "100018 bytes long"));
    all
}

#[test]
fn what_is_refused_is_told_and_the_stream_goes_on() {
    let home = home();
    for (link, why) in refused() {
        let record = json!({"id": "1", "url": link, "title": "T", "content_text": "x"}).to_string() + "\n";
        let after = "{\"id\":\"2\",\"url\":\"https://good.example/\",\"content_text\":\"x\"}\n";
        let done = home.pipe(&["--hash"], record.clone() + after);
        assert_eq!(done.code, 3, "{link:.80}");
        let line = done.err.lines().next().unwrap_or_default();
        assert!(line.contains(why) && line.len() < 400, "{link:.80}: {line}");
        assert!(!line.contains("secret"), "{line}");
        assert!(done.bytes.starts_with(record.as_bytes()), "the record goes on as it is: {}", done.out);
        assert_eq!(jsonl(&done.out)[1]["_cm_shorten"]["links"][0]["url"], "https://good.example/");
    }
    assert_eq!(jsonl(&home.run(&["list"]).out).len(), 1, "nothing else was made");
}

#[test]
fn add_refuses_it_too() {
    let home = home();
    for (link, why) in refused() {
        let done = home.run(&["add", "--", &link]);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{link:.80}");
        assert!(done.err.contains(why) && !done.err.contains("secret"), "{link:.80}: {}", done.err);
    }
    let done = home.run(&["add", "https://go.acme.example/k"]);
    assert!(done.code == 2 && done.err.contains("our own short links"), "{}", done.err);
}

#[test]
fn what_passes_leads_exactly_there() {
    let home = home();
    for link in [
        "https://a.example/../../etc/passwd",
        "https://a.example/..%2f..%2fetc%2fpasswd",
        "https://a.example/%zz?q=%",
        "https://a.example/%0d%0aSet-Cookie:%20a=b",
        "https://a.example/?next=javascript:alert(1)",
        "https://a.example/<script>",
        "https://bücher.example/ü",
        "https://notbad.example/",
        "http://8.8.8.8:8080/",
    ] {
        let done = home.run(&["add", link]);
        assert_eq!(done.code, 0, "{link}: {}", done.err);
        assert_eq!(jsonl(&done.out)[0]["clean_url"], link);
    }
    let private = home.run(&["add", "--allow-private", "http://10.0.0.1/"]);
    assert_eq!(private.code, 0, "{}", private.err);
}

#[test]
fn a_mistake_in_the_block_list_is_told_with_its_place() {
    for (text, why) in [("a.example\nhttps://b.example/\n", "blocked.txt:2: "), ("a b\n", "blocked.txt:1: ")]
    {
        let home = home();
        home.file("blocked.txt", text);
        for args in [&["add", "https://a.example/"][..], &["explain", "https://a.example/"], &["serve"]] {
            let done = home.run(args);
            assert_eq!((done.code, done.out.as_str()), (2, ""), "{}", done.err);
            assert!(done.err.contains(why) && done.err.lines().count() == 1, "{}", done.err);
        }
    }
}
