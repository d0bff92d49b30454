//! Whether a feed is the comments of a site rather than its posts (docs/feeds.md). In: a feed and the addresses it is known
//! by. Out: yes or no.

use crate::feed::{Facts, Head};

/// How titles of such feeds begin. A bare "Comments" or "Kommentare" is as often a column of opinions.
const TITLES: [&str; 9] = [
    "comments for ",
    "comments on ",
    "comments on: ",
    "kommentare für ",
    "kommentare zu ",
    "kommentare zu: ",
    "commentaires sur ",
    "commentaires pour ",
    "comentarios en ",
];
/// Documents of a folder `comments`, or named `comments.*`, that are feeds.
const DOCUMENTS: [&str; 9] = ["feed", "default", "atom", "rss", "rss2", "rdf", "xml", "json", "feed.xml"];

/// Any one sign is enough: the address, the title, where most entries stand, or that most of them answer something. Entries
/// that say how many comments they have are posts, whatever the title says.
pub(crate) fn is_comments_feed(head: &Head, facts: &Facts, addresses: &[&str]) -> bool {
    let most = |having: usize| having * 2 > facts.entries;
    addresses.iter().chain(head.feed_url.as_deref().iter()).any(|url| is_address(url))
        || most(facts.at_comments)
        || most(facts.answering)
        || head.title.as_deref().is_some_and(is_title) && !most(facts.counting)
}

fn is_title(title: &str) -> bool {
    let title = title.to_lowercase();
    TITLES.iter().any(|beginning| title.starts_with(beginning))
}

fn is_address(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let mut segments = path.rsplit('/');
    let (last, folder) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let named = last.strip_prefix("comments.").is_some_and(|ending| DOCUMENTS.contains(&ending));
    named || (folder == "comments" && DOCUMENTS.contains(&last)) || url.contains("feed=comments")
}

/// The post of a comment's address: what stands before `#comment-7`, `#comment7`, `#c1234567`. `#comments` is no comment
/// but the place of all of them.
pub(crate) fn post_of(url: &str) -> Option<&str> {
    let (post, fragment) = url.split_once('#')?;
    let numbered = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    let names_one = match fragment.strip_prefix("comment") {
        Some(rest) => !rest.starts_with('s') && numbered(rest),
        None => {
            fragment.strip_prefix('c').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()) && numbered(n))
        }
    };
    names_one.then_some(post)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{Glance, Survey};

    /// Whether a feed with that title and those entries is one of comments: their addresses, whether they answer something,
    /// whether they say how many comments they have.
    fn is_one(title: &str, entries: &[(&str, bool, bool)], addresses: &[&str]) -> bool {
        let mut survey = Survey::default();
        for (url, answers, counts_replies) in entries {
            let (answers, counts_replies) = (*answers, *counts_replies);
            survey.add(&Glance { native: None, url: Some(url), answers, counts_replies });
        }
        let head = Head { title: Some(title.to_owned()), ..Head::default() };
        is_comments_feed(&head, &survey.facts, addresses)
    }

    const POST: (&str, bool, bool) = ("https://a.example/x", false, false);

    #[test]
    fn each_sign_is_enough() {
        for address in [
            "https://a.example/comments.xml",
            "https://a.example/comments.atom",
            "https://a.example/comments/feed/",
            "https://a.example/feeds/comments/default?alt=rss",
            "https://a.example/?feed=comments-rss2",
        ] {
            assert!(is_one("A", &[POST], &[address]), "{address}");
        }
        for title in ["Comments for A", "Comments on: Ships", "Kommentare zu: A", "Kommentare für A"] {
            assert!(is_one(title, &[POST], &[]), "{title}");
        }
        let linked = ["#comment-7", "#comment-b7f", "#c1234567"].map(|f| format!("https://a.example/x{f}"));
        let linked: Vec<_> = linked.iter().map(|url| (url.as_str(), false, false)).collect();
        assert!(is_one("A", &linked, &[]));
        let answer = ("https://a.example/x", true, false);
        assert!(is_one("A", &[answer, answer, POST], &[]));
    }

    #[test]
    fn articles_stay_articles() {
        let posts =
            [("https://a.example/x#comments", false, false), ("https://a.example/y#comment-7", false, false)];
        for address in
            ["https://a.example/feed", "https://a.example/comments/x", "https://a.example/comments"]
        {
            assert!(!is_one("Kommentare", &posts, &[address]), "{address}");
        }
        let counting = ("https://a.example/x", false, true);
        assert!(!is_one("Comments on the news", &[counting], &[]));
        assert!(!is_comments_feed(&Head::default(), &Facts::default(), &[]));
    }
}
