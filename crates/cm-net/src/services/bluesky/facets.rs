//! Rich text: what Bluesky shows of a text, and what its parts lead to (lexicon `app.bsky.richtext.facet`).
//! In: a text and its links. Out: the text with each link's words cut as Bluesky's own app cuts them, and facets with the
//! whole addresses, tags and mentions, by bytes of UTF-8.
//!
//! | part | rule | source |
//! |---|---|---|
//! | link | shown as host and path; a path, query and fragment of more than 15 characters as their first 13 and `...` | `toShortUrl` of bluesky-social/social-app, src/lib/strings/url-helpers.ts |
//! | tag | `#` or `＃` at the start or after white space, up to white space; not digits and punctuation only; without the punctuation at its end; at most 64 graphemes | `TAG_REGEX` of bluesky-social/atproto, packages/api/src/rich-text |
//! | mention | `@` at the start, after white space or `(`, and a handle | `MENTION_REGEX`, the same; <https://atproto.com/specs/handle> |
//!
//! Bare domains are no links here: what is a link is decided where the text is written.

use super::punctuation::is_punctuation;
use crate::services::Link;
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;
use url::{Position, Url};

/// Longer ones are no tags (lexicon, `maxGraphemes` of a tag).
const LONGEST_TAG: usize = 64;
/// The same in bytes (`maxLength`).
const LONGEST_TAG_BYTES: usize = 640;
/// <https://atproto.com/specs/handle>
const LONGEST_HANDLE: usize = 253;

/// A text as it is posted.
#[derive(Debug, PartialEq)]
pub(super) struct Rich {
    /// With its links cut.
    pub(super) text: String,
    /// In their order, none overlapping.
    pub(super) facets: Vec<Facet>,
    /// A link is shown shorter than it is.
    pub(super) cut: bool,
}

/// A part of a text that leads somewhere.
#[derive(Debug, PartialEq)]
pub(super) struct Facet {
    start: usize,
    end: usize,
    feature: Feature,
}

#[derive(Debug, PartialEq)]
enum Feature {
    Link(String),
    Tag(String),
    /// A handle; who is behind it is asked later.
    Mention(String),
}

impl Facet {
    /// As the record has it. A mention's `did` is its handle until it is known.
    pub(super) fn to_json(&self) -> Value {
        let feature = match &self.feature {
            Feature::Link(uri) => json!({"$type": "app.bsky.richtext.facet#link", "uri": uri}),
            Feature::Tag(tag) => json!({"$type": "app.bsky.richtext.facet#tag", "tag": tag}),
            Feature::Mention(handle) => json!({"$type": MENTION, "did": handle}),
        };
        json!({"index": {"byteStart": self.start, "byteEnd": self.end}, "features": [feature]})
    }
}

/// The type of a mention's feature.
pub(super) const MENTION: &str = "app.bsky.richtext.facet#mention";

/// Cuts links and finds what leads somewhere.
pub(super) fn rich(text: &str, links: &[Link]) -> Rich {
    let (shown, mut facets) = cut(text, links);
    let linked: Vec<(usize, usize)> = facets.iter().map(|facet| (facet.start, facet.end)).collect();
    let free = |facet: &Facet| linked.iter().all(|(start, end)| facet.end <= *start || *end <= facet.start);
    facets.extend(words(&shown).into_iter().filter(free));
    facets.sort_by_key(|facet| facet.start);
    Rich { cut: shown != text, text: shown, facets }
}

/// The text with each link's words cut. A link that does not lie within the text, or in another, is left alone.
fn cut(text: &str, links: &[Link]) -> (String, Vec<Facet>) {
    let (mut shown, mut facets, mut from) = (String::with_capacity(text.len()), Vec::new(), 0);
    for link in links {
        let Some(before) = text.get(from..link.start) else { continue };
        if text.get(link.start..link.end).is_none_or(str::is_empty) {
            continue;
        }
        shown.push_str(before);
        let start = shown.len();
        shown.push_str(&short(&link.url));
        facets.push(Facet { start, end: shown.len(), feature: Feature::Link(ascii(&link.url)) });
        from = link.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    (shown, facets)
}

/// What an address is shown as.
pub(super) fn short(address: &str) -> String {
    let Some(url) = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return address.to_owned();
    };
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let path = if url.path() == "/" { "" } else { url.path() };
    // An empty query or fragment is not shown.
    let part = |mark: &str, part: Option<&str>| {
        part.filter(|part| !part.is_empty()).map_or_else(String::new, |part| format!("{mark}{part}"))
    };
    let rest = format!("{path}{}{}", part("?", url.query()), part("#", url.fragment()));
    match rest.get(..13).filter(|_| rest.len() > 15) {
        Some(start) => format!("{host}{start}..."),
        None => format!("{host}{rest}"),
    }
}

