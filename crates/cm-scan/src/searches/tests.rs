//! Files of searches as people write them, good and bad.

use super::*;
use crate::engine::Engine;
use std::fs;

fn read_files(files: &[(&str, &str)], wanted: &Wanted) -> Result<Searches, String> {
    let dir = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        paths.push(match name.split_once('/') {
            Some((folder, _)) => dir.path().join(folder),
            None => path,
        });
    }
    let read = Searches::read(&paths, wanted).and_then(|searches| {
        searches.iter().try_for_each(|search| search.query().map(drop))?;
        Ok(searches)
    });
    read.map_err(|e| e.message.replace(&format!("{}/", dir.path().display()), ""))
}

fn read_text(name: &str, text: &str) -> Result<Searches, String> {
    read_files(&[(name, text)], &Wanted { sentences: true, ..Wanted::default() })
}

#[test]
fn both_forms_say_the_same() {
    let toml = "[[search]]\nname = \"a\"\ntags = [\"x\"]\nnotes = \"n\"\nquery = '\"b c\"'\nlanguages = ['en']\nmust_match = [\"b c\", { title = \"b c\" }]\n";
    let json = r#"{"name":"a","tags":["x"],"notes":"n","query":"\"b c\"","languages":["en"],"must_match":["b c",{"title":"b c"}]}"#;
    for searches in [read_text("s.toml", toml).unwrap(), read_text("s.jsonl", json).unwrap()] {
        let search = searches.iter().next().unwrap();
        assert_eq!((search.name(), search.text()), ("a", "\"b c\""));
        assert_eq!(search.tags().collect::<Vec<_>>(), ["x"]);
        assert_eq!(search.sentences().0.len(), 2);
        assert_eq!(search.limits().map(|limits| limits.languages().len()), Some(1));
    }
}

#[test]
fn mistakes_are_told_with_their_line() {
    for (name, text, wanted) in [
        ("s.toml", "", "s.toml: no searches in it: write [[search]] with a name and a query"),
        (
            "s.toml",
            "[[search]]\nname = \"a\"\nquerry = \"b\"\n",
            "s.toml:3: unknown key \"querry\" (did you mean \"query\"?)",
        ),
        (
            "s.toml",
            "# x\n[[search]]\nname = \"a\"\nquery = \"b\"\n\n[[search]]\nname = \"c\"\nquery = \"d OR\"\n",
            "s.toml:8:14: the query of \"c\": something is missing at the end",
        ),
        (
            "s.toml",
            "[[search]]\nname = \"a\"\nquery = '''\n  \"acme roast\"\n  OR (roast\n'''\n",
            "s.toml:5:6: the query of \"a\": this \"(\" is not closed",
        ),
        (
            "s.toml",
            "[[search]]\nname = \"a\"\nquery = \"b\"\n[[search]]\nname = \"a\"\nquery = \"c\"\n",
            "s.toml:4: the name \"a\" is taken by the search on line 1",
        ),
        ("s.toml", "[[search]]\nname = \"a\"\n", "s.toml:1: \"a\" has no query"),
        (
            "s.toml",
            "[[search]]\nname = \"a\\n\"\nquery='b'\n",
            "s.toml:1: the name \"a\\n\" holds '\\n', which no line can show",
        ),
        (
            "s.toml",
            "\n[[search]]\nname = \"a\"\nquery = \"b\"\nlanguages = [\"in English\"]\n",
            "s.toml:2: \"in English\" is none of lang: write it as in lang:en",
        ),
        (
            "s.jsonl",
            "\n{\"name\":\"a\",\"querry\":\"b\"}",
            "s.jsonl:2: unknown key \"querry\" (did you mean \"query\"?)",
        ),
        ("s.jsonl", "{\"name\":\"a\",\"query\":\"b\"", "s.jsonl:1: column 23: EOF while parsing an object"),
        ("s.jsonl", "[\"a\",\"b\"]", "s.jsonl:1: a search is a JSON object: {\"name\": ..., \"query\": ...}"),
        ("s.jsonl", "{\"name\":\" \",\"query\":\"b\"}", "s.jsonl:1: a search needs a name"),
        (
            "s.jsonl",
            "{\"name\":\"a\",\"query\":\"\\\"b\\\" OR\"}",
            "s.jsonl:1:30: the query of \"a\": something is missing at the end",
        ),
    ] {
        assert_eq!(read_text(name, text).unwrap_err(), wanted);
    }
    let none = Searches::read(&["none.toml".into()], &Wanted::default()).unwrap_err();
    assert!(none.message.ends_with("none.toml: no such file"));
}

