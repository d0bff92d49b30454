//! The words of a text, as queries and texts share them (docs/searches.md, "Words").
//! In: any text. Out: folded words with where they stand; a word that is heard in two ways stands twice at one position.

use crate::word_index::OnDemand;
use cm_text::{Kind, Segment, fold, fold_both_into, fold_into, is_invisible, segments};

/// A word, or a symbol such as an emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Its place among the words, from 0; the words of a phrase follow each other.
    pub position: usize,
    /// Folded, without diacritics.
    pub bare: &'a str,
    /// Folded with its diacritics, where that differs.
    pub marked: Option<&'a str>,
}

impl<'a> Token<'a> {
    /// The folded word, with its diacritics or without.
    pub fn folded(&self, keep_diacritics: bool) -> &'a str {
        if keep_diacritics { self.marked.unwrap_or(self.bare) } else { self.bare }
    }
}

/// The most bytes of a text that are cut, so that places and folded words fit into 32 bits.
const MOST: usize = 1 << 30;

/// The tokens of a text, packed: a text of four million letters may have two million.
#[derive(Debug, Default)]
pub struct Tokens {
    packed: Vec<Packed>,
    /// Those of the tokens whose folded form is not just their own letters in lower case.
    changed: Vec<Changed>,
    /// The text with its ASCII letters in lower case, then the folded forms of those that are changed.
    folded: String,
    index: OnDemand,
}

#[derive(Debug)]
struct Packed {
    start: u32,
    end: u32,
    position: u32,
    /// One more than its place among the changed; 0 where it is not one of them.
    changed: u32,
}

/// The bare word begins at `folded`, the marked one follows it where that differs.
#[derive(Debug)]
struct Changed {
    folded: u32,
    bare_length: u32,
    marked_length: u32,
}

impl Tokens {
    /// The tokens of a text; of more than 1 GiB, those of the first 1 GiB.
    pub fn of(text: &str) -> Tokens {
        Tokens::outside(text, &[])
    }

    /// The tokens of running text: none in these spans (links), and no phrase across them.
    pub fn outside(text: &str, spans: &[(usize, usize)]) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.cut(text, spans);
        tokens
    }

    /// Cuts another text, in the room of the last one.
    pub fn cut(&mut self, text: &str, spans: &[(usize, usize)]) {
        let text = &text[..text.floor_char_boundary(MOST)];
        self.packed.clear();
        self.changed.clear();
        self.folded.clear();
        self.index = OnDemand::default();
        self.folded.push_str(text);
        self.folded.make_ascii_lowercase();
        let mut cutter = Cutter { text, tokens: self, position: 0 };
        let mut start = 0;
        for (from, to) in spans.iter().filter(|(_, to)| *to <= text.len()) {
            cutter.span(start, *from);
            cutter.position += 1;
            start = *to;
        }
        cutter.span(start, text.len());
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        self.from(0)
    }

    /// Those from a number on.
    pub fn from(&self, first: usize) -> impl Iterator<Item = Token<'_>> {
        self.packed.get(first..).unwrap_or_default().iter().map(|packed| self.unpack(packed))
    }

    /// The tokens, in order and with their numbers, among them all whose folded form without diacritics is this word.
    pub fn like(&self, word: &str) -> impl Iterator<Item = (usize, Token<'_>)> {
        let index = self.index.get(self.packed.iter().rev().map(|packed| self.unpack(packed).bare));
        let looked_up = index.into_iter().flat_map(|index| index.numbers(word));
        let (length, first) = (word.len(), word.as_bytes().first());
        let alike = move |packed: &Packed| {
            let (start, end) = (packed.start as usize, packed.end as usize);
            packed.changed != 0 || end - start == length && self.folded.as_bytes().get(start) == first
        };
        let all = if index.is_none() { self.packed.as_slice() } else { &[] };
        let looked_at = all.iter().enumerate().filter(move |(_, packed)| alike(packed));
        let looked_up = looked_up.filter_map(|number| Some((number, self.packed.get(number)?)));
        looked_up.chain(looked_at).map(|(number, packed)| (number, self.unpack(packed)))
    }

    #[inline]
    fn unpack(&self, packed: &Packed) -> Token<'_> {
        let (start, end) = (packed.start as usize, packed.end as usize);
        let changed = (packed.changed as usize).checked_sub(1).and_then(|number| self.changed.get(number));
        let (bare, marked) = match changed {
            None => (&self.folded[start..end], None),
            Some(Changed { folded, bare_length, marked_length }) => {
                let bare_end = (folded + bare_length) as usize;
                let marked = &self.folded[bare_end..bare_end + *marked_length as usize];
                (&self.folded[*folded as usize..bare_end], (!marked.is_empty()).then_some(marked))
            }
        };
        Token { start, end, position: packed.position as usize, bare, marked }
    }
}

