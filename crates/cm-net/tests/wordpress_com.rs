//! `wordpress.com:` against a fake. Documented (developer.wordpress.com/docs/api, v1.1): paths, `number`, `offset`, `status`,
//! `type`, `order`, the comment object, errors as `{"error", "message"}`. Read in Jetpack's source of the same endpoint: newest
//! first by date; `found` counts a whole list and is -1 where `after` is given; rows that the user may not see are left out of a page and
//! stay counted; 403 `unauthorized` for queues, 404 `unknown_comment`. Assumed: 400 `invalid_token`, 429 with Retry-After.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod server;

use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{self, Account, Audience, Item, Means, Password, Trouble, Vault, Wanted};
use cm_net::{Client, Error, Options, Read};
use cm_time::Clock;
use serde_json::{Value, json};
use server::{Asked, Server, reply};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// 2026-11-22T09:00:00Z.
const NOW: DateTime<Utc> = DateTime::from_timestamp(1_795_338_000, 0).unwrap();
const BASE: &str = "rest/v1.1/sites/acme.example";

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

struct Here;

impl Means for Here {
    fn client(&self) -> Result<Client, Error> {
        let options = Options {
            clock: Clock::Fixed(NOW),
            deadline: Duration::from_secs(20),
            ..Options::new("cm-test", true)
        };
        Client::new(options, &mut |_| ())
    }
    fn vault(&self) -> Result<Arc<dyn Vault>, String> {
        Err("no vault".to_owned())
    }
}

fn comment(id: u64, days: i64, status: &str) -> Value {
    json!({
        "ID": id, "post": {"ID": 4, "title": "Ships", "type": "post", "link": "https://public-api.example/4"},
        "author": {"ID": if id % 10 == 7 { 99 } else { 0 }, "email": "ana@mail.example", "name": "Ana &amp; Co", "URL": "https://ana.example", "avatar_URL": "https://pic.example/1"},
        "date": (NOW - TimeDelta::days(days)).to_rfc3339(), "URL": format!("https://acme.example/ships/comment-page-2/#comment-{id}"),
        "content": format!("<p>comment {id}</p>"), "raw_content": "x", "status": status, "parent": false, "type": "comment", "like_count": 2,
    })
}

#[derive(Default)]
struct World {
    comments: Vec<Value>,
    /// What strangers do not see.
    private: Vec<u64>,
    /// In place of all answers: status line, headers, body.
    odd: Option<(String, String, String)>,
    /// Called before a list is answered: what happens meanwhile.
    meanwhile: Option<fn(&mut World)>,
}

impl World {
    fn answer(&mut self, asked: &Asked) -> (String, String, String) {
        let url: url::Url = format!("http://here/{}", asked.path()).parse().unwrap();
        let token = asked.header("authorization");
        let ok = |value: Value| ("200 OK".to_owned(), String::new(), value.to_string());
        let no = |status: &str, error: &str| {
            (status.to_owned(), String::new(), json!({"error": error, "message": "no"}).to_string())
        };
        if url.path() == "/rest/v1.1/me" {
            return match token {
                Some("Bearer good") => ok(json!({"ID": 99})),
                Some("Bearer site") => no("403 Forbidden", "unauthorized"),
                _ => no("400 Bad Request", "invalid_token"),
            };
        }
        if let Some(odd) = &self.odd {
            return odd.clone();
        }
        let path =
            url.path().strip_prefix(&format!("/{}", BASE.replace("acme.example", "acme%2Eexample"))).unwrap();
        if let Some(id) = path.strip_prefix("/comments/").filter(|id| !id.is_empty()) {
            let found = self.comments.iter().find(|comment| comment["ID"].as_u64() == id.parse().ok());
            return found.map_or_else(|| no("404 Not Found", "unknown_comment"), |found| ok(found.clone()));
        }
        if let Some(meanwhile) = self.meanwhile {
            meanwhile(self);
        }
        let said = |name: &str| {
            url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned()).unwrap()
        };
        let status = said("status");
        if status != "approved" && token.is_none() {
            return no("403 Forbidden", "unauthorized");
        }
        let mut all: Vec<&Value> =
            self.comments.iter().filter(|comment| comment["status"] == *status).collect();
        all.sort_by_key(|comment| {
            std::cmp::Reverse((comment["date"].as_str().unwrap().to_owned(), comment["ID"].as_u64()))
        });
        let found = all.len();
        let rows =
            all.into_iter().skip(said("offset").parse().unwrap()).take(said("number").parse().unwrap());
        let hidden =
            |comment: &&Value| token.is_some() || !self.private.contains(&comment["ID"].as_u64().unwrap());
        ok(json!({"found": found, "site_ID": 1, "comments": rows.filter(hidden).collect::<Vec<_>>()}))
    }
}

struct Host {
    server: Server,
    world: Arc<Mutex<World>>,
}

