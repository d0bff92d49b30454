//! URL cleaning: tracking parameters removed, redirect wrappers taken off, every other byte as given.

use crate::{host, params, unwrap};
use url::Url;

/// A parameter that was removed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its name as it stood in the address.
    pub name: String,
    /// The table's reason, for a person.
    pub reason: &'static str,
}

/// What became of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The address without the removed parts; the given bytes where nothing was removed.
    pub url: String,
    /// The addresses passed on the way, outermost first, when wrappers were taken off.
    pub unwrapped: Vec<String>,
    /// The parameters removed.
    pub removed: Vec<Removed>,
}

/// The most wrappers that are taken off; an address inside of more is left as it is.
const MAX_HOPS: usize = 5;

/// Wrappers that sign their whole query: one byte less and they lead nowhere.
const SIGNED: &[&str] = &["urldefense.com", "urldefense.proofpoint.com"];

/// Cleans an http or https address; anything else comes back as given.
pub fn clean(url: &str) -> Cleaned {
    let untouched = || Cleaned { url: url.to_owned(), unwrapped: Vec::new(), removed: Vec::new() };
    let mut cleaned = untouched();
    // What is removed may uncover a wrapper, and what is unwrapped has parameters of its own.
    while let Some(step) = step(&cleaned.url) {
        match step {
            Step::Unwrapped(target) => cleaned.unwrapped.push(std::mem::replace(&mut cleaned.url, target)),
            Step::Stripped(rest, removed) => {
                cleaned.url = rest;
                cleaned.removed.extend(removed);
            }
        }
        if cleaned.unwrapped.len() > MAX_HOPS {
            return untouched();
        }
    }
    cleaned
}

enum Step {
    Unwrapped(String),
    Stripped(String, Vec<Removed>),
}

fn step(address: &str) -> Option<Step> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    if SIGNED.iter().any(|signed| host::matches(host, signed)) {
        return None;
    }
    let (page, fragment) = split_before(address, '#');
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    if let Some(target) = unwrap::unwrap(host, url.path(), query) {
        return Some(Step::Unwrapped(target));
    }
    let mut removed = Vec::new();
    let path = without_reference(host, path, &mut removed);
    let query = without_tracking(host, url.path(), query, &mut removed);
    let rest =
        if query.is_empty() { format!("{path}{fragment}") } else { format!("{path}?{query}{fragment}") };
    (!removed.is_empty()).then_some(Step::Stripped(rest, removed))
}

fn without_tracking(host: &str, path: &str, query: &str, removed: &mut Vec<Removed>) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|segment| {
            let name = split_before(segment, '=').0;
            let reason = params::reason(host, path, name);
            removed.extend(reason.map(|reason| Removed { name: name.to_owned(), reason }));
            reason.is_none()
        })
        .collect();
    kept.join("&")
}

/// Amazon writes where one clicked into the path: `/dp/B000/ref=sr_1_1`.
fn without_reference<'a>(host: &str, path: &'a str, removed: &mut Vec<Removed>) -> &'a str {
    match path.find("/ref=") {
        Some(at) if host::matches(host, "amazon.*") => {
            removed.push(Removed { name: "ref".to_owned(), reason: "search and click tracking of Amazon" });
            path.get(..at).unwrap_or(path)
        }
        _ => path,
    }
}

