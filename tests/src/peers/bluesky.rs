//! A real Bluesky network: accounts, what they post, and what is found. Every call is an XRPC call (atproto.com/specs/xrpc)
//! to the account's own PDS, which asks the AppView where there is one.

use super::{Keys, eventually, start, unique};
use crate::Login;
use crate::http::{Reply, Request, query};
use serde_json::{Value, json};
use std::path::PathBuf;

const POSTS: &str = "app.bsky.feed.post";

/// A PDS with its directory; with the AppView, notifications and search too.
#[derive(Clone, Debug)]
pub struct Bluesky {
    /// Where the PDS is, without a final slash.
    pub url: String,
    /// Where the AppView is.
    pub appview: Option<String>,
    /// The folder that says how long tokens live.
    ttl: PathBuf,
}

/// An account, logged in.
#[derive(Clone, Debug)]
pub struct Account {
    /// `name.test`.
    pub handle: String,
    /// `did:plc:...`.
    pub did: String,
    /// The password of the account.
    pub password: String,
    access: String,
    network: Bluesky,
}

/// A record by address and content.
#[derive(Clone, Debug, PartialEq)]
pub struct Ref {
    /// `at://DID/COLLECTION/RKEY`.
    pub uri: String,
    /// The hash of its content.
    pub cid: String,
}

/// A post to be made.
#[derive(Clone, Debug)]
pub struct Post(Value);

/// Starts a PDS without AppView.
pub fn bluesky() -> Option<Bluesky> {
    start("Bluesky", "bsky-pds-up").map(Bluesky::of)
}

/// Starts a PDS with AppView.
pub fn bluesky_appview() -> Option<Bluesky> {
    start("Bluesky with AppView", "bsky-appview-up").map(Bluesky::of)
}

/// Starts a PDS without AppView that has its rate limits on, 30 logins in 5 minutes for an account among them.
pub fn bluesky_limited() -> Option<Bluesky> {
    start("Bluesky with rate limits", "bsky-limits-up").map(Bluesky::of)
}

impl Bluesky {
    fn of(keys: Keys) -> Bluesky {
        let appview = Some(keys.get("BSKY_APPVIEW_URL")).filter(|url| !url.is_empty());
        Bluesky { url: keys.get("BSKY_URL"), appview, ttl: keys.get("BSKY_TTL").into() }
    }

    /// A new account, whose handle begins so.
    #[track_caller]
    pub fn account(&self, prefix: &str) -> Account {
        let (name, password) = (unique(prefix), unique("pw-"));
        let email = format!("{name}@example.com");
        let wanted = json!({"handle": format!("{name}.test"), "email": email, "password": password});
        let made = self.call("com.atproto.server.createAccount", &wanted, None).ok();
        Account {
            handle: text(&made["handle"]),
            did: text(&made["did"]),
            password,
            access: text(&made["accessJwt"]),
            network: self.clone(),
        }
    }

    /// A procedure, with a token or without.
    pub fn call(&self, method: &str, body: &Value, token: Option<&str>) -> Reply {
        let request = Request::post(format!("{}/xrpc/{method}", self.url), body);
        token.into_iter().fold(request, Request::bearer).send()
    }

    /// A query, with a token or without.
    pub fn query(&self, method: &str, parameters: &[(&str, &str)], token: Option<&str>) -> Reply {
        let request = Request::get(format!("{}/xrpc/{method}?{}", self.url, query(parameters)));
        token.into_iter().fold(request, Request::bearer).send()
    }
}

impl Account {
    /// A procedure in this account's name; panics unless it succeeds.
    #[track_caller]
    pub fn call(&self, method: &str, body: &Value) -> Value {
        self.network.call(method, body, Some(&self.access)).ok()
    }

    /// A query in this account's name; panics unless it succeeds.
    #[track_caller]
    pub fn query(&self, method: &str, parameters: &[(&str, &str)]) -> Value {
        self.network.query(method, parameters, Some(&self.access)).ok()
    }

    /// Posts; with an AppView, waits until that knows the post. Who answers a post before the AppView has it is not announced:
    /// repositories are indexed side by side, and of a post without its parent no notification is made.
    #[track_caller]
    pub fn post(&self, post: &Post) -> Ref {
        let body = json!({"repo": self.did, "collection": POSTS, "record": post.0});
        let made = Ref::of(&self.call("com.atproto.repo.createRecord", &body));
        if self.network.appview.is_some() {
            eventually("the post in the AppView", || self.seen(&made).then_some(()));
        }
        made
    }

    /// Whether the AppView shows a post.
    #[track_caller]
    pub fn seen(&self, post: &Ref) -> bool {
        let found = self.query("app.bsky.feed.getPosts", &[("uris", &post.uri)]);
        found["posts"].as_array().is_some_and(|posts| !posts.is_empty())
    }

    /// Deletes one of its own posts.
    #[track_caller]
    pub fn delete(&self, post: &Ref) {
        let body = json!({"repo": self.did, "collection": POSTS, "rkey": post.rkey()});
        self.call("com.atproto.repo.deleteRecord", &body);
    }

