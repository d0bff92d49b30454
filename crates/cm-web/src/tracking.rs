//! Which parameters of an address are tracking. In: a name as written, the page it stands on, and how much may go. Out:
//! why it goes, if it does.

use crate::host;
use crate::page::Page;
use crate::params::{Row, TABLE, When};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The table by name, in lower case.
struct Index {
    exact: HashMap<String, Vec<&'static Row>>,
    starts: Vec<(String, &'static Row)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { exact: HashMap::new(), starts: Vec::new() };
    for row in TABLE {
        for name in row.names.iter().map(|name| name.to_ascii_lowercase()) {
            match name.strip_suffix('*') {
                Some(start) => index.starts.push((start.to_owned(), row)),
                None => index.exact.entry(name).or_default().push(row),
            }
        }
    }
    index
});

/// Which rows of the table count, beside those that always do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    pub(crate) aggressive: bool,
    pub(crate) affiliate: bool,
    /// On every page and not on some hosts only.
    pub(crate) only_everywhere: bool,
}

impl Extent {
    fn holds(self, row: &Row) -> bool {
        let counts = match row.when {
            When::Always => true,
            When::Aggressive => self.aggressive,
            When::Affiliate => self.affiliate,
        };
        counts && (row.hosts.is_empty() || !self.only_everywhere)
    }
}

/// Why the parameter `name`, decoded and in lower case, is tracking on that page; `None` when it is not.
pub(crate) fn reason(name: &str, page: &Page<'_>, extent: Extent) -> Option<&'static str> {
    let index = &*INDEX;
    let exact = index.exact.get(name).into_iter().flatten().copied();
    let longer = |start: &str| name.strip_prefix(start).is_some_and(is_name);
    let started = index.starts.iter().filter(|(start, _)| longer(start)).map(|(_, row)| *row);
    let applies = |row: &&Row| extent.holds(row) && is_on(row, page) && !is_needed(row, page);
    exact.chain(started).find(applies).map(|row| row.reason)
}

/// Whether it is the rest of a name, not something that only begins like one: `utm_` and a base64 text.
fn is_name(rest: &str) -> bool {
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

fn is_on(row: &Row, page: &Page<'_>) -> bool {
    row.hosts.is_empty() || row.hosts.iter().any(|pattern| host::is_scope(page.host(), pattern))
}

fn is_needed(row: &Row, page: &Page<'_>) -> bool {
    if row.needed_on.is_empty() {
        return false;
    }
    let lower = page.lower();
    row.needed_on.iter().any(|word| lower.contains(word))
}

/// A parameter's name as rules compare it: one layer of escapes decoded, ASCII in lower case.
pub fn folded(name: &str) -> Cow<'_, str> {
    let plain = if name.contains('%') { Cow::Owned(host::decode(name)) } else { Cow::Borrowed(name) };
    match plain.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(plain.to_ascii_lowercase()),
        false => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(address: &str, name: &str, extent: Extent) -> Option<&'static str> {
        reason(&folded(name), &Page::read(address).unwrap(), extent)
    }

    #[test]
    fn names_are_tracking_where_they_are_known_to_be() {
        let by_default = |address: &str, name: &str| why(address, name, Extent::default());
        for (address, name) in [
            ("https://any.example/", "utm_social-type"),
            ("https://any.example/", "UTM_Source"),
            ("https://any.example/", "utm%5Fsource"),
            ("https://any.example/", "FBCLID"),
            ("https://any.example/", "mkt_tok"),
            ("https://www.youtube.com/watch", "si"),
            ("https://www.bing.com/search?q=tea", "FORM"),
            ("https://www.amazon.co.uk/dp/B0", "keywords"),
            ("https://any.example/tea", "h_sid"),
        ] {
            assert!(by_default(address, name).is_some(), "{address} {name}");
        }
        for (address, name) in [
            ("https://any.example/", "si"),
            ("https://any.example/", "ref"),
            ("https://any.example/", "utm_"),
            ("https://any.example/", "spm"),
            ("https://any.example/", "tag"),
            ("https://docs.google.com/document", "ei"),
            ("https://any.example/Unsubscribe", "mkt_tok"),
            ("https://unsubscribe.any.example/x", "mkt_tok"),
            ("https://any.example/email/tea", "h_slt"),
            ("https://any.example/?page=emailWebview", "mkt_tok"),
            ("https://www.amazon.de/s?i=kitchen", "keywords"),
            ("https://www.amazon.de/dp/B0", "tag"),
        ] {
            assert_eq!(by_default(address, name), None, "{address} {name}");
        }
    }

    #[test]
    fn more_goes_when_more_is_asked_for() {
        let aggressive = Extent { aggressive: true, ..Extent::default() };
        let affiliate = Extent { affiliate: true, ..Extent::default() };
        assert!(why("https://any.example/", "spm", aggressive).is_some());
        assert!(why("https://www.amazon.de/dp/B0", "tag", affiliate).is_some());
        assert_eq!(why("https://www.amazon.de/dp/B0", "tag", aggressive), None);
        for extent in [aggressive, affiliate] {
            assert_eq!(why("https://any.example/", "ref", extent), None);
            assert_eq!(why("https://any.example/", "tag", extent), None);
        }
    }

    /// A name twice under the same condition, or one that a `*` holds already, is a mistake in the table.
    #[test]
    fn the_table_says_each_thing_once() {
        let names = |row: &'static Row| row.names.iter().map(move |name| (row, name.to_ascii_lowercase()));
        let all: Vec<(&Row, String)> = TABLE.iter().flat_map(names).collect();
        for (at, (row, name)) in all.iter().enumerate() {
            assert!(!row.reason.is_empty() && name.trim() == name && !name.is_empty());
            for (other, known) in &all[at + 1..] {
                let same = row.hosts == other.hosts && row.when == other.when;
                let covers = |a: &str, b: &str| a.strip_suffix('*').is_some_and(|a| b.starts_with(a));
                assert!(!same || (name != known && !covers(name, known) && !covers(known, name)), "{name}");
            }
        }
    }
}
