//! cm-report as a black box.

mod sample;

use sample::{NOW, NOW_MS};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder of its own with a configuration, a clock and no other surroundings.
struct Room {
    dir: TempDir,
}

impl Room {
    fn new() -> Room {
        Room { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cm-report"));
        command.args(args).current_dir(self.dir.path()).env_clear().env("HOME", self.dir.path());
        command.env("CM_CLOCK", NOW).env("CM_TIME_ZONE", "Europe/Berlin").env("CM_STORE", self.path("cm.db"));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs, wants exit 0 and silence on stderr.
    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!((output.status.code(), words(&output).as_str()), (Some(0), ""), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        serde_json::from_str(&self.ok(&all)).unwrap()
    }
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn metric<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sections = report["sections"].as_object().unwrap().values();
    sections
        .filter_map(|section| section["metrics"].get(name))
        .next()
        .unwrap_or_else(|| panic!("no metric {name}"))
}

fn value(report: &Value, name: &str) -> Value {
    metric(report, name)["value"].clone()
}

#[test]
#[ignore = "writes the sample for a person to look at: CM_SAMPLE=DIR"]
fn write_the_sample() {
    let dir = PathBuf::from(std::env::var("CM_SAMPLE").unwrap());
    std::fs::write(dir.join("access.log"), sample::access_log()).unwrap();
    std::fs::write(dir.join("items.jsonl"), sample::items()).unwrap();
    std::fs::write(dir.join("clicks.jsonl"), sample::clicks()).unwrap();
    sample::store(&dir.join("cm.db"));
    std::fs::write(dir.join("goals.toml"), GOALS).unwrap();
    std::fs::write(dir.join("cm.toml"), CONFIG).unwrap();
}

const GOALS: &str = "[[goal]]\nname = \"newsletter sign-up\"\npath = \"/thanks/newsletter\"\nvalue = 3.5\n";
const CONFIG: &str = "[report]\ninputs = [\"access.log*\", \"items.jsonl\"]\ngoals = \"goals.toml\"\n";
