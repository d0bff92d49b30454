//! What the inbox keeps of a record: its line, untouched, and what is asked of it often.

use crate::args::Lane;
use crate::authority;
use crate::reasons::Judge;
use crate::title;
use chrono::{DateTime, Utc};
use cm_record::{Audience, Author, Item, Meta, Record, ScanPart};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The longest headline made from a text, in graphemes.
const HEADLINE: usize = 80;

/// Which item: ids are unique within a source only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The account or feed.
    pub source: String,
    /// The item's id.
    pub id: String,
}

/// A record on its way into the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Which item.
    pub key: Key,
    /// `comment`, `article` ...
    pub kind: String,
    /// Where it is listed.
    pub lane: Lane,
    /// Its title, the start of its text, or both.
    pub headline: String,
    /// Its page.
    pub url: Option<String>,
    /// Its author, for people.
    pub author: Option<String>,
    /// Its author's handle or page: people of one name are many.
    pub author_key: Option<String>,
    /// The thread's first item.
    pub thread: Option<String>,
    /// The item it answers.
    pub in_reply_to: Option<String>,
    /// One of our accounts wrote it.
    pub own: bool,
    /// How it stands where it is: `approved`, `held`, `spam`, `trash`.
    pub status: Option<String>,
    /// It was deleted; a network may say no more of it than that.
    pub deleted: bool,
    /// Nobody sees it where it stands: deleted, spam, trash; of our own words those that are held, too.
    pub gone: bool,
    /// Few people may see it.
    pub private: bool,
    /// Its id belongs to somebody else than its source.
    pub foreign: bool,
    /// Milliseconds since 1970 UTC.
    pub published_ms: Option<i64>,
    /// When it was fetched: an older copy never replaces a newer one.
    pub fetched_ms: Option<i64>,
    /// The names of the searches that it matched, a JSON array.
    pub searches: String,
    /// The reasons that do not change with time, a JSON array.
    pub reasons: String,
    /// Title, text and author, folded.
    pub words: String,
    /// The record's line.
    pub line: String,
}

impl Entry {
    /// What to keep of a record; `None` for what is nobody's to answer or read: drafts and counts of accounts.
    pub fn of(record: &Record, judge: &Judge) -> Result<Option<Entry>, String> {
        let item = record.item()?;
        let scan: Option<ScanPart> = record.get("_cm_scan")?;
        let meta = item.meta();
        let kind = meta.kind.clone().unwrap_or_else(|| "note".into());
        if meta.draft || meta.action.is_some() || kind == "profile" {
            return Ok(None);
        }
        let lane = lane_of(&kind);
        let author = item.authors.first();
        let status = item.fetch.as_ref().and_then(|fetch| fetch.status.as_deref()).map(status_of);
        let text = folded_text(&item);
        let key = Key { source: source_of(&meta, &item), id: item.id.clone() };
        Ok(Some(Entry {
            lane,
            headline: listed(&item, &kind),
            author: author.and_then(display_name),
            author_key: author.and_then(author_key),
            own: meta.own,
            gone: meta.deleted
                || matches!(status, Some("spam" | "trash" | "post-trashed"))
                || (meta.own && status == Some("held")),
            deleted: meta.deleted,
            private: kind == "message"
                || matches!(meta.audience, Some(Audience::Followers | Audience::Direct)),
            status: status.map(str::to_owned),
            foreign: authority::is_foreign(&key.source, &key.id),
            published_ms: item.date_published.as_deref().and_then(millis),
            fetched_ms: item.fetch.as_ref().and_then(|fetch| millis(&fetch.at)),
            searches: names(scan.as_ref()),
            reasons: serde_json::to_string(&judge.reasons(&item, &text, lane, scan.as_ref()))
                .unwrap_or_default(),
            words: text + &folded_authors(&item),
            line: record.line().to_owned(),
            url: item.url,
            thread: meta.thread,
            in_reply_to: meta.in_reply_to,
            kind,
            key,
        }))
    }
}

/// WordPress itself says `hold`.
fn status_of(status: &str) -> &str {
    if status == "hold" { "held" } else { status }
}

