//! Things of a listing as items: posts (`t3`), comments (`t1`), messages (`t4`). Listings are asked for with `raw_json=1`, so
//! that nothing in them is escaped.

use crate::services::members::{count, list, name, seconds, text, web};
use crate::services::{Audience, Item, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SITE: &str = "https://www.reddit.com";

/// Things of an answer: of a listing, or of the two that a post's page has, with the replies within.
pub(super) fn things(answer: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = match answer {
        Value::Array(listings) => listings.iter().rev().collect(),
        listing => vec![listing],
    };
    while let Some(next) = open.pop() {
        match next["kind"].as_str() {
            Some("Listing") => open.extend(list(&next["data"]["children"]).iter().rev()),
            Some("t1" | "t3" | "t4") => {
                found.push(next);
                open.extend(Some(&next["data"]["replies"]).filter(|replies| replies.is_object()));
            }
            _ => {}
        }
    }
    found
}

/// What listings are sorted by.
pub(super) fn date(thing: &Value) -> Option<DateTime<Utc>> {
    seconds(&thing["data"]["created_utc"])
}

/// The full name of a thing.
pub(super) fn full_name(thing: &Value) -> Option<String> {
    let (kind, data) = (thing["kind"].as_str()?, &thing["data"]);
    text(&data["name"]).or_else(|| Some(format!("{kind}_{}", name(&data["id"])?)))
}

/// `None` of what is none; `me` is our user.
pub(super) fn item(thing: &Value, me: Option<&str>, kind: Option<&'static str>) -> Option<Item> {
    let (id, data) = (full_name(thing)?, &thing["data"]);
    let what = thing["kind"].as_str()?;
    let body = text(&data["body"]).or_else(|| text(&data["selftext"]));
    let author = text(&data["author"]).filter(|author| author != "[deleted]");
    let is_gone = |body: &str| matches!(body, "[deleted]" | "[removed]");
    let removed = text(&data["removed_by_category"]).is_some();
    let html = text(&data["body_html"]).or_else(|| text(&data["selftext_html"]));
    let post = text(&data["link_id"]).or_else(|| post(data));
    let counts = [("likes", count(&data["score"])), ("replies", count(&data["num_comments"]))];
    let own = me.zip(author.as_deref()).is_some_and(|(me, author)| me.eq_ignore_ascii_case(author));
    Some(Item {
        native: json!({"name": id}),
        url: text(&data["permalink"]).or_else(|| text(&data["context"])).map(|path| format!("{SITE}{path}")),
        kind: kind.unwrap_or_else(|| self::kind(what, data)),
        in_reply_to: text(&data["parent_id"]),
        thread: if what == "t3" {
            Some(id.clone())
        } else {
            post.or_else(|| text(&data["first_message_name"]))
        },
        own,
        deleted: body.as_deref().is_some_and(is_gone) || (removed && author.is_none()),
        author: author.map(|name| person(name, data)),
        title: text(&data["title"]).or_else(|| text(&data["subject"]).filter(|_| what == "t4")),
        text: html.is_none().then(|| body.unwrap_or_default()),
        html,
        published: date(thing),
        modified: seconds(&data["edited"]),
        external_url: web(&data["url"]).filter(|_| what == "t3" && data["is_self"] != true),
        audience: audience(what, data),
        status: removed.then(|| "removed".to_owned()),
        counts: counts
            .into_iter()
            .filter_map(|(name, number)| Some((name.to_owned(), number?)))
            .collect::<BTreeMap<_, _>>(),
        id,
        ..Item::default()
    })
}

/// Items of the inbox say where they stand: `/r/rust/comments/abc/title/def/?context=3`.
fn post(data: &Value) -> Option<String> {
    let context = text(&data["context"])?;
    let (_, rest) = context.split_once("/comments/")?;
    rest.split('/').next().filter(|id| !id.is_empty()).map(|id| format!("t3_{id}"))
}

fn kind(what: &str, data: &Value) -> &'static str {
    match (what, data["type"].as_str()) {
        ("t4", _) => "message",
        (_, Some("username_mention")) => "mention",
        (_, Some("comment_reply" | "post_reply")) => "reply",
        ("t3", _) => "note",
        _ => "comment",
    }
}

fn audience(what: &str, data: &Value) -> Option<Audience> {
    match (what, data["subreddit_type"].as_str()) {
        ("t4", _) => Some(Audience::Direct),
        (_, Some("public" | "restricted" | "user")) => Some(Audience::Public),
        (_, Some(_)) => Some(Audience::Followers),
        // The inbox does not say.
        (_, None) => None,
    }
}

fn person(name: String, data: &Value) -> Person {
    Person {
        handle: Some(format!("u/{name}")),
        url: Some(format!("{SITE}/user/{name}")),
        name: text(&data["author_fullname"]).and(Some(name.clone())).or(Some(name)),
        ..Person::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_a_comment_and_a_message() {
        let of =
            |kind: &str, data: Value| item(&json!({"kind": kind, "data": data}), Some("acme"), None).unwrap();
        let post = of(
            "t3",
            json!({"id": "abc", "title": "Tea", "selftext": "", "url": "https://acme.example/", "author": "Acme", "score": 0,
            "num_comments": 2, "permalink": "/r/tea/comments/abc/tea/", "created_utc": 1_700_000_000.0, "edited": false, "subreddit_type": "public"}),
        );
        assert_eq!((post.id.as_str(), post.kind, post.own, post.modified), ("t3_abc", "note", true, None));
        assert_eq!(
            (post.thread.as_deref(), post.external_url.is_some(), post.audience),
            (Some("t3_abc"), true, Some(Audience::Public))
        );
        let comment = of(
            "t1",
            json!({"name": "t1_def", "body": "x", "body_html": "<p>x</p>", "author": "bob", "parent_id": "t1_aaa", "type": "comment_reply",
            "context": "/r/tea/comments/abc/tea/def/?context=3", "edited": 1_700_000_100.0, "created_utc": 1_700_000_000.0, "score": -4}),
        );
        assert_eq!(
            (comment.kind, comment.in_reply_to.as_deref(), comment.thread.as_deref()),
            ("reply", Some("t1_aaa"), Some("t3_abc"))
        );
        assert!(
            comment.modified > comment.published && comment.counts.is_empty() && comment.audience.is_none()
        );
        let message = of(
            "t4",
            json!({"name": "t4_x", "subject": "Hello", "body": "x", "author": null, "first_message_name": "t4_w"}),
        );
        assert_eq!(
            (message.kind, message.audience, message.thread.as_deref()),
            ("message", Some(Audience::Direct), Some("t4_w"))
        );
        let gone = of("t1", json!({"name": "t1_g", "body": "[deleted]", "author": "[deleted]"}));
        assert!(gone.deleted && gone.author.is_none());
        let left = of("t1", json!({"name": "t1_g", "body": "still here", "author": "[deleted]"}));
        assert!(!left.deleted && left.author.is_none());
    }

    #[test]
    fn replies_stand_within() {
        let reply = json!({"kind": "t1", "data": {"name": "t1_b", "replies": ""}});
        let page = json!([{"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {"name": "t3_a"}}]}},
            {"kind": "Listing", "data": {"children": [{"kind": "t1", "data": {"name": "t1_a", "replies": {"kind": "Listing", "data": {"children": [reply]}}}},
            {"kind": "more", "data": {"count": 4}}]}}]);
        assert_eq!(
            things(&page).into_iter().filter_map(full_name).collect::<Vec<_>>(),
            ["t3_a", "t1_a", "t1_b"]
        );
    }
}
