//! What a character does to the atoms of a text (see `atoms`), for the characters of which it can be said without
//! looking at their neighbours. All others are left to the one real cutter, `token`.

use cm_text::{CharTable, fold, is_symbol};

/// What a character does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It parts atoms.
    Parts,
    /// A letter or digit: its folded form is part of an atom.
    Joins(Short),
    /// Katakana: joins its like, and is parted from other letters.
    Kana,
    /// An atom by itself: ideographs, hiragana, pictures.
    Alone,
    /// Not seen after a symbol; after a letter it is doubtful.
    Unseen,
    /// Only its neighbours tell.
    Doubtful,
}

/// A few folded bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Short {
    length: u8,
    bytes: [u8; 6],
}

impl Short {
    fn of(text: &str) -> Option<Short> {
        let mut bytes = [0; 6];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Short { length: text.len() as u8, bytes })
    }

    /// The folded bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// Letters fold to others, and signs may: none is folded twice.
static CLASSES: CharTable<Class> = CharTable::new(found_out);

/// The class of a character that is not ASCII.
#[inline]
pub(super) fn class(c: char) -> Class {
    CLASSES.of(c)
}

fn found_out(c: char) -> Class {
    match u32::from(c) {
        // Modifiers, marks and numbers among the letters are none of these: their folded forms tell.
        0xC0..=0xD6
        | 0xD8..=0xF6
        | 0xF8..=0x2AF
        | 0x370..=0x3FF
        | 0x400..=0x481
        | 0x48A..=0x52F
        | 0x531..=0x556
        | 0x560..=0x588
        | 0x5D0..=0x5EA
        | 0x620..=0x64A
        | 0x660..=0x669
        | 0x66E..=0x66F
        | 0x671..=0x6D3
        | 0x6F0..=0x6FC
        | 0x1E00..=0x1FFF => joins(c),
        0xAC00..=0xD7A3 => Short::of(c.encode_utf8(&mut [0; 4])).map_or(Class::Doubtful, Class::Joins),
        0xFF10..=0xFF19 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => joins(c),
        0x30A1..=0x30FA | 0x30FC => Class::Kana,
        0x3041..=0x3096 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF => Class::Alone,
        0x20A0..=0x20C0
        | 0x2190..=0x21FF
        | 0x2300..=0x23FF
        | 0x2500..=0x2775
        | 0x2794..=0x27BF
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF
            if is_symbol(c) && stays(c) =>
        {
            Class::Alone
        }
        0x200D | 0xFE0E | 0xFE0F | 0x1F3FB..=0x1F3FF => Class::Unseen,
        0xA1..=0xBF
        | 0xD7
        | 0xF7
        | 0x55A..=0x55F
        | 0x60C
        | 0x61B
        | 0x61F
        | 0x66A..=0x66D
        | 0x6D4
        | 0x2010..=0x2027
        | 0x2030..=0x205E
        | 0x3000..=0x3004
        | 0x3008..=0x3020
        | 0x3030
        | 0xFF01..=0xFF0F
        | 0xFF1A..=0xFF20
        | 0xFF3B..=0xFF40
        | 0xFF5B..=0xFF65
        | 0xFFFD => parts(c),
        _ => Class::Doubtful,
    }
}

fn stays(c: char) -> bool {
    fold(c.encode_utf8(&mut [0; 4]), false).chars().eq([c])
}

/// A letter whose folded form is nothing but letters that stay as they are.
fn joins(c: char) -> Class {
    let folded = fold(c.encode_utf8(&mut [0; 4]), false);
    // Among the modifiers is an apostrophe.
    let letters = folded.chars().all(|c| c.is_alphanumeric() && !matches!(c, '\u{2B0}'..='\u{2FF}'));
    match Short::of(&folded) {
        Some(short) if c.is_alphanumeric() && letters && !folded.is_empty() => Class::Joins(short),
        _ => Class::Doubtful,
    }
}

/// What is no letter, and does not become one when it is folded.
fn parts(c: char) -> Class {
    let folded = fold(c.encode_utf8(&mut [0; 4]), false);
    let letter = |c: char| c.is_alphanumeric() || is_symbol(c);
    if c == '\u{AD}' || letter(c) || folded.is_empty() || folded.chars().any(letter) {
        return Class::Doubtful;
    }
    Class::Parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use cm_text::words;

    /// What the classes promise of the words of UAX #29 and of folding, for every character.
    #[test]
    fn neighbours_change_nothing_for_whom_it_is_said() {
        let cut = |text: &str| words(text).map(|word| word.text.to_owned()).collect::<Vec<_>>();
        for c in '\u{80}'..='\u{1FFFF}' {
            let code = u32::from(c);
            match class(c) {
                Class::Joins(short) => {
                    let text = format!("a{c}{c}1д");
                    assert_eq!(cut(&text), [text.as_str()], "U+{code:04X}");
                    let folded = std::str::from_utf8(short.bytes()).unwrap();
                    assert_eq!(fold(&text, false), format!("a{folded}{folded}1д"), "U+{code:04X}");
                    for inner in folded.chars().filter(|c| !c.is_ascii()) {
                        let same = Short::of(inner.encode_utf8(&mut [0; 4])).unwrap();
                        assert!(
                            [Class::Joins(same), Class::Doubtful].contains(&class(inner)),
                            "U+{code:04X}"
                        );
                    }
                }
                Class::Kana => {
                    assert_eq!(cut(&format!("a{c}ア{c}1")), ["a", &format!("{c}ア{c}"), "1"], "U+{code:04X}");
                    assert!(stays(c), "U+{code:04X}");
                }
                Class::Alone => {
                    let lone = cut(&format!("a{c}{c}ア{c}1"));
                    assert!(lone.len() == 3 || lone.len() == 6, "U+{code:04X}");
                    assert!(
                        lone.iter().filter(|word| word.contains(c)).all(|word| word.chars().count() == 1)
                    );
                    assert!(stays(c), "U+{code:04X}");
                }
                Class::Parts => {
                    let pieces = fold(&format!("a{c}b"), false);
                    assert_eq!(
                        pieces
                            .split(|c: char| !c.is_alphanumeric())
                            .filter(|p| !p.is_empty())
                            .collect::<Vec<_>>(),
                        ["a", "b"],
                        "U+{code:04X}"
                    );
                }
                Class::Unseen | Class::Doubtful => {}
            }
        }
    }
}
