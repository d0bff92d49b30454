//! What was most likely meant otherwise: operators that are words, clauses that add nothing.

use super::broad::{begins_with_wildcard, without_anchor};
use super::implies::implies;
use super::{codes, operators, signs};
use crate::query::Query;
use crate::searches::Search;

/// Of a list longer than this not every pair is compared.
pub(super) const COMPARED: usize = 300;

/// Warnings about a query as it is written.
pub(super) fn warnings(search: Search, query: &Query) -> Vec<String> {
    let mut warnings = at_the_prompt(search, query);
    for (term, _) in query.terms() {
        if begins_with_wildcard(term) && without_anchor(query).is_none() {
            warnings
                .push(format!("{term} begins with a wildcard: every word of an item is compared with it"));
        }
    }
    added_nothing(query, &mut warnings);
    warnings.extend(long_languages(search));
    warnings
}

/// What was most likely meant as an operator, or is no code or kind, or has signs that are not looked for: told at the
/// prompt as well.
pub(super) fn at_the_prompt(search: Search, query: &Query) -> Vec<String> {
    let mut warnings = operators::warnings(query, search.text());
    warnings.extend(
        query
            .terms()
            .into_iter()
            .filter_map(|(term, _)| codes::warning(term).or_else(|| signs::warning(term))),
    );
    warnings
}

/// Alternatives that another one finds as well, and conditions that another one asks for as well.
fn added_nothing(query: &Query, warnings: &mut Vec<String>) {
    match query {
        Query::Or(parts) => {
            swallowed(parts, warnings, |part, other| {
                implies(part, other).then(|| format!("{part} adds nothing: {other} finds it too"))
            });
        }
        Query::And(parts) => {
            swallowed(parts, warnings, |part, other| {
                let both_negative = matches!((part, other), (Query::Not(_), Query::Not(_)));
                let sure = part != &Query::Everything && !matches!(part, Query::Not(_)) || both_negative;
                (sure && implies(other, part))
                    .then(|| format!("{part} adds nothing: {other} asks for it too"))
            });
        }
        _ => {}
    }
    match query {
        Query::And(parts) | Query::Or(parts) | Query::AtLeast(_, parts) => {
            parts.iter().for_each(|part| added_nothing(part, warnings));
        }
        Query::Not(inner) => added_nothing(inner, warnings),
        _ => {}
    }
}

fn swallowed(parts: &[Query], warnings: &mut Vec<String>, adds: impl Fn(&Query, &Query) -> Option<String>) {
    let parts = &parts[..parts.len().min(COMPARED)];
    for (n, part) in parts.iter().enumerate() {
        let told = parts.iter().enumerate().filter(|(other, _)| *other != n).find_map(|(m, other)| {
            if part == other {
                // Of two that are the same the second is told.
                return (m < n).then(|| format!("{part} stands there twice"));
            }
            let told = adds(part, other)?;
            // So of two that mean the same.
            (m < n || adds(other, part).is_none()).then_some(told)
        });
        warnings.extend(told);
    }
}

/// `languages = ["english"]`
fn long_languages(search: Search) -> Option<String> {
    let languages = search.limits()?.languages();
    let long = languages.iter().map(ToString::to_string).find(|language| {
        let name = language.trim_start_matches("lang:").trim_matches('"');
        name.split('-').next().is_some_and(|first| first.len() > 3)
    })?;
    let name = long.trim_start_matches("lang:");
    Some(format!(
        "languages are written by their codes, as in languages = [\"en\"]: {name} will be in few items"
    ))
}
