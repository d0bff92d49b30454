//! What stands in a feed beside its entries. In: its root. Out: the head, and what entries take from their feed.

use super::Element;
use super::names::Ns;
use super::people::authors;
use super::scope::{Scope, TITLES, atom_link, atom_links, first, language, plain, rel};
use super::texts::said;
use crate::feed::{Head, MOST_PARTS};
use cm_record::Author;
use url::Url;

/// What entries take from their feed where they say nothing themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inherited {
    /// Base and language.
    pub(crate) scope: Scope,
    /// Who wrote it all.
    pub(crate) authors: Vec<Author>,
}

/// Whether an element beside the entries is read.
pub(super) fn is_of_head(element: &Element<'_>) -> bool {
    const READ: [&str; 17] = [
        "title",
        "link",
        "language",
        "generator",
        "generatoragent",
        "ttl",
        "author",
        "creator",
        "managingeditor",
        "skiphours",
        "skipdays",
        "updateperiod",
        "updatefrequency",
        "updatebase",
        "schedule",
        "a",
        "id",
    ];
    READ.contains(&&*element.name)
}

/// Reads the head of a feed; `outer` is what surrounds its root.
pub(super) fn read(root: &Element<'_>, outer: &Scope) -> (Head, Inherited) {
    let channel = root.elements().find(|e| e.name == "channel" || e.name == "head").unwrap_or(root);
    let mut scope = outer.within(root);
    if !std::ptr::eq(root, channel) {
        scope = scope.into_inside(channel);
    }
    let said_language =
        first(channel, &[(Ns::Core, "language"), (Ns::Dc, "language")], |e| language(&plain(e)?));
    scope.language = said_language.map(Into::into).or(scope.language);
    let self_url = atom_link(channel, &scope, |rel| rel == "self")
        .or_else(|| atom_link(root, &scope, |rel| rel == "self"));
    let home = home_page(channel, &scope);
    if scope.base.is_none() {
        let absolute = [&home, &self_url].into_iter().flatten().find_map(|url| Url::parse(url).ok());
        scope.base = absolute.map(Into::into);
    }
    let head = Head {
        title: first(channel, &TITLES, said).and_then(|title| title.line()),
        home_page_url: home,
        feed_url: self_url,
        generator: generator(channel),
        hubs: hubs(root, channel, &scope),
        ttl_minutes: number(channel, &[(Ns::Core, "ttl")]),
        skip_hours: listed(channel, "skiphours", |hour| {
            // Some count from 1 to 24.
            hour.parse::<u8>().ok().filter(|hour| *hour <= 24).map(|hour| hour % 24)
        }),
        skip_days: listed(channel, "skipdays", |day| day.parse().ok()),
        update_period: first(channel, &[(Ns::Syndication, "updateperiod")], plain)
            .map(|period| period.to_ascii_lowercase()),
        update_frequency: number(channel, &[(Ns::Syndication, "updatefrequency")]),
        update_base: first(channel, &[(Ns::Syndication, "updatebase")], |e| crate::dates::parse(&e.text())),
    };
    let authors = authors(channel, &scope);
    (head, Inherited { scope, authors })
}

fn home_page(channel: &Element<'_>, scope: &Scope) -> Option<String> {
    let core = first(channel, &[(Ns::Core, "link")], |e| {
        plain(e).or_else(|| e.attribute("href").map(str::to_owned))
    });
    core.filter(|link| !link.trim().is_empty())
        .and_then(|link| scope.resolve(&link))
        .or_else(|| atom_link(channel, scope, |rel| rel == "alternate"))
        .or_else(|| channel.attribute("href").and_then(|href| scope.resolve(href)))
}

fn generator(channel: &Element<'_>) -> Option<String> {
    first(channel, &[(Ns::Core, "generator"), (Ns::Atom, "generator")], |e| {
        let address = e.attribute("uri").or(e.attribute("url")).unwrap_or_default();
        Some(format!("{} {address}", e.text().trim()))
    })
}

/// WebSub: `rel="hub"`.
fn hubs(root: &Element<'_>, channel: &Element<'_>, scope: &Scope) -> Vec<String> {
    let links = atom_links(channel).chain(atom_links(root)).filter(|e| rel(e) == "hub");
    let mut hubs = Vec::new();
    for hub in links.filter_map(|e| scope.resolve(e.attribute("href")?)).take(MOST_PARTS) {
        if !hubs.contains(&hub) {
            hubs.push(hub);
        }
    }
    hubs
}

/// What `skipHours` or `skipDays` lists, each once.
fn listed<T: PartialEq>(channel: &Element<'_>, name: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let list = channel.elements().find(|e| e.is(Ns::Core, name));
    let mut all = Vec::new();
    for one in list.into_iter().flat_map(Element::elements).filter_map(|e| read(e.text().trim())) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn number(channel: &Element<'_>, kinds: &[(Ns, &str)]) -> Option<u64> {
    first(channel, kinds, |e| plain(e)?.parse().ok())
}
