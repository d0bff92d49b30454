//! Atoms: what queries and texts are compared by before anything is parsed. An atom is a run of letters and digits of a
//! folded text, an ideograph, or a picture; a word is one atom or several (`don't` is `don` and `t`).
//! A query word can only match a text that holds all of its atoms.

use super::chars::{Class, class};
use cm_text::{CharTable, is_alphanumeric, is_symbol};

/// The atoms of a word that the cutter made and folded.
pub(super) fn atoms(folded: &str) -> impl Iterator<Item = &str> {
    let mut rest = folded;
    std::iter::from_fn(move || {
        let start = rest.find(|c| kind(c) != Kind::None)?;
        rest = &rest[start..];
        let first = rest.chars().next()?;
        let end = match kind(first) {
            Kind::Alone => first.len_utf8(),
            same => rest.find(|c| kind(c) != same).unwrap_or(rest.len()),
        };
        let (atom, after) = rest.split_at(end);
        rest = after;
        Some(atom)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Letter,
    Kana,
    Alone,
}

fn kind(c: char) -> Kind {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Kind::Letter } else { Kind::None };
    }
    KINDS.of(c)
}

static KINDS: CharTable<Kind> = CharTable::new(found_out);

fn found_out(c: char) -> Kind {
    match class(c) {
        Class::Joins(_) => Kind::Letter,
        Class::Kana => Kind::Kana,
        Class::Alone => Kind::Alone,
        Class::Parts | Class::Unseen => Kind::None,
        Class::Doubtful if is_alphanumeric(c) => Kind::Letter,
        Class::Doubtful if is_symbol(c) => Kind::Alone,
        Class::Doubtful => Kind::None,
    }
}

/// The most bytes of an atom that are hashed at once; longer ones go the long way round.
pub(super) const SHORT: usize = 16;
/// ASCII letters in one case, eight at a time. Digits have this bit, and so has what is no letter and no matter.
const LOWER: u64 = 0x2020_2020_2020_2020;

/// Masks that leave the first bytes of two words of eight.
const FIRST: [(u64, u64); SHORT + 1] = {
    let mut masks = [(0, 0); SHORT + 1];
    let mut length = 1;
    while length <= SHORT {
        masks[length] = if length <= 8 {
            (u64::MAX >> (64 - 8 * length as u32), 0)
        } else {
            (u64::MAX, u64::MAX >> (64 - 8 * (length as u32 - 8)))
        };
        length += 1;
    }
    masks
};

/// The beginning of an atom, up to sixteen bytes, in lower case.
#[derive(Clone, Copy)]
pub(super) struct Head(u64, u64);

impl Head {
    /// The head of an atom that starts at a byte of a text, of which so many bytes are it.
    #[inline]
    pub fn at(text: &[u8], at: usize, length: usize) -> Head {
        match text.get(at..at + SHORT).and_then(<[u8]>::as_array::<SHORT>) {
            Some(bytes) => Head::of(bytes, length),
            None => Head::near_end(text, at, length),
        }
    }

    #[inline]
    fn of(bytes: &[u8; SHORT], length: usize) -> Head {
        let all = u128::from_le_bytes(*bytes);
        let (low, high) = FIRST[length.min(SHORT)];
        Head((all as u64 | LOWER) & low, ((all >> 64) as u64 | LOWER) & high)
    }

    #[cold]
    fn near_end(text: &[u8], at: usize, length: usize) -> Head {
        let mut bytes = [0; SHORT];
        let there = text.get(at..).unwrap_or_default();
        bytes.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
        Head::of(&bytes, length)
    }

    /// The hash of a whole atom of up to sixteen bytes.
    #[inline]
    pub fn hash(self) -> u64 {
        mix(self.0 ^ 0x9E37_79B9_7F4A_7C15, self.1 ^ 0xD6E8_FEB8_6659_FD93)
    }

    /// The hash of a beginning of so many bytes: another one than that of the atom that is no longer.
    #[inline]
    pub fn hash_of_beginning(self, length: usize) -> u64 {
        let (low, high) = FIRST[length.min(SHORT)];
        mix((self.0 & low) ^ 0xC2B2_AE3D_27D4_EB4F, (self.1 & high) ^ 0x1656_67B1_9E37_79F9)
    }
}

/// The hash of a whole atom of any length.
pub(super) fn hash(atom: &[u8]) -> u64 {
    if atom.len() <= SHORT {
        return Head::at(atom, 0, atom.len()).hash();
    }
    let mut hash = atom.len() as u64;
    for eight in atom.chunks(8) {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(eight).for_each(|(to, from)| *to = *from);
        hash = mix((u64::from_le_bytes(bytes) | LOWER) ^ 0x9E37_79B9_7F4A_7C15, hash ^ 0xD6E8_FEB8_6659_FD93);
    }
    hash
}

/// Both halves of a product: every bit of the words moves every bit of the hash. What is still equal costs a look.
#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fall_into_atoms() {
        for (folded, wanted) in [
            ("don't", &["don", "t"][..]),
            ("3.5", &["3", "5"]),
            ("acme_roast", &["acme", "roast"]),
            ("コーヒーacme", &["コーヒー", "acme"]),
            ("咖啡", &["咖", "啡"]),
            ("😡", &["😡"]),
            ("'", &[]),
        ] {
            assert_eq!(atoms(folded).collect::<Vec<_>>(), wanted, "{folded}");
        }
    }

    #[test]
    fn case_does_not_count_and_what_stands_behind_neither() {
        for length in 1..40 {
            let (lower, mut upper) =
                ("abcdefghijklmnopqrstuvwxyz0123456789abcdefghi"[..length].to_owned(), "x ".to_owned());
            upper.push_str(&lower.to_uppercase());
            upper.push_str(" behind it stands something");
            let head = Head::at(upper.as_bytes(), 2, length);
            if length <= SHORT {
                assert_eq!(head.hash(), hash(lower.as_bytes()), "{lower}");
            } else {
                assert_eq!(hash(&upper.as_bytes()[2..2 + length]), hash(lower.as_bytes()));
            }
            let beginning = Head::at(lower.as_bytes(), 0, length).hash_of_beginning(1);
            assert_eq!(beginning, Head::at(b"a", 0, 1).hash_of_beginning(1));
        }
    }
}
