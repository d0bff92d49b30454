//! Searches that can never match: what they ask for, they rule out as well.

use super::implies::{excludes, implies};
use super::slips::COMPARED;
use crate::query::Query;
use crate::searches::Search;

/// Why a search can never match.
pub(super) fn why(search: Search, query: &Query) -> Option<String> {
    let reason = impossible(query, &Given::default()).or_else(|| outside_languages(search, query))?;
    Some(format!("can never match: {reason}"))
}

/// What holds of an item besides the query that is looked at.
#[derive(Clone, Default)]
struct Given<'q> {
    wanted: Vec<&'q Query>,
    ruled_out: Vec<&'q Query>,
}

/// Why a query cannot match an item of which something is given.
fn impossible<'q>(query: &'q Query, given: &Given<'q>) -> Option<String> {
    match query {
        Query::Everything => None,
        Query::And(parts) => all_of(parts, given),
        Query::Or(parts) => {
            let mut first = None;
            for part in parts {
                // One alternative that can match is enough.
                let reason = impossible(part, given)?;
                first.get_or_insert(reason);
            }
            first
        }
        Query::AtLeast(n, items) => {
            let possible = items.iter().filter(|item| impossible(item, given).is_none()).count();
            let reason = format!("at least {n} of {} must be there and only {possible} can", items.len());
            (possible < *n).then_some(reason)
        }
        Query::Not(inner) => match **inner {
            Query::Everything => Some("NOT * leaves nothing".to_owned()),
            _ => None,
        },
        Query::Term(_) | Query::Near(_) => clashes(query, given),
    }
}

fn all_of<'q>(parts: &'q [Query], given: &Given<'q>) -> Option<String> {
    let mut all = given.clone();
    for part in parts {
        match part {
            Query::Not(inner) => all.ruled_out.push(inner),
            other => all.wanted.push(other),
        }
    }
    // What is ruled out cannot clash with what is given, and of a long list not every pair is compared.
    let (out, wanted): (Vec<&Query>, Vec<&Query>) =
        parts.iter().partition(|part| matches!(part, Query::Not(_)));
    let clash = |part: &&'q Query| {
        let mut others = all.clone();
        others.wanted.retain(|other| !std::ptr::eq(*other, *part));
        impossible(part, &others)
    };
    out.iter()
        .find_map(|part| impossible(part, &Given::default()))
        .or_else(|| wanted.iter().take(COMPARED).find_map(clash))
}

fn clashes(query: &Query, given: &Given) -> Option<String> {
    if let Some(out) = given.ruled_out.iter().find(|out| ***out != Query::Everything && implies(query, out)) {
        return Some(if *out == query {
            format!("{query} must be there and must not")
        } else {
            format!("{query} must be there and {out} must not")
        });
    }
    let other = given.wanted.iter().find(|other| excludes(query, other))?;
    Some(format!("{query} and {other} cannot both be so"))
}

/// `lang:fr` in a search whose `languages` leave French out.
fn outside_languages(search: Search, query: &Query) -> Option<String> {
    let languages = search.limits()?.languages();
    if languages.is_empty() {
        return None;
    }
    let parts = if let Query::And(parts) = query { parts.as_slice() } else { std::slice::from_ref(query) };
    let outside = |part: &Query| {
        let alternatives =
            if let Query::Or(parts) = part { parts.as_slice() } else { std::slice::from_ref(part) };
        alternatives.iter().all(|part| languages.iter().all(|language| excludes(part, language)))
    };
    let asked = parts.iter().find(|part| outside(part))?;
    let listed: Vec<String> = languages
        .iter()
        .map(|language| language.to_string().trim_start_matches("lang:").to_owned())
        .collect();
    Some(format!("{asked} and languages = [{}] cannot both be so", listed.join(", ")))
}
