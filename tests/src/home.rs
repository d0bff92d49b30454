//! A folder that is everything a tool may know of the world: home, configuration, state and working folder in one.

use crate::{TOOLS, binaries, tool};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where tools run without seeing the machine's own configuration or state.
#[derive(Debug)]
pub struct Home {
    dir: tempfile::TempDir,
    vars: Vec<(String, String)>,
}

/// What came of a command.
#[derive(Debug)]
pub struct Done {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error as text.
    pub stderr: String,
}

impl Home {
    /// An empty one.
    pub fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap(), vars: Vec::new() }
    }

    /// With a further environment variable in every command.
    pub fn with(mut self, name: &str, value: &str) -> Home {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path within.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, and the folders it lies in.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A file's bytes.
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// A tool, ready to run here.
    pub fn command(&self, name: &str) -> Command {
        self.prepare(Command::new(tool(name)))
    }

    /// Runs a tool to its end on some input.
    pub fn run(&self, name: &str, args: &[&str], input: impl AsRef<[u8]>) -> Done {
        finish(self.command(name).args(args), input.as_ref())
    }

    /// Runs a tool that is killed at a failpoint, `outbox.sent` or `outbox.sent@3` for the third time; panics unless it was.
    #[track_caller]
    pub fn killed(&self, failpoint: &str, name: &str, args: &[&str], input: impl AsRef<[u8]>) -> Done {
        let (stop, nth) = failpoint.split_once('@').map_or((failpoint, "1"), |(stop, nth)| (stop, nth));
        let mut command = self.command(name);
        let done =
            finish(command.args(args).env("CM_FAILPOINT", format!("{stop}=kill@{nth}")), input.as_ref());
        let why = "not killed: is the tool built with `--features failpoints`?";
        assert!(done.code.is_none(), "{failpoint}: {why}\n{:?} {}", done.code, done.stderr);
        done
    }

    /// Runs lines of bash, with the tools on the PATH; a failing stage of a pipe fails the pipe.
    pub fn shell(&self, script: &str) -> Done {
        TOOLS.iter().for_each(|name| drop(tool(name)));
        let mut bash = self.prepare(Command::new("bash"));
        finish(bash.args(["--noprofile", "--norc", "-euo", "pipefail", "-c", script]), b"")
    }

    fn prepare(&self, mut command: Command) -> Command {
        let here = self.dir.path();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(here)
            .env_clear()
            .env("PATH", format!("{}:{path}", binaries().display()))
            .env("HOME", here)
            .env("XDG_CONFIG_HOME", here.join(".config"))
            .env("XDG_STATE_HOME", here.join(".state"))
            .env("XDG_CACHE_HOME", here.join(".cache"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .envs(self.vars.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Default for Home {
    fn default() -> Home {
        Home::new()
    }
}

impl AsRef<Path> for Home {
    fn as_ref(&self) -> &Path {
        self.dir.path()
    }
}

/// Runs a command to its end; its input is written beside, so that neither waits for the other.
fn finish(command: &mut Command, input: &[u8]) -> Done {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut stdin = child.stdin.take().unwrap();
    let output: Output = std::thread::scope(|scope| {
        // A tool that has read enough closes its end: that is its right.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    });
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Done { code: output.status.code(), stdout: output.stdout, stderr }
}

impl Done {
    /// Panics with what was said unless the exit code is the one given.
    #[track_caller]
    pub fn exits(self, code: i32) -> Done {
        assert!(
            self.code == Some(code),
            "exit {:?}, wanted {code}\n{}\n{}",
            self.code,
            self.stderr,
            self.text()
        );
        self
    }

    /// Panics unless nothing was said on stderr.
    #[track_caller]
    pub fn silent(self) -> Done {
        assert!(self.stderr.is_empty(), "said: {}", self.stderr);
        self
    }

    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard output's lines as text.
    pub fn lines(&self) -> Vec<String> {
        self.text().lines().map(str::to_owned).collect()
    }
}
