//! A post of Bluesky as an item. In: post views, notifications and records, which anybody may have written (lexicons
//! `app.bsky.feed.defs#postView`, `app.bsky.feed.post`). Out: items; what is no post is none.

use super::mark::instant;
use super::record::{is_language, reference};
use super::text::{is_web, links, whole};
use super::uri::{AtUri, POSTS, holds, profile};
use crate::services::{Audience, Item, Media, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// More tags or pictures of one post are passed over.
const MOST: usize = 100;
/// Dates before this are mistakes of the author's program.
const EARLIEST: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A post, wherever it stood.
pub(super) struct Post<'a> {
    /// Has `uri` and `cid`.
    pub(super) named: &'a Value,
    /// The author's profile.
    pub(super) author: &'a Value,
    /// What the author wrote.
    pub(super) record: &'a Value,
    /// What the AppView makes of it: counts, pictures; null where it was not asked.
    pub(super) view: &'a Value,
    /// Why it is told; absent where it was looked for.
    pub(super) kind: Option<&'static str>,
}

impl<'a> Post<'a> {
    /// From a `postView`.
    pub(super) fn of_view(view: &'a Value) -> Post<'a> {
        Post { named: view, author: &view["author"], record: &view["record"], view, kind: None }
    }

    /// As an item; `me` is our DID.
    pub(super) fn item(&self, me: &str) -> Option<Item> {
        let own = reference(self.named)?;
        let uri = AtUri::parse(self.named["uri"].as_str()?).filter(|uri| uri.collection == POSTS)?;
        let record = self.record;
        let root = record.pointer("/reply/root").and_then(reference).unwrap_or_else(|| own.clone());
        let parent = record.pointer("/reply/parent").and_then(reference);
        let did = self.author["did"].as_str().unwrap_or(uri.repo);
        Some(Item {
            id: self.named["uri"].as_str()?.to_owned(),
            native: json!({"uri": own["uri"], "cid": own["cid"], "root": root}),
            url: uri.page(self.author["handle"].as_str()),
            kind: self.kind.unwrap_or(if parent.is_some() { "reply" } else { "note" }),
            in_reply_to: parent.and_then(|parent| parent["uri"].as_str().map(str::to_owned)),
            thread: root["uri"].as_str().map(str::to_owned),
            author: Some(person(self.author, did)),
            text: Some(whole(record)),
            published: self.published(),
            language: record["langs"][0].as_str().filter(|tag| is_language(tag)).map(str::to_owned),
            tags: tags(record),
            external_url: external(record),
            media: media(record, &self.view["embed"]),
            audience: Some(Audience::Public),
            own: did == me,
            counts: counts(self.view),
            ..Item::default()
        })
    }

    /// When it was published: as its author's program says, but never after it was first seen.
    pub(super) fn published(&self) -> Option<DateTime<Utc>> {
        let seen = self.named["indexedAt"].as_str().and_then(instant);
        let said = self.record["createdAt"].as_str().and_then(instant).filter(|at| *at >= EARLIEST);
        said.into_iter().chain(seen).min()
    }
}

fn person(author: &Value, did: &str) -> Person {
    let text = |name: &str| author[name].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let handle = text("handle").filter(|handle| holds(handle));
    Person {
        name: text("displayName"),
        url: Some(profile(handle.as_deref().unwrap_or(did))),
        handle: handle.map(|handle| format!("@{handle}")),
        avatar: text("avatar").filter(|url| is_web(url)),
        followers: author["followersCount"].as_u64(),
    }
}

/// Tags in the text, and those beside it.
fn tags(record: &Value) -> Vec<String> {
    let features = array(&record["facets"]).iter().flat_map(|facet| array(&facet["features"]));
    let inside =
        features.filter(|f| f["$type"] == "app.bsky.richtext.facet#tag").filter_map(|f| f["tag"].as_str());
    let beside = array(&record["tags"]).iter().filter_map(Value::as_str);
    let mut tags: Vec<String> = Vec::new();
    for tag in inside.chain(beside).take(MOST) {
        let tag = tag.trim().trim_start_matches(['#', '＃']);
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// What a post is about: its card, the first link in its text, the post that it quotes.
fn external(record: &Value) -> Option<String> {
    let embed = &record["embed"];
    let card =
        ["/external/uri", "/media/external/uri"].iter().find_map(|place| embed.pointer(place)?.as_str());
    let linked = || links(record).first().map(|(_, _, uri)| *uri);
    let quoted = || {
        let uri =
            ["/record/record/uri", "/record/uri"].iter().find_map(|place| embed.pointer(place)?.as_str());
        AtUri::parse(uri?)?.page(None)
    };
    card.filter(|uri| is_web(uri)).or_else(linked).map(str::to_owned).or_else(quoted)
}

/// Pictures and films, where the AppView says where they are (`app.bsky.embed.images#view`, `video#view`).
fn media(record: &Value, view: &Value) -> Vec<Media> {
    let (view, embed) = match view["media"].is_object() {
        true => (&view["media"], &record["embed"]["media"]),
        false => (view, &record["embed"]),
    };
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let pictures = array(&view["images"]).iter().enumerate().filter_map(|(place, image)| {
        let url = image["fullsize"].as_str().filter(|url| is_web(url))?.to_owned();
        let original =
            embed["images"][place]["image"]["mimeType"].as_str().filter(|kind| kind.starts_with("image/"));
        // The AppView's own pictures are JPEG, whatever was uploaded.
        let mime_type = if url.ends_with("@jpeg") { "image/jpeg" } else { original.unwrap_or("image/jpeg") };
        Some(Media { mime_type: mime_type.to_owned(), alt: text(&image["alt"]), url })
    });
    let film = view["playlist"].as_str().filter(|url| is_web(url)).map(|url| Media {
        url: url.to_owned(),
        mime_type: "application/vnd.apple.mpegurl".to_owned(),
        alt: text(&view["alt"]),
    });
    pictures.take(MOST).chain(film).collect()
}

fn counts(view: &Value) -> BTreeMap<String, u64> {
    [("replies", "replyCount"), ("likes", "likeCount"), ("shares", "repostCount"), ("quotes", "quoteCount")]
        .into_iter()
        .filter_map(|(ours, theirs)| Some((ours.to_owned(), view[theirs].as_u64()?)))
        .collect()
}

/// The values of a list; none when it is no list.
pub(super) fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    fn view() -> Value {
        json!({
            "uri": "at://did:plc:bob/app.bsky.feed.post/3k2a", "cid": "bafya", "indexedAt": "2026-11-22T09:00:01.000Z",
            "author": {"did": "did:plc:bob", "handle": "bob.example", "displayName": "Bob", "avatar": "https://cdn.example/a"},
            "record": {
                "$type": "app.bsky.feed.post", "text": "see acme.example/news/2026/sp... #tea", "createdAt": "2026-11-22T09:00:00.000Z", "langs": ["en"], "tags": ["roast", "tea"],
                "reply": {"root": {"uri": "at://did:plc:us/app.bsky.feed.post/3k1a", "cid": "bafyr"}, "parent": {"uri": "at://did:plc:us/app.bsky.feed.post/3k1b", "cid": "bafyp"}},
                "facets": [
                    {"index": {"byteStart": 4, "byteEnd": 32}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://acme.example/news/2026/spring"}]},
                    {"index": {"byteStart": 33, "byteEnd": 37}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "tea"}]},
                ],
            },
            "embed": {"$type": "app.bsky.embed.images#view", "images": [{"fullsize": "https://cdn.example/1@jpeg", "thumb": "x", "alt": "a cup"}]},
            "replyCount": 1, "likeCount": 2, "repostCount": 3, "quoteCount": 4,
        })
    }

    fn item(view: &Value) -> Item {
        Post::of_view(view).item("did:plc:us").unwrap()
    }

    #[test]
    fn a_reply() {
        let item = item(&view());
        assert_eq!(item.id, "at://did:plc:bob/app.bsky.feed.post/3k2a");
        assert_eq!(
            item.native,
            json!({"uri": item.id, "cid": "bafya", "root": {"uri": "at://did:plc:us/app.bsky.feed.post/3k1a", "cid": "bafyr"}})
        );
        assert_eq!(item.url.as_deref(), Some("https://bsky.app/profile/bob.example/post/3k2a"));
        assert_eq!(
            (item.kind, item.in_reply_to.as_deref()),
            ("reply", Some("at://did:plc:us/app.bsky.feed.post/3k1b"))
        );
        assert_eq!(item.thread.as_deref(), Some("at://did:plc:us/app.bsky.feed.post/3k1a"));
        assert_eq!(item.text.as_deref(), Some("see https://acme.example/news/2026/spring #tea"));
        assert_eq!(
            (item.tags, item.language.as_deref()),
            (vec!["tea".to_owned(), "roast".to_owned()], Some("en"))
        );
        assert_eq!(item.external_url.as_deref(), Some("https://acme.example/news/2026/spring"));
        assert_eq!(
            item.media,
            [Media {
                url: "https://cdn.example/1@jpeg".to_owned(),
                mime_type: "image/jpeg".to_owned(),
                alt: Some("a cup".to_owned())
            }]
        );
        assert_eq!(item.counts["shares"], 3);
        let author = item.author.unwrap();
        assert_eq!((author.name.as_deref(), author.handle.as_deref()), (Some("Bob"), Some("@bob.example")));
        assert!(!item.own && item.audience == Some(Audience::Public));
    }

    #[test]
    fn a_post_of_ours_that_begins_a_thread() {
        let mut view = view();
        view["author"] = json!({"did": "did:plc:us", "handle": "handle.invalid", "displayName": " "});
        view["uri"] = "at://did:plc:us/app.bsky.feed.post/3k1a".into();
        view["record"]["reply"] = Value::Null;
        let item = item(&view);
        assert!(item.own && item.kind == "note" && item.in_reply_to.is_none());
        assert_eq!(item.thread.as_deref(), Some(&*item.id));
        assert_eq!(item.native["root"]["cid"], "bafya");
        assert_eq!(item.url.as_deref(), Some("https://bsky.app/profile/did:plc:us/post/3k1a"));
        let author = item.author.unwrap();
        assert_eq!((author.name, author.handle), (None, None));
    }

    #[test]
    fn a_quote_is_about_what_it_quotes() {
        let mut view = view();
        view["record"]["facets"] = Value::Null;
        view["record"]["embed"] = json!({"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:us/app.bsky.feed.post/3k9", "cid": "b"}});
        assert_eq!(item(&view).external_url.as_deref(), Some("https://bsky.app/profile/did:plc:us/post/3k9"));
        view["record"]["embed"] = json!({"record": {"record": {"uri": "at://did:plc:us/app.bsky.feed.post/3k8"}}, "media": {"external": {"uri": "https://acme.example/"}}});
        assert_eq!(item(&view).external_url.as_deref(), Some("https://acme.example/"));
    }

