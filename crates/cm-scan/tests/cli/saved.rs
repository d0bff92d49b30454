//! Saved searches at the prompt: several files, tags, references, the check, packs and imports.

use super::room::{Room, Run, item};

const BRAND: &str = "[[search]]\nname = 'brand/acme'\ntags = ['brand']\nquery = '\"acme roast\" OR #acmeroast'\nmust_match = ['Acme Roast']\n";
const ALERT: &str = "[[search]]\nname = 'alert'\ntags = ['alert']\nquery = '@brand/acme broken'\nmust_match = ['acme roast is broken']\n";

#[test]
fn several_files_and_folders_are_one_list_and_searches_name_each_other() {
    let room = Room::new();
    room.write("1.toml", BRAND);
    std::fs::create_dir(room.path("d")).unwrap();
    room.write("d/2.toml", ALERT);
    let input = item("1", "Acme Roast") + &item("2", "my acme roast is broken");
    let counted = |args: &[&str]| {
        let run = room.run(&[args, &["--count"]].concat(), &input);
        assert_eq!(run.err, "");
        run.out
    };
    let both = "{\"count\":2,\"query\":\"brand/acme\"}\n{\"count\":1,\"query\":\"alert\"}\n";
    assert_eq!(counted(&["-f", "1.toml", "-f", "d"]), both);
    assert_eq!(
        counted(&["-f", "1.toml", "-f", "d", "--tag", "alert"]),
        "{\"count\":1,\"query\":\"alert\"}\n"
    );
    let unknown = room.run(&["-f", "1.toml", "--tag", "brnad"], "");
    assert_eq!(unknown.err, "cm-scan: --tag: no search carries \"brnad\" (did you mean \"brand\"?)\n");
    assert_eq!(unknown.code, 2);
    let alone = room.run(&["-f", "d", "--check"], "");
    assert_eq!(
        (alone.code, alone.err.as_str()),
        (
            2,
            "cm-scan: d/2.toml:4:10: the query of \"alert\": no search is named \"brand/acme\" (@name is a search of the same file, or a handle)\n"
        )
    );
}

#[test]
fn a_query_at_the_prompt_names_the_searches_of_the_configuration() {
    let room = Room::new();
    room.write("s.toml", BRAND);
    room.write("cm.toml", "searches = 's.toml'\n");
    let input = item("1", "Acme Roast in winter") + &item("2", "winter");
    let run = room.run(&["@brand/acme winter", "-e"], &input);
    assert_eq!((run.code, run.out.lines().count(), run.err.as_str()), (0, 1, ""));
    let unknown = room.run(&["@brand/acne"], "");
    assert_eq!(
        unknown.err,
        "cm-scan: the query, column 1: no search is named \"brand/acne\" (did you mean @brand/acme?)\n"
    );
}

#[test]
fn languages_sources_and_enabled_keep_items_out() {
    let room = Room::new();
    let search = |name: &str, more: &str| format!("[[search]]\nname = '{name}'\n{more}\nquery = 'acme'\n");
    let searches = search("en", "languages = ['en']")
        + &search("ours", "sources = ['mastodon:acme']")
        + &search("off", "enabled = false");
    room.write("s.toml", searches);
    let input = "{\"id\":\"1\",\"content_text\":\"acme\",\"language\":\"de\",\"_cm\":{\"version\":1,\"source\":\"mastodon:acme\"}}\n{\"id\":\"2\",\"content_text\":\"acme\"}\n";
    let run = room.run(&["-f", "s.toml", "--count"], input);
    assert_eq!(run.out, "{\"count\":1,\"query\":\"en\"}\n{\"count\":1,\"query\":\"ours\"}\n");
    let why = room.run(&["-f", "s.toml", "--explain"], input);
    assert!(why.out.contains("its language is none of the search's `languages`"), "{}", why.out);
    assert!(why.out.contains("its source is none of the search's `sources`"), "{}", why.out);
}

