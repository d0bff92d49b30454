//! The table of redirect wrappers: host, path, parameter. Those whose target stands in the address itself; others need
//! the network.

use crate::host;
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
}

use Target::{Parameter, ParameterBeforeColon, Path, PathAfterSegment, Query};

struct Row {
    host: &'static str,
    /// With a `/` at its end what is below counts too; without, it is the whole path.
    path: &'static str,
    target: Target,
}

const TABLE: &[Row] = &[
    Row { host: "google.*", path: "/url", target: Parameter(&["q", "url"], 1) },
    Row { host: "google.*", path: "/amp/s/", target: Path },
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
        Path if query.is_empty() => format!("https://{below}"),
        Path => format!("https://{below}?{query}"),
    };
    let target = given.replace(' ', "%20");
    is_address(&target).then_some(target)
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
