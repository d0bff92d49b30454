//! What the operators and fields of each service mean, as their manuals say it:
//! Brandwatch Consumer Research "Query Operators" (help article 360012098098), Meltwater "How to Master Boolean Search"
//! (articles 4064557, 360023166073, 4064566), Talkwalker's "Query syntax" for developers, Google's "Refine searches".

use super::pieces::Piece;

/// A service whose queries are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialect {
    /// Brandwatch Consumer Research.
    Brandwatch,
    /// Meltwater Explore.
    Meltwater,
    /// Talkwalker.
    Talkwalker,
    /// Google Alerts, which takes what Google's search takes.
    GoogleAlerts,
}

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The field of ours that means the same.
    Field(&'static str),
    /// One that means nearly the same, and how they differ.
    Nearly(&'static str, &'static str),
    /// The value by itself: a hashtag, a handle, an address.
    Hashtag,
    /// A mention.
    Handle,
    /// A day before or after which something was published: `date:<`.
    Date(&'static str),
    /// Everything that follows stands in this field.
    Rest(&'static str),
    /// Nothing here says as much of an item.
    Nothing,
}

use Meaning::{Date, Field, Handle, Hashtag, Nearly, Nothing, Rest};

const BRANDWATCH: [(&str, Meaning); 12] = [
    ("title", Field("title")),
    ("site", Field("site")),
    ("url", Field("url")),
    ("links", Field("links")),
    ("author", Field("author")),
    ("language", Field("lang")),
    ("lang", Field("lang")),
    ("tags", Field("tag")),
    ("hashtags", Hashtag),
    ("hashtag", Hashtag),
    ("at_mentions", Handle),
    ("topLevelDomain", Field("site")),
];

const MELTWATER: [(&str, Meaning); 8] = [
    ("title", Field("title")),
    ("headline", Field("title")),
    ("ingress", Nearly("summary", "the first lines of a text are looked for in the summary")),
    ("author", Field("author")),
    ("url", Field("url")),
    ("hashtag", Hashtag),
    ("language", Field("lang")),
    ("domain", Field("site")),
];

const TALKWALKER: [(&str, Meaning); 10] = [
    ("title", Field("title")),
    ("content", Field("text")),
    ("author", Field("author")),
    ("authorshort", Field("from")),
    ("mention", Handle),
    ("hashtag", Hashtag),
    ("lang", Field("lang")),
    ("domainurl", Field("site")),
    ("host_url", Field("site")),
    ("url", Field("url")),
];

const GOOGLE: [(&str, Meaning); 14] = [
    ("site", Field("site")),
    ("intitle", Field("title")),
    ("inurl", Field("url")),
    ("intext", Field("text")),
    ("inbody", Field("text")),
    ("allintitle", Rest("title")),
    ("allinurl", Rest("url")),
    ("allintext", Rest("text")),
    ("link", Field("links")),
    ("inanchor", Nearly("links", "the words of links are looked for in their addresses")),
    ("lang", Field("lang")),
    ("author", Field("author")),
    ("before", Date("<")),
    ("after", Date(">=")),
];

impl Dialect {
    /// The service's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Dialect::Brandwatch => "Brandwatch",
            Dialect::Meltwater => "Meltwater",
            Dialect::Talkwalker => "Talkwalker",
            Dialect::GoogleAlerts => "Google Alerts",
        }
    }

    /// What stands before the slash in the names that its searches are given.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Dialect::Brandwatch => "brandwatch",
            Dialect::Meltwater => "meltwater",
            Dialect::Talkwalker => "talkwalker",
            Dialect::GoogleAlerts => "google-alerts",
        }
    }

    /// What a field of the service means here.
    pub(super) fn meaning(self, field: &str) -> Meaning {
        let known: &[(&str, Meaning)] = match self {
            Dialect::Brandwatch => &BRANDWATCH,
            Dialect::Meltwater => &MELTWATER,
            Dialect::Talkwalker => &TALKWALKER,
            Dialect::GoogleAlerts => &GOOGLE,
        };
        let named = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        named.map_or(Nothing, |(_, meaning)| *meaning)
    }

    /// Whether OR binds closer than a space: Google reads `a b OR c` as `a (b OR c)`.
    pub(super) fn or_binds_closer(self) -> bool {
        self == Dialect::GoogleAlerts
    }

    /// The operator that a word is.
    pub(super) fn operator(self, word: &str) -> Option<Piece> {
        // Meltwater takes its operators in lower case too.
        let folded = if self == Dialect::Meltwater { word.to_ascii_uppercase() } else { word.to_owned() };
        let google = self == Dialect::GoogleAlerts;
        match folded.as_str() {
            "AND" | "&" | "&&" => Some(Piece::And),
            "OR" => Some(Piece::Or),
            "NOT" | "ANDNOT" if !google => Some(Piece::Not),
            _ if google => None,
            // About as long as a sentence is.
            "SENTENCE" if self == Dialect::Talkwalker => Some(Piece::Near { within: None, ordered: false }),
            "OSENTENCE" if self == Dialect::Talkwalker => Some(Piece::Near { within: None, ordered: true }),
            _ => self.with_number(&folded),
        }
    }

    /// `NEAR`, `NEAR/3`, `NEAR/3f`, `ONEAR/3`, `ATLEAST/2`.
    fn with_number(self, word: &str) -> Option<Piece> {
        let (name, number) = word.split_once('/').map_or((word, None), |(name, number)| (name, Some(number)));
        let (number, forward) = match number.and_then(|n| n.strip_suffix(['f', 'F'])) {
            Some(digits) => (Some(digits), true),
            None => (number, false),
        };
        let number = number.map(str::parse::<usize>).transpose().ok()?;
        match name {
            "NEAR" => {
                Some(Piece::Near { within: Some(number.unwrap_or(self.bare_near())), ordered: forward })
            }
            "ONEAR" => Some(Piece::Near { within: Some(number.unwrap_or(self.bare_near())), ordered: true }),
            "ATLEAST" => number.map(Piece::AtLeast),
            _ => None,
        }
    }

    /// How far NEAR without a number reaches.
    fn bare_near(self) -> usize {
        if self == Dialect::Talkwalker { 15 } else { 4 }
    }
}
