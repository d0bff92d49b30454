//! Single links as a black box: made with all that they may have, changed, listed, drawn.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Done, Home, jsonl};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpListener;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\ndefault_utm = 'social'\n\
    [utm.social]\nutm_source = '{network}'\n";

fn code(done: &Done) -> String {
    assert_eq!(done.code, 0, "{}", done.err);
    jsonl(&done.out)[0]["code"].as_str().unwrap().to_owned()
}

fn filtered(home: &Home, url: &str) -> String {
    let done = home.pipe(&[], format!("{}\n", json!({"id": "1", "url": url, "content_text": "x"})));
    jsonl(&done.out)[0]["_cm_shorten"]["links"][0]["code"].as_str().unwrap().to_owned()
}

fn listed(home: &Home, args: &[&str]) -> Vec<Value> {
    let done = home.run(&[&["list"], args].concat());
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{args:?}");
    jsonl(&done.out)
}

fn changes(home: &Home, code: &str) -> Vec<(String, Value, Value)> {
    let lines = jsonl(&home.run(&["history", code]).out);
    assert!(
        lines.iter().all(|line| line["code"] == code && line["type"] == "change" && line["at"].is_string())
    );
    lines
        .iter()
        .map(|l| (l["what"].as_str().unwrap().to_owned(), l["old"].clone(), l["new"].clone()))
        .collect()
}

#[test]
fn codes_are_made_as_asked() {
    let home = Home::new(CONFIG);
    let add = |url: &str, how: &[&str]| code(&home.run(&[&["add", url], how].concat()));
    let counted: Vec<String> = (0..40).map(|i| add(&format!("https://a.example/{i}"), &["--seq"])).collect();
    assert_eq!((counted[0].as_str(), counted[39].as_str()), ("1", "1b"));
    assert_eq!(counted.iter().collect::<HashSet<_>>().len(), 40);
    let words = add("https://b.example/", &["--words"]);
    assert!(
        words.split('-').count() == 2 && words.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
        "{words}"
    );
    assert_eq!(add("https://b.example/", &["--seq"]), words, "the same link is not made twice");
    let both = home.run(&["add", "https://a.example/", "--seq", "--words"]);
    assert_eq!(both.code, 2);
    let named = home.run(&["add", "https://a.example/", "--slug", "api"]);
    assert!(named.code == 2 && named.err.contains("the server keeps"), "{}", named.err);
    // A number that a person has taken is passed over.
    home.run(&["add", "https://c.example/", "--slug", "1c"]);
    assert_eq!(add("https://d.example/", &["--seq"]), "1d");
}

#[test]
fn a_link_keeps_all_that_is_said_of_it() {
    let home = Home::new(CONFIG);
    let done = home.run(&[
        "add",
        "https://a.example/sale",
        "--slug",
        "sale",
        "--title",
        " Spring\n sale ",
        "--note",
        "for the poster",
        "--tag",
        "spring,print",
        "--tag",
        "print",
        "--expires",
        "2w",
        "--max-clicks",
        "100",
        "--fallback",
        "https://a.example/over",
        "--status",
        "301",
        "--max-age",
        "60",
        "--clock",
        "2026-11-22T09:00:00Z",
    ]);
    assert!(
        done.err.starts_with("cm-shorten: --status 301: ") && done.err.lines().count() == 1,
        "{}",
        done.err
    );
    assert_eq!(code(&done), "sale");
    assert_eq!(
        listed(&home, &["--clock", "2026-11-22T10:00:00Z"])[0],
        json!({"code": "sale", "short_url": "https://go.acme.example/sale", "url": "https://a.example/sale",
            "title": "Spring sale", "created": "2026-11-22T09:00:00Z", "expires": "2026-12-06T09:00:00Z", "max_clicks": 100,
            "fallback": "https://a.example/over", "tags": ["spring", "print"], "note": "for the poster", "status": 301,
            "max_age": 60, "clicks": {"human": 0, "preview": 0, "bot": 0}})
    );
    for (args, part) in [
        (["--fallback", "javascript:alert(1)"], "javascript: is not http"),
        (["--fallback", "http://10.0.0.1/"], "not on the public internet"),
        (["--fallback", "https://go.acme.example/x"], "our own short links"),
        (["--status", "303"], "301, 302, 307 or 308"),
        (["--tag", "a,,b"], "a tag is a word"),
        (["--max-age", "-1"], "--max-age"),
    ] {
        let done = home.run(&[&["add", "https://a.example/"][..], &args].concat());
        assert_eq!(done.code, 2, "{args:?}");
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
    }
    assert_eq!(listed(&home, &[]).len(), 1, "what is refused makes nothing");
}

