//! cm-report as a black box.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

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

const GOALS: &str = "[[goal]]\nname = \"newsletter sign-up\"\npath = \"/thanks/newsletter\"\nvalue = 3.5\n";
const CONFIG: &str = "[report]\ninputs = [\"access.log*\", \"items.jsonl\"]\ngoals = \"goals.toml\"\n";

/// The key figures of the sample, worked out from how it is made.
#[test]
fn the_store_and_its_files_make_one_report() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    room.write("access.log", sample::access_log());
    room.write("goals.toml", GOALS);
    room.write("cm.toml", CONFIG.replace("access.log*\", \"items.jsonl", "access.l?g"));
    let report = room.json(&[]);
    assert_eq!(report["version"], 1);
    assert_eq!(report["time_zone"], "Europe/Berlin");
    assert_eq!(report["period"]["since"], "2026-11-15T23:00:00Z");
    assert_eq!(report["period"]["until"], "2026-11-22T17:00:00Z");
    // Posts: 1 and 2 went out in the period, 3 in the week before.
    assert_eq!(value(&report, "posts_published"), 2);
    for (name, count) in [
        ("posts_unsure", 1),
        ("posts_failed", 1),
        ("posts_overdue", 1),
        ("posts_attention", 3),
        ("posts_queued", 3),
    ] {
        assert_eq!(value(&report, name), count, "{name}");
    }
    // Clicks every 2 hours in the 162 hours since Monday 00:00 in Berlin: 81, of four in turn two by people.
    assert_eq!(value(&report, "clicks_people"), 41);
    assert_eq!(metric(&report, "clicks_people")["previous"], 41);
    let classes = ["clicks_previews", "clicks_robots"].map(|name| value(&report, name).as_u64().unwrap());
    assert_eq!(classes, [20, 20]);
    // Comments every 10 hours: 12 of them, no. 0, 4, 8 open.
    assert_eq!((value(&report, "waiting"), value(&report, "asked")), (3.into(), 12.into()));
    assert_eq!(value(&report, "oldest_waiting_s"), 80 * 3600);
    assert_eq!((value(&report, "answered"), value(&report, "closed_unanswered")), (6.into(), 3.into()));
    // Answers after 40, 60, 120, 140, 200 and 220 min, two who wait for days, one who asked just now and is no evidence
    // yet: after the fourth answer half of eight still wait.
    assert_eq!(value(&report, "response_median_s"), 140 * 60);
    assert_eq!(metric(&report, "response_median_s")["n"], 9);
    assert_eq!((value(&report, "feeds_ok"), value(&report, "feeds_failing")), (2.into(), 1.into()));
    assert_eq!(value(&report, "mentions"), 12);
    let sources = &report["sections"]["sources"]["tables"];
    assert_eq!(sources["rising"]["rows"][0]["source"], "coffee-forum.example");
    assert_eq!(sources["new"]["rows"][0]["source"], "slow-coffee.example");
    let campaign = &report["sections"]["campaigns"]["tables"]["campaigns"]["rows"][0];
    assert_eq!((&campaign["campaign"], &campaign["visits"]), (&"november".into(), &18.into()));
    let goal = &report["sections"]["goals"]["tables"]["goals"]["rows"][0];
    assert_eq!(goal["conversions"], value(&report, "conversions"));
    assert_eq!(goal["worth"].as_f64().unwrap(), 3.5 * goal["conversions"].as_f64().unwrap());
}

#[test]
fn links_that_lead_nowhere_are_told() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    let report = room.json(&[]);
    let counts = ["links_dead", "links_moved", "links_unsure", "links_ok"].map(|name| value(&report, name));
    assert_eq!(counts, [1, 1, 1, 1].map(Value::from));
    let rotten = &report["sections"]["link_rot"]["tables"]["rotten"]["rows"];
    assert_eq!((&rotten[0]["code"], &rotten[0]["state"]), (&"b2xwzr".into(), &"dead".into()));
    assert_eq!(rotten[1]["moved_to"], "https://acme.example/new/a3old");
}

/// Numbers that stand in several places agree, because they have one home.
#[test]
fn parts_add_up_to_the_whole() {
    let room = Room::new();
    let log = room.write("a.log", sample::access_log());
    let clicks = room.write("c.jsonl", sample::clicks());
    let report = room.json(&[log.to_str().unwrap(), clicks.to_str().unwrap()]);
    let sum = |section: &str, table: &str, column: &str| -> u64 {
        let table = &report["sections"][section]["tables"][table];
        assert_eq!(table["left_out"], 0, "{table}");
        table["rows"].as_array().unwrap().iter().map(|row| row[column].as_u64().unwrap()).sum()
    };
    assert_eq!(sum("site", "visits_by_day", "visits"), value(&report, "visits"));
    assert_eq!(sum("site", "visits_by_day", "page_views"), value(&report, "page_views"));
    assert_eq!(sum("site", "pages", "views"), value(&report, "page_views"));
    assert_eq!(sum("sources", "families", "visits"), value(&report, "visits"));
    assert_eq!(sum("sources", "sources", "clicks"), value(&report, "clicks_people"));
    assert_eq!(sum("links", "clicks_by_day", "people"), value(&report, "clicks_people"));
    assert_eq!(sum("links", "accounts", "previews"), value(&report, "clicks_previews"));
    // 30 robots a day on 7 days; their first hour is before midnight in Berlin, so the days are whole in UTC only.
    let robots = value(&report, "robot_requests").as_u64().unwrap();
    assert!((195..=225).contains(&robots), "{robots}");
}

