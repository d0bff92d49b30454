//! Queries as they were read, where there are too many searches to keep them all: the first that were candidates are kept
//! for all threads, of the others each thread keeps those of late.

use super::Engine;
use crate::query::Query;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Up to so many searches keep their queries as they were read: nearly a kilobyte each.
pub(super) const KEPT: usize = 16_384;
/// How many a thread keeps beside them, by the lower bits of their numbers.
const SLOTS: usize = 1024;

/// The queries that stay.
#[derive(Default)]
pub(super) struct Kept {
    queries: Vec<OnceLock<Box<Query>>>,
    room: AtomicUsize,
}

impl Kept {
    /// Room for those of so many searches.
    pub fn of(searches: usize) -> Kept {
        let queries = std::iter::repeat_with(OnceLock::new).take(searches).collect();
        Kept { queries, room: AtomicUsize::new(KEPT) }
    }

    /// The query of a search, if it is here.
    pub fn get(&self, number: usize) -> Option<&Query> {
        self.queries.get(number)?.get().map(|query| &**query)
    }

    /// Keeps the query of a search, or gives it back where there is no more room.
    pub fn keep(&self, number: usize, query: Query) -> Result<&Query, Query> {
        let Some(slot) = self.queries.get(number) else { return Err(query) };
        // Two threads may take room for the same query: then there is a little less of it.
        let less = |room: usize| room.checked_sub(1);
        match self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less) {
            Ok(_) => Ok(slot.get_or_init(|| Box::new(query))),
            Err(_) => Err(query),
        }
    }
}

/// The queries of a thread.
#[derive(Default)]
pub(super) struct Recent {
    slots: Vec<Option<(usize, Query)>>,
}

impl Recent {
    /// The query of a search.
    pub fn query<'q>(&'q mut self, engine: &'q Engine, number: usize) -> &'q Query {
        if let Some(query) = engine.kept.get(number) {
            return query;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let slot = &mut self.slots[number % SLOTS];
        if slot.as_ref().is_none_or(|(of, _)| *of != number) {
            *slot = match engine.kept.keep(number, engine.read_query(number)) {
                Ok(query) => return query,
                Err(query) => Some((number, query)),
            };
        }
        slot.as_ref().map_or(&Query::Everything, |(_, query)| query)
    }
}
