//! cm-schedule as a black box: a folder with a configuration, a store and a file that posts go to, and a clock that is told.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod add;
mod answers;
mod decide;
mod publish;

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
