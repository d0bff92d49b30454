//! Words by UAX #29, with where they stand.

use unicode_segmentation::UnicodeSegmentation;

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word as written.
    pub text: &'a str,
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// The words of a text: runs of letters, marks and digits by UAX #29, without punctuation; each ideograph is a word.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    text.unicode_word_indices().map(|(start, word)| Word { text: word, start, end: start + word.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<&str> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn punctuation_is_between_words() {
        assert_eq!(texts("Anyone tried “Acme Roast”?"), ["Anyone", "tried", "Acme", "Roast"]);
        assert_eq!(texts("can't #acmeroast @ana 3.5"), ["can't", "acmeroast", "ana", "3.5"]);
        assert_eq!(texts("咖啡 コーヒー"), ["咖", "啡", "コーヒー"]);
        assert_eq!(texts("😡 — …"), [""; 0]);
    }

    proptest! {
        #[test]
        fn each_word_stands_where_it_says(text in "\\PC*") {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(word.start >= last && word.end > word.start);
                prop_assert_eq!(&text[word.start..word.end], word.text);
                last = word.end;
            }
        }
    }
}
