//! The table of redirect wrappers: host, path, parameter. Those whose target stands in the address itself; others need
//! the network.

use crate::{google_news, host};
use url::Url;

/// Where a wrapper carries its target.
enum Target {
    /// In the first of these parameters that is there, under so many layers of percent escapes.
    Parameter(&'static [&'static str], usize),
    /// The whole query.
    Query,
    /// What follows the path's start, without its scheme (an AMP cache's `/c/s/` means https).
    Path,
    /// In a parameter, before the last `:`.
    ParameterBeforeColon(&'static str),
    /// What follows the path's start and one more segment, percent-escaped.
    PathAfterSegment,
    /// Packed into what follows the path's start.
    GoogleNews,
}

use Target::{GoogleNews, Parameter, ParameterBeforeColon, Path, PathAfterSegment, Query};

struct Row {
    host: &'static str,
    /// With a `/` at its end what is below counts too; without, it is the whole path.
    path: &'static str,
    target: Target,
}

const TABLE: &[Row] = &[
    Row { host: "google.*", path: "/url", target: Parameter(&["q", "url"], 1) },
    Row { host: "google.*", path: "/amp/s/", target: Path },
    Row { host: "news.google.com", path: "/rss/articles/", target: GoogleNews },
    Row { host: "news.google.com", path: "/articles/", target: GoogleNews },
    Row { host: "cdn.ampproject.org", path: "/c/s/", target: Path },
    Row { host: "cdn.ampproject.org", path: "/v/s/", target: Path },
    Row { host: "l.facebook.com", path: "/l.php", target: Parameter(&["u"], 1) },
    Row { host: "lm.facebook.com", path: "/l.php", target: Parameter(&["u"], 1) },
    Row { host: "l.instagram.com", path: "/", target: Parameter(&["u"], 1) },
    Row { host: "l.messenger.com", path: "/l.php", target: Parameter(&["u"], 1) },
    Row { host: "youtube.com", path: "/redirect", target: Parameter(&["q"], 1) },
    Row { host: "out.reddit.com", path: "/", target: Parameter(&["url"], 1) },
    Row { host: "click.redditmail.com", path: "/", target: Parameter(&["url"], 1) },
    Row { host: "duckduckgo.com", path: "/l/", target: Parameter(&["uddg"], 1) },
    Row { host: "t.umblr.com", path: "/redirect", target: Parameter(&["z"], 1) },
    Row { host: "vk.com", path: "/away.php", target: Parameter(&["to"], 1) },
    Row { host: "steamcommunity.com", path: "/linkfilter/", target: Parameter(&["url", "u"], 1) },
    Row { host: "href.li", path: "/", target: Query },
    Row { host: "anonym.to", path: "/", target: Query },
    Row { host: "gate.sc", path: "/", target: Parameter(&["url"], 1) },
    Row { host: "getpocket.com", path: "/redirect", target: Parameter(&["url"], 1) },
    Row { host: "disq.us", path: "/url", target: ParameterBeforeColon("url") },
    Row { host: "curseforge.com", path: "/linkout", target: Parameter(&["remoteUrl"], 2) },
    Row { host: "deviantart.com", path: "/outgoing", target: Query },
    Row { host: "outgoing.prod.webservices.mozgcp.net", path: "/v1/", target: PathAfterSegment },
    Row { host: "outgoing.prod.mozaws.net", path: "/v1/", target: PathAfterSegment },
    Row { host: "safelinks.protection.outlook.com", path: "/", target: Parameter(&["url"], 1) },
    Row { host: "linkedin.com", path: "/redir/redirect", target: Parameter(&["url"], 1) },
    Row { host: "linkedin.com", path: "/safety/go", target: Parameter(&["url"], 1) },
];

/// The address that a wrapper leads to; `None` when it is no wrapper or its target is no http or https address.
pub(crate) fn unwrap(host: &str, path: &str, query: &str) -> Option<String> {
    let stands = |row: &&Row| match row.path.ends_with('/') {
        true => path.starts_with(row.path),
        false => path.strip_suffix('/').unwrap_or(path) == row.path,
    };
    let row = TABLE.iter().find(|row| stands(row) && host::matches(host, row.host))?;
    let below = path.strip_prefix(row.path).unwrap_or_default();
    let given = match &row.target {
        Parameter(names, layers) => decoded(names.iter().find_map(|name| parameter(query, name))?, *layers)?,
        ParameterBeforeColon(name) => before_colon(decoded(parameter(query, name)?, 1)?),
        Query => query.to_owned(),
        PathAfterSegment => decoded(below.split_once('/')?.1, 1)?,
        GoogleNews => google_news::address(below)?,
        Path if query.is_empty() => format!("https://{below}"),
        Path => format!("https://{below}?{query}"),
    };
    let target = given.replace(' ', "%20");
    is_address(&target).then_some(target)
}

/// More wrappers than these around an address are none.
const MOST: usize = 5;

/// Where a link leads that stands in wrappers, with nothing else about it changed; `None` when it stands in none.
pub fn target(address: &str) -> Option<String> {
    let inside = |address: &str| {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        unwrap(url.host_str()?, url.path(), url.query().unwrap_or_default())
    };
    std::iter::successors(inside(address), |inner| inside(inner)).take(MOST).last()
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|segment| segment.split_once('=').filter(|(key, _)| *key == name))
        .map(|(_, value)| value)
}

fn decoded(value: &str, layers: usize) -> Option<String> {
    (0..layers).try_fold(value.to_owned(), |value, _| host::decode(&value))
}

/// `https://a.example/x:Ab3` without `:Ab3`, which is the wrapper's signature; the scheme's colon is none.
fn before_colon(target: String) -> String {
    match target.rsplit_once(':') {
        Some((address, rest)) if !rest.starts_with("//") => address.to_owned(),
        _ => target,
    }
}

fn is_address(target: &str) -> bool {
    let lower = target.get(..8).unwrap_or(target).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://"))
        && !target.chars().any(|c| c.is_control())
        && Url::parse(target)
            .is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('.') || host.contains(':')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}") {
            let _ = target(&text);
            let _ = target(&format!("https://news.google.com/rss/articles/{text}"));
        }
    }
}
