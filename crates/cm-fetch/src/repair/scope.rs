//! Where an element stands, and how its children are looked up: addresses, languages, the first that has something to say.

use super::Element;
use super::names::Ns;
use std::borrow::Cow;
use std::sync::Arc;
use url::Url;

/// Where titles stand, best first.
pub(super) const TITLES: [(Ns, &str); 5] = [
    (Ns::Atom, "title"),
    (Ns::Core, "title"),
    (Ns::Dc, "title"),
    (Ns::Itunes, "title"),
    (Ns::Media, "title"),
];

/// Where an element stands: what its relative addresses are relative to, and its language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// Of relative addresses.
    pub(crate) base: Option<Arc<Url>>,
    /// BCP 47.
    pub(crate) language: Option<Arc<str>>,
}

impl Scope {
    /// The scope inside an element.
    pub(super) fn within(&self, element: &Element<'_>) -> Scope {
        self.clone().into_inside(element)
    }

    /// The scope inside an element, of what surrounds it.
    pub(super) fn into_inside(mut self, element: &Element<'_>) -> Scope {
        let base = element.attribute("xml:base").or_else(|| element.attribute("base"));
        if let Some(base) = base.filter(|base| !base.is_empty()) {
            self.base = self.resolve(base).and_then(|url| url.parse().ok()).map(Arc::new).or(self.base);
        }
        if let Some(tag) = element.attribute("xml:lang") {
            self.language = language(tag).map(Arc::from);
        }
        self
    }

    /// An address made absolute where that is possible; white space inside is a line break of the writer.
    pub(super) fn resolve(&self, address: &str) -> Option<String> {
        let mut address = Cow::Borrowed(address.trim());
        if address.contains(char::is_control) {
            address = Cow::Owned(address.chars().filter(|c| !c.is_control()).collect());
        }
        if address.is_empty() {
            return None;
        }
        if is_web(&address) {
            return Some(address.into_owned());
        }
        match (Url::parse(&address), &self.base) {
            (Err(url::ParseError::RelativeUrlWithoutBase), Some(base)) => {
                Some(base.join(&address).map_or_else(|_| address.into_owned(), String::from))
            }
            _ => Some(address.into_owned()),
        }
    }
}

/// Whether an address is one of the web.
fn is_web(address: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// The first child of one of these kinds that has something to say, in the order of the kinds.
pub(super) fn first<'e, 'a, T>(
    element: &'e Element<'a>,
    kinds: &[(Ns, &str)],
    read: impl Fn(&'e Element<'a>) -> Option<T>,
) -> Option<T> {
    kinds.iter().find_map(|(ns, name)| element.elements().filter(|e| e.is(*ns, name)).find_map(&read))
}

/// An element's text, unless there is none.
pub(super) fn plain(element: &Element<'_>) -> Option<String> {
    let text = element.text();
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A text that is an address of the web.
pub(super) fn web_address(text: &str) -> Option<String> {
    is_web(text).then(|| text.to_owned())
}

/// A BCP 47 tag in its usual spelling; `und` and nonsense are none.
pub(super) fn language(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let good = parts
        .next()
        .is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    (good && !tag.eq_ignore_ascii_case("und")).then_some(tag)
}

/// The first Atom link of a kind; one to a page before others.
pub(super) fn atom_link(
    element: &Element<'_>,
    scope: &Scope,
    wanted: impl Fn(&str) -> bool,
) -> Option<String> {
    let address = |e: &Element<'_>| {
        let href = e.attribute("href").map(str::to_owned).or_else(|| plain(e))?;
        scope.within(e).resolve(&href)
    };
    let is_page = |e: &Element<'_>| e.attribute("type").is_none_or(|kind| kind.contains("html"));
    let links = || atom_links(element).filter(|e| wanted(&rel(e)));
    links().filter(|e| is_page(e)).find_map(address).or_else(|| links().find_map(address))
}

/// The Atom links of an element; RSS has them too, without a namespace.
pub(super) fn atom_links<'e, 'a>(element: &'e Element<'a>) -> impl Iterator<Item = &'e Element<'a>> {
    element
        .elements()
        .filter(|e| e.name == "link")
        .filter(|e| e.ns == Ns::Atom || (e.ns == Ns::Core && e.attribute("href").is_some()))
}

/// The relation of a link, without the address that some put before it.
pub(super) fn rel(link: &Element) -> String {
    let rel = link.attribute("rel").filter(|rel| !rel.is_empty()).unwrap_or("alternate");
    rel.rsplit('/').next().unwrap_or(rel).to_ascii_lowercase()
}
