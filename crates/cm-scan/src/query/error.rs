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

impl QueryError {
    pub(super) fn new(column: usize, message: impl Into<String>) -> QueryError {
        QueryError { column, message: message.into() }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for QueryError {}
