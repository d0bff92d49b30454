//! `github:`. Documented (docs.github.com/rest): the members of issues, comments, releases, notifications; 403 and 429 of
//! both kinds of limits, 404 of what is private, 410 of disabled issues, 451; `X-Poll-Interval`, `Last-Modified`, 304.
//! Assumed: what `github_world.rs` says, and that a notification names addresses of the API itself.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::github_world::{Repository, at, issue};
use crate::server::Server;
use chrono::TimeDelta;
use cm_net::services::{Audience, Trouble, Wanted};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

fn nobody(server: &Server) -> Desk {
    Desk::new("github:any", server).user("acme")
}

fn ours(server: &Server) -> Desk {
    nobody(server).password("hush-hush")
}

#[test]
fn an_issue_and_what_is_said_below_it() {
    let server = serve(|asked| match path(asked) {
        "repos/acme/tea/issues" => {
            let mut pull = issue(8, 5);
            pull["pull_request"] = json!({"url": "x"});
            pull["html_url"] = "https://github.com/acme/tea/pull/8".into();
            pull["user"] = json!({"login": "dep[bot]", "type": "Bot"});
            json(&json!([issue(7, 0), pull, {"html_url": null}, 7]))
        }
        "repos/acme/tea/issues/comments" => json(&json!([{
            "html_url": "https://github.com/acme/tea/issues/7#issuecomment-1", "body": "*me too*", "user": {"login": "ACME", "type": "User"},
            "created_at": "2026-11-22T01:00:00Z", "updated_at": "2026-11-22T02:00:00Z",
        }, {"html_url": "https://github.com/acme/tea/pull/8#issuecomment-2", "user": null, "body": null, "created_at": "2026-11-22T01:00:00Z"}])),
        "repos/acme/tea/pulls/comments" => json(&json!([{
            "html_url": "https://github.com/acme/tea/pull/8#discussion_r5", "body": "why?", "user": {"login": "bob"}, "in_reply_to_id": 4,
            "created_at": "2026-11-22T01:00:00Z", "updated_at": "2026-11-22T01:00:00Z",
        }])),
        "repos/acme/tea/releases" => json(&json!([
            {"html_url": "https://github.com/acme/tea/releases/tag/v2", "tag_name": "v2", "name": "Two", "body": "hot", "published_at": "2026-11-20T00:00:00Z", "prerelease": true},
            {"html_url": "https://github.com/acme/tea/releases/tag/x", "draft": true, "published_at": null},
        ])),
        other => panic!("{other}"),
    });
    let issues = nobody(&server).items("acme/tea/issues");
    assert_eq!(issues.len(), 1, "pull requests are a list of their own");
    let item = &issues[0];
    assert_eq!(item.id, "https://github.com/acme/tea/issues/7");
    assert_eq!((item.title.as_deref(), item.text.as_deref()), (Some("Issue 7"), Some("no steam")));
    assert_eq!(item.tags, ["bug", "kettle"]);
    assert_eq!((item.counts["replies"], item.counts["likes"], item.counts["reactions"]), (2, 4, 5));
    assert_eq!(item.audience, Some(Audience::Public), "nobody is shown what is not public");
    assert_eq!(item.author.as_ref().unwrap().handle.as_deref(), Some("@bob"));
    let pulls = nobody(&server).items("acme/tea/pulls");
    assert_eq!((pulls.len(), pulls[0].tags.contains(&"bot".to_owned())), (1, true));
    let comments = nobody(&server).items("acme/tea/comments");
    let (first, gone) = (&comments[0], &comments[1]);
    assert!(first.own && !gone.own);
    assert_eq!((first.text.as_deref(), first.modified.is_some()), (Some("*me too*"), true));
    assert_eq!(first.thread.as_ref(), Some(&item.id), "an answer finds its issue");
    assert_eq!(first.in_reply_to, None, "ours answers everybody before it: GitHub says no more");
    assert_eq!((gone.author.as_ref(), gone.thread.as_deref()), (None, Some(pulls[0].id.as_str())));
    assert_eq!(gone.in_reply_to, gone.thread);
    let review = &nobody(&server).items("acme/tea/reviews")[0];
    assert_eq!(review.in_reply_to.as_deref(), Some("https://github.com/acme/tea/pull/8#discussion_r4"));
    let releases = nobody(&server).items("acme/tea/releases");
    assert_eq!((releases.len(), releases[0].title.as_deref()), (1, Some("Two")));
    assert_eq!(releases[0].tags, ["prerelease"]);
}

