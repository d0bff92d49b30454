//! What an item says, in so few bytes that the store keeps it for every item: a hash for each group of members, by which a
//! change is noticed and named, and by which an item is known again that comes under another id.

use crate::feed::Entry;
use crate::noise::{essence, without_blocks};
use cm_record::hash_id;
use url::Url;

/// Texts of fewer bytes, title and content together, say too little to know an item by.
const WORDY: usize = 40;
/// How an imprint begins in the store, by its authority.
const AUTHORITIES: [(char, Authority); 3] =
    [('a', Authority::Own), ('f', Authority::Foreign), ('n', Authority::Unknown)];

/// Whether the host in an item's id is one that the item may speak for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Authority {
    /// The id names no host.
    #[default]
    Unknown,
    /// The item stands at the host that its id names, or at its source's.
    Own,
    /// The item stands elsewhere: it may be a copy that hides the real one.
    Foreign,
}

/// The hashes of an item, 32 bits each; 0 where there is nothing. What is no change is no difference here: white space,
/// spelling of entities and quotation marks, counters, relative times, ads and related links, tracking parameters, scheme
/// and host of its address (docs/feeds.md, "What is a change").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Imprint {
    pub(crate) authority: Authority,
    pub(crate) title: u32,
    pub(crate) summary: u32,
    pub(crate) text: u32,
    pub(crate) url: u32,
    /// When it was published; no part of what is said.
    pub(crate) date: u32,
}

impl Imprint {
    /// Of an entry of a source.
    pub(crate) fn of(entry: &Entry, source: &str) -> Imprint {
        let words = |text: &Option<String>| text.as_deref().map_or(0, |text| hash(&essence(text)));
        let blocks = entry.html.as_deref().and_then(without_blocks);
        let text = blocks.map(|html| cm_text::html_to_text(&html, false));
        Imprint {
            authority: authority(entry, source),
            title: words(&entry.title),
            summary: if entry.summary.as_ref() == Some(&entry.text) { 0 } else { words(&entry.summary) },
            text: hash(&essence(text.as_deref().unwrap_or(&entry.text))),
            url: entry.url.as_deref().map_or(0, |url| hash(&place(url))),
            date: entry.published.map_or(0, |date| hash(&cm_time::rfc3339(date))),
        }
    }

    /// As the store keeps it.
    pub(crate) fn kept(&self) -> String {
        let letter =
            AUTHORITIES.iter().find(|(_, one)| *one == self.authority).map_or('n', |(letter, _)| *letter);
        let Imprint { title, summary, text, url, date, .. } = self;
        format!("{letter}{title:08x}{summary:08x}{text:08x}{url:08x}{date:08x}")
    }

    /// As the store kept it; `None` for what other versions and uses of the table left there.
    pub(crate) fn read(kept: &str) -> Option<Imprint> {
        let mut chars = kept.chars();
        let letter = chars.next()?;
        let authority = AUTHORITIES.iter().find(|(one, _)| *one == letter)?.1;
        if kept.len() != 41 || !kept.is_ascii() {
            return None;
        }
        let group = |n: usize| u32::from_str_radix(&kept[1 + n * 8..9 + n * 8], 16).ok();
        let [title, summary, text] = [group(0)?, group(1)?, group(2)?];
        Some(Imprint { authority, title, summary, text, url: group(3)?, date: group(4)? })
    }

    /// The names of the members that say something else than before, in the order of a record.
    pub(crate) fn changed_since(&self, before: &Imprint) -> Vec<&'static str> {
        let pairs = [
            ("url", self.url, before.url),
            ("title", self.title, before.title),
            ("summary", self.summary, before.summary),
            ("content_text", self.text, before.text),
        ];
        pairs.into_iter().filter(|(_, now, before)| now != before).map(|(name, _, _)| name).collect()
    }

    /// Whether two say the same words.
    pub(crate) fn same_words(&self, other: &Imprint) -> bool {
        (self.title, self.text) == (other.title, other.text)
    }
}

/// Whether the texts of an entry say enough to know it by.
pub(crate) fn is_wordy(entry: &Entry) -> bool {
    entry.title.as_ref().map_or(0, String::len) + entry.text.len() >= WORDY
}

/// How a change was known before imprints: one hash over all.
pub(crate) fn former_hash(entry: &Entry) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_default();
    hash_id(&[&part(&entry.title), &part(&entry.summary), &entry.text, &part(&entry.html), &part(&entry.url)])
}

/// Never 0 but for nothing.
fn hash(text: &str) -> u32 {
    if text.is_empty() {
        return 0;
    }
    let hash = hash_id(&[text]);
    u32::from_str_radix(&hash[hash.len() - 8..], 16).unwrap_or(1).max(1)
}

