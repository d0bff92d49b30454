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
fn a_file_of_items_is_read_with_the_searches_of_cm_toml_that_are_chosen() {
    let room = room();
    room.write("searches.toml", "[[search]]\nname = \"beans\"\ntags = [\"brand\"]\nquery = 'acme'\n");
    room.write("searches.jsonl", "{\"name\":\"beans\",\"query\":\"acme\"}\n");
    // Without cm.toml the hint is what works.
    for choice in [["--tag", "brand"], ["--only", "beans"]] {
        let run = room.run(&[choice[0], choice[1], "items.jsonl"], "");
        let [option, name] = choice;
        let wanted = format!(
            "cm-scan: give the searches with -f: cm-scan -f searches.toml {option} {name} items.jsonl\n"
        );
        assert_eq!((run.code, run.err), (2, wanted));
        let hint = room.run(&["-f", "searches.toml", option, name, "items.jsonl"], "");
        assert_eq!((hint.code, ids(&hint.out)), (0, vec!["1".into()]));
        let saved = room.run(&[option, name, "searches.jsonl"], "");
        assert!(
            saved.err.ends_with(&format!("cm-scan -f searches.jsonl {option} {name}\n")),
            "{}",
            saved.err
        );
    }
    room.write("cm.toml", "searches = \"searches.toml\"\n");
    for args in [
        &["--tag", "brand", "items.jsonl"][..],
        &["--only", "beans", "items.jsonl"],
        &["--tag", "brand", "-"],
    ] {
        let run = room.run(args, item("1", "acme roast"));
        assert_eq!((run.code, run.err.as_str(), ids(&run.out)), (0, "", vec!["1".into()]), "{args:?}");
    }
    // Questions too are those of the items that the chosen searches find.
    room.write("q.jsonl", ["1", "2"].map(|id| item(id, "How do I descale my machine?")).concat());
    for (args, count) in [(&["q.jsonl"][..], 1), (&["--only", "beans", "q.jsonl"], 0)] {
        let run = room.run(&[&["--questions"], args].concat(), "");
        assert_eq!((run.code, run.out.lines().count()), (0, count), "{args:?}: {}", run.err);
    }
    let two = room.run(&["--tag", "brand", "items.jsonl", "items.jsonl"], "");
    assert_eq!((two.code, ids(&two.out).len()), (0, 2));
    for (args, wanted) in [
        (&["--tag", "brand", "none.jsonl"][..], "none.jsonl: no such file"),
        (
            &["--tag", "brand", "none.txt"],
            "none.txt: no such file, and a QUERY does not go with --tag brand: cm-scan --tag brand FILE",
        ),
        (
            &["--only", "beans", "old/none"],
            "old/none: no such file, and a QUERY does not go with --only beans: cm-scan --only beans FILE",
        ),
        (&["--tag", "brand", "acme jobs."], "a QUERY does not go with --tag brand: cm-scan --tag brand"),
        (
            &["--tag", "brand", "acme", "items.jsonl"],
            "a QUERY does not go with --tag brand: cm-scan --tag brand items.jsonl",
        ),
        (
            &["--tag", "brand", "searches.toml"],
            "give the searches with -f: cm-scan -f searches.toml --tag brand",
        ),
    ] {
        let run = room.run(args, "");
        assert_eq!((run.code, run.err), (2, format!("cm-scan: {wanted}\n")), "{args:?}");
    }
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
        "acme OR C++",
        "acme OR \"C# jobs\"",
    ] {
        let run = room.run(&[query, "items.jsonl"], "");
        assert_eq!((run.code, run.err.lines().count()), (0, 1), "{query}: {}", run.err);
        assert_eq!(room.run(&["-q", query, "items.jsonl"], "").err, "", "{query}");
    }
    let quiet = room.run(&["acme \"AN\" OR acme \"or\"", "items.jsonl"], "");
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
}

#[test]
fn signs_that_are_not_looked_for_are_told() {
    let room = room();
    let told = |query: &str| room.run(&[query, "items.jsonl"], "").err;
    assert_eq!(told("C++"), "cm-scan: C++ looks for the word C: {C++} finds these very characters\n");
    assert!(told("title:(acme OR c#)").contains("c# looks for the word c: {c#}"));
    for query in ["{C++}", "c", "#acme", "url:x/c++", "acme*"] {
        assert_eq!(told(query), "", "{query}");
    }
}

#[test]
fn verbose_says_that_it_does_not_invert() {
    let room = room();
    let run = room.run(&["-v", "acme", "items.jsonl"], "");
    assert_eq!((run.code, ids(&run.out)), (0, vec!["1".into()]));
    let told = "cm-scan: -v is --verbose; items without a word are found by -word: cm-scan -- '-word' FILE\n";
    assert_eq!(run.err.matches(told).count(), 1, "{}", run.err);
    let inverted = room.run(&["--", "-acme", "items.jsonl"], "");
    assert_eq!((inverted.code, inverted.out.as_str()), (0, ""));
    for args in [&["acme", "items.jsonl"][..], &["-v", "-f", "searches.toml", "items.jsonl"]] {
        assert!(!room.run(args, "").err.contains("is --verbose"), "{args:?}");
    }
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
