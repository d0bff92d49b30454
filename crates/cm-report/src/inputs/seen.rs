//! What was met before, so that the same thing in two inputs is counted once. Two equal lines of one input are two
//! things (two people may click in the same second); of two inputs, each thing counts as often as in the fuller one.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

/// Things remembered at most (about 80 MB); beyond it repeats are no longer noticed.
const MOST: usize = 2_000_000;

/// A memory of hashes.
#[derive(Debug)]
pub struct Seen {
    keys: RandomState,
    things: HashMap<u64, Count>,
    input: u32,
    most: usize,
    /// Repeats passed over.
    pub repeats: u64,
    /// True when it was too much to remember.
    pub full: bool,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    input: u32,
    here: u32,
    most: u32,
}

impl Default for Seen {
    fn default() -> Seen {
        let (keys, things) = (RandomState::new(), HashMap::new());
        Seen { keys, things, input: 0, most: MOST, repeats: 0, full: false }
    }
}

impl Seen {
    /// The next input begins.
    pub fn next_input(&mut self) {
        self.input += 1;
    }

    /// Whether a thing is new: not met as often in any input before.
    pub fn is_new(&mut self, thing: impl Hash) -> bool {
        let new = self.count(thing, false);
        self.repeats += u64::from(!new);
        new
    }

    /// The same for things with an id, of which there is only one anywhere; its caller counts the repeats.
    pub fn is_first(&mut self, id: impl Hash) -> bool {
        self.count(id, true)
    }

    fn count(&mut self, thing: impl Hash, once: bool) -> bool {
        let hash = self.keys.hash_one(thing);
        if self.things.len() >= self.most && !self.things.contains_key(&hash) {
            self.full = true;
            return true;
        }
        let input = self.input;
        let count = self.things.entry(hash).or_insert(Count { input, here: 0, most: 0 });
        if count.input != input {
            (count.input, count.here) = (input, 0);
        }
        count.here = count.here.saturating_add(1);
        let new = if once { count.most == 0 } else { count.here > count.most };
        count.most = count.most.max(count.here);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuller_input_counts() {
        let mut seen = Seen::default();
        let mut count = |things: &[&str]| {
            seen.next_input();
            things.iter().filter(|thing| seen.is_new(thing)).count()
        };
        assert_eq!(count(&["a", "a", "b"]), 3);
        assert_eq!(count(&["a", "b", "b"]), 1);
        assert_eq!(count(&["a", "a", "b", "b"]), 0);
    }

    #[test]
    fn ids_count_once_even_in_one_input() {
        let mut seen = Seen::default();
        assert!(seen.is_first("a"));
        assert!(!seen.is_first("a"));
        assert!(
            seen.is_new("a")
                && !{
                    seen.next_input();
                    seen.is_new("a")
                }
        );
        assert_eq!(seen.repeats, 1);
    }

    #[test]
    fn a_full_memory_counts_and_says_so() {
        let mut seen = Seen { most: 1, ..Seen::default() };
        assert!(seen.is_new("a") && seen.is_new("b") && seen.is_new("b") && seen.full);
    }
}
