//! What can be read of X. In: what a SOURCE says after the account. Out: a list.

use crate::services::Trouble;
use crate::services::asked::Asked;

/// What can be read, for people.
pub(super) const OFFERS: &[&str] = &["mentions", "replies", "search?q=...", "posts", "profile"];

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Where we are named, answers to us among them.
    Mentions,
    /// Of these the answers to us: the same list is read, and costs the same.
    Replies,
    /// Hits of the newest seven days.
    Search(String),
    /// Our own.
    Posts,
    /// Our counts, once a day.
    Profile,
}

impl Source {
    pub(super) fn parse(what: &str) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let source = match asked.parts().as_slice() {
            ["mentions"] => Source::Mentions,
            ["replies"] => Source::Replies,
            ["posts"] => Source::Posts,
            ["profile"] => Source::Profile,
            ["search"] => {
                asked.only(&["q"])?;
                return Ok(Source::Search(asked.need("q")?.to_owned()));
            }
            _ => return Err(asked.unknown(OFFERS)),
        };
        asked.only(&[])?;
        Ok(source)
    }

    /// Path, and the fewest posts of a page.
    pub(super) fn path(&self, id: &str) -> (String, u64) {
        match self {
            Source::Search(_) => ("2/tweets/search/recent".to_owned(), 10),
            Source::Posts => (format!("2/users/{id}/tweets"), 5),
            _ => (format!("2/users/{id}/mentions"), 5),
        }
    }

    /// How many of the newest can be reached (docs.x.com, timelines).
    pub(super) fn reachable(&self) -> Option<u64> {
        match self {
            Source::Mentions | Source::Replies => Some(800),
            Source::Posts => Some(3200),
            _ => None,
        }
    }
}
