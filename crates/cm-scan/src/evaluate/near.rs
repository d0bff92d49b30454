//! NEAR and ONEAR: places that stand near each other in one text (docs/searches.md, "NEAR").
//! The places of each operand are read once in order, and each step is a search among sorted places: a text that is one
//! word over and over costs little more than its words.

use super::place::{Place, places};
use super::{Found, MOST, each_span, texts_of};
use crate::document::{Document, Text};
use crate::query::{Near, Step, Term};
use std::ops::ControlFlow;

/// Whether the terms stand near each other in any text; the places that take part in a whole chain are added.
pub(super) fn find<'d>(near: &Near, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    let Some(first) = near.first.first() else { return false };
    let mut any = false;
    for text in texts_of(first, document) {
        let chain = chain(near, text, document);
        any |= !chain.is_empty();
        for places in chain {
            let places = places.iter().take(MOST);
            found.extend(places.map(|place| Found {
                text,
                start: place.start as usize,
                end: place.end as usize,
            }));
        }
    }
    any
}

/// Of each operand the places that take part in a whole chain; nothing where there is none.
fn chain(near: &Near, text: &Text, document: &Document) -> Vec<Vec<Place>> {
    let mut chain: Vec<Vec<Place>> = vec![places_of(&near.first, text, document)];
    for step in &near.then {
        let Some(before) = chain.last().filter(|before| !before.is_empty()) else { return Vec::new() };
        let mut here = places_of(&step.terms, text, document);
        keep_near(&mut here, before, step, Side::Second);
        chain.push(here);
    }
    if chain.last().is_none_or(Vec::is_empty) {
        return Vec::new();
    }
    for (number, step) in near.then.iter().enumerate().rev() {
        let (before, here) = chain.split_at_mut(number + 1);
        if let (Some(before), Some(here)) = (before.last_mut(), here.first()) {
            keep_near(before, here, step, Side::First);
        }
    }
    chain
}

/// The places of any of these terms, in the order in which they start.
fn places_of(terms: &[Term], text: &Text, document: &Document) -> Vec<Place> {
    let mut all = Vec::new();
    for term in terms {
        let mut places = places(text);
        let _ = each_span(&term.what, text, document, &mut |start, end| {
            all.push(places.of(start, end));
            ControlFlow::Continue(())
        });
    }
    if terms.len() > 1 {
        all.sort_by_key(|place| (place.start, place.end));
        all.dedup();
    }
    all
}

/// Which operand of a step places are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

/// Keeps the places that have one of the others near them.
fn keep_near(places: &mut Vec<Place>, others: &[Place], step: &Step, side: Side) {
    let (behind_others, before_others) = match side {
        _ if !step.ordered => (true, true),
        Side::Second => (true, false),
        Side::First => (false, true),
    };
    let mut by_end = Vec::new();
    if behind_others && !others.is_sorted_by_key(|other| other.end) {
        by_end = others.to_vec();
        by_end.sort_by_key(|other| (other.end, other.after));
    }
    let by_end = if by_end.is_empty() { others } else { &by_end };
    let within = |from: u32, to: u32| (to - from) as usize <= step.within;
    // Places are in the order in which they start: what ends before one also ends before the next.
    let mut ended = 0;
    places.retain(|place| {
        if behind_others {
            ended += by_end[ended..].iter().take_while(|other| other.is_before(place)).count();
            if by_end[..ended].last().is_some_and(|other| within(other.after, place.first)) {
                return true;
            }
        }
        before_others && {
            let begins = others.partition_point(|other| !place.is_before(other));
            others.get(begins).is_some_and(|other| within(place.after, other.first))
        }
    });
}
