//! A hit of the index as an item. What is null there was deleted.

use crate::services::members::{count, instant, name, seconds, text, web};
use crate::services::{Audience, Item, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SITE: &str = "https://news.ycombinator.com";

/// The permalink of an item, which is its id.
pub(super) fn address(number: &str) -> String {
    format!("{SITE}/item?id={number}")
}

/// When it was written: what lists are sorted by.
pub(super) fn date(hit: &Value) -> Option<DateTime<Utc>> {
    seconds(&hit["created_at_i"]).or_else(|| instant(&hit["created_at"]))
}

/// The number of a hit, as text.
pub(super) fn number(hit: &Value) -> Option<String> {
    name(&hit["objectID"]).filter(|number| number.chars().all(|c| c.is_ascii_digit()))
}

/// `None` when the hit is no item; `me` is our user.
pub(super) fn item(hit: &Value, me: Option<&str>) -> Option<Item> {
    let number = number(hit)?;
    let author = text(&hit["author"]);
    let html = text(&hit["comment_text"]).or_else(|| text(&hit["story_text"])).or_else(|| text(&hit["text"]));
    let title = text(&hit["title"]);
    let parent = name(&hit["parent_id"]);
    // A story has a title, and no parent.
    let is_comment = parent.is_some() && title.is_none();
    let said = [("likes", &hit["points"]), ("replies", &hit["num_comments"])];
    let counts = said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), count(value)?)));
    Some(Item {
        id: address(&number),
        native: json!({"item": number}),
        url: Some(address(&number)),
        kind: if is_comment { "comment" } else { "article" },
        in_reply_to: parent.as_deref().filter(|_| is_comment).map(address),
        thread: Some(name(&hit["story_id"]).map_or_else(|| address(&number), |story| address(&story))),
        own: author.is_some() && author.as_deref() == me,
        deleted: author.is_none() && html.is_none() && title.is_none(),
        author: author.map(person),
        external_url: web(&hit["url"]),
        title,
        text: html.is_none().then(String::new),
        html,
        published: date(hit),
        audience: Some(Audience::Public),
        counts: BTreeMap::from_iter(counts),
        ..Item::default()
    })
}

fn person(name: String) -> Person {
    Person {
        url: Some(format!("{SITE}/user?id={name}")),
        handle: Some(name.clone()),
        name: Some(name),
        ..Person::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment() {
        let hit = json!({"objectID": "9", "author": "ana", "comment_text": "It&#x27;s <p>good", "story_id": 7, "parent_id": 8,
            "story_title": "Acme", "created_at_i": 1_700_000_000, "points": null, "num_comments": null, "title": null});
        let item = item(&hit, Some("ana")).unwrap();
        let [this, parent, story] = ["9", "8", "7"].map(address);
        assert_eq!(
            (item.kind, item.id, item.in_reply_to, item.thread),
            ("comment", this, Some(parent), Some(story))
        );
        assert_eq!((item.own, item.deleted, item.counts.len()), (true, false, 0));
        assert_eq!(item.html.as_deref(), Some("It&#x27;s <p>good"));
    }

    #[test]
    fn a_story_and_one_that_is_gone() {
        let hit = json!({"objectID": 7, "author": "bob", "title": "Acme & friends", "url": "https://acme.example/", "points": 12,
            "num_comments": "3", "created_at": "2026-11-22T09:00:00Z", "story_id": 7});
        let story = item(&hit, Some("ana")).unwrap();
        assert_eq!(
            (story.kind, story.title.as_deref(), story.in_reply_to),
            ("article", Some("Acme & friends"), None)
        );
        assert_eq!((story.counts["likes"], story.counts["replies"], story.own), (12, 3, false));
        assert_eq!(story.external_url.as_deref(), Some("https://acme.example/"));
        assert!(story.published.is_some() && story.text.as_deref() == Some(""));
        let gone = json!({"objectID": "9", "author": null, "comment_text": null, "parent_id": 7, "story_id": 7, "created_at_i": "1700000000"});
        let gone = item(&gone, None).unwrap();
        assert!(gone.deleted && !gone.own && gone.author.is_none());
        assert_eq!(item(&json!({"objectID": "x"}), None), None);
    }
}
