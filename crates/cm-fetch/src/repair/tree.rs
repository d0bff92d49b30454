//! The tree of a document in which everything is closed, whatever was left open.
//! In: text. Out: each entry as it closes, then the root with what stands in it beside its entries; or everything
//! (`parse`). Names in lower case, namespaces found, references resolved, depth and number of elements bounded.
//!
//! A document is walked twice, so that no more than one entry of it is in memory: first for what is to be known of the
//! whole (`Walk::survey`, which keeps of entries only what identifies them), then for the entries (`Walk::entries`).

use super::element::{Element, Keep, Node, from, lower, until};
use super::entities::{Declared, resolve};
use super::forgotten::{is_void, left_open};
use super::names::{Ns, of_prefix, of_uri};
use super::scan::{Scanner, Token};
use super::scope::Scope;
use std::borrow::Cow;
use std::collections::VecDeque;

/// Deeper elements are left out, their text stays.
const DEEPEST: usize = 100;
/// Elements and attributes of one entry, or of the feed beside its entries; of more only the text stays.
const MOST_KEPT: usize = 50_000;
/// Namespaces that are declared at one place at most: each element looks through them.
const MOST_SCOPES: usize = 256;
/// What identifies an entry, and shows whether it is a comment.
const GLANCE: [&str; 8] = ["guid", "id", "identifier", "link", "in-reply-to", "comments", "total", "a"];

/// What of a document is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Everything,
    Survey,
    Entries,
}

/// Builds the tree of a whole document: its top-level nodes, and whether it was cut off.
pub(crate) fn parse(text: &str) -> (Vec<Node<'_>>, bool) {
    let mut builder = Builder::new(Mode::Everything);
    for token in Scanner::new(text) {
        builder.take(token);
    }
    let cut_off = !builder.open.is_empty();
    builder.end_of_document();
    (builder.done, cut_off)
}

/// A walk through a document from entry to entry.
pub(crate) struct Walk<'a> {
    scanner: Scanner<'a>,
    builder: Builder<'a>,
    over: bool,
}

impl<'a> Walk<'a> {
    /// Keeps what stands beside the entries, and of entries what identifies them.
    pub(crate) fn survey(text: &'a str) -> Walk<'a> {
        Walk { scanner: Scanner::new(text), builder: Builder::new(Mode::Survey), over: false }
    }

    /// Keeps entries whole, one at a time; `around` is what surrounds the root.
    pub(crate) fn entries(text: &'a str, around: Scope) -> Walk<'a> {
        let builder = Builder { outer: around, ..Builder::new(Mode::Entries) };
        Walk { scanner: Scanner::new(text), builder, over: false }
    }

    /// The root, when the document has one and all of it was walked through.
    pub(crate) fn root(&self) -> Option<&Element<'a>> {
        self.builder.root.as_ref()
    }

    /// Whether the document ended before its root or an entry did.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.builder.cut_off
    }
}

impl<'a> Iterator for Walk<'a> {
    /// An entry, and the scope around it.
    type Item = (Element<'a>, Scope);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.builder.entries.pop_front() {
                return Some(entry);
            }
            if self.over {
                return None;
            }
            match self.scanner.next() {
                Some(token) => self.builder.take(token),
                None => {
                    self.over = true;
                    self.builder.end_of_document();
                }
            }
        }
    }
}

