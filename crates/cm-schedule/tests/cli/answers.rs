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
