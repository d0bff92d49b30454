//! `clicks import`: the logs of other servers become clicks, each once.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod home;

use home::{Home, jsonl};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

const CONFIG: &str = "[shorten]\ndomain = 'https://go.acme.example'\n";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn home() -> Home {
    let home = Home::new(CONFIG);
    assert_eq!(home.run(&["add", "https://a.example/", "--slug", "sale"]).code, 0);
    home
}

/// A line of nginx or Apache, combined.
fn line(second: u32, path: &str, status: u16, agent: &str, address: &str) -> String {
    format!(
        "{address} - - [20/Nov/2026:08:15:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} 0 \"https://t.co/x\" \"{agent}\"\n"
    )
}

fn clicks(home: &Home) -> Vec<Value> {
    jsonl(&home.run(&["clicks"]).out)
}

#[test]
fn redirects_of_known_links_are_clicks_and_nothing_else_is() {
    let home = home();
    let log = [
        line(1, "/sale", 302, FIREFOX, "192.0.2.7"),
        line(2, "/SALE/?from=mail", 301, "curl/8.5.0", "192.0.2.8"),
        line(3, "/sale", 200, FIREFOX, "192.0.2.7"),
        line(4, "/other", 302, FIREFOX, "192.0.2.7"),
        line(5, "/", 302, FIREFOX, "192.0.2.7"),
        line(6, "/sale", 404, FIREFOX, "192.0.2.7"),
        line(7, "/sale", 302, FIREFOX, "192.0.2.7").replace("GET", "POST"),
        format!("other.example:443 {}", line(8, "/sale", 302, FIREFOX, "192.0.2.7")),
        format!("go.acme.example:443 {}", line(9, "/sale", 302, "Twitterbot/1.0", "192.0.2.9")),
        "no line of a log\n".to_owned(),
    ];
    home.file("access.log", &log.concat());
    let done = home.run(&["clicks", "import", "access.log"]);
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.err.contains("1 of 10 lines could not be read, the first is line 10"), "{}", done.err);
    let told: Vec<String> = clicks(&home)
        .iter()
        .map(|click| {
            format!("{} {} {}", click["at"].as_str().unwrap(), click["class"], click["source"])
                .replace('"', "")
        })
        .collect();
    assert_eq!(
        told,
        ["2026-11-20T08:15:01Z human X", "2026-11-20T08:15:02Z bot X", "2026-11-20T08:15:09Z preview X"]
    );
    home.file("page.log", &line(30, "/sale/index.html", 200, FIREFOX, "192.0.2.7"));
    assert_eq!(home.run(&["clicks", "import", "--pages", "page.log"]).code, 0);
    assert_eq!(clicks(&home).len(), 4, "a page that leads on counts where it is asked for");
    let stats = jsonl(&home.run(&["stats", "sale"]).out).remove(0);
    assert_eq!(stats["clicks"], serde_json::json!({"human": 2, "preview": 1, "bot": 1}));
}

#[test]
fn what_a_server_forgives_of_typing_counts_for_the_link_it_redirected_to() {
    let home = home();
    let imported = ["Menu26", "AbC", "aBc"]
        .map(|code| format!("{{\"code\":\"{code}\",\"url\":\"https://a.example/{code}\"}}\n"))
        .concat();
    assert_eq!(home.pipe(&["import", "-", "--from", "jsonl"], imported).code, 0);
    let log = ["/Menu26", "/menu26", "/MENU26", "/SALE", "/abc"]
        .map(|path| line(1, path, 302, FIREFOX, "192.0.2.7"))
        .concat();
    home.file("access.log", &log);
    assert_eq!(home.run(&["clicks", "import", "access.log"]).code, 0);
    let codes: Vec<Value> = clicks(&home).into_iter().map(|click| click["code"].clone()).collect();
    assert_eq!(codes, ["Menu26", "Menu26", "Menu26", "sale"], "of two that differ in capitals none is meant");
    // A person's typing is understood as a visitor's is.
    let stats = jsonl(&home.run(&["stats", "menu26"]).out).remove(0);
    assert_eq!((&stats["code"], &stats["clicks"]["human"]), (&"Menu26".into(), &3.into()));
    assert_eq!(home.run(&["stats", "abc"]).code, 2);
}

