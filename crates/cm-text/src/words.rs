//! Words by UAX #29, and the symbols between them, with where they stand.
//! In: a text. Out: its words and symbols in order. Common text is cut by tables of our own, at a few nanoseconds a
//! byte; only what stands around other characters (marks, joiners, emoji, other scripts) by unicode-segmentation.

mod block;
mod class;

use crate::table::is_alphanumeric;
use block::Block;
use class::Class;
use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

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
    segments(text).filter(|segment| segment.kind != Kind::Symbol).map(|Segment { start, end, .. }| Word {
        text: text.get(start..end).unwrap_or_default(),
        start,
        end,
    })
}

/// A word or a symbol of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// What it is made of.
    pub kind: Kind,
}

/// What a segment is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ASCII letters and digits.
    Plain,
    /// An ideograph or hiragana, or a run of katakana: what folds to itself.
    Same,
    /// Letters and digits.
    Letters,
    /// A word that may hold anything: apostrophes, full stops, low lines, marks, joiners.
    Joined,
    /// An emoji (a flag and a joined sequence is one), currency sign, arrow or other picture.
    Symbol,
}

/// The words and symbols of a text: the segments of UAX #29 that hold a letter, a digit or a symbol.
pub fn segments(text: &str) -> Segments<'_> {
    Segments { text, at: 0, block: Block::at(text.as_bytes(), 0), hard: None }
}

/// See [`segments`].
pub struct Segments<'a> {
    text: &'a str,
    at: usize,
    block: Block,
    /// A stretch that is being cut by unicode-segmentation, and where it begins.
    hard: Option<(usize, UWordBoundIndices<'a>)>,
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    #[inline]
    fn next(&mut self) -> Option<Segment> {
        if self.hard.is_some()
            && let Some(segment) = self.next_hard()
        {
            return Some(segment);
        }
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            if !self.block.holds(self.at) {
                self.block = Block::at(bytes, self.at);
            }
            let Some(start) = self.block.next_start(self.at) else {
                self.at = self.block.end();
                continue;
            };
            let mut end = self.block.plain_end(start);
            if end > start {
                if end == self.block.end() {
                    end = plain_end(bytes, end);
                }
                self.at = end;
                if bytes.get(end).is_none_or(|byte| class::of_byte(*byte) == Class::Other) {
                    return Some(Segment { start, end, kind: Kind::Plain });
                }
            }
            if let Some(segment) = self.common(start, end) {
                return Some(segment);
            }
        }
        None
    }
}

/// Where the run of ASCII letters and digits ends that goes on at a byte.
#[inline(never)]
fn plain_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())
}

impl Segments<'_> {
    /// The segment that begins at a character, if it does, by the classes of characters; `self.at` is moved behind it.
    /// What begins it in ASCII letters and digits ends at `plain_end`.
    fn common(&mut self, start: usize, plain_end: usize) -> Option<Segment> {
        let (mut last, mut end, mut kind) = match plain_end.checked_sub(1).filter(|last| *last >= start) {
            Some(last) => (class::at(self.text, last).0, plain_end, Kind::Plain),
            None => {
                let (class, length) = class::at(self.text, start);
                let kind = match class {
                    Class::LowLine => Kind::Joined,
                    Class::Ideograph | Class::Katakana => Kind::Same,
                    _ => Kind::Letters,
                };
                (class, start + length, kind)
            }
        };
        let mut is_word = last.is_word();
        while last != Class::Hard {
            let (next, length) = class::at(self.text, end);
            if last.joins(next) {
                is_word |= next != Class::LowLine;
                kind = match (kind, next) {
                    (_, Class::LowLine) => Kind::Joined,
                    (Kind::Plain, _) if length > 1 => Kind::Letters,
                    (kind, _) => kind,
                };
                (last, end) = (next, end + length);
                continue;
            }
            let (after, more) = match next {
                Class::MidLetter | Class::MidNumLet | Class::MidNum => class::at(self.text, end + length),
                _ => (next, 0),
            };
            if next.bridges(last, after) {
                kind = Kind::Joined;
                (last, end) = (after, end + length + more);
            } else if after == Class::Hard {
                last = Class::Hard;
                end += length;
            } else {
                break;
            }
        }
        if last == Class::Hard {
            return self.hard_from(start, end);
        }
        self.at = end;
        is_word.then_some(Segment { start, end, kind })
    }

    /// Hands the stretch around a hard character to unicode-segmentation. It ends where two characters stand beside each
    /// other that are surely parted, or before white space.
    fn hard_from(&mut self, start: usize, hard: usize) -> Option<Segment> {
        let mut end = hard;
        let mut alone = false;
        loop {
            let (class, length) = class::at(self.text, end);
            let space = self.text.as_bytes().get(end).is_none_or(u8::is_ascii_whitespace);
            if (space || alone && class.stands_alone()) && end > hard || length == 0 {
                break;
            }
            alone = class.stands_alone();
            end += length;
        }
        self.at = end;
        let stretch = self.text.get(start..end).unwrap_or_default();
        self.hard = Some((start, stretch.split_word_bound_indices()));
        self.next_hard()
    }

    #[cold]
    fn next_hard(&mut self) -> Option<Segment> {
        let (base, bounds) = self.hard.as_mut()?;
        let base = *base;
        let found = bounds.find_map(|(start, segment)| told(base + start, segment));
        if found.is_none() {
            self.hard = None;
        }
        found
    }
}

