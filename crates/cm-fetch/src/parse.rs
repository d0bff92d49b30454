//! Clean Atom -> feed, through feed-rs. Its panics are caught without a word, and an entry that it refuses does not cost
//! the others.

use crate::dates;
use crate::feed::{Entry, Feed, MOST_PARTS};
use crate::repair::{Canonical, Facts};
use cm_record::{Attachment, Author};
use feed_rs::model;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// Reads a feed in the clean form: one entry per entry element, in order.
pub(crate) fn read(mut canonical: Canonical) -> Feed {
    let facts = std::mem::take(&mut canonical.facts);
    let whole = parsed(&canonical.document()).filter(|feed| feed.entries.len() == facts.len());
    let (entries, head) = match whole {
        Some(mut feed) => (std::mem::take(&mut feed.entries), Some(feed)),
        None => (one_by_one(&canonical, facts.len()), parsed(&canonical.document_of_head())),
    };
    let authors: Vec<Author> = head.iter().flat_map(|feed| &feed.authors).filter_map(author).collect();
    let language = head.as_ref().and_then(|feed| feed.language.clone());
    let home = head.iter().flat_map(|feed| &feed.links).find(|link| link.rel.as_deref() == Some("alternate"));
    Feed {
        title: head.as_ref().and_then(|feed| feed.title.as_ref()).map(line).filter(|title| !title.is_empty()),
        home_page_url: home.map(|link| link.href.clone()),
        feed_url: canonical.feed.self_url.take(),
        generator: canonical.feed.generator.take(),
        ttl_minutes: canonical.feed.ttl_minutes,
        entries: entries
            .into_iter()
            .zip(facts)
            .map(|(entry, facts)| convert(entry, facts, &authors, language.as_deref()))
            .collect(),
        cut_off: canonical.cut_off,
    }
}

/// Each entry in a document of its own; one that is refused even so is kept as its facts.
fn one_by_one(canonical: &Canonical, entries: usize) -> Vec<model::Entry> {
    let alone = |n| parsed(&canonical.document_of(n)).and_then(|mut one| one.entries.pop());
    (0..entries).map(|n| alone(n).unwrap_or_default()).collect()
}

fn parsed(document: &str) -> Option<model::Feed> {
    let parser = feed_rs::parser::Builder::new()
        .timestamp_parser(dates::parse)
        // Ids are made in `ids`, the same on every run; feed-rs would invent a random one.
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .build();
    quietly(|| parser.parse(document.as_bytes()).ok()).flatten()
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that may panic: then `None`, and no word on stderr.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    QUIET.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work)).ok();
    QUIET.set(false);
    done
}

fn convert(entry: model::Entry, facts: Facts, feed_authors: &[Author], language: Option<&str>) -> Entry {
    let mut authors: Vec<Author> = entry.authors.iter().filter_map(author).take(MOST_PARTS).collect();
    if authors.is_empty() {
        authors = feed_authors.to_vec();
    }
    let content = entry.content.as_ref();
    let body = content.and_then(|content| content.body.clone());
    let is_html = content.is_some_and(|content| content.content_type.subty() == "html");
    let text = match &body {
        Some(body) if is_html => cm_text::html_to_text(body, false),
        Some(body) => body.trim().to_owned(),
        None => String::new(),
    };
    Entry {
        native: facts.native,
        url: facts.url,
        external_url: facts.external_url,
        title: entry.title.as_ref().map(line).filter(|title| !title.is_empty()),
        summary: entry.summary.as_ref().map(plain).filter(|summary| !summary.is_empty()),
        html: body.filter(|_| is_html),
        text,
        published: entry.published,
        modified: entry.updated,
        language: facts.language.or_else(|| language.map(str::to_owned)),
        authors,
        tags: entry.categories.iter().map(|category| category.term.clone()).take(MOST_PARTS).collect(),
        image: entry
            .media
            .iter()
            .flat_map(|media| &media.thumbnails)
            .map(|thumbnail| thumbnail.image.uri.clone())
            .next(),
        attachments: attachments(&entry, facts.seconds),
        in_reply_to: facts.in_reply_to,
        replies: facts.replies,
        cut_off: facts.cut_off,
        social: None,
    }
}

/// A text as plain text.
fn plain(text: &model::Text) -> String {
    match text.content_type.subty() == "html" {
        true => cm_text::html_to_text(&text.content, false),
        false => text.content.trim().to_owned(),
    }
}

/// A text as one line of plain text.
fn line(text: &model::Text) -> String {
    one_line(&plain(text))
}

/// White space folded; a no-break space is not white space.
pub(crate) fn one_line(text: &str) -> String {
    text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn author(person: &model::Person) -> Option<Author> {
    let filled = |text: &Option<String>| text.as_deref().map(one_line).filter(|text| !text.is_empty());
    let (name, url) = (filled(&person.name), filled(&person.uri));
    (name.is_some() || url.is_some()).then(|| Author { name, url, ..Author::default() })
}

fn attachments(entry: &model::Entry, seconds: Option<u64>) -> Vec<Attachment> {
    let mut all: Vec<Attachment> = Vec::new();
    let enclosures = entry.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
    for link in enclosures.take(MOST_PARTS) {
        let kind = link.media_type.clone().filter(|kind| kind.contains('/'));
        let duration_in_seconds = seconds.filter(|_| all.is_empty()).map(|seconds| seconds as f64);
        push(
            &mut all,
            Attachment {
                mime_type: kind.unwrap_or_else(|| media_type(&link.href).to_owned()),
                url: link.href.clone(),
                title: link.title.clone(),
                size_in_bytes: link.length.filter(|size| *size > 0),
                duration_in_seconds,
            },
        );
    }
    for content in entry.media.iter().flat_map(|media| &media.content).take(MOST_PARTS) {
        let Some(url) = &content.url else { continue };
        let kind = content.content_type.as_ref().map(ToString::to_string);
        push(
            &mut all,
            Attachment {
                mime_type: kind.unwrap_or_else(|| media_type(url.as_str()).to_owned()),
                url: url.to_string(),
                title: None,
                size_in_bytes: content.size,
                duration_in_seconds: content.duration.map(|duration| duration.as_secs_f64()),
            },
        );
    }
    all
}

fn push(all: &mut Vec<Attachment>, one: Attachment) {
    if all.iter().all(|other| other.url != one.url) {
        all.push(one);
    }
}

/// By the name's ending, where nobody says.
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
