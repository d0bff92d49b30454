//! cm-scan as a black box.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod hostile;
mod language;
mod mixup;
mod prompt;
mod reasons;
mod room;
mod saved;
mod streams;

use room::{Room, Run, ids, item};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cm-record/tests/golden/v1");
const SEARCHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/searches.toml");

fn golden(name: &str) -> String {
    fs::read_to_string(Path::new(GOLDEN).join(name)).unwrap()
}

#[test]
fn the_documented_record_comes_out_to_the_byte() {
    let room = Room::new();
    room.write(
        "searches.toml",
        "[[search]]\nname = \"brand/acme-roast\"\nquery = '\"acme roast\" OR #acmeroast'\n\
         [[search]]\nname = \"alert/checkout-broken\"\nquery = '\"checkout is broken\"'\n",
    );
    let once = room.run(&["-f", "searches.toml"], golden("1-fetch.jsonl"));
    assert_eq!((once.code, once.err.as_str()), (0, ""));
    assert_eq!(once.out, golden("2-scan.jsonl"));
    let twice = room.run(&["-f", "searches.toml", "--threads", "3"], &once.out);
    assert_eq!(twice.out, once.out);
    room.write("cm.toml", "searches = \"searches.toml\"\n");
    assert_eq!(room.run(&[], golden("1-fetch.jsonl")).out, once.out);
    let all = room.run(&["--all", "nothing-of-this"], &once.out);
    assert_eq!(all.out, golden("1-fetch.jsonl"), "a part that no longer holds is taken out");
}

