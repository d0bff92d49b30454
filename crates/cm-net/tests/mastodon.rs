//! `mastodon:` against a fake. Documented (docs.joinmastodon.org): paths, parameters, entities, `Link` with `max_id` and
//! `min_id`, `X-RateLimit-Reset` as an ISO time, errors as `{"error": "..."}`, 422 for who must be logged in (before 4.4), batches of 20 by
//! `id[]` (4.3). Read in its source: a page has `prev` unless it is empty; direct ones stand among mentions; a conversation stands
//! where its last status does. Assumed: what Pleroma, GoToSocial and Pixelfed do otherwise (no batch, no `Link`, numbers for text).

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod server;

use chrono::{DateTime, TimeDelta, Utc};
use cm_net::services::{self, Account, Audience, Item, Means, Password, Trouble, Vault, Wanted};
use cm_net::{Client, Error, Options, Read};
use cm_time::Clock;
use serde_json::{Value, json};
use server::{Asked, Server, reply};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TOKEN: &str = "a-token-of-ours";
/// 2026-11-22T09:00:00Z.
const NOW: DateTime<Utc> = DateTime::from_timestamp(1_795_338_000, 0).unwrap();

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

/// What the server holds, and what it cannot do.
#[derive(Clone, Default)]
struct World {
    /// Every status by its number.
    statuses: Vec<Value>,
    /// (type, who, status's number); its own number is its place.
    notifications: Vec<Value>,
    /// Lists by their path.
    lists: HashMap<String, Vec<Value>>,
    /// Answers by path, in place of all others: status line, headers, body.
    odd: HashMap<String, (String, String, String)>,
    /// Entries of a page.
    page: usize,
    no_batch: bool,
    no_links: bool,
    no_search: bool,
    /// What is said to be left of the limit.
    remaining: u64,
}

fn account(id: u64) -> Value {
    let acct = if id == 1 { "acme".to_owned() } else { format!("u{id}@other.example") };
    json!({"id": id.to_string(), "username": acct, "acct": acct, "display_name": format!("User {id}"),
        "url": format!("https://other.example/@u{id}"), "followers_count": 10 * id, "following_count": 3, "statuses_count": 4})
}

/// A status by its number, hours before now.
fn status(id: u64, by: u64, to: Option<u64>, hours: i64) -> Value {
    json!({"id": id.to_string(), "uri": uri(id), "url": format!("https://other.example/@u{by}/{id}"),
        "account": account(by), "content": format!("<p>status {id}</p>"), "visibility": "public",
        "in_reply_to_id": to.map(|to| to.to_string()), "in_reply_to_account_id": null, "spoiler_text": "",
        "created_at": (NOW - TimeDelta::hours(hours)).to_rfc3339(), "edited_at": null, "language": "en",
        "replies_count": 1, "favourites_count": 2, "reblogs_count": 3, "media_attachments": [], "tags": [],
        "reblog": null, "poll": null, "card": null})
}

fn uri(id: u64) -> String {
    format!("https://other.example/users/x/statuses/{id}")
}

impl World {
    fn new() -> World {
        World { page: 3, remaining: 299, ..World::default() }
    }

    /// A status that is known to the server; of an answer the account that it answers is said.
    fn status(&mut self, mut status: Value) -> Value {
        if let Some(parent) = status["in_reply_to_id"].as_str().and_then(|id| self.find(id)) {
            status["in_reply_to_account_id"] = parent["account"]["id"].clone();
        }
        self.statuses.push(status.clone());
        status
    }

    fn find(&self, id: &str) -> Option<Value> {
        self.statuses.iter().find(|status| status["id"] == id).cloned()
    }

    fn notify(&mut self, kind: &str, status: &Value) {
        let id = self.notifications.len() + 100;
        let by = status["account"].clone();
        self.notifications.push(json!({"id": id.to_string(), "type": kind, "account": by, "status": status, "created_at": status["created_at"]}));
    }

