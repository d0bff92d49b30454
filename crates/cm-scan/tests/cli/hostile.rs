//! Input that wants to hurt: it is told, in an address space that could not hold it, and the rest goes on.

use crate::room::{Room, Run, ids, item};
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs the tool in a shell that may use so many kilobytes of address space.
fn shell(room: &Room, script: &str) -> Run {
    let script = format!("ulimit -v 900000; {}", script.replace("cm-scan", env!("CARGO_BIN_EXE_cm-scan")));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(room.path(".")).stdin(Stdio::null());
    Run::from(command.output().unwrap())
}

#[test]
fn a_gigabyte_without_an_end_is_passed_over() {
    let room = Room::new();
    room.write("1", item("1", "acme"));
    room.write("2", item("2", "acme"));
    for command in ["cm-scan acme", "cm-scan --threads 4 acme", "cm-scan --plain --threads 4 acme"] {
        let run = shell(&room, &format!("{{ cat 1; head -c 1G /dev/zero; echo; cat 2; }} | {command}"));
        assert_eq!((run.code, ids(&run.out)), (3, vec!["1".into(), "2".into()]), "{command}");
        assert!(
            run.err.starts_with("cm-scan: stdin:2: longer than 4194304 bytes (raise --max-line)\n"),
            "{}",
            run.err
        );
    }
}

/// What unpacks to a gigabyte of one line, or to half a million bad ones.
#[test]
fn packed_input_is_unpacked_piece_by_piece() {
    let room = Room::new();
    for (name, filling) in [("line", b"0".repeat(1 << 24)), ("lines", b"{}\n".repeat(1 << 19))] {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&filling).unwrap();
        let member = packer.finish().unwrap();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(format!("\n{}", item("1", "acme")).as_bytes()).unwrap();
        let times = if name == "line" { 64 } else { 1 };
        room.write("bomb.gz", [member.repeat(times), packer.finish().unwrap()].concat());
        for threads in ["1", "4"] {
            let run = shell(&room, &format!("cm-scan --threads {threads} acme bomb.gz"));
            assert_eq!((run.code, ids(&run.out)), (3, vec!["1".into()]), "{name}: {}", run.err);
        }
    }
}

/// Lines of four megabytes that are good records, and their like that are not.
#[test]
fn long_lines_of_odd_things_pass_or_are_told() {
    let room = Room::new();
    let long = |piece: &str| piece.repeat((4 << 20) / piece.len() - 50);
    let record = |member: &str| format!("{{\"id\":\"1\",\"content_text\":\"acme\",\"x\":{member}}}\n");
    let deep = record(&format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    for (line, good) in [
        (record(&format!("\"{}\"", long("\\\""))), true),
        (record(&format!("\"{}\"", long("\\\\"))), true),
        (record(&format!("\"{}\"", long("\\u00e9"))), true),
        (record(&format!("[{}1]", long("\"\","))), true),
        (record(&format!("{}{}", long("{\"\":").split_at(2 << 20).0, "")), false),
        (record(&long("\"")), false),
        (record(&long("\\")), false),
        (record(&long(" ")), false),
        (record("\"\0\""), false),
        (deep.clone(), true),
        (deep.replacen('[', "[[", 1), false),
        (
            record("1")
                .replace("\"x\":1", &(0..270).map(|n| format!("\"m{n}\":1")).collect::<Vec<_>>().join(",")),
            false,
        ),
    ] {
        room.write("items", format!("{}{line}{}", item("0", "acme"), item("2", "acme")));
        for threads in ["1", "4"] {
            let run = shell(&room, &format!("cm-scan --threads {threads} acme items | cut -c 1-40"));
            let wanted = if good { vec!["0", "1", "2"] } else { vec!["0", "2"] };
            let start = &line[..line.floor_char_boundary(60)];
            let got: Vec<_> =
                run.out.lines().map(|line| line["{\"id\":\"".len()..][..1].to_owned()).collect();
            assert_eq!(got, wanted, "{start}: {}", run.err);
            assert_eq!(run.err.contains("items:2: "), !good, "{start}: {}", run.err);
        }
    }
}

#[test]
fn what_is_no_text_is_matched_in_plain_and_told_otherwise() {
    let room = Room::new();
    let odd = b"\xFFacme\x00\xFE\n\x00\n\xED\xA0\x80 acme\n";
    room.write("odd", odd);
    for threads in ["1", "4"] {
        for color in ["never", "always"] {
            let args = ["--plain", "--color", color, "--threads", threads, "acme", "odd"];
            let plain = room.command(&args).output().unwrap();
            assert_eq!(plain.stdout, b"\xFFacme\x00\xFE\n\xED\xA0\x80 acme\n", "{color}");
        }
        let run = room.run(&["--threads", threads, "acme", "odd"], "");
        assert_eq!((run.code, run.out.as_str()), (3, ""));
        assert!(
            run.err.starts_with("cm-scan: odd:1: not UTF-8\ncm-scan: odd:2: not one JSON object: "),
            "{}",
            run.err
        );
    }
}
