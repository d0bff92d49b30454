//! cm-fetch among hundreds of servers that mean ill: each is told in one line, and the memory stays small.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

mod names;
mod villain;

use std::collections::HashMap;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use villain::{MISCHIEF, Villain};

/// What the process may hold at most, in kB, whatever the concurrency (VmHWM: code and libraries included). Of
/// an unoptimised build, whose code alone takes 18 MB and which reads slower than others send, 67 to 78 MB were measured; 64 MB is
/// what an optimised one has to hold (63 MB measured): `cargo test --release -p cm-fetch --test hostile`.
const MOST_MEMORY: u64 = if cfg!(debug_assertions) { 96 << 10 } else { 64 << 10 };
/// Hosts for each kind of mischief.
const HOSTS: usize = 8;
/// Feeds of nearly 16 MiB in between.
const BIG: usize = 3;

/// A run without the user's settings.
pub fn cm_fetch(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cm-fetch"));
    command.env_clear().env("HOME", folder).env("PATH", "/usr/bin:/bin").current_dir(folder);
    command
}

/// The most memory that a process held until it ended; none where the system does not say.
fn peak(child: &mut Child) -> Option<u64> {
    let mut most = None;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).max(most);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    most
}

fn drained(pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let (mut pipe, mut all) = (pipe, Vec::new());
        pipe.read_to_end(&mut all).unwrap();
        all
    })
}

#[test]
fn each_villain_is_told_in_one_line_and_the_memory_stays_small() {
    let (villain, folder) = (Villain::start(), tempfile::tempdir().unwrap());
    let address = |host: usize, path: &str| {
        format!("http://127.1.{}.{}:{}/{path}", host / 200, host % 200 + 1, villain.port)
    };
    let mut sources: Vec<(String, &str)> = Vec::new();
    for (kind, told) in MISCHIEF {
        for _ in 0..HOSTS {
            sources.push((address(sources.len(), kind), told));
        }
    }
    for n in 0..BIG {
        sources.insert(n * sources.len() / BIG, (address(sources.len(), "feed/16000000"), ""));
    }
    let list: String = sources.iter().map(|(url, _)| format!("{url}\n")).collect();
    std::fs::write(folder.path().join("list"), list).unwrap();
    let mut child = cm_fetch(folder.path())
        .args(["--allow-private", "--concurrency", "256", "--sources", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let items = std::thread::spawn(move || {
        use std::io::BufRead;
        std::io::BufReader::new(out).lines().map_while(Result::ok).count()
    });
    let told = drained(child.stderr.take().unwrap());
    let peak = peak(&mut child);
    assert_eq!(child.wait().unwrap().code(), Some(3), "some failed, the rest was read");
    eprintln!("{} sources, at most {} kB", sources.len(), peak.unwrap_or_default());
    let told = String::from_utf8(told.join().unwrap()).unwrap();
    let lines: HashMap<&str, Vec<&str>> = told.lines().fold(HashMap::new(), |mut lines, line| {
        let url = line.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(':');
        lines.entry(url).or_insert_with(Vec::new).push(line);
        lines
    });
    for (url, why) in &sources {
        let said = lines.get(url.as_str()).map(Vec::as_slice).unwrap_or_default();
        match *why {
            "" => assert!(said.is_empty(), "{said:?}"),
            why => assert!(matches!(said, [one] if one.contains(why)), "{url}: {why}: {said:?}"),
        }
    }
    assert_eq!(told.lines().count(), sources.iter().filter(|(_, why)| !why.is_empty()).count(), "{told}");
    let in_a_feed = String::from_utf8(villain::feed(16_000_000)).unwrap().matches("<item>").count();
    assert_eq!(items.join().unwrap(), BIG * in_a_feed, "good feeds among them are read");
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY), "{peak:?} kB");
}

#[test]
fn who_drips_keeps_nobody_waiting() {
    let (villain, folder) = (Villain::start(), tempfile::tempdir().unwrap());
    let drips = ["drip/head", "drip/status", "drip/body", "drip/chunks"];
    let paths = (0..64).map(|n| drips[n % drips.len()]).chain(["feed/9000"; 5]);
    let source = |(n, path): (usize, &str)| format!("http://127.5.0.{}:{}/{path}\n", n + 1, villain.port);
    std::fs::write(folder.path().join("list"), paths.enumerate().map(source).collect::<String>()).unwrap();
    let mut child = cm_fetch(folder.path())
        .args(["--allow-private", "--unordered", "--concurrency", "256", "--sources", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let told = drained(child.stderr.take().unwrap());
    let wanted = 5 * String::from_utf8(villain::feed(9000)).unwrap().matches("<item>").count();
    let out = std::io::BufReader::new(child.stdout.take().unwrap());
    let items = std::io::BufRead::lines(out).map_while(Result::ok).take(wanted).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(items, wanted);
    let told = String::from_utf8(told.join().unwrap()).unwrap();
    assert!(!told.contains("no answer within"), "those who drip were waited for: {told}");
}
