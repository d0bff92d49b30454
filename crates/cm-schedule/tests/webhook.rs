//! What a receiver may answer, and what becomes of the post: refused, put off, unsure, and what a person then says.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod receiver;

use receiver::{Answer, Receiver};
use serde_json::Value;
use std::process::{Command, Stdio};

struct Desk {
    dir: tempfile::TempDir,
    receiver: Receiver,
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    /// A desk with one post due at 09:00.
    fn new(keyed: bool) -> Desk {
        let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(keyed));
        let config = format!(
            "store = \"cm.db\"\ntime_zone = \"UTC\"\n[accounts.\"webhook:team\"]\nurl = \"{}\"\nidempotent = {keyed}\n",
            receiver.url()
        );
        std::fs::write(dir.path().join("cm.toml"), config).unwrap();
        let desk = Desk { dir, receiver };
        desk.queue("first");
        desk
    }

    fn queue(&self, text: &str) {
        assert_eq!(
            self.run("08:00:00", &["add", "--to", "webhook:team", "--at", "9:00", "-m", text]).code,
            0
        );
    }

    fn run(&self, time: &str, args: &[&str]) -> Run {
        self.run_where("1", time, args)
    }

    /// With private addresses allowed (`1`) or not.
    fn run_where(&self, private: &str, time: &str, args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_cm-schedule"))
            .args(args)
            .env_clear()
            .envs([("CM_ALLOW_PRIVATE", private), ("CM_CLOCK", &format!("2026-11-23T{time}Z"))])
            .env("HOME", self.dir.path())
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn publish(&self, time: &str, code: i32, words: &str) {
        let run = self.run(time, &["publish"]);
        assert_eq!(run.code, code, "{}", run.err);
        assert!(run.err.contains(words) && (!words.is_empty() || run.err.is_empty()), "{}", run.err);
        assert!(!run.err.contains("/hook"), "a hook's path is its password: {}", run.err);
    }

    /// The first post.
    fn post(&self) -> Value {
        let run = self.run("08:00:00", &["list", "--state", "all"]);
        serde_json::from_str(run.out.lines().next().unwrap()).unwrap()
    }

    fn state(&self) -> String {
        self.post()["state"].as_str().unwrap().to_owned()
    }

    fn requests(&self) -> usize {
        self.receiver.requests().len()
    }
}

#[test]
fn a_post_is_sent_once_and_its_address_is_kept() {
    let desk = Desk::new(false);
    desk.publish("09:00:00", 0, "");
    desk.publish("09:01:00", 0, "");
    assert_eq!((desk.state().as_str(), desk.requests()), ("published", 1));
    assert!(desk.post()["published_url"].as_str().unwrap().ends_with("/posts/1"));
}

#[test]
fn a_definite_no_is_failed_and_not_repeated() {
    let desk = Desk::new(false);
    desk.receiver.answer(&[Answer::Status("400 Bad Request")]);
    desk.publish("09:00:00", 3, "answered 400");
    desk.publish("10:00:00", 0, "");
    assert_eq!((desk.state().as_str(), desk.requests()), ("failed", 1));
}

#[test]
fn what_the_guard_kept_back_goes_out_as_soon_as_private_addresses_are_allowed() {
    for again in [&["publish", "--allow-private"][..], &["add", "--allow-private"]] {
        let desk = Desk::new(false);
        let now = ["--now", "--to", "webhook:team", "-m", "hello"];
        let refused = desk.run_where("0", "08:30:00", &[&["add"], &now[..]].concat());
        let words = "cm-schedule publish --allow-private does not wait";
        assert!(refused.code == 3 && refused.err.contains(words), "{}", refused.err);
        assert_eq!(desk.run_where("0", "08:30:10", &["publish"]).err, "", "the pause holds without it");
        let again = if again[0] == "add" { [again, &now[..]].concat() } else { again.to_vec() };
        let sent = desk.run_where("0", "08:30:20", &again);
        assert_eq!((sent.code, sent.err.as_str(), desk.requests()), (0, "", 1));
    }
}