    /// One of its own posts by key, `{uri, cid, value}`; `None` where there is none.
    pub fn get(&self, rkey: &str) -> Option<Value> {
        let parameters = [("repo", self.did.as_str()), ("collection", POSTS), ("rkey", rkey)];
        let reply = self.network.query("com.atproto.repo.getRecord", &parameters, None);
        (reply.json()["error"] != "RecordNotFound").then(|| reply.ok())
    }

    /// Its posts, newest first, `{uri, cid, value}` each: from the repository, not from an index.
    #[track_caller]
    pub fn posts(&self) -> Vec<Value> {
        let mut posts = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut parameters = vec![("repo", self.did.as_str()), ("collection", POSTS), ("limit", "100")];
            parameters.extend((!cursor.is_empty()).then_some(("cursor", cursor.as_str())));
            let page = self.query("com.atproto.repo.listRecords", &parameters);
            let records = page["records"].as_array().unwrap();
            posts.extend(records.iter().cloned());
            match page["cursor"].as_str() {
                Some(next) if !records.is_empty() => cursor = next.to_owned(),
                _ => return posts,
            }
        }
    }

    /// How many of its posts hold some text.
    #[track_caller]
    pub fn copies(&self, text: &str) -> usize {
        let holds = |post: &&Value| post["value"]["text"].as_str().is_some_and(|words| words.contains(text));
        self.posts().iter().filter(holds).count()
    }

    /// Its notifications, newest first; only with an AppView.
    #[track_caller]
    pub fn notifications(&self) -> Vec<Value> {
        let answer = self.query("app.bsky.notification.listNotifications", &[("limit", "100")]);
        answer["notifications"].as_array().unwrap().clone()
    }

    /// Posts of anybody that hold a text; only with an AppView.
    #[track_caller]
    pub fn search(&self, words: &str) -> Vec<Value> {
        self.query("app.bsky.feed.searchPosts", &[("q", words)])["posts"].as_array().unwrap().clone()
    }

    /// An app password, which is what people give to tools.
    #[track_caller]
    pub fn app_password(&self) -> String {
        let body = json!({"name": unique("cm"), "privileged": false});
        text(&self.call("com.atproto.server.createAppPassword", &body)["password"])
    }

    /// How many seconds tokens live that are signed for this account from now on; 0 is expired at birth, `None` as usual (two
    /// hours, ninety days).
    #[track_caller]
    pub fn lifetimes(&self, access: Option<i64>, refresh: Option<i64>) {
        for (kind, seconds) in [("access", access), ("refresh", refresh)] {
            let file = self.network.ttl.join(format!("{}.{kind}", self.did));
            match seconds {
                Some(seconds) => std::fs::write(&file, seconds.to_string())
                    .unwrap_or_else(|e| panic!("{}: {e}: a server of today's scripts?", file.display())),
                None => drop(std::fs::remove_file(&file)),
            }
        }
    }

    /// This account as the tools know it, by a name such as `bluesky:acme`.
    pub fn login(&self, account: &str) -> Login {
        Login::new(account, &self.network.url, &self.handle, &self.password)
    }
}

impl Post {
    /// Words, of now.
    pub fn new(text: &str) -> Post {
        let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        Post(json!({"$type": POSTS, "text": text, "createdAt": now}))
    }

    /// As an answer: to the first post of a thread, `root` and `parent` are the same.
    pub fn reply(mut self, root: &Ref, parent: &Ref) -> Post {
        self.0["reply"] = json!({"root": root.json(), "parent": parent.json()});
        self
    }

    /// With another post in it.
    pub fn quote(mut self, post: &Ref) -> Post {
        self.0["embed"] = json!({"$type": "app.bsky.embed.record", "record": post.json()});
        self
    }

    /// With a facet that names an account, over its `@handle` in the words.
    #[track_caller]
    pub fn mention(mut self, account: &Account) -> Post {
        let words = text(&self.0["text"]);
        let name = format!("@{}", account.handle);
        let start = words.find(&name).unwrap_or_else(|| panic!("no {name} in {words}"));
        let index = json!({"byteStart": start, "byteEnd": start + name.len()});
        let feature = json!({"$type": "app.bsky.richtext.facet#mention", "did": account.did});
        let mut facets = self.0["facets"].as_array().cloned().unwrap_or_default();
        facets.push(json!({"index": index, "features": [feature]}));
        self.0["facets"] = facets.into();
        self
    }

    /// With any further member.
    pub fn with(mut self, member: &str, value: Value) -> Post {
        self.0[member] = value;
        self
    }
}

impl Ref {
    /// From anything with `uri` and `cid`.
    #[track_caller]
    pub fn of(value: &Value) -> Ref {
        Ref { uri: text(&value["uri"]), cid: text(&value["cid"]) }
    }

    /// The last part of the address.
    pub fn rkey(&self) -> &str {
        self.uri.rsplit('/').next().unwrap_or("")
    }

    fn json(&self) -> Value {
        json!({"uri": self.uri, "cid": self.cid})
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
