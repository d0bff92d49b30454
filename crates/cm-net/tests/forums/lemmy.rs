//! `lemmy:`. Documented (lemmy-js-client, v3): paths, views, `page` and `limit` up to 50, errors as `{"error": name}`, the
//! token in a header since 0.19. Assumed: of v4 the paths and that lists carry `next_page` (LemmyNet/lemmy#3872).

use crate::desk::{Answer, Desk, json, now, odd_codes, parameter, path, serve};
use crate::server::{Asked, Server};
use crate::world::{Thing, Trial, nothing_is_lost};
use cm_net::services::{self, Account, Audience, Trouble};
use serde_json::{Value, json};

fn nobody(server: &Server) -> Desk {
    Desk::new("lemmy:lemmy.example", server)
}

fn comment(id: u64, up: &str, at: &str) -> Value {
    json!({"comment": {"id": id, "content": "x", "ap_id": address(id), "path": format!("{up}.{id}"), "published": at},
        "creator": {"name": "bob", "actor_id": "https://there.example/u/bob", "local": false},
        "post": {"id": 1, "ap_id": "https://there.example/post/1"}, "counts": {"upvotes": 2, "child_count": 0}})
}

fn address(id: u64) -> String {
    format!("https://there.example/comment/{id}")
}

fn error(status: u16, name: &str) -> Answer {
    (status, String::new(), json!({"error": name}).to_string())
}

fn server_of(asked: &Asked, things: &[Thing]) -> Answer {
    let number = |name| parameter(asked, name).unwrap().parse::<usize>().unwrap();
    let (page, limit) = (number("page"), number("limit"));
    assert!((1..=50).contains(&limit), "{limit}");
    let some = things.iter().skip((page - 1) * limit).take(limit);
    let views: Vec<Value> = some.map(|thing| comment(thing.n, "0", &thing.date().to_rfc3339())).collect();
    json(&json!({"comments": views}))
}

#[test]
fn comments_name_what_they_answer() {
    let server = serve(|asked| match path(asked) {
        "api/v3/comment/list" => {
            assert_eq!(parameter(asked, "community_name").as_deref(), Some("tea@there.example"));
            assert_eq!(
                (parameter(asked, "sort").as_deref(), asked.header("authorization")),
                (Some("New"), None)
            );
            let at = "2026-11-22T08:00:00.123456Z";
            json(
                &json!({"comments": [comment(9, "0.8", at), comment(8, "0.7", at), comment(7, "0.5", at), comment(6, "0", at), {"comment": {}}]}),
            )
        }
        "api/v3/comment" if parameter(asked, "id").as_deref() == Some("5") => {
            json(&json!({"comment_view": {"comment": {"id": 5, "ap_id": "https://far.example/comment/1"}}}))
        }
        _ => error(400, "couldnt_find_comment"),
    });
    let items = nobody(&server).items("comments?community=tea%40there.example");
    let up: Vec<&str> = items.iter().map(|item| item.in_reply_to.as_deref().unwrap()).collect();
    assert_eq!(
        up,
        [&*address(8), &*address(7), "https://far.example/comment/1", "https://there.example/post/1"]
    );
    assert_eq!(
        (items[0].id.clone(), items[0].audience, items[0].thread.as_deref()),
        (address(9), Some(Audience::Public), Some("https://there.example/post/1"))
    );
    assert_eq!(server.asked().len(), 2, "what stands on the page is not looked up");
}

