//! Accounts as a black box, against a blog that answers as it is told to (site/blog.rs).

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "the tests of feeds use the rest")]
mod site;

use serde_json::Value;
use site::{Page, Place, Run, Site, TODAY, blog, rss};
use std::process::Stdio;

const COMMENTS: &str = "wordpress:blog/comments";
const HELD: &str = "wordpress:blog/held";

fn texts(run: &Run) -> Vec<String> {
    let standing = |item: &Value| match item["_cm"]["deleted"].as_bool() {
        Some(true) => "deleted".to_owned(),
        _ => item["_cm_fetch"]["status"].as_str().unwrap_or_default().to_owned(),
    };
    let text = |item: &Value| format!("{} {}", item["content_text"].as_str().unwrap(), standing(item));
    run.items().iter().map(|item| text(item).trim().to_owned()).collect()
}

fn new(place: &Place, sources: &[&str]) -> Vec<String> {
    texts(&place.run(&[&["--new"], sources].concat()).quiet())
}

/// How often the blog was asked who we are.
fn logins(site: &Site) -> usize {
    site.seen().iter().filter(|seen| seen.path.contains("users/me")).count()
}

#[test]
fn without_state_everything_comes_the_oldest_first_and_no_store_is_made() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2020-02-03T04:05:06", "a"), (9, "2026-11-22T08:00:00", "b")]);
    blog::list(&site, "hold", &[(8, "2026-11-22T09:00:00", "c")]);
    place.write(
        "s.toml",
        format!("[[source]]\nname = \"blog\"\naccount = \"{COMMENTS}\"\ntags = [\"ours\"]\nkind = \"review\"\n[[source]]\naccount = \"{HELD}\"\n"),
    );
    let run = place.run(&["--sources", "s.toml"]).quiet();
    assert_eq!(texts(&run), ["a approved", "b approved", "c held"]);
    assert_eq!(texts(&place.run(&[COMMENTS, "--since", "7d"]).quiet()), ["b approved"]);
    let item = &run.items()[0];
    assert!(item["id"].as_str().unwrap().starts_with("urn:cm:item:"));
    assert_eq!((&item["tags"][0], &item["_cm"]["kind"]), (&"ours".into(), &"review".into()));
    assert_eq!(
        (&item["_cm"]["source"], &item["_cm_fetch"]["from"]),
        (&"wordpress:blog".into(), &COMMENTS.into())
    );
    assert_eq!(item["_cm_fetch"]["native_id"], serde_json::json!({"post": 4, "comment": 7}));
    assert_eq!(item["_cm"]["in_reply_to"], site.url("/ships/"));
    assert_eq!(run.items()[2]["_cm"]["kind"], "comment");
    assert!(!place.dir.path().join("state").exists(), "state was written");
}

#[test]
fn a_queue_comes_whole_once_and_late_ones_with_their_old_date() {
    let place = Place::new();
    let site = blog::start(&place);
    let (old, now, late) = (
        (1, "2020-01-01T00:00:00", "old"),
        (3, "2026-11-22T08:00:00", "now"),
        (2, "2025-01-01T00:00:00", "late"),
    );
    blog::list(&site, "approve", &[old, now]);
    assert_eq!(new(&place, &[COMMENTS]), ["old approved", "now approved"]);
    assert!(new(&place, &[COMMENTS]).is_empty());
    blog::list(&site, "approve", &[old, late, now]);
    assert_eq!(new(&place, &[COMMENTS]), ["late approved"]);
    assert!(new(&place, &[COMMENTS]).is_empty());
}

#[test]
fn a_change_of_status_is_news_whichever_source_shows_it_and_once() {
    for sources in [[COMMENTS, HELD, "wordpress:blog/spam"], ["wordpress:blog/spam", HELD, COMMENTS]] {
        let place = Place::new();
        let site = blog::start(&place);
        let comment = [(7, "2026-11-22T08:00:00", "a")];
        let all = [&["--archive", "archive"], &sources[..]].concat();
        for (status, shown) in [
            ("hold", "held"),
            ("approve", "approved"),
            ("spam", "spam"),
            ("approve", "approved"),
            ("hold", "held"),
        ] {
            ["approve", "hold", "spam"].iter().for_each(|list| blog::list(&site, list, &[]));
            blog::list(&site, status, &comment);
            blog::found(&site, if status == "approve" { "approved" } else { status }, &comment);
            assert_eq!(new(&place, &all), [format!("a {shown}")]);
            assert!(new(&place, &all).is_empty(), "{status}");
        }
        assert_eq!(place.archived().len(), 5);
    }
}

