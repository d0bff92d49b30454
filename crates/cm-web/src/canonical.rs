//! The key under which two addresses are one.

use crate::Cleaner;
use url::Url;

/// The key under which two addresses are one link: the cleaned address in canonical form (host in lower case and
/// punycode, default port dropped, escapes upper-case, unreserved decoded, fragment kept only when it is a route).
/// `None` when it is not an http or https address.
pub fn key(url: &str) -> Option<String> {
    key_by(&Cleaner::default(), url)
}

/// The same under a cleaner of one's own.
pub(crate) fn key_by(cleaner: &Cleaner, url: &str) -> Option<String> {
    let mut key = canonical(url)?;
    // Decoding an escape may uncover a parameter's name or a wrapper: until nothing changes, and at most so often that
    // every nested wrapper has had its turn.
    for _ in 0..8 {
        let cleaned = cleaner.clean(&key).url;
        if cleaned == key {
            break;
        }
        let next = canonical(&cleaned)?;
        if next == key {
            break;
        }
        key = next;
    }
    Some(key)
}

fn canonical(address: &str) -> Option<String> {
    let mut url =
        Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    if !url.fragment().is_some_and(is_route) {
        url.set_fragment(None);
    }
    Some(unescaped(url.as_str()))
}

/// Whether a page's own script reads the fragment as an address: `#/inbox`, `#!inbox`.
fn is_route(fragment: &str) -> bool {
    fragment.starts_with(['/', '!'])
}

/// Escapes in upper case, and those of unreserved characters (RFC 3986, 2.3) decoded; but not a dot's, which could make
/// a `..` of what was none.
fn unescaped(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let digits = after.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let escape = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok().map(|byte| (byte, hex)));
        rest = match escape {
            Some((byte, _))
                if (byte.is_ascii_alphanumeric() || b"-_~".contains(&byte)) && !after_percent(&out) =>
            {
                out.push(char::from(byte));
                after.get(2..).unwrap_or_default()
            }
            Some((_, hex)) => {
                out.push('%');
                out.push_str(&hex.to_ascii_uppercase());
                after.get(2..).unwrap_or_default()
            }
            None => {
                out.push('%');
                after
            }
        };
    }
    out.push_str(rest);
    out
}

/// Whether a bare `%` is so near that a decoded digit would make an escape with it.
fn after_percent(out: &str) -> bool {
    out.bytes().rev().take(2).any(|b| b == b'%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_link_has_one_key() {
        for (url, expected) in [
            (
                "HTTPS://A.Example:443/%7Euser?q=%c3%a4&utm_source=x#top",
                Some("https://a.example/~user?q=%C3%A4"),
            ),
            ("https://bücher.example/ä", Some("https://xn--bcher-kva.example/%C3%A4")),
            ("https://a.example/a%2fb", Some("https://a.example/a%2Fb")),
            ("https://a.example/app#/inbox", Some("https://a.example/app#/inbox")),
            ("https://a.example/a/", Some("https://a.example/a/")),
            ("https://a.example/a", Some("https://a.example/a")),
            ("https://www.a.example/?b=1&a=2", Some("https://www.a.example/?b=1&a=2")),
            ("https://a.example/100%", Some("https://a.example/100%")),
            ("https://a.example/?q=5%+a", Some("https://a.example/?q=5%+a")),
            ("http://0x7f.1/", Some("http://127.0.0.1/")),
            ("mailto:a@b.example", None),
            ("x", None),
        ] {
            assert_eq!(key(url).as_deref(), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(text in "https?://[a-z.]{1,8}/[a-zA-Z0-9%./?#&=é ]{0,30}|\\PC*") {
            if let Some(once) = key(&text) {
                prop_assert_eq!(key(&once), Some(once));
            }
        }
    }
}