impl Host {
    fn new(comments: Vec<Value>) -> Host {
        let world = Arc::new(Mutex::new(World { comments, ..World::default() }));
        let held = Arc::clone(&world);
        let server = Server::start(move |asked, stream| {
            let (status, headers, body) = held.lock().unwrap().answer(asked);
            reply(stream, &status, &headers, body.as_bytes())
        });
        Host { server, world }
    }

    fn reader(&self, token: Option<&'static str>) -> Box<dyn Read> {
        let account = Account {
            url: Some(self.server.url(BASE).to_string()),
            password: Password::new(move || Ok(token.unwrap_or_default().to_owned())),
            has_password: token.is_some(),
            ..Account::new("wordpress.com:blog")
        };
        services::network("wordpress.com:blog").unwrap().read.unwrap()(&account, &Here).unwrap()
    }

    fn set(&self, id: u64, status: &str) {
        let mut world = self.world.lock().unwrap();
        world.comments.iter_mut().find(|comment| comment["ID"] == id).unwrap()["status"] = status.into();
    }

    /// Lists asked for by whoever has a token.
    fn lists(&self) -> usize {
        let asked = self.server.asked();
        asked.iter().filter(|a| a.header("authorization").is_some() && a.path().contains("offset=")).count()
    }
}

fn read(reader: &dyn Read, what: &str, mark: Option<&str>) -> Result<(Vec<Item>, String), Trouble> {
    let wanted = Wanted { what: what.to_owned(), mark: mark.map(str::to_owned), ..Wanted::default() };
    let (mut items, mut cursor): (Vec<Item>, Option<String>) = (Vec::new(), None);
    for _ in 0..200 {
        let page = run(reader.page(&wanted, cursor.as_deref()))?;
        items.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok((items, page.mark.unwrap())),
        }
    }
    panic!("no end");
}

