//! Referrers grouped into families: every google.* is one search engine, every t.co is X.

use crate::host;
use crate::referrer_table::{BY_LABEL, Row, TABLE};
use url::Url;

/// What kind of place a visit came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// No referrer.
    Direct,
    /// Our own site.
    Internal,
    /// A search engine.
    Search,
    /// A social network, forum or messenger.
    Social,
    /// An AI assistant.
    Assistant,
    /// A mail service or newsletter.
    Mail,
    /// Any other site.
    Site,
}

impl Family {
    /// Its name in lower case, as reports carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Direct => "direct",
            Family::Internal => "internal",
            Family::Search => "search",
            Family::Social => "social",
            Family::Assistant => "assistant",
            Family::Mail => "mail",
            Family::Site => "site",
        }
    }
}

/// A referrer, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// Its family.
    pub family: Family,
    /// The name to show and group by: `Google`, `Mastodon`, or the host without `www.`.
    pub name: String,
}

impl Referrer {
    fn of(row: &Row) -> Referrer {
        Referrer { family: row.family, name: row.name.to_owned() }
    }
}

/// Understands a `Referer` value (empty or `-` when there was none); `own` are our own hosts.
///
/// An app (`android-app://com.slack/`) counts by its identifier. What is no address at all is a site by the name that it
/// gives itself.
pub fn family(referrer: &str, own: &[String]) -> Referrer {
    let referrer = referrer.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if referrer.is_empty() || referrer == "-" {
        return Referrer { family: Family::Direct, name: "direct".to_owned() };
    }
    let Some(host) = host_of(referrer) else {
        return Referrer {
            family: Family::Site,
            name: referrer.chars().filter(|c| !c.is_control()).take(80).collect(),
        };
    };
    let name = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    let is_own = |own: &String| {
        let own = own.to_ascii_lowercase();
        host::matches(&name, own.strip_prefix("www.").unwrap_or(&own))
    };
    if own.iter().any(is_own) {
        return Referrer { family: Family::Internal, name };
    }
    known(&host).map_or_else(|| Referrer { family: by_label(&name), name }, Referrer::of)
}

/// The place that a name stands for, in any case, as tags of links name it: `Bluesky` for `bluesky`, `Hacker News` for
/// `news.ycombinator.com`; `None` for what is no place that is known.
pub fn named(name: &str) -> Option<Referrer> {
    // As the services' own advertisements write it.
    let name = match name.trim() {
        "fb" => "Facebook",
        "ig" => "Instagram",
        name => name,
    };
    let row = TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(name));
    row.or_else(|| known(&host_of(name)?)).map(Referrer::of)
}

fn known(host: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.hosts.iter().any(|pattern| host::matches(host, pattern)))
}

/// What a host says itself that nobody listed: `suche.provider.example`, `webmail.provider.example`, and as engines like to
/// be named, `anysearch.example`; but neither `research.example` nor `searchnews.example`.
fn by_label(name: &str) -> Family {
    let mut labels = name.split('.').rev().skip(1).collect::<Vec<_>>().into_iter().rev();
    let first = labels.clone().next().unwrap_or_default();
    if let Some((_, family)) = BY_LABEL.iter().find(|(known, _)| *known == first) {
        return *family;
    }
    let below = labels.len() > 1;
    let engine = |label: &str| label.ends_with("search") && !label.ends_with("research");
    match labels.any(engine) || (below && first.starts_with("search")) {
        true => Family::Search,
        false => Family::Site,
    }
}

/// The host of an address, with or without its scheme, in lower case; of `android-app://com.slack/` the identifier.
fn host_of(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer).ok().filter(Url::has_host);
    let url = url.or_else(|| {
        Url::parse(&format!("http://{referrer}")).ok().filter(|url| url.domain().is_some_and(is_name))
    })?;
    url.host_str().map(str::to_ascii_lowercase).filter(|host| !host.is_empty())
}

fn is_name(domain: &str) -> bool {
    domain.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_are_known_under_every_name() {
        let own = ["WWW.Acme.example".to_owned()];
        for (referrer, expected, name) in [
            ("", Family::Direct, "direct"),
            ("-", Family::Direct, "direct"),
            ("\0 \u{1b}", Family::Direct, "direct"),
            ("https://www.acme.example/blog", Family::Internal, "acme.example"),
            ("https://shop.acme.example/", Family::Internal, "shop.acme.example"),
            ("https://www.google.co.uk/", Family::Search, "Google"),
            ("https://gemini.google.com/app", Family::Assistant, "Gemini"),
            ("https://mail.google.com/", Family::Mail, "Gmail"),
            ("android-app://com.google.android.gm/", Family::Mail, "Gmail"),
            ("android-app://com.slack", Family::Social, "Slack"),
            ("https://t.co/abc", Family::Social, "X"),
            ("https://out.reddit.com/x", Family::Social, "Reddit"),
            ("https://de.pinterest.com/", Family::Social, "Pinterest"),
            ("https://chatgpt.com/", Family::Assistant, "ChatGPT"),
            ("https://mastodon.someone.example/@ana", Family::Social, "mastodon.someone.example"),
            ("https://suche.provider.example/?q=x", Family::Search, "suche.provider.example"),
            ("https://my-search.example/?q=x", Family::Search, "my-search.example"),
            ("https://search3.provider.example/", Family::Search, "search3.provider.example"),
            ("https://mail.provider.example/", Family::Mail, "mail.provider.example"),
            ("https://research.provider.example/", Family::Site, "research.provider.example"),
            ("https://searchnews.example/", Family::Site, "searchnews.example"),
            ("https://www.news.example/a?b", Family::Site, "news.example"),
            ("news.example", Family::Site, "news.example"),
            ("https://notgoogle.example/", Family::Site, "notgoogle.example"),
            ("nonsense", Family::Site, "nonsense"),
        ] {
            assert_eq!(
                family(referrer, &own),
                Referrer { family: expected, name: name.to_owned() },
                "{referrer}"
            );
        }
    }

    #[test]
    fn places_are_known_by_their_names() {
        for (name, known) in [
            ("bluesky", Some("Bluesky")),
            (" FACEBOOK ", Some("Facebook")),
            ("bsky.app", Some("Bluesky")),
            ("www.google.de", Some("Google")),
            ("newsletter", None),
            ("partner.example", None),
            ("", None),
        ] {
            assert_eq!(named(name).map(|place| place.name).as_deref(), known, "{name}");
        }
    }

    #[test]
    fn every_place_of_the_table_is_reached() {
        for row in TABLE {
            for pattern in row.hosts {
                let host = pattern.replace(".*", ".com");
                let found = family(&format!("https://{host}/"), &[]);
                assert_eq!((found.family, found.name.as_str()), (row.family, row.name), "{host}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_referrer_is_understood(referrer in "\\PC*|[a-z-]{1,9}://[a-z.]{0,20}/?|[\\x00-\\x7f]{0,9}") {
            prop_assert!(!family(&referrer, &[]).name.is_empty());
            prop_assert!(named(&referrer).is_none_or(|place| !place.name.is_empty()));
        }
    }
}
