//! Posts, replies, likes and boosts on a real Bluesky PDS: under fire (with the feature `failpoints`, which the tools need
//! too), and what a post looks like there.

#![expect(clippy::unwrap_used, reason = "in tests a panic is the report")]

use chrono::{SecondsFormat, TimeDelta, Utc};
use cm_tests::peers::{self, Account, Bluesky, Post, Ref, unique};
use cm_tests::{Home, Login};
use serde_json::{Value, json};
use std::time::Duration;

/// A draft of our own words.
fn note(text: &str) -> String {
    let id = format!("urn:cm:draft:{}", unique("note"));
    let cm = json!({"version": 1, "kind": "note", "draft": true, "audience": "public"});
    format!("{}\n", json!({"id": id, "content_text": text, "language": "en", "_cm": cm}))
}

/// A draft that answers a post of a thread, or an action on it, as cm-inbox makes them.
fn about(parent: &Ref, root: &Ref, meta: Value, text: &str) -> String {
    let native = json!({"uri": parent.uri, "cid": parent.cid, "root": {"uri": root.uri, "cid": root.cid}});
    let mut cm = json!({"version": 1, "draft": true, "in_reply_to": parent.uri,
        "parent": {"id": parent.uri, "account": "bluesky:acme", "native": native}});
    cm.as_object_mut().unwrap().extend(meta.as_object().unwrap().clone());
    let id = format!("urn:cm:draft:{}", unique("about"));
    format!("{}\n", json!({"id": id, "content_text": text, "_cm": cm}))
}

fn reply(parent: &Ref, root: &Ref, text: &str) -> String {
    about(parent, root, json!({"kind": "reply", "audience": "public"}), text)
}

fn home(login: Login) -> Home {
    Home::with_accounts(&[login], "")
}

/// A network, somebody who posts, and a home that posts as that one; `None` where there is no PDS.
fn stage() -> Option<(Bluesky, Account, Home)> {
    let network = peers::bluesky()?;
    let ann = network.account("ann");
    let home = home(ann.login("bluesky:acme"));
    Some((network, ann, home))
}

fn post_of(out: &str) -> Value {
    let record: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    record["_cm_schedule"]["posts"][0].clone()
}

#[track_caller]
fn now(home: &Home, input: &str) -> Value {
    post_of(
        &home.run("cm-schedule", &["add", "--now", "--to", "bluesky:acme"], input).exits(0).silent().text(),
    )
}

#[test]
fn a_link_is_shortened_in_the_text_and_whole_in_its_facet() {
    let Some((_, ann, home)) = stage() else { return };
    let link = "https://www.acme.example/shop/coffee/ethiopia-yirgacheffe?id=7&utm_source=bluesky";
    let text = format!("Nouveau café ☕ {link} et voilà");
    let input = note(&text);
    let dry = home.run("cm-schedule", &["add", "-n", "--now", "--to", "bluesky:acme"], &input).exits(0);
    let dry: Value = serde_json::from_str(&dry.text()).unwrap();
    for _ in 0..2 {
        assert_eq!(now(&home, &input)["state"], "published");
    }
    let posts = ann.posts();
    let [post] = posts.as_slice() else { panic!("one post: {posts:#?}") };
    let (shown, facet) = (post["value"]["text"].as_str().unwrap(), &post["value"]["facets"][0]);
    assert_eq!(facet["features"][0]["uri"], link);
    let at = |name: &str| usize::try_from(facet["index"][name].as_u64().unwrap()).unwrap();
    let words = &shown[at("byteStart")..at("byteEnd")];
    assert!(words.starts_with("www.acme.example/") && words.len() < link.len() / 2, "{words}");
    assert_eq!(shown, text.replace(link, words));
    assert_eq!(dry["shown"], shown, "the rehearsal shows what people will read");
    assert_eq!(post["value"]["langs"], json!(["en"]));
}