/// Counts, seconds and shares are the same in every face.
#[test]
fn the_faces_agree() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    room.write("access.log", sample::access_log());
    room.write("goals.toml", GOALS);
    room.write("cm.toml", CONFIG.replace(", \"items.jsonl\"", ""));
    let report = room.json(&[]);
    let [text, md, html, csv] = ["text", "md", "html", "csv"].map(|format| room.ok(&["--format", format]));
    let mut compared = 0;
    for (section, part) in report["sections"].as_object().unwrap() {
        for (name, metric) in part["metrics"].as_object().unwrap() {
            let raw = &metric["value"];
            if raw.is_null() {
                continue;
            }
            assert!(csv.contains(&format!("{section},{name},,{raw}\n")), "csv: {name} {raw}");
            assert!(html.contains(&format!("<data value=\"{raw}\">")), "html: {name} {raw}");
            if let (Some(count), "count") = (raw.as_u64(), metric["unit"].as_str().unwrap()) {
                let title = title_of(&room, name);
                let number = |text: &str| text.replace(',', "").parse().ok();
                assert_eq!(
                    line_of(&text, &title).split_whitespace().next().and_then(number),
                    Some(count),
                    "{name}"
                );
                let bold = line_of(&md.replace("- ", "  ").replace(": **", " "), &title).to_owned();
                assert_eq!(bold.split("**").next().and_then(number), Some(count), "md: {name}");
            }
            compared += 1;
        }
        for (name, table) in part["tables"].as_object().unwrap() {
            for row in table["rows"].as_array().unwrap() {
                for (column, cell) in
                    row.as_object().unwrap().iter().filter(|(_, cell)| cell.is_u64() && **cell != 0)
                {
                    let key = format!("{name}.{column}");
                    let found = csv.lines().any(|l| l.contains(&key) && l.ends_with(&format!(",{cell}")));
                    assert!(found || column == "number", "csv: {key} {cell}");
                    assert!(html.contains(&format!("<data value=\"{cell}\">")), "html: {key} {cell}");
                }
            }
        }
    }
    assert!(compared > 25, "{compared}");
}

fn title_of(room: &Room, name: &str) -> String {
    let line = room.ok(&["explain", name]);
    let definition: Value = serde_json::from_str(&line).unwrap();
    definition["title"].as_str().unwrap().to_owned()
}

/// What follows a title in the text face.
fn line_of<'a>(text: &'a str, title: &str) -> &'a str {
    let start = format!("  {title} ");
    let line =
        text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no line {title:?}"));
    &line[start.len()..]
}

#[test]
fn the_page_is_one_readable_file() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    room.write("access.log", sample::access_log());
    room.write("items.jsonl", sample::items());
    room.write("goals.toml", GOALS);
    room.write("cm.toml", CONFIG);
    assert_eq!(room.ok(&["-o", "dash.html"]), "");
    let page = std::fs::read_to_string(room.path("dash.html")).unwrap();
    assert!(page.len() < 100_000, "{}", page.len());
    assert!(page.contains(r#"content="default-src 'none'; style-src 'unsafe-inline'"#));
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    for forbidden in ["<script", "javascript:", " onload", "<img", "<link", "@import", "url(http"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert_eq!(page.matches("role=\"img\"").count(), page.matches("<desc").count());
    assert!(page.matches("role=\"img\"").count() >= 5);
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("@media print"));
    assert!(page.contains("<a class=\"skip\" href=\"#main\">"));
    let mut level = 0;
    for heading in page.match_indices("<h").filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10))
    {
        assert!(heading <= level + 1, "h{heading} after h{level}");
        level = heading;
    }
    let leftovers: Vec<_> = std::fs::read_dir(room.dir.path()).unwrap().filter_map(Result::ok).collect();
    assert!(leftovers.iter().all(|entry| !entry.file_name().to_string_lossy().contains(".tmp")));
}

