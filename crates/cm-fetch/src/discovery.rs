//! The feeds that a page offers, each with the reason to think so: what it links to, what it says of itself to search
//! engines, what the program or site that made it is known to have, what its readers are pointed to, and else what stands
//! where feeds usually stand.

use crate::sites;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use std::collections::HashMap;
use url::Url;

/// Where feeds stand on sites that do not say so.
const USUAL: [&str; 8] =
    ["feed", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss", "feed.json", "feed/"];
/// Why such a place is tried.
pub(crate) const USUAL_PLACE: &str = "a usual place";
/// Why what the head of a page names is one.
pub(crate) const LINKED: &str = "the page links to it";
/// A page that links to more feeds than this is a directory.
const MOST: usize = 20;
/// Links for readers are looked at up to so many: they may lead to anything.
const MOST_ANCHORS: usize = 6;
/// How the addresses of feeds end.
const ENDINGS: [&str; 14] = [
    ".rss",
    ".atom",
    ".rdf",
    "/rss",
    "/rss/",
    "/feed",
    "/feed/",
    "/feeds/posts/default",
    "/atom",
    "/atom/",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "feed.json",
];
/// Readers in the web, to which one may subscribe by a link that holds the address of the feed.
const READERS: [&str; 6] =
    ["feedly.com", "inoreader.com", "theoldreader.com", "newsblur.com", "netvibes.com", "my.yahoo.com"];

/// An address that should be a feed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offer {
    pub(crate) url: Url,
    /// The reason to think so.
    pub(crate) why: &'static str,
}

/// What a page offers, the surest first; of what it links to, feeds of comments last.
pub(crate) fn offers(html: &str, page: &Url) -> Vec<Offer> {
    let read = Page::read(html, page);
    let base = &read.base;
    let mut all: Vec<Offer> = Vec::new();
    let mut take = |url: Url, why: &'static str| {
        let wanted = may_lead(page, &url) && url != *page;
        if wanted && all.len() < MOST && all.iter().all(|other| other.url != url) {
            all.push(Offer { url, why });
        }
    };
    let of_comments =
        |(url, title): &(Url, String)| url.path().contains("comments") || title.contains("comments");
    let (later, first): (Vec<_>, Vec<_>) = read.linked.into_iter().partition(of_comments);
    first.into_iter().chain(later).for_each(|(url, _)| take(url, LINKED));
    read.stated.into_iter().for_each(|url| take(url, "the page's JSON-LD names it"));
    for (url, why) in sites::by_address(base).into_iter().chain(sites::by_page(html, &read.generator, base)) {
        take(url, why);
    }
    read.anchors.into_iter().take(MOST_ANCHORS).for_each(|url| take(url, "a link for readers"));
    // Beside a page in a file there is nothing that could be asked.
    if base.has_host() {
        let named = all.len();
        for url in usual(base) {
            if all[..named].iter().all(|other| other.url != url) {
                all.push(Offer { url, why: USUAL_PLACE });
            }
        }
    }
    all
}

/// Whether an address can be asked: a page of the web leads to the web only, a saved one to files too.
fn may_lead(page: &Url, to: &Url) -> bool {
    matches!(to.scheme(), "http" | "https") || (to.scheme() == "file" && page.scheme() == "file")
}

/// What of a page matters here.
struct Page {
    /// What its links are relative to.
    base: Url,
    generator: String,
    /// Of `<link>`: with the title in lower case.
    linked: Vec<(Url, String)>,
    /// Of JSON-LD.
    stated: Vec<Url>,
    /// Of `<a>`.
    anchors: Vec<Url>,
}

type Attributes = HashMap<String, String>;

