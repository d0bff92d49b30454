//! What goes beyond words, as a black box: near-duplicates, repeated questions, languages, sentiment.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn scan(args: &[&str], input: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cm-scan"));
    command.args(args).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn done(args: &[&str], input: &str) -> String {
    let run = scan(args, input);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    run.out
}

fn lines(items: &[Value]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

fn parts(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["_cm_scan"].clone()).collect()
}

mod near_duplicates {
    use super::*;

    const STORY: &str = "The roasting plant near the river will close in spring, the company told its staff on Tuesday. \
        Nobody had expected it. Ruth Adler, who has led the plant for years, said that she had learned of it from the \
        radio. The union wants talks before the month is out and has called all roasters to a meeting in the old hall. \
        Farmers who sell to the plant say that their contracts run until the harvest after next.";

    fn item(id: &str, kind: &str, who: &str, text: &str) -> Value {
        json!({"id": id, "content_text": text, "authors": [{"name": who}],
            "_cm": {"version": 1, "kind": kind, "source": format!("https://{who}.example/rss")}})
    }

    fn news() -> String {
        let syndicated = format!("(Agency) {} © The Agency. All rights reserved.", STORY.to_uppercase());
        let mut headline = item("c", "article", "three", &STORY[..STORY.len() * 2 / 3]);
        headline["title"] = json!("Roasters in shock");
        lines(&[
            item("a", "article", "one", STORY),
            item("b", "article", "two", &syndicated),
            item(
                "x",
                "article",
                "four",
                "Another plant near the river will open in spring, the company told its staff.",
            ),
            headline,
        ])
    }

    #[test]
    fn the_first_stands_for_its_copies() {
        let out = done(&["--near-duplicates", "mark", "river"], &news());
        let of: Vec<Value> = parts(&out).iter().map(|part| part["duplicate_of"].clone()).collect();
        assert_eq!(of, [Value::Null, json!("a"), Value::Null, json!("a")]);
        let similarity = parts(&out)[1]["similarity"].as_f64().unwrap();
        assert!((0.7..=1.0).contains(&similarity), "{similarity}");
        assert_eq!(done(&["--near-duplicates", "mark", "river"], &out), out, "a second pass changes nothing");
        assert_eq!(done(&["--near-duplicates", "mark", "--threads", "4", "river"], &news()), out);
        assert_eq!(done(&["--near-duplicates", "keep", "river"], &news()), done(&["river"], &news()));
        assert!(parts(&done(&["river"], &news())).iter().all(|part| part.as_object().unwrap().len() == 1));
    }

    #[test]
    fn of_the_best_the_better_stands_for_its_copies() {
        let best = ["--near-duplicates", "mark", "--top", "9", "roasters"];
        let out = done(&best, &news());
        let of: Vec<Value> = parts(&out).iter().map(|part| part["duplicate_of"].clone()).collect();
        assert_eq!(of, [Value::Null, json!("c"), json!("c")]);
        assert_eq!(done(&best, &out), out, "a second pass changes nothing");
        let dropped = done(&["--near-duplicates", "drop", "--top", "9", "roasters"], &news());
        assert_eq!(dropped.lines().count(), 1);
    }

    #[test]
    fn dropped_ones_are_counted() {
        let run = scan(&["-v", "--near-duplicates", "drop", "river"], &news());
        assert_eq!((run.code, run.out.lines().count()), (0, 2));
        assert!(run.err.contains("2 near-duplicates left out"), "{}", run.err);
        assert_eq!(
            done(&["--near-duplicates", "drop", "--count", "river"], &news()).matches("\"count\":2").count(),
            1
        );
        assert_eq!(done(&["--near-duplicates", "drop", "--all", "nothing"], &news()).lines().count(), 2);
    }

    #[test]
    fn with_all_also_those_that_do_not_match_are_marked() {
        let out = done(&["--near-duplicates", "mark", "--all", "nothing"], &news());
        assert_eq!(parts(&out)[1]["duplicate_of"], "a");
        assert_eq!(parts(&out)[1]["matches"], json!([]));
        assert_eq!(parts(&out)[0], Value::Null);
        let lines = done(&["--near-duplicates", "mark", "-t", "river"], &news());
        assert_eq!(lines.matches(" [copy of a, ").count(), 2, "{lines}");
        assert_eq!(done(&["--near-duplicates", "mark", "--all", "nothing"], &out), out);
        let plain = done(&["--all", "nothing"], &out);
        assert_eq!(plain, news(), "what was not asked for is taken out");
    }

    #[test]
    fn nobody_who_waits_for_an_answer_is_dropped() {
        let words = "Does anybody know why my order of the house blend has not been sent yet?";
        let asked = lines(&[
            item("1", "comment", "ana", words),
            item("2", "comment", "ben", words),
            item("3", "mention", "ana", "thanks!"),
            item("4", "mention", "ana", "thanks!"),
            item("5", "comment", "ana", words),
        ]);
        let out = done(&["--near-duplicates", "drop", "*"], &asked);
        let ids: Vec<Value> =
            out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
        assert_eq!(ids, ["1", "2", "3", "4"], "only what the same person said twice at length");
    }

