//! Bytes to code points: Rust slices by bytes, records say positions in Unicode code points.

/// Turns byte offsets of one text into code points. Asking in rising order costs one pass over the text in all.
#[derive(Clone, Debug)]
pub struct CodePoints<'a> {
    text: &'a str,
    ascii: bool,
    byte: usize,
    count: usize,
}

impl<'a> CodePoints<'a> {
    /// Positions in `text`.
    pub fn new(text: &'a str) -> CodePoints<'a> {
        CodePoints { text, ascii: text.is_ascii(), byte: 0, count: 0 }
    }

    /// How many code points begin before `byte` (all of them when it lies beyond the end).
    pub fn at(&mut self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        if self.ascii {
            return byte;
        }
        if byte < self.byte {
            (self.byte, self.count) = (0, 0);
        }
        let passed = self.text.as_bytes().get(self.byte..byte).unwrap_or_default();
        self.count += passed.iter().filter(|b| !is_continuation(**b)).count();
        self.byte = byte;
        self.count
    }
}

/// How many code points of `text` begin before `byte`.
pub fn code_points(text: &str, byte: usize) -> usize {
    CodePoints::new(text).at(byte)
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
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
        fn in_any_order_as_one_by_one(text in "\\PC*", picks in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let places: Vec<usize> = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
            let mut positions = CodePoints::new(&text);
            for pick in picks {
                let byte = places[pick.index(places.len())];
                prop_assert_eq!(positions.at(byte), text[..byte].chars().count());
            }
        }
    }
}
