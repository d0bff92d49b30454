//! The contract that every filter keeps (docs/record.md): what it does not own comes out as it went in, to the byte,
//! and a second pass changes nothing.

#![expect(clippy::panic, reason = "in tests a panic is the report")]

use cm_tests::Home;

const CLOCK: &str = "2026-11-22T09:00:00Z";
const LATER: &str = "2026-11-22T09:07:00Z";

const CONFIG: &str = r#"
time_zone = "Europe/Berlin"
[accounts."file:drafts"]
path = "drafts.jsonl"
slots = { mon-fri = ["09:00", "12:30"], sat = ["11:00"] }
[shorten]
domain = "https://go.acme.example"
"#;

/// Members that are nobody's, each of which some JSON library changes on its way through.
fn hard_members() -> Vec<String> {
    let deep = format!("\"deep\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let plain = [
        r#""long":123456789012345678901234567890,"short":1.10,"power":1E5,"tiny":-0.0e-400,"huge":1E400"#,
        r#""\u0065scaped\/name":"\u0041\/\u00e9\ud83d\ude00\u2028\b\f""#,
        r#""surrogates":["\ud800","\udfff\ud800"],"nul":"\u0000""#,
        r#""twice within":{"a":1,"a":2,"":{}} , "spaced" :  [ 1 ,	2 ]  "#,
        r#""_cm_future":{"at":"2031-01-01T00:00:00Z"},"_other":null,"null":null"#,
        "\"raw\":\"\u{7f}\u{feff}\u{202e}é😀\"",
    ];
    plain.iter().map(|m| (*m).to_owned()).chain([deep]).collect()
}

/// A line per hard member, the given members before it; BOM at the beginning, CR at some ends.
fn lines(members: impl Fn(usize) -> String) -> String {
    let line = |(n, hard): (usize, String)| {
        let bom = if n == 0 { "\u{feff}" } else { "" };
        let cr = if n % 2 == 1 { "\r" } else { "" };
        format!("{bom}{{{},{hard}}}{cr}\n", members(n))
    };
    hard_members().into_iter().enumerate().map(line).collect()
}