impl Page {
    fn read(html: &str, page: &Url) -> Page {
        let (generator, linked, stated) = (String::new(), Vec::new(), Vec::new());
        let mut read = Page { base: page.clone(), generator, linked, stated, anchors: Vec::new() };
        // The link that is open, and its text; the script that is.
        let (mut anchor, mut script): (Option<(Attributes, String)>, Option<String>) = (None, None);
        // Scripts and styles hold no tags.
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Ok(Token::StartTag(tag)) => {
                    let name = String::from_utf8_lossy(&tag.name).into_owned();
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
                    let attributes = tag.attributes.iter().map(|(name, value)| (text(&name.0), text(value)));
                    let attributes: Attributes = attributes.collect();
                    match name.as_str() {
                        "a" => anchor = Some((attributes, String::new())),
                        "script" => script = is_ld(&attributes).then(String::new),
                        "img" => {
                            let alt = attributes.get("alt").cloned().unwrap_or_default();
                            anchor.iter_mut().for_each(|(_, words)| words.push_str(&alt));
                        }
                        name => read.head(name, &attributes),
                    }
                }
                Ok(Token::String(text)) => {
                    let text = String::from_utf8_lossy(&text);
                    script.iter_mut().for_each(|script| script.push_str(&text));
                    anchor
                        .iter_mut()
                        .filter(|(_, words)| words.len() < 200)
                        .for_each(|(_, words)| words.push_str(&text));
                }
                Ok(Token::EndTag(tag)) if **tag.name == *b"a" => {
                    let found =
                        anchor.take().and_then(|(attributes, words)| read.anchor(&attributes, &words));
                    read.anchors.extend(found);
                }
                Ok(Token::EndTag(tag)) if **tag.name == *b"script" => {
                    let value =
                        script.take().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
                    value.iter().for_each(|value| read.state(value));
                }
                _ => {}
            }
        }
        read
    }

    /// What stands in the head of a page.
    fn head(&mut self, name: &str, attributes: &Attributes) {
        let attribute = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
        match name {
            "base" => {
                let base = self.base.join(attribute("href")).ok().filter(|base| may_lead(&self.base, base));
                self.base = base.unwrap_or_else(|| self.base.clone());
            }
            "meta" if attribute("name").eq_ignore_ascii_case("generator") => {
                self.generator = attribute("content").to_owned()
            }
            // A page that was saved stands where it came from.
            "link" if attribute("rel").eq_ignore_ascii_case("canonical") && !self.base.has_host() => {
                let canonical = Url::parse(attribute("href")).ok().filter(Url::has_host);
                self.base = canonical.unwrap_or_else(|| self.base.clone());
            }
            "link" if is_feed_link(attribute("rel"), attribute("type")) => {
                let url = self.join(attribute("href"));
                self.linked.extend(
                    url.filter(|_| self.linked.len() < MOST * 10)
                        .map(|url| (url, attribute("title").to_lowercase())),
                );
            }
            _ => {}
        }
    }

    fn join(&self, href: &str) -> Option<Url> {
        // `feed:https://a.example/x` and `feed://a.example/x` are what programs are called by.
        let bare = href.strip_prefix("feed:").map(|rest| match rest.strip_prefix("//") {
            Some(rest) => format!("https://{rest}"),
            None => rest.to_owned(),
        });
        let href = bare.as_deref().unwrap_or(href);
        if href.is_empty() { None } else { self.base.join(href).ok() }
    }

    /// A link for readers that looks like one to a feed, by its address or by its words.
    fn anchor(&self, attributes: &Attributes, words: &str) -> Option<Url> {
        let attribute = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
        let href = attributes.get("href")?;
        let url = self.join(href)?;
        let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
        if READERS.contains(&host) {
            return None;
        }
        let path = url.path().to_ascii_lowercase();
        let by_address = href.starts_with("feed:") || ENDINGS.iter().any(|ending| path.ends_with(ending));
        let by_rel = is_feed_link(attribute("rel"), attribute("type"));
        let told = [words, attribute("title"), attribute("aria-label")];
        (by_address || by_rel || told.iter().any(|told| names_a_feed(told))).then_some(url)
    }

    /// `webFeed` of schema.org, wherever it stands.
    fn state(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    let address = value.as_str().or_else(|| value.get("url")?.as_str());
                    match address.filter(|_| name == "webFeed") {
                        Some(address) => self.stated.extend(self.join(address)),
                        None => self.state(value),
                    }
                }
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| self.state(value)),
            _ => {}
        }
    }
}

fn is_ld(attributes: &Attributes) -> bool {
    attributes.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json"))
}

/// `RSS`, `Atom feed`, `Subscribe via RSS`: few words, one of which is a feed's.
fn names_a_feed(words: &str) -> bool {
    let words: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.len() <= 5
        && words
            .iter()
            .any(|word| matches!(word.as_str(), "rss" | "atom" | "feed" | "feeds" | "rss2" | "newsfeed"))
}