#[test]
fn who_reads_only_what_is_held_hears_what_became_of_it() {
    let place = Place::new();
    let site = blog::start(&place);
    let (a, b) = ((7, "2026-11-22T08:00:00", "a"), (8, "2026-11-22T09:00:00", "b"));
    blog::list(&site, "hold", &[a, b]);
    assert_eq!(new(&place, &[HELD]), ["a held", "b held"]);
    blog::list(&site, "hold", &[]);
    blog::found(&site, "approved", &[a]);
    let gone = r#"{"code":"rest_comment_invalid_id","message":"No.","data":{"status":404}}"#;
    site.put("/wp-json/wp/v2/comments/8*", Page::new(404, gone));
    assert_eq!(new(&place, &[HELD]), ["a approved", "deleted"]);
    assert!(new(&place, &[HELD]).is_empty());
}

#[test]
fn a_changed_text_comes_again_when_asked_for() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    assert_eq!(new(&place, &[COMMENTS]), ["a approved"]);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "edited")]);
    assert!(new(&place, &[COMMENTS]).is_empty());
    assert_eq!(new(&place, &["--changed", COMMENTS]), ["edited approved"]);
    assert!(new(&place, &["--changed", COMMENTS]).is_empty());
}

#[test]
fn a_limit_leaves_the_newer_ones_and_the_mark_for_the_next_run() {
    let place = Place::new();
    let site = blog::start(&place);
    let all =
        [(1, "2020-01-01T00:00:00", "a"), (2, "2021-01-01T00:00:00", "b"), (3, "2022-01-01T00:00:00", "c")];
    blog::list(&site, "hold", &all);
    for text in ["a held", "b held", "c held"] {
        assert_eq!(new(&place, &["--limit", "1", HELD]), [text]);
    }
    blog::list(&site, "hold", &[]);
    blog::found(&site, "spam", &all);
    assert_eq!(new(&place, &["--until", "2021-06-01", HELD]), ["a spam", "b spam"]);
    assert_eq!(new(&place, &[HELD]), ["c spam"], "what is left over is not forgotten");
}

#[test]
fn a_wrong_password_is_told_and_not_tried_until_something_changes() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::refuse(&site);
    place.write("list", format!("{COMMENTS}\n{HELD}\n"));
    let run = place.run(&[COMMENTS, HELD]);
    assert_eq!((run.code, logins(&site)), (Some(4), 1), "{run:?}");
    let other = format!("{HELD}: not asked, the credentials of wordpress:blog have failed for {COMMENTS}");
    assert!(run.err.lines().nth(1).unwrap().contains(&other), "{run:?}");
    let run = place.run(&["--new", COMMENTS]);
    assert!(run.code == Some(4) && run.err.contains("not tried again before 12:15"), "{run:?}");
    assert_eq!(logins(&site), 1);
    let at = |clock: &str, args: &[&str]| (place.run_at(clock, args).code, logins(&site));
    assert_eq!(at("2026-11-22T12:14:59Z", &["--new", COMMENTS, HELD]), (Some(4), 0));
    assert_eq!(at("2026-11-22T12:14:59Z", &["--new", "--force", COMMENTS, HELD]), (Some(4), 1));
    let sick: Vec<Value> = place.run(&["health"]).quiet().items();
    assert_eq!((&sick[0]["state"], &sick[0]["next"]), (&"failing".into(), &"2026-11-22T12:29:59Z".into()));
    site.put("/feed", Page::new(200, rss(&[("a", TODAY)])));
    let feed = site.url("/feed");
    assert_eq!(at("2026-11-22T12:14:59Z", &["--new", COMMENTS, &feed]), (Some(3), 0), "something was done");
    blog::password(&place, "another");
    assert_eq!(at("2026-11-22T12:14:59Z", &["--new", COMMENTS]), (Some(4), 1), "the password was changed");
    assert_eq!(at("2026-11-22T12:29:59Z", &["--new", COMMENTS]), (Some(4), 1), "a quarter of an hour later");
    blog::welcome(&site);
    assert_eq!(at("2026-11-22T12:30:00Z", &["--new", "--force", COMMENTS]), (Some(0), 1));
    let well: Vec<Value> = place.run(&["health", "--sources", "list"]).quiet().items();
    assert!(well.iter().all(|row| row["state"] != "failing" && row["next"] == Value::Null), "{well:?}");
}

