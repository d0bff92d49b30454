//! The outbox under fire: senders killed and frozen at every stop, and two at once. Needs the Cargo feature `failpoints`.
//! Each test prints its table: wanted, received, duplicate, unsure, lost.
#![cfg(feature = "failpoints")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: a panic is the report, and so is the table"
)]

mod receiver;

use receiver::{Answer, Receiver};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const STOPS: [&str; 4] = ["outbox.intent", "outbox.sending", "outbox.sent", "outbox.recorded"];
const WANTED: usize = 5;
/// How long a sender is frozen: long against the lease of 300 ms, and longer on a machine that needs it.
const FREEZES_MS: [u32; 3] = [1_500, 6_000, 24_000];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Keyed,
    Unkeyed,
    File,
}

struct Desk {
    dir: tempfile::TempDir,
    receiver: Receiver,
    kind: Kind,
}

/// What became of the posts.
#[derive(Debug, Default)]
struct Tally {
    received: usize,
    duplicate: usize,
    unsure: usize,
    lost: usize,
}

impl Desk {
    fn new(kind: Kind) -> Desk {
        let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(kind == Kind::Keyed));
        let config = format!(
            "store = \"cm.db\"\ntime_zone = \"UTC\"\n[accounts.\"webhook:x\"]\nurl = \"{}\"\nidempotent = {}\n[accounts.\"file:x\"]\npath = \"posts.jsonl\"\n",
            receiver.url(),
            kind == Kind::Keyed,
        );
        std::fs::write(dir.path().join("cm.toml"), config).unwrap();
        let desk = Desk { dir, receiver, kind };
        let account = if kind == Kind::File { "file:x" } else { "webhook:x" };
        for n in 0..WANTED {
            let status =
                desk.command("", &["add", "--to", account, "--at", "now", "-m", &n.to_string()]).status();
            assert!(status.unwrap().success());
        }
        desk
    }

    fn command(&self, failpoint: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cm-schedule"));
        command.args(args).env_clear().current_dir(self.dir.path()).env("HOME", self.dir.path());
        command.envs([
            ("CM_ALLOW_PRIVATE", "1"),
            ("CM_CLOCK", "2026-11-23T09:00:00Z"),
            ("CM_LEASE_MS", "300"),
        ]);
        command.env("CM_CLOCK", "2026-11-23T09:00:00Z").env("CM_FAILPOINT", failpoint);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn publisher(&self, failpoint: &str) -> Child {
        self.command(failpoint, &["publish"]).spawn().unwrap()
    }

    /// The lock keeps senders of one machine apart; without it they meet as those of two machines do.
    fn open_the_lock(&self) {
        let _ = std::fs::remove_file(self.dir.path().join("cm.db-publish.lock"));
    }

    /// Publishes, with nothing in the way, until no post is open.
    fn settle(&self) {
        for _ in 0..600 {
            self.open_the_lock();
            // Some minutes later, so that what was put off is tried again.
            self.command("", &["publish", "--clock", "2026-11-23T09:04:00Z"]).status().unwrap();
            if self.states().iter().all(|(_, state)| state != "queued" && state != "sending") {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(self.states(), [], "posts are still open after half a minute");
    }

    /// (id, state) of every post.
    fn states(&self) -> Vec<(String, String)> {
        let mut list = self.command("", &["list", "--state", "all"]);
        let out = list.stdout(Stdio::piped()).output().unwrap().stdout;
        let text = |post: &Value, member: &str| post[member].as_str().unwrap().to_owned();
        let posts = String::from_utf8(out).unwrap();
        let posts = posts.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        posts.map(|post| (text(&post, "id"), text(&post, "state"))).collect()
    }

    /// How many posts are in each of two states.
    fn count(&self, one: &str, other: &str) -> (usize, usize) {
        let states = self.states();
        let count = |wanted: &str| states.iter().filter(|(_, state)| state == wanted).count();
        (count(one), count(other))
    }

    fn received(&self) -> BTreeMap<String, u32> {
        if self.kind != Kind::File {
            return self.receiver.effects();
        }
        let mut copies = BTreeMap::new();
        for line in std::fs::read_to_string(self.dir.path().join("posts.jsonl")).unwrap_or_default().lines() {
            let post: Value = serde_json::from_str(line).unwrap();
            *copies.entry(post["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        copies
    }

    fn tally(&self) -> Tally {
        let (states, received) = (self.states(), self.received());
        assert_eq!(states.len(), WANTED);
        let mut tally = Tally { received: received.len(), ..Tally::default() };
        tally.duplicate = received.values().map(|copies| *copies as usize - 1).sum();
        for (id, state) in &states {
            tally.unsure += usize::from(state == "unsure");
            tally.lost += usize::from(state != "unsure" && !received.contains_key(id));
        }
        tally
    }

    #[track_caller]
    fn check(&self, fault: &str) -> Tally {
        let tally = self.tally();
        let Tally { received, duplicate, unsure, lost } = tally;
        println!(
            "{:>8} {fault:>24} {WANTED:>6} {received:>8} {duplicate:>9} {unsure:>6} {lost:>4}",
            format!("{:?}", self.kind)
        );
        assert_eq!((duplicate, lost), (0, 0), "{:?} {fault}: {tally:?}", self.kind);
        if self.kind != Kind::Unkeyed {
            assert_eq!((received, unsure), (WANTED, 0), "{:?} {fault}", self.kind);
        }
        tally
    }
}

fn heading() {
    println!(
        "{:>8} {:>24} {:>6} {:>8} {:>9} {:>6} {:>4}",
        "receiver", "fault", "wanted", "received", "duplicate", "unsure", "lost"
    );
}

fn killed(kind: Kind) {
    heading();
    for stop in STOPS {
        let desk = Desk::new(kind);
        let status = desk.publisher(&format!("{stop}=kill@3")).wait().unwrap();
        assert_eq!(status.code(), None, "{stop} was reached");
        desk.settle();
        let tally = desk.check(&format!("killed at {}", &stop[7..]));
        // What was on its way and cannot be found out is shown to a person: that one, and no other.
        assert_eq!(tally.unsure, usize::from(kind == Kind::Unkeyed && stop != "outbox.recorded"));
    }
}

fn frozen(kind: Kind) {
    heading();
    for stop in STOPS {
        // Should a slow machine let the sleeper wake before another sender has taken over, it sleeps longer.
        assert!(FREEZES_MS.iter().any(|ms| frozen_for(kind, stop, *ms)), "{stop}: never taken over in time");
    }
}

/// False when the sleeper woke too early to prove anything.
fn frozen_for(kind: Kind, stop: &str, freeze_ms: u32) -> bool {
    let desk = Desk::new(kind);
    let mut sleeper = desk.publisher(&format!("{stop}=freeze:{freeze_ms}@3"));
    let sleeps_at = if stop == "outbox.recorded" { (3, 0) } else { (2, 1) };
    while desk.count("published", "sending") != sleeps_at {
        if sleeper.try_wait().unwrap().is_some() {
            return false;
        }
    }
    desk.settle();
    let settled = desk.states();
    if sleeper.try_wait().unwrap().is_some() {
        return false;
    }
    // It wakes up and finds that it has lost its claim: it neither sends nor records wrongly.
    sleeper.wait().unwrap();
    assert_eq!(desk.states(), settled, "{stop}");
    let tally = desk.check(&format!("frozen at {}", &stop[7..]));
    assert_eq!(tally.unsure, usize::from(kind == Kind::Unkeyed && stop != "outbox.recorded"));
    true
}

fn two_at_once(kind: Kind) {
    heading();
    let desk = Desk::new(kind);
    let slow = "outbox.intent=freeze:100,outbox.sending=freeze:100,outbox.sent=freeze:100";
    let mut first = desk.publisher(slow);
    while desk.count("published", "sending") == (0, 0) {
        assert_eq!(first.try_wait().unwrap(), None, "it ended and sent nothing");
    }
    desk.open_the_lock();
    let second = desk.publisher(slow);
    for mut publisher in [first, second] {
        assert!(publisher.wait().unwrap().success());
    }
    desk.settle();
    desk.check("two senders at once");
}

/// The receiver takes a post and the answer is lost on the way.
fn unanswered(kind: Kind) {
    heading();
    let desk = Desk::new(kind);
    desk.receiver.answer(&[Answer::TakeAndHangUp]);
    desk.publisher("").wait().unwrap();
    desk.settle();
    desk.check("answer lost");
    let mut bodies = BTreeMap::new();
    for (key, body) in desk.receiver.requests() {
        assert_eq!(
            *bodies.entry(key).or_insert_with(|| body.clone()),
            body,
            "a key means the same bytes, always"
        );
    }
}

#[test]
fn killed_at_every_stop_with_a_key() {
    killed(Kind::Keyed);
}

#[test]
fn killed_at_every_stop_without_a_key() {
    killed(Kind::Unkeyed);
}

#[test]
fn killed_at_every_stop_into_a_file() {
    killed(Kind::File);
}

#[test]
fn frozen_at_every_stop_with_a_key() {
    frozen(Kind::Keyed);
}

#[test]
fn frozen_at_every_stop_without_a_key() {
    frozen(Kind::Unkeyed);
}

#[test]
fn frozen_at_every_stop_into_a_file() {
    frozen(Kind::File);
}

#[test]
fn two_senders_at_once() {
    for kind in [Kind::Keyed, Kind::Unkeyed, Kind::File] {
        two_at_once(kind);
    }
}

#[test]
fn nobody_decides_about_a_post_that_is_in_a_senders_hands() {
    let desk = Desk::new(Kind::Unkeyed);
    let mut sender = desk.command("outbox.sending=freeze:600000@1", &["publish"]);
    let mut sender = sender.env("CM_LEASE_MS", "600000").spawn().unwrap();
    while desk.count("published", "sending") != (0, 1) {}
    let (id, _) = desk.states().into_iter().find(|(_, state)| state == "sending").unwrap();
    for (args, code) in [
        (&["cancel", &id][..], 2),
        (&["move", &id, "2h"], 2),
        (&["resolve", &id, "--drop"], 5),
        (&["resolve", &id, "--send-again"], 5),
        (&["publish"], 5),
    ] {
        assert_eq!(desk.command("", args).status().unwrap().code(), Some(code), "{args:?}");
    }
    sender.kill().unwrap();
    sender.wait().unwrap();
    assert_eq!((desk.count("sending", "queued"), desk.receiver.requests().len()), ((1, WANTED - 1), 0));
}

#[test]
fn what_is_told_to_end_between_posts_says_that_it_did_not_finish() {
    let desk = Desk::new(Kind::File);
    let input: String = (0..2)
        .map(|n| {
            format!("{{\"id\":\"d{n}\",\"content_text\":\"{n}\",\"_cm\":{{\"version\":1,\"draft\":true}}}}\n")
        })
        .collect();
    let file = desk.dir.path().join("in.jsonl");
    std::fs::write(&file, input).unwrap();
    let add = ["add", "--now", "--to", "file:x", file.to_str().unwrap()];
    let mut adding = desk.command("outbox.sent=freeze:4000@1", &add).spawn().unwrap();
    while desk.received().is_empty() {}
    assert!(Command::new("kill").args(["-TERM", &adding.id().to_string()]).status().unwrap().success());
    assert_eq!(adding.wait().unwrap().code(), Some(130));
    assert_eq!(desk.received().len(), 1, "the post in hand is finished, the next is not begun");
}

#[test]
fn answers_are_lost() {
    for kind in [Kind::Keyed, Kind::Unkeyed] {
        unanswered(kind);
    }
}
