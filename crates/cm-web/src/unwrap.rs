//! Redirect wrappers taken off. In: an address. Out: the address that stands in it, one layer of escapes decoded.

use crate::page::{Page, split};
use crate::wrappers::{Place, Row, TABLE};
use crate::{base64, google_news, host};
use std::collections::HashMap;
use std::sync::LazyLock;
use url::Url;

/// What an address is to the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// It leads to this address.
    Holds(String),
    /// It is one, and is not taken off: it may be signed as a whole, so nothing else of it changes either.
    Closed,
    /// It is none.
    None,
}

/// The rows by the last two labels of their host; those for every ending apart.
struct Index {
    hosts: HashMap<&'static str, Vec<&'static Row>>,
    endings: Vec<&'static Row>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { hosts: HashMap::new(), endings: Vec::new() };
    for row in TABLE {
        match row.host.ends_with(".*") {
            true => index.endings.push(row),
            false => index.hosts.entry(last_two(row.host)).or_default().push(row),
        }
    }
    index
});

/// `facebook.com` of `l.facebook.com`.
fn last_two(host: &str) -> &str {
    let dot = host.rfind('.').and_then(|last| host.get(..last)?.rfind('.'));
    dot.and_then(|dot| host.get(dot + 1..)).unwrap_or(host)
}

/// What an address is; redirects that pay somebody count as closed unless `paying` says that they go too.
pub(crate) fn find(page: &Page<'_>, paying: bool) -> Wrapper {
    let path = if page.path.is_empty() { "/" } else { page.path };
    let stands = |row: &&Row| match row.path.ends_with('/') {
        true => path.starts_with(row.path),
        false => path.strip_suffix('/').unwrap_or(path) == row.path,
    };
    let host = page.host().strip_suffix('.').unwrap_or(page.host());
    let index = &*INDEX;
    let named = index.hosts.get(last_two(host)).into_iter().flatten();
    let mut rows = named.chain(&index.endings).copied().filter(stands);
    let Some(row) = rows.find(|row| host::matches(host, row.host)) else { return Wrapper::None };
    if row.pays && !paying {
        return Wrapper::Closed;
    }
    let below = path.strip_prefix(row.path).unwrap_or_default();
    match inside(&row.place, path, below, page.query) {
        Some(target) => Wrapper::Holds(with_fragment(target, page.fragment)),
        None if holds_something(&row.place, page.query.unwrap_or_default()) => Wrapper::Closed,
        None => Wrapper::None,
    }
}

/// Whether there is what a target should be in.
fn holds_something(place: &Place, query: &str) -> bool {
    let has = |name: &&str| parameter(query, name).is_some();
    match place {
        Place::Parameter(names) => names.iter().any(has),
        Place::Twice(name) | Place::Bare(name) | Place::ParameterBeforeColon(name) | Place::Base64(name) => {
            has(name)
        }
        Place::Query => !query.is_empty(),
        Place::Path(_) | Place::PathAfterSegment | Place::Segment(_) | Place::PathAfter(_) => true,
        Place::GoogleNews => false,
    }
}

fn inside(place: &Place, path: &str, below: &str, query: Option<&str>) -> Option<String> {
    let asked = query.unwrap_or_default();
    let decoded = |name: &str| parameter(asked, name).map(host::decode);
    match place {
        Place::Parameter(names) => names.iter().find_map(|name| address(decoded(name)?)),
        Place::Twice(name) => decoded(name).and_then(address_or_decoded),
        Place::Bare(name) => {
            let value = decoded(name)?;
            let dotted = !value.contains("://") && split(&value, '/').0.contains('.');
            address(value.clone()).or_else(|| address(format!("https://{value}")).filter(|_| dotted))
        }
        Place::ParameterBeforeColon(name) => address(before_colon(decoded(name)?)),
        Place::Base64(name) => {
            let bytes = base64(parameter(asked, name)?.strip_prefix("a1")?)?;
            address(String::from_utf8(bytes).ok()?)
        }
        Place::Query => address_or_decoded(asked.to_owned()),
        Place::Path(scheme) => {
            let query = query.filter(|query| !query.is_empty()).map(|query| format!("?{query}"));
            address(format!("{scheme}{below}{}", query.unwrap_or_default()))
        }
        Place::PathAfterSegment => address(host::decode(below.split_once('/')?.1)),
        Place::Segment(start) => {
            let mut segments = below.split('/');
            address(host::decode(segments.find_map(|segment| segment.strip_prefix(start))?))
        }
        Place::PathAfter(part) => {
            let rest = path.split_once(part)?.1;
            address(query.map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}")))
        }
        Place::GoogleNews => address(google_news::address(below)?),
    }
}

