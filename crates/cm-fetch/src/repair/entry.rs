//! One entry of any format.
//! In: its element and where it stands. Out: the entry as all readers of feeds give it.

use super::Element;
use super::names::Ns;
use super::people::authors;
use super::scope::{Scope, TITLES, atom_link, atom_links, first, language, plain, rel, web_address};
use super::texts::{Said, said};
use crate::dates::{self, written};
use crate::feed::{Entry, MOST_PARTS, media_type};
use chrono::{DateTime, Utc};
use cm_record::{Attachment, Author};
use std::collections::BTreeSet;
use url::Url;

/// An entry that is being read.
pub(super) struct Reader<'e, 'a> {
    /// Its element.
    pub(super) element: &'e Element<'a>,
    /// What is in force in it.
    pub(super) scope: Scope,
}

impl<'e, 'a> Reader<'e, 'a> {
    /// The entry; `inherited` are the authors of its feed.
    pub(super) fn read(&self, inherited: &[Author]) -> Entry {
        let (content, summary) = self.texts();
        let mut authors = authors(self.element, &self.scope);
        if authors.is_empty() {
            authors = inherited.to_vec();
        }
        let text = content.as_ref().map(Said::text).unwrap_or_default();
        let Dates { published, modified, written } = self.dates();
        Entry {
            native: self.native(),
            url: self.url(),
            external_url: atom_link(self.element, &self.scope, |rel| rel == "related"),
            title: first(self.element, &TITLES, said).and_then(|title| title.line()),
            summary: summary.map(|summary| summary.text()).filter(|summary| !summary.is_empty()),
            html: match content {
                Some(Said::Html(html)) => Some(html.trim().to_owned()),
                _ => None,
            },
            text,
            published,
            modified,
            written_date: written,
            language: self.language(),
            authors,
            tags: self.tags(),
            image: self.image(),
            attachments: self.attachments(),
            in_reply_to: self.in_reply_to(),
            replies: self.replies(),
            thread: None,
            comments_feed: self.comments_feed(),
            cut_off: !self.element.closed,
            social: None,
        }
    }

    /// Its own id, as written: guid, Atom id or `rdf:about`.
    pub(super) fn native(&self) -> Option<String> {
        const IDS: [(Ns, &str); 4] =
            [(Ns::Core, "guid"), (Ns::Atom, "id"), (Ns::Core, "id"), (Ns::Dc, "identifier")];
        let about = || self.element.attribute("rdf:about").filter(|about| !about.is_empty());
        first(self.element, &IDS, plain).or_else(|| about().map(str::to_owned))
    }

