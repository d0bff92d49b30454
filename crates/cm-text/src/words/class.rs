//! What a character does at the borders of words (UAX #29, table 3), for the characters that most texts are made of.
//! In: a place in a text. Out: a class; of what is not known here, that it is hard.

/// The classes that matter to common text; the names are those of UAX #29.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Neither in a word nor between its parts: white space and most punctuation.
    Other,
    /// ALetter.
    Letter,
    /// Numeric.
    Digit,
    /// ExtendNumLet: `_`.
    LowLine,
    /// Joins letters: `:` and the middle dot.
    MidLetter,
    /// Joins letters, and digits: a full stop, an apostrophe.
    MidNumLet,
    /// Joins digits: `,` and `;`.
    MidNum,
    /// A word by itself: ideographs, hiragana.
    Ideograph,
    /// Katakana.
    Katakana,
    /// Anything else: marks, joiners, symbols, other scripts. What stands around it is cut by unicode-segmentation.
    Hard,
}

use Class::{Digit, Hard, Ideograph, Katakana, Letter, LowLine, MidLetter, MidNum, MidNumLet, Other};

impl Class {
    /// Whether it makes a word: not what only joins.
    pub(super) fn is_word(self) -> bool {
        matches!(self, Letter | Digit | Ideograph | Katakana)
    }

    /// Whether there is no border between two characters that stand beside each other.
    pub(super) fn joins(self, next: Class) -> bool {
        matches!(
            (self, next),
            (Letter | Digit, Letter | Digit | LowLine)
                | (Katakana, Katakana | LowLine)
                | (LowLine, Letter | Digit | Katakana | LowLine)
        )
    }

    /// Whether there is no border on either side of this one between these two.
    pub(super) fn bridges(self, before: Class, after: Class) -> bool {
        matches!(
            (before, self, after),
            (Letter, MidLetter | MidNumLet, Letter) | (Digit, MidNum | MidNumLet, Digit)
        )
    }

    /// Whether a border is beside it wherever another of these stands there.
    pub(super) fn stands_alone(self) -> bool {
        matches!(self, Other | Ideograph)
    }
}

const ASCII: [Class; 128] = {
    let mut classes = [Other; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Letter,
            b'0'..=b'9' => Digit,
            b'_' => LowLine,
            b':' => MidLetter,
            b'.' | b'\'' => MidNumLet,
            b',' | b';' => MidNum,
            _ => Other,
        };
        byte += 1;
    }
    classes
};

/// The class of an ASCII character; of another byte, hard.
#[inline]
pub(super) fn of_byte(byte: u8) -> Class {
    ASCII.get(usize::from(byte)).copied().unwrap_or(Hard)
}

/// The class of the character that begins at a byte and its length; at the end of the text there is an empty other.
#[inline]
pub(super) fn at(text: &str, byte: usize) -> (Class, usize) {
    let bytes = text.as_bytes();
    let Some(first) = bytes.get(byte) else { return (Other, 0) };
    if first.is_ascii() {
        return (of_byte(*first), 1);
    }
    let next = |offset: usize| bytes.get(byte + offset).map_or(0, |b| u32::from(b & 0x3F));
    match first {
        0..0xE0 => {
            let code = usize::from(first & 0x1F) << 6 | next(1) as usize;
            (TWO_BYTES.get(code).copied().unwrap_or(Hard), 2)
        }
        0xE0..0xF0 => (of_code(u32::from(first & 0x0F) << 12 | next(1) << 6 | next(2)), 3),
        _ => (Hard, 4),
    }
}

/// The classes of all characters of two bytes.
static TWO_BYTES: [Class; 0x800] = {
    let mut classes = [Hard; 0x800];
    let mut code = 0x80;
    while code < classes.len() {
        classes[code] = of_code(code as u32);
        code += 1;
    }
    classes
};

const fn of_code(code: u32) -> Class {
    match code {
        0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x2AF => Letter,
        0x400..=0x481 | 0x48A..=0x52F | 0x1E00..=0x1EFF | 0xAC00..=0xD7A3 => Letter,
        0x370..=0x373 | 0x376..=0x377 | 0x37B..=0x37D | 0x37F | 0x386 | 0x388..=0x38A | 0x38C => Letter,
        0x38E..=0x3A1 | 0x3A3..=0x3F5 | 0x3F7..=0x3FF => Letter,
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x3041..=0x3096 | 0x309D..=0x309E => Ideograph,
        0x30A1..=0x30FA | 0x30FC..=0x30FE => Katakana,
        0xB7 | 0xFF1A => MidLetter,
        0x2018 | 0x2019 | 0xFF0E => MidNumLet,
        0xFF0C | 0xFF1B => MidNum,
        0xA0..=0xA1 | 0xA7 | 0xA9 | 0xAB | 0xAE | 0xB0 | 0xB6 | 0xBB | 0xBF | 0xD7 | 0xF7 => Other,
        0x2010..=0x2017 | 0x201A..=0x2023 | 0x2026 | 0x2030..=0x203A => Other,
        0x3000..=0x3003 | 0x3008..=0x3020 | 0x30FB | 0xFF01 | 0xFF08..=0xFF09 | 0xFF1F => Other,
        _ => Hard,
    }
}
