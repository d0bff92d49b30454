//! A comment as the API gives it (REST API reference, Comments), and the item that it is.

use crate::services::{Audience, Item, Person};
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_json::{Value, json};
use url::Url;

/// What is asked for: no e-mail address, no IP address.
pub(super) const FIELDS: &str =
    "id,post,parent,author,author_name,author_url,author_avatar_urls,content,date_gmt,link,status,type";

/// What moderators ask for who mean to change it: what a change would else overwrite.
pub(super) const ALL_FIELDS: &str =
    "id,post,parent,author,content,link,status,type,author_ip,author_user_agent";

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// Its number.
    pub id: u64,
    /// The post's.
    pub post: u64,
    /// The comment's that it answers, or 0.
    pub parent: u64,
    /// The user's who wrote it, or 0.
    pub author: u64,
    /// `approved`, `hold`, `spam`, `trash`, `post-trashed`.
    pub status: String,
    /// Permalink.
    pub link: Option<Url>,
    /// As shown.
    pub html: String,
    /// As it is kept, without what plugins add; only moderators are told, and only where it was asked for.
    pub raw: Option<String>,
    /// What its sender called itself; only moderators are told, and only where it was asked for.
    pub agent: Option<String>,
    /// Where it was sent from, alike.
    pub ip: Option<String>,
    /// `comment`, `pingback`, `trackback` or what plugins keep as comments.
    kind: String,
    who: Person,
    /// When it was written.
    pub published: Option<DateTime<Utc>>,
}

impl Comment {
    /// `None` when it is none.
    pub(super) fn of(json: &Value) -> Option<Comment> {
        let number = |name: &str| json.get(name).and_then(Value::as_u64).unwrap_or(0);
        let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default();
        let filled = |text: String| Some(text).filter(|text| !text.trim().is_empty());
        let picture = json.pointer("/author_avatar_urls/96").and_then(Value::as_str);
        let who = Person {
            name: filled(unescaped(text("author_name"))),
            url: web(&unescaped(text("author_url"))).map(String::from),
            avatar: picture.and_then(web).map(String::from),
            ..Person::default()
        };
        Some(Comment {
            id: json.get("id")?.as_u64().filter(|id| *id > 0)?,
            post: number("post"),
            parent: number("parent"),
            author: number("author"),
            status: text("status").to_owned(),
            link: web(text("link")),
            html: json.pointer("/content/rendered").and_then(Value::as_str).unwrap_or_default().to_owned(),
            raw: json.pointer("/content/raw").and_then(Value::as_str).map(str::to_owned),
            agent: filled(text("author_user_agent").to_owned()),
            ip: filled(text("author_ip").to_owned()),
            kind: text("type").to_owned(),
            who,
            published: moment(text("date_gmt")),
        })
    }

    /// Whether readers know it as a comment; plugins and editors keep notes of their own among them.
    pub(super) fn is_for_readers(&self) -> bool {
        ["", "comment", "pingback", "trackback", "review"].contains(&self.kind.as_str())
    }

    /// Another site says that it links to the post.
    pub(super) fn is_ping(&self) -> bool {
        ["pingback", "trackback"].contains(&self.kind.as_str())
    }

    /// Its permalink as text.
    pub(super) fn url(&self) -> Option<String> {
        self.link.clone().map(String::from)
    }

    /// As an item; `own` when the blog itself speaks, `public` when anybody can see it.
    pub(super) fn item(self, own: bool, public: bool) -> Item {
        let thread = self.link.as_ref().map(thread);
        let in_reply_to = if self.parent > 0 { Some(name(self.parent)) } else { thread.clone() };
        Item {
            url: self.url(),
            in_reply_to,
            thread,
            author: Some(self.who).filter(|who| *who != Person::default()),
            html: Some(self.html),
            published: self.published,
            audience: (public && self.status == "approved").then_some(Audience::Public),
            status: Some(shown(&self.status).to_owned()),
            own,
            ..nameless(self.id, self.post)
        }
    }
}

/// The item of a comment of which nothing else is known.
fn nameless(id: u64, post: u64) -> Item {
    Item { id: name(id), native: json!({"post": post, "comment": id}), kind: "comment", ..Item::default() }
}

/// The item of a comment that was deleted for good.
pub(super) fn gone(id: u64) -> Item {
    Item { deleted: true, ..nameless(id, 0) }
}

/// A comment's id in an item.
pub(super) fn name(id: u64) -> String {
    format!("comments/{id}")
}

/// A status in the words of items. Comments go to the trash with their post, under a name of their own.
pub(super) fn shown(status: &str) -> &str {
    match status {
        "hold" => "held",
        "post-trashed" => "trash",
        other => other,
    }
}