/// Issues change, come, vanish and share seconds while they are read page by page: all that stay arrive.
#[test]
fn a_list_that_lives_loses_nothing() {
    let world = Arc::new(Mutex::new(Repository::default()));
    let living = Arc::clone(&world);
    let server = serve(move |asked| {
        let mut world = living.lock().unwrap();
        let answer = world.answer(asked);
        // Between two pages one of those that were read changes, one vanishes, and all behind them move up.
        let (first, gone) = (world.issues.keys().next().copied(), world.issues.keys().nth(40).copied());
        world.now += 1;
        let now = world.now;
        if let Some(number) = first {
            world.issues.insert(number, now);
        }
        if let Some(number) = gone {
            world.issues.remove(&number);
        }
        answer
    });
    let mut mark = None;
    let (mut met, mut handed) = (BTreeSet::new(), 0);
    for run in 0..5_u64 {
        let now = {
            let mut world = world.lock().unwrap();
            world.now += 3600;
            let now = world.now;
            // Three hundred of one second, across borders of pages, among others; some are listed late.
            world.issues.extend((0..300).map(|n| (run * 1000 + n + 1, now)));
            world.issues.extend((300..450).map(|n| (run * 1000 + n + 1, now + n as i64)));
            world.issues.extend((0..9).filter(|_| run > 0).map(|n| (run * 1000 - 100 + n, now - 3600 + 440)));
            world.now += 450;
            at(world.now)
        };
        let desk = Desk { now, ..nobody(&server) };
        let read = desk.read("acme/tea/issues", mark, None).unwrap();
        handed += read.items.len();
        met.extend(read.items.into_iter().map(|item| item.id));
        mark = read.mark;
    }
    let world = world.lock().unwrap();
    let id = |n: &u64| format!("https://github.com/acme/tea/issues/{n}");
    let lost: Vec<&u64> = world.issues.keys().filter(|n| !met.contains(&id(n))).collect();
    assert!(lost.is_empty(), "{lost:?} of {}", world.issues.len());
    // The ten minutes before the mark come again: here that is nearly every wave.
    assert!(handed < met.len() * 3, "{handed} read of {}", met.len());
}

#[test]
fn what_has_not_changed_costs_nothing() {
    let world = Mutex::new(Repository { issues: [(1, 10), (2, 20)].into(), ..Repository::default() });
    let server = serve(move |asked| match path(asked) {
        "repos/acme/tea" => json(&json!({"private": true})),
        _ => world.lock().unwrap().answer(asked),
    });
    let desk = ours(&server);
    let first = desk.read("acme/tea/issues", None, None).unwrap();
    assert_eq!((first.items.len(), first.items[0].audience), (2, None), "private: who sees it is not known");
    // The question of the second run is another; from then on it is the same.
    let second = desk.read("acme/tea/issues", first.mark, None).unwrap();
    assert_eq!(second.items.len(), 2, "the last ten minutes again");
    let third = desk.read("acme/tea/issues", second.mark.clone(), None).unwrap();
    assert_eq!((third.items.len(), third.mark), (0, second.mark));
    let asked = server.asked();
    assert!(asked.last().unwrap().header("if-none-match").is_some());
    assert_eq!(asked[0].header("authorization"), Some("Bearer hush-hush"));
}

