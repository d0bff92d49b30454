//! The words of a text, as queries and texts share them (docs/searches.md, "Words").
//! In: any text. Out: folded words with where they stand; a word that is heard in two ways stands twice at one position.

use cm_text::{fold, words};

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
    /// The first byte of the `#` before it.
    pub hash: Option<usize>,
}

impl<'a> Token<'a> {
    /// The folded word, with its diacritics or without.
    pub fn folded(&self, keep_diacritics: bool) -> &'a str {
        if keep_diacritics { self.marked.unwrap_or(self.bare) } else { self.bare }
    }
}

/// The tokens of a text, packed: a text of four million letters may have two million.
#[derive(Debug, Default)]
pub struct Tokens {
    packed: Vec<Packed>,
    /// Of each token the bare word, then the marked one where that differs.
    folded: String,
}

#[derive(Debug)]
struct Packed {
    start: u32,
    end: u32,
    position: u32,
    folded: u32,
    bare_length: u32,
    marked_length: u32,
    hash_length: u8,
}

impl Tokens {
    /// The tokens of a text; of more than 4 GiB, those of the first 4 GiB.
    pub fn of(text: &str) -> Tokens {
        Tokens::outside(text, &[])
    }

    /// The tokens of running text: none in these spans (links), and no phrase across them.
    pub fn outside(text: &str, spans: &[(usize, usize)]) -> Tokens {
        let text = &text[..text.floor_char_boundary(u32::MAX as usize)];
        let mut cutter = Cutter { text, tokens: Tokens::default(), position: 0 };
        let mut start = 0;
        for (from, to) in spans.iter().filter(|(_, to)| *to <= text.len()) {
            cutter.span(start, *from);
            cutter.position += 1;
            start = *to;
        }
        cutter.span(start, text.len());
        cutter.tokens
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        self.from(0)
    }

    /// Those from a number on.
    pub fn from(&self, first: usize) -> impl Iterator<Item = Token<'_>> {
        self.packed.iter().skip(first).map(|packed| self.unpack(packed))
    }

    fn unpack(&self, packed: &Packed) -> Token<'_> {
        let (start, folded) = (packed.start as usize, packed.folded as usize);
        let bare_end = folded + packed.bare_length as usize;
        let marked_end = bare_end + packed.marked_length as usize;
        Token {
            start,
            end: packed.end as usize,
            position: packed.position as usize,
            bare: &self.folded[folded..bare_end],
            marked: (marked_end > bare_end).then(|| &self.folded[bare_end..marked_end]),
            hash: (packed.hash_length > 0).then(|| start - usize::from(packed.hash_length)),
        }
    }
}

/// Before an apostrophe these are words of their own: `l'eau`, `qu'elle`, `dell'arte`.
const ELISIONS: [&str; 19] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "un", "dell",
    "nell", "sull", "dall", "all",
];

/// Cuts a text.
struct Cutter<'a> {
    text: &'a str,
    tokens: Tokens,
    position: u32,
}

