//! What can be wrong with a line or an input.

use std::fmt;

/// Where a line stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as named by the user; `stdin` for standard input.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why a line is not a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not UTF-8.
    NotUtf8,
    /// Not one JSON object; says what is wrong and at which byte.
    NotObject(String),
    /// A top-level name stands twice.
    DuplicateName(String),
    /// No `id`, or one that is not a string of 1 to 2048 bytes.
    Id(&'static str),
    /// Neither `content_text` nor `content_html`.
    NoContent,
    /// Longer than the limit, in bytes.
    TooLong(usize),
    /// More than 256 top-level members.
    TooManyMembers,
    /// A member that this tool needs cannot be used; says which and why.
    Unusable(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotUtf8 => f.write_str("not UTF-8"),
            Reason::NotObject(why) => write!(f, "not one JSON object: {why}"),
            Reason::DuplicateName(name) => write!(f, "the member {name:?} stands twice"),
            Reason::Id(why) => f.write_str(why),
            Reason::NoContent => f.write_str("no \"content_text\" or \"content_html\""),
            Reason::TooLong(limit) => write!(f, "longer than {limit} bytes (raise --max-line)"),
            Reason::Unusable(why) => f.write_str(why),
            Reason::TooManyMembers => f.write_str("more than 256 members"),
        }
    }
}

/// A bad line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Where it stood.
    pub place: Place,
    /// Why it is bad.
    pub reason: Reason,
    /// Its bytes without the line end; empty when it was too long (those went to the reject file as they came).
    pub bytes: Vec<u8>,
}

/// An input that could not be opened or read to its end; the other inputs go on.
#[derive(Debug)]
pub struct InputError {
    /// The file as named by the user.
    pub file: String,
    /// What happened, for a person: `no such file`, `damaged gzip data after line 12`.
    pub message: String,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

impl std::error::Error for InputError {}