    /// Where it stands.
    pub(super) fn url(&self) -> Option<String> {
        let text = |e: &Element<'_>| self.scope.within(e).resolve(&plain(e)?);
        let permalink = |e: &Element<'_>| {
            let denied = e.attribute("ispermalink").is_some_and(|v| v.eq_ignore_ascii_case("false"));
            if denied { None } else { web_address(&plain(e)?) }
        };
        first(self.element, &[(Ns::Core, "link")], text)
            .or_else(|| atom_link(self.element, &self.scope, |rel| rel == "alternate"))
            .or_else(|| first(self.element, &[(Ns::Core, "guid")], permalink))
            .or_else(|| self.element.attribute("href").and_then(|href| self.scope.resolve(href)))
            .or_else(|| first(self.element, &[(Ns::Core, "a")], |e| self.scope.resolve(e.attribute("href")?)))
            .or_else(|| {
                first(self.element, &[(Ns::Atom, "content")], |e| {
                    self.scope.within(e).resolve(e.attribute("src")?)
                })
            })
            .or_else(|| self.element.attribute("rdf:about").and_then(web_address))
            // An Atom id that is a web address is, more often than not, where the entry stands.
            .or_else(|| {
                first(self.element, &[(Ns::Atom, "id")], |e| {
                    let id = plain(e)?;
                    if id.starts_with('/') { self.scope.within(e).resolve(&id) } else { web_address(&id) }
                })
            })
    }

    /// RFC 4685 `thr:in-reply-to`.
    pub(super) fn in_reply_to(&self) -> Option<String> {
        let reply = |e: &Element<'_>| e.attribute("ref").or_else(|| e.attribute("href")).map(str::to_owned);
        first(self.element, &[(Ns::Thr, "in-reply-to")], reply).filter(|id| !id.is_empty())
    }

    /// How many comments it says it has.
    pub(super) fn replies(&self) -> Option<u64> {
        first(self.element, &[(Ns::Slash, "comments"), (Ns::Thr, "total")], |e| plain(e)?.parse().ok())
    }

    /// A feed of its comments: `wfw:commentRss`, else the first `rel="replies"` (RFC 4685) to something that is no page.
    fn comments_feed(&self) -> Option<String> {
        let text = |e: &Element<'_>| self.scope.within(e).resolve(&plain(e)?);
        let replies = || {
            let is_feed = |e: &&Element<'_>| {
                e.attribute("type").is_some_and(|kind| kind.contains("xml") && !kind.contains("html"))
            };
            let mut links = atom_links(self.element).filter(|e| rel(e) == "replies").filter(is_feed);
            links.find_map(|e| self.scope.within(e).resolve(e.attribute("href")?))
        };
        first(self.element, &[(Ns::Wfw, "commentrss")], text).or_else(replies)
    }

    /// BCP 47, its own or its feed's.
    fn language(&self) -> Option<String> {
        let own = first(self.element, &[(Ns::Dc, "language")], |e| language(&plain(e)?));
        let of_texts = || {
            first(self.element, &[(Ns::Atom, "content"), (Ns::Atom, "title")], |e| {
                language(e.attribute("xml:lang")?)
            })
        };
        own.or_else(|| self.scope.language.as_deref().map(str::to_owned)).or_else(of_texts)
    }

    /// When it was published and changed, and what is written of it.
    fn dates(&self) -> Dates {
        const PUBLISHED: [(Ns, &str); 10] = [
            (Ns::Core, "pubdate"),
            (Ns::Atom, "published"),
            (Ns::Core, "published"),
            (Ns::Atom, "issued"),
            (Ns::Terms, "issued"),
            (Ns::Dc, "date"),
            (Ns::Core, "date"),
            (Ns::Atom, "created"),
            (Ns::Terms, "created"),
            (Ns::Atom, "pubdate"),
        ];
        const UPDATED: [(Ns, &str); 5] = [
            (Ns::Atom, "updated"),
            (Ns::Atom, "modified"),
            (Ns::Terms, "modified"),
            (Ns::Core, "updated"),
            (Ns::Core, "lastmod"),
        ];
        let read = |kinds: &[(Ns, &str)]| {
            let of_kind = |(ns, name): &(Ns, &str)| {
                // The last of several: those before it are what it was once.
                let all = self.element.elements().filter(|e| e.is(*ns, name));
                all.filter_map(|e| Some((dates::parse(&e.text())?, written(&e.text())))).last()
            };
            kinds.iter().find_map(of_kind)
        };
        let lastmod = || self.element.attribute("lastmod");
        let (published, modified) = (read(&PUBLISHED), read(&UPDATED));
        let modified = modified.or_else(|| Some((dates::parse(lastmod()?)?, written(lastmod()?))));
        let unread =
            || first(self.element, &[&PUBLISHED[..], &UPDATED].concat(), plain).map(|text| written(&text));
        let understood = published.as_ref().or(modified.as_ref()).map(|(_, text)| text.clone());
        Dates {
            written: understood.or_else(unread).filter(|text| !text.is_empty()),
            published: published.map(|(at, _)| at),
            modified: modified.map(|(at, _)| at),
        }
    }

    fn tags(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut tags = Vec::new();
        for e in self.element.elements() {
            let text = e.text();
            let found: Vec<&str> = match (e.ns, &*e.name) {
                (Ns::Core | Ns::Atom, "category") => {
                    vec![e.attribute("label").or(e.attribute("term")).unwrap_or(&text)]
                }
                (Ns::Dc, "subject") => vec![&text],
                (Ns::Itunes | Ns::Media, "keywords") => text.split(',').collect(),
                _ => continue,
            };
            for tag in found {
                let tag = tag.trim().trim_start_matches('#');
                if !tag.is_empty() && seen.insert(tag.to_lowercase()) {
                    tags.push(tag.to_owned());
                }
            }
        }
        tags.truncate(MOST_PARTS);
        tags
    }

    /// The content, and a summary beside it; where there is one text only, it is the content.
    fn texts(&self) -> (Option<Said<'e>>, Option<Said<'e>>) {
        const CONTENT: [(Ns, &str); 6] = [
            (Ns::Content, "encoded"),
            (Ns::Atom, "content"),
            (Ns::Xhtml, "body"),
            (Ns::Core, "body"),
            (Ns::Core, "content"),
            (Ns::Core, "fullitem"),
        ];
        const SUMMARY: [(Ns, &str); 8] = [
            (Ns::Atom, "summary"),
            (Ns::Core, "description"),
            (Ns::Core, "abstract"),
            (Ns::Core, "summary"),
            (Ns::Itunes, "summary"),
            (Ns::Dc, "description"),
            (Ns::Terms, "abstract"),
            (Ns::Itunes, "subtitle"),
        ];
        let summary = first(self.element, &SUMMARY, said);
        match (first(self.element, &CONTENT, said), summary) {
            (Some(content), summary) => {
                let differs = summary.filter(|summary| summary.source() != content.source());
                (Some(content), differs)
            }
            (None, Some(summary)) => (Some(summary), None),
            (None, None) => (self.media().find(|e| e.name == "description").and_then(said), None),
        }
    }

    /// Media RSS elements, those in groups too.
    fn media(&self) -> impl Iterator<Item = &'e Element<'a>> {
        self.element.elements().flat_map(|e| {
            let grouped = e.elements().flat_map(|inner| std::iter::once(inner).chain(inner.elements()));
            let inside = matches!((e.ns, &*e.name), (Ns::Media, "group" | "content"));
            std::iter::once(e).chain(grouped.filter(move |_| inside)).filter(|e| e.ns == Ns::Media)
        })
    }

    /// Its picture.
    fn image(&self) -> Option<String> {
        let href = |e: &Element<'_>| e.attribute("href").map(str::to_owned).or_else(|| plain(e));
        let picture = first(self.element, &[(Ns::Itunes, "image")], href);
        let thumbnail = |e: &'e Element<'a>| {
            if e.name == "thumbnail" { e.attribute("url").map(str::to_owned) } else { None }
        };
        let all = picture.into_iter().chain(self.media().filter_map(thumbnail));
        all.filter_map(|url| self.scope.resolve(&url)).next()
    }

    /// Enclosures, then Media RSS; an address once.
    fn attachments(&self) -> Vec<Attachment> {
        let mut all: Vec<Attachment> = Vec::new();
        let mut push = |one: Attachment| {
            if all.iter().all(|other| other.url != one.url) {
                all.push(one);
            }
        };
        let mut seconds =
            first(self.element, &[(Ns::Itunes, "duration")], plain).and_then(|text| seconds(&text));
        for e in self.element.elements().filter(|e| is_enclosure(e)).take(MOST_PARTS) {
            let address =
                e.attribute("url").or_else(|| e.attribute("href")).or_else(|| e.attribute("rdf:resource"));
            let Some(url) = address.and_then(|url| self.scope.within(e).resolve(url)) else { continue };
            let length = e.attribute("length").and_then(|length| length.parse().ok());
            push(attachment(e, url, length.filter(|size| *size > 0), seconds.take()));
        }
        for e in self.media().filter(|e| e.name == "content").take(MOST_PARTS) {
            let url = e.attribute("url").and_then(|url| self.scope.resolve(url));
            let Some(url) = url.filter(|url| Url::parse(url).is_ok()) else { continue };
            push(attachment(e, url, number(e, "filesize"), number(e, "duration").map(|n| n as f64)));
        }
        all
    }
}

