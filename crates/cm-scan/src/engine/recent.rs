//! Queries that were read lately, where there are too many searches to keep them all.

use super::Engine;
use crate::query::Query;

/// How many are kept, by the lower bits of their numbers.
const SLOTS: usize = 1024;

/// The queries.
#[derive(Default)]
pub(super) struct Recent {
    slots: Vec<Option<(usize, Query)>>,
}

impl Recent {
    /// The query of a search.
    pub fn query<'q>(&'q mut self, engine: &'q Engine, number: usize) -> &'q Query {
        if let Some(query) = engine.queries.get(number) {
            return query;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let slot = &mut self.slots[number % SLOTS];
        if slot.as_ref().is_some_and(|(of, _)| *of != number) {
            *slot = None;
        }
        let (_, query) = slot.get_or_insert_with(|| (number, engine.query(number).into_owned()));
        query
    }
}
