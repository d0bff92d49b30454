//! A document between its arrival and its reading: in memory while it is small, on the disk while it waits and is not. In:
//! a body. Out: a feed whose entries are read one at a time where there are many.

use crate::feed::{Document, Entry, Feed, NotAFeed, OF_PAGES, Opened, open};
use crate::ids::Name;
use cm_net::Body;
use std::borrow::Cow;
use std::io::{self, Read};
use url::Url;

/// Texts of up to so many bytes are read once and whole; of longer ones only one entry is in memory at a time, and they are
/// read again for each look.
const WHOLE: usize = 1 << 20;
/// How far into a document the signs of a page are looked for.
const HEAD: u64 = 8 << 10;

/// A document as it arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// Its bytes, decompressed.
    pub(crate) body: Body,
    /// The charset of its Content-Type.
    pub(crate) charset: Option<String>,
    /// What its relative addresses are relative to.
    pub(crate) base: Option<Url>,
}

impl Arrived {
    /// Its beginning.
    pub(crate) fn head(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.body.reader()?.take(most).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Whether it may be a page, so that feeds have to be looked for in it; whoever reads it knows better.
    pub(crate) fn may_be_a_page(&mut self) -> io::Result<bool> {
        let head = self.head(HEAD)?;
        // Whatever is not written in one byte a letter is better decoded first.
        if head.contains(&0) {
            return Ok(true);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let feed = ["<rss", "<feed", "<rdf:rdf", "<channel", "jsonfeed.org"];
        Ok(!feed.iter().any(|sign| head.contains(sign)) && OF_PAGES.iter().any(|sign| head.contains(sign)))
    }

    /// So much of it in memory.
    pub(crate) fn beginning(&mut self, most: u64) -> io::Result<Document> {
        Ok(Document { bytes: self.head(most)?, charset: self.charset.clone(), base: self.base.clone() })
    }

    /// All of it in memory.
    pub(crate) fn document(self) -> io::Result<Document> {
        Ok(Document { bytes: self.body.into_bytes()?, charset: self.charset, base: self.base })
    }
}

/// The entries of a feed, all of them or one at a time.
#[derive(Clone, Debug)]
pub(crate) enum Entries {
    /// Read before.
    Whole(Vec<Entry>),
    /// Read at each look.
    Lazy(Box<Opened>),
}

impl Entries {
    /// In the order of the document.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = Cow<'_, Entry>> + '_> {
        match self {
            Entries::Whole(entries) => Box::new(entries.iter().map(Cow::Borrowed)),
            Entries::Lazy(opened) => Box::new(opened.entries().map(Cow::Owned)),
        }
    }
}

/// Opens a document.
pub(crate) fn opened(document: Document) -> Result<Feed<Entries>, NotAFeed> {
    let base = document.base.clone();
    let mut opened = open(document.into_text(), base.as_ref())?;
    let (head, facts) = (std::mem::take(&mut opened.head), opened.facts.clone());
    let entries = match opened.len() <= WHOLE {
        true => Entries::Whole(opened.entries().collect()),
        false => Entries::Lazy(Box::new(opened)),
    };
    Ok(Feed { head, facts, entries })
}

impl From<Feed> for Feed<Entries> {
    fn from(feed: Feed) -> Feed<Entries> {
        Feed { head: feed.head, facts: feed.facts, entries: Entries::Whole(feed.entries) }
    }
}

impl Feed<Entries> {
    /// What the entries are told apart by; `by_content`, with their words.
    pub(crate) fn names(&self, by_content: bool) -> Vec<Name<'_>> {
        match &self.entries {
            Entries::Whole(entries) => entries.iter().map(Name::of).collect(),
            Entries::Lazy(opened) => {
                let words = by_content || self.facts.repeats;
                let mut names = Vec::with_capacity(self.facts.entries);
                names.extend(opened.entries().map(|entry| Name::alone(entry, words)));
                names
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Policy, identify};
    use std::collections::HashSet;

    fn arrived(text: &str) -> Arrived {
        Arrived { body: text.as_bytes().to_vec().into(), charset: None, base: None }
    }

    #[test]
    fn pages_are_told_from_feeds() {
        let page = |text: &str| arrived(text).may_be_a_page().unwrap();
        assert!(page("<!DOCTYPE html><html><head>") && page("<HTML>") && page("\0<\0h\0t\0m\0l"));
        assert!(!page("<rss><channel>") && !page("<feed><link rel='self'/>") && !page("{\"items\":[]}"));
    }

    #[test]
    fn a_long_document_has_the_ids_of_a_short_one() {
        let item = |n: usize| {
            let guid = if n.is_multiple_of(3) { format!("<guid>g{n}</guid>") } else { String::new() };
            let link = if n.is_multiple_of(2) {
                format!("<link>https://a.example/{n}</link>")
            } else {
                String::new()
            };
            format!(
                "<item>{guid}{link}<title>{n}</title><description>{}</description></item>",
                "word ".repeat(300)
            )
        };
        let items: String = (0..1000).map(item).collect();
        let bytes =
            format!("<rss version='2.0'><channel><title>T</title>{items}</channel></rss>").into_bytes();
        assert!(bytes.len() > WHOLE);
        let lazy = opened(Document { bytes: bytes.clone(), ..Document::default() }).unwrap();
        assert!(matches!(lazy.entries, Entries::Lazy(_)));
        let whole = crate::feed::read(&Document { bytes, ..Document::default() }).unwrap();
        assert!(lazy.entries.iter().map(Cow::into_owned).eq(whole.entries.clone()));
        let ids = |names: &[Name<'_>]| identify("https://a.example/", names, &HashSet::new(), Policy::Auto);
        assert_eq!(ids(&lazy.names(false)), ids(&Feed::<Entries>::from(whole).names(false)));
    }
}