/// A text before the first `mark`, and from it on.
fn split_before(text: &str, mark: char) -> (&str, &str) {
    text.split_at_checked(text.find(mark).unwrap_or(text.len())).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_tracking_goes() {
        for (given, expected) in [
            ("https://a.example/?utm_source=x", "https://a.example/"),
            (
                "https://a.example/?a=1&utm_source=x&b=%20+&fbclid=z#frag",
                "https://a.example/?a=1&b=%20+#frag",
            ),
            ("https://a.example/?YVpg+TLL/Ow==", "https://a.example/?YVpg+TLL/Ow=="),
            ("https://a.example/#/route?utm_source=a", "https://a.example/#/route?utm_source=a"),
            ("https://a.example?", "https://a.example?"),
            ("HTTPS://A.example/X?utm_id=1", "HTTPS://A.example/X"),
            ("https://www.amazon.de/dp/B000/ref=sr_1_1?qid=5&th=1", "https://www.amazon.de/dp/B000?th=1"),
            ("https://www.amazon.de/dp/B000/ref=sr_1_1", "https://www.amazon.de/dp/B000"),
            ("mailto:a@b.example?utm_source=x", "mailto:a@b.example?utm_source=x"),
            ("not an address", "not an address"),
            ("", ""),
        ] {
            assert_eq!(clean(given).url, expected, "{given}");
        }
    }

    #[test]
    fn wrappers_come_off_one_by_one() {
        let cleaned =
            clean("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F%3Fx%3D1%26fbclid%3DI&h=A");
        assert_eq!(cleaned.url, "https://a.example/?x=1");
        assert_eq!(cleaned.unwrapped.len(), 1);
        assert_eq!(cleaned.removed, [Removed { name: "fbclid".to_owned(), reason: "click id of Facebook" }]);
        for (given, expected) in [
            ("https://disq.us/url?url=https%3A%2F%2Fa.example%2Fx%3AAb3&cuid=1", "https://a.example/x"),
            ("https://a-example.cdn.ampproject.org/c/s/a.example/x?y=1", "https://a.example/x?y=1"),
            (
                "https://www.google.de/url?q=javascript:alert(1)",
                "https://www.google.de/url?q=javascript:alert(1)",
            ),
            ("https://www.google.de/url?q=%ff", "https://www.google.de/url?q=%ff"),
            ("https://www.youtube.com/redirect/?q=https%3A%2F%2Fa.example%2F", "https://a.example/"),
            (
                "https://www.google.com/urlinspection?url=https%3A%2F%2Fa.example%2F",
                "https://www.google.com/urlinspection?url=https%3A%2F%2Fa.example%2F",
            ),
            (
                "https://urldefense.com/v3/__https://a.example/?utm_source=x__;!!a$",
                "https://urldefense.com/v3/__https://a.example/?utm_source=x__;!!a$",
            ),
        ] {
            assert_eq!(clean(given).url, expected, "{given}");
        }
    }

    #[test]
    fn more_wrappers_than_five_are_left_alone() {
        let nested = |hops: usize| "https://href.li/?".repeat(hops) + "https://a.example/x";
        assert_eq!(clean(&nested(5)).url, "https://a.example/x");
        assert_eq!(clean(&nested(6)), Cleaned { url: nested(6), unwrapped: vec![], removed: vec![] });
    }

    proptest! {
        #[test]
        fn a_second_cleaning_changes_nothing(
            start in prop::sample::select(vec![
                "https://a.example/", "https://href.li/?", "https://l.facebook.com/l.php?u=", "https://www.google.com/url?q=",
                "https://www.amazon.com/x/ref=a/", "https://disq.us/url?url=", "http://", "",
            ]),
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "utm_source=x", "fbclid", "a=1", "&", "?", "#", "%26", "%3A", "https://href.li/?", "https%3A%2F%2Fb.example%2F",
                    "q=", "u=", ":", "/", "é", " ", "=",
                ]),
                0..12,
            ),
            noise in "\\PC{0,8}",
        ) {
            let once = clean(&(start.to_owned() + &parts.concat() + &noise));
            let again = clean(&once.url);
            prop_assert_eq!(&again.url, &once.url);
            prop_assert!(again.removed.is_empty() && again.unwrapped.is_empty());
        }

        #[test]
        fn what_has_nothing_to_strip_is_kept_to_the_byte(path in "[A-Za-z0-9%+;,/=&.~-]{0,30}", query in "[A-Za-z0-9%+=&;]{0,30}") {
            let url = format!("https://a.example/{path}?{query}");
            prop_assert_eq!(clean(&url).url, url);
        }
    }
}