    fn mention(&mut self, id: u64, by: u64, to: Option<u64>, hours: i64) -> Value {
        let status = self.status(status(id, by, to, hours));
        self.notify("mention", &status);
        status
    }

    fn answer(&self, asked: &Asked) -> (String, String, String) {
        let url: url::Url = format!("http://here/{}", asked.path()).parse().unwrap();
        let path = url.path().trim_start_matches('/').to_owned();
        if let Some(odd) = self.odd.get(&path) {
            return odd.clone();
        }
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let said = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let all = |name: &str| -> Vec<String> {
            query.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
        };
        let ok = |value: Value| ("200 OK".to_owned(), self.limits(), value.to_string());
        let missing =
            || ("404 Not Found".to_owned(), self.limits(), r#"{"error":"Record not found"}"#.to_owned());
        match path.as_str() {
            "api/v1/accounts/verify_credentials" => ok(account(1)),
            "api/v1/notifications" => {
                let types = all("types[]");
                let rows =
                    self.notifications.iter().filter(|row| types.iter().any(|kind| row["type"] == **kind));
                self.list(rows.cloned().collect(), &query, &path)
            }
            "api/v1/statuses" if self.no_batch => missing(),
            "api/v1/statuses" => {
                let ids = all("id[]");
                assert!(ids.len() <= 20, "422: too many");
                ok(ids.iter().filter_map(|id| self.find(id)).collect())
            }
            "api/v2/search" => {
                let found = self.lists.get("search").cloned().unwrap_or_default();
                let found = match said("q").unwrap().as_str() {
                    "from:me" if self.no_search => Vec::new(),
                    "from:me" => vec![json!({"id": "1"})],
                    q if q.starts_with("https://") => {
                        self.statuses.iter().filter(|s| s["uri"] == q).cloned().collect()
                    }
                    _ => found,
                };
                let offset: usize = said("offset").unwrap_or_default().parse().unwrap_or(0);
                ok(json!({"statuses": found.iter().skip(offset).take(40).collect::<Vec<_>>()}))
            }
            _ if self.lists.contains_key(&path) => self.list(self.lists[&path].clone(), &query, &path),
            _ => match path
                .strip_prefix("api/v1/statuses/")
                .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
            {
                Some((id, "context")) => {
                    let mut above = Vec::new();
                    let mut next =
                        self.find(id).and_then(|status| self.find(status["in_reply_to_id"].as_str()?));
                    while let Some(status) = next {
                        next = status["in_reply_to_id"].as_str().and_then(|id| self.find(id));
                        above.insert(0, status);
                    }
                    let mut below: Vec<Value> = Vec::new();
                    let mut all = vec![Value::from(id)];
                    for status in &self.statuses {
                        if all.contains(&status["in_reply_to_id"]) {
                            all.push(status["id"].clone());
                            below.push(status.clone());
                        }
                    }
                    ok(json!({"ancestors": above, "descendants": below}))
                }
                Some((id, "")) => self.find(id).map_or_else(missing, ok),
                _ => missing(),
            },
        }
    }

    fn limits(&self) -> String {
        format!(
            "X-RateLimit-Limit: 300\r\nX-RateLimit-Remaining: {}\r\nX-RateLimit-Reset: 2026-11-22T09:05:00.000000Z\r\n",
            self.remaining
        )
    }

    /// As Mastodon pages: newest first; `min_id` gives those next to it.
    fn list(&self, rows: Vec<Value>, query: &[(String, String)], path: &str) -> (String, String, String) {
        let said = |name: &str| {
            query.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.parse::<u64>().ok())
        };
        assert_eq!(said("since_id"), None, "it leaves a hole");
        let number = |row: &Value| {
            let id = if row["last_status"].is_object() { &row["last_status"]["id"] } else { &row["id"] };
            id.as_str().map_or_else(|| id.as_u64().unwrap(), |id| id.parse().unwrap())
        };
        let mut rows = rows;
        rows.sort_by_key(number);
        rows.retain(|row| said("min_id").is_none_or(|id| number(row) > id));
        rows.retain(|row| said("max_id").is_none_or(|id| number(row) < id));
        if said("min_id").is_none() {
            rows.reverse();
        }
        rows.truncate(self.page);
        if said("min_id").is_some() {
            rows.reverse();
        }
        let mut headers = self.limits();
        if let Some((first, last)) = rows.first().zip(rows.last()).filter(|_| !self.no_links) {
            // Behind a proxy that does not say which scheme it was asked by.
            headers.push_str(&format!(
                "Link: <http://elsewhere.example/{path}?limit=40&max_id={}>; rel=\"next\", <http://elsewhere.example/{path}?min_id={}>; rel=\"prev\"\r\n",
                number(last),
                number(first)
            ));
        }
        ("200 OK".to_owned(), headers, Value::from(rows).to_string())
    }
}

