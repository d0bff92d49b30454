//! The words of a text, as queries and texts share them (docs/searches.md, "Words").
//! In: any text. Out: folded words with where they stand; a word that is heard in two ways stands twice at one position.

use cm_text::{fold, words};

/// A word, or a symbol such as an emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its first byte in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Its place among the words, from 0; the words of a phrase follow each other.
    pub position: usize,
    /// Folded, without diacritics.
    pub bare: String,
    /// Folded with its diacritics, where that differs.
    pub marked: Option<String>,
    /// The first byte of the `#` before it.
    pub hash: Option<usize>,
}

impl Token {
    /// The folded word, with its diacritics or without.
    pub fn folded(&self, keep_diacritics: bool) -> &str {
        if keep_diacritics { self.marked.as_deref().unwrap_or(&self.bare) } else { &self.bare }
    }
}

/// Before an apostrophe these are words of their own: `l'eau`, `qu'elle`, `dell'arte`.
const ELISIONS: [&str; 19] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "un", "dell",
    "nell", "sull", "dall", "all",
];

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut list = Tokens { text, tokens: Vec::new(), position: 0 };
    list.span(0, text.len());
    list.tokens
}

/// The tokens of running text: none in these spans (links), and no phrase across them.
pub fn tokens_outside(text: &str, spans: &[(usize, usize)]) -> Vec<Token> {
    let mut list = Tokens { text, tokens: Vec::new(), position: 0 };
    let mut start = 0;
    for (from, to) in spans {
        list.span(start, *from);
        list.position += 1;
        start = *to;
    }
    list.span(start, text.len());
    list.tokens
}

struct Tokens<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    position: usize,
}

impl Tokens<'_> {
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
        let bare = plain(&fold(written, false));
        let marked = if written.is_ascii() { None } else { Some(plain(&fold(written, true))) };
        let marked = marked.filter(|marked| *marked != bare);
        let hash = hash_before(self.text, start).filter(|_| !bare.bytes().all(|b| b.is_ascii_digit()));
        if !bare.is_empty() {
            self.tokens.push(Token { start, end, position: self.position, bare, marked, hash });
        }
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
fn is_symbol(c: char) -> bool {
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

/// The `#` right before a word, unless a letter, digit, `_` or `&` (as in `&#39;`) stands before that.
fn hash_before(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].strip_suffix(['#', '＃'])?;
    let joined = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '&'));
    (!joined).then_some(before.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bare(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|t| t.bare).collect()
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
            assert_eq!(tokens(text).iter().any(|t| t.hash.is_some()), wanted, "{text}");
        }
        assert_eq!(tokens("é #acme")[1].hash, Some(3));
    }

    #[test]
    fn links_part_phrases() {
        let text = "acme https://x.example/roast roast";
        let tokens = tokens_outside(text, &[(5, 28)]);
        let places: Vec<_> = tokens.iter().map(|t| (t.bare.as_str(), t.position)).collect();
        assert_eq!(places, [("acme", 0), ("roast", 2)]);
    }

    proptest! {
        #[test]
        fn tokens_stand_where_they_say(text in "\\PC*|[a-z'’.:_#é\u{301} ]*") {
            let mut last = 0;
            for token in tokens(&text) {
                prop_assert!(token.start < token.end && !token.bare.is_empty());
                prop_assert!(token.position >= last);
                prop_assert!(text.get(token.start..token.end).is_some());
                last = token.position;
            }
        }
    }
}
