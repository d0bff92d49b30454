//! The atoms that any search asks for, each a number, found by hash: a bitmap small enough for the nearest cache says no
//! to most words of a text, a table says which atom it is. Two atoms with one hash are one: that can only make a
//! candidate too many.

use super::atoms::{Head, SHORT, hash};
use super::beginnings::{self, Beginnings};
use super::glimpse::Glimpse;
use std::collections::BTreeSet;

/// The lengths to which beginnings are cut, in bytes: each costs a look for every word of a text.
const LENGTHS: [usize; 8] = [1, 2, 3, 4, 6, 8, 12, 16];
/// Bits of the bitmap for each atom: one word in so many passes by chance.
const BITS: usize = 16;
/// The most bits of the bitmap: 256 kB.
const MOST_BITS: usize = 1 << 21;

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// The atom's number, from 1; 0 is empty.
    number: u32,
}

/// The atoms of all searches.
#[derive(Default)]
pub(super) struct Terms {
    slots: Vec<Slot>,
    bitmap: Vec<u64>,
    /// How far a hash is shifted to be a bit of the bitmap.
    shift: u32,
    /// The lengths in use, ascending.
    lengths: Vec<usize>,
    /// How likely a text holds each atom, as far as its length says.
    likely: Vec<f32>,
    /// How many searches ask for it.
    uses: Vec<u32>,
    /// The first two bytes of those in ASCII, 0 where there is no second.
    pairs: BTreeSet<[u8; 2]>,
    /// Some begin with other letters.
    foreign: bool,
    beginnings: Beginnings,
    glimpse: Glimpse,
}

impl Terms {
    /// The number of an atom that has to be there whole.
    pub fn whole(&mut self, atom: &str) -> u32 {
        self.begins(atom);
        self.glimpse.add(atom, false);
        let likely = match atom.chars().count() {
            // A picture or an ideograph says more than a letter.
            1 if !atom.is_ascii() => 0.05,
            1 => 0.7,
            2 => 0.5,
            3 => 0.25,
            4 => 0.1,
            5 => 0.05,
            6 => 0.03,
            7 => 0.02,
            8 => 0.015,
            _ => 0.01,
        };
        self.number(hash(atom.as_bytes()), likely)
    }

    /// The number of an atom of which the beginning has to be there.
    pub fn beginning(&mut self, atom: &str) -> u32 {
        self.begins(atom);
        let length = LENGTHS.into_iter().rfind(|length| *length <= atom.len()).unwrap_or(LENGTHS[0]);
        self.glimpse.add(atom.get(..length).unwrap_or(atom), true);
        if let Err(at) = self.lengths.binary_search(&length) {
            self.lengths.insert(at, length);
        }
        let hash = Head::at(atom.as_bytes(), 0, length).hash_of_beginning(length);
        let likely = match atom.chars().count() {
            1 => 0.99,
            2 => 0.9,
            3 => 0.6,
            4 => 0.3,
            5 => 0.15,
            6 => 0.1,
            _ => 0.05,
        };
        self.number(hash, likely)
    }

    /// Words in ASCII can only begin with a letter that an atom begins with.
    fn begins(&mut self, atom: &str) {
        let mut bytes = atom.bytes().map(|byte| byte | 0x20);
        let Some(first) = bytes.next().filter(u8::is_ascii) else {
            self.foreign = true;
            return;
        };
        let second = bytes.next().filter(u8::is_ascii);
        // One more than will do shows that they are too many.
        if self.pairs.len() <= beginnings::MOST {
            self.pairs.insert([first, second.unwrap_or(0)]);
        }
    }

    fn number(&mut self, hash: u64, likely: f32) -> u32 {
        if self.slots.len() < (self.likely.len() + 1) * 2 {
            self.grow();
        }
        let at = self.place(hash);
        let slot = &mut self.slots[at];
        if slot.number == 0 {
            self.likely.push(likely);
            self.uses.push(0);
            *slot = Slot { hash, number: self.likely.len() as u32 };
        }
        let number = slot.number - 1;
        self.uses[number as usize] += 1;
        number
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.number > 0) {
            let at = self.place(slot.hash);
            self.slots[at] = slot;
        }
    }

    /// Where a hash stands, or would.
    fn place(&self, hash: u64) -> usize {
        let last = self.slots.len() - 1;
        let mut at = hash as usize & last;
        while self.slots[at].number != 0 && self.slots[at].hash != hash {
            at = (at + 1) & last;
        }
        at
    }

    /// Makes ready to look atoms up.
    pub fn finish(&mut self) {
        let bits = (self.likely.len() * BITS).next_power_of_two().clamp(1 << 12, MOST_BITS);
        self.shift = 64 - bits.trailing_zeros();
        self.bitmap = vec![0; bits / 64];
        for slot in self.slots.iter().filter(|slot| slot.number > 0) {
            let bit = (slot.hash >> self.shift) as usize;
            self.bitmap[bit / 64] |= 1 << (bit % 64);
        }
        let pairs: Vec<_> = std::mem::take(&mut self.pairs).into_iter().collect();
        self.beginnings = Beginnings::of(&pairs).all_in_ascii(!self.foreign);
        self.glimpse.finish();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.likely.len()
    }

    /// How many looks at searches it costs to hang them on an atom: how likely a text holds it, as far as its length
    /// says, and how many searches ask for it. A word that many ask for is a common one.
    pub fn cost(&self, number: u32) -> f32 {
        let number = number as usize;
        self.likely.get(number).zip(self.uses.get(number)).map_or(1.0, |(likely, uses)| likely * *uses as f32)
    }

    /// How likely a text holds an atom, as far as its length says.
    pub fn likely(&self, number: u32) -> f32 {
        self.likely.get(number as usize).copied().unwrap_or(1.0)
    }

    /// What words in ASCII begin with, where that tells most of them apart.
    pub fn beginnings(&self) -> &Beginnings {
        &self.beginnings
    }

    /// What tells of HTML that none of them is in it.
    pub fn glimpse(&self) -> &Glimpse {
        &self.glimpse
    }

    /// Calls with the numbers of what a short atom is or begins with.
    #[inline(always)]
    pub fn short(&self, head: Head, length: usize, mut found: impl FnMut(u32)) {
        self.look_up(head.hash(), &mut found);
        for beginning in &self.lengths {
            if *beginning > length {
                break;
            }
            self.look_up(head.hash_of_beginning(*beginning), &mut found);
        }
    }

    /// Calls with the numbers of what a long atom is or begins with.
    pub fn long(&self, atom: &[u8], mut found: impl FnMut(u32)) {
        self.look_up(hash(atom), &mut found);
        let head = Head::at(atom, 0, SHORT);
        for beginning in &self.lengths {
            self.look_up(head.hash_of_beginning(*beginning), &mut found);
        }
    }

    #[inline(always)]
    fn look_up(&self, hash: u64, found: &mut impl FnMut(u32)) {
        let bit = (hash >> self.shift) as usize;
        if self.bitmap.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1)
            && let Some(number) = self.slots[self.place(hash)].number.checked_sub(1)
        {
            found(number);
        }
    }
}
