//! What can be read. In: what stands after the account in a SOURCE. Out: the listing, or the personal feed, that is meant.

use crate::services::Trouble;
use crate::services::asked::Asked;

/// For people.
pub(super) const OFFERS: &[&str] = &[
    "new?r=SUB",
    "comments?r=SUB",
    "comments?of=ID",
    "search?q=...",
    "user/NAME",
    "inbox",
    "mentions",
    "messages",
    "feed",
    "feed/r/SUB",
    "feed/r/SUB/new",
    "feed/r/SUB/comments",
    "feed/message/inbox",
    "feed/message/mentions",
];

/// A listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `/r/rust/new`.
    pub(super) path: String,
    /// Beside the limit.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// Which of it: comments and posts, or messages.
    pub(super) messages: bool,
    /// What its items are, where they do not say it.
    pub(super) kind: Option<&'static str>,
    /// Only as a user.
    pub(super) personal: bool,
    /// A feed with a token.
    pub(super) feed: bool,
}

impl Source {
    /// `Err` is for a person.
    pub(super) fn parse(what: &str) -> Result<Source, Trouble> {
        let asked = Asked::of(what);
        let listing = |path: String| Source {
            path,
            parameters: Vec::new(),
            messages: false,
            kind: None,
            personal: false,
            feed: false,
        };
        let personal = |path: &str| Source { personal: true, ..listing(path.to_owned()) };
        let source = match asked.parts()[..] {
            ["new"] => {
                asked.only(&["r"])?;
                return Ok(listing(format!("r/{}/new", sub(asked.need("r")?)?)));
            }
            ["comments"] => {
                asked.only(&["r", "of"])?;
                return match asked.get("of") {
                    Some(post) => Ok(listing(format!("comments/{}", plain(post.trim_start_matches("t3_"))?))),
                    None => Ok(listing(format!("r/{}/comments", sub(asked.need("r")?)?))),
                };
            }
            ["search"] => {
                asked.only(&["q", "r"])?;
                let mut parameters = vec![
                    ("q", asked.need("q")?.to_owned()),
                    ("sort", "new".to_owned()),
                    ("t", "all".to_owned()),
                ];
                let mut path = "search".to_owned();
                if let Some(name) = asked.get("r") {
                    path = format!("r/{}/search", sub(name)?);
                    parameters.push(("restrict_sr", "1".to_owned()));
                }
                return Ok(Source { parameters, ..listing(path) });
            }
            ["user", name] => {
                let parameters = vec![("sort", "new".to_owned())];
                Source { parameters, ..listing(format!("user/{}/overview", plain(name)?)) }
            }
            ["inbox"] => personal("message/inbox"),
            ["mentions"] => Source { kind: Some("mention"), ..personal("message/mentions") },
            ["messages"] => Source { messages: true, kind: Some("message"), ..personal("message/messages") },
            ["feed", ref rest @ ..] => {
                let path = rest.iter().map(|part| sub(part)).collect::<Result<Vec<_>, _>>()?.join("/");
                let kind = (path == "message/mentions").then_some("mention");
                Source { kind, feed: true, ..listing(path) }
            }
            _ => return Err(asked.unknown(OFFERS)),
        };
        asked.only(&[])?;
        Ok(source)
    }

    /// See `Read::is_stream`.
    pub(super) fn is_stream(what: &str) -> bool {
        let asked = Asked::of(what);
        match asked.parts()[..] {
            ["inbox" | "mentions" | "messages"] | ["feed", "message", _] => false,
            ["comments"] => asked.get("of").is_none(),
            _ => true,
        }
    }
}

/// Names of users and posts.
fn plain(text: &str) -> Result<&str, Trouble> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !text.is_empty() && text.chars().all(good) {
        true => Ok(text),
        false => Err(Trouble::Refused(format!("{text:?} is no name there"))),
    }
}

/// One or several subreddits: `rust+cpp`.
fn sub(text: &str) -> Result<&str, Trouble> {
    text.trim_start_matches("r/").split('+').try_for_each(|name| plain(name).map(|_| ()))?;
    Ok(text.trim_start_matches("r/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        let path = |what| Source::parse(what).map(|source| source.path);
        assert_eq!(path("new?r=rust%2Bcpp"), Ok("r/rust+cpp/new".into()));
        assert_eq!(path("comments?r=r/rust"), Ok("r/rust/comments".into()));
        assert_eq!(path("comments?of=t3_abc"), Ok("comments/abc".into()));
        assert_eq!(path("search?q=acme&r=rust"), Ok("r/rust/search".into()));
        assert_eq!(path("feed/r/rust/new"), Ok("r/rust/new".into()));
        assert_eq!(path("feed"), Ok(String::new()));
        assert!(Source::parse("messages").unwrap().messages && !Source::parse("inbox").unwrap().messages);
        for none in [
            "new",
            "new?r=a/b",
            "search",
            "search?q=a&sort=x",
            "user/a.b",
            "feed/..",
            "hot",
            "feed/r/rust?feed=x",
        ] {
            assert!(Source::parse(none).is_err(), "{none}");
        }
        assert!(
            Source::is_stream("new?r=a")
                && !Source::is_stream("inbox")
                && !Source::is_stream("comments?of=a")
        );
    }
}