/// People who speak to us wait for an answer; the rest is there to be read. A kind that nobody knows is a note.
fn lane_of(kind: &str) -> Lane {
    match kind {
        "comment" | "reply" | "mention" | "message" | "review" => Lane::Answer,
        _ => Lane::Read,
    }
}

/// The account or feed that an item came from; where it does not say, the host of its page if the id names none, since
/// every plain feed has an item `1`; else empty.
fn source_of(meta: &Meta, item: &Item) -> String {
    let feed = meta.feed.as_ref().and_then(|feed| feed.feed_url.clone());
    let host = || authority::origin_of_page(&item.id, item.url.as_deref()?);
    meta.source.clone().or(feed).or_else(host).unwrap_or_default()
}

/// The account that an answer goes through; `None` when the source is a feed, which nobody can answer.
pub fn account_of(source: &str) -> Option<&str> {
    let (network, name) = source.split_once(':')?;
    (!name.is_empty() && !name.starts_with("//") && network != "urn").then_some(source)
}

/// The item's text, from its HTML where there is no other.
pub fn text_of(item: &Item) -> Cow<'_, str> {
    let text = item.content_text.as_deref().unwrap_or_default();
    match &item.content_html {
        Some(html) if text.trim().is_empty() => Cow::Owned(cm_text::html_to_text(html, true)),
        _ => Cow::Borrowed(text),
    }
}

/// The title, else the start of the text.
pub fn headline(item: &Item) -> String {
    let title = on_one_line(item.title.as_deref().unwrap_or_default());
    if title.is_empty() { start_of_text(item) } else { title }
}

/// What stands in a list. Of what people say to us that is what they call it, if anything, and how it begins.
pub fn listed(item: &Item, kind: &str) -> String {
    if !matches!(kind, "comment" | "reply" | "mention" | "review") {
        return headline(item);
    }
    let said = [title::said(item).unwrap_or_default(), start_of_text(item)];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    if said.is_empty() {
        return headline(item);
    }
    cm_text::shorten_to_graphemes(&said.join(" - "), HEADLINE)
}

/// How it begins, on one line.
fn start_of_text(item: &Item) -> String {
    cm_text::shorten_to_graphemes(&on_one_line(&text_of(item)), HEADLINE)
}

/// A text without its line breaks.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Ana (@ana@fosstodon.example)`, or as much of it as is known.
pub fn display_name(author: &Author) -> Option<String> {
    let handle =
        author.cm.as_ref().and_then(|extra| extra.handle.as_deref()).filter(|handle| !handle.is_empty());
    let name = author.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    match (name, handle) {
        (Some(name), Some(handle)) if name != handle => Some(format!("{name} ({handle})")),
        (Some(one), _) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => author.url.clone(),
    }
}

fn author_key(author: &Author) -> Option<String> {
    let handle = author.cm.as_ref().and_then(|extra| extra.handle.clone());
    handle.or_else(|| author.url.clone()).filter(|key| !key.trim().is_empty())
}

fn names(scan: Option<&ScanPart>) -> String {
    let names: Vec<&str> =
        scan.map(|scan| scan.matches.iter().map(|m| m.query.as_str()).collect()).unwrap_or_default();
    serde_json::to_string(&names).unwrap_or_default()
}

fn folded_text(item: &Item) -> String {
    cm_text::fold(&format!("{}\n{}\n", item.title.as_deref().unwrap_or_default(), text_of(item)), false)
}

fn folded_authors(item: &Item) -> String {
    cm_text::fold(&item.authors.iter().filter_map(display_name).collect::<Vec<_>>().join(" "), false)
}

