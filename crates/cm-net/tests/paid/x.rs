//! `x:`. Documented (docs.x.com): members of posts, users and media, errors with a status of 200, 402 without credits, 403 by
//! plan, 429 with `x-rate-limit-reset`, prices. Assumed: what `x_world.rs` says.

use crate::desk::{Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::Server;
use crate::x_world::{World, number, post, user};
use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{Audience, Item, Money, Purse, Trouble, Wanted};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

fn desk(server: &Server) -> Desk {
    let mut desk = Desk::new("x:acme", server).user("42").password("hush-hush");
    desk.account.max_cost = Some(100.0);
    desk
}

/// A run as cm-fetch has it: what came is kept by the mark of its last page, also when a later one fails.
fn run(
    desk: &Desk,
    what: &str,
    mark: &mut Option<String>,
    purse: &Purse,
) -> (Vec<Item>, Vec<String>, Option<Trouble>) {
    let since = Some(desk.now - TimeDelta::days(7));
    let wanted = Wanted { what: what.to_owned(), mark: mark.clone(), since, purse: purse.clone() };
    let (reader, runtime) = (desk.reader(), tokio::runtime::Runtime::new().unwrap());
    let (mut items, mut notes, mut cursor) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        match runtime.block_on(reader.page(&wanted, cursor.as_deref())) {
            Ok(page) => {
                items.extend(page.items);
                notes.extend(page.notes);
                *mark = page.mark.or(mark.take());
                match page.next {
                    Some(next) => cursor = Some(next),
                    None => return (items, notes, None),
                }
            }
            Err(trouble) => return (items, notes, Some(trouble)),
        }
    }
}

fn dollars(amount: f64) -> Money {
    Money::dollars(amount).unwrap()
}

