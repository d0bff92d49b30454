//! The traps that the sources of YOURLS, Kutt and the others hold, by name.

use crate::fakes::{form, yourls::Row};
use crate::world::*;
use serde_json::{Value, json};

#[test]
fn yourls_says_400_for_a_url_that_is_there_and_the_link_is_in_it() {
    for elder in [false, true] {
        let world = yourls("");
        {
            let mut state = world.fake.state.lock().unwrap();
            state.elder = elder;
            state.rows.push(Row {
                keyword: "old".into(),
                url: "https://a.example/".into(),
                title: "A".into(),
                clicks: 12,
            });
        }
        let made = one(&world.run(&["add", "https://a.example/"]));
        assert_eq!((&made["slug"], &made["created"]), (&json!("old"), &json!(false)), "elder: {elder}");
        assert_eq!(made["clicks"]["total"], 12, "a text or a number");
        assert_eq!(world.fake.questions(), 1);
    }
}

#[test]
fn yourls_rewrites_keywords_in_silence_and_that_is_told() {
    let world = yourls("");
    let done = world.run(&["add", "https://a.example/", "--slug", "spring-sale"]);
    assert_eq!(done.code, 3);
    assert!(done.err.contains("the link is there as springsale, not as spring-sale"), "{}", done.err);
    let made: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(made["short_url"], "https://s.example/springsale", "it is there, so it is shown");
}

#[test]
fn yourls_is_always_told_json_and_a_title_and_the_signature_in_the_body_only() {
    let world = yourls("");
    let untitled = json!({"id": "1", "url": "https://a.example/", "content_text": "x"}).to_string();
    assert_eq!(world.filter(&[], &untitled).code, 0);
    let asked = world.fake.server.asked();
    let form = form(&asked[0]);
    assert_eq!((form["format"].as_str(), form["title"].as_str()), ("json", "https://a.example/"));
    assert_eq!(asked[0].line, "POST /yourls-api.php HTTP/1.1");
    assert!(asked[0].headers.iter().all(|header| !header.contains(crate::fakes::yourls::TOKEN)));
    assert_eq!(world.fake.state.lock().unwrap().fetched, 0);
}

#[test]
fn yourls_refuses_its_own_links_and_others_go_on() {
    let world = yourls("");
    let input = record("https://s.example/1") + &record("https://a.example/");
    let done = world.filter(&[], &input);
    assert_eq!(done.code, 3);
    assert!(done.err.lines().count() == 1 && done.err.contains("URL is a short URL"), "{}", done.err);
    assert_eq!(links(&done).len(), 1);
    let again = world.filter(&[], &done.out);
    assert_eq!(again.out, done.out, "a second pass changes no byte");
}

#[test]
fn kutt_says_500_for_a_taken_name_and_is_not_asked_again() {
    let world = kutt();
    world.run(&["add", "https://a.example/", "--slug", "sale"]);
    let before = world.fake.questions();
    let done = world.run(&["add", "https://b.example/", "--slug", "sale"]);
    assert_eq!((done.code, done.out.as_str()), (3, ""));
    assert!(done.err.contains("Custom URL is already in use."), "{}", done.err);
    let asked = world.fake.server.asked();
    let posts = asked[before..].iter().filter(|asked| asked.line.starts_with("POST")).count();
    assert_eq!(posts, 1, "no repeat mends it");
}

#[test]
fn kutt_hands_out_a_banned_link_and_it_is_not_used() {
    let world = kutt();
    world.fake.state.lock().unwrap().rows.push(json!({"address": "ku9", "link": "https://ku.example/ku9",
        "target": "https://a.example/", "banned": true, "visit_count": 1}));
    let done = world.filter(&[], &record("https://a.example/"));
    assert_eq!(done.code, 3);
    assert!(done.err.contains("banned") && links(&done).is_empty(), "{}", done.err);
}

#[test]
fn a_link_that_leads_elsewhere_is_not_used() {
    let world = kutt();
    world.fake.say(
        200,
        "",
        r#"{"id":"1","address":"k","link":"https://ku.example/k","target":"https://evil.example/","visit_count":0}"#,
    );
    let done = world.filter(&[], &record("https://a.example/"));
    assert_eq!(done.code, 3);
    assert!(done.err.contains("https://ku.example/k, which leads to https://evil.example/"), "{}", done.err);
    assert!(links(&done).is_empty());
}

