//! Where well-known sites and programs keep the feeds of a page, whether the page says so or not. In: the address of a
//! page, and the page. Out: addresses of feeds, each with its reason. The forms are those that the sites document or
//! link to themselves; docs/feeds.md has them as a table.

use url::Url;

/// A feed that there should be, and why.
pub(crate) type Guess = (Url, &'static str);

/// Names in a path of github.com that are no users.
const OF_GITHUB: [&str; 9] = [
    "about",
    "collections",
    "explore",
    "features",
    "marketplace",
    "settings",
    "sponsors",
    "topics",
    "trending",
];
const STACK_EXCHANGE: [&str; 6] = [
    "stackoverflow.com",
    "superuser.com",
    "serverfault.com",
    "askubuntu.com",
    "mathoverflow.net",
    "stackapps.com",
];

/// Whether an address is most likely that of a feed itself, not of a page.
pub(crate) fn is_feed(url: &Url) -> bool {
    let parts = url.path_segments().into_iter().flatten().map(str::to_ascii_lowercase);
    let named = |part: &str| {
        matches!(part, "feed" | "feeds" | "rss" | "atom" | ".rss")
            || part
                .rsplit_once('.')
                .is_some_and(|(_, end)| matches!(end, "atom" | "rss" | "rdf" | "xml" | "json"))
    };
    parts.into_iter().any(|part| named(&part)) || url.query_pairs().any(|(name, _)| name == "feed")
}

/// By the address alone: these sites say nothing in their pages, or show no page to programs.
pub(crate) fn by_address(page: &Url) -> Vec<Guess> {
    let host = page.host_str().unwrap_or_default().trim_start_matches("www.").trim_start_matches("m.");
    let parts: Vec<&str> =
        page.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let query =
        |name: &str| page.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let feeds: Vec<(String, &'static str)> = match (host, &parts[..]) {
        ("github.com", [user, ..]) if OF_GITHUB.contains(user) => Vec::new(),
        ("github.com", [user]) => vec![(format!("/{user}.atom"), "GitHub: what a user does")],
        ("github.com", [user, repository, ..]) => {
            let of = |name: &str| format!("/{user}/{repository}/{name}.atom");
            vec![
                (of("releases"), "GitHub: releases"),
                (of("commits"), "GitHub: commits"),
                (of("tags"), "GitHub: tags"),
                (of("discussions"), "GitHub: discussions"),
            ]
        }
        ("codeberg.org", [user]) => vec![(format!("/{user}.rss"), "Forgejo: what a user does")],
        ("codeberg.org", [user, repository, ..]) => vec![
            (format!("/{user}/{repository}/releases.rss"), "Forgejo: releases"),
            (format!("/{user}/{repository}.rss"), "Forgejo: a repository"),
        ],
        ("gitlab.com", [group, project]) => vec![
            (format!("/{group}/{project}/-/tags?format=atom"), "GitLab: tags"),
            (format!("/{group}/{project}.atom"), "GitLab: a project"),
        ],
        ("reddit.com" | "old.reddit.com", [kind @ ("r" | "user" | "u"), name, ..]) => {
            vec![(format!("/{kind}/{name}/.rss"), "Reddit: a subreddit or user")]
        }
        ("youtube.com", ["channel", id, ..]) => {
            vec![(format!("/feeds/videos.xml?channel_id={id}"), "YouTube: a channel")]
        }
        ("youtube.com", ["user", name, ..]) => {
            vec![(format!("/feeds/videos.xml?user={name}"), "YouTube: a user")]
        }
        ("youtube.com", ["playlist"]) => query("list")
            .map(|id| (format!("/feeds/videos.xml?playlist_id={id}"), "YouTube: a playlist"))
            .into_iter()
            .collect(),
        ("bsky.app", ["profile", handle]) => vec![(format!("/profile/{handle}/rss"), "Bluesky: a profile")],
        ("medium.com", [name, ..]) => vec![(format!("/feed/{name}"), "Medium: a writer or publication")],
        ("dev.to", [name]) => vec![(format!("/feed/{name}"), "DEV: a writer")],
        ("vimeo.com", [name]) => vec![(format!("/{name}/videos/rss"), "Vimeo: videos of a user")],
        ("news.ycombinator.com", []) => vec![("/rss".to_owned(), "Hacker News")],
        (host, parts) if STACK_EXCHANGE.contains(&host) || host.ends_with(".stackexchange.com") => {
            match parts {
                ["questions", "tagged", tag, ..] => {
                    vec![(format!("/feeds/tag/{tag}"), "Stack Exchange: a tag")]
                }
                ["questions", id, ..] if is_number(id) => {
                    vec![(format!("/feeds/question/{id}"), "Stack Exchange: a question")]
                }
                ["users", id, ..] if is_number(id) => {
                    vec![(format!("/feeds/user/{id}"), "Stack Exchange: a user")]
                }
                _ => vec![("/feeds".to_owned(), "Stack Exchange: newest questions")],
            }
        }
        (host, _) if host.ends_with(".medium.com") => vec![("/feed".to_owned(), "Medium: a publication")],
        (host, _) if host.ends_with(".substack.com") => vec![("/feed".to_owned(), "Substack")],
        (host, _) if host.ends_with(".tumblr.com") => vec![("/rss".to_owned(), "Tumblr")],
        (host, _) if host.ends_with(".blogspot.com") => {
            vec![("/feeds/posts/default".to_owned(), "Blogger: posts")]
        }
        (host, _) if host.ends_with(".wordpress.com") => vec![("/feed/".to_owned(), "WordPress: posts")],
        (_, [handle]) if handle.starts_with('@') && handle.len() > 1 && !is_elsewhere(host) => {
            vec![(format!("/{handle}.rss"), "Mastodon: a profile")]
        }
        _ => Vec::new(),
    };
    joined(page, feeds)
}

/// Sites whose `/@name` is no profile with a feed.
fn is_elsewhere(host: &str) -> bool {
    matches!(host, "youtube.com" | "threads.net" | "threads.com" | "tiktok.com" | "medium.com")
}

/// By what a page shows of the program that made it.
pub(crate) fn by_page(html: &str, generator: &str, page: &Url) -> Vec<Guess> {
    let host = page.host_str().unwrap_or_default();
    let path = page.path().trim_end_matches('/');
    let generator = generator.to_ascii_lowercase();
    let is = |name: &str| generator.starts_with(name);
    let mut feeds = Vec::new();
    if host.ends_with("youtube.com") {
        let id = [
            "\"externalId\":\"",
            "itemprop=\"channelId\" content=\"",
            "itemprop=\"identifier\" content=\"",
            "/channel/",
        ]
        .iter()
        .find_map(|before| channel(html, before));
        feeds.extend(id.map(|id| (format!("/feeds/videos.xml?channel_id={id}"), "YouTube: a channel")));
    } else if is("wordpress") || html.contains("/wp-content/") {
        feeds.push((format!("{path}/feed/"), "WordPress: what this page lists"));
        feeds.push(("/feed/".to_owned(), "WordPress: posts"));
        feeds.push(("/comments/feed/".to_owned(), "WordPress: comments"));
    } else if is("blogger") {
        feeds.push(("/feeds/posts/default".to_owned(), "Blogger: posts"));
        feeds.push(("/feeds/comments/default".to_owned(), "Blogger: comments"));
    } else if is("discourse") {
        match path.split('/').nth(1) {
            Some("t" | "c" | "tag") => {
                feeds.push((format!("{path}.rss"), "Discourse: a topic, category or tag"))
            }
            _ => feeds.push(("/latest.rss".to_owned(), "Discourse: latest topics")),
        }
    } else if is("ghost") {
        feeds.push(("/rss/".to_owned(), "Ghost"));
    } else if is("hugo") {
        feeds.push((format!("{path}/index.xml"), "Hugo: this section"));
        feeds.push(("/index.xml".to_owned(), "Hugo"));
    } else if html.contains("substackcdn.com") {
        feeds.push(("/feed".to_owned(), "Substack"));
    } else if is("mediawiki") {
        feeds.push((
            "/index.php?title=Special:RecentChanges&feed=atom".to_owned(),
            "MediaWiki: recent changes",
        ));
    }
    joined(page, feeds)
}

fn joined(page: &Url, feeds: Vec<(String, &'static str)>) -> Vec<Guess> {
    feeds.into_iter().filter_map(|(path, why)| Some((page.join(&path).ok()?, why))).collect()
}

/// The id of a channel after some words of a page: `UC` and 22 letters.
fn channel(html: &str, before: &str) -> Option<String> {
    html.match_indices(before).take(20).find_map(|(at, _)| {
        let id: String = html[at + before.len()..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .take(25)
            .collect();
        (id.starts_with("UC") && id.len() == 24).then_some(id)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn well_known_sites() {
        for (page, feed) in [
            ("https://github.com/acme/tea", "https://github.com/acme/tea/releases.atom"),
            ("https://github.com/acme", "https://github.com/acme.atom"),
            ("https://codeberg.org/acme/tea", "https://codeberg.org/acme/tea/releases.rss"),
            ("https://www.reddit.com/r/tea/", "https://www.reddit.com/r/tea/.rss"),
            (
                "https://www.youtube.com/channel/UCxxxxxxxxxxxxxxxxxxxxxx/videos",
                "https://www.youtube.com/feeds/videos.xml?channel_id=UCxxxxxxxxxxxxxxxxxxxxxx",
            ),
            (
                "https://www.youtube.com/playlist?list=PL1",
                "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1",
            ),
            ("https://bsky.app/profile/acme.example", "https://bsky.app/profile/acme.example/rss"),
            ("https://social.example/@acme", "https://social.example/@acme.rss"),
            ("https://medium.com/@acme/a-story", "https://medium.com/feed/@acme"),
            ("https://acme.substack.com/p/one", "https://acme.substack.com/feed"),
            ("https://acme.blogspot.com/2026/", "https://acme.blogspot.com/feeds/posts/default"),
            ("https://stackoverflow.com/questions/tagged/rust", "https://stackoverflow.com/feeds/tag/rust"),
            (
                "https://tea.stackexchange.com/questions/7/why",
                "https://tea.stackexchange.com/feeds/question/7",
            ),
        ] {
            let found = by_address(&page.parse().unwrap());
            assert_eq!(found.first().map(|(url, _)| url.as_str()), Some(feed), "{page}");
        }
        for (url, expected) in [
            ("https://github.com/acme/tea/releases.atom", true),
            ("https://stackoverflow.com/feeds/tag/rust", true),
            ("https://tea.wordpress.com/comments/feed/", true),
            ("https://www.reddit.com/r/tea/.rss", true),
            ("https://a.example/?feed=rss2", true),
            ("https://a.example/feedback", false),
            ("https://social.example/@acme", false),
        ] {
            assert_eq!(is_feed(&url.parse().unwrap()), expected, "{url}");
        }
        for page in [
            "https://github.com/features",
            "https://www.youtube.com/@acme",
            "https://a.example/x",
            "https://www.tiktok.com/@acme",
        ] {
            assert!(by_address(&page.parse().unwrap()).is_empty(), "{page}");
        }
    }

    #[test]
    fn programs_that_make_pages() {
        let first = |page: &str, generator: &str, html: &str| {
            let found = by_page(html, generator, &page.parse().unwrap());
            found.first().map(|(url, _)| url.to_string()).unwrap_or_default()
        };
        assert_eq!(first("https://a.example/c/tea/5", "Discourse 3.2", ""), "https://a.example/c/tea/5.rss");
        assert_eq!(first("https://a.example/tag/x/", "WordPress 6.8", ""), "https://a.example/tag/x/feed/");
        assert_eq!(first("https://a.example/", "Ghost 5.8", ""), "https://a.example/rss/");
        let page = "{\"externalId\":\"UC0123456789012345678901\"}";
        assert_eq!(
            first("https://www.youtube.com/@acme", "", page),
            "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789012345678901"
        );
        assert_eq!(first("https://a.example/", "", "<p>"), "");
    }

    proptest! {
        #[test]
        fn any_address_is_taken(path in "\\PC{0,30}", host in "(github.com|youtube.com|a.stackexchange.com|x.example)") {
            if let Ok(page) = Url::parse(&format!("https://{host}/{path}")) {
                let _ = by_address(&page);
                let _ = by_page(&path, "discourse", &page);
            }
        }
    }
}