#[test]
fn the_same_end_wished_twice_is_one_link() {
    let home = Home::new(CONFIG);
    let add = |clock: &str, expires: &str| {
        let args = ["add", "https://a.example/x", "--slug", "sale", "--expires", expires, "--clock", clock];
        home.run(&args)
    };
    let line = |done: Done| jsonl(&done.out).remove(0);
    let first = line(add("2026-11-22T09:00:00Z", "2w"));
    assert_eq!((&first["created"], &first["expires"]), (&json!(true), &json!("2026-12-06T09:00:00Z")));
    let again = line(add("2026-11-23T10:00:00Z", "2w"));
    assert_eq!((&again["created"], &again["expires"]), (&json!(false), &json!("2026-12-06T09:00:00Z")));
    let same = add("2026-11-23T10:00:00Z", "2026-12-06T09:00:00Z");
    assert_eq!(line(same)["created"], json!(false));
    for other in ["3w", "2026-12-07"] {
        let taken = add("2026-11-23T10:00:00Z", other);
        assert!(taken.code == 2 && taken.err.contains("another end"), "{other}: {}", taken.err);
    }
}

#[test]
fn slips_of_the_pen_are_told() {
    let home = Home::new(CONFIG);
    home.run(&["add", "https://a.example/x", "--slug", "sale", "--tag", "print", "--campaign", "winter"]);
    let done = home.run(&["stats", "go.acme.example/sale"]);
    assert!(done.code == 0 && done.out.contains("\"code\":\"sale\""), "{}", done.err);
    assert_eq!(home.run(&["stats", "https:go.acme.example/sale"]).code, 0);
    assert_eq!(home.run(&["stats", "go.other.example/sale"]).code, 2);
    for (args, meant) in [(["--tag", "pritn"], "print"), (["--campaign", "wintr"], "winter")] {
        let done = home.run(&[&["list"][..], &args].concat());
        assert!(done.code == 0 && done.out.is_empty(), "{}", done.out);
        assert!(done.err.contains(&format!("did you mean {meant}?")), "{}", done.err);
    }
    let nobody = home.run(&["list", "--tag", "print", "--campaign", "winter", "--ended"]);
    assert_eq!((nobody.out.as_str(), nobody.err.as_str()), ("", ""));
    let done = home.run(&["add", "https://a.example/y", "--custom-slug", "y"]);
    assert!(done.code == 2 && done.err.contains("add --slug CODE"), "{}", done.err);
}

#[test]
fn what_is_said_of_a_link_that_is_there_is_put_on_it() {
    let home = Home::new(CONFIG);
    let first = code(&home.run(&["add", "https://a.example/x"]));
    let again =
        code(&home.run(&["add", "https://a.example/x", "--tag", "print", "--note", "n", "--title", "T"]));
    assert_eq!(first, again);
    let link = &listed(&home, &[])[0];
    assert_eq!((&link["tags"], &link["note"], &link["title"]), (&json!(["print"]), &json!("n"), &json!("T")));
    let what: Vec<String> = changes(&home, &first).into_iter().map(|(what, ..)| what).collect();
    assert_eq!(what, ["made", "title", "note", "tags"]);
    // One with a status of its own is another link.
    assert_ne!(code(&home.run(&["add", "https://a.example/x", "--status", "307"])), first);
    let taken = home.run(&["add", "https://a.example/x", "--slug", &first, "--status", "308"]);
    assert!(taken.code == 2 && taken.err.contains("another end or way to redirect"), "{}", taken.err);
    for other in [["--campaign", "c"], ["--for", "bluesky:acme"]] {
        let taken = home
            .run(&[&["add", "https://a.example/x", "--slug", &first, "--utm", "none"][..], &other].concat());
        assert!(
            taken.code == 2 && taken.err.contains("another account or campaign"),
            "{} {}",
            taken.out,
            taken.err
        );
    }
}

