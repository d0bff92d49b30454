//! Queueing: what goes out, what does not, and when.

use super::{Desk, SUNDAY, article, post, text};
use serde_json::Value;
use std::io::Write;

#[test]
fn a_record_is_spread_over_the_slots_and_comes_back_with_its_post_and_every_byte() {
    let desk = Desk::new();
    let input = article(1)
        .replace("\"title\"", "\"_x\":{\"big\":123456789012345678901234567890,\"e\":1E5},\"title\"")
        + &article(2)
        + &article(3)
        + &article(4);
    let run = desk.run(&["add", "--to", "file:drafts"], &input);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for (line, out) in input.lines().zip(run.out.lines()) {
        assert!(out.starts_with(&line[..line.len() - 1]) && out.contains(",\"_cm_schedule\":"), "{out}");
    }
    let posts = run.values();
    let due: Vec<String> = posts.iter().map(|record| text(post(record), "due")).collect();
    assert_eq!(
        due,
        ["2026-11-23T08:00:00Z", "2026-11-23T11:30:00Z", "2026-11-23T15:45:00Z", "2026-11-24T08:00:00Z"]
    );
    assert_eq!(post(&posts[0])["text"], "News 1 https://news.example/1");
    assert_eq!(
        (text(post(&posts[0]), "state"), text(post(&posts[0]), "time_zone")),
        ("queued".into(), "Europe/Berlin".into())
    );

    let again = desk.run(&["add", "--to", "file:drafts"], &run.out);
    assert_eq!((again.code, again.out), (0, run.out), "a second pass changes no byte");
    assert_eq!(desk.states(SUNDAY).len(), 4);
    desk.run(&["add", "-e", "--to", "file:drafts"], &article(1)).refused(1, "");
}