#[test]
fn the_check_tells_people_in_lines_and_a_sum() {
    let room = Room::new();
    room.write("s.toml", BRAND.to_owned() + ALERT + "[[search]]\nname = 'bad'\nquery = 'a OR'\n");
    let run = room.run(&["-f", "s.toml", "--check", "-t"], "");
    assert_eq!(run.code, 2);
    assert_eq!(run.err, "cm-scan: s.toml:13:14: the query of \"bad\": something is missing at the end\n");
    assert_eq!(
        run.out,
        "brand/acme: ok, 1 sentence\nalert: ok, 1 sentence\nbad: mistake, 0 sentences\n    \
         s.toml:13:14: the query of \"bad\": something is missing at the end\n3 searches, 2 sentences: 1 cannot be read\n"
    );
}

#[test]
fn every_pack_passes_its_own_check() {
    let room = Room::new();
    let list = room.run(&["--pack", "list"], "");
    let names: Vec<String> = list
        .out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["pack"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names, ["complaint", "question", "sales", "crisis", "praise"]);
    let mut all = String::new();
    for name in &names {
        all += &room.run(&["--pack", name], "").out;
    }
    room.write("packs.toml", &all);
    let run = room.run(&["-f", "packs.toml", "--check"], "");
    assert_eq!((run.code, run.err.as_str(), run.out.lines().count()), (0, "", 20));
    for line in run.out.lines() {
        let checked: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(checked["result"], "ok", "{line}");
        assert_eq!(checked["always_tried"], false, "{line}");
    }
    let unknown = room.run(&["--pack", "complain"], "");
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (2, "cm-scan: --pack: there is no pack \"complain\" (did you mean \"complaint\"?)\n")
    );
}

#[test]
fn an_imported_mention_stays_one() {
    let room = Room::new();
    let run = room.run(&["--import", "brandwatch"], "kaffeezauber\nat_mentions:kaffeezauber AND tee\n");
    room.write("s.toml", &run.out);
    let items = "{\"id\":\"1\",\"content_text\":\"tee von @kaffeezauber\"}\n{\"id\":\"2\",\"content_text\":\"kaffeezauber und tee\"}\n\
                 {\"id\":\"3\",\"url\":\"https://a.de/1\",\"content_text\":\"x\"}\n";
    let out = room.run(&["-f", "s.toml"], items).out;
    let of =
        |search: &str| out.lines().filter(|line| line.contains(&format!("\"query\":\"{search}"))).count();
    assert_eq!((of("brandwatch/kaffeezauber\""), of("brandwatch/kaffeezauber-tee\"")), (2, 1), "{out}");
    assert_eq!(room.run(&["site:.de"], items).out.lines().count(), 1);
}

#[test]
fn what_is_imported_is_read_and_what_is_lost_is_told() {
    let room = Room::new();
    room.write(
        "q.csv",
        "Name,Query\nOur brand,\"(\"\"acme roast\"\" NEAR/5f beans) AND country:gbr\"\nOther,{BT}\n",
    );
    let run = room.run(&["--import", "brandwatch", "q.csv"], "");
    assert_eq!(run.code, 3);
    assert_eq!(
        run.err,
        "cm-scan: q.csv:2: column 34 of the query: country: has no counterpart and is left out: this finds more, or less where it stood in an OR or under a NOT\n"
    );
    assert_eq!(
        run.out,
        "[[search]]\nname = 'Our brand'\ntags = [\"imported\"]\nnotes = 'From Brandwatch: (\"acme roast\" NEAR/5f beans) AND country:gbr'\n\
         query = '\"acme roast\" ONEAR/5 beans'\nmust_match = []\nmust_miss = []\n\n\
         [[search]]\nname = 'Other'\ntags = [\"imported\"]\nnotes = 'From Brandwatch: {BT}'\nquery = '{BT}'\nmust_match = []\nmust_miss = []\n"
    );
    room.write("s.toml", &run.out);
    assert_eq!(room.run(&["-f", "s.toml", "--check"], "").code, 0);
    let stdin = room.run(&["--import", "google-alerts"], "\"acme roast\" -jobs\nacme coffee OR tea\n");
    assert_eq!((stdin.code, stdin.err.as_str()), (0, ""));
    assert!(
        stdin.out.contains("name = 'google-alerts/acme-roast-jobs'")
            && stdin.out.contains("query = 'acme (coffee OR tea)'"),
        "{}",
        stdin.out
    );
    let star = room.run(&["--import", "google-alerts"], "espresso * machine\n");
    assert_eq!(star.err, "cm-scan: -:1:10: * is left out: by itself it stands for anything\n");
    let nothing = room.run(&["--import", "meltwater"], "");
    assert_eq!(nothing.code, 2);
}

