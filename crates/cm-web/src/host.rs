//! Host patterns, as the tables write them, and percent escapes.

/// Whether a host is the pattern's or below it: `bing.com` is also `www.bing.com`; `google.*` is Google under every
/// ending (`google.de`, `www.google.co.uk`), and not `google.evil.example` nor `google.evil.com`.
pub(crate) fn matches(host: &str, pattern: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    match pattern.strip_suffix(".*") {
        Some(name) => named(host).any(|named| is_below(named, name)),
        None => is_below(host, pattern),
    }
}

/// The same for names that mean something on a site itself: `google.*` is the search page, not the services beside it
/// (`docs.google.com`).
pub(crate) fn is_scope(host: &str, pattern: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    match pattern.strip_suffix(".*") {
        Some(name) => named(host.strip_prefix("www.").unwrap_or(host)).any(|named| named == name),
        None => is_below(host, pattern),
    }
}

fn is_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// A host without its ending, read in both ways: `www.google.co` and `www.google` of `www.google.co.uk`.
fn named(host: &str) -> impl Iterator<Item = &str> {
    let one = host.rsplit_once('.').filter(|(_, top)| is_ending("", top));
    let two = host
        .rsplit_once('.')
        .and_then(|(rest, country)| rest.rsplit_once('.').filter(|(_, second)| is_ending(second, country)));
    one.into_iter().chain(two).map(|(named, _)| named)
}

/// `de`, `com`, and under a country what stands for `com` there: `co.uk`, `com.au`.
fn is_ending(second: &str, top: &str) -> bool {
    match second {
        "" => (2..=4).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_lowercase()),
        _ => top.len() == 2 && ["co", "com", "net", "org", "or", "ne"].contains(&second),
    }
}

/// One layer of percent escapes decoded. What decodes to no UTF-8 stays escaped, and a `%` that begins no escape stays.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => escape_invalid(error.as_bytes()),
    }
}

fn escape_invalid(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_are_matched_by_whole_labels() {
        for (host, pattern, expected) in [
            ("bing.com", "bing.com", true),
            ("www.bing.com", "bing.com", true),
            ("notbing.com", "bing.com", false),
            ("google.de", "google.*", true),
            ("www.google.co.uk", "google.*", true),
            ("news.google.com", "news.google.*", true),
            ("www.google.com.au", "google.*", true),
            ("google.evil.example", "google.*", false),
            ("google.evil.com", "google.*", false),
            ("ask.acme.com", "ask.*", false),
            ("google", "google.*", false),
            ("x.com.", "x.com", true),
            ("docs.google.com", "google.*", true),
            ("google.com.uk.com", "google.*", false),
        ] {
            assert_eq!(matches(host, pattern), expected, "{host} {pattern}");
        }
        assert!(is_scope("www.google.co.uk", "google.*") && is_scope("m.youtube.com", "youtube.com"));
        assert!(!is_scope("docs.google.com", "google.*") && !is_scope("google.evil.com", "google.*"));
    }

    #[test]
    fn what_is_no_text_stays_escaped() {
        assert_eq!(decode("%C3%A4%e4%25ff%zz%"), "ä%E4%ff%zz%");
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in "\\PC*") {
            let encoded: String = text.bytes().map(|b| format!("%{b:02x}")).collect();
            prop_assert_eq!(decode(&encoded), text.clone());
            let _ = (decode(&text), matches(&text, "google.*"), matches(&text, ""));
        }
    }
}