/// Addresses in facets are URIs, which are ASCII (RFC 3986); others are written so by the rules of the web.
fn ascii(address: &str) -> String {
    match address.is_ascii() {
        true => address.to_owned(),
        false => Url::parse(address).map_or_else(|_| address.to_owned(), String::from),
    }
}

/// Tags and mentions.
fn words(text: &str) -> Vec<Facet> {
    let mut facets = Vec::new();
    let mut before = None;
    for (start, c) in text.char_indices() {
        let rest = text.get(start + c.len_utf8()..).unwrap_or_default();
        let apart = before.is_none_or(char::is_whitespace);
        let found = match c {
            '#' | '＃' if apart => tag(rest).map(|tag| (tag, Feature::Tag(tag.to_owned()))),
            '@' if apart || before == Some('(') => {
                handle(rest).map(|name| (name, Feature::Mention(name.to_owned())))
            }
            _ => None,
        };
        if let Some((word, feature)) = found {
            facets.push(Facet { start, end: start + c.len_utf8() + word.len(), feature });
        }
        before = Some(c);
    }
    facets
}

fn tag(rest: &str) -> Option<&str> {
    let word = rest.split(|c: char| c.is_whitespace() || is_zero_width(c)).next()?;
    let names = |c: char| !c.is_ascii_digit() && !is_punctuation(c);
    if word.starts_with('\u{fe0f}') || !word.contains(names) {
        return None;
    }
    let tag = word.trim_end_matches(is_punctuation);
    (tag.graphemes(true).count() <= LONGEST_TAG && tag.len() <= LONGEST_TAG_BYTES).then_some(tag)
}

/// What ends a tag without being seen; emoji are joined by some of it, and end there too.
fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{2060}' | '\u{200a}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{20e2}')
}

