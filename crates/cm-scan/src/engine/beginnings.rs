//! How the words begin that are looked for, told of 64 bytes at once: where there are not too many, this passes over most
//! words of a text before any is hashed.
//!
//! After Teddy of Hyperscan (also in the crate aho-corasick): the beginnings fall into eight groups, a bit each; tables say
//! which groups have a half of a byte, and a place where all four halves of two bytes have a group in common may be one.

use fearless_simd::{Level, Simd, prelude::*, u8x16, u8x64};

/// More beginnings than that stand before so many words that looking for them does not pay.
pub(super) const MOST: usize = 32;
const GROUPS: usize = 8;

/// The beginnings.
pub(super) struct Beginnings {
    level: Level,
    /// `None` for any.
    tables: Option<Tables>,
    /// All begin in ASCII.
    ascii: bool,
}

/// Of the first byte in lower case, the groups that have its lower half and those that have its upper half; and of the
/// second.
#[derive(Default)]
struct Tables {
    first: [[u8; 16]; 2],
    second: [[u8; 16]; 2],
}

impl Default for Beginnings {
    /// Any.
    fn default() -> Beginnings {
        let best = Level::new();
        // As cm-record found: the masks of AVX-512 cost more than its width saves.
        let level = best.as_avx2().map_or(best, Level::Avx2);
        Beginnings { level, tables: None, ascii: false }
    }
}

impl Beginnings {
    /// These, in order: the first two bytes, with the bit of lower case; 0 where any second byte will do.
    pub fn of(pairs: &[[u8; 2]]) -> Beginnings {
        if pairs.len() > MOST {
            return Beginnings::default();
        }
        let mut tables = Tables::default();
        for (number, [first, second]) in pairs.iter().enumerate() {
            // What begins alike has more halves in common.
            let group = 1 << (number * GROUPS / pairs.len());
            add(&mut tables.first, *first, group);
            match second {
                0 => tables.second.iter_mut().flatten().for_each(|groups| *groups |= group),
                second => add(&mut tables.second, *second, group),
            }
        }
        Beginnings { tables: Some(tables), ..Beginnings::default() }
    }

    /// The same; told that all begin in ASCII, or that some do not.
    pub fn all_in_ascii(self, ascii: bool) -> Beginnings {
        Beginnings { ascii, ..self }
    }

    /// Whether a run of letters is in a script in which nothing begins that is looked for: Cyrillic or Han, of which no
    /// character folds to ASCII, and no other.
    pub fn are_foreign_to(&self, run: &str) -> bool {
        // As UTF-8: U+0400 to U+047F, U+4000 to U+9FFF, and what follows a first byte.
        self.ascii && run.bytes().all(|byte| matches!(byte, 0x80..=0xBF | 0xD0 | 0xD1 | 0xE4..=0xE9))
    }

    /// What the processor can do.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Which bytes may be first; given in lower case, each beside the byte behind it.
    #[inline(always)]
    pub fn starts<S: Simd>(&self, simd: S, first: u8x64<S>, second: u8x64<S>) -> u64 {
        let Some(tables) = &self.tables else { return u64::MAX };
        let both = groups(simd, &tables.first, first) & groups(simd, &tables.second, second);
        both.simd_ge(1).to_bitmask()
    }
}

/// Of each byte, the groups that have both of its halves.
#[inline(always)]
fn groups<S: Simd>(simd: S, [low, high]: &[[u8; 16]; 2], bytes: u8x64<S>) -> u8x64<S> {
    let low = u8x64::block_splat(u8x16::from_slice(simd, low));
    let high = u8x64::block_splat(u8x16::from_slice(simd, high));
    low.swizzle_dyn_within_blocks(bytes & 0x0F) & high.swizzle_dyn_within_blocks(bytes >> 4)
}

fn add(tables: &mut [[u8; 16]; 2], byte: u8, group: u8) {
    tables[0][usize::from(byte & 0x0F)] |= group;
    tables[1][usize::from(byte >> 4)] |= group;
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    fn starts(beginnings: &Beginnings, text: &[u8; 65]) -> u64 {
        dispatch!(beginnings.level(), simd => {
            let lower = |bytes: &[u8]| u8x64::from_slice(simd, bytes) | 0x20;
            beginnings.starts(simd, lower(&text[..64]), lower(&text[1..]))
        })
    }

    proptest! {
        #[test]
        fn none_is_missed(pairs in prop::collection::vec("[a-z0-9]{1,2}", 0..40), text in "[a-zA-Z0-9 ]{65}") {
            let pair = |pair: &String| [pair.as_bytes()[0], pair.as_bytes().get(1).copied().unwrap_or(0)];
            let pairs: Vec<_> = pairs.iter().map(pair).collect();
            let found = starts(&Beginnings::of(&pairs), text.as_bytes().try_into().unwrap());
            let lower = text.to_ascii_lowercase();
            for (place, here) in lower.as_bytes().windows(2).enumerate() {
                let wanted = pairs.iter().any(|pair| pair[0] == here[0] && [0, here[1]].contains(&pair[1]));
                prop_assert!(!wanted || found >> place & 1 == 1, "{}", place);
            }
        }
    }

    #[test]
    fn what_is_foreign_never_folds_to_ascii() {
        let ascii = Beginnings::default().all_in_ascii(true);
        let foreign = |c: &char| ascii.are_foreign_to(c.encode_utf8(&mut [0; 4]));
        let all: Vec<char> = ('\u{80}'..=char::MAX).filter(foreign).collect();
        assert!(all.contains(&'я') && all.contains(&'咖') && !all.contains(&'é'));
        for c in all {
            assert!(
                !cm_text::fold(c.encode_utf8(&mut [0; 4]), false).contains(|c: char| c.is_ascii()),
                "{c}"
            );
        }
        assert!(!ascii.are_foreign_to("яa") && !Beginnings::default().are_foreign_to("я"));
    }

    #[test]
    fn few_tell_words_apart() {
        let text: [u8; 65] =
            [&b"Acme ac a the quick brown fox 0a zz "[..], &[b' '; 29]].concat().try_into().unwrap();
        assert_eq!(
            starts(&Beginnings::of(&[*b"ac", *b"qu", [b'0', 0]]), &text),
            1 | 1 << 5 | 1 << 14 | 1 << 30
        );
        assert_eq!(starts(&Beginnings::of(&[]), &text), 0);
        assert_eq!(starts(&Beginnings::default(), &text), u64::MAX);
    }
}
