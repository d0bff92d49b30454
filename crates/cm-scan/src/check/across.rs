//! What only shows when searches are compared with each other: the same query under two names, a tag that is misspelt.

use crate::query::Query;
use crate::searches::{Search, Searches};
use std::collections::HashMap;

/// What was seen of all searches.
pub(super) struct Across {
    /// The names by what is asked for.
    queries: HashMap<String, String>,
    /// How many searches carry a tag.
    tags: HashMap<String, usize>,
}

impl Across {
    /// Counts the tags of all.
    pub(super) fn of(searches: &Searches) -> Across {
        let mut tags = HashMap::new();
        for tag in searches.iter().flat_map(|search| search.tags()) {
            *tags.entry(tag.to_owned()).or_default() += 1;
        }
        Across { queries: HashMap::new(), tags }
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
        warnings.extend(search.tags().filter_map(|tag| self.misspelt(tag)));
        warnings
    }

    /// A tag of one search that is nearly one of several, or of one that comes earlier in the alphabet of slips.
    fn misspelt(&self, tag: &str) -> Option<String> {
        let own = self.tags.get(tag).copied().unwrap_or_default();
        let near = |other: &&String| other.as_str() != tag && is_one_slip(tag, other);
        let meant = self
            .tags
            .iter()
            .filter(|(_, count)| own == 1 && **count >= own)
            .map(|(other, count)| (other, *count))
            .filter(|(other, count)| near(other) && (*count > own || other.as_str() < tag))
            .max_by_key(|(other, count)| (*count, std::cmp::Reverse(other.as_str())))?;
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

/// One letter more, less, other, or two that changed places; of words that are long enough for that to mean something.
fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match (rest_a, rest_b) {
        ([], []) => false,
        ([x, y, after_a @ ..], [z, w, after_b @ ..]) if x == w && y == z && after_a == after_b => true,
        ([_, after_a @ ..], [_, after_b @ ..]) if after_a == after_b => true,
        ([_, after_a @ ..], _) if after_a == rest_b => true,
        (_, [_, after_b @ ..]) => after_b == rest_a,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_slip;

    #[test]
    fn a_slip_is_one_letter() {
        for (a, b, wanted) in [
            ("brand", "brnad", true),
            ("brand", "brands", true),
            ("brand", "brans", true),
            ("brand", "bran", true),
            ("brand", "xbrand", true),
            ("brand", "brand", false),
            ("brand", "grants", false),
            ("de", "en", false),
            ("alert", "alter", false),
        ] {
            assert_eq!(is_one_slip(a, b), wanted, "{a} {b}");
            assert_eq!(is_one_slip(b, a), wanted, "{b} {a}");
        }
    }
}
