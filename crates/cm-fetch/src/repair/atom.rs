//! The one clean form: any feed's tree written as Atom 1.0, which feed-rs reads.
//! In: a decoded document and the address it came from. Out: the head, one entry element per entry of the original, in its
//! order, and the facts that Atom has no words for.

use super::entry::{Entry, Facts};
use super::names::Ns;
use super::people::authors;
use super::scope::{Scope, TITLES, atom_link, first, language, plain};
use super::texts::said;
use super::xml::{attribute, link, write_said};
use super::{Element, Node, parse};
use crate::feed::MOST_ENTRIES;
use url::Url;

/// The root of the clean form, without the end of its tag.
const ROOT: &str = concat!(
    "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"",
    " xmlns:media=\"http://search.yahoo.com/mrss/\""
);

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

impl Canonical {
    /// The whole document.
    pub(crate) fn document(&self) -> String {
        format!("{}{}</feed>", self.head, self.entries.concat())
    }

    /// A document with nothing but its head.
    pub(crate) fn document_of_head(&self) -> String {
        format!("{}</feed>", self.head)
    }

    /// A document with nothing but one of its entries.
    pub(crate) fn document_of(&self, entry: usize) -> String {
        let entry = self.entries.get(entry).map_or("", String::as_str);
        format!("{ROOT}>{entry}</feed>")
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
    let cut_off = cut_off || found.len() > MOST_ENTRIES;
    found.truncate(MOST_ENTRIES);
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
    let mut xml = ROOT.to_owned();
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