/// A server, whose world may change while it is read.
struct Host {
    server: Server,
    world: Arc<Mutex<World>>,
}

impl Host {
    fn new(world: World) -> Host {
        let world = Arc::new(Mutex::new(world));
        let held = Arc::clone(&world);
        let server = Server::start(move |asked, stream| {
            let (status, headers, body) = held.lock().unwrap().answer(asked);
            reply(stream, &status, &headers, body.as_bytes())
        });
        Host { server, world }
    }

    fn account(&self) -> Account {
        Account {
            url: Some(self.server.url("").to_string()),
            password: Password::new(|| Ok(format!("{TOKEN}\n"))),
            has_password: true,
            ..Account::new("mastodon:acme")
        }
    }

    fn reader(&self) -> Box<dyn Read> {
        open(&self.account())
    }

    fn nobody(&self) -> Box<dyn Read> {
        open(&Account { has_password: false, ..self.account() })
    }

    fn asked(&self) -> Vec<String> {
        self.server.asked().iter().map(|asked| asked.path().to_owned()).collect()
    }
}

fn open(account: &Account) -> Box<dyn Read> {
    services::network("mastodon:acme").unwrap().read.unwrap()(account, &Here).unwrap()
}

/// What a run brings.
#[derive(Debug, Default)]
struct Came {
    items: Vec<Item>,
    mark: Option<String>,
    notes: Vec<String>,
}

impl Came {
    fn names(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.id.rsplit('/').next().unwrap()).collect()
    }

    fn item(&self, id: u64) -> &Item {
        self.items.iter().find(|item| item.id == uri(id)).unwrap()
    }
}

/// A whole run; `between` is called after each page.
fn read_with(
    reader: &dyn Read,
    what: &str,
    mark: Option<&str>,
    mut between: impl FnMut(usize),
) -> Result<Came, Trouble> {
    let since = Some(NOW - TimeDelta::days(7));
    let wanted = Wanted { what: what.to_owned(), mark: mark.map(str::to_owned), since, ..Wanted::default() };
    let mut came = Came::default();
    let mut cursor: Option<String> = None;
    for n in 0..200 {
        let page = run(reader.page(&wanted, cursor.as_deref()))?;
        assert!(page.limit.is_none_or(|limit| limit.limit == 300));
        came.items.extend(page.items);
        came.notes.extend(page.notes);
        came.mark = page.mark;
        between(n);
        match page.next {
            Some(next) => {
                assert_eq!(came.mark, None, "only the end has a mark");
                assert_ne!(Some(&next), cursor.as_ref(), "in circles");
                cursor = Some(next);
            }
            None => return Ok(came),
        }
    }
    panic!("no end");
}

fn read(reader: &dyn Read, what: &str, mark: Option<&str>) -> Came {
    read_with(reader, what, mark, |_| ()).unwrap()
}

fn trouble(reader: &dyn Read, what: &str) -> Trouble {
    read_with(reader, what, None, |_| ()).unwrap_err()
}

