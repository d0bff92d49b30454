//! cm-schedule as a black box: a folder with a configuration, a store and a file that posts go to, and a clock that is told.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A Sunday evening.
const SUNDAY: &str = "2026-11-22T18:00:00Z";

const CONFIG: &str = r#"
store = "sqlite:cm.db"
time_zone = "Europe/Berlin"
[accounts."file:drafts"]
path = "drafts.jsonl"
slots = { mon-fri = ["09:00", "12:30", "16:45"], sat = ["11:00"] }
quiet = ["22:00-07:00"]
min_gap = "45m"
[accounts."file:bare"]
path = "bare.jsonl"
[accounts."file:away"]
path = "no/such/folder/away.jsonl"
[accounts."mastodon:acme"]
url = "https://fosstodon.example"
[accounts."webhook:team"]
url = "http://127.0.0.1:9/T00/secret"
[slots.lunch]
mon-fri = ["12:15", "12:45"]
"#;

struct Desk(tempfile::TempDir);

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("cm.toml"), CONFIG).unwrap();
        Desk(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, clock: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cm-schedule"));
        command.args(args).env_clear().current_dir(self.0.path());
        command.env("HOME", self.0.path()).env("CM_CLOCK", clock).env("USER", "ana");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run_at(&self, clock: &str, args: &[&str], input: &str) -> Run {
        let mut child = self.command(clock, args).spawn().unwrap();
        // A tool that ends early closes the pipe; that is its right.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    fn run(&self, args: &[&str], input: &str) -> Run {
        self.run_at(SUNDAY, args, input)
    }

    /// Runs what must go well and say nothing, and reads the lines it wrote.
    fn lines(&self, clock: &str, args: &[&str], input: &str) -> Vec<Value> {
        let run = self.run_at(clock, args, input);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        run.values()
    }

    /// Posts of `list --state all` as (text, state).
    fn states(&self, clock: &str) -> Vec<(String, String)> {
        let run = self.run_at(clock, &["list", "--state", "all"], "");
        run.values().iter().map(|post| (text(post, "text"), text(post, "state"))).collect()
    }

    /// The texts in a file of posts.
    fn sent(&self, file: &str) -> Vec<String> {
        let lines = std::fs::read_to_string(self.path(file)).unwrap_or_default();
        lines.lines().map(|line| text(&serde_json::from_str(line).unwrap(), "text")).collect()
    }
}

