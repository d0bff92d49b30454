//! Text in blocks of 64 bytes, each as masks with a bit for every byte: where its letters, digits and what is not ASCII
//! stand. All that is looked at in most texts.

use wide::i8x16;

/// Bytes in a block.
pub(super) const BLOCK: usize = 64;

/// A block as masks; the lowest bit is the first byte.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    /// ASCII letters and digits, and bytes that are not ASCII.
    pub word: u64,
    /// Bytes that are not ASCII.
    pub high: u64,
}

/// The pairs of letters that words begin with, where so few are looked for that this tells most words apart: the first
/// two bytes, in lower case, 0 where any second byte will do.
pub(super) type Beginnings = [[u8; 2]];

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

    /// The masks of the next block, and which of its bytes may be the first of a word that is looked for. Beyond the
    /// end there is nothing.
    #[inline]
    pub fn next(&mut self, beginnings: &Beginnings) -> (Masks, u64) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += BLOCK;
        match rest.first_chunk::<BLOCK>() {
            Some(block) => self.masks(block, beginnings),
            None => self.last(rest, beginnings),
        }
    }

    #[inline(never)]
    fn last(&mut self, rest: &[u8], beginnings: &Beginnings) -> (Masks, u64) {
        let mut block = [0; BLOCK];
        block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.masks(&block, beginnings)
    }

    #[inline]
    fn masks(&mut self, block: &[u8; BLOCK], beginnings: &Beginnings) -> (Masks, u64) {
        let quarters = quarters(block);
        let mut masks = Masks::default();
        let mut backslashes = 0;
        for (number, bytes) in quarters.into_iter().enumerate() {
            let lower = bytes | i8x16::splat(0x20);
            let letters =
                lower.simd_gt(i8x16::splat(b'a' as i8 - 1)) & i8x16::splat(b'z' as i8 + 1).simd_gt(lower);
            let digits =
                bytes.simd_gt(i8x16::splat(b'0' as i8 - 1)) & i8x16::splat(b'9' as i8 + 1).simd_gt(bytes);
            let place = 16 * number as u32;
            masks.high |= mask(bytes) << place;
            masks.word |= mask(letters | digits | bytes) << place;
            if self.escaped {
                backslashes |= mask(bytes.simd_eq(i8x16::splat(b'\\' as i8))) << place;
            }
        }
        if backslashes | self.carried != 0 {
            masks.word &= !self.after_backslash(backslashes);
        }
        (masks, starts(&quarters, beginnings))
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

#[inline]
fn quarters(block: &[u8; BLOCK]) -> [i8x16; 4] {
    let (quarters, _) = block.as_chunks::<16>();
    let mut all = [i8x16::default(); 4];
    all.iter_mut().zip(quarters).for_each(|(to, from)| *to = i8x16::new(from.map(|byte| byte as i8)));
    all
}

#[inline]
fn mask(bytes: i8x16) -> u64 {
    u64::from(bytes.to_bitmask())
}

/// Where one of these beginnings stands; at the last byte of a block the first letter is enough.
#[inline]
fn starts(quarters: &[i8x16; 4], beginnings: &Beginnings) -> u64 {
    if beginnings.is_empty() {
        return u64::MAX;
    }
    let lower = quarters.map(|bytes| bytes | i8x16::splat(0x20));
    let places = |byte: u8| {
        let wanted = i8x16::splat(byte as i8);
        let each = lower.iter().enumerate();
        each.fold(0, |all, (number, bytes)| all | mask(bytes.simd_eq(wanted)) << (16 * number))
    };
    let each = beginnings.iter().map(|[first, second]| match second {
        0 => places(*first),
        second => places(*first) & (places(*second) >> 1 | 1 << 63),
    });
    each.fold(0, |all, places| all | places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn masks_say_what_a_look_at_each_byte_says(text in "([a-zA-Z0-9 é\\\\\"n]|\\PC){0,200}", escaped: bool) {
            let bytes = text.as_bytes();
            let mut blocks = Blocks::new(bytes, escaped);
            let mut after = false;
            for (number, block) in bytes.chunks(BLOCK).enumerate() {
                let (masks, starts) = blocks.next(&[[b'a', b'b'], [b'z', 0]]);
                for (place, byte) in block.iter().enumerate() {
                    let at = number * BLOCK + place;
                    let word = byte.is_ascii_alphanumeric() || !byte.is_ascii();
                    prop_assert_eq!(masks.word >> place & 1 == 1, word && !after, "{}", at);
                    prop_assert_eq!(masks.high >> place & 1 == 1, !byte.is_ascii());
                    after = escaped && !after && *byte == b'\\';
                    let next = bytes.get(at + 1).map(u8::to_ascii_lowercase);
                    let lower = byte.to_ascii_lowercase();
                    if lower == b'z' || lower == b'a' && next == Some(b'b') {
                        prop_assert_eq!(starts >> place & 1, 1);
                    }
                }
            }
        }
    }
}
