//! The one clean form: any feed's tree written as Atom 1.0, which feed-rs reads.
//! In: a decoded document and the address it came from. Out: the head, one entry element per entry of the original, in its
//! order, and the facts that Atom has no words for.

use super::names::Ns;
use super::texts::{Said, escape, said};
use super::{Element, Node, parse};
use crate::dates;
use std::collections::BTreeSet;
use url::Url;

/// A feed in its clean form.
pub(crate) struct Canonical {
    head: String,
    entries: Vec<String>,
    /// One per entry.
    pub(crate) facts: Vec<Facts>,
    /// Of the feed itself.
    pub(crate) feed: FeedFacts,
    /// The document ends before its root is closed.
    pub(crate) cut_off: bool,
}

/// What is known of a feed beside its Atom form.
#[derive(Debug, Default)]
pub(crate) struct FeedFacts {
    /// Its own address, by its own words.
    pub(crate) self_url: Option<String>,
    /// What made it.
    pub(crate) generator: Option<String>,
    /// How long it asks to be left alone, in minutes.
    pub(crate) ttl_minutes: Option<u64>,
}

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

impl Canonical {
    /// The whole document.
    pub(crate) fn document(&self) -> String {
        format!("{}{}</feed>", self.head, self.entries.concat())
    }

    /// A document with one of its entries.
    pub(crate) fn document_of(&self, entry: usize) -> String {
        let entry = self.entries.get(entry).map_or("", String::as_str);
        format!("{}{entry}</feed>", self.head)
    }
}

/// Where an element stands: what its relative addresses are relative to, and its language.
#[derive(Clone)]
struct Scope {
    base: Option<Url>,
    language: Option<String>,
}

impl Scope {
    fn within(&self, element: &Element) -> Scope {
        let base = element
            .attribute("xml:base")
            .or_else(|| element.attribute("base"))
            .filter(|base| !base.is_empty());
        Scope {
            base: base
                .and_then(|base| self.resolve(base))
                .and_then(|url| url.parse().ok())
                .or_else(|| self.base.clone()),
            language: element.attribute("xml:lang").map_or_else(|| self.language.clone(), language),
        }
    }

    /// An address made absolute where that is possible; white space inside is a line break of the writer.
    fn resolve(&self, address: &str) -> Option<String> {
        let address: String = address.trim().chars().filter(|c| !c.is_control()).collect();
        if address.is_empty() {
            return None;
        }
        match (Url::parse(&address), &self.base) {
            (Err(url::ParseError::RelativeUrlWithoutBase), Some(base)) => {
                base.join(&address).ok().map(String::from).or(Some(address))
            }
            _ => Some(address),
        }
    }
}

/// Finds the feed in a document and writes it in the clean form; `None` when there is none.
pub(crate) fn canonical(text: &str, base: Option<&Url>) -> Option<Canonical> {
    let (nodes, cut_off) = parse(text);
    let root = nodes.iter().filter_map(element).find_map(find_root)?;
    let outer = Scope { base: base.cloned(), language: None };
    let root_scope = outer.within(root);
    let channel = root.elements().find(|e| e.name == "channel" || e.name == "head").unwrap_or(root);
    let mut scope = if std::ptr::eq(root, channel) { root_scope.clone() } else { root_scope.within(channel) };
    let (head, feed) = write_head(root, channel, &mut scope);
    let mut found = Vec::new();
    collect_entries(root, &outer, &mut found);
    let (mut entries, mut facts) = (Vec::new(), Vec::new());
    for (ordinal, (entry, around)) in found.into_iter().enumerate() {
        let around = Scope {
            language: around.language.or_else(|| scope.language.clone()),
            base: around.base.or_else(|| scope.base.clone()),
        };
        let (xml, fact) = Entry { element: entry, scope: around.within(entry) }.write(ordinal);
        entries.push(xml);
        facts.push(fact);
    }
    Some(Canonical { head, entries, facts, feed, cut_off })
}

fn element(node: &Node) -> Option<&Element> {
    match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    }
}

