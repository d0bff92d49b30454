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
    assert_eq!(hint(&["--questions", "items.jsonl"]), "cm-scan --questions '*' items.jsonl");
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
