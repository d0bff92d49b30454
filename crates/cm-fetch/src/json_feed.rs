//! JSON Feed 1.0 and 1.1, leniently: any `version`, numeric ids, nulls, single authors, a bare list of items. Our records
//! are its items, so nothing has to be translated. Items are read one at a time from their slices of the text.

use crate::dates;
use crate::feed::{Entry, Facts, Glance, Head, MOST_ENTRIES, MOST_PARTS, Survey, media_type, one_line};
use cm_record::{Attachment, Author};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::Url;

/// The members of an object, as they are written.
type Members<'t> = BTreeMap<Cow<'t, str>, &'t RawValue>;

/// What reading the items of a document needs beside its text.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    /// Where the inside of the list of items begins.
    items_at: usize,
    authors: Vec<Author>,
    language: Option<String>,
    base: Option<Url>,
}

/// Finds the feed in a text; `None` when the text is something else.
pub(crate) fn survey(text: &str, base: Option<&Url>) -> Option<(Head, Facts, Outline)> {
    let (head, items_at, cut_off) = outline(text)?;
    let address = |name| string(&head, name).map(|url| absolute(&url, base));
    let home_page_url = address("home_page_url");
    let base = base.cloned().or_else(|| home_page_url.as_deref()?.parse().ok());
    let mut survey = Survey::default();
    let mut items = Items { rest: &text[items_at..], broken: false };
    for item in &mut items {
        let meta: Members<'_> = member(&item, "_cm").unwrap_or_default();
        survey.add(&Glance {
            native: string(&item, "id").as_deref(),
            url: string(&item, "url").as_deref(),
            answers: meta.contains_key("in_reply_to"),
            counts_replies: false,
        });
    }
    let mut facts = survey.facts;
    facts.cut_off |= cut_off || items.broken;
    let head_of_feed = Head {
        title: string(&head, "title").map(|title| one_line(&title)),
        home_page_url,
        feed_url: address("feed_url"),
        hubs: hubs(&head),
        ..Head::default()
    };
    let outline = Outline { items_at, authors: authors(&head), language: string(&head, "language"), base };
    Some((head_of_feed, facts, outline))
}

/// The items of a document in its order.
pub(crate) fn entries<'t>(text: &'t str, outline: &'t Outline) -> impl Iterator<Item = Entry> + 't {
    let items = Items { rest: &text[outline.items_at..], broken: false };
    items.take(MOST_ENTRIES).map(|item| entry(&item, outline))
}

/// The members of the feed beside its items, where the inside of the list of items begins, and whether the document is
/// broken off.
fn outline(text: &str) -> Option<(Members<'_>, usize, bool)> {
    let start = beginning(text);
    let text = &text[start..];
    if text.starts_with('[') {
        return Some((Members::new(), start + 1, false));
    }
    if !text.starts_with('{') {
        return None;
    }
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<Members<'_>>();
    let Ok(mut head) = objects.next()? else {
        let (head, items_at) = broken_outline(text)?;
        return Some((head, start + items_at, true));
    };
    let items = head.remove("items").or_else(|| head.remove("entries"));
    let says_so = string(&head, "version").is_some_and(|version| version.contains("jsonfeed"));
    match items {
        Some(items) if items.get().starts_with('[') => {
            // A slice of the text: where it begins is a difference of addresses.
            let at = (items.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
            Some((head, start + at + 1, false))
        }
        Some(items) if items.get() != "null" => None,
        _ => says_so.then_some((head, start + text.len(), false)),
    }
}

/// Where the JSON begins: after comments and the guard `)]}'` that some put before it.
fn beginning(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let after = if rest.starts_with("/*") {
            rest.find("*/").map(|end| &rest[end + 2..])
        } else if rest.starts_with("//") || rest.starts_with(")]}'") {
            rest.find('\n').map(|end| &rest[end + 1..])
        } else {
            None
        };
        match after {
            Some(after) => rest = after,
            None => return text.len() - rest.len(),
        }
    }
}

