//! Host patterns, as the tables write them, and percent escapes.

/// Whether a host is the pattern's or below it: `bing.com` is also `www.bing.com`; `google.*` is Google under every
/// ending (`google.de`, `www.google.co.uk`), and not `google.evil.example` nor `google.evil.com`.
pub(crate) fn matches(host: &str, pattern: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some(name) = pattern.strip_suffix(".*") else {
        return host.strip_suffix(pattern).is_some_and(|below| below.is_empty() || below.ends_with('.'));
    };
    let labels: Vec<&str> = host.split('.').collect();
    let wanted: Vec<&str> = name.split('.').collect();
    (1..=2).any(|endings| {
        let Some(named) = labels.len().checked_sub(endings).and_then(|n| labels.split_at_checked(n)) else {
            return false;
        };
        named.0.ends_with(&wanted) && is_ending(named.1)
    })
}

/// `de`, `com`, and under a country what stands for `com` there: `co.uk`, `com.au`.
fn is_ending(labels: &[&str]) -> bool {
    match labels {
        [top] => (2..=4).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_lowercase()),
        [second, country] => country.len() == 2 && ["co", "com", "net", "org", "or", "ne"].contains(second),
        _ => false,
    }
}

/// One layer of percent escapes decoded; `None` when the result is no UTF-8. A `%` that begins no escape stays.
pub(crate) fn decode(text: &str) -> Option<String> {
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
    String::from_utf8(bytes).ok()
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
        ] {
            assert_eq!(matches(host, pattern), expected, "{host} {pattern}");
        }
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in "\\PC*") {
            let encoded: String = text.bytes().map(|b| format!("%{b:02x}")).collect();
            prop_assert_eq!(decode(&encoded), Some(text.clone()));
            let _ = (decode(&text), matches(&text, "google.*"), matches(&text, ""));
        }
    }
}