/// The post's address from that of a comment of it: without the fragment, and without the page of comments that it is on
/// (`/comment-page-2/`, without the last slash where permalinks have none, `cpage=2`).
fn thread(link: &Url) -> String {
    let mut url = link.clone();
    url.set_fragment(None);
    let path = link.path().strip_suffix('/').unwrap_or(link.path());
    if let Some((post, page)) = path.rsplit_once('/')
        && page.strip_prefix("comment-page-").is_some_and(|n| n.parse::<u32>().is_ok())
    {
        url.set_path(&format!("{post}{}", &link.path()[path.len()..]));
    }
    let kept: Vec<(String, String)> =
        link.query_pairs().filter(|(name, _)| name != "cpage").map(|(n, v)| (n.into(), v.into())).collect();
    if kept.len() < link.query_pairs().count() {
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
    String::from(url)
}

/// An address that a browser opens.
fn web(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// `date_gmt` is UTC but does not say so; an unknown date is one before all computers.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok().map(|at| at.and_utc());
    naive.or_else(|| text.parse().ok()).filter(|at| (1970..=9999).contains(&at.year()))
}

/// Names are kept with `&`, `<`, `>` and quotes escaped (the filters of `pre_comment_author_name`).
pub(super) fn unescaped(text: &str) -> String {
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&#8217;", "’"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_posts_address() {
        for (link, post) in [
            ("https://b.example/launch/#comment-7", "https://b.example/launch/"),
            ("https://b.example/launch/comment-page-2/#comment-7", "https://b.example/launch/"),
            ("https://b.example/comment-page-two/#comment-7", "https://b.example/comment-page-two/"),
            ("https://b.example/launch.html/comment-page-2#comment-7", "https://b.example/launch.html"),
            ("https://b.example/comment-page-2/#comment-7", "https://b.example/"),
            ("https://b.example/?p=4#comment-7", "https://b.example/?p=4"),
            ("https://b.example/?p=4&cpage=2#comment-7", "https://b.example/?p=4"),
            ("https://b.example/?cpage=2#comment-7", "https://b.example/"),
        ] {
            assert_eq!(thread(&link.parse().unwrap()), post);
        }
    }

    #[test]
    fn dates() {
        let at = |text| moment(text).map(|at| at.to_rfc3339());
        assert_eq!(at("2026-11-22T21:15:30").as_deref(), Some("2026-11-22T21:15:30+00:00"));
        assert_eq!(at("2026-11-22T21:15:30Z").as_deref(), Some("2026-11-22T21:15:30+00:00"));
        assert_eq!(at("2026-11-22T21:15:30+02:00").as_deref(), Some("2026-11-22T19:15:30+00:00"));
        for none in ["", "0000-00-00T00:00:00", "-0001-11-30T00:00:00", "yesterday", "2026-13-01T00:00:00"] {
            assert_eq!(at(none), None, "{none}");
        }
    }

    fn comment() -> Value {
        json!({"id": 7, "post": 4, "parent": 0, "author": 0, "author_name": "Tom &amp; Jerry", "author_email": "tom@secret.example",
            "author_url": "javascript:alert(1)", "date_gmt": "2026-11-22T21:15:30", "content": {"rendered": "<p>Hi</p>"},
            "link": "https://b.example/launch/#comment-7", "status": "approved", "type": "comment",
            "author_avatar_urls": {"96": "https://a.example/96"}})
    }

    #[test]
    fn an_item() {
        let item = Comment::of(&comment()).unwrap().item(false, true);
        let who = item.author.clone().unwrap();
        assert_eq!((who.name.as_deref(), who.url, who.handle), (Some("Tom & Jerry"), None, None));
        assert_eq!(who.avatar.as_deref(), Some("https://a.example/96"));
        assert_eq!((item.id.as_str(), item.native.clone()), ("comments/7", json!({"post": 4, "comment": 7})));
        assert_eq!(item.in_reply_to.as_deref(), Some("https://b.example/launch/"));
        assert_eq!((item.audience, item.own), (Some(Audience::Public), false));
        assert!(!format!("{item:?}").contains("secret.example"), "{item:?}");
        let held = json!({"id": 8, "post": 4, "parent": 7, "author": 1, "status": "hold", "author_avatar_urls": [], "content": null});
        let item = Comment::of(&held).unwrap().item(true, true);
        assert_eq!((item.audience, item.own, item.status.as_deref()), (None, true, Some("held")));
        assert_eq!(
            (item.in_reply_to.as_deref(), item.thread, item.published),
            (Some("comments/7"), None, None)
        );
        assert_eq!(Comment::of(&json!({"id": 0})), None);
    }

    proptest! {
        #[test]
        fn any_text_is_no_date_or_one(text in "[-+0-9T:Z]{0,30}") {
            if let Some(at) = moment(&text) {
                prop_assert!((1970..=9999).contains(&at.year()));
            }
        }

        #[test]
        fn any_link_has_a_thread_without_fragment(path in "[a-z0-9/-]{0,30}", query in "[a-z0-9=&]{0,20}") {
            let link: Url = format!("https://b.example/{path}?{query}#comment-7").parse().unwrap();
            let once = thread(&link);
            prop_assert!(!once.contains('#'));
            prop_assert!(once.starts_with("https://b.example/"));
        }
    }
}