struct Builder<'a> {
    mode: Mode,
    /// Top-level nodes, when everything is kept.
    done: Vec<Node<'a>>,
    open: Vec<Element<'a>>,
    /// (prefix, vocabulary, depth at which it was declared)
    scopes: Vec<(Cow<'a, str>, Ns, usize)>,
    declared: Declared,
    /// Elements beyond `DEEPEST` or `MOST_KEPT` that are open.
    skipped: usize,
    /// Elements and attributes kept of this entry, or beside the entries.
    kept: (usize, usize),
    outer: Scope,
    /// Where in `open` stand the root, the entry, and the page that hides what is in it.
    root_at: Option<usize>,
    entry_at: Option<usize>,
    page_at: Option<usize>,
    channel_met: bool,
    root: Option<Element<'a>>,
    entries: VecDeque<(Element<'a>, Scope)>,
    cut_off: bool,
}

impl<'a> Builder<'a> {
    fn new(mode: Mode) -> Builder<'a> {
        Builder {
            mode,
            done: Vec::new(),
            open: Vec::new(),
            scopes: Vec::new(),
            declared: Declared::default(),
            skipped: 0,
            kept: (0, 0),
            outer: Scope::default(),
            root_at: None,
            entry_at: None,
            page_at: None,
            channel_met: false,
            root: None,
            entries: VecDeque::new(),
            cut_off: false,
        }
    }

    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::Text(text) => {
                if self.keeps_text() {
                    let text = resolve(text, &self.declared);
                    self.push_text(text);
                }
            }
            Token::Cdata(text) => self.push_text(Cow::Borrowed(text)),
            Token::Start { name, attributes, empty } => self.start(name, &attributes, empty),
            Token::End(name) => self.end(name),
            Token::Doctype(doctype) => self.declared.read(doctype),
        }
    }

    fn keeps_text(&self) -> bool {
        self.open.last().map_or(self.mode == Mode::Everything, |element| element.keep == Keep::All)
    }

    fn push_text(&mut self, text: Cow<'a, str>) {
        if !self.keeps_text() {
            return;
        }
        match (self.open.last_mut(), self.done.last_mut()) {
            (Some(element), _) => element.push_text(text),
            (None, Some(Node::Text(before))) => before.to_mut().push_str(&text),
            (None, _) => self.done.push(Node::Text(text)),
        }
    }

    fn start(&mut self, name: &'a str, attributes: &[(&'a str, &'a str)], empty: bool) {
        let name = lower(name);
        let depth = self.open.len();
        let mut read = self.attributes(attributes);
        let declared = self.declare(&read, depth);
        let (mut ns, local) = self.name(&name);
        let prefix_end = name.find(':');
        if let Some(meant) = self.meant(ns, &local, prefix_end.is_some()) {
            self.scopes.push((prefix_end.map_or(Cow::Borrowed(""), |at| until(&name, at)), meant, depth));
            ns = meant;
        }
        let mut element = Element {
            ns,
            name: local,
            attributes: Vec::new(),
            children: Vec::new(),
            closed: true,
            qualified: name,
            keep: Keep::Nothing,
        };
        if self.is_too_much(&element) {
            self.skipped += usize::from(!empty);
            self.scopes.truncate(self.scopes.len() - declared);
            return;
        }
        if element.is_entry() {
            self.skipped = 0;
        }
        self.close_to(left_open(&self.open, &element));
        // What was closed took the namespaces declared at its depth along: those of this element stand at its own depth.
        if self.open.len() < depth && declared > 0 {
            self.declare(&read, self.open.len());
        }
        element.keep = self.keep(&element);
        if element.keep != Keep::Nothing || self.mode == Mode::Everything || self.entry_at.is_none() {
            element.attributes.append(&mut read);
        }
        let void = empty || is_void(&element);
        self.open.push(element);
        if void {
            self.close_top(true);
        }
    }

    fn attributes(&self, written: &[(&'a str, &'a str)]) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let mut read: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::with_capacity(written.len());
        for (name, value) in written {
            let name = lower(name);
            if read.iter().all(|(n, _)| *n != name) {
                read.push((name, resolve(value, &self.declared)));
            }
        }
        read
    }

    /// Notes the namespaces that an element declares; how many.
    fn declare(&mut self, attributes: &[(Cow<'a, str>, Cow<'a, str>)], depth: usize) -> usize {
        let before = self.scopes.len();
        for (name, value) in attributes {
            let Some(rest) = name.strip_prefix("xmlns") else { continue };
            let Some(prefix) = (if rest.is_empty() { Some("") } else { rest.strip_prefix(':') }) else {
                continue;
            };
            if self.scopes.len() < MOST_SCOPES {
                let unknown = if prefix.is_empty() { Ns::Core } else { of_prefix(prefix) };
                let prefix = from(name, name.len() - prefix.len());
                self.scopes.push((prefix, of_uri(value).unwrap_or(unknown), depth));
            }
        }
        self.scopes.len() - before
    }

    /// What vocabulary the prefix of a root stands for, as its name says, whatever address that has.
    fn meant(&self, ns: Ns, local: &str, has_prefix: bool) -> Option<Ns> {
        if self.root_at.is_some() || self.root.is_some() || self.mode == Mode::Everything {
            return None;
        }
        match (local, ns) {
            ("feed", Ns::Core | Ns::Other) => Some(Ns::Atom),
            ("rss", Ns::Atom | Ns::Other) => Some(Ns::Core),
            ("rdf", Ns::Core | Ns::Other) if has_prefix => Some(Ns::Rdf),
            _ => None,
        }
    }

    /// The vocabulary of a qualified name, and the name without its prefix.
    fn name(&self, qualified: &Cow<'a, str>) -> (Ns, Cow<'a, str>) {
        let (prefix, at) = qualified.find(':').map_or(("", 0), |at| (&qualified[..at], at + 1));
        let ns = self.scopes.iter().rev().find(|(p, ..)| p == prefix).map(|(_, ns, _)| *ns);
        let ns = ns.unwrap_or_else(|| if prefix.is_empty() { Ns::Core } else { of_prefix(prefix) });
        (ns, from(qualified, at))
    }

    /// Whether an element is beyond what is kept of an entry, or too deep. An entry never is.
    fn is_too_much(&self, new: &Element<'a>) -> bool {
        let full = self.entry_at.is_some() && self.kept.1 >= MOST_KEPT;
        (self.open.len() >= DEEPEST || full) && !new.is_entry()
    }

    /// What of a new element is kept, and what it is.
    fn keep(&mut self, new: &Element<'a>) -> Keep {
        let parent = self.open.last().map(|element| element.keep);
        if self.mode == Mode::Everything {
            return Keep::All;
        }
        if let Some(entry) = self.entry_at {
            let child = self.open.len() == entry + 1;
            let asked = if child && self.mode == Mode::Survey {
                GLANCE.contains(&&*new.name)
            } else {
                parent == Some(Keep::All)
            };
            return self.counted(asked || (child && self.mode == Mode::Entries));
        }
        if self.page_at.is_some() {
            return Keep::Nothing;
        }
        if new.is_entry() {
            self.entry_at = Some(self.open.len());
            self.kept.1 = 0;
            return if self.mode == Mode::Survey { Keep::Chosen } else { Keep::All };
        }
        let beside = self.beside(new, parent);
        if self.mode == Mode::Survey { beside } else { Keep::Nothing }
    }

    /// Of an element outside all entries.
    fn beside(&mut self, new: &Element<'a>, parent: Option<Keep>) -> Keep {
        if self.root_at.is_none() && self.root.is_none() {
            if new.is_root() {
                self.root_at = Some(self.open.len());
                return Keep::Chosen;
            }
            // A page may speak of feeds; only a wrapper that is no page is looked into.
            if matches!(&*new.name, "html" | "body" | "head" | "opml") {
                self.page_at = Some(self.open.len());
            }
            return Keep::Nothing;
        }
        let in_root = self.root_at.is_some_and(|at| at + 1 == self.open.len());
        if in_root && !self.channel_met && matches!(&*new.name, "channel" | "head") {
            self.channel_met = true;
            return Keep::Chosen;
        }
        match parent {
            Some(Keep::Chosen) => self.counted(super::head::is_of_head(new)),
            Some(Keep::All) => self.counted(true),
            _ => Keep::Nothing,
        }
    }

    fn counted(&mut self, keep: bool) -> Keep {
        let count = if self.entry_at.is_some() { &mut self.kept.1 } else { &mut self.kept.0 };
        let keep = keep && *count < MOST_KEPT;
        *count += usize::from(keep);
        if keep { Keep::All } else { Keep::Nothing }
    }

    fn end(&mut self, name: &str) {
        let matches = |element: &Element<'a>| element.qualified.eq_ignore_ascii_case(name);
        let found = self.open.iter().rposition(matches);
        if self.skipped > 0 {
            // What surrounds the entry ends all that was left out in it.
            match found.filter(|at| *at <= self.entry_at.unwrap_or(0)) {
                Some(_) => self.skipped = 0,
                None => {
                    self.skipped -= 1;
                    return;
                }
            }
        }
        if let Some(at) = found {
            self.close_to(at);
        }
    }

    fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            self.close_top(true);
        }
    }

    fn close_top(&mut self, closed: bool) {
        let Some(mut element) = self.open.pop() else { return };
        let depth = self.open.len();
        element.closed = closed;
        while self.scopes.last().is_some_and(|(_, _, declared)| *declared >= depth) {
            self.scopes.pop();
        }
        if self.page_at == Some(depth) {
            self.page_at = None;
        }
        if self.entry_at == Some(depth) {
            self.entry_at = None;
            let around =
                self.open.iter().fold(self.outer.clone(), |scope, element| scope.into_inside(element));
            self.entries.push_back((element, around));
        } else if self.root_at == Some(depth) {
            self.root_at = None;
            self.root = Some(element);
        } else if element.keep != Keep::Nothing {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(Node::Element(element)),
                None => self.done.push(Node::Element(element)),
            }
        }
    }

    /// Closes what is open when the document ends: cut off, but for an entry that ends between two of its elements.
    fn end_of_document(&mut self) {
        self.cut_off = self.root_at.is_some() || self.entry_at.is_some();
        if self.open.last().is_some_and(Element::is_entry) {
            self.close_top(true);
        }
        while !self.open.is_empty() {
            self.close_top(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root(text: &str) -> Element<'_> {
        let (nodes, _) = parse(text);
        nodes.into_iter().find_map(|n| if let Node::Element(e) = n { Some(e) } else { None }).unwrap()
    }

    fn names<'e>(element: &'e Element<'_>) -> Vec<&'e str> {
        element.elements().map(|e| &*e.name).collect()
    }

    #[test]
    fn unclosed_items_are_siblings() {
        let channel = root("<channel><item><title>a<link>b</link><item><title>c</title></channel>");
        assert_eq!(names(&channel), ["item", "item"]);
        assert_eq!(names(channel.elements().next().unwrap()), ["title", "link"]);
    }

    #[test]
    fn void_elements_do_not_swallow_what_follows() {
        let d = root("<description>one<br>two<img src=x>three</description>");
        assert_eq!((names(&d), d.text()), (vec!["br", "img"], "onetwothree".into()));
    }

    #[test]
    fn cut_off_documents_tell_what_was_whole() {
        let (_, cut) = parse("<rss><channel><item><title>a</title></item></channel></rss>");
        assert!(!cut);
        let whole = root("<channel><item><title>a</title></item><item><title>b</title>");
        assert!(whole.elements().all(|item| item.closed));
        let cut = root("<channel><item><title>a</title></item><item><title>b");
        assert_eq!(cut.elements().map(|item| item.closed).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn namespaces_by_address_then_by_prefix() {
        let feed = root(
            "<feed xmlns='http://purl.org/atom/ns#'><media:title/><x:y xmlns:x='http://purl.org/dc/terms/'/><y/></feed>",
        );
        let found: Vec<Ns> = feed.elements().map(|e| e.ns).collect();
        assert_eq!(found, [Ns::Media, Ns::Terms, Ns::Atom]);
    }

    #[test]
    fn namespaces_end_with_their_element_and_are_bounded() {
        let feed = root("<feed xmlns='http://www.w3.org/2005/Atom'><a xmlns=''><b/></a><c/></feed>");
        let found: Vec<Ns> = feed.elements().map(|e| e.ns).collect();
        assert_eq!(found, [Ns::Core, Ns::Atom]);
        let mut builder = Builder::new(Mode::Everything);
        let names: Vec<String> = (0..4_500).map(|n| format!("xmlns:p{n}")).collect();
        for names in names.chunks(50) {
            let attributes: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "u:x")).collect();
            builder.start("a", &attributes, false);
        }
        assert_eq!(builder.scopes.len(), MOST_SCOPES);
        while !builder.open.is_empty() {
            builder.close_top(true);
        }
        assert_eq!(builder.scopes.len(), 0);
    }

    #[test]
    fn depth_is_bounded() {
        let text = "<a>x".repeat(100_000);
        let deep = root(&text);
        assert_eq!(deep.text().len(), 100_000);
    }

    proptest! {
        #[test]
        fn any_text_has_a_tree(text in "(<|>|/|item|entry|title|br|xmlns|:|=|&|;|'| ){0,80}") {
            let _ = parse(&text);
        }
    }
}
