//! The reader: files, folders, packed files, damage, long lines.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use cm_record::{Line, Options, Reader, Reason};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

fn record(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"content_text\":\"\"}}\n")
}

fn gzip(bytes: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &str) -> Vec<u8> {
    zstd::encode_all(bytes.as_bytes(), 1).unwrap()
}

/// What came, in words: ids, `bad FILE:LINE REASON`, `error MESSAGE`.
fn read(inputs: &[&Path], options: Options) -> Vec<String> {
    let mut reader = Reader::new(inputs.iter().map(PathBuf::from).collect(), options);
    let name = |file: &str| Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
    std::iter::from_fn(|| reader.next_line())
        .map(|line| match line {
            Ok(Line::Record(record, place)) => {
                format!("{} {}:{}", record.id(), name(&place.file), place.line)
            }
            Ok(Line::Bad(bad)) => format!("bad {}:{} {}", name(&bad.place.file), bad.place.line, bad.reason),
            Err(error) => format!("error {}: {}", name(&error.file), error.message),
        })
        .collect()
}

#[test]
fn folders_are_read_in_name_order_and_not_below() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("b.jsonl.gz"), [gzip(&record("b1")), gzip(&record("b2"))].concat()).unwrap();
    fs::write(path("a.jsonl"), record("a")).unwrap();
    fs::write(path("c.jsonl.zst"), [zstd(&record("c1")), zstd(&record("c2"))].concat()).unwrap();
    fs::write(path("d.txt"), "not read").unwrap();
    fs::create_dir(path("e.jsonl")).unwrap();
    fs::write(path("e.jsonl/x.jsonl"), record("below")).unwrap();
    let came = read(&[dir.path(), &path("a.jsonl")], Options::default());
    let wanted = [
        "a a.jsonl:1",
        "b1 b.jsonl.gz:1",
        "b2 b.jsonl.gz:2",
        "c1 c.jsonl.zst:1",
        "c2 c.jsonl.zst:2",
        "a a.jsonl:1",
    ];
    assert_eq!(came, wanted);
}

#[test]
fn a_missing_or_damaged_input_does_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let many: String = (0..5000).map(|i| record(&format!("{i}-{}", i * 7919 % 10007))).collect();
    for (name, packed) in [("t.gz", gzip(&many)), ("t.zst", zstd(&many))] {
        fs::write(path(name), &packed[..packed.len() / 2]).unwrap();
        fs::write(path("good"), record("good")).unwrap();
        let came = read(&[&path("none"), &path(name), &path("good")], Options::default());
        assert_eq!(came.first().unwrap(), "error none: no such file");
        assert_eq!(came.last().unwrap(), "good good:1");
        let lines = came.len() - 3;
        assert!(name == "t.zst" || lines > 100, "{lines}");
        assert_eq!(
            came[came.len() - 2],
            format!("error {name}: the compressed data ends too early, after line {lines}")
        );
    }
    let mut damaged = gzip(&many);
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xFF);
    fs::write(path("x.gz"), damaged).unwrap();
    let came = read(&[&path("x.gz")], Options::default());
    assert!(came.last().unwrap().starts_with("error x.gz: damaged compressed data after line "), "{came:?}");
}

#[test]
fn a_file_cannot_ask_for_more_memory_than_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("w.zst");
    // A frame header that wants a window of 256 MiB, and an empty last block.
    fs::write(&file, [0x28, 0xB5, 0x2F, 0xFD, 0, 18 << 3, 1, 0, 0]).unwrap();
    let came = read(&[&file], Options::default());
    assert_eq!(came.len(), 1);
    assert!(
        came[0].starts_with("error w.zst: damaged compressed data after line 0: ")
            && came[0].contains("memory"),
        "{came:?}"
    );
}

#[test]
fn lines_are_counted_and_bad_ones_kept() {
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);
    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f");
    let mut bytes = format!("\u{feff}{}\r\n\n", record("1").trim_end()).into_bytes();
    bytes.extend(b"\xFF\n{\r\n");
    bytes.extend("x".repeat(200).bytes());
    bytes.extend(format!("\n  \n{}", record("2").trim_end()).bytes());
    fs::write(&file, bytes).unwrap();
    let reject = Shared::default();
    let options = Options { max_line: 100, reject: Some(Box::new(reject.clone())) };
    let came = read(&[&file], options);
    assert_eq!(
        came,
        [
            "1 f:1",
            "bad f:3 not UTF-8",
            "bad f:4 not one JSON object: expected a name in quotes at its end, byte 3",
            "bad f:5 longer than 100 bytes (raise --max-line)",
            "2 f:7",
        ]
    );
    let wanted = [b"\xFF\n{\r\n".to_vec(), "x".repeat(200).into_bytes(), b"\n".to_vec()].concat();
    assert_eq!(*reject.0.lock().unwrap(), wanted);
}

#[test]
fn only_the_very_first_line_keeps_its_bom() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("f");
    fs::write(&file, format!("\u{feff}{}", record("1"))).unwrap();
    let mut reader = Reader::new(vec![file.clone(), file], Options::default());
    let mut line = || match reader.next_line() {
        Some(Ok(Line::Record(record, _))) => record.line().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(line(), format!("\u{feff}{}", record("1").trim_end()));
    assert_eq!(line(), record("1").trim_end());
    assert_eq!(reader.lines_read(), 2);
}

#[test]
fn a_reject_file_that_is_full_is_told_once() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let options = Options { reject: Some(Box::new(Full)), ..Options::default() };
    let mut reader = Reader::of_stream("s", &b"x\ny\n"[..], options);
    let came: Vec<_> = std::iter::from_fn(|| reader.next_line()).collect();
    assert!(matches!(came[0], Ok(Line::Bad(_))));
    assert_eq!(
        came[1].as_ref().unwrap_err().to_string(),
        "--reject: bad lines can no longer be kept: no storage space"
    );
    assert!(
        matches!(&came[2], Ok(Line::Bad(bad)) if bad.place.line == 2 && matches!(bad.reason, Reason::NotObject(_)))
    );
    assert_eq!(came.len(), 3);
}

#[test]
fn a_stream_waits_only_without_a_whole_line() {
    let mut reader =
        Reader::of_stream("s", std::io::Cursor::new(record("1") + &record("2")), Options::default());
    assert!(reader.would_block());
    assert!(reader.next_line().is_some());
    assert!(!reader.would_block());
    assert!(reader.next_line().is_some());
    assert!(reader.would_block());
    assert!(reader.next_line().is_none());
}

#[test]
fn a_torn_line_that_is_too_long_ends_in_the_reject_file() {
    struct Torn;
    impl Read for Torn {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let rejected = dir.path().join("rejected");
    let reject = Box::new(fs::File::create(&rejected).unwrap());
    let options = Options { max_line: 100, reject: Some(reject) };
    let stream = std::io::repeat(b'x').take(1 << 20).chain(Torn);
    let mut reader = Reader::of_stream("s", stream, options);
    assert!(reader.next_line().unwrap().is_err());
    assert!(reader.next_line().is_none());
    let kept = fs::read(rejected).unwrap();
    assert_eq!((kept.len(), kept.last()), ((1 << 20) + 1, Some(&b'\n')));
}