#[test]
fn searches_are_listed_and_one_runs_by_its_name() {
    let room = Room::new();
    room.write(
        "s.toml",
        BRAND.to_owned() + ALERT + "[[search]]\nname = 'off'\nenabled = false\nquery = 'winter'\n",
    );
    let list = room.run(&["-f", "s.toml", "--list"], "");
    assert_eq!(
        (list.code, list.err.as_str(), list.out.as_str()),
        (
            0,
            "",
            "{\"enabled\":true,\"name\":\"brand/acme\",\"query\":\"\\\"acme roast\\\" OR #acmeroast\",\"tags\":[\"brand\"]}\n\
             {\"enabled\":true,\"name\":\"alert\",\"query\":\"@brand/acme broken\",\"tags\":[\"alert\"]}\n\
             {\"enabled\":false,\"name\":\"off\",\"query\":\"winter\",\"tags\":[]}\n"
        )
    );
    assert_eq!(room.run(&["-f", "s.toml", "--list", "--tag", "alert"], "").out.lines().count(), 1);
    let input = item("1", "Acme Roast, broken in winter");
    let only = |names: &[&str]| {
        let names = names.iter().flat_map(|name| ["--only", name]);
        room.run(&["-f", "s.toml", "-c"].into_iter().chain(names).collect::<Vec<_>>(), &input)
    };
    // What it names is read too; one that is asked for by name need not be enabled.
    assert_eq!(only(&["alert"]).out, "{\"count\":1,\"query\":\"alert\"}\n");
    assert_eq!(
        only(&["off", "brand/acme", "off"]).out,
        "{\"count\":1,\"query\":\"brand/acme\"}\n{\"count\":1,\"query\":\"off\"}\n"
    );
    let unknown = only(&["brand/acne"]);
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (2, "cm-scan: --only: no search is named \"brand/acne\" (did you mean \"brand/acme\"?)\n")
    );
}

