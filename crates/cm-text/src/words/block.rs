//! 64 bytes of a text as masks with a bit for each: where its letters and digits stand, and where there is something
//! that only a closer look tells.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x64};
use std::sync::LazyLock;

/// Bytes in a block.
const BLOCK: usize = 64;

/// What the processor can do, as far as it pays: the masks of AVX-512 cost more than its width saves.
static LEVEL: LazyLock<Level> = LazyLock::new(|| {
    let best = Level::new();
    best.as_avx2().map_or(best, Level::Avx2)
});

/// A block; the lowest bit is the first byte.
#[derive(Clone, Copy)]
pub(super) struct Block {
    base: usize,
    /// ASCII letters and digits.
    plain: u64,
    /// The low line, and what is not ASCII.
    other: u64,
}

impl Block {
    /// The block that begins at a byte. Beyond the end there is nothing.
    #[inline]
    pub(super) fn at(bytes: &[u8], base: usize) -> Block {
        let rest = bytes.get(base..).unwrap_or_default();
        let mut last = [0; BLOCK];
        let block = rest.first_chunk().unwrap_or_else(|| {
            last[..rest.len()].copy_from_slice(rest);
            &last
        });
        let (plain, other) = dispatch!(*LEVEL, simd => masks(simd, block));
        Block { base, plain, other }
    }

    /// Whether a byte lies in it.
    #[inline]
    pub(super) fn holds(&self, at: usize) -> bool {
        at.wrapping_sub(self.base) < BLOCK
    }

    /// One past the last byte.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.base + BLOCK
    }

    /// The next byte from one of the block's on that may begin a word.
    #[inline]
    pub(super) fn next_start(&self, at: usize) -> Option<usize> {
        let ahead = (self.plain | self.other) >> (at - self.base);
        (ahead != 0).then(|| at + ahead.trailing_zeros() as usize)
    }

    /// Where the run of letters and digits ends that a byte of the block begins; the byte itself where it is neither.
    #[inline]
    pub(super) fn plain_end(&self, start: usize) -> usize {
        start + (!(self.plain >> (start - self.base))).trailing_zeros() as usize
    }
}

/// Where the letters and digits stand, and what only a closer look tells.
#[inline(always)]
fn masks<S: Simd>(simd: S, block: &[u8; BLOCK]) -> (u64, u64) {
    let bytes = u8x64::from_slice(simd, block);
    let plain = ((bytes | 0x20) - b'a').simd_le(25) | (bytes - b'0').simd_le(9);
    let other = bytes.simd_ge(0x80) | bytes.simd_eq(b'_');
    (plain.to_bitmask(), other.to_bitmask())
}
