//! The golden lines of every contract version: each is read for ever, comes back byte for byte and has its ids.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

use cm_record::{Line, Options, Reader, Record, SchedulePart, Writer, draft_id, post_id};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn all() -> Vec<Record> {
    let mut reader = Reader::new(vec![folder()], Options::default());
    std::iter::from_fn(|| reader.next_line())
        .map(|line| match line.unwrap() {
            Line::Record(record, _) => record,
            Line::Bad(bad) => panic!("{}: {}", bad.place, bad.reason),
        })
        .collect()
}

#[test]
fn every_line_comes_back_byte_for_byte() {
    let mut files: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let wanted: Vec<u8> = files.iter().flat_map(|f| std::fs::read(f).unwrap()).collect();
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, false);
    for record in all() {
        writer.record(&record).unwrap();
    }
    drop(writer);
    assert!(files.len() >= 6);
    assert!(out == wanted);
}

#[test]
fn every_line_is_typed_and_of_its_version() {
    for record in all() {
        let item = record.item().unwrap();
        assert_eq!(item.id, record.id());
        assert_eq!(record.version(), 1);
        assert!(record.meta().unwrap().audience.is_some());
    }
}

#[test]
fn made_ids_are_the_documented_ones() {
    let (mut drafts, mut posts) = (0, 0);
    for record in all() {
        let meta = record.meta().unwrap();
        let Some(parent) = meta.parent else { continue };
        assert_eq!(record.id(), draft_id(&parent.id, &parent.account, &record.text("content_text").unwrap()));
        drafts += 1;
        for post in record.get::<SchedulePart>("_cm_schedule").unwrap().unwrap_or_default().posts {
            assert_eq!(post.id, post_id(record.id(), &post.account, "reply"));
            posts += 1;
        }
    }
    assert!(drafts >= 4 && posts >= 2);
}

#[test]
fn every_part_set_again_changes_no_byte() {
    for record in all() {
        let mut again = record.clone();
        for name in ["_cm_fetch", "_cm_scan", "_cm_shorten", "_cm_schedule"] {
            if let Some(part) = record.get::<serde_json::Value>(name).unwrap() {
                assert!(!again.set_part(name, &part), "{name}");
            }
        }
        assert_eq!(again, record);
    }
}
