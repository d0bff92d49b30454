//! Where one way of an item crosses another: an answer and a moderation, two answers, an answer and its failure.

use crate::desk::{Desk, scheduled, stderr};
use crate::wordpress::{ANA, BEN, Comment, REPLY, why};
use serde_json::Value;

/// A published answer of ours that names an item, as its record comes back; each a post of its own.
fn claim(desk: &Desk, text: &str, at: &str) -> String {
    let draft = desk.ok(&["reply", &ANA.id(), "-m", text], "");
    scheduled(&draft, "published", at).replace("urn:cm:post:1", &format!("urn:cm:post:{text}"))
}

#[test]
fn what_is_held_is_not_answered_by_a_reply_to_other_words() {
    let page = r#""authors":[{"name":"Ana","url":"https://ana.example/"}]"#;
    let of_ana = |comment: Comment| comment.line().replace(r#""authors":[{"name":"Ana"}]"#, page);
    let held = Comment { n: 5, hour: 8, status: "held", ..ANA };
    for lines in [[of_ana(held), of_ana(ANA), REPLY.line()], [REPLY.line(), of_ana(ANA), of_ana(held)]] {
        let desk = Desk::new();
        desk.ok(&[], &lines.concat());
        assert_eq!(desk.ids(&["list", "--held"]), [held.id()], "it still waits to be let through");
        desk.ok(&[], &of_ana(Comment { status: "approved", fetched: 9, ..held }));
        assert_eq!(desk.ids(&["list"]), Vec::<String>::new(), "she has been answered since");
    }
}

#[test]
fn what_is_in_the_trash_stays_there_when_its_answer_follows() {
    let (gone, answer) =
        (Comment { status: "trash", fetched: 9, ..ANA }, Comment { status: "trash", fetched: 9, ..REPLY });
    for lines in [[gone.line(), answer.line()], [answer.line(), gone.line()]] {
        let desk = Desk::new();
        desk.ok(&[], &(ANA.line() + &REPLY.line()));
        lines.iter().for_each(|line| drop(desk.ok(&[], line)));
        assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
        desk.ok(&[], &Comment { fetched: 10, ..ANA }.line());
        assert_eq!(desk.ids(&["list"]), [ANA.id()], "rescued, she waits again");
    }
}

#[test]
fn what_failed_takes_no_mark_of_something_else() {
    let desk = Desk::new();
    desk.ok(&[], &Comment { status: "held", ..ANA }.line());
    let reply = desk.ok(&["reply", "1", "-m", "It does."], "");
    let approve = desk.ok(&["approve", "1"], "");
    desk.ok(&[], &scheduled(&reply, "failed", "2026-11-22T12:00:00Z"));
    assert!(why(&desk, &ANA.id()).contains("its approval was drafted"), "{}", why(&desk, &ANA.id()));
    assert!(!why(&desk, &ANA.id()).contains("acted on already"));
    let second = desk.ok(&["reply", "1", "-m", "It does, really."], "");
    desk.ok(&[], &scheduled(&second, "queued", "2026-11-22T12:00:00Z"));
    desk.ok(&[], &scheduled(&approve, "failed", "2026-11-22T12:00:00Z"));
    assert!(why(&desk, &ANA.id()).contains("acted on already"), "the second answer is still on its way");
    assert!(why(&desk, &ANA.id()).contains("held until somebody approves it"));
}

#[test]
fn an_answer_that_was_taken_away_leaves_its_item_as_pressing_as_before() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let draft = desk.ok(&["reply", "1", "-m", "It does."], "");
    let seen = |reply: Comment| reply.line().replace("2026-11-21T11:00:00Z", "2026-11-22T12:00:05Z");
    desk.ok(&[], &(scheduled(&draft, "published", "2026-11-22T12:00:03Z") + &seen(REPLY)));
    desk.ok(&[], &seen(Comment { status: "held", fetched: 9, ..REPLY }));
    assert!(why(&desk, &ANA.id()).contains("acted on already"), "it is there, and needs to be let through");
    desk.ok(&[], &seen(Comment { status: "trash", fetched: 10, ..REPLY }));
    assert!(!why(&desk, &ANA.id()).contains("acted on already"));
}

