//! The last items that were no duplicates, and which of them an item is a near-duplicate of. Memory for a fixed number.

use super::fingerprint::Fingerprint;
use std::collections::{HashMap, VecDeque};

/// So many items are remembered.
const REMEMBERED: usize = 10_000;
/// An item is found by so many of its hashes.
const KEYS: usize = 16;
/// So many of the newest items are found by one hash: what more of them share is a phrase of a template.
const FOUND_BY_ONE: usize = 32;

/// The remembered items.
#[derive(Default)]
pub struct Recent {
    /// By number, the oldest first.
    items: VecDeque<Fingerprint>,
    /// The number of the oldest.
    first: usize,
    by_key: HashMap<u32, VecDeque<usize>>,
}

/// What an item is a near-duplicate of.
#[derive(Debug, PartialEq)]
pub struct Original {
    /// Its id.
    pub id: String,
    /// How alike the two are, 0 to 1.
    pub similarity: f64,
}

impl Recent {
    /// The remembered item that this one is most alike, of equal ones the first; one that is like none is remembered.
    /// The same id again is the same item again, no duplicate.
    pub fn meet(&mut self, new: Fingerprint) -> Option<Original> {
        let mut near: Vec<usize> =
            new.keys().iter().filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        let mut best: Option<Original> = None;
        for old in near.into_iter().filter_map(|number| self.items.get(number.checked_sub(self.first)?)) {
            if old.id == new.id {
                return None;
            }
            if let Some(similarity) = old.similarity(&new)
                && best.as_ref().is_none_or(|best| similarity > best.similarity)
            {
                best = Some(Original { id: old.id.clone(), similarity });
            }
        }
        if best.is_none() {
            self.remember(new);
        }
        best
    }

    fn remember(&mut self, new: Fingerprint) {
        let number = self.first + self.items.len();
        for key in new.keys().iter().take(KEYS) {
            let numbers = self.by_key.entry(*key).or_default();
            numbers.push_back(number);
            if numbers.len() > FOUND_BY_ONE {
                numbers.pop_front();
            }
        }
        self.items.push_back(new);
        if self.items.len() > REMEMBERED {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.items.pop_front() else { return };
        for key in oldest.keys().iter().take(KEYS) {
            if let Some(numbers) = self.by_key.get_mut(key) {
                numbers.retain(|number| *number != self.first);
                if numbers.is_empty() {
                    self.by_key.remove(key);
                }
            }
        }
        self.first += 1;
    }
}
