//! At the prompt: lines for people, counts, and whatever environment there is.

use crate::golden;
use crate::room::{Room, Run, ids, item};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

#[test]
fn lines_for_people() {
    let room = Room::new();
    let run = room.run(&["-t", "\"acme roast\""], golden("1-fetch.jsonl"));
    assert_eq!(
        run.out,
        "2026-08-22  Ana (mention): Café owners: has anyone moved from Acme Roast to another supplier? Their checkout is…  \
         https://fosstodon.example/@ana/113012345678901234\n"
    );
    let hostile = item("1", "acme \u{1b}[31m\nsecond \u{202e}line");
    assert_eq!(room.run(&["-t", "acme"], hostile).out, "acme \u{fffd}[31m second \u{fffd}line  1\n");
    let html = r#"{"id":"h","content_html":"<p>Only <b>Acme</b> here</p>"}"#;
    assert_eq!(room.run(&["-t", "acme"], html).out, "Only Acme here  h\n");
    assert!(room.run(&["acme"], html).out.contains("\"hits\":[]"));
}

#[test]
fn a_query_that_names_a_file_gets_a_hint() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    let run = room.run(&["items.jsonl"], "");
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert_eq!(
        run.err,
        "cm-scan: \"items.jsonl\" is taken for the query; to read it: cm-scan QUERY items.jsonl\n"
    );
}

#[test]
fn exit_status_counts_and_the_best() {
    let room = Room::new();
    let input = item("late", &format!("{}acme", "x ".repeat(80)))
        + &item("none", "")
        + &item("early", "acme, acme")
        + &item("also", "acme, acme");
    assert_eq!(room.run(&["-e", "roast"], &input).code, 1);
    assert_eq!(room.run(&["-e", "acme"], &input).code, 0);
    assert_eq!(room.run(&["-c", "acme"], &input).out, "{\"count\":3,\"query\":\"acme\"}\n");
    for args in [
        &["--top", "0", "acme"][..],
        &["--top", "-1", "acme"],
        &["-c", "-t", "acme"],
        &["-t", "--all", "acme"],
    ] {
        let run = room.run(args, &input);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.starts_with("cm-scan: "), "{args:?}: {}", run.err);
    }
    assert_eq!(ids(&room.run(&["--top", "2", "acme"], &input).out), ["early", "also"]);
    assert_eq!(ids(&room.run(&["--top", "9", "acme"], &input).out), ["early", "also", "late"]);
}

#[test]
fn an_empty_environment_and_a_folder_that_cannot_be_written_are_enough() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    let mut folder = fs::metadata(room.path(".")).unwrap().permissions();
    folder.set_readonly(true);
    fs::set_permissions(room.path("."), folder.clone()).unwrap();
    for (args, code, out) in [
        (&["acme", "items.jsonl"][..], 0, 1),
        (&["-t", "acme", "items.jsonl"], 0, 1),
        (&["-c", "acme", "."], 0, 1),
        (&["--explain", "acme", "items.jsonl"], 0, 1),
        (&["--top", "3", "acme", "items.jsonl"], 0, 1),
        (&["-e", "roast", "items.jsonl"], 1, 0),
    ] {
        let run = room.run(args, "");
        assert_eq!((run.code, run.out.lines().count(), run.err.as_str()), (code, out, ""), "{args:?}");
    }
    let empty = room.run(&["-t", "acme"], "");
    assert_eq!((empty.code, empty.out.as_str(), empty.err.as_str()), (0, "", ""));
    #[expect(clippy::permissions_set_readonly_false, reason = "a folder of this test, to be deleted")]
    folder.set_readonly(false);
    fs::set_permissions(room.path("."), folder).unwrap();
}

#[cfg(unix)]
#[test]
fn an_output_that_is_closed_or_full_is_told_or_left_alone() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    let shell = |command: &str| {
        let script = format!("{command} acme items.jsonl");
        let mut sh = Command::new("/bin/sh");
        sh.args(["-c", &script]).current_dir(room.path(".")).env_clear().stdin(Stdio::null());
        Run::from(sh.output().unwrap())
    };
    let tool = env!("CARGO_BIN_EXE_cm-scan");
    let closed = shell(&format!("exec >&-; {tool}"));
    assert_eq!((closed.code, closed.err.as_str()), (0, ""));
    assert_eq!(shell(&format!("exec <&-; {tool}")).code, 0);
    if cfg!(target_os = "linux") {
        let full = shell(&format!("exec >/dev/full; {tool}"));
        assert_eq!((full.code, full.err.starts_with("cm-scan: ")), (2, true), "{}", full.err);
    }
}

#[test]
fn habits_of_other_tools_are_answered() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    for (option, instead) in [
        ("-i", "there is no -i: case never counts\n"),
        (
            "-l",
            "there is no -l: -t shows the address of each item, -c counts, --explain names file and line\n",
        ),
        ("--ignore-case", "there is no --ignore-case: case never counts\n"),
    ] {
        let run = room.run(&[option, "acme", "items.jsonl"], "");
        assert_eq!((run.code, run.err), (2, format!("cm-scan: {instead}")));
    }
    let run = room.run(&["-jobs", "items.jsonl"], "");
    assert!(run.err.contains("cm-scan -- '-jobs' items.jsonl"), "{}", run.err);
    let short = room.run(&["-h"], "").out;
    assert!(short.starts_with("Example:\n  cm-scan '"), "{short}");
    assert!(short.lines().count() <= 30, "{} lines do not fit a screen", short.lines().count());
    assert!(short.lines().all(|line| line.len() <= 80), "{short}");
}