/// A segment of UAX #29, if it is a word or a symbol. A mark that stands by itself is taken without the blank before it.
fn told(start: usize, segment: &str) -> Option<Segment> {
    let end = start + segment.len();
    if segment.contains(is_alphanumeric) {
        let word = segment.trim_start_matches(|c: char| !is_alphanumeric(c) && c != '_');
        return Some(Segment { start: end - word.len(), end, kind: Kind::Joined });
    }
    let symbol = segment.trim_start_matches(|c: char| !is_symbol(c));
    (!symbol.is_empty()).then(|| Segment { start: end - symbol.len(), end, kind: Kind::Symbol })
}

/// Emoji, arrows, technical and dingbat pictures, and the currency signs beyond ASCII.
pub fn is_symbol(c: char) -> bool {
    matches!(c, '\u{A2}'..='\u{A5}' | '\u{20A0}'..='\u{20CF}' | '\u{2190}'..='\u{2BFF}' | '\u{FFE0}'..='\u{FFE1}'
        | '\u{FFE5}'..='\u{FFE6}' | '\u{1F000}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}')
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

    #[test]
    fn symbols_are_whole() {
        for (text, wanted) in [
            ("so 😡😡!", &["so", "😡", "😡"][..]),
            ("👩‍💻🤷🏽‍♀️ 👍🏽", &["👩‍💻", "🤷🏽‍♀️", "👍🏽"]),
            ("🇩🇪🇫🇷", &["🇩🇪", "🇫🇷"]),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ #️⃣", &["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣"]),
            ("5€ £7 $9", &["5", "€", "£", "7", "9"]),
            ("a→b", &["a", "→", "b"]),
        ] {
            let found: Vec<_> = segments(text).map(|s| &text[s.start..s.end]).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }

    /// The same by unicode-segmentation alone.
    fn slowly(text: &str) -> Vec<(usize, usize, bool)> {
        let all = text.split_word_bound_indices().filter_map(|(start, segment)| told(start, segment));
        all.map(|s| (s.start, s.end, s.kind == Kind::Symbol)).collect()
    }

    fn quickly(text: &str) -> Vec<(usize, usize, bool)> {
        segments(text).map(|s| (s.start, s.end, s.kind == Kind::Symbol)).collect()
    }

    #[test]
    fn every_character_is_cut_as_by_unicode_segmentation() {
        for c in ('\0'..='\u{323ff}').chain('\u{e0000}'..='\u{e0200}') {
            let text = format!("{c}a{c}b.{c}1{c}2 {c}'{c}_{c}カ{c}{c}咖.{c} \u{301}{c}:a");
            assert_eq!(quickly(&text), slowly(&text), "U+{:04X}", u32::from(c));
        }
    }

    fn mixed() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zA-Z0-9_.,:;'\"# @()-]{1,4}",
            "[À-ɏЀ-ӿΑ-ωḀ-ỿ]{1,3}",
            "[’‘“”·\u{ad}\u{200b}-\u{200f}\u{2060}\u{feff}\u{202f}\u{a0}\u{3000}]",
            "[\u{300}-\u{303}\u{93e}\u{94d}\u{345}\u{fe0f}\u{20e3}]",
            "[ぁ-ヿ一-三가-갂ｱ-ﾝａ-ｃ０-２：．，；゠・]{1,2}",
            "[א-ת\"'״ا-ي٠-٩ก-ฯक-ह]{1,3}",
            "[😡👍\u{1f3fd}\u{200d}♀❤🇩-🇪€£→🎉]{1,3}",
            "[ \n\t\r]{1,2}",
            "\\PC",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn cut_as_by_unicode_segmentation(text in mixed()) {
            prop_assert_eq!(quickly(&text), slowly(&text), "{:?}", text);
        }

        #[test]
        fn each_segment_is_of_its_kind(text in mixed()) {
            for segment in segments(&text) {
                let written = &text[segment.start..segment.end];
                match segment.kind {
                    Kind::Plain => prop_assert!(written.bytes().all(|b| b.is_ascii_alphanumeric())),
                    Kind::Same => prop_assert_eq!(crate::fold(written, false), written),
                    Kind::Letters => prop_assert!(written.chars().all(char::is_alphanumeric)),
                    Kind::Joined | Kind::Symbol => {}
                }
            }
        }

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
