//! A post of X as an item. In: a post, and what came along with its page (`includes`). Out: an item. Ids are addresses that hold
//! whatever the author's handle becomes, of the first version where a post was edited.

use super::user::person;
use crate::services::members::{count, instant, list, name, text, unescaped, web};
use crate::services::{Audience, Item, Media};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Languages that say that there is none, and two old names (docs.x.com, "Supported languages").
const NO_LANGUAGE: [&str; 9] = ["und", "zxx", "qam", "qct", "qht", "qme", "qst", "art", "qau"];
const OLD_NAMES: [(&str, &str); 2] = [("in", "id"), ("iw", "he")];

/// The id of a post.
pub(super) fn id(number: &str) -> String {
    format!("https://x.com/i/status/{number}")
}

/// Who reads, and what came along.
pub(super) struct Reading<'a> {
    /// Our number.
    pub(super) us: &'a str,
    /// Our handle, where posts come without their author.
    pub(super) handle: Option<&'a str>,
    pub(super) includes: &'a Value,
    /// All of the list name us.
    pub(super) names_us: bool,
}

impl Reading<'_> {
    /// `None` without a number.
    pub(super) fn item(&self, post: &Value) -> Option<Item> {
        let number = name(&post["id"])?;
        let first = name(&post["edit_history_tweet_ids"][0]).unwrap_or_else(|| number.clone());
        let author_id = name(&post["author_id"]);
        let users = list(&self.includes["users"]);
        let author = users.iter().find(|user| author_id.is_some() && name(&user["id"]) == author_id);
        let handle = author.and_then(|user| text(&user["username"]));
        let own = author_id.as_deref() == Some(self.us);
        let handle = handle.or_else(|| self.handle.filter(|_| own).map(str::to_owned));
        let long = &post["note_tweet"];
        let (whole, entities) = match text(&long["text"]) {
            Some(whole) => (Some(whole), &long["entities"]),
            None => (text(&post["text"]), &post["entities"]),
        };
        let protected = author.is_some_and(|user| user["protected"] == true);
        let page = handle.as_ref().map(|handle| format!("https://x.com/{handle}/status/{number}"));
        Some(Item {
            id: id(&first),
            native: json!({"id": number, "conversation_id": post["conversation_id"]}),
            url: page.or_else(|| Some(id(&number))),
            kind: self.kind(post, own),
            in_reply_to: referenced(post, "replied_to"),
            thread: name(&post["conversation_id"]).map(|number| id(&number)),
            author: author.and_then(person).or_else(|| person(&json!({"username": handle}))),
            text: Some(whole.map(|text| expanded(&text, entities)).unwrap_or_default()),
            published: instant(&post["created_at"]).or_else(|| super::mark::made(number.parse().ok()?)),
            language: text(&post["lang"]).and_then(language),
            tags: list(&entities["hashtags"]).iter().filter_map(|tag| text(&tag["tag"])).take(50).collect(),
            external_url: referenced(post, "quoted")
                .or_else(|| referenced(post, "retweeted"))
                .or_else(|| link(entities)),
            media: self.media(post),
            audience: Some(if protected { Audience::Followers } else { Audience::Public }),
            own,
            counts: counts(&post["public_metrics"]),
            content_warning: (post["possibly_sensitive"] == true).then(|| "possibly sensitive".to_owned()),
            ..Item::default()
        })
    }

    fn kind(&self, post: &Value, own: bool) -> &'static str {
        let answers_us = name(&post["in_reply_to_user_id"]).as_deref() == Some(self.us);
        let named = |user: &Value| name(&user["id"]).as_deref() == Some(self.us);
        let names_us = self.names_us || list(&post["entities"]["mentions"]).iter().any(named);
        if referenced(post, "retweeted").is_some() {
            "share"
        } else if answers_us || (own && referenced(post, "replied_to").is_some()) {
            "reply"
        } else if names_us && !own {
            "mention"
        } else {
            "note"
        }
    }

    fn media(&self, post: &Value) -> Vec<Media> {
        let keys: Vec<String> = list(&post["attachments"]["media_keys"]).iter().filter_map(name).collect();
        let all = list(&self.includes["media"]).iter();
        let ours = all.filter(|media| name(&media["media_key"]).is_some_and(|key| keys.contains(&key)));
        let shown = |media: &Value| {
            let film =
                list(&media["variants"]).iter().filter(|variant| variant["content_type"] == "video/mp4");
            let film = film
                .max_by_key(|variant| count(&variant["bit_rate"]))
                .and_then(|variant| web(&variant["url"]));
            let picture = || web(&media["url"]).or_else(|| web(&media["preview_image_url"]));
            let mime_type = if film.is_some() { "video/mp4" } else { "image/jpeg" }.to_owned();
            Some(Media { url: film.or_else(picture)?, mime_type, alt: text(&media["alt_text"]) })
        };
        ours.filter_map(shown).collect()
    }
}

/// The post that this one answers, quotes or repeats.
fn referenced(post: &Value, how: &str) -> Option<String> {
    let known = list(&post["referenced_tweets"]).iter().find(|reference| reference["type"] == how)?;
    name(&known["id"]).map(|number| id(&number))
}

/// With the addresses that short links stand for, as people wrote it.
fn expanded(text_of: &str, entities: &Value) -> String {
    let short = |url: &Value| Some((text(&url["url"])?, text(&url["expanded_url"])?));
    let links = list(&entities["urls"]).iter().filter_map(short);
    let whole = links.fold(text_of.to_owned(), |whole, (short, long)| whole.replace(&short, &long));
    unescaped(&whole)
}

/// The first address of another place.
fn link(entities: &Value) -> Option<String> {
    let known = list(&entities["urls"]).iter().filter_map(|url| web(&url["expanded_url"]));
    known
        .into_iter()
        .find(|url| !url.starts_with("https://x.com/") && !url.starts_with("https://twitter.com/"))
}

fn language(code: String) -> Option<String> {
    let renamed = OLD_NAMES.iter().find(|(old, _)| *old == code).map(|(_, new)| (*new).to_owned());
    Some(renamed.unwrap_or(code)).filter(|code| !NO_LANGUAGE.contains(&code.as_str()))
}

fn counts(metrics: &Value) -> BTreeMap<String, u64> {
    let names = [
        ("replies", "reply_count"),
        ("likes", "like_count"),
        ("shares", "retweet_count"),
        ("quotes", "quote_count"),
        ("views", "impression_count"),
        ("bookmarks", "bookmark_count"),
    ];
    names.into_iter().filter_map(|(ours, theirs)| Some((ours.to_owned(), count(&metrics[theirs])?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    const NAMES: &str = "id|text|author_id|entities|urls|url|expanded_url|hashtags|tag|referenced_tweets|type|attachments|media_keys|note_tweet|lang|public_metrics|edit_history_tweet_ids|users|media|variants|media_key|username";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(value in any_json(NAMES)) {
            let reading = Reading { us: "42", handle: None, includes: &value, names_us: true };
            let mut there = value.clone();
            if there.is_object() {
                there["id"] = "7".into();
                prop_assert!(reading.item(&there).is_some(), "its number is enough");
            }
            let _ = reading.item(&value);
        }
    }
}
