//! Who may speak for an id. An id whose host is not its source's host may be a spoof that hides the real item
//! (docs/record.md, "Ids"), so such a copy gives way to one whose hosts agree.

use url::Url;

/// Whether a copy of the item came from somebody else than whom its id names. Accounts (`wordpress:blog`) are asked
/// over their own connection and speak for what they hand out; ids without a host name nobody.
pub fn is_foreign(source: &str, id: &str) -> bool {
    let Some(owner) = host_of_id(id) else { return false };
    match host(source) {
        Some(source) => !agree(&source, &owner),
        None => source.is_empty(),
    }
}

/// The origin of an item's page, `https://a.example`, when its id names no host by itself.
pub fn origin_of_page(id: &str, page: &str) -> Option<String> {
    if Url::parse(id).is_ok() {
        return None;
    }
    host(page)?;
    Some(Url::parse(page).ok()?.origin().ascii_serialization())
}

/// The host that an id names: an address's, or the authority of a tag URI (RFC 4151).
fn host_of_id(id: &str) -> Option<String> {
    if let Some(tag) = id.strip_prefix("tag:") {
        let authority = tag.split(',').next()?;
        return authority.rsplit('@').next().map(str::to_ascii_lowercase);
    }
    host(id)
}

fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str().map(str::to_ascii_lowercase)
}

/// The same host, or one inside the other's domain (`www.`, `blog.`, `feeds.`).
fn agree(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_start_matches("www."), b.trim_start_matches("www."));
    let inside = |inner: &str, outer: &str| {
        outer.contains('.') && inner.strip_suffix(outer).is_some_and(|sub| sub.ends_with('.'))
    };
    a == b || inside(a, b) || inside(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_that_agree_speak_for_their_ids() {
        for (source, id, foreign) in [
            ("https://news.example/feed", "https://news.example/1", false),
            ("https://feeds.news.example/feed", "https://www.news.example/1", false),
            ("https://planet.example/feed", "https://news.example/1", true),
            ("https://evilnews.example/feed", "https://news.example/1", true),
            ("https://planet.example/feed", "tag:news.example,2026:1", true),
            ("https://news.example/feed", "tag:ana@news.example,2026:1", false),
            ("mastodon:acme", "https://news.example/1", false),
            ("https://planet.example/feed", "urn:cm:item:00", false),
            ("https://planet.example/feed", "at://did:plc:x/app.bsky.feed.post/1", false),
            ("", "https://news.example/1", true),
        ] {
            assert_eq!(is_foreign(source, id), foreign, "{source} {id}");
        }
    }

    #[test]
    fn bare_ids_belong_to_the_host_of_their_page() {
        for (id, page, origin) in [
            ("1", "https://a.example/1", Some("https://a.example")),
            ("1", "http://a.example:8080/1", Some("http://a.example:8080")),
            ("1", "javascript:alert(1)", None),
            ("https://b.example/1", "https://a.example/1", None),
            ("urn:x:1", "https://a.example/1", None),
        ] {
            assert_eq!(origin_of_page(id, page).as_deref(), origin, "{id} {page}");
        }
    }

    proptest! {
        #[test]
        fn any_pair_is_judged(source in "\\PC{0,40}", id in "(https?://|tag:)?\\PC{0,40}") {
            let _ = is_foreign(&source, &id);
        }
    }
}