#[test]
fn a_draft_that_was_refused_lets_its_item_stand_where_it_stood() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let before = desk.state(&ANA.id())["reasons"].clone();
    for draft in [&["reply", "1", "-m", "far too long"][..], &["spam", "1"], &["trash", "1"], &["boost", "1"]]
    {
        let draft = desk.ok(draft, "");
        let made = why(&desk, &ANA.id());
        assert!(made.contains("not known to be queued") && !made.contains("-100"), "{made}");
        assert!(stderr(&desk.feed(&["-n", "reply", "1", "-m", "x"], "")).contains("was made"));
        desk.ok(&[], &draft);
        assert_eq!(desk.state(&ANA.id())["reasons"], before, "cm-schedule hands on what it refuses: {draft}");
        assert!(!stderr(&desk.feed(&["-n", "reply", "1", "-m", "x"], "")).contains("already"));
    }
}

#[test]
fn a_refused_draft_takes_no_mark_of_one_that_is_queued() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let first = desk.ok(&["reply", "1", "-m", "It does."], "");
    desk.ok(&[], &scheduled(&first, "queued", "2026-11-22T13:00:00Z"));
    let second = desk.ok(&["reply", "1", "-m", "It does, really."], "");
    desk.ok(&[], &second);
    assert!(why(&desk, &ANA.id()).contains("acted on already"));
}

#[test]
fn an_answer_that_is_not_seen_two_hours_after_it_was_due_holds_nothing_back() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let draft = desk.ok(&["reply", "1", "-m", "It does."], "");
    desk.ok(&[], &scheduled(&draft, "queued", "2026-11-22T16:00:00Z"));
    let desk = Desk { clock: "2026-11-22T17:59:59Z", ..desk };
    assert!(why(&desk, &ANA.id()).contains("acted on already"));
    let desk = Desk { clock: "2026-11-22T18:00:00Z", ..desk };
    assert!(!why(&desk, &ANA.id()).contains("acted on already"), "{}", why(&desk, &ANA.id()));
}

#[test]
fn a_share_that_was_refused_or_failed_can_be_shared_again() {
    let desk = Desk::new();
    let article = r#"{"id":"a","url":"https://news.example/1","title":"News","content_text":"x","date_published":"2026-11-22T06:00:00Z","_cm":{"version":1,"audience":"public"}}"#;
    desk.ok(&[], &format!("{article}\n"));
    let queued = |draft: &str, state: &str| scheduled(draft, state, "2026-11-22T12:00:00Z");
    for states in [&[][..], &["failed"], &["queued", "failed"]] {
        let draft = desk.ok(&["share", "1"], "");
        assert!(why(&desk, "a").contains("acted on already"));
        if states.is_empty() {
            desk.ok(&[], &draft);
        }
        states.iter().for_each(|state| drop(desk.ok(&[], &queued(&draft, state))));
        assert!(!why(&desk, "a").contains("acted on already"), "{states:?}");
    }
}

#[test]
fn what_became_of_the_input_is_said_and_what_still_waits() {
    let desk = Desk::new();
    desk.ok(&[], &(ANA.line() + &BEN.line()));
    let draft = desk.ok(&["reply", "1", "-m", "It does."], "");
    let said = |input: &str| stderr(&desk.feed(&["-v"], input));
    assert!(said(&draft).contains("cm-inbox: 2 wait for an answer, 0 to read"), "{}", said(&draft));
    let out = scheduled(&draft, "published", "2026-11-22T12:00:00Z");
    assert!(said(&out).contains("cm-inbox: 1 answered; 1 waits for an answer, 0 to read (cm-inbox list)"));
    assert!(said("").contains("cm-inbox: 1 waits for an answer"));
    let spam = desk.ok(&["spam", "2"], "");
    let out = scheduled(&spam, "published", "2026-11-22T12:00:00Z");
    assert!(said(&out).contains("cm-inbox: 1 done; nothing needs anyone"));
    assert_eq!(stderr(&desk.feed(&[], &out)), "", "nobody watches");
}

