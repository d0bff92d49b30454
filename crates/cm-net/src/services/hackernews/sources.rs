//! What can be read of Hacker News. In: what stands after the account in a SOURCE. Out: which list of the index is meant.

use crate::services::Trouble;
use crate::services::asked::{Asked, number};

/// For people.
pub(super) const OFFERS: &[&str] =
    &["search?q=...", "comments?of=ID", "comments?user=NAME", "user/NAME", "new"];

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What has these words and tags.
    Index {
        /// Words; `"..."` is a phrase.
        words: String,
        /// The index's tags, and-ed.
        tags: String,
    },
    /// Comments on what a user wrote.
    Replies(String),
}

impl Source {
    /// `Err` is for a person.
    pub(super) fn parse(what: &str) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let index = |words: &str, tags: String| Ok(Source::Index { words: words.to_owned(), tags });
        match asked.parts()[..] {
            ["search"] => {
                asked.only(&["q", "tags"])?;
                let tags = asked.get("tags").unwrap_or("(story,comment)");
                index(asked.need("q")?, self::tags(tags)?)
            }
            ["comments"] => {
                asked.only(&["of", "user"])?;
                match asked.get("user") {
                    Some(user) => Ok(Source::Replies(self::user(user)?)),
                    None => index("", format!("comment,story_{}", number(asked.need("of")?)?)),
                }
            }
            ["user", name] => {
                asked.only(&[])?;
                index("", format!("(story,comment),author_{}", user(name)?))
            }
            ["new"] => {
                asked.only(&[])?;
                index("", "story".to_owned())
            }
            _ => Err(asked.unknown(OFFERS)),
        }
    }

    /// See `Read::is_stream`: the comments on one story have an end.
    pub(super) fn is_stream(what: &str) -> bool {
        !matches!(Source::parse(what), Ok(Source::Index { tags, .. }) if tags.starts_with("comment,story_"))
            && !matches!(Source::parse(what), Ok(Source::Replies(_)))
    }
}

/// Names are letters, digits, `_` and `-`.
fn user(name: &str) -> Result<String, Trouble> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(good) {
        true => Ok(name.to_owned()),
        false => Err(Trouble::Refused(format!("{name:?} is no name of a user there"))),
    }
}

/// Tags are handed on as they are, with their parentheses; there is no other filter, as those by points are broken for
/// comments (hn-search, issue 55).
fn tags(tags: &str) -> Result<String, Trouble> {
    let good = |c: char| c.is_ascii_alphanumeric() || "_-,()".contains(c);
    match tags.chars().all(good) {
        true => Ok(tags.to_owned()),
        false => Err(Trouble::Refused(format!(
            "{tags:?} are no tags of the index: story, comment, ask_hn, show_hn"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let index = |words: &str, tags: &str| Ok(Source::Index { words: words.into(), tags: tags.into() });
        assert_eq!(Source::parse("search?q=%22acme+roast%22"), index("\"acme roast\"", "(story,comment)"));
        assert_eq!(Source::parse("search?q=acme&tags=comment"), index("acme", "comment"));
        assert_eq!(Source::parse("comments?of=8863"), index("", "comment,story_8863"));
        assert_eq!(Source::parse("comments?user=acme"), Ok(Source::Replies("acme".into())));
        assert_eq!(Source::parse("user/pg"), index("", "(story,comment),author_pg"));
        assert_eq!(Source::parse("new"), index("", "story"));
        let streams =
            ["search?q=a", "comments?of=1", "comments?user=a", "user/a", "new"].map(Source::is_stream);
        assert_eq!(streams, [true, false, false, true, true]);
    }

    #[test]
    fn what_is_not() {
        let error = |what| Source::parse(what).unwrap_err().to_string();
        assert_eq!(error("search"), "search needs q: search?q=...");
        assert!(error("search?q=a&points=3").contains("takes no \"points\""));
        assert!(error("search?q=a&tags=a%26b").contains("no tags"));
        assert!(error("comments?of=x").contains("no number"));
        assert!(error("user/a,b").contains("no name of a user"));
        assert!(error("frontpage").contains("search?q=..., comments?of=ID"));
    }
}
