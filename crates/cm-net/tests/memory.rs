//! What the client holds in memory while hundreds of servers at a time send all that they can: measured on a process of its
//! own, which runs nothing else.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

#[path = "../../cm-fetch/tests/hostile/villain.rs"]
#[expect(dead_code, reason = "the tests of cm-fetch use the rest")]
mod villain;

use cm_net::{Client, Options, Request};
use futures_util::StreamExt;
use std::process::Command;
use villain::{MISCHIEF, Villain};

/// In kB; 44 to 49 MB were measured, 6 MB of them before the first request, 16 MB the largest window of br.
const MOST_MEMORY: u64 = 56 << 10;
/// Requests at a time.
const AT_A_TIME: usize = 256;

fn high_water() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Fetches everything at once and keeps all bodies to the end.
fn fetch_all(urls: &str) {
    let client = Client::new(Options::new("cm-test", true), &mut |_| ()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let before = high_water();
    let kept = runtime.block_on(async {
        let fetches = urls.split(' ').map(|url| client.fetch(Request::get(url.parse().unwrap())));
        let fetched = futures_util::stream::iter(fetches).buffer_unordered(AT_A_TIME);
        fetched.filter_map(|answer| async { answer.ok() }).collect::<Vec<_>>().await
    });
    let bytes: u64 = kept.iter().map(|answer| answer.body.len()).sum();
    let most = high_water();
    let said = format!("{} answers, {} MB: {most:?} kB, {before:?} before", kept.len(), bytes >> 20);
    assert!(kept.len() >= 40 && bytes > 256 << 20, "{said}");
    assert!(most.is_none_or(|most| most < MOST_MEMORY), "{said}");
}

#[test]
fn the_memory_of_a_client_stays_small() {
    if let Ok(urls) = std::env::var("CM_NET_TEST_URLS") {
        return fetch_all(&urls);
    }
    let villain = Villain::start();
    let fast = MISCHIEF.iter().filter(|(kind, _)| !kind.starts_with("drip") && *kind != "silence");
    let kinds: Vec<String> = fast
        .map(|(kind, _)| (*kind).to_owned())
        .chain(["feed/60000", "feed/16000000"].map(str::to_owned))
        .collect();
    let urls: Vec<String> = (0..768)
        .map(|n| {
            format!("http://127.1.{}.{}:{}/{}", n / 200, n % 200 + 1, villain.port, kinds[n % kinds.len()])
        })
        .collect();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_memory_of_a_client_stays_small", "--nocapture"])
        .env("CM_NET_TEST_URLS", urls.join(" "))
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
