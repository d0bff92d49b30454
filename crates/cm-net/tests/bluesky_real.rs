//! `bluesky:` against real servers. `CM_TEST_BLUESKY="http://localhost:12583"` names a PDS on which accounts may be made;
//! `CM_TEST_BLUESKY_APPVIEW="http://localhost:13583 FOLDER"` one with an AppView behind it, where the file `DID.access` in
//! the folder says how many seconds a new access token holds; `CM_TEST_BLUESKY_LIMITED="http://localhost:14583"` a PDS
//! that counts requests (tests/peers starts all three). Where none is named nothing is tested here, and a line says so.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod bluesky_desk;

use bluesky_desk::{Desk, draft, run};
use chrono::{DateTime, Utc};
use cm_net::services::{Draft, Item, Page, Trouble, Vault, Wanted};
use cm_net::{Client, Delivery, Found, Options, Outgoing, Request};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A word that was never said there.
fn unheard() -> String {
    let n = COUNT.fetch_add(1, Ordering::SeqCst);
    // A handle's first label takes 18 characters there.
    format!("u{:x}x{n}", Utc::now().timestamp_micros() % (1 << 44))
}

fn named(variable: &str) -> Option<Vec<String>> {
    let said = std::env::var(variable).ok().filter(|said| !said.trim().is_empty());
    if said.is_none() {
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: no real Bluesky server is tested: {variable} names none");
    }
    said.map(|said| said.split_whitespace().map(str::to_owned).collect())
}

/// An account of its own for each test.
struct Ann {
    desk: Desk,
    did: String,
    access: String,
}

impl Ann {
    fn make(url: &str) -> Ann {
        let handle = format!("{}.test", unheard());
        let body =
            json!({"handle": handle, "email": format!("{handle}@example.com"), "password": "ann-pass"});
        let made = call(url, "com.atproto.server.createAccount", "", &body);
        let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        Ann { desk: Desk::new(url, &handle, "ann-pass"), did: text("did"), access: text("accessJwt") }
    }

    fn real() -> Option<Ann> {
        Some(Ann::make(&named("CM_TEST_BLUESKY")?[0]))
    }

    /// With somebody else, on a network with an AppView, and the folder that says how long tokens hold.
    fn with_bob() -> Option<(Ann, Ann, PathBuf)> {
        let said = named("CM_TEST_BLUESKY_APPVIEW")?;
        Some((Ann::make(&said[0]), Ann::make(&said[0]), PathBuf::from(said.get(1)?)))
    }

    fn draft(&self, text: &str, record: Value) -> Draft {
        draft(&format!("urn:cm:post:{}", unheard()), text, record, Utc::now())
    }

    fn say(&self, text: &str, record: Value) -> (Outgoing, Delivery) {
        let out = self.desk.ready(&self.draft(text, record));
        let delivery = run(self.desk.poster().send(&out));
        (out, delivery)
    }

    /// Posts, and comes back with its reference as the reading half tells it.
    fn said(&self, text: &str, record: Value) -> Value {
        let (out, delivery) = self.say(text, record);
        published(&delivery);
        let body: Value = serde_json::from_slice(&out.body).unwrap();
        let record = self
            .records()
            .into_iter()
            .find(|r| r["uri"].as_str().unwrap().ends_with(body["rkey"].as_str().unwrap()));
        let own = record.unwrap();
        let root = own
            .pointer("/value/reply/root")
            .cloned()
            .unwrap_or_else(|| json!({"uri": own["uri"], "cid": own["cid"]}));
        json!({"uri": own["uri"], "cid": own["cid"], "root": root})
    }

    fn records(&self) -> Vec<Value> {
        let query =
            format!("com.atproto.repo.listRecords?repo={}&collection=app.bsky.feed.post&limit=100", self.did);
        get(&self.desk.url, &query, &self.access)["records"].as_array().unwrap().clone()
    }

    fn delete(&self, native: &Value) {
        let rkey = native["uri"].as_str().unwrap().rsplit('/').next().unwrap();
        let body = json!({"repo": self.did, "collection": "app.bsky.feed.post", "rkey": rkey});
        call(&self.desk.url, "com.atproto.repo.deleteRecord", &self.access, &body);
    }

    fn read(&self, what: &str, mark: Option<&str>) -> Page {
        let wanted = Wanted { what: what.to_owned(), mark: mark.map(str::to_owned), ..Wanted::default() };
        let reader = self.desk.reader();
        let (mut all, mut cursor) = (Page::default(), None::<String>);
        loop {
            let page = run(reader.page(&wanted, cursor.as_deref())).unwrap();
            all.items.extend(page.items);
            all.notes.extend(page.notes);
            (cursor, all.mark) = (page.next, page.mark);
            if cursor.is_none() {
                return all;
            }
        }
    }

