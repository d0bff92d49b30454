//! What only shows when searches are compared with each other: the same query under two names, a tag that is misspelt.

use super::spellings::Spellings;
use crate::query::{Query, Term, What};
use crate::searches::{Search, Searches};
use std::collections::HashMap;

/// What was seen of all searches.
pub(super) struct Across<'a> {
    /// The names by what is asked for.
    queries: HashMap<String, String>,
    /// How many searches carry a tag.
    tags: HashMap<&'a str, usize>,
    /// The tags by how they are spelt.
    tag_spellings: Spellings<'a>,
    /// The names of all searches likewise.
    names: Spellings<'a>,
}

impl<'a> Across<'a> {
    /// Counts the tags of all.
    pub(super) fn of(searches: &'a Searches) -> Across<'a> {
        let mut tags = HashMap::new();
        for tag in searches.iter().flat_map(|search| search.tags()) {
            *tags.entry(tag).or_default() += 1;
        }
        let tag_spellings = Spellings::of(tags.keys().copied());
        Across { queries: HashMap::new(), tags, tag_spellings, names: Spellings::of(searches.names()) }
    }

    /// Warnings about a search beside those that came before it.
    pub(super) fn warnings(&mut self, search: Search, query: &Query) -> Vec<String> {
        let mut warnings = Vec::new();
        let asked = format!("{} {:?}", ordered(query), search.limits());
        match self.queries.get(&asked) {
            Some(twin) => warnings.push(format!("asks for the same as {twin:?}: one of them is enough")),
            None => {
                self.queries.insert(asked, search.name().to_owned());
            }
        }
        warnings.extend(query.terms().into_iter().filter_map(|(term, _)| self.handle_like_a_name(term)));
        warnings.extend(search.tags().filter_map(|tag| self.misspelt(tag)));
        warnings
    }

    /// A handle that is nearly the name of a search.
    fn handle_like_a_name(&self, term: &Term) -> Option<String> {
        let What::Handle(handle) = &term.what else { return None };
        let near = self.names.near(&handle.text).min().filter(|_| term.to_string().starts_with('@'))?;
        Some(format!("{term} is a handle: no search has this name (did you mean \"@{near}\"?)"))
    }

    /// A tag of one search that is nearly one of several, or of one that comes earlier in the alphabet of slips.
    fn misspelt(&self, tag: &str) -> Option<String> {
        let count = |tag: &str| self.tags.get(tag).copied().unwrap_or_default();
        if count(tag) != 1 {
            return None;
        }
        let meant = self
            .tag_spellings
            .near(tag)
            .map(|other| (other, count(other)))
            .filter(|(other, count)| *count > 1 || *other < tag)
            .max_by_key(|(other, count)| (*count, std::cmp::Reverse(*other)))?;
        Some(format!("the tag {tag:?} stands nowhere else (did you mean {:?}?)", meant.0))
    }
}

/// A query written with its alternatives and conditions in one order.
fn ordered(query: &Query) -> String {
    let sorted = |parts: &[Query]| {
        let mut parts: Vec<String> = parts.iter().map(ordered).collect();
        parts.sort();
        parts.join(", ")
    };
    match query {
        Query::And(parts) => format!("and({})", sorted(parts)),
        Query::Or(parts) => format!("or({})", sorted(parts)),
        Query::AtLeast(n, parts) => format!("{n} of({})", sorted(parts)),
        Query::Not(inner) => format!("not({})", ordered(inner)),
        // As it is compared, not as it is written.
        Query::Term(term) => format!("{:?} {:?}", term.field, term.what),
        other => other.to_string(),
    }
}