/// Before an apostrophe these are words of their own, in French (`l'eau`, `qu'elle`), Italian (`dell'arte`) and Catalan
/// (`d'aigua`).
const ELISIONS: [&str; 36] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "v", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu",
    "presqu", "un", "gl", "all", "coll", "dall", "dell", "nell", "sull", "degl", "quest", "quell", "bell",
    "sant", "tutt", "anch", "com", "dov", "nessun", "senz", "mezz",
];

/// Fewer letters than that behind an elision are no word of their own, so that `AI` is not in `j'ai`.
const ELIDED: usize = 3;

/// Cuts a text.
struct Cutter<'a> {
    text: &'a str,
    tokens: &'a mut Tokens,
    position: u32,
}

impl Cutter<'_> {
    fn span(&mut self, start: usize, end: usize) {
        for Segment { start: from, end: to, kind } in segments(&self.text[start..end]) {
            let (from, to) = (start + from, start + to);
            match kind {
                Kind::Plain | Kind::Same => self.add(from, to, 0),
                Kind::Letters => self.push(from, to),
                Kind::Symbol => self.symbol(from, to),
                Kind::Joined => {
                    self.word(from, to);
                    continue;
                }
            }
            self.position += 1;
        }
    }

    /// A full stop or colon joins only digits: `good.Acme` is two words as it is in a reader's eye, `3.5` is one. A
    /// narrow space is a space.
    fn word(&mut self, start: usize, end: usize) {
        let mut from = start;
        for (at, c) in self.text[start..end].char_indices().filter(|(_, c)| parts(*c)) {
            let (at, after) = (start + at, start + at + c.len_utf8());
            let joins = c != '\u{202F}' && digit_before(&self.text[..at]) && digit_after(&self.text[after..]);
            if !joins {
                self.piece(from, at);
                from = after;
            }
        }
        self.piece(from, end);
    }

    fn piece(&mut self, start: usize, end: usize) {
        let edge = |c| is_low_line(c) || is_invisible(c);
        let start = end - self.text[start..end].trim_start_matches(edge).len();
        let word = without_possessive(self.text[start..end].trim_end_matches(edge));
        if word.is_empty() {
            return;
        }
        let end = start + word.len();
        let before = self.tokens.packed.len();
        self.push(start, end);
        if let Some(after) = elided(word) {
            self.push(start + after, end);
        }
        self.position += u32::from(self.tokens.packed.len() > before);
    }

    /// A token whose folded form may differ from its letters.
    fn push(&mut self, start: usize, end: usize) {
        if self.text.as_bytes()[start..end].is_ascii() {
            return self.add(start, end, 0);
        }
        let folded = self.tokens.folded.len();
        let bare_end = fold_both_into(&self.text[start..end], &mut self.tokens.folded);
        self.push_folded(start, end, folded, bare_end);
    }

    /// A symbol: variants, skin tones and the sex of a person do not count.
    fn symbol(&mut self, start: usize, end: usize) {
        let written = &self.text[start..end];
        let folded = self.tokens.folded.len();
        if written.contains('\u{200D}') {
            let person = written.replace("\u{200D}♀", "").replace("\u{200D}♂", "");
            fold_into(&person, false, &mut self.tokens.folded);
        } else {
            fold_into(written, false, &mut self.tokens.folded);
        }
        self.push_folded(start, end, folded, self.tokens.folded.len());
    }

    /// What was folded behind the text is a changed token, unless it is empty or the very letters of the text.
    fn push_folded(&mut self, start: usize, end: usize, folded: usize, bare_end: usize) {
        let tokens = &mut *self.tokens;
        let (bare, marked) = (&tokens.folded[folded..bare_end], &tokens.folded[bare_end..]);
        let empty = bare.is_empty();
        if empty || marked.is_empty() && *bare == tokens.folded[start..end] {
            tokens.folded.truncate(folded);
            if !empty {
                self.add(start, end, 0);
            }
            return;
        }
        let lengths = [folded, bare.len(), marked.len(), tokens.changed.len() + 1].map(u32::try_from);
        // What does not fit is beyond anything that is read.
        let [Ok(folded), Ok(bare_length), Ok(marked_length), Ok(number)] = lengths else { return };
        tokens.changed.push(Changed { folded, bare_length, marked_length });
        self.add(start, end, number);
    }

    /// Places fit: the text was cut.
    #[inline]
    fn add(&mut self, start: usize, end: usize, changed: u32) {
        let (start, end) = (start as u32, end as u32);
        self.tokens.packed.push(Packed { start, end, position: self.position, changed });
    }
}