fn millis(text: &str) -> Option<i64> {
    cm_time::parse_rfc3339(text).as_ref().map(DateTime::<Utc>::timestamp_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::AuthorExtra;

    fn entry(line: &str) -> Option<Entry> {
        Entry::of(&Record::parse(line).unwrap(), &Judge::new(None)).unwrap()
    }

    #[test]
    fn a_plain_feed_item_is_an_article_to_read() {
        let entry =
            entry(r#"{"id":"https://a.example/1","content_html":"<p>Hello <b>you</b></p>"}"#).unwrap();
        assert_eq!(
            (entry.kind.as_str(), entry.lane, entry.headline.as_str()),
            ("article", Lane::Read, "Hello you")
        );
        assert!(!entry.own && !entry.gone && entry.key.source.is_empty());
        let blank = self::entry(r#"{"id":"1","content_text":" ","content_html":"<p>Hello</p>"}"#).unwrap();
        assert_eq!(blank.headline, "Hello", "blank text is none");
    }

    #[test]
    fn a_comment_waits_for_an_answer() {
        let line = r#"{"id":"c1","title":"Comment on a post","content_text":"Hi","date_published":"2026-11-22T09:00:00+01:00",
            "authors":[{"name":"Ana","_cm":{"handle":"@ana"}}],
            "_cm":{"version":1,"kind":"comment","source":"wordpress:blog","thread":"p1"},
            "_cm_fetch":{"at":"2026-11-22T09:00:00Z","from":"x","status":"held"},
            "_cm_scan":{"matches":[{"query":"brand","score":2.0,"hits":[]}]}}"#;
        let entry = entry(line).unwrap();
        assert_eq!(entry.key, Key { source: "wordpress:blog".into(), id: "c1".into() });
        assert_eq!((entry.lane, entry.author.as_deref()), (Lane::Answer, Some("Ana (@ana)")));
        assert_eq!(entry.headline, "Hi", "not what the feed calls it");
        assert_eq!((entry.published_ms, entry.searches.as_str()), (Some(1_795_334_400_000), r#"["brand"]"#));
        assert!(
            entry.reasons.contains("matches brand") && !entry.reasons.contains("held"),
            "what passes is no lasting reason: {}",
            entry.reasons
        );
        assert_eq!((entry.status.as_deref(), entry.gone), (Some("held"), false));
    }

    #[test]
    fn what_people_call_it_stands_before_how_it_begins() {
        let said = |kind: &str, title: &str| {
            let line = format!(
                r#"{{"id":"1","title":"{title}","content_text":"Thanks in advance!","_cm":{{"version":1,"kind":"{kind}"}}}}"#
            );
            entry(&line).unwrap().headline
        };
        for kind in ["comment", "reply", "mention", "review"] {
            assert_eq!(said(kind, "Which grinder?"), "Which grinder? - Thanks in advance!");
        }
        for kind in ["message", "event", "note"] {
            assert_eq!(said(kind, "Which grinder?"), "Which grinder?");
        }
        assert_eq!(said("mention", "Thanks in…"), "Thanks in advance!");
        assert_eq!(said("mention", &"x".repeat(200)).chars().count(), HEADLINE, "cut as a text is");
    }

    #[test]
    fn drafts_actions_and_counts_are_not_taken_in() {
        for cm in [r#""draft":true"#, r#""action":"approve""#, r#""kind":"profile""#] {
            assert_eq!(
                entry(&format!(r#"{{"id":"1","content_text":"x","_cm":{{"version":1,{cm}}}}}"#)),
                None,
                "{cm}"
            );
        }
    }

    #[test]
    fn accounts_are_told_from_feeds() {
        for (source, account) in [
            ("wordpress:blog", true),
            ("https://a.example/feed", false),
            ("urn:cm:ideas", false),
            ("", false),
        ] {
            assert_eq!(account_of(source).is_some(), account, "{source}");
        }
    }

    #[test]
    fn people_are_named_as_well_as_they_can_be() {
        let named = |name: Option<&str>, handle: Option<&str>| {
            let extra = AuthorExtra { handle: handle.map(Into::into), ..AuthorExtra::default() };
            display_name(&Author { name: name.map(Into::into), cm: Some(extra), ..Author::default() })
        };
        assert_eq!(named(Some("Ana"), Some("@ana")).as_deref(), Some("Ana (@ana)"));
        assert_eq!(named(Some(" "), Some("@ana")).as_deref(), Some("@ana"));
        assert_eq!(named(None, None), None);
    }
}
