//! Killed at every stop between output, archive and commit: nothing is lost, and the archive has nothing twice.
#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "the black-box tests use the rest")]
mod site;

use site::{Page, Place, Run, Site, TODAY, blog, rss};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

const STOPS: [&str; 4] = ["fetch.written", "archive.written", "archive.synced", "fetch.committed"];

/// Three feeds of two items each, one of them in a file of sources twice.
fn publish(site: &Site, place: &Place, round: usize) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for feed in ["x", "y", "z"] {
        let names: Vec<String> =
            (0..=round).flat_map(|n| [format!("{feed}{n}a"), format!("{feed}{n}b")]).collect();
        let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), TODAY)).collect();
        site.put(&format!("/{feed}"), Page::new(200, rss(&items)).with("etag", &format!("\"{round}\"")));
        all.extend(names);
    }
    let list: String = ["x", "y", "x", "z"].iter().map(|feed| site.url(&format!("/{feed}\n"))).collect();
    place.write("list", list);
    all
}

fn fetch(place: &Place, failpoint: &str) -> Run {
    let mut command = place.command(&["--new", "--sources", "list", "--archive", "archive"]);
    command.env("CM_FAILPOINT", failpoint).stdout(Stdio::piped()).stderr(Stdio::piped());
    Run::of(command.output().unwrap())
}

fn check(place: &Place, handed: &[String], all: &BTreeSet<String>, stop: &str) {
    assert_eq!(&handed.iter().cloned().collect::<BTreeSet<_>>(), all, "{stop}: lost on standard output");
    let archived: Vec<String> =
        place.archived().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(&archived.iter().cloned().collect::<BTreeSet<_>>(), all, "{stop}: lost in the archive");
    assert_eq!(archived.len(), all.len(), "{stop}: twice in the archive");
}

#[test]
fn killed_anywhere_nothing_is_lost_and_nothing_archived_twice() {
    for stop in STOPS {
        let (site, place) = (Site::start(), Place::new());
        let mut handed = Vec::new();
        let mut all = BTreeSet::new();
        for round in 0..3 {
            all = publish(&site, &place, round);
            let killed = fetch(&place, &format!("{stop}=kill"));
            assert_eq!(killed.code, None, "{stop}: was not reached: {killed:?}");
            handed.extend(killed.titles());
            if round == 1 {
                handed.extend(fetch(&place, &format!("{stop}=kill")).titles());
            }
        }
        handed.extend(fetch(&place, "").quiet().titles());
        check(&place, &handed, &all, stop);
        assert_eq!(fetch(&place, "").quiet().out, "", "{stop}");
    }
}

#[test]
fn an_uncommitted_batch_and_another_writer_do_not_disturb_each_other() {
    let (site, place) = (Site::start(), Place::new());
    let all = publish(&site, &place, 0);
    let mut handed = fetch(&place, "archive.synced=kill").titles();
    site.put("/other", Page::new(200, rss(&[("other", TODAY)])));
    let other = place.run(&["--new", "--archive", "archive", &site.url("/other")]).quiet();
    handed.extend(other.titles());
    handed.extend(fetch(&place, "").quiet().titles());
    let all = all.into_iter().chain(["other".to_owned()]).collect();
    check(&place, &handed, &all, "archive.synced");
}

/// What an uncommitted batch left in the archive is known there until all of its items were handed out again.
#[test]
fn a_failure_or_a_limit_after_a_kill_archives_nothing_twice() {
    for between in ["failure", "limit"] {
        let (site, place) = (Site::start(), Place::new());
        let all = publish(&site, &place, 1);
        let mut handed = fetch(&place, "archive.synced=kill").titles();
        if between == "failure" {
            ["/x", "/y", "/z"].iter().for_each(|feed| site.put(feed, Page::new(500, "oops")));
            // Nothing of them was ever committed, so these are first meetings, whose failures are told.
            let failed = fetch(&place, "");
            assert_eq!((failed.code, failed.out.as_str(), failed.err.lines().count()), (Some(3), "", 3));
            publish(&site, &place, 1);
        } else {
            for _ in 0..3 {
                let args = ["--new", "--sources", "list", "--archive", "archive", "--limit", "3"];
                handed.extend(place.run(&args).quiet().titles());
            }
        }
        let later = ["--new", "--sources", "list", "--archive", "archive"];
        handed.extend(place.run_at("2026-11-22T13:00:00Z", &later).quiet().titles());
        check(&place, &handed, &all, between);
    }
}

