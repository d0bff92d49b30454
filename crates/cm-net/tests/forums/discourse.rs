//! `discourse:`. Read in the source (posts_controller.rb, `latest`): `before`, `latest_posts`; older versions look at fifty
//! numbers only. Documented (docs.discourse.org): the headers of keys, 429 with `extras.wait_seconds`. Assumed: what a
//! forum that is closed to strangers answers (`not_logged_in`). Seen in clients' tests: the words for a wrong key.

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use crate::world::{Thing, Trial, nothing_is_lost};
use cm_net::services::{self, Account, Audience, Trouble};
use serde_json::{Value, json};

fn nobody(server: &Server) -> Desk {
    Desk::new("discourse:forum.example", server)
}

fn post(id: u64, topic: u64, number: u64, user: &str) -> Value {
    json!({"id": id, "topic_id": topic, "post_number": number, "username": user, "cooked": format!("<p>{id}</p>"), "topic_slug": "tea",
        "topic_title": "Tea", "created_at": "2026-11-22T08:00:00.000Z", "post_type": 1, "version": 1})
}

/// The newest numbers first: `reach` is how many numbers a page looks at.
fn forum(asked: &Asked, things: &[Thing], reach: u64) -> Answer {
    let mut newest: Vec<&Thing> = things.iter().collect();
    newest.sort_by_key(|thing| std::cmp::Reverse(thing.n));
    let before = parameter(asked, "before")
        .map_or_else(|| newest.first().map_or(0, |thing| thing.n), |n| n.parse().unwrap());
    let seen = newest.iter().filter(|thing| thing.n <= before && thing.n + reach > before);
    let posts: Vec<Value> = seen
        .take(10)
        .map(|thing| json!({"id": thing.n, "topic_id": thing.n, "created_at": thing.date().to_rfc3339()}))
        .collect();
    json(&json!({"latest_posts": posts}))
}

#[test]
fn posts_as_nobody() {
    let server = serve(|asked| match parameter(asked, "before") {
        None => json(
            &json!({"latest_posts": [post(9, 12, 3, "bob"), {"id": 8, "topic_id": 12, "post_type": 3}, null]}),
        ),
        Some(_) => json(&json!({"latest_posts": []})),
    });
    let run = nobody(&server).read("posts", None, None).unwrap();
    let [item] = &run.items[..] else { panic!("{run:?}") };
    assert_eq!(
        (item.id.as_str(), item.in_reply_to.as_deref(), item.thread.as_deref()),
        ("topics/12/3", Some("topics/12/1"), Some("topics/12/1"))
    );
    assert_eq!((item.audience, item.own, item.kind), (Some(Audience::Public), false, "comment"));
    assert_eq!(item.url.as_deref(), Some(server.url("t/tea/12/3").as_str()));
    assert_eq!(server.asked()[0].header("api-key"), None);
}

#[test]
fn with_a_key() {
    let server = serve(|asked| match (path(asked), asked.header("api-key"), asked.header("user-api-key")) {
        ("notifications.json", Some("hush"), None) => {
            assert_eq!(asked.header("api-username"), Some("acme"));
            json(&json!({"notifications": [
                {"id": 1, "notification_type": 2, "topic_id": 12, "post_number": 4, "created_at": "2026-11-22T08:00:00Z", "fancy_title": "Tea", "data": {"display_username": "bob"}},
                {"id": 3, "notification_type": 24, "topic_id": 12, "post_number": 9, "data": {"display_username": "acme"}},
                {"id": 2, "notification_type": 6, "topic_id": 13, "post_number": 1, "data": {}},
            ], "total_rows_notifications": 2}))
        }
        ("private-posts.json", None, Some("hush")) => match parameter(asked, "before") {
            None => json(&json!({"private_posts": [post(9, 12, 1, "bob")]})),
            Some(_) => json(&json!({"private_posts": []})),
        },
        _ => (
            403,
            String::new(),
            r#"{"errors":["You need to be logged in to do that."],"error_type":"not_logged_in"}"#.to_owned(),
        ),
    });
    let acme = nobody(&server).user("acme").password("hush");
    let told = acme.items("notifications");
    assert_eq!(
        told.iter().map(|item| (item.id.as_str(), item.kind)).collect::<Vec<_>>(),
        [("topics/12/4", "reply")],
        "messages are not mixed in"
    );
    let own = Desk::new("discourse:acme", &server).client_id("cm").password("hush");
    let [message] = &own.items("messages")[..] else { panic!() };
    assert_eq!((message.kind, message.audience), ("message", Some(Audience::Direct)));
    for what in ["notifications", "messages"] {
        assert!(matches!(nobody(&server).trouble(what), Trouble::Credentials(_)), "{what}");
    }
    let wrong = serve(|_| {
        let why = "You are not permitted to view the requested resource. The API username or key is invalid.";
        (403, String::new(), json!({"errors": [why], "error_type": "invalid_access"}).to_string())
    });
    let why = nobody(&wrong).user("acme").password("hush").trouble("posts");
    assert!(matches!(why, Trouble::Credentials(_)), "a wrong key is not tried at every list: {why:?}");
    let Trouble::Credentials(why) = acme.password("other").trouble("posts") else { panic!() };
    assert!(why.contains("closed to strangers") && !why.contains("hush"), "{why}");
    assert!(
        matches!(nobody(&server).password("hush").trouble("posts"), Trouble::Credentials(_)),
        "a key without its user"
    );
}

