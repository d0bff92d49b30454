//! `webmention:`. Documented (webmention.io, README and helpers/formats.rb): the members of jf2, `since_id`, `sort-dir`,
//! `per-page`, 401 and 404 with `error_description`. Assumed: `since_id` leaves out that number itself, held mentions keep
//! their number when they are approved.

use crate::desk::{Desk, json, now, odd_codes, parameter, serve};
use crate::server::Server;
use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{Audience, Trouble, Wanted};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

fn desk(server: &Server) -> Desk {
    Desk::new("webmention:acme.example", server).password("hush-hush")
}

fn entry(number: u64, received: DateTime<Utc>, property: &str) -> Value {
    json!({
        "type": "entry", "wm-id": number, "wm-property": property, property: "https://acme.example/tea",
        "wm-received": received.to_rfc3339(), "published": "2026-11-20T08:00:00+01:00", "wm-private": false,
        "url": format!("https://ana.example/{number}"), "content": {"html": "<p>nice &amp; warm</p>", "text": "nice & warm"},
        "author": {"type": "card", "name": "Ana", "photo": "https://ana.example/a.jpg", "url": "https://ana.example/"},
    })
}

fn feed(entries: &[Value]) -> crate::desk::Answer {
    json(&json!({"type": "feed", "name": "Webmentions", "children": entries}))
}

#[test]
fn what_a_link_says() {
    let kinds = ["in-reply-to", "like-of", "repost-of", "bookmark-of", "mention-of"];
    let server = serve(move |_| {
        let mut entries: Vec<Value> =
            kinds.iter().enumerate().map(|(n, kind)| entry(n as u64 + 1, now(), kind)).collect();
        entries.push(json!({
            "wm-id": "6", "wm-property": "rsvp", "rsvp": "yes", "in-reply-to": "https://acme.example/party", "published": "2026-11-20T08:00:00",
            "wm-received": "2026-11-21T00:00:00Z", "wm-private": true, "wm-source": "https://www.acme.example/6", "author": {"url": "https://acme.example/"},
        }));
        let mut posing = entry(9, now(), "in-reply-to");
        posing["wm-source"] = "https://eve.example/9".into();
        posing["author"]["url"] = "https://acme.example/".into();
        posing["url"] = "https://acme.example/9".into();
        entries.push(posing);
        entries.extend([json!({"wm-id": null}), json!(7), json!({"wm-id": 8})]);
        feed(&entries)
    });
    let items = desk(&server).items("mentions");
    let kinds: Vec<&str> = items.iter().map(|item| item.kind).collect();
    assert_eq!(kinds, ["reply", "like", "share", "bookmark", "mention", "rsvp", "reply", "mention"]);
    let reply = &items[0];
    assert_eq!((reply.id.as_str(), reply.text.as_deref()), ("mentions/1", Some("nice & warm")));
    assert_eq!(reply.html.as_deref(), Some("<p>nice &amp; warm</p>"), "as it came");
    assert_eq!(reply.in_reply_to.as_deref(), Some("https://acme.example/tea"));
    assert_eq!(reply.published.unwrap().to_rfc3339(), "2026-11-20T07:00:00+00:00");
    assert_eq!(reply.author.as_ref().unwrap().name.as_deref(), Some("Ana"));
    assert_eq!((reply.own, reply.audience), (false, Some(Audience::Public)));
    assert_eq!(items[1].external_url.as_deref(), Some("https://acme.example/tea"));
    assert_eq!(items[1].in_reply_to, None);
    let rsvp = &items[5];
    assert_eq!((rsvp.text.as_deref(), rsvp.own, rsvp.audience), (Some("yes"), true, Some(Audience::Direct)));
    assert_eq!(
        rsvp.published.unwrap().to_rfc3339(),
        "2026-11-21T00:00:00+00:00",
        "without a zone nobody knows"
    );
    assert!(!items[6].own, "who says to be us is not us: its answer would close what waits");
    let asked = server.asked();
    assert_eq!(parameter(&asked[0], "domain").as_deref(), Some("acme.example"));
    assert_eq!(parameter(&asked[0], "token").as_deref(), Some("hush-hush"));
}