/// Of a feed that is cut off or spoilt: the members before its items.
fn broken_outline(text: &str) -> Option<(Members<'_>, usize)> {
    let items = text.find("\"items\"")?;
    let start = items + text[items..].find('[')? + 1;
    let mut head = Members::new();
    let mut rest = text[..items].trim_start_matches('{');
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == ':');
        let Some((name, after)) = next::<Cow<'_, str>>(rest) else { break };
        rest = after.trim_start().strip_prefix(':').unwrap_or(after);
        let Some((value, after)) = next::<&RawValue>(rest) else { break };
        head.insert(name, value);
        rest = after;
    }
    Some((head, start))
}

/// The value at the beginning of a text, and what follows it.
fn next<'t, T: Deserialize<'t>>(text: &'t str) -> Option<(T, &'t str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

/// The objects of a list, from its inside; what is no object is passed over.
struct Items<'t> {
    rest: &'t str,
    /// The text ended, or made no sense, before the list did.
    broken: bool,
}

impl<'t> Iterator for Items<'t> {
    type Item = Members<'t>;

    fn next(&mut self) -> Option<Members<'t>> {
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if self.rest.starts_with(']') || self.broken {
                return None;
            }
            let Some((item, rest)) = next::<&RawValue>(self.rest) else {
                self.broken = true;
                return None;
            };
            self.rest = rest;
            if let Ok(members) = serde_json::from_str(item.get()) {
                return Some(members);
            }
        }
    }
}

fn entry(item: &Members<'_>, outline: &Outline) -> Entry {
    let address = |name| string(item, name).map(|url| absolute(&url, outline.base.as_ref()));
    let html = string(item, "content_html");
    let text = string(item, "content_text")
        .or_else(|| html.as_deref().map(|html| cm_text::html_to_text(html, false)));
    let summary = string(item, "summary");
    let date = |name| string(item, name).and_then(|text| dates::parse(&text));
    let own_authors = authors(item);
    let meta: Members<'_> = member(item, "_cm").unwrap_or_default();
    Entry {
        native: string(item, "id"),
        url: address("url"),
        external_url: address("external_url"),
        title: string(item, "title").map(|title| one_line(&title)),
        text: text.or_else(|| summary.clone()).unwrap_or_default(),
        summary,
        html,
        published: date("date_published"),
        modified: date("date_modified"),
        written_date: string(item, "date_published")
            .or_else(|| string(item, "date_modified"))
            .map(|text| dates::written(&text)),
        language: string(item, "language").or_else(|| outline.language.clone()),
        authors: if own_authors.is_empty() { outline.authors.clone() } else { own_authors },
        tags: tags(item),
        image: address("image").or_else(|| address("banner_image")),
        attachments: list(item, "attachments").filter_map(|value| attachment(value, outline)).collect(),
        in_reply_to: string(&meta, "in_reply_to"),
        replies: None,
        thread: None,
        comments_feed: None,
        cut_off: false,
        social: None,
    }
}

/// A member that is of this type.
fn member<'t, T: Deserialize<'t>>(object: &Members<'t>, name: &str) -> Option<T> {
    serde_json::from_str(object.get(name)?.get()).ok()
}

/// A string, or a number or truth value as it is written; empty is absent.
fn string(object: &Members<'_>, name: &str) -> Option<String> {
    let value = object.get(name)?.get();
    match value.as_bytes().first()? {
        b'"' => {
            let text: Cow<'_, str> = serde_json::from_str(value).ok()?;
            Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
        }
        b'{' | b'[' | b'n' => None,
        _ => Some(value.to_owned()),
    }
}

/// The beginning of a list, when there is one.
fn list<'t>(object: &Members<'t>, name: &str) -> impl Iterator<Item = &'t RawValue> {
    let list: Vec<&'t RawValue> = member(object, name).unwrap_or_default();
    list.into_iter().take(MOST_PARTS)
}

fn absolute(address: &str, base: Option<&Url>) -> String {
    match (Url::parse(address), base) {
        (Err(_), Some(base)) => base.join(address).map_or_else(|_| address.to_owned(), String::from),
        _ => address.to_owned(),
    }
}

/// 1.1 has `authors`, 1.0 has `author`.
fn authors(object: &Members<'_>) -> Vec<Author> {
    let single = object.get("author").copied();
    list(object, "authors").chain(single).filter_map(author).fold(Vec::new(), |mut all, author| {
        if !all.contains(&author) {
            all.push(author);
        }
        all
    })
}

