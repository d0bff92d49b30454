//! What can be read of a site. In: what stands after the account in a SOURCE. Out: the method that is meant.

use crate::services::Trouble;
use crate::services::asked::{Asked, number};

/// For people.
pub(super) const OFFERS: &[&str] =
    &["questions?tagged=...", "search?q=...", "answers?of=ID", "comments?of=ID", "mentions", "inbox"];

/// A method, and how it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `search/advanced`.
    pub(super) method: String,
    /// What was asked for.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// `activity`, `creation`; without one the list takes no times.
    pub(super) sort: Option<&'static str>,
    /// Only with an access token.
    pub(super) needs_token: bool,
}

impl Source {
    /// `user` is the number of ours. `Err` is for a person.
    pub(super) fn parse(what: &str, user: Option<&str>) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let given = |names: &[&'static str]| {
            let of = |name: &&'static str| Some((*name, asked.get(name)?.to_owned()));
            names.iter().filter_map(of).collect::<Vec<_>>()
        };
        let of = || number(asked.need("of")?);
        let source =
            |method: String, sort| Source { method, parameters: Vec::new(), sort, needs_token: false };
        Ok(match asked.parts()[..] {
            ["questions"] => {
                asked.only(&["tagged"])?;
                Source { parameters: given(&["tagged"]), ..source("questions".to_owned(), Some("activity")) }
            }
            ["search"] => {
                asked.only(&["q", "tagged", "nottagged", "title", "body", "user"])?;
                let parameters = given(&["q", "tagged", "nottagged", "title", "body", "user"]);
                if parameters.is_empty() {
                    asked.need("q")?;
                }
                Source { parameters, ..source("search/advanced".to_owned(), Some("activity")) }
            }
            ["answers"] => {
                asked.only(&["of"])?;
                source(format!("questions/{}/answers", of()?), Some("activity"))
            }
            ["comments"] => {
                asked.only(&["of"])?;
                source(format!("posts/{}/comments", of()?), Some("creation"))
            }
            ["mentions"] => {
                asked.only(&[])?;
                match user.map(number).transpose()? {
                    Some(user) => source(format!("users/{user}/mentioned"), Some("creation")),
                    None => {
                        Source { needs_token: true, ..source("me/mentioned".to_owned(), Some("creation")) }
                    }
                }
            }
            ["inbox"] => {
                asked.only(&[])?;
                Source { needs_token: true, ..source("me/inbox".to_owned(), None) }
            }
            _ => return Err(asked.unknown(OFFERS)),
        })
    }

    /// See `Read::is_stream`.
    pub(super) fn is_stream(what: &str) -> bool {
        matches!(Asked::of(what).parts()[..], ["questions"] | ["search"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let method = |what| Source::parse(what, None).map(|source| (source.method, source.sort));
        let of = |method: &str, sort| Ok((method.to_owned(), sort));
        assert_eq!(method("questions?tagged=rust"), of("questions", Some("activity")));
        assert_eq!(method("search?q=acme"), of("search/advanced", Some("activity")));
        assert_eq!(method("answers?of=7"), of("questions/7/answers", Some("activity")));
        assert_eq!(method("comments?of=7"), of("posts/7/comments", Some("creation")));
        assert_eq!(method("inbox"), of("me/inbox", None));
        let mentions = Source::parse("mentions", Some("22656")).unwrap();
        assert_eq!((mentions.method.as_str(), mentions.needs_token), ("users/22656/mentioned", false));
        assert!(Source::parse("mentions", None).unwrap().needs_token);
        for none in ["search", "answers", "answers?of=x", "questions?site=x", "tags"] {
            assert!(Source::parse(none, None).is_err(), "{none}");
        }
        assert!(Source::parse("mentions", Some("ana")).is_err());
    }
}
