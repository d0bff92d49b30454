//! Whole pipelines on one store: closed pipes, many readers, two fetchers, the click that is counted.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_tests::{Answer, Home, Server};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const CLOCK: &str = "2026-11-22T09:00:00Z";

/// A feed whose entries are numbered; its answer changes only when it grows.
fn feed(name: &str, entries: usize) -> Answer {
    let item = |n: usize| {
        format!(
            "<item><title>{name} {n}</title><link>https://{name}.example/{n}</link><guid>https://{name}.example/{n}</guid>\
             <description>Roast number {n}</description><pubDate>Sat, 21 Nov 2026 12:00:00 GMT</pubDate></item>"
        )
    };
    let items: String = (0..entries).map(item).collect();
    let home = format!("<link>https://{name}.example/</link><description>d</description>");
    let text = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{name}</title>{home}{items}</channel></rss>"
    );
    Answer::ok("application/rss+xml", text)
}

fn ids(jsonl: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(jsonl);
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Each id once.
#[track_caller]
fn assert_once(what: &str, ids: &[String], wanted: usize) {
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (wanted, wanted), "{what}: ids, and different ones");
}

#[test]
fn a_closed_pipe_is_silence_and_success() {
    let home = Home::new();
    let line = |n: usize| format!("{{\"id\":\"urn:x:{n}\",\"content_text\":\"x marks {n}\"}}\n");
    home.write("items.jsonl", (0..50_000).map(line).collect::<String>());
    let done =
        home.shell("set +e; cm-scan x items.jsonl | head -1; echo \"${PIPESTATUS[*]}\"").exits(0).silent();
    let lines = done.lines();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("{\"id\":\"urn:x:0\""), "{}", lines[0]);
    assert_eq!(lines[1], "0 0");
}

/// Every source is handed out by one of the two, whole; a busy source is skipped, not waited for.
#[test]
fn two_fetchers_hand_out_every_item_once() {
    const SOURCES: usize = 12;
    const ENTRIES: usize = 40;
    let server = Server::start(|asked| feed(asked.target().trim_start_matches('/'), ENTRIES));
    let home = Home::new();
    let list: String = (0..SOURCES).map(|n| format!("{}\n", server.url(&format!("feed{n}")))).collect();
    home.write("sources.txt", list);
    let args =
        ["--new", "--sources", "sources.txt", "--allow-private", "--archive", "archive", "--clock", CLOCK];
    let outputs: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..2).map(|_| scope.spawn(|| home.run("cm-fetch", &args, "").exits(0).stdout)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_once("both", &ids(&outputs.concat()), SOURCES * ENTRIES);
    assert_once("the archive", &ids(&home.read("archive/2026-11-22.jsonl")), SOURCES * ENTRIES);
    let third = home.run("cm-fetch", &args, "").exits(0);
    assert!(third.stdout.is_empty(), "handed out again: {}", third.text());
}

const CONFIG: &str = "archive = \"archive\"\n[accounts.\"file:drafts\"]\npath = \"drafts.jsonl\"\n";

/// One fetch in rounds, an inbox behind it, four readers of the archive and a publisher, all on one store.
#[test]
fn nobody_is_locked_out() {
    const ROUNDS: usize = 4;
    const EACH: usize = 25;
    const POSTS: usize = 10;
    let round = Arc::new(AtomicUsize::new(1));
    let size = Arc::clone(&round);
    let server = Server::start(move |_| feed("news", size.load(Ordering::SeqCst) * EACH));
    let home = Home::new();
    home.write("cm.toml", CONFIG);
    std::fs::create_dir(home.path("archive")).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|n| {
                scope.spawn({
                    let (home, over) = (&home, &over);
                    move || read_all(home, over, n)
                })
            })
            .collect();
        let publisher = scope.spawn(|| publish(&home, POSTS));
        let url = server.url("news");
        let fetch = format!(
            "cm-fetch --new --force --allow-private --clock {CLOCK} {url} | cm-inbox --clock {CLOCK}"
        );
        let mut taken_in = Vec::new();
        for n in 1..=ROUNDS {
            round.store(n, Ordering::SeqCst);
            taken_in.extend(ids(&home.shell(&fetch).exits(0).stdout));
        }
        over.store(true, Ordering::SeqCst);
        assert_once("the inbox", &taken_in, ROUNDS * EACH);
        for reader in readers {
            assert_once("a reader", &reader.join().unwrap(), ROUNDS * EACH);
        }
        publisher.join().unwrap();
    });
    assert_once("the posts", &ids(&home.read("drafts.jsonl")), POSTS);
}