/// More wrappers than these around an address are none.
const MOST: usize = 5;

/// Where a link leads that stands in wrappers, with nothing else about it changed; `None` when it stands in none.
pub fn target(link: &str) -> Option<String> {
    let opened = |link: &str| match find(&Page::read(link)?, false) {
        Wrapper::Holds(target) => Some(target),
        _ => None,
    };
    std::iter::successors(opened(link), |inner| opened(inner)).take(MOST).last()
}

/// The value of the first parameter of that name.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|segment| segment.split_once('=').filter(|(key, _)| *key == name))
        .map(|(_, value)| value)
}

/// Browsers carry a fragment over a redirect to a target that has none.
fn with_fragment(target: String, fragment: Option<&str>) -> String {
    match fragment.filter(|fragment| !fragment.is_empty() && !target.contains('#')) {
        Some(fragment) => format!("{target}#{fragment}"),
        None => target,
    }
}

/// `https://a.example/x:Ab3` without `:Ab3`, which is the wrapper's signature; the colons of a scheme and a port are none.
fn before_colon(target: String) -> String {
    let is_signature = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b));
    match target.rsplit_once(':') {
        Some((address, rest)) if is_signature(rest) && address.matches('/').count() > 2 => address.to_owned(),
        _ => target,
    }
}

/// The text when it is an address, else what is under one layer of escapes.
fn address_or_decoded(text: String) -> Option<String> {
    let decoded = host::decode(&text);
    address(text).or_else(|| address(decoded))
}

