//! 64 bytes of a text as masks with a bit for each: where its letters and digits stand, and where there is something
//! that only a closer look tells.

use wide::i8x16;

/// Bytes in a block.
const BLOCK: usize = 64;

/// A block; the lowest bit is the first byte.
#[derive(Clone, Copy, Default)]
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
        match rest.first_chunk::<BLOCK>() {
            Some(block) => Block::of(block, base),
            None => Block::last(rest, base),
        }
    }

    #[inline(never)]
    fn last(rest: &[u8], base: usize) -> Block {
        let mut block = [0; BLOCK];
        block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        Block::of(&block, base)
    }

    #[inline]
    fn of(block: &[u8; BLOCK], base: usize) -> Block {
        let mut masks = Block { base, ..Block::default() };
        let (quarters, _) = block.as_chunks::<16>();
        let splat = |byte: u8| i8x16::splat(byte as i8);
        for (number, quarter) in quarters.iter().enumerate() {
            let bytes = i8x16::new(quarter.map(|byte| byte as i8));
            let lower = bytes | splat(0x20);
            let letters = lower.simd_gt(splat(b'a' - 1)) & splat(b'z' + 1).simd_gt(lower);
            let digits = bytes.simd_gt(splat(b'0' - 1)) & splat(b'9' + 1).simd_gt(bytes);
            masks.plain |= u64::from((letters | digits).to_bitmask()) << (16 * number);
            masks.other |= u64::from((bytes | bytes.simd_eq(splat(b'_'))).to_bitmask()) << (16 * number);
        }
        masks
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
