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

/// The hits of a query that matches, each with the clause that asked for it; where several did, the first.
pub fn named_hits<'d>(query: &Query, document: &'d Document) -> Vec<Hit<'d>> {
    let mut named = Vec::new();
    places_by_clause(query, document, &mut named);
    named.retain(|(place, _)| place.text.located);
    named.sort_by_key(|(place, _)| reading_order(place));
    named.dedup_by_key(|(place, _)| reading_order(place));
    let clauses = named.iter().map(|(_, clause)| Some(clause.to_string()));
    let hits = hits(named.iter().map(|(place, _)| *place).collect());
    hits.into_iter().zip(clauses).map(|(hit, clause)| Hit { clause, ..hit }).collect()
}

/// The places that `evaluate` finds, with their clauses; of parts that hold together none unless all do.
fn places_by_clause<'q, 'd>(
    query: &'q Query,
    document: &'d Document,
    named: &mut Vec<(Found<'d>, &'q Query)>,
) {
    let parts = match query {
        Query::And(parts) | Query::Or(parts) => parts,
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
        ] {
            let query: Query = text.parse().unwrap();
            let mut found = Vec::new();
            evaluate(&query, &document, &mut found);
            let named = named_hits(&query, &document);
            let names: Vec<_> = named.iter().filter_map(|hit| hit.clause.clone()).collect();
            assert_eq!(names.join(" "), clauses, "{text}");
            let bare: Vec<_> = named.into_iter().map(|hit| Hit { clause: None, ..hit }).collect();
            assert_eq!(bare, hits(found), "{text}");
        }
    }
}
