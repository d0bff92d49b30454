//! The inbox with a blog's comments as its account gives them: moderation, answers seen where they stand, the public
//! feed beside it. Ids and references are as cm-fetch and cm-net make them (docs/record.md).

use crate::desk::{Desk, ids, scheduled, stderr};
use serde_json::{Value, json};

const POST: &str = "https://blog.example/2026/11/launch/";

/// A comment of the blog's as `wordpress:blog/comments`, `/held`, `/spam` and `/trash` give it.
#[derive(Clone, Copy)]
pub struct Comment {
    pub n: u32,
    pub who: &'static str,
    /// The hour of 21 November at which it was written.
    pub hour: u32,
    pub parent: Option<u32>,
    pub status: &'static str,
    pub own: bool,
    /// The hour of 22 November at which it was fetched.
    pub fetched: u32,
}

pub const ANA: Comment =
    Comment { n: 7, who: "Ana", hour: 9, parent: None, status: "approved", own: false, fetched: 8 };
pub const BEN: Comment = Comment { n: 8, who: "Ben", hour: 10, ..ANA };
pub const REPLY: Comment = Comment { n: 9, who: "Desk", hour: 11, parent: Some(7), own: true, ..ANA };

impl Comment {
    pub fn id(self) -> String {
        id(self.n)
    }

    pub fn line(self) -> String {
        let mut record = json!({
            "id": self.id(), "url": format!("{POST}#comment-{}", self.n), "content_html": "<p>Does it ship to Norway?</p>",
            "content_text": format!("{} asks: does it ship?", self.who),
            "date_published": format!("2026-11-21T{:02}:00:00Z", self.hour), "authors": [{"name": self.who}],
            "_cm": {"version": 1, "kind": "comment", "source": "wordpress:blog", "audience": "public",
                "thread": POST, "in_reply_to": self.parent.map_or(POST.to_owned(), id)},
            "_cm_fetch": {"at": format!("2026-11-22T{:02}:00:00Z", self.fetched), "from": "wordpress:blog/comments",
                "native_id": {"post": 4, "comment": self.n}, "status": self.status},
        });
        if self.own {
            record["_cm"]["own"] = true.into();
        }
        record.to_string() + "\n"
    }
}

fn id(n: u32) -> String {
    cm_record::hash_id(&["wordpress:blog", &format!("comments/{n}")])
}

pub fn why(desk: &Desk, id: &str) -> String {
    desk.state(id)["reasons"].to_string()
}

#[test]
fn a_reply_answers_whoever_wrote_it_wherever_and_whenever_it_comes() {
    let colleague = Comment { who: "Colleague in the dashboard", ..REPLY };
    for lines in [vec![ANA, BEN, colleague], vec![colleague, BEN, ANA]] {
        let together = Desk::new();
        together.ok(&[], &lines.iter().map(|line| line.line()).collect::<String>());
        let apart = Desk::new();
        lines.iter().for_each(|line| drop(apart.ok(&[], &line.line())));
        for desk in [together, apart] {
            assert_eq!(desk.ids(&["list"]), [BEN.id()]);
            assert_eq!(desk.state(&ANA.id())["state"], "answered");
        }
    }
}