    /// Reads until so many items have come through the AppView.
    fn read_until(&self, what: &str, count: usize) -> Page {
        let began = Instant::now();
        loop {
            let page = self.read(what, None);
            if page.items.len() >= count || began.elapsed() > Duration::from_secs(60) {
                return page;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn client() -> Client {
    Client::new(Options::new("cm-test", true), &mut |_| ()).unwrap()
}

fn get(url: &str, query: &str, token: &str) -> Value {
    let request = Request::get(format!("{url}/xrpc/{query}").parse().unwrap());
    let answer = run(client().send(request.header("authorization", &format!("Bearer {token}")))).unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

fn call(url: &str, method: &str, token: &str, body: &Value) -> Value {
    let request = Request::post(format!("{url}/xrpc/{method}").parse().unwrap(), body.to_string());
    let request = request.header("content-type", "application/json");
    let request =
        if token.is_empty() { request } else { request.header("authorization", &format!("Bearer {token}")) };
    let answer = run(client().send(request)).unwrap();
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

#[track_caller]
fn published(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Published { url } => url.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(delivery: &Delivery) -> &str {
    match delivery {
        Delivery::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

fn answering(native: &Value) -> Value {
    json!({"_cm": {"in_reply_to": native["uri"], "parent": {"native": native}}})
}

fn texts(page: &Page) -> Vec<&str> {
    page.items.iter().filter_map(|item: &Item| item.text.as_deref()).collect()
}

#[test]
fn a_link_is_cut_in_the_text_and_whole_in_its_facet_and_comes_back_as_it_was_written() {
    let Some(ann) = Ann::real() else { return };
    let text =
        format!("Grüße ☕ {}: https://acme.example/shop/coffee?id=7&utm_source=bluesky #Tee", unheard());
    let (_, delivery) = ann.say(&text, json!({"language": "de"}));
    let url = published(&delivery);
    assert!(url.starts_with(&format!("https://bsky.app/profile/{}/post/3", ann.desk.user)), "{url}");
    let records = ann.records();
    let record = &records[0]["value"];
    assert!(record["text"].as_str().unwrap().contains(": acme.example/shop/coffee?... #Tee"), "{record}");
    assert_eq!(
        record["facets"][0]["features"][0]["uri"],
        "https://acme.example/shop/coffee?id=7&utm_source=bluesky"
    );
    assert_eq!(
        (&record["facets"][1]["features"][0]["tag"], &record["langs"]),
        (&json!("Tee"), &json!(["de"]))
    );
    let page = ann.read("posts", None);
    assert_eq!(
        (texts(&page), page.items[0].own, page.items[0].url.as_deref()),
        (vec![&*text], true, Some(&*url))
    );
}

#[test]
fn three_hundred_emoji_are_taken_by_the_server_and_one_more_is_refused_before_sending() {
    let Some(ann) = Ann::real() else { return };
    // The longest that fit: by graphemes (families are refused for their bytes), and by bytes.
    for text in
        ["☕".repeat(300), "🇩🇪".repeat(300), "👍🏽".repeat(300), "👩🏽‍🚀".repeat(200), "e\u{301}".repeat(300)]
    {
        published(&ann.say(&text, json!({})).1);
    }
    let why = ann.desk.poster().freeze(&ann.draft(&"☕".repeat(301), json!({}))).unwrap_err();
    assert_eq!(why, "takes 300 characters, the text has 301");
    assert_eq!(ann.records().len(), 5);
}

#[test]
fn other_words_under_the_same_id_never_overwrite() {
    let Some(ann) = Ann::real() else { return };
    let first = ann.draft("first words", json!({}));
    let other = Draft { text: "other words".to_owned(), ..first.clone() };
    let (first, other) = (ann.desk.ready(&first), ann.desk.ready(&other));
    assert_eq!(run(ann.desk.poster().find(&first)), Found::No);
    published(&run(ann.desk.poster().send(&first)));
    let refusal = run(ann.desk.poster().send(&other));
    assert!(refused(&refusal).contains("nothing was overwritten"), "{refusal:?}");
    assert!(matches!(run(ann.desk.poster().find(&first)), Found::Yes { url: Some(_) }));
    assert_eq!(run(ann.desk.poster().find(&other)), Found::No);
    published(&run(ann.desk.poster().send(&first)));
    let records = ann.records();
    assert_eq!((records.len(), records[0]["value"]["text"].as_str()), (1, Some("first words")));
}

#[test]
fn four_that_race_make_one_record() {
    let Some(ann) = Ann::real() else { return };
    for _ in 0..5 {
        let out = ann.desk.ready(&ann.draft(&unheard(), json!({})));
        let before = ann.records().len();
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| run(ann.desk.poster().send(&out)))).collect();
            for each in runs {
                published(&each.join().unwrap());
            }
        });
        assert_eq!(ann.records().len(), before + 1);
    }
}

#[test]
fn sessions_rotate_and_survive_a_lost_answer() {
    let Some(ann) = Ann::real() else { return };
    const NAME: &str = "session bluesky:acme";
    run(ann.desk.poster().check()).unwrap();
    let first = ann.desk.vault.load(NAME).unwrap().unwrap();
    let spoil = |kept: &str| {
        let mut kept: Value = serde_json::from_str(kept).unwrap();
        kept["access"] = "no.token.any.more".into();
        ann.desk.vault.save(NAME, &kept.to_string()).unwrap();
    };
    let part = |kept: &str, name: &str| serde_json::from_str::<Value>(kept).unwrap()[name].clone();
    spoil(&first);
    run(ann.desk.poster().check()).unwrap();
    let second = ann.desk.vault.load(NAME).unwrap().unwrap();
    assert_ne!(part(&first, "refresh"), part(&second, "refresh"));
    // As if the second pair had never reached us: the server takes the first refresh token once more.
    spoil(&first);
    let poster = Desk { password: "not-needed".to_owned(), ..ann.desk.clone() }.poster();
    run(poster.check()).unwrap();
    // A refresh token that is none: the password.
    let mut kept: Value = serde_json::from_str(&second).unwrap();
    (kept["access"], kept["refresh"]) = ("a.b.c".into(), "a.b.c".into());
    ann.desk.vault.save(NAME, &kept.to_string()).unwrap();
    let wrong = Desk { password: "not-the-password".to_owned(), ..ann.desk.clone() }.poster();
    assert!(matches!(run(wrong.check()), Err(Trouble::Credentials(_))));
    let standing = run(ann.desk.poster().check()).unwrap();
    assert_eq!(standing.who, Some(format!("{} ({})", ann.desk.user, ann.did)));
    assert!(standing.token_until.unwrap() > Utc::now() + chrono::TimeDelta::days(60));
}

#[test]
fn many_that_renew_at_once_all_go_on_without_a_login() {
    let Some(ann) = Ann::real() else { return };
    const NAME: &str = "session bluesky:acme";
    run(ann.desk.poster().check()).unwrap();
    let mut kept: Value = serde_json::from_str(&ann.desk.vault.load(NAME).unwrap().unwrap()).unwrap();
    kept["access"] = "no.token.any.more".into();
    ann.desk.vault.save(NAME, &kept.to_string()).unwrap();
    let without = Desk { password: "not-the-password".to_owned(), ..ann.desk.clone() };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| run(without.poster().check()))).collect();
        for each in runs {
            each.join().unwrap().unwrap();
        }
    });
}

#[test]
fn an_app_password_will_do() {
    let Some(ann) = Ann::real() else { return };
    let made =
        call(&ann.desk.url, "com.atproto.server.createAppPassword", &ann.access, &json!({"name": "cm"}));
    let desk = Desk {
        password: made["password"].as_str().unwrap().to_owned(),
        ..Desk::new(&ann.desk.url, &ann.did, "")
    };
    let ann = Ann { desk, ..ann };
    published(&ann.say("by DID and app password", json!({})).1);
}

#[test]
fn replies_stand_in_their_thread_and_not_under_what_was_deleted() {
    let Some(ann) = Ann::real() else { return };
    let bob = Ann::make(&ann.desk.url);
    let first = ann.said("first", json!({}));
    let second = bob.said("second", answering(&first));
    // Only its address is known: the server tells the rest.
    let third = ann.said("third", json!({"_cm": {"in_reply_to": second["uri"]}}));
    assert_eq!(third["root"], json!({"uri": first["uri"], "cid": first["cid"]}));
    published(
        &ann.say(
            "",
            json!({"_cm": {"action": "like", "in_reply_to": second["uri"], "parent": {"native": second}}}),
        )
        .1,
    );
    let out = ann.desk.ready(&ann.draft("too late", answering(&second)));
    bob.delete(&second);
    let why = run(ann.desk.poster().resolve(out.body.clone())).unwrap_err();
    assert_eq!(why, Trouble::Refused("the post was deleted".to_owned()));
    assert_eq!(refused(&run(ann.desk.poster().send(&out))), "the post was deleted");
    assert_eq!(ann.records().len(), 2);
}

#[test]
fn without_an_app_view_it_is_said() {
    let Some(ann) = Ann::real() else { return };
    let wanted = Wanted { what: "mentions".to_owned(), ..Wanted::default() };
    let trouble = run(ann.desk.reader().page(&wanted, None)).unwrap_err();
    assert!(
        matches!(&trouble, Trouble::Elsewhere(reason) if reason.contains("no AppView answers")),
        "{trouble}"
    );
}

#[test]
fn logins_beyond_the_limit_wait_and_a_session_needs_none() {
    let Some(said) = named("CM_TEST_BLUESKY_LIMITED") else { return };
    let ann = Ann::make(&said[0]);
    let limit = run(ann.desk.poster().check()).unwrap().limit.unwrap();
    assert_eq!((limit.limit, limit.remaining < 3000), (3000, true));
    // Each with a vault of its own, as if no session were kept.
    let login = || run(Desk::new(&ann.desk.url, &ann.desk.user, "ann-pass").poster().check());
    let refused = (0..31).find_map(|_| login().err()).unwrap();
    let Trouble::Later { reason, after: Some(after) } = refused else { panic!("{refused:?}") };
    assert!(reason.contains("429 RateLimitExceeded"), "{reason}");
    let wait = after - Utc::now();
    assert!(wait > chrono::TimeDelta::seconds(200) && wait <= chrono::TimeDelta::seconds(301), "{wait}");
    published(&ann.say("by the session that was kept", json!({})).1);
}

#[test]
fn a_reply_that_mentions_us_is_told_once() {
    let Some((ann, bob, _)) = Ann::with_bob() else { return };
    let word = unheard();
    let first = ann.said(&format!("first {word}"), json!({}));
    ann.read_until(&format!("search?q={word}"), 1);
    bob.said(&format!("both @{}", ann.desk.user), answering(&first));
    let page = ann.read_until("notifications", 1);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!((texts(&page).len(), ann.read("notifications", None).items.len()), (1, 1));
    assert_eq!(
        (page.items[0].kind, page.items[0].in_reply_to.as_deref()),
        ("mention", first["uri"].as_str())
    );
}

#[test]
fn mentions_replies_quotes_and_hits_arrive_once_across_runs_and_an_expired_session() {
    let Some((ann, bob, life)) = Ann::with_bob() else { return };
    let word = unheard();
    let first = ann.said(&format!("first {word} https://acme.example/shop/coffee/ethiopia"), json!({}));
    // A reply that the AppView sees before what it answers is never told.
    ann.read_until(&format!("search?q={word}"), 1);
    bob.said(&format!("mention {word} @{}", ann.desk.user), json!({}));
    let reply = bob.said(&format!("reply {word}"), answering(&first));
    let quote = json!({
        "repo": bob.did, "collection": "app.bsky.feed.post",
        "record": {"$type": "app.bsky.feed.post", "text": format!("quote {word}"), "createdAt": Utc::now().to_rfc3339(),
                   "embed": {"$type": "app.bsky.embed.record", "record": {"uri": first["uri"], "cid": first["cid"]}}},
    });
    call(&bob.desk.url, "com.atproto.repo.createRecord", &bob.access, &quote);

    let page = ann.read_until("notifications", 3);
    let mut seen: Vec<(&str, &str)> = page
        .items
        .iter()
        .map(|item| (item.kind, item.text.as_deref().unwrap().split(' ').next().unwrap()))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [("mention", "mention"), ("mention", "quote"), ("reply", "reply")]);
    let told = page.items.iter().find(|item| item.kind == "reply").unwrap();
    assert_eq!((&told.native, told.thread.as_deref()), (&reply, first["uri"].as_str()));
    assert_eq!(told.author.as_ref().unwrap().handle, Some(format!("@{}", bob.desk.user)));
    for (what, count) in [("mentions", 1), ("replies", 1), ("quotes", 1)] {
        assert_eq!(ann.read(what, None).items.len(), count, "{what}");
    }

