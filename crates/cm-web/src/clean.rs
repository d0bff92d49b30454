//! URL cleaning: tracking parameters removed, redirect wrappers taken off, every other byte as given.

use crate::page::{Page, split};
use crate::rules::Rules;
use crate::tracking::{self, Extent};
use crate::unwrap::{self, Wrapper};
use crate::{canonical, host};
use std::borrow::Cow;

/// A parameter that was removed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its name as it stood in the address.
    pub name: String,
    /// The table's reason or the user's rule, for a person.
    pub reason: Cow<'static, str>,
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

/// How far cleaning goes. The default takes what never means anything to a site.
#[derive(Clone, Debug, Default)]
pub struct Cleaner {
    /// Parameters too that some site may need.
    pub aggressive: bool,
    /// What says who earns by a link: Amazon's `tag` and the like.
    pub strip_affiliate: bool,
    /// Redirects of affiliate networks and advertisements.
    pub unwrap_affiliate: bool,
    /// The user's own rules.
    pub rules: Rules,
}

/// The most wrappers that are taken off; an address inside of more is left as it is.
const MAX_HOPS: usize = 5;

/// Wrappers that sign their whole query: one byte less and they lead nowhere.
const SIGNED: &[&str] = &["urldefense.com", "urldefense.us", "urldefense.proofpoint.com"];

/// Cleans an http or https address as far as is safe everywhere; anything else comes back as given.
pub fn clean(url: &str) -> Cleaned {
    Cleaner::default().clean(url)
}

/// What a step found to do.
enum Step {
    Unwrapped(String),
    Stripped(String, Vec<Removed>),
}

/// Whether an address is a wrapper that signs its whole query: whatever is added or taken breaks it.
pub fn is_signed(url: &str) -> bool {
    Page::read(url).is_some_and(|page| is_signed_page(&page))
}

fn is_signed_page(page: &Page<'_>) -> bool {
    SIGNED.iter().any(|signed| host::matches(page.host(), signed))
}

impl Cleaner {
    /// Cleans an http or https address; anything else comes back as given. What is clean stays as it is.
    pub fn clean(&self, url: &str) -> Cleaned {
        let untouched = || Cleaned { url: url.to_owned(), unwrapped: Vec::new(), removed: Vec::new() };
        let mut cleaned = untouched();
        // What is removed may uncover a wrapper, and what is unwrapped has parameters of its own.
        while let Some(step) = self.step(&cleaned.url) {
            match step {
                Step::Unwrapped(target) => {
                    cleaned.unwrapped.push(std::mem::replace(&mut cleaned.url, target));
                }
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

    /// The key under which two addresses are one link: see [`key`](crate::key).
    pub fn key(&self, url: &str) -> Option<String> {
        canonical::key_by(self, url)
    }

    fn step(&self, address: &str) -> Option<Step> {
        let page = Page::read(address)?;
        if is_signed_page(&page) {
            return None;
        }
        match unwrap::find(&page, self.unwrap_affiliate) {
            Wrapper::Holds(target) => return Some(Step::Unwrapped(target)),
            Wrapper::Closed => return None,
            Wrapper::None => {}
        }
        let extent =
            Extent { aggressive: self.aggressive, affiliate: self.strip_affiliate, only_everywhere: false };
        let mut removed = Vec::new();
        let head = without_reference(&page, &mut removed);
        let query = page.query.and_then(|query| self.without_tracking(&page, query, extent, &mut removed));
        let extent = Extent { only_everywhere: true, ..extent };
        let fragment = page.fragment.and_then(|fragment| match is_query(fragment) {
            true => self.without_tracking(&page, fragment, extent, &mut removed),
            false => Some(Cow::Borrowed(fragment)),
        });
        if removed.is_empty() {
            return None;
        }
        let mut rest = head.into_owned();
        for (mark, part) in [('?', query), ('#', fragment)] {
            if let Some(part) = part {
                rest.push(mark);
                rest.push_str(&part);
            }
        }
        Some(Step::Stripped(rest, removed))
    }

    /// The parameters that stay, as they stand; `None` when none of those there were does.
    fn without_tracking<'a>(
        &self,
        page: &Page<'_>,
        query: &'a str,
        extent: Extent,
        removed: &mut Vec<Removed>,
    ) -> Option<Cow<'a, str>> {
        let before = removed.len();
        let mut kept = String::new();
        let mut separator = "";
        for segment in query.split('&') {
            let name = split(segment, '=').0;
            if let Some(reason) = self.reason(page, segment, name, extent) {
                if removed.len() == before {
                    kept.reserve(query.len());
                }
                removed.push(Removed { name: name.to_owned(), reason });
            } else {
                kept.push_str(separator);
                kept.push_str(segment);
                separator = "&";
            }
        }
        if removed.len() == before {
            return Some(Cow::Borrowed(query));
        }
        kept.contains(|c| c != '&').then_some(Cow::Owned(kept))
    }

    /// Why a parameter goes, if it does.
    fn reason(
        &self,
        page: &Page<'_>,
        segment: &str,
        name: &str,
        extent: Extent,
    ) -> Option<Cow<'static, str>> {
        if name.is_empty() {
            return None;
        }
        let folded = tracking::folded(name);
        if self.rules.keeps(page.host(), &folded) {
            return None;
        }
        let by_rule =
            || self.rules.strips(page.host(), &folded).map(|rule| format!("your rule `{rule}`").into());
        let reason = tracking::reason(&folded, page, extent).map(Cow::Borrowed).or_else(by_rule)?;
        // A server that takes `;` for a separator has other parameters in there.
        let hides = |part: &str| {
            let name = split(part, '=').0;
            name.len() < part.len() && tracking::reason(&tracking::folded(name), page, extent).is_none()
        };
        (!segment.split(';').skip(1).any(hides)).then_some(reason)
    }
}

