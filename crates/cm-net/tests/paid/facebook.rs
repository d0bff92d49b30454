//! `facebook:`. Documented (developers.facebook.com): fields, `paging.cursors` and `paging.next` (which holds the token), codes of
//! errors, usage headers. Assumed: a cursor names its place by the entry before it and fails when that is gone.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{Audience, Trouble, Wanted};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

const TOKEN: &str = "EAAhush";

fn desk(server: &Server) -> Desk {
    Desk::new("facebook:acme", server).user("42").password(TOKEN)
}

fn date(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

type Comments = BTreeMap<u64, DateTime<Utc>>;

/// Posts with their comments: when each was written, which may be long before it is shown.
#[derive(Default)]
struct World {
    posts: BTreeMap<u64, (DateTime<Utc>, Comments)>,
}

fn post(number: u64, at: DateTime<Utc>) -> Value {
    json!({
        "id": format!("42_{number}"), "message": "Steam!", "created_time": date(at), "from": {"id": "42", "name": "Acme"},
        "permalink_url": format!("https://www.facebook.com/acme/posts/{number}"), "shares": {"count": 3},
        "reactions": {"summary": {"total_count": 5}},
    })
}

fn comment(post: u64, number: u64, at: DateTime<Utc>) -> Value {
    json!({"id": format!("{post}_{number}"), "message": "hot?", "created_time": date(at), "from": {"id": "7", "name": "Bob"}, "like_count": 1, "comment_count": 2})
}

/// A page of a list, newest first, in Facebook's words; the address of the next one holds the token.
fn edge(
    all: &[(DateTime<Utc>, u64)],
    after: Option<String>,
    most: usize,
    shown: impl Fn(u64, DateTime<Utc>) -> Value,
) -> Value {
    let mut all = all.to_vec();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let after: Option<usize> = after.map(|after| after.parse().unwrap());
    let from = after.unwrap_or_default();
    let page: Vec<Value> = all.iter().skip(from).take(most).map(|(at, n)| shown(*n, *at)).collect();
    let mut paging = json!({"cursors": {"before": "x", "after": (from + page.len()).to_string()}});
    if all.len() > from + page.len() {
        paging["next"] = format!("https://graph.facebook.com/v1/next?access_token={TOKEN}").into();
    }
    json!({"data": page, "paging": paging})
}

impl World {
    fn comments(&self, number: u64, after: Option<String>, most: usize) -> Value {
        let all: Vec<(DateTime<Utc>, u64)> = self.posts[&number].1.iter().map(|(n, at)| (*at, *n)).collect();
        edge(&all, after, most, |n, at| comment(number, n, at))
    }

    fn answer(&self, asked: &Asked) -> Answer {
        assert_eq!(parameter(asked, "access_token").as_deref(), Some(TOKEN));
        let after = parameter(asked, "after");
        let most: usize = parameter(asked, "limit").unwrap().parse().unwrap();
        if path(asked) == "v26.0/42/feed" {
            let all: Vec<(DateTime<Utc>, u64)> = self.posts.iter().map(|(n, (at, _))| (*at, *n)).collect();
            return json(&edge(&all, after, most, |n, at| {
                let mut post = post(n, at);
                post["comments"] = self.comments(n, None, 50);
                post
            }));
        }
        let number = path(asked).strip_prefix("v26.0/42_").unwrap().strip_suffix("/comments").unwrap();
        json(&self.comments(number.parse().unwrap(), after, most))
    }
}

/// Comments come on new posts and old ones, many at a time, some are shown late, some vanish while they are read.
#[test]
fn comments_arrive_wherever_they_are_written() {
    let world = Arc::new(Mutex::new(World::default()));
    {
        let mut world = world.lock().unwrap();
        for n in 0..80_u64 {
            world.posts.insert(n, (now() - TimeDelta::days(n as i64 * 4), BTreeMap::new()));
        }
    }
    let (held, turn) = (Arc::clone(&world), Mutex::new(0_u64));
    let server = serve(move |asked| {
        let mut world = held.lock().unwrap();
        let answer = world.answer(asked);
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        // The oldest comment of a post vanishes: lists read from the new end do not shift by that.
        let gone = *turn % 80;
        if let Some((_, comments)) = world.posts.get_mut(&gone) {
            comments.pop_first();
        }
        answer
    });
    let (mut mark, mut met, mut handed) = (None, BTreeSet::new(), 0);
    for run in 0..5_i64 {
        let at = now() + TimeDelta::days(run);
        {
            let mut world = world.lock().unwrap();
            let write = |world: &mut World, post: u64, count: u64, written: DateTime<Utc>| {
                let base = run as u64 * 10_000;
                let comments = &mut world.posts.get_mut(&post).unwrap().1;
                comments.extend((0..count).map(|n| (base + n, written - TimeDelta::seconds(n as i64 / 3))));
            };
            write(&mut world, 1, 400, at);
            write(&mut world, 30, 20, at - TimeDelta::hours(3));
            write(&mut world, 79, 9, at - TimeDelta::hours(3));
            // Shown late: written before what the last run had.
            write(&mut world, 3, 5, at - TimeDelta::days(3));
        }
        let read = Desk { now: at, ..desk(&server) }.read("comments", mark, None).unwrap();
        handed += read.items.len();
        met.extend(read.items.into_iter().map(|item| item.id));
        mark = read.mark;
        assert_eq!(read.notes, [] as [String; 0]);
    }
    let world = world.lock().unwrap();
    let lost: Vec<String> = world
        .posts
        .iter()
        .flat_map(|(post, (_, comments))| {
            comments.keys().map(move |n| format!("https://www.facebook.com/{post}_{n}"))
        })
        .filter(|id| !met.contains(id))
        .collect();
    assert!(lost.is_empty(), "{} of {}: {:?}", lost.len(), met.len(), &lost[..lost.len().min(9)]);
    assert!(handed < met.len() * 3, "{handed} handed out of {}", met.len());
    assert!(!mark.unwrap().contains("after"), "no cursor is kept");
}

#[test]
fn a_comment_and_its_post() {
    let server = serve(|asked| {
        if path(asked).ends_with("published_posts") {
            let mut plain = post(1, now());
            plain["from"] = Value::Null;
            plain["attachments"] = json!({"data": [
                {"media_type": "album", "subattachments": {"data": [{"media": {"image": {"src": "https://cdn.example/1.jpg"}}, "description": "a cup"}]}},
                {"media_type": "link", "url": "https://acme.example/tea"},
            ]});
            return json(&json!({"data": [plain]}));
        }
        if path(asked).ends_with("tagged") {
            let mut tagged = post(9, now());
            tagged["from"] = json!({"id": "7", "name": "Bob"});
            return json(&json!({"data": [tagged]}));
        }
        if path(asked) == "v26.0/42" {
            return json(
                &json!({"id": "42", "name": "Acme", "username": "acmetea", "followers_count": 9, "fan_count": 8, "link": "https://www.facebook.com/acmetea"}),
            );
        }
        let mut with = post(1, now());
        let mut nested = comment(1, 3, now());
        nested["parent"] = json!({"id": "1_2"});
        nested["from"] = json!({"id": "42", "name": "Acme"});
        let mut nobody = comment(1, 2, now());
        nobody["from"] = Value::Null;
        nobody["is_hidden"] = true.into();
        with["comments"] = json!({"data": [nested, nobody, {"id": null}]});
        let mut visitor = post(5, now());
        visitor["from"] = json!({"id": "8", "name": "Eve"});
        let usage = json!({"call_count": 28, "total_time": 95, "total_cputime": 20}).to_string();
        (200, format!("X-App-Usage: {usage}\r\n"), json!({"data": [with, visitor]}).to_string())
    });
    let run = desk(&server).read("comments", None, None).unwrap();
    let (nested, nobody, visitor) = (&run.items[0], &run.items[1], &run.items[2]);
    assert_eq!(nested.in_reply_to.as_ref(), Some(&nobody.id), "an answer finds what it answers");
    assert_eq!((nested.thread.as_deref(), nested.own), (Some("https://www.facebook.com/42_1"), true));
    assert_eq!(
        (nobody.author.as_ref(), nobody.audience, nobody.status.as_deref()),
        (None, None, Some("held"))
    );
    assert_eq!(nobody.in_reply_to, nobody.thread);
    assert_eq!((visitor.kind, visitor.own, run.items.len()), ("mention", false, 3));
    assert_eq!(run.limit.unwrap().remaining, 5, "percent, of the limit that is used most");
    let posts = desk(&server).items("posts");
    assert!(posts[0].own && posts[0].thread.as_deref() == Some("https://www.facebook.com/42_1"));
    assert_eq!(
        (posts[0].counts["likes"], posts[0].counts["shares"], posts[0].audience),
        (5, 3, Some(Audience::Public))
    );
    assert_eq!(
        (posts[0].media[0].alt.as_deref(), posts[0].external_url.as_deref()),
        (Some("a cup"), Some("https://acme.example/tea"))
    );
    let tagged = &desk(&server).items("mentions")[0];
    assert_eq!(
        (tagged.kind, tagged.own, tagged.author.as_ref().unwrap().name.as_deref()),
        ("mention", false, Some("Bob"))
    );
    let run = desk(&server).read("profile", None, None).unwrap();
    assert_eq!((run.items[0].counts["followers"], run.items[0].id.as_str()), (9, "profiles/42/2026-11-22"));
    let count = server.asked().len();
    assert_eq!(
        (desk(&server).read("profile", run.mark, None).unwrap().items.len(), server.asked().len()),
        (0, count)
    );
}

#[test]
fn another_version_is_asked_for_by_name_or_address() {
    let server = serve(|_| json(&json!({"data": []})));
    let mut old = desk(&server);
    old.account.api_version = Some("v25.0".to_owned());
    old.items("posts");
    let mut pinned = desk(&server);
    pinned.account.url = Some(server.url("v24.0").into());
    pinned.items("posts");
    let asked: Vec<String> = server.asked().iter().map(|asked| path(asked).to_owned()).collect();
    assert_eq!(asked, ["v25.0/42/published_posts", "v24.0/42/published_posts"]);
}

#[test]
fn what_refusals_mean() {
    odd_codes(desk, "posts");
    let said = |headers: &'static str, error: Value| {
        let server = serve(move |_| (400, headers.to_owned(), json!({"error": error}).to_string()));
        desk(&server).trouble("posts")
    };
    for code in [4, 17, 32, 613, 80_001] {
        let why = said("", json!({"message": "(#4) Application request limit reached", "code": code}));
        let Trouble::Later { after: Some(after), .. } = why else { panic!("{why:?}") };
        assert_eq!((after - now()).num_minutes(), 60, "an hour that rolls on");
    }
    let usage = "X-Business-Use-Case-Usage: {\"42\":[{\"type\":\"pages\",\"call_count\":100,\"estimated_time_to_regain_access\":17}]}\r\n";
    let Trouble::Later { after: Some(after), .. } = said(usage, json!({"code": 80_001})) else { panic!() };
    assert_eq!((after - now()).num_minutes(), 17);
    let expired =
        said("", json!({"message": format!("Error validating {TOKEN}"), "code": 190, "error_subcode": 463}));
    assert!(matches!(expired, Trouble::Credentials(_)) && !expired.to_string().contains(TOKEN), "{expired}");
    for code in [10, 200] {
        let why = said("", json!({"code": code, "message": "(#200) no"}));
        assert!(
            matches!(why, Trouble::Refused(_)) && why.to_string().contains("pages_read_engagement"),
            "{why}"
        );
    }
    assert!(matches!(said("", json!({"code": 100})), Trouble::Refused(_)));
    assert!(said("", json!({"code": 100, "error_subcode": 33})).to_string().contains("no such page"));
    assert!(matches!(said("", json!({"code": 2, "is_transient": true})), Trouble::Later { .. }));
}

