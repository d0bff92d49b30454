//! The promise of docs/links.md, tested: after a day with 10,000 clicks no address and no user agent is in any byte of
//! the store, and what is kept can still be judged anew.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod home;

use home::{Home, jsonl};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\nproxies = ['127.0.0.1']\n";
const CLICKS: usize = 10_000;

struct Server(Child, String);

impl Server {
    fn start(home: &Home, clock: &str) -> Server {
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0", "--clock", clock]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Server(child, line.trim_end().replace("http://", ""))
    }

    fn stop(&mut self) {
        std::process::Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Person `n`'s address and user agent: no two are the same.
fn person(n: usize) -> (String, String) {
    let address = match n % 4 {
        0 => format!("2001:db8:{:x}::{:x}", n % 7919, n),
        _ => format!("198.51.{}.{}", n / 256 % 256, n % 256),
    };
    let agent = match n % 5 {
        0 => format!(
            "Mozilla/5.0 (Linux; Android 15; SM-X{n} Build/AP3A.{n}; de-at) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.{n}.55 Mobile Safari/537.36"
        ),
        1 => format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E{n} Instagram 390.0.0.{n} (iPhone14,5; iOS 18_6; de_DE; {n})"
        ),
        2 => format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.{n}) Gecko/20100101 Firefox/140.{n}"),
        3 => format!(
            "Mozilla/5.0 (X11; CrOS x86_64 14541.{n}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.{n}.1 Safari/537.36 id/{n}a7 {{3F2504E0-4F89-{n}}}"
        ),
        _ => format!("curl/8.5.{n} (x86_64-pc-linux-gnu; person{n})"),
    };
    (address, agent)
}

#[test]
fn after_a_day_of_ten_thousand_clicks_nothing_leads_to_a_person() {
    let home = Home::new(CONFIG);
    assert_eq!(home.run(&["add", "https://a.example/", "--slug", "sale"]).code, 0);
    let mut server = Server::start(&home, "2026-11-22T09:31:00Z");
    for chunk in (0..CLICKS).collect::<Vec<_>>().chunks(100) {
        let mut stream = TcpStream::connect(&server.1).unwrap();
        let mut requests = String::new();
        for n in chunk {
            let (address, agent) = person(*n);
            let close = if n % 100 == 99 { "Connection: close\r\n" } else { "" };
            requests += &format!(
                "GET /sale HTTP/1.1\r\nHost: h\r\nUser-Agent: {agent}\r\nX-Forwarded-For: {address}\r\n\
                 Referer: https://news.example/u/person{n}?mail=person{n}\r\n{close}\r\n"
            );
        }
        stream.write_all(requests.as_bytes()).unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        assert_eq!(answers.matches("HTTP/1.1 302").count(), 100);
    }
    // With the -wal as it is while the server runs (after the last click's commit), and after it stopped.
    let begun = std::time::Instant::now();
    while home.run(&["clicks"]).out.lines().count() < CLICKS {
        assert!(begun.elapsed().as_secs() < 60, "the clicks never came");
    }
    look_for_people(&home);
    server.stop();
    look_for_people(&home);

    let before = classes(&home);
    assert_eq!(
        before,
        BTreeMap::from([("human".to_owned(), CLICKS / 5 * 4), ("bot".to_owned(), CLICKS / 5)])
    );
    let judged = home.run(&["clicks", "reclassify"]);
    assert_eq!((judged.code, classes(&home)), (0, before), "{}", judged.err);
    let stats = jsonl(&home.run(&["stats", "sale"]).out).remove(0);
    assert_eq!(
        (&stats["clicks"]["human"], &stats["visitors"]),
        (&(CLICKS / 5 * 4).into(), &(CLICKS / 5 * 4).into())
    );
    every_agent_that_is_kept_is_many_peoples(&home);
    what_was_deleted_is_in_the_sums_and_leads_to_nobody(&home, &stats);
}

/// Each of the ten thousand had a user agent that nobody else had.
fn every_agent_that_is_kept_is_many_peoples(home: &Home) {
    let sql = "SELECT a.agent, count(*) FROM shorten_clicks c JOIN shorten_agents a ON a.id = c.agent GROUP BY a.agent";
    for row in rows(home, sql) {
        let (agent, count) = (row.need_text(0).unwrap(), row.need_int(1).unwrap());
        assert!(count >= 1000, "{agent} is of {count} people only");
    }
    let referrers = rows(home, "SELECT DISTINCT referrer FROM shorten_clicks");
    assert_eq!(referrers.len(), 1);
    assert_eq!(referrers[0].need_text(0).unwrap(), "news.example");
}

/// A hundred days on, with `keep_clicks`: the log is empty, what it was added up to stays.
fn what_was_deleted_is_in_the_sums_and_leads_to_nobody(home: &Home, before: &serde_json::Value) {
    home.file("cm.toml", &format!("{CONFIG}keep_clicks = '30d'\n"));
    let mut server = Server::start(home, "2027-03-02T09:31:00Z");
    let begun = std::time::Instant::now();
    while !home.run(&["clicks"]).out.is_empty() {
        assert!(begun.elapsed().as_secs() < 60, "the clicks were never deleted");
    }
    look_for_people(home);
    server.stop();
    look_for_people(home);
    let judged = home.run(&["-v", "clicks", "reclassify"]);
    assert!(judged.err.contains("0 clicks are of another class now"), "{}", judged.err);
    let stats = jsonl(&home.run(&["stats", "sale"]).out).remove(0);
    for member in ["clicks", "visitors", "sources", "devices"] {
        assert_eq!(stats[member], before[member], "{member}");
    }
    for table in ["shorten_click_quarters", "shorten_click_days", "shorten_click_parts"] {
        assert!(!rows(home, &format!("SELECT 1 FROM {table}")).is_empty(), "{table}");
    }
}

fn rows(home: &Home, sql: &str) -> Vec<cm_store::Row> {
    let file = std::fs::read_dir(home.path("state/cm")).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|end| end == "db")).unwrap();
    let store = cm_store::Store::open(&file.display().to_string(), cm_store::Mode::Read).unwrap();
    let sql = sql.to_owned();
    store.read(move |tx| tx.query(&sql, &[])).unwrap()
}

/// Looks for every address and user agent, and for what only a user agent holds, in every file of the store.
fn look_for_people(home: &Home) {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(home.path("state/cm")).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
        bytes.push(0);
    }
    assert!(bytes.len() > CLICKS * 20, "the clicks are there");
    // Texts of SQLite stand in its pages as they are: what is written is one of these words.
    let words: std::collections::HashSet<&[u8]> =
        bytes.split(|b| !b.is_ascii_alphanumeric() && !b".:".contains(b)).collect();
    let text = String::from_utf8_lossy(&bytes);
    for n in 0..CLICKS {
        let (address, _) = person(n);
        assert!(!words.contains(address.as_bytes()), "{address}");
    }
    for part in [
        "198.51.",
        "2001:db8",
        "Mozilla/",
        "AppleWebKit",
        "Gecko",
        "SM-X",
        "Build/",
        "Mobile/15E",
        "14541.", // with its dot: five digits alone are in one of ten such stores, in the names of visitors
        "390.0",
        "de-at",
        "de_de",
        "de_DE",
        "3F2504E0",
        "3f2504e0",
        "person",
        "mail=",
        "127.0.0.1",
    ] {
        assert!(!text.contains(part), "{part} is in the store");
    }
}

fn classes(home: &Home) -> BTreeMap<String, usize> {
    let mut classes = BTreeMap::new();
    for click in jsonl(&home.run(&["clicks"]).out) {
        *classes.entry(click["class"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    classes
}
