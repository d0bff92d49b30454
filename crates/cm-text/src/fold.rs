//! The one folding that queries and texts share: NFKC, full case folding, diacritics off.

mod quick;

use quick::{longer, quick};
use unicode_normalization::UnicodeNormalization;

/// Folds a text for comparing: NFKC, full case folding (ß -> ss, final sigma, İ), what is not seen dropped (soft hyphens,
/// joiners, direction marks, variation selectors, skin tones), every apostrophe the same, and with `keep_diacritics`
/// false the marks of alphabets dropped (é -> e, ø -> o, œ -> oe). Vowel signs and voicing marks, which make other words of a word
/// (कि, が), stay. Idempotent. Close to NFKC_Casefold of The Unicode Standard, 3.13, which neither drops marks nor
/// unites apostrophes.
pub fn fold(text: &str, keep_diacritics: bool) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    fold_into(text, keep_diacritics, &mut folded);
    folded
}

/// Appends the folded text, as [`fold`] folds it, to a buffer of the caller's; most texts cost no other allocation.
pub fn fold_into(text: &str, keep_diacritics: bool, out: &mut String) {
    let _ = append(text, keep_diacritics, out);
}

/// Appends the text folded without its diacritics, then, only where that differs, folded with them. Gives the end of the
/// first in the buffer.
pub fn fold_both_into(text: &str, out: &mut String) -> usize {
    let start = out.len();
    let same = append(text, false, out);
    let bare_end = out.len();
    if !same {
        let _ = append(text, true, out);
        let (before, marked) = out.split_at(bare_end);
        if before.get(start..) == Some(marked) {
            out.truncate(bare_end);
        }
    }
    bare_end
}

/// Appends the folded text; true when the diacritics surely made no difference.
fn append(text: &str, keep_diacritics: bool, out: &mut String) -> bool {
    let mut same = true;
    // Where the last character that can take a mark begins, in the text and in what it was folded to.
    let mut last = (0, out.len());
    let mut base = 0;
    let mut chars = text.char_indices();
    while let Some((offset, c)) = chars.next() {
        let at = base + offset;
        if let Some((bare, marked)) = quick(c) {
            last = (at, out.len());
            out.push(if keep_diacritics { marked } else { bare });
            same &= bare == marked;
        } else if let Some((bare, marked)) = longer(c) {
            last = (at, out.len());
            out.push_str(if keep_diacritics { marked } else { bare });
            same &= bare == marked;
        } else if !is_invisible(c) {
            let rest = chars.as_str();
            base = text.len() - rest.len() + rest.find(|c| quick(c).is_some()).unwrap_or(rest.len());
            out.truncate(last.1);
            slowly(&text[last.0..base], keep_diacritics, out);
            last = (base, out.len());
            chars = text[base..].char_indices();
            same = false;
        }
    }
    same
}

/// By normalising: what the quick way has to agree with.
fn slowly(text: &str, keep_diacritics: bool, out: &mut String) {
    let seen = text.chars().filter(|c| !is_invisible(*c));
    if keep_diacritics {
        out.extend(caseless(seen.nfkc()).nfkc().map(straight));
    } else {
        let bare = caseless(seen.nfkd()).nfkd().filter(|c| !is_diacritic(*c)).flat_map(plainer);
        out.extend(bare.nfkc().map(straight));
    }
}

/// Every apostrophe as it is typed.
fn straight(c: char) -> char {
    if matches!(c, '’' | '‘' | 'ʼ' | 'ʻ') { '\'' } else { c }
}

/// Lower, upper, lower is Unicode's full case folding by std's own tables: the way round through capitals is what
/// brings ß to `ss`, ς to σ and ſ to `s`.
fn caseless(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    chars.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// What takes no room or only changes the look of what stands before it: soft hyphens, joiners, direction marks, fillers,
/// variation selectors, skin tones. Unicode's Default_Ignorable_Code_Point without the tags, of which flags are made.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E001F}' | '\u{E0080}'..='\u{E0FFF}')
}

/// The combining marks of the Latin, Greek and Cyrillic alphabets, and the points of Hebrew and Arabic.
fn is_diacritic(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0487 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5 | 0x05C7
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0xFE20..=0xFE2F)
}

/// Letters whose stroke is part of them and so does not decompose, as Łódź and Malmø are typed without it; and the joined
/// letters of œuvre and Æsop.
fn plainer(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' => ('d', None),
        'ħ' => ('h', None),
        'ŧ' => ('t', None),
        'ı' => ('i', None),
        'œ' => ('o', Some('e')),
        'æ' => ('a', Some('e')),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
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
            ("Œuvre Ǽ", "oeuvre ae", "œuvre ǽ"),
            ("ﬁne ＡＣＭＥ ①", "fine acme 1", "fine acme 1"),
            ("Łódź", "lodz", "łódź"),
            ("が か", "が か", "が か"),
            ("कि का", "कि का", "कि का"),
            ("한국", "한국", "한국"),
            ("\u{1112}\u{1161}\u{11AB}국", "한국", "한국"),
            ("ｶﾌｪ ｶﾞ", "カフェ ガ", "カフェ ガ"),
            ("brand’s ʻokina", "brand's 'okina", "brand's 'okina"),
            ("ac\u{AD}me e\u{200D}\u{301} 👍🏽", "acme e 👍", "acme é 👍"),
            ("Việt NAM", "viet nam", "việt nam"),
            ("أحمد", "احمد", "أحمد"),
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

    fn slow(text: &str, keep: bool) -> String {
        let mut out = String::new();
        slowly(text, keep, &mut out);
        out
    }

    #[test]
    fn the_quick_way_gives_what_the_slow_way_gives() {
        // Every plane that has letters or marks; each alone and between what would join it.
        for c in ('\0'..='\u{323ff}').chain('\u{e0000}'..='\u{e0200}') {
            let text = format!("{c}a{c}\u{301}\u{1100}{c}\u{11A8}");
            for keep in [false, true] {
                assert_eq!(fold(&text, keep), slow(&text, keep), "U+{:04X}", u32::from(c));
            }
        }
    }

    #[test]
    fn both_ways_at_once() {
        for (text, wanted) in
            [("CAFÉ", "xcafecafé"), ("Straße", "xstrasse"), ("чайка", "xчаикачайка"), ("", "x")]
        {
            let mut out = "x".to_owned();
            let end = fold_both_into(text, &mut out);
            assert_eq!((&*out, &out[1..end]), (wanted, &*fold(text, false)));
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_gives_what_the_slow_way_gives_in_any_company(
            text in "\\PC*|[a-zßςΣİıé\u{300}-\u{36f}\u{345}ªﬁ]*|[A-eÀ-ɏͰ-ԯ\u{300}-\u{320}Ḁ-ỿ‐-\u{2070}ぁ-ヿ\u{1100}-\u{11ff}가-힣]*",
            keep: bool,
        ) {
            prop_assert_eq!(fold(&text, keep), slow(&text, keep));
        }

        #[test]
        fn folding_is_idempotent(text in "\\PC*|[a-zßςΣİıé\u{300}-\u{36f}\u{345}ªﬁ]*", keep: bool) {
            let once = fold(&text, keep);
            prop_assert_eq!(fold(&once, keep), once);
        }
    }
}