#[test]
fn three_hundred_characters_as_people_see_them_and_no_more() {
    let Some((_, ann, home)) = stage() else { return };
    let (most, more) = ("🇩🇪".repeat(300), "🇩🇪".repeat(301));
    assert_eq!(now(&home, &note(&most))["state"], "published");
    let refused = home.run("cm-schedule", &["add", "--now", "--to", "bluesky:acme"], note(&more)).exits(3);
    assert!(refused.stderr.contains("not posted: ") && refused.stderr.contains("301"), "{}", refused.stderr);
    // What counts is what people see: a long link is short there.
    let long = format!("{} https://acme.example/{}", "x".repeat(250), "y".repeat(200));
    assert_eq!(now(&home, &note(&long))["state"], "published");
    assert_eq!(ann.posts().len(), 2);
    assert_eq!(home.run("cm-schedule", &["list", "--state", "all"], "").lines().len(), 2);
}

#[test]
fn a_reply_stands_in_its_thread_and_its_address_is_kept() {
    let Some((network, ann, home)) = stage() else { return };
    let bob = network.account("bob");
    let root = ann.post(&Post::new("Fresh roast"));
    let question = bob.post(&Post::new("When?").reply(&root, &root));
    let post = now(&home, &reply(&question, &root, "On Monday"));
    let answer = ann.posts().into_iter().find(|post| post["value"]["text"] == "On Monday").unwrap();
    assert_eq!(answer["value"]["reply"]["parent"]["uri"], question.uri);
    assert_eq!(answer["value"]["reply"]["root"]["uri"], root.uri);
    let rkey = Ref::of(&answer).rkey().to_owned();
    assert!(post["published_url"].as_str().unwrap().contains(&rkey), "{post}");
}

#[test]
fn likes_and_boosts_happen_once() {
    let Some((network, ann, home)) = stage() else { return };
    let theirs = network.account("bob").post(&Post::new("Nice shop"));
    for (action, collection) in [("like", "app.bsky.feed.like"), ("boost", "app.bsky.feed.repost")] {
        let input = about(&theirs, &theirs, json!({"action": action}), "");
        for _ in 0..2 {
            assert_eq!(now(&home, &input)["state"], "published");
        }
        let of = [("repo", ann.did.as_str()), ("collection", collection)];
        let found = ann.query("com.atproto.repo.listRecords", &of)["records"].as_array().unwrap().clone();
        assert_eq!((found.len(), &found[0]["value"]["subject"]["uri"]), (1, &json!(theirs.uri)), "{action}");
    }
    let approve = about(&theirs, &theirs, json!({"action": "approve"}), "");
    let refused = home.run("cm-schedule", &["add", "--now"], approve).exits(3);
    assert!(refused.stderr.contains("not posted: bluesky:acme"), "{}", refused.stderr);
}

#[test]
fn what_bluesky_has_not_is_refused_before_it_is_queued() {
    let Some((network, ann, home)) = stage() else { return };
    let theirs = network.account("bob").post(&Post::new("Psst"));
    let private = reply(&theirs, &theirs, "x").replace("\"public\"", "\"followers\"");
    let foreign = reply(&theirs, &theirs, "x")
        .replace("\"account\":\"bluesky:acme\"", "\"account\":\"wordpress:blog\"");
    for (input, words) in [(private, "only for followers"), (foreign, "the item came through wordpress:blog")]
    {
        let done =
            home.run("cm-schedule", &["add", "--now", "--private", "--to", "bluesky:acme"], &input).exits(3);
        assert!(done.stderr.contains("not posted: ") && done.stderr.contains(words), "{}", done.stderr);
    }
    assert_eq!(
        (ann.posts().len(), home.run("cm-schedule", &["list", "--state", "all"], "").text()),
        (0, String::new())
    );
}