    #[test]
    fn a_date_is_never_after_it_was_seen() {
        let published = |created: &str| {
            let mut view = view();
            view["record"]["createdAt"] = created.into();
            item(&view).published.unwrap().to_rfc3339()
        };
        assert_eq!(published("2019-01-01T00:00:00Z"), "2019-01-01T00:00:00+00:00", "an import");
        for odd in ["2199-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "yesterday", ""] {
            assert_eq!(published(odd), "2026-11-22T09:00:01+00:00", "{odd}");
        }
    }

    #[test]
    fn what_is_no_post_is_no_item() {
        for (place, value) in
            [("uri", json!("at://did:plc:a/app.bsky.feed.like/3k")), ("uri", json!(7)), ("cid", Value::Null)]
        {
            let mut view = view();
            view[place] = value;
            assert_eq!(Post::of_view(&view).item("did:plc:us"), None, "{place}");
        }
    }

    const NAMES: &str = "text|facets|index|byteStart|byteEnd|features|uri|tag|tags|embed|record|media|images|fullsize|external|reply|root|parent|cid|langs|author|did|handle|[$]type";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(record in any_json(NAMES), author in any_json(NAMES), embed in any_json(NAMES), odd in any_json(NAMES)) {
            let mut view = view();
            view["record"] = record;
            view["author"] = author;
            view["embed"] = embed;
            prop_assert!(Post::of_view(&view).item("did:plc:us").is_some(), "its own name is enough");
            let _ = Post::of_view(&odd).item("did:plc:us");
        }
    }
}
