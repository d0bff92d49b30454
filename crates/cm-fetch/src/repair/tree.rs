//! The tree of a document in which everything is closed, whatever was left open.
//! In: text. Out: top-level nodes; names in lower case, namespaces found, references resolved, depth bounded.

use super::entities::{Declared, resolve};
use super::names::{Ns, of_prefix, of_uri};
use super::scan::{Scanner, Token};

/// Deeper elements are left out, their text stays.
const DEEPEST: usize = 100;
/// Namespaces that are declared at one place at most: each element looks through them.
const MOST_SCOPES: usize = 256;
/// Elements that HTML never closes and no feed vocabulary uses.
const VOID: [&str; 9] = ["br", "hr", "img", "input", "wbr", "area", "embed", "col", "param"];
/// Elements of an entry that hold nothing but text: the next element closes one that was left open.
const LEAVES: [&str; 7] = ["title", "link", "guid", "pubdate", "comments", "author", "category"];
const IN_ENTRY: [&str; 10] = [
    "title",
    "link",
    "guid",
    "pubdate",
    "comments",
    "author",
    "category",
    "description",
    "enclosure",
    "source",
];

/// A node.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Text, references resolved.
    Text(String),
    /// An element.
    Element(Element),
}

/// An element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// Its vocabulary.
    pub(crate) ns: Ns,
    /// Its name without prefix, lower case.
    pub(crate) name: String,
    /// Qualified names in lower case, as written; the first of two equal ones.
    pub(crate) attributes: Vec<(String, String)>,
    /// What it holds.
    pub(crate) children: Vec<Node>,
    /// False when the document ended inside it.
    pub(crate) closed: bool,
    qualified: String,
}

impl Element {
    /// An attribute by its qualified name in lower case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// Its child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Whether it is that element of a vocabulary.
    pub(crate) fn is(&self, ns: Ns, name: &str) -> bool {
        self.ns == ns && self.name == name
    }

    /// Whether it is an entry of any format.
    pub(crate) fn is_entry(&self) -> bool {
        matches!(self.ns, Ns::Core | Ns::Atom) && matches!(self.name.as_str(), "item" | "entry")
    }

    /// All text in it, elements left out.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.collect_text(&mut text);
        text
    }

    fn collect_text(&self, into: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => into.push_str(text),
                Node::Element(element) => element.collect_text(into),
            }
        }
    }
}

/// Builds the tree of a document: its top-level nodes, and whether it was cut off.
pub(crate) fn parse(text: &str) -> (Vec<Node>, bool) {
    let mut builder = Builder::default();
    for token in Scanner::new(text) {
        builder.take(token);
    }
    let cut_off = !builder.open.is_empty();
    while builder.open.len() > builder.left_open() {
        builder.close_top(true);
    }
    while !builder.open.is_empty() {
        builder.close_top(false);
    }
    (builder.done, cut_off)
}

#[derive(Default)]
struct Builder {
    done: Vec<Node>,
    open: Vec<Element>,
    /// (prefix, vocabulary, depth at which it was declared)
    scopes: Vec<(String, Ns, usize)>,
    declared: Declared,
    /// Elements beyond `DEEPEST` that are open.
    skipped: usize,
}

impl Builder {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => {
                let text = resolve(text, &self.declared).into_owned();
                self.push_text(text);
            }
            Token::Cdata(text) => self.push_text(text.to_owned()),
            Token::Start { name, attributes, empty } => self.start(name, &attributes, empty),
            Token::End(name) => self.end(name),
            Token::Doctype(doctype) => self.declared.read(doctype),
        }
    }

    fn push_text(&mut self, text: String) {
        let children = self.open.last_mut().map_or(&mut self.done, |element| &mut element.children);
        match children.last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => children.push(Node::Text(text)),
        }
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)], empty: bool) {
        if self.open.len() >= DEEPEST {
            self.skipped += usize::from(!empty);
            return;
        }
        let element = self.element(name, attributes);
        self.close_forgotten(&element);
        let void = empty || (VOID.contains(&element.name.as_str()) && element.qualified == element.name);
        self.open.push(element);
        if void {
            self.close_top(true);
        }
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)]) -> Element {
        let qualified = name.to_ascii_lowercase();
        let mut read: Vec<(String, String)> = Vec::with_capacity(attributes.len());
        for (name, value) in attributes {
            let name = name.to_ascii_lowercase();
            if read.iter().all(|(n, _)| *n != name) {
                read.push((name, resolve(value, &self.declared).into_owned()));
            }
        }
        let depth = self.open.len();
        for (name, value) in &read {
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix.filter(|_| self.scopes.len() < MOST_SCOPES) {
                let unknown = if prefix.is_empty() { Ns::Core } else { of_prefix(prefix) };
                self.scopes.push((prefix.to_owned(), of_uri(value).unwrap_or(unknown), depth));
            }
        }
        let (prefix, local) = qualified.split_once(':').unwrap_or(("", &qualified));
        let ns = self.scopes.iter().rev().find(|(p, ..)| p == prefix).map(|(_, ns, _)| *ns);
        let ns = ns.unwrap_or_else(|| if prefix.is_empty() { Ns::Core } else { of_prefix(prefix) });
        Element {
            ns,
            name: local.to_owned(),
            attributes: read,
            children: Vec::new(),
            closed: true,
            qualified,
        }
    }

    /// Closes what the new element shows to have been left open.
    fn close_forgotten(&mut self, new: &Element) {
        if new.is_entry()
            && let Some(at) = self.open.iter().position(Element::is_entry)
        {
            self.close_to(at);
        }
        if new.ns == Ns::Core
            && IN_ENTRY.contains(&new.name.as_str())
            && let [.., parent, top] = &self.open[..]
            && parent.is_entry()
            && top.ns == Ns::Core
            && parent.name == "item"
            && LEAVES.contains(&top.name.as_str())
        {
            self.close_top(true);
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let matches = |element: &Element| element.qualified.eq_ignore_ascii_case(name);
        if let Some(at) = self.open.iter().rposition(matches) {
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
        element.closed = closed;
        while self.scopes.last().is_some_and(|(_, _, depth)| *depth >= self.open.len()) {
            self.scopes.pop();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.done.push(Node::Element(element)),
        }
    }

    /// How many of the open elements count as cut off: all, but an entry that ends between two of its elements is whole.
    fn left_open(&self) -> usize {
        match self.open.last() {
            Some(last) if last.is_entry() => self.open.len() - 1,
            _ => self.open.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root(text: &str) -> Element {
        let (nodes, _) = parse(text);
        nodes.into_iter().find_map(|n| if let Node::Element(e) = n { Some(e) } else { None }).unwrap()
    }

    fn names(element: &Element) -> Vec<&str> {
        element.elements().map(|e| e.name.as_str()).collect()
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
        assert_eq!((names(&d), d.text()), (vec!["br", "img"], "onetwothree".to_owned()));
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
        let mut builder = Builder::default();
        for n in 0..90 {
            let names: Vec<String> = (0..50).map(|m| format!("xmlns:p{n}x{m}")).collect();
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
        let deep = root(&"<a>x".repeat(100_000));
        assert_eq!(deep.text().len(), 100_000);
    }

    proptest! {
        #[test]
        fn any_text_has_a_tree(text in "(<|>|/|item|entry|title|br|xmlns|:|=|&|;|'| ){0,80}") {
            let _ = parse(&text);
        }
    }
}
