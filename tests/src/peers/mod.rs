//! The real servers of tests/peers, as tests see them. Each is started once per test run, unless it runs already, and is
//! left running. Where packages cannot be installed, `None`: the test says so in one line on stderr and is skipped.

mod bluesky;
mod others;
mod wordpress;

pub use bluesky::{Account, Bluesky, Post, Ref, bluesky, bluesky_appview, bluesky_limited};
pub use others::{MailSink, Nats, Postgres, WebServer, nats, postgres, smtp_sink, web_server, websub_hub};
pub use wordpress::{Comment, Said, User, WordPress, wordpress};

use std::collections::HashMap;
use std::io::Write;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What a script says when packages cannot be installed here (tests/peers/lib.sh).
const SKIPPED: i32 = 77;

/// The KEY=VALUE lines of a script.
#[derive(Clone, Debug)]
struct Keys(HashMap<String, String>);

impl Keys {
    #[track_caller]
    fn get(&self, name: &str) -> String {
        self.0.get(name).unwrap_or_else(|| panic!("the script says no {name}")).clone()
    }
}

/// Starts a server by its script, once per process; `None` where it is skipped. A script that fails is a panic with what it
/// said.
fn start(what: &str, script: &str) -> Option<Keys> {
    static STARTED: Mutex<Option<HashMap<String, Option<Keys>>>> = Mutex::new(None);
    let mut started = STARTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let started = started.get_or_insert_with(HashMap::new);
    if let Some(keys) = started.get(what) {
        return keys.clone();
    }
    let path = crate::root().join("tests/peers").join(script);
    let output = Command::new(&path).output().unwrap_or_else(|e| panic!("{script}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    let keys = match output.status.code() {
        Some(0) => Some(parse(&String::from_utf8_lossy(&output.stdout))),
        Some(SKIPPED) => {
            // Not `eprintln!`: that is kept from view unless the test fails.
            let _ = writeln!(std::io::stderr(), "SKIPPED: no {what}: {}", said.lines().last().unwrap_or(""));
            None
        }
        code => panic!("{script}: exit {code:?}\n{said}"),
    };
    started.insert(what.to_owned(), keys.clone());
    keys
}

fn parse(lines: &str) -> Keys {
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    Keys(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// A name that no other test, process or earlier run uses on the same server: at most 16 letters and digits.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() % 1_000_000_000_000;
    let mut rest = micros * 1000 + u128::from(std::process::id() + count) % 1000;
    let mut name = String::new();
    while rest > 0 {
        name.push(char::from_digit((rest % 36) as u32, 36).unwrap());
        rest /= 36;
    }
    format!("{prefix}{name}")
}

/// Asks again until there is an answer, for at most half a minute: servers index what they got a moment later.
#[track_caller]
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{what}: not within half a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
}
