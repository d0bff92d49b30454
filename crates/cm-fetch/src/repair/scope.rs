//! Where an element stands, and how its children are looked up: addresses, languages, the first that has something to say.

use super::Element;
use super::names::Ns;
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
#[derive(Clone)]
pub(super) struct Scope {
    /// Of relative addresses.
    pub(super) base: Option<Url>,
    /// BCP 47.
    pub(super) language: Option<String>,
}

impl Scope {
    /// The scope inside an element.
    pub(super) fn within(&self, element: &Element) -> Scope {
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
    pub(super) fn resolve(&self, address: &str) -> Option<String> {
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

/// The first child of one of these kinds that has something to say, in the order of the kinds.
pub(super) fn first<'a, T>(
    element: &'a Element,
    kinds: &[(Ns, &str)],
    read: impl Fn(&'a Element) -> Option<T>,
) -> Option<T> {
    kinds.iter().find_map(|(ns, name)| element.elements().filter(|e| e.is(*ns, name)).find_map(&read))
}

/// An element's text, unless there is none.
pub(super) fn plain(element: &Element) -> Option<String> {
    Some(element.text().trim().to_owned()).filter(|text| !text.is_empty())
}

/// A text that is an address of the web.
pub(super) fn web_address(text: &str) -> Option<String> {
    let scheme = text.split_once("://")?.0.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https").then(|| text.to_owned())
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
pub(super) fn atom_link(element: &Element, scope: &Scope, wanted: impl Fn(&str) -> bool) -> Option<String> {
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

/// The relation of a link, without the address that some put before it.
pub(super) fn rel(link: &Element) -> String {
    let rel = link.attribute("rel").filter(|rel| !rel.is_empty()).unwrap_or("alternate");
    rel.rsplit('/').next().unwrap_or(rel).to_ascii_lowercase()
}
