//! The clauses of a query, each with whether it holds for an item and what was found for it.

use super::distance::alternatives;
use super::reason::{self, View};
use crate::document::Document;
use crate::evaluate::{Found, evaluate};
use crate::hits::{Hit, hits, reading_order};
use crate::query::Query;
use serde::Serialize;
use std::borrow::Cow;

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
    /// The same places, those in HTML included; of what consists of clauses they stand there.
    #[serde(skip)]
    pub places: Vec<Found<'d>>,
    /// How many of its own clauses have to hold: all, 1 of an OR, both sides of a NEAR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<usize>,
    /// What it consists of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause<'d>>,
}

/// The clauses that all have to hold.
pub fn clauses<'d>(query: &Query, view: View<'d, '_>) -> Vec<Clause<'d>> {
    match query {
        Query::And(parts) => parts.iter().map(|part| clause(part, view)).collect(),
        other => vec![clause(other, view)],
    }
}

fn clause<'d>(query: &Query, view: View<'d, '_>) -> Clause<'d> {
    let holds = view.holds(query);
    let inner = match query {
        Query::Not(inner) => inner,
        other => other,
    };
    let (at_least, parts) = parts(inner);
    let own = parts.is_empty() || matches!(inner, Query::Near(_));
    let mut places = if own { places(inner, view.document) } else { Vec::new() };
    let hits = hits(&mut places.clone());
    places.retain(|_| parts.is_empty());
    Clause {
        clause: query.to_string(),
        holds,
        why: reason::of_clause(query, holds, view),
        hits,
        places,
        at_least: (!parts.is_empty()).then_some(at_least),
        clauses: parts.iter().map(|part| clause(part, view)).collect(),
    }
}

/// What a query consists of, and how many of these have to hold.
fn parts(query: &Query) -> (usize, Cow<'_, [Query]>) {
    match query {
        Query::And(parts) => (parts.len(), parts.into()),
        Query::Or(parts) => (1, parts.into()),
        Query::AtLeast(n, parts) => (*n, parts.into()),
        Query::Near(near) => {
            let operands: Vec<Query> = near.operands().map(alternatives).collect();
            (operands.len(), operands.into())
        }
        _ => (0, (&[]).into()),
    }
}

/// Where a clause was found, in reading order, each place once.
pub fn places<'d>(query: &Query, document: &'d Document) -> Vec<Found<'d>> {
    let mut found = Vec::new();
    evaluate(query, document, &mut found);
    found.sort_by_key(reading_order);
    found.dedup_by_key(|place| reading_order(place));
    found
}

/// The first of them.
pub fn first_place<'d>(query: &Query, document: &'d Document) -> Option<Found<'d>> {
    places(query, document).into_iter().next()
}

/// The hits of a query that matches, each with the clause that asked for it; where several did, the first.
pub fn named_hits<'d>(query: &Query, document: &'d Document) -> Vec<Hit<'d>> {
    let mut named = Vec::new();
    places_by_clause(query, document, &mut named);
    named.retain(|(place, _)| place.text.located);
    named.sort_by_key(|(place, _)| reading_order(place));
    named.dedup_by_key(|(place, _)| reading_order(place));
    let clauses = named.iter().map(|(_, clause)| Some(clause.to_string()));
    let hits = hits(&mut named.iter().map(|(place, _)| *place).collect());
    hits.into_iter().zip(clauses).map(|(hit, clause)| Hit { clause, ..hit }).collect()
}

/// The places that `evaluate` finds, with their clauses; of parts that hold together none unless all do.
fn places_by_clause<'q, 'd>(
    query: &'q Query,
    document: &'d Document,
    named: &mut Vec<(Found<'d>, &'q Query)>,
) {
    let parts = match query {
        Query::And(parts) | Query::Or(parts) | Query::AtLeast(_, parts) => parts,
        leaf => {
            let mut found = Vec::new();
            if evaluate(leaf, document, &mut found) {
                named.extend(found.into_iter().map(|place| (place, leaf)));
            }
            return;
        }
    };
    if evaluate(query, document, &mut Vec::new()) {
        parts.iter().for_each(|part| places_by_clause(part, document, named));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_record::Record;

    #[test]
    fn naming_clauses_changes_no_hit() {
        let item = serde_json::json!({
            "id": "1", "title": "Acme roast", "content_text": "acme dark roast, #acme and beans é", "tags": ["beans"],
        });
        let record = Record::parse(item.to_string()).unwrap();
        let document = Document::of(&record);
        for (text, clauses) in [
            ("acme", "acme acme acme"),
            ("acme OR acm*", "acme acme acme"),
            ("(acme mocha) OR roast", "roast roast"),
            ("acme (roast OR mocha) -tea", "acme roast acme roast acme"),
            ("(#acme OR tag:beans) \"dark roast\"", "\"dark roast\" #acme tag:beans"),
            ("-tea", ""),
            (
                "(dark NEAR/0 roast) ATLEAST/2(beans tea #acme)",
                "dark NEAR/0 roast dark NEAR/0 roast #acme beans beans",
            ),
            ("ATLEAST/3(acme tea roast) OR beans", "beans beans"),
        ] {
            let query: Query = text.parse().unwrap();
            let mut found = Vec::new();
            evaluate(&query, &document, &mut found);
            let named = named_hits(&query, &document);
            let names: Vec<_> = named.iter().filter_map(|hit| hit.clause.clone()).collect();
            assert_eq!(names.join(" "), clauses, "{text}");
            let bare: Vec<_> = named.into_iter().map(|hit| Hit { clause: None, ..hit }).collect();
            assert_eq!(bare, hits(&mut found), "{text}");
        }
    }
}
