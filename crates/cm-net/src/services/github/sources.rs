//! What can be read of GitHub. In: what a SOURCE says after the account. Out: a list, or a line for a person.

use crate::services::Trouble;
use crate::services::asked::Asked;

/// What can be read, for people.
pub(super) const OFFERS: &[&str] = &[
    "notifications",
    "search?q=...",
    "OWNER/REPO/issues",
    "OWNER/REPO/pulls",
    "OWNER/REPO/comments",
    "OWNER/REPO/reviews",
    "OWNER/REPO/discussions",
    "OWNER/REPO/releases",
];

/// A list of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Issues,
    Pulls,
    /// On issues and pull requests.
    Comments,
    /// On lines of pull requests.
    Reviews,
    Discussions,
    Releases,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What concerns us.
    Notifications,
    /// Issues and pull requests anywhere, by words.
    Search(String),
    /// Of a repository, `owner/name`.
    Repository(String, List),
}

impl Source {
    pub(super) fn parse(what: &str) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let source = match asked.parts().as_slice() {
            ["notifications"] => Source::Notifications,
            ["search"] => {
                asked.only(&["q"])?;
                return Ok(Source::Search(asked.need("q")?.to_owned()));
            }
            [owner, name, list] if is_name(owner) && is_name(name) => {
                let list = match *list {
                    "issues" => List::Issues,
                    "pulls" => List::Pulls,
                    "comments" => List::Comments,
                    "reviews" => List::Reviews,
                    "discussions" => List::Discussions,
                    "releases" => List::Releases,
                    _ => return Err(asked.unknown(OFFERS)),
                };
                Source::Repository(format!("{owner}/{name}"), list)
            }
            _ => return Err(asked.unknown(OFFERS)),
        };
        asked.only(&[])?;
        Ok(source)
    }
}

/// Letters, digits, `-`, `_` and `.`: nothing that would lead elsewhere.
fn is_name(part: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !part.is_empty() && part != "." && part != ".." && part.chars().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_asked_for() {
        let of = |what: &str| Source::parse(what);
        assert_eq!(of("acme/tea.shop/issues"), Ok(Source::Repository("acme/tea.shop".into(), List::Issues)));
        assert_eq!(of("search?q=acme+is%3Aissue"), Ok(Source::Search("acme is:issue".into())));
        assert_eq!(of("notifications"), Ok(Source::Notifications));
        for wrong in [
            "",
            "issues",
            "acme/tea",
            "acme/../issues",
            "acme/tea/wiki",
            "search",
            "notifications?all=1",
            "a b/c/issues",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Source::parse(&text);
        }
    }
}