#[test]
fn a_mention_with_all_that_is_said_of_it() {
    let server = serve(|asked| {
        assert_eq!(path(asked), "2/users/42/mentions");
        let mut mention = post(9_007_199_254_740_993, 100);
        mention["edit_history_tweet_ids"] = json!(["9007199254740000", "9007199254740993"]);
        mention["in_reply_to_user_id"] = "42".into();
        mention["referenced_tweets"] =
            json!([{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "8"}]);
        mention["attachments"] = json!({"media_keys": ["3_1", "7_2"]});
        mention["entities"] = json!({
            "hashtags": [{"tag": "tea"}],
            "urls": [{"url": "https://t.co/x", "expanded_url": "https://acme.example/a?b&c"}],
        });
        let mut long = post(6, 0);
        long["note_tweet"] = json!({"text": "a long one"});
        long["lang"] = "und".into();
        long["referenced_tweets"] = json!([{"type": "retweeted", "id": "4"}]);
        long["author_id"] = Value::Null;
        json(&json!({
            "data": [mention, long, {"id": null}],
            "includes": {"users": [user(100)], "media": [
                {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg", "alt_text": "a cup"},
                {"media_key": "7_2", "type": "video", "preview_image_url": "https://pbs.example/2.jpg", "variants": [
                    {"content_type": "application/x-mpegURL", "url": "https://v.example/m3u8"},
                    {"content_type": "video/mp4", "bit_rate": 256, "url": "https://v.example/low.mp4"},
                    {"content_type": "video/mp4", "bit_rate": 832, "url": "https://v.example/high.mp4"},
                ]},
            ]},
            "errors": [{"title": "Not Found Error", "detail": "Could not find tweet 5."}], "meta": {"result_count": 2},
        }))
    });
    let (items, notes, _) = run(&desk(&server), "mentions", &mut None, &Purse::default());
    let item = &items[0];
    assert_eq!(item.id, "https://x.com/i/status/9007199254740000", "an edit is the same item");
    assert_eq!(item.url.as_deref(), Some("https://x.com/u100/status/9007199254740993"));
    assert_eq!((item.kind, item.in_reply_to.as_deref()), ("reply", Some("https://x.com/i/status/8")));
    assert_eq!(
        (item.thread.as_deref(), item.text.as_deref()),
        (Some("https://x.com/i/status/7"), Some("a & b https://acme.example/a?b&c"))
    );
    assert_eq!(
        (item.external_url.as_deref(), &item.tags[..]),
        (Some("https://x.com/i/status/5"), &["tea".to_owned()][..])
    );
    let media: Vec<(&str, Option<&str>)> =
        item.media.iter().map(|one| (one.url.as_str(), one.alt.as_deref())).collect();
    assert_eq!(media, [("https://pbs.example/1.jpg", Some("a cup")), ("https://v.example/high.mp4", None)]);
    let author = item.author.as_ref().unwrap();
    assert_eq!((author.handle.as_deref(), author.followers), (Some("@u100"), Some(9)));
    assert_eq!((item.counts["views"], item.counts["shares"], item.audience), (5, 3, Some(Audience::Public)));
    assert_eq!(
        (items[1].kind, items[1].text.as_deref(), items[1].language.as_ref()),
        ("share", Some("a long one"), None)
    );
    assert!(notes[0].contains("Could not find tweet 5."), "{notes:?}");
    assert_eq!(items.len(), 2);
    let replies = run(&desk(&server), "replies", &mut None, &Purse::default()).0;
    assert_eq!(replies.len(), 1);
}

/// Whatever comes and whatever a run may spend: no run costs more than that, and in the end everything has arrived.
fn living(waves: &[(u64, u64)], bound: u64) -> Result<(), TestCaseError> {
    let world = Arc::new(Mutex::new(World { now: now() - TimeDelta::days(2), ..World::default() }));
    let held = Arc::clone(&world);
    let server = serve(move |asked| held.lock().unwrap().answer(asked));
    let (mut mark, mut met, mut handed) = (None, BTreeSet::new(), 0);
    let quiet = std::iter::repeat_n(&(0, 0), 200);
    for (round, (count, late)) in waves.iter().chain(quiet).enumerate() {
        let at = {
            let mut world = world.lock().unwrap();
            world.now += TimeDelta::minutes(11);
            // Listed late: older by up to half a minute than the newest that may have been read already.
            let newest = world.posts.keys().max().copied();
            world.write(*count, round as u64 * 31);
            for n in 0..*late {
                let Some(newest) = newest else { break };
                let id = newest - (((n + 1) * 7000) << 22);
                world.posts.insert(id, 900);
            }
            world.now
        };
        let before = world.lock().unwrap().bill;
        let mut desk = desk(&server);
        (desk.now, desk.account.max_cost) = (at, None);
        let purse = Purse::of(Money(bound));
        let (items, notes, trouble) = run(&desk, "mentions", &mut mark, &purse);
        prop_assert!(trouble.is_none(), "{trouble:?}");
        let billed = world.lock().unwrap().bill - before;
        prop_assert!(billed <= bound, "{billed} of {bound}");
        prop_assert!(billed <= purse.spent().0, "more was billed than was told");
        handed += items.len();
        met.extend(items.into_iter().map(|item| item.id));
        if *count == 0 && notes.is_empty() && round > waves.len() + 1 {
            break;
        }
    }
    let world = world.lock().unwrap();
    let lost = world.posts.keys().filter(|n| !met.contains(&format!("https://x.com/i/status/{n}"))).count();
    prop_assert_eq!(lost, 0);
    prop_assert!(handed <= met.len() * 2 + 400, "{} handed out of {}", handed, met.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn no_run_costs_more_and_nothing_is_lost(waves in proptest::collection::vec((1_u64..40, 0_u64..4), 1..5), bound in 400_000_u64..1_500_000) {
        living(&waves, bound)?;
    }
}

#[test]
fn what_a_bound_left_is_read_later_and_nothing_twice() {
    let world = Arc::new(Mutex::new(World { now: now(), ..World::default() }));
    world.lock().unwrap().write(60, 1);
    let held = Arc::clone(&world);
    let server = serve(move |asked| held.lock().unwrap().answer(asked));
    let desk = desk(&server);
    let mut mark = None;
    let first = Purse::of(dollars(0.5));
    let (items, notes, _) = run(&desk, "mentions", &mut mark, &first);
    assert!(items.len() > 20 && items.len() < 60, "{}", items.len());
    assert!(notes[0].starts_with("stopped: going on could cost $0.175, and $0."), "{notes:?}");
    assert!(notes[0].contains("of $0.50 is left for this run (--max-cost"), "{notes:?}");
    let (rest, notes, _) = run(&desk, "mentions", &mut mark, &Purse::of(dollars(5.0)));
    assert_eq!(notes, [] as [String; 0]);
    let ids: BTreeSet<&String> = items.iter().chain(&rest).map(|item| &item.id).collect();
    assert_eq!(ids.len(), 60);
    // A run that finds nothing new asks for the last two minutes alone, which are charged once a day.
    let before = world.lock().unwrap().bill;
    let again = Purse::of(dollars(5.0));
    run(&desk, "mentions", &mut mark, &again);
    assert_eq!((world.lock().unwrap().bill - before, again.spent()), (0, Money(0)));
}

#[test]
fn without_a_bound_there_is_one() {
    let world = Mutex::new(World { now: now(), ..World::default() });
    world.lock().unwrap().write(400, 1);
    let server = serve(move |asked| world.lock().unwrap().answer(asked));
    let mut desk = desk(&server);
    desk.account.max_cost = None;
    let purse = Purse::default();
    let (_, notes, _) = run(&desk, "mentions", &mut None, &purse);
    assert!(purse.spent() <= dollars(0.5) && notes[0].contains("of $0.50 is left"), "{notes:?}");
    // Prices of the account; and a bound that is too small for anything asks nothing.
    desk.account.prices =
        [("post".to_owned(), 0.001), ("user".to_owned(), 0.0), ("media".to_owned(), 0.0)].into();
    let purse = Purse::default();
    assert_eq!(run(&desk, "mentions", &mut None, &purse).0.len(), 400);
    assert_eq!(purse.spent(), dollars(0.4));
    let count = server.asked().len();
    let (items, notes, _) = run(&desk, "mentions", &mut None, &Purse::of(Money(4)));
    assert_eq!((items.len(), notes.len(), server.asked().len()), (0, 1, count));
}

#[test]
fn who_we_are_is_asked_once() {
    let server = serve(|asked| match path(asked) {
        "2/users/by/username/AcmeTea" => json(&json!({"data": user(42)})),
        "2/users/by/username/nobody" => json(&json!({"errors": [{"detail": "Could not find user."}]})),
        "2/users/42" => json(&json!({"data": user(42)})),
        _ => json(&json!({"meta": {"result_count": 0}})),
    });
    let mut desk = desk(&server);
    desk.account.user = Some("@AcmeTea".to_owned());
    let purse = Purse::default();
    run(&desk, "mentions", &mut None, &purse);
    run(&desk, "posts", &mut None, &purse);
    assert_eq!(purse.spent(), dollars(0.01));
    let asked: Vec<String> = server.asked().iter().map(|asked| path(asked).to_owned()).collect();
    assert_eq!(asked, ["2/users/by/username/AcmeTea", "2/users/42/mentions", "2/users/42/tweets"]);
    let mut mark = None;
    let profile = &run(&desk, "profile", &mut mark, &purse).0[0];
    assert_eq!(
        (profile.kind, profile.id.as_str(), profile.counts["followers"]),
        ("profile", "profiles/42/2026-11-22", 9)
    );
    let count = server.asked().len();
    assert_eq!(
        (run(&desk, "profile", &mut mark, &purse).0.len(), server.asked().len()),
        (0, count),
        "once a day"
    );
    desk.account.user = Some("nobody".to_owned());
    let why = run(&desk, "mentions", &mut None, &purse).2.unwrap();
    assert!(matches!(why, Trouble::Refused(_)), "{why:?}");
}

#[test]
fn a_page_that_fails_costs_no_other() {
    let world = Arc::new(Mutex::new(World { now: now(), ..World::default() }));
    world.lock().unwrap().write(250, 1);
    let (held, turn) = (Arc::clone(&world), Mutex::new(0));
    let server = serve(move |asked| {
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        if *turn == 2 {
            return (
                429,
                "x-rate-limit-reset: 1795338300\r\n".to_owned(),
                r#"{"title":"Too Many Requests"}"#.to_owned(),
            );
        }
        held.lock().unwrap().answer(asked)
    });
    let mut mark = None;
    let (first, _, trouble) = run(&desk(&server), "mentions", &mut mark, &Purse::default());
    let Some(Trouble::Later { after: Some(after), .. }) = trouble else { panic!("{trouble:?}") };
    assert_eq!(((after - now()).num_seconds(), first.len()), (300, 100));
    let (rest, _, _) = run(&desk(&server), "mentions", &mut mark, &Purse::default());
    let ids: BTreeSet<&String> = first.iter().chain(&rest).map(|item| &item.id).collect();
    assert_eq!(ids.len(), world.lock().unwrap().posts.len());
    let bill = world.lock().unwrap().bill;
    assert_eq!(bill, ids.len() as u64 * 5_000 + 7 * 10_000, "nothing was paid for twice");
}

#[test]
fn a_search_reaches_back_seven_days() {
    let server = serve(|asked| {
        let start: DateTime<Utc> = parameter(asked, "start_time").unwrap().parse().unwrap();
        assert!(start > now() - TimeDelta::days(7), "or it is refused");
        assert_eq!((path(asked), parameter(asked, "since_id")), ("2/tweets/search/recent", None));
        let named = json!({"mentions": [{"id": "42", "username": "acme"}]});
        let mut post = post(number(now(), 1), 100);
        post["entities"] = named;
        json(&json!({"data": [post], "meta": {"result_count": 1}}))
    });
    let old = json!({"of": "42", "newest": number(now() - TimeDelta::days(20), 1), "gaps": [{"until": number(now() - TimeDelta::days(21), 1)}]});
    let mut mark = Some(old.to_string());
    let (items, notes, _) = run(&desk(&server), "search?q=acme", &mut mark, &Purse::default());
    assert_eq!((items.len(), items[0].kind), (1, "mention"));
    assert!(notes[0].contains("searches reach back seven days"), "{notes:?}");
    assert!(!mark.unwrap().contains("gaps"), "what cannot be searched any more is given up");
}

/// "Minimum allowable time is 2010-11-06T00:00:00Z".
#[test]
fn all_that_there_is_is_asked_for_without_a_date() {
    let server = serve(|_| json(&json!({"meta": {"result_count": 0}})));
    for (since, asked_for) in [(DateTime::UNIX_EPOCH, false), (now() - TimeDelta::days(7), true)] {
        desk(&server).read("mentions", None, Some(since)).unwrap();
        let asked = server.asked();
        assert_eq!(parameter(asked.last().unwrap(), "start_time").is_some(), asked_for, "{since}");
    }
}

#[test]
fn what_refusals_mean() {
    odd_codes(desk, "mentions");
    let said = |status: u16, body: &'static str| {
        let server = serve(move |_| (status, String::new(), body.to_owned()));
        let purse = Purse::default();
        let why = run(&desk(&server), "mentions", &mut None, &purse).2.unwrap();
        assert_eq!(purse.spent(), Money(0), "failures are free");
        why
    };
    assert!(matches!(said(401, r#"{"title":"Unauthorized"}"#), Trouble::Credentials(_)));
    let credits = said(402, r#"{"title":"CreditsDepleted","detail":"no credits for hush-hush"}"#);
    assert!(matches!(credits, Trouble::Refused(_)) && credits.to_string().contains("no credits are left"));
    assert!(!credits.to_string().contains("hush"), "{credits}");
    let closed = said(403, r#"{"reason":"client-not-enrolled"}"#);
    assert!(matches!(closed, Trouble::Refused(_)) && closed.to_string().contains("the plan of the app"));
    let cap = said(429, r#"{"title":"UsageCapExceeded"}"#);
    assert!(cap.to_string().contains("the month's reads are used up"), "{cap}");
    assert!(matches!(said(200, r#"{"errors":[{"detail":"no"}]}"#), Trouble::Refused(_)));
}