#[test]
fn dub_says_409_for_our_own_name_and_the_link_is_looked_up_by_it() {
    let world = dub();
    let first = one(&world.run(&["add", "https://a.example/"]));
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    let again = one(&world.run(&["add", "https://a.example/"]));
    assert_eq!((&again["short_url"], &again["created"]), (&first["short_url"], &json!(false)));
    assert_eq!(world.fake.state.lock().unwrap().rows.len(), 1);
    let last = world.fake.server.asked().pop().unwrap();
    assert!(last.line.contains("/links/info?externalId=ext_"), "{}", last.line);
}

#[test]
fn kutt_makes_no_second_link_that_ends_where_the_answer_to_the_first_was_lost() {
    let world = kutt();
    let add = |expires: &str| one(&world.run(&["add", "https://a.example/", "--expires", expires]));
    let first = add("2026-12-01T00:00:30Z");
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    assert_eq!(add("2026-12-01T00:00:30Z")["short_url"], first["short_url"]);
    assert_ne!(add("2026-12-02T00:00:30Z")["short_url"], first["short_url"], "another end is another link");
    assert_eq!(world.fake.state.lock().unwrap().rows.len(), 2);
    // One key may have several domains: a link of another is not the one that is asked for.
    let config = std::fs::read_to_string(world.home.path("cm.toml")).unwrap();
    world.home.file("cm.toml", &format!("{config}domain = 'b.example'\n"));
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    let there = add("2026-12-01T00:00:30Z")["short_url"].clone();
    assert!(there.as_str().unwrap().starts_with("https://b.example/"), "{there}");
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    assert_eq!(add("2026-12-01T00:00:30Z")["short_url"], there);
    // And the other way round: without a domain one is asked for on the server's own.
    let own = |row: &Value| row["domain"].is_null() && row["target"] == "https://a.example/";
    world.fake.state.lock().unwrap().rows.retain(|row| !own(row));
    world.home.file("cm.toml", &config);
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    let here = add("2026-12-01T00:00:30Z")["short_url"].clone();
    assert!(here.as_str().unwrap().starts_with("https://ku.example/"), "{here}");
}

#[test]
fn bitly_refuses_a_name_that_is_taken_and_one_of_the_same_link_is_met() {
    let world = bitly("");
    let add = |url: &str| world.run(&["add", url, "--slug", "sale"]);
    let first = one(&add("https://a.example/"));
    std::fs::remove_dir_all(world.home.path("state")).unwrap();
    let again = one(&add("https://a.example/"));
    assert_eq!((&again["short_url"], &again["created"]), (&first["short_url"], &json!(false)));
    let other = add("https://b.example/");
    assert_eq!((other.code, other.out.as_str()), (3, ""));
    assert!(other.err.contains("KEYWORD_ALREADY_TAKEN"), "{}", other.err);
}

#[test]
fn tinyurl_has_a_list_for_data_when_it_fails_even_with_200() {
    let world = tinyurl();
    world.fake.say(200, "", r#"{"data":[],"code":5,"errors":["The URL is on a block list."]}"#);
    let done = world.filter(&[], &(record("https://a.example/") + &record("https://b.example/")));
    assert_eq!(done.code, 3);
    assert!(done.err.contains("The URL is on a block list."), "{}", done.err);
    assert_eq!(links(&done).len(), 1);
}

#[test]
fn bitly_tells_a_month_that_is_used_up_and_nothing_more_is_asked() {
    let world = bitly("");
    world.fake.say(429, "", r#"{"message":"MONTHLY_ENCODE_LIMIT_EXCEEDED"}"#);
    let input = records(3);
    let done = world.filter(&[], &input);
    assert_eq!((done.code, done.out == input, world.fake.questions()), (3, true, 1), "{}", done.err);
    assert!(
        done.err.contains("MONTHLY_ENCODE_LIMIT_EXCEEDED") && done.err.lines().count() == 1,
        "{}",
        done.err
    );
}

#[test]
fn is_gd_says_502_for_too_many() {
    let world = isgd("max_wait = '0s'\n");
    world.fake.say(502, "", "Error: rate limit");
    let done = world.filter(&[], &records(2));
    assert_eq!((done.code, done.out == records(2), world.fake.questions()), (3, true, 1), "{}", done.err);
}
