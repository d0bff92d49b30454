//! The feeds that a page offers: what it links to, else what stands where feeds usually stand.

use html5gum::{Token, Tokenizer};
use url::Url;

/// Where feeds stand on sites that do not say so.
const USUAL: [&str; 8] =
    ["feed", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss", "feed.json", "feed/"];
/// A page that links to more feeds than this is a directory.
const MOST: usize = 20;

/// The feeds that a page links to with `<link rel="alternate">`, in its order, feeds of comments last.
pub(crate) fn linked(html: &str, page: &Url) -> Vec<Url> {
    let mut base = page.clone();
    let mut found: Vec<(bool, Url)> = Vec::new();
    for token in Tokenizer::new(html) {
        let Ok(Token::StartTag(tag)) = token else { continue };
        if found.len() >= MOST * 10 {
            break;
        }
        let attribute = |name: &str| {
            let value = tag.attributes.iter().find(|(n, _)| n.0 == name.as_bytes()).map(|(_, value)| value);
            value.map(|value| String::from_utf8_lossy(value).trim().to_owned())
        };
        match &tag.name[..] {
            b"base" => base = attribute("href").and_then(|href| page.join(&href).ok()).unwrap_or(base),
            b"link" if is_feed_link(attribute("rel"), attribute("type")) => {
                let Some(url) = attribute("href").and_then(|href| base.join(&href).ok()) else { continue };
                let comments = url.path().contains("comments")
                    || attribute("title").is_some_and(|t| t.to_lowercase().contains("comments"));
                if matches!(url.scheme(), "http" | "https") && found.iter().all(|(_, other)| *other != url) {
                    found.push((comments, url));
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|(comments, _)| *comments);
    found.into_iter().map(|(_, url)| url).take(MOST).collect()
}

fn is_feed_link(rel: Option<String>, kind: Option<String>) -> bool {
    let rel = rel.unwrap_or_default().to_ascii_lowercase();
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let alternate = rel.split_whitespace().any(|word| matches!(word, "alternate" | "feed"));
    let feed = matches!(
        kind,
        "application/rss+xml"
            | "application/atom+xml"
            | "application/feed+json"
            | "application/rdf+xml"
            | "application/json"
            | "text/xml"
            | "application/xml"
    );
    // WordPress offers its API as application/json; that is no feed.
    alternate && feed && kind != "application/json" || rel.split_whitespace().any(|word| word == "feed")
}

/// Where feeds usually stand: beside the page, then at the root.
pub(crate) fn usual(page: &Url) -> Vec<Url> {
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

    #[test]
    fn links_of_a_page() {
        let html = "<html><head><base href='/blog/'>
            <link rel='alternate' type='application/rss+xml' title='Comments Feed' href='comments/feed/'>
            <link REL=alternate type='application/rss+xml; charset=utf-8' href=feed/>
            <link rel='alternate' type='application/json' href='/wp-json/'>
            <link rel='stylesheet' type='text/css' href='x.css'>
            <link rel='alternate' hreflang='de' href='/de'>";
        let found = linked(html, &"https://a.example/x".parse().unwrap());
        let found: Vec<&str> = found.iter().map(Url::as_str).collect();
        assert_eq!(found, ["https://a.example/blog/feed/", "https://a.example/blog/comments/feed/"]);
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
        fn any_page_is_read(html in "(<link|rel=alternate|type=application/rss\\+xml|href=|>|'|/| |x){0,40}") {
            let _ = linked(&html, &"https://a.example/".parse().unwrap());
        }
    }
}
