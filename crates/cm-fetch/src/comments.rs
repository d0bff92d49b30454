//! Whether a feed is the comments of a site rather than its posts (docs/feeds.md). In: a feed and the addresses it is known
//! by. Out: yes or no.

use crate::feed::{Entry, Feed};

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
pub(crate) fn is_comments_feed(feed: &Feed, addresses: &[&str]) -> bool {
    let most = |sign: fn(&Entry) -> bool| {
        let having = feed.entries.iter().filter(|entry| sign(entry)).count();
        having * 2 > feed.entries.len()
    };
    addresses.iter().chain(feed.feed_url.as_deref().iter()).any(|url| is_address(url))
        || most(|entry| entry.url.as_deref().is_some_and(|url| post_of(url).is_some()))
        || most(|entry| entry.in_reply_to.is_some())
        || feed.title.as_deref().is_some_and(is_title) && !most(|entry| entry.replies.is_some())
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

    fn feed(title: &str, entries: Vec<Entry>) -> Feed {
        Feed { title: Some(title.into()), entries, ..Feed::default() }
    }

    fn at(url: &str) -> Entry {
        Entry { url: Some(url.into()), ..Entry::default() }
    }

    #[test]
    fn each_sign_is_enough() {
        let post = || vec![at("https://a.example/x")];
        for address in [
            "https://a.example/comments.xml",
            "https://a.example/comments.atom",
            "https://a.example/comments/feed/",
            "https://a.example/feeds/comments/default?alt=rss",
            "https://a.example/?feed=comments-rss2",
        ] {
            assert!(is_comments_feed(&feed("A", post()), &[address]), "{address}");
        }
        for title in ["Comments for A", "Comments on: Ships", "Kommentare zu: A", "Kommentare für A"] {
            assert!(is_comments_feed(&feed(title, post()), &[]), "{title}");
        }
        let linked =
            ["#comment-7", "#comment-b7f", "#c1234567"].map(|f| at(&format!("https://a.example/x{f}")));
        assert!(is_comments_feed(&feed("A", linked.to_vec()), &[]));
        let answer = Entry { in_reply_to: Some("x".into()), ..Entry::default() };
        assert!(is_comments_feed(&feed("A", vec![answer.clone(), answer, at("https://a.example/x")]), &[]));
    }

    #[test]
    fn articles_stay_articles() {
        let posts = || vec![at("https://a.example/x#comments"), at("https://a.example/y#comment-7")];
        for address in
            ["https://a.example/feed", "https://a.example/comments/x", "https://a.example/comments"]
        {
            assert!(!is_comments_feed(&feed("Kommentare", posts()), &[address]), "{address}");
        }
        let counting = Entry { replies: Some(3), ..at("https://a.example/x") };
        assert!(!is_comments_feed(&feed("Comments on the news", vec![counting]), &[]));
        assert!(!is_comments_feed(&Feed::default(), &[]));
    }
}
