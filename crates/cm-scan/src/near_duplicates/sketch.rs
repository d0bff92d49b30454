//! A set in a few bytes. In: the hashes of its members. Out: how many it has, and the smallest hashes, from which the
//! part that two sets share is told: exactly while they are small, else by a sample (bottom-k sketch, Cohen 1997).

/// A set of hashes, of which only the smallest are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    size: usize,
    lowest: Box<[u32]>,
}

impl Sketch {
    /// The set of these hashes, of which the `most` smallest are kept.
    pub fn of(mut hashes: Vec<u32>, most: usize) -> Sketch {
        hashes.sort_unstable();
        hashes.dedup();
        let size = hashes.len();
        hashes.truncate(most);
        Sketch { size, lowest: hashes.into() }
    }

    /// How many members the set has.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The smallest hashes, in order.
    pub fn lowest(&self) -> &[u32] {
        &self.lowest
    }

    /// Up to which hash every member is known.
    fn known_to(&self) -> u32 {
        if self.size > self.lowest.len() { self.lowest.last().copied().unwrap_or(0) } else { u32::MAX }
    }

    /// The share of this set that stands in the other, 0 to 1; 0 of an empty set, or where too little is known.
    pub fn share_in(&self, other: &Sketch) -> f64 {
        let known = self.known_to().min(other.known_to());
        let (mut sample, mut shared, mut others) = (0_u32, 0_u32, other.lowest.iter().peekable());
        for hash in self.lowest.iter().take_while(|hash| **hash <= known) {
            sample += 1;
            while others.next_if(|other| *other < hash).is_some() {}
            shared += u32::from(others.peek() == Some(&hash));
        }
        if sample == 0 { 0.0 } else { f64::from(shared) / f64::from(sample) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn spread(n: u32) -> u32 {
        n.wrapping_mul(0x9E37_79B1)
    }

    #[test]
    fn large_sets_are_told_from_a_sample() {
        let half = Sketch::of((0..1_000).map(spread).collect(), 128);
        let whole = Sketch::of((0..2_000).map(spread).collect(), 128);
        assert!(half.share_in(&whole) > 0.99);
        assert!((whole.share_in(&half) - 0.5).abs() < 0.15);
        assert!(half.share_in(&Sketch::of((5_000..6_000).map(spread).collect(), 128)) < 0.05);
    }

    proptest! {
        #[test]
        fn small_sets_are_told_exactly(a in prop::collection::vec(0_u32..40, 1..30), b in prop::collection::vec(0_u32..40, 0..30)) {
            let (one, two): (BTreeSet<u32>, BTreeSet<u32>) = (a.iter().copied().collect(), b.iter().copied().collect());
            let shared = one.intersection(&two).count() as f64 / one.len() as f64;
            prop_assert_eq!(Sketch::of(a, 64).share_in(&Sketch::of(b, 64)), shared);
        }
    }
}
