//! What is read from networks, in words that all of them share. cm-fetch makes records of it (docs/record.md).

use super::{Limit, Purse};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// Who may see an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// An author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Display name.
    pub name: Option<String>,
    /// `@ana.example`.
    pub handle: Option<String>,
    /// Page.
    pub url: Option<String>,
    /// Picture.
    pub avatar: Option<String>,
    /// How many follow.
    pub followers: Option<u64>,
}

/// A picture, film or file of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Address.
    pub url: String,
    /// Media type.
    pub mime_type: String,
    /// Its description.
    pub alt: Option<String>,
}

/// An item of a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Its own id: a URI, or a name that is unique within the account for ever (`comments/7`). Ids of other items
    /// (`in_reply_to`, `thread`) are written alike, so that they can be told to be the same.
    pub id: String,
    /// What the network has to be given to answer it or to act on it; handed back untouched as `Draft::native`.
    pub native: Value,
    /// Permalink.
    pub url: Option<String>,
    /// `comment`, `reply`, `mention`, `message`, `note`, `event`, `profile` (counts, one a day: the id carries the day).
    pub kind: &'static str,
    /// The item that it answers: an id, or the address of a post that is no item.
    pub in_reply_to: Option<String>,
    /// The first of its thread, alike.
    pub thread: Option<String>,
    /// Who wrote it.
    pub author: Option<Person>,
    /// Plain text, where it has a title.
    pub title: Option<String>,
    /// As published, where that is HTML.
    pub html: Option<String>,
    /// Plain text; absent where only HTML is given.
    pub text: Option<String>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it was changed.
    pub modified: Option<DateTime<Utc>>,
    /// BCP 47.
    pub language: Option<String>,
    /// Without `#`.
    pub tags: Vec<String>,
    /// What it is about or shows.
    pub external_url: Option<String>,
    /// Pictures and films.
    pub media: Vec<Media>,
    /// Who may see it; absent when that is not known.
    pub audience: Option<Audience>,
    /// What its author put before it, for readers to decide whether they want to see it.
    pub content_warning: Option<String>,
    /// How it stands where it is: `approved`, `held`, `spam`, `trash`. A change of it is news.
    pub status: Option<String>,
    /// One of our accounts wrote it.
    pub own: bool,
    /// It is gone.
    pub deleted: bool,
    /// `replies`, `likes`, `shares`, where they are said.
    pub counts: BTreeMap<String, u64>,
}

/// What is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// As a SOURCE says it after the account: `comments`, `search?q=tea`.
    pub what: String,
    /// The mark of the last run whose items were all handed out; absent at the first.
    pub mark: Option<String>,
    /// Older items of streams without an end (searches, timelines) need not be read; queues (comments, mentions) ignore it.
    pub since: Option<DateTime<Utc>>,
    /// What the run may spend where reading costs money.
    pub purse: Purse,
}

/// A page of what was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Items, in the order of the network.
    pub items: Vec<Item>,
    /// Where to go on; absent at the end.
    pub next: Option<String>,
    /// To be kept, once all was handed out, for the next run's `Wanted::mark`. On the last page; on an earlier one too where
    /// what came until then need not be read again though the next one cannot be had.
    pub mark: Option<String>,
    /// Worth a word to a person: what could not be read, and why.
    pub notes: Vec<String>,
    /// What is left of the network's limits, where it says so.
    pub limit: Option<Limit>,
}
