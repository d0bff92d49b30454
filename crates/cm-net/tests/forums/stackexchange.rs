//! `stackexchange:`. Documented (api.stackexchange.com/docs): the wrapper (`items`, `has_more`, `backoff`, `quota_*`), that
//! `min` and `max` are about what a list is sorted by, errors as 400 with a name. Seen in questions about it
//! (meta.stackexchange.com/questions/256691): the words of a throttle_violation.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use crate::world::{Thing, Trial, nothing_is_lost};
use cm_net::services::{self, Trouble};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};

fn nobody(server: &Server) -> Desk {
    Desk::new("stackexchange:stackoverflow", server)
}

fn question(thing: &Thing) -> Value {
    json!({"question_id": thing.n, "title": "x", "creation_date": thing.seconds(), "last_activity_date": thing.seconds()})
}

fn site(asked: &Asked, things: &[Thing]) -> Answer {
    let number = |name: &str| parameter(asked, name).map(|text| text.parse::<i64>().unwrap());
    let (from, upto) = (number("min").unwrap_or(0), number("max").unwrap_or(i64::MAX));
    let found: Vec<Value> =
        things.iter().filter(|thing| (from..=upto).contains(&thing.seconds())).map(question).collect();
    let page = usize::try_from(number("page").unwrap()).unwrap() - 1;
    let items: Vec<&Value> = found.iter().skip(page * 10).take(10).collect();
    json(
        &json!({"items": items, "has_more": found.len() > page * 10 + 10, "quota_max": 300, "quota_remaining": 299}),
    )
}

#[test]
fn a_search_with_a_key() {
    let server = serve(|_| {
        json(
            &json!({"items": [{"question_id": 7, "title": "A &lt; B", "creation_date": 1_795_000_000, "last_activity_date": 1_795_000_000}],
            "has_more": false, "quota_max": 10_000, "quota_remaining": 9_998}),
        )
    });
    let run =
        nobody(&server).client_id("a-key").read("search?q=acme&tagged=rust", None, Some(now())).unwrap();
    assert_eq!(run.items[0].title.as_deref(), Some("A < B"));
    let limit = run.limit.unwrap();
    assert_eq!(
        (limit.limit, limit.remaining, limit.reset.unwrap().to_rfc3339().as_str()),
        (10_000, 9_998, "2026-11-23T00:00:00+00:00")
    );
    let [asked] = &server.asked()[..] else { panic!() };
    assert_eq!(path(asked), "2.3/search/advanced");
    for (name, value) in [
        ("site", "stackoverflow"),
        ("q", "acme"),
        ("tagged", "rust"),
        ("sort", "activity"),
        ("key", "a-key"),
        ("filter", "withbody"),
        ("min", "1795338000"),
        ("order", "desc"),
    ] {
        assert_eq!(parameter(asked, name).as_deref(), Some(value), "{name}");
    }
    assert!(asked.header("accept-encoding").unwrap().contains("gzip"));
}

#[test]
fn the_inbox_needs_a_token_that_nobody_sees() {
    let server = serve(|asked| match parameter(asked, "access_token").as_deref() {
        Some("hush-hush") => json(&json!({"items": [], "has_more": false})),
        given => (
            400,
            String::new(),
            json!({"error_id": 402, "error_name": "invalid_access_token", "error_message": given})
                .to_string(),
        ),
    });
    let Trouble::Credentials(why) = nobody(&server).trouble("inbox") else { panic!() };
    assert!(why.contains("needs an access token") && server.asked().is_empty(), "{why}");
    let keyed = nobody(&server).client_id("a-key");
    assert!(keyed.clone().password("hush-hush").items("inbox").is_empty());
    let Trouble::Credentials(why) = keyed.password("wrong-hush").trouble("inbox") else { panic!() };
    assert!(why.contains("invalid_access_token") && !why.contains("wrong-hush"), "{why}");
    let bare = nobody(&server).password("hush-hush");
    let open = services::network("stackexchange:x").unwrap().read.unwrap();
    assert!(open(&bare.account, &bare).err().unwrap().contains("client_id"));
}

#[test]
fn a_pause_is_kept_within_a_run_and_from_run_to_run() {
    let times: &'static Mutex<Vec<Instant>> = Box::leak(Box::default());
    let server = serve(move |asked| {
        let mut times = times.lock().unwrap();
        times.push(Instant::now());
        let (first, at) = (times.len() == 1, 1_795_000_000 - i64::try_from(times.len()).unwrap());
        let backoff = if first { 1 } else { 120 };
        assert_eq!(path(asked), "2.3/questions");
        json(
            &json!({"items": [{"question_id": 7, "last_activity_date": at}], "has_more": first, "backoff": backoff}),
        )
    });
    let desk = nobody(&server);
    let run = desk.read("questions", None, None).unwrap();
    assert_eq!(run.pages, 2);
    let asked = times.lock().unwrap().clone();
    let between = asked[1] - asked[0];
    assert!(between >= Duration::from_secs(1), "{between:?}");
    let Trouble::Later { after: Some(after), .. } = desk.trouble("questions") else { panic!() };
    assert_eq!((after - now()).num_seconds(), 121);
    assert_eq!(server.asked().len(), 2, "it was not asked again");
    let later = Desk { now: after, ..desk };
    assert!(later.read("questions", None, None).is_ok());
}

#[test]
fn odd_answers() {
    odd_codes(nobody, "questions?tagged=rust");
    let error = |id: u64, name: &str, words: &str| {
        let body = json!({"error_id": id, "error_name": name, "error_message": words}).to_string();
        let server = serve(move |_| (400, String::new(), body.clone()));
        nobody(&server).trouble("questions")
    };
    let throttled = error(
        502,
        "throttle_violation",
        "too many requests from this IP, more requests available in 600 seconds",
    );
    let Trouble::Later { after: Some(after), reason } = throttled else { panic!() };
    assert_eq!((after - now()).num_seconds(), 600, "{reason}");
    assert!(matches!(
        error(502, "throttle_violation", "Violation of backoff parameter"),
        Trouble::Later { after: None, .. }
    ));
    assert!(matches!(error(503, "temporarily_unavailable", "x"), Trouble::Later { .. }));
    assert!(matches!(error(403, "access_denied", "x"), Trouble::Credentials(_)));
    let Trouble::Refused(why) = error(400, "bad_parameter", "site is invalid") else { panic!() };
    assert!(why.contains("site is invalid (bad_parameter)"), "{why}");
}

#[test]
fn nothing_is_lost_while_people_write() {
    let trial = Trial { things: 600, late: 7000, overlap: 7200, page: 10 };
    nothing_is_lost(&trial, site, nobody, "questions", |thing| format!("posts/{}", thing.n));
}
