//! Which search has a name. In: searches by number, whose names somebody else keeps. Out: the number; four to eight bytes
//! a search.

use std::hash::{BuildHasher, RandomState};

/// A place that is free.
const FREE: u32 = u32::MAX;

/// A table of numbers, found by the names that they stand for (open addressing, at most half full).
#[derive(Debug)]
pub(super) struct Names {
    slots: Vec<u32>,
    hash: RandomState,
}

impl Names {
    /// Room for so many.
    pub fn for_up_to(count: usize) -> Names {
        Names { slots: vec![FREE; (2 * count).next_power_of_two()], hash: RandomState::new() }
    }

    /// Adds a number, or gives the one that has its name already.
    pub fn insert<'a>(&mut self, number: u32, name_of: impl Fn(u32) -> &'a str) -> Option<u32> {
        let slot = self.slot(name_of(number), &name_of);
        let found = self.slots[slot];
        if found == FREE {
            self.slots[slot] = number;
            return None;
        }
        Some(found)
    }

    /// The number with this name.
    pub fn get<'a>(&self, name: &str, name_of: impl Fn(u32) -> &'a str) -> Option<u32> {
        Some(self.slots[self.slot(name, &name_of)]).filter(|found| *found != FREE)
    }

    /// Where a name stands, or may be put.
    fn slot<'a>(&self, name: &str, name_of: &impl Fn(u32) -> &'a str) -> usize {
        let mask = self.slots.len() - 1;
        // The lower bits are as good as any, and they are all that a table of this size can use.
        #[expect(clippy::cast_possible_truncation, reason = "only the lower bits are used")]
        let mut slot = self.hash.hash_one(name) as usize & mask;
        while self.slots[slot] != FREE && name_of(self.slots[slot]) != name {
            slot = (slot + 1) & mask;
        }
        slot
    }
}
