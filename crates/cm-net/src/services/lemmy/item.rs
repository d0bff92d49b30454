//! Posts, comments and messages as items. Versions name members differently: `actor_id` and `counts` (v3), `ap_id` and counts
//! within (v4). A comment tells the numbers of those above it (`path`), which other servers do not know: its parent's address
//! is looked up by the reader.

use crate::services::members::{count, instant, name, text, unescaped, web};
use crate::services::{Audience, Item, Media, Person};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

/// Our user, and our server.
#[derive(Clone, Copy)]
pub(super) struct Us<'u> {
    /// Its address.
    pub(super) base: &'u Url,
    /// Our user there.
    pub(super) user: Option<&'u str>,
}

/// The number of the comment that a comment answers: `0.7.9` answers 7.
pub(super) fn parent(view: &Value) -> Option<String> {
    let path = view["comment"]["path"].as_str()?;
    let mut up = path.rsplit('.').skip(1);
    up.next().filter(|number| *number != "0").map(str::to_owned)
}

/// Its number on this server, and its address everywhere.
pub(super) fn names(view: &Value) -> Option<(String, String)> {
    Some((name(&view["comment"]["id"])?, web(&view["comment"]["ap_id"])?))
}

/// When it was published, as lists are sorted.
pub(super) fn date(view: &Value) -> Option<chrono::DateTime<chrono::Utc>> {
    let of = |entry: &Value| instant(&entry["published"]).or_else(|| instant(&entry["published_at"]));
    [&view["comment"], &view["private_message"], &view["post"]].into_iter().find_map(of)
}

impl Us<'_> {
    /// A view of any list; `up` is the address of the comment that it answers.
    pub(super) fn item(self, view: &Value, kind: Option<&'static str>, up: Option<String>) -> Option<Item> {
        let (said, what) = if view["private_message"].is_object() {
            (&view["private_message"], "message")
        } else if view["comment"].is_object() {
            (&view["comment"], "comment")
        } else if view["post"].is_object() {
            (&view["post"], "note")
        } else {
            return None;
        };
        let number = name(&said["id"])?;
        let page = format!("{}/{what}/{number}", self.base.as_str().trim_end_matches('/'))
            .replace("/note/", "/post/");
        let post = web(&view["post"]["ap_id"]);
        let creator = &view["creator"];
        let deleted = said["deleted"] == true || said["removed"] == true;
        let body = text(&said["content"]).or_else(|| text(&said["body"]));
        Some(Item {
            id: web(&said["ap_id"]).unwrap_or_else(|| page.clone()),
            native: json!({what: number}),
            kind: kind.unwrap_or(what),
            in_reply_to: up.or_else(|| post.clone().filter(|_| what == "comment")),
            thread: if what == "message" { self.talk(view) } else { post },
            author: self.person(creator),
            title: text(&said["name"]).map(|title| unescaped(&title)),
            text: Some(body.unwrap_or_default()),
            published: date(view),
            modified: instant(&said["updated"]).or_else(|| instant(&said["updated_at"])),
            external_url: web(&said["url"]),
            media: media(said),
            audience: Some(audience(view, what)),
            status: (said["removed"] == true).then(|| "removed".to_owned()),
            own: self.is_us(creator),
            deleted,
            counts: counts(view, said),
            url: Some(page).filter(|_| what != "message"),
            ..Item::default()
        })
    }

    /// What is said between us and somebody: no message names the one that it answers.
    fn talk(self, view: &Value) -> Option<String> {
        let other = if self.is_us(&view["creator"]) { &view["recipient"] } else { &view["creator"] };
        let address = web(&other["actor_id"]).or_else(|| web(&other["ap_id"]))?;
        Some(format!("messages/{address}"))
    }

    fn is_us(self, creator: &Value) -> bool {
        let local = creator["local"].as_bool().unwrap_or(true);
        self.user
            .zip(creator["name"].as_str())
            .is_some_and(|(us, them)| local && us.eq_ignore_ascii_case(them))
    }

    fn person(self, creator: &Value) -> Option<Person> {
        let user = text(&creator["name"])?;
        let url = web(&creator["actor_id"]).or_else(|| web(&creator["ap_id"]));
        let home = url.as_ref().and_then(|url| Url::parse(url).ok()?.host_str().map(str::to_owned));
        let home = home.or_else(|| self.base.host_str().map(str::to_owned)).unwrap_or_default();
        Some(Person {
            name: text(&creator["display_name"]).or_else(|| Some(user.clone())),
            handle: Some(format!("@{user}@{home}")),
            url,
            avatar: web(&creator["avatar"]),
            ..Person::default()
        })
    }
}