#[test]
fn what_refusals_mean() {
    odd_codes(nobody, "search?q=tea");
    let said = |token: bool, status: u16, headers: &'static str, body: &'static str| {
        let server = serve(move |_| (status, headers.to_owned(), body.to_owned()));
        let desk = if token { ours(&server) } else { nobody(&server) };
        desk.trouble("acme/tea/issues")
    };
    let wait = |trouble: Trouble| match trouble {
        Trouble::Later { after: Some(after), .. } => (after - now()).num_seconds(),
        other => panic!("{other:?}"),
    };
    let used_up = "X-RateLimit-Limit: 60\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1795338300\r\n";
    assert_eq!(wait(said(false, 403, used_up, "{}")), 300);
    assert!(said(false, 403, used_up, "{}").to_string().contains("a token raises the limit"));
    assert_eq!(wait(said(true, 403, "Retry-After: 30\r\n", "{}")), 30);
    assert_eq!(wait(said(true, 403, "", r#"{"message":"You have exceeded a secondary rate limit."}"#)), 60);
    let closed = said(true, 403, "", r#"{"message":"Resource not accessible"}"#);
    assert!(matches!(closed, Trouble::Refused(_)), "other lists may be open to the token: {closed:?}");
    let shut = r#"{"message":"Maximum number of login attempts exceeded. Please try again later."}"#;
    assert!(matches!(said(true, 403, "", shut), Trouble::Credentials(_)));
    assert!(matches!(said(true, 401, "", r#"{"message":"Bad credentials"}"#), Trouble::Credentials(_)));
    assert!(said(false, 404, "", "{}").to_string().contains("then a token is needed"));
    assert!(said(true, 404, "", "{}").to_string().contains("the token may not see it"));
    assert!(said(true, 410, "", "{}").to_string().contains("switched off"));
    assert!(said(true, 451, "", "{}").to_string().contains("legal"));
}

#[test]
fn notifications_bring_what_was_said() {
    let server = Arc::new(Mutex::new(None::<url::Url>));
    let base = Arc::clone(&server);
    let running = serve(move |asked| {
        let base = base.lock().unwrap().clone().unwrap();
        let to = |path: &str| base.join(path).unwrap().to_string();
        let thread = |id: u64, reason: &str, kind: &str, subject: Value, latest: Value| {
            json!({
                "id": id.to_string(), "reason": reason, "updated_at": "2026-11-22T08:00:00Z", "repository": {"private": false, "html_url": "https://github.com/acme/tea"},
                "subject": {"title": "Steam", "type": kind, "url": subject, "latest_comment_url": latest},
            })
        };
        match path(asked) {
            "notifications" if asked.header("if-modified-since") == Some("Sun, 22 Nov 2026 08:00:00 GMT") => {
                (304, String::new(), String::new())
            }
            "notifications" => {
                let threads = json!([
                    thread(
                        1,
                        "mention",
                        "Issue",
                        to("repos/acme/tea/issues/7").into(),
                        to("repos/acme/tea/issues/comments/1").into()
                    ),
                    thread(2, "author", "PullRequest", to("repos/acme/gone/pulls/1").into(), Value::Null),
                    thread(3, "subscribed", "Discussion", Value::Null, Value::Null),
                    thread(
                        4,
                        "mention",
                        "Commit",
                        to("repos/acme/tea/commits/abc").into(),
                        "https://evil.example/x".into()
                    ),
                ]);
                let headers = "Last-Modified: Sun, 22 Nov 2026 08:00:00 GMT\r\nX-Poll-Interval: 60\r\n";
                (200, headers.to_owned(), threads.to_string())
            }
            "repos/acme/tea/issues/7" => {
                let mut issue = issue(7, 0);
                issue["comments_url"] = to("repos/acme/tea/issues/7/comments").into();
                issue["created_at"] = "2026-01-01T00:00:00Z".into();
                json(&issue)
            }
            "repos/acme/tea/issues/7/comments" if parameter(asked, "page").is_some() => json(&json!([
                {"html_url": "https://github.com/acme/tea/issues/7#issuecomment-3", "body": "@acme?", "user": {"login": "bob"}, "created_at": "2026-11-22T08:01:00Z"},
            ])),
            "repos/acme/tea/issues/7/comments" => (200, format!("Link: <{}?page=2>; rel=\"next\"\r\n", to(path(asked))), json!([
                {"html_url": "https://github.com/acme/tea/issues/7#issuecomment-1", "body": "hey @acme", "user": {"login": "bob"}, "created_at": "2026-11-22T07:30:00Z"},
                {"html_url": "https://github.com/acme/tea/issues/7#issuecomment-2", "body": "and @acme again", "user": {"login": "eve"}, "created_at": "2026-11-22T08:00:00Z"},
            ]).to_string()),
            _ => (404, String::new(), "{}".to_owned()),
        }
    });
    *server.lock().unwrap() = Some(running.url(""));
    let desk = ours(&running);
    let run = desk.read("notifications", None, Some(now() - TimeDelta::days(7))).unwrap();
    let ids: Vec<&str> = run.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(
        ids[..3],
        [
            "https://github.com/acme/tea/issues/7#issuecomment-1",
            "https://github.com/acme/tea/issues/7#issuecomment-2",
            "https://github.com/acme/tea/issues/7#issuecomment-3",
        ],
        "all, not the last alone"
    );
    assert_eq!(ids.len(), 6, "what is gone, has no address or lies elsewhere is told all the same: {ids:?}");
    assert_eq!((run.items[0].kind, run.items[3].kind), ("mention", "reply"));
    assert!(running.asked().iter().all(|asked| !asked.path().contains("evil")));
    let count = running.asked().len();
    let soon = desk.read("notifications", run.mark.clone(), None).unwrap();
    assert_eq!((soon.items.len(), running.asked().len()), (0, count), "not before the interval is over");
    let later = Desk { now: now() + TimeDelta::minutes(2), ..desk };
    let unchanged = later.read("notifications", run.mark.clone(), None).unwrap();
    assert_eq!((unchanged.items.len(), unchanged.mark), (0, run.mark));
    assert_eq!(parameter(running.asked().last().unwrap(), "participating").as_deref(), Some("true"));
    assert!(matches!(nobody(&running).trouble("notifications"), Trouble::Credentials(_)));
}

#[test]
fn a_search_goes_on_from_what_changed_last() {
    let server =
        serve(|_| json(&json!({"total_count": 1, "incomplete_results": false, "items": [issue(7, 3600)]})));
    let run = nobody(&server).read("search?q=acme+is:issue", None, None).unwrap();
    assert_eq!(run.items.len(), 1);
    nobody(&server).read("search?q=acme+is:issue", run.mark, None).unwrap();
    let asked = server.asked();
    assert_eq!(parameter(&asked[0], "q").as_deref(), Some("acme is:issue"));
    assert_eq!(parameter(&asked[1], "q").as_deref(), Some("acme is:issue updated:>=2026-11-22T00:50:00Z"));
    assert_eq!(parameter(&asked[1], "order").as_deref(), Some("asc"));
    let partial = serve(|_| json(&json!({"incomplete_results": true, "items": [issue(7, 3600)]})));
    let run = nobody(&partial).read("search?q=acme", None, None).unwrap();
    assert!(run.notes[0].contains("hits may be missing"), "{:?}", run.notes);
    nobody(&partial).read("search?q=acme", run.mark, None).unwrap();
    assert_eq!(parameter(&partial.asked()[1], "q").as_deref(), Some("acme"), "it is searched for again");
}

/// Three pages, the first of which is not whole.
#[test]
fn what_a_search_did_not_find_in_time_is_searched_for_again() {
    let server = serve(|asked| {
        let since = parameter(asked, "q").and_then(|q| Some(q.split_once("updated:>=")?.1.to_owned()));
        let n = since.map_or(0, |since| {
            (since.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - at(0)).num_seconds() / 1000 + 1
        });
        let more = if n < 2 { "Link: <https://api.github.com/x>; rel=\"next\"\r\n" } else { "" };
        let found = json!({"incomplete_results": n == 0, "items": [issue(n as u64 + 1, (n + 1) * 1000)]});
        (200, more.to_owned(), found.to_string())
    });
    let run = nobody(&server).read("search?q=acme", None, None).unwrap();
    assert_eq!(run.items.len(), 3);
    let before = server.asked().len();
    nobody(&server).read("search?q=acme", run.mark, None).unwrap();
    assert_eq!(parameter(&server.asked()[before], "q").as_deref(), Some("acme"));
}

/// Ten questions a minute end a run in the middle of many hits: the next one does not begin anew.
#[test]
fn a_run_that_is_cut_off_is_gone_on_with() {
    let world = Mutex::new(Repository {
        issues: (1..=250).map(|n| (n, n as i64 * 60)).collect(),
        ..Repository::default()
    });
    let server = serve(move |asked| world.lock().unwrap().answer(asked));
    let wanted = |mark| Wanted { what: "acme/tea/issues".to_owned(), mark, ..Wanted::default() };
    let page = nobody(&server).page(&wanted(None), None).unwrap();
    assert!(page.next.is_some());
    let page = nobody(&server).page(&wanted(page.mark), None).unwrap();
    assert_eq!(page.items[0].id, "https://github.com/acme/tea/issues/90", "ten minutes before the hundredth");
}

fn discussions(answer: Value) -> Answer {
    json(&answer)
}

#[test]
fn discussions_and_their_answers() {
    let words = |n: u64, author: &str| {
        json!({
            "id": "D", "url": format!("https://github.com/acme/tea/discussions/5#discussioncomment-{n}"), "bodyText": "hm", "createdAt": "2026-11-22T01:00:00Z",
            "updatedAt": "2026-11-22T01:00:00Z", "upvoteCount": 2, "author": {"login": author, "__typename": "User"},
        })
    };
    let server = serve(move |asked| {
        assert_eq!(path(asked), "graphql");
        let said: Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(
            (&said["variables"]["owner"], &said["variables"]["name"]),
            (&json!("acme"), &json!("tea"))
        );
        let mut reply = words(2, "acme");
        let mut comment = words(1, "bob");
        comment["replies"] = json!({"totalCount": 1, "nodes": [reply.take()]});
        let mut top = words(0, "eve");
        top["url"] = "https://github.com/acme/tea/discussions/5".into();
        top["title"] = "Which kettle?".into();
        top["category"] = json!({"name": "Q&A"});
        top["comments"] = json!({"totalCount": 1, "nodes": [comment, null]});
        discussions(json!({"data": {
            "rateLimit": {"limit": 5000, "remaining": 4999, "resetAt": "2026-11-22T10:00:00Z"},
            "repository": {"isPrivate": false, "discussions": {"pageInfo": {"hasNextPage": false, "endCursor": "c"}, "nodes": [top]}},
        }}))
    });
    let run = ours(&server).read("acme/tea/discussions", None, None).unwrap();
    assert_eq!(run.items.len(), 3);
    let (top, comment, reply) = (&run.items[0], &run.items[1], &run.items[2]);
    assert_eq!((top.title.as_deref(), top.counts["likes"]), (Some("Which kettle?"), 2));
    assert_eq!(
        (comment.in_reply_to.as_ref(), reply.in_reply_to.as_ref()),
        (Some(&top.id), Some(&comment.id))
    );
    assert!(reply.own && reply.thread.as_ref() == Some(&top.id));
    assert_eq!((run.limit.unwrap().remaining, run.mark.is_some()), (4999, true));
    assert!(matches!(nobody(&server).trouble("acme/tea/discussions"), Trouble::Credentials(_)));
    for (error, credentials, later) in
        [("NOT_FOUND", false, false), ("RATE_LIMITED", false, true), ("FORBIDDEN", false, false)]
    {
        let server = serve(move |_| {
            discussions(json!({"data": {"repository": null}, "errors": [{"type": error, "message": "no"}]}))
        });
        let why = ours(&server).trouble("acme/tea/discussions");
        let kinds = (matches!(why, Trouble::Credentials(_)), matches!(why, Trouble::Later { .. }));
        assert_eq!(kinds, (credentials, later), "{why:?}");
    }
    let half = serve(|_| {
        let repository = json!({"isPrivate": false, "discussions": null});
        discussions(
            json!({"data": {"repository": repository}, "errors": [{"message": "Something went wrong"}]}),
        )
    });
    let why = ours(&half).trouble("acme/tea/discussions");
    assert!(matches!(why, Trouble::Later { .. }), "half an answer is not the end of the list: {why:?}");
    let first = |asked: &crate::server::Asked| -> Value {
        serde_json::from_slice::<Value>(&asked.body).unwrap()["variables"]["first"].clone()
    };
    let slow = serve(move |asked| match first(asked) == 5 {
        true => {
            discussions(json!({"data": {"repository": {"isPrivate": false, "discussions": {"nodes": []}}}}))
        }
        false => (502, String::new(), "<html>".to_owned()),
    });
    assert!(ours(&slow).read("acme/tea/discussions", None, None).is_ok(), "fewer are asked for");
}

#[test]
fn nothing_that_leads_elsewhere_is_asked() {
    let server = serve(|_| json(&json!([])));
    for what in ["acme/../issues", "acme/te%2Fa/issues", "acme/tea/wiki", "issues"] {
        let wanted = Wanted { what: what.to_owned(), ..Wanted::default() };
        assert!(matches!(nobody(&server).page(&wanted, None), Err(Trouble::Refused(_))), "{what}");
    }
    assert!(server.asked().is_empty());
}
