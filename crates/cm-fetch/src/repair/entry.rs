//! One entry of any format, written as an Atom entry; what Atom has no words for stands beside it.

use super::Element;
use super::names::Ns;
use super::people::authors;
use super::scope::{Scope, TITLES, atom_link, first, language, plain, rel, web_address};
use super::texts::said;
use super::xml::{attribute, link, tag, write_said};
use crate::dates;
use std::collections::BTreeSet;
use url::Url;

/// What is known of an entry beside its Atom form.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Its native id as written: guid, Atom id or `rdf:about`.
    pub(crate) native: Option<String>,
    /// Permalink.
    pub(crate) url: Option<String>,
    /// What it is about.
    pub(crate) external_url: Option<String>,
    /// RFC 4685 `thr:in-reply-to`.
    pub(crate) in_reply_to: Option<String>,
    /// How many comments it says it has.
    pub(crate) replies: Option<u64>,
    /// How long its first enclosure plays.
    pub(crate) seconds: Option<u64>,
    /// BCP 47, its own or its feed's.
    pub(crate) language: Option<String>,
    /// The document ended inside it.
    pub(crate) cut_off: bool,
}

/// An entry that is being written.
pub(super) struct Entry<'a> {
    /// Its element.
    pub(super) element: &'a Element,
    /// Where it stands.
    pub(super) scope: Scope,
}