#[test]
fn another_blog_under_the_name_of_the_first_is_not_taken_for_it() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    assert_eq!(new(&place, &[COMMENTS]), ["a approved"]);
    let other = blog::start(&place);
    blog::list(&other, "approve", &[(7, "2026-11-22T08:00:00", "b"), (8, "2026-11-22T09:00:00", "c")]);
    for _ in 0..2 {
        let run = place.run(&["--new", COMMENTS]);
        let told = run.err.contains(&site.url("")[7..]) && run.err.contains(&other.url("")[7..]);
        assert!(run.code == Some(3) && told && run.err.contains("another name"), "{run:?}");
    }
    assert_eq!(other.seen().len(), 0);
    assert_eq!(texts(&place.run(&[COMMENTS]).quiet()), ["b approved", "c approved"], "without state");
    assert_eq!(new(&place, &["--force", COMMENTS]), ["c approved"], "it is the same blog, which has moved");
    assert!(new(&place, &[COMMENTS]).is_empty());
}

/// Whoever has mended the url of an account does not wait for the pause of the old one.
#[test]
fn an_account_that_was_mended_is_asked_at_once() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    let well = std::fs::read_to_string(place.dir.path().join("cm.toml")).unwrap();
    let nobody = well.replace(&site.url(""), "http://127.0.0.1:1");
    assert_ne!(well, nobody);
    place.write("cm.toml", nobody);
    assert_eq!(place.run(&["--new", COMMENTS]).code, Some(3), "the first time it is told");
    let sick = place.run(&["health"]).quiet().items().remove(0);
    let why = sick["why"].as_str().unwrap();
    assert!(
        sick["state"] == "failing" && !why.contains("wordpress:blog") && why.contains("127.0.0.1"),
        "{sick}"
    );
    assert!(new(&place, &[COMMENTS]).is_empty());
    place.write("cm.toml", well);
    assert_eq!(new(&place, &[COMMENTS]), ["a approved"]);
}

#[test]
fn a_password_that_cannot_be_read_is_told_each_time_and_tried_as_soon_as_it_can() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    std::fs::remove_file(place.dir.path().join("secret")).unwrap();
    for _ in 0..2 {
        let run = place.run(&["--new", COMMENTS]);
        assert!(run.code == Some(4) && run.err.contains("cannot read password_file"), "{run:?}");
    }
    assert_eq!(logins(&site), 0);
    blog::password(&place, blog::PASSWORD);
    assert_eq!(new(&place, &[COMMENTS]), ["a approved"]);
    assert_eq!(place.run(&["health"]).quiet().items()[0]["state"], "ok");
}

#[test]
fn a_blog_that_wants_to_be_left_alone_is_left_alone() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    blog::busy(&site, 7200);
    let busy = place.run(&["--new", COMMENTS, HELD]);
    assert!(busy.code == Some(3) && busy.err.lines().count() == 1 && busy.err.contains("429"), "{busy:?}");
    assert_eq!(logins(&site), 1, "the other source of the host is not asked after that");
    place.run_at("2026-11-22T13:59:59Z", &["--new", COMMENTS]).quiet();
    assert_eq!(logins(&site), 0);
    let waits = |row: &Value| row["state"] != "ok" && row["next"] == "2026-11-22T14:00:00Z";
    assert!(place.run(&["health"]).quiet().items().iter().all(waits));
    blog::welcome(&site);
    assert_eq!(texts(&place.run_at("2026-11-22T14:00:00Z", &["--new", COMMENTS]).quiet()), ["a approved"]);
}

#[test]
fn what_came_before_something_went_wrong_is_handed_out_and_the_rest_later() {
    let place = Place::new();
    let site = blog::start(&place);
    let comments: Vec<blog::Comment> = (1..=150).map(|id| (id, "2026-11-22T08:00:00", "x")).collect();
    blog::pages(&site, &comments, Page::new(429, "{}").with("retry-after", "600"));
    let args = ["--new", "--archive", "archive", COMMENTS];
    assert_eq!(place.run(&args).quiet().items().len(), 100);
    let row = place.run(&["health"]).quiet().items().remove(0);
    assert_eq!((&row["state"], &row["items"]), (&"failing".into(), &100.into()));
    blog::pages(&site, &comments, blog::rows_of(&site, &comments[..60]));
    assert_eq!(place.run_at("2026-11-22T13:00:00Z", &args).quiet().items().len(), 50);
    assert_eq!(place.run_at("2026-11-22T14:00:00Z", &args).quiet().items().len(), 0);
    assert_eq!(place.archived().len(), 150);
}

