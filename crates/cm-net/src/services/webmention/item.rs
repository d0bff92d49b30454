//! A mention in jf2 as an item. In: one of `children`, whose domain it is about. Out: an item, its number and when it came.

use crate::services::members::{list, name, text, web};
use crate::services::{Audience, Item, Media, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What a link to a page says (`wm-property`), and the kind of item that it is; the first that is there counts. What asks
/// for no answer has a kind of its own.
const KINDS: [(&str, &str); 7] = [
    ("rsvp", "rsvp"),
    ("in-reply-to", "reply"),
    ("like-of", "like"),
    ("repost-of", "share"),
    ("bookmark-of", "bookmark"),
    ("follow-of", "follow"),
    ("mention-of", "mention"),
];

/// A mention.
pub(super) struct Mention {
    pub(super) item: Item,
    pub(super) number: u64,
    pub(super) received: Option<DateTime<Utc>>,
}

impl Mention {
    /// `None` without a number: then it is no mention.
    pub(super) fn of(entry: &Value, domain: &str) -> Option<Mention> {
        let number = name(&entry["wm-id"])?.parse().ok()?;
        let property = text(&entry["wm-property"]).unwrap_or_default();
        let (property, kind) = KINDS
            .into_iter()
            .find(|(known, _)| *known == property)
            .or_else(|| KINDS.into_iter().find(|(known, _)| !entry[*known].is_null()))
            .unwrap_or(("mention-of", "mention"));
        let page = if property == "rsvp" { "in-reply-to" } else { property };
        let target = web(&entry["wm-target"]).or_else(|| web(&entry[page]));
        let url = web(&entry["url"]).or_else(|| web(&entry["wm-source"]));
        let received = date(&entry["wm-received"]);
        let author = author(&entry["author"]);
        let answers = matches!(kind, "reply" | "rsvp");
        let is_private = entry["wm-private"].as_bool().unwrap_or(false);
        let item = Item {
            id: format!("mentions/{number}"),
            native: json!({"wm_id": number, "property": property, "source": entry["wm-source"]}),
            kind,
            // A page may name anybody as its author: where it was fetched says whose it is.
            own: entry["wm-source"].as_str().is_some_and(|source| at(source, domain)),
            in_reply_to: target.clone().filter(|_| answers),
            thread: target.clone().filter(|_| answers),
            external_url: target.filter(|_| !answers),
            title: text(&entry["name"]),
            html: text(&entry["content"]["html"]),
            text: said(entry),
            // What a page says of itself may lie ahead, or name no zone.
            published: date(&entry["published"])
                .filter(|at| received.is_none_or(|seen| *at <= seen))
                .or(received),
            media: photos(&entry["photo"]),
            audience: Some(if is_private { Audience::Direct } else { Audience::Public }),
            url,
            author,
            ..Item::default()
        };
        Some(Mention { item, number, received })
    }
}

/// Its words; an answer to an invitation may have no others.
fn said(entry: &Value) -> Option<String> {
    let content = &entry["content"];
    let plain = || text(&content["value"]).filter(|_| content["content-type"] != "text/html");
    let words = text(&content["text"]).or_else(plain).or_else(|| text(content));
    let words = words.or_else(|| text(&entry["summary"]["value"])).or_else(|| text(&entry["summary"]));
    let none = || content["html"].is_null().then(|| text(&entry["rsvp"]).unwrap_or_default());
    words.or_else(none)
}

fn author(card: &Value) -> Option<Person> {
    let person = Person {
        name: text(&card["name"]),
        url: web(&card["url"]),
        avatar: web(&card["photo"]),
        ..Person::default()
    };
    (person != Person::default()).then_some(person)
}

fn photos(photos: &Value) -> Vec<Media> {
    let one = std::slice::from_ref(photos);
    let all = if photos.is_array() { list(photos) } else { one };
    let photo = |photo: &Value| {
        let url = web(photo).or_else(|| web(&photo["value"]))?;
        Some(Media { mime_type: "image/jpeg".to_owned(), alt: text(&photo["alt"]), url })
    };
    all.iter().filter_map(photo).take(20).collect()
}

/// With a zone: without one nobody knows when it was.
fn date(value: &Value) -> Option<DateTime<Utc>> {
    cm_time::parse_rfc3339(value.as_str()?.trim())
}

/// Whether an address is the domain's.
fn at(address: &str, domain: &str) -> bool {
    let bare = |host: &str| host.trim_start_matches("www.").to_ascii_lowercase();
    let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(bare));
    host.is_some_and(|host| host == bare(domain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    const NAMES: &str = "wm-id|wm-property|in-reply-to|like-of|rsvp|content|text|html|value|author|name|url|photo|published|wm-received|summary|wm-private";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(value in any_json(NAMES)) {
            let _ = Mention::of(&value, "acme.example");
        }
    }
}