#[test]
fn a_comment_of_ours_at_the_top_answers_nobody() {
    let top = Comment { parent: None, ..REPLY };
    let desk = Desk::new();
    desk.ok(&[], &(ANA.line() + &top.line()));
    assert_eq!(desk.ids(&["list"]), [ANA.id()]);
    let without_parent = top.line().replace(&format!(r#""in_reply_to":"{POST}","#), "");
    assert_ne!(without_parent, top.line());
    let desk = Desk::new();
    desk.ok(&[], &(ANA.line() + &without_parent));
    assert_eq!(desk.ids(&["list"]), [ANA.id()]);
}

#[test]
fn two_visitors_of_one_name_are_two_people() {
    let desk = Desk::new();
    let namesake = Comment { n: 5, hour: 8, ..ANA };
    desk.ok(&[], &(namesake.line() + &ANA.line() + &REPLY.line()));
    assert_eq!(desk.ids(&["list"]), [namesake.id()]);
}

#[test]
fn what_nobody_sees_answers_nobody() {
    for unseen in ["held", "hold", "spam", "trash"] {
        let reply = Comment { status: unseen, ..REPLY };
        for first in [true, false] {
            let desk = Desk::new();
            let lines = if first { [reply.line(), ANA.line()] } else { [ANA.line(), reply.line()] };
            lines.iter().for_each(|line| drop(desk.ok(&[], line)));
            assert_eq!(desk.ids(&["list"]), [ANA.id()], "{unseen}");
            desk.ok(&[], &Comment { fetched: 9, ..REPLY }.line());
            assert_eq!(desk.ids(&["list"]), Vec::<String>::new(), "{unseen}, then approved");
            desk.ok(&[], &Comment { fetched: 10, ..reply }.line());
            assert_eq!(desk.ids(&["list"]), [ANA.id()], "{unseen} again");
            assert_eq!(desk.state(&ANA.id())["number"], 1);
        }
    }
}

#[test]
fn a_reply_that_is_gone_for_good_answers_nobody() {
    let desk = Desk::new();
    desk.ok(&[], &(ANA.line() + &REPLY.line() + &BEN.line()));
    // All that the blog still says of it.
    let gone = |n: u32| {
        json!({"id": id(n), "content_text": "", "_cm": {"version": 1, "kind": "comment", "source": "wordpress:blog", "deleted": true},
            "_cm_fetch": {"at": "2026-11-22T09:00:00Z", "from": "wordpress:blog/trash", "native_id": {"post": 0, "comment": n}}})
        .to_string()
    };
    assert_eq!(desk.ids(&["list"]), [BEN.id()]);
    desk.ok(&[], &gone(REPLY.n));
    assert_eq!(desk.ids(&["list"]), [ANA.id(), BEN.id()]);
    desk.ok(&[], &gone(BEN.n));
    assert_eq!(desk.ids(&["list"]), [ANA.id()]);
    desk.ok(&[], &BEN.line());
    assert_eq!(desk.ids(&["list"]), [ANA.id()], "an archive read again brings nobody back");
}

#[test]
fn when_one_of_two_answers_goes_the_other_still_answers() {
    let desk = Desk::new();
    let second = Comment { n: 10, hour: 13, ..REPLY };
    desk.ok(&[], &(ANA.line() + &REPLY.line() + &second.line()));
    desk.ok(&[], &Comment { status: "trash", fetched: 9, ..REPLY }.line());
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
    desk.ok(&[], &Comment { status: "trash", fetched: 9, ..second }.line());
    assert_eq!(desk.ids(&["list"]), [ANA.id()]);
}

#[test]
fn what_was_seen_outweighs_what_was_said_to_be_published() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let draft = desk.ok(&["reply", "1", "-m", "It does."], "");
    let claim = scheduled(&draft, "published", "2026-11-21T11:00:03Z");
    let ms = |desk: &Desk| {
        let path = desk.path(".local/state/cm/cm.db");
        let store =
            cm_store::Store::open(&format!("sqlite:{}", path.display()), cm_store::Mode::Read).unwrap();
        let sql = "SELECT answered_ms, answered_by FROM report_items_v1 WHERE own = 0";
        let rows = store.read(move |tx| tx.query(sql, &[])).unwrap();
        (rows[0].int(0).unwrap(), rows[0].text(1).unwrap())
    };
    desk.ok(&[], &claim);
    assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
    assert_eq!(ms(&desk).1.as_deref(), Some("urn:cm:post:1"));
    let later = REPLY.line().replace("11:00:00", "11:00:05");
    desk.ok(&[], &later);
    assert_eq!(ms(&desk), (Some(1_795_258_805_000), Some(REPLY.id())), "by the blog's clock");
    desk.ok(&[], &claim);
    assert_eq!(ms(&desk).1, Some(REPLY.id()), "a history read again changes nothing");
    for held_first in [true, false] {
        let desk = Desk::new();
        let held = Comment { status: "held", ..REPLY }.line();
        let lines = if held_first { [&held, &claim] } else { [&claim, &held] };
        desk.ok(&[], &ANA.line());
        lines.iter().for_each(|line| drop(desk.ok(&[], line)));
        assert_eq!(desk.ids(&["list"]), [ANA.id()], "published, but the blog holds it");
    }
}

#[test]
fn a_held_comment_is_marked_until_it_is_let_through() {
    let desk = Desk::new();
    let held = Comment { status: "held", ..ANA };
    desk.ok(&[], &(BEN.line() + &held.line()));
    assert_eq!(desk.ids(&["list"]), [held.id(), BEN.id()]);
    assert_eq!(desk.ids(&["list", "--held"]), [held.id()]);
    assert_eq!(ids(&desk.ok(&["--held"], &held.line())), [held.id()]);
    assert_eq!(desk.ids(&["list", "--held", "ben"]), Vec::<String>::new());
    let page = desk.ok(&["show", &held.id()], "");
    assert!(
        page.contains("open, held until somebody approves it") && page.contains("  Ana (held): Ana asks"),
        "{page}"
    );
    let number = desk.state(&held.id())["number"].clone();
    desk.ok(&[], &Comment { fetched: 9, ..ANA }.line());
    let part = desk.state(&ANA.id());
    assert_eq!((&part["state"], &part["number"]), (&"open".into(), &number));
    assert!(!part["reasons"].to_string().contains("held"), "{part}");
    assert_eq!(desk.ids(&["list", "--held"]), Vec::<String>::new());
    desk.fails(2, &["--held", "show", "1"], "");
}

#[test]
fn spam_leaves_the_list_and_comes_back_when_it_is_rescued() {
    for gone in ["spam", "trash"] {
        let desk = Desk::new();
        desk.ok(&[], &Comment { status: "held", ..ANA }.line());
        assert_eq!(desk.ok(&[], &Comment { status: gone, fetched: 9, ..ANA }.line()), "");
        assert_eq!(desk.ids(&["list"]), Vec::<String>::new());
        desk.ok(&[], &Comment { fetched: 10, ..ANA }.line());
        assert_eq!(desk.ids(&["list"]), [ANA.id()], "{gone}");
        let desk = Desk::new();
        assert_eq!(desk.ok(&[], &Comment { status: gone, ..ANA }.line()), "", "never open");
        assert_eq!(desk.state(&ANA.id())["number"], Value::Null);
        desk.ok(&[], &Comment { fetched: 9, ..ANA }.line());
        assert_eq!((desk.ids(&["list"]), &desk.state(&ANA.id())["number"]), (vec![ANA.id()], &1.into()));
    }
}

#[test]
fn an_approval_shows_at_once_and_until_it_is_fetched() {
    let desk = Desk::new();
    let held = Comment { status: "held", ..ANA };
    desk.ok(&[], &held.line());
    let action = desk.ok(&["approve", "1"], "");
    let record: Value = serde_json::from_str(&action).unwrap();
    let parent = json!({"id": ANA.id(), "account": "wordpress:blog", "native": {"post": 4, "comment": 7}});
    assert_eq!((&record["_cm"]["action"], &record["_cm"]["parent"]), (&"approve".into(), &parent));
    assert!(why(&desk, &ANA.id()).contains("held, its approval was drafted"));
    desk.ok(&["undo"], "");
    assert!(why(&desk, &ANA.id()).contains("held until somebody approves it"));
    desk.ok(&["approve", "1"], "");
    desk.ok(&[], &scheduled(&action, "failed", "2026-11-22T12:00:00Z"));
    assert!(why(&desk, &ANA.id()).contains("held until somebody approves it"), "it did not go out");
    desk.ok(&[], &scheduled(&action, "published", "2026-11-22T12:00:00Z"));
    assert!(why(&desk, &ANA.id()).contains(r#""why":"approved""#), "{}", why(&desk, &ANA.id()));
    assert_eq!((desk.ids(&["list"]), desk.ids(&["list", "--held"])), (vec![ANA.id()], Vec::new()));
    desk.ok(&[], &Comment { fetched: 11, ..held }.line());
    assert!(!why(&desk, &ANA.id()).contains("held"), "fetched before it was approved, here only now");
    desk.ok(&[], &Comment { fetched: 13, ..ANA }.line());
    assert!(!why(&desk, &ANA.id()).contains("approved"), "no news any more");
    desk.ok(&[], &scheduled(&action, "published", "2026-11-22T12:00:00Z"));
    desk.ok(&[], &Comment { fetched: 14, ..held }.line());
    assert_eq!(desk.ids(&["list", "--held"]), [ANA.id()], "somebody has held it again");
}

#[test]
fn spam_that_went_out_closes_and_spam_that_did_not_leaves_no_mark() {
    let desk = Desk::new();
    desk.ok(&[], &(ANA.line() + &BEN.line()));
    let actions = desk.ok(&["spam", "1-2"], "");
    assert_eq!(actions.lines().count(), 2);
    assert!(why(&desk, &ANA.id()).contains("a draft was made"));
    let (ana, ben) = actions.trim_end().split_once('\n').unwrap();
    desk.ok(&[], &scheduled(ana, "published", "2026-11-22T12:00:00Z"));
    desk.ok(&[], &scheduled(ben, "cancelled", "2026-11-22T12:00:00Z"));
    assert_eq!(desk.ids(&["list"]), [BEN.id()]);
    assert!(!why(&desk, &BEN.id()).contains("acted on already"));
    desk.ok(&[], &Comment { fetched: 11, ..ANA }.line());
    assert_eq!(desk.ids(&["list"]), [BEN.id()], "fetched before it was marked");
    desk.ok(&[], &Comment { fetched: 13, ..ANA }.line());
    assert_eq!(desk.ids(&["list"]), [ANA.id(), BEN.id()], "rescued since");
    desk.ok(&[], &Comment { fetched: 14, status: "spam", ..ANA }.line());
    let rescue = desk.ok(&["approve", &ANA.id()], "");
    desk.ok(&[], &scheduled(&rescue, "published", "2026-11-22T15:00:00Z"));
    assert_eq!(desk.ids(&["list"]), [ANA.id(), BEN.id()], "let through from here");
    assert_eq!(desk.state(&ANA.id())["number"], 1);
}

#[test]
fn a_reply_that_failed_leaves_its_item_as_pressing_as_before() {
    let desk = Desk::new();
    desk.ok(&[], &ANA.line());
    let draft = desk.ok(&["reply", "1", "-m", "It does."], "");
    for waits in ["queued", "sending", "unsure"] {
        desk.ok(&[], &scheduled(&draft, waits, "2026-11-22T12:00:00Z"));
        assert!(why(&desk, &ANA.id()).contains("acted on already"), "{waits}");
    }
    desk.ok(&[], &scheduled(&draft, "failed", "2026-11-20T12:00:00Z"));
    assert!(why(&desk, &ANA.id()).contains("acted on already"), "that was an older draft");
    desk.ok(&[], &scheduled(&draft, "failed", "2026-11-22T12:00:00Z"));
    assert!(!why(&desk, &ANA.id()).contains("acted on already"));
}

#[test]
fn a_reply_to_what_nobody_sees_is_warned_of() {
    let desk = Desk::new();
    let reply = |item: &str| {
        let output = desk.feed(&["reply", item, "-m", "It does."], "");
        assert!(output.status.success() && !output.stdout.is_empty(), "{}", stderr(&output));
        stderr(&output)
    };
    desk.ok(&[], &(Comment { status: "held", ..ANA }.line() + &BEN.line()));
    let said = reply(&ANA.id());
    assert!(said.contains("still held: approve it first (cm-inbox approve 1 |"), "{said}");
    let whom = format!("answering Ana on {POST} through wordpress:blog: Ana asks: does it ship?");
    assert!(said.contains(&whom), "{said}");
    let post = json!({"id": "https://blog.example/?p=4", "url": POST, "title": "The launch", "content_text": "We are open.",
        "_cm": {"version": 1, "kind": "article", "source": "https://blog.example/feed/", "audience": "public"}});
    desk.ok(&[], &(post.to_string() + "\n"));
    let page = desk.ok(&["show", &ANA.id()], "");
    assert!(page.contains(&format!("on The launch ({POST})\n")), "{page}");
    assert!(!reply(&BEN.id()).contains("held"));
    desk.ok(&["approve", "1"], "");
    assert!(!reply(&ANA.id()).contains("still held"), "its approval goes out first");
    desk.ok(&[], &Comment { status: "spam", fetched: 9, ..ANA }.line());
    assert!(reply(&ANA.id()).contains("marked as spam: the reply will be refused"));
    desk.ok(&[], &Comment { status: "trash", fetched: 10, ..ANA }.line());
    assert!(reply(&ANA.id()).contains("in the trash: the reply will be refused"));
}

/// The same comment as the blog's public feed of comments has it.
fn in_feed(comment: Comment) -> String {
    let url = format!("{POST}#comment-{}", comment.n);
    let record = json!({
        "id": url, "url": url, "title": format!("Comment on Launch by {}", comment.who),
        "content_text": format!("{} asks: does it ship?", comment.who),
        "date_published": format!("2026-11-21T{:02}:00:00Z", comment.hour), "authors": [{"name": comment.who}],
        "_cm": {"version": 1, "kind": "comment", "source": "https://blog.example/comments/feed/", "audience": "public"},
        "_cm_fetch": {"at": "2026-11-22T08:00:00Z", "from": "https://blog.example/comments/feed/"},
    });
    record.to_string() + "\n"
}

#[test]
fn a_comment_that_the_public_feed_has_too_is_one() {
    let (feed, account) = (in_feed(ANA) + &in_feed(REPLY), ANA.line() + &REPLY.line());
    for lines in [[&feed, &account], [&account, &feed]] {
        let desk = Desk::new();
        lines.iter().for_each(|line| drop(desk.ok(&[], line)));
        assert_eq!(
            desk.ids(&["list"]),
            Vec::<String>::new(),
            "our reply waits for nobody, Ana has her answer"
        );
        assert_eq!(desk.ids(&["list", "--all"]), [ANA.id()]);
        desk.ok(&[], &feed.replace("does it ship?", "does it ship, please?"));
        assert_eq!(desk.ids(&["list", "--all"]), [ANA.id()], "an edit comes through the account");
    }
    let desk = Desk::new();
    desk.ok(&[], &in_feed(ANA));
    desk.ok(&["note", "--on", "1", "ask Cleo"], "");
    desk.ok(&[], &ANA.line());
    assert_eq!(desk.ids(&["list"]), [ANA.id()]);
    let part = desk.state(&ANA.id());
    assert_eq!(
        (&part["number"], &part["notes"]),
        (&1.into(), &json!(["ask Cleo"])),
        "what was decided stays"
    );
    let late = Desk::new();
    late.ok(&[], &in_feed(ANA));
    late.ok(&["done", "1"], "");
    late.ok(&[], &ANA.line());
    assert_eq!(late.ids(&["list"]), Vec::<String>::new());
    late.ok(&["undo"], "");
    assert_eq!(late.ids(&["list"]), [ANA.id()], "taken back under whichever id it was decided");
    let elsewhere = in_feed(BEN).replace("https://blog.example/comments", "https://evil.example/comments");
    desk.ok(&[], &elsewhere);
    desk.ok(&["done", "2"], "");
    desk.ok(&[], &BEN.line());
    assert!(desk.ids(&["list"]).contains(&BEN.id()), "what another host says of a comment decides nothing");
}