/// "Please reduce the amount of data you're asking for": asked again the same way it would be refused for ever.
#[test]
fn less_is_asked_for_where_it_is_too_much() {
    let world = World { posts: (0..12).map(|n| (n, (now(), [(n + 100, now())].into()))).collect() };
    let server = serve(move |asked| match parameter(asked, "limit").as_deref() {
        Some("25") => {
            let why = "Please reduce the amount of data you're asking for, then retry your request";
            (500, String::new(), json!({"error": {"code": 1, "message": why}}).to_string())
        }
        _ => world.answer(asked),
    });
    assert_eq!(desk(&server).items("comments").len(), 12);
    let never = serve(|_| {
        (
            500,
            String::new(),
            json!({"error": {"code": 1, "message": "Please reduce the amount of data"}}).to_string(),
        )
    });
    assert!(matches!(desk(&never).trouble("comments"), Trouble::Later { .. }));
    assert_eq!(never.asked().len(), 3);
}

#[test]
fn a_page_is_known_by_its_number() {
    let server = serve(|_| json(&json!({"data": []})));
    let named = desk(&server).user("acme.tea");
    let open = cm_net::services::network("facebook:acme").unwrap().read.unwrap();
    let why = open(&named.account, &named).err().unwrap();
    assert!(why.contains("no number of a page"), "its own comments would be strangers': {why}");
}

#[test]
fn the_token_stays_where_it_belongs() {
    let world = World { posts: (0..60).map(|n| (n, (now(), BTreeMap::new()))).collect() };
    let server = serve(move |asked| world.answer(asked));
    let wanted = Wanted { what: "comments".to_owned(), ..Wanted::default() };
    let page = desk(&server).page(&wanted, None).unwrap();
    assert!(!format!("{page:?}").contains(TOKEN), "not in what is handed on");
    let next = page.next.unwrap();
    desk(&server).page(&wanted, Some(&next)).unwrap();
    assert!(server.asked().iter().all(|asked| !asked.path().contains("/next")), "built by the cursor");
}
