//! A source: where it is, what it is called, how it is tagged.

use crate::ids::Policy;
use crate::manners::Manners;
use crate::token;
use cm_net::{Request, services};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use url::Url;

/// Names before the colon of an account that cannot be read yet, beside those of cm-net's table: so that they are not taken
/// for files.
const FURTHER_NETWORKS: [&str; 3] = ["maildir", "threads", "telegram"];

/// What stands before the address of a feed whose comments are meant.
const COMMENTS: &str = "comments+";

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A feed, or a page that names its feeds.
    Url(Url),
    /// A feed in a file.
    File(PathBuf),
    /// A feed on standard input.
    Stdin,
    /// What to read from an account of a network: `wordpress:blog` and `comments`, which is empty where nobody says.
    Account { account: String, what: String },
}

/// A source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Where.
    pub(crate) place: Place,
    /// A name that a person gave it.
    pub(crate) name: Option<String>,
    /// Added to the tags of its items.
    pub(crate) tags: Vec<String>,
    /// What its items are, where a person says so.
    pub(crate) kind: Option<Kind>,
    /// By what its items are told apart.
    pub(crate) ids: Policy,
    /// How it wants to be asked, where a person says so.
    pub(crate) manners: Box<Manners>,
    /// Not the feed is meant but the comments of its entries.
    pub(crate) comments: bool,
}

/// What the items of a public source can be (`_cm.kind`, docs/record.md).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Article,
    Note,
    Comment,
    Reply,
    Mention,
    Review,
    Event,
}

impl Kind {
    /// As a record carries it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Article => "article",
            Kind::Note => "note",
            Kind::Comment => "comment",
            Kind::Reply => "reply",
            Kind::Mention => "mention",
            Kind::Review => "review",
            Kind::Event => "event",
        }
    }
}

impl Place {
    /// The password in an address.
    pub(crate) fn password(&self) -> Option<&str> {
        match self {
            Place::Url(url) => url.password(),
            _ => None,
        }
    }
}

impl Source {
    /// Reads a SOURCE as given at the prompt or on a line of a list. Relative files are relative to `folder`.
    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Source, String> {
        let text = text.trim();
        let (of, comments) = text.strip_prefix(COMMENTS).map_or((text, false), |of| (of, true));
        let place = place(of, folder)?;
        if comments && !matches!(place, Place::Url(_)) {
            return Err(format!("{text}: comments are followed by the address of a feed"));
        }
        let (ids, manners) = (Policy::Auto, Box::default());
        Ok(Source { place, name: None, tags: Vec::new(), kind: None, ids, manners, comments })
    }

    /// The comments of this feed, as a source of its own.
    pub(crate) fn its_comments(&self) -> Source {
        Source { comments: true, kind: None, ..self.clone() }
    }

    /// What the store knows it by, without credentials.
    pub(crate) fn key(&self) -> String {
        if self.comments { format!("{COMMENTS}{}", self.feed_key()) } else { self.feed_key() }
    }

    /// What ids are made with: comments stand in the same feed as what they are about.
    pub(crate) fn feed_key(&self) -> String {
        match &self.place {
            Place::Url(url) => public(url),
            Place::File(path) => path.display().to_string(),
            Place::Stdin => "-".to_owned(),
            Place::Account { account, what } if what.is_empty() => account.clone(),
            Place::Account { account, what } => format!("{account}/{what}"),
        }
    }

    /// What went wrong with it, behind its label. An address of another place is where it was led to.
    pub(crate) fn told(&self, message: &str) -> String {
        let label = self.label();
        let own = match &self.place {
            Place::Url(url) => vec![crate::get::shown(url), Request::get(url.clone()).shown()],
            _ => Vec::new(),
        };
        let of = |beginning: &String| message.strip_prefix(beginning.as_str())?.strip_prefix(": ");
        let address = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        match [label.clone()].iter().chain(&own).find_map(of) {
            Some(why) => format!("{label}: {why}"),
            None if address(message) && !own.is_empty() => format!("{label}: led to {message}"),
            // Of an account its own words name what was asked.
            None if self.name.is_none() => message.to_owned(),
            None => format!("{label}: {message}"),
        }
    }

    /// What messages call it; a query may hold a secret.
    pub(crate) fn label(&self) -> String {
        let place = match &self.place {
            Place::Url(url) if self.comments => format!("{COMMENTS}{}", crate::get::shown(url)),
            Place::Url(url) => crate::get::shown(url),
            _ => self.key(),
        };
        match &self.name {
            Some(name) => format!("{name} ({place})"),
            None => place,
        }
    }
}

/// An address without what lets its bearer in: user and password, the token of a personal feed.
pub(crate) fn public(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    token::veil(&mut url);
    url.into()
}

/// The same of an address in somebody's words; what is none stays.
pub(crate) fn public_text(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if token::is_in(&url) => public(&url),
        _ => text.to_owned(),
    }
}