fn is_feed_link(rel: &str, kind: &str) -> bool {
    let (rel, kind) = (rel.to_ascii_lowercase(), kind.to_ascii_lowercase());
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let has = |name: &str| rel.split_whitespace().any(|word| word == name);
    // WordPress offers its API as application/json; that is no feed.
    let feed = matches!(
        kind,
        "application/rss+xml"
            | "application/atom+xml"
            | "application/feed+json"
            | "application/rdf+xml"
            | "application/rss"
            | "application/atom"
            | "text/rss+xml"
            | "text/atom+xml"
            | "text/xml"
            | "application/xml"
    );
    has("feed") || (feed && (has("alternate") || has("alternative")))
}

/// Where feeds usually stand: beside the page, then at the root.
fn usual(page: &Url) -> Vec<Url> {
    let mut folder = page.clone();
    folder.set_query(None);
    folder.set_fragment(None);
    if !folder.path().ends_with('/') {
        let path = format!("{}/", folder.path());
        folder.set_path(&path);
    }
    let mut all: Vec<Url> = USUAL.iter().filter_map(|name| folder.join(name).ok()).collect();
    for url in USUAL.iter().filter_map(|name| folder.join(&format!("/{name}")).ok()) {
        if !all.contains(&url) {
            all.push(url);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(html: &str, page: &str) -> Vec<String> {
        let offers = offers(html, &page.parse().unwrap()).into_iter();
        offers.filter(|offer| offer.why != USUAL_PLACE).map(|offer| offer.url.to_string()).collect()
    }

    #[test]
    fn links_of_a_page() {
        let html = "<html><head><base href='/blog/'>
            <link rel='alternate' type='application/rss+xml' title='Comments Feed' href='comments/feed/'>
            <link REL=alternate type='application/rss+xml; charset=utf-8' href=feed/>
            <link rel='alternate' type='application/json' href='/wp-json/'>
            <link rel='stylesheet' type='text/css' href='x.css'>
            <link rel='alternate' hreflang='de' href='/de'>";
        assert_eq!(
            found(html, "https://a.example/x"),
            ["https://a.example/blog/feed/", "https://a.example/blog/comments/feed/"]
        );
    }

    #[test]
    fn what_else_a_page_says() {
        let html = r#"<script type="application/ld+json">{"@graph":[{"@type":"PodcastSeries","webFeed":"/pod.xml"}]}</script>
            <script>var a = "<a href='/no.rss'>RSS</a>";</script>
            <a href="/about">About</a> <a href="/syndicate?x=1"><img src=i.png alt="RSS"></a> <a href="/blog.atom">x</a>
            <a href="https://feedly.com/i/subscription/feed/https://a.example/rss">RSS</a>
            <a href="feed://a.example/f">y</a> <a href="/essay">How I learned to love RSS and why you should too</a>
            <a href="mailto:x@a.example">feed</a>"#;
        assert_eq!(
            found(html, "https://a.example/"),
            [
                "https://a.example/pod.xml",
                "https://a.example/syndicate?x=1",
                "https://a.example/blog.atom",
                "https://a.example/f"
            ]
        );
    }

    #[test]
    fn a_saved_page_stands_where_it_came_from_or_beside_its_files() {
        let link = "<link rel=alternate type=application/rss+xml href=feed.xml>";
        assert_eq!(found(link, "file:///home/ana/page.html"), ["file:///home/ana/feed.xml"]);
        let canonical = format!("<link rel=canonical href=https://a.example/b/>{link}");
        assert_eq!(found(&canonical, "file:///home/ana/page.html"), ["https://a.example/b/feed.xml"]);
    }

    #[test]
    fn usual_places_beside_the_page_then_at_the_root() {
        let places = usual(&"https://a.example/blog?x".parse().unwrap());
        assert_eq!(places[0].as_str(), "https://a.example/blog/feed");
        assert!(places.iter().any(|url| url.as_str() == "https://a.example/feed.xml"));
        assert_eq!(usual(&"https://a.example/".parse().unwrap()).len(), USUAL.len());
    }

    proptest! {
        #[test]
        fn any_page_is_read(html in "(<link|<a |</a>|<script|</script>|rel=alternate|type=application/rss\\+xml|href=|>|'|/| |x|RSS){0,40}") {
            let _ = offers(&html, &"https://a.example/".parse().unwrap());
        }
    }
}