#[test]
fn what_cannot_be_read_is_one_clear_line() {
    let place = Place::new();
    let site = blog::start(&place);
    for (source, why) in [
        ("wordpress:blog", "say what to read: wordpress:blog/comments, wordpress:blog/held, "),
        ("wordpress:blog/coments", "cannot be read (these can: wordpress:blog/comments, "),
        ("wordpress:other/comments", "(there: wordpress:blog)"),
        ("telegram:acme/mentions", "this version cannot read there (it can: "),
        ("file:drafts/posts", "this version cannot read there (it can: "),
    ] {
        for args in [&[source][..], &["--new", source]] {
            let run = place.run(args);
            assert_eq!((run.code, run.err.lines().count()), (Some(3), 1), "{run:?}");
            assert!(
                run.err.starts_with(&format!("cm-fetch: {source}: ")) && run.err.contains(why),
                "{run:?}"
            );
        }
    }
    let run = place.run(&["discover", COMMENTS]);
    assert!(run.code == Some(3) && run.err.contains("an account"), "{run:?}");
    place.write("list", format!("{COMMENTS}\nhttps://a.example/feed\n"));
    let run = place.run(&["opml", "list"]);
    assert!(run.out.contains("https://a.example/feed") && !run.out.contains("wordpress"), "{run:?}");
    assert_eq!(site.seen().len(), 0);
}

#[test]
fn the_guard_is_told_at_once_and_keeps_nothing_back_once_it_is_lifted() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    for args in [&[COMMENTS][..], &["--new", COMMENTS]] {
        let run = Run::of(place.command(args).env_remove("CM_ALLOW_PRIVATE").output().unwrap());
        assert!(run.code == Some(3) && run.err.contains("--allow-private"), "{run:?}");
    }
    assert_eq!(site.seen().len(), 0);
    assert_eq!(new(&place, &[COMMENTS]), ["a approved"]);
}

#[test]
fn no_password_is_told_or_kept() {
    let place = Place::new();
    let site = blog::start(&place);
    blog::list(&site, "approve", &[(7, "2026-11-22T08:00:00", "a")]);
    let mut told = String::new();
    let mut run = |args: &[&str]| {
        let run = place.run(&[&["-vv", "--errors", "json"], args].concat());
        told.extend([run.out, run.err]);
    };
    run(&["--new", COMMENTS]);
    blog::refuse(&site);
    run(&["--new", COMMENTS]);
    run(&[HELD]);
    blog::busy(&site, 60);
    run(&["--new", "--force", HELD]);
    run(&["health"]);
    run(&["--show-config"]);
    assert!(site.seen().iter().any(|seen| seen.headers.contains_key("authorization")), "it was never used");
    for folder in ["state/cm", "."] {
        for file in std::fs::read_dir(place.dir.path().join(folder)).unwrap().flatten() {
            if file.file_name() != "secret" && file.path().is_file() {
                told.push_str(&String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()));
            }
        }
    }
    let encoded = "YW5hOnBsYW4gdGVkNSAzY3JlIHRwd2Q=";
    for secret in [blog::PASSWORD, encoded, "plan%20ted5"] {
        assert!(!told.contains(secret), "{secret} was told");
    }
}

#[test]
fn two_runs_at_once_hand_out_each_item_once() {
    let place = Place::new();
    let site = blog::start(&place);
    let comment = |id: u64| (id, "2026-11-22T08:00:00", "x");
    blog::list(&site, "approve", &(1..=40).map(comment).collect::<Vec<_>>());
    blog::list(&site, "hold", &(41..=80).map(comment).collect::<Vec<_>>());
    let start = || {
        let args = ["--new", "--archive", "archive", COMMENTS, HELD];
        place.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let runs = [start(), start()].map(|child| Run::of(child.wait_with_output().unwrap()).quiet());
    let mut ids: Vec<String> =
        runs.iter().flat_map(Run::items).map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    let all = place.run(&["--new", "--archive", "archive", COMMENTS, HELD]).quiet().items();
    ids.extend(all.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
    assert_eq!(ids.len(), 80);
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), place.archived().len()), (80, 80));
}