fn find_root(element: &Element) -> Option<&Element> {
    let known = matches!(element.ns, Ns::Core | Ns::Atom | Ns::Rdf)
        && matches!(element.name.as_str(), "rss" | "rdf" | "feed" | "channel" | "entry" | "item");
    if known {
        return Some(element);
    }
    // A page may speak of feeds; only a wrapper that is no page is looked into.
    if matches!(element.name.as_str(), "html" | "body" | "head" | "opml") {
        return None;
    }
    element.elements().find_map(find_root)
}

fn collect_entries<'a>(element: &'a Element, around: &Scope, found: &mut Vec<(&'a Element, Scope)>) {
    if element.is_entry() {
        found.push((element, around.clone()));
        return;
    }
    let scope = around.within(element);
    for child in element.elements() {
        collect_entries(child, &scope, found);
    }
}

/// The first child of one of these kinds that has something to say, in the order of the kinds.
fn first<'a, T>(
    element: &'a Element,
    kinds: &[(Ns, &str)],
    read: impl Fn(&'a Element) -> Option<T>,
) -> Option<T> {
    kinds.iter().find_map(|(ns, name)| element.elements().filter(|e| e.is(*ns, name)).find_map(&read))
}

fn plain(element: &Element) -> Option<String> {
    Some(element.text().trim().to_owned()).filter(|text| !text.is_empty())
}

fn web_address(text: &str) -> Option<String> {
    let scheme = text.split_once("://")?.0.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https").then(|| text.to_owned())
}

fn language(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let good = parts
        .next()
        .is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    (good && !tag.eq_ignore_ascii_case("und")).then_some(tag)
}

const TITLES: [(Ns, &str); 5] = [
    (Ns::Atom, "title"),
    (Ns::Core, "title"),
    (Ns::Dc, "title"),
    (Ns::Itunes, "title"),
    (Ns::Media, "title"),
];

fn write_head(root: &Element, channel: &Element, scope: &mut Scope) -> (String, FeedFacts) {
    let said_language =
        first(channel, &[(Ns::Core, "language"), (Ns::Dc, "language")], plain).and_then(|tag| language(&tag));
    scope.language = said_language.or_else(|| scope.language.clone());
    let self_url = atom_link(channel, scope, |rel| rel == "self")
        .or_else(|| atom_link(root, scope, |rel| rel == "self"));
    let home = home_page(channel, scope);
    if scope.base.is_none() {
        scope.base = [&home, &self_url].into_iter().flatten().find_map(|url| url.parse().ok());
    }
    let mut xml = String::from(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\"",
    );
    if let Some(language) = &scope.language {
        attribute(&mut xml, "xml:lang", language);
    }
    xml.push('>');
    if let Some(title) = first(channel, &TITLES, said) {
        write_said(&mut xml, "title", &title);
    }
    if let Some(home) = &home {
        link(&mut xml, "alternate", home, None, None);
    }
    for author in authors(channel) {
        author.write(&mut xml, scope);
    }
    let generator = first(channel, &[(Ns::Core, "generator"), (Ns::Atom, "generator")], |e| {
        Some(format!("{} {}", e.text().trim(), e.attribute("uri").or(e.attribute("url")).unwrap_or_default()))
    });
    let ttl_minutes = first(channel, &[(Ns::Core, "ttl")], plain).and_then(|ttl| ttl.parse().ok());
    (xml, FeedFacts { self_url, generator, ttl_minutes })
}

fn home_page(channel: &Element, scope: &Scope) -> Option<String> {
    let core = first(channel, &[(Ns::Core, "link")], |e| {
        plain(e).or_else(|| e.attribute("href").map(str::to_owned))
    });
    core.filter(|link| !link.trim().is_empty())
        .and_then(|link| scope.resolve(&link))
        .or_else(|| atom_link(channel, scope, |rel| rel == "alternate"))
        .or_else(|| channel.attribute("href").and_then(|href| scope.resolve(href)))
}

