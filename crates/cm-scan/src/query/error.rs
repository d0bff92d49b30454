//! What is wrong with a query, and where.

use std::fmt;

/// A mistake in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The code point at which it stands, from 1.
    pub column: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for QueryError {}

/// A mistake by the byte at which it stands: columns are counted only for the one that is shown.
#[derive(Debug)]
pub(super) struct Mistake {
    /// From 0.
    pub at: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Mistake {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Mistake {
        Mistake { at, message: message.into() }
    }

    /// The mistake with its column in this query.
    pub(super) fn within(self, query: &str) -> QueryError {
        let before = query.get(..self.at).unwrap_or(query);
        QueryError { column: before.chars().count() + 1, message: self.message }
    }
}
