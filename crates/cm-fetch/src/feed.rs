//! A feed as read, whatever its format: the one shape between readers and records.

use crate::network::Social;
use chrono::{DateTime, Utc};
use cm_record::{Attachment, Author};
use url::Url;

/// A document as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    /// Its bytes, decompressed.
    pub(crate) bytes: Vec<u8>,
    /// The charset of its Content-Type.
    pub(crate) charset: Option<String>,
    /// What its relative addresses are relative to.
    pub(crate) base: Option<Url>,
}

/// Entries of one document that are read: an answer of a few megabytes can hold millions of empty ones.
pub(crate) const MOST_ENTRIES: usize = 50_000;

/// Tags, authors and attachments of one entry that are read, of each: no honest entry has as many, and each is compared
/// with the others.
pub(crate) const MOST_PARTS: usize = 200;

/// A feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Feed {
    /// Plain text.
    pub(crate) title: Option<String>,
    /// The page that it belongs to.
    pub(crate) home_page_url: Option<String>,
    /// Its own address, by its own words.
    pub(crate) feed_url: Option<String>,
    /// What made it.
    pub(crate) generator: Option<String>,
    /// How long it asks to be left alone, in minutes.
    pub(crate) ttl_minutes: Option<u64>,
    /// In the order of the document.
    pub(crate) entries: Vec<Entry>,
    /// The document ends before it is complete.
    pub(crate) cut_off: bool,
}

/// An entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Entry {
    /// The source's own id, as written.
    pub(crate) native: Option<String>,
    /// Permalink, absolute where that is possible.
    pub(crate) url: Option<String>,
    /// What it is about.
    pub(crate) external_url: Option<String>,
    /// Plain text.
    pub(crate) title: Option<String>,
    /// Plain text.
    pub(crate) summary: Option<String>,
    /// As published.
    pub(crate) html: Option<String>,
    /// Plain text.
    pub(crate) text: String,
    /// When it was published.
    pub(crate) published: Option<DateTime<Utc>>,
    /// When it was changed.
    pub(crate) modified: Option<DateTime<Utc>>,
    /// BCP 47.
    pub(crate) language: Option<String>,
    /// Who wrote it; the feed's authors where it names none.
    pub(crate) authors: Vec<Author>,
    /// Without `#`.
    pub(crate) tags: Vec<String>,
    /// Its picture.
    pub(crate) image: Option<String>,
    /// Enclosures and media.
    pub(crate) attachments: Vec<Attachment>,
    /// The item answered.
    pub(crate) in_reply_to: Option<String>,
    /// How many comments it has.
    pub(crate) replies: Option<u64>,
    /// The document ended inside it.
    pub(crate) cut_off: bool,
    /// What only networks say.
    pub(crate) social: Option<Social>,
}

impl Entry {
    /// When it happened: published, else changed.
    pub(crate) fn date(&self) -> Option<DateTime<Utc>> {
        self.published.or(self.modified)
    }
}

/// Why a document is not a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAFeed {
    /// Nothing in it.
    Empty,
    /// An HTML page: it may name feeds.
    Page,
    /// A page that wants to know whether we are a person.
    Challenge,
    /// A list of sources, OPML or TOML.
    List,
    /// Something else.
    Other,
}

impl std::fmt::Display for NotAFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NotAFeed::Empty => "the document is empty",
            NotAFeed::Page => "a web page that names no feed",
            NotAFeed::Challenge => "a bot wall stands before it (a challenge page instead of the feed)",
            NotAFeed::List => "a list of sources, not a feed (--sources FILE reads one)",
            NotAFeed::Other => "not a feed",
        })
    }
}

/// Reads a document of any feed format.
pub(crate) fn read(document: &Document) -> Result<Feed, NotAFeed> {
    let text = crate::repair::decode(&document.bytes, document.charset.as_deref());
    if text.is_empty() {
        return Err(NotAFeed::Empty);
    }
    if text.starts_with("[[source]]") {
        return Err(NotAFeed::List);
    }
    if text.starts_with(['{', '[']) {
        return crate::json_feed::read(&text, document.base.as_ref()).ok_or(NotAFeed::Other);
    }
    match crate::repair::canonical(&text, document.base.as_ref()) {
        Some(canonical) => Ok(crate::parse::read(canonical)),
        None => Err(not_a_feed(&text)),
    }
}

/// Phrases of challenge pages: Cloudflare, DDoS-Guard, Imperva, PerimeterX, Anubis, AWS WAF.
const CHALLENGES: [&str; 9] = [
    "cf-challenge",
    "/cdn-cgi/challenge-platform/",
    "just a moment...",
    "attention required! | cloudflare",
    "ddos-guard",
    "_incapsula_resource",
    "px-captcha",
    "making sure you're not a bot",
    "awswafintegration",
];

/// Whether a page stands in the way instead of answering.
pub(crate) fn is_challenge(text: &str) -> bool {
    let end = text.char_indices().nth(20_000).map_or(text.len(), |(at, _)| at);
    let text = text[..end].to_lowercase();
    CHALLENGES.iter().any(|phrase| text.contains(phrase))
}

fn not_a_feed(text: &str) -> NotAFeed {
    let head: String = text.chars().take(2000).collect::<String>().to_ascii_lowercase();
    const OF_PAGES: [&str; 6] = ["<html", "<!doctype html", "<head", "<body", "<meta ", "<link rel"];
    if head.contains("<opml") && !head.contains("<html") {
        return NotAFeed::List;
    }
    match OF_PAGES.iter().any(|tag| head.contains(tag)) {
        true if is_challenge(text) => NotAFeed::Challenge,
        true => NotAFeed::Page,
        false => NotAFeed::Other,
    }
}