/// A text that is a whole http or https address with a dotted host; blanks in it escaped.
fn address(text: String) -> Option<String> {
    let text = text.trim_matches(' ').replace(' ', "%20");
    let scheme = text.split_once("://")?.0;
    let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_dotted = |url: Url| url.host_str().is_some_and(|host| host.contains('.') || host.contains(':'));
    let is_whole = is_web && !text.contains(char::is_control) && Url::parse(&text).is_ok_and(is_dotted);
    is_whole.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opened(link: &str) -> Wrapper {
        find(&Page::read(link).unwrap(), false)
    }

    #[test]
    fn only_the_wrapper_goes() {
        let alert = "https://www.google.com/url?rct=j&sa=t&url=https://news.example/tea%3Futm_source%3Dx%26id%3D7&ct=ga&cd=CAEY&usg=AOv";
        assert_eq!(target(alert).as_deref(), Some("https://news.example/tea?utm_source=x&id=7"));
        let twice =
            "https://www.google.de/url?q=https://out.reddit.com/?url=https%253A%252F%252Fa.example%252F";
        assert_eq!(target(twice).as_deref(), Some("https://a.example/"));
        for none in [
            "https://a.example/url?url=https://b.example/",
            "https://www.google.com/url?url=javascript:x",
            "x",
        ] {
            assert_eq!(target(none), None, "{none}");
        }
    }

    #[test]
    fn each_kind_of_wrapper_is_known() {
        for (link, inside) in [
            (
                "https://www.google.com/url?sa=t&q=&esrc=s&url=https%3A%2F%2Fa.example%2F&usg=A",
                "https://a.example/",
            ),
            ("https://www.google.co.uk/amp/s/a.example/%C3%A4?b=%20#c", "https://a.example/%C3%A4?b=%20#c"),
            ("https://www.google.com/amp/a.example/x", "http://a.example/x"),
            ("https://a-example.cdn.ampproject.org/c/s/a.example/x?y=1", "https://a.example/x?y=1"),
            ("https://a-example.cdn.ampproject.org/c/a.example/x", "http://a.example/x"),
            (
                "https://www.bing.com/ck/a?!&&p=0&u=a1aHR0cHM6Ly9hLmV4YW1wbGUvdGVhPw&ntb=1",
                "https://a.example/tea?",
            ),
            (
                "https://r.search.yahoo.com/_ylt=A/RV=2/RU=https%3a%2f%2fa.example%2fx/RK=2/RS=b-",
                "https://a.example/x",
            ),
            ("https://l.instagram.com/?u=https%3A%2F%2Fa.example%2F&e=AT", "https://a.example/"),
            ("https://l.instagram.com?u=https%3A%2F%2Fa.example%2F", "https://a.example/"),
            ("https://away.vk.com/away.php?to=https%3A%2F%2Fa.example%2F%E4%25", "https://a.example/%E4%"),
            ("https://disq.us/url?url=https%3A%2F%2Fa.example%2Fx%3AAb3-_c&cuid=1", "https://a.example/x"),
            ("https://disq.us/url?url=https%3A%2F%2Fa.example%3A8080%2Fx", "https://a.example:8080/x"),
            ("https://disq.us/url?url=https%3A%2F%2Fa.example%3A8080", "https://a.example:8080"),
            (
                "https://www.curseforge.com/linkout?remoteUrl=https%253a%252f%252fa.example%252fx%252520y",
                "https://a.example/x%20y",
            ),
            (
                "https://www.deviantart.com/users/outgoing?https://a.example/?x=1&y",
                "https://a.example/?x=1&y",
            ),
            ("https://href.li/?https://a.example/x#top", "https://a.example/x#top"),
            ("http://anonym.to/?https%3A%2F%2Fa.example%2F", "https://a.example/"),
            ("https://outgoing.prod.mozaws.net/v1/0f3a/https%3A//a.example/x", "https://a.example/x"),
            (
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F&data=05&reserved=0",
                "https://a.example/",
            ),
            ("https://steamcommunity.com/linkfilter/?u=https%3A%2F%2Fa.example%2F", "https://a.example/"),
        ] {
            assert_eq!(opened(link), Wrapper::Holds(inside.to_owned()), "{link}");
        }
    }

    #[test]
    fn what_leads_nowhere_stays_closed() {
        for link in [
            "https://www.google.de/url?q=javascript:alert(1)&sa=D&usg=x",
            "https://l.facebook.com/l.php?u=data%3Atext%2Fhtml%2Cx",
            "https://href.li/?javascript:alert(1)",
            "https://href.li/?//a.example/",
            "https://www.google.de/url?q=%ff",
            "https://www.google.de/url?q=http%3A%2F%2Flocalhost%2F",
            "https://www.google.de/url?q=https%3A%2F%2Fa.example%2F%0d%0ax",
            "https://www.bing.com/ck/a?u=a1%%%",
            "https://www.awin1.com/cread.php?awinmid=1&ued=https%3A%2F%2Fa.example%2F",
        ] {
            assert_eq!(opened(link), Wrapper::Closed, "{link}");
        }
        for link in [
            "https://www.google.com/urlinspection?url=https%3A%2F%2Fa.example%2F",
            "https://www.google.evil.com/url?q=https%3A%2F%2Fa.example%2F",
            "https://notfacebook.com/l.php?u=https%3A%2F%2Fa.example%2F",
            "https://news.google.com/rss/articles/CBMiUkFVX3lxTE5?oc=5",
            "https://l.facebook.com/l.php?h=AT0",
            "https://href.li/",
        ] {
            assert_eq!(opened(link), Wrapper::None, "{link}");
        }
    }

    #[test]
    fn redirects_that_pay_somebody_go_when_asked_for() {
        for (link, inside) in [
            (
                "http://www.shareasale.com/r.cfm?u=1&urllink=www.a.example%2Fs%3Fk%3DTo%20You",
                "https://www.a.example/s?k=To%20You",
            ),
            (
                "https://www.awin1.com/cread.php?awinmid=1&ued=https%3A%2F%2Fa.example%2F",
                "https://a.example/",
            ),
            ("https://www.anrdoezrs.net/links/1/type/dlg/https://a.example/x?y", "https://a.example/x?y"),
            ("https://prf.hn/click/camref:1/destination:https%3A%2F%2Fa.example%2Fx", "https://a.example/x"),
            ("https://www.google.com/aclk?sa=L&adurl=https%3A%2F%2Fa.example%2F", "https://a.example/"),
        ] {
            assert_eq!(find(&Page::read(link).unwrap(), true), Wrapper::Holds(inside.to_owned()), "{link}");
            assert_eq!(opened(link), Wrapper::Closed, "{link}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            let _ = target(&text);
            let _ = target(&format!("https://news.google.com/rss/articles/{text}"));
        }
    }
}
