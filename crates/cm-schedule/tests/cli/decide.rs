//! Deciding and looking: cancel, pause, history, list, accounts, configuration.

use super::{CONFIG, Desk, SUNDAY, article, post, text};
use serde_json::Value;
use std::process::Stdio;

#[test]
fn cancelled_posts_stay_home_and_come_back_only_by_hand() {
    let desk = Desk::new();
    let queued = desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
    let id = text(post(&queued[0]), "id");
    let dry = desk.lines(SUNDAY, &["cancel", "-n", &id], "");
    assert_eq!(
        (text(&dry[0], "state"), &desk.states(SUNDAY)[0].1),
        ("cancelled".into(), &"queued".to_owned())
    );
    desk.lines(SUNDAY, &["cancel", &id], "");
    desk.run(&["cancel", &id], "").refused(2, "is cancelled and cannot be cancelled");
    let other = text(post(&desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(2))[0]), "id");
    desk.run(&["cancel", &id, &other], "").refused(3, "is cancelled and cannot be cancelled");
    let again = desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
    assert_eq!(text(post(&again[0]), "state"), "cancelled", "the same cron line does not revive it");
    desk.run(&["add", "--now", "--to", "file:drafts"], &article(1))
        .refused(3, "was not sent, it was cancelled before: cm-schedule move ");
    for sent in ["ftp://x.example/1", "https:", "at://", "bare.jsonl"] {
        desk.run(&["resolve", &id, "--sent", sent], "").refused(2, "begins with https://, http:// or at://");
    }
    desk.run(&["resolve", &id, &other, "--sent", "https://x.example/1"], "").refused(2, "one by one");
    desk.run(&["resolve", &id, &other, "--drop"], "").refused(3, "cannot be resolved");
    desk.lines("2026-11-23T09:00:00Z", &["publish"], "");
    assert_eq!(desk.sent("drafts.jsonl"), [] as [String; 0]);
    desk.lines("2026-11-23T09:00:00Z", &["move", &id, "11:00"], "");
    desk.lines("2026-11-23T10:00:00Z", &["publish"], "");
    assert_eq!(desk.sent("drafts.jsonl").len(), 1);
    desk.run(&["cancel", "urn:cm:post:ffffffffffffffffffffffffffffffff"], "").refused(2, "no post");
    desk.run(&["show", "x'; DROP"], "").refused(2, "is no post's id");
}

