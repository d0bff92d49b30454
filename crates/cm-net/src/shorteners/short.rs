//! What goes to a shortener and what comes back, in words that all of them share.

use super::Setback;
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

/// The longest short address that is taken for one, in bytes.
const LONGEST: usize = 512;

/// A link that shall be there.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Where it leads.
    pub target: String,
    /// A title; never empty, because services without one fetch the page to find one.
    pub title: String,
    /// The name asked for.
    pub slug: Option<String>,
    /// Our name for it, the same whenever the same link is wished for; absent on a link that stands apart.
    pub identity: Option<String>,
    /// Labels; also what tells apart links to one target, where the service can.
    pub tags: Vec<String>,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
    /// After how many clicks it ends.
    pub max_clicks: Option<u32>,
}

/// Clicks as the service counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Clicks {
    /// All that it tells of; what that is differs.
    pub total: Option<u64>,
    /// Those that it takes for people's.
    pub humans: Option<u64>,
    /// Those that it takes for robots'.
    pub bots: Option<u64>,
}

/// A link at a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Short {
    /// Its name there.
    pub slug: String,
    /// Its address.
    pub short_url: String,
    /// Where the service says that it leads.
    pub url: String,
    /// It was made by this very question.
    pub created: bool,
    /// Its clicks.
    pub clicks: Clicks,
    /// The service's own number for it.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its labels.
    pub tags: Vec<String>,
    /// When it was made.
    pub made: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
    /// After how many clicks it ends.
    pub max_clicks: Option<u32>,
    /// Where it leads once it has ended.
    pub fallback: Option<String>,
}

impl Short {
    /// A link, once its address is one that may be shown: what a server says goes into posts.
    pub(super) fn at(short_url: &str, slug: Option<&str>, url: &str) -> Result<Short, Setback> {
        let odd = || Setback::Unsure("the answer names no short address".to_owned());
        let good = |c: char| !c.is_control() && !c.is_whitespace();
        if short_url.len() > LONGEST || url.is_empty() || !short_url.chars().all(good) {
            return Err(odd());
        }
        let address = Url::parse(short_url).map_err(|_| odd())?;
        let anonymous = address.username().is_empty() && address.password().is_none();
        let is_web = matches!(address.scheme(), "http" | "https") && address.has_host();
        let slug = slug.unwrap_or_else(|| address.path().trim_start_matches('/'));
        if !is_web || !anonymous || slug.is_empty() || slug.len() > LONGEST || !slug.chars().all(good) {
            return Err(odd());
        }
        Ok(Short {
            slug: slug.to_owned(),
            short_url: short_url.to_owned(),
            url: url.to_owned(),
            ..Short::default()
        })
    }
}

/// A page of a service's links.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The links; one that is there but cannot be read says why.
    pub links: Vec<Result<Short, Setback>>,
    /// What names the next page.
    pub next: Option<String>,
    /// How many there are in all, where it is told.
    pub total: Option<u64>,
}

/// A link as a person names it: by its name, or by its short address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub slug: String,
    /// Host and port of the address.
    pub host: Option<String>,
}

impl Named {
    /// Reads one. `None` when it names nothing, or something else by way of dots.
    pub fn read(given: &str) -> Option<Named> {
        let given = given.trim();
        let address = Url::parse(given).ok().filter(|url| url.has_host() && given.contains("://"));
        let (slug, host) = match &address {
            Some(url) => {
                let path = percent_encoding::percent_decode_str(url.path()).decode_utf8().ok()?;
                (path.into_owned(), Some(authority(url)))
            }
            None => (given.to_owned(), None),
        };
        let slug = slug.trim_matches('/').to_owned();
        let dots = slug.split('/').any(|part| matches!(part, "." | ".." | ""));
        let odd = slug.chars().any(|c| c.is_control() || c.is_whitespace());
        (!dots && !odd && slug.len() <= LONGEST).then_some(Named { slug, host })
    }

    /// Its name as one segment of a path.
    pub(super) fn segment(&self) -> String {
        percent_encoding::utf8_percent_encode(&self.slug, percent_encoding::NON_ALPHANUMERIC).to_string()
    }
}

/// Host and port as they stand in an address, in lower case.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_address_is_a_web_address_and_nothing_more() {
        let at = |short: &str| Short::at(short, None, "https://a.example/");
        assert_eq!(at("https://s.example/k7").unwrap().slug, "k7");
        let long = format!("https://s.example/{}", "x".repeat(600));
        for wrong in [
            "",
            "k7",
            "javascript:alert(1)",
            "https://s.example/",
            "https://u:p@s.example/k7",
            "https://s.example/k7\nhttps://evil.example/",
            "https://s.example/a b",
            &long,
        ] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        assert!(Short::at("https://s.example/k7", Some(""), "https://a.example/").is_err());
        assert!(Short::at("https://s.example/k7", None, "").is_err());
    }

    #[test]
    fn links_are_named_by_name_or_address() {
        let read = |text: &str| Named::read(text).map(|named| (named.slug, named.host));
        assert_eq!(read("k7"), Some(("k7".into(), None)));
        assert_eq!(
            read("https://S.example:8443/a/%C3%BC/"),
            Some(("a/ü".into(), Some("s.example:8443".into())))
        );
        for wrong in ["", "/", "..", "a/../b", "https://s.example/", "a b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_name_never_leaves_its_segment(text in "\\PC{1,40}") {
            if let Some(named) = Named::read(&text) {
                let mut url = Url::parse("https://api.example/rest/").unwrap();
                url.set_path(&format!("/rest/{}", named.segment()));
                prop_assert!(url.path().starts_with("/rest/"));
                prop_assert_eq!(url.path_segments().unwrap().count(), 2);
            }
        }
    }
}
