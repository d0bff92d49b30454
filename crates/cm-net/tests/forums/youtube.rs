//! `youtube:`. Documented (developers.google.com/youtube/v3): parameters, resources, five replies with a thread, reasons of
//! errors, one unit a question, quotas anew at midnight Pacific. Assumed: `error.details` for a key that is not valid, and
//! that tokens of pages hold their place while comments go.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use crate::world::{Thing, Trial, nothing_is_lost};
use cm_net::services::Trouble;
use serde_json::{Value, json};

fn ours(server: &Server) -> Desk {
    Desk::new("youtube:acme", server).user("UCacme").password("hush-key")
}

fn comment(id: &str, channel: &str, at: &str) -> Value {
    json!({"id": id, "snippet": {"textOriginal": "Hi", "authorDisplayName": "@ana", "authorChannelId": {"value": channel},
        "likeCount": 3, "publishedAt": at, "updatedAt": at}})
}

fn thread(id: &str, at: &str, replies: u64, told: &[Value]) -> Value {
    json!({"id": id, "snippet": {"videoId": "vid", "totalReplyCount": replies, "topLevelComment": comment(id, "UCana", at)},
        "replies": {"comments": told}})
}

/// Threads from a token on, which names the one before.
fn listed(asked: &Asked, things: &[Thing]) -> Answer {
    let after = parameter(asked, "pageToken").map(|token| {
        let (at, n) = token.split_once(' ').unwrap();
        (-at.parse::<i64>().unwrap(), n.parse::<u64>().unwrap())
    });
    let place = |thing: &Thing| (-thing.at, thing.n);
    let rest: Vec<&Thing> =
        things.iter().filter(|thing| after.is_none_or(|after| place(thing) > after)).collect();
    let page: Vec<Value> = rest
        .iter()
        .take(20)
        .map(|thing| thread(&format!("t{}", thing.n), &thing.date().to_rfc3339(), 0, &[]))
        .collect();
    let next = rest.get(20).map(|_| format!("{} {}", rest[19].at, rest[19].n));
    json(&json!({"items": page, "nextPageToken": next}))
}

#[test]
fn comments_with_their_replies() {
    let server = serve(|asked| {
        assert_eq!(parameter(asked, "key").as_deref(), Some("hush-key"));
        match path(asked) {
            "youtube/v3/commentThreads" => {
                assert_eq!(parameter(asked, "allThreadsRelatedToChannelId").as_deref(), Some("UCacme"));
                let told = [comment("t1.r1", "UCacme", "2026-11-22T08:10:00Z")];
                json(
                    &json!({"items": [thread("t1", "2026-11-22T08:00:00Z", 3, &told), thread("t2", "2026-11-21T08:00:00Z", 0, &[])]}),
                )
            }
            _ => match parameter(asked, "pageToken") {
                None => json(
                    &json!({"items": [comment("t1.r3", "UCeve", "2026-11-22T08:30:00Z"), comment("t1.r2", "UCeve", "2026-11-22T08:20:00Z")], "nextPageToken": "n"}),
                ),
                Some(_) => json(&json!({"items": [comment("t1.r1", "UCacme", "2026-11-22T08:10:00Z")]})),
            },
        }
    });
    let run = ours(&server).read("comments", None, None).unwrap();
    let met: Vec<(&str, &str, bool)> =
        run.items.iter().map(|item| (item.id.as_str(), item.kind, item.own)).collect();
    assert_eq!(
        met,
        [
            ("t1", "comment", false),
            ("t1.r1", "reply", true),
            ("t2", "comment", false),
            ("t1.r3", "reply", false),
            ("t1.r2", "reply", false),
            ("t1.r1", "reply", true)
        ]
    );
    let reply = &run.items[3];
    let page = "https://www.youtube.com/watch?v=vid";
    assert_eq!(
        (reply.in_reply_to.as_deref(), reply.thread.as_deref(), reply.url.clone()),
        (Some("t1"), Some(page), Some(format!("{page}&lc=t1.r3")))
    );
    assert_eq!(
        (run.items[0].counts["replies"], run.items[0].counts["likes"], run.items[0].modified),
        (3, 3, None)
    );
    let asked = server.asked().len();
    let again = ours(&server).read("comments", run.mark.clone(), None).unwrap();
    assert_eq!(
        (server.asked().len() - asked, again.items.len()),
        (1, 3),
        "replies that are known are not asked for"
    );
}

#[test]
fn a_reply_to_an_old_thread_is_met_the_next_day() {
    let server = serve(|asked| match parameter(asked, "pageToken").as_deref() {
        None => {
            json(&json!({"items": [thread("new", "2026-11-22T08:00:00Z", 0, &[])], "nextPageToken": "2"}))
        }
        Some("2") => {
            json(&json!({"items": [thread("week", "2026-11-02T08:00:00Z", 0, &[])], "nextPageToken": "3"}))
        }
        Some(_) => json(
            &json!({"items": [thread("old", "2020-01-01T08:00:00Z", 1, &[comment("old.r", "UCx", "2026-11-22T08:59:00Z")])]}),
        ),
    });
    let desk = ours(&server);
    let first = desk.read("comments", None, Some(now())).unwrap();
    assert_eq!(first.pages, 3);
    let second = desk.read("comments", first.mark, None).unwrap();
    assert_eq!(second.pages, 2, "a week back");
    let tomorrow = Desk { now: now() + chrono::TimeDelta::hours(25), ..desk };
    assert_eq!(tomorrow.read("comments", second.mark, None).unwrap().pages, 3);
}

#[test]
fn what_errors_mean() {
    odd_codes(ours, "comments");
    let said = |status: u16, reason: &str| {
        let body =
            json!({"error": {"code": status, "message": "no", "errors": [{"reason": reason}]}}).to_string();
        let server = serve(move |_| (status, String::new(), body.clone()));
        ours(&server).trouble("comments?video=vid")
    };
    let Trouble::Later { after: Some(after), reason } = said(403, "quotaExceeded") else { panic!() };
    assert_eq!(after.to_rfc3339(), "2026-11-23T08:00:00+00:00", "midnight in California");
    assert!(reason.starts_with("the day's quota is used up"), "{reason}");
    let Trouble::Refused(why) = said(403, "commentsDisabled") else { panic!() };
    assert!(why.starts_with("comments are switched off there") && !why.contains("hush"), "{why}");
    assert!(matches!(said(400, "keyInvalid"), Trouble::Credentials(_)));
    assert!(matches!(said(403, "forbidden"), Trouble::Refused(_)), "of one video: the key is good");
    assert!(matches!(said(403, "rateLimitExceeded"), Trouble::Later { .. }));
    assert!(matches!(said(404, "videoNotFound"), Trouble::Refused(_)));
    let server = serve(|_| json(&json!({"items": []})));
    let Trouble::Refused(why) = ours(&server).trouble("held") else { panic!() };
    assert!(why.contains("OAuth") && server.asked().is_empty(), "{why}");
}

#[test]
fn nothing_is_lost_while_people_write() {
    // Once a day all is looked through.
    let trial = Trial { things: 600, late: 500_000, overlap: 30 * 86_400, page: 20 };
    nothing_is_lost(&trial, listed, ours, "comments", |thing| format!("t{}", thing.n));
}
