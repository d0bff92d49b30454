//! What can be read of a server. In: what stands after the account in a SOURCE. Out: the list that is meant.

use crate::services::Trouble;
use crate::services::asked::{Asked, number};

/// For people.
pub(super) const OFFERS: &[&str] = &[
    "community/NAME",
    "comments?community=NAME",
    "comments?of=ID",
    "search?q=...",
    "replies",
    "mentions",
    "messages",
];

/// A list of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Its path.
    pub(super) path: &'static str,
    /// What was asked for.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// The members of the answer that are lists of ours.
    pub(super) lists: &'static [&'static str],
    /// What its items are, where not what they look like.
    pub(super) kind: Option<&'static str>,
    /// Only with a session.
    pub(super) personal: bool,
}

impl Source {
    /// `Err` is for a person.
    pub(super) fn parse(what: &str) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let public =
            |path, parameters, lists| Source { path, parameters, lists, kind: None, personal: false };
        let personal = |path, lists, kind| Source {
            parameters: vec![("unread_only", "false".to_owned())],
            kind: Some(kind),
            personal: true,
            ..public(path, Vec::new(), lists)
        };
        let source = match asked.parts()[..] {
            ["community", name] => public("post/list", vec![("community_name", name.to_owned())], &["posts"]),
            ["comments"] => {
                asked.only(&["community", "of"])?;
                let parameter = match asked.get("of") {
                    Some(post) => ("post_id", number(post)?.to_string()),
                    None => ("community_name", asked.need("community")?.to_owned()),
                };
                return Ok(public(
                    "comment/list",
                    vec![parameter, ("type_", "All".to_owned())],
                    &["comments"],
                ));
            }
            ["search"] => {
                asked.only(&["q", "community"])?;
                let mut parameters = vec![("q", asked.need("q")?.to_owned()), ("type_", "All".to_owned())];
                parameters.extend(asked.get("community").map(|name| ("community_name", name.to_owned())));
                return Ok(public("search", parameters, &["posts", "comments"]));
            }
            ["replies"] => personal("user/replies", &["replies"], "reply"),
            ["mentions"] => personal("user/mention", &["mentions"], "mention"),
            ["messages"] => personal("private_message/list", &["private_messages"], "message"),
            _ => return Err(asked.unknown(OFFERS)),
        };
        asked.only(&[])?;
        Ok(source)
    }

    /// See `Read::is_stream`.
    pub(super) fn is_stream(what: &str) -> bool {
        let asked = Asked::of(what);
        matches!(asked.parts()[..], ["community", _] | ["search"])
            || asked.parts() == ["comments"] && asked.get("of").is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let path = |what| Source::parse(what).map(|source| (source.path, source.personal));
        assert_eq!(path("community/tea@other.example"), Ok(("post/list", false)));
        assert_eq!(path("comments?community=tea"), Ok(("comment/list", false)));
        assert_eq!(path("search?q=acme"), Ok(("search", false)));
        assert_eq!(path("replies"), Ok(("user/replies", true)));
        assert_eq!(path("messages"), Ok(("private_message/list", true)));
        let streams = ["community/a", "comments?community=a", "comments?of=1", "search?q=a", "replies"]
            .map(Source::is_stream);
        assert_eq!(streams, [true, true, false, true, false]);
        for none in ["", "comments", "search", "replies?q=a", "comments?of=x"] {
            assert!(Source::parse(none).is_err(), "{none}");
        }
    }
}