#[test]
fn a_login_is_done_once_and_the_token_travels_as_the_server_takes_it() {
    for old in [false, true] {
        let server = serve(move |asked| match path(asked) {
            "api/v3/user/login" => {
                match serde_json::from_slice::<Value>(&asked.body).unwrap()["password"].as_str() {
                    Some("hush") => json(&json!({"jwt": "the-token"})),
                    _ => error(400, "incorrect_login"),
                }
            }
            "api/v3/user/replies" => {
                let given = if old {
                    parameter(asked, "auth")
                } else {
                    asked.header("authorization").map(str::to_owned)
                };
                match given.as_deref() {
                    Some("the-token" | "Bearer the-token") => {
                        json(&json!({"replies": [comment(9, "0", "2026-11-22T08:00:00Z")]}))
                    }
                    _ => error(if old { 400 } else { 401 }, "not_logged_in"),
                }
            }
            other => panic!("{other}"),
        });
        let acme = Desk::new("lemmy:acme", &server).user("acme").password("hush");
        let [reply] = &acme.items("replies")[..] else { panic!() };
        assert_eq!(reply.kind, "reply");
        acme.items("replies");
        let logins = server.asked().iter().filter(|asked| path(asked) == "api/v3/user/login").count();
        assert_eq!(logins, 1, "old: {old}");
        // A token that no longer holds is replaced once.
        acme.vault.0.lock().unwrap().values_mut().for_each(|kept| *kept = kept.replace("the-token", "stale"));
        assert_eq!(acme.items("replies").len(), 1);
        let Trouble::Credentials(why) =
            Desk::new("lemmy:acme", &server).user("acme").password("wrong-one").trouble("replies")
        else {
            panic!()
        };
        assert!(why.contains("incorrect_login") && !why.contains("wrong-one"), "{why}");
    }
    let server = serve(|_| error(401, "missing_totp_token"));
    let Trouble::Credentials(why) =
        Desk::new("lemmy:acme", &server).user("acme").password("x").trouble("replies")
    else {
        panic!()
    };
    assert!(why.contains("second factor"), "{why}");
}

#[test]
fn messages_only_where_they_are_asked_for() {
    let server = serve(|asked| match path(asked) {
        "api/v3/user/login" => json(&json!({"jwt": "t"})),
        "api/v3/private_message/list" => json(
            &json!({"private_messages": [{"private_message": {"id": 3, "content": "psst", "ap_id": "https://there.example/private_message/3",
            "published": "2026-11-22T08:00:00Z"}, "creator": {"name": "acme", "local": true}}]}),
        ),
        "api/v3/user/mention" => json(&json!({"mentions": []})),
        other => panic!("{other}"),
    });
    let acme = Desk::new("lemmy:acme", &server).user("acme").password("hush");
    let [message] = &acme.items("messages")[..] else { panic!() };
    assert_eq!(
        (message.kind, message.audience, message.own, message.url.as_deref()),
        ("message", Some(Audience::Direct), true, None)
    );
    assert!(acme.items("mentions").is_empty());
    assert!(matches!(nobody(&server).trouble("messages"), Trouble::Credentials(_)));
}

#[test]
fn a_server_that_has_v4_only_gives_cursors() {
    let server = serve(|asked| match (path(asked), parameter(asked, "page_cursor").as_deref()) {
        ("api/v4/search", None) => json(
            &json!({"posts": [{"post": {"id": 1, "name": "Tea", "ap_id": "https://there.example/post/1"}}], "comments": [], "next_page": "Pa"}),
        ),
        ("api/v4/search", Some("Pa")) => {
            json(&json!({"posts": [], "comments": [comment(9, "0", "2026-11-22T08:00:00Z")]}))
        }
        _ => (404, String::new(), String::new()),
    });
    let items = nobody(&server).items("search?q=acme");
    assert_eq!(items.iter().map(|item| item.kind).collect::<Vec<_>>(), ["note", "comment"]);
}

#[test]
fn odd_answers() {
    odd_codes(nobody, "community/tea");
    let said = |status: u16, name: &'static str| {
        let server = serve(move |_| error(status, name));
        nobody(&server).trouble("community/tea")
    };
    assert!(matches!(said(400, "rate_limit_error"), Trouble::Later { .. }));
    assert!(matches!(said(400, "instance_is_private"), Trouble::Credentials(_)));
    assert!(matches!(said(404, "couldnt_find_community"), Trouble::Refused(_)));
    let open = services::network("lemmy:x").unwrap().read.unwrap();
    let server = serve(|_| error(500, "x"));
    assert!(
        open(&Account::new("lemmy:acme"), &nobody(&server)).err().unwrap().contains("lemmy:lemmy.example")
    );
    let _ = now();
}

#[test]
fn nothing_is_lost_while_people_write() {
    let trial = Trial { things: 900, late: 160_000, overlap: 2 * 86_400, page: 50 };
    nothing_is_lost(&trial, server_of, nobody, "comments?community=tea", |thing| address(thing.n));
}