/// Our post 1, Ana's answer 2, ours 3, Ana's 4; Ben's mention 5 of us in a thread of others (40, 41); a direct one 6.
fn talk() -> World {
    let mut world = World::new();
    world.status(status(1, 1, None, 9));
    world.mention(2, 2, Some(1), 8);
    world.status(status(3, 1, Some(2), 7));
    world.mention(4, 2, Some(3), 6);
    world.status(status(40, 7, None, 20));
    world.status(status(41, 8, Some(40), 19));
    world.mention(5, 3, Some(41), 5);
    let mut direct = status(6, 4, None, 4);
    direct["visibility"] = "direct".into();
    world.status(direct.clone());
    world.notify("mention", &direct);
    let ours = [1, 3].map(|id| world.find(&id.to_string()).unwrap()).to_vec();
    world.lists.insert("api/v1/accounts/1/statuses".into(), ours);
    world
}

#[test]
fn an_answer_names_what_it_answers_by_the_same_name() {
    for no_batch in [false, true] {
        let host = Host::new(World { no_batch, ..talk() });
        let came = read(&*host.reader(), "notifications", None);
        assert_eq!(came.names(), ["5", "4", "2"], "the direct one is a message");
        let kinds: Vec<&str> = came.items.iter().map(|item| item.kind).collect();
        assert_eq!(kinds, ["mention", "reply", "reply"]);
        let kin = |item: &Item| (item.in_reply_to.clone().unwrap(), item.thread.clone().unwrap());
        assert_eq!(kin(came.item(2)), (uri(1), uri(1)));
        assert_eq!(kin(came.item(4)), (uri(3), uri(1)));
        assert_eq!(kin(came.item(5)), (uri(41), uri(40)), "a thread of others, no_batch: {no_batch}");

        // Another run, which has not met the mention that our status answers.
        let posts = read(&*host.reader(), "posts", None);
        assert_eq!(posts.names(), ["3", "1"]);
        assert_eq!(kin(posts.item(3)), (came.item(2).id.clone(), uri(1)));
        assert!(posts.items.iter().all(|item| item.own) && came.items.iter().all(|item| !item.own));
        assert_eq!(posts.item(1).thread.as_deref(), Some(&*uri(1)));
    }
    let host = Host::new(talk());
    assert_eq!(read(&*host.reader(), "mentions", None).names(), ["5"]);
    assert_eq!(read(&*host.reader(), "replies", None).names(), ["4", "2"]);
}

#[test]
fn the_token_goes_home_only_and_no_more_is_asked_than_must() {
    let host = Host::new(talk());
    read(&*host.reader(), "notifications", None);
    for asked in host.server.asked() {
        assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert!(!asked.line.contains(TOKEN));
    }
    let batches = host.asked().iter().filter(|path| path.starts_with("api/v1/statuses?")).count();
    assert_eq!(batches, 3, "six unknown ones on three levels: {:?}", host.asked());
    let plain = Account { url: Some("http://social.example".into()), ..host.account() };
    let why = trouble(&*open(&plain), "mentions").to_string();
    assert!(!why.contains(TOKEN));
}

#[test]
fn forward_from_the_mark_without_a_gap() {
    let mut world = World::new();
    for id in 1..=5 {
        world.mention(id, 2, None, 200 - i64::try_from(id).unwrap());
    }
    let host = Host::new(world);
    let reader = host.reader();
    let first = read(&*reader, "mentions", None);
    assert_eq!(first.names(), ["5", "4", "3", "2", "1"], "a queue comes whole, however old");
    for id in 6..=15 {
        host.world.lock().unwrap().mention(id, 2, None, 100 - i64::try_from(id).unwrap());
    }
    let add = |n: usize| {
        if n == 1 {
            host.world.lock().unwrap().mention(16, 2, None, 80);
        }
    };
    let second = read_with(&*reader, "mentions", first.mark.as_deref(), add).unwrap();
    let mut names: Vec<u64> = second.names().iter().map(|name| name.parse().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        (2..=16).collect::<Vec<u64>>(),
        "what came while it was read, and a day before the mark"
    );
    let third = read(&*reader, "mentions", second.mark.as_deref());
    assert!(third.names().contains(&"16") && !third.names().contains(&"5"), "{:?}", third.names());
    let elsewhere = second.mark.unwrap().replace("\"me\":\"1\"", "\"me\":\"2\"");
    assert_eq!(
        read(&*reader, "mentions", Some(&elsewhere)).items.len(),
        16,
        "another account's mark is none"
    );
}

