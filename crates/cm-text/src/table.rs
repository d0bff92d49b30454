//! A property of characters that is slow to find out, kept in pages of 256: of a script that nobody writes, nothing is kept.

use std::array::from_fn;
use std::sync::OnceLock;

/// Planes 0 and 1 have what people write; the others are asked about each time.
const PAGES: usize = 0x200;

type Page<T> = [T; 256];

/// What a function says of each character.
pub struct CharTable<T: 'static> {
    pages: [OnceLock<Box<Page<T>>>; PAGES],
    find_out: fn(char) -> T,
}

impl<T: Copy> CharTable<T> {
    /// Of a function whose answer is always the same.
    pub const fn new(find_out: fn(char) -> T) -> CharTable<T> {
        CharTable { pages: [const { OnceLock::new() }; PAGES], find_out }
    }

    /// What it says of a character.
    #[inline]
    pub fn of(&self, c: char) -> T {
        let code = c as usize;
        match self.pages.get(code >> 8) {
            Some(page) => page.get_or_init(|| self.page(code & !0xFF))[code & 0xFF],
            None => (self.find_out)(c),
        }
    }

    #[cold]
    fn page(&self, first: usize) -> Box<Page<T>> {
        // Among the surrogates are no characters; nobody asks.
        Box::new(from_fn(|low| {
            let c = char::from_u32((first + low) as u32).unwrap_or(char::REPLACEMENT_CHARACTER);
            (self.find_out)(c)
        }))
    }
}

/// As `char::is_alphanumeric`, which looks through ranges for whatever is not ASCII.
#[inline]
pub fn is_alphanumeric(c: char) -> bool {
    static LETTERS: CharTable<bool> = CharTable::new(char::is_alphanumeric);
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { LETTERS.of(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_as_std_says() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_alphanumeric(c), c.is_alphanumeric(), "U+{:04X}", u32::from(c));
        }
    }
}
