//! `hackernews:`. Documented (hn.algolia.com/api): the parameters, `hits` with `objectID`, `created_at_i`, `nbPages`, the
//! thousand hits that can be reached. Assumed: that what was deleted comes with null members.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use crate::world::{Thing, Trial, nothing_is_lost};
use cm_net::services::{Audience, Trouble, Wanted};
use serde_json::{Value, json};

fn nobody(server: &Server) -> Desk {
    Desk::new("hackernews:any", server)
}

fn address(n: u64) -> String {
    format!("https://news.ycombinator.com/item?id={n}")
}

fn answer(hits: &[Value]) -> Answer {
    json(&json!({"hits": hits, "nbHits": hits.len(), "page": 0, "nbPages": 1, "hitsPerPage": 1000}))
}

fn comment(n: u64, parent: u64, story: u64, author: &str) -> Value {
    json!({"objectID": n.to_string(), "author": author, "comment_text": "x", "parent_id": parent, "story_id": story,
        "created_at_i": now().timestamp() - i64::try_from(n).unwrap()})
}

/// The index: what is no newer and no older than asked, by pages of so many, of which a thousand hits can be had.
fn index(asked: &Asked, things: &[Thing], per_page: usize, reach: usize) -> Answer {
    let filters = parameter(asked, "numericFilters").unwrap_or_default();
    let bound =
        |operator: &str| filters.split(',').find_map(|f| f.strip_prefix(operator)?.parse::<i64>().ok());
    let (from, upto) = (bound("created_at_i>=").unwrap_or(0), bound("created_at_i<=").unwrap_or(i64::MAX));
    let found: Vec<Value> = things
        .iter()
        .filter(|thing| (from..=upto).contains(&thing.seconds()))
        .map(|thing| json!({"objectID": thing.n.to_string(), "author": "bob", "title": "x", "created_at_i": thing.seconds()}))
        .collect();
    let page: usize = parameter(asked, "page").unwrap().parse().unwrap();
    let reached = &found[..found.len().min(reach)];
    let hits: Vec<&Value> = reached.iter().skip(page * per_page).take(per_page).collect();
    json(
        &json!({"hits": hits, "nbHits": found.len(), "page": page, "nbPages": reached.len().div_ceil(per_page), "hitsPerPage": per_page}),
    )
}

#[test]
fn a_search() {
    let server = serve(|_| answer(&[comment(9, 8, 7, "ana")]));
    let run = nobody(&server).read("search?q=%22acme+roast%22+-bot", None, Some(now())).unwrap();
    let [item] = &run.items[..] else { panic!("{run:?}") };
    assert_eq!(
        (item.id.clone(), item.in_reply_to.clone(), item.thread.clone()),
        (address(9), Some(address(8)), Some(address(7)))
    );
    assert_eq!(
        (item.kind, item.audience, item.author.clone().unwrap().handle.as_deref()),
        ("comment", Some(Audience::Public), Some("ana"))
    );
    let [asked] = &server.asked()[..] else { panic!() };
    assert_eq!(path(asked), "api/v1/search_by_date");
    let said = |name| parameter(asked, name);
    assert_eq!(said("query").as_deref(), Some("\"acme roast\" -bot"));
    assert_eq!(said("tags").as_deref(), Some("(story,comment)"));
    assert_eq!(said("numericFilters"), Some(format!("created_at_i>={}", now().timestamp())));
    assert_eq!(
        (said("hitsPerPage").as_deref(), said("advancedSyntax").as_deref()),
        (Some("1000"), Some("true"))
    );
}