#[test]
fn another_pause_is_not_lifted_by_allowing_private_addresses() {
    let desk = Desk::new(false);
    desk.receiver.answer(&[Answer::Status("408 Request Timeout")]);
    desk.publish("09:00:00", 3, "next try");
    desk.publish("09:00:10", 0, "");
    assert_eq!(desk.requests(), 1);
}

#[test]
fn retry_after_is_honoured_for_the_whole_account_and_across_runs() {
    let desk = Desk::new(false);
    desk.queue("second");
    desk.receiver.answer(&[Answer::Status("429 Too Many Requests\r\nRetry-After: 1800")]);
    desk.publish("09:00:00", 3, "next try Mon 2026-11-23 09:30: ");
    desk.publish("09:29:00", 0, "");
    assert_eq!(desk.requests(), 1, "neither post was tried again");
    desk.publish("09:30:00", 0, "");
    desk.publish("09:40:00", 0, "");
    assert_eq!(desk.requests(), 3);
    let bodies = desk.receiver.requests();
    assert_eq!(bodies[0], bodies.iter().skip(1).find(|(key, _)| *key == bodies[0].0).unwrap().clone());
}

#[test]
fn an_account_that_asks_for_days_of_peace_gets_them() {
    let desk = Desk::new(false);
    desk.queue("second");
    desk.receiver.answer(&[Answer::Status("429 Too Many Requests\r\nRetry-After: 200000")]);
    desk.publish("09:00:00", 3, "given up after 1 attempt: ");
    desk.publish("09:30:00", 0, "");
    assert_eq!(desk.requests(), 1, "the other post was not tried");
}

#[test]
fn refused_credentials_are_exit_4_and_the_post_waits() {
    let desk = Desk::new(false);
    desk.queue("second");
    desk.receiver.answer(&[Answer::Status("401 Unauthorized")]);
    desk.publish("09:00:00", 4, "answered 401");
    assert_eq!(desk.state(), "queued");
    let now = desk.run("09:05:00", &["add", "--now", "--to", "webhook:team", "-m", "third"]);
    assert!(now.code == 3 && now.err.contains("the next try is Mon 2026-11-23 09:15"), "{}", now.err);
    desk.publish("09:10:00", 0, "");
    assert_eq!(desk.requests(), 1, "the whole account rests: many wrong passwords lock it");
    desk.publish("09:20:00", 0, "");
    desk.publish("09:30:00", 0, "");
    assert_eq!((desk.state().as_str(), desk.requests()), ("published", 4));
}

#[test]
fn a_post_that_is_put_off_for_a_day_is_failed_by_name() {
    let desk = Desk::new(false);
    desk.receiver.answer(&vec![Answer::Status("408 Request Timeout"); 100]);
    let clock = |minute: u32| {
        format!("2026-11-2{}T{:02}:{:02}:00Z", 3 + minute / 1440, minute % 1440 / 60, minute % 60)
    };
    for hour in 0..30 {
        let run = desk.run("", &["publish", "--clock", &clock(540 + hour * 67)]);
        if desk.state() == "failed" {
            assert!(run.err.contains("given up after") && run.code == 3 && hour > 20, "{hour}: {}", run.err);
            return;
        }
    }
    assert_eq!(desk.state(), "failed");
}

#[test]
fn a_post_that_begins_late_is_tried_for_a_day_too() {
    let desk = Desk::new(false);
    let config = desk.dir.path().join("cm.toml");
    let settings = std::fs::read_to_string(&config).unwrap() + "[schedule]\ngrace = \"3d\"\n";
    std::fs::write(&config, settings).unwrap();
    desk.receiver.answer(&[Answer::Status("408 Request Timeout")]);
    let publish = |clock| desk.run("", &["publish", "--clock", clock]).err;
    let first = publish("2026-11-25T09:00:00Z");
    assert!(first.contains("next try Wed 2026-11-25 09:01: "), "{first}");
    assert_eq!(publish("2026-11-25T09:05:00Z"), "");
    assert_eq!(desk.state(), "published");
}

