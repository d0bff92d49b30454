//! A post or comment of Facebook as an item. Ids are addresses made of their numbers. Without the permission to know people, or
//! where they have left, nobody is said to have written something.

use crate::services::members::{count, list, name, text, web};
use crate::services::{Audience, Item, Media, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is asked for of each post.
pub(super) const POST: &str = "id,message,story,from{id,name},created_time,updated_time,permalink_url,is_published,shares,\
    reactions.limit(0).summary(total_count),attachments{media_type,media,url,description,subattachments}";
/// What is asked for of each comment.
pub(super) const COMMENT: &str = "id,message,from{id,name},created_time,parent{id},permalink_url,like_count,comment_count,is_hidden,attachment";

/// The id of a thing.
pub(super) fn id(number: &str) -> String {
    format!("https://www.facebook.com/{number}")
}

/// RFC 3339, but for the colon of the zone.
pub(super) fn date(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(value.as_str()?.trim(), "%Y-%m-%dT%H:%M:%S%z").ok().map(|at| at.to_utc())
}

/// A post, by us or by a visitor.
pub(super) fn post(value: &Value, page: &str) -> Option<Item> {
    let number = name(&value["id"])?;
    let own = is(&value["from"], page);
    let kind = if own { "note" } else { "mention" };
    let item = shared(value, number, kind, own);
    let published = value["is_published"] != false;
    Some(Item {
        thread: Some(item.id.clone()),
        text: item.text.or_else(|| text(&value["story"])).or(Some(String::new())),
        media: list(&value["attachments"]["data"]).iter().flat_map(media).take(20).collect(),
        external_url: list(&value["attachments"]["data"]).iter().find_map(shared_link),
        audience: published.then_some(Audience::Public),
        ..item
    })
}

/// A comment on a post.
pub(super) fn comment(value: &Value, post: &str, page: &str) -> Option<Item> {
    let number = name(&value["id"])?;
    let parent = name(&value["parent"]["id"]).map(|number| id(&number));
    let item = shared(value, number, "comment", is(&value["from"], page));
    let hidden = value["is_hidden"] == true;
    Some(Item {
        in_reply_to: parent.or_else(|| Some(id(post))),
        thread: Some(id(post)),
        text: item.text.or(Some(String::new())),
        media: media(&value["attachment"]),
        audience: (!hidden).then_some(Audience::Public),
        status: hidden.then(|| "held".to_owned()),
        ..item
    })
}

fn is(from: &Value, page: &str) -> bool {
    name(&from["id"]).as_deref() == Some(page)
}

fn shared(value: &Value, number: String, kind: &'static str, own: bool) -> Item {
    let created = date(&value["created_time"]);
    Item {
        id: id(&number),
        url: web(&value["permalink_url"]),
        native: json!({"id": number}),
        kind,
        own,
        author: person(&value["from"]),
        text: text(&value["message"]),
        published: created,
        counts: counts(value),
        ..Item::default()
    }
}

fn person(from: &Value) -> Option<Person> {
    let known = name(&from["id"]).map(|number| id(&number));
    let person = Person { name: text(&from["name"]), url: known, ..Person::default() };
    (person != Person::default()).then_some(person)
}

fn media(attachment: &Value) -> Vec<Media> {
    let one = |attachment: &Value| {
        let url =
            web(&attachment["media"]["source"]).or_else(|| web(&attachment["media"]["image"]["src"]))?;
        let film = !attachment["media"]["source"].is_null();
        let mime_type = if film { "video/mp4" } else { "image/jpeg" }.to_owned();
        Some(Media { url, mime_type, alt: text(&attachment["description"]) })
    };
    let below = list(&attachment["subattachments"]["data"]);
    if below.is_empty() {
        one(attachment).into_iter().collect()
    } else {
        below.iter().filter_map(one).collect()
    }
}

fn shared_link(attachment: &Value) -> Option<String> {
    let is_link = attachment["media_type"] == "link";
    web(&attachment["url"]).filter(|_| is_link)
}

fn counts(value: &Value) -> BTreeMap<String, u64> {
    let likes = count(&value["like_count"]).or_else(|| count(&value["reactions"]["summary"]["total_count"]));
    let replies =
        count(&value["comment_count"]).or_else(|| count(&value["comments"]["summary"]["total_count"]));
    [("likes", likes), ("replies", replies), ("shares", count(&value["shares"]["count"]))]
        .into_iter()
        .filter_map(|(name, count)| Some((name.to_owned(), count?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    const NAMES: &str = "id|message|from|name|created_time|parent|permalink_url|attachments|attachment|data|media|image|src|source|subattachments|shares|count|reactions|summary|total_count";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(value in any_json(NAMES)) {
            let _ = (post(&value, "42"), comment(&value, "1", "42"));
        }
    }
}