#[test]
fn an_import_makes_no_search_of_half_a_query() {
    let room = Room::new();
    let searches = |run: &Run| -> Vec<String> {
        let lines = run.out.lines().filter_map(|line| line.strip_prefix("query = "));
        lines.map(|query| query.trim_matches('\'').to_owned()).collect()
    };
    for service in ["meltwater", "brandwatch", "talkwalker"] {
        let run = room.run(&["--import", service], "(nordlicht OR kw)\nAND (roast OR beans)\nNOT jobs\n");
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert_eq!(searches(&run), ["(nordlicht OR kw) (roast OR beans) -jobs"]);
        let rows = room.run(&["--import", service], "acme\nroast beans\n\"cold brew\" OR tea\n");
        assert_eq!((rows.code, searches(&rows).len()), (0, 3));
        for (table, separator) in [
            ("Name;Abfrage\nA;nordlicht\n", ';'),
            ("Name,Abfrage\nA,nordlicht\n", ','),
            ("Name\tAbfrage\nA\tnordlicht\n", '\t'),
        ] {
            let run = room.run(&["--import", service], table);
            assert_eq!((run.code, run.err.as_str()), (0, ""), "{separator:?}");
            assert!(run.out.contains("name = 'A'\n"), "{}", run.out);
            assert_eq!(searches(&run), ["nordlicht"]);
        }
    }
    let column = room.run(&["--import", "brandwatch"], "Query\n\"\"\"acme roast\"\" OR beans\"\nkw\n");
    assert_eq!((column.code, searches(&column)), (0, vec!["\"acme roast\" OR beans".into(), "kw".into()]));
    let german = room.run(&["--import", "meltwater"], "Name;Abfrage;Sprache\nA;kw;de\nB;tee;Deutsch\n");
    assert!(german.out.contains("languages = ['de']\n"), "{}", german.out);
    assert_eq!((german.code, german.err.matches("Deutsch is no code of a language").count()), (3, 1));
    // What cannot be meant so is told with its place, or refused.
    for (service, text, code, told) in [
        ("meltwater", "\"nordlicht roast OR kaffee\nacme\n", 3, "-:1:1: this quotation mark is not closed"),
        ("google-alerts", "acme\n\"nordlicht roast OR kaffee", 3, "-:2:1: this quotation mark is not closed"),
        ("brandwatch", "nordlicht OR\n", 3, "-:1:11: nothing stands behind this OR"),
        ("brandwatch", "AND roast\n", 3, "-:1:1: nothing stands before this AND"),
        ("google-alerts", "nordlicht OR\n", 3, "-:1:11: nothing stands behind this OR"),
        ("brandwatch", "(nordlicht\n", 3, "-:1:1: this \"(\" is not closed"),
        ("brandwatch", "ATLEAST/2(a b\n", 3, "-:1:10: this \"(\" is not closed"),
        ("brandwatch", "a {b\n", 3, "-:1:3: this \"{\" is not closed"),
        ("brandwatch", "a <<<b\nNOT c", 3, "-:1:3: this \"<<<\" is not closed"),
        ("brandwatch", "nordlicht\n\nNOT jobs\n", 3, "-:3:1: left out: it only says what must not be there"),
        ("brandwatch", "a AND ()\n", 3, "-:1:7: nothing stands in these parentheses"),
        ("brandwatch", "((a AND b) OR c)~5\n", 3, "-:1:17: ~5 is left out"),
        ("google-alerts", "a before:(2026 OR 2025)\n", 3, "one day is expected here"),
        (
            "brandwatch",
            "Marke;Logik\nA;nordlicht\n",
            3,
            "a table begins with a line that names its column query",
        ),
        ("brandwatch", "Marke,Logik\nA,nordlicht\n", 3, "-:1:6: a comma joins nothing here"),
        ("brandwatch", "Name;Logik\nA;nordlicht\n", 2, "no column is called query: line 1 names name, logik"),
        (
            "brandwatch",
            "Name,Query\nA,nordlicht, NOT jobs\n",
            3,
            "-:2: column 1 of the query: this row has more fields",
        ),
        (
            "brandwatch",
            "Name;Query\nA;nordlicht\nNOT jobs\n",
            3,
            "-:3: column 1 of the query: this row holds no query",
        ),
        ("brandwatch", "Name;Query;Exclude\nA;nordlicht;jobs\n", 3, "exclude is left out: this finds more"),
        ("brandwatch", "{\"query\":\"a\",\"exclusionTerms\":[\"b\"]}", 3, "exclusionTerms is left out"),
        ("brandwatch", "A\tnordlicht\tde\n", 3, "the second tab is taken for a space"),
    ] {
        let run = room.run(&["--import", service], text);
        assert_eq!(run.code, code, "{text}: {}", run.err);
        assert!(run.err.contains(told), "{text}: {}", run.err);
        let negative = searches(&run).iter().any(|query| query.starts_with('-'));
        assert!(!negative, "{text}: {}", run.out);
    }
}
