//! Pipes that stay open, growing files, and the order of everything, with one thread and with several.

use crate::room::{Room, Run, ids, item};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Child;

const THREADS: [&str; 3] = ["1", "2", "4"];

#[test]
fn a_match_is_out_before_the_next_line_comes() {
    let room = Room::new();
    for threads in THREADS {
        for form in [
            &[][..],
            &["-t"],
            &["--all"],
            &["--lockstep"],
            &["--explain"],
            &["--plain"],
            &["--near-duplicates", "mark"],
        ] {
            let args = [form, &["--threads", threads, "acme"]].concat();
            let mut child = room.command(&args).spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let mut stdout = BufReader::new(child.stdout.take().unwrap());
            for n in 0..20 {
                // The next line has begun, and does not hold this one up.
                let text = format!("acme {n}");
                stdin.write_all(format!("{} ", item(&n.to_string(), &text)).as_bytes()).unwrap();
                let mut line = String::new();
                stdout.read_line(&mut line).unwrap();
                assert!(line.contains(&text) || line.contains(&format!("\"{n}\"")), "{args:?}: {line}");
            }
            drop(stdin);
            assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
        }
    }
}

/// Good, bad, blank, long and later lines, more than a few blocks of them.
fn mixed() -> Vec<u8> {
    let mut input = "\u{feff}".as_bytes().to_vec();
    let later = item("later", "acme").replace('}', ",\"_cm\":{\"version\":2}}");
    let stale = item("stale", "x").replace('}', ",\"_cm_scan\":{\"matches\":[1]}}");
    for n in 0..700 {
        let words = ["acme", "roast", "nothing of this"][n % 3];
        input.extend(item(&n.to_string(), &format!("{words} {}", "and more ".repeat(n % 50))).bytes());
        match n % 100 {
            7 => input.extend(b"{\"id\":1}\n\xFF\n\n \t\r\n[1]\n"),
            20 => input.extend(later.bytes()),
            30 => input.extend(stale.bytes()),
            40 if n == 340 => input.extend([b'x'; 700_000].iter().chain(b"\n")),
            50 => input.extend([b'y'; 6_000].iter().chain(b"\n")),
            _ => {}
        }
    }
    input.extend(item("last", "acme").trim_end().bytes());
    input
}

#[test]
fn threads_change_nothing() {
    let room = Room::new();
    let input = mixed();
    for form in [
        &[][..],
        &["--all"],
        &["--lockstep"],
        &["-t"],
        &["--count"],
        &["--top", "5"],
        &["--explain"],
        &["--strict"],
        &["--errors", "json"],
        &["--line-buffered"],
        &["--plain"],
        &["--plain", "--all"],
        &["--plain", "-c"],
        &["--near-duplicates", "drop"],
        &["--near-duplicates", "mark", "--lockstep"],
        &["--strict", "--lockstep"],
    ] {
        let run = |threads| {
            let args =
                [form, &["--max-line", "5000", "--reject", "bad", "--threads", threads, "acme OR nothing"]]
                    .concat();
            let run = room.run(&args, &input);
            (run.code, run.out, run.err, fs::read(room.path("bad")).unwrap())
        };
        let one = run("1");
        assert!(!one.1.is_empty(), "{form:?}");
        assert!(run("4") == one, "{form:?}");
    }
}

#[test]
fn lockstep_answers_every_line_with_several_threads_too() {
    let room = Room::new();
    let input = mixed();
    let run = room.run(&["--lockstep", "--max-line", "5000", "--threads", "4", "acme"], &input);
    assert_eq!(run.out.lines().count(), input.split(|byte| *byte == b'\n').count());
    let stale = run.out.lines().find(|line| line.contains("\"stale\"")).unwrap();
    assert!(stale.ends_with(",\"_cm_scan\":{\"matches\":[]}}"), "{stale}");
}

#[test]
fn bad_lines_are_kept_in_order_whatever_their_length() {
    let room = Room::new();
    let bad = [
        b"{1".to_vec(),
        vec![b'x'; 400_000],
        b"\xFF".to_vec(),
        vec![b'y'; 900],
        vec![b'z'; 900_000],
        b"[]".to_vec(),
    ];
    let mut input = Vec::new();
    for _ in 0..5 {
        for line in &bad {
            input.extend(item("1", "acme").bytes().chain(line.iter().copied()).chain(*b"\n"));
        }
    }
    let wanted = [bad.join(&b'\n'), b"\n".to_vec()].concat().repeat(5);
    for threads in THREADS {
        let args = ["--max-line", "800", "--reject", "bad", "--threads", threads, "acme"];
        let run = room.run(&args, &input);
        assert_eq!((run.code, run.out.lines().count()), (3, 30));
        assert!(run.err.ends_with("cm-scan: skipped 30 of 60 lines\n"), "{}", run.err);
        assert!(fs::read(room.path("bad")).unwrap() == wanted, "{threads} threads");
    }
}

#[test]
fn what_strict_stops_at_is_the_first() {
    let room = Room::new();
    let good = |n: usize| item(&n.to_string(), "acme");
    let input: String =
        (0..5_000).map(good).chain(["{bad\n".into()]).chain((5_000..10_000).map(good)).collect();
    for threads in THREADS {
        let run = room.run(&["--strict", "--threads", threads, "acme"], &input);
        assert_eq!((run.code, run.out.lines().count()), (2, 5_000), "{threads} threads: {}", run.err);
        assert!(run.err.starts_with("cm-scan: stdin:5001: not one JSON object"), "{}", run.err);
    }
}

#[test]
fn a_growing_file_is_followed_by_any_number_of_threads() {
    for threads in THREADS {
        let room = Room::new();
        let file = room.write("items.jsonl", item("1", "acme") + &item("2", "other"));
        let mut child =
            room.command(&["--follow", "--threads", threads, "acme", "items.jsonl"]).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || ids(&stdout.next().unwrap().unwrap())[0].clone();
        assert_eq!(next(), "1");
        let mut growing = fs::OpenOptions::new().append(true).open(&file).unwrap();
        growing.write_all(item("3", "acme").as_bytes()).unwrap();
        assert_eq!(next(), "3");
        fs::rename(room.write("new", item("4", "acme")), &file).unwrap();
        assert_eq!(next(), "4");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let room = Room::new();
    let file = room.write("items.jsonl", item("1", "acme").repeat(50_000));
    for threads in THREADS {
        let mut child: Child =
            room.command(&["--threads", threads, "acme", file.to_str().unwrap()]).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert_eq!(ids(&first), ["1"]);
    }
}

/// One thread waits for the file to grow while another sees that nobody reads any more.
#[test]
fn nobody_waits_for_a_file_to_grow_when_the_run_has_ended() {
    for threads in THREADS {
        let room = Room::new();
        let file = room.write("items.jsonl", item("1", "acme"));
        let mut child = room
            .command(&["--follow", "--strict", "--threads", threads, "acme", "items.jsonl"])
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        // Enough to work on that another thread is waiting by then.
        let more = item("2", "other").repeat(2000) + "bad\n";
        fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(more.as_bytes()).unwrap();
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.err.lines().count()), (2, 1), "{}", run.err);
    }
}
