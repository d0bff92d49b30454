//! Blocks of 64 bytes as masks, a bit for every byte, the lowest for the first.

use fearless_simd::{Simd, prelude::*, u8x64};

/// Bytes in a block.
pub(super) const BLOCK: usize = 64;

/// Where the bytes stand that strings are made of.
#[derive(Clone, Copy)]
pub(super) struct Strings {
    pub quotes: u64,
    pub backslashes: u64,
    /// Below the space: white space outside of strings at best.
    pub controls: u64,
}

/// Where the bytes stand that only count outside of strings.
#[derive(Clone, Copy)]
pub(super) struct Punctuation {
    pub colons: u64,
    pub commas: u64,
    pub opens: u64,
    pub closes: u64,
    pub spaces: u64,
}

impl Strings {
    #[inline(always)]
    pub fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Strings {
        let bytes = u8x64::from_slice(simd, block);
        let at = |byte| bytes.simd_eq(u8x64::splat(simd, byte)).to_bitmask();
        let controls = bytes.min(u8x64::splat(simd, 0x1F)).simd_eq(bytes).to_bitmask();
        Strings { quotes: at(b'"'), backslashes: at(b'\\'), controls }
    }
}

impl Punctuation {
    #[inline(always)]
    pub fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Punctuation {
        let bytes = u8x64::from_slice(simd, block);
        // A brace and the square bracket of the same side differ in this bit only.
        let folded = bytes | u8x64::splat(simd, 0x20);
        let at = |bytes: u8x64<S>, byte| bytes.simd_eq(u8x64::splat(simd, byte)).to_bitmask();
        Punctuation {
            colons: at(bytes, b':'),
            commas: at(bytes, b','),
            opens: at(folded, b'{'),
            closes: at(folded, b'}'),
            spaces: at(bytes, b' '),
        }
    }
}

/// Where tabs and line ends stand: looked for where there are control characters at all.
pub(super) fn other_white_space(block: &[u8; BLOCK]) -> u64 {
    let is = |(at, byte): (usize, &u8)| u64::from(matches!(byte, b'\t' | b'\n' | b'\r')) << at;
    block.iter().enumerate().map(is).sum()
}

/// Of each bit, the exclusive or of it and all below it.
pub(super) fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The characters that a backslash escapes; `carried` says and is told whether the first of a block is one of them.
pub(super) fn escaped(backslashes: u64, carried: &mut u64) -> u64 {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    if backslashes == 0 {
        return std::mem::take(carried);
    }
    // As simdjson does it: subtracting carries through every run of backslashes, by pairs.
    let may_escape = backslashes & !*carried;
    let ends = ((may_escape << 1) | ODD).wrapping_sub(may_escape) ^ ODD;
    let escaped = ends ^ (backslashes | *carried);
    *carried = (ends & backslashes) >> 63;
    escaped
}
