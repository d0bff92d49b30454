//! cm-shorten as a black box: the filter, plain text, the commands. `serve` has tests/serve.rs.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod home;

use home::{Home, jsonl, run};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;

const SOCIAL: &str = "[shorten]\ndomain = 'https://go.acme.example'\n\
    [utm.social]\nutm_source = '{network}'\nutm_medium = 'social'\nutm_campaign = '{campaign}'\n";
const DRAFT: &str = r#"{"id":"urn:cm:draft:b34d3a11e598ef37fd85ab6e80ee759f","content_text":"Sorry Ana, fixed now: https://acme.example/shop?id=7","language":"en","_cm":{"version":1,"kind":"reply","draft":true,"in_reply_to":"https://fosstodon.example/users/ana/statuses/113012345678901234","parent":{"id":"https://fosstodon.example/users/ana/statuses/113012345678901234","account":"mastodon:acme","native":{"status":"113012345678901234"}},"audience":"public"}}"#;

fn record(url: &str) -> String {
    json!({"id": "1", "url": url, "title": "T", "content_text": "x"}).to_string() + "\n"
}

#[test]
fn a_draft_gets_the_documented_part() {
    let home = Home::new(SOCIAL);
    let done =
        home.pipe(&["--for", "mastodon:acme", "--clock", "2026-08-22T09:31:00Z"], format!("{DRAFT}\n"));
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let part = &jsonl(&done.out)[0]["_cm_shorten"];
    let code = part["links"][0]["code"].as_str().unwrap();
    assert_eq!(code.len(), 6);
    let expected = format!(
        r#"{},"_cm_shorten":{{"at":"2026-08-22T09:31:00Z","links":[{{"url":"https://acme.example/shop?id=7","clean_url":"https://acme.example/shop?id=7","tagged_url":"https://acme.example/shop?id=7&utm_source=mastodon&utm_medium=social","short_url":"https://go.acme.example/{code}","code":"{code}","account":"mastodon:acme"}}]}}}}"#,
        DRAFT.strip_suffix('}').unwrap()
    );
    assert_eq!(done.out, expected + "\n");
}

#[test]
fn a_second_pass_changes_no_byte_and_makes_no_link() {
    let home = Home::new(SOCIAL);
    let odd = "\u{feff}{ \"id\":\"1\" ,\"url\":\"https:\\/\\/a.example\\/x?utm_source=n\",\"n\":123456789012345678901234567890,\
               \"e\":1E5,\"s\":\"\\ud800\",\"content_text\":\"\\u0041\" }\r\n";
    let input = odd.to_owned() + &record("https://b.example/") + DRAFT + "\n";
    for args in [
        &["--for", "mastodon:acme,bluesky:acme", "--campaign", "Spring 26"][..],
        &["--backend", "none"],
        &["--hash"],
    ] {
        let first = home.pipe(args, &input);
        assert_eq!((first.code, first.err.as_str()), (0, ""), "{args:?}");
        let links = home.run(&["list"]).out.lines().count();
        let second = home.pipe(&[args, &["--clock", "2027-01-01"]].concat(), &first.out);
        assert_eq!(second.out, first.out);
        assert_eq!(home.run(&["list"]).out.lines().count(), links, "{args:?}");
        for (before, after) in input.split('\n').zip(first.out.split('\n')) {
            let own = before.trim_end_matches(['\r', ' ', '}']);
            assert!(after.starts_with(own), "{after}");
        }
        assert!(first.out.split('\n').next().unwrap().ends_with(" }\r"));
    }
}

