//! Reasons: explanations, scores and the order they give.

use crate::room::{Room, ids, item};

#[test]
fn explanations_name_every_clause() {
    let room = Room::new();
    let run = room.run(&["--explain", "-t", "acme -roast"], item("1", "acme roast"));
    assert_eq!(
        run.out,
        "stdin:1: 1\n  acme -roast: did not match: roast is there\n    yes  acme\n         content_text 0: acme roast\n    \
         no   NOT roast\n         content_text 5: acme roast\n"
    );
    let run = room.run(&["--explain", "acme"], item("1", "acme acme"));
    let explained: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(explained["score"], 2.25);
    assert_eq!(
        explained["score_parts"],
        serde_json::json!({"field": 1.0, "position": 1.0, "frequency": 0.25, "reach": 0.0, "answered": 0.0, "freshness": 0.0})
    );
}

/// An item of an age, with followers of its author and replies.
fn occasion(id: &str, date: &str, followers: u64, replies: u64) -> String {
    format!(
        "{{\"id\":\"{id}\",\"content_text\":\"acme\",\"date_published\":\"{date}\",\"authors\":[{{\"_cm\":{{\"followers\":{followers}}}}}],\
         \"_cm\":{{\"version\":1,\"counts\":{{\"replies\":{replies}}}}}}}\n"
    )
}

#[test]
fn reach_answers_and_newness_count_and_only_the_order_goes_by_the_clock() {
    let room = Room::new();
    let input = occasion("reached", "2026-11-01T00:00:00Z", 1204, 0)
        + &occasion("answered", "2026-11-23T11:30:00Z", 0, 9)
        + &occasion("new", "2026-11-23T11:30:00Z", 0, 1)
        + &occasion("newer", "2026-11-23T11:31:00Z", 5, 1)
        + &item("plain", "acme");
    let score = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["_cm_scan"]["matches"][0]["score"].as_f64().unwrap()
    };
    let out = room.run(&["acme"], &input).out;
    assert_eq!(out.lines().map(score).collect::<Vec<_>>(), [2.5, 1.0, 1.75, 1.75, 2.0]);
    let clock = ["--clock", "2026-11-23T12:00:00Z", "--top"];
    let top = |n: &str| room.run(&[&clock[..], &[n, "acme"]].concat(), &input).out;
    assert_eq!(ids(&top("9")), ["newer", "new", "answered", "reached", "plain"]);
    assert_eq!(ids(&top("2")), ["newer", "new"]);
    assert_eq!(top("0"), "");
    assert!(top("9").lines().all(|line| out.lines().any(|other| other == line)), "no byte by the clock");
    let why = room.run(&["--clock", "2026-11-23T12:00:00Z", "--explain", "-t", "acme"], &input).out;
    assert!(why.contains("score 2.5 = field 1 + position 1 + reach 0.5\n"), "{why}");
    assert!(why.contains("score 3 = field 1 + position 1 - answered 1 + freshness 2\n"), "{why}");
}