fn author(value: &RawValue) -> Option<Author> {
    let author = match serde_json::from_str::<Members<'_>>(value.get()) {
        Ok(person) => Author {
            name: string(&person, "name"),
            url: string(&person, "url"),
            avatar: string(&person, "avatar"),
            cm: None,
        },
        Err(_) => Author { name: serde_json::from_str(value.get()).ok(), ..Author::default() },
    };
    (author != Author::default()).then_some(author)
}

fn tags(item: &Members<'_>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in list(item, "tags").filter_map(|tag| serde_json::from_str::<String>(tag.get()).ok()) {
        let tag = tag.trim().trim_start_matches('#');
        if !tag.is_empty() && tags.iter().all(|other| other != tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// WebSub hubs; other kinds of `hubs` are not spoken here.
fn hubs(head: &Members<'_>) -> Vec<String> {
    let hubs = list(head, "hubs").filter_map(|hub| serde_json::from_str::<Members<'_>>(hub.get()).ok());
    let websub =
        |hub: &Members<'_>| string(hub, "type").is_none_or(|kind| kind.eq_ignore_ascii_case("websub"));
    hubs.filter(websub).filter_map(|hub| string(&hub, "url")).collect()
}

fn attachment(value: &RawValue, outline: &Outline) -> Option<Attachment> {
    let object: Members<'_> = serde_json::from_str(value.get()).ok()?;
    let url = absolute(&string(&object, "url")?, outline.base.as_ref());
    Some(Attachment {
        mime_type: string(&object, "mime_type").unwrap_or_else(|| media_type(&url).to_owned()),
        url,
        title: string(&object, "title"),
        size_in_bytes: member(&object, "size_in_bytes"),
        duration_in_seconds: member(&object, "duration_in_seconds"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<crate::feed::Feed> {
        let (head, facts, outline) = survey(text, None)?;
        let entries: Vec<Entry> = entries(text, &outline).collect();
        assert_eq!(entries.len(), facts.entries);
        Some(crate::feed::Feed { head, entries, facts })
    }

    #[test]
    fn lenient_where_feeds_are_wrong() {
        let feed = read(
            r##"{"version":"http://jsonfeed.org/version/1","title":null,"home_page_url":"https://a.example/","author":{"name":"Ana"},
            "items":[{"id":4711,"url":"/p","content_html":"<p>x</p>","tags":["#a","a",3]},{"id":"b","attachments":[{"url":"x.mp3"}]},7]}"##,
        )
        .unwrap();
        assert_eq!(feed.entries.len(), 2);
        assert_eq!(feed.entries[0].native.as_deref(), Some("4711"));
        assert_eq!(feed.entries[0].url.as_deref(), Some("https://a.example/p"));
        assert_eq!(feed.entries[0].tags, ["a"]);
        assert_eq!(feed.entries[1].authors[0].name.as_deref(), Some("Ana"));
        assert_eq!(feed.entries[1].attachments[0].mime_type, "audio/mpeg");
    }

    #[test]
    fn items_before_a_cut_are_kept() {
        let feed = read(r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1"},{"id":"2"},{"id":"#).unwrap();
        assert!(feed.facts.cut_off);
        assert_eq!((feed.entries.len(), feed.head.title.as_deref()), (2, Some("T")));
        assert!(read("{\"a\":1}").is_none());
        let many = read(&format!("[{}{{}}]", "{},".repeat(MOST_ENTRIES))).unwrap();
        assert_eq!((many.entries.len(), many.facts.cut_off), (MOST_ENTRIES, true));
        let tags: String = (0..MOST_PARTS * 2).map(|n| format!("\"{n}\",")).collect();
        let one = read(&format!("[{{\"tags\":[{tags}\"x\"]}}]")).unwrap();
        assert_eq!(one.entries[0].tags.len(), MOST_PARTS);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\{|\\}|\\[|\\]|\"|items|:|,|id|1|\\\\| ){0,40}") {
            let _ = read(&format!("{{{text}"));
        }
    }
}