    // The next run, by an expired session: the same within the day before the mark, and nothing twice within a run.
    std::fs::write(life.join(format!("{}.access", ann.did)), "0").unwrap();
    ann.desk.vault.save("session bluesky:acme", "").unwrap();
    let dead = run(ann.desk.poster().check());
    std::fs::remove_file(life.join(format!("{}.access", ann.did))).unwrap();
    assert!(dead.is_err(), "tokens are expired at birth here");
    let again = ann.read("notifications", page.mark.as_deref());
    let ids = |page: &Page| {
        page.items.iter().map(|item| item.id.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!((ids(&again), again.items.len(), &again.mark), (ids(&page), 3, &page.mark));

    let hits = ann.read_until(&format!("search?q={word}"), 4);
    assert_eq!(hits.items.iter().filter(|item| item.own).count(), 1);
    assert_eq!(hits.items.len(), 4);
    let posts = ann.read("posts", None);
    assert_eq!(texts(&posts), [format!("first {word} https://acme.example/shop/coffee/ethiopia")]);
    let thread = ann.read(&format!("thread?uri={}", told.id), None);
    assert_eq!((thread.items.len(), thread.items[0].own, &thread.items[1].id), (2, true, &told.id));
}

#[test]
fn a_deep_thread_is_read_as_far_as_it_is_given_and_the_rest_is_told() {
    let Some((ann, _, _)) = Ann::with_bob() else { return };
    let word = unheard();
    let mut chain = vec![ann.said(&format!("0 {word}"), json!({}))];
    for n in 1..45 {
        chain.push(ann.said(&format!("{n} {word}"), answering(chain.last().unwrap())));
    }
    assert_eq!(ann.read_until(&format!("search?q={word}"), 45).items.len(), 45);
    let read = |native: &Value| ann.read(&format!("thread?uri={}", native["uri"].as_str().unwrap()), None);
    let from_the_end = read(chain.last().unwrap());
    assert_eq!((from_the_end.items.len(), from_the_end.notes.len()), (45, 0), "{:?}", from_the_end.notes);
    let from_the_start = read(&chain[0]);
    assert_eq!(
        (from_the_start.items.len(), from_the_start.notes.len()),
        (31, 1),
        "{:?}",
        from_the_start.notes
    );
    assert!(from_the_start.notes[0].contains("too deep"));
}

#[test]
fn pages_meet_without_a_gap_and_old_dates_are_met_again() {
    let Some((ann, bob, _)) = Ann::with_bob() else { return };
    let me = format!("@{}", ann.desk.user);
    let say = |n: i64, at| {
        let draft = draft(&format!("urn:cm:post:{n}"), &format!("{n} {me}"), json!({}), at);
        published(&run(bob.desk.poster().send(&bob.desk.ready(&draft))));
    };
    let now = Utc::now();
    // Those between the first page and the second are of one instant.
    for n in 0..105 {
        say(n, now - chrono::TimeDelta::seconds(if (96..104).contains(&n) { 96 } else { n }));
    }
    let prefers = json!({"priority": true});
    call(&ann.desk.url, "app.bsky.notification.putPreferences", &ann.access, &prefers);
    let page = ann.read_until("mentions", 105);
    let keys: std::collections::BTreeSet<&str> = page.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(keys.len(), 105, "also from those whom the account does not follow");
    let old: DateTime<Utc> = Utc::now() - chrono::TimeDelta::hours(3);
    let late = draft(&unheard(), &format!("late {me}"), json!({}), old);
    published(&run(bob.desk.poster().send(&bob.desk.ready(&late))));
    let began = Instant::now();
    while !texts(&ann.read("mentions", page.mark.as_deref())).iter().any(|text| text.starts_with("late")) {
        assert!(began.elapsed() < Duration::from_secs(60), "what is sorted in below the mark never came");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_the_app_view_no_longer_has_or_closes_is_not_answered() {
    let Some((ann, bob, _)) = Ann::with_bob() else { return };
    let word = unheard();
    let (gone, closed) =
        (bob.said(&format!("gone {word}"), json!({})), bob.said(&format!("closed {word}"), json!({})));
    ann.read_until(&format!("search?q={word}"), 2);
    let rkey = closed["uri"].as_str().unwrap().rsplit('/').next().unwrap();
    let gate = json!({
        "repo": bob.did, "collection": "app.bsky.feed.threadgate", "rkey": rkey,
        "record": {"$type": "app.bsky.feed.threadgate", "post": closed["uri"], "allow": [], "createdAt": Utc::now().to_rfc3339()},
    });
    call(&bob.desk.url, "com.atproto.repo.createRecord", &bob.access, &gate);
    bob.delete(&gone);
    for (native, words) in [(&gone, "deleted"), (&closed, "does not take replies")] {
        let began = Instant::now();
        loop {
            let poster = ann.desk.poster();
            let frozen = poster.freeze(&ann.draft("hello", answering(native))).unwrap();
            match run(poster.resolve(frozen)) {
                Err(Trouble::Refused(why)) => break assert!(why.contains(words), "{why}"),
                _ => assert!(began.elapsed() < Duration::from_secs(60), "never: {words}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
