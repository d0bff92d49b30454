//! `cm-shorten serve` over loopback: redirects, the click log, and what is left when it is stopped or killed.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "serve/api.rs"]
mod api;
mod home;
#[path = "serve/hup.rs"]
mod hup;
#[path = "serve/threads.rs"]
mod threads;

use home::{Home, jsonl};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\nproxies = ['127.0.0.1']\n";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A running server; killed when the test ends.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(home: &Home, args: &[&str], failpoint: &str) -> Server {
        let mut command = home.command(&[&["serve", "-v", "--listen", "127.0.0.1:0"], args].concat());
        command
            .env("CM_FAILPOINT", failpoint)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "no address: {line:?}");
        let address = line.trim_end().replace("http://", "");
        Server { child, address }
    }

    /// Sends a request and returns the whole answer; empty when the server went away.
    fn ask(&self, request: &str) -> String {
        let mut answer = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(&self.address) {
            let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str, agent: &str) -> String {
        self.request("GET", path, &format!("User-Agent: {agent}\r\n"))
    }

    fn request(&self, method: &str, path: &str, headers: &str) -> String {
        self.ask(&format!(
            "{method} {path} HTTP/1.1\r\nHost: go.acme.example\r\nConnection: close\r\n{headers}\r\n"
        ))
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    fn stop(mut self) -> Output {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut stderr = Vec::new();
        self.child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
        Output { status, stdout: Vec::new(), stderr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn add(home: &Home, args: &[&str]) -> String {
    let done = home.run(&[&["add"], args].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    jsonl(&done.out)[0]["code"].as_str().unwrap().to_owned()
}

fn clicks(home: &Home) -> Vec<serde_json::Value> {
    jsonl(&home.run(&["clicks"]).out)
}

/// Waits until the log holds so many clicks.
fn wait_for_clicks(home: &Home, count: usize) {
    let begun = Instant::now();
    while clicks(home).len() < count {
        assert!(begun.elapsed() < Duration::from_secs(60), "only {} clicks came", clicks(home).len());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_link_of_the_filter_redirects_and_its_clicks_are_told_apart() {
    let home = Home::new(CONFIG);
    home.file("in.jsonl", "{\"id\":\"1\",\"url\":\"https://a.example/é?x=%zz\",\"content_text\":\"x\"}\n");
    let server = Server::start(&home, &["--clock", "2026-11-22T09:31:00Z"], "");
    // Made while it runs: known at once.
    let made = home
        .pipe(&["--for", "mastodon:acme", "--campaign", "c"], std::fs::read(home.path("in.jsonl")).unwrap());
    let code = jsonl(std::str::from_utf8(&made.bytes).unwrap())[0]["_cm_shorten"]["links"][0]["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/{code}");

    let answer = server
        .request("GET", &path, &format!("User-Agent: {BROWSER}\r\nReferer: https://t.co/x?y\r\n"))
        .to_lowercase();
    assert!(answer.starts_with("http/1.1 302 "), "{answer}");
    for header in [
        "location: https://a.example/%c3%a9?x=%zz\r\n",
        "cache-control: private, max-age=0\r\n",
        "x-content-type-options: nosniff\r\n",
    ] {
        assert!(answer.contains(header), "{header} in {answer}");
    }
    assert!(server.get(&format!("{path}/?from=mail"), "curl/8.5.0").starts_with("HTTP/1.1 302 "));
    assert!(
        server
            .get(&path.to_uppercase(), "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")
            .starts_with("HTTP/1.1 302 ")
    );
    let head = server.request("HEAD", &path, &format!("User-Agent: {BROWSER}\r\n"));
    assert!(head.starts_with("HTTP/1.1 302 ") && head.ends_with("\r\n\r\n"), "{head}");

    let stopped = server.stop();
    let told = String::from_utf8_lossy(&stopped.stderr).into_owned();
    assert!(stopped.status.success() && told.contains("4 clicks answered: 4 logged, 0 dropped"), "{told}");
    let clicks = clicks(&home);
    let classes: Vec<&str> = clicks.iter().map(|click| click["class"].as_str().unwrap()).collect();
    assert_eq!(classes, ["human", "bot", "preview", "bot"]);
    let first = &clicks[0];
    assert_eq!(first["at"], "2026-11-22T09:31:00Z");
    assert_eq!(
        (&first["type"], &first["code"], &first["url"]),
        (&"click".into(), &code.clone().into(), &"https://a.example/é?x=%zz".into())
    );
    assert_eq!(
        (&first["account"], &first["campaign"], &first["short_url"]),
        (&"mastodon:acme".into(), &"c".into(), &format!("https://go.acme.example/{code}").into())
    );
    assert_eq!(
        (&first["referrer"], &first["family"], &first["source"]),
        (&"t.co".into(), &"social".into(), &"X".into())
    );
    assert_eq!(clicks[3]["rule"], "HEAD request");

    let stats = jsonl(&home.run(&["stats", &code]).out).remove(0);
    assert_eq!(stats["clicks"], serde_json::json!({"human": 1, "preview": 1, "bot": 2}));
    assert_eq!(
        (&stats["visitors"], &stats["sources"][0]["source"], &stats["dropped"]),
        (&1.into(), &"X".into(), &0.into())
    );
    let all = jsonl(&home.run(&["stats"]).out).remove(0);
    assert_eq!((&all["links"][0]["human"], all["days"].as_array().unwrap().len()), (&1.into(), 1));
    assert_eq!(jsonl(&home.run(&["list"]).out)[0]["clicks"], stats["clicks"]);
    assert_eq!(home.run(&["clicks", "--until", "2020-01-01"]).out, "");
}

#[test]
fn what_is_no_link_is_answered_with_a_plain_page_and_never_logged() {
    let home = Home::new(CONFIG);
    let code = add(&home, &["https://a.example/"]);
    let server = Server::start(&home, &[], "");
    for (path, status) in [
        ("/", "200"),
        ("/robots.txt", "200"),
        ("/nothing", "404"),
        ("/favicon.ico", "204"),
        ("/healthz", "200"),
        ("/../../etc/passwd", "404"),
        ("/%2e%2e/%2e%2e/etc/passwd", "404"),
        ("/%0d%0aSet-Cookie:%20x=1", "404"),
        ("/<script>alert(1)</script>", "4"),
        (&format!("/{code}%00"), "404"),
        (&format!("/{code}/x"), "404"),
        (&format!("/{}", "x".repeat(5000)), "404"),
        (&format!("/{}", "x".repeat(100_000)), "4"),
    ] {
        let answer = server.get(path, BROWSER);
        let shown: String = path.chars().take(40).collect();
        // A head that is far too long may be refused while it is still being sent.
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) || answer.is_empty() && path.len() > 50_000,
            "{shown}: {answer}"
        );
        assert!(
            !answer.contains("Set-Cookie")
                && !answer.contains("<script")
                && !answer.to_lowercase().contains("location:"),
            "{answer}"
        );
    }
    let page = server.get("/nothing", BROWSER).to_lowercase();
    assert!(
        page.contains("content-security-policy: default-src 'none'")
            && page.contains("x-frame-options: deny"),
        "{page}"
    );
    let posted = server.request("POST", &format!("/{code}"), "Content-Length: 0\r\n");
    assert!(
        posted.starts_with("HTTP/1.1 405 ") && posted.to_lowercase().contains("allow: get, head"),
        "{posted}"
    );
    assert!(server.ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(server.stop().status.success());
    assert_eq!(clicks(&home).len(), 0);
}

#[test]
fn codes_from_elsewhere_are_found_however_their_letters_are_typed() {
    let home = Home::new(CONFIG);
    home.file(
        "old.csv",
        "code,url\n12Kb3,https://a.example/kb\nAbC,https://a.example/one\naBC,https://a.example/two\n",
    );
    assert_eq!(home.run(&["import", "old.csv", "--from", "csv"]).code, 0);
    let server = Server::start(&home, &[], "");
    for (path, leads) in [
        ("/12Kb3", "https://a.example/kb"),
        ("/12KB3", "https://a.example/kb"),
        ("/l2kb3", "https://a.example/kb"),
        ("/AbC", "https://a.example/one"),
        ("/aBC", "https://a.example/two"),
    ] {
        let answer = server.get(path, BROWSER).to_lowercase();
        assert!(answer.contains(&format!("location: {leads}\r\n")), "{path}: {answer}");
    }
    // Nobody can tell which of the two is meant.
    assert!(server.get("/ABC", BROWSER).starts_with("HTTP/1.1 404"));
}

#[test]
fn links_end_by_people_and_by_time() {
    let home = Home::new(CONFIG);
    let twice = add(&home, &["https://a.example/", "--max-clicks", "2"]);
    let until = add(&home, &["https://b.example/", "--expires", "2w", "--clock", "2026-11-01"]);
    let get = |server: &Server, code: &str, agent| server.get(&format!("/{code}"), agent)[9..12].to_owned();
    let server = Server::start(&home, &["--clock", "2026-11-10"], "");
    assert_eq!([get(&server, &twice, "curl/8"), get(&server, &twice, BROWSER)], ["302", "302"]);
    assert_eq!(get(&server, &until, BROWSER), "302");
    server.stop();
    let server = Server::start(&home, &["--clock", "2026-11-20"], "");
    assert_eq!(
        [get(&server, &twice, BROWSER), get(&server, &twice, BROWSER), get(&server, &twice, "curl/8")],
        ["302", "410", "410"]
    );
    assert_eq!(get(&server, &until, BROWSER), "410");
    server.stop();
    assert_eq!(clicks(&home).len(), 4, "what was not redirected is no click");
}

#[test]
fn a_link_redirects_its_own_way_and_leads_elsewhere_once_it_has_ended() {
    let home = Home::new(CONFIG);
    let moved = add(&home, &["https://a.example/", "--status", "308", "--max-age", "90"]);
    let once =
        add(&home, &["https://b.example/", "--max-clicks", "1", "--fallback", "https://c.example/over"]);
    let server = Server::start(&home, &[], "");
    let get = |code: &str| server.get(&format!("/{code}"), BROWSER).to_lowercase();
    let kept = get(&moved);
    assert!(
        kept.starts_with("http/1.1 308 ") && kept.contains("cache-control: private, max-age=90\r\n"),
        "{kept}"
    );
    let asked = server.request("GET", &format!("/{moved}"), "If-None-Match: *\r\n");
    assert!(asked.starts_with("HTTP/1.1 308 "), "preconditions are for 2xx: {asked}");
    assert!(get(&once).contains("location: https://b.example/\r\n"));
    let over = get(&once);
    assert!(
        over.starts_with("http/1.1 302 ") && over.contains("location: https://c.example/over\r\n"),
        "{over}"
    );
    server.stop();
    assert_eq!(clicks(&home).len(), 3, "who was led to the fallback did not click the link");
}

#[test]
fn what_is_edited_is_answered_within_two_seconds() {
    let home = Home::new(CONFIG);
    let code = add(&home, &["https://a.example/"]);
    let server = Server::start(&home, &[], "");
    let leads_to = |target: &str| {
        let header = format!("location: {target}\r\n");
        server.get(&format!("/{code}"), "curl/8").to_lowercase().contains(&header)
    };
    assert!(leads_to("https://a.example/"));
    for (args, target) in
        [(["--url", "https://b.example/"], Some("https://b.example/")), (["--expires", "now"], None)]
    {
        assert_eq!(home.run(&[&["edit", &code], &args[..]].concat()).code, 0);
        let begun = Instant::now();
        let seen = || match target {
            Some(target) => leads_to(target),
            None => server.get(&format!("/{code}"), "curl/8").starts_with("HTTP/1.1 410 "),
        };
        while !seen() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{args:?} is never seen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn one_server_per_store() {
    let home = Home::new(CONFIG);
    let server = Server::start(&home, &[], "");
    let second = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((second.code, second.out.as_str()), (5, ""));
    assert!(second.err.contains("another cm-shorten serve"), "{}", second.err);
    let other = Home::new(CONFIG);
    let taken = other.run(&["serve", "--listen", &server.address]);
    assert_eq!(taken.code, 2);
    assert!(taken.err.contains("listens there already"), "{}", taken.err);
    server.stop();
    assert!(Server::start(&home, &[], "").stop().status.success());
}

#[test]
fn every_click_that_was_answered_is_logged() {
    let home = Home::new(CONFIG);
    let code = add(&home, &["https://a.example/"]);
    let server = Server::start(&home, &[], "");
    let line = format!("GET /{code} HTTP/1.1\r\nHost: h\r\nUser-Agent: {BROWSER}\r\n");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // Kept alive and pipelined: all in one connection.
                let answer =
                    server.ask(&(format!("{line}\r\n").repeat(99) + &line + "Connection: close\r\n\r\n"));
                assert_eq!(answer.matches("HTTP/1.1 302").count(), 100);
            });
        }
    });
    let told = server.stop();
    assert!(String::from_utf8_lossy(&told.stderr).contains("800 clicks answered: 800 logged, 0 dropped"));
    assert_eq!(clicks(&home).len(), 800);
}

#[test]
fn killed_without_warning_it_keeps_what_was_committed_and_goes_on() {
    let home = Home::new(CONFIG);
    let code = add(&home, &["https://a.example/"]);
    let path = format!("/{code}");
    let mut server = Server::start(&home, &[], "");
    for _ in 0..50 {
        server.get(&path, BROWSER);
    }
    wait_for_clicks(&home, 50);
    let more = (0..20).filter(|_| !server.get(&path, BROWSER).is_empty()).count();
    server.kill();
    let kept = clicks(&home).len();
    assert!((50..=50 + more).contains(&kept), "{kept}");
    let server = Server::start(&home, &[], "");
    server.get(&path, BROWSER);
    let told = String::from_utf8(server.stop().stderr).unwrap();
    assert!(told.contains("did not end in order") && told.contains("20480 at most"), "{told}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let failed = home.run(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(failed.code != 0 && failed.out.is_empty(), "one that never answered loses nothing");
    let told = String::from_utf8(Server::start(&home, &[], "").stop().stderr).unwrap();
    assert!(!told.contains("did not end in order"), "{told}");
    assert_eq!(jsonl(&home.run(&["stats"]).out)[0]["unclean_ends"], 1);
    assert_eq!(clicks(&home).len(), kept + 1);
}

#[test]
fn no_address_and_no_user_agent_is_in_any_byte_of_the_store() {
    let home = Home::new(CONFIG);
    let code = add(&home, &["https://a.example/"]);
    let server = Server::start(&home, &[], "");
    for i in 0..50 {
        let headers = format!(
            "User-Agent: {BROWSER} Unmistakable{i}/{i}.7 Known/{i}.7\r\nX-Forwarded-For: 8.8.4.4, 203.0.113.{i}\r\nReferer: https://t.co/private-path\r\n"
        );
        assert!(server.request("GET", &format!("/{code}"), &headers).starts_with("HTTP/1.1 302 "));
    }
    wait_for_clicks(&home, 50);
    let check = || {
        let mut files = 0;
        for entry in std::fs::read_dir(home.path("state/cm")).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            files += usize::from(!bytes.is_empty());
            for word in [
                "Unmistakable",
                "Known/",
                "Gecko",
                "Mozilla",
                "rv:",
                "x86_64",
                "203.0.113",
                "8.8.4.4",
                "127.0.0.1",
                "private-path",
            ] {
                assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
            }
        }
        assert!(files > 0);
    };
    check();
    server.stop();
    check();
    let clicks = clicks(&home);
    let visitors: std::collections::HashSet<&str> =
        clicks.iter().map(|click| click["visitor"].as_str().unwrap()).collect();
    assert_eq!(visitors.len(), 50, "the proxy's word on the address counts");
}

#[cfg(feature = "failpoints")]
#[test]
fn killed_around_a_commit_at_most_that_group_is_lost() {
    for (stop, lost) in [("clicks.batched=kill@2", true), ("clicks.committed=kill@2", false)] {
        let home = Home::new(CONFIG);
        let code = add(&home, &["https://a.example/"]);
        let path = format!("/{code}");
        let mut server = Server::start(&home, &[], stop);
        for _ in 0..10 {
            assert!(!server.get(&path, BROWSER).is_empty());
        }
        // The first group may hold fewer than ten; the server dies with the second.
        let begun = Instant::now();
        let mut answered = 10;
        while server.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the failpoint was never reached");
            answered += usize::from(!server.get(&path, BROWSER).is_empty());
        }
        let kept = clicks(&home).len();
        assert!(kept <= answered && kept > 0, "{kept} of {answered}");
        if lost {
            assert!(kept < answered, "the second group was not committed: {kept} of {answered}");
        }
        let again = Server::start(&home, &[], "");
        again.get(&path, BROWSER);
        again.stop();
        assert_eq!(clicks(&home).len(), kept + 1, "the store goes on");
    }
}

#[test]
fn a_link_to_a_domain_that_was_blocked_since_leads_nowhere() {
    let home = Home::new("[shorten]\ndomain = 'https://go.acme.example'\nblock_list = 'blocked.txt'\n");
    home.file("blocked.txt", "");
    for (slug, url) in [("good", "https://good.example/"), ("bad", "https://www.bad.example/")] {
        assert_eq!(home.run(&["add", url, "--slug", slug]).code, 0);
    }
    home.file("blocked.txt", "bad.example\n");
    let server = Server::start(&home, &[], "");
    assert!(server.get("/good", BROWSER).starts_with("HTTP/1.1 302 "));
    let answer = server.get("/bad", BROWSER);
    assert!(answer.starts_with("HTTP/1.1 410 ") && !answer.contains("bad.example"), "{answer}");
}
