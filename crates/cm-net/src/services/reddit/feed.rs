//! A personal feed of Reddit: Atom, as its program writes it. In: its text. Out: items like those of the API. No more of XML
//! is read than that program writes: elements without prefixes, texts that are escaped.

use crate::services::members::unescaped;
use crate::services::{Audience, Item, Person};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The entries, as far as the text is whole; `None` when it is no such feed.
pub(super) fn entries(text: &str) -> Option<Vec<&str>> {
    let start = text.find("<feed").filter(|_| text.contains("http://www.w3.org/2005/Atom"))?;
    let entries = text[start..].split("<entry>").skip(1);
    Some(entries.filter_map(|entry| entry.split_once("</entry>")).map(|(entry, _)| entry).collect())
}

/// When it was published.
pub(super) fn date(entry: &str) -> Option<DateTime<Utc>> {
    let text = element(entry, "published").or_else(|| element(entry, "updated"))?;
    cm_time::parse_rfc3339(text.trim())
}

/// `me` is our user; a private message is none of them.
pub(super) fn item(entry: &str, me: &str, kind: Option<&'static str>) -> Option<Item> {
    let id = element(entry, "id").filter(|id| id.starts_with("t1_") || id.starts_with("t3_"))?;
    let is_post = id.starts_with("t3_");
    let person = element(entry, "author");
    let said = |name: &str| element(person.as_deref()?, name).map(|text| text.trim().to_owned());
    let author = said("name").map(|name| name.trim_start_matches("/u/").to_owned());
    let author = author.filter(|name| !name.is_empty() && name != "[deleted]");
    let url = attribute(entry, "<link ", "href");
    let post = url
        .as_deref()
        .and_then(|url| url.split_once("/comments/")?.1.split('/').next())
        .map(|id| format!("t3_{id}"));
    let html = element(entry, "content").map(|html| unescaped(&html));
    Some(Item {
        native: json!({"name": id}),
        kind: kind.unwrap_or(if is_post { "note" } else { "comment" }),
        // A comment's feed does not say whom it answers but for its post.
        in_reply_to: post.clone().filter(|_| !is_post),
        thread: if is_post { Some(id.clone()) } else { post },
        own: author.as_deref().is_some_and(|author| author.eq_ignore_ascii_case(me)),
        author: author.map(|name| Person {
            handle: Some(format!("u/{name}")),
            url: said("uri"),
            name: Some(name),
            ..Person::default()
        }),
        title: element(entry, "title").map(|title| unescaped(&title)).filter(|_| is_post),
        text: html.is_none().then(String::new),
        html,
        published: date(entry),
        // Whether the place is open to all is not said: it is what this user may read.
        audience: None::<Audience>,
        url,
        id,
        ..Item::default()
    })
}

/// The text of the first element of a name.
fn element(text: &str, name: &str) -> Option<String> {
    let start = text.find(&format!("<{name}>")).or_else(|| text.find(&format!("<{name} ")))?;
    let begin = start + text[start..].find('>')? + 1;
    let end = begin + text[begin..].find(&format!("</{name}>"))?;
    Some(text[begin..end].to_owned())
}

fn attribute(text: &str, element: &str, name: &str) -> Option<String> {
    let start = text.find(element)?;
    let tag = &text[start..start + text[start..].find('>')?];
    let value = tag.split_once(&format!("{name}=\""))?.1;
    Some(unescaped(value.split('"').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FEED: &str = r#"<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><title>x</title>
        <entry><author><name>/u/Acme</name><uri>https://www.reddit.com/user/Acme</uri></author><category term="tea" label="r/tea"/>
        <content type="html">&lt;p&gt;Tea &amp;amp; pots&lt;/p&gt;</content><id>t3_abc</id><link href="https://www.reddit.com/r/tea/comments/abc/tea/" />
        <updated>2026-11-22T09:00:00+00:00</updated><published>2026-11-22T08:00:00+00:00</published><title>Tea &amp; pots</title></entry>
        <entry><author><name>/u/bob</name></author><id>t1_def</id><link href="https://www.reddit.com/r/tea/comments/abc/tea/def/"/><updated>2026-11-22T09:00:00+00:00</updated><title>x</title></entry>
        <entry><id>t4_secret</id></entry><entry><id>t3_cut"#;

    #[test]
    fn what_stands_in_it() {
        let entries = entries(FEED).unwrap();
        let items: Vec<Item> = entries.iter().filter_map(|entry| item(entry, "acme", None)).collect();
        let [post, comment] = &items[..] else { panic!("{items:?}") };
        assert_eq!((post.id.as_str(), post.title.as_deref(), post.own), ("t3_abc", Some("Tea & pots"), true));
        assert_eq!(post.html.as_deref(), Some("<p>Tea &amp; pots</p>"));
        assert_eq!(post.published.unwrap().to_rfc3339(), "2026-11-22T08:00:00+00:00");
        assert_eq!(
            (comment.kind, comment.thread.as_deref(), comment.own),
            ("comment", Some("t3_abc"), false)
        );
        assert_eq!(super::entries("<html>"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[<>/a-z\"= é&;]{0,60}") {
            let feed = format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>{text}</entry>");
            for entry in entries(&feed).unwrap() {
                let _ = item(entry, "me", None);
            }
        }
    }
}