/// The first Atom link of a kind; one to a page before others.
fn atom_link(element: &Element, scope: &Scope, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut links: Vec<&Element> = element
        .elements()
        .filter(|e| {
            e.name == "link" && (e.ns == Ns::Atom || (e.ns == Ns::Core && e.attribute("href").is_some()))
        })
        .filter(|e| wanted(&rel(e)))
        .collect();
    links.sort_by_key(|e| e.attribute("type").is_some_and(|t| !t.contains("html")));
    links
        .iter()
        .find_map(|e| scope.within(e).resolve(&e.attribute("href").map(str::to_owned).or_else(|| plain(e))?))
}

fn rel(link: &Element) -> String {
    let rel = link.attribute("rel").filter(|rel| !rel.is_empty()).unwrap_or("alternate");
    rel.rsplit('/').next().unwrap_or(rel).to_ascii_lowercase()
}

/// An entry that is being written.
struct Entry<'a> {
    element: &'a Element,
    scope: Scope,
}

impl Entry<'_> {
    fn write(&self, ordinal: usize) -> (String, Facts) {
        let mut xml = format!("<entry><id>{ordinal}</id>");
        let facts = self.facts();
        if let Some(title) = self.first(&TITLES, said) {
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

    fn first<T>(&self, kinds: &[(Ns, &str)], read: impl Fn(&Element) -> Option<T>) -> Option<T> {
        kinds
            .iter()
            .find_map(|(ns, name)| self.element.elements().filter(|e| e.is(*ns, name)).find_map(&read))
    }

    fn facts(&self) -> Facts {
        let guid = self
            .first(&[(Ns::Core, "guid"), (Ns::Atom, "id"), (Ns::Core, "id"), (Ns::Dc, "identifier")], plain);
        let about =
            || self.element.attribute("rdf:about").filter(|about| !about.is_empty()).map(str::to_owned);
        let reply = |e: &Element| e.attribute("ref").or_else(|| e.attribute("href")).map(str::to_owned);
        let count = |e: &Element| plain(e)?.parse().ok();
        let own_language = self.first(&[(Ns::Dc, "language")], plain).and_then(|tag| language(&tag));
        let content_language = self
            .first(&[(Ns::Atom, "content"), (Ns::Atom, "title")], |e| {
                e.attribute("xml:lang").map(str::to_owned)
            })
            .and_then(|tag| language(&tag));
        Facts {
            native: guid.or_else(about),
            url: self.url(),
            external_url: atom_link(self.element, &self.scope, |rel| rel == "related"),
            in_reply_to: self.first(&[(Ns::Thr, "in-reply-to")], reply).filter(|id| !id.is_empty()),
            seconds: self.first(&[(Ns::Itunes, "duration")], plain).and_then(|text| seconds(&text)),
            replies: self.first(&[(Ns::Slash, "comments"), (Ns::Thr, "total")], count),
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
        self.first(&[(Ns::Core, "link")], text)
            .or_else(|| atom_link(self.element, &self.scope, |rel| rel == "alternate"))
            .or_else(|| self.first(&[(Ns::Core, "guid")], permalink))
            .or_else(|| self.element.attribute("href").and_then(|href| self.scope.resolve(href)))
            .or_else(|| self.first(&[(Ns::Core, "a")], |e| self.scope.resolve(e.attribute("href")?)))
            .or_else(|| {
                self.first(&[(Ns::Atom, "content")], |e| self.scope.within(e).resolve(e.attribute("src")?))
            })
            .or_else(|| self.element.attribute("rdf:about").and_then(web_address))
            // An Atom id that is a web address is, more often than not, where the entry stands.
            .or_else(|| self.first(&[(Ns::Atom, "id")], |e| web_address(&plain(e)?)))
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
        if let Some(published) = self.first(&PUBLISHED, date) {
            tag(xml, "published", &published);
        }
        if let Some(updated) = self.first(&UPDATED, date).or_else(lastmod) {
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
        const CONTENT: [(Ns, &str); 5] = [
            (Ns::Content, "encoded"),
            (Ns::Atom, "content"),
            (Ns::Xhtml, "body"),
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
        let summary = self.first(&SUMMARY, said);
        match (self.first(&CONTENT, said), summary) {
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
        let picture = self
            .first(&[(Ns::Itunes, "image")], |e| e.attribute("href").map(str::to_owned).or_else(|| plain(e)));
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

fn media_type(content: &Element) -> Option<String> {
    let written = content.attribute("type").filter(|t| t.split('/').count() == 2).map(str::to_owned);
    written.or_else(|| match content.attribute("medium")? {
        medium @ ("image" | "video" | "audio") => Some(format!("{medium}/*")),
        _ => None,
    })
}

/// Somebody who wrote.
#[derive(Debug, Default, PartialEq)]
struct Person {
    name: Option<String>,
    uri: Option<String>,
    email: Option<String>,
}

impl Person {
    fn write(&self, xml: &mut String, scope: &Scope) {
        xml.push_str("<author>");
        let name = self.name.as_ref().or(self.email.as_ref());
        for (element, value) in [("name", name), ("uri", self.uri.as_ref()), ("email", self.email.as_ref())] {
            match value {
                Some(uri) if element == "uri" => tag(xml, "uri", &scope.resolve(uri).unwrap_or_default()),
                Some(value) => tag(xml, element, value),
                None => {}
            }
        }
        xml.push_str("</author>");
    }
}

/// The authors of a feed or entry: the first vocabulary that names any.
fn authors(element: &Element) -> Vec<Person> {
    const KINDS: [(Ns, &str); 6] = [
        (Ns::Atom, "author"),
        (Ns::Dc, "creator"),
        (Ns::Core, "author"),
        (Ns::Itunes, "author"),
        (Ns::Dc, "author"),
        (Ns::Core, "managingeditor"),
    ];
    let of_kind = |(ns, name): &(Ns, &str)| {
        let people: Vec<Person> = element.elements().filter(|e| e.is(*ns, name)).filter_map(person).collect();
        (!people.is_empty()).then_some(people)
    };
    KINDS.iter().find_map(of_kind).unwrap_or_default()
}

fn person(element: &Element) -> Option<Person> {
    let part = |names: &[&str]| element.elements().find(|e| names.contains(&e.name.as_str())).and_then(plain);
    let person = if element.elements().next().is_some() {
        Person { name: part(&["name"]), uri: part(&["uri", "url", "homepage"]), email: part(&["email"]) }
    } else {
        written_person(&plain(element)?)
    };
    (person != Person::default()).then_some(person)
}

/// `ana@news.example (Ana Ruiz)`, `Ana Ruiz <ana@news.example>`, `ana@news.example`, `Ana Ruiz`.
fn written_person(text: &str) -> Person {
    let cut = |open, close| -> Option<(String, String)> {
        let (outside, inside) = text.split_once(open)?;
        Some((outside.trim().to_owned(), inside.trim_end().strip_suffix(close)?.trim().to_owned()))
    };
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let (name, email) = match cut('(', ')').or_else(|| cut('<', '>')) {
        Some((a, b)) if a.contains('@') => (filled(b), Some(a)),
        Some((a, b)) if b.contains('@') => (filled(a), Some(b)),
        _ if text.contains('@') && !text.contains(' ') => (None, Some(text.to_owned())),
        _ => (Some(text.to_owned()), None),
    };
    Person { name, uri: None, email }
}

fn write_said(xml: &mut String, name: &str, said: &Said) {
    let (kind, text) = match said {
        Said::Plain(text) => ("text", text),
        Said::Html(text) => ("html", text),
    };
    xml.push_str(&format!("<{name} type=\"{kind}\">"));
    escape(text, xml);
    xml.push_str(&format!("</{name}>"));
}

fn tag(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>"));
    escape(text, xml);
    xml.push_str(&format!("</{name}>"));
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    xml.push_str(&format!(" {name}=\""));
    escape(value, xml);
    xml.push('"');
}

fn link(xml: &mut String, rel: &str, href: &str, kind: Option<&str>, length: Option<&str>) {
    xml.push_str("<link");
    attribute(xml, "rel", rel);
    attribute(xml, "href", href);
    for (name, value) in [("type", kind), ("length", length)] {
        if let Some(value) = value {
            attribute(xml, name, value);
        }
    }
    xml.push_str("/>");
}