#[test]
fn a_torn_archive_is_mended() {
    let (site, place) = (Site::start(), Place::new());
    let all = publish(&site, &place, 0);
    let mut handed = fetch(&place, "archive.written=kill").titles();
    let path = place.dir.path().join("archive/2026-11-22.jsonl");
    let written = std::fs::read(&path).unwrap();
    std::fs::File::create(&path).unwrap().write_all(&written[..written.len() - 40]).unwrap();
    handed.extend(fetch(&place, "").quiet().titles());
    check(&place, &handed, &all, "torn");
}

#[test]
fn a_reader_sees_each_record_once_whoever_is_killed() {
    let (site, place) = (Site::start(), Place::new());
    let mut read = Vec::new();
    let mut all = BTreeSet::new();
    for (round, stop) in STOPS.iter().enumerate() {
        all = publish(&site, &place, round);
        fetch(&place, &format!("{stop}=kill"));
        read.extend(place.run(&["read", "--as", "x", "--archive", "archive"]).quiet().titles());
    }
    fetch(&place, "").quiet();
    read.extend(place.run(&["read", "--as", "x", "--archive", "archive"]).quiet().titles());
    assert_eq!(read.len(), all.len());
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), all);
}

/// What is held, then approved, is told twice, each time once in the archive, whenever the process is killed.
#[test]
fn an_account_tells_each_standing_of_each_comment_whenever_it_is_killed() {
    let (a, b) = ((7, "2020-01-01T00:00:00", "a"), (8, "2026-11-22T08:00:00", "b"));
    let rounds: [(&[blog::Comment], &[blog::Comment]); 3] = [(&[], &[a, b]), (&[a], &[b]), (&[a, b], &[])];
    for stop in STOPS {
        let place = Place::new();
        let site = blog::start(&place);
        place.write("list", "wordpress:blog/comments\nwordpress:blog/held\n");
        let mut handed = Vec::new();
        for (approved, held) in rounds {
            blog::list(&site, "approve", approved);
            blog::list(&site, "hold", held);
            blog::found(&site, "approved", approved);
            let killed = fetch(&place, &format!("{stop}=kill"));
            assert_eq!(killed.code, None, "{stop}: was not reached: {killed:?}");
            handed.extend(killed.items());
            handed.extend(fetch(&place, "").quiet().items());
        }
        let name =
            |item: &serde_json::Value| format!("{} {}", item["content_text"], item["_cm_fetch"]["status"]);
        let all: BTreeSet<String> = handed.iter().map(name).collect();
        assert_eq!(all.len(), 4, "{stop}: lost on standard output: {all:?}");
        let mut archived: Vec<String> = place.archived().iter().map(name).collect();
        archived.sort();
        assert_eq!(archived, all.into_iter().collect::<Vec<_>>(), "{stop}: lost or twice in the archive");
        assert_eq!(fetch(&place, "").quiet().out, "", "{stop}");
    }
}

/// A line that an uncommitted batch left in the archive hides only the same words about the same standing.
#[test]
fn what_stands_otherwise_after_a_kill_is_archived_too() {
    let a = [(7, "2020-01-01T00:00:00", "a")];
    let place = Place::new();
    let site = blog::start(&place);
    place.write("list", "wordpress:blog/held\n");
    blog::list(&site, "hold", &a);
    assert_eq!(fetch(&place, "").quiet().items().len(), 1);
    blog::list(&site, "hold", &[]);
    blog::found(&site, "approved", &a);
    assert_eq!(fetch(&place, "archive.synced=kill").code, None);
    blog::found(&site, "spam", &a);
    assert_eq!(fetch(&place, "").quiet().items().len(), 1);
    let status = |item: &serde_json::Value| item["_cm_fetch"]["status"].as_str().unwrap().to_owned();
    let archived: Vec<String> = place.archived().iter().map(status).collect();
    assert_eq!(archived, ["held", "approved", "spam"]);
}

/// What an uncommitted batch left in the archive is known there until everything came.
#[test]
fn a_list_that_is_cut_after_a_kill_archives_nothing_twice() {
    let place = Place::new();
    let site = blog::start(&place);
    place.write("list", "wordpress:blog/comments\n");
    let comments: Vec<blog::Comment> = (1..=150).map(|id| (id, "2026-11-22T08:00:00", "x")).collect();
    let second = blog::rows_of(&site, &comments[..60]);
    blog::pages(&site, &comments, second.clone());
    assert_eq!(fetch(&place, "archive.synced=kill").code, None);
    blog::pages(&site, &comments, Page::new(429, "{}").with("retry-after", "600"));
    assert_eq!(fetch(&place, "").quiet().items().len(), 100);
    blog::pages(&site, &comments, second);
    let args = ["--new", "--sources", "list", "--archive", "archive"];
    assert_eq!(place.run_at("2026-11-22T13:00:00Z", &args).quiet().items().len(), 50);
    assert_eq!(place.archived().len(), 150);
}