#[test]
fn what_records_call_a_link_is_one_line_in_the_store() {
    let home = Home::new(CONFIG);
    let record = json!({"id": "1", "url": "https://a.example/", "title": " A\n\u{1b}[2J \u{9b}b", "content_text": "x"});
    assert_eq!(home.pipe(&[], format!("{record}\n")).code, 0);
    assert_eq!(listed(&home, &[])[0]["title"], "A [2J b");
}

#[test]
fn edits_are_kept_with_what_was_before() {
    let home = Home::new(CONFIG);
    let made = code(&home.run(&["add", "https://a.example/x", "--slug", "x", "--tag", "one"]));
    let edit = |args: &[&str]| home.run(&[&["edit", "https://go.acme.example/X"], args].concat());
    let done = edit(&[
        "--url",
        "https://b.example/y?fbclid=1",
        "--title",
        "New",
        "--tag",
        "two",
        "--untag",
        "one",
        "--expires",
        "2w",
        "--max-clicks",
        "5",
        "--fallback",
        "https://c.example/",
        "--campaign",
        "Spring",
        "--clock",
        "2026-11-22T09:00:00Z",
    ]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let expected = [
        ("made", Value::Null, json!("https://a.example/x")),
        ("url", json!("https://a.example/x"), json!("https://b.example/y")),
        ("campaign", Value::Null, json!("Spring")),
        ("title", Value::Null, json!("New")),
        ("tags", json!("one"), json!("two")),
        ("expires", Value::Null, json!("2026-12-06T09:00:00Z")),
        ("max_clicks", Value::Null, json!("5")),
        ("fallback", Value::Null, json!("https://c.example/")),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(what, old, new)| (what.to_owned(), old, new)).collect();
    assert_eq!(changes(&home, &made), expected);
    assert_eq!(jsonl(&done.out).len(), expected.len() - 1, "an edit tells what it changed");
    let undone = edit(&["--expires", "never", "--max-clicks", "none", "--fallback", "none", "--title", ""]);
    assert_eq!(jsonl(&undone.out).len(), 4);
    let link = &listed(&home, &[])[0];
    assert!(["expires", "max_clicks", "fallback", "title"].iter().all(|name| link[name].is_null()), "{link}");
    let same = edit(&["--expires", "never", "--tag", "two", "--status", "302"]);
    assert_eq!((same.code, same.out.as_str()), (0, ""));
    for (args, part) in [
        (&[][..], "nothing to change"),
        (&["--url", "http://localhost/"], "not on the public internet"),
        (&["--url", "https://go.acme.example/k"], "our own short links"),
        (&["--utm", "social"], "go with --url"),
        (&["--expires", "2020-01-01"], "write `now`"),
        (&["--max-clicks", "0"], "from 1 on, or none"),
    ] {
        let done = edit(args);
        assert_eq!(done.code, 2, "{args:?}: {}", done.err);
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
    }
    let many: Vec<String> = (0..50).map(|i| i.to_string()).collect();
    let many = edit(&["--tag", &many.join(",")]);
    assert!(many.code == 2 && many.err.contains("at most 50"), "beside the one that it has: {}", many.err);
    assert_eq!(home.run(&["edit", "nope", "--title", "x"]).code, 2);
    assert_eq!(home.run(&["history", "nope"]).code, 2);
}

#[test]
fn an_imported_link_can_be_edited_whatever_its_account_is_called() {
    let home = Home::new(CONFIG);
    let rows = home.file("links.csv", "code,url,account\nx,https://a.example/,acme\n");
    let done = home.run(&["import", &rows, "--from", "csv"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(listed(&home, &[])[0]["account"], "acme");
    let done = home.run(&["edit", "x", "--title", "T", "--url", "https://b.example/"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let link = &listed(&home, &[])[0];
    assert_eq!((&link["url"], &link["account"]), (&json!("https://b.example/"), &json!("acme")));
}

#[test]
fn the_filter_hands_out_an_edited_link_only_for_what_it_is_now() {
    let home = Home::new(CONFIG);
    let first = filtered(&home, "https://a.example/old");
    assert_eq!(home.run(&["edit", &first, "--url", "https://a.example/new"]).code, 0);
    assert_eq!(filtered(&home, "https://a.example/new"), first);
    let second = filtered(&home, "https://a.example/old");
    assert_ne!(second, first, "never for what it led to before");
    // Where another link answers for the new target already, that one goes on doing so.
    assert_eq!(home.run(&["edit", &second, "--url", "https://a.example/new"]).code, 0);
    assert_eq!(filtered(&home, "https://a.example/new"), first);
    let third = filtered(&home, "https://a.example/old");
    assert!(third != first && third != second);
    // A title changes nothing about what it is; an end, a status and an age do.
    assert_eq!(
        home.run(&["edit", &third, "--title", "T", "--tag", "t", "--fallback", "https://f.example/"]).code,
        0
    );
    assert_eq!(filtered(&home, "https://a.example/old"), third);
    // Also where a tagged link is one that cleaning keeps its hands off.
    let signed = format!(
        "{}\n",
        json!({"id": "1", "url": "https://b.s3.amazonaws.com/x?X-Amz-Signature=ab&X-Amz-Date=1", "content_text": "x"})
    );
    let made = || {
        let done = home.pipe(&["--for", "bluesky:acme"], &signed);
        jsonl(&done.out)[0]["_cm_shorten"]["links"][0]["code"].as_str().unwrap().to_owned()
    };
    let fourth = made();
    assert_eq!(home.run(&["edit", &fourth, "--title", "T"]).code, 0);
    assert_eq!(made(), fourth);
    for how in [["--expires", "now"], ["--max-clicks", "9"], ["--status", "307"], ["--max-age", "5"]] {
        let before = filtered(&home, "https://a.example/old");
        assert_eq!(home.run(&[&["edit", before.as_str()][..], &how].concat()).code, 0);
        assert_ne!(filtered(&home, "https://a.example/old"), before, "{how:?}");
    }
    // Links of an account are tagged anew with its template.
    let tagged = code(&home.run(&["add", "https://a.example/t", "--for", "bluesky:acme"]));
    assert_eq!(home.run(&["edit", &tagged, "--url", "https://a.example/u"]).code, 0);
    assert_eq!(listed(&home, &["/u"])[0]["url"], "https://a.example/u?utm_source=bluesky");
    assert_eq!(code(&home.run(&["add", "https://a.example/u", "--for", "bluesky:acme"])), tagged);
}

#[test]
fn an_ended_link_is_listed_as_such() {
    let home = Home::new(CONFIG);
    let add = |args: &[&str]| home.run(&[&["add", "--clock", "2026-11-20"], args].concat());
    add(&["https://a.example/Ärger", "--slug", "a", "--tag", "x,y", "--campaign", "c"]);
    add(&["https://b.example/", "--slug", "b", "--expires", "1d", "--tag", "x", "--for", "bluesky:acme"]);
    let day = ["--clock", "2026-11-22T09:00:00Z"];
    home.run(&[&["add", "https://c.example/", "--slug", "c", "--note", "Poster"], &day[..]].concat());
    let codes = |args: &[&str]| -> String {
        let lines = listed(&home, &[args, &day].concat());
        lines.iter().map(|line| line["code"].as_str().unwrap()).collect()
    };
    for (args, expected) in [
        (&[][..], "abc"),
        (&["--ended"], "b"),
        (&["--tag", "x"], "ab"),
        (&["--tag", "x", "--tag", "y"], "a"),
        (&["--account", "bluesky:acme"], "b"),
        (&["--campaign", "c"], "a"),
        (&["--since", "1d"], "c"),
        (&["--until", "1d"], "ab"),
        (&["ÄRGER"], "a"),
        (&["poster"], "c"),
        (&["nothing of it"], ""),
    ] {
        assert_eq!(codes(args), expected, "{args:?}");
    }
    assert_eq!(listed(&home, &["--tag", "y", "--clock", "2026-11-22"])[0]["ended"], Value::Null);
    assert_eq!(listed(&home, &["--ended", "--clock", "2026-11-22"])[0]["ended"], true);
    home.run(&[&["edit", "c", "--expires", "now"], &day[..]].concat());
    assert_eq!(codes(&["--ended"]), "bc");
}

#[test]
fn a_qr_code_is_a_whole_file_or_none() {
    let home = Home::new(CONFIG);
    code(&home.run(&["add", "https://a.example/x", "--slug", "x"]));
    let seen = |args: &[&str]| {
        let done = home.run(&[&["qr"], args].concat());
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{args:?}");
        String::from_utf8(done.bytes).unwrap()
    };
    home.file("x.SVG", "what was there before");
    assert!(seen(&["x"]).starts_with("<svg "), "SVG in a pipe");
    assert_eq!(seen(&["https://go.acme.example/X"]), seen(&["x", "-o", "-"]));
    assert_eq!(seen(&["x", "-o", "x.SVG", "--level", "q"]), "");
    assert!(std::fs::read_to_string(home.path("x.SVG")).unwrap().ends_with("</svg>\n"));
    assert_eq!(seen(&["https://b.example/any?x=1", "-o", "b.png", "--size", "300", "--margin", "2"]), "");
    let png = std::fs::read(home.path("b.png")).unwrap();
    assert_eq!((&png[..8], &png[16..24]), (&b"\x89PNG\r\n\x1a\n"[..], &[0, 0, 1, 44, 0, 0, 1, 44][..]));
    for (args, part) in [
        (&["nope"][..], "not a link of this store"),
        (&["https://go.acme.example/nope"], "not a link of this store"),
        (&["javascript://x"], "is not http"),
        (&["x", "-o", "x.gif"], ".svg or .png"),
        (&["x", "-o", "b.png", "--size", "21"], "modules wide"),
        (&["x", "-o", "missing/x.png"], "cannot write missing/x.png"),
        (&["x", "--level", "z"], "--level"),
    ] {
        let done = home.run(&[&["qr"], args].concat());
        assert_eq!(done.code, 2, "{args:?}");
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
    }
    assert_eq!(std::fs::read(home.path("b.png")).unwrap(), png, "what failed replaced nothing");
    let files = std::fs::read_dir(home.path("")).unwrap().filter_map(Result::ok);
    assert!(files.into_iter().all(|file| !file.file_name().to_string_lossy().contains("tmp")));
}

/// Answers each connection with the next of these and ends.
fn serve(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
        }
    });
    address
}

fn page(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn titles_are_asked_for_only_when_that_is_wanted() {
    let home = Home::new(CONFIG);
    let long = [b"<title>Late</title>".to_vec(), vec![b' '; 9 << 20]].concat();
    let answers = vec![
        page(
            "text/html; charset=koi8-r",
            b"<title>Shop</title><meta property='og:title' content='\xF0 &amp; Q'>",
        ),
        page("text/html", b"<h1>none</h1>"),
        page("image/png", b"<title>no</title>"),
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        page("text/html", &long),
        page("text/html", b"<title>Second</title>"),
    ];
    let site = serve(answers);
    let add = |path: &str| home.run(&["add", &format!("{site}/{path}"), "--fetch-title", "--allow-private"]);
    let first = code(&add("a"));
    assert_eq!(listed(&home, &[])[0]["title"], "П & Q");
    for (path, why) in [("b", "the page has none"), ("c", "image/png"), ("d", "answered 404"), ("e", "")] {
        let done = add(path);
        assert_eq!((done.code, done.err.lines().count()), (3, 1), "{path}: {}", done.err);
        assert!(done.err.contains("no title: ") && done.err.contains(why), "{}", done.err);
        assert_eq!(jsonl(&done.out).len(), 1, "the link is made all the same");
    }
    let edited = home.run(&["edit", &first, "--fetch-title", "--allow-private"]);
    assert_eq!(jsonl(&edited.out)[0]["new"], "Second", "{}", edited.err);
    let refused = home.run(&["edit", &first, "--fetch-title"]);
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (3, ""),
        "private addresses are refused: {}",
        refused.err
    );
}

#[test]
fn a_page_is_asked_for_its_title_only_where_a_link_may_lead() {
    let home = Home::new("[shorten]\ndomain = 'https://go.acme.example'\nblock_list = 'blocked'\n");
    home.file("blocked", "blocked.example\n");
    let to = |place: &str| {
        format!("HTTP/1.1 302 X\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .into_bytes()
    };
    let site = serve(vec![
        to("https://go.acme.example/k"),
        to("http://blocked.example/"),
        to("javascript:alert(1)"),
        to("/next"),
        page("text/html", b"<title>Next</title>"),
    ]);
    let add = |path: &str| home.run(&["add", &format!("{site}/{path}"), "--fetch-title", "--allow-private"]);
    for (path, why) in [("a", "our own short links"), ("b", "on the block list"), ("c", "not a web address")]
    {
        let done = add(path);
        assert_eq!(done.code, 3, "{path}: {}", done.err);
        assert!(done.err.contains(why), "{}", done.err);
    }
    assert_eq!(add("d").code, 0);
    assert!(listed(&home, &[]).iter().any(|link| link["title"] == "Next"));
}

#[test]
fn each_channel_has_its_template() {
    let home = Home::new(
        "[shorten]\ndomain = 'https://go.acme.example'\n[utm.social]\nfor = ['bluesky', 'mastodon']\nutm_source = '{network}'\nutm_medium = 'social'\n\
         [utm.mail]\nfor = ['webhook:letter']\nutm_source = '{name}'\nutm_medium = 'email'\nutm_content = '{language}'\n",
    );
    let input = json!({"id": "1", "url": "https://a.example/", "content_text": "x", "language": "de"});
    let accounts = "bluesky:acme,mastodon:acme,webhook:letter,file:drafts";
    let done = home.pipe(&["--for", accounts], format!("{input}\n"));
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let links = jsonl(&done.out)[0]["_cm_shorten"]["links"].clone();
    let queries: Vec<&str> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|link| {
            link["tagged_url"].as_str().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query)
        })
        .collect();
    assert_eq!(
        queries,
        [
            "utm_source=bluesky&utm_medium=social",
            "utm_source=mastodon&utm_medium=social",
            "utm_source=letter&utm_medium=email&utm_content=de",
            "",
        ]
    );
    let second = home.pipe(&["--for", accounts], &done.out);
    assert_eq!(second.out, done.out);
}

#[test]
fn many_links_are_made_in_the_order_that_suits_the_store_and_come_out_in_theirs() {
    let home = Home::new(CONFIG);
    let input: String = (0..40_000)
        .map(|i| format!("{}\n", json!({"id": i.to_string(), "url": format!("https://a.example/{}", i % 30_000), "content_text": "x", "title": i.to_string()})))
        .collect();
    let done = home.pipe(&[], &input);
    assert_eq!(done.code, 0, "{}", done.err);
    let lines = jsonl(&done.out);
    let mut codes = std::collections::HashMap::new();
    for (i, line) in lines.iter().enumerate() {
        assert_eq!(line["id"], i.to_string());
        let code = line["_cm_shorten"]["links"][0]["code"].as_str().unwrap().to_owned();
        assert_eq!(codes.entry(i % 30_000).or_insert(code.clone()), &code);
    }
    let links = listed(&home, &[]);
    assert_eq!(links.len(), 30_000);
    let first = links.iter().all(|link| {
        link["url"].as_str().unwrap().ends_with(&format!("/{}", link["title"].as_str().unwrap()))
    });
    assert!(first, "the first record of a link gives it its title");
    assert_eq!(home.pipe(&[], &done.out).out, done.out);
    let counted = Home::new("").pipe(&["--seq"], input.lines().take(3).collect::<Vec<_>>().join("\n"));
    let codes: Vec<Value> =
        jsonl(&counted.out).iter().map(|l| l["_cm_shorten"]["links"][0]["code"].clone()).collect();
    assert_eq!(codes, ["1", "2", "3"], "counted in the order in which they come");
}