#[test]
fn hits_that_stand_close_share_a_line_and_nothing_is_said_twice() {
    let room = Room::new();
    let input = serde_json::json!({
        "id": "https://a.example/1", "date_published": "2026-11-20T23:30:00Z", "tags": ["Acme", "x"],
        "content_text": format!("Acme and acme. {}, and acme roast once more", "Nothing of it. ".repeat(9)),
        "_cm": {"version": 1, "kind": "comment", "feed": {"title": "The Daily Bean"}},
    });
    room.write("cm.toml", "time_zone = \"Europe/Berlin\"\n");
    let run = room.run(&["-t", "acme"], input.to_string());
    assert_eq!(
        run.out,
        "2026-11-21  The Daily Bean (comment): Acme and acme. Nothing of it. Nothing of it. Nothing… [tags: Acme]  https://a.example/1\n\
         2026-11-21  The Daily Bean (comment): …it. Nothing of it. Nothing of it. , and acme roast once more  https://a.example/1\n"
    );
    let search = |name: &str, query: &str| format!("[[search]]\nname = \"{name}\"\nquery = '{query}'\n");
    room.write(
        "s.toml",
        search("brand", "acme") + &search("all", "*") + &search("beans", "acme roast") + &search("no", "tea"),
    );
    let run = room.run(&["-t", "-f", "s.toml"], input.to_string());
    let starts: Vec<_> = run.out.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(starts, ["brand, all, beans", "brand, beans"]);
    let html = serde_json::json!({"id": "h", "content_html": "<p>About <b>beans</b></p>", "tags": ["acme"], "title": "  "});
    assert_eq!(room.run(&["-t", "acme"], html.to_string()).out, "About beans [tags: acme]  h\n");
    assert_eq!(room.run(&["-t", "-jobs"], "").code, 2);
    assert_eq!(room.run(&["-t", "--", "-jobs"], html.to_string()).out, "About beans  h\n");
}

#[test]
fn no_text_breaks_a_line() {
    let room = Room::new();
    for (text, wanted) in [
        (
            "店".repeat(50) + " acme " + &"店".repeat(50),
            format!("…{} acme {}…", "店".repeat(39), "店".repeat(39)),
        ),
        ("👨‍👩‍👧".repeat(20) + " acme", format!("…{} acme", "👨‍👩‍👧".repeat(7))),
        ("שלום acme עולם".into(), "שלום acme עולם".into()),
        (
            "a\u{0}\u{7}\r\n\tacme\u{9b}31m\u{2028}\u{202e}x".into(),
            "a\u{fffd}\u{fffd} acme\u{fffd}31m \u{fffd}x".into(),
        ),
        ("e\u{301}".repeat(100) + " acme", format!("…{} acme", "e\u{301}".repeat(19))),
    ] {
        assert_eq!(room.run(&["-t", "acme"], item("1", &text)).out, format!("{wanted}  1\n"), "{text:?}");
    }
}

#[test]
fn colours_are_for_terminals_or_on_request() {
    let room = Room::new();
    let input = item("1", "an Acme day");
    let painted = "an \u{1b}[1;31mAcme\u{1b}[0m day  \u{1b}[36m1\u{1b}[0m\n";
    for (args, wanted) in [
        (&["-t", "acme"][..], "an Acme day  1\n"),
        (&["-t", "--color", "always", "acme"], painted),
        (&["-t", "--color=never", "acme"], "an Acme day  1\n"),
    ] {
        assert_eq!(room.run(args, &input).out, wanted, "{args:?}");
    }
}

#[test]
fn each_way_of_naming_an_input_works() {
    let room = Room::new();
    room.write("items.jsonl", item("1", "acme"));
    fs::create_dir(room.path("dir")).unwrap();
    room.write("dir/b.jsonl", item("3", "acme"));
    room.write("dir/a.jsonl", item("2", "acme"));
    room.write("dir/notes.txt", "acme");
    for (packer, name) in [("gzip", "dir/c.jsonl.gz"), ("zstd", "dir/d.jsonl.zst")] {
        let plain = room.write("plain.jsonl", item(packer, "acme"));
        let packed = Command::new(packer).arg("-c").stdin(fs::File::open(plain).unwrap()).output();
        match packed {
            Ok(packed) if packed.status.success() => drop(room.write(name, packed.stdout)),
            _ => eprintln!("SKIPPED: no {packer} here, {name} is not read"),
        }
    }
    let packed = |name: &str| room.path(name).exists();
    let found = ids(&room.run(&["acme", "items.jsonl", "dir/", "-"], item("stdin", "acme")).out);
    let mut wanted = vec!["1", "2", "3"];
    wanted.extend(packed("dir/c.jsonl.gz").then_some("gzip"));
    wanted.extend(packed("dir/d.jsonl.zst").then_some("zstd"));
    wanted.push("stdin");
    assert_eq!(found, wanted);
    let run = room.run(&["acme", "none.jsonl", "items.jsonl"], "");
    assert_eq!((run.code, ids(&run.out)), (3, vec!["1".into()]));
    assert_eq!(run.err, "cm-scan: none.jsonl: no such file\n");
}

#[test]
fn lines_of_a_growing_file_come_at_once() {
    let room = Room::new();
    let file = room.write("items.jsonl", item("1", "acme"));
    let mut child = room.command(&["--follow", "-t", "acme", "items.jsonl"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "acme  1");
    let mut growing = fs::OpenOptions::new().append(true).open(&file).unwrap();
    growing.write_all(item("2", "acme").as_bytes()).unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "acme  2");
    child.kill().unwrap();
    child.wait().unwrap();
}
