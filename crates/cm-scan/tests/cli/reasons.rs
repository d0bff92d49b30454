//! Reasons: explanations, scores and the order they give.

use crate::room::{Room, ids, item};

#[test]
fn explanations_name_every_clause() {
    let room = Room::new();
    let run = room.run(&["--explain", "-t", "acme -roast"], item("1", "acme roast"));
    assert_eq!(
        run.out,
        "stdin:1: 1\n  acme -roast: did not match\n    why  roast is there (content_text 5)\n    yes  acme\n         content_text 0: acme roast\n    \
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

#[test]
fn the_reason_why_not_is_short_and_true() {
    let room = Room::new();
    let item = serde_json::json!({
        "id": "1", "title": "Winter beans", "url": "https://blog.acme.example/1", "language": "de",
        "content_text": "Cafe by ACME: roasting since 1990, see https://other.example/shop. Roast, dark.",
        "_cm": {"version": 1, "kind": "mention", "source": "mastodon:acme"},
    });
    for (query, why) in [
        ("mocha", "mocha is not there"),
        ("title:acme", "title:acme is not there: it stands in content_text"),
        ("café", "café is not there: with other accents it is (Cafe)"),
        ("#acme", "#acme is not there: ACME is, but not as a hashtag"),
        ("\"dark roast\"", "\"dark roast\" is not there: its words are, but not one right after the other"),
        (
            "shop",
            "shop is not there: only in a link is it, which links: looks at (https://other.example/shop)",
        ),
        ("win", "win is not there: Winter is, which win* finds"),
        ("acme -roasting", "roasting is there (content_text 14)"),
        ("acme -(dark beans)", "dark beans is there"),
        ("acme (mocha OR latte)", "none of mocha, latte is there"),
        ("(a OR b OR c OR d) (e OR f OR mocha)", "none of e, f, mocha is there"),
        ("ATLEAST/2(acme mocha tea)", "1 of 3 hold, at least 2 must (acme)"),
        ("ATLEAST/2(latte mocha tea)", "0 of 3 hold, at least 2 must"),
        ("{ROAST}", "{ROAST} is not there: Roast is, which is not the same to the letter"),
        ("date:2026-11", "it has no date, date:2026-11 needs one"),
        ("acme NEAR/1 see", "acme and see are 3 words apart at the nearest, not 1 or fewer"),
        ("acme NEAR/1 mocha", "mocha is not there"),
        ("see ONEAR/9 acme", "acme stands before see, not behind it"),
        ("winter NEAR/9 acme", "winter and acme do not stand side by side in one text"),
        ("acme NEAR/9 acme", "acme and acme do not stand side by side in one text"),
        ("cafe NEAR/1 acme NEAR/9 acme", "acme and acme do not stand side by side in one text"),
        ("acme lang:en", "its language is de, not lang:en"),
        ("-lang:de", "its language is de, and lang:de is left out"),
        ("site:shop.example", "its host is blog.acme.example, not site:shop.example"),
        ("kind:note", "its kind is mention, not kind:note"),
        ("source:bluesky", "its source is mastodon:acme, not source:bluesky"),
    ] {
        let run = room.run(&["--explain", "--", query], item.to_string());
        let explained: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((&explained["matched"], explained["why"].as_str()), (&false.into(), Some(why)), "{query}");
    }
    let input = crate::room::item("1", "acme").replace('}', ",\"date_published\":\"2026-11-20T00:00:00Z\"}");
    let run = room.run(&["--explain", "-t", "--since", "2026-11-21T00:00:00Z", "acme"], input);
    assert!(
        run.out.contains("acme: did not match\n    why  it is of 2026-11-20 00:00, before --since\n"),
        "{}",
        run.out
    );
}

#[test]
fn hits_name_their_clauses_if_asked() {
    let room = Room::new();
    let input = item("1", "acme roast");
    let run = room.run(&["--clauses", "acme (roast OR mocha)"], &input);
    let record: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let hits = record["_cm_scan"]["matches"][0]["hits"].as_array().unwrap().clone();
    let clauses: Vec<_> = hits.iter().map(|hit| hit["clause"].as_str().unwrap()).collect();
    assert_eq!(clauses, ["acme", "roast"]);
    assert!(!room.run(&["acme (roast OR mocha)"], &input).out.contains("clause"));
}