impl Cutter<'_> {
    fn span(&mut self, start: usize, end: usize) {
        let mut last = start;
        for word in words(&self.text[start..end]) {
            self.symbols(last, start + word.start);
            self.word(start + word.start, start + word.end);
            last = start + word.end;
        }
        self.symbols(last, end);
    }

    /// Emoji and other pictures between words are tokens; punctuation is not.
    fn symbols(&mut self, start: usize, end: usize) {
        for (at, c) in self.text[start..end].char_indices().filter(|(_, c)| is_symbol(*c)) {
            let start = start + at;
            self.push(start, start + c.len_utf8());
            self.position += 1;
        }
    }

    /// A full stop or colon joins only digits: `good.Acme` is two words as it is in a reader's eye, `3.5` is one.
    fn word(&mut self, start: usize, end: usize) {
        let mut from = start;
        for (at, c) in
            self.text[start..end].char_indices().filter(|(_, c)| matches!(c, '.' | ':' | '．' | '：'))
        {
            let (at, after) = (start + at, start + at + c.len_utf8());
            if !(digit_before(&self.text[..at]) && digit_after(&self.text[after..])) {
                self.piece(from, at);
                from = after;
            }
        }
        self.piece(from, end);
    }

    fn piece(&mut self, start: usize, end: usize) {
        let whole = &self.text[start..end];
        let trimmed = whole.trim_matches('_');
        let start = start + (whole.len() - whole.trim_start_matches('_').len());
        let trimmed = without_possessive(trimmed);
        if trimmed.is_empty() {
            return;
        }
        let end = start + trimmed.len();
        self.push(start, end);
        if let Some(after) = elided(trimmed) {
            self.push(start + after, end);
        }
        self.position += 1;
    }

    fn push(&mut self, start: usize, end: usize) {
        let written = &self.text[start..end];
        let folded = self.tokens.folded.len();
        let bare_end = self.fold(written);
        if bare_end == folded {
            return;
        }
        let digits = self.tokens.folded.as_bytes()[folded..bare_end].iter().all(u8::is_ascii_digit);
        let hash_length = if digits { 0 } else { hash_before(self.text, start) };
        // Offsets fit: the text was cut at 4 GiB, and what is longer when folded is so by a few bytes a letter.
        let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.tokens.packed.push(Packed {
            start: short(start),
            end: short(end),
            position: self.position,
            folded: short(folded),
            bare_length: short(bare_end - folded),
            marked_length: short(self.tokens.folded.len() - bare_end),
            hash_length,
        });
    }

    /// Appends the folded word, and again with its diacritics where that differs; gives the end of the first.
    fn fold(&mut self, written: &str) -> usize {
        let folded = &mut self.tokens.folded;
        if written.is_ascii() {
            folded.extend(written.chars().map(|c| c.to_ascii_lowercase()));
            return folded.len();
        }
        let (bare, marked) = (plain(&fold(written, false)), plain(&fold(written, true)));
        folded.push_str(&bare);
        let bare_end = folded.len();
        if marked != bare && !bare.is_empty() {
            folded.push_str(&marked);
        }
        bare_end
    }
}

/// Takes out what is not seen (soft hyphens, joiners, direction marks) and makes every apostrophe the same.
fn plain(folded: &str) -> String {
    folded
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if matches!(c, '’' | '‘' | 'ʼ' | '＇') { '\'' } else { c })
        .collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

/// Arrows, technical and dingbat pictures, currency signs and emoji; skin tones belong to what stands before them.
pub fn is_symbol(c: char) -> bool {
    matches!(c, '\u{20A0}'..='\u{20CF}' | '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
        && !is_invisible(c)
}

fn digit_before(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_numeric)
}

fn digit_after(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_numeric)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '＇')
}

/// `brand's` -> `brand`.
fn without_possessive(word: &str) -> &str {
    word.strip_suffix(['s', 'S', 'ｓ'])
        .and_then(|rest| rest.strip_suffix(is_apostrophe))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(word)
}

/// Where the word behind an elision starts. Only words of three letters and more count, so that `AI` is not in `j'ai`.
fn elided(word: &str) -> Option<usize> {
    let (at, c) = word.char_indices().find(|(_, c)| is_apostrophe(*c))?;
    let rest = at + c.len_utf8();
    let before = fold(&word[..at], false);
    (ELISIONS.contains(&before.as_str()) && word[rest..].chars().count() >= 3).then_some(rest)
}

/// The length of the `#` right before a word; 0 where there is none, or a letter, digit, `_` or `&` (as in `&#39;`)
/// stands before it.
fn hash_before(text: &str, start: usize) -> u8 {
    let Some(before) = text[..start].strip_suffix(['#', '＃']) else { return 0 };
    let joined = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '&'));
    if joined { 0 } else { (start - before.len()) as u8 }
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
        ] {
            assert_eq!(bare(text), wanted, "{text}");
        }
    }

    #[test]
    fn hashtags() {
        for (text, wanted) in [
            ("#Acme", true),
            ("(＃acme", true),
            ("C#acme", false),
            ("&#acme", false),
            ("#123", false),
            ("# acme", false),
        ] {
            assert_eq!(Tokens::of(text).iter().any(|t| t.hash.is_some()), wanted, "{text}");
        }
        assert_eq!(Tokens::of("é #acme").from(1).next().unwrap().hash, Some(3));
    }

    #[test]
    fn links_part_phrases() {
        let text = "acme https://x.example/roast roast";
        let tokens = Tokens::outside(text, &[(5, 28)]);
        let places: Vec<_> = tokens.iter().map(|t| (t.bare, t.position)).collect();
        assert_eq!(places, [("acme", 0), ("roast", 2)]);
    }

    proptest! {
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
