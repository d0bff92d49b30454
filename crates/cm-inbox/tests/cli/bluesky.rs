//! The inbox with posts as an account on Bluesky gives them: one post met by several ways, our own posts, likes and
//! boosts. Ids and references are as cm-net makes them.

use crate::desk::{Desk, scheduled, stderr};
use serde_json::{Value, json};

/// A post on Bluesky as one of the account's ways gives it.
fn post(rkey: &str, who: &str, kind: &str, cm: Value) -> String {
    let uri = format!("at://did:plc:{who}/app.bsky.feed.post/{rkey}");
    let mut record = json!({
        "id": uri, "url": format!("https://bsky.app/profile/{who}.example/post/{rkey}"), "content_text": format!("{who} says {rkey}"),
        "date_published": "2026-11-21T09:00:00Z", "authors": [{"name": who, "_cm": {"handle": format!("@{who}.example")}}],
        "_cm": {"version": 1, "kind": kind, "source": "bluesky:acme", "audience": "public"},
        "_cm_fetch": {"at": "2026-11-22T08:00:00Z", "from": "bluesky:acme/notifications",
            "native_id": {"uri": uri, "cid": "bafy1", "root": {"uri": uri, "cid": "bafy1"}}},
    });
    for (name, value) in cm.as_object().unwrap() {
        record["_cm"][name] = value.clone();
    }
    record.to_string() + "\n"
}

const OURS: &str = "at://did:plc:acme/app.bsky.feed.post/root";

#[test]
fn a_post_met_by_several_ways_is_one_item_and_keeps_waiting() {
    let desk = Desk::new();
    let (mention, reply, hit) = (
        post("1", "ana", "mention", json!({"thread": OURS, "in_reply_to": OURS})),
        post("1", "ana", "reply", json!({"thread": OURS, "in_reply_to": OURS})),
        post("1", "ana", "note", json!({"thread": OURS, "in_reply_to": OURS})),
    );
    for lines in [[&hit, &mention, &reply], [&mention, &reply, &hit]] {
        desk.ok(&[], &lines.map(String::as_str).concat());
        assert_eq!(desk.ids(&["list", "--lane", "answer"]).len(), 1);
        assert_eq!(
            desk.ids(&["list", "--lane", "read"]).len(),
            0,
            "a search that finds it makes it no reading"
        );
    }
    desk.ok(&[], &hit.replace(r#""version":1"#, r#""deleted":true,"version":1"#));
    assert_eq!(desk.ids(&["list"]).len(), 0, "that it is gone is believed from everywhere");
}

#[test]
fn our_own_posts_never_wait_whoever_finds_them() {
    let own = post("root", "acme", "note", json!({"own": true, "thread": OURS}));
    let found = post("root", "acme", "note", json!({"thread": OURS}));
    let by_another =
        found.replace("bluesky:acme\"", "bluesky:ana\"").replace(r#""kind":"note""#, r#""kind":"mention""#);
    for lines in [[&own, &found, &by_another], [&by_another, &found, &own]] {
        let desk = Desk::new();
        lines.iter().for_each(|line| drop(desk.ok(&[], line)));
        assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
        desk.ok(&[], &post("1", "ana", "reply", json!({"thread": OURS, "in_reply_to": OURS})));
        assert_eq!(desk.ids(&["list"]).len(), 1, "a reply to it does");
    }
    let desk = Desk::new();
    // A client's clock may be wrong: the reply is older than what it answers.
    let early = post("1", "ana", "reply", json!({"thread": OURS, "in_reply_to": OURS}));
    desk.ok(&[], &(early.replace("T09", "T08") + &own));
    assert_eq!(desk.ids(&["list"]).len(), 1, "the first post of a thread is no answer in it");
}

#[test]
fn whom_a_reply_answers_is_said_with_the_handle() {
    let desk = Desk::new();
    let mention = post("1", "ana", "mention", json!({}));
    desk.ok(&[], &mention.replace(r#""name":"ana""#, r#""name":"Ana""#));
    let output = desk.feed(&["reply", "1", "-m", "It does."], "");
    let said = stderr(&output);
    assert!(said.contains("answering Ana (@ana.example) through bluesky:acme: ana says 1"), "{said}");
    let draft: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(draft["_cm"]["parent"]["native"]["root"]["cid"], "bafy1");
    let answer = post(
        "2",
        "acme",
        "reply",
        json!({"own": true, "in_reply_to": "at://did:plc:ana/app.bsky.feed.post/1",
        "thread": "at://did:plc:ana/app.bsky.feed.post/1"}),
    );
    desk.ok(&[], &answer);
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
}

#[test]
fn likes_and_boosts_are_actions_and_only_what_is_public_is_passed_on() {
    let desk = Desk::new();
    let private = post("2", "ben", "mention", json!({"audience": "direct"}));
    desk.ok(&[], &(post("1", "ana", "mention", json!({})) + &private));
    let liked = desk.ok(&["like", "1", "2"], "");
    assert_eq!(liked.matches(r#""action":"like""#).count(), 2);
    assert_eq!(desk.ok(&["list"], "").matches("acted on already").count(), 0, "who is liked still waits");
    let output = desk.feed(&["boost", "1-2", "77"], "");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("no item \"77\"") && said.contains("2 (ben says 2): only what is public"),
        "{said}"
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap().matches(r#""action":"boost""#).count(), 1);
    assert!(desk.fails(2, &["boost", "2"], "").contains("only what is public"));
    let line = liked.lines().next().unwrap();
    desk.ok(
        &[],
        &scheduled(line, "published", "2026-11-22T12:00:00Z").replace("wordpress:blog", "bluesky:acme"),
    );
    let shown = desk.ok(&["get", "1"], "");
    assert!(shown.contains(r#""why":"liked""#), "{shown}");
}
