//! JSON Feed 1.0 and 1.1, leniently: any `version`, numeric ids, nulls, single authors, a bare list of items. Our records
//! are its items, so nothing has to be translated.

use crate::dates;
use crate::feed::{Entry, Feed, MOST_ENTRIES, MOST_PARTS};
use crate::parse::{media_type, one_line};
use cm_record::{Attachment, Author};
use serde_json::{Map, Value};
use url::Url;

/// Reads a JSON Feed; `None` when the text is something else. One that is cut off gives the items before the cut.
pub(crate) fn read(text: &str, base: Option<&Url>) -> Option<Feed> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let (value, cut_off) = match values.next()? {
        Ok(value) => (value, false),
        Err(_) => (mended(text)?, true),
    };
    let (head, items) = match value {
        Value::Object(mut head) => {
            let items = head.remove("items").or_else(|| head.remove("entries"));
            let says_so = head.get("version").and_then(Value::as_str).is_some_and(|v| v.contains("jsonfeed"));
            if items.is_none() && !says_so {
                return None;
            }
            (head, items.unwrap_or_default())
        }
        Value::Array(items) => (Map::new(), Value::Array(items)),
        _ => return None,
    };
    let Value::Array(mut items) = items else { return None };
    let cut_off = cut_off || items.len() > MOST_ENTRIES;
    items.truncate(MOST_ENTRIES);
    let address = |name| string(&head, name).map(|url| absolute(&url, base));
    let home_page_url = address("home_page_url");
    let base = base.cloned().or_else(|| home_page_url.as_deref()?.parse().ok());
    let shared = Shared { authors: authors(&head), language: string(&head, "language"), base };
    Some(Feed {
        title: string(&head, "title").map(|title| one_line(&title)),
        home_page_url,
        feed_url: address("feed_url"),
        generator: None,
        ttl_minutes: None,
        entries: items.iter().filter_map(Value::as_object).map(|item| entry(item, &shared)).collect(),
        cut_off,
    })
}

/// What items take from their feed where they say nothing.
struct Shared {
    authors: Vec<Author>,
    language: Option<String>,
    base: Option<Url>,
}

fn entry(item: &Map<String, Value>, shared: &Shared) -> Entry {
    let address = |name| string(item, name).map(|url| absolute(&url, shared.base.as_ref()));
    let html = string(item, "content_html");
    let text = string(item, "content_text")
        .or_else(|| html.as_deref().map(|html| cm_text::html_to_text(html, false)));
    let summary = string(item, "summary");
    let date = |name| string(item, name).and_then(|text| dates::parse(&text));
    let own_authors = authors(item);
    let meta = item.get("_cm").and_then(Value::as_object);
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
        language: string(item, "language").or_else(|| shared.language.clone()),
        authors: if own_authors.is_empty() { shared.authors.clone() } else { own_authors },
        tags: tags(item),
        image: address("image").or_else(|| address("banner_image")),
        attachments: list(item, "attachments").filter_map(|value| attachment(value, shared)).collect(),
        in_reply_to: meta.and_then(|meta| string(meta, "in_reply_to")),
        replies: None,
        cut_off: false,
        social: None,
    }
}

/// A string, or a number or truth value as one; empty is absent.
fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The beginning of a list, when there is one.
fn list<'a>(object: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    object.get(name).and_then(Value::as_array).into_iter().flatten().take(MOST_PARTS)
}

fn absolute(address: &str, base: Option<&Url>) -> String {
    match (Url::parse(address), base) {
        (Err(_), Some(base)) => base.join(address).map_or_else(|_| address.to_owned(), String::from),
        _ => address.to_owned(),
    }
}

/// 1.1 has `authors`, 1.0 has `author`.
fn authors(object: &Map<String, Value>) -> Vec<Author> {
    list(object, "authors")
        .chain(object.get("author"))
        .filter_map(|value| {
            let author = match value {
                Value::String(name) => Author { name: Some(name.clone()), ..Author::default() },
                Value::Object(person) => Author {
                    name: string(person, "name"),
                    url: string(person, "url"),
                    avatar: string(person, "avatar"),
                    cm: None,
                },
                _ => return None,
            };
            (author != Author::default()).then_some(author)
        })
        .fold(Vec::new(), |mut all, author| {
            if !all.contains(&author) {
                all.push(author);
            }
            all
        })
}

fn tags(item: &Map<String, Value>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in list(item, "tags").filter_map(Value::as_str) {
        let tag = tag.trim().trim_start_matches('#');
        if !tag.is_empty() && tags.iter().all(|other| other != tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn attachment(value: &Value, shared: &Shared) -> Option<Attachment> {
    let object = value.as_object()?;
    let url = absolute(&string(object, "url")?, shared.base.as_ref());
    Some(Attachment {
        mime_type: string(object, "mime_type").unwrap_or_else(|| media_type(&url).to_owned()),
        url,
        title: string(object, "title"),
        size_in_bytes: object.get("size_in_bytes").and_then(Value::as_u64),
        duration_in_seconds: object.get("duration_in_seconds").and_then(Value::as_f64),
    })
}

/// A feed that was cut off or spoilt: everything up to the last item that is whole, closed by hand.
fn mended(text: &str) -> Option<Value> {
    let items = text.find("\"items\"")?;
    let start = items + text[items..].find('[')? + 1;
    let mut whole = Vec::new();
    let mut rest = &text[start..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item @ Value::Object(_))) = values.next() else { break };
        rest = &rest[values.byte_offset()..];
        whole.push(item);
    }
    let head = text[..items].trim_end().trim_end_matches(',');
    let mut head: Map<String, Value> = serde_json::from_str(&format!("{head}}}")).unwrap_or_default();
    head.insert("items".to_owned(), Value::Array(whole));
    Some(Value::Object(head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lenient_where_feeds_are_wrong() {
        let feed = read(
            r##"{"version":"http://jsonfeed.org/version/1","title":null,"home_page_url":"https://a.example/","author":{"name":"Ana"},
            "items":[{"id":4711,"url":"/p","content_html":"<p>x</p>","tags":["#a","a",3]},{"id":"b","attachments":[{"url":"x.mp3"}]},7]}"##,
            None,
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
        let feed = read(r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1"},{"id":"2"},{"id":"#, None).unwrap();
        assert!(feed.cut_off);
        assert_eq!((feed.entries.len(), feed.title.as_deref()), (2, Some("T")));
        assert!(read("{\"a\":1}", None).is_none());
        let many = read(&format!("[{}{{}}]", "{},".repeat(MOST_ENTRIES)), None).unwrap();
        assert_eq!((many.entries.len(), many.cut_off), (MOST_ENTRIES, true));
        let tags: String = (0..MOST_PARTS * 2).map(|n| format!("\"{n}\",")).collect();
        let one = read(&format!("[{{\"tags\":[{tags}\"x\"]}}]"), None).unwrap();
        assert_eq!(one.entries[0].tags.len(), MOST_PARTS);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\{|\\}|\\[|\\]|\"|items|:|,|id|1|\\\\| ){0,40}") {
            let _ = read(&format!("{{{text}"), None);
        }
    }
}
