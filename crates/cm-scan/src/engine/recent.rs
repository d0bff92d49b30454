//! Queries as they were read, where there are too many searches to keep them all: the first that were candidates are kept
//! for all threads, of the others each thread keeps those of late.

use super::Engine;
use crate::query::Query;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Up to so many searches keep their queries as they were read.
pub(super) const KEPT: usize = 16_384;
/// And so many bytes of them: with references to others, a short query may be a large tree.
const KEPT_BYTES: usize = 32 << 20;
/// How many a thread keeps beside them, by the lower bits of their numbers.
const SLOTS: usize = 1024;
/// And so many bytes of them.
const SLOT_BYTES: usize = 4 << 20;

/// The queries that stay.
#[derive(Default)]
pub(super) struct Kept {
    queries: Vec<OnceLock<Box<Query>>>,
    /// In bytes.
    room: AtomicUsize,
}

impl Kept {
    /// Room for those of so many searches.
    pub fn of(searches: usize) -> Kept {
        let queries = std::iter::repeat_with(OnceLock::new).take(searches).collect();
        Kept { queries, room: AtomicUsize::new(KEPT_BYTES) }
    }

    /// The query of a search, if it is here.
    pub fn get(&self, number: usize) -> Option<&Query> {
        self.queries.get(number)?.get().map(|query| &**query)
    }

    /// Keeps the query of a search, or gives it back where there is no more room.
    pub fn keep(&self, number: usize, query: Query) -> Result<&Query, Query> {
        let Some(slot) = self.queries.get(number) else { return Err(query) };
        // Two threads may take room for the same query: then there is a little less of it.
        let size = query.size().max(KEPT_BYTES / KEPT);
        let less = |room: usize| room.checked_sub(size);
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
    bytes: usize,
}

impl Recent {
    /// The query of a search.
    pub fn query<'q>(&'q mut self, engine: &'q Engine, number: usize) -> &'q Query {
        if let Some(query) = engine.kept.get(number) {
            return query;
        }
        let slot = number % SLOTS;
        let there = self.slots.get(slot).and_then(Option::as_ref);
        if there.is_none_or(|(of, _)| *of != number) {
            match engine.kept.keep(number, engine.read_query(number)) {
                Ok(query) => return query,
                Err(query) => self.put(number, query),
            }
        }
        self.slots.get(slot).and_then(Option::as_ref).map_or(&Query::Everything, |(_, query)| query)
    }

    fn put(&mut self, number: usize, query: Query) {
        let size = query.size();
        if self.slots.is_empty() || self.bytes + size > SLOT_BYTES {
            self.slots.clear();
            self.slots.resize_with(SLOTS, || None);
            self.bytes = 0;
        }
        let before = self.slots[number % SLOTS].replace((number, query));
        self.bytes = self.bytes + size - before.map_or(0, |(_, query)| query.size());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::searches::Searches;

    fn query(words: usize) -> Query {
        let words: Vec<String> = (0..words).map(|number| format!("word{number}")).collect();
        words.join(" OR ").parse().unwrap()
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_in_bytes() {
        for (words, some) in [(1, KEPT / 2..KEPT + 1), (1000, 20..KEPT / 16)] {
            let kept = Kept::of(KEPT * 2);
            let query = query(words);
            let count = (0..KEPT * 2).take_while(|number| kept.keep(*number, query.clone()).is_ok()).count();
            assert!(some.contains(&count), "{count} of {words} words");
        }
    }

    #[test]
    fn a_thread_keeps_no_more_than_it_may_and_gives_the_query_that_is_asked_for() {
        let texts: Vec<String> = (0..40).map(|number| format!("{} OR only{number}", query(1000))).collect();
        let engine = Engine::new(Searches::of_queries(&texts).unwrap()).unwrap();
        let engine = Engine { kept: Kept::default(), ..engine };
        let mut recent = Recent::default();
        for number in (0..40).chain(0..40) {
            assert_eq!(*recent.query(&engine, number), texts[number].parse().unwrap());
            assert!(recent.bytes <= SLOT_BYTES);
        }
        let there = recent.slots.iter().flatten().count();
        assert!((1..40).contains(&there), "{there}");
    }
}