#[test]
fn a_topic_comes_whole() {
    let server = serve(|asked| match path(asked) {
        "t/12.json" => json(&json!({"title": "Tea", "archetype": "regular",
            "post_stream": {"posts": [post(1, 12, 1, "ana")], "stream": [1, 2, 3]}})),
        "t/12/posts.json" => {
            assert!(asked.path().ends_with("post_ids%5B%5D=2&post_ids%5B%5D=3"), "{}", asked.path());
            let gone = json!({"id": 3, "topic_id": 12, "post_number": 3, "username": "x", "cooked": "<p>(post deleted by author)</p>", "user_deleted": true});
            json(&json!({"post_stream": {"posts": [post(2, 12, 2, "bob"), gone]}}))
        }
        "t/13.json" => {
            json(&json!({"archetype": "private_message", "post_stream": {"posts": [], "stream": []}}))
        }
        _ => (
            404,
            String::new(),
            r#"{"errors":["The requested URL or resource could not be found."],"error_type":"not_found"}"#
                .to_owned(),
        ),
    });
    let items = nobody(&server).items("topic/12");
    assert_eq!(
        items.iter().map(|item| (item.id.as_str(), item.deleted)).collect::<Vec<_>>(),
        [("topics/12/1", false), ("topics/12/2", false), ("topics/12/3", true)]
    );
    assert!(matches!(nobody(&server).trouble("topic/13"), Trouble::Refused(_)));
    let Trouble::Refused(why) = nobody(&server).trouble("topic/14") else { panic!() };
    assert!(why.ends_with("not there, or not for us"), "{why}");
}

#[test]
fn topics_and_searches() {
    let server = serve(|asked| match path(asked) {
        "c/dev/7/l/latest.json" => {
            json(&json!({"users": [{"id": 5, "username": "ana"}], "topic_list": {"topics": [
            {"id": 12, "title": "Tea", "slug": "tea", "posts_count": 4, "like_count": 2, "created_at": "2026-11-20T08:00:00Z", "bumped_at": "2026-11-22T08:00:00Z",
             "pinned": true, "tags": ["pots"], "posters": [{"description": "Original Poster", "user_id": 5}]}]}}))
        }
        "search.json" => {
            assert_eq!(
                parameter(asked, "q").as_deref(),
                Some("\"acme roast\" order:latest after:2026-11-21")
            );
            json(
                &json!({"posts": [{"id": 9, "topic_id": 12, "post_number": 1, "username": "bob", "blurb": "..."},
                    {"id": 10, "topic_id": 13, "post_number": 1, "username": "eve", "blurb": "hush"}],
                "topics": [{"id": 12, "title": "Tea"}, {"id": 13, "archetype": "private_message"}],
                "grouped_search_result": {"more_full_page_results": null}}),
            )
        }
        "user_actions.json" if parameter(asked, "offset").as_deref() == Some("0") => {
            json(&json!({"user_actions": [
            {"post_id": 9, "topic_id": 12, "post_number": 2, "username": "acme", "excerpt": "hi", "slug": "tea", "created_at": "2026-11-22T08:00:00Z"}]}))
        }
        _ => json(&json!({"user_actions": []})),
    });
    let [topic] = &nobody(&server).items("category/dev/7")[..] else { panic!() };
    assert_eq!(
        (topic.title.as_deref(), topic.counts["replies"], topic.author.clone().unwrap().handle.as_deref()),
        (Some("Tea"), 3, Some("ana"))
    );
    let found = nobody(&server).read("search?q=%22acme+roast%22", None, Some(now())).unwrap().items;
    assert_eq!(found.len(), 1, "messages stand in no other list");
    assert_eq!((found[0].title.as_deref(), found[0].text.as_deref()), (Some("Tea"), Some("...")));
    assert_eq!(nobody(&server).items("user/acme")[0].html.as_deref(), Some("hi"));
}

#[test]
fn odd_answers() {
    odd_codes(nobody, "posts");
    let server = serve(|_| {
        (
            429,
            "Retry-After: 3\r\n".to_owned(),
            r#"{"errors":["slow down"],"error_type":"rate_limit","extras":{"wait_seconds":17}}"#.to_owned(),
        )
    });
    let Trouble::Later { after: Some(after), reason } = nobody(&server).trouble("posts") else { panic!() };
    assert_eq!((after - now()).num_seconds(), 17, "{reason}");
    let open = services::network("discourse:x").unwrap().read.unwrap();
    let desk = nobody(&server);
    assert!(open(&Account::new("discourse:acme"), &desk).err().unwrap().contains("discourse:forum.example"));
    assert_eq!(
        open(&Account::new("discourse:forum.example"), &desk).ok().unwrap().server().unwrap().as_str(),
        "https://forum.example/"
    );
}

#[test]
fn where_all_the_next_numbers_are_hidden_it_goes_on() {
    let server = serve(|asked| {
        let before = parameter(asked, "before").map_or(305, |before| before.parse::<u64>().unwrap());
        let seen = (1..=10).chain(300..=305).filter(|id| *id <= before && id + 50 > before);
        let posts: Vec<Value> = seen.map(|id| post(id, id, 1, "bob")).collect();
        json(&json!({"latest_posts": posts}))
    });
    assert_eq!(nobody(&server).items("posts").len(), 16);
}

#[test]
fn nothing_is_lost_while_people_write() {
    let trial = Trial { things: 600, late: 80_000, overlap: 86_400, page: 10 };
    for reach in [u64::MAX / 2, 50] {
        nothing_is_lost(
            &trial,
            move |asked, there| forum(asked, there, reach),
            nobody,
            "posts",
            |thing| format!("topics/{}/1", thing.n),
        );
    }
}
