//! `linkedin:`. Documented (learn.microsoft.com/linkedin): versions and their headers, Rest.li's encoding, `start` and `count`,
//! members of posts and comments, 426 for a version that has ended. Assumed: the members of notifications beside those in the
//! documentation's one example, that they come newest first, and that a quota ends at midnight.

use crate::desk::{Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::Server;
use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{Audience, Trouble};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

const ACTIVITY: &str = "urn:li:activity:71";

fn desk(server: &Server) -> Desk {
    Desk::new("linkedin:acme", server).user("urn:li:organization:42").password("hush-hush")
}

fn told(number: u64, at: DateTime<Utc>) -> Value {
    let urn = format!("urn:li:comment:({ACTIVITY},{number})");
    json!({
        "action": "COMMENT", "notificationId": number, "lastModifiedAt": at.timestamp_millis(), "sourcePost": "urn:li:share:71",
        "organizationalEntity": "urn:li:organization:42", "generatedActivity": urn,
        "decoratedGeneratedActivity": {"comment": {"entity": urn, "owner": "urn:li:person:bob", "text": "hot \\(very\\)"}},
    })
}

#[test]
fn comments_mentions_and_posts() {
    let server = serve(|asked| {
        let action = parameter(asked, "actions");
        if path(asked) == "rest/posts" {
            return json(&json!({"elements": [
                {
                    "id": "urn:li:share:71", "author": "urn:li:organization:42", "commentary": "so {hashtag|\\#|tea}", "visibility": "PUBLIC",
                    "lifecycleState": "PUBLISHED", "publishedAt": 1_795_338_000_000_i64, "lastModifiedAt": 1_795_338_500_000_i64,
                    "lifecycleStateInfo": {"isEditedByAuthor": true}, "content": {"article": {"source": "https://acme.example/tea", "title": "Tea"}},
                },
                {"id": "urn:li:share:72", "lifecycleState": "DRAFT"},
            ], "paging": {"start": 0, "count": 100, "links": []}}));
        }
        if action.as_deref() == Some("List(SHARE_MENTION)") {
            let mut mention = told(9, now());
            mention["action"] = "SHARE_MENTION".into();
            mention["generatedActivity"] = "urn:li:share:99".into();
            mention["decoratedGeneratedActivity"] = json!({"share": {"entity": "urn:li:share:99", "owner": "urn:li:person:eve", "text": "see @[Acme](urn:li:organization:42)"}});
            return json(&json!({"elements": [mention, {"action": "LIKE"}]}));
        }
        json(&json!({"elements": [told(7, now())]}))
    });
    let comment = &desk(&server).items("comments")[0];
    assert_eq!(comment.id, "urn:li:comment:(urn:li:activity:71,7)");
    assert_eq!((comment.kind, comment.text.as_deref()), ("comment", Some("hot (very)")));
    assert_eq!(
        (comment.in_reply_to.as_deref(), comment.thread.as_deref()),
        (Some("urn:li:share:71"), Some("urn:li:share:71"))
    );
    assert!(
        comment
            .url
            .as_deref()
            .unwrap()
            .starts_with("https://www.linkedin.com/feed/update/urn:li:activity:71?commentUrn=urn%3A")
    );
    let mentions = desk(&server).items("mentions");
    assert_eq!(
        (mentions.len(), mentions[0].kind, mentions[0].text.as_deref()),
        (1, "mention", Some("see Acme"))
    );
    let posts = desk(&server).items("posts");
    let post = &posts[0];
    assert_eq!((posts.len(), post.own, post.audience), (1, true, Some(Audience::Public)));
    assert_eq!(
        (post.text.as_deref(), &post.tags[..], post.external_url.as_deref()),
        (Some("so #tea"), &["tea".to_owned()][..], Some("https://acme.example/tea"))
    );
    assert!(post.modified.is_some());
    let first = &server.asked()[0];
    assert_eq!(
        (first.header("linkedin-version"), first.header("x-restli-protocol-version")),
        (Some("202607"), Some("2.0.0"))
    );
    assert!(
        first.path().contains(
            "actions=List(COMMENT,ADMIN_COMMENT)&organizationalEntity=urn%3Ali%3Aorganization%3A42"
        ),
        "{}",
        first.path()
    );
}

#[test]
fn a_thread_with_its_answers() {
    let below = |number: u64, parent: Option<&str>, answers: u64| {
        json!({
            "id": number.to_string(), "actor": if number == 3 { "urn:li:organization:42" } else { "urn:li:person:bob" }, "object": ACTIVITY,
            "commentUrn": format!("urn:li:comment:({ACTIVITY},{number})"), "message": {"text": "hm"}, "parentComment": parent,
            "created": {"time": 1_795_338_000_000_i64}, "lastModified": {"time": 1_795_338_000_000_i64},
            "commentsSummary": {"totalFirstLevelComments": answers, "aggregatedTotalComments": answers}, "likesSummary": {"aggregatedTotalLikes": 4},
        })
    };
    let server = serve(move |asked| {
        let parent = format!("urn:li:comment:({ACTIVITY},2)");
        let elements = match path(asked) {
            "rest/socialActions/urn%3Ali%3Ashare%3A71/comments" => {
                json!([below(1, None, 0), below(2, None, 1)])
            }
            "rest/socialActions/urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A71%2C2%29/comments" => {
                json!([below(3, Some(&parent), 0)])
            }
            other => panic!("{other}"),
        };
        json(&json!({"elements": elements, "paging": {"links": []}}))
    });
    let items = desk(&server).items("comments?post=urn:li:share:71");
    assert_eq!(items.len(), 3);
    assert_eq!((items[2].own, items[2].in_reply_to.as_ref()), (true, Some(&items[1].id)));
    assert_eq!(
        (items[0].in_reply_to.as_deref(), items[1].counts["likes"], items[1].counts["replies"]),
        (Some(ACTIVITY), 4, 1)
    );
    assert!(matches!(desk(&server).trouble("comments?post=7"), Trouble::Refused(_)));
    let streams =
        ["comments?post=urn:li:share:71", "comments"].map(|what| desk(&server).reader().is_stream(what));
    assert_eq!(streams, [false, true], "a post's comments come whole, however old");
}

/// Notifications come while pages are read, some are sorted in late, some vanish: what stays arrives.
#[test]
fn nothing_is_lost_from_run_to_run() {
    let world: Arc<Mutex<BTreeMap<u64, DateTime<Utc>>>> = Arc::default();
    let (held, turn) = (Arc::clone(&world), Mutex::new(0_u64));
    let server = serve(move |asked| {
        let number = |name: &str| parameter(asked, name).unwrap().parse::<usize>().unwrap();
        let mut world = held.lock().unwrap();
        let mut all: Vec<(DateTime<Utc>, u64)> = world.iter().map(|(n, at)| (*at, *n)).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        let page: Vec<Value> =
            all.iter().skip(number("start")).take(number("count")).map(|(at, n)| told(*n, *at)).collect();
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        // Some that were read vanish, which moves up what is behind them; new ones push all down; in turn.
        if *turn % 2 == 0 {
            for (_, number) in all.iter().take(8) {
                world.remove(number);
            }
        } else {
            let newest = all[0].0;
            world.extend((0..3).map(|n| (900_000 + *turn * 10 + n, newest)));
        }
        json(&json!({"elements": page}))
    });
    let id = |n: &u64| format!("urn:li:comment:({ACTIVITY},{n})");
    let (mut mark, mut met, mut handed) = (None, BTreeSet::new(), 0);
    for run in 0..5_i64 {
        let at = now() + TimeDelta::hours(run * 30);
        {
            let mut world = world.lock().unwrap();
            let base = run as u64 * 1000;
            world.extend((0..250).map(|n| (base + n, at - TimeDelta::seconds(n as i64 / 120))));
            world.extend((250..255).filter(|_| run > 0).map(|n| (base + n, at - TimeDelta::hours(40))));
        }
        let read = Desk { now: at, ..desk(&server) }.read("comments", mark, None).unwrap();
        handed += read.items.len();
        met.extend(read.items.into_iter().map(|item| item.id));
        mark = read.mark;
        let world = world.lock().unwrap();
        let base = run as u64 * 1000;
        let lost: Vec<&u64> =
            world.range(base..base + 255).map(|(n, _)| n).filter(|n| !met.contains(&id(n))).collect();
        assert!(lost.is_empty(), "run {run}: {lost:?}");
    }
    // What came while the last run read comes with the next.
    let read =
        Desk { now: now() + TimeDelta::days(7), ..desk(&server) }.read("comments", mark, None).unwrap();
    met.extend(read.items.into_iter().map(|item| item.id));
    let world = world.lock().unwrap();
    let last = world.keys().filter(|n| **n >= 900_000).max().copied().unwrap_or_default() / 10;
    let lost: Vec<&u64> = world.keys().filter(|n| !met.contains(&id(n)) && **n / 10 < last - 3).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(handed < met.len() * 3, "{handed} handed out of {}", met.len());
}

/// "A page may be shorter than was asked for": however short, the next one is asked for.
#[test]
fn short_pages_lead_on() {
    let server = serve(|asked| {
        let start: u64 = parameter(asked, "start").unwrap().parse().unwrap();
        let page: Vec<Value> = (start..(start + 10).min(35)).map(|n| told(n, now())).collect();
        let links = if start + 10 < 35 { json!([{"rel": "next"}]) } else { json!([]) };
        json(&json!({"elements": page, "paging": {"links": links}}))
    });
    let met: BTreeSet<String> = desk(&server).items("comments").into_iter().map(|item| item.id).collect();
    assert_eq!(met.len(), 35);
}

#[test]
fn what_refusals_mean() {
    odd_codes(desk, "posts");
    let said = |status: u16, headers: &'static str, body: &'static str| {
        let server = serve(move |_| (status, headers.to_owned(), body.to_owned()));
        desk(&server).trouble("comments")
    };
    for (status, body) in [
        (426, r#"{"code":"NONEXISTENT_VERSION","message":"Requested version 202607 is not active"}"#),
        (400, r#"{"code":"NONEXISTENT_VERSION"}"#),
    ] {
        let why = said(status, "", body);
        assert!(
            matches!(why, Trouble::Refused(_)) && why.to_string().contains("set api_version to a newer one"),
            "{why}"
        );
    }
    assert!(
        said(401, "", r#"{"message":"token hush-hush is revoked"}"#).to_string().contains("after 60 days")
    );
    assert!(!said(401, "", r#"{"message":"token hush-hush is revoked"}"#).to_string().contains("hush"));
    let closed = said(403, "", "{}");
    assert!(matches!(closed, Trouble::Refused(_)) && closed.to_string().contains("r_organization_social"));
    let Trouble::Later { after: Some(after), .. } = said(429, "", "{}") else { panic!() };
    assert_eq!(after.to_rfc3339(), "2026-11-23T00:00:00+00:00", "the day ends in UTC");
}

#[test]
fn another_version_is_a_setting() {
    let server = serve(|_| json(&json!({"elements": []})));
    let mut newer = desk(&server);
    newer.account.api_version = Some("202611".to_owned());
    newer.items("posts");
    assert_eq!(server.asked()[0].header("linkedin-version"), Some("202611"));
}