/// What joins letters by UAX #29, but not in a reader's eye.
fn parts(c: char) -> bool {
    matches!(c, '.' | ':' | '\u{202F}' | '․' | '︓' | '﹒' | '﹕' | '．' | '：')
}

/// The connectors of Unicode, which emphasise more often than they join.
fn is_low_line(c: char) -> bool {
    matches!(c, '_' | '‿' | '⁀' | '⁔' | '︳' | '︴' | '﹍'..='﹏' | '＿')
}

fn digit_before(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_numeric)
}

fn digit_after(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_numeric)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '＇')
}

/// `brand's` -> `brand`, in any apostrophe and any letter that folds to an s.
fn without_possessive(word: &str) -> &str {
    let last = word.chars().next_back();
    let is_s = last.is_some_and(|c| {
        matches!(c, 's' | 'S') || !c.is_ascii() && fold(c.encode_utf8(&mut [0; 4]), true) == "s"
    });
    let before = last.filter(|_| is_s).and_then(|s| word.get(..word.len() - s.len_utf8()));
    before.and_then(|rest| rest.strip_suffix(is_apostrophe)).filter(|rest| !rest.is_empty()).unwrap_or(word)
}

/// Where the word behind an elision starts.
fn elided(word: &str) -> Option<usize> {
    let (at, c) = word.char_indices().find(|(_, c)| is_apostrophe(*c))?;
    let rest = at + c.len_utf8();
    (is_elision(&word[..at]) && has_letters(&word[rest..])).then_some(rest)
}

fn is_elision(before: &str) -> bool {
    if before.is_ascii() {
        return ELISIONS.iter().any(|elision| elision.eq_ignore_ascii_case(before));
    }
    ELISIONS.contains(&fold(before, false).as_str())
}