/// Reads until the fetching is over, and once more after that.
fn read_all(home: &Home, over: &AtomicBool, n: usize) -> Vec<String> {
    let name = format!("reader{n}");
    let mut got = Vec::new();
    loop {
        let last = over.load(Ordering::SeqCst);
        got.extend(ids(&home
            .run("cm-fetch", &["read", "--as", &name, "--clock", CLOCK], "")
            .exits(0)
            .stdout));
        if last {
            return got;
        }
    }
}

/// Queues posts one by one and publishes after each.
fn publish(home: &Home, posts: usize) {
    for n in 0..posts {
        let text = format!("Post {n}");
        let add =
            ["add", "-m", &text, "--to", "file:drafts", "--at", "2026-11-22T09:00:00Z", "--clock", CLOCK];
        home.run("cm-schedule", &add, "").exits(0);
        home.run("cm-schedule", &["publish", "--clock", CLOCK], "").exits(0);
    }
}

/// A COMMAND that fails gets the same records again; one that succeeds moves the mark.
#[test]
fn a_reader_whose_command_fails_reads_the_same_again() {
    let server = Server::start(|_| feed("news", 30));
    let home = Home::new();
    home.write("cm.toml", CONFIG);
    let url = server.url("news");
    home.run("cm-fetch", &["--new", "--allow-private", "--clock", CLOCK, &url], "").exits(0);
    let read = "cm-fetch read --as ana --";
    for n in 1..=2 {
        let done = home.shell(&format!("{read} sh -c 'cat >failed{n}; exit 9'"));
        assert!(done.code.is_some_and(|code| code != 0), "a failed command is told");
        assert_once("the failed command", &ids(&home.read(&format!("failed{n}"))), 30);
    }
    home.shell(&format!("{read} sh -c 'cat >done'")).exits(0);
    assert_once("the command", &ids(&home.read("done")), 30);
    home.shell(&format!("{read} sh -c 'cat >after'")).exits(0);
    assert_eq!(std::fs::read(home.path("after")).unwrap_or_default(), b"", "nothing is left to read");
}

/// Ends a server with the test, however that ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A link that the filter made is answered by the server, which logs the click, which the report counts.
#[test]
fn a_short_link_is_followed_and_counted() {
    let address = format!("127.0.0.1:{}", cm_tests::free_port());
    let home = Home::new();
    home.write("cm.toml", format!("[shorten]\ndomain = \"http://{address}\"\n"));
    let record = "{\"id\":\"urn:x:1\",\"url\":\"https://blog.example/roast\",\"content_text\":\"Roast\"}\n";
    let shortened = home.run("cm-shorten", &[], record).exits(0).text();
    let part: Value = serde_json::from_str(&shortened).unwrap();
    let short = part["_cm_shorten"]["links"][0]["short_url"].as_str().unwrap().to_owned();
    let path = short.strip_prefix(&format!("http://{address}")).unwrap();
    {
        let _server = Running(
            home.command("cm-shorten")
                .args(["serve", "--listen", &address])
                .stdout(Stdio::null())
                .spawn()
                .unwrap(),
        );
        let answer = cm_tests::get(&address, path);
        assert!(answer.starts_with("HTTP/1.1 30"), "{answer}");
        assert!(answer.to_lowercase().contains("location: https://blog.example/roast"), "{answer}");
        assert!(cm_tests::get(&address, "/no-such-link").starts_with("HTTP/1.1 404"));
        wait_for("the click", || home.run("cm-shorten", &["clicks"], "").exits(0).lines().len() == 1);
    }
    let clicks = home.run("cm-shorten", &["clicks"], "").exits(0);
    let click: Value = serde_json::from_str(&clicks.text()).unwrap();
    assert_eq!(click["type"], "click");
    let report = home.run("cm-report", &["--format", "text"], "").exits(0).text();
    assert!(
        report.contains("https://blog.example/roast") || report.contains("blog.example/roast"),
        "{report}"
    );
}

/// Waits up to ten seconds.
fn wait_for(what: &str, done: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !done() {
        assert!(began.elapsed().as_secs() < 10, "{what} did not come");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