#[test]
fn streams_reach_back_as_far_as_is_wanted_and_find_what_came_late() {
    let mut world = World::new();
    let hours = |id: u64| i64::try_from(24 * (20 - id)).unwrap();
    world.lists.insert(
        "api/v1/timelines/tag/tea".into(),
        (1..=19).filter(|id| *id != 18).map(|id| status(id * 10, 5, None, hours(id))).collect(),
    );
    let host = Host::new(world);
    let reader = host.nobody();
    let first = read(&*reader, "tag/tea", None);
    assert!(first.names().contains(&"130") && !first.names().contains(&"20"), "{:?}", first.names());
    assert!(host.asked().iter().all(|path| !path.contains("verify")));
    // Another server brings what was written hours before the newest that we have.
    let late = status(189, 6, None, hours(19) + 3);
    host.world.lock().unwrap().lists.get_mut("api/v1/timelines/tag/tea").unwrap().push(late);
    let second = read(&*reader, "tag/tea", first.mark.as_deref());
    assert!(second.names().contains(&"189"), "{:?}", second.names());
    assert!(second.items.len() <= 3);
}

#[test]
fn a_server_without_links_is_paged_by_its_numbers() {
    let mut world = World { no_links: true, ..World::new() };
    (1..=7).for_each(|id| {
        world.mention(id, 2, None, 100 - i64::try_from(id).unwrap());
    });
    let host = Host::new(world);
    let first = read(&*host.reader(), "mentions", None);
    assert_eq!(first.items.len(), 7);
    (8..=12).for_each(|id| {
        host.world.lock().unwrap().mention(id, 2, None, 100 - i64::try_from(id).unwrap());
    });
    let second = read(&*host.reader(), "mentions", first.mark.as_deref());
    assert!((8..=12).all(|id: u64| second.names().contains(&&*id.to_string())));
}

#[test]
fn what_a_status_says() {
    let mut world = World::new();
    let mut rich = status(50, 2, None, 3);
    rich["spoiler_text"] = "tea".into();
    rich["visibility"] = "private".into();
    rich["edited_at"] = "2026-11-22T08:00:00.000Z".into();
    rich["tags"] = json!([{"name": "tea"}, {"name": "tea"}]);
    rich["media_attachments"] = json!([{"type": "image", "url": "https://f.example/1.PNG?x=1", "description": "a cup"}, {"type": "gifv", "url": "https://f.example/2"}, {"type": "unknown", "url": null}]);
    rich["poll"] = json!({"options": [{"title": "black <b>"}, {"title": "green"}], "votes_count": 8});
    rich["quote"] = json!({"state": "accepted", "quoted_status": {"url": "https://other.example/@u1/1"}});
    let mut boost = status(51, 3, None, 2);
    boost["reblog"] = rich.clone();
    let mut bare = json!({"id": 52, "created_at": "never", "account": null, "content": null});
    bare["sensitive"] = true.into();
    world.lists.insert(
        "api/v1/timelines/home".into(),
        vec![rich, boost, bare, json!({"id": 53, "uri": 7, "account": {"id": 1}})],
    );
    let host = Host::new(world);
    let came = read(&*host.reader(), "home", None);

    let rich = came.item(50);
    assert_eq!((rich.content_warning.as_deref(), rich.audience), (Some("tea"), Some(Audience::Followers)));
    assert_eq!(
        rich.native,
        json!({"id": "50", "acct": "u2@other.example", "visibility": "private", "spoiler_text": "tea"})
    );
    assert_eq!(rich.modified.unwrap().to_rfc3339(), "2026-11-22T08:00:00+00:00");
    assert_eq!((&rich.tags[..], rich.language.as_deref()), (&["tea".to_owned()][..], Some("en")));
    let media: Vec<(&str, Option<&str>)> =
        rich.media.iter().map(|m| (&*m.mime_type, m.alt.as_deref())).collect();
    assert_eq!(media, [("image/png", Some("a cup")), ("video/mp4", None)]);
    assert_eq!(rich.html.as_deref(), Some("<p>status 50</p><ul><li>black &lt;b&gt;</li><li>green</li></ul>"));
    assert_eq!(rich.external_url.as_deref(), Some("https://other.example/@u1/1"));
    let counts: Vec<(&str, u64)> = rich.counts.iter().map(|(name, n)| (&**name, *n)).collect();
    assert_eq!(counts, [("likes", 2), ("replies", 1), ("shares", 3), ("votes", 8)]);
    let author = rich.author.as_ref().unwrap();
    assert_eq!((author.handle.as_deref(), author.followers), (Some("@u2@other.example"), Some(20)));

    let boost = came.item(51);
    assert_eq!(boost.author, rich.author, "the words are whose they were");
    assert_eq!(boost.external_url.as_deref(), Some("https://other.example/@u2/50"));
    assert_eq!(
        (boost.thread.as_deref(), &boost.in_reply_to, boost.native["id"].as_str()),
        (Some(&*uri(50)), &None, Some("50"))
    );
    assert_eq!(boost.content_warning.as_deref(), Some("tea"));

    let others: Vec<(&str, bool)> = came.items[..2].iter().map(|item| (&*item.id, item.own)).collect();
    assert_eq!(others, [("statuses/53", true), ("statuses/52", false)], "named by this server alone");
}

