//! An entry as a record (docs/record.md).

use crate::comments::post_of;
use crate::feed::{Entry, Head};
use crate::ids::Policy;
use crate::network::Social;
use crate::source::public_text;
use chrono::{DateTime, Utc};
use cm_record::{Audience, Feed as FeedRef, FetchPart, Item, Meta, Reason, Record};
use cm_time::rfc3339;
use std::collections::BTreeMap;

/// Readers refuse longer lines unless told otherwise.
const LONGEST_LINE: usize = 4 << 20;
/// What is kept of each text of an item that is too long for a line, in bytes; escaped it may take six times as much.
const LONGEST_TEXT: usize = 192 << 10;
/// What is kept of its tags, authors and attachments.
const MOST_OF_A_KIND: usize = 100;

/// Where the entries of a document come from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// `_cm.source`: the feed's address as it was given or discovered; ids are made with it.
    pub(crate) source: String,
    /// The address that answered.
    pub(crate) from: String,
    /// Its validator.
    pub(crate) etag: Option<String>,
    /// Tags of the source, added to those of each item.
    pub(crate) tags: Vec<String>,
    /// By what its items are told apart.
    pub(crate) ids: Policy,
    /// What all its items are, where that is known.
    pub(crate) kind: Option<&'static str>,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

/// Makes the record of an entry; `changed` names the members that say something else than when it was last handed out.
pub(crate) fn record(
    entry: &Entry,
    id: &str,
    feed: &Head,
    origin: &Origin,
    changed: &[&str],
) -> Result<Record, Reason> {
    let mut item = item(entry, id, feed, origin);
    if let Some(fetch) = &mut item.fetch {
        fetch.changed = changed.iter().map(|&name| name.to_owned()).collect();
    }
    let record = Record::from_item(&item)?;
    if record.line().len() < LONGEST_LINE {
        return Ok(record);
    }
    shorten(&mut item);
    let record = Record::from_item(&item)?;
    if record.line().len() < LONGEST_LINE { Ok(record) } else { Err(Reason::TooLong(LONGEST_LINE)) }
}

/// Leaves out of an item that is too long for a line what can be missed: its HTML, then the ends of everything else.
fn shorten(item: &mut Item) {
    item.content_html = None;
    for text in [&mut item.content_text, &mut item.summary, &mut item.title].into_iter().flatten() {
        if text.len() > LONGEST_TEXT {
            text.truncate(text.floor_char_boundary(LONGEST_TEXT));
            text.push('…');
        }
    }
    item.tags.truncate(MOST_OF_A_KIND);
    item.authors.truncate(MOST_OF_A_KIND);
    item.attachments.truncate(MOST_OF_A_KIND);
}

fn item(entry: &Entry, id: &str, feed: &Head, origin: &Origin) -> Item {
    let mut tags = entry.tags.clone();
    for tag in &origin.tags {
        if !tags.iter().any(|other| other.eq_ignore_ascii_case(tag)) {
            tags.push(tag.clone());
        }
    }
    Item {
        id: id.to_owned(),
        url: entry.url.as_deref().map(led_to),
        external_url: entry.external_url.clone(),
        title: entry.title.clone(),
        summary: entry.summary.clone().filter(|summary| *summary != entry.text),
        content_html: entry.html.clone(),
        content_text: Some(entry.text.clone()),
        // An Atom entry may say only when it was last changed: that is the one date it has.
        date_published: entry.date().map(rfc3339),
        date_modified: entry.modified.map(rfc3339),
        language: entry.language.clone(),
        authors: entry.authors.clone(),
        tags,
        image: entry.image.clone(),
        attachments: entry.attachments.clone(),
        cm: Some(meta(entry, feed, origin)),
        fetch: Some(FetchPart {
            at: rfc3339(origin.at),
            from: origin.from.clone(),
            native_id: match &entry.social {
                Some(social) => social.native.clone(),
                None => entry.native.clone().filter(|native| native != id).map(Into::into),
            },
            status: entry.social.as_ref().and_then(|social| social.status.clone()),
            date: entry
                .written_date
                .clone()
                .filter(|written| entry.date().is_none_or(|at| rfc3339(at) != *written)),
            etag: origin.etag.clone(),
            changed: Vec::new(),
        }),
    }
}

/// Where a link leads: some feeds (Google Alerts, Google News) wrap theirs to count clicks. Ids are made of what is given.
fn led_to(link: &str) -> String {
    cm_web::target(link).unwrap_or_else(|| link.to_owned())
}

