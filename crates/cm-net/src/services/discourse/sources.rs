//! What can be read of a forum. In: what stands after the account in a SOURCE. Out: which list is meant.

use crate::services::Trouble;
use crate::services::asked::{Asked, number};

/// For people.
pub(super) const OFFERS: &[&str] = &[
    "posts",
    "latest",
    "topic/ID",
    "category/SLUG/ID",
    "search?q=...",
    "user/NAME",
    "notifications",
    "messages",
];

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// All posts of the forum, or those of private messages.
    Posts {
        /// `posts`, `posts/private_posts`.
        path: &'static str,
    },
    /// Topics, by the path of their list.
    Topics(String),
    /// A topic, by its number.
    Topic(u64),
    /// What a search finds.
    Search(String),
    /// What a user wrote.
    User(String),
    /// What the user is told of.
    Notifications,
}

impl Source {
    /// `Err` is for a person.
    pub(super) fn parse(what: &str) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let source = match asked.parts()[..] {
            ["posts"] => Source::Posts { path: "posts.json" },
            ["messages"] => Source::Posts { path: "private-posts.json" },
            ["latest"] => Source::Topics("latest.json".to_owned()),
            ["topic", id] => Source::Topic(number(id)?),
            ["category", slug, id] => {
                Source::Topics(format!("c/{}/{}/l/latest.json", plain(slug)?, number(id)?))
            }
            ["user", name] => Source::User(plain(name)?.to_owned()),
            ["notifications"] => Source::Notifications,
            ["search"] => {
                asked.only(&["q"])?;
                return Ok(Source::Search(asked.need("q")?.to_owned()));
            }
            _ => return Err(asked.unknown(OFFERS)),
        };
        asked.only(&[])?;
        Ok(source)
    }

    /// See `Read::is_stream`.
    pub(super) fn is_stream(what: &str) -> bool {
        !matches!(
            Source::parse(what),
            Ok(Source::Topic(_) | Source::Notifications | Source::Posts { path: "private-posts.json" })
        )
    }
}

/// Slugs and names stand in paths.
fn plain(text: &str) -> Result<&str, Trouble> {
    let good = |c: char| c.is_alphanumeric() || "_-.%".contains(c);
    match !text.is_empty() && text != ".." && text.chars().all(good) {
        true => Ok(text),
        false => Err(Trouble::Refused(format!("{text:?} is no name of a category or user"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let topics = |path: &str| Ok(Source::Topics(path.into()));
        assert_eq!(Source::parse("posts"), Ok(Source::Posts { path: "posts.json" }));
        assert_eq!(Source::parse("latest"), topics("latest.json"));
        assert_eq!(Source::parse("category/dev/7"), topics("c/dev/7/l/latest.json"));
        assert_eq!(Source::parse("topic/12"), Ok(Source::Topic(12)));
        assert_eq!(Source::parse("search?q=%22acme+roast%22"), Ok(Source::Search("\"acme roast\"".into())));
        let streams = ["posts", "search?q=a", "topic/1", "notifications", "messages"].map(Source::is_stream);
        assert_eq!(streams, [true, true, false, false, false]);
        for none in ["", "topic/x", "category/..%2f/7/8", "category/a?b/7", "search", "posts?q=a", "user/a b"]
        {
            assert!(Source::parse(none).is_err(), "{none}");
        }
    }
}