/// Mentions come, some are approved late, some vanish, while pages are read: those that stay arrive.
#[test]
fn nothing_is_lost_from_run_to_run() {
    let world: Arc<Mutex<Vec<(u64, i64)>>> = Arc::default();
    let (held, turn) = (Arc::clone(&world), Mutex::new(0_u64));
    let server = serve(move |asked| {
        let mut world = held.lock().unwrap();
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        if *turn % 3 == 0 && !world.is_empty() {
            world.remove(0);
        }
        let after: u64 = parameter(asked, "since_id").unwrap().parse().unwrap();
        let page = world.iter().filter(|(number, _)| *number > after).take(100);
        feed(
            &page
                .map(|(n, days)| entry(*n, now() + TimeDelta::days(*days), "mention-of"))
                .collect::<Vec<_>>(),
        )
    });
    let (mut mark, mut met, mut handed) = (None, BTreeSet::new(), 0);
    for run in 0..6_i64 {
        {
            let mut world = world.lock().unwrap();
            let first = run as u64 * 1000;
            world.extend((0..250).filter(|n| n % 50 != 7).map(|n| (first + n + 1, run)));
            // Approved now, with a number and a date of the run before.
            world.extend((0..5_u64).filter(|_| run > 0).map(|n| (first - 1000 + n * 50 + 8, run - 1)));
            world.sort_unstable();
        }
        let desk = Desk { now: now() + TimeDelta::days(run), ..desk(&server) };
        let read = desk.read("mentions", mark, None).unwrap();
        handed += read.items.len();
        met.extend(read.items.into_iter().map(|item| item.id));
        mark = read.mark;
    }
    let world = world.lock().unwrap();
    let lost: Vec<_> = world.iter().filter(|(n, _)| !met.contains(&format!("mentions/{n}"))).collect();
    assert!(lost.is_empty(), "{lost:?}");
    drop(world);
    assert!(handed < met.len() * 6, "{handed} of {}: a week is read again, not everything", met.len());
    let later = Desk { now: now() + TimeDelta::days(30), ..desk(&server) };
    let settled = later.read("mentions", mark, None).unwrap();
    let again = later.read("mentions", settled.mark, None).unwrap();
    assert_eq!(again.items.len(), 0, "what was received a week ago is not read again");
}

#[test]
fn a_run_that_is_cut_off_is_gone_on_with() {
    let server = serve(|asked| {
        let after: u64 = parameter(asked, "since_id").unwrap().parse().unwrap();
        feed(
            &(after + 1..=after + 100)
                .map(|n| entry(n, now() - TimeDelta::days(30), "like-of"))
                .collect::<Vec<_>>(),
        )
    });
    let wanted = |mark| Wanted { what: "mentions".to_owned(), mark, ..Wanted::default() };
    let page = desk(&server).page(&wanted(None), None).unwrap();
    assert!(page.next.is_some());
    let page = desk(&server).page(&wanted(page.mark), None).unwrap();
    assert_eq!(page.items[0].id, "mentions/101");
}

#[test]
fn when_it_does_not_answer_as_it_should() {
    odd_codes(desk, "mentions");
    let said = |status: u16, body: &'static str| {
        let server = serve(move |_| (status, String::new(), body.to_owned()));
        desk(&server).trouble("mentions")
    };
    let why =
        said(401, r#"{"error":"forbidden","error_description":"Access token hush-hush was not valid"}"#);
    assert!(matches!(why, Trouble::Credentials(_)), "{why:?}");
    assert!(why.to_string().contains("Access token *** was not valid"), "{why}");
    assert!(said(404, "{}").to_string().contains("is the domain signed up there"));
    assert!(matches!(said(200, r#"{"error":"no"}"#), Trouble::Later { .. }));
}
