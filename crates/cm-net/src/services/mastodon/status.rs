//! A status as an item (entity `Status`). In: what a server gave, which anybody may have written. Out: items; what has no
//! number is none.
//!
//! Of a boost the words are somebody else's: it has its own name and time, and the author, text and pictures of what it
//! boosts, whose address is its `external_url`; an answer to it answers the original.

use super::sources::is_number;
pub(super) use crate::services::members::{count, list as array};
use crate::services::{Audience, Item, Media, Person};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// More tags, pictures or options of one status are passed over.
const MOST: usize = 100;

/// What is known of a status that it does not say itself.
pub(super) struct Around<'a> {
    /// Our number.
    pub(super) me: &'a str,
    /// The host of accounts that name none.
    pub(super) host: &'a str,
    /// The address of what it answers, and of the first of its thread.
    pub(super) kin: (Option<String>, Option<String>),
}

/// The name of a status: its address, which is the same everywhere; else its number, which is this server's.
pub(super) fn name(status: &Value) -> Option<String> {
    let id = number(&status["id"])?;
    let uri = status["uri"].as_str().filter(|uri| uri.contains(':') && uri.len() <= 2048);
    Some(uri.map_or_else(|| format!("statuses/{id}"), str::to_owned))
}

/// What a status says: of a boost, what it boosts.
pub(super) fn said(status: &Value) -> &Value {
    if status["reblog"].is_object() { &status["reblog"] } else { status }
}

/// As an item. `around.kin` is of what it says.
pub(super) fn item(status: &Value, around: Around) -> Option<Item> {
    let said = said(status);
    let boost = !std::ptr::eq(said, status);
    let name_said = name(said)?;
    let (in_reply_to, thread) = around.kin;
    let answers = number(&said["in_reply_to_id"]).is_some();
    let visibility = said["visibility"].as_str();
    let kind = match visibility {
        Some("direct") => "message",
        _ if answers && !boost => "reply",
        _ => "note",
    };
    Some(Item {
        id: name(status)?,
        native: native(said),
        url: page(said),
        kind,
        in_reply_to: in_reply_to.filter(|_| !boost),
        thread: thread.or_else(|| Some(name_said).filter(|_| !answers)),
        author: Some(person(&said["account"], around.host)),
        html: Some(html(said)),
        published: instant(&status["created_at"]),
        modified: instant(&said["edited_at"]),
        language: text(&said["language"]).filter(|tag| tag != "und"),
        tags: tags(said),
        external_url: if boost { page(said) } else { external(said) },
        media: media(said),
        audience: visibility.and_then(audience),
        content_warning: warning(said),
        own: !around.me.is_empty() && number(&said["account"]["id"]).as_deref() == Some(around.me),
        counts: counts(said),
        ..Item::default()
    })
}

/// What an answer needs: whom to name, who may see it, and the warning that answers repeat.
fn native(status: &Value) -> Value {
    let mut native = json!({"id": number(&status["id"]), "acct": text(&status["account"]["acct"]), "visibility": status["visibility"]});
    if let Some(warning) = text(&status["spoiler_text"]) {
        native["spoiler_text"] = warning.into();
    }
    native
}

/// The page of a status: `url` is null of some that were not published on the web.
fn page(status: &Value) -> Option<String> {
    let of = |name: &str| text(&status[name]).filter(|url| is_web(url));
    of("url").or_else(|| of("uri"))
}

/// Who may see it. Pleroma's `local` and GoToSocial's further words are not known as public.
fn audience(visibility: &str) -> Option<Audience> {
    match visibility {
        "public" => Some(Audience::Public),
        "unlisted" => Some(Audience::Unlisted),
        "private" | "mutuals_only" => Some(Audience::Followers),
        "direct" => Some(Audience::Direct),
        _ => None,
    }
}

/// What stands before it; pictures may be hidden without a word.
fn warning(status: &Value) -> Option<String> {
    let hides = status["sensitive"] == true && !array(&status["media_attachments"]).is_empty();
    text(&status["spoiler_text"]).or_else(|| hides.then(|| "sensitive media".to_owned()))
}

/// An account as a person; handles carry a host, which accounts of this server leave out.
pub(super) fn person(account: &Value, host: &str) -> Person {
    let acct = text(&account["acct"]).map(|acct| acct.trim_start_matches('@').to_owned());
    let whole =
        |acct: String| if acct.contains('@') { format!("@{acct}") } else { format!("@{acct}@{host}") };
    Person {
        name: text(&account["display_name"]).or_else(|| text(&account["username"])),
        handle: acct.map(whole),
        url: text(&account["url"]).filter(|url| is_web(url)),
        avatar: text(&account["avatar"]).filter(|url| is_web(url)),
        followers: count(&account["followers_count"]),
    }
}