/// Whether a word has as many letters and digits, folded, as one behind an elision needs.
fn has_letters(word: &str) -> bool {
    word.bytes().filter(u8::is_ascii_alphanumeric).count() >= ELIDED
        || fold(word, false).chars().filter(|c| c.is_alphanumeric()).count() >= ELIDED
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bare(text: &str) -> Vec<String> {
        Tokens::of(text).iter().map(|t| t.bare.to_owned()).collect()
    }

    #[test]
    fn words_as_documented() {
        for (text, wanted) in [
            ("Acme Roast, acme-roast", &["acme", "roast", "acme", "roast"][..]),
            (
                "great coffee.Acme rocks 3.5 v1.2 10:30 note:this",
                &["great", "coffee", "acme", "rocks", "3.5", "v1.2", "10", "30", "note", "this"],
            ),
            ("brand's brand’s BRAND'S s", &["brand", "brand", "brand", "s"]),
            (
                "l'eau j'ai l'IA dell’arte don't",
                &["l'eau", "eau", "j'ai", "l'ia", "dell'arte", "arte", "don't"],
            ),
            ("_acme_ acme_roast __", &["acme", "acme_roast"]),
            ("𝐛𝐨𝐥𝐝 ＡＣＭＥ Straße İstanbul Cafe\u{301}", &["bold", "acme", "strasse", "istanbul", "cafe"]),
            ("咖啡 コーヒー", &["咖", "啡", "コーヒー"]),
            ("so 😡! ac\u{AD}me 5€ 👍🏽", &["so", "😡", "acme", "5", "€", "👍"]),
            ("🤷🏽‍♀️ 👩‍💻 🇩🇪🇫🇷 ❤️", &["🤷", "👩💻", "🇩🇪", "🇫🇷", "❤"]),
            ("brand‘s BRAND’Ｓ 𝐛𝐫𝐚𝐧𝐝’𝐬 ’s", &["brand", "brand", "brand", "s"]),
            ("«\u{202F}Oui\u{202F}» 5\u{202F}000", &["oui", "5", "000"]),
            ("＿acme＿ acme\u{200F} \u{200E}acme", &["acme", "acme", "acme"]),
            (
                "Sant'Angelo dell’IA l'e\u{301}te\u{301}",
                &["sant'angelo", "angelo", "dell'ia", "l'ete", "ete"],
            ),
            ("col·lecció Hawaiʻi hawai'i", &["col·leccio", "hawai'i", "hawai'i"]),
            ("กาแฟ 한국어 커피를", &["ก", "า", "แ", "ฟ", "한국어", "커피를"]),
            ("שלום‏ عَرَبِيّ می‌خواهم", &["שלום", "عربي", "میخواهم"]),
        ] {
            assert_eq!(bare(text), wanted, "{text}");
        }
    }

    #[test]
    fn links_part_phrases() {
        let text = "acme https://x.example/roast roast";
        let tokens = Tokens::outside(text, &[(5, 28)]);
        let places: Vec<_> = tokens.iter().map(|t| (t.bare, t.position)).collect();
        assert_eq!(places, [("acme", 0), ("roast", 2)]);
    }

    /// As if every segment had to be looked at by all the rules.
    fn slowly(text: &str) -> Tokens {
        let mut tokens = Tokens { folded: text.to_ascii_lowercase(), ..Tokens::default() };
        let mut cutter = Cutter { text, tokens: &mut tokens, position: 0 };
        for segment in segments(text) {
            match segment.kind {
                Kind::Symbol => {
                    cutter.symbol(segment.start, segment.end);
                    cutter.position += 1;
                }
                _ => cutter.word(segment.start, segment.end),
            }
        }
        tokens
    }

    /// Each token but joined symbols, which lose a part of themselves, is what its letters fold to.
    fn assert_folded(text: &str) {
        for token in Tokens::of(text).iter() {
            let written = &text[token.start..token.end];
            let is_symbol = !written.contains(char::is_alphanumeric);
            if !written.contains('\u{200D}') {
                assert_eq!(token.bare, fold(written, false), "{text:?}");
                assert_eq!(token.folded(true), fold(written, !is_symbol), "{text:?}");
            }
        }
    }

    #[test]
    fn every_character_folds_in_a_word_as_by_itself() {
        for c in ('\0'..='\u{3400}').chain('\u{a000}'..='\u{ac00}').chain('\u{f900}'..='\u{ffff}') {
            assert_folded(&format!("{c}: {c}a a{c}'s {c}.{c}\u{301}{c}"));
        }
    }

    proptest! {
        #[test]
        fn the_rules_change_nothing_where_they_are_left_out(text in "\\PC*|[a-zé'’.:_#9٣é\u{301}\u{ad} ]*") {
            let (quickly, slowly) = (Tokens::of(&text), slowly(&text));
            prop_assert_eq!(quickly.iter().collect::<Vec<_>>(), slowly.iter().collect::<Vec<_>>());
        }

        #[test]
        fn folded_words_are_those_of_fold(text in "\\PC*|[a-zÀ-ÿ’ßИй\u{301}カｶ咖①ⓐ\u{FC5E}: ]*") {
            assert_folded(&text);
        }

        #[test]
        fn tokens_stand_where_they_say(text in "\\PC*|[a-z'’.:_#é\u{301} ]*") {
            let mut last = 0;
            for token in Tokens::of(&text).iter() {
                prop_assert!(token.start < token.end && !token.bare.is_empty());
                prop_assert!(token.position >= last);
                prop_assert!(text.get(token.start..token.end).is_some());
                last = token.position;
            }
        }
    }
}
