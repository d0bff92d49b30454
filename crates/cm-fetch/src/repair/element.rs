//! An element of a document and what it holds. Names are in lower case, references resolved; what was written plainly is
//! borrowed from the document.

use super::names::Ns;
use std::borrow::Cow;

/// A node.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    /// Text, references resolved.
    Text(Cow<'a, str>),
    /// An element.
    Element(Element<'a>),
}

/// What is kept of an element while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nothing: it only shows where others begin and end.
    Nothing,
    /// Those of its elements that are asked for.
    Chosen,
    /// Everything.
    All,
}

/// An element.
#[derive(Debug, Clone)]
pub(crate) struct Element<'a> {
    /// Its vocabulary.
    pub(crate) ns: Ns,
    /// Its name without prefix, lower case.
    pub(crate) name: Cow<'a, str>,
    /// Qualified names in lower case, as written; the first of two equal ones.
    pub(crate) attributes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What it holds.
    pub(crate) children: Vec<Node<'a>>,
    /// False when the document ended inside it.
    pub(crate) closed: bool,
    /// Its name as written, lower case.
    pub(super) qualified: Cow<'a, str>,
    pub(super) keep: Keep,
}

impl<'a> Element<'a> {
    /// An attribute by its qualified name in lower case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// Its child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element<'a>> {
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
        matches!(self.ns, Ns::Core | Ns::Atom) && matches!(&*self.name, "item" | "entry")
    }

    /// Whether feeds of some format have it for their root.
    pub(super) fn is_root(&self) -> bool {
        matches!(self.ns, Ns::Core | Ns::Atom | Ns::Rdf)
            && matches!(&*self.name, "rss" | "rdf" | "feed" | "channel" | "entry" | "item")
    }

    /// All text in it, elements left out.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match &self.children[..] {
            [] => Cow::Borrowed(""),
            [Node::Text(text)] => Cow::Borrowed(text),
            _ => {
                let mut text = String::new();
                self.collect_text(&mut text);
                Cow::Owned(text)
            }
        }
    }

    /// Recursion is bounded by the depth of the tree.
    fn collect_text(&self, into: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => into.push_str(text),
                Node::Element(element) => element.collect_text(into),
            }
        }
    }

    pub(super) fn push_text(&mut self, text: Cow<'a, str>) {
        match self.children.last_mut() {
            Some(Node::Text(before)) => before.to_mut().push_str(&text),
            _ => self.children.push(Node::Text(text)),
        }
    }
}

/// A name in lower case.
pub(super) fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// The beginning of a name, borrowed where the name is.
pub(super) fn until<'a>(name: &Cow<'a, str>, at: usize) -> Cow<'a, str> {
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(&name[..at]),
        Cow::Owned(name) => Cow::Owned(name[..at].to_owned()),
    }
}

/// The end of a name, borrowed where the name is.
pub(super) fn from<'a>(name: &Cow<'a, str>, at: usize) -> Cow<'a, str> {
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(&name[at..]),
        Cow::Owned(name) => Cow::Owned(name[at..].to_owned()),
    }
}