#[test]
fn who_did_what_only_when_asked_for() {
    let mut world = World::new();
    let ours = world.status(status(1, 1, None, 9));
    world.notifications = vec![
        json!({"id": "100", "type": "favourite", "account": account(2), "status": ours, "created_at": "2026-11-22T08:00:00Z"}),
        json!({"id": "101", "type": "follow", "account": account(3), "created_at": "2026-11-22T08:01:00Z"}),
    ];
    let mut quote = status(9, 4, None, 1);
    quote["quote"] = json!({"quoted_status": ours});
    world.notify("quote", &quote);
    let host = Host::new(world);
    let came = read(&*host.reader(), "notifications", None);
    assert_eq!((came.names(), came.items[0].kind), (vec!["9"], "mention"), "a quote");
    assert_eq!(came.items[0].external_url.as_deref(), Some("https://other.example/@u1/1"));
    let came = read(&*host.reader(), "notifications?types=favourite,follow", None);
    let deeds: Vec<_> =
        came.items.iter().map(|i| (i.kind, i.text.as_deref().unwrap(), i.in_reply_to.clone())).collect();
    assert_eq!(deeds, [("event", "follows", None), ("event", "likes this", Some(uri(1)))]);
    assert_eq!(came.items[1].author.as_ref().unwrap().handle.as_deref(), Some("@u2@other.example"));
}

