//! Why a query does not match, in a few words: the shortest true reason.

use crate::document::Document;
use crate::evaluate::evaluate;
use crate::query::Query;

/// The most alternatives that are named.
const NAMED: usize = 3;

/// Why a query that does not match does not.
pub fn why_not(query: &Query, document: &Document) -> String {
    match query {
        Query::Everything => "it is left out".to_owned(),
        Query::Term(term) => format!("{term} is not there"),
        Query::Not(inner) => format!("{inner} is there"),
        Query::And(parts) => {
            let failed = parts.iter().filter(|part| !evaluate(part, document, &mut Vec::new()));
            failed
                .min_by_key(|part| part.terms().len())
                .map(|part| why_not(part, document))
                .unwrap_or_default()
        }
        Query::Or(parts) if parts.len() <= NAMED => {
            format!("none of {} is there", parts.iter().map(Query::to_string).collect::<Vec<_>>().join(", "))
        }
        Query::Or(parts) => format!("none of {} alternatives is there", parts.len()),
    }
}

/// What stands beside a clause.
pub fn of_clause(_query: &Query, _holds: bool, _document: &Document) -> Option<String> {
    None
}
