//! The round on Mastodon's API: a mention is fetched and listed, it is answered in the app, our answer is fetched back, and
//! the mention leaves the list. The server is a fake, as no real one can be had here; what of it is documented and what assumed:
//! crates/cm-net/tests/mastodon.rs.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::{Answer, Asked, Home, Login, Server};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn status(id: &str, by: &str, to: Option<&str>, text: &str, at: &str) -> Value {
    let acct = if by == "1" { "acme".to_owned() } else { format!("ana{by}@other.example") };
    json!({"id": id, "uri": format!("https://other.example/statuses/x{id}"), "url": format!("https://other.example/@x/{id}"),
        "account": {"id": by, "acct": acct, "display_name": acct, "followers_count": 7},
        "content": format!("<p>{text} <a href=\"https://acme.example/a/b\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">acme.example/a</span><span class=\"invisible\">/b</span></a></p>"),
        "in_reply_to_id": to, "in_reply_to_account_id": to.map(|_| "1"), "visibility": "public", "spoiler_text": if to.is_none() { "coffee" } else { "" },
        "created_at": at})
}

/// Statuses, of which those of others are told as mentions.
fn answer(asked: &Asked, statuses: &[Value]) -> Answer {
    let url = asked.target().trim_start_matches('/');
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let ok = |value: Value| Answer::ok("application/json", value.to_string());
    let ours = |status: &&Value| status["account"]["id"] == "1";
    // A mark of the last run: what has a greater number.
    let after = query.split('&').find_map(|pair| pair.strip_prefix("min_id=")).unwrap_or("");
    let before = query.split('&').find_map(|pair| pair.strip_prefix("max_id=")).unwrap_or("9");
    let asked_for =
        |status: &&Value| (after..before).contains(&status["id"].as_str().unwrap()) && status["id"] != after;
    match path {
        "api/v1/accounts/verify_credentials" => ok(json!({"id": "1", "acct": "acme", "statuses_count": 1})),
        "api/v1/notifications" => ok(statuses
            .iter()
            .rev()
            .filter(asked_for)
            .filter(|status| !ours(status))
            .map(|status| json!({"id": status["id"], "type": "mention", "account": status["account"], "status": status, "created_at": status["created_at"]}))
            .collect()),
        "api/v1/accounts/1/statuses" => {
            ok(statuses.iter().rev().filter(asked_for).filter(ours).cloned().collect())
        }
        "api/v1/statuses" => ok(statuses
            .iter()
            .filter(|status| query.contains(&format!("={}", status["id"].as_str().unwrap())))
            .cloned()
            .collect()),
        _ => Answer::status("404 Not Found"),
    }
}

#[test]
fn an_answer_closes_the_mention_that_it_answers() {
    let statuses = Arc::new(Mutex::new(vec![
        status("2", "5", None, "Does @acme ship to Norway?", "2026-11-22T07:00:00Z"),
        status("3", "6", None, "And @acme, is it blue?", "2026-11-22T07:30:00Z"),
    ]));
    let held = Arc::clone(&statuses);
    let server = Server::start(move |asked| answer(asked, &held.lock().unwrap()));
    let home = Home::with_accounts(&[Login::new("mastodon:acme", &server.url(""), "acme", "a-token")], "")
        .with("CM_CLOCK", "2026-11-22T09:00:00Z");
    let round = || {
        let sources = "mastodon:acme/notifications mastodon:acme/posts";
        let script = format!("cm-fetch --new {sources} | tee now.jsonl | cm-inbox >/dev/null; cat now.jsonl");
        let text = home.shell(&script).exits(0).text();
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let listed = || home.run("cm-inbox", &["list"], "").exits(0).text().lines().count();
    let first = round();
    assert_eq!((first.len(), listed()), (2, 2));
    let question = &first[0];
    assert_eq!(question["id"], "https://other.example/statuses/x2");
    assert_eq!(question["content_text"], "Does @acme ship to Norway? https://acme.example/a/b");
    assert_eq!(
        (&question["_cm"]["kind"], &question["_cm"]["audience"]),
        (&"mention".into(), &"public".into())
    );
    assert_eq!(question["_cm"]["content_warning"], "coffee");
    assert_eq!(question["authors"][0]["_cm"], json!({"handle": "@ana5@other.example", "followers": 7}));
    assert_eq!(question["_cm_fetch"]["native_id"]["acct"], "ana5@other.example");

    // Somebody answers in the app. This run has not met what it answers.
    let ours = status("4", "1", Some("2"), "@ana5@other.example It does.", "2026-11-22T08:00:00Z");
    statuses.lock().unwrap().push(ours);
    let second = round();
    let came: Vec<(&Value, &Value)> =
        second.iter().map(|record| (&record["_cm"]["own"], &record["_cm"]["in_reply_to"])).collect();
    assert_eq!(came, [(&true.into(), &question["id"])]);
    assert_eq!(listed(), 1, "the other one still waits");
    assert_eq!(round().len(), 0, "nothing twice");

    let mut edited = status("3", "6", None, "And @acme, is it green?", "2026-11-22T07:30:00Z");
    edited["edited_at"] = "2026-11-22T08:30:00Z".into();
    statuses.lock().unwrap()[1] = edited;
    let changed = home.run("cm-fetch", &["--new", "--changed", "mastodon:acme/mentions"], "").exits(0).text();
    assert_eq!(changed.lines().count(), 2, "another source of the account, which has met nothing");
    let changed =
        home.run("cm-fetch", &["--new", "--changed", "mastodon:acme/notifications"], "").exits(0).text();
    let changed: Value = serde_json::from_str(changed.trim()).unwrap();
    assert_eq!(
        (&changed["id"], &changed["date_modified"]),
        (&first[1]["id"], &"2026-11-22T08:30:00Z".into())
    );
}