impl Run {
    fn values(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    fn refused(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{}", self.err);
        assert!(self.err.contains(words), "{}", self.err);
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

fn article(n: u32) -> String {
    format!(
        r#"{{"id":"a{n}","url":"https://news.example/{n}","title":"News {n}","content_text":"their words"}}"#
    ) + "\n"
}

fn post(value: &Value) -> &Value {
    &value["_cm_schedule"]["posts"][0]
}

#[test]
fn a_record_is_spread_over_the_slots_and_comes_back_with_its_post_and_every_byte() {
    let desk = Desk::new();
    let input = article(1)
        .replace("\"title\"", "\"_x\":{\"big\":123456789012345678901234567890,\"e\":1E5},\"title\"")
        + &article(2)
        + &article(3)
        + &article(4);
    let run = desk.run(&["add", "--to", "file:drafts"], &input);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    for (line, out) in input.lines().zip(run.out.lines()) {
        assert!(out.starts_with(&line[..line.len() - 1]) && out.contains(",\"_cm_schedule\":"), "{out}");
    }
    let posts = run.values();
    let due: Vec<String> = posts.iter().map(|record| text(post(record), "due")).collect();
    assert_eq!(
        due,
        ["2026-11-23T08:00:00Z", "2026-11-23T11:30:00Z", "2026-11-23T15:45:00Z", "2026-11-24T08:00:00Z"]
    );
    assert_eq!(post(&posts[0])["text"], "News 1 https://news.example/1");
    assert_eq!(
        (text(post(&posts[0]), "state"), text(post(&posts[0]), "time_zone")),
        ("queued".into(), "Europe/Berlin".into())
    );

    let again = desk.run(&["add", "--to", "file:drafts"], &run.out);
    assert_eq!((again.code, again.out), (0, run.out), "a second pass changes no byte");
    assert_eq!(desk.states(SUNDAY).len(), 4);
    desk.run(&["add", "-e", "--to", "file:drafts"], &article(1)).refused(1, "");
}

#[test]
fn a_draft_goes_out_verbatim_with_its_accounts_short_links() {
    let desk = Desk::new();
    let draft = r#"{"id":"urn:cm:draft:b34d3a11e598ef37fd85ab6e80ee759f","content_text":"Sorry Ana: https://acme.example/shop?id=7, or https://acme.example/shop?id=77","_cm":{"version":1,"kind":"reply","draft":true,"in_reply_to":"https://p.example/1","parent":{"id":"https://p.example/1","account":"file:bare","native":{"status":"1"}},"audience":"public"},"_cm_shorten":{"at":"2026-08-22T09:31:00Z","links":[{"url":"https://acme.example/shop?id=7","clean_url":"https://acme.example/shop?id=7","short_url":"https://go.acme.example/other","account":"file:drafts"},{"url":"https://acme.example/shop?id=7","clean_url":"https://acme.example/shop?id=7","short_url":"https://go.acme.example/k7qmtd","account":"file:bare"}]}}"#;
    let queued = desk.lines(SUNDAY, &["add", "--at", "tomorrow 9:00"], draft);
    let expected = "Sorry Ana: https://go.acme.example/k7qmtd, or https://acme.example/shop?id=77";
    assert_eq!(
        (text(post(&queued[0]), "text"), text(post(&queued[0]), "account")),
        (expected.into(), "file:bare".into())
    );
    assert_eq!(text(post(&queued[0]), "in_reply_to"), "https://p.example/1");
    desk.lines("2026-11-23T08:00:30Z", &["publish"], "");
    assert_eq!(desk.sent("bare.jsonl"), [expected]);
    let line = std::fs::read_to_string(desk.path("bare.jsonl")).unwrap();
    assert!(line.contains(r#""native":{"status":"1"}"#), "{line}");
}

#[test]
fn strangers_words_and_private_ones_are_refused_and_the_records_flow_on() {
    let desk = Desk::new();
    let record = |id: &str, meta: &str| {
        format!(r#"{{"id":"{id}","content_text":"theirs","_cm":{{"version":1,{meta}}}}}"#) + "\n"
    };
    let input = record("1", r#""kind":"comment","audience":"public""#)
        + &record("2", r#""kind":"note","audience":"followers""#)
        + &record("3", r#""kind":"note""#)
        + &record("4", r#""kind":"reply","draft":true,"audience":"direct","in_reply_to":"p""#)
        + r#"{"id":"5","content_text":"","_cm":{"version":1,"draft":true}}"#;
    let run = desk.run(&["add", "--to", "file:drafts"], &input);
    assert_eq!((run.code, run.out.trim_end()), (3, input.as_str()));
    for words in [
        "stdin:1: not posted: a comment is",
        "stdin:2: not posted: the note is not public",
        "stdin:3: ",
        "--share-unknown",
        "stdin:4: not posted: the draft is not for everybody",
        "stdin:5: not posted: there is nothing to say",
    ] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert_eq!(desk.states(SUNDAY), []);
    let forced = desk.run(&["add", "--share-unknown", "--to", "file:drafts"], &input);
    assert_eq!((forced.code, desk.states(SUNDAY).len()), (3, 1));
}

#[test]
fn one_post_for_each_of_several_accounts_and_one_refusal_spares_the_others() {
    let desk = Desk::new();
    let long = "x".repeat(40_001);
    let run = desk.run(&["add", "--now", "--to", "webhook:team,file:bare", "-m", &long], "");
    run.refused(3, "40001 characters are too many for webhook:team, which takes 40000");
    assert_eq!(run.values()[0]["_cm_schedule"]["posts"].as_array().unwrap().len(), 1);
    assert_eq!(desk.sent("bare.jsonl").len(), 1);
}

#[test]
fn now_sends_before_it_returns_and_once() {
    let desk = Desk::new();
    for _ in 0..2 {
        let out = desk.lines(SUNDAY, &["add", "--now", "--to", "file:bare", "-m", "Hello"], "");
        assert_eq!(
            (text(post(&out[0]), "state"), text(post(&out[0]), "published_at")),
            ("published".into(), SUNDAY.into())
        );
        assert!(text(post(&out[0]), "published_url").ends_with("bare.jsonl"));
    }
    assert_eq!(desk.sent("bare.jsonl"), ["Hello"]);
    assert_eq!(desk.lines(SUNDAY, &["publish"], ""), [] as [Value; 0]);
}

#[test]
fn now_that_cannot_send_leaves_the_post_queued_and_says_so() {
    let desk = Desk::new();
    let run = desk.run(&["add", "--now", "--to", "webhook:team", "-m", "Hello"], "");
    run.refused(3, "was not sent, next try 2026-11-22T18:01:");
    assert!(run.err.contains("--allow-private") && !run.err.contains("secret"), "{}", run.err);
    assert_eq!((text(post(&run.values()[0]), "state"), run.err.lines().count()), ("queued".into(), 1));
    // Not in a tight loop: a run within the pause leaves it alone, one after it tries again and waits longer.
    assert_eq!(desk.lines("2026-11-22T18:00:30Z", &["publish"], ""), [] as [Value; 0]);
    desk.run_at("2026-11-22T18:02:00Z", &["publish"], "").refused(3, "next try 2026-11-22T18:04:");
    // When nothing has run for long, it is not sent out of the blue.
    let last = desk.run_at("2026-11-23T18:30:00Z", &["publish"], "");
    last.refused(3, "is missed");
}

#[test]
fn at_takes_the_time_asked_for_and_spaces_what_comes_together() {
    let desk = Desk::new();
    let out = desk.lines(
        SUNDAY,
        &["add", "--to", "file:drafts", "--at", "tomorrow 23:30"],
        &(article(1) + &article(2)),
    );
    let due: Vec<String> = out.iter().map(|record| text(post(record), "due")).collect();
    assert_eq!(due, ["2026-11-23T22:30:00Z", "2026-11-23T23:15:00Z"]);
    assert!(text(&desk.run(&["list"], "").values()[0], "why").contains("quiet hours"));
    desk.run(&["add", "--to", "file:drafts", "--at", "2026-11-20"], "").refused(2, "lies in the past");
    desk.run(&["add", "--to", "file:drafts", "--at", "soonish"], "").refused(2, "--at: ");
    desk.run(&["add", "--to", "file:drafts", "--at", "2h", "--now"], "").refused(2, "cannot be used with");
}

#[test]
fn named_slots_and_accounts_without_slots() {
    let desk = Desk::new();
    let out = desk.lines(SUNDAY, &["add", "--to", "file:bare", "--slots", "lunch"], &article(1));
    assert_eq!(text(post(&out[0]), "due"), "2026-11-23T11:15:00Z");
    desk.run(&["add", "--to", "file:bare"], &article(2))
        .refused(2, "file:bare has no slots: give --now, --at WHEN");
    desk.run(&["add", "--to", "file:bare", "--slots", "dinner"], "")
        .refused(2, "no [slots.dinner] is configured (configured: lunch)");
    desk.run(&["add", "--to", "file:nowhere"], "").refused(2, "no account \"file:nowhere\" is configured");
    desk.run(&["add", "--now", "--to", "mastodon:acme"], "")
        .refused(2, "this version cannot post there (it can: file, webhook)");
    desk.run(&["add", "--now", "--to", "file:bare", "--template", "{titel}"], "")
        .refused(2, "knows no {titel}");
    desk.run(&["add"], &article(1)).refused(3, "give --to ACCOUNT");
}

#[test]
fn a_dry_run_shows_bytes_count_instant_and_why_and_writes_nothing() {
    let desk = Desk::new();
    let args = ["add", "-n", "--to", "file:drafts"];
    let shown = desk.lines(SUNDAY, &args, &(article(1) + &article(2)));
    assert!(!desk.path("cm.db").exists());
    assert_eq!(text(&shown[1], "due"), "2026-11-23T11:30:00Z");
    assert_eq!(text(&shown[1], "why"), "the next free slot, mon-fri 12:30; 1 before it taken");
    assert_eq!((&shown[0]["graphemes"], &shown[0]["bytes"]), (&29.into(), &29.into()));
    desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
    let store = std::fs::read(desk.path("cm.db")).unwrap();
    let shown = desk.lines(SUNDAY, &args, &(article(1) + &article(2)));
    assert_eq!(
        (shown.len(), text(&shown[0], "due")),
        (1, "2026-11-23T11:30:00Z".into()),
        "the first is queued already"
    );
    assert_eq!(std::fs::read(desk.path("cm.db")).unwrap(), store);
    let body = text(&shown[0], "body");
    desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(2));
    desk.lines("2026-11-23T08:00:00Z", &["publish"], "");
    desk.lines("2026-11-23T11:30:00Z", &["publish"], "");
    assert!(
        std::fs::read_to_string(desk.path("drafts.jsonl")).unwrap().ends_with(&(body + "\n")),
        "the very bytes"
    );
}

#[test]
fn what_nobody_published_in_time_is_missed_and_what_is_late_does_not_burst() {
    let desk = Desk::new();
    for (n, at) in [(1, "9:00"), (2, "11:00"), (3, "11:10"), (4, "11:20")] {
        desk.lines(SUNDAY, &["add", "--to", "file:bare", "--at", &format!("tomorrow {at}")], &article(n));
    }
    // Berlin 11:40: the first is beyond the grace of two hours, the others within.
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
    let again = desk.lines(SUNDAY, &["add", "--to", "file:drafts"], &article(1));
    assert_eq!(text(post(&again[0]), "state"), "cancelled", "the same cron line does not revive it");
    desk.lines("2026-11-23T09:00:00Z", &["publish"], "");
    assert_eq!(desk.sent("drafts.jsonl"), [] as [String; 0]);
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
fn a_second_publish_is_turned_away_at_once() {
    let desk = Desk::new();
    desk.lines(SUNDAY, &["publish"], "");
    let held = std::fs::File::create(desk.path("cm.db-publish.lock")).unwrap();
    held.lock().unwrap();
    desk.run(&["publish"], "").refused(5, "another publish is at work on this store: --wait SECS");
    drop(held);
    desk.lines(SUNDAY, &["publish"], "");
}

#[test]
fn accounts_are_told_with_what_is_wrong() {
    let desk = Desk::new();
    let listed = desk.lines(SUNDAY, &["accounts"], "");
    assert_eq!(listed.len(), 5);
    let run = desk.run(&["accounts", "--check"], "");
    run.refused(3, "file:away: there is no folder");
    assert!(run.err.contains("mastodon:acme: this version cannot post there"), "{}", run.err);
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
