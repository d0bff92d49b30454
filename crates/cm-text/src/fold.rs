//! The one folding that queries and texts share: NFKC, full case folding, diacritics off.

use unicode_normalization::UnicodeNormalization;

/// Folds a text for comparing: NFKC, full case folding (ß -> ss, final sigma, İ), and with `keep_diacritics` false
/// the marks of alphabets dropped (é -> e, ø -> o). Vowel signs and voicing marks, which make other words of a word
/// (कि, が), stay. Idempotent.
pub fn fold(text: &str, keep_diacritics: bool) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    if keep_diacritics {
        return caseless(text.nfkc()).nfkc().collect();
    }
    let bare = caseless(text.nfkd()).nfkd().filter(|c| !is_diacritic(*c)).map(without_stroke);
    bare.nfkc().collect()
}

/// Lower, upper, lower is Unicode's full case folding by std's own tables: the way round through capitals is what
/// brings ß to `ss`, ς to σ and ſ to `s`.
fn caseless(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    chars.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// The combining marks of the Latin, Greek and Cyrillic alphabets, and the points of Hebrew and Arabic.
fn is_diacritic(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0487 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5 | 0x05C7
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0xFE20..=0xFE2F)
}

/// Letters whose stroke is part of them and so does not decompose, as Łódź and Malmø are typed without it.
fn without_stroke(c: char) -> char {
    match c {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' => 'i',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_hold_for_equal_folds_to_one() {
        for (text, bare, marked) in [
            ("CAFÉ", "cafe", "café"),
            ("Cafe\u{301}", "cafe", "café"),
            ("Straße STRASSE ẞ", "strasse strasse ss", "strasse strasse ss"),
            ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ", "σίσυφοσ σίσυφοσ"),
            ("İstanbul", "istanbul", "i\u{307}stanbul"),
            ("ﬁne ＡＣＭＥ ①", "fine acme 1", "fine acme 1"),
            ("Łódź", "lodz", "łódź"),
            ("が か", "が か", "が か"),
            ("कि का", "कि का", "कि का"),
            ("한국", "한국", "한국"),
        ] {
            assert_eq!(fold(text, false), bare, "{text}");
            assert_eq!(fold(text, true), marked, "{text}");
        }
    }

    #[test]
    fn every_character_folds_once_for_ever() {
        // Every plane that has letters or marks.
        for c in ('\0'..='\u{32000}').chain('\u{e0000}'..='\u{e0200}') {
            for keep in [false, true] {
                let once = fold(&c.to_string(), keep);
                assert_eq!(fold(&once, keep), once, "U+{:04X}", u32::from(c));
            }
        }
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC*|[a-zßςΣİıé\u{300}-\u{36f}\u{345}ªﬁ]*", keep: bool) {
            let once = fold(&text, keep);
            prop_assert_eq!(fold(&once, keep), once);
        }
    }
}
