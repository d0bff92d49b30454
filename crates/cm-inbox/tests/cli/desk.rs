//! A desk of its own for a test: store, configuration and home in a temporary folder.

use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// When it is, unless a test says otherwise.
pub const NOON: &str = "2026-11-22T12:00:00Z";

/// The desk.
pub struct Desk {
    pub dir: TempDir,
    pub clock: &'static str,
}

impl Desk {
    pub fn new() -> Desk {
        Desk { dir: tempfile::tempdir().unwrap(), clock: NOON }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cm-inbox"));
        command.args(args).current_dir(self.dir.path()).env_clear();
        command.env("HOME", self.dir.path()).env("CM_CLOCK", self.clock).env("CM_TIME_ZONE", "UTC");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn feed(&self, args: &[&str], input: &str) -> Output {
        let mut child = self.command(args).spawn().unwrap();
        // A tool that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs to success; standard output.
    pub fn ok(&self, args: &[&str], input: &str) -> String {
        let output = self.feed(args, input);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs to an exit code; standard error.
    pub fn fails(&self, code: i32, args: &[&str], input: &str) -> String {
        let output = self.feed(args, input);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        stderr(&output)
    }

    /// The ids that a listing shows.
    pub fn ids(&self, args: &[&str]) -> Vec<String> {
        ids(&self.ok(args, ""))
    }

    pub fn state(&self, id: &str) -> Value {
        let line = self.ok(&["get", id], "");
        serde_json::from_str::<Value>(&line).unwrap()["_cm_inbox"].clone()
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn ids(lines: &str) -> Vec<String> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    lines.lines().map(id).collect()
}

/// A draft or an action as cm-schedule hands it on.
pub fn scheduled(draft: &str, state: &str, at: &str) -> String {
    let mut record: Value = serde_json::from_str(draft).unwrap();
    let mut post = json!({"id": "urn:cm:post:1", "account": "wordpress:blog", "text": "", "due": at, "time_zone": "UTC",
        "state": state, "attempts": 1});
    if state == "published" {
        post["published_at"] = at.into();
    }
    record["_cm_schedule"] = json!({"posts": [post]});
    record.to_string() + "\n"
}
