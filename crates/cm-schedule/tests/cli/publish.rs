//! Publishing: in time, late, missed, watched, and not by two at once.

use super::{CONFIG, Desk, SUNDAY, article, text};
use std::process::Command;
use std::time::Duration;

#[test]
fn what_nobody_published_in_time_is_missed_and_what_is_late_does_not_burst() {
    let desk = Desk::new();
    for (n, at) in [(1, "9:00"), (2, "11:00"), (3, "11:10"), (4, "11:20")] {
        desk.lines(SUNDAY, &["add", "--to", "file:bare", "--at", &format!("tomorrow {at}")], &article(n));
    }
    // Berlin 11:40: the first is beyond the grace of two hours, the others within.
    assert_eq!(desk.lines("2026-11-23T10:40:00Z", &["publish", "-n"], "").len(), 3);
    let run = desk.run_at("2026-11-23T10:40:00Z", &["publish"], "");
    run.refused(3, "is missed: cm-schedule move");
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert_eq!(desk.sent("bare.jsonl"), ["News 2 https://news.example/2"]);
    desk.lines("2026-11-23T10:44:00Z", &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl").len(), 1, "the next late one waits its five minutes");
    desk.lines("2026-11-23T10:45:00Z", &["publish"], "");
    desk.lines("2026-11-23T10:50:00Z", &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl").len(), 3);
    let missed = desk.run_at("2026-11-23T10:51:00Z", &["list", "--state", "missed"], "").values();
    let id = &text(&missed[0], "id")["urn:cm:post:".len()..][..8].to_owned();
    desk.lines("2026-11-23T10:51:00Z", &["move", id, "today", "15:00"], "");
    desk.lines("2026-11-23T14:00:00Z", &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl").len(), 4);
}

#[test]
fn a_post_from_a_clock_that_went_ahead_does_not_hold_late_ones_back() {
    let desk = Desk::new();
    desk.run_at("2030-01-01T00:00:00Z", &["add", "--now", "--to", "file:bare", "-m", "early"], "");
    desk.lines(SUNDAY, &["add", "--to", "file:bare", "--at", "tomorrow 9:00"], &article(1));
    desk.lines("2026-11-23T08:30:00Z", &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl").len(), 2);
}

#[test]
fn a_late_post_keeps_quiet_hours_and_is_missed_when_they_last() {
    let desk = Desk::new();
    desk.lines(SUNDAY, &["add", "--to", "file:drafts", "--at", "tomorrow 21:30"], &article(1));
    desk.lines("2026-11-23T21:30:00Z", &["publish"], "");
    assert_eq!(desk.states(SUNDAY)[0].1, "queued");
    desk.run_at("2026-11-24T06:00:00Z", &["publish"], "").refused(3, "is missed");
    assert_eq!(desk.sent("drafts.jsonl"), [] as [String; 0]);
}

#[test]
fn watch_sends_what_becomes_due_and_ends_in_order() {
    let desk = Desk::new();
    let by_the_system_clock = |args: &[&str]| {
        let mut command = desk.command("", args);
        command.env_remove("CM_CLOCK");
        command
    };
    for (sent, (signal, code)) in [("-TERM", 0), ("-INT", 130)].into_iter().enumerate() {
        let add = ["add", "--to", "file:bare", "--at", "1s", "-m", signal.trim_start_matches('-')];
        assert!(by_the_system_clock(&add).status().unwrap().success());
        let child = by_the_system_clock(&["publish", "--watch"]).spawn().unwrap();
        for _ in 0..600 {
            if desk.sent("bare.jsonl").len() > sent {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(desk.sent("bare.jsonl").len(), sent + 1, "the watcher sends what becomes due");
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(code));
    }
}

#[test]
fn an_unreachable_account_does_not_hold_the_others_up() {
    let desk = Desk::new();
    for (account, n) in [("file:away", 1), ("file:away", 2), ("file:bare", 3)] {
        desk.lines(SUNDAY, &["add", "--to", account, "--at", "9:00"], &article(n));
    }
    let run = desk.run_at("2026-11-23T08:00:00Z", &["publish"], "");
    run.refused(3, "to file:away was not sent");
    assert_eq!((run.err.lines().count(), desk.sent("bare.jsonl").len()), (1, 1), "{}", run.err);
}

#[test]
fn an_account_whose_settings_broke_does_not_hold_the_others_up() {
    let desk = Desk::new();
    for (account, n) in [("webhook:team", 1), ("file:bare", 2)] {
        desk.lines(SUNDAY, &["add", "--to", account, "--at", "9:00"], &article(n));
    }
    std::fs::write(desk.path("cm.toml"), CONFIG.replace("http://127.0.0.1:9", "127.0.0.1:9")).unwrap();
    let run = desk.run_at("2026-11-23T08:00:00Z", &["publish"], "");
    run.refused(3, "waits: webhook:team: the url is no address");
    assert!(!run.err.contains("secret") && desk.sent("bare.jsonl").len() == 1, "{}", run.err);
}

#[test]
fn a_second_publish_is_turned_away_at_once() {
    let desk = Desk::new();
    desk.lines(SUNDAY, &["publish"], "");
    let held = std::fs::File::create(desk.path("cm.db-publish.lock")).unwrap();
    held.lock().unwrap();
    desk.run(&["publish"], "").refused(5, "another publish is at work on this store: --wait SECS");
    let waiting = desk.command(SUNDAY, &["publish", "--wait", "600"]).spawn().unwrap();
    drop(held);
    assert!(waiting.wait_with_output().unwrap().status.success());
    desk.lines(SUNDAY, &["publish"], "");
}

#[test]
fn posts_are_given_to_reports_through_a_view() {
    let desk = Desk::new();
    desk.lines(SUNDAY, &["add", "--now", "--to", "file:bare"], &article(1));
    let store =
        cm_store::Store::open(&desk.path("cm.db").display().to_string(), cm_store::Mode::Read).unwrap();
    let sql = "SELECT id, account, kind, text, state, created_ms, due_ms, published_ms, published_url, links, in_reply_to, error FROM report_posts_v1";
    let row = store.read(move |tx| Ok::<_, cm_store::Error>(tx.query(sql, &[])?.remove(0))).unwrap();
    assert_eq!(
        (row.need_text(2).unwrap(), row.need_text(9).unwrap()),
        ("share".into(), r#"["https://news.example/1"]"#.into())
    );
    assert_eq!(row.need_int(7).unwrap(), 1_795_370_400_000);
    assert!(matches!(row.0.len(), 12));
}