#[test]
fn an_unknown_outcome_is_unsure_without_a_key_and_a_person_decides() {
    for (verdict, state, copies) in [
        (&["--sent", "https://chat.example/1"][..], "published", 1),
        (&["--drop"], "cancelled", 1),
        (&["--send-again"], "published", 2),
    ] {
        let desk = Desk::new(false);
        desk.receiver.answer(&[Answer::TakeAndHangUp]);
        let origin = desk.receiver.url().trim_end_matches("/hook").to_owned();
        let words =
            format!("it says \"first\": look at webhook:team ({origin}), then say cm-schedule resolve ");
        desk.publish("09:00:00", 3, &words);
        let post = desk.post();
        assert_eq!((desk.state().as_str(), post["resolve"].as_array().unwrap().len()), ("unsure", 3));
        assert!(post["look"].as_str().unwrap().ends_with(&format!("({origin})")), "{post}");
        desk.publish("10:00:00", 0, "");
        assert_eq!(desk.requests(), 1, "it is never guessed");
        let id = desk.post()["id"].as_str().unwrap().to_owned();
        let resolved = desk.run("10:00:00", &[&["resolve", &id], verdict].concat());
        assert_eq!(resolved.code, 0, "{}", resolved.err);
        desk.publish("10:01:00", 0, "");
        assert_eq!((desk.state().as_str(), desk.requests()), (state, copies), "{verdict:?}");
        assert_eq!(desk.run("11:00:00", &["resolve", &id, "--drop"]).code, 2);
    }
}

#[test]
fn an_unknown_outcome_is_repeated_with_the_same_key_and_bytes_where_keys_are_honoured() {
    let desk = Desk::new(true);
    desk.receiver.answer(&[Answer::TakeAndHangUp, Answer::Status("500 Internal Server Error")]);
    desk.publish("09:00:00", 3, "may be out, found out Mon 2026-11-23 09:01: ");
    assert_eq!(desk.state(), "sending");
    desk.publish("09:00:30", 0, "");
    assert_eq!(desk.requests(), 1, "not in a tight loop");
    desk.publish("09:02:00", 3, "answered 500");
    desk.publish("09:10:00", 0, "");
    let requests = desk.receiver.requests();
    assert_eq!((desk.state().as_str(), requests.len()), ("published", 3));
    assert!(requests.iter().all(|request| *request == requests[0]));
    assert_eq!(desk.receiver.effects().values().collect::<Vec<_>>(), [&1]);
}

#[test]
fn what_may_be_out_stays_so_whatever_a_later_attempt_is_answered() {
    for (answer, words, state) in [
        (Answer::Status("429 Too Many Requests"), "may be out, found out", "sending"),
        (Answer::Status("401 Unauthorized"), "may be out, found out", "sending"),
        (Answer::Status("400 Bad Request"), "may be out or not", "unsure"),
    ] {
        let desk = Desk::new(true);
        desk.receiver.answer(&[Answer::TakeAndHangUp, answer]);
        desk.publish("09:00:00", 3, "may be out, found out");
        let run = desk.run("09:02:00", &["publish"]);
        assert!(run.err.contains(words), "{}", run.err);
        assert_eq!(desk.state(), state, "{words}");
        // Nobody takes it back as if it were home, and no late run calls it missed.
        let id = desk.post()["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.run("09:03:00", &["cancel", &id]).code, 2);
        desk.run("13:00:00", &["publish"]);
        assert_eq!(desk.state(), if state == "unsure" { state } else { "published" });
        assert_eq!(desk.receiver.effects().values().collect::<Vec<_>>(), [&1]);
    }
}
