//! The typed view of an item: what tools read, and what makers of new records write. Reading ignores members it does
//! not know; a record is passed on as its line, never as this.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An item (JSON Feed 1.1 names) with the `_cm` member. Absent members are left out when written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// Stable for ever.
    pub id: String,
    /// Permalink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the item is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// As published: whoever renders it must sanitise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_html: Option<String>,
    /// Plain text; positions of hits refer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_text: Option<String>,
    /// RFC 3339; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<String>,
    /// BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Who wrote it.
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// Without `#`, unique.
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The main picture's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Enclosures.
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The words that JSON Feed lacks.
    #[serde(rename = "_cm", skip_serializing_if = "Option::is_none")]
    pub cm: Option<Meta>,
    /// cm-fetch's part.
    #[serde(rename = "_cm_fetch", skip_serializing_if = "Option::is_none")]
    pub fetch: Option<crate::FetchPart>,
}

/// An author; at least one member is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Author {
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Handle and reach.
    #[serde(rename = "_cm", skip_serializing_if = "Option::is_none")]
    pub cm: Option<AuthorExtra>,
}

/// What networks know of an author.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorExtra {
    /// `@ana@fosstodon.example`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// How many follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followers: Option<u64>,
}

/// An enclosure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Address.
    pub url: String,
    /// Media type.
    pub mime_type: String,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_in_bytes: Option<u64>,
    /// Length in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_in_seconds: Option<f64>,
}

/// Who may see an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everybody.
    Public,
    /// Everybody who has the address.
    Unlisted,
    /// Followers.
    Followers,
    /// The people addressed.
    Direct,
}

/// The `_cm` member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// Contract version.
    pub version: i64,
    /// `article`, `note`, `comment`, `reply`, `mention`, `message`, `review`, `event`, `profile`; open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The account without its path, else the feed's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True on a record whose `content_text` is our own words.
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// True on what our accounts wrote.
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// The item answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// The thread's first item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// On a draft or action: whom it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// Something to do, not to say: `approve` `spam` `trash` `like` `boost` `follow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Who may see it; absent on a social kind means unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// The feed, blog or timeline that it stood in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
    /// `replies`, `likes`, `shares` ...
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// A warning to show before the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_warning: Option<String>,
    /// It is gone; `content_text` is empty.
    #[serde(deserialize_with = "null_is_absent", skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Meta {
    /// What holds for an item without `_cm`: it came from a plain feed, so it is a public article.
    pub(crate) fn of_plain_feed_item() -> Meta {
        Meta { kind: Some("article".into()), audience: Some(Audience::Public), ..Meta::default() }
    }
}

impl Item {
    /// The `_cm` member, with its defaults where it is absent: version 1, kind `article`, public. With `_cm` but no
    /// audience there, the audience is unknown.
    pub fn meta(&self) -> Meta {
        self.cm.clone().unwrap_or_else(Meta::of_plain_feed_item)
    }
}

/// Feeds write `null` for what they lack; that is the same as leaving it out.
fn null_is_absent<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Default for Meta {
    fn default() -> Meta {
        Meta {
            version: crate::VERSION,
            kind: None,
            source: None,
            draft: false,
            own: false,
            in_reply_to: None,
            thread: None,
            parent: None,
            action: None,
            audience: None,
            feed: None,
            counts: BTreeMap::new(),
            content_warning: None,
            deleted: false,
        }
    }
}

/// Whom a draft or action answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// The item's id.
    pub id: String,
    /// The account through which it came and the answer goes.
    pub account: String,
    /// The network's own reference, passed through untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<Value>,
}

/// A feed, blog or timeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Feed {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_page_url: Option<String>,
    /// Its own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_url: Option<String>,
}
