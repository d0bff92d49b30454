//! Words that are one slip from each other. In: all words that there are, and one. Out: those of them that it may have been
//! meant for, found without comparing it with each: two words that are one slip apart are the same without one letter of each.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Longer words, in characters, are not looked at.
const LONGEST: usize = 100;

/// The words, found by what they are without one of their letters.
pub(super) struct Spellings<'a> {
    words: Vec<&'a str>,
    /// Hashes of the words, whole and without each of their letters, with their numbers, in order.
    variants: Vec<(u64, u32)>,
    hash: RandomState,
}

impl<'a> Spellings<'a> {
    /// Takes the words in.
    pub(super) fn of(words: impl Iterator<Item = &'a str>) -> Spellings<'a> {
        let mut spellings =
            Spellings { words: words.collect(), variants: Vec::new(), hash: RandomState::new() };
        for (number, word) in (0..).zip(&spellings.words) {
            spellings.variants.extend(variants(word, &spellings.hash).map(|variant| (variant, number)));
        }
        spellings.variants.sort_unstable();
        spellings
    }

    /// The words that are one slip from this one.
    pub(super) fn near(&self, word: &str) -> impl Iterator<Item = &'a str> {
        let mut numbers: Vec<u32> = Vec::new();
        for variant in variants(word, &self.hash) {
            let first = self.variants.partition_point(|(own, _)| *own < variant);
            let same = self.variants[first..].iter().take_while(|(own, _)| *own == variant);
            numbers.extend(same.map(|(_, number)| number));
        }
        numbers.sort_unstable();
        numbers.dedup();
        let found = numbers.into_iter().filter_map(|number| self.words.get(number as usize).copied());
        found.filter(|other| is_one_slip(word, other)).collect::<Vec<_>>().into_iter()
    }
}

/// Hashes of a word as it is and without each of its letters; none of one that is too short or too long to be compared.
fn variants(word: &str, hash: &RandomState) -> impl Iterator<Item = u64> + use<> {
    let letters: Vec<char> = word.chars().take(LONGEST + 1).collect();
    let count = if (SHORTEST..=LONGEST).contains(&letters.len()) { letters.len() + 1 } else { 0 };
    let hash = hash.clone();
    (0..count).map(move |left_out| {
        let mut hasher = hash.build_hasher();
        letters
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != left_out)
            .for_each(|(_, c)| hasher.write_u32(u32::from(*c)));
        hasher.finish()
    })
}

/// A slip in a shorter word means nothing.
const SHORTEST: usize = 4;

/// One letter more, less, other, or two that changed places; of words that are long enough for that to mean something.
fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < SHORTEST || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match (rest_a, rest_b) {
        ([], []) => false,
        ([x, y, after_a @ ..], [z, w, after_b @ ..]) if x == w && y == z && after_a == after_b => true,
        ([_, after_a @ ..], [_, after_b @ ..]) if after_a == after_b => true,
        ([_, after_a @ ..], _) if after_a == rest_b => true,
        (_, [_, after_b @ ..]) => after_b == rest_a,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Spellings, is_one_slip};

    #[test]
    fn a_slip_is_one_letter() {
        for (a, b, wanted) in [
            ("brand", "brnad", true),
            ("brand", "brands", true),
            ("brand", "brans", true),
            ("brand", "bran", true),
            ("brand", "xbrand", true),
            ("brand", "brand", false),
            ("brand", "grants", false),
            ("de", "en", false),
            ("alert", "alter", false),
        ] {
            assert_eq!(is_one_slip(a, b), wanted, "{a} {b}");
            assert_eq!(is_one_slip(b, a), wanted, "{b} {a}");
            assert_eq!(Spellings::of([a, "other"].into_iter()).near(b).eq([a]), wanted, "{a} {b}");
        }
    }
}
