//! Reading half of `bluesky:`. In: what is wanted. Out: pages of posts, newest first. Reading marks nothing as seen on the
//! network (`updateSeen` would).
//!
//! | list | method | bound |
//! |---|---|---|
//! | notifications, mentions, replies, quotes | `app.bsky.notification.listNotifications` | 10,000 entries a run |
//! | posts | `app.bsky.feed.getAuthorFeed`; without an AppView `com.atproto.repo.listRecords` | the same |
//! | search | `app.bsky.feed.searchPosts` | 1,000 hits a run: its makers ask not to use it in bulk |
//! | thread | `app.bsky.feed.getPostThread` | 80 posts up, 30 levels down |

use super::item::{Post, array};
use super::mark::{Progress, instant, last, onward, stop};
use super::said::Fault;
use super::sources::{OFFERS, Source};
use super::thread::{DEPTH, HEIGHT, flatten};
use super::uri::POSTS;
use super::xrpc::Xrpc;
use crate::Read;
use crate::services::{Item, NextPage, Page, Trouble, Wanted};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Entries of a list that are read in one run.
const MOST: usize = 10_000;
/// Hits of a search that are read in one run.
const MOST_HITS: usize = 1_000;
/// Pages of a list: some are empty.
const MOST_PAGES: usize = 200;
/// `app.bsky.feed.getPosts` takes so many addresses.
const AT_ONCE: usize = 25;
/// Posts of a page that are asked for so: twice as many as a page should have.
const MOST_VIEWS: usize = 200;

/// An account that reads.
pub(super) struct Reader {
    pub(super) xrpc: Xrpc,
}

/// A page as the server has it.
struct Taken {
    items: Vec<Item>,
    /// When each entry was sorted in, as far as it says.
    dates: Vec<Option<DateTime<Utc>>>,
    cursor: Option<String>,
}

impl Read for Reader {
    fn offers(&self) -> &'static [&'static str] {
        OFFERS
    }

    fn is_stream(&self, what: &str) -> bool {
        Source::parse(what).is_ok_and(|source| source.is_stream())
    }

    fn page<'a>(&'a self, wanted: &'a Wanted, cursor: Option<&'a str>) -> NextPage<'a> {
        Box::pin(async move {
            let source = Source::parse(&wanted.what).map_err(Trouble::Refused)?;
            let me = self.xrpc.me().await?.did;
            match &source {
                Source::Thread(uri) => self.thread(uri, &me).await,
                _ => self.list(&source, wanted, Progress::resume(cursor), &me).await,
            }
        })
    }
}

impl Reader {
    async fn list(
        &self,
        source: &Source,
        wanted: &Wanted,
        mut at: Progress,
        me: &str,
    ) -> Result<Page, Trouble> {
        let last = last(wanted.mark.as_deref(), me);
        let until = last.map_or_else(|| wanted.since.filter(|_| source.is_stream()), stop);
        let taken = match source {
            Source::Notifications(reasons) => self.notifications(reasons, &at, me).await?,
            Source::Search(parameters) => self.search(parameters, until, &at, me).await?,
            _ if at.repository => self.repository(&at, me).await?,
            _ => match self.author_feed(&at, me).await {
                Err(Fault::Said(said)) if at.pages == 0 && matches!(said.status, 404 | 500..) => {
                    at.repository = true;
                    self.repository(&at, me).await?
                }
                answered => answered?,
            },
        };
        let by_date = !matches!(source, Source::Search(parameters) if parameters.iter().any(|(name, value)| name == "sort" && value != "latest"));
        let most = if matches!(source, Source::Search(_)) { MOST_HITS } else { MOST };
        at.advance(taken.dates.iter().filter_map(|date| *date), self.xrpc.client().options().clock.now());
        let newest = taken.dates.iter().flatten().max();
        let reached = by_date && newest.zip(until).is_some_and(|(newest, until)| *newest < until);
        let mark = at.to_mark(last, me);
        Ok(at.page(taken, reached, most, &wanted.what, mark))
    }

