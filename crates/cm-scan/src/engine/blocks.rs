//! Text in blocks of 64 bytes, each as masks with a bit for every byte: where its letters, digits and what is not ASCII
//! stand. All that is looked at in most texts.

use super::beginnings::Beginnings;
use fearless_simd::{Simd, prelude::*, u8x64};

/// Bytes in a block.
pub(super) const BLOCK: usize = 64;

/// A block as masks; the lowest bit is the first byte.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    /// ASCII letters and digits, and bytes that are not ASCII.
    pub word: u64,
    /// Bytes that are not ASCII.
    pub high: u64,
    /// Bytes that may be the first of a word that is looked for.
    pub may_start: u64,
}

/// Reads the blocks of a text one after the other.
pub(super) struct Blocks<'a> {
    text: &'a [u8],
    at: usize,
    /// Backslashes escape what follows them.
    escaped: bool,
    /// The last byte of the block before is a backslash that escapes the first of the next.
    carried: u64,
}

impl<'a> Blocks<'a> {
    /// The blocks of a text; `escaped` when it is the inside of a JSON string as written, without `\u`.
    pub fn new(text: &'a [u8], escaped: bool) -> Blocks<'a> {
        Blocks { text, at: 0, escaped, carried: 0 }
    }

    /// The masks of the next block. Beyond the end there is nothing.
    #[inline(always)]
    pub fn next<S: Simd>(&mut self, simd: S, beginnings: &Beginnings) -> Masks {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += BLOCK;
        if rest.is_empty() {
            return Masks::default();
        }
        let mut last = [0; BLOCK + 1];
        // And the byte behind it: a beginning is two bytes.
        let block = rest.first_chunk().unwrap_or_else(|| {
            last[..rest.len()].copy_from_slice(rest);
            &last
        });
        let bytes = u8x64::from_slice(simd, &block[..BLOCK]);
        let lower = bytes | 0x20;
        let high = bytes.simd_ge(0x80);
        let word = (lower - b'a').simd_le(25) | (bytes - b'0').simd_le(9) | high;
        let second = u8x64::from_slice(simd, &block[1..]) | 0x20;
        let mut masks = Masks {
            word: word.to_bitmask(),
            high: high.to_bitmask(),
            may_start: beginnings.starts(simd, lower, second),
        };
        if self.escaped {
            let backslashes = bytes.simd_eq(b'\\').to_bitmask();
            if backslashes | self.carried != 0 {
                masks.word &= !self.after_backslash(backslashes);
            }
        }
        masks
    }

    /// Which bytes a backslash escapes.
    #[inline(never)]
    fn after_backslash(&mut self, mut backslashes: u64) -> u64 {
        let mut escaped = std::mem::take(&mut self.carried);
        backslashes &= !escaped;
        while backslashes != 0 {
            let place = backslashes.trailing_zeros();
            if place == 63 {
                self.carried = 1;
                break;
            }
            let next = 2 << place;
            escaped |= next;
            backslashes &= backslashes - 1;
            backslashes &= !next;
        }
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::dispatch;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn masks_say_what_a_look_at_each_byte_says(text in "([a-zA-Z0-9 é\\\\\"n]|\\PC){0,200}", escaped: bool) {
            let bytes = text.as_bytes();
            let beginnings = Beginnings::of(&[[b'a', b'b'], [b'z', 0]]);
            let mut blocks = Blocks::new(bytes, escaped);
            let mut after = false;
            for (number, block) in bytes.chunks(BLOCK).enumerate() {
                let masks = dispatch!(beginnings.level(), simd => blocks.next(simd, &beginnings));
                for (place, byte) in block.iter().enumerate() {
                    let at = number * BLOCK + place;
                    let word = byte.is_ascii_alphanumeric() || !byte.is_ascii();
                    prop_assert_eq!(masks.word >> place & 1 == 1, word && !after, "{}", at);
                    prop_assert_eq!(masks.high >> place & 1 == 1, !byte.is_ascii());
                    after = escaped && !after && *byte == b'\\';
                    let next = bytes.get(at + 1).map(u8::to_ascii_lowercase);
                    let lower = byte.to_ascii_lowercase();
                    if lower == b'z' || lower == b'a' && next == Some(b'b') {
                        prop_assert_eq!(masks.may_start >> place & 1, 1);
                    } else if word {
                        prop_assert_eq!(masks.may_start >> place & 1, 0);
                    }
                }
            }
        }
    }
}