#[test]
fn a_wrong_password_is_seen_as_wrong_and_the_post_waits() {
    let Some((network, ann, _)) = stage() else { return };
    let home = home(Login::new("bluesky:acme", &network.url, &ann.handle, "not-the-password"));
    let done = home.run("cm-schedule", &["add", "--now", "--to", "bluesky:acme"], note("Hello")).exits(4);
    assert!(!done.stderr.contains("not-the-password"), "{}", done.stderr);
    assert_eq!((post_of(&done.text())["state"].as_str(), ann.posts().len()), (Some("queued"), 0));
    home.run("cm-schedule", &["accounts", "--check"], "").exits(4);
}

#[test]
fn accounts_check_says_as_whom_it_posts_and_how_long_its_session_holds() {
    let Some((_, ann, home)) = stage() else { return };
    let done = home.run("cm-schedule", &["accounts", "--check"], "").exits(0).silent();
    let account: Value = serde_json::from_str(&done.text()).unwrap();
    assert!(account["posts_as"].as_str().unwrap().contains(&ann.handle), "{account}");
    assert!(account["session_until"].as_str().unwrap() > Utc::now().to_rfc3339().as_str(), "{account}");
}

#[test]
fn a_token_that_expires_in_the_middle_is_renewed_and_the_post_goes_out_once() {
    let Some((_, ann, home)) = stage() else { return };
    ann.lifetimes(Some(1), None);
    now(&home, &note("The first logs in"));
    std::thread::sleep(Duration::from_millis(1_200));
    ann.lifetimes(None, None);
    // By a clock that is behind the token looks good: the server is who says that it is not.
    let behind = (Utc::now() - TimeDelta::hours(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let args = ["add", "--now", "--to", "bluesky:acme", "--clock", &behind];
    home.run("cm-schedule", &args, note("The second finds it expired")).exits(0).silent();
    assert_eq!((ann.copies("The first"), ann.copies("The second"), ann.posts().len()), (1, 1, 2));
}

#[test]
fn a_login_is_not_made_for_every_run_and_too_many_are_waited_out() {
    let Some(network) = peers::bluesky_limited() else { return };
    let ann = network.account("ann");
    let login = ann.login("bluesky:acme");
    let patient = home(login.clone());
    for n in 0..35 {
        now(&patient, &note(&format!("Post {n}")));
    }
    assert_eq!(ann.posts().len(), 35, "30 logins in 5 minutes are allowed, one was made");
    let who = json!({"identifier": ann.handle, "password": ann.password});
    let refused = |_| network.call("com.atproto.server.createSession", &who, None).status != 200;
    assert!((0..100).any(refused), "its rate limits are on");
    let other = home(login);
    let done = other.run("cm-schedule", &["add", "--now", "--to", "bluesky:acme"], note("Too many")).exits(3);
    assert!(done.stderr.contains("was not sent, next try"), "{}", done.stderr);
    assert_eq!((post_of(&done.text())["state"].as_str(), ann.copies("Too many")), (Some("queued"), 0));
}

#[cfg(feature = "failpoints")]
mod fire;

#[cfg(feature = "failpoints")]
mod under_fire {
    use super::fire::{self, Batch, Fault, Proxy, WANTED};
    use super::{Account, Bluesky, Home, Post, home, json, note, now, peers, reply, unique};
    use cm_tests::peers::Ref;

    fn batch(ann: Account, texts: Vec<String>, input: String) -> Batch {
        let login = ann.login("bluesky:acme");
        let copies = move || texts.iter().map(|text| ann.copies(text)).collect();
        Batch { login, input, copies: Box::new(copies), withdrawn: Box::new(|| 0) }
    }

    /// Posts of a new account with a link each, counted in its repository.
    fn posts(network: &Bluesky) -> Batch {
        let texts: Vec<String> = (0..WANTED).map(|_| unique("Fresh roast ")).collect();
        let link = "https://acme.example/a/rather/long/path/to/the/shop?utm_source=bluesky";
        let input = texts.iter().map(|text| note(&format!("{text} {link}"))).collect();
        batch(network.account("ann"), texts, input)
    }

    /// Replies of a new account to a post of another.
    fn replies(network: &Bluesky) -> Batch {
        let question = network.account("bob").post(&Post::new("When does it ship?"));
        let texts: Vec<String> = (0..WANTED).map(|_| unique("On Monday ")).collect();
        let input = texts.iter().map(|text| reply(&question, &question, text)).collect();
        batch(network.account("ann"), texts, input)
    }

    fn proxied(network: &Bluesky, fault: Fault, batch: fn(&Bluesky) -> Batch) -> (Proxy, Batch) {
        let proxy = Proxy::start(&network.url, fault, |line| line.contains("repo.putRecord"));
        let mut batch = batch(network);
        batch.login.url.clone_from(&proxy.url);
        (proxy, batch)
    }

    #[test]
    fn posts_killed_at_every_stop() {
        let Some(network) = peers::bluesky() else { return };
        fire::killed("Bluesky post", || posts(&network));
    }

    #[test]
    fn posts_frozen_at_every_stop() {
        let Some(network) = peers::bluesky() else { return };
        fire::frozen("Bluesky post", || posts(&network));
    }

    #[test]
    fn posts_by_two_senders_at_once() {
        let Some(network) = peers::bluesky() else { return };
        fire::two_at_once("Bluesky post", || posts(&network));
    }

    #[test]
    fn posts_by_a_sleeper_that_wakes_as_its_replacement_sends() {
        let Some(network) = peers::bluesky() else { return };
        fire::woken_together("Bluesky post", || posts(&network));
    }

    #[test]
    fn posts_whose_answers_are_lost() {
        let Some(network) = peers::bluesky() else { return };
        fire::unanswered("Bluesky post", |fault| proxied(&network, fault, posts));
    }

    #[test]
    fn replies_killed_at_every_stop() {
        let Some(network) = peers::bluesky() else { return };
        fire::killed("Bluesky reply", || replies(&network));
    }

    #[test]
    fn replies_frozen_at_every_stop() {
        let Some(network) = peers::bluesky() else { return };
        fire::frozen("Bluesky reply", || replies(&network));
    }

    #[test]
    fn replies_by_two_senders_at_once() {
        let Some(network) = peers::bluesky() else { return };
        fire::two_at_once("Bluesky reply", || replies(&network));
    }

    #[test]
    fn replies_whose_answers_are_lost() {
        let Some(network) = peers::bluesky() else { return };
        fire::unanswered("Bluesky reply", |fault| proxied(&network, fault, replies));
    }

    /// Somebody edited the post after it went out and before that was noted: the repeat leaves the edit alone.
    #[test]
    fn a_repeat_never_overwrites_what_was_edited_meanwhile() {
        let Some(network) = peers::bluesky() else { return };
        let ann = network.account("ann");
        let home: Home = home(ann.login("bluesky:acme")).with("CM_LEASE_MS", "300");
        now(&home, &note("Before"));
        let add = ["add", "--now", "--to", "bluesky:acme"];
        home.killed("outbox.sent", "cm-schedule", &add, note("As it was sent"));
        let all = ann.posts();
        let sent = all.iter().find(|post| post["value"]["text"] == "As it was sent").unwrap();
        let mut edited = sent["value"].clone();
        edited["text"] = "As it was edited".into();
        let rkey = Ref::of(sent).rkey().to_owned();
        let put =
            json!({"repo": ann.did, "collection": "app.bsky.feed.post", "rkey": rkey, "record": edited});
        ann.call("com.atproto.repo.putRecord", &put);
        std::thread::sleep(std::time::Duration::from_millis(400));
        let told = home.run("cm-schedule", &["publish"], "").exits(3).stderr;
        assert!(told.contains("nothing was overwritten"), "{told}");
        assert_eq!(ann.get(&rkey).unwrap()["value"]["text"], "As it was edited");
        assert_eq!((ann.posts().len(), ann.copies("As it was sent")), (2, 0));
    }
}
