//! Lengths as people and networks count them.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Extended grapheme clusters (UAX #29).
pub fn graphemes(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') {
        return text.len();
    }
    text.graphemes(true).count()
}

/// At most `max` graphemes, cut at a word where one is near, with `…` when anything was cut.
pub fn shorten_to_graphemes(text: &str, max: usize) -> String {
    if graphemes(text) <= max {
        return text.to_owned();
    }
    let Some(room) = max.checked_sub(1) else { return String::new() };
    let cut = byte_of_grapheme(text, room);
    let (head, tail) = text.split_at(cut);
    let head = if tail.starts_with(char::is_whitespace) { head } else { whole_words(head) };
    format!("{}…", head.trim_end())
}

/// Without the word that the cut went through, unless that would cost more than a quarter of the text.
fn whole_words(head: &str) -> &str {
    let space = head.rfind(char::is_whitespace).unwrap_or(0);
    let Some(kept) = head.get(..space) else { return head };
    if graphemes(kept) * 4 >= graphemes(head) * 3 { kept } else { head }
}

/// The first place at or after a byte at which no grapheme is cut.
pub fn grapheme_from(text: &str, byte: usize) -> usize {
    let byte = text.ceil_char_boundary(byte);
    let mut cursor = GraphemeCursor::new(byte, text.len(), true);
    match cursor.is_boundary(text, 0) {
        Ok(false) => cursor.next_boundary(text, 0).ok().flatten().unwrap_or(text.len()),
        _ => byte,
    }
}

fn byte_of_grapheme(text: &str, index: usize) -> usize {
    text.grapheme_indices(true).nth(index).map_or(text.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_grapheme_is_cut() {
        let text = "ae\u{301}👨‍👩‍👧b";
        let places: Vec<usize> = (0..=text.len()).map(|byte| grapheme_from(text, byte)).collect();
        let mut wanted = vec![0, 1, 4, 4];
        wanted.resize(text.len(), text.len() - 1);
        wanted[4] = 4;
        wanted.push(text.len());
        assert_eq!(places, wanted);
    }

    #[test]
    fn people_count_what_they_see() {
        for (text, count) in [("", 0), ("abc", 3), ("e\u{301}", 1), ("👩‍👩‍👧‍👦🇩🇪", 2), ("नमस्ते", 3), ("\r\n", 1)]
        {
            assert_eq!(graphemes(text), count, "{text}");
        }
    }

    #[test]
    fn the_cut_falls_between_words_where_one_is_near() {
        assert_eq!(shorten_to_graphemes("Fresh coffee for everybody", 26), "Fresh coffee for everybody");
        assert_eq!(shorten_to_graphemes("Fresh coffee for everybody", 20), "Fresh coffee for…");
        assert_eq!(shorten_to_graphemes("Fresh coffee", 6), "Fresh…");
        assert_eq!(shorten_to_graphemes("Donaudampfschifffahrt", 6), "Donau…");
        assert_eq!(shorten_to_graphemes("ab", 1), "…");
        assert_eq!(shorten_to_graphemes("ab", 0), "");
    }

    proptest! {
        #[test]
        fn never_longer_than_asked(text in "\\PC*|[a é\u{200d}👩\u{1f1e9}\u{1f1ea}\r\n]*", max in 0_usize..40) {
            prop_assert!(graphemes(&shorten_to_graphemes(&text, max)) <= max);
        }
    }
}