    #[test]
    fn the_same_template_is_not_the_same_post() {
        let job = |id: &str, place: &str, pay: &str| {
            let text = format!(
                "We are hiring a barista in {place}. Full time, {pay} euros bonus, start soon. Apply now!"
            );
            item(id, "note", id, &text)
        };
        let posts = lines(&[job("1", "Leeds", "200"), job("2", "Graz", "200"), job("3", "Leeds", "350")]);
        assert_eq!(done(&["--near-duplicates", "drop", "*"], &posts).lines().count(), 3);
    }

    #[test]
    fn a_line_in_is_a_line_out_with_lockstep() {
        let run = scan(&["--lockstep", "--near-duplicates", "drop", "river"], &news());
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains("--near-duplicates mark"), "{}", run.err);
        assert_eq!(done(&["--lockstep", "--near-duplicates", "mark", "river"], &news()).lines().count(), 4);
        let input = news() + "no record\n\n" + &news();
        for hints in ["--near-duplicates=mark", "--detect-language", "--sentiment"] {
            for args in [&["--lockstep", hints, "river"][..], &["--lockstep", "--all", hints, "river"]] {
                let out = scan(args, &input).out;
                assert_eq!((out.lines().nth(4), out.lines().count()), (Some("no record"), 10), "{args:?}");
            }
        }
    }
}

mod questions {
    use super::*;

    fn comment(id: &str, day: u32, text: &str) -> Value {
        json!({"id": id, "url": format!("https://blog.example/{id}"), "content_text": text,
            "date_published": format!("2026-11-{day:02}T08:00:00Z"), "authors": [{"name": id}],
            "_cm": {"version": 1, "kind": "comment"}})
    }

    fn comments() -> String {
        let mut ours = comment("9", 9, "How do I descale the machine? We are asked that every day.");
        ours["_cm"]["own"] = json!(true);
        lines(&[
            comment("1", 3, "Lovely shop! How do I descale my machine?\n> Do you ship to Norway?"),
            comment("2", 2, "anybody know how to descale this machine\nthanks"),
            comment("3", 5, "Do you ship to Norway? I hope so."),
            comment("4", 4, "Great post, thanks! Really?"),
            comment(
                "5",
                6,
                "What is the best way to descale the machine? And is shipping to Norway possible?",
            ),
            comment("6", 7, "Who painted the wall?"),
            ours,
        ])
    }

    #[test]
    fn what_is_asked_again_is_counted() {
        let out = done(&["--questions"], &comments());
        let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 2, "{out}");
        assert_eq!((&rows[0]["count"], &rows[0]["askers"]), (&json!(3), &json!(3)));
        assert_eq!(rows[0]["words"], json!(["descal", "machin"]));
        assert_eq!(rows[0]["question"], "How do I descale my machine?");
        assert_eq!(rows[0]["first"], "2026-11-02T08:00:00Z");
        assert_eq!(rows[0]["last"], "2026-11-06T08:00:00Z");
        assert_eq!(rows[0]["items"][1], json!({"id": "2", "url": "https://blog.example/2"}));
        assert_eq!((&rows[1]["count"], &rows[1]["question"]), (&json!(2), &json!("Do you ship to Norway?")));
        assert_eq!(done(&["--questions", "*"], &comments()), out);
        assert_eq!(done(&["--questions", "--threads", "3", "*"], &comments()), out);
    }

    #[test]
    fn only_records_that_match_ask() {
        let out = done(&["--questions", "norway -lovely"], &comments());
        assert_eq!(out.lines().count(), 1, "{out}");
        assert_eq!(done(&["--questions", "nothing"], &comments()), "");
        assert_eq!(scan(&["-e", "--questions", "nothing"], &comments()).code, 1);
    }
}

mod languages {
    use super::*;

    const GERMAN: &str = "Weiß jemand, ob die Rösterei am Sonntag offen hat und Acme verkauft?";

    fn items() -> String {
        lines(&[
            json!({"id": "1", "content_text": GERMAN}),
            json!({"id": "2", "content_text": GERMAN, "language": "fr"}),
            json!({"id": "3", "content_text": "Acme!"}),
            json!({"id": "4", "content_text": "Does anybody know whether Acme is open on Sundays?", "language": ""}),
        ])
    }

    fn ids(out: &str) -> Vec<String> {
        let id = |line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        out.lines().map(id).collect()
    }

    #[test]
    fn a_guess_is_a_hint_and_the_record_wins() {
        let out = done(&["--detect-language", "acme"], &items());
        let hints: Vec<Value> = parts(&out).iter().map(|part| part["language"].clone()).collect();
        let hint = |code: &str| json!({"code": code, "confidence": 0.99});
        assert_eq!(hints, [hint("de"), Value::Null, Value::Null, hint("en")]);
        assert_eq!(done(&["--detect-language", "acme"], &out), out, "a second pass changes nothing");
        assert_eq!(done(&["--detect-language", "--threads", "3", "acme"], &items()), out);
        assert_eq!(done(&["acme"], &out), done(&["acme"], &items()), "what was not asked for is taken out");
    }