#[test]
fn the_crisis_button_stops_one_or_all_at_once() {
    let desk = Desk::new();
    for account in ["file:bare", "file:drafts"] {
        desk.lines(SUNDAY, &["add", "--to", account, "--at", "9:00"], &article(1));
    }
    let due = "2026-11-23T08:00:00Z";
    desk.lines(SUNDAY, &["pause"], "");
    desk.lines(SUNDAY, &["pause", "file:bare"], "");
    desk.lines(due, &["publish"], "");
    desk.run_at(due, &["add", "--now", "--to", "file:drafts", "-m", "x"], "")
        .refused(3, "file:drafts is paused");
    desk.run(&["list"], "").refused(0, "everything is paused");
    desk.run(&["resume"], "").refused(0, "file:bare stays paused");
    desk.lines(due, &["publish"], "");
    assert_eq!((desk.sent("bare.jsonl").len(), desk.sent("drafts.jsonl").len()), (0, 2));
    desk.lines(due, &["resume", "file:bare"], "");
    desk.lines(due, &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl").len(), 1);
    desk.run(&["pause", "file:nowhere"], "").refused(2, "no account");
}

#[test]
fn history_is_records_with_their_posts() {
    let desk = Desk::new();
    desk.lines(SUNDAY, &["add", "--now", "--to", "file:bare"], &article(1));
    desk.lines(
        "2026-11-23T08:00:00Z",
        &["add", "--now", "--campaign", "spring", "--to", "file:bare,file:drafts"],
        &article(2),
    );
    let all = desk.lines(SUNDAY, &["history"], "");
    assert_eq!(all.iter().map(|record| text(record, "id")).collect::<Vec<_>>(), ["a1", "a2"]);
    assert_eq!(all[1]["_cm_schedule"]["posts"].as_array().unwrap().len(), 2);
    assert_eq!(text(post(&all[0]), "published_at"), SUNDAY);
    assert_eq!(desk.lines(SUNDAY, &["history", "--since", "2026-11-23"], "").len(), 1);
    assert_eq!(desk.lines(SUNDAY, &["history", "--to", "file:drafts"], "").len(), 1);
    assert_eq!(desk.run(&["history", "-e", "--until", "2026-11-01"], "").code, 1);
    let id = text(post(&all[0]), "id");
    let shown = desk.lines(SUNDAY, &["show", &id], "").remove(0);
    let trail: Vec<(String, String)> = shown["trail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (text(event, "to"), text(event, "by")))
        .collect();
    let by = "ana: add".to_owned();
    assert_eq!(
        trail,
        [("queued".into(), by.clone()), ("sending".into(), by.clone()), ("published".into(), by)]
    );
}

#[test]
fn list_says_when_nothing_publishes() {
    let desk = Desk::new();
    assert_eq!(desk.lines(SUNDAY, &["list"], ""), [] as [Value; 0]);
    assert!(!desk.path("cm.db").exists(), "looking makes no store");
    desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
    assert_eq!(desk.lines(SUNDAY, &["list", "--to", "file:drafts"], "").len(), 1);
    desk.run_at("2026-11-23T08:30:00Z", &["list"], "")
        .refused(0, "nothing has run cm-schedule publish yet and 1 post is due");
    desk.run(&["list", "--state", "sent"], "").refused(2, "unknown state \"sent\" (known: draft, queued");
    assert_eq!(desk.run(&["list", "-e", "--to", "file:bare"], "").code, 1);
}

#[test]
fn a_time_zone_that_is_none_is_told_by_every_command() {
    let desk = Desk::new();
    std::fs::write(desk.path("cm.toml"), CONFIG.replace("Europe/Berlin", "Europe/Berln")).unwrap();
    for command in ["accounts", "list", "publish"] {
        desk.run(&[command], "").refused(2, "cm.toml:3: time_zone: ");
    }
}

#[test]
fn accounts_are_told_with_what_is_wrong() {
    let desk = Desk::new();
    let listed = desk.lines(SUNDAY, &["accounts"], "");
    assert_eq!(listed.len(), 5);
    desk.lines(SUNDAY, &["add", "--now", "--to", "file:bare", "-m", "Hello"], "");
    let listed = desk.lines(SUNDAY, &["accounts"], "");
    let last = listed.iter().map(|account| &account["last_published"]).find(|last| !last.is_null());
    assert_eq!(last, Some(&SUNDAY.into()), "programs read an instant, whatever people see");
    let run = desk.run(&["accounts", "--check"], "");
    run.refused(3, "file:away: there is no folder");
    assert!(run.err.contains("mastodon:acme: this version cannot post there"), "{}", run.err);
    assert!(!run.err.contains("mastodon:acme: mastodon:acme"), "{}", run.err);
    assert!(!(run.err + &run.out).contains("secret"), "a hook's path is its password");
}

#[test]
fn configuration_that_cannot_work_is_named() {
    for (from, to, words) in [
        (
            "mon-fri = [\"09:00\"",
            "mo-fri = [\"09:00\"",
            "account file:drafts: slots: \"mo-fri\" names no days",
        ),
        ("22:00-07:00", "22-7", "account file:drafts: quiet: \"22-7\""),
        ("\"45m\"", "\"45\"", "account file:drafts: min_gap: "),
        ("\"45m\"", "\"99999999w\"", "account file:drafts: min_gap: \"99999999w\" is longer than a year"),
        ("[slots.lunch]", "[schedule]\ngrase = \"1h\"\n[slots.lunch]", "did you mean \"grace\"?"),
        ("\"12:15\"", "\"25:15\"", "lunch: slots: mon-fri: \"25:15\" is no time of day"),
    ] {
        let desk = Desk::new();
        assert!(CONFIG.contains(from), "{from}");
        std::fs::write(desk.path("cm.toml"), CONFIG.replace(from, to)).unwrap();
        desk.run(&["publish"], "").refused(2, words);
    }
}

#[test]
fn a_store_that_is_none_is_refused() {
    let desk = Desk::new();
    std::fs::write(desk.path("cm.db"), "not a database, but a text that is long enough to be looked at")
        .unwrap();
    for args in [&["publish"][..], &["list"], &["add", "--now", "--to", "file:bare", "-m", "x"]] {
        desk.run(args, "").refused(2, "is not a store");
    }
    desk.run(&["publish", "--store", "postgres://db/cm"], "").refused(2, "not supported yet");
}

#[test]
fn a_store_of_an_older_version_is_brought_up_to_date_by_whoever_comes_first() {
    for args in [&["list"][..], &["publish"], &["pause"], &["add", "--to", "file:drafts", "-m", "x"]] {
        let desk = Desk::new();
        desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
        let store = || {
            let path = desk.path("cm.db").display().to_string();
            cm_store::Store::open(&path, cm_store::Mode::Write).unwrap()
        };
        let older = |tx: &mut dyn cm_store::Tx| {
            tx.execute("DROP INDEX schedule_post_said", &[])?;
            tx.execute("DROP INDEX schedule_post_unsettled", &[])?;
            tx.execute("UPDATE cm_schema SET version = 1 WHERE owner = 'cm-schedule'", &[])
        };
        store().write(older).unwrap();
        desk.lines(SUNDAY, args, "");
        let version = "SELECT version FROM cm_schema WHERE owner = 'cm-schedule'";
        let rows = store().read(|tx| tx.query(version, &[])).unwrap();
        assert_eq!(rows[0].need_int(0).unwrap(), 2, "{args:?}");
    }
}

#[test]
fn help_is_one_screen_and_documents_are_made_from_it() {
    let desk = Desk::new();
    let help = desk.run(&["-h"], "");
    assert!(
        help.code == 0 && help.out.starts_with("Example:") && help.out.lines().count() < 40,
        "{}",
        help.out
    );
    assert!(!help.out.contains("--image") && desk.run(&["--generate", "man"], "").out.contains("publish"));
    let nothing = desk.run(&[], "");
    assert!(nothing.code == 2 && nothing.err.contains("Usage"), "{}", nothing.err);
}

#[test]
fn who_acts_where_no_name_is_known_is_the_command_alone() {
    let desk = Desk::new();
    let args = ["add", "--to", "file:drafts", "--at", "20:00", "-m", "Hello"];
    let output = desk.command(SUNDAY, &args).env_remove("USER").stdin(Stdio::null()).output().unwrap();
    let id = text(post(&serde_json::from_slice(&output.stdout).unwrap()), "id");
    let shown = desk.lines(SUNDAY, &["show", &id], "").remove(0);
    assert_eq!(text(&shown["trail"][0], "by"), "add");
}
