//! A search as a file says it, before anything is made of it.

use super::sentence::Sentence;
use serde::Deserialize;
use std::borrow::Cow;

/// The members of a search. Both forms of file are read into this; a member that is not listed is a mistake.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry<'a> {
    #[serde(borrow, default)]
    pub name: Text<'a>,
    #[serde(borrow, default)]
    pub query: Text<'a>,
    #[serde(borrow, default)]
    pub tags: Vec<Text<'a>>,
    /// For people; part of the format.
    #[serde(borrow, default)]
    pub notes: Text<'a>,
    #[serde(borrow, default)]
    pub languages: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub sources: Vec<Text<'a>>,
    #[serde(default = "enabled")]
    pub enabled: bool,
    #[serde(default)]
    pub must_match: Vec<Sentence>,
    #[serde(default)]
    pub must_miss: Vec<Sentence>,
}

/// The members' names, for suggestions.
pub(super) const MEMBERS: [&str; 9] =
    ["name", "query", "tags", "notes", "languages", "sources", "enabled", "must_match", "must_miss"];

fn enabled() -> bool {
    true
}

/// A text that is borrowed from the file where it stands there as it is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