fn handle(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').unwrap_or(rest.len());
    // Scripts that set no space go right on after a handle.
    if rest.get(end..)?.starts_with('_') {
        return None;
    }
    let name = rest.get(..end)?.trim_end_matches(['.', '-']);
    let label =
        |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let top = name.rsplit('.').next()?.starts_with(|c: char| c.is_ascii_alphabetic());
    (name.contains('.') && name.len() <= LONGEST_HANDLE && top && name.split('.').all(label)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As `cm-text` finds them, near enough: what begins with http and ends at white space.
    fn links(text: &str) -> Vec<Link> {
        let mut found = Vec::new();
        for (start, _) in text.match_indices("http") {
            let word = text[start..].split(char::is_whitespace).next().unwrap();
            if Url::parse(word).is_ok_and(|url| url.has_host())
                && found.last().is_none_or(|l: &Link| l.end <= start)
            {
                found.push(Link { start, end: start + word.len(), url: word.to_owned() });
            }
        }
        found
    }

    fn shown(text: &str) -> String {
        rich(text, &links(text)).text
    }

    /// What each facet covers, and what it leads to.
    fn parts(text: &str) -> Vec<(String, String)> {
        let rich = rich(text, &links(text));
        let part = |facet: &Facet| {
            let (Feature::Link(to) | Feature::Tag(to) | Feature::Mention(to)) = &facet.feature;
            (rich.text[facet.start..facet.end].to_owned(), to.clone())
        };
        rich.facets.iter().map(part).collect()
    }

    fn pair(shown: &str, to: &str) -> (String, String) {
        (shown.to_owned(), to.to_owned())
    }

    #[test]
    fn links_are_cut_as_the_app_cuts_them() {
        for (url, expected) in [
            ("https://acme.example/", "acme.example"),
            ("https://acme.example/a/b", "acme.example/a/b"),
            ("https://acme.example/12345678901234", "acme.example/12345678901234"), // 15 with the slash
            ("https://acme.example/123456789012345", "acme.example/123456789012..."),
            ("https://acme.example/shop?id=7&utm_source=bluesky", "acme.example/shop?id=7&ut..."),
            ("https://acme.example/?q=1#top", "acme.example?q=1#top"),
            ("http://www.acme.example:8080/x", "www.acme.example:8080/x"),
            ("https://ACME.example", "acme.example"),
            ("https://acme.example/?#", "acme.example"),
            ("https://acme.example/?q=?", "acme.example?q=?"),
            ("https://en.wiki.example/wiki/Tea_(plant)", "en.wiki.example/wiki/Tea_(pl..."),
            ("https://bücher.example/ü", "xn--bcher-kva.example/%C3%BC"),
            ("https://[2001:db8::1]/x", "[2001:db8::1]/x"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }

    #[test]
    fn facets_hold_the_whole_address_over_bytes() {
        let url = "https://acme.example/news/2026/spring";
        assert_eq!(
            parts(&format!("☕ Grüße: {url} und #Tee!")),
            [pair("acme.example/news/2026/sp...", url), pair("#Tee", "Tee")]
        );
        assert_eq!(parts("https://bücher.example/")[0].1, "https://xn--bcher-kva.example/");
        assert_eq!(parts("acme.example is no link"), []);
    }

    #[test]
    fn a_link_that_is_not_there_is_left_alone() {
        let link = |start, end| Link { start, end, url: "https://a.example/".to_owned() };
        for links in [[link(0, 99), link(50, 60)], [link(1, 3), link(5, 5)], [link(3, 0), link(9, 2)]] {
            let rich = rich("é é é", &links);
            assert_eq!((rich.text.as_str(), rich.facets.len(), rich.cut), ("é é é", 0, false), "{links:?}");
        }
    }

    #[test]
    fn tags() {
        for (text, expected) in [
            ("#tea", "tea"),
            ("a #tea, b", "tea"),
            ("＃茶。", "茶"),
            ("#tea's", "tea's"),
            ("#2026tea", "2026tea"),
            ("#☕", "☕"),
            ("#a#b", "a#b"),
            ("#שלום", "שלום"),
            ("#cafe\u{301}!", "cafe\u{301}"),
            ("\n#tea\u{200b}pot", "tea"),
        ] {
            assert_eq!(parts(text).first().map(|(_, to)| to.as_str()), Some(expected), "{text}");
        }
        for none in [
            "#2026",
            "#",
            "# tea",
            "a#tea",
            "#!?",
            "#1.000",
            "#\u{fe0f}\u{20e3}",
            "(#tea)",
            &format!("#{}", "a".repeat(65)),
        ] {
            assert_eq!(parts(none), [], "{none}");
        }
    }

    #[test]
    fn mentions() {
        for (text, expected) in [
            ("@ana.example", "@ana.example"),
            ("(@ana.example)", "@ana.example"),
            ("hi @Ana.Example. Bye", "@Ana.Example"),
            ("@a.b-c.example!", "@a.b-c.example"),
            ("@ana.exampleさん", "@ana.example"),
        ] {
            assert_eq!(parts(text).first().map(|(shown, _)| shown.as_str()), Some(expected), "{text}");
        }
        for none in [
            "@ana",
            "ana@acme.example",
            "@ana@mastodon.example",
            "@.example",
            "@a..b",
            "@-a.example",
            "@a.1",
            "@ana.example_x",
        ] {
            assert_eq!(parts(none), [], "{none}");
        }
        assert_eq!(parts("https://a.example/(@bob.example").len(), 1, "within a link");
    }

    proptest! {
        #[test]
        fn every_facet_lies_within_the_text_on_its_characters(
            text in "([ \n]|#|@|[a-z.]{1,6}|https://[a-z]{1,5}\\.example/[a-zé()/]{0,30}|☕|👩🏽‍🚀|שלום|e\u{301}|\\PC){0,30}"
        ) {
            let rich = rich(&text, &links(&text));
            let mut last = 0;
            for facet in &rich.facets {
                prop_assert!(facet.start >= last && facet.end > facet.start);
                let part = rich.text.get(facet.start..facet.end);
                prop_assert!(part.is_some(), "{facet:?} in {:?}", rich.text);
                match &facet.feature {
                    Feature::Link(to) => {
                        prop_assert!(to.is_ascii() && Url::parse(to).is_ok());
                        prop_assert_eq!(part.unwrap(), short(to));
                    }
                    Feature::Tag(to) => prop_assert!(part.unwrap().trim_start_matches(['#', '＃']).starts_with(to.trim_start_matches(['#', '＃']))),
                    Feature::Mention(to) => prop_assert_eq!(part.unwrap(), format!("@{to}")),
                }
                last = facet.end;
            }
            prop_assert_eq!(rich.cut, rich.text != text);
        }

        #[test]
        fn without_links_the_text_stays(text in "\\PC*") {
            prop_assert_eq!(rich(&text, &[]).text, text);
        }

        #[test]
        fn any_links_are_taken(text in "\\PC{0,20}", ranges in proptest::collection::vec((0..30usize, 0..30usize), 0..4)) {
            let links: Vec<Link> = ranges.iter().map(|(start, end)| Link { start: *start, end: *end, url: "https://a.example/x".to_owned() }).collect();
            let rich = rich(&text, &links);
            prop_assert!(rich.facets.iter().all(|f| rich.text.get(f.start..f.end).is_some()));
        }
    }
}
