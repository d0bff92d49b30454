//! Bytes to code points: Rust slices by bytes, records say positions in Unicode code points.

/// Bytes that are counted together.
const BLOCK: usize = 64;

/// Positions in one text, in any order, after it was counted once.
#[derive(Debug)]
pub struct CodePoints {
    /// How many code points begin before each block, and before the end; nothing where bytes are code points.
    before: Vec<usize>,
}

impl CodePoints {
    /// Counts a text.
    pub fn of(text: &str) -> CodePoints {
        if text.is_ascii() {
            return CodePoints { before: Vec::new() };
        }
        let mut count = 0;
        let mut before = Vec::with_capacity(text.len() / BLOCK + 2);
        for block in text.as_bytes().chunks(BLOCK) {
            before.push(count);
            count += begun(block);
        }
        before.push(count);
        CodePoints { before }
    }

    /// How many code points of the text that was counted begin before `byte` (all of them when it lies beyond the end).
    pub fn at(&self, text: &str, byte: usize) -> usize {
        let byte = byte.min(text.len());
        let block = byte / BLOCK;
        let within = text.as_bytes().get(block * BLOCK..byte).unwrap_or_default();
        self.before.get(block).map_or(byte, |before| before + begun(within))
    }
}

/// How many code points of `text` begin before `byte`.
pub fn code_points(text: &str, byte: usize) -> usize {
    begun(text.as_bytes().get(..byte).unwrap_or(text.as_bytes()))
}

/// How many code points begin in UTF-8. Blocks are counted in bytes, of which a processor adds many at once.
fn begun(bytes: &[u8]) -> usize {
    let begins = |byte: &u8| u8::from(byte & 0b1100_0000 != 0b1000_0000);
    bytes.chunks(BLOCK).map(|block| usize::from(block.iter().map(begins).sum::<u8>())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_count_code_points() {
        let text = "Café 😡 shop";
        assert_eq!(code_points(text, text.find("shop").unwrap()), 7);
        assert_eq!(code_points(text, 1_000), 11);
        assert_eq!(code_points("abc", 1_000), 3);
    }

    proptest! {
        #[test]
        fn in_any_order_as_one_by_one(text in "\\PC{0,300}|[a-é]{0,300}", picks in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let places: Vec<usize> = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
            let positions = CodePoints::of(&text);
            for pick in picks {
                let byte = places[pick.index(places.len())];
                prop_assert_eq!(positions.at(&text, byte), text[..byte].chars().count());
            }
        }
    }
}