fn numbers(items: &[Item]) -> Vec<u64> {
    let mut numbers: Vec<u64> =
        items.iter().map(|item| item.id["comments/".len()..].parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[test]
fn what_a_comment_says() {
    let mut answer = comment(7, 1, "approved");
    answer["parent"] = json!({"ID": 6, "type": "comment"});
    let odd = json!({"ID": 8, "status": "approved", "author": false, "post": null});
    let host = Host::new(vec![comment(6, 2, "approved"), answer, comment(9, 1, "unapproved"), odd]);
    host.world.lock().unwrap().private = vec![6];
    // Without a date it cannot be sorted in.
    host.world.lock().unwrap().comments[3]["date"] = "never".into();
    let (items, _) = read(&*host.reader(Some("good")), "comments", None).unwrap();
    let find = |id: &str| items.iter().find(|item| item.id == id).unwrap();
    let (seven, six) = (find("comments/7"), find("comments/6"));
    assert_eq!((seven.kind, seven.own, six.own), ("comment", true, false));
    assert_eq!(seven.in_reply_to.as_deref(), Some("comments/6"));
    assert_eq!(six.in_reply_to.as_deref(), Some("https://acme.example/ships/"));
    assert_eq!(six.thread, seven.thread);
    assert_eq!((seven.audience, six.audience), (Some(Audience::Public), None), "under a private post");
    assert_eq!(seven.native, json!({"post": 4, "comment": 7}));
    assert_eq!((seven.status.as_deref(), seven.counts["likes"]), (Some("approved"), 2));
    let author = seven.author.as_ref().unwrap();
    assert_eq!(
        (author.name.as_deref(), author.url.as_deref()),
        (Some("Ana & Co"), Some("https://ana.example/"))
    );
    assert!(!format!("{items:?}").contains("mail.example"));
    assert_eq!(find("comments/8").published, None);

    let (held, _) = read(&*host.reader(Some("site")), "held", None).unwrap();
    assert_eq!((held[0].status.as_deref(), held[0].audience, held[0].own), (Some("held"), None, false));
}

#[test]
fn what_was_approved_late_is_found_and_what_left_is_told() {
    let mut comments: Vec<Value> =
        (1..=250).map(|id| comment(id, 400 - i64::try_from(id).unwrap(), "approved")).collect();
    comments.extend([
        comment(300, 90, "unapproved"),
        comment(301, 3, "approved"),
        comment(302, 2, "approved"),
        comment(303, 1, "unapproved"),
    ]);
    let host = Host::new(comments);
    let reader = host.reader(Some("good"));
    let (items, mark) = read(&*reader, "comments", None).unwrap();
    assert_eq!(numbers(&items).len(), 252);
    let (_, queue) = read(&*reader, "held", None).unwrap();

    let before = host.lists();
    let (quiet, mark) = read(&*reader, "comments", Some(&mark)).unwrap();
    assert!(numbers(&quiet).len() <= 100 && host.lists() - before == 1, "one page");

    host.set(300, "approved");
    host.set(301, "spam");
    host.world.lock().unwrap().comments.retain(|comment| comment["ID"] != 302);
    let (items, mark) = read(&*reader, "comments", Some(&mark)).unwrap();
    let find = |id: u64| items.iter().find(|item| item.id == format!("comments/{id}")).unwrap();
    assert_eq!(find(300).status.as_deref(), Some("approved"), "it has an old date");
    assert_eq!(find(301).status.as_deref(), Some("spam"));
    assert!(find(302).deleted);
    let (again, _) = read(&*reader, "comments", Some(&mark)).unwrap();
    assert!(!numbers(&again).contains(&302), "told once");
    let (left, _) = read(&*reader, "held", Some(&queue)).unwrap();
    let left: Vec<(&str, &str)> =
        left.iter().map(|item| (&*item.id, item.status.as_deref().unwrap())).collect();
    assert_eq!(left, [("comments/303", "held"), ("comments/300", "approved")]);
}

#[test]
fn nothing_is_passed_over_while_the_list_moves() {
    let host =
        Host::new((1..=400).map(|id| comment(id, 500 - i64::try_from(id).unwrap(), "approved")).collect());
    host.world.lock().unwrap().meanwhile = Some(|world| {
        // The newest dozen go while the first pages are read, which pulls the rest up.
        if world.comments.len() > 370 {
            world.comments.truncate(world.comments.len() - 12);
        }
    });
    let (items, _) = read(&*host.reader(Some("good")), "comments", None).unwrap();
    let numbers = numbers(&items);
    let there = host.world.lock().unwrap().comments.len() as u64;
    assert!((1..=there).all(|id| numbers.contains(&id)), "{there} {}", numbers.len());
}

#[test]
fn nothing_is_passed_over_where_as_many_come_as_go() {
    let host =
        Host::new((1..=300).map(|id| comment(id, 500 - i64::try_from(id).unwrap(), "approved")).collect());
    host.world.lock().unwrap().meanwhile = Some(|world| {
        // Once, between two pages: the newest go, and as many old ones are let through.
        let there = |world: &World, id: u64| world.comments.iter().any(|comment| comment["ID"] == id);
        world.comments.push(comment(5000, 1, "spam"));
        let lists = world.comments.iter().filter(|comment| comment["status"] == "spam").count();
        if lists == 2 && there(world, 300) {
            world.comments.retain(|comment| !(270..=300).contains(&comment["ID"].as_u64().unwrap()));
            world.comments.extend((1001..=1031).map(|id| comment(id, 900, "approved")));
        }
    });
    let (items, _) = read(&*host.reader(Some("good")), "comments", None).unwrap();
    let numbers = numbers(&items);
    let missed: Vec<u64> = (1..270).chain(1001..=1031).filter(|id| !numbers.contains(id)).collect();
    assert_eq!(missed, [0u64; 0]);
}

#[test]
fn strangers_read_what_is_public() {
    let host =
        Host::new(vec![comment(1, 1, "approved"), comment(2, 1, "approved"), comment(3, 1, "unapproved")]);
    host.world.lock().unwrap().private = vec![2];
    let reader = host.reader(None);
    let (items, _) = read(&*reader, "comments", None).unwrap();
    assert_eq!((numbers(&items), items[0].audience), (vec![1], Some(Audience::Public)));
    assert!(matches!(read(&*reader, "held", None), Err(Trouble::Credentials(_))));
    assert!(host.server.asked().iter().all(|asked| asked.header("authorization").is_none()));
}

#[test]
fn what_each_no_means() {
    let host = Host::new(Vec::new());
    let said = |status: &str, headers: &str, body: &str| {
        host.world.lock().unwrap().odd = Some((status.to_owned(), headers.to_owned(), body.to_owned()));
        read(&*host.reader(Some("good")), "held", None).unwrap_err()
    };
    assert!(matches!(
        said("400 x", "", r#"{"error":"invalid_token","message":"The OAuth2 token is invalid."}"#),
        Trouble::Credentials(_)
    ));
    let refused =
        said("403 x", "", r#"{"error":"unauthorized","message":"User cannot read non-approved comments"}"#);
    assert!(
        matches!(&refused, Trouble::Refused(why) if why.contains("non-approved") && why.contains("moderate")),
        "{refused}"
    );
    for (status, body) in [
        ("404 x", r#"{"error":"unknown_blog","message":"Unknown blog"}"#),
        ("410 x", ""),
        ("422 x", "{}"),
        ("200 OK", "[]"),
        ("200 OK", "{}"),
    ] {
        assert!(matches!(said(status, "", body), Trouble::Refused(_)), "{status} {body}");
    }
    for (status, body) in [("500 x", ""), ("200 OK", "<html>"), ("200 OK", r#"{"found": 3, "comm"#)] {
        assert!(matches!(said(status, "", body), Trouble::Later { .. }), "{status} {body}");
    }
    let Trouble::Later { after, .. } = said("429 x", "Retry-After: 60\r\n", "") else {
        panic!("429 is later")
    };
    assert_eq!(after, Some(NOW + TimeDelta::seconds(60)));
    host.world.lock().unwrap().odd = None;
    let bad = read(&*host.reader(Some("bad-token")), "comments", None).unwrap_err();
    assert!(matches!(&bad, Trouble::Credentials(why) if !why.contains("bad-token")), "{bad}");
}