impl Entry<'_> {
    /// Its clean form, with its ordinal for an id, and the facts beside it.
    pub(super) fn write(&self, ordinal: usize) -> (String, Facts) {
        let mut xml = format!("<entry><id>{ordinal}</id>");
        let facts = self.facts();
        if let Some(title) = first(self.element, &TITLES, said) {
            write_said(&mut xml, "title", &title);
        }
        if let Some(url) = &facts.url {
            link(&mut xml, "alternate", url, None, None);
        }
        self.write_enclosures(&mut xml);
        self.write_dates(&mut xml);
        for author in authors(self.element) {
            author.write(&mut xml, &self.scope);
        }
        for tag in self.tags() {
            xml.push_str("<category");
            attribute(&mut xml, "term", &tag);
            xml.push_str("/>");
        }
        self.write_texts(&mut xml);
        self.write_media(&mut xml);
        xml.push_str("</entry>");
        (xml, facts)
    }

    fn facts(&self) -> Facts {
        let guid = first(
            self.element,
            &[(Ns::Core, "guid"), (Ns::Atom, "id"), (Ns::Core, "id"), (Ns::Dc, "identifier")],
            plain,
        );
        let about =
            || self.element.attribute("rdf:about").filter(|about| !about.is_empty()).map(str::to_owned);
        let reply = |e: &Element| e.attribute("ref").or_else(|| e.attribute("href")).map(str::to_owned);
        let count = |e: &Element| plain(e)?.parse().ok();
        let own_language = first(self.element, &[(Ns::Dc, "language")], plain).and_then(|tag| language(&tag));
        let content_language = first(self.element, &[(Ns::Atom, "content"), (Ns::Atom, "title")], |e| {
            e.attribute("xml:lang").map(str::to_owned)
        })
        .and_then(|tag| language(&tag));
        Facts {
            native: guid.or_else(about),
            url: self.url(),
            external_url: atom_link(self.element, &self.scope, |rel| rel == "related"),
            in_reply_to: first(self.element, &[(Ns::Thr, "in-reply-to")], reply).filter(|id| !id.is_empty()),
            seconds: first(self.element, &[(Ns::Itunes, "duration")], plain).and_then(|text| seconds(&text)),
            replies: first(self.element, &[(Ns::Slash, "comments"), (Ns::Thr, "total")], count),
            language: own_language.or_else(|| self.scope.language.clone()).or(content_language),
            cut_off: !self.element.closed,
        }
    }

    fn url(&self) -> Option<String> {
        let text = |e: &Element| self.scope.within(e).resolve(&plain(e)?);
        let permalink = |e: &Element| {
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
            .or_else(|| first(self.element, &[(Ns::Atom, "id")], |e| web_address(&plain(e)?)))
    }

    fn write_enclosures(&self, xml: &mut String) {
        for e in self.element.elements() {
            let enclosure = e.is(Ns::Core, "enclosure") || (e.is(Ns::Atom, "link") && rel(e) == "enclosure");
            let address =
                e.attribute("url").or_else(|| e.attribute("href")).or_else(|| e.attribute("rdf:resource"));
            if let Some(url) = address.filter(|_| enclosure).and_then(|url| self.scope.within(e).resolve(url))
            {
                link(xml, "enclosure", &url, e.attribute("type"), e.attribute("length"));
            }
        }
    }

    fn write_dates(&self, xml: &mut String) {
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
        let date = |e: &Element| plain(e).filter(|text| dates::parse(text).is_some());
        let lastmod = || self.element.attribute("lastmod").map(str::to_owned);
        if let Some(published) = first(self.element, &PUBLISHED, date) {
            tag(xml, "published", &published);
        }
        if let Some(updated) = first(self.element, &UPDATED, date).or_else(lastmod) {
            tag(xml, "updated", &updated);
        }
    }

    fn tags(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut tags = Vec::new();
        for e in self.element.elements() {
            let text = e.text();
            let found: Vec<&str> = match (e.ns, e.name.as_str()) {
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
        tags
    }

    /// The content, and a summary beside it; where there is one text only, it is the content.
    fn write_texts(&self, xml: &mut String) {
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
                write_said(xml, "content", &content);
                if let Some(summary) = summary.filter(|s| s.source() != content.source()) {
                    write_said(xml, "summary", &summary);
                }
            }
            (None, Some(summary)) => write_said(xml, "content", &summary),
            (None, None) => {
                let described = self.media().find(|e| e.name == "description").and_then(said);
                if let Some(text) = described {
                    write_said(xml, "content", &text);
                }
            }
        }
    }

    /// Media RSS elements, those in groups too.
    fn media(&self) -> impl Iterator<Item = &Element> {
        self.element.elements().flat_map(|e| {
            let grouped = e.elements().flat_map(|inner| std::iter::once(inner).chain(inner.elements()));
            let inside = matches!((e.ns, e.name.as_str()), (Ns::Media, "group" | "content"));
            std::iter::once(e).chain(grouped.filter(move |_| inside)).filter(|e| e.ns == Ns::Media)
        })
    }

    fn write_media(&self, xml: &mut String) {
        let picture = first(self.element, &[(Ns::Itunes, "image")], |e| {
            e.attribute("href").map(str::to_owned).or_else(|| plain(e))
        });
        let thumbnails = self
            .media()
            .filter(|e| e.name == "thumbnail")
            .filter_map(|e| e.attribute("url").map(str::to_owned));
        for content in self.media().filter(|e| e.name == "content") {
            let url = content.attribute("url").and_then(|url| self.scope.resolve(url));
            let Some(url) = url.filter(|url| Url::parse(url).is_ok()) else { continue };
            xml.push_str("<media:content");
            attribute(xml, "url", &url);
            for (name, value) in [
                ("type", media_type(content)),
                ("fileSize", number(content, "filesize")),
                ("duration", number(content, "duration")),
            ] {
                if let Some(value) = value {
                    attribute(xml, name, &value);
                }
            }
            xml.push_str("/>");
        }
        for url in picture.into_iter().chain(thumbnails).filter_map(|url| self.scope.resolve(&url)).take(1) {
            xml.push_str("<media:thumbnail");
            attribute(xml, "url", &url);
            xml.push_str("/>");
        }
    }
}

/// `3600`, `60:00`, `1:00:00`.
fn seconds(text: &str) -> Option<u64> {
    text.split(':').try_fold(0u64, |sum, part| sum.checked_mul(60)?.checked_add(part.trim().parse().ok()?))
}

fn number(element: &Element, name: &str) -> Option<String> {
    element.attribute(name)?.parse::<u64>().ok().map(|n| n.to_string())
}

/// Where it is missing, or no media type, the name's ending tells later.
fn media_type(content: &Element) -> Option<String> {
    content.attribute("type").filter(|t| t.split('/').count() == 2).map(str::to_owned)
}
