//! Why a query does not match, in a few words: the shortest true reason.

use super::clause::first_place;
use super::distance::why_not_near;
use super::hint::near_miss;
use crate::document::Document;
use crate::evaluate::evaluate;
use crate::query::{Field, Query, Term, What, host};
use crate::window::published;
use cm_time::Zone;

/// The most alternatives that are named.
const NAMED: usize = 3;
/// The longest that a clause is when it is named, in characters.
const LONGEST: usize = 60;

/// An item, and the zone that its time is told in.
#[derive(Clone, Copy)]
pub struct View<'d, 'a> {
    /// The item.
    pub document: &'d Document<'a>,
    /// The zone.
    pub zone: &'d Zone,
}

impl View<'_, '_> {
    /// Whether a query holds.
    pub fn holds(&self, query: &Query) -> bool {
        evaluate(query, self.document, &mut Vec::new())
    }

    /// `it is of 2026-11-20 14:00`
    pub fn time(&self) -> String {
        let at = self.document.record().and_then(published);
        let shown = at.map(|at| self.zone.wall(at).format("%Y-%m-%d %H:%M").to_string());
        shown.map_or_else(|| "it has no date".to_owned(), |at| format!("it is of {at}"))
    }
}

/// Why a query that does not match does not.
pub fn why_not(query: &Query, view: View) -> String {
    match query {
        Query::Everything => "it is left out".to_owned(),
        Query::Term(term) => match of_term(term, false, view) {
            Some(why) if is_name(term) => format!("{why}, not {}", named(query)),
            Some(why) => format!("{} is not there: {why}", named(query)),
            None => format!("{} is not there", named(query)),
        },
        Query::Not(inner) => there(inner, view),
        Query::Near(near) => why_not_near(near, view),
        Query::AtLeast(..) => of_clause(query, false, view).unwrap_or_default(),
        Query::And(parts) => {
            let failed = parts.iter().filter(|part| !view.holds(part));
            failed.min_by_key(|part| size(part)).map(|part| why_not(part, view)).unwrap_or_default()
        }
        Query::Or(parts) if parts.len() <= NAMED => format!("none of {} is there", list(parts)),
        Query::Or(parts) => format!("none of {} alternatives is there", parts.len()),
    }
}

/// What stands beside a clause: what the item is where a name is compared, how many of so many, and a hint where a word
/// is nearly there.
pub fn of_clause(query: &Query, holds: bool, view: View) -> Option<String> {
    match query {
        Query::Term(term) => of_term(term, holds, view),
        Query::Near(near) if !holds => Some(why_not_near(near, view)),
        Query::AtLeast(n, items) => {
            let there: Vec<&Query> = items.iter().filter(|item| view.holds(item)).collect();
            let count = format!("{} of {} hold, at least {n} must", there.len(), items.len());
            Some(if (1..=NAMED).contains(&there.len()) {
                format!("{count} ({})", list(there))
            } else {
                count
            })
        }
        Query::Not(inner) => match &**inner {
            Query::Term(term) => of_term(term, !holds, view).filter(|_| is_name(term)),
            _ => None,
        },
        _ => None,
    }
}

/// A clause as it is named within a sentence.
pub fn named(query: &Query) -> String {
    let name = query.to_string();
    match name.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name,
    }
}

fn list<'q>(queries: impl IntoIterator<Item = &'q Query>) -> String {
    queries.into_iter().map(named).collect::<Vec<_>>().join(", ")
}

/// How much there is to say about a clause.
fn size(query: &Query) -> usize {
    query.terms().len()
}

/// What should not be there, and where it is.
fn there(query: &Query, view: View) -> String {
    if let Query::Term(term) = query
        && is_name(term)
        && let Some(why) = of_term(term, true, view)
    {
        return format!("{why}, and {} is left out", named(query));
    }
    let one = matches!(query, Query::Term(_) | Query::Near(_));
    let place = first_place(query, view.document).filter(|place| one && place.text.located);
    let place = place.map(|place| {
        format!(" ({} {})", place.text.field, cm_text::code_points(&place.text.text, place.start))
    });
    format!("{} is there{}", named(query), place.unwrap_or_default())
}

fn is_name(term: &Term) -> bool {
    matches!(term.what, What::Name(_) | What::Date(_))
}

fn of_term(term: &Term, holds: bool, view: View) -> Option<String> {
    match &term.what {
        What::Name(_) => Some(what_it_is(term.field, view.document)),
        What::Date(_) => Some(view.time()),
        _ if holds => None,
        _ => near_miss(term, view.document),
    }
}

/// What an item is where whole names are compared.
fn what_it_is(field: Field, document: &Document) -> String {
    let meta = document.meta();
    let (name, value) = match field {
        Field::Lang => ("language", document.language().map(|language| language.into_owned())),
        Field::Site => ("host", document.address().map(|address| host(&address).to_owned())),
        Field::Kind => ("kind", meta.kind.clone()),
        _ => ("source", meta.source.clone()),
    };
    match value.filter(|value| !value.trim().is_empty()) {
        Some(value) => format!("its {name} is {value}"),
        None => format!("it names no {name}"),
    }
}