fn meta(entry: &Entry, feed: &Head, origin: &Origin) -> Meta {
    if let Some(social) = &entry.social {
        return social_meta(social, entry, feed, origin);
    }
    let kind = origin.kind.unwrap_or(if entry.in_reply_to.is_some() { "comment" } else { "article" });
    let post = entry.url.as_deref().filter(|_| kind == "comment").and_then(post_of).map(str::to_owned);
    let of = FeedRef {
        title: feed.title.clone(),
        home_page_url: feed.home_page_url.as_deref().map(public_text),
        feed_url: feed
            .feed_url
            .as_deref()
            .map(public_text)
            .or_else(|| Some(origin.source.clone()).filter(|_| origin.from.contains("://"))),
    };
    Meta {
        kind: Some(kind.to_owned()),
        source: Some(origin.source.clone()),
        in_reply_to: entry.in_reply_to.clone().or_else(|| post.clone()),
        thread: entry.thread.clone().or(post),
        audience: Some(Audience::Public),
        feed: Some(of),
        counts: entry.replies.map(|n| BTreeMap::from([("replies".to_owned(), n)])).unwrap_or_default(),
        ..Meta::default()
    }
}

/// Of an item of a network, which says itself what of it is known.
fn social_meta(social: &Social, entry: &Entry, feed: &Head, origin: &Origin) -> Meta {
    let kind = if social.kind.is_empty() { "note" } else { social.kind };
    Meta {
        kind: Some(origin.kind.unwrap_or(kind).to_owned()),
        source: Some(origin.source.clone()),
        own: social.own,
        in_reply_to: entry.in_reply_to.clone(),
        thread: social.thread.clone(),
        audience: social.audience,
        feed: Some(FeedRef { title: feed.title.clone(), ..FeedRef::default() }),
        counts: social.counts.clone(),
        content_warning: social.content_warning.clone(),
        deleted: social.deleted,
        ..Meta::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            source: "https://blog.example/feed".into(),
            from: "https://blog.example/feed".into(),
            etag: None,
            tags: vec!["Industry".into()],
            ids: Policy::Auto,
            kind: None,
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn articles_and_their_tags() {
        let entry = Entry {
            text: "x".into(),
            summary: Some("x".into()),
            tags: vec!["industry".into()],
            ..Entry::default()
        };
        let item = record(&entry, "id", &Head::default(), &origin(), &[]).unwrap().item().unwrap();
        assert_eq!((item.tags, item.summary), (vec!["industry".to_owned()], None));
        let meta = item.cm.unwrap();
        assert_eq!((meta.kind.as_deref(), meta.audience), (Some("article"), Some(Audience::Public)));
    }

    #[test]
    fn comments_answer_their_post() {
        let entry = Entry { url: Some("https://blog.example/ships/#comment-7".into()), ..Entry::default() };
        let origin = Origin { kind: Some("comment"), ..origin() };
        let meta = record(&entry, "id", &Head::default(), &origin, &[]).unwrap().meta().unwrap();
        assert_eq!(meta.kind.as_deref(), Some("comment"));
        assert_eq!(meta.in_reply_to.as_deref(), Some("https://blog.example/ships/"));
    }

    #[test]
    fn a_record_always_fits_a_line() {
        let huge = "é".repeat(3 << 20);
        let texts = Entry {
            html: Some(huge.clone()),
            text: huge.clone(),
            title: Some(huge.clone()),
            ..Entry::default()
        };
        let tags = Entry { tags: (0..1_000_000).map(|n| n.to_string()).collect(), ..Entry::default() };
        for entry in [texts, tags] {
            assert!(
                record(&entry, "id", &Head::default(), &origin(), &[]).unwrap().line().len() < LONGEST_LINE
            );
        }
        let address = Entry { url: Some(huge), ..Entry::default() };
        assert!(record(&address, "id", &Head::default(), &origin(), &[]).is_err());
    }

    #[test]
    fn links_that_count_clicks_are_taken_off_and_ids_stay() {
        const ALERT: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:idx="urn:atom-extension:indexing"><title>Google Alert - acme tea</title>
            <id>tag:google.com,2005:reader/user/1/state/com.google/alerts/2</id>
            <entry><id>tag:google.com,2013:googlealerts/feed:71</id><title type="html">&lt;b&gt;Acme&lt;/b&gt; brews &amp;amp; pours</title>
            <link href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://news.example/tea%3Fid%3D7&amp;ct=ga&amp;usg=AOv"></link>
            <published>2026-11-22T08:00:00Z</published><updated>2026-11-22T08:00:00Z</updated>
            <content type="html">The &lt;b&gt;Acme&lt;/b&gt; kettle&amp;nbsp;...</content><author><name></name></author></entry></feed>"#;
        let document = crate::feed::Document { bytes: ALERT.into(), ..Default::default() };
        let feed = crate::feed::read(&document).unwrap();
        let entry = &feed.entries[0];
        let item = record(entry, entry.native.as_deref().unwrap(), &feed.head, &origin(), &[])
            .unwrap()
            .item()
            .unwrap();
        assert_eq!(item.id, "tag:google.com,2013:googlealerts/feed:71");
        assert_eq!(item.url.as_deref(), Some("https://news.example/tea?id=7"));
        assert_eq!(item.title.as_deref(), Some("Acme brews & pours"));
        assert_eq!(item.content_text.as_deref(), Some("The Acme kettle ..."));
        assert!(item.authors.is_empty());
    }
}