    #[test]
    fn searches_go_by_it_only_if_asked() {
        assert_eq!(ids(&done(&["lang:de", "-"], &items())), [""; 0]);
        assert_eq!(ids(&done(&["--detect-language", "lang:de", "-"], &items())), ["1"]);
        assert_eq!(ids(&done(&["--detect-language", "--", "acme -lang:de"], &items())), ["2", "3", "4"]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("s.toml");
        let searches = "[[search]]\nname = \"a\"\nquery = \"acme\"\nlanguages = [\"en\"]\n";
        std::fs::write(&file, searches).unwrap();
        let file = file.to_str().unwrap();
        assert_eq!(ids(&done(&["-f", file], &items())), ["1", "3", "4"]);
        assert_eq!(ids(&done(&["--detect-language", "-f", file], &items())), ["3", "4"]);
    }

    #[test]
    fn with_all_every_record_has_its_hint() {
        let out = done(&["--detect-language", "--all", "nothing"], &items());
        assert_eq!(parts(&out)[0], json!({"matches": [], "language": {"code": "de", "confidence": 0.99}}));
        assert_eq!(parts(&out)[1], Value::Null);
        assert_eq!(done(&["--all", "nothing"], &out), items());
        let lockstep = done(&["--detect-language", "--all", "--lockstep", "nothing"], &items());
        assert_eq!(parts(&lockstep)[..1], parts(&out)[..1]);
        assert_eq!(parts(&lockstep)[1], json!({"matches": []}));
        let explained = done(&["--detect-language", "--explain", "lang:de"], &items());
        assert_eq!(explained.matches("\"matched\":true").count(), 1, "{explained}");
    }
}

mod sentiment {
    use super::*;

    fn items() -> String {
        lines(&[
            json!({"id": "1", "language": "en-GB", "content_text": "The espresso was not good and the wait was awful!"}),
            json!({"id": "2", "language": "de", "content_text": "The espresso was great."}),
            json!({"id": "3", "title": "Great espresso", "content_text": "We queued for an hour, and it was worth every minute of it 😍"}),
            json!({"id": "4", "language": "en", "content_text": "The espresso machine opens at nine."}),
            json!({"id": "5", "content_text": "espresso"}),
        ])
    }

    fn hints(out: &str) -> Vec<Value> {
        parts(out).iter().map(|part| part["sentiment"].clone()).collect()
    }

    #[test]
    fn a_hint_is_explained_by_its_words_and_only_for_english() {
        let out = done(&["--sentiment", "espresso"], &items());
        let hints = hints(&out);
        assert_eq!(hints[0]["label"], "negative");
        assert_eq!(
            hints[0]["words"],
            json!([{"word": "good", "weight": -1.41}, {"word": "awful", "weight": -2.0}])
        );
        assert!(hints[0]["score"].as_f64().unwrap() < -0.5);
        assert_eq!(hints[1], Value::Null, "another language");
        assert_eq!(hints[2]["label"], "positive", "English by its words");
        assert_eq!(hints[2]["words"].as_array().unwrap().len(), 3);
        assert_eq!(hints[3], json!({"label": "neutral", "score": 0.0, "words": []}));
        assert_eq!(hints[4], Value::Null, "nobody can tell");
        assert_eq!(parts(&out)[2].get("language"), None, "no hint that was not asked for");
        assert_eq!(done(&["--sentiment", "espresso"], &out), out, "a second pass changes nothing");
        assert_eq!(done(&["--sentiment", "--threads", "3", "espresso"], &items()), out);
    }

    #[test]
    fn it_counts_for_nothing_else() {
        let plain = done(&["espresso"], &items());
        let matches =
            |out: &str| -> Vec<Value> { parts(out).iter().map(|part| part["matches"].clone()).collect() };
        let marked =
            done(&["--sentiment", "--detect-language", "--near-duplicates", "mark", "espresso"], &items());
        assert_eq!(matches(&marked), matches(&plain));
        assert_eq!(done(&["espresso"], &marked), plain);
    }

    #[test]
    fn people_see_the_hints_too() {
        let out = done(&["-t", "--sentiment", "--detect-language", "espresso"], &items());
        let lines: Vec<_> = out.lines().collect();
        assert!(lines[0].contains(" [negative? good, awful]"), "{out}");
        assert!(lines[2].contains(" [language: en?] [positive? Great, worth, 😍]"), "{out}");
        assert_eq!(lines[4], "espresso  5");
    }

    #[test]
    fn own_words_add_to_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("words.txt");
        std::fs::write(&file, "# ours\nawful 0\nnine -1.5\n").unwrap();
        let path = file.to_str().unwrap();
        let hints = hints(&done(&["--sentiment", "--sentiment-words", path, "espresso"], &items()));
        assert_eq!(hints[0]["words"], json!([{"word": "good", "weight": -1.41}]));
        assert_eq!(hints[3]["label"], "negative");
        std::fs::write(&file, "fine 2\nawful very\n").unwrap();
        let run = scan(&["--sentiment", "--sentiment-words", path, "espresso"], &items());
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains("words.txt:2: the weight is no number"), "{}", run.err);
    }
}