#[test]
fn a_draft_goes_out_verbatim_with_its_accounts_short_links() {
    let desk = Desk::new();
    let draft = r#"{"id":"urn:cm:draft:b34d3a11e598ef37fd85ab6e80ee759f","content_text":"Sorry Ana: https://acme.example/shop?id=7, or https://acme.example/shop?id=77","_cm":{"version":1,"kind":"reply","draft":true,"in_reply_to":"https://p.example/1","parent":{"id":"https://p.example/1","account":"file:bare","native":{"status":"1"}},"audience":"public"},"_cm_shorten":{"at":"2026-08-22T09:31:00Z","links":[{"url":"https://acme.example/shop?id=7","clean_url":"https://acme.example/shop?id=7","short_url":"https://go.acme.example/other","account":"file:drafts"},{"url":"https://acme.example/shop?id=7","clean_url":"https://acme.example/shop?id=7","short_url":"https://go.acme.example/k7qmtd","account":"file:bare"}]}}"#;
    let queued = desk.lines(SUNDAY, &["add", "--at", "tomorrow 9:00"], draft);
    let expected = "Sorry Ana: https://go.acme.example/k7qmtd, or https://acme.example/shop?id=77";
    assert_eq!(
        (text(post(&queued[0]), "text"), text(post(&queued[0]), "account")),
        (expected.into(), "file:bare".into())
    );
    assert_eq!(text(post(&queued[0]), "in_reply_to"), "https://p.example/1");
    desk.lines("2026-11-23T08:00:30Z", &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl"), [expected]);
    let line = std::fs::read_to_string(desk.path("bare.jsonl")).unwrap();
    assert!(line.contains(r#""native":{"status":"1"}"#), "{line}");
}

#[test]
fn strangers_words_and_private_ones_are_refused_and_the_records_flow_on() {
    let desk = Desk::new();
    let record = |id: &str, meta: &str| {
        format!(
            r#"{{"id":"{id}","url":"https://n.example/{id}","content_text":"theirs","_cm":{{"version":1,{meta}}}}}"#
        ) + "\n"
    };
    let input = record("1", r#""kind":"comment","audience":"public""#)
        + &record("2", r#""kind":"note","audience":"followers""#)
        + &record("3", r#""kind":"note""#)
        + &record("4", r#""kind":"reply","draft":true,"audience":"direct","in_reply_to":"p""#)
        + r#"{"id":"5","content_text":"","_cm":{"version":1,"draft":true}}"#;
    let run = desk.run(&["add", "--to", "file:drafts"], &input);
    assert_eq!((run.code, run.out.trim_end()), (3, input.as_str()));
    for words in [
        "stdin:1: not posted: a comment is",
        "stdin:2: not posted: the note is not public",
        "stdin:3: ",
        "--share-unknown",
        "stdin:4: not posted: the draft is not for everybody",
        "stdin:5: not posted: there is nothing to say",
    ] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert_eq!(desk.states(SUNDAY), []);
    let forced = desk.run(&["add", "--share-unknown", "--to", "file:drafts"], &input);
    assert_eq!((forced.code, desk.states(SUNDAY).len()), (3, 1));
}

#[test]
fn where_a_record_was_read_and_what_was_noted_on_it_stays_here() {
    let desk = Desk::new();
    let parts = r#""_cm":{"version":1,"kind":"article","source":"https://f.example/?key=s3cret","feed":{"title":"F","feed_url":"https://f.example/?key=s3cret"}},
        "_cm_fetch":{"at":"","from":"https://f.example/?key=s3cret"},"_cm_inbox":{"notes":["s3cret"]},"title""#;
    desk.lines(
        SUNDAY,
        &["add", "--now", "--to", "file:bare"],
        &article(1).replace("\"title\"", &parts.replace('\n', "")),
    );
    let line = std::fs::read_to_string(desk.path("bare.jsonl")).unwrap();
    assert!(!line.contains("s3cret") && line.contains(r#""feed":{"title":"F"}"#), "{line}");
}

#[test]
fn one_post_for_each_of_several_accounts_and_one_refusal_spares_the_others() {
    let desk = Desk::new();
    let long = "x".repeat(40_001);
    let run = desk.run(&["add", "--now", "--to", "webhook:team,file:bare", "-m", &long], "");
    run.refused(3, "webhook:team takes 40000 characters, the text has 40001");
    assert_eq!(run.values()[0]["_cm_schedule"]["posts"].as_array().unwrap().len(), 1);
    assert_eq!(desk.sent("bare.jsonl").len(), 1);
}

#[test]
fn without_to_a_record_goes_where_its_links_were_shortened_for() {
    let desk = Desk::new();
    let link = |n: u32, account: &str| {
        format!(
            r#"{{"url":"https://news.example/1","clean_url":"https://news.example/1","short_url":"https://go.example/{n}","account":"{account}"}}"#
        )
    };
    let part = format!(
        r#","_cm_shorten":{{"at":"","links":[{},{}]}}}}"#,
        link(1, "file:drafts"),
        link(2, "file:bare")
    );
    let record = article(1).replace("}\n", &part);
    desk.lines(SUNDAY, &["add", "--at", "9:00"], &record);
    let posts: Vec<_> = desk
        .run(&["list"], "")
        .values()
        .iter()
        .map(|post| (text(post, "account"), text(post, "text")))
        .collect();
    for (account, n) in [("file:drafts", 1), ("file:bare", 2)] {
        assert!(posts.contains(&(account.to_owned(), format!("News 1 https://go.example/{n}"))), "{posts:?}");
    }
}

#[test]
fn now_sends_before_it_returns_and_once() {
    let desk = Desk::new();
    for _ in 0..2 {
        let out = desk.lines(SUNDAY, &["add", "--now", "--to", "file:bare", "-m", "Hello"], "");
        assert_eq!(
            (text(post(&out[0]), "state"), text(post(&out[0]), "published_at")),
            ("published".into(), SUNDAY.into())
        );
        assert!(text(post(&out[0]), "published_url").ends_with("bare.jsonl"));
    }
    assert_eq!(desk.sent("bare.jsonl"), ["Hello"]);
    assert_eq!(desk.lines(SUNDAY, &["publish"], ""), [] as [Value; 0]);
}

#[test]
fn now_tells_what_was_queued_before_and_waits() {
    let desk = Desk::new();
    let queued = desk.lines(SUNDAY, &["add", "--to", "file:bare", "--at", "tomorrow 9:00"], &article(1));
    let run = desk.run(&["add", "--now", "--to", "file:bare"], &article(1));
    run.refused(3, "was queued before, for Mon 2026-11-23 09:00, and waits: cm-schedule move ");
    assert_eq!(desk.sent("bare.jsonl"), [] as [String; 0]);
    let id = text(post(&queued[0]), "id");
    desk.lines(SUNDAY, &["move", &id, "now"], "");
    desk.lines(SUNDAY, &["add", "--now", "--to", "file:bare"], &article(1));
    assert_eq!(desk.sent("bare.jsonl").len(), 1);
    desk.run_at("2026-11-23T12:00:00Z", &["add", "--at", "13:30", "--to", "file:bare"], &article(2));
    desk.run_at("2026-11-23T18:00:00Z", &["publish"], "")
        .refused(3, "was due Mon 2026-11-23 13:30 and is missed");
    desk.run_at("2026-11-23T18:00:00Z", &["add", "--now", "--to", "file:bare"], &article(2))
        .refused(3, "was not sent, it is missed");
}

#[test]
fn an_action_says_nothing_whatever_its_record_holds() {
    let desk = Desk::new();
    let action = r#"{"id":"c1","content_text":"somebody's words","_cm":{"version":1,"kind":"comment","action":"approve","in_reply_to":"c1","parent":{"id":"c1","account":"ACCOUNT"}}}"#;
    let out = desk.lines(SUNDAY, &["add", "--now"], &action.replace("ACCOUNT", "file:bare"));
    assert_eq!(
        (text(post(&out[0]), "state"), desk.sent("bare.jsonl")),
        ("published".into(), vec![String::new()])
    );
    // An item that came by a feed has no account to act through.
    desk.run(&["add", "--now"], &action.replace("ACCOUNT", "")).refused(3, "give --to ACCOUNT");
}

#[test]
fn now_that_cannot_send_leaves_the_post_queued_and_says_so() {
    let desk = Desk::new();
    let run = desk.run(&["add", "--now", "--to", "webhook:team", "-m", "Hello"], "");
    run.refused(3, "was not sent, next try Sun 2026-11-22 19:01: ");
    assert!(run.err.contains("--allow-private") && !run.err.contains("secret"), "{}", run.err);
    assert_eq!((text(post(&run.values()[0]), "state"), run.err.lines().count()), ("queued".into(), 1));
    // Not in a tight loop: a run within the pause leaves it alone, one after it tries again and waits longer.
    assert_eq!(desk.lines("2026-11-22T18:00:30Z", &["publish"], ""), [] as [Value; 0]);
    desk.run_at("2026-11-22T18:02:00Z", &["publish"], "").refused(3, "next try Sun 2026-11-22 19:04: ");
    // When nothing has run for long, it is not sent out of the blue.
    let last = desk.run_at("2026-11-23T18:30:00Z", &["publish"], "");
    last.refused(3, "is missed");
}

#[test]
fn at_takes_the_time_asked_for_and_spaces_what_comes_together() {
    let desk = Desk::new();
    let out = desk.lines(
        SUNDAY,
        &["add", "--to", "file:drafts", "--at", "tomorrow 23:30"],
        &(article(1) + &article(2)),
    );
    let due: Vec<String> = out.iter().map(|record| text(post(record), "due")).collect();
    assert_eq!(due, ["2026-11-23T22:30:00Z", "2026-11-23T23:15:00Z"]);
    assert!(text(&desk.run(&["list"], "").values()[0], "why").contains("quiet hours"));
    desk.run(&["add", "--to", "file:drafts", "--at", "2026-11-20"], "")
        .refused(2, "lies in the past (Fri 2026-11-20 09:00)");
    desk.run(&["add", "--to", "file:drafts", "--at", "soonish"], "").refused(2, "--at: ");
    desk.run(&["add", "--to", "file:drafts", "--at", "9000000h"], "").refused(2, "more than ten years ahead");
    desk.run(&["add", "--to", "file:drafts", "--at", "2h", "--now"], "").refused(2, "cannot be used with");
}

#[test]
fn a_run_that_was_killed_goes_on_at_the_end_of_its_row() {
    let desk = Desk::new();
    let add = ["add", "--to", "file:drafts", "--at", "tomorrow 10:00"];
    let input: String = (1..=4).map(article).collect();
    desk.lines(SUNDAY, &add, &(article(1) + &article(2)));
    let planned = desk.lines(SUNDAY, &[&add[..], &["-n"]].concat(), &input);
    let row: Vec<String> = desk.lines(SUNDAY, &add, &input).iter().map(|r| text(post(r), "due")).collect();
    assert_eq!(
        row,
        ["2026-11-23T09:00:00Z", "2026-11-23T09:45:00Z", "2026-11-23T10:30:00Z", "2026-11-23T11:15:00Z"]
    );
    assert_eq!(planned.iter().map(|post| text(post, "due")).collect::<Vec<_>>(), row[2..]);
}

#[test]
fn another_time_for_what_is_queued_is_told_and_changes_nothing() {
    let desk = Desk::new();
    let add = |clock: &str, at: &[&str]| {
        desk.run_at(clock, &[&["add", "--to", "file:drafts", "-m", "Hello"], at].concat(), "")
    };
    assert_eq!(add(SUNDAY, &["--at", "2h"]).err, "");
    for (at, quiet) in [(&["--at", "2h"][..], true), (&[], true), (&["--at", "3h"], false)] {
        let run = add("2026-11-22T18:00:20Z", at);
        let words = "is queued already for Sun 2026-11-22 21:00: cm-schedule move ";
        assert_eq!(
            (run.code, run.err.is_empty(), run.err.contains(words)),
            (0, quiet, !quiet),
            "{}",
            run.err
        );
        assert_eq!(text(post(&run.values()[0]), "due"), "2026-11-22T20:00:00Z");
    }
    // A row that is asked for again is the same row.
    let row = || desk.run(&["add", "--to", "file:drafts", "--at", "23:00"], &(article(1) + &article(2)));
    assert_eq!((row().err, row().err), (String::new(), String::new()));
    desk.lines("2026-11-22T20:00:00Z", &["publish"], "");
    assert_eq!(add("2026-11-22T20:05:00Z", &["--at", "3h"]).err, "", "it is out");
}

#[test]
fn named_slots_and_accounts_without_slots() {
    let desk = Desk::new();
    let out = desk.lines(SUNDAY, &["add", "--to", "file:bare", "--slots", "lunch"], &article(1));
    assert_eq!(text(post(&out[0]), "due"), "2026-11-23T11:15:00Z");
    desk.run(&["add", "--to", "file:bare"], &article(2))
        .refused(2, "file:bare has no slots: give --now, --at WHEN");
    desk.run(&["add", "--to", "file:bare", "--slots", "dinner"], "")
        .refused(2, "no [slots.dinner] is configured (configured: lunch)");
    desk.run(&["add", "--to", "file:nowhere"], "").refused(2, "no account \"file:nowhere\" is configured");
    desk.run(&["add", "--now", "--to", "mastodon:acme"], "")
        .refused(2, "this version cannot post there (it can: ");
    desk.run(&["add", "--now", "--to", "file:bare", "--template", "{titel}"], "")
        .refused(2, "knows no {titel}");
    desk.run(&["add"], &article(1)).refused(3, "give --to ACCOUNT");
}

#[test]
fn a_dry_run_shows_bytes_count_instant_and_why_and_writes_nothing() {
    let desk = Desk::new();
    let args = ["add", "-n", "--to", "file:drafts"];
    let shown = desk.lines(SUNDAY, &args, &(article(1) + &article(2)));
    assert!(!desk.path("cm.db").exists());
    assert_eq!(text(&shown[1], "due"), "2026-11-23T11:30:00Z");
    assert_eq!(text(&shown[1], "why"), "the next free slot, mon-fri 12:30; 1 before it taken");
    assert_eq!((&shown[0]["graphemes"], &shown[0]["bytes"]), (&29.into(), &29.into()));
    desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
    let store = std::fs::read(desk.path("cm.db")).unwrap();
    let shown = desk.lines(SUNDAY, &args, &(article(1) + &article(2)));
    assert_eq!(
        (shown.len(), text(&shown[0], "due")),
        (1, "2026-11-23T11:30:00Z".into()),
        "the first is queued already"
    );
    assert_eq!(std::fs::read(desk.path("cm.db")).unwrap(), store);
    let body = text(&shown[0], "body");
    desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(2));
    desk.lines("2026-11-23T08:00:00Z", &["publish"], "");
    desk.lines("2026-11-23T11:30:00Z", &["publish"], "");
    assert!(
        std::fs::read_to_string(desk.path("drafts.jsonl")).unwrap().ends_with(&(body + "\n")),
        "the very bytes"
    );
}

#[test]
fn several_adds_at_once_queue_everything_once_and_share_no_slot() {
    let desk = Desk::new();
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let mut child = desk.command(SUNDAY, &["add", "--to", "file:drafts"]).spawn().unwrap();
            child
                .stdin
                .take()
                .unwrap()
                .write_all((1..=5).map(article).collect::<String>().as_bytes())
                .unwrap();
            child
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success() && output.stdout.split(|b| *b == b'\n').count() == 6, "{output:?}");
    }
    let posts = desk.run(&["list"], "").values();
    let mut due: Vec<String> = posts.iter().map(|post| text(post, "due")).collect();
    due.dedup();
    assert_eq!((posts.len(), due.len()), (5, 5));
}

#[test]
fn a_reader_that_goes_away_ends_the_output_and_not_the_work() {
    let desk = Desk::new();
    let mut child = desk.command(SUNDAY, &["add", "--to", "file:drafts", "--line-buffered"]).spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all((1..=5).map(article).collect::<String>().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(desk.states(SUNDAY).len(), 5);
}

#[test]
fn bad_lines_and_later_versions_are_told_and_the_rest_goes_on() {
    let desk = Desk::new();
    let later = r#"{"id":"x","content_text":"t","_cm":{"version":2,"draft":true}}"#;
    let run = desk.run(&["add", "--to", "file:drafts"], &format!("nonsense\n{later}\n{}", article(1)));
    run.refused(3, "skipped 1 of 3 lines");
    assert!(run.out.starts_with(later) && desk.states(SUNDAY).len() == 1, "{}", run.out);
    desk.run(&["add", "--strict", "--to", "file:drafts"], "nonsense\n").refused(2, "stdin:1: ");
}