/// As published, with the options of a poll at its end.
fn html(status: &Value) -> String {
    let mut html = status["content"].as_str().unwrap_or_default().to_owned();
    let options = array(&status["poll"]["options"]).iter().filter_map(|option| option["title"].as_str());
    let options: String = options.take(MOST).map(|option| format!("<li>{}</li>", escaped(option))).collect();
    if !options.is_empty() {
        html.push_str(&format!("<ul>{options}</ul>"));
    }
    html
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn tags(status: &Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in array(&status["tags"]).iter().filter_map(|tag| text(&tag["name"])).take(MOST) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// What it quotes (4.5: `quote.quoted_status`; Pleroma and others: `quote` itself), else the page of its card.
fn external(status: &Value) -> Option<String> {
    let quote = &status["quote"];
    let quoted = if quote["quoted_status"].is_object() { &quote["quoted_status"] } else { quote };
    page(quoted).or_else(|| text(&status["card"]["url"]).filter(|url| is_web(url)))
}

fn media(status: &Value) -> Vec<Media> {
    let of = |one: &Value| {
        let url = ["url", "remote_url", "preview_url"].iter().find_map(|place| text(&one[place]))?;
        is_web(&url).then(|| Media { mime_type: mime_type(one, &url), alt: text(&one["description"]), url })
    };
    array(&status["media_attachments"]).iter().filter_map(of).take(MOST).collect()
}

/// Mastodon says what it is only roughly (`type`): the rest is known by the ending of its address. Pleroma says it.
fn mime_type(media: &Value, url: &str) -> String {
    if let Some(said) = text(&media["pleroma"]["mime_type"]).filter(|said| said.contains('/')) {
        return said;
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let by_ending = match ending.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "heic" => "image/heic",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "m4a" => "audio/mp4",
        _ => "",
    };
    match (by_ending, media["type"].as_str()) {
        ("", Some("image")) => "image/jpeg",
        ("", Some("video" | "gifv")) => "video/mp4",
        ("", Some("audio")) => "audio/mpeg",
        ("", _) => "application/octet-stream",
        (known, _) => known,
    }
    .to_owned()
}

fn counts(status: &Value) -> BTreeMap<String, u64> {
    let said = [
        ("replies", &status["replies_count"]),
        ("likes", &status["favourites_count"]),
        ("shares", &status["reblogs_count"]),
        ("quotes", &status["quotes_count"]),
        ("votes", &status["poll"]["votes_count"]),
    ];
    said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), count(value)?))).collect()
}

/// One of the server's numbers: text, though some servers write them as numbers.
pub(super) fn number(value: &Value) -> Option<String> {
    let id = value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|id| id.to_string()));
    id.filter(|id| is_number(id))
}

/// Text that says something.
pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// An instant, as the API writes it (RFC 3339; a date alone is no instant).
pub(super) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    cm_time::parse_rfc3339(value.as_str()?).filter(|at| *at >= DateTime::UNIX_EPOCH)
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::any_json::any_json;
    use proptest::prelude::*;

    const NAMES: &str = "id|uri|url|account|acct|content|visibility|in_reply_to_id|created_at|edited_at|spoiler_text|media_attachments|type|tags|name|poll|options|title|quote|quoted_status|card|reblog|pleroma";

    proptest! {
        #[test]
        fn any_json_is_an_item_or_none(mut status in any_json(NAMES)) {
            let around = || Around { me: "1", host: "a.example", kin: (None, None) };
            let _ = item(&status, around());
            if let Some(status) = status.as_object_mut() {
                status.insert("id".into(), 7.into());
                status.insert("reblog".into(), Value::Null);
            }
            prop_assert_eq!(item(&status, around()).is_some(), status.is_object(), "its number is enough");
        }
    }

    #[test]
    fn names() {
        assert_eq!(name(&json!({"id": 9007199254740993u64})).as_deref(), Some("statuses/9007199254740993"));
        assert_eq!(name(&json!({"id": "../x", "uri": "https://a.example/1"})), None);
        let host = |acct: &str| person(&json!({"acct": acct}), "a.example").handle.unwrap();
        assert_eq!((host("ana"), host("@ben@b.example")), ("@ana@a.example".into(), "@ben@b.example".into()));
    }
}