/// The dates of an entry.
struct Dates {
    published: Option<DateTime<Utc>>,
    modified: Option<DateTime<Utc>>,
    written: Option<String>,
}

fn is_enclosure(e: &Element<'_>) -> bool {
    e.is(Ns::Core, "enclosure") || (e.is(Ns::Atom, "link") && rel(e) == "enclosure")
}

fn attachment(e: &Element<'_>, url: String, size: Option<u64>, seconds: Option<f64>) -> Attachment {
    // Where it is missing, or no media type, the name's ending tells.
    let kind = e.attribute("type").filter(|kind| kind.split('/').count() == 2);
    Attachment {
        mime_type: kind.unwrap_or_else(|| media_type(&url)).to_owned(),
        url: Url::parse(&url).map_or(url, String::from),
        title: None,
        size_in_bytes: size,
        duration_in_seconds: seconds,
    }
}

/// `3600`, `60:00`, `1:00:00`.
fn seconds(text: &str) -> Option<f64> {
    let all = text
        .split(':')
        .try_fold(0u64, |sum, part| sum.checked_mul(60)?.checked_add(part.trim().parse().ok()?));
    all.map(|seconds| seconds as f64)
}

fn number(element: &Element<'_>, name: &str) -> Option<u64> {
    element.attribute(name)?.parse().ok()
}