#[test]
fn one_link_per_account_campaign_and_page() {
    let home = Home::new(SOCIAL);
    let input = record("https://a.example/p?fbclid=1") + &record("https://A.example:443/p");
    let links = |args: &[&str]| -> Vec<String> {
        let done = home.pipe(args, &input);
        assert_eq!(done.code, 0, "{}", done.err);
        let parts = jsonl(&done.out);
        parts
            .iter()
            .flat_map(|r| r["_cm_shorten"]["links"].as_array().unwrap().clone())
            .map(|l| l["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let plain = links(&[]);
    assert_eq!(plain[0], plain[1], "two spellings of a page are one link");
    let places =
        home.pipe(&["--plain"], "https://b.example/p#one https://b.example/p#two https://b.example/p#one");
    let places: Vec<&str> = places.out.split(' ').collect();
    assert!(places[0] == places[2] && places[0] != places[1], "{places:?}");
    let both = links(&["--for", "mastodon:acme,bluesky:acme"]);
    assert_eq!((both[0] == both[2], both[1] == both[3], both[0] == both[1]), (true, true, false));
    let campaign = links(&["--for", "mastodon:acme", "--campaign", "c"]);
    let untagged = links(&["--for", "mastodon:acme", "--utm", "none"]);
    let all: HashSet<&String> = [&plain[0], &both[0], &both[1], &campaign[0], &untagged[0]].into();
    assert_eq!(all.len(), 5);
    let listed = jsonl(&home.run(&["list"]).out);
    assert_eq!(listed.len(), 7);
    assert_eq!(listed[0]["url"], "https://a.example/p");
    assert_eq!(
        (&listed[0]["title"], &listed[0]["clicks"]),
        (&json!("T"), &json!({"human": 0, "preview": 0, "bot": 0}))
    );
}

#[test]
fn fields_and_templates_decide_what_is_looked_at_and_tagged() {
    let home = Home::new(
        "[shorten]\ndomain = 'https://go.acme.example'\ndefault_utm = 'a'\n[utm.a]\nutm_term = '{title} {date} {kind} {source} {account}'\n[utm.b]\nexisting = 'keep'\nutm_source = 'b'\n",
    );
    let input = json!({"id": "1", "url": "https://a.example/?utm_source=old&x=1", "title": "T & U", "date_published": "2026-11-22T23:30:00-02:00",
        "content_text": "and https://b.example/.", "_cm": {"version": 1, "kind": "note", "source": "s"}});
    let tagged = |args: &[&str]| {
        let done = home.pipe(args, format!("{input}\n"));
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{args:?}");
        let links = jsonl(&done.out)[0]["_cm_shorten"]["links"].clone();
        links
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["tagged_url"].as_str().unwrap_or("-").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        tagged(&["--for", "x:y"]),
        ["https://a.example/?x=1&utm_term=T%20%26%20U%202026-11-23%20note%20s%20x%3Ay"]
    );
    assert_eq!(tagged(&["--utm", "b"]), ["https://a.example/?x=1&utm_source=old"]);
    assert_eq!(tagged(&["--utm", "b", "--existing-utm", "replace"]), ["https://a.example/?x=1&utm_source=b"]);
    assert_eq!(
        tagged(&["--utm", "b", "--fields", "url,content_text"]),
        ["https://a.example/?x=1&utm_source=old", "https://b.example/?utm_source=b"]
    );
    assert_eq!(tagged(&[]), ["-"], "without --for and --utm nothing is tagged");
}

#[test]
fn what_is_refused_stays_and_the_rest_goes_on() {
    let home = Home::new(SOCIAL);
    let bad = [
        "javascript:alert(1)",
        "https://u:secret@a.example/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost:3000/x",
    ];
    let long = format!("https://a.example/{}", "x".repeat(100_000));
    for url in bad.into_iter().chain([long.as_str(), "https://a.example/\r\nSet-Cookie: x", "not an address"])
    {
        let input = record(url) + &record("https://a.example/");
        let done = home.pipe(&[], &input);
        assert_eq!(done.code, 3, "{url}");
        assert_eq!(done.err.lines().count(), 1, "{}", done.err);
        assert!(done.err.starts_with("cm-shorten: stdin:1: ") && done.err.len() < 500, "{}", done.err);
        assert!(!done.err.contains("secret"), "{}", done.err);
        let lines: Vec<&str> = done.out.lines().collect();
        assert_eq!(lines[0], record(url).trim_end());
        assert!(lines[1].contains("\"short_url\""));
        assert_eq!(home.pipe(&["--strict"], &input).code, 2);
    }
    assert_eq!(home.pipe(&["--allow-private"], record("http://localhost:3000/x")).code, 0);
    let short = home.pipe(&[], record("https://go.acme.example/abc"));
    assert_eq!((short.code, short.out), (0, record("https://go.acme.example/abc")), "short links pass");
}

#[test]
fn a_part_that_no_longer_holds_goes() {
    let home = Home::new("");
    let stale =
        r#"{"id":"1","content_text":"x","_cm_shorten":{"at":"2026-01-01T00:00:00Z","links":[]},"z":1}"#;
    assert_eq!(
        home.pipe(&["--backend", "none"], format!("{stale}\n")).out,
        "{\"id\":\"1\",\"content_text\":\"x\",\"z\":1}\n"
    );
}

#[test]
fn bad_lines_and_higher_versions() {
    let home = Home::new("");
    let future =
        r#"{"id":"1","url":"https://a.example/?utm_source=x","content_text":"x","_cm":{"version":2}}"#;
    let done = home.pipe(
        &["--backend", "none"],
        format!("nonsense\n{future}\n\n{{\"id\":\"2\",\"content_text\":\"x\",\"_cm\":7}}\n"),
    );
    assert_eq!((done.code, done.out), (3, format!("{future}\n")));
    assert!(
        done.err.contains("stdin:1: ")
            && done.err.contains("stdin:4: ")
            && done.err.contains("skipped 2 of 3 lines"),
        "{}",
        done.err
    );
    let there = home.file("there.jsonl", "");
    for plain in [&["--backend", "none"][..], &["--backend", "none", "--plain"]] {
        for (files, code) in [(&["missing.jsonl"][..], 2), (&["missing.jsonl", &there], 3)] {
            let missing = home.run(&[plain, files].concat());
            assert_eq!(missing.code, code, "{}", missing.err);
            assert!(missing.err.contains("missing.jsonl: no such file"), "{}", missing.err);
        }
    }
}

#[test]
fn usage_that_makes_no_sense_is_told_in_a_line() {
    let home = Home::new(SOCIAL);
    for (args, part) in [
        (&["--backend", "yourls:blog"][..], "no [shorteners.\"yourls:blog\"]"),
        (&["--backend", "x"], "embedded, none, or KIND:NAME"),
        (&["--utm", "nope"], "no [utm.nope]"),
        (&["--for", "bluesky"], "NETWORK:NAME"),
        (&["--plain", "--for", "a:b,c:d"], "one account"),
        (&["--campaign", "x", "list"], "do not go with a subcommand"),
        (&["add", "https://a.example/", "--slug", "A/b"], "not '/'"),
        (&["add", "https://a.example/", "--slug", "Wi nter"], "no blank"),
        (&["add", "https://a.example/", "--slug", "Winter"], "lower case"),
        (&["add", "ftp://a.example/"], "ftp: is not http"),
        (&["add", "https://go.acme.example/x"], "our own short links"),
        (&["add", "https://a.example/", "--expires", "2020-01-01"], "is past"),
        (&["stats", "nope"], "not a link of this store"),
        (&["clicks", "--since", "soon"], "--since"),
        (&["https://a.example/"], "cm-shorten add"),
    ] {
        let done = home.pipe(args, "");
        assert_eq!(done.code, 2, "{args:?}: {}", done.err);
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
    }
    let broken = Home::new("[shorten]\ndomian = 'x'\n");
    assert!(broken.pipe(&[], "").err.contains("did you mean \"domain\""));
}

#[test]
fn plain_text_changes_in_its_links_only() {
    let home = Home::new(SOCIAL);
    let text: &[u8] = b"\xff\xfe see (https://a.example/x?utm_source=y), \xe2\x82\nhttps://go.acme.example/abc \x00 https://b.example/%zz\r\n http://127.0.0.1/ end";
    let done = home.pipe(&["--plain", "--backend", "none"], text);
    assert_eq!(done.code, 3);
    assert_eq!(
        done.err.trim_end(),
        "cm-shorten: stdin:3: http://127.0.0.1/ is not shortened: 127.0.0.1 is not on the public internet (--allow-private if that is meant)"
    );
    let expected = b"\xff\xfe see (https://a.example/x), \xe2\x82\nhttps://go.acme.example/abc \x00 https://b.example/%zz\r\n http://127.0.0.1/ end";
    assert_eq!(done.bytes, expected);
    let first = home.pipe(&["--plain", "--for", "mastodon:acme"], "Go: https://a.example/x!\n");
    assert!(
        first.out.starts_with("Go: https://go.acme.example/") && first.out.ends_with("!\n"),
        "{}",
        first.out
    );
    assert_eq!(home.pipe(&["--plain", "--for", "mastodon:acme"], &first.out).out, first.out);
    let code = first.out.trim_end().rsplit('/').next().unwrap().trim_end_matches('!');
    let expanded = jsonl(&home.run(&["expand", code]).out);
    assert_eq!(expanded[0]["url"], "https://a.example/x?utm_source=mastodon&utm_medium=social");
}

#[test]
fn plain_text_of_any_size_passes() {
    let home = Home::new("");
    let endless = "x".repeat(3 << 20) + " https://a.example/?fbclid=1 " + &"é".repeat(1 << 20);
    let done = home.pipe(&["--plain", "--backend", "none"], &endless);
    assert!(done.code == 0 && done.out == endless.replace("?fbclid=1", ""));
    // A document of one line without any blank, cut somewhere in its many links.
    let json: String = (0..80_000).map(|i| format!("\"https://a.example/{i}?fbclid=1\",")).collect();
    let done = home.pipe(&["--plain", "--backend", "none"], &json);
    assert!(done.code == 0 && done.out == json.replace("?fbclid=1", ""));
}

#[test]
fn added_links_have_codes_and_ends_of_their_own() {
    let home = Home::new(SOCIAL);
    let add = |args: &[&str]| home.run(&[&["add", "https://a.example/sale"], args].concat());
    let named = add(&["--slug", "sale", "--title", "Sale"]);
    assert_eq!(jsonl(&named.out)[0]["short_url"], "https://go.acme.example/sale", "{}", named.err);
    assert_eq!(add(&["--slug", "sale"]).code, 0, "adding the same again is no failure");
    assert!(add(&["--slug", "sale", "--max-clicks", "1"]).err.contains("another end"));
    let taken = home.run(&["add", "https://b.example/", "--slug", "sale"]);
    assert_eq!(taken.code, 2);
    assert!(taken.err.contains("it leads to https://a.example/sale"), "{}", taken.err);
    let code = |done: home::Done| jsonl(&done.out)[0]["code"].as_str().unwrap().to_owned();
    assert_eq!(code(add(&[])), code(add(&[])), "the same link once");
    assert_ne!(
        code(add(&["--max-clicks", "1"])),
        code(add(&["--max-clicks", "1"])),
        "links with an end are apart"
    );
    let filtered = home.pipe(&[], record("https://a.example/sale"));
    assert_eq!(jsonl(&filtered.out)[0]["_cm_shorten"]["links"][0]["code"], code(add(&[])).as_str());
    assert_eq!(
        jsonl(
            &home
                .run(&[
                    "expand",
                    "https://go.acme.example/sale",
                    "https://l.facebook.com/l.php?u=https%3A%2F%2Fc.example%2F"
                ])
                .out
        )[1]["url"],
        "https://c.example/"
    );
    let typed = home.run(&["add", "https://a.example/", "--slug", "oil-sale"]);
    assert_eq!(
        jsonl(&home.run(&["expand", "OIL-Sale"]).out)[0]["url"],
        "https://a.example/",
        "{}",
        typed.err
    );
    let unknown = home.run(&["expand", "nope"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (3, ""));
}

#[test]
fn without_a_domain_links_lead_to_where_the_server_listens() {
    for (config, begin) in
        [("", "http://127.0.0.1:8087/"), ("[shorten]\nlisten = 'localhost:9000'\n", "http://localhost:9000/")]
    {
        let home = Home::new(config);
        let made = home.run(&["add", "https://a.example/"]);
        assert!(jsonl(&made.out)[0]["short_url"].as_str().unwrap().starts_with(begin), "{}", made.err);
        for done in [made, home.pipe(&[], record("https://a.example/1").repeat(2))] {
            assert!(done.code == 0 && done.err.contains("only this machine reaches"), "{}", done.err);
            assert_eq!(done.err.lines().count(), 1, "once a run: {}", done.err);
        }
        for quiet in
            [&["add", "https://a.example/", "-q"][..], &["add", "https://a.example/", "--backend", "none"]]
        {
            assert_eq!(home.run(quiet).err, "");
        }
    }
    let named = Home::new("[shorten]\ndomain = 'http://127.0.0.1:8087'\n");
    assert_eq!(named.run(&["add", "https://a.example/"]).err, "", "who names it knows it");
}

#[test]
fn where_the_server_listens_is_checked_wherever_it_is_written() {
    for listen in ["8087", "nowhere at all"] {
        let home = Home::new(&format!("[shorten]\nlisten = '{listen}'\n"));
        for args in [&["add", "https://a.example/"][..], &["serve"]] {
            let done = home.run(args);
            assert_eq!((done.code, done.out.as_str()), (2, ""), "{args:?} {}", done.err);
            assert!(
                done.err.contains("is not HOST:PORT, such as \"127.0.0.1:8087\""),
                "{args:?}: {}",
                done.err
            );
        }
        let done = Home::new("").run(&["serve", "--listen", listen]);
        assert!(done.code == 2 && done.err.contains("is not HOST:PORT"), "{}", done.err);
    }
}

#[test]
fn looking_where_nothing_is_finds_nothing() {
    let home = Home::new("");
    for look in ["list", "clicks"] {
        let done = home.run(&[look]);
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "", ""), "{look}");
    }
    assert!(!home.path("state").exists(), "and makes no store");
}

#[test]
fn derived_codes_are_the_same_in_every_store() {
    let code = || {
        let done = Home::new(SOCIAL).pipe(&["--hash"], record("https://a.example/"));
        jsonl(&done.out)[0]["_cm_shorten"]["links"][0]["code"].clone()
    };
    assert_eq!(code(), code());
}

#[test]
fn explain_tells_what_was_done_and_why() {
    let home = Home::new("");
    let done = home.run(&["explain", "https://a.example/?utm_source=x&b=1", "http://10.0.0.1/"]);
    let lines = jsonl(&done.out);
    assert_eq!(
        (&lines[0]["clean_url"], &lines[0]["key"]),
        (&json!("https://a.example/?b=1"), &json!("https://a.example/?b=1"))
    );
    assert_eq!(lines[0]["removed"][0]["name"], "utm_source");
    assert!(lines[0]["removed"][0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    assert!(
        lines[0].get("refused").is_none()
            && lines[1]["refused"].as_str().unwrap().contains("public internet")
    );
    let piped = home.pipe(&["explain"], b"\xff a https://a.example/1. and\nhttps://b.example/2");
    let urls: Vec<Value> = jsonl(&piped.out).into_iter().map(|line| line["url"].clone()).collect();
    assert_eq!(urls, ["https://a.example/1", "https://b.example/2"]);
}

#[test]
fn many_links_and_two_writers_at_once_make_each_link_once() {
    let home = Home::new(SOCIAL);
    let input: String = (0..3000).map(|i| record(&format!("https://a.example/{}", i % 2500))).collect();
    let outputs: Vec<String> = std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..2).map(|_| scope.spawn(|| home.pipe(&[], &input))).collect();
        jobs.into_iter()
            .map(|job| job.join().unwrap())
            .map(|done| {
                assert_eq!((done.code, done.err.as_str()), (0, ""));
                done.out
            })
            .collect()
    });
    let codes = |out: &str| -> Vec<String> {
        jsonl(out).iter().map(|r| r["_cm_shorten"]["links"][0]["code"].as_str().unwrap().to_owned()).collect()
    };
    let (one, two) = (codes(&outputs[0]), codes(&outputs[1]));
    assert_eq!((one.len(), &one), (3000, &two));
    let listed: HashSet<String> =
        jsonl(&home.run(&["list"]).out).iter().map(|l| l["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, one.into_iter().collect());
    assert_eq!(listed.len(), 2500);
}

#[test]
fn a_record_comes_out_while_the_input_stays_open() {
    use std::io::{BufRead, BufReader, Write};
    let home = Home::new("");
    let mut child = home
        .command(&[])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for i in 0..3 {
        input.write_all(record(&format!("https://a.example/{i}")).as_bytes()).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains("short_url"), "{line}");
        // Durable before it was handed out: another process sees it at once.
        assert_eq!(home.run(&["list"]).out.lines().count(), i + 1);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let home = Home::new("");
    let input: String = (0..20_000).map(|i| record(&format!("https://a.example/{i}"))).collect();
    let file = home.file("in.jsonl", &input);
    let mut child = home
        .command(&["--backend", "none", &file])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn help_begins_with_an_example_and_names_the_commands() {
    let home = Home::new("");
    let help = home.run(&["-h"]).out;
    assert!(help.starts_with("Example:\n"), "{help}");
    let long = home.run(&["--help"]).out;
    assert!(
        ["  add ", "  edit ", "  serve ", "  check "].iter().all(|command| long.contains(command)),
        "{long}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_bytes_end_in_a_documented_code(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let home = Home::new("");
        let plain = run(home.command(&["--plain", "--backend", "none"]), &bytes);
        prop_assert!(matches!(plain.code, 0 | 3));
        let records = run(home.command(&["--backend", "none"]), &bytes);
        prop_assert!(matches!(records.code, 0 | 3), "{}", records.err);
    }
}
