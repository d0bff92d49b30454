//! The outbox under fire on real servers: senders killed and frozen at every stop, two at once, and answers that are lost.
//! Each test prints its table: wanted, found on the server, duplicate, withdrawn, unsure, lost. The same table for files and
//! webhooks is made by crates/cm-schedule/tests/outbox.rs.

#![expect(clippy::print_stdout, clippy::panic, reason = "a test: a panic is the report, and so is the table")]

mod proxy;

pub use proxy::{Fault, Proxy};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use cm_tests::{Home, Login};
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STOPS: [&str; 4] = ["outbox.intent", "outbox.sending", "outbox.sent", "outbox.recorded"];
/// How many posts are sent in each row.
pub const WANTED: usize = 3;
/// How long a sender is frozen: long against the lease of 300 ms, and longer on a machine that needs it.
const FREEZES_MS: [u32; 3] = [6_000, 20_000, 60_000];
/// The rows in which a sender may send what another has sent since it looked.
const LATE: [&str; 4] =
    ["two senders at once", "woken together", "answer lost, done late", "frozen at sending"];
/// The row's clock begins so long ago, so that it can be moved on and is never ahead of the server's.
const AGO: TimeDelta = TimeDelta::minutes(40);

/// Posts to be sent, and how they are counted.
pub struct Batch {
    /// The account that they go to.
    pub login: Login,
    /// Their records, a line each.
    pub input: String,
    /// How many copies of each people can see on the server, read there.
    pub copies: Box<dyn Fn() -> Vec<usize>>,
    /// How many were there and have been taken back (the trash): twins of senders that met.
    pub withdrawn: Box<dyn Fn() -> usize>,
}

struct Desk<'k> {
    kind: &'k str,
    home: Home,
    batch: Batch,
    began: DateTime<Utc>,
}