fn place(text: &str, folder: &Path) -> Result<Place, String> {
    if text == "-" {
        return Ok(Place::Stdin);
    }
    // `feed://host/path` and `feed:https://host/path` are what browsers hand over.
    let text = match text.strip_prefix("feed:") {
        Some(rest) if rest.starts_with("//") => &format!("https:{rest}"),
        Some(rest) if rest.starts_with("http") => rest,
        _ => text,
    };
    if let Some((network, rest)) = text.split_once(':').filter(|(network, rest)| is_account(network, rest)) {
        let (name, what) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Err(format!("{text}: name the account, such as {network}:blog"));
        }
        return Ok(Place::Account { account: format!("{network}:{name}"), what: what.to_owned() });
    }
    if text.contains("://") {
        return address(text).map(Place::Url);
    }
    let path = folder.join(text);
    if path.is_file() {
        return Ok(Place::File(path));
    }
    if path.is_dir() {
        return Err(format!("{text}: a folder (give a feed file)"));
    }
    let host = text.split('/').next().unwrap_or_default();
    let meant = if host.contains('.') && !host.starts_with('.') {
        Some(format!("https://{text}"))
    } else {
        text.split_once(':').and_then(|(network, rest)| Some(format!("{}:{rest}", meant(network)?)))
    };
    let hint = meant.map_or_else(String::new, |meant| format!(" (did you mean {meant}?)"));
    Err(format!("{text}: no such file{hint}"))
}

/// The network that can be read whose name was most likely misspelt.
fn meant(network: &str) -> Option<&'static str> {
    let readable = services::NETWORKS.iter().filter(|known| known.read.is_some());
    cm_cli::nearest(network, &readable.map(|known| known.name).collect::<Vec<_>>())
}

/// What is read from an account may be an address, so an account is told by its beginning.
fn is_account(network: &str, rest: &str) -> bool {
    let known = services::NETWORKS.iter().any(|known| known.name == network);
    (known || FURTHER_NETWORKS.contains(&network)) && !rest.starts_with("//")
}

/// A web address that can be asked.
pub(crate) fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("{text}: not an address: {e}"))?;
    match (url.scheme(), url.host()) {
        ("http" | "https", Some(_)) => Ok(url),
        _ => Err(format!("{text}: only http and https addresses are read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Place, String> {
        Source::parse(text, Path::new("/nowhere")).map(|source| source.place)
    }

    #[test]
    fn every_kind_of_source() {
        let url = |text: &str| Ok(Place::Url(text.parse().unwrap()));
        assert_eq!(read("https://a.example/feed"), url("https://a.example/feed"));
        assert_eq!(read("feed://a.example/feed"), url("https://a.example/feed"));
        assert_eq!(read("feed:http://a.example/feed"), url("http://a.example/feed"));
        assert_eq!(read(" - "), Ok(Place::Stdin));
        let account =
            |account: &str, what: &str| Ok(Place::Account { account: account.into(), what: what.into() });
        assert_eq!(read("wordpress:blog/comments"), account("wordpress:blog", "comments"));
        assert_eq!(read("wordpress:blog"), account("wordpress:blog", ""));
        let thread = "thread?uri=at://did:plc:x/app.bsky.feed.post/3k";
        assert_eq!(read(&format!("bluesky:acme/{thread}")), account("bluesky:acme", thread));
        assert!(read("wordpress:").is_err());
        let hint = |text: &str| read(text).unwrap_err();
        assert_eq!(
            hint("wordpres:blog/comments"),
            "wordpres:blog/comments: no such file (did you mean wordpress:blog/comments?)"
        );
        assert!(hint("blusky:acme").ends_with("(did you mean bluesky:acme?)"));
        assert!(
            hint("12:30").ends_with("no such file")
                && hint("feeds.xml:1").ends_with("(did you mean https://feeds.xml:1?)")
        );
        assert_eq!(
            read("x://a.example/"),
            Err("x://a.example/: only http and https addresses are read".into())
        );
        assert!(read("news.example/feed").unwrap_err().contains("https://news.example/feed"));
        assert!(read("ftp://a.example/").is_err());
        let comments = Source::parse("comments+https://a.example/feed", Path::new("")).unwrap();
        assert_eq!((comments.key().as_str(), comments.comments), ("comments+https://a.example/feed", true));
        assert_eq!(
            (comments.place.clone(), comments.feed_key().as_str()),
            (url("https://a.example/feed").unwrap(), "https://a.example/feed")
        );
        assert!(hint("comments+wordpress:blog").contains("the address of a feed"));
    }

    #[test]
    fn credentials_are_not_part_of_the_key() {
        let source = Source::parse("https://ana:pw@a.example/feed#x", Path::new("")).unwrap();
        assert_eq!(source.key(), "https://a.example/feed");
        let source =
            Source::parse("https://www.reddit.com/r/tea/.rss?feed=hush&user=acme", Path::new("")).unwrap();
        assert_eq!(source.key(), "https://www.reddit.com/r/tea/.rss?user=acme");
        assert!(
            matches!(&source.place, Place::Url(url) if url.query() == Some("feed=hush&user=acme")),
            "it is asked with"
        );
        let source = Source::parse("https://a.example/feed?token=hush", Path::new("")).unwrap();
        assert_eq!(source.label(), "https://a.example/feed");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = read(&text);
        }
    }
}
