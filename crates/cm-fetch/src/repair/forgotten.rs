//! Which elements were left open: shown by those that come next.

use super::element::Element;
use super::names::Ns;

/// Elements that HTML never closes and no feed vocabulary uses.
const VOID: [&str; 9] = ["br", "hr", "img", "input", "wbr", "area", "embed", "col", "param"];
/// Elements that hold nothing but text: what stands beside them in a feed closes them.
const LEAVES: [&str; 15] = [
    "title",
    "link",
    "guid",
    "id",
    "pubdate",
    "updated",
    "published",
    "issued",
    "modified",
    "comments",
    "author",
    "category",
    "language",
    "generator",
    "ttl",
];
/// What else stands in no leaf: the other elements of feeds and entries.
const BESIDE: [&str; 6] = ["description", "summary", "content", "enclosure", "source", "item"];
/// Elements of an entry that HTML has none of: they close a text that was left open.
const NO_HTML: [&str; 7] = ["pubdate", "guid", "enclosure", "comments", "updated", "published", "issued"];
const TEXTS: [&str; 4] = ["description", "summary", "content", "encoded"];

/// Whether an element never holds anything, though nothing says that it ends.
pub(super) fn is_void(element: &Element<'_>) -> bool {
    VOID.contains(&&*element.name) && element.qualified == element.name
}

fn stands_beside(name: &str) -> bool {
    LEAVES.contains(&name) || BESIDE.contains(&name)
}

/// How many of the open elements stay open when a new one comes.
pub(super) fn left_open(open: &[Element<'_>], new: &Element<'_>) -> usize {
    if new.is_entry() {
        return open.iter().position(Element::is_entry).unwrap_or(open.len());
    }
    let of_feeds = matches!(new.ns, Ns::Core | Ns::Atom);
    let [.., parent, top] = open else { return open.len() };
    let holds_leaves = matches!(&*parent.name, "item" | "entry" | "channel" | "feed" | "image");
    let leaf = matches!(top.ns, Ns::Core | Ns::Atom) && LEAVES.contains(&&*top.name);
    if leaf && holds_leaves && (new.ns.is_of_entries() || (of_feeds && stands_beside(&new.name))) {
        return open.len() - 1;
    }
    if of_feeds && NO_HTML.contains(&&*new.name) {
        let entry = open.iter().rposition(Element::is_entry);
        let text = entry.and_then(|at| open.get(at + 1)).filter(|text| TEXTS.contains(&&*text.name));
        // Inside what is XML of its own the same names may mean something else.
        if let (Some(at), Some(_)) = (entry, text.filter(|text| text.attribute("type").is_none())) {
            return at + 1;
        }
    }
    open.len()
}
