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
    pub fn time(&self) -> Option<String> {
        let at = self.document.record().and_then(published)?;
        Some(format!("it is of {}", self.zone.wall(at).format("%Y-%m-%d %H:%M")))
    }
}

/// Why a query that does not match does not.
pub fn why_not(query: &Query, view: View) -> String {
    match query {
        Query::Everything => "it is left out".to_owned(),
        Query::Term(term) => match (what_it_is(term, view), near_miss(term, view.document)) {
            (Some(Ok(is)), _) => format!("{is}, not {}", named(query)),
            (Some(Err(lacks)), _) => format!("{lacks}, {} needs one", named(query)),
            (None, Some(hint)) => format!("{} is not there: {hint}", named(query)),
            (None, None) => format!("{} is not there", named(query)),
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
            Query::Term(term) => what_it_is(term, view).map(either),
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
        && let Some(is) = what_it_is(term, view)
    {
        return format!("{}, and {} is left out", either(is), named(query));
    }
    let one = matches!(query, Query::Term(_) | Query::Near(_));
    let place = first_place(query, view.document).filter(|place| one && place.text.located);
    let place = place.map(|place| {
        format!(" ({} {})", place.text.field, cm_text::code_points(&place.text.text, place.start))
    });
    format!("{} is there{}", named(query), place.unwrap_or_default())
}

fn of_term(term: &Term, holds: bool, view: View) -> Option<String> {
    let missing = || if holds { None } else { near_miss(term, view.document) };
    what_it_is(term, view).map(either).or_else(missing)
}

fn either(is: Result<String, String>) -> String {
    is.unwrap_or_else(|lacks| lacks)
}

/// What an item is where a term compares that; the error is that it does not say.
fn what_it_is(term: &Term, view: View) -> Option<Result<String, String>> {
    let (document, meta) = (view.document, view.document.meta());
    let (name, value) = match (&term.what, term.field) {
        (What::Date(_), _) => return Some(view.time().ok_or_else(|| "it has no date".to_owned())),
        (What::Name(_), Field::Lang) => {
            ("language", document.language().map(|language| language.into_owned()))
        }
        (What::Name(_), Field::Site) => ("host", document.address().map(|address| host(&address).to_owned())),
        (What::Name(_), Field::Kind) => ("kind", meta.kind.clone()),
        (What::Name(_), _) => ("source", meta.source.clone()),
        _ => return None,
    };
    let value = value.filter(|value| !value.trim().is_empty());
    Some(value.map(|value| format!("its {name} is {value}")).ok_or_else(|| format!("it names no {name}")))
}