#[test]
fn of_two_answers_said_to_be_out_the_other_stands_when_one_is_held() {
    let held = Comment { status: "held", ..REPLY };
    for (first, second) in [("one", "two"), ("two", "one")] {
        let at = |name| if name == "one" { "2026-11-21T11:00:03Z" } else { "2026-11-21T14:00:00Z" };
        let desk = Desk::new();
        desk.ok(&[], &ANA.line());
        for name in [first, second] {
            let claim = claim(&desk, name, at(name));
            desk.ok(&[], &claim);
        }
        desk.ok(&[], &held.line());
        assert_eq!(desk.ids(&["list"]), Vec::<String>::new(), "{second} is out all the same");
        desk.ok(&[], &Comment { n: 10, hour: 14, ..held }.line());
        assert_eq!(desk.ids(&["list"]), [ANA.id()], "both are held");
        let url = format!("sqlite:{}", desk.path(".local/state/cm/cm.db").display());
        let store = cm_store::Store::open(&url, cm_store::Mode::Read).unwrap();
        let sql = "SELECT in_reply_to, published_ms FROM report_unseen_replies_v1 ORDER BY published_ms";
        let told = store.read(move |tx| tx.query(sql, &[])).unwrap();
        let at: Vec<Option<i64>> = told.iter().map(|row| row.int(1).unwrap()).collect();
        assert_eq!(at, [Some(1_795_258_800_000), Some(1_795_269_600_000)], "the report counts neither");
    }
}

#[test]
fn an_answer_may_come_back_before_what_it_answers() {
    let elsewhere = Desk::new();
    elsewhere.ok(&[], &ANA.line());
    let claim = claim(&elsewhere, "one", "2026-11-21T11:00:03Z");
    let desk = Desk::new();
    desk.ok(&[], &claim);
    assert_eq!(desk.ok(&[], &(ANA.line() + &BEN.line())).lines().count(), 1);
    assert_eq!(desk.ids(&["list"]), [BEN.id()]);
}

#[test]
fn what_was_deleted_is_gone_whatever_was_liked_since() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let like = desk.ok(&["like", "1"], "");
    desk.ok(&[], &scheduled(&like, "published", "2026-11-22T12:00:00Z"));
    let deleted =
        Comment { fetched: 10, ..ANA }.line().replace(r#""version":1"#, r#""version":1,"deleted":true"#);
    desk.ok(&[], &deleted);
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
}

#[test]
fn of_a_long_thread_what_is_shown_is_around_the_item() {
    let desk = Desk::new();
    let at = |n: u32| format!("2026-11-20T{:02}:{:02}:00Z", n / 60, n % 60);
    let line = |n: u32| {
        let comment = Comment { n: n + 100, parent: (n == 399).then_some(100), ..BEN };
        comment
            .line()
            .replace("2026-11-21T10:00:00Z", &at(n))
            .replace("Ben asks", &format!("visitor {n} asks"))
    };
    desk.ok(&[], &(0..400).map(line).collect::<String>());
    let id = |n: u32| serde_json::from_str::<Value>(&line(n)).unwrap()["id"].as_str().unwrap().to_owned();
    let page = desk.ok(&["show", &id(399)], "");
    for near in ["> 400 ", "visitor 398 asks", "visitor 250 asks", "visitor 0 asks"] {
        assert!(page.contains(near), "{near}: {page}");
    }
    assert!(!page.contains("visitor 5 asks") && page.matches(" asks: ").count() < 210, "{page}");
    let others = page.lines().filter(|line| !line.starts_with('>'));
    let times: Vec<&str> =
        others.filter_map(|line| line.split_once("2026 ")).map(|(_, rest)| &rest[..5]).collect();
    assert!(times.len() > 190 && times[1..].is_sorted(), "{times:?}");
}

#[test]
fn of_several_versions_in_one_archive_the_last_counts() {
    for (status, waits) in [("trash", true), ("held", true), ("approved", false)] {
        let desk = Desk::new();
        let first = if waits { "approved" } else { "held" };
        let versions = [ANA, Comment { status: first, ..REPLY }, Comment { status, fetched: 9, ..REPLY }];
        desk.ok(&[], &versions.map(Comment::line).concat());
        assert_eq!(desk.ids(&["list"]), if waits { vec![ANA.id()] } else { Vec::new() }, "{status}");
    }
}