/// Whether a fragment is nothing but parameters (`#utm_source=x&utm_medium=y`), not a place on the page, a route or what
/// a script keeps there.
fn is_query(fragment: &str) -> bool {
    if fragment.contains('?') {
        return false;
    }
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.$[]%".contains(&b))
    };
    fragment.split('&').all(|pair| pair.split_once('=').is_some_and(|(name, _)| is_name(name)))
}

/// Amazon writes where one clicked into the path: `/dp/B000/ref=sr_1_1`.
fn without_reference<'a>(page: &Page<'a>, removed: &mut Vec<Removed>) -> Cow<'a, str> {
    const MARK: &str = "/ref=";
    if !page.path.contains(MARK) || !host::matches(page.host(), "amazon.*") {
        return Cow::Borrowed(page.head);
    }
    let mut parts = page.head.split(MARK);
    let mut head = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        removed
            .push(Removed { name: "ref".to_owned(), reason: "search and click tracking of Amazon".into() });
        head.push_str(part.find('/').and_then(|slash| part.get(slash..)).unwrap_or_default());
    }
    Cow::Owned(head)
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
            ("https://a.example/?a=&utm_x=&b", "https://a.example/?a=&b"),
            ("https://a.example/?UTM_SOURCE=x&FbClid&utm_source=y", "https://a.example/"),
            ("https://a.example/?a=1&&utm_source=x&", "https://a.example/?a=1&&"),
            ("https://a.example/?&utm_source=x&&", "https://a.example/"),
            ("https://a.example/?utm_source=x?id=3", "https://a.example/"),
            ("https://a.example/?a=1?utm_source=x", "https://a.example/?a=1?utm_source=x"),
            ("https://a.example/?a=1;utm_source=x", "https://a.example/?a=1;utm_source=x"),
            ("https://a.example/?utm_source=x;id=3", "https://a.example/?utm_source=x;id=3"),
            ("https://a.example/?utm_source=x;utm_medium=y;z", "https://a.example/"),
            ("https://a.example/?a&amp;utm_source=x", "https://a.example/?a&amp;utm_source=x"),
            ("https://a.example/?YVpg+TLL/Ow==", "https://a.example/?YVpg+TLL/Ow=="),
            ("https://a.example/#/route?utm_source=a", "https://a.example/#/route?utm_source=a"),
            ("https://a.example/#utm_source=a", "https://a.example/"),
            ("https://a.example/?a#b=1&gclid=2", "https://a.example/?a#b=1"),
            (
                "https://a.example/#page=a?utm_medium=b&utm_source=a",
                "https://a.example/#page=a?utm_medium=b&utm_source=a",
            ),
            ("https://a.example/#tea&utm_source=a", "https://a.example/#tea&utm_source=a"),
            ("https://www.youtube.com/watch?v=1#si=2", "https://www.youtube.com/watch?v=1#si=2"),
            ("https://a.example?", "https://a.example?"),
            ("https://a.example?utm_id=1#", "https://a.example#"),
            ("HTTPS://A.example/X?utm_id=1", "HTTPS://A.example/X"),
            ("https://www.amazon.de/dp/B000/ref=sr_1_1?qid=5&th=1", "https://www.amazon.de/dp/B000?th=1"),
            ("https://www.amazon.de/dp/B000/ref=sr_1_1", "https://www.amazon.de/dp/B000"),
            ("https://www.amazon.com/dp/ref=a/ref=b/B000", "https://www.amazon.com/dp/B000"),
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
        assert_eq!(
            cleaned.removed,
            [Removed { name: "fbclid".to_owned(), reason: "click id of Facebook".into() }]
        );
        for signed in [
            "https://urldefense.com/v3/__https://a.example/?utm_source=x__;!!a$",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example&utm_source=x",
            "https://www.google.de/url?q=javascript:alert(1)&usg=signature",
        ] {
            assert_eq!(clean(signed).url, signed);
        }
    }

    #[test]
    fn more_wrappers_than_five_are_left_alone() {
        let nested = |hops: usize| "https://href.li/?".repeat(hops) + "https://a.example/x";
        assert_eq!(clean(&nested(5)).url, "https://a.example/x");
        assert_eq!(clean(&nested(6)), Cleaned { url: nested(6), unwrapped: vec![], removed: vec![] });
    }

    #[test]
    fn the_users_rules_are_stronger_than_the_table() {
        let mut cleaner = Cleaner::default();
        cleaner.rules.strip("x_* si").unwrap();
        cleaner.rules.keep("a.example: utm_id x_keep").unwrap();
        let cleaned = cleaner.clean("https://www.a.example/?utm_id=1&x_keep=2&x_a=3&SI=4&b=5&utm_source=6");
        assert_eq!(cleaned.url, "https://www.a.example/?utm_id=1&x_keep=2&b=5");
        assert_eq!(cleaned.removed[0].reason, "your rule `x_* si`");
        assert_eq!(cleaner.clean("https://b.example/?utm_id=1&x_keep=2").url, "https://b.example/");
        assert_eq!(
            cleaner.key("https://www.a.example/?utm_id=1").unwrap(),
            "https://www.a.example/?utm_id=1"
        );
    }

    proptest! {
        #[test]
        fn a_second_cleaning_changes_nothing(
            start in prop::sample::select(vec![
                "https://a.example/", "https://href.li/?", "https://l.facebook.com/l.php?u=", "https://www.google.com/url?q=",
                "https://www.amazon.com/x/ref=a/", "https://disq.us/url?url=", "https://www.google.com/amp/s/", "http://", "",
            ]),
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "utm_source=x", "fbclid", "a=1", "&", "?", "#", "%26", "%3A", "https://href.li/?", "https%3A%2F%2Fb.example%2F",
                    "q=", "u=", ":", "/", "é", " ", "=", ";", "/ref=", "spm=", "tag=",
                ]),
                0..12,
            ),
            noise in "\\PC{0,8}",
            further: bool,
        ) {
            let rules = Rules::default();
            let cleaner = Cleaner { aggressive: further, strip_affiliate: further, unwrap_affiliate: further, rules };
            let once = cleaner.clean(&(start.to_owned() + &parts.concat() + &noise));
            let again = cleaner.clean(&once.url);
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
