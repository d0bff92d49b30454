//! The clauses of a query, each with whether it holds for an item and what was found for it.

use crate::document::Document;
use crate::evaluate::{Found, evaluate};
use crate::hits::{Hit, hits, reading_order};
use crate::query::Query;
use crate::reason;
use serde::Serialize;

/// A part of a query, as the query's tree has it.
#[derive(Serialize)]
pub struct Clause<'d> {
    /// As a query writes it.
    pub clause: String,
    /// Whether it holds, its NOT included.
    pub holds: bool,
    /// What is behind that, where it does not go without saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where it was found; of a NOT, what should not be there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<Hit<'d>>,
    /// The same places, those in HTML included.
    #[serde(skip)]
    pub places: Vec<Found<'d>>,
    /// What it consists of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause<'d>>,
}

/// The clauses that all have to hold.
pub fn clauses<'d>(query: &Query, document: &'d Document) -> Vec<Clause<'d>> {
    match query {
        Query::And(parts) => parts.iter().map(|part| clause(part, document)).collect(),
        other => vec![clause(other, document)],
    }
}

fn clause<'d>(query: &Query, document: &'d Document) -> Clause<'d> {
    let holds = evaluate(query, document, &mut Vec::new());
    let inner = match query {
        Query::Not(inner) => inner,
        other => other,
    };
    let parts: &[Query] = match inner {
        Query::And(parts) | Query::Or(parts) => parts,
        _ => &[],
    };
    let places = if parts.is_empty() { places(inner, document) } else { Vec::new() };
    Clause {
        clause: query.to_string(),
        holds,
        why: reason::of_clause(query, holds, document),
        hits: hits(places.clone()),
        places,
        clauses: parts.iter().map(|part| clause(part, document)).collect(),
    }
}

/// Where a clause was found, in reading order, each place once.
fn places<'d>(query: &Query, document: &'d Document) -> Vec<Found<'d>> {
    let mut found = Vec::new();
    evaluate(query, document, &mut found);
    found.sort_by_key(reading_order);
    found.dedup_by_key(|place| reading_order(place));
    found
}