#[test]
fn messages_come_with_both_sides_and_nowhere_else() {
    let mut world = talk();
    let direct = |id: u64, by: u64, to: Option<u64>, hours: i64| {
        let mut status = status(id, by, to, hours);
        status["visibility"] = "direct".into();
        status
    };
    world.status(direct(60, 4, None, 30));
    world.status(direct(61, 1, Some(60), 29));
    // She answered twice: only one of both stands above the last message.
    world.status(direct(59, 4, Some(61), 29));
    let last = world.status(direct(62, 4, Some(61), 28));
    world.lists.insert(
        "api/v1/conversations".into(),
        vec![
            json!({"id": "1", "unread": true, "accounts": [account(4)], "last_status": last}),
            json!({"id": "2", "accounts": [], "last_status": null}),
        ],
    );
    world.lists.get_mut("api/v1/accounts/1/statuses").unwrap().push(direct(61, 1, Some(60), 29));
    // A conversation without messages has no place in the list.
    world.lists.get_mut("api/v1/conversations").unwrap().truncate(1);
    let host = Host::new(world);
    let came = read(&*host.reader(), "messages", None);
    let mut names = came.names();
    names.sort_unstable();
    assert_eq!(names, ["59", "60", "61", "62"]);
    assert!(came.items.iter().all(|item| (item.kind, item.audience) == ("message", Some(Audience::Direct))));
    assert!(came.items.iter().all(|item| item.thread.as_deref() == Some(&*uri(60))));
    assert!(came.item(61).own && came.mark.is_some());
    let before = host.asked().len();
    assert_eq!(
        read(&*host.reader(), "messages", came.mark.as_deref()).items.len(),
        4,
        "of the last day with messages"
    );
    {
        let mut world = host.world.lock().unwrap();
        let last = world.status(direct(63, 4, Some(62), 1));
        let list = world.lists.get_mut("api/v1/conversations").unwrap();
        list[0]["last_status"] = last;
        for id in 10..30 {
            list.push(json!({"id": format!("{id}"), "last_status": direct(id, 5, None, 300 - i64::try_from(id).unwrap())}));
        }
    }
    let later = read(&*host.reader(), "messages", came.mark.as_deref());
    let mut names = later.names();
    names.sort_unstable();
    assert_eq!(names, ["59", "60", "61", "62", "63"], "old ones are not asked for again");
    assert!(host.asked().len() - before < 12, "{:?}", &host.asked()[before..]);
    assert_eq!(read(&*host.reader(), "posts", None).names(), ["3", "1"]);
}

#[test]
fn a_search_says_when_it_cannot_find() {
    let mut world = World::new();
    world.lists.insert(
        "search".into(),
        (1..=60u64).rev().map(|id| status(id, 2, None, 61 - i64::try_from(id).unwrap())).collect(),
    );
    let host = Host::new(world);
    let came = read(&*host.reader(), "search?q=tea", None);
    let names = came.names();
    assert!(came.item(1).kind == "note" && came.items.len() >= 60 && came.mark.is_some(), "{names:?}");
    host.world.lock().unwrap().lists.clear();
    assert_eq!(read(&*host.reader(), "search?q=tea", None).notes, [""; 0], "there is nothing");
    host.world.lock().unwrap().no_search = true;
    let notes = read(&*host.reader(), "search?q=tea", None).notes;
    assert!(notes[0].contains("no full-text search"), "{notes:?}");
}

#[test]
fn threads_and_the_profile() {
    let host = Host::new(talk());
    let thread = read(&*host.reader(), "thread?id=3", None);
    assert_eq!(thread.names(), ["1", "2", "3", "4"]);
    assert_eq!(read(&*host.reader(), &format!("thread?uri={}", uri(3)), None).items.len(), 4);
    let nobody = Trouble::Refused(format!("{} does not know https://x.example/1", "127.0.0.1"));
    assert_eq!(trouble(&*host.reader(), "thread?uri=https://x.example/1"), nobody);

    let profile = &read(&*host.reader(), "profile", None).items[0];
    assert_eq!((profile.id.as_str(), profile.kind), ("profiles/1/2026-11-22", "profile"));
    assert_eq!((profile.counts["followers"], profile.counts["posts"]), (10, 4));
    assert_eq!(profile.author.as_ref().unwrap().handle.as_deref(), Some("@acme@127.0.0.1"));
}

#[test]
fn who_runs_short_of_requests_reads_on_without_threads() {
    let host = Host::new(World { remaining: 12, ..talk() });
    let came = read(&*host.reader(), "notifications", None);
    assert_eq!(came.names(), ["5", "4", "2"]);
    assert!(came.notes.iter().any(|note| note.contains("nearly used up")), "{:?}", came.notes);
    assert_eq!(host.asked().iter().filter(|path| path.starts_with("api/v1/statuses")).count(), 0);
}