#[test]
fn strangers_texts_are_only_texts() {
    let room = Room::new();
    let item = serde_json::json!({
        "id": "https://x.example/1", "title": "<script>alert(1)</script> | [x](javascript:y) \u{1b}[31m",
        "url": "javascript:alert(1)", "content_text": "x", "date_published": "2026-11-21T10:00:00Z",
        "authors": [{"name": "=HYPERLINK(1)"}], "_cm": {"version": 1, "kind": "comment", "source": "=1+1"},
    });
    let file = room.write("i.jsonl", format!("{item}\n"));
    let args = |format| ["--format", format, file.to_str().unwrap()].map(str::to_owned);
    let run = |format| room.ok(&args(format).iter().map(String::as_str).collect::<Vec<_>>());
    let html = run("html");
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script") && !html.contains("href=\"javascript")
    );
    let md = run("md");
    assert!(md.contains(r"\<script\>") && md.contains(r"\| \[x\]") && !md.contains("](<javascript"));
    assert!(!run("text").contains('\u{1b}'));
    let csv = run("csv");
    assert!(csv.contains("'=HYPERLINK(1)") && csv.contains("'=1+1"));
}

#[test]
fn the_same_thing_twice_counts_once() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    let clicks = room.write("clicks.jsonl", sample::clicks());
    let copy = room.write("copy.jsonl", sample::clicks());
    let items = room.write("items.jsonl", sample::items());
    let log = room.write("a.log", sample::access_log());
    let log_copy = room.write("b.log", sample::access_log());
    let [clicks, copy, items, log, log_copy] =
        [&clicks, &copy, &items, &log, &log_copy].map(|path| path.to_str().unwrap().to_owned());
    let once = room.json(&[&clicks, &items, &log]);
    let twice = room.json(&[&clicks, &copy, &items, &log, &log_copy]);
    for name in [
        "clicks_people",
        "clicks_previews",
        "items",
        "mentions",
        "waiting",
        "visits",
        "page_views",
        "robot_requests",
    ] {
        assert_eq!(value(&once, name), value(&twice, name), "{name}");
        assert_ne!(value(&once, name), 0, "{name}");
    }
    assert_ne!(value(&twice, "repeats"), 0);
    // The store and its own click log.
    let log: String = (0..200)
        .map(|n| {
            let at = sample::rfc3339(NOW_MS - 2 * n * 3_600_000 - 17);
            let class = ["human", "human", "preview", "bot"][usize::try_from(n % 4).unwrap()];
            let code = if n % 3 == 0 { "b2xwzr" } else { "k7qmtd" };
            format!(r#"{{"type":"click","at":"{at}","code":"{code}","class":"{class}","family":"social","source":"Mastodon"}}"#) + "\n"
        })
        .collect();
    let alone = value(&room.json(&[]), "clicks_people");
    room.write("store.jsonl", log);
    room.write("cm.toml", "[report]\ninputs = [\"store.jsonl\"]\n");
    assert_eq!(value(&room.json(&[]), "clicks_people"), alone);
}

#[test]
fn the_same_path_twice_is_read_once() {
    let room = Room::new();
    let log = room.write("a.log", sample::access_log());
    let once = room.json(&[log.to_str().unwrap()]);
    let output = room.run(&["--format", "json", log.to_str().unwrap(), "./a.log"]);
    assert!(words(&output).contains("named twice"), "{}", words(&output));
    let twice: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value(&once, "page_views"), value(&twice, "page_views"));
}