fn audience(view: &Value, what: &str) -> Audience {
    match (what, view["community"]["visibility"].as_str()) {
        ("message", _) => Audience::Direct,
        (_, None | Some("Public" | "public" | "unlisted")) => Audience::Public,
        _ => Audience::Followers,
    }
}

fn media(said: &Value) -> Vec<Media> {
    let picture = |url: &String| {
        said["url_content_type"].as_str().is_some_and(|kind| kind.starts_with("image/")) && !url.is_empty()
    };
    let kind = said["url_content_type"].as_str().unwrap_or_default().to_owned();
    let url = web(&said["url"]).filter(picture);
    url.into_iter().map(|url| Media { url, mime_type: kind.clone(), alt: text(&said["alt_text"]) }).collect()
}

fn counts(view: &Value, said: &Value) -> BTreeMap<String, u64> {
    let of = |member: &str| count(&view["counts"][member]).or_else(|| count(&said[member]));
    let said = [("likes", of("upvotes")), ("replies", of("child_count").or_else(|| of("comments")))];
    said.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_a_talk_are_one_thread() {
        let base = "https://here.example/".parse().unwrap();
        let us = Us { base: &base, user: Some("acme") };
        let person = |name: &str| json!({"name": name, "actor_id": format!("https://here.example/u/{name}"), "local": true});
        let said = |id: u64, from: &str, to: &str| {
            let view = json!({"private_message": {"id": id, "content": "Hi"}, "creator": person(from), "recipient": person(to)});
            us.item(&view, Some("message"), None).unwrap()
        };
        let (asked, answered, other) =
            (said(1, "bob", "acme"), said(2, "acme", "bob"), said(3, "eve", "acme"));
        assert!(answered.own && asked.thread.is_some());
        assert_eq!((&asked.thread, &answered.in_reply_to), (&answered.thread, &None));
        assert_ne!(asked.thread, other.thread);
    }

    #[test]
    fn a_comment_of_either_version() {
        let base = "https://here.example/".parse().unwrap();
        let us = Us { base: &base, user: Some("acme") };
        let v3 = json!({"comment": {"id": 9, "content": "Hi", "ap_id": "https://there.example/comment/77", "path": "0.7.9",
            "published": "2026-11-22T09:00:00.123", "updated": "2026-11-22T10:00:00Z"},
            "creator": {"name": "acme", "actor_id": "https://here.example/u/acme", "local": true},
            "post": {"id": 3, "ap_id": "https://there.example/post/3"}, "counts": {"upvotes": 4, "child_count": 1}});
        let item = us.item(&v3, None, None).unwrap();
        assert_eq!(
            (item.id.as_str(), item.kind, item.own),
            ("https://there.example/comment/77", "comment", true)
        );
        assert_eq!(
            (item.in_reply_to.as_deref(), item.url.as_deref()),
            (Some("https://there.example/post/3"), Some("https://here.example/comment/9"))
        );
        assert_eq!((item.counts["likes"], item.counts["replies"], parent(&v3).as_deref()), (4, 1, Some("7")));
        assert_eq!(item.author.unwrap().handle.as_deref(), Some("@acme@here.example"));
        let v4 = json!({"comment": {"id": 9, "content": "Hi", "ap_id": "https://there.example/comment/77", "path": "0.9",
            "published_at": "2026-11-22T09:00:00Z", "upvotes": 4}, "creator": {"name": "acme", "ap_id": "https://there.example/u/acme", "local": false}});
        let item = us.item(&v4, None, Some("https://x.example/".into())).unwrap();
        assert_eq!(
            (item.own, item.counts["likes"], item.published.is_some(), parent(&v4)),
            (false, 4, true, None)
        );
        assert_eq!(us.item(&json!({"comment": {}}), None, None), None);
        let gone =
            us.item(&json!({"post": {"id": 1, "name": "A &amp; B", "removed": true}}), None, None).unwrap();
        assert_eq!(
            (gone.deleted, gone.id.as_str(), gone.author),
            (true, "https://here.example/post/1", None)
        );
    }
}