/// Nothing that any filter looks for.
fn untouched() -> String {
    lines(|n| format!(r#" "id" : "urn:x:{n}","content_text":"nothing here""#))
}

/// Something for every filter.
fn touched() -> String {
    lines(|n| {
        format!(
            r#""id":"https://blog.example/{n}", "url":"https://blog.example/{n}?utm_source=x","title":"Roast {n}","content_text":"Acme roast number {n}","date_published":"2026-11-22T08:00:00Z""#
        )
    })
}

struct Filter {
    tool: &'static str,
    args: &'static [&'static str],
    /// The part it may write.
    part: &'static str,
    /// Records may come out in another order.
    sorts: bool,
}

const fn filter(tool: &'static str, args: &'static [&'static str], part: &'static str) -> Filter {
    Filter { tool, args, part, sorts: false }
}

const SCAN: Filter = filter("cm-scan", &["--all", "roast"], "_cm_scan");
const CLEAN: Filter = filter("cm-shorten", &["--backend", "none"], "_cm_shorten");
const SHORTEN: Filter = filter("cm-shorten", &[], "_cm_shorten");
const FOR: Filter = filter("cm-shorten", &["--for", "file:drafts"], "_cm_shorten");
const ADD: Filter = filter("cm-schedule", &["add", "--to", "file:drafts"], "_cm_schedule");
const INBOX: Filter = Filter { sorts: true, ..filter("cm-inbox", &[], "_cm_inbox") };

const ALL: [Filter; 6] = [SCAN, CLEAN, SHORTEN, FOR, ADD, INBOX];

fn home() -> Home {
    let home = Home::new();
    home.write("cm.toml", CONFIG);
    home
}

fn pass(home: &Home, filter: &Filter, clock: &str, input: &str) -> String {
    let args = [filter.args, &["--clock", clock]].concat();
    home.run(filter.tool, &args, input).exits(0).text()
}

/// Lines in an order of their own where the filter sorts.
fn in_order(filter: &Filter, text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if filter.sorts {
        // A BOM stands before whichever record comes first.
        lines.iter_mut().for_each(|line| *line = line.trim_start_matches('\u{feff}').to_owned());
        lines.sort();
    }
    lines
}

/// A line without a part and the comma before it, white space around it left as it is.
fn without_part(line: &str, part: &str) -> String {
    let name = format!(",\"{part}\":");
    let Some(start) = line.rfind(&name) else { return line.to_owned() };
    let value = start + name.len();
    let mut values = serde_json::Deserializer::from_str(&line[value..]).into_iter::<serde_json::Value>();
    assert!(values.next().is_some_and(|part| part.is_ok()), "{part} is no JSON");
    format!("{}{}", &line[..start], &line[value + values.byte_offset()..])
}

/// Shows where two texts part: the lines are too long to be shown whole.
#[track_caller]
fn assert_same(what: &str, wanted: &[String], got: &[String]) {
    assert_eq!(wanted.len(), got.len(), "{what}: lines");
    for (n, (a, b)) in wanted.iter().zip(got).enumerate() {
        if let Some(at) = a
            .bytes()
            .zip(b.bytes())
            .position(|(a, b)| a != b)
            .or((a.len() != b.len()).then(|| a.len().min(b.len())))
        {
            let near = |text: &str| {
                let from = at.saturating_sub(60);
                String::from_utf8_lossy(&text.as_bytes()[from..text.len().min(at + 60)]).into_owned()
            };
            panic!(
                "{what}: line {} differs at byte {at}\nwanted ...{:?}\ngot    ...{:?}",
                n + 1,
                near(a),
                near(b)
            );
        }
    }
}

#[test]
fn what_is_not_touched_is_identical_to_the_byte() {
    let input = untouched();
    for filter in [SCAN, CLEAN, SHORTEN, FOR] {
        let got = pass(&home(), &filter, CLOCK, &input);
        assert_same(
            &format!("{} {:?}", filter.tool, filter.args),
            &in_order(&filter, &input),
            &in_order(&filter, &got),
        );
    }
}

#[test]
fn what_is_touched_gains_a_part_and_loses_no_byte() {
    let input = touched();
    for filter in ALL {
        let got = pass(&home(), &filter, CLOCK, &input);
        assert_eq!(
            got.matches(&format!("\"{}\":{{", filter.part)).count(),
            hard_members().len(),
            "{}",
            filter.tool
        );
        let rest: String = got.split_inclusive('\n').map(|line| without_part(line, filter.part)).collect();
        assert_same(
            &format!("{} {:?}", filter.tool, filter.args),
            &in_order(&filter, &input),
            &in_order(&filter, &rest),
        );
    }
}

#[test]
fn a_second_pass_changes_no_byte() {
    for filter in ALL {
        let home = home();
        let once = pass(&home, &filter, CLOCK, &touched());
        // How long somebody waits is part of what the inbox says.
        let clock = if filter.tool == "cm-inbox" { CLOCK } else { LATER };
        let twice = pass(&home, &filter, clock, &once);
        assert_same(
            &format!("{} {:?}", filter.tool, filter.args),
            &in_order(&filter, &once),
            &in_order(&filter, &twice),
        );
    }
}

/// The parts of the others stay when a tool comes after them, whatever the order.
#[test]
fn filters_pass_each_other_on() {
    let home = home();
    let scanned = pass(&home, &SCAN, CLOCK, &touched());
    let shortened = pass(&home, &CLEAN, CLOCK, &scanned);
    let scanned_again = pass(&home, &SCAN, CLOCK, &shortened);
    assert_same("scan after shorten", &in_order(&SCAN, &shortened), &in_order(&SCAN, &scanned_again));
}

/// Bad lines are told and left out; the good ones around them pass.
#[test]
fn bad_lines_are_told_and_the_rest_goes_on() {
    let good = "{\"id\":\"urn:x:1\",\"url\":\"https://blog.example/1\",\"title\":\"One\",\"content_text\":\"roast\"}\n";
    let bad: [&[u8]; 6] = [
        b"{\"id\":\"urn:x:2\",\"content_text\":\"tru",
        b"\x00\xff\xfe\x80",
        b"[1,2]",
        b"{\"content_text\":\"roast\"}",
        b"{\"id\":\"urn:x:3\"}",
        b"{\"id\":\"urn:x:4\",\"id\":\"urn:x:4\",\"content_text\":\"roast\"}",
    ];
    for filter in ALL {
        for line in bad {
            let input = [good.as_bytes(), line, b"\n", good.replace(":1\"", ":9\"").as_bytes()].concat();
            let done = home().run(filter.tool, filter.args, &input).exits(3);
            assert_eq!(done.lines().len(), 2, "{}: {:?}", filter.tool, String::from_utf8_lossy(line));
            let wanted = format!("{}: stdin:2: ", filter.tool);
            assert!(done.stderr.starts_with(&wanted), "{wanted:?} is not the beginning of {:?}", done.stderr);
            home().run(filter.tool, &[filter.args, &["--strict"]].concat(), &input).exits(2);
        }
        let nothing = home().run(filter.tool, filter.args, "").exits(0).silent();
        assert!(nothing.stdout.is_empty(), "{}", filter.tool);
    }
}

/// A gigabyte without a line's end, in an address space that could not hold it.
#[test]
fn an_endless_line_is_skipped_in_bounded_memory() {
    let home = home();
    for n in [1, 2] {
        home.write(&format!("{n}.jsonl"), format!("{{\"id\":\"urn:x:{n}\",\"content_text\":\"roast\"}}\n"));
    }
    for command in ["cm-scan roast", "cm-shorten --backend none", "cm-inbox"] {
        let script = format!(
            "ulimit -v 700000; {{ cat 1.jsonl; head -c 1G /dev/zero | tr '\\0' a; echo; cat 2.jsonl; }} | {command}"
        );
        let done = home.shell(&script).exits(3);
        assert_eq!(done.lines().len(), 2, "{command}");
        assert!(done.stderr.contains("stdin:2: "), "{}", done.stderr);
    }
}
