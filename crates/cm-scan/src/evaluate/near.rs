//! NEAR and ONEAR: places that stand near each other in one text (docs/searches.md, "NEAR").
//! The places of each operand are read once in order, and each step is a search among sorted places: a text that is one
//! word over and over costs little more than its words.

use super::place::{Place, places};
use super::{Found, MOST, each_span, texts_of};
use crate::document::{Document, Text};
use crate::query::{Near, Step, Term};
use std::ops::ControlFlow;

/// The most places of an operand that are held while the chain is followed; of more, a bit each, and they are looked for
/// again: a text of four million letters may have two million places of every operand. Tests take both ways.
const MOST_HELD: usize = if cfg!(test) { 2 } else { 10_000 };

/// Whether the terms stand near each other in any text; the places that take part in a whole chain are added.
pub(super) fn find<'d>(near: &Near, document: &'d Document<'_>, found: &mut Vec<Found<'d>>) -> bool {
    let Some(first) = near.first.first() else { return false };
    let before = found.len();
    for text in texts_of(first, document) {
        for place in chain(near, text, document).into_iter().flatten() {
            found.push(Found { text, start: place.start as usize, end: place.end as usize });
        }
    }
    found.len() > before
}

/// Of each operand the first places that take part in a whole chain; nothing where there is none.
fn chain(near: &Near, text: &Text, document: &Document) -> Vec<Vec<Place>> {
    let mut here = places_of(&near.first, text, document);
    let mut reached = Reached::all(&here);
    let mut earlier = Vec::with_capacity(near.then.len());
    for (step, terms) in near.then.iter().zip(near.operands()) {
        if here.is_empty() {
            return Vec::new();
        }
        let mut next = places_of(&step.terms, text, document);
        let next_reached = keep_near(&mut next, &here, step, Side::Second);
        earlier.push((step, terms, reached.of(here)));
        (here, reached) = (next, next_reached);
    }
    let mut chain = vec![here.iter().take(MOST).copied().collect::<Vec<_>>()];
    for (step, terms, reached) in earlier.into_iter().rev() {
        if here.is_empty() {
            return Vec::new();
        }
        let mut before = reached.places(|| places_of(terms, text, document));
        keep_near(&mut before, &here, step, Side::First);
        chain.push(before.iter().take(MOST).copied().collect());
        here = before;
    }
    chain.reverse();
    chain
}

/// The places of an operand that a chain reaches.
enum Reached {
    Places(Vec<Place>),
    /// A bit for each place of the operand, the lowest first.
    Bits(Vec<u64>),
}

impl Reached {
    fn all(places: &[Place]) -> Reached {
        Reached::Bits(vec![u64::MAX; places.len().div_ceil(64)])
    }

    /// These very places, where they are few.
    fn of(self, places: Vec<Place>) -> Reached {
        if places.len() <= MOST_HELD { Reached::Places(places) } else { self }
    }

    fn places(self, all: impl FnOnce() -> Vec<Place>) -> Vec<Place> {
        let bits = match self {
            Reached::Places(places) => return places,
            Reached::Bits(bits) => bits,
        };
        let mut places = all();
        let mut number = 0_usize..;
        let mut is_set =
            |number: usize| bits.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1);
        places.retain(|_| number.next().is_some_and(&mut is_set));
        places
    }
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
        // After each, so that places which several have are not held several times.
        if terms.len() > 1 {
            all.sort_by_key(|place| (place.start, place.end));
            all.dedup();
        }
    }
    all
}

/// Which operand of a step places are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

/// Keeps the places that have one of the others near them, and says which these are.
fn keep_near(places: &mut Vec<Place>, others: &[Place], step: &Step, side: Side) -> Reached {
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
    let mut is_near = |place: &Place| {
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
    };
    let mut bits = vec![0_u64; places.len().div_ceil(64)];
    let mut number = 0;
    places.retain(|place| {
        let kept = is_near(place);
        bits[number / 64] |= u64::from(kept) << (number % 64);
        number += 1;
        kept
    });
    Reached::Bits(bits)
}
