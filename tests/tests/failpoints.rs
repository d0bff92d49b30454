//! Tools killed at their failpoints, seen from outside. Needs tools that have them, beside this test:
//! `cargo build -p cm-fetch -p cm-inbox -p cm-schedule --features failpoints`, and this with the feature `failpoints` too.
#![cfg(feature = "failpoints")]

use cm_tests::{Answer, Home, Server};

const CLOCK: &str = "2026-11-23T09:00:00Z";

/// Killed after the post went out and before that was noted: it is there once all the same.
#[test]
fn cm_schedule_killed_after_sending_sends_nothing_twice() {
    let home = Home::new().with("CM_CLOCK", CLOCK);
    home.write("cm.toml", "store = \"sqlite:cm.db\"\n[accounts.\"file:drafts\"]\npath = \"drafts.jsonl\"\n");
    home.run("cm-schedule", &["add", "--to", "file:drafts", "--at", "now", "-m", "Hello"], "").exits(0);
    let killed = home.killed("outbox.sent", "cm-schedule", &["publish"], "");
    assert!(killed.stdout.is_empty(), "nothing is handed out before it is noted: {}", killed.text());
    home.run("cm-schedule", &["publish", "--clock", "2026-11-23T10:00:00Z"], "").exits(0);
    let sent = home.read("drafts.jsonl");
    assert_eq!(String::from_utf8_lossy(&sent).lines().count(), 1);
}

/// Killed after the items were written and before that was noted: they are handed out again, none is lost.
#[test]
fn cm_fetch_killed_before_the_commit_loses_nothing() {
    let feed = "<rss version=\"2.0\"><channel><title>t</title><item><title>Roast</title><guid>urn:x:1</guid></item></channel></rss>";
    let server = Server::start(move |_| Answer::ok("application/rss+xml", feed));
    let home = Home::new().with("CM_CLOCK", CLOCK).with("CM_ALLOW_PRIVATE", "1");
    let (url, count) = (server.url("feed"), |stdout: &[u8]| String::from_utf8_lossy(stdout).lines().count());
    let args = ["--new", "--backfill", "all", url.as_str()];
    assert_eq!(count(&home.killed("fetch.written", "cm-fetch", &args, "").stdout), 1);
    assert_eq!(count(&home.run("cm-fetch", &args, "").exits(0).stdout), 1);
    assert_eq!(count(&home.run("cm-fetch", &args, "").exits(0).stdout), 0);
}
