//! Codes and what belongs to each, packed: a million links in the memory that their texts take and a tenth more.
//!
//! Entries lie one behind the other in blocks that never move; an index of 4 bytes an entry finds them by their code. What
//! is put in again leaves a hole where it was; once half of all is holes, the whole is packed anew.

use hashbrown::HashTable;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// A block's size in bytes, as a power of two. An entry never lies across two.
const BLOCK: u32 = 20;
/// What stands before an entry's code and value: the lengths of both.
const HEAD: usize = 1 + 2;
/// Holes below this are not worth the work.
const FEW: usize = 1 << 20;

/// Codes with their values.
#[derive(Debug, Default)]
pub struct Arena {
    blocks: Vec<Vec<u8>>,
    index: HashTable<u32>,
    hasher: RandomState,
    used: usize,
    holes: usize,
}

impl Arena {
    /// Room in the index for so many, so that it does not grow on the way.
    pub fn with_capacity(count: usize) -> Arena {
        Arena { index: HashTable::with_capacity(count), ..Arena::default() }
    }

    /// The value of a code.
    pub fn get(&self, code: &[u8]) -> Option<&[u8]> {
        let at = self.index.find(self.hasher.hash_one(code), |at| entry(&self.blocks, *at).0 == code)?;
        Some(entry(&self.blocks, *at).1)
    }

    /// Puts a code in, or another value under one that is there. False for what has no room: a code of more than 255
    /// bytes, a value of more than 65,535, or more than 4 GiB in all.
    pub fn put(&mut self, code: &[u8], value: &[u8]) -> bool {
        let Some(at) = self.write(code, value) else { return false };
        let hash = self.hasher.hash_one(code);
        let (blocks, hasher) = (&self.blocks, &self.hasher);
        match self.index.find_mut(hash, |at| entry(blocks, *at).0 == code) {
            Some(old) => {
                let (code, value) = entry(blocks, *old);
                self.holes += HEAD + code.len() + value.len();
                *old = at;
            }
            None => {
                self.index.insert_unique(hash, at, |at| hasher.hash_one(entry(blocks, *at).0));
            }
        }
        if self.holes > FEW && self.holes > self.used / 2 {
            self.pack();
        }
        true
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    fn write(&mut self, code: &[u8], value: &[u8]) -> Option<u32> {
        let (short, long) = (u8::try_from(code.len()).ok()?, u16::try_from(value.len()).ok()?);
        let size = HEAD + code.len() + value.len();
        let full = 1 << BLOCK;
        if self.blocks.last().is_none_or(|block| block.len() + size > full) {
            if self.blocks.len() >= 1 << (32 - BLOCK) {
                return None;
            }
            // A store of a few links shall not cost a block; from the second on they are likely to fill.
            let room = if self.blocks.is_empty() { 0 } else { full };
            self.blocks.push(Vec::with_capacity(room));
        }
        let number = u32::try_from(self.blocks.len() - 1).ok()?;
        let block = self.blocks.last_mut()?;
        let at = (number << BLOCK) | u32::try_from(block.len()).ok()?;
        block.push(short);
        block.extend_from_slice(&long.to_le_bytes());
        block.extend_from_slice(code);
        block.extend_from_slice(value);
        self.used += size;
        Some(at)
    }

    fn pack(&mut self) {
        let mut packed = Arena::with_capacity(self.len());
        for at in &self.index {
            let (code, value) = entry(&self.blocks, *at);
            packed.put(code, value);
        }
        *self = packed;
    }
}

/// The code and the value that begin at a place.
fn entry(blocks: &[Vec<u8>], at: u32) -> (&[u8], &[u8]) {
    let (number, from) = ((at >> BLOCK) as usize, (at & ((1 << BLOCK) - 1)) as usize);
    let bytes = blocks.get(number).and_then(|block| block.get(from..)).unwrap_or_default();
    let [short, low, high, texts @ ..] = bytes else { return (&[], &[]) };
    let (short, long) = (usize::from(*short), usize::from(u16::from_le_bytes([*low, *high])));
    let (code, rest) = texts.split_at_checked(short).unwrap_or_default();
    (code, rest.get(..long).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn what_has_no_room_is_not_taken() {
        let mut arena = Arena::default();
        assert!(!arena.put(&[b'k'; 256], b"") && !arena.put(b"k", &[0; 65_536]));
        assert!(arena.put(b"k", &[7; 65_535]) && arena.get(b"k") == Some(&[7; 65_535]));
        assert_eq!((arena.get(b"x"), arena.get(b""), arena.len()), (None, None, 1));
    }

    #[test]
    fn what_is_changed_over_and_over_takes_no_more_room() {
        let mut arena = Arena::default();
        for round in 0..2000u32 {
            for code in 0..50u8 {
                assert!(arena.put(&[code], &[u8::try_from(round % 251).unwrap(); 1000]));
            }
        }
        assert_eq!(
            (arena.len(), arena.get(&[9])),
            (50, Some(&[u8::try_from(1999 % 251).unwrap(); 1000][..]))
        );
        assert!(arena.blocks.len() <= 4, "{} blocks for 50 kB", arena.blocks.len());
    }

    proptest! {
        #[test]
        fn it_is_a_map(puts in prop::collection::vec(("[a-c]{0,3}", prop::collection::vec(any::<u8>(), 0..40)), 0..200)) {
            let (mut arena, mut map) = (Arena::default(), HashMap::new());
            for (code, value) in puts {
                prop_assert!(arena.put(code.as_bytes(), &value));
                map.insert(code, value);
            }
            prop_assert_eq!(arena.len(), map.len());
            for (code, value) in &map {
                prop_assert_eq!(arena.get(code.as_bytes()), Some(value.as_slice()));
            }
        }
    }
}
