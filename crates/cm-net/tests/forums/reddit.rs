//! `reddit:`. Documented (reddit.com/dev/api, reddit-archive wiki OAuth2): listings, `after`, full names, tokens by
//! client_credentials and password, `X-Ratelimit-*` in seconds from now. Seen in threads about it: a page with 403 instead of
//! 429. Assumed: that a listing is empty behind a thing that has gone, which is the worst that it could be.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use crate::world::{Thing, Trial, nothing_is_lost};
use cm_net::services::{Limit, Trouble};
use serde_json::{Value, json};

const ATOM: &str = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><author><name>/u/bob</name></author>
<id>t1_def</id><link href="https://www.reddit.com/r/tea/comments/abc/tea/def/"/><content type="html">&lt;p&gt;Hi&lt;/p&gt;</content>
<updated>2026-11-22T08:00:00+00:00</updated><title>x</title></entry></feed>"#;

fn app(server: &Server) -> Desk {
    Desk::new("reddit:acme", server).client_id("an-id").password("hush-secret")
}

fn script(server: &Server) -> Desk {
    Desk::new("reddit:acme", server).client_id("an-id").user("u/acme").password("hush-secret:hush-word")
}

fn token() -> Answer {
    json(&json!({"access_token": "hush-token", "token_type": "bearer", "expires_in": 3600, "scope": "*"}))
}

fn listing(children: &[Value], after: Option<&str>) -> Answer {
    json(&json!({"kind": "Listing", "data": {"children": children, "after": after}}))
}

fn with_token(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    serve(move |asked| match path(asked) {
        "api/v1/access_token" => token(),
        _ => answer(asked),
    })
}

fn thing(name: &str) -> Value {
    json!({"kind": &name[..2], "data": {"name": name, "author": "bob", "body": "x", "created_utc": 1_795_330_000.0, "parent_id": "t3_abc", "type": "comment_reply"}})
}

/// Things behind a named one, which must be there.
fn sub(asked: &Asked, things: &[Thing]) -> Answer {
    if path(asked) == "api/v1/access_token" {
        return token();
    }
    let name = |thing: &Thing| format!("t3_{}", thing.n);
    let from = match parameter(asked, "after") {
        None => 0,
        Some(after) => match things.iter().position(|thing| name(thing) == after) {
            Some(at) => at + 1,
            None => return listing(&[], None),
        },
    };
    let page: Vec<&Thing> = things.iter().skip(from).take(25).collect();
    let children: Vec<Value> = page
        .iter()
        .map(|thing| json!({"kind": "t3", "data": {"name": name(thing), "author": "bob", "created_utc": thing.seconds()}}))
        .collect();
    let last = page.last().map(|thing| name(thing)).filter(|_| things.len() > from + 25);
    listing(&children, last.as_deref())
}

#[test]
fn an_application_asks_with_a_token_that_is_kept() {
    let server = with_token(|asked| {
        assert_eq!(asked.header("authorization"), Some("Bearer hush-token"));
        assert_eq!((parameter(asked, "raw_json").as_deref(), path(asked)), (Some("1"), "r/tea/comments"));
        let headers = "X-Ratelimit-Used: 4\r\nX-Ratelimit-Remaining: 96.0\r\nX-Ratelimit-Reset: 60\r\n";
        (
            200,
            headers.to_owned(),
            json!({"kind": "Listing", "data": {"children": [thing("t1_def")], "after": null}}).to_string(),
        )
    });
    let desk = app(&server);
    let run = desk.read("comments?r=tea", None, None).unwrap();
    assert_eq!((run.items[0].id.as_str(), run.items[0].in_reply_to.as_deref()), ("t1_def", Some("t3_abc")));
    assert_eq!(
        run.limit,
        Some(Limit { limit: 100, remaining: 96, reset: Some(now() + chrono::TimeDelta::seconds(60)) })
    );
    desk.items("comments?r=tea");
    let logins: Vec<Asked> =
        server.asked().into_iter().filter(|asked| path(asked) == "api/v1/access_token").collect();
    let [login] = &logins[..] else { panic!("{} logins", logins.len()) };
    assert_eq!(login.header("authorization"), Some("Basic YW4taWQ6aHVzaC1zZWNyZXQ="));
    assert_eq!(login.body, b"grant_type=client_credentials");
    let later = Desk { now: now() + chrono::TimeDelta::hours(2), ..desk };
    later.items("comments?r=tea");
    assert_eq!(server.asked().iter().filter(|asked| path(asked) == "api/v1/access_token").count(), 2);
}