#[test]
fn what_is_not_touched_keeps_every_byte() {
    let room = Room::new();
    let deep = format!(
        "{{\"id\":\"d\",\"content_text\":\"\",\"x\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let odd = r#"{"id":"1","content_text":"","n":123456789012345678901234567890,"e":1E5,"u":"\ud800\u0041\/" , "z":1.10 }"#;
    let input = format!("\u{feff}{odd}\r\n{deep}\n {}\n", item("2", "x").trim_end());
    let run = room.run(&["--all", "roast"], &input);
    assert_eq!((run.code, run.out == input, run.err.as_str()), (0, true, ""));
    let matched = room.run(&["--all", "x"], &input);
    assert_eq!(room.run(&["--all", "x"], &matched.out).out, matched.out);
    assert_eq!(room.run(&["--all", "roast"], &matched.out).out, input);
}

#[test]
fn bad_lines_are_told_and_the_rest_goes_on() {
    let room = Room::new();
    let input = [item("1", "acme").as_bytes(), b"\xFF\x00\n{\n", item("2", "acme").as_bytes()].concat();
    let run = room.run(&["acme"], input);
    assert_eq!((run.code, ids(&run.out)), (3, vec!["1".into(), "2".into()]));
    assert_eq!(
        run.err,
        "cm-scan: stdin:2: not UTF-8\n\
         cm-scan: stdin:3: not one JSON object: expected a name in quotes at its end, byte 2\n\
         cm-scan: skipped 2 of 4 lines\n"
    );
    let empty = room.run(&["acme"], "");
    assert_eq!((empty.code, empty.out.as_str(), empty.err.as_str()), (0, "", ""));
    let missing = room.run(&["acme", "none.jsonl"], "");
    assert_eq!((missing.code, missing.err.as_str()), (2, "cm-scan: none.jsonl: no such file\n"));
}

#[test]
fn a_line_without_end_is_not_kept() {
    let room = Room::new();
    let long =
        format!("{}{}{}", item("1", "acme"), "x".repeat(60 << 20), "\n".to_owned() + &item("2", "acme"));
    let run = room.run(&["--max-line", "1M", "acme"], long);
    assert_eq!((run.code, ids(&run.out)), (3, vec!["1".into(), "2".into()]));
    assert!(
        run.err.starts_with("cm-scan: stdin:2: longer than 1048576 bytes (raise --max-line)\n"),
        "{}",
        run.err
    );
}

#[test]
fn mistakes_in_a_query_name_the_column() {
    let room = Room::new();
    let run = room.run(&["acme titel:roast"], "");
    assert_eq!(run.code, 2);
    assert_eq!(run.err, "cm-scan: the query, column 6: unknown field \"titel\" (did you mean \"title\"?)\n");
    room.write("s.toml", "[[search]]\nname = \"a\"\nquery = 'a OR'\n");
    let run = room.run(&["-f", "s.toml"], "");
    assert_eq!(run.err, "cm-scan: s.toml:3:14: the query of \"a\": something is missing at the end\n");
    let run = room.run(&[], "");
    assert_eq!(
        (run.code, run.err.as_str()),
        (2, "cm-scan: no query: give one, or -f SEARCHES, or set searches in cm.toml\n")
    );
}

#[test]
fn threads_keep_the_order() {
    let room = Room::new();
    let input: String =
        (0..5000).map(|i| item(&i.to_string(), if i % 3 == 0 { "acme" } else { "roast" })).collect();
    let one = room.run(&["--all", "acme"], &input);
    let four = room.run(&["--all", "--threads", "4", "acme"], &input);
    assert_eq!(ids(&one.out), (0..5000).map(|i| i.to_string()).collect::<Vec<_>>());
    assert!(one.out == four.out);
}

#[test]
fn since_and_until_go_by_the_clock_given() {
    let room = Room::new();
    let dated =
        |id: &str, date: &str| item(id, "acme").replace('}', &format!(",\"date_published\":\"{date}\"}}"));
    let input = dated("old", "2026-11-19T10:00:00Z")
        + &dated("new", "2026-11-20T09:00:00Z")
        + &item("undated", "acme");
    let clock = ["--clock", "2026-11-20T10:00:00Z"];
    let since = room.run(&[&clock[..], &["--since", "3h", "acme"]].concat(), &input);
    assert_eq!(ids(&since.out), ["new", "undated"]);
    let until = room.run(&[&clock[..], &["--until", "2026-11-20T09:00:00Z", "acme"]].concat(), &input);
    assert_eq!(ids(&until.out), ["old", "undated"]);
    assert_eq!(room.run(&["--since", "someday", "acme"], &input).code, 2);
}

#[test]
fn lockstep_answers_line_for_line() {
    let room = Room::new();
    let mut child = room.command(&["--lockstep", "--max-line", "100", "acme"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ask = |line: &str| {
        writeln!(stdin, "{line}").unwrap();
        stdout.next().unwrap().unwrap()
    };
    let none = r#"{"id":"1","content_text":"x"}"#;
    assert!(ask(item("1", "acme").trim_end()).contains("\"matches\":[{"));
    assert_eq!(ask(none), none.replace('}', ",\"_cm_scan\":{\"matches\":[]}}"));
    assert_eq!(ask("{bad"), "{bad");
    assert_eq!(ask(""), "");
    assert_eq!(ask(" \t"), " \t");
    assert_eq!(ask(&"x".repeat(200)), "");
    drop(stdin);
    assert_eq!(Run::from(child.wait_with_output().unwrap()).code, 3);
}

#[test]
fn a_growing_file_is_followed() {
    let room = Room::new();
    let file = room.write("items.jsonl", item("1", "acme") + &item("2", "other"));
    let mut child = room.command(&["--follow", "acme", "items.jsonl"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || ids(&stdout.next().unwrap().unwrap())[0].clone();
    assert_eq!(next(), "1");
    let torn = item("3", "acme");
    let mut growing = fs::OpenOptions::new().append(true).open(&file).unwrap();
    growing.write_all(&torn.as_bytes()[..10]).unwrap();
    growing.write_all(&torn.as_bytes()[10..]).unwrap();
    assert_eq!(next(), "3");
    fs::rename(room.write("new", item("4", "acme")), &file).unwrap();
    assert_eq!(next(), "4");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(room.run(&["--follow", "acme", "."], "").code, 2);
    assert_eq!(
        room.run(&["--follow", "--count", "acme", "items.jsonl"], "").code,
        2,
        "there is no end to count at"
    );
}

#[test]
fn plain_text_comes_out_as_it_came() {
    let room = Room::new();
    let input = b"An Acme day\r\n\xFFacme\xFF\nnothing\n#acme".to_vec();
    let mut child = room.command(&["--plain", "acme"]).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"An Acme day\r\n\xFFacme\xFF\n#acme\n");
    assert_eq!(room.run(&["--plain", "-c", "#acme"], &input).out, "{\"count\":1,\"query\":\"#acme\"}\n");
    let painted = room.run(&["--plain", "--color", "always", "\"acme day\" OR day"], &input).out;
    assert_eq!(painted, "An \u{1b}[1;31mAcme day\u{1b}[0m\r\n");
}

#[test]
fn the_sentences_of_the_example_hold() {
    let room = Room::new();
    let run = room.run(&["-f", SEARCHES, "--check"], "");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.lines().count() >= 6);
    for line in run.out.lines() {
        let checked: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(checked["result"], "ok", "{line}");
    }
    room.write(
        "s.toml",
        "[[search]]\nname = \"a\"\nquery = 'acme'\nmust_match = [\"roast\"]\nmust_miss = [\"Acme\"]\n",
    );
    let run = room.run(&["-f", "s.toml", "--check"], "");
    assert_eq!(run.code, 1);
    let failures = r#""failures":["misses \"roast\": acme is not there","matches \"Acme\": acme is there"]"#;
    assert!(run.out.contains(failures), "{}", run.out);
}

#[test]
fn records_of_a_later_version_pass_untouched() {
    let room = Room::new();
    let later = item("1", "acme").replace('}', ",\"_cm\":{\"version\":2}}");
    let run = room.run(&["acme"], &later);
    assert_eq!((run.code, run.out), (3, later.clone()));
    let run = room.run(&["--strict", "acme"], item("0", "acme") + &later);
    assert_eq!((run.code, ids(&run.out)), (2, vec!["0".into()]), "what stood before it came out");
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused_politely() {
    use std::os::unix::ffi::OsStrExt;
    let room = Room::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xFF");
    for more in [&[][..], &["--bogus"]] {
        let run = Run::from(room.command(&[]).arg(odd).args(more).output().unwrap());
        assert_eq!((run.code, run.err.starts_with("cm-scan: ")), (2, true), "{}", run.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_would_feed_itself_is_refused() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    for (input, output, code) in [("items.jsonl", "items.jsonl", 2), (".", "hits.jsonl", 2), (".", "hits", 0)]
    {
        let file = fs::OpenOptions::new().append(true).create(true).open(room.path(output)).unwrap();
        let run = Run::from(room.command(&["acme", input]).stdout(file).output().unwrap());
        assert_eq!((run.code, run.err.contains("the output is read too")), (code, code == 2), "{}", run.err);
    }
    assert_eq!(fs::read_to_string(room.path("items.jsonl")).unwrap(), item("1", "acme"));
}

#[test]
fn a_reject_file_is_made_elsewhere_or_refused() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    for more in [&[][..], &["--follow"]] {
        for (file, why) in [("none/bad", "cannot write --reject none/bad: "), ("items.jsonl", "is read too")]
        {
            let run = room.run(&[more, &["--reject", file, "acme", "items.jsonl"]].concat(), "");
            assert_eq!((run.code, run.err.contains(why)), (2, true), "{}", run.err);
        }
    }
    assert_eq!(fs::read_to_string(room.path("items.jsonl")).unwrap(), item("1", "acme"), "nothing is lost");
}
