//! The query language (docs/searches.md). In: what a person wrote. Out: a tree of terms, or what is wrong with it and
//! where. Printing a query and reading it again gives the same query.

mod context;
mod date;
mod error;
mod field;
mod glob;
mod habits;
mod lexer;
#[cfg(test)]
mod mistakes;
mod name;
mod near;
mod parser;
mod pattern;
mod print;
mod term;
#[cfg(test)]
mod tests;

pub use context::{Context, Names};
pub use error::QueryError;
pub use field::Field;
pub use name::host;
pub use near::{Near, Step};
pub use pattern::Pattern;
pub use term::{Term, What};

use chrono::Utc;
use cm_time::Zone;
use std::str::FromStr;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// `*`
    Everything,
    /// One thing.
    Term(Term),
    /// Things near each other.
    Near(Near),
    /// So many of these: 1 to all of them.
    AtLeast(usize, Vec<Query>),
    /// What must not match.
    Not(Box<Query>),
    /// All of these, two or more.
    And(Vec<Query>),
    /// Any of these, two or more.
    Or(Vec<Query>),
}

impl Query {
    /// Reads a query that may name other searches, as seen from a time and a place.
    pub fn read(text: &str, context: &Context) -> Result<Query, QueryError> {
        parser::parse(text, context)
    }

    fn and(parts: Vec<Query>) -> Query {
        if !parts.iter().any(|part| matches!(part, Query::And(_))) {
            return Query::one_or(parts, Query::And);
        }
        let flat = parts.into_iter().flat_map(|part| match part {
            Query::And(inner) => inner,
            other => vec![other],
        });
        Query::And(flat.collect())
    }

    fn or(parts: Vec<Query>) -> Query {
        if !parts.iter().any(|part| matches!(part, Query::Or(_))) {
            return Query::one_or(parts, Query::Or);
        }
        let flat = parts.into_iter().flat_map(|part| match part {
            Query::Or(inner) => inner,
            other => vec![other],
        });
        Query::Or(flat.collect())
    }

    fn one_or(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Query {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                many(parts)
            }
        }
    }

    fn negate(self) -> Query {
        match self {
            Query::Not(inner) => *inner,
            other => Query::Not(Box::new(other)),
        }
    }

    /// Every term, in order, and whether it stands under a NOT.
    pub fn terms(&self) -> Vec<(&Term, bool)> {
        let mut list = Vec::new();
        self.collect_terms(false, &mut list);
        list
    }

    /// About how many bytes it takes in memory.
    pub fn size(&self) -> usize {
        size_of::<Query>() + self.terms().into_iter().map(|(term, _)| term.size()).sum::<usize>()
    }

    fn collect_terms<'a>(&'a self, negative: bool, list: &mut Vec<(&'a Term, bool)>) {
        match self {
            Query::Everything => {}
            Query::Term(term) => list.push((term, negative)),
            Query::Near(near) => list.extend(near.operands().flatten().map(|term| (term, negative))),
            Query::Not(inner) => inner.collect_terms(!negative, list),
            Query::And(parts) | Query::Or(parts) | Query::AtLeast(_, parts) => {
                parts.iter().for_each(|part| part.collect_terms(negative, list));
            }
        }
    }
}

/// Reads a query by itself: no other searches to name, dates in UTC.
impl FromStr for Query {
    type Err = QueryError;

    fn from_str(query: &str) -> Result<Query, QueryError> {
        let context = Context { names: None, itself: None, now: Utc::now(), zone: &Zone::utc() };
        Query::read(query, &context)
    }
}
