//! QUERY and FILE mixed up, and operators written by a slip: told in one line.

use crate::room::{Room, ids, item};
use std::fs;

const SEARCH: &str = "[[search]]\nname = \"beans\"\nquery = 'acme'\nmust_match = ['acme']\n";

fn room() -> Room {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme roast"));
    room.write("searches.toml", SEARCH);
    room
}

#[test]
fn a_check_of_a_query_is_refused() {
    let room = room();
    for (args, command) in [
        (&["--check", "searches.toml"][..], "searches.toml --check"),
        (&["--check", "none.toml"], "none.toml --check"),
        (&["--check", "acme or beans"], "searches.toml --check"),
        (&["--tag", "brand", "acme"], "searches.toml --tag brand"),
        (&["--only", "brand", "acme"], "searches.toml --only brand"),
        (&["--list", "searches.toml"], "searches.toml --list"),
    ] {
        let run = room.run(args, "");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert_eq!(run.err, format!("cm-scan: give the searches with -f: cm-scan -f {command}\n"));
    }
    room.write("cm.toml", "searches = \"searches.toml\"\n");
    assert!(!room.run(&["--check"], "").err.contains("give the searches"));
}

#[test]
fn a_slip_in_a_query_is_one_warning_and_changes_nothing() {
    let room = room();
    for query in [
        "acme or b or c",
        "acme NAER/3 b",
        "acme AN b",
        "acme Or b",
        "acme NEAR(3) b",
        "acme /5 b",
        "acme lang:german",
        "acme lang:de,fr",
        "acme kind:comments",
        "acme kind:coment",
    ] {
        let run = room.run(&[query, "items.jsonl"], "");
        assert_eq!((run.code, run.err.lines().count()), (0, 1), "{query}: {}", run.err);
        assert_eq!(room.run(&["-q", query, "items.jsonl"], "").err, "", "{query}");
    }
    let quiet = room.run(&["acme \"AN\" OR acme \"or\"", "items.jsonl"], "");
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
}

#[test]
fn a_query_where_a_file_stands_gets_a_hint() {
    let room = room();
    let run = room.run(&["-f", "searches.toml", "a -b", "items.jsonl"], "");
    assert_eq!((run.code, ids(&run.out)), (3, vec!["1".into()]));
    assert_eq!(run.err, "cm-scan: a -b: a QUERY does not go with -f\ncm-scan: a -b: no such file\n");
    let run = room.run(&["kaffee", "#zauber", "items.jsonl"], "");
    assert!(
        run.err.starts_with("cm-scan: quote the query: cm-scan 'kaffee #zauber' items.jsonl\n"),
        "{}",
        run.err
    );
    let run = room.run(&["kaffee", "zauber", "items.jsonl"], "");
    assert_eq!(run.err, "cm-scan: zauber: no such file\n");
}

#[test]
fn a_file_where_the_query_stands_gets_a_hint_that_works() {
    let room = room();
    let hint =
        |args: &[&str]| room.run(args, "").err.trim_end().rsplit("to read it: ").next().unwrap().to_owned();
    room.write("items", item("1", "acme roast"));
    assert_eq!(hint(&["--questions", "items"]), "cm-scan --questions '*' items");
    room.write("cm.toml", "searches = \"searches.toml\"\n");
    assert_eq!(hint(&["-c", "items.jsonl"]), "cm-scan -f searches.toml items.jsonl");
    assert_eq!(room.run(&["-c", "-f", "searches.toml", "items.jsonl"], "").err, "");
}

#[test]
fn what_cannot_be_read_so_is_told() {
    let room = room();
    fs::create_dir(room.path("empty")).unwrap();
    room.write("empty/notes.txt", "acme");
    for args in [&["--plain", "acme", "empty"][..], &["-c", "acme", "empty"]] {
        let run = room.run(args, "");
        assert_eq!((run.code, run.err.as_str()), (0, "cm-scan: empty: no *.jsonl in it\n"), "{args:?}");
    }
    for name in ["a.jsonl.gz", "a.jsonl.zst"] {
        room.write(name, "");
        let run = room.run(&["--follow", "acme", name], "");
        let wanted = format!("cm-scan: --follow takes a file that is not packed, and {name} is\n");
        assert_eq!((run.code, run.err), (2, wanted));
    }
}

#[test]
fn questions_of_a_file_need_no_query() {
    let room = Room::new();
    let asked = |id| item(id, "How do I descale my machine?");
    room.write("items.jsonl", asked("1") + &asked("2"));
    let with = room.run(&["--questions", "*", "items.jsonl"], "");
    let without = room.run(&["--questions", "items.jsonl"], "");
    assert_eq!((without.code, without.out.lines().count(), without.err.as_str()), (0, 1, ""));
    assert_eq!(without.out, with.out);
    // A word that is no file is a query as ever.
    let query = room.run(&["--questions", "none.jsonl"], asked("1") + &asked("2"));
    assert_eq!((query.code, query.out.as_str()), (0, ""));
}

#[test]
fn what_holds_no_records_is_told_once_what_it_seems_to_be() {
    let room = Room::new();
    room.write("feed.xml", "<rss>\n<channel/></rss>\n");
    room.write("b.json", "[{\"id\":\"1\",\"content_text\":\"acme\"}]\n");
    let run = room.run(&["acme", "feed.xml", "b.json"], "");
    assert_eq!(run.code, 3);
    let hints: Vec<_> = run.err.lines().filter(|line| line.contains("not records")).collect();
    assert_eq!(
        hints,
        ["cm-scan: feed.xml is a feed or a page, not records: cm-fetch feed.xml | cm-scan ..."]
    );
    let run = room.run(&["acme"], item("1", "acme") + "torn\n");
    assert_eq!((run.code, run.err.lines().count()), (3, 2), "only of a first line: {}", run.err);
}