#[test]
fn a_server_in_trouble_is_told_where_it_leaves_threads_open() {
    let mut world = World::new();
    world.status(status(1, 2, None, 9));
    world.mention(2, 3, Some(1), 8);
    let odd = ("503 Service Unavailable".to_owned(), String::new(), "{}".to_owned());
    for path in ["api/v1/statuses", "api/v1/statuses/2/context"] {
        world.odd.insert(path.to_owned(), odd.clone());
    }
    let came = read(&*Host::new(world).reader(), "notifications", None);
    assert_eq!(came.names(), ["2"], "the items are more important than their threads");
    assert!(
        came.notes.iter().any(|note| note.starts_with("what 1 answers answer is not known")),
        "{:?}",
        came.notes
    );
}

#[test]
fn what_each_no_means() {
    let said = |status: &str, headers: &str, body: &str| {
        let host = Host::new(talk());
        let odd = (status.to_owned(), headers.to_owned(), body.to_owned());
        host.world.lock().unwrap().odd.insert("api/v1/notifications".into(), odd);
        trouble(&*host.reader(), "mentions")
    };
    let credentials = [
        ("401 Unauthorized", r#"{"error":"The access token was revoked"}"#),
        ("403 Forbidden", r#"{"error":"Your login is currently disabled"}"#),
    ];
    for (status, body) in credentials {
        assert!(matches!(said(status, "", body), Trouble::Credentials(_)), "{status}");
    }
    let scope = said("403 Forbidden", "", r#"{"error":"This action is outside the authorized scopes"}"#);
    assert!(
        matches!(&scope, Trouble::Refused(why) if why.contains("lacks the scope read:notifications")),
        "{scope}"
    );
    for status in ["404 Not Found", "410 Gone", "422 Unprocessable Content"] {
        assert!(matches!(said(status, "", r#"{"error":"no"}"#), Trouble::Refused(_)), "{status}");
    }
    for (status, body) in [("500 x", ""), ("503 x", "<html>"), ("200 OK", "<html>"), ("200 OK", "[{\"id\":")]
    {
        assert!(matches!(said(status, "", body), Trouble::Later { .. }), "{status} {body}");
    }
    assert!(matches!(said("200 OK", "", r#"{"error":"x"}"#), Trouble::Refused(_)), "no list");
    let reset = "X-RateLimit-Limit: 300\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 2026-11-22T09:03:00.123456Z\r\n";
    let Trouble::Later { after, .. } = said("429 Too Many Requests", reset, r#"{"error":"Throttled"}"#)
    else {
        panic!("429 is later");
    };
    assert_eq!(after.unwrap().to_rfc3339(), "2026-11-22T09:03:00.123456+00:00");
    let Trouble::Later { after, .. } = said("429 Too Many Requests", "Retry-After: 30\r\n", "") else {
        panic!("429 is later");
    };
    assert_eq!(after, Some(NOW + TimeDelta::seconds(30)));
}

#[test]
fn nobody_is_told_what_needs_an_account() {
    let host = Host::new(World::new());
    assert!(
        matches!(trouble(&*host.nobody(), "mentions"), Trouble::Credentials(why) if why.contains("password_file"))
    );
    assert_eq!(host.asked(), [""; 0], "nothing was asked");
    for status in ["401 Unauthorized", "403 Forbidden", "422 Unprocessable Content"] {
        let closed = (
            status.to_owned(),
            String::new(),
            r#"{"error":"This method requires an authenticated user"}"#.to_owned(),
        );
        host.world.lock().unwrap().odd.insert("api/v1/timelines/tag/tea".into(), closed);
        assert!(matches!(trouble(&*host.nobody(), "tag/tea"), Trouble::Credentials(_)), "{status}");
    }
    let open =
        |name: &str| services::network("mastodon:x").unwrap().read.unwrap()(&Account::new(name), &Here);
    assert_eq!(
        open("mastodon:social.example").unwrap().server().unwrap().as_str(),
        "https://social.example/"
    );
    assert!(open("mastodon:acme").err().unwrap().contains("no url"));
}
