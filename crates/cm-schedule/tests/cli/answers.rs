//! Answers and actions: where they go, in which order, for whom, and what is told of them.

use super::{Desk, SUNDAY, post, text};
use serde_json::Value;

/// An action on comment `n`, as cm-inbox makes it.
fn action(n: u32, account: &str, action: &str) -> String {
    let line = r#"{"id":"urn:cm:draft:N-ACTION","content_text":"","_cm":{"version":1,"draft":true,"action":"ACTION","in_reply_to":"urn:x:N","parent":{"id":"urn:x:N","account":"TO","native":{"post":4,"comment":N}}}}"#;
    line.replace("ACTION", action).replace('N', &n.to_string()).replace("TO", account) + "\n"
}

/// A draft that answers comment `n`, with more members of `_cm`.
fn reply(n: u32, account: &str, more: &str) -> String {
    let line = r#"{"id":"urn:cm:draft:N-reply","content_text":"Yes N","_cm":{"version":1,"kind":"reply","draft":true,MORE"in_reply_to":"urn:x:N","parent":{"id":"urn:x:N","account":"TO","native":{"post":4,"comment":N}}}}"#;
    line.replace("MORE", more).replace('N', &n.to_string()).replace("TO", account) + "\n"
}

#[test]
fn what_is_not_for_everybody_goes_out_only_when_asked_and_says_for_whom_it_is() {
    let desk = Desk::new();
    for (audience, few) in [("direct", "the people addressed"), ("followers", "followers")] {
        let draft =
            reply(1, "file:bare", &format!(r#""audience":"{audience}","#)).replace("1-reply", audience);
        let words =
            format!("the draft is not for everybody, only for {few}: --private sends it to file:bare");
        desk.run(&["add", "--now"], &draft).refused(3, &words);
        assert!(!std::fs::read_to_string(desk.path("bare.jsonl")).unwrap_or_default().contains(audience));
        desk.lines(SUNDAY, &["add", "--now", "--private"], &draft);
        let lines = std::fs::read_to_string(desk.path("bare.jsonl")).unwrap();
        let payload: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!(payload["record"]["_cm"]["audience"], audience, "the receiver learns for whom it is");
    }
}

#[test]
fn an_unknown_action_and_one_on_nothing_are_refused_before_they_are_queued() {
    let desk = Desk::new();
    let run = desk.run(&["add", "--now"], &action(1, "file:bare", "aprove"));
    run.refused(
        3,
        "stdin:1: not posted: unknown action \"aprove\" (known: approve, spam, trash, like, boost, follow)",
    );
    let nothing = r#"{"id":"x","content_text":"","_cm":{"version":1,"action":"spam"}}"#;
    desk.run(&["add", "--now", "--to", "file:bare"], nothing).refused(3, "does not say what to spam");
    assert_eq!(desk.states(SUNDAY), []);
}

#[test]
fn a_listing_says_what_an_action_does_and_to_what() {
    let desk = Desk::new();
    let out = desk.lines(SUNDAY, &["add", "--at", "20:00"], &action(7, "file:bare", "approve"));
    let id = text(post(&out[0]), "id");
    for listed in [&["list"][..], &["show", &id], &["publish", "-n", "--clock", "2026-11-22T19:00:00Z"]] {
        let shown = desk.lines(SUNDAY, listed, "");
        assert_eq!(text(&shown[0], "does"), "approve comment 7, post 4", "{listed:?}");
    }
    let dry = desk.lines(SUNDAY, &["add", "-n", "--now"], &action(8, "file:bare", "spam"));
    assert_eq!(
        (text(&dry[0], "does"), text(&dry[0], "text")),
        ("spam comment 8, post 4".into(), String::new())
    );
}

#[test]
fn what_comes_in_one_pipe_goes_out_in_its_order_and_actions_before_answers() {
    let desk = Desk::new();
    let answers: String = (1..=6).map(|n| reply(n, "file:bare", "")).collect();
    let input = answers.clone() + &action(3, "file:bare", "approve");
    desk.lines(SUNDAY, &["add", "--at", "20:00"], &input);
    desk.lines("2026-11-22T19:00:00Z", &["publish"], "");
    // By one clock, all within a millisecond; the third waits for the action on what it answers.
    assert_eq!(desk.sent("bare.jsonl"), ["Yes 1", "Yes 2", "Yes 4", "Yes 5", "Yes 6", "", "Yes 3"]);
}

#[test]
fn an_answer_waits_for_the_action_on_what_it_answers() {
    let desk = Desk::new();
    let pipe = action(1, "file:away", "approve") + &reply(1, "file:away", "");
    let run = desk.run(&["add", "--now"], &pipe);
    run.refused(3, "on what it answers is not done yet");
    // The action is put off; the answer, though due, is not tried without it.
    assert_eq!(desk.lines("2026-11-22T18:00:30Z", &["publish", "-n"], ""), [] as [Value; 0]);
    desk.run_at("2026-11-22T18:00:30Z", &["publish"], "");
    let answer = |clock: &str| {
        let listed = desk.run_at(clock, &["list", "--state", "all"], "").values();
        listed.into_iter().find(|post| text(post, "kind") == "reply").unwrap()
    };
    assert_eq!(answer(SUNDAY)["attempts"], 0);
    std::fs::create_dir_all(desk.path("no/such/folder")).unwrap();
    desk.lines("2026-11-22T18:05:00Z", &["publish"], "");
    assert_eq!(desk.sent("no/such/folder/away.jsonl"), ["", "Yes 1"]);
    // An answer to something else waits for nobody.
    std::fs::remove_dir_all(desk.path("no")).unwrap();
    desk.run(&["add", "--now"], &action(2, "file:away", "trash"));
    desk.lines(SUNDAY, &["add", "--now"], &reply(2, "file:bare", ""));
}

#[test]
fn an_answer_behind_an_action_that_is_put_off_is_not_missed_before_it() {
    let desk = Desk::new();
    let pipe = action(1, "file:away", "approve") + &reply(1, "file:away", "");
    desk.run(&["add", "--now"], &pipe).refused(3, "not done yet");
    // Longer than the grace of two hours, by cron.
    for minute in (10..180).step_by(10) {
        let clock = format!("2026-11-22T{:02}:{:02}:00Z", 18 + minute / 60, minute % 60);
        let run = desk.run_at(&clock, &["publish"], "");
        assert!(!run.err.contains("missed"), "{clock}: {}", run.err);
    }
    std::fs::create_dir_all(desk.path("no/such/folder")).unwrap();
    desk.lines("2026-11-22T22:00:00Z", &["publish"], "");
    assert_eq!(desk.sent("no/such/folder/away.jsonl"), ["", "Yes 1"]);
}

#[test]
fn a_late_action_is_done_and_the_answer_behind_it_waits_for_a_person() {
    let desk = Desk::new();
    let pipe = action(1, "file:bare", "approve") + &reply(1, "file:bare", "");
    desk.lines(SUNDAY, &["add", "--at", "now"], &pipe);
    let late = "2026-11-23T06:00:00Z";
    assert_eq!(desk.lines(late, &["publish", "-n"], "").len(), 1);
    desk.run_at(late, &["publish"], "").refused(3, "is missed: cm-schedule move");
    assert_eq!(desk.sent("bare.jsonl"), [""], "the action alone");
    // Not for ever: after a day nobody knows what it would undo.
    desk.lines(SUNDAY, &["add", "--at", "now"], &action(2, "file:bare", "spam"));
    desk.run_at("2026-11-23T18:30:00Z", &["publish"], "").refused(3, "is missed");
}

const NETWORKS: &str = r#"
[accounts."wordpress:blog"]
url = "https://blog.example"
user = "ana"
[accounts."wordpress:other"]
url = "https://other.example"
user = "ana"
[accounts."wordpress:same"]
url = "https://blog.example"
user = "ben"
[accounts."bluesky:acme"]
url = "https://pds.example"
user = "acme.example"
[accounts."bluesky:own"]
url = "https://elsewhere.example"
user = "own.example"
"#;

/// A desk with accounts of networks that nobody answers for: what is told here is told without asking them.
fn desk_with_networks() -> Desk {
    let desk = Desk::new();
    std::fs::write(desk.path("cm.toml"), super::CONFIG.to_owned() + NETWORKS).unwrap();
    desk
}

#[test]
fn what_a_network_does_not_take_is_refused_before_it_is_queued() {
    let desk = desk_with_networks();
    let direct = reply(1, "wordpress:blog", r#""audience":"direct","#);
    for (input, args, words) in [
        (
            action(1, "wordpress:blog", "like"),
            &[][..],
            "wordpress:blog can approve, spam and trash a comment",
        ),
        (action(1, "bluesky:acme", "approve"), &[], "not posted: bluesky:acme "),
        (
            direct,
            &["--private"],
            "only for the people addressed, and what is posted to wordpress:blog is: answer by hand",
        ),
        (article_of(301), &["--to", "bluesky:acme"], "the text has 301"),
        (
            reply(1, "bluesky:acme", ""),
            &["--to", "wordpress:blog"],
            "the item came through bluesky:acme, and only there",
        ),
        (
            reply(1, "wordpress:blog", ""),
            &["--to", "wordpress:other"],
            "the item came through wordpress:blog, and only",
        ),
    ] {
        let run = desk.run(&[&["add", "--at", "20:00"], args].concat(), &input);
        run.refused(3, "stdin:1: not posted: ");
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert_eq!(desk.states(SUNDAY), []);
}

fn article_of(graphemes: usize) -> String {
    let text = "🇩🇪".repeat(graphemes);
    format!(r#"{{"id":"urn:cm:draft:long","content_text":"{text}","_cm":{{"version":1,"draft":true}}}}"#)
        + "\n"
}

#[test]
fn a_reference_goes_along_to_another_account_where_it_means_the_same() {
    let desk = desk_with_networks();
    desk.lines(SUNDAY, &["add", "--at", "20:00", "--to", "wordpress:same"], &reply(1, "wordpress:blog", ""));
    let native = r#""native":{"uri":"at://did:plc:x/app.bsky.feed.post/3k","cid":"b","root":{"uri":"at://did:plc:x/app.bsky.feed.post/3k","cid":"b"}}"#;
    let post = reply(2, "bluesky:acme", "").replace(r#""native":{"post":4,"comment":2}"#, native);
    desk.lines(SUNDAY, &["add", "--at", "20:00", "--to", "bluesky:own"], &post);
    // A file or a hook gets everything as it is.
    desk.lines(SUNDAY, &["add", "--at", "20:00", "--to", "file:bare"], &reply(3, "wordpress:blog", ""));
    assert_eq!(desk.states(SUNDAY).len(), 3);
}

#[test]
fn looking_asks_no_network_and_makes_no_store() {
    let desk = desk_with_networks();
    let shown = desk.lines(SUNDAY, &["add", "-n", "--now", "--to", "bluesky:acme"], &article_of(300));
    assert_eq!((&shown[0]["graphemes"], &shown[0]["longest"]), (&300.into(), &300.into()));
    assert_eq!(desk.lines(SUNDAY, &["add", "-n", "--now"], &reply(1, "wordpress:blog", "")).len(), 1);
    let accounts = desk.lines(SUNDAY, &["accounts"], "");
    assert_eq!(accounts.iter().filter(|account| account["state"] == "ok").count(), 9);
    assert!(!desk.path("cm.db").exists());
}

#[test]
fn actions_take_no_slot_and_stand_in_nobodys_way() {
    let desk = Desk::new();
    // Nor does it need any where none is configured.
    for add in [&["add", "-n", "--to", "file:bare"][..], &["add", "--to", "file:bare"]] {
        assert_eq!(desk.lines(SUNDAY, add, &action(9, "file:bare", "approve")).len(), 1);
        desk.run(add, &reply(9, "file:bare", "")).refused(2, "file:bare has no slots: give --now");
    }
    let out = desk.lines(SUNDAY, &["add"], &action(1, "file:drafts", "approve"));
    assert_eq!(text(post(&out[0]), "due"), SUNDAY, "not on Monday at nine");
    desk.lines("2026-11-22T18:01:00Z", &["publish"], "");
    let row = action(2, "file:drafts", "spam") + &reply(2, "file:drafts", "") + &reply(3, "file:drafts", "");
    let due = |lines: Vec<Value>| lines.iter().map(|line| text(line, "due")).collect::<Vec<_>>();
    let expected = ["2026-11-23T07:30:00Z", "2026-11-23T07:30:00Z", "2026-11-23T08:15:00Z"];
    assert_eq!(due(desk.lines(SUNDAY, &["add", "-n", "--at", "tomorrow 8:30"], &row)), expected);
    let out = desk.lines(SUNDAY, &["add", "--at", "tomorrow 8:30"], &row);
    assert_eq!(due(out.iter().map(|line| post(line).clone()).collect()), expected);
    // Late, in quiet hours and right behind another, it is done all the same.
    desk.lines(
        SUNDAY,
        &["add", "--at", "21:55"],
        &(action(4, "file:drafts", "trash") + &reply(5, "file:drafts", "")),
    );
    desk.lines("2026-11-22T21:40:00Z", &["publish"], "");
    assert_eq!(desk.sent("drafts.jsonl"), ["", ""], "the answer waits for the morning");
}