/// An address without scheme, host, tracking and session: where on its site the item stands.
fn place(address: &str) -> String {
    const SESSIONS: [&str; 6] = ["sid", "phpsessid", "jsessionid", "session", "session_id", "sessionid"];
    let key = cm_web::key(address);
    let Ok(mut url) = Url::parse(key.as_deref().unwrap_or(address)) else { return address.to_owned() };
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !SESSIONS.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if url.query().is_some() {
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    let path = url.path().split(";jsessionid=").next().unwrap_or_default().trim_end_matches('/');
    let query = url.query().filter(|query| !query.is_empty()).unwrap_or_default();
    // The fragment tells comments of a page apart.
    let fragment =
        Url::parse(address).ok().and_then(|url| url.fragment().map(str::to_owned)).unwrap_or_default();
    format!("{path}?{query}#{fragment}")
}

fn authority(entry: &Entry, source: &str) -> Authority {
    let Some(named) = entry.native.as_deref().and_then(host_of) else { return Authority::Unknown };
    let stands = entry.url.as_deref().and_then(host_of);
    let at_source = stands.as_deref().zip(host_of(source).as_deref()).is_some_and(|(a, b)| agree(a, b));
    match stands {
        Some(stands) if agree(&named, &stands) || at_source => Authority::Own,
        Some(_) => Authority::Foreign,
        None => Authority::Unknown,
    }
}

/// The host of an address, without `www.`; the authority of a tag: URI (RFC 4151) is one too.
fn host_of(address: &str) -> Option<String> {
    let tag = address.strip_prefix("tag:").and_then(|rest| rest.split_once(',')).map(|(host, _)| host);
    let host = match tag {
        Some(host) => host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase(),
        None => Url::parse(address).ok()?.host_str()?.to_ascii_lowercase(),
    };
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned()).filter(|host| !host.is_empty())
}

/// One host, or a host and one under it.
fn agree(a: &str, b: &str) -> bool {
    let under = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    a == b || under(a, b) || under(b, a)
}

/// Whether two addresses are of one host, as far as ids go.
pub(crate) fn hosts_agree(a: &str, b: &str) -> bool {
    host_of(a).zip(host_of(b)).is_none_or(|(a, b)| agree(&a, &b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(native: &str, url: &str) -> Entry {
        Entry { native: Some(native.into()), url: Some(url.into()), text: "x".into(), ..Entry::default() }
    }

    #[test]
    fn the_changed_members_are_named() {
        let before = Entry { title: Some("Tea".into()), ..entry("1", "https://a.example/1") };
        let now = Entry {
            title: Some("Tea, mended".into()),
            text: "y".into(),
            url: Some("https://a.example/2".into()),
            summary: Some("z".into()),
            published: Some(chrono::DateTime::UNIX_EPOCH),
            ..before.clone()
        };
        let of = |entry: &Entry| Imprint::of(entry, "https://a.example/feed");
        assert_eq!(of(&now).changed_since(&of(&before)), ["url", "title", "summary", "content_text"]);
        let moved = Entry { url: Some("http://www.b.example/1/?utm_source=x".into()), ..before.clone() };
        assert_eq!(of(&moved).changed_since(&of(&before)), [""; 0]);
    }

    #[test]
    fn who_may_speak_for_an_id() {
        for (native, url, source, expected) in [
            (
                "https://blog.example/1",
                "https://blog.example/1",
                "https://planet.example/feed",
                Authority::Own,
            ),
            (
                "http://www.blog.example/?p=1",
                "https://blog.example/1",
                "https://planet.example/",
                Authority::Own,
            ),
            ("tag:blog.example,2026:1", "https://blog.example/1", "https://planet.example/", Authority::Own),
            (
                "http://old.example/?p=1",
                "https://blog.example/1",
                "https://blog.example/feed",
                Authority::Own,
            ),
            (
                "https://blog.example/1",
                "https://evil.example/1",
                "https://planet.example/feed",
                Authority::Foreign,
            ),
            (
                "https://blog.example/1",
                "https://xblog.example/1",
                "https://planet.example/feed",
                Authority::Foreign,
            ),
            ("4711", "https://evil.example/1", "https://planet.example/feed", Authority::Unknown),
        ] {
            assert_eq!(authority(&entry(native, url), source), expected, "{native} {url} {source}");
        }
    }

    #[test]
    fn a_place_is_an_address_without_what_says_nothing() {
        for (a, b) in [
            ("http://a.example/x?sid=1&b=2", "https://www.a.example/x/?b=2&utm_source=y"),
            ("https://a.example/x;jsessionid=7", "https://a.example/x"),
        ] {
            assert_eq!(place(a), place(b));
        }
        assert_ne!(place("https://a.example/x#comment-1"), place("https://a.example/x#comment-2"));
        assert_ne!(place("https://a.example/?p=1"), place("https://a.example/?p=2"));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(title in any::<u32>(), summary in any::<u32>(), text in any::<u32>(), url in any::<u32>(), date in any::<u32>()) {
            let imprint = Imprint { authority: Authority::Foreign, title, summary, text, url, date };
            prop_assert_eq!(Imprint::read(&imprint.kept()), Some(imprint));
        }

        #[test]
        fn any_row_is_read_or_passed_over(kept in "[afn]?\\PC{0,60}") {
            let _ = Imprint::read(&kept);
        }
    }
}