    async fn notifications(
        &self,
        reasons: &[&'static str],
        at: &Progress,
        me: &str,
    ) -> Result<Taken, Trouble> {
        // An account may prefer to be told of those alone whom it follows: that is for its app.
        let mut asked = vec![("limit", "100"), ("priority", "false")];
        asked.extend(reasons.iter().map(|reason| ("reasons", *reason)));
        asked.extend(at.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let answer = self.app_view("app.bsky.notification.listNotifications", &asked).await?;
        // A server that knows no `reasons` tells all of them.
        let told = array(&answer["notifications"]);
        let told_why = |entry: &Value| reasons.iter().copied().find(|reason| entry["reason"] == **reason);
        let views = self
            .views(told.iter().filter(|entry| told_why(entry).is_some() && has_media(&entry["record"])))
            .await;
        let item = |entry: &Value| {
            let kind = if told_why(entry)? == "reply" { "reply" } else { "mention" };
            let view = views.get(entry["uri"].as_str()?).unwrap_or(&Value::Null);
            Post { named: entry, author: &entry["author"], record: &entry["record"], view, kind: Some(kind) }
                .item(me)
        };
        let dates = told.iter().map(|entry| entry["indexedAt"].as_str().and_then(instant)).collect();
        let cursor = cursor(&answer).map(|cursor| onward(cursor, at.cursor.as_deref()));
        Ok(Taken { items: told.iter().filter_map(item).collect(), dates, cursor })
    }

    /// What the AppView makes of posts with pictures: notifications carry the bare record. Where it does not say, they
    /// come without.
    async fn views(&self, entries: impl Iterator<Item = &Value>) -> BTreeMap<String, Value> {
        let uris: Vec<&str> = entries.filter_map(|entry| entry["uri"].as_str()).collect();
        let mut views = BTreeMap::new();
        for uris in uris.chunks(AT_ONCE).take(MOST_VIEWS / AT_ONCE) {
            let asked: Vec<(&str, &str)> = uris.iter().map(|uri| ("uris", *uri)).collect();
            let Ok(mut answer) = self.xrpc.get("app.bsky.feed.getPosts", &asked).await else { continue };
            let posts = answer.value["posts"].as_array_mut().map(std::mem::take).unwrap_or_default();
            views.extend(posts.into_iter().filter_map(|view| Some((view["uri"].as_str()?.to_owned(), view))));
        }
        views
    }

    async fn search(
        &self,
        parameters: &[(String, String)],
        since: Option<DateTime<Utc>>,
        at: &Progress,
        me: &str,
    ) -> Result<Taken, Trouble> {
        let since = since.map(|since| since.to_rfc3339_opts(SecondsFormat::Secs, true));
        let said = |name: &str| parameters.iter().any(|(said, _)| said == name);
        let mut asked: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
        asked.push(("limit", "100"));
        if !said("sort") {
            asked.push(("sort", "latest"));
        }
        asked.extend(since.as_deref().filter(|_| !said("since")).map(|since| ("since", since)));
        asked.extend(at.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let answer = self.app_view("app.bsky.feed.searchPosts", &asked).await?;
        let posts = array(&answer["posts"]).iter().map(Post::of_view);
        let (items, dates) = posts.map(|post| (post.item(me), post.published())).unzip::<_, _, Vec<_>, _>();
        Ok(Taken { items: items.into_iter().flatten().collect(), dates, cursor: cursor(&answer) })
    }

    async fn author_feed(&self, at: &Progress, me: &str) -> Result<Taken, Fault> {
        let mut asked = vec![("actor", me), ("filter", "posts_with_replies"), ("limit", "100")];
        asked.extend(at.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let answer = self.xrpc.get("app.bsky.feed.getAuthorFeed", &asked).await?.value;
        // A boost stands in the feed too: with its reason, and somebody's post.
        let posts = array(&answer["feed"])
            .iter()
            .filter(|entry| entry["reason"].is_null())
            .map(|entry| Post::of_view(&entry["post"]));
        let (items, dates) = posts.map(|post| (post.item(me), post.published())).unzip::<_, _, Vec<_>, _>();
        Ok(Taken {
            items: items.into_iter().flatten().filter(|item| item.own).collect(),
            dates,
            cursor: cursor(&answer),
        })
    }

    /// Our own posts as our server keeps them, newest key first.
    async fn repository(&self, at: &Progress, me: &str) -> Result<Taken, Trouble> {
        let mut asked = vec![("repo", me), ("collection", POSTS), ("limit", "100")];
        asked.extend(at.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let answer = self.xrpc.get("com.atproto.repo.listRecords", &asked).await?.value;
        let author = json!({"did": me, "handle": self.xrpc.me().await?.handle});
        let posts = array(&answer["records"]).iter().map(|entry| Post {
            named: entry,
            author: &author,
            record: &entry["value"],
            view: &Value::Null,
            kind: None,
        });
        let (items, dates) = posts.map(|post| (post.item(me), post.published())).unzip::<_, _, Vec<_>, _>();
        Ok(Taken { items: items.into_iter().flatten().collect(), dates, cursor: cursor(&answer) })
    }

    async fn thread(&self, uri: &str, me: &str) -> Result<Page, Trouble> {
        let asked = [("uri", uri), ("depth", DEPTH), ("parentHeight", HEIGHT)];
        let answer = self.app_view("app.bsky.feed.getPostThread", &asked).await?;
        let (items, notes) = flatten(&answer["thread"], me);
        Ok(Page { items, notes, ..Page::default() })
    }

    /// Asks what only an AppView knows. It may close one list to an account (403) whose others it gives.
    async fn app_view(&self, method: &str, asked: &[(&str, &str)]) -> Result<Value, Trouble> {
        match self.xrpc.get(method, asked).await {
            Ok(answer) => Ok(answer.value),
            Err(Fault::Said(said)) if matches!(said.status, 404 | 500..) && said.after.is_none() => {
                Err(Trouble::Elsewhere(format!(
                    "{}: no AppView answers behind this server, and without one it cannot read notifications, searches and threads",
                    said.reason
                )))
            }
            Err(Fault::Said(said)) if said.status == 403 && !said.shuts_out() => {
                Err(Trouble::Refused(said.reason))
            }
            Err(fault) => Err(fault.into()),
        }
    }
}

impl Progress {
    fn page(mut self, taken: Taken, reached: bool, most: usize, what: &str, mark: Option<String>) -> Page {
        let again = taken.cursor.is_some() && taken.cursor == self.cursor;
        self.cursor = taken.cursor;
        self.read += taken.dates.len();
        self.pages += 1;
        let full = self.read >= most || self.pages >= MOST_PAGES;
        let more = self.cursor.is_some() && !reached && !again;
        let cut = |why: String| vec![format!("{what}: {why}, older ones were not read")];
        let notes = match (more && full, again) {
            (true, _) => cut(format!("{} entries were read in one run", self.read)),
            (_, true) => cut("the server gave the same page twice".to_owned()),
            _ => Vec::new(),
        };
        let next = if more && !full { self.to_cursor() } else { None };
        // What lies behind a page that comes twice may be read the next time.
        let mark = mark.filter(|_| next.is_none() && !again);
        Page { items: taken.items, next, mark, notes, limit: None }
    }
}

/// The end of a list is said by no cursor; some servers write an empty one.
fn cursor(answer: &Value) -> Option<String> {
    answer["cursor"].as_str().filter(|cursor| !cursor.is_empty()).map(str::to_owned)
}

fn has_media(record: &Value) -> bool {
    let kinds = ["app.bsky.embed.images", "app.bsky.embed.video", "app.bsky.embed.recordWithMedia"];
    record["embed"]["$type"].as_str().is_some_and(|kind| kinds.contains(&kind))
}
