//! Reading that costs money, as a black box, against an X that answers two kinds of questions. Documented (docs.x.com): the
//! members of posts, `max_results`, `next_token`, `until_id`, 429. What X bills is told in cm-net's tests.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[expect(dead_code, reason = "the tests of feeds use the rest")]
mod site;

use serde_json::json;
use site::{Page, Place, Site};

const MENTIONS: &str = "x:acme/mentions";
/// Made on 22 November 2026 at 11:00 UTC, by the time in their numbers.
const NEWEST: u64 = 2_124_434_000_000_000_000;

fn start(place: &Place) -> Site {
    let site = Site::start();
    let url = site.url("/");
    place.write("cm.toml", format!("[accounts.\"x:acme\"]\nurl = \"{url}\"\nuser = \"42\"\npassword_command = [\"echo\", \"hush-hush\"]\n"));
    site
}

/// Three posts by one person, and the promise of more.
fn posts() -> Page {
    let post = |n: u64| json!({"id": (NEWEST - n).to_string(), "author_id": "7", "text": format!("post {n}"), "created_at": "2026-11-22T11:00:00Z"});
    let body = json!({
        "data": [post(0), post(1), post(2)], "meta": {"next_token": "more"},
        "includes": {"users": [{"id": "7", "username": "bob", "public_metrics": {"followers_count": 3}}]},
    });
    Page::new(200, body.to_string())
}

#[test]
fn a_run_stops_before_it_costs_more_and_says_so_in_one_line() {
    let place = Place::new();
    let site = start(&place);
    site.put("/2/users/42/mentions?*", posts());
    let run = place.run(&["--new", "--max-cost", "0.19", MENTIONS]);
    assert_eq!((run.code, run.items().len()), (Some(0), 3), "{run:?}");
    let told = "stopped: going on could cost $0.175, and $0.165 of $0.19 is left for this run (--max-cost, or max_cost of the account)";
    assert!(
        run.err.ends_with(&format!("{MENTIONS}: {told}\n")) && run.err.lines().count() == 1,
        "{}",
        run.err
    );
    assert_eq!(site.seen().len(), 1);
    let item = &run.items()[0];
    assert_eq!(
        (&item["_cm"]["kind"], &item["authors"][0]["_cm"]["followers"]),
        (&"mention".into(), &3.into())
    );
    // What came is behind the mark: the next run asks for what is newer, then for what was left.
    let again = place.run(&["--new", "--force", "-v", "--max-cost", "5", MENTIONS]);
    assert_eq!((again.code, again.items().len()), (Some(0), 0), "{again:?}");
    let left = format!("until_id={}", NEWEST - 2);
    let asked: Vec<String> = site.seen().into_iter().map(|seen| seen.path).collect();
    assert!(asked[0].contains("since_id=") && asked.iter().any(|path| path.contains(&left)), "{asked:?}");
    assert!(!again.err.contains("cost $"), "what was charged today is not charged again: {}", again.err);
    assert_eq!(place.run(&["--new", "--force", "--max-cost", "0.01", MENTIONS]).items().len(), 0);
    assert_eq!(site.seen().len(), 0, "nothing is asked for that could cost more");
}

#[test]
fn what_a_run_cost_is_told_who_asks() {
    let place = Place::new();
    let site = start(&place);
    site.put("/2/users/42/mentions?*", posts());
    let run = place.run(&["-v", "--max-cost", "0.19", MENTIONS]);
    assert!(
        run.err.contains("what was read cost $0.025 at most, by the prices that cm knows"),
        "{}",
        run.err
    );
    for wrong in ["-1", "much", "0,5"] {
        let run = place.run(&[&format!("--max-cost={wrong}"), MENTIONS]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.err.contains("--max-cost") && run.err.contains("such as 0.50"), "{}", run.err);
    }
}

#[test]
fn what_came_before_a_failure_is_not_paid_for_again() {
    let place = Place::new();
    let site = start(&place);
    // Pages become smaller as less is left: 28 posts could cost a dollar, of the rest 27.
    site.put("/2/users/42/mentions?max_results=28*", posts());
    site.put("/2/users/42/mentions?max_results=27*", Page::new(429, "{}").with("retry-after", "60"));
    let run = place.run(&["--new", "--max-cost", "1", MENTIONS]);
    assert_eq!(run.items().len(), 3, "{run:?}");
    site.seen();
    site.put("/2/users/42/mentions?*", Page::new(200, json!({"meta": {"result_count": 0}}).to_string()));
    site.put(
        "/2/users/42/mentions?max_results=28*",
        Page::new(200, json!({"meta": {"result_count": 0}}).to_string()),
    );
    let again = place.run_at("2026-11-22T13:00:00Z", &["--new", "--force", "--max-cost", "1", MENTIONS]);
    assert_eq!((again.code, again.items().len()), (Some(0), 0), "{again:?}");
    let asked: Vec<String> = site.seen().into_iter().map(|seen| seen.path).collect();
    assert!(asked[0].contains("since_id="), "{asked:?}");
    assert!(asked[1].contains(&format!("until_id={}", NEWEST - 2)), "{asked:?}");
    let out = format!("{run:?}{again:?}");
    assert!(!out.contains("hush-hush"));
}
