//! The names of imported searches. In: the names that a file gives, and the queries. Out: names of which none is given
//! twice, and none is a handle that one of the queries mentions: `@acme` would then be the search.

use super::dialect::Dialect;
use crate::query::{Query, What};
use cm_cli::one_line;
use std::collections::HashSet;

/// The names that are given, and what they must not be.
pub(super) struct Names {
    dialect: Dialect,
    given: HashSet<String>,
    /// The handles that the queries mention, folded.
    handles: HashSet<String>,
}

impl Names {
    /// Names for searches that stand beside these queries.
    pub fn beside<'a>(dialect: Dialect, queries: impl IntoIterator<Item = &'a str>) -> Names {
        let handles = queries.into_iter().flat_map(handles).collect();
        Names { dialect, given: HashSet::new(), handles }
    }

    /// The name that the file gives, else one from the first words of the query behind the service's: no handle holds a
    /// slash. With a number where it is taken.
    pub fn name(&mut self, own: Option<&str>, query: &str) -> String {
        let own = own.map(|name| one_line(name).trim().to_owned()).filter(|name| !name.is_empty());
        let name = match own {
            Some(own) if !self.is_mentioned(&own) => own,
            own => format!("{}/{}", self.dialect.prefix(), own.unwrap_or_else(|| first_words(query))),
        };
        let numbered = (2..).map(|n| format!("{name}-{n}"));
        let is_free = |name: &String| !self.given.contains(name) && !self.is_mentioned(name);
        let free = std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name);
        self.given.insert(free.clone());
        free
    }

    fn is_mentioned(&self, name: &str) -> bool {
        handles(&format!("@{name}")).iter().any(|handle| self.handles.contains(handle))
    }
}

/// The handles that a query mentions, folded.
fn handles(query: &str) -> Vec<String> {
    let Ok(query) = query.parse::<Query>() else { return Vec::new() };
    let handle = |what: &What| match what {
        What::Handle(handle) => Some(handle.text.to_string()),
        _ => None,
    };
    query.terms().into_iter().filter_map(|(term, _)| handle(&term.what)).collect()
}

fn first_words(query: &str) -> String {
    const OPERATORS: [&str; 6] = ["OR", "AND", "NOT", "NEAR", "ONEAR", "ATLEAST"];
    let is_operator = |piece: &&str| OPERATORS.contains(&piece.split(['/', '(']).next().unwrap_or_default());
    let words = query
        .split_whitespace()
        .filter(|piece| !is_operator(piece))
        .flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty());
    let name = words.take(4).map(str::to_lowercase).collect::<Vec<_>>().join("-");
    if name.is_empty() { "search".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_handle_that_a_query_mentions() {
        let mut names = Names::beside(Dialect::Brandwatch, ["kaffeezauber", "@Kaffeezauber tee"]);
        for (own, query, wanted) in [
            (None, "kaffeezauber", "brandwatch/kaffeezauber"),
            (None, "kaffeezauber", "brandwatch/kaffeezauber-2"),
            (Some("kaffeezauber"), "tee", "brandwatch/kaffeezauber-3"),
            (Some("Our brand"), "tee", "Our brand"),
            (Some("Our brand"), "tee", "Our brand-2"),
            (Some("tee"), "tee", "tee"),
            (Some(" "), "\"...\"", "brandwatch/search"),
        ] {
            assert_eq!(names.name(own, query), wanted);
        }
    }
}