#[test]
fn all_mistakes_are_told_up_to_a_number() {
    let all = |name: &str, text: &str| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let failure = match Searches::read(&[path], &Wanted::default()) {
            Ok(searches) => Engine::new(searches).err().unwrap(),
            Err(failure) => failure,
        };
        let lines: Vec<_> = [vec![failure.message], failure.more].concat();
        lines.join("\n").replace(&format!("{}/", dir.path().display()), "")
    };
    let toml = "[[search]]\nname = 'a'\nquery = 'b'\n[[search]]\nname = 'c'\nqery = 'd'\n[[search]]\nname = 'e'\n\
                [[search]]\nname = 'f\nquery = 'g'\n[[search]]\nname = 'h'\nquery = 'i'\ntags = 'x'\n\
                [[search]]\nname = 'a'\nquery = 'b'\n[[search]]\nname = 'j'\nquery = \"\"\"\n[[search]]\n";
    assert_eq!(
        all("s.toml", toml),
        "s.toml:6: unknown key \"qery\" (did you mean \"query\"?)\n\
         s.toml:7: \"e\" has no query\n\
         s.toml:10: invalid literal string, expected `'`\n\
         s.toml:15: tags is a list: write tags = ['x']\n\
         s.toml:23: invalid multi-line basic string, expected `\"`\n\
         s.toml:16: the name \"a\" is taken by the search on line 1"
    );
    assert_eq!(
        all(
            "s.jsonl",
            "{\"name\":\"a\"}\n7\n{\"name\":\"b\",\"query\":\"c\"}\n{\"name\":\"b\",\"query\":\"c\"}\n"
        ),
        "s.jsonl:1: \"a\" has no query\n\
         s.jsonl:2: a search is a JSON object: {\"name\": ..., \"query\": ...}\n\
         s.jsonl:4: the name \"b\" is taken by the search on line 3"
    );
    let queries = |query: &str| -> String {
        (0..30).map(|n| format!("[[search]]\nname = 'n{n}'\nquery = '{query}'\n")).collect()
    };
    for text in [queries("a OR"), queries("")] {
        let told = all("s.toml", &text);
        assert_eq!(told.lines().count(), 21, "{told}");
        assert!(told.ends_with("these are 20 mistakes, and there may be more"), "{told}");
    }
}

const A: &str = "[[search]]\nname = 'a'\ntags = ['brand', 'x']\nquery = 'q'\n";
const B: &str = "[[search]]\nname = 'b'\ntags = ['alert']\nquery = 'q'\n";
const OFF: &str = "[[search]]\nname = 'off'\ntags = ['old']\nenabled = false\nquery = 'q'\n";

fn names(searches: &Searches) -> Vec<&str> {
    searches.iter().map(|search| search.name()).collect()
}

#[test]
fn several_files_and_folders_are_one_list() {
    let json = "{\"name\":\"c\",\"query\":\"q\"}\n";
    let folder = [("d/2.toml", B), ("d/1.toml", A), ("d/3.jsonl", json), ("d/.4.toml", A), ("d/5.txt", "?")];
    assert_eq!(names(&read_files(&folder, &Wanted::default()).unwrap()), ["a", "b", "c"]);
    assert_eq!(
        names(&read_files(&[("b.toml", B), ("a.toml", A), ("b.toml", B)], &Wanted::default()).unwrap()),
        ["b", "a"]
    );
    let twice = read_files(&[("1.toml", A), ("2.toml", A)], &Wanted::default()).unwrap_err();
    assert_eq!(twice, "2.toml:1: the name \"a\" is taken by the search at 1.toml:1");
    let none = read_files(&[("d/1.txt", A)], &Wanted::default()).unwrap_err();
    assert_eq!(none, "d: no *.toml and no *.jsonl in this folder");
}

#[test]
fn tags_and_enabled_choose_what_runs() {
    let all = [A, B, OFF].concat();
    let chosen = |tags: &[&str]| {
        let wanted = Wanted { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..Wanted::default() };
        read_files(&[("s.toml", &all)], &wanted).map(|searches| names(&searches).join(" "))
    };
    assert_eq!(chosen(&[]).unwrap(), "a b");
    assert_eq!(chosen(&["brand"]).unwrap(), "a");
    assert_eq!(chosen(&["alert", "x"]).unwrap(), "a b");
    assert_eq!(
        chosen(&["alerts"]).unwrap_err(),
        "--tag: no search carries \"alerts\" (did you mean \"alert\"?)"
    );
    assert!(chosen(&["old"]).unwrap_err().contains("nothing would run"));
    let searches = read_files(&[("s.toml", &all)], &Wanted { disabled: true, ..Wanted::default() }).unwrap();
    assert_eq!(names(&searches), ["a", "b", "off"]);
    assert!(!searches.named("off").unwrap().is_enabled() && searches.named("of").is_none());
}
