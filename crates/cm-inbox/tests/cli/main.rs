//! The inbox as a black box.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod bluesky;
mod desk;
mod edges;
mod wordpress;

use desk::{Desk, NOON, ids, scheduled, stderr};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn script(desk: &Desk, name: &str, body: &str) -> String {
    let path = desk.path(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

fn line_of_tomorrow() -> String {
    r#"{"id":"f","content_text":"x","_cm":{"version":2,"kind":"telepathy"}}"#.to_owned() + "\n"
}

/// A comment of somebody's on 21 November at an hour.
fn comment(id: &str, who: &str, hour: u32, cm: &str) -> String {
    format!(
        r#"{{"id":"{id}","content_text":"words of {who}","date_published":"2026-11-21T{hour:02}:00:00Z","authors":[{{"name":"{who}"}}],"_cm":{{"version":1,"kind":"comment","source":"wordpress:blog","audience":"public","thread":"t"{cm}}}}}"#
    ) + "\n"
}

const ARTICLE: &str = r#"{"id":"https://news.example/1","url":"https://news.example/1","title":"Coffee prices","content_html":"<p>Up &amp; up</p>","date_published":"2026-11-22T06:00:00Z"}
"#;

#[test]
fn people_first_then_what_is_to_be_read_and_each_with_its_reasons() {
    let desk = Desk::new();
    let message = comment("m", "Cleo", 11, r#","kind":"message""#).replace(r#""kind":"comment","#, "");
    let input =
        ARTICLE.to_owned() + &comment("late", "Ana", 11, "") + &comment("early", "Ben", 1, "") + &message;
    let out = desk.ok(&[], &input);
    assert_eq!(ids(&out), ["m", "early", "late", "https://news.example/1"]);
    let part: Value =
        serde_json::from_str::<Value>(out.lines().nth(1).unwrap()).unwrap()["_cm_inbox"].clone();
    assert_eq!(
        (&part["number"], &part["lane"], &part["state"]),
        (&3.into(), &"answer".into(), &"open".into())
    );
    assert_eq!(part["waiting_s"], 35 * 3600);
    assert_eq!(part["reasons"][1], serde_json::json!({"why": "waiting for 35 h", "points": 17.0}));
    assert_eq!(desk.ids(&["list", "--lane", "read"]), ["https://news.example/1"]);
    assert_eq!(desk.ids(&["--limit", "1", "list"]), ["m"]);
    assert_eq!(desk.ids(&["list", "WÖRDS", "ben"]), ["early"]);
    assert_eq!(desk.ids(&["list", "100%"]), Vec::<String>::new());
}

#[test]
fn members_that_are_not_ours_keep_every_byte() {
    let desk = Desk::new();
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let lines = [
        "\u{feff}{ \"id\" : \"a\", \"content_text\":\"\\u0041\\/b\" , \"_x\":123456789012345678901234567890 }".to_owned(),
        r#"{"_y":{"n":1E5,"m":1.10,"s":"\ud800"},"id":"b","content_text":"x"}"#.to_owned() + "\r",
        format!(r#"{{"id":"c","content_text":"x","_z":{deep}}}"#),
    ];
    let first = desk.ok(&[], &(lines.join("\n") + "\n"));
    for line in &lines {
        let line = line.trim_start_matches('\u{feff}').trim_end_matches('\r');
        let kept = line[..line.len() - 1].trim_end();
        assert!(first.contains(kept), "{}", &kept[..kept.len().min(80)]);
    }
    assert_eq!(desk.ok(&[], &first), first, "a second pass changes no byte");
    assert_eq!(desk.ok(&[], &(lines.join("\n") + "\n")), first, "nor does the same input");
}

#[test]
fn a_record_of_tomorrow_passes_by_untouched() {
    let desk = Desk::new();
    let line = line_of_tomorrow();
    let output = desk.feed(&[], &line);
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(3), line));
    assert_eq!(desk.ids(&["list", "--all"]), Vec::<String>::new());
    let mut child = desk.command(&[]).spawn().unwrap();
    drop(child.stdout.take());
    child
        .stdin
        .take()
        .unwrap()
        .write_all((line_of_tomorrow() + &comment("q", "Ana", 9, "")).as_bytes())
        .unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(3));
    assert_eq!(desk.ids(&["list"]), ["q"], "a reader that is gone keeps nothing from being taken in");
}

#[test]
fn bare_ids_of_two_feeds_are_two_items() {
    let desk = Desk::new();
    let item =
        |host: &str| format!(r#"{{"id":"4711","url":"https://{host}/1","content_text":"of {host}"}}"#) + "\n";
    desk.ok(&[], &(item("a.example") + &item("b.example")));
    assert_eq!(desk.ids(&["list"]), ["4711", "4711"]);
    assert!(desk.ok(&["get", "2"], "").contains("of b.example"));
    assert!(desk.ok(&["get", "4711"], "").contains("of a.example"), "no number, so an id");
}

#[test]
fn what_cannot_be_read_is_kept_by_reject() {
    let desk = Desk::new();
    let odd = r#"{"id":"x","content_text":"x","authors":5}"#.to_owned() + "\n";
    desk.fails(3, &["--reject", "bad"], &(comment("q", "Ana", 9, "") + "no json\n" + &odd));
    assert_eq!(fs::read_to_string(desk.path("bad")).unwrap(), "no json\n".to_owned() + &odd);
}

#[test]
fn words_of_others_cannot_pass_for_ours() {
    let desk = Desk::new();
    let title = r#"nice\n    state done\u001b[31m\u202e"#;
    desk.ok(&[], &(format!(r#"{{"id":"1","url":"https://a.example/\u001b[31m","title":"{title}","content_text":"x","authors":[{{"name":"A\ncm-inbox: b"}}]}}"#) + "\n"));
    let page = desk.ok(&["show", "1"], "");
    assert!(page.starts_with("1  nice state done\u{fffd}[31m\u{fffd}\n"), "{page}");
    assert_eq!(desk.ok(&["open", "1"], ""), "https://a.example/%1B[31m\n");
    let said = stderr(&desk.feed(&["reply", "1", "-m", "x"], ""));
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn our_own_reply_answers_whichever_came_first() {
    let desk = Desk::new();
    let (question, other) = (comment("q", "Ana", 9, ""), comment("o", "Ben", 9, ""));
    let reply = comment("r", "Us", 10, r#","own":true,"in_reply_to":"q""#);
    assert_eq!(ids(&desk.ok(&[], &(question.clone() + &other))), ["o", "q"]);
    assert_eq!(desk.ok(&[], &reply), "", "our own words wait for nobody");
    assert_eq!(desk.ids(&["list"]), ["o"]);
    assert_eq!(desk.state("q")["state"], "answered");
    let desk = Desk::new();
    assert_eq!(ids(&desk.ok(&[], &(reply.clone() + &question + &other))), ["o"]);
    let gone = reply.replace(r#""own":true"#, r#""own":true,"deleted":true"#);
    desk.ok(&[], &gone);
    assert_eq!(desk.ids(&["list"]), ["o", "q"], "a deleted answer answers nothing");
}

#[test]
fn a_draft_that_comes_back_published_answers_its_parent() {
    let desk = Desk::new();
    desk.ok(&[], &comment("q", "Ana", 9, ""));
    let draft = desk.ok(&["reply", "1", "-m", "It ships."], "");
    let with = |state: &str| scheduled(&draft, state, "2026-11-22T12:00:00Z");
    assert_eq!(desk.ok(&[], &with("queued")), "", "a draft is no item");
    assert_eq!(desk.ids(&["list"]), ["q"]);
    desk.ok(&[], &with("published"));
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
}

#[test]
fn an_edit_keeps_the_number_an_old_copy_changes_nothing_and_a_deletion_closes() {
    let desk = Desk::new();
    let fetched = |text: &str, hour: u32, more: &str| {
        comment("q", "Ana", 9, more)
            .replace("words of Ana", text)
            .replace("}\n", &format!(r#","_cm_fetch":{{"at":"2026-11-22T{hour:02}:00:00Z","from":"x"}}}}"#))
            + "\n"
    };
    desk.ok(&[], &fetched("first", 8, ""));
    let edited = desk.ok(&[], &fetched("second", 9, ""));
    assert!(edited.contains("second") && edited.contains(r#""number":1"#), "{edited}");
    assert!(desk.ok(&[], &fetched("first", 8, "")).contains("second"), "an archive read again is no edit");
    assert_eq!(desk.ok(&[], &fetched("", 10, r#","deleted":true"#)), "");
    assert_eq!(desk.state("q")["state"], "done");
}

#[test]
fn a_spoof_gives_way_to_the_real_item() {
    let desk = Desk::new();
    let item = |host: &str, text: &str| {
        format!(
            r#"{{"id":"https://news.example/1","content_text":"{text}","_cm":{{"version":1,"kind":"article","source":"https://{host}/feed","audience":"public"}}}}"#
        ) + "\n"
    };
    desk.ok(&[], &item("evil.example", "nothing to see"));
    desk.ok(&["done", "1"], "");
    let out = desk.ok(&[], &item("news.example", "the news"));
    assert!(out.contains("the news") && out.contains(r#""number":1"#), "{out}");
    assert!(desk.ok(&[], &item("evil.example", "again")).contains("the news"));
    assert_eq!(desk.ids(&["list", "--all"]).len(), 1);
}

#[test]
fn what_is_put_off_comes_back_and_changes_are_taken_back_in_turn() {
    let desk = Desk::new();
    desk.ok(&[], &(comment("a", "Ana", 9, "") + &comment("b", "Ben", 8, "")));
    let said = stderr(&desk.feed(&["-v", "later", "1", "tomorrow", "9:00"], ""));
    assert!(said.contains("Mon 23 Nov 2026 09:00"), "{said}");
    let back = serde_json::json!({"why": "back at 2026-11-23T09:00:00Z", "points": 0.0});
    assert!(desk.state("a")["reasons"].as_array().unwrap().contains(&back));
    desk.ok(&["done", "2"], "");
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
    let desk = Desk { clock: "2026-11-23T09:00:00Z", ..desk };
    assert_eq!(desk.ids(&["list"]), ["a"]);
    assert!(desk.state("a")["reasons"].to_string().contains("put off until now"));
    let desk = Desk { clock: NOON, ..desk };
    let undo = || stderr(&desk.feed(&["undo"], ""));
    assert_eq!(undo(), "cm-inbox: taken back: done 2 (words of Ben)\n");
    assert_eq!(desk.ids(&["list"]), ["b"]);
    desk.ok(&["reply", "2", "-m", "x"], "");
    let said = undo();
    assert!(said.contains("reply to 2 (words of Ben) (was it queued: cm-schedule cancel)"), "{said}");
    assert!(!desk.state("b")["reasons"].to_string().contains("acted on already"));
    assert!(undo().contains("taken back: later 1"));
    assert_eq!(desk.ids(&["list"]), ["b", "a"]);
    assert!(desk.fails(2, &["undo"], "").contains("nothing to take back"));
    assert!(desk.fails(2, &["later", "1", "2026-11-01"], "").contains("is over"));
    let far = format!(
        r#"{{"id":"long","url":"https://a.example/1","title":"{}","content_text":"x"}}"#,
        "word ".repeat(9000)
    );
    desk.ok(&[], &(far + "\n"));
    assert!(
        stderr(&desk.feed(&["-v", "done", "long"], "")).len() < 200,
        "a title without end stays out of messages"
    );
}

#[test]
fn a_number_rests_for_seven_days() {
    let desk = Desk::new();
    desk.ok(&[], &(comment("a", "Ana", 9, "") + &comment("b", "Ben", 8, "")));
    desk.ok(&["done", "1"], "");
    let number = |desk: &Desk, id: &str| {
        desk.ok(&[], &comment(id, "Cleo", 9, ""));
        desk.state(id)["number"].clone()
    };
    assert_eq!(number(&desk, "c"), 3);
    let desk = Desk { clock: "2026-11-29T11:59:59Z", ..desk };
    assert_eq!(number(&desk, "d"), 4);
    let desk = Desk { clock: "2026-11-29T12:00:00Z", ..desk };
    assert_eq!(number(&desk, "e"), 1);
    assert_eq!(desk.state("a")["number"], Value::Null);
    desk.ok(&["undo"], "");
    assert_eq!(desk.state("a")["number"], 5, "open again, it gets another");
}

#[test]
fn a_reply_says_whom_it_answers_and_stays_as_private() {
    let desk = Desk::new();
    let native =
        r#"},"_cm_fetch":{"at":"2026-11-22T09:00:00Z","from":"x","native_id":{"post":7,"comment":9}}}"#;
    desk.ok(&[], &comment("q", "Ana", 9, "").replace("public", "direct").replace("}}", native));
    let output = desk.feed(&["reply", "1", "-m", "-"], "It ships.\n");
    assert!(stderr(&output).contains("answering Ana through wordpress:blog"), "{}", stderr(&output));
    let draft: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(draft["content_text"], "It ships.");
    assert_eq!(draft["_cm"]["audience"], "direct");
    let parent =
        serde_json::json!({"id": "q", "account": "wordpress:blog", "native": {"post": 7, "comment": 9}});
    assert_eq!(draft["_cm"]["parent"], parent);
    assert!(desk.state("q")["reasons"].to_string().contains("a draft was made"));
    assert!(desk.fails(2, &["share", "1"], "").contains("private"));
    let approve: Value = serde_json::from_str(&desk.ok(&["approve", "1"], "")).unwrap();
    assert_eq!((&approve["_cm"]["action"], &approve["_cm"]["parent"]), (&"approve".into(), &parent));
}

#[test]
fn a_second_answer_is_told() {
    let desk = Desk::new();
    desk.ok(&[], &comment("q", "Ana", 9, ""));
    let reply = || {
        let output = desk.feed(&["reply", "1", "-m", "It ships."], "");
        assert!(output.status.success() && !output.stdout.is_empty(), "the draft is made all the same");
        stderr(&output)
    };
    assert!(!reply().contains("already"));
    let said = reply();
    assert!(said.contains("made Sun 22 Nov 2026 12:00 already: cm-schedule list"), "{said}");
    desk.ok(&[], &comment("r", "Us", 10, r#","own":true,"in_reply_to":"q""#));
    let said = reply();
    assert!(said.contains("1 (words of Ana) was answered Sat 21 Nov 2026 10:00 already"), "{said}");
}

#[test]
fn a_reply_is_canned_or_written_in_an_editor() {
    let desk = Desk::new();
    desk.ok(&[], &comment("q", "Ana", 9, ""));
    fs::write(desk.path("cm.toml"), "[replies.ship]\ntext = \"Hello {author}, it ships.\"\n").unwrap();
    assert!(desk.ok(&["reply", "1", "--with", "ship"], "").contains("Hello Ana, it ships."));
    assert!(desk.fails(2, &["reply", "1", "--with", "shop"], "").contains("known: ship"));
    assert!(desk.fails(2, &["reply", "1"], "").contains("set EDITOR"));
    let editor = script(&desk, "editor", r#"cp "$2" quoted; echo '#hello Ana' | cat - quoted > "$2""#);
    let edit = |editor: &str| desk.command(&["reply", "1"]).env("EDITOR", editor).output().unwrap();
    let output = edit(&format!("{editor} --wait"));
    let draft: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(draft["content_text"], "#hello Ana");
    assert!(fs::read_to_string(desk.path("quoted")).unwrap().contains("# words of Ana"));
    let kept = desk.path(".local/state/cm/last-reply.txt");
    assert!(fs::read_to_string(kept).unwrap().starts_with("#hello Ana"));
    assert_eq!(edit("true").status.code(), Some(2), "nothing written, nothing sent");
    let mut folder = fs::read_dir(desk.path(".local/state/cm")).unwrap();
    let is_empty_one = |name: &str| name.starts_with("reply-");
    assert!(
        !folder.any(|file| is_empty_one(&file.unwrap().file_name().to_string_lossy())),
        "nor left lying about"
    );
    let kept = fs::read_to_string(desk.path(".local/state/cm/last-reply.txt")).unwrap();
    assert!(kept.starts_with("#hello Ana"), "what was written before stays: {kept}");
    let broken = script(&desk, "broken", r#"echo saved > "$1"; exit 1"#);
    assert_eq!(edit(&broken).status.code(), Some(2));
    let kept = desk.path(".local/state/cm/last-reply.txt");
    assert_eq!(fs::read_to_string(kept).unwrap(), "saved\n", "an editor that crashes costs no words");
}

#[test]
fn the_question_that_stands_in_the_title_is_seen() {
    let desk = Desk::new();
    let long = format!("Which grinder fits the winter roast? {}", "It is a long story. ".repeat(9).trim());
    let asked = comment("q", "Ana", 9, "").replace(r#""kind":"comment""#, r#""kind":"mention""#);
    let asked = asked.replacen(r#""content_text""#, &format!(r#""title":"{long}","content_text""#), 1);
    desk.ok(&[], &asked);
    let page = desk.ok(&["show", "1"], "");
    assert!(page.starts_with(&format!("1  {long}\n")) && page.contains("\nwords of Ana\n"), "{page}");
    let editor = script(&desk, "editor", r#"cp "$1" quoted; echo Hello > "$1""#);
    assert!(desk.command(&["reply", "1"]).env("EDITOR", editor).output().unwrap().status.success());
    let quoted = fs::read_to_string(desk.path("quoted")).unwrap();
    assert!(quoted.contains(&format!("# {long}\n#\n# words of Ana\n")), "{quoted}");
    let told = stderr(&desk.feed(&["reply", "1", "-m", "x"], ""));
    assert!(told.contains("Which grinder fits the winter roast?"), "{told}");
}

#[test]
fn a_query_finds_what_was_said_on_a_page_by_its_title_or_address() {
    let desk = Desk::new();
    let page = |n: u32, title: &str| {
        format!(
            r#"{{"id":"post-{n}","url":"https://blog.example/p{n}","title":"{title}","content_text":"On freight"}}"#
        ) + "\n"
    };
    let on = |id: &str, n: u32| {
        comment(id, "Ana", 9, "").replace(r#""t""#, &format!(r#""https://blog.example/p{n}""#))
    };
    desk.ok(&[], &(page(1, "The Röst of winter") + &page(2, "Summer") + &on("a", 1) + &on("b", 2)));
    assert_eq!(desk.ids(&["list", "--lane", "answer", "rost", "ana"]), ["a"]);
    assert_eq!(desk.ids(&["list", "--lane", "answer", "P2"]), ["b"]);
    assert_eq!(
        desk.ids(&["list", "--lane", "answer", "freight"]),
        Vec::<String>::new(),
        "not by the page's text"
    );
    assert_eq!(
        desk.ids(&["list", "--lane", "answer", "blog.example"]),
        Vec::<String>::new(),
        "nor by the blog's name"
    );
    assert_eq!(desk.ids(&["list", "freight"]).len(), 2);
}

#[test]
fn a_thread_shows_who_answers_whom() {
    let desk = Desk::new();
    let to = |id: &str| format!(r#","in_reply_to":"{id}""#);
    let lines = [
        comment("a", "Ana", 1, ""),
        comment("b", "Ben", 2, ""),
        comment("c", "Cleo", 3, &to("a")),
        comment("d", "Dan", 4, &to("c")),
        comment("e", "Eva", 5, &to("gone")),
        comment("f", "Fay", 6, &to("g")),
        comment("g", "Gil", 7, &to("f")),
    ];
    desk.ok(&[], &lines.concat());
    let shown = desk.ok(&["show", "3"], "");
    let thread = shown.split_once("thread\n").unwrap().1;
    let line = |line: &str| line.split_once(":00  ").unwrap().1.split_once(": ").unwrap().0.to_owned();
    let told: Vec<String> = thread.lines().map(line).collect();
    assert_eq!(told, ["Ana", "  Cleo", "    Dan", "Ben", "Eva", "Fay", "Gil"], "{shown}");
}

#[test]
fn numbers_are_understood_as_people_write_them() {
    let desk = Desk::new();
    desk.ok(&[], &(comment("a", "Ana", 9, "") + &comment("b", "Ben", 8, "") + &comment("c", "Cleo", 7, "")));
    assert_eq!(ids(&desk.ok(&["get", "1,#3"], "")), ["a", "c"]);
    assert!(desk.ok(&["show", "#2"], "").contains("words of Ben"));
    assert!(desk.fails(3, &["done", "1,9"], "").contains("\"9\""));
    assert!(desk.ok(&["help", "approve"], "").contains("Let held comments through"));
}

#[test]
fn what_an_editor_saves_into_a_new_file_is_kept_from_others() {
    let desk = Desk::new();
    let store = format!("sqlite:{}", desk.path("elsewhere.db").display());
    desk.ok(&["--store", &store], &comment("q", "Ana", 9, ""));
    let editor = script(&desk, "editor", r#"echo secret > new; chmod 644 new; mv new "$1""#);
    let output = desk.command(&["--store", &store, "reply", "1"]).env("EDITOR", editor).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let kept = desk.path(".local/state/cm/last-reply.txt");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(kept.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn sharing_points_at_the_page_and_ideas_are_ours_to_share() {
    let desk = Desk::new();
    desk.ok(&[], ARTICLE);
    let draft: Value = serde_json::from_str(&desk.ok(&["share", "1"], "")).unwrap();
    assert_eq!(draft["content_text"], "Coffee prices https://news.example/1");
    assert_eq!((&draft["url"], &draft["_cm"]["draft"]), (&"https://news.example/1".into(), &true.into()));
    desk.ok(&["add", "Write", "about", "https://a.example/x,", "soon"], "");
    let idea = desk.ok(&["get", "2"], "");
    assert!(idea.contains(r#""url":"https://a.example/x""#) && idea.contains(r#""lane":"read""#), "{idea}");
    assert!(desk.ok(&["share", "2"], "").contains("Write about https://a.example/x, soon"));
    assert!(desk.fails(2, &["approve", "2"], "").contains("feed"));
    desk.ok(&["undo"], "");
    desk.ok(&["undo"], "");
    assert_eq!(desk.ids(&["list"]), ["https://news.example/1"]);
}

#[test]
fn notes_stand_on_their_item_and_in_their_list() {
    let desk = Desk::new();
    desk.ok(&[], &comment("q", "Ana", 9, ""));
    desk.ok(&["note", "--on", "1", "ask", "Ben"], "");
    desk.ok(&["note", "buy beans"], "");
    assert_eq!(desk.state("q")["notes"], serde_json::json!(["ask Ben"]));
    let notes = desk.ok(&["notes"], "");
    assert_eq!(notes.lines().count(), 2);
    assert!(desk.ok(&["notes", "ANA"], "").contains("ask Ben"), "found by what it is on");
    desk.ok(&["undo"], "");
    assert_eq!(desk.ok(&["notes"], "").lines().count(), 1);
    let page = desk.ok(&["show", "1"], "");
    for part in
        ["Ana", "wordpress:blog", "comment, public", "ask Ben", "words of Ana", "Sat 21 Nov 2026 09:00"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn the_browser_gets_web_addresses_only() {
    let desk = Desk::new();
    let bad = r#"{"id":"evil","url":"javascript:alert(1)","content_text":"x"}"#;
    desk.ok(&[], &(ARTICLE.to_owned() + bad + "\n"));
    let browser = script(&desk, "browser", r#"echo "$@" > opened"#);
    let open = |item: &str| {
        desk.command(&["open", item]).env("BROWSER", format!("/nonexistent:{browser} -t %s")).output()
    };
    assert!(open("1").unwrap().status.success());
    assert_eq!(fs::read_to_string(desk.path("opened")).unwrap(), "-t https://news.example/1\n");
    assert_eq!(open("2").unwrap().status.code(), Some(2));
    assert_eq!(desk.ok(&["open", "1"], ""), "https://news.example/1\n", "no browser: the address");
}

#[test]
fn exit_codes_say_what_came_of_it() {
    let desk = Desk::new();
    desk.fails(1, &["-e"], "");
    desk.fails(1, &["list", "-e"], "");
    desk.ok(&["list"], "");
    let said = desk.fails(3, &[], &("not json\n".to_owned() + &comment("q", "Ana", 9, "")));
    assert!(said.contains("stdin:1:") && said.contains("skipped 1 of 2 lines"), "{said}");
    assert_eq!(desk.ids(&["list"]), ["q"], "the rest went on");
    desk.ok(&["list", "-e"], "");
    desk.fails(2, &["--strict"], "not json\n");
    assert!(desk.fails(2, &["show", "99"], "").contains("no item \"99\""));
    for none in [&["done", "abc"][..], &["get", "98", "7-9"]] {
        let said = desk.fails(2, none, "");
        assert!(said.contains(&format!("no item {:?}", none[1..].join(", "))), "{said}");
    }
    desk.fails(3, &["done", "1", "99"], "");
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new(), "the one that is there is done");
    let odd = std::ffi::OsStr::from_bytes(b"sqlite:\xFF");
    let output = desk.command(&["list"]).env("CM_STORE", odd).output().unwrap();
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(2), "cm-inbox: $CM_STORE is not UTF-8\n")
    );
    assert!(desk.fails(2, &["x.jsonl", "--lane", "read", "undo"], "").contains("x.jsonl"));
    desk.fails(2, &["undo", "--lane", "read"], "");
    assert!(desk.fails(2, &["missing.jsonl"], "").contains("no such file"));
    let said = desk.fails(2, &["lst"], "");
    assert!(said.contains("did you mean \"list\"?") && said.contains("lst: no such file"), "{said}");
}

#[test]
fn a_mistyped_store_is_told_and_not_made() {
    let desk = Desk::new();
    for look in [&["list"][..], &["show", "1"], &["notes"], &["done", "1"], &["note", "--on", "1", "x"]] {
        let said = desk.fails(2, &[&["--store", "foo"], look].concat(), "");
        assert!(said.contains("there is no store at") && said.contains("--store"), "{said}");
    }
    desk.fails(2, &["missing.jsonl", "--store", "foo"], "");
    assert!(!desk.path("foo").exists());
    desk.ok(&["--store", "foo"], "");
    assert_eq!(desk.ok(&["--store", "foo", "list"], ""), "", "nothing came, and that is no error");
}

#[test]
fn a_rehearsal_changes_nothing() {
    let desk = Desk::new();
    let input = comment("q", "Ana", 9, "");
    let rehearsed = desk.ok(&["-n"], &input);
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
    assert_eq!(desk.ok(&[], &input), rehearsed);
    for (change, would) in [
        (&["done", "1"][..], "done: 1 (words of Ana)"),
        (&["later", "1", "2h"], "put off: 1 (words of Ana), back Sun 22 Nov 2026 14:00"),
        (&["note", "x"], "noted: \"x\""),
        (&["note", "--on", "1", "x"], "noted: \"x\", on 1 (words of Ana)"),
        (&["add", "x"], "added: 2 (x)"),
        (&["reply", "1", "-m", "x"], "remembered: the draft, reply to 1 (words of Ana)\n"),
        (&["spam", "1"], "remembered: the draft, spam 1 (words of Ana)\n"),
    ] {
        let said = stderr(&desk.feed(&[&["--dry-run"], change].concat(), ""));
        assert!(said.contains(&format!("cm-inbox: would be {would}")), "{change:?}: {said}");
        assert_eq!(stderr(&desk.feed(&[&["-nq"], change].concat(), "")), "", "{change:?}");
    }
    desk.ok(&["list", "--all"], "");
    assert_eq!(desk.ok(&["list"], ""), rehearsed);
    assert_eq!(desk.ok(&["notes"], ""), "");
    desk.fails(2, &["undo"], "");
    desk.ok(&["done", "1"], "");
    let said = stderr(&desk.feed(&["-n", "done", "1"], ""));
    assert_eq!(said, "cm-inbox: would be done: nothing, none of these is open\n");
    let said = stderr(&desk.feed(&["-n", "undo"], ""));
    assert_eq!(said, "cm-inbox: would be taken back: done 1 (words of Ana)\n");
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new(), "it is done still");
    desk.ok(&["undo"], "");
    let answer = comment("a", "us", 10, r#","own":true,"in_reply_to":"q""#);
    let said = stderr(&desk.feed(&["-n"], &answer));
    assert_eq!(said, "cm-inbox: would be so: 1 answered; nothing needs anyone\n");
    assert_eq!(desk.ok(&["list"], ""), rehearsed);
}

#[test]
fn a_reader_that_goes_away_costs_nothing() {
    let desk = Desk::new();
    let input: String = (0..500).map(|n| comment(&format!("q{n}"), "Ana", 9, "")).collect();
    let mut child = desk.command(&[]).spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", stderr(&output));
    assert_eq!(desk.ids(&["list"]).len(), 500);
}

#[test]
fn what_a_slow_source_has_sent_is_safe_when_the_inbox_is_killed() {
    let desk = Desk::new();
    let mut child = desk.command(&[]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(comment("q", "Ana", 9, "").as_bytes()).unwrap();
    // The input stays open, so nothing ends the batch but that it would block.
    while desk.feed(&["list"], "").stdout.is_empty() {
        assert!(child.try_wait().unwrap().is_none());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(ids(&desk.ok(&[], &comment("q", "Ana", 9, ""))), ["q"], "the next run hands it out");
}

#[test]
fn the_report_finds_what_it_counts() {
    let desk = Desk::new();
    desk.ok(&[], &(comment("q", "Ana", 9, "") + &comment("r", "Us", 11, r#","own":true,"in_reply_to":"q""#)));
    let store = format!("sqlite:{}", desk.path(".local/state/cm/cm.db").display());
    let store = cm_store::Store::open(&store, cm_store::Mode::Read).unwrap();
    let sql = "SELECT source, id, number, kind, lane, state, title, url, author, thread, in_reply_to, own,
               published_ms, taken_ms, answered_ms, answered_by, searches FROM report_items_v1 ORDER BY id";
    let rows = store.read(move |tx| tx.query(sql, &[])).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].int(14).unwrap().unwrap() - rows[0].int(12).unwrap().unwrap(), 2 * 3_600_000);
    assert_eq!(rows[0].text(15).unwrap().as_deref(), Some("r"));
    assert_eq!((rows[1].int(11).unwrap(), rows[1].int(2).unwrap()), (Some(1), None));
    for few in ["direct", "followers"] {
        desk.ok(&[], &comment(few, "Cleo", 9, "").replace("public", few));
    }
    desk.ok(&[], &comment("message", "Cleo", 9, r#","kind":"message""#).replace(r#""kind":"comment","#, ""));
    let sql = "SELECT title FROM report_items_v1 WHERE author = 'Cleo'";
    let told = store.read(move |tx| tx.query(sql, &[])).unwrap();
    let titles: Vec<_> = told.iter().map(|row| row.text(0).unwrap()).collect();
    assert_eq!(titles, vec![Some("(private)".to_owned()); 3], "a report is shown around");
}