#[test]
fn who_answers_a_user() {
    let server = serve(|asked| match parameter(asked, "tags").unwrap() {
        tags if tags.contains("author_acme") => answer(&[
            comment(20, 11, 10, "acme"),
            json!({"objectID": "30", "author": "acme", "title": "We made it", "story_id": 30, "created_at_i": now().timestamp()}),
        ]),
        tags => {
            assert_eq!(tags, "comment,(story_10,story_30)");
            answer(&[
                comment(21, 20, 10, "bob"),
                comment(22, 11, 10, "eve"),
                comment(31, 30, 30, "eve"),
                comment(32, 31, 30, "acme"),
                comment(33, 30, 30, "acme"),
            ])
        }
    });
    let run = nobody(&server).read("comments?user=acme", None, None).unwrap();
    let met: Vec<(String, &str, bool)> =
        run.items.iter().map(|item| (item.id.clone(), item.kind, item.own)).collect();
    let of = |n, own| (address(n), "reply", own);
    assert_eq!(met, [of(21, false), of(31, false), of(33, true)], "what answers somebody else is left out");
    let again = nobody(&server).read("comments?user=acme", run.mark, None).unwrap();
    assert_eq!(again.items.len(), 3);
    let filters = parameter(&server.asked()[3], "numericFilters").unwrap();
    assert!(filters.starts_with("created_at_i>="), "{filters}");
}

#[test]
fn comments_on_a_story_come_whole() {
    let server = serve(|asked| {
        assert_eq!(parameter(asked, "tags").as_deref(), Some("comment,story_7"));
        assert_eq!(parameter(asked, "numericFilters"), None);
        answer(&[
            comment(9, 8, 7, "ana"),
            json!({"objectID": "8", "author": null, "comment_text": null, "parent_id": 7, "story_id": 7, "created_at_i": "1700000000"}),
            json!({"objectID": "not one"}),
            json!(null),
        ])
    });
    let items = nobody(&server).items("comments?of=7");
    assert_eq!(items.iter().map(|item| item.deleted).collect::<Vec<_>>(), [false, true]);
    assert!(
        !nobody(&server).reader().is_stream("comments?of=7")
            && nobody(&server).reader().is_stream("search?q=a")
    );
}

#[test]
fn odd_answers() {
    odd_codes(nobody, "search?q=acme");
    let server =
        serve(|_| (400, String::new(), r#"{"message":"invalid numeric attribute","status":400}"#.to_owned()));
    let Trouble::Refused(why) = nobody(&server).trouble("search?q=acme") else { panic!() };
    assert!(why.ends_with("answered 400: invalid numeric attribute"), "{why}");
    let server = serve(|_| answer(&[]));
    assert!(nobody(&server).read("search?q=acme", None, None).unwrap().mark.is_none());
    let wanted = Wanted { what: "search".into(), ..Wanted::default() };
    assert!(matches!(nobody(&server).page(&wanted, None), Err(Trouble::Refused(_))));
}

#[test]
fn a_second_that_is_fuller_than_a_page_is_read_on_and_what_cannot_be_had_is_told() {
    let second = |n: u64| json!({"objectID": n.to_string(), "author": "bob", "title": "x", "created_at_i": 1_700_000_000});
    for (all, reach, told) in [(5, 6, false), (9, 6, true)] {
        let server = serve(move |asked| {
            let filters = parameter(asked, "numericFilters").unwrap_or_default();
            let hits: Vec<Value> =
                if filters.contains("1699999999") { Vec::new() } else { (0..all).map(second).collect() };
            let page: usize = parameter(asked, "page").unwrap().parse().unwrap();
            let reached = &hits[..hits.len().min(reach)];
            let some: Vec<&Value> = reached.iter().skip(page * 2).take(2).collect();
            json(&json!({"hits": some, "nbPages": reached.len().div_ceil(2), "hitsPerPage": 2}))
        });
        let run = nobody(&server).read("new", None, None).unwrap();
        let met: std::collections::HashSet<&str> = run.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(met.len(), usize::try_from(all).unwrap().min(reach));
        assert_eq!(!run.notes.is_empty(), told, "{:?}", run.notes);
    }
}

#[test]
fn nothing_is_lost_while_people_write() {
    let trial = Trial { things: 600, late: 80_000, overlap: 86_400, page: 20 };
    nothing_is_lost(
        &trial,
        |asked, there| index(asked, there, 20, 40),
        nobody,
        "search?q=acme",
        |thing| address(thing.n),
    );
}