#[test]
fn a_log_counts_once_however_often_it_comes() {
    let home = home();
    // Two people with the same browser in the same second are two.
    let mut log = line(1, "/sale", 302, FIREFOX, "192.0.2.7") + &line(1, "/sale", 302, FIREFOX, "192.0.2.8");
    home.file("access.log", &log);
    let import = |name: &str| {
        let done = home.run(&["-v", "clicks", "import", name]);
        assert_eq!(done.code, 0, "{}", done.err);
        (done.err.lines().last().unwrap().to_owned(), clicks(&home).len())
    };
    assert_eq!(import("access.log").1, 2);
    let again = import("access.log");
    assert!(again.0.contains("0 clicks are new") && again.1 == 2, "{again:?}");
    // It grows, and a third comes in the second that was there.
    log += &line(1, "/sale", 302, FIREFOX, "192.0.2.9");
    log += &line(59, "/sale", 302, FIREFOX, "192.0.2.7");
    home.file("access.log", &log);
    assert_eq!(import("access.log").1, 4);
    // Rotated: under another name, and compressed.
    let packed = std::process::Command::new("gzip").arg("-kc").arg(home.path("access.log")).output().unwrap();
    std::fs::write(home.path("access.log.1.gz"), packed.stdout).unwrap();
    assert_eq!(import("access.log.1.gz").1, 4);
    // The same in another format.
    let caddy = |address: &str, ts: f64| {
        serde_json::json!({"ts": ts, "status": 302, "request": {"client_ip": address, "method": "GET",
            "host": "go.acme.example", "uri": "/sale",
            "headers": {"User-Agent": [FIREFOX], "Referer": ["https://t.co/x"]}}})
        .to_string()
            + "\n"
    };
    home.file("caddy.json", &(caddy("192.0.2.7", 1_795_162_501.5) + &caddy("192.0.2.7", 1_795_162_560.0)));
    assert_eq!(import("caddy.json").1, 5, "the second of them is new");
    let stats = jsonl(&home.run(&["stats", "sale"]).out).remove(0);
    assert_eq!(stats["clicks"]["human"], 5);
    for entry in std::fs::read_dir(home.path("state/cm")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for word in ["192.0.2.", "Gecko", "Mozilla"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
        }
    }
}

#[test]
fn two_that_take_in_the_same_log_at_once_count_it_once() {
    let home = home();
    let log: String = (1..9).map(|second| line(second, "/sale", 302, FIREFOX, "192.0.2.7")).collect();
    home.file("access.log", &log);
    let start = |file: &str, input: Stdio| {
        let mut command = home.command(&["clicks", "import", file]);
        command.stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    // The first has begun, and not yet all of the log, when the second comes.
    let mut first = start("-", Stdio::piped());
    let mut pipe = first.stdin.take().unwrap();
    pipe.write_all(log.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let mut second = start("access.log", Stdio::null());
    std::thread::sleep(Duration::from_millis(500));
    drop(pipe);
    assert!(first.wait().unwrap().success() && second.wait().unwrap().success());
    assert_eq!(clicks(&home).len(), 8);
}

#[test]
fn clicks_are_told_in_order_of_time_whenever_they_came_here() {
    let home = home();
    let lines = [5, 1, 3, 3].map(|second| line(second, "/sale", 302, FIREFOX, "192.0.2.7"));
    for (name, lines) in [("late.log", &lines[..1]), ("early.log", &lines[1..])] {
        home.file(name, &lines.concat());
        assert_eq!(home.run(&["clicks", "import", name]).code, 0);
    }
    let seconds = |args: &[&str]| -> Vec<String> {
        let told = jsonl(&home.run(&[&["clicks"], args].concat()).out);
        told.iter().map(|click| click["at"].as_str().unwrap()[17..19].to_owned()).collect()
    };
    assert_eq!(seconds(&[]), ["01", "03", "03", "05"]);
    assert_eq!(seconds(&["sale"]), ["01", "03", "03", "05"]);
    assert_eq!(seconds(&["--limit", "2"]), ["03", "05"], "the last ones");
    assert_eq!(seconds(&["sale", "--limit", "9"]).len(), 4);
    assert_eq!(seconds(&["--limit", "1", "--until", "2026-11-20T08:15:05Z"]), ["03"]);
    assert_eq!(seconds(&["--since", "2026-11-20T08:15:03Z"]), ["03", "03", "05"]);
    assert!(seconds(&["--limit", "0"]).is_empty());
}

#[test]
fn a_log_without_user_agents_and_a_file_that_is_no_log_are_told() {
    let home = home();
    home.file("common.log", "192.0.2.7 - - [20/Nov/2026:08:15:01 +0000] \"GET /sale HTTP/1.1\" 302 0\n");
    let done = home.run(&["clicks", "import", "common.log"]);
    assert_eq!(done.code, 0);
    assert!(done.err.contains("names no user agents: robots count as people"), "{}", done.err);
    home.file("notes.txt", "hello\nworld\n");
    let done = home.run(&["clicks", "import", "notes.txt", "missing.log"]);
    assert_eq!(done.code, 3);
    assert!(
        done.err.contains("no line in it is of a web log") && done.err.contains("missing.log"),
        "{}",
        done.err
    );
    assert_eq!(clicks(&home).len(), 1);
}