#[test]
fn the_inbox_of_a_user_without_messages() {
    let server = with_token(|asked| match path(asked) {
        "message/inbox" => listing(&[thing("t1_def"), thing("t4_psst")], None),
        "message/messages" => listing(&[thing("t4_psst")], None),
        other => panic!("{other}"),
    });
    let names =
        |what| script(&server).items(what).into_iter().map(|item| (item.id, item.kind)).collect::<Vec<_>>();
    assert_eq!(names("inbox"), [("t1_def".to_owned(), "reply")]);
    assert_eq!(names("messages"), [("t4_psst".to_owned(), "message")]);
    assert_eq!(server.asked()[0].body, b"grant_type=password&username=acme&password=hush-word");
    assert!(matches!(app(&server).trouble("inbox"), Trouble::Credentials(_)));
}

#[test]
fn a_personal_feed_and_its_token() {
    let server = serve(|asked| match parameter(asked, "feed").as_deref() {
        Some("hush-feed") => {
            assert_eq!((path(asked), parameter(asked, "user").as_deref()), ("r/tea/new/.rss", Some("acme")));
            (200, String::new(), ATOM.to_owned())
        }
        _ => (403, String::new(), format!("<html>blocked {}</html>", asked.path())),
    });
    let me = Desk::new("reddit:me", &server).user("acme").password("hush-feed");
    let run = me.read("feed/r/tea/new", None, None).unwrap();
    let [item] = &run.items[..] else { panic!() };
    assert_eq!((item.id.as_str(), item.thread.as_deref(), item.kind), ("t1_def", Some("t3_abc"), "comment"));
    assert!(!format!("{run:?}").contains("hush"), "the token is nowhere in what is handed out");
    let trouble =
        Desk::new("reddit:me", &server).user("acme").password("hush-other").trouble("feed/r/tea/new");
    let Trouble::Later { reason, .. } = &trouble else { panic!("{trouble:?}") };
    assert!(reason.contains("answered 403") && !reason.contains("hush"), "{reason}");
    assert!(matches!(me.trouble("new?r=tea"), Trouble::Credentials(_)));
    assert!(matches!(script(&server).trouble("feed"), Trouble::Credentials(_)));
}

#[test]
fn odd_answers() {
    let script_with_token = |server: &Server| {
        let desk = script(server);
        let token =
            json!({"whose": "an-id of acme", "token": "t", "until": now() + chrono::TimeDelta::hours(1)})
                .to_string();
        desk.vault.0.lock().unwrap().insert("session reddit:acme".to_owned(), token);
        desk
    };
    odd_codes(script_with_token, "new?r=tea");
    let said = |status: u16, body: &'static str| {
        let server = with_token(move |_| (status, String::new(), body.to_owned()));
        script(&server).trouble("new?r=tea")
    };
    assert!(matches!(said(403, "<html>blocked"), Trouble::Later { .. }), "403 instead of 429");
    let Trouble::Refused(why) = said(403, r#"{"reason":"private","message":"Forbidden","error":403}"#) else {
        panic!()
    };
    assert!(why.ends_with("Forbidden (private)"), "{why}");
    assert!(matches!(
        said(404, r#"{"reason":"banned","message":"Not Found","error":404}"#),
        Trouble::Refused(_)
    ));
    assert!(matches!(said(401, r#"{"message":"Unauthorized"}"#), Trouble::Credentials(_)));
    for (status, body) in
        [(200, r#"{"error":"invalid_grant"}"#), (401, r#"{"message":"Unauthorized","error":401}"#)]
    {
        let server = serve(move |_| (status, String::new(), body.to_owned()));
        let Trouble::Credentials(why) = script(&server).trouble("new?r=tea") else { panic!() };
        assert!(why.contains("password_file") && !why.contains("hush"), "{why}");
    }
}

#[test]
fn nothing_is_lost_while_people_write() {
    let trial = Trial { things: 500, late: 80_000, overlap: 86_400, page: 25 };
    nothing_is_lost(&trial, sub, app, "new?r=tea", |thing| format!("t3_{}", thing.n));
}
