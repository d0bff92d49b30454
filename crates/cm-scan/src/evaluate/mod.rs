//! A query against an item: whether it matches, and where. The one place that decides; everything before it may only
//! leave out what cannot match.

#[cfg(test)]
mod laws;
mod mentions;
mod names;
mod near;
mod place;
mod stretches;
#[cfg(test)]
mod tests;
mod verbatim;
mod words;

use crate::document::{Document, Text};
use crate::query::{Field, Query, Term, What};
use crate::window::published;
use std::ops::ControlFlow;

/// The most places of one term in one text that are told: as many as a record carries of all. Whoever compares places
/// with each other (NEAR) sees them all.
const MOST: usize = 100;

/// A place that a query matched.
#[derive(Clone, Copy)]
pub struct Found<'d> {
    /// The text that it stands in.
    pub text: &'d Text<'d>,
    /// Its first byte there.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Whether a query matches; the places of everything that it asked for and found are added.
pub fn evaluate<'d>(query: &Query, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    match query {
        Query::Everything => true,
        Query::Term(term) => evaluate_term(term, document, found),
        Query::Near(near) => near::find(near, document, found),
        Query::AtLeast(n, items) => {
            let before = found.len();
            // Even after enough are found: the places of the others are wanted too.
            let enough = items.iter().filter(|item| evaluate(item, document, found)).count() >= *n;
            if !enough {
                found.truncate(before);
            }
            enough
        }
        Query::Not(inner) => !evaluate(inner, document, &mut Vec::new()),
        Query::Or(parts) => {
            let mut any = false;
            for part in parts {
                any |= evaluate(part, document, found);
            }
            any
        }
        Query::And(parts) => {
            let before = found.len();
            let all = parts.iter().all(|part| evaluate(part, document, found));
            if !all {
                found.truncate(before);
            }
            all
        }
    }
}

/// Whether a single term matches.
fn evaluate_term<'d>(term: &Term, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    let before = found.len();
    match &term.what {
        What::Name(name) => return names::is_named(term.field, name, document),
        What::Date(date) => {
            return document.record().and_then(published).is_some_and(|at| date.admits(at));
        }
        What::Handle(name) if matches!(term.field, Field::From | Field::Author) => {
            mentions::find_authors(name, document, found);
        }
        What::Words { patterns, slop } if term.field == Field::Links => {
            words::find_in_links(patterns, *slop, document, found);
        }
        _ => {
            for text in texts_of(term, document) {
                let mut left = MOST;
                let _ = each_span(&term.what, text, document, &mut |start, end| {
                    found.push(Found { text, start, end });
                    left -= 1;
                    if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
            }
        }
    }
    found.len() > before
}

/// The texts that a term looks at.
fn texts_of<'d>(term: &Term, document: &'d Document<'_>) -> impl Iterator<Item = &'d Text<'d>> {
    let (title, summary, content) = match term.field {
        Field::Any => (document.title(), document.summary(), document.content()),
        Field::Title => (document.title(), None, None),
        Field::Summary => (None, document.summary(), None),
        Field::Text => (None, None, document.content()),
        _ => (None, None, None),
    };
    let values: &[Text] = match (term.field, &term.what) {
        (Field::Any, What::Handle(_)) => &[],
        (Field::Any | Field::Tag, _) => document.tags(),
        (Field::Author, _) => document.authors(),
        (Field::Url, _) => document.addresses(),
        _ => &[],
    };
    [title, summary, content].into_iter().flatten().chain(values)
}

/// A taker of places: first byte and one past the last. It says when it has enough.
type Spans<'s> = &'s mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// Calls with every place of a term in a text, in the order in which they start.
fn each_span(what: &What, text: &Text, document: &Document, spans: Spans) -> ControlFlow<()> {
    match what {
        What::Words { patterns, slop: None } => words::each_phrase(patterns, text.tokens(), spans),
        What::Words { patterns, slop: Some(slop) } => stretches::each(patterns, *slop, text.tokens(), spans),
        What::Hashtag(tag) => mentions::each_hashtag(tag, text, document, spans),
        What::Handle(name) => mentions::each_handle(name, text, spans),
        What::Verbatim(wanted) => verbatim::each(wanted, text, spans),
        What::Name(_) | What::Date(_) => ControlFlow::Continue(()),
    }
}
