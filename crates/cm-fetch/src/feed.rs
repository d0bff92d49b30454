//! A feed as read, whatever its format: the one shape between readers and records.

use crate::comments::post_of;
use crate::network::Social;
use crate::{json_feed, repair};
use chrono::{DateTime, Utc, Weekday};
use cm_record::{Attachment, Author};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
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

/// What a feed says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Head {
    /// Plain text.
    pub(crate) title: Option<String>,
    /// The page that it belongs to.
    pub(crate) home_page_url: Option<String>,
    /// Its own address, by its own words.
    pub(crate) feed_url: Option<String>,
    /// What made it.
    pub(crate) generator: Option<String>,
    /// WebSub hubs, in its order.
    pub(crate) hubs: Vec<String>,
    /// How long it asks to be left alone, in minutes (RSS 2.0 `ttl`).
    pub(crate) ttl_minutes: Option<u64>,
    /// Hours of the day in UTC, 0 to 23, at which it asks not to be read (RSS 2.0 `skipHours`).
    pub(crate) skip_hours: Vec<u8>,
    /// Days on which it asks not to be read (RSS 2.0 `skipDays`).
    pub(crate) skip_days: Vec<Weekday>,
    /// RSS 1.0 `sy:updatePeriod`, in lower case: `hourly`, `daily`, `weekly`, `monthly`, `yearly`.
    pub(crate) update_period: Option<String>,
    /// How often in that period (`sy:updateFrequency`).
    pub(crate) update_frequency: Option<u64>,
    /// From when periods are counted (`sy:updateBase`).
    pub(crate) update_base: Option<DateTime<Utc>>,
}

/// A feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Feed<E = Vec<Entry>> {
    /// What it says of itself.
    pub(crate) head: Head,
    /// What is known of the whole.
    pub(crate) facts: Facts,
    /// In the order of the document.
    pub(crate) entries: E,
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
    /// The date as written: of publishing, else of change, read or not.
    pub(crate) written_date: Option<String>,
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
    /// The first of its thread, where that is known otherwise than by its address.
    pub(crate) thread: Option<String>,
    /// A feed of its comments.
    pub(crate) comments_feed: Option<String>,
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

/// What is known of a whole document before its entries are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// How many entries it has; of more than `MOST_ENTRIES` the rest is not read.
    pub(crate) entries: usize,
    /// It ends before it is complete, or has too many entries.
    pub(crate) cut_off: bool,
    /// Some entries have the same native id, or the same address and none. Where not, ids need no second look.
    pub(crate) repeats: bool,
    /// Entries that stand at a comment's place in a page.
    pub(crate) at_comments: usize,
    /// Entries that answer something.
    pub(crate) answering: usize,
    /// Entries that say how many comments they have.
    pub(crate) counting: usize,
}

/// What identifies an entry, and shows whether it is a comment.
pub(crate) struct Glance<'a> {
    pub(crate) native: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    pub(crate) answers: bool,
    pub(crate) counts_replies: bool,
}

/// Facts in the making.
#[derive(Default)]
pub(crate) struct Survey {
    /// As known so far.
    pub(crate) facts: Facts,
    met: HashSet<u64>,
    hasher: RandomState,
}

impl Survey {
    /// Takes the next entry.
    pub(crate) fn add(&mut self, glance: &Glance<'_>) {
        let facts = &mut self.facts;
        if facts.entries == MOST_ENTRIES {
            facts.cut_off = true;
            return;
        }
        facts.entries += 1;
        facts.repeats |= match (glance.native, glance.url) {
            (None, None) => false,
            key => !self.met.insert(self.hasher.hash_one((key.0, key.1.filter(|_| key.0.is_none())))),
        };
        facts.at_comments += usize::from(glance.url.is_some_and(|url| post_of(url).is_some()));
        facts.answering += usize::from(glance.answers);
        facts.counting += usize::from(glance.counts_replies);
    }
}

/// A feed whose entries are read one at a time: what is in memory is its text and one entry.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// What it says of itself.
    pub(crate) head: Head,
    /// What is known of the whole of it.
    pub(crate) facts: Facts,
    text: String,
    outline: Outline,
}

#[derive(Clone, Debug)]
enum Outline {
    Xml(repair::Outline),
    Json(json_feed::Outline),
}

/// Opens a decoded document of any feed format; `base` is what its relative addresses are relative to.
pub(crate) fn open(text: String, base: Option<&Url>) -> Result<Opened, NotAFeed> {
    if text.is_empty() {
        return Err(NotAFeed::Empty);
    }
    if text.starts_with("[[source]]") {
        return Err(NotAFeed::List);
    }
    let json = json_feed::survey(&text, base).map(|(head, facts, found)| (head, facts, Outline::Json(found)));
    let xml = || repair::survey(&text, base).map(|(head, facts, found)| (head, facts, Outline::Xml(found)));
    let Some((head, facts, outline)) = json.or_else(xml) else { return Err(not_a_feed(&text)) };
    Ok(Opened { head, facts, text, outline })
}

impl Opened {
    /// How long its text is, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The entries, in the order of the document, each read when it is asked for.
    pub(crate) fn entries(&self) -> Box<dyn Iterator<Item = Entry> + '_> {
        match &self.outline {
            Outline::Xml(outline) => Box::new(repair::entries(&self.text, outline)),
            Outline::Json(outline) => Box::new(json_feed::entries(&self.text, outline)),
        }
    }
}

impl Document {
    /// Its text.
    pub(crate) fn text(&self) -> String {
        repair::decode(&self.bytes, self.charset.as_deref())
    }

    /// Its text in place of its bytes.
    pub(crate) fn into_text(self) -> String {
        repair::decode_in_place(self.bytes, self.charset.as_deref())
    }
}

/// Reads a document of any feed format whole.
pub(crate) fn read(document: &Document) -> Result<Feed, NotAFeed> {
    let opened = open(document.text(), document.base.as_ref())?;
    Ok(Feed { entries: opened.entries().collect(), facts: opened.facts, head: opened.head })
}

/// White space folded; a no-break space is not white space.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The media type of an attachment by its name's ending, where nobody says.
pub(crate) fn media_type(address: &str) -> &'static str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
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

/// Signs of pages.
pub(crate) const OF_PAGES: [&str; 6] = ["<html", "<!doctype html", "<head", "<body", "<meta ", "<link rel"];

fn not_a_feed(text: &str) -> NotAFeed {
    let head: String = text.chars().take(2000).collect::<String>().to_ascii_lowercase();
    if head.contains("<opml") && !head.contains("<html") {
        return NotAFeed::List;
    }
    match OF_PAGES.iter().any(|tag| head.contains(tag)) {
        true if is_challenge(text) => NotAFeed::Challenge,
        true => NotAFeed::Page,
        false => NotAFeed::Other,
    }
}