impl Desk<'_> {
    fn new(kind: &str, batch: Batch) -> Desk<'_> {
        let home = Home::with_accounts(std::slice::from_ref(&batch.login), "[schedule]\nlate_gap = \"0s\"\n");
        let desk = Desk { kind, home: home.with("CM_LEASE_MS", "300"), batch, began: Utc::now() - AGO };
        let clock = desk.clock(0);
        let add = ["add", "--at", "now", "--clock", &clock, "--to", &desk.batch.login.account];
        desk.home.run("cm-schedule", &add, &desk.batch.input).exits(0);
        desk
    }

    /// The row's time so many minutes after it began.
    fn clock(&self, minutes: i64) -> String {
        (self.began + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    fn publish(&self, failpoint: &str, minutes: i64) -> Command {
        let mut command = self.home.command("cm-schedule");
        command.args(["publish", "--clock", &self.clock(minutes)]).env("CM_FAILPOINT", failpoint);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn publisher(&self, failpoint: &str) -> Child {
        self.publish(failpoint, 0).spawn().unwrap()
    }

    /// The lock keeps senders of one machine apart; without it they meet as those of two machines do.
    fn open_the_lock(&self) {
        let _ = std::fs::remove_file(self.home.path("cm.db-publish.lock"));
    }

    /// Publishes, with nothing in the way, until no post is open; what is put off is tried again when its time has come.
    fn settle(&self) {
        for run in 0..100 {
            self.open_the_lock();
            self.publish("", (run / 2).min(35)).status().unwrap();
            if self.count(&["queued", "sending"]) == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(60));
        }
        panic!("{}: posts are still open: {:#?}", self.kind, self.posts());
    }

    fn posts(&self) -> Vec<Value> {
        let done = self.home.run("cm-schedule", &["list", "--state", "all", "-q"], "").exits(0);
        done.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn states(&self) -> Vec<(String, String)> {
        let text = |post: &Value, member: &str| post[member].as_str().unwrap_or_default().to_owned();
        self.posts().iter().map(|post| (text(post, "id"), text(post, "state"))).collect()
    }

    /// How often a sender came back from its sending and found that another has the post.
    fn came_too_late(&self) -> usize {
        let trail =
            |(id, _): &(String, String)| self.home.run("cm-schedule", &["show", id], "").exits(0).text();
        self.states().iter().map(|post| trail(post).matches("a sender that had lost its claim").count()).sum()
    }

    fn count(&self, states: &[&str]) -> usize {
        self.states().iter().filter(|(_, state)| states.contains(&state.as_str())).count()
    }

    /// Prints the row; every post must be on the server once, and known to be.
    #[track_caller]
    fn check(&self, fault: &str) {
        let copies = (self.batch.copies)();
        let found = copies.iter().filter(|copies| **copies > 0).count();
        let duplicate: usize = copies.iter().map(|copies| copies.saturating_sub(1)).sum();
        let (unsure, lost) = (self.count(&["unsure"]), copies.len() - found);
        let withdrawn = (self.batch.withdrawn)();
        let row = format!(
            "{:>18} {fault:>24} {WANTED:>6} {found:>6} {duplicate:>9} {withdrawn:>9} {unsure:>6} {lost:>4}",
            self.kind
        );
        println!("{row}");
        assert_eq!(
            (copies.len(), found, duplicate, unsure),
            (WANTED, WANTED, 0, 0),
            "{row}\n{:#?}",
            self.posts()
        );
        assert_eq!(self.count(&["published"]), WANTED, "{row}\n{:#?}", self.posts());
        // Nobody who could have looked before sending has sent a second time.
        assert!(withdrawn == 0 || LATE.contains(&fault), "{row}");
    }
}

fn heading() {
    println!(
        "{:>18} {:>24} {:>6} {:>6} {:>9} {:>9} {:>6} {:>4}",
        "posts", "fault", "wanted", "found", "duplicate", "withdrawn", "unsure", "lost"
    );
}

/// Killed at every stop, at the second post; the next run goes on.
pub fn killed(kind: &str, batch: impl Fn() -> Batch) {
    heading();
    for stop in STOPS {
        let desk = Desk::new(kind, batch());
        let status = desk.publisher(&format!("{stop}=kill@2")).wait().unwrap();
        assert_eq!(status.code(), None, "{stop} was reached");
        desk.settle();
        desk.check(&format!("killed at {}", &stop[7..]));
    }
}

/// Frozen at every stop, at the second post, until another sender has taken over and is done; then it wakes up.
pub fn frozen(kind: &str, batch: impl Fn() -> Batch) {
    heading();
    for stop in STOPS {
        // Should a slow machine let the sleeper wake before another sender has taken over, it sleeps longer.
        assert!(
            FREEZES_MS.iter().any(|ms| frozen_for(kind, batch(), stop, *ms)),
            "{stop}: never taken over in time"
        );
    }
}

/// False when the sleeper woke too early to prove anything.
fn frozen_for(kind: &str, batch: Batch, stop: &str, freeze_ms: u32) -> bool {
    let desk = Desk::new(kind, batch);
    let mut sleeper = desk.publisher(&format!("{stop}=freeze:{freeze_ms}@2"));
    let (published, sending) = if stop == "outbox.recorded" { (2, 0) } else { (1, 1) };
    while (desk.count(&["published"]), desk.count(&["sending"])) != (published, sending) {
        if sleeper.try_wait().unwrap().is_some() {
            return false;
        }
    }
    desk.settle();
    let settled = desk.states();
    if sleeper.try_wait().unwrap().is_some() {
        return false;
    }
    // It wakes up and finds that it has lost its claim: what it sends adds nothing, and it records nothing.
    sleeper.wait().unwrap();
    assert_eq!(desk.states(), settled, "{stop}");
    let sent = ["outbox.sending", "outbox.sent"].contains(&stop);
    assert_eq!(desk.came_too_late(), usize::from(sent), "{stop}: it sent when it woke, if it had got so far");
    desk.check(&format!("frozen at {}", &stop[7..]));
    true
}

/// Two senders at the same posts, as on two machines with one store.
pub fn two_at_once(kind: &str, batch: impl Fn() -> Batch) {
    heading();
    let desk = Desk::new(kind, batch());
    let slow = "outbox.intent=freeze:100,outbox.sending=freeze:100,outbox.sent=freeze:100";
    let mut first = desk.publisher(slow);
    while desk.count(&["published", "sending"]) == 0 {
        assert_eq!(first.try_wait().unwrap(), None, "it ended and sent nothing: {:#?}", desk.posts());
    }
    desk.open_the_lock();
    let second = desk.publisher(slow);
    for mut publisher in [first, second] {
        publisher.wait().unwrap();
    }
    desk.settle();
    desk.check("two senders at once");
}

/// A frozen sender wakes up at the moment at which its replacement sends: both have looked, neither saw the other's.
pub fn woken_together(kind: &str, batch: impl Fn() -> Batch) {
    heading();
    for early_ms in [100, 250, 400] {
        let met = |ms: &u32| woken_after(kind, batch(), *ms, early_ms);
        assert!([4_000, 15_000, 60_000].iter().any(met), "they never met in time");
    }
}

/// False when the sleeper woke too early to be replaced: then only one of them has sent.
fn woken_after(kind: &str, batch: Batch, freeze_ms: u32, early_ms: u32) -> bool {
    let desk = Desk::new(kind, batch);
    let mut sleeper = desk.publisher(&format!("outbox.sending=freeze:{freeze_ms}@1"));
    while desk.count(&["sending"]) == 0 {
        if sleeper.try_wait().unwrap().is_some() {
            return false;
        }
    }
    let began = Instant::now();
    // The lease ends meanwhile.
    std::thread::sleep(Duration::from_millis(500));
    desk.open_the_lock();
    let left = u128::from(freeze_ms).saturating_sub(began.elapsed().as_millis() + u128::from(early_ms));
    let mut second = desk.publisher(&format!("outbox.sending=freeze:{left}@1"));
    for publisher in [&mut sleeper, &mut second] {
        publisher.wait().unwrap();
    }
    let met = desk.came_too_late() == 1;
    desk.settle();
    desk.check("woken together");
    met
}

/// The server takes a post and its answer is lost: at once, and while the server is still at it. `proxied` makes posts
/// that go through a proxy with that fault.
pub fn unanswered(kind: &str, proxied: impl Fn(Fault) -> (Proxy, Batch)) {
    heading();
    for (fault, name) in [(Fault::AnswerLost, "answer lost"), (Fault::DoneLate, "answer lost, done late")] {
        let (proxy, batch) = proxied(fault);
        let desk = Desk::new(kind, batch);
        desk.publisher("").wait().unwrap();
        assert!(proxy.struck() > 0, "no request was the one to be lost");
        proxy.rest();
        desk.settle();
        desk.check(name);
    }
}