#[test]
fn files_are_told_apart_line_by_line() {
    let room = Room::new();
    let at = sample::rfc3339(NOW_MS - 3_600_000);
    let history = format!(
        r#"{{"id":"d1","content_text":"Hello","_cm":{{"version":1,"kind":"note","draft":true}},"_cm_schedule":{{"posts":[{{"id":"urn:cm:post:1","account":"file:drafts","text":"Hello","due":"{at}","time_zone":"UTC","state":"published","attempts":1,"published_at":"{at}"}}]}}}}"#
    );
    let click =
        format!(r#"{{"type":"click","at":"{at}","code":"x","class":"human","family":"","source":""}}"#);
    let log = sample::log_line(
        NOW_MS - 60_000,
        "2001:db8::1",
        "/",
        "-",
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    );
    let mixed = room.write("mixed", format!("{history}\r\n\n{click}\n{log}"));
    let report = room.json(&[mixed.to_str().unwrap()]);
    for name in ["posts_published", "clicks_people", "visits"] {
        assert_eq!(value(&report, name), 1, "{name}");
    }
    let input = &report["sections"]["left_out"]["tables"]["inputs"]["rows"][0];
    assert_eq!([&input["records"], &input["clicks"], &input["requests"], &input["unread"]], [1, 1, 1, 0]);

    let mut stdin = room.command(&["--format", "json", "-"]);
    stdin.stdin(std::fs::File::open(&mixed).unwrap());
    let output = stdin.output().unwrap();
    let same: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(same["sections"], replace_name(&report, mixed.to_str().unwrap(), "stdin"));
}

/// The sections with an input under another name.
fn replace_name(report: &Value, from: &str, to: &str) -> Value {
    serde_json::from_str(&report["sections"].to_string().replace(from, to)).unwrap()
}

#[test]
fn a_later_file_knows_more() {
    let room = Room::new();
    let item = |extra: &str| {
        let at = sample::rfc3339(NOW_MS - 7_200_000);
        format!(
            r#"{{"id":"a","content_text":"?","date_published":"{at}","_cm":{{"version":1,"kind":"comment","source":"s"}}{extra}}}"#
        )
    };
    let plain = room.write("1.jsonl", item(""));
    let done = room.write(
        "2.jsonl",
        item(r#","_cm_inbox":{"at":"x","number":4,"lane":"answer","state":"done","reasons":[]},"_cm_scan":{"matches":[{"query":"q","score":1,"hits":[]}]}"#),
    );
    let report = room.json(&[plain.to_str().unwrap()]);
    assert_eq!((value(&report, "waiting"), value(&report, "mentions")), (1.into(), 0.into()));
    for order in [[&plain, &done], [&done, &plain]] {
        let report = room.json(&order.map(|path| path.to_str().unwrap()));
        assert_eq!(
            (value(&report, "waiting"), value(&report, "mentions"), value(&report, "items")),
            (0.into(), 1.into(), 1.into())
        );
    }
}

#[test]
fn what_cannot_be_read_is_said_counted_and_kept() {
    let room = Room::new();
    let log = sample::log_line(
        NOW_MS - 60_000,
        "192.0.2.1",
        "/",
        "-",
        "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    );
    room.write("a.log", format!("{log}what is this\n{log}and this\n"));
    room.write("b.jsonl", "{\"id\":\"x\"}\n{\"type\":\"click\",\"at\":\"soon\"}\n{\"type\":\"click\",\"at\":\"2026-11-22T10:00:00Z\",\"code\":\"x\",\"class\":\"human\"}\n");
    room.write("c.csv", "Date,Page,Visitors\n2026-11-20,/,12\n");
    room.write("d.bin", [0xFF, 0xFE, 0x00, b'\n', 0x80]);
    let output =
        room.run(&["--format", "json", "--reject", "bad", "a.log", "b.jsonl", "c.csv", "d.bin", "absent"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        words(&output).lines().collect::<Vec<_>>(),
        [
            "cm-report: a.log: 2 of 4 lines could not be read, the first is line 2",
            "cm-report: b.jsonl:1: no \"content_text\" or \"content_html\"",
            "cm-report: b.jsonl:2: a click without \"at\" in RFC 3339",
            "cm-report: c.csv: analytics exports (CSV) are not read yet: leave it out",
            "cm-report: d.bin: nothing in it is a record, a click or a line of a web log",
            "cm-report: absent: no such file",
            "cm-report: skipped 2 of 11 lines",
        ]
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((value(&report, "page_views"), value(&report, "clicks_people")), (2.into(), 1.into()));
    assert_eq!(value(&report, "unread_lines"), 4);
    let kept = std::fs::read(room.path("bad")).unwrap();
    let wanted: &[u8] = b"what is this\nand this\n{\"id\":\"x\"}\n{\"type\":\"click\",\"at\":\"soon\"}\nDate,Page,Visitors\n2026-11-20,/,12\n\xFF\xFE\x00\n\x80\n";
    assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(wanted));
    assert_eq!(room.run(&["--strict", "a.log"]).status.code(), Some(2));
    let output = room.run(&["absent", "absent too"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert_eq!(room.run(&["-o", "x.pdf", "b.jsonl"]).status.code(), Some(2));
    assert!(!room.path("x.pdf").exists());
    assert!(!room.run(&["-o", "-", "--format", "md", "b.jsonl"]).stdout.is_empty());
    assert!(!room.path("-").exists());
    room.write("e.log", "neither nor\n".repeat(3_000));
    let output = room.run(&["--format", "json", "e.log"]);
    assert_eq!(
        words(&output),
        "cm-report: e.log: nothing in it is a record, a click or a line of a web log\n"
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value(&report, "unread_lines"), 3_000);
}

#[test]
fn packed_files_read_as_plain_ones() {
    let room = Room::new();
    let plain = room.write("a.log", sample::access_log());
    let report = room.json(&[plain.to_str().unwrap()]);
    let gzip = Command::new("gzip").arg("-k").arg(&plain).status();
    if !gzip.is_ok_and(|status| status.success()) {
        eprintln!("no gzip here: packed files are not tested");
        return;
    }
    std::fs::remove_file(&plain).unwrap();
    let packed = room.json(&["a.log.gz"]);
    assert_eq!(value(&report, "visits"), value(&packed, "visits"));
}

#[test]
fn empty_things_make_an_empty_report() {
    let room = Room::new();
    sample::empty_store(&room.path("cm.db"));
    assert!(room.ok(&[]).contains("There is nothing to report for this time."));
    let report = room.json(&[]);
    let sections = report["sections"].as_object().unwrap();
    assert!(sections.values().all(|section| section["empty"] == true));
    assert_eq!(room.run(&["-e"]).status.code(), Some(1));
    room.write("empty", "");
    assert_eq!(room.run(&["-e", "empty"]).status.code(), Some(1));
    assert!(room.ok(&["--format", "html", "empty"]).contains("There is nothing to report"));
    sample::store(&room.path("other.db"));
    assert_eq!(room.run(&["-e", "--store", "other.db"]).status.code(), Some(0));
}

#[test]
fn a_store_that_is_not_there_is_said() {
    let room = Room::new();
    let output = room.run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let said = words(&output);
    assert!(
        said.contains("there is no store at") && said.contains("cm-fetch") && said.lines().count() == 1,
        "{said}"
    );
    // A report of logs alone needs none, unless one was named.
    room.write("a.log", sample::access_log());
    room.write("cm.toml", "[report]\ninputs = [\"a.log\"]\n");
    let mut command = room.command(&["--format", "json"]);
    let output = command.env_remove("CM_STORE").output().unwrap();
    assert_eq!((output.status.code(), words(&output).as_str()), (Some(0), ""));
    assert_eq!(room.run(&[]).status.code(), Some(2));
}

#[test]
fn periods_and_comparisons() {
    let room = Room::new();
    let log = room.write("a.log", sample::access_log());
    let log = log.to_str().unwrap();
    let span = |args: &[&str]| {
        let report = room.json(&[args, &[log]].concat());
        let text = |value: &Value| value.as_str().unwrap_or_default().replace(":00Z", "Z");
        let (period, compare) = (&report["period"], &report["compare"]);
        [&period["since"], &period["until"], &compare["since"], &compare["until"]].map(text).join(" ")
    };
    let wanted = [
        (
            vec!["--period", "today"],
            "2026-11-21T23:00Z 2026-11-22T17:00Z 2026-11-20T23:00Z 2026-11-21T17:00Z",
        ),
        (
            vec!["--period", "yesterday"],
            "2026-11-20T23:00Z 2026-11-21T23:00Z 2026-11-19T23:00Z 2026-11-20T23:00Z",
        ),
        (vec!["--period", "week"], "2026-11-08T23:00Z 2026-11-15T23:00Z 2026-11-01T23:00Z 2026-11-08T23:00Z"),
        (
            vec!["--period", "month"],
            "2026-09-30T22:00Z 2026-10-31T23:00Z 2026-08-31T22:00Z 2026-09-30T22:00Z",
        ),
        (
            vec!["--period", "yesterday", "--compare", "week"],
            "2026-11-20T23:00Z 2026-11-21T23:00Z 2026-11-13T23:00Z 2026-11-14T23:00Z",
        ),
        (
            vec!["--period", "week", "--compare", "year"],
            "2026-11-08T23:00Z 2026-11-15T23:00Z 2025-11-08T23:00Z 2025-11-15T23:00Z",
        ),
        (
            vec!["--since", "12h"],
            "2026-11-22T05:00Z 2026-11-22T17:00Z 2026-11-21T16:59:59Z 2026-11-22T05:00Z",
        ),
        (
            vec!["--since", "2026-11-10", "--until", "2026-11-12"],
            "2026-11-09T23:00Z 2026-11-11T23:00Z 2026-11-07T23:00Z 2026-11-09T23:00Z",
        ),
    ];
    for (args, wanted) in wanted {
        assert_eq!(span(&args), wanted, "{args:?}");
    }
    for args in [
        vec!["--since", "2026-11-12", "--until", "2026-11-10"],
        vec!["--period", "month", "--compare", "week"],
        vec!["--since", "soon"],
    ] {
        let output = room.run(&[&args[..], &[log]].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", words(&output));
        assert_eq!(words(&output).lines().count(), 1);
    }
    // The log begins on 11 October: a month before the last one is not in it, unless it was asked for.
    let month = room.json(&["--period", "month", log]);
    assert_eq!(metric(&month, "visits").get("previous"), None);
    let asked = room.json(&["--period", "month", "--compare", "prev", log]);
    assert_eq!(metric(&asked, "visits")["previous"], 0);
}

#[test]
fn every_metric_is_explained_and_reported() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    let report = room.json(&[]);
    let mut reported: Vec<&str> = Vec::new();
    for section in report["sections"].as_object().unwrap().values() {
        reported.extend(section["metrics"].as_object().unwrap().keys().map(String::as_str));
    }
    reported.sort_unstable();
    let lines = room.ok(&["explain"]);
    let explained: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut names: Vec<&str> = explained.iter().map(|line| line["metric"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, reported);
    for line in &explained {
        for part in ["definition", "formula", "source", "inputs", "left_out"] {
            assert!(!line[part].as_str().unwrap().is_empty(), "{line}");
        }
    }
    assert!(room.ok(&["--store", "x", "explain", "visits"]).contains("30 minutes"));
    let output = room.run(&["explain", "visit"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("did you mean") && words(&output).contains("visits"));
}

#[test]
fn goals_are_checked() {
    let room = Room::new();
    let log = room.write("a.log", sample::access_log());
    for (goals, said) in [
        ("[[goal]]\nname = \"x\"\n", "needs a path"),
        ("[[goal]]\npath = \"/x\"\n", "no name"),
        ("[[goal]]\nname = \"x\"\npaht = \"/x\"\n", "did you mean \"path\"?"),
    ] {
        let file = room.write("goals.toml", goals);
        let output = room.run(&["--goals", file.to_str().unwrap(), log.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        assert!(words(&output).contains(said), "{}", words(&output));
    }
}

#[test]
fn a_file_is_replaced_whole() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    room.write("r.json", "old");
    assert_eq!(room.ok(&["-o", "r.json"]), "");
    let report: Value = serde_json::from_slice(&std::fs::read(room.path("r.json")).unwrap()).unwrap();
    assert_eq!(report["version"], 1);
    let output = room.run(&["-o", "no/such/folder.html"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(words(&output).lines().count(), 1, "{}", words(&output));
}

/// What is summed up over sources or links that nobody came by this time counts for the time before.
#[test]
fn the_past_of_a_group_is_that_of_all_its_members() {
    let room = Room::new();
    let click = |days: i64, code: &str, source: &str| {
        let at = sample::rfc3339(NOW_MS - days * sample::DAY);
        format!(
            r#"{{"type":"click","at":"{at}","code":"{code}","account":"mastodon:acme","class":"human","family":"search","source":"{source}"}}"#
        ) + "\n"
    };
    let lines =
        [click(1, "a", "Google"), click(8, "a", "Google"), click(9, "b", "Bing"), click(9, "b", "Bing")];
    let file = room.write("c.jsonl", lines.concat());
    let report = room.json(&["--compare", "prev", file.to_str().unwrap()]);
    let tables = |section: &str| report["sections"][section]["tables"].clone();
    let family = &tables("sources")["families"]["rows"][0];
    assert_eq!((&family["clicks"], &family["clicks_before"]), (&1.into(), &3.into()));
    assert_eq!(tables("sources")["sources"]["rows"].as_array().unwrap().len(), 1);
    let account = &tables("links")["accounts"]["rows"][0];
    assert_eq!((&account["links"], &account["people_before"]), (&1.into(), &3.into()));
}

/// Approving a comment, or sharing it, is no answer to it.
#[test]
fn only_replies_are_answers() {
    let room = Room::new();
    let at = |hours: i64| sample::rfc3339(NOW_MS - hours * 3_600_000);
    let asked: String = ["a", "b", "c"]
        .map(|id| {
            format!(r#"{{"id":"{id}","content_text":"?","date_published":"{}","_cm":{{"version":1,"kind":"comment","source":"s"}}}}"#, at(5)) + "\n"
        })
        .concat();
    let done = |id: &str, meta: &str| {
        let at = at(1);
        format!(
            r#"{{"id":"urn:cm:draft:{id}","content_text":"x","_cm":{{"version":1,"in_reply_to":"{id}"{meta}}},"_cm_schedule":{{"posts":[{{"id":"urn:cm:post:{id}","account":"file:x","in_reply_to":"{id}","text":"x","due":"{at}","time_zone":"UTC","state":"published","attempts":1,"published_at":"{at}"}}]}}}}"#
        ) + "\n"
    };
    let log = [
        asked,
        done("a", r#","draft":true,"kind":"reply""#),
        done("b", r#","draft":true,"action":"approve""#),
        done("c", r#","kind":"article","own":true"#).replace("\"own\":true", "\"audience\":\"public\""),
    ];
    let file = room.write("h.jsonl", log.concat());
    let report = room.json(&[file.to_str().unwrap()]);
    assert_eq!((value(&report, "asked"), value(&report, "answered")), (3.into(), 1.into()));
    assert_eq!(
        (value(&report, "posts_published"), value(&report, "replies_published")),
        (2.into(), 1.into())
    );
    assert_eq!(value(&report, "actions_done"), 1);
    let table = &report["sections"]["posts"]["tables"]["published"]["rows"];
    assert_eq!(table.as_array().unwrap().len(), 2, "an approval is nothing that was said: {table}");
}

/// How soon people are answered is read off the answers themselves, fetched back, wherever they were written.
#[test]
fn the_time_to_an_answer_is_that_of_the_answer_where_it_stands() {
    let room = Room::new();
    let line = |id: &str, source: &str, minutes: i64, meta: &str, status: &str| {
        let at = sample::rfc3339(NOW_MS - minutes * 60_000);
        format!(
            r#"{{"id":"{id}","content_text":"?","date_published":"{at}","_cm":{{"version":1,"kind":"comment","source":"{source}"{meta}}},"_cm_fetch":{{"at":"{}","from":"x","status":"{status}"}}}}"#,
            sample::rfc3339(NOW_MS)
        ) + "\n"
    };
    let reply = |to: &str, source: &str, minutes, status| {
        let meta = format!(r#","own":true,"in_reply_to":"{to}""#);
        line(&format!("re-{to}"), source, minutes, &meta, status)
    };
    let lines = [
        // The answer was made, by somebody in the dashboard, before any of this was fetched.
        reply("a", "wordpress:blog", 200, "approved"),
        line("a", "wordpress:blog", 230, "", "approved"),
        line("b", "wordpress:blog", 300, "", "approved"),
        reply("b", "wordpress:blog", 250, "approved"),
        line("unanswered", "wordpress:blog", 100, "", "held"),
        reply("unanswered", "wordpress:blog", 90, "held"),
        line("spam", "wordpress:blog", 100, "", "spam"),
        line("c", "bluesky:acme", 60, "", ""),
        reply("c", "bluesky:acme", 50, ""),
    ];
    let file = room.write("items.jsonl", lines.concat());
    let report = room.json(&[file.to_str().unwrap()]);
    assert_eq!(
        (value(&report, "asked"), value(&report, "answered"), value(&report, "waiting")),
        (4.into(), 3.into(), 1.into())
    );
    let rows = &report["sections"]["people"]["tables"]["answers"]["rows"];
    let row = |source: &str, asked, answered, minutes| serde_json::json!({"source": source, "asked": asked, "answered": answered, "response_median_s": minutes * 60});
    assert_eq!(rows, &serde_json::json!([row("wordpress:blog", 3, 2, 50), row("bluesky:acme", 1, 1, 10)]));
    assert_eq!(value(&report, "response_median_s"), 30 * 60);
}

/// A post that cm-schedule published answers, until it is seen where it stands; what is held there answers nobody.
#[test]
fn a_published_reply_counts_until_it_is_seen_where_it_stands() {
    let room = Room::new();
    let at = |minutes: i64| sample::rfc3339(NOW_MS - minutes * 60_000);
    let said = |id: &str, minutes: i64, meta: &str, status: &str| {
        format!(
            r#"{{"id":"{id}","content_text":"?","date_published":"{}","_cm":{{"version":1,"kind":"comment","source":"wordpress:blog"{meta}}},"_cm_fetch":{{"at":"{}","from":"x","status":"{status}"}}}}"#,
            at(minutes),
            at(0)
        ) + "\n"
    };
    let published = |n: u32, minutes: i64| {
        format!(
            r#"{{"id":"urn:cm:draft:{n}","content_text":"!","_cm":{{"version":1,"draft":true,"in_reply_to":"a"}},"_cm_schedule":{{"posts":[{{"id":"urn:cm:post:{n}","account":"wordpress:blog","in_reply_to":"a","text":"!","due":"{at}","time_zone":"UTC","state":"published","attempts":1,"published_at":"{at}"}}]}}}}"#,
            at = at(minutes)
        ) + "\n"
    };
    let own =
        |minutes, status| said(&format!("re-{minutes}"), minutes, r#","own":true,"in_reply_to":"a""#, status);
    let asked = said("a", 100, "", "approved");
    for (answers, minutes) in [
        (vec![published(1, 60)], Some(40)),
        (vec![published(1, 60), own(61, "held")], None),
        (vec![published(1, 60), own(61, "held"), published(2, 30)], Some(70)),
        (vec![published(1, 60), own(58, "approved")], Some(42)),
    ] {
        for mut lines in [answers.clone(), answers.into_iter().rev().collect()] {
            lines.push(asked.clone());
            room.write("h.jsonl", lines.concat());
            let report = room.json(&["h.jsonl"]);
            let rows = &report["sections"]["people"]["tables"]["answers"]["rows"];
            assert_eq!(rows[0]["answered"], u64::from(minutes.is_some()), "{lines:?}");
            assert_eq!(rows[0]["response_median_s"].as_i64(), minutes.map(|m| m * 60), "{lines:?}");
        }
    }
}

/// A report is shown around; what somebody wrote to few people is not.
#[test]
fn private_words_are_in_no_face() {
    let room = Room::new();
    let at = sample::rfc3339(NOW_MS - 3_600_000);
    let line = |id: &str, meta: &str| {
        format!(
            r#"{{"id":"{id}","content_text":"Words-{id}","date_published":"{at}","_cm":{{"version":1,"source":"s",{meta}}}}}"#
        ) + "\n"
    };
    let lines = [
        line("a", r#""kind":"message""#),
        line("b", r#""kind":"mention","audience":"direct""#),
        line("c", r#""kind":"mention","audience":"public""#),
    ];
    room.write("i.jsonl", lines.concat());
    for format in ["json", "csv", "html", "text", "md"] {
        let face = room.ok(&["--format", format, "i.jsonl"]);
        assert!(
            !face.contains("Words-a") && !face.contains("Words-b") && face.contains("Words-c"),
            "{format}"
        );
        assert!(face.matches("(private)").count() >= 2, "{format}");
    }
}

/// Whatever host a robot asked for stands in some logs: it makes no search engine ours.
#[test]
fn a_log_with_hosts_cannot_claim_a_search_engine() {
    let room = Room::new();
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    let line = |host: &str, address: &str, referrer: &str| {
        format!("{host}:443 {}", sample::log_line(NOW_MS - 60_000, address, "/", referrer, agent))
    };
    let log = [
        line("www.google.com", "192.0.2.1", "-"),
        line("acme.example", "192.0.2.2", "https://www.google.com/"),
        line("acme.example", "192.0.2.3", "https://acme.example/about"),
    ];
    let file = room.write("a.log", log.concat());
    let report = room.json(&[file.to_str().unwrap()]);
    let mut kinds = pairs(&report, "sources", "families", "family", "visits");
    kinds.sort_unstable();
    assert_eq!(kinds, [("direct".to_owned(), 2), ("search".to_owned(), 1)]);
}

/// The texts and counts of two columns of a table.
fn pairs(report: &Value, section: &str, table: &str, key: &str, count: &str) -> Vec<(String, u64)> {
    let rows = report["sections"][section]["tables"][table]["rows"].as_array().unwrap();
    rows.iter().map(|row| (row[key].as_str().unwrap().to_owned(), row[count].as_u64().unwrap())).collect()
}

/// The tag of a link says where it stood, whoever opened it; our own pages send nobody.
#[test]
fn a_tag_comes_before_the_referrer_and_our_own_pages_are_no_source() {
    let room = Room::new();
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    let line = |n: u64, minutes: i64, target: &str, referrer: &str| {
        sample::log_line(NOW_MS - minutes * 60_000, &format!("192.0.2.{n}"), target, referrer, agent)
    };
    let own = "https://nordlicht.example/";
    let log = [
        line(1, 90, "/?utm_source=newsletter&utm_medium=email&utm_campaign=nov", "https://mail.google.com/"),
        line(1, 89, "/thanks/newsletter", own),
        line(2, 90, "/?utm_source=bluesky&utm_medium=social&utm_campaign=winter", "https://www.google.com/"),
        line(2, 89, "/thanks/newsletter", own),
        line(3, 90, "/", "https://bsky.app/"),
        line(3, 20, "/thanks/newsletter", own),
        line(4, 20, "/", "https://www.nordlicht.example/about"),
        line(5, 20, "/", "-"),
    ];
    room.write("goals.toml", GOALS);
    let config = "[report]\ninputs = [\"a.log\"]\ngoals = \"goals.toml\"\nsites = [\"nordlicht.example\"]\n";
    let assets: String = (0..9).map(|n| line(n, 20, "/style.css", own)).collect();
    for (config, log) in [
        (config.to_owned(), log.concat()),
        (config.replace("sites = [\"nordlicht.example\"]\n", ""), log.concat() + &assets),
    ] {
        room.write("cm.toml", &config);
        room.write("a.log", log);
        let report = room.json(&["a.log"]);
        let told = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
            pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
        };
        let mut sources = pairs(&report, "sources", "sources", "source", "visits");
        sources.sort();
        assert_eq!(sources, told(&[("Bluesky", 2), ("direct", 3), ("newsletter", 1)]), "{config}");
        let goals = pairs(&report, "goals", "by_source", "source", "conversions");
        assert_eq!(goals, told(&[("Bluesky", 1), ("direct", 1), ("newsletter", 1)]), "{config}");
    }
    let explained = room.ok(&["explain", "visits"]);
    assert!(explained.contains("utm_source") && explained.contains("our own pages"), "{explained}");
}

/// The whole of the canonical face, pinned: names in it only gain company.
#[test]
fn golden_json() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    let found = room.ok(&["--format", "json"]);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden.json");
    if std::env::var_os("CM_BLESS").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&golden).unwrap(), "CM_BLESS=1 takes the new one");
}

/// No address of a visitor and no user agent leaves the process, in any face.
#[test]
fn visitors_stay_unknown() {
    let room = Room::new();
    let log = room.write("a.log", sample::access_log());
    for format in ["json", "csv", "html", "text", "md"] {
        let face = room.ok(&["--format", format, log.to_str().unwrap()]);
        assert!(
            !face.contains("192.0.2.") && !face.contains("198.51.100") && !face.contains("Mozilla"),
            "{format}"
        );
    }
}

/// Lines fit a page, but for what is never cut: ids and what went wrong.
#[test]
fn the_text_fits_its_width() {
    let room = Room::new();
    sample::store(&room.path("cm.db"));
    room.write("access.log", sample::access_log());
    room.write("cm.toml", "[report]\ninputs = [\"access.log\"]\n");
    for line in room.ok(&[]).lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn a_folder_is_its_records_and_access_logs() {
    let room = Room::new();
    std::fs::create_dir(room.path("in")).unwrap();
    std::fs::create_dir(room.path("none")).unwrap();
    room.write("in/access.log", sample::access_log());
    room.write("in/error.log", "2026/11/22 nothing to see\n");
    room.write("in/items.jsonl", sample::items());
    let report = room.json(&["in"]);
    assert_ne!(value(&report, "visits"), 0);
    assert_ne!(value(&report, "items"), 0);
    let output = room.run(&["none"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(words(&output), "cm-report: none: no *.jsonl and no *access*log* in it\n");
}
