//! An item of a network as an entry: the words that all networks share, turned into those of feeds. Pure.

use crate::feed::Entry;
use cm_net::services::{self, Item, Media, Person};
use cm_record::{Attachment, Audience, Author, AuthorExtra, item_id};
use serde_json::Value;
use std::collections::BTreeMap;

/// What only networks say of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Social {
    /// `comment`, `reply`, `mention` ...
    pub(crate) kind: &'static str,
    /// The network's own reference, handed through untouched.
    pub(crate) native: Option<Value>,
    /// The first of its thread.
    pub(crate) thread: Option<String>,
    /// Who may see it; absent when that is not known.
    pub(crate) audience: Option<Audience>,
    /// What its author put before it.
    pub(crate) content_warning: Option<String>,
    /// How it stands where it is: `approved`, `held`, `spam`, `trash`.
    pub(crate) status: Option<String>,
    /// One of our accounts wrote it.
    pub(crate) own: bool,
    /// It is gone.
    pub(crate) deleted: bool,
    /// `replies`, `likes`, `shares`.
    pub(crate) counts: BTreeMap<String, u64>,
}

impl Social {
    /// How it stands; a change of this is news.
    pub(crate) fn standing(&self) -> Option<&str> {
        if self.deleted { Some("deleted") } else { self.status.as_deref() }
    }
}

/// The entry of an item; what is gone keeps no words. Names of items become ids of records alike wherever they stand, so
/// that answers find what they answer; addresses stay as they are.
pub(crate) fn entry(account: &str, item: Item) -> Entry {
    let named = |name: String| item_id(account, &name);
    let gone = item.deleted;
    let html = item.html.filter(|_| !gone);
    let text = item.text.filter(|_| !gone);
    let text = text.or_else(|| Some(cm_text::html_to_text(html.as_deref()?, false)));
    let media = if gone { Vec::new() } else { item.media };
    Entry {
        native: Some(item.id),
        url: item.url,
        title: item.title.filter(|_| !gone),
        external_url: item.external_url,
        text: text.unwrap_or_default(),
        html,
        published: item.published,
        modified: item.modified,
        language: item.language,
        authors: item.author.and_then(author).into_iter().collect(),
        tags: if gone { Vec::new() } else { item.tags },
        image: media.iter().find(|one| one.mime_type.starts_with("image/")).map(|one| one.url.clone()),
        attachments: media.into_iter().map(attachment).collect(),
        in_reply_to: item.in_reply_to.map(named),
        social: Some(Social {
            kind: item.kind,
            native: Some(item.native).filter(|native| !native.is_null()),
            thread: item.thread.map(named),
            audience: item.audience.map(audience),
            content_warning: item.content_warning.filter(|_| !gone),
            status: item.status,
            own: item.own,
            deleted: gone,
            counts: item.counts,
        }),
        ..Entry::default()
    }
}

fn author(person: Person) -> Option<Author> {
    let Person { name, handle, url, avatar, followers } = person;
    let told = handle.is_some() || followers.is_some();
    let author = Author { name, url, avatar, cm: told.then_some(AuthorExtra { handle, followers }) };
    (author != Author::default()).then_some(author)
}

fn attachment(media: Media) -> Attachment {
    let Media { url, mime_type, alt } = media;
    Attachment { url, mime_type, title: alt, size_in_bytes: None, duration_in_seconds: None }
}

fn audience(audience: services::Audience) -> Audience {
    match audience {
        services::Audience::Public => Audience::Public,
        services::Audience::Unlisted => Audience::Unlisted,
        services::Audience::Followers => Audience::Followers,
        services::Audience::Direct => Audience::Direct,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_finds_what_it_answers() {
        let parent = entry("wordpress:blog", Item { id: "comments/7".into(), ..Item::default() });
        let id = item_id("wordpress:blog", parent.native.as_deref().unwrap());
        let answer = Item {
            id: "comments/8".into(),
            in_reply_to: Some("comments/7".into()),
            thread: Some("https://blog.example/ships/".into()),
            ..Item::default()
        };
        let answer = entry("wordpress:blog", answer);
        assert!(id.starts_with("urn:cm:item:"));
        assert_eq!(answer.in_reply_to.as_ref(), Some(&id));
        assert_eq!(answer.social.unwrap().thread.as_deref(), Some("https://blog.example/ships/"));
        let uri = "at://did:plc:x/app.bsky.feed.post/3k";
        let post = entry("bluesky:acme", Item { in_reply_to: Some(uri.into()), ..Item::default() });
        assert_eq!(post.in_reply_to.as_deref(), Some(uri));
    }

    #[test]
    fn text_that_is_given_stays_and_html_becomes_text() {
        let html = |text: Option<&str>| {
            let item = Item {
                html: Some("<p>a &amp; b</p>".into()),
                text: text.map(str::to_owned),
                ..Item::default()
            };
            entry("wordpress:blog", item).text
        };
        assert_eq!((html(None), html(Some(" a\n"))), ("a & b".to_owned(), " a\n".to_owned()));
    }

    #[test]
    fn what_is_gone_keeps_no_words() {
        let item = Item {
            html: Some("<p>x</p>".into()),
            text: Some("x".into()),
            tags: vec!["x".into()],
            status: Some("trash".into()),
            deleted: true,
            ..Item::default()
        };
        let gone = entry("wordpress:blog", item);
        assert_eq!((gone.text.as_str(), &gone.html, gone.tags.len()), ("", &None, 0));
        assert_eq!(gone.social.unwrap().standing(), Some("deleted"));
    }

    #[test]
    fn nobody_is_no_author() {
        assert_eq!(author(Person::default()), None);
        let known = author(Person { handle: Some("@ana".into()), ..Person::default() }).unwrap();
        assert_eq!(known.cm.unwrap().handle.as_deref(), Some("@ana"));
    }

    proptest! {
        #[test]
        fn any_name_is_one_id(name in "\\PC{1,40}") {
            let of = |item: Item| entry("a:b", item);
            let answer = of(Item { id: "x".into(), in_reply_to: Some(name.clone()), ..Item::default() });
            prop_assert_eq!(answer.in_reply_to, Some(item_id("a:b", &name)));
        }
    }
}
