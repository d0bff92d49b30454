//! Where each word of a text stands. In: its folded words, in order. Out: the numbers of those that are a word. It is worth
//! making when many searches ask for words of one text.

use std::cell::{Cell, OnceCell};

/// Fewer words than that are looked through as quickly as they are found otherwise.
const FEW: usize = 32;
/// To look a text through so often costs about as much as an index of its words.
const OFTEN: u32 = 4;

/// An index that is made when it was asked for often enough.
#[derive(Debug, Default)]
pub struct OnDemand {
    index: OnceCell<WordIndex>,
    asked: Cell<u32>,
}

impl OnDemand {
    /// The index of these words, the last one first; `None` where looking through all of them is as quick.
    pub fn get<'t>(&self, reversed: impl ExactSizeIterator<Item = &'t str>) -> Option<&WordIndex> {
        if reversed.len() < FEW {
            return None;
        }
        self.asked.set(self.asked.get().saturating_add(1));
        (self.asked.get() > OFTEN).then(|| self.index.get_or_init(|| WordIndex::of_reversed(reversed)))
    }
}

/// The words by their hashes.
#[derive(Debug)]
pub struct WordIndex {
    /// By hash, one more than the number of the first word; 0 for none.
    first: Vec<u32>,
    /// Of each word, the same of the next one with its place among the hashes.
    next: Vec<u32>,
}

impl WordIndex {
    fn of_reversed<'t>(words: impl ExactSizeIterator<Item = &'t str>) -> WordIndex {
        let count = words.len();
        let mut index = WordIndex { first: vec![0; count.next_power_of_two()], next: vec![0; count] };
        for (number, word) in (0..count).rev().zip(words) {
            let place = index.place(word);
            index.next[number] = index.first[place];
            index.first[place] = number as u32 + 1;
        }
        index
    }

    /// The numbers of words, ascending, among them all that are this one.
    pub fn numbers(&self, word: &str) -> impl Iterator<Item = usize> {
        let number = |next: u32| (next as usize).checked_sub(1);
        std::iter::successors(number(self.first[self.place(word)]), move |last| number(self.next[*last]))
    }

    fn place(&self, word: &str) -> usize {
        let mut hash = word.len() as u64;
        for eight in word.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..eight.len()].copy_from_slice(eight);
            hash = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            hash ^= hash >> 32;
        }
        hash as usize & (self.first.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_place_of_a_word_is_found_in_order(words in prop::collection::vec("[ab]{0,3}|[a-zé]{9,17}", 0..200)) {
            let index = WordIndex::of_reversed(words.iter().rev().map(String::as_str));
            for word in words.iter().map(String::as_str).chain(["b", "none of them"]) {
                let found: Vec<_> = index.numbers(word).filter(|number| words[*number] == word).collect();
                let wanted: Vec<_> = (0..words.len()).filter(|number| words[*number] == word).collect();
                prop_assert_eq!(found, wanted);
            }
        }
    }

    #[test]
    fn an_index_is_made_when_it_pays() {
        let (index, words) = (OnDemand::default(), ["a"; FEW]);
        for asked in 1..10 {
            assert!(index.get(words[1..].iter().copied()).is_none());
            assert_eq!(index.get(words.iter().copied()).is_some(), asked > OFTEN);
        }
    }
}
