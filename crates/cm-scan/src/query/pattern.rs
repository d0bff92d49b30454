//! A word to compare with, and how a value is cut into them (docs/searches.md, "Words and phrases").

use super::error::Mistake;
use super::glob::{self, Part};
use crate::token::{Token, Tokens};
use cm_text::fold;

/// A word to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Its letters before the first wildcard, folded: what every word that is meant begins with.
    pub text: Box<str>,
    /// It was written with diacritics, so they count.
    pub keep_diacritics: bool,
    /// What may follow.
    pub shape: Shape,
    /// `text` without diacritics, where they count.
    bare: Option<Box<str>>,
}

/// What may follow the beginning of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: `roast`.
    Whole,
    /// Anything: `roast*`.
    Prefix,
    /// What these parts say: `ro*st`, `*roast`, `colo?r`.
    Glob(Box<[Part]>),
}

impl Pattern {
    /// Whether a folded word is meant.
    pub fn is(&self, folded: &str) -> bool {
        match &self.shape {
            Shape::Whole => *self.text == *folded,
            Shape::Prefix => folded.starts_with(&*self.text),
            Shape::Glob(parts) => {
                folded.strip_prefix(&*self.text).is_some_and(|rest| glob::matches(parts, rest))
            }
        }
    }

    /// Whether a token is meant.
    pub fn matches(&self, token: &Token) -> bool {
        self.is(token.folded(self.keep_diacritics))
    }

    /// The beginning without diacritics.
    pub fn bare(&self) -> &str {
        self.bare.as_deref().unwrap_or(&self.text)
    }

    /// Whether a whole word is meant, without a wildcard.
    pub fn is_whole(&self) -> bool {
        self.shape == Shape::Whole
    }

    /// Whether only its beginning is asked for.
    pub fn is_prefix(&self) -> bool {
        self.shape == Shape::Prefix
    }

    /// How many letters are asked for, wildcards aside.
    pub fn letters(&self) -> usize {
        let rest = match &self.shape {
            Shape::Whole | Shape::Prefix => 0,
            Shape::Glob(parts) => parts.iter().map(Part::letters).sum(),
        };
        self.text.chars().count() + rest
    }

    /// A word of ASCII letters and digits.
    fn ascii(word: &str, shape: Shape) -> Pattern {
        Pattern { text: word.to_ascii_lowercase().into(), keep_diacritics: false, shape, bare: None }
    }

    /// A name compared whole and with its diacritics, with an optional `*` at its end.
    pub(super) fn name(written: &str) -> Pattern {
        let folded = fold(written.trim(), true);
        let (text, shape) = match folded.strip_suffix('*') {
            Some(beginning) => (beginning, Shape::Prefix),
            None => (folded.as_str(), Shape::Whole),
        };
        Pattern { bare: Some(fold(text, false).into()), text: text.into(), keep_diacritics: true, shape }
    }

    /// The same with another text.
    pub(super) fn with_text(self, text: &str) -> Pattern {
        Pattern { bare: Some(fold(text, false).into()), text: text.into(), ..self }
    }

    /// A pattern of folded parts: each without diacritics and with them.
    fn of_parts(parts: Vec<Folded>) -> Pattern {
        let keep_diacritics =
            parts.iter().any(|part| matches!(part, Folded::Text { bare, marked } if bare != marked));
        let first = match parts.first() {
            Some(Folded::Text { bare, marked }) => Some((bare.as_str(), marked.as_str())),
            _ => None,
        };
        let (bare, marked) = first.unwrap_or_default();
        let rest: Box<[Part]> = parts
            .iter()
            .skip(usize::from(first.is_some()))
            .map(|part| match part {
                Folded::Text { bare, marked } => {
                    Part::Text(if keep_diacritics { marked } else { bare }.as_str().into())
                }
                Folded::Wildcard(part) => part.clone(),
            })
            .collect();
        let shape = match &*rest {
            [] => Shape::Whole,
            [Part::Run] => Shape::Prefix,
            _ => Shape::Glob(rest),
        };
        let text = if keep_diacritics { marked } else { bare };
        Pattern { text: text.into(), keep_diacritics, shape, bare: keep_diacritics.then(|| bare.into()) }
    }
}

/// A part of a word, folded.
enum Folded {
    Text { bare: String, marked: String },
    Wildcard(Part),
}

/// Where a `?` stands for a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Everywhere: an unquoted word.
    Letter,
    /// Where a letter or digit follows: a quoted text, where it ends sentences.
    LetterBeforeAnother,
    /// Nowhere: an address.
    Punctuation,
}

/// The words of a value that is written at a byte.
pub(super) fn patterns(written: &str, question: Question, at: usize) -> Result<Vec<Pattern>, Mistake> {
    if let Some(quick) = quick(written) {
        return Ok(quick);
    }
    Ok(words(written, question, at)?.into_iter().map(Pattern::of_parts).collect())
}

/// The words of a value, written together as a hashtag would write them.
pub(super) fn joined(written: &str, question: Question, at: usize) -> Result<Option<Pattern>, Mistake> {
    let mut parts: Vec<Folded> = Vec::new();
    for part in words(written, question, at)?.into_iter().flatten() {
        match (parts.last_mut(), part) {
            (Some(Folded::Text { bare, marked }), Folded::Text { bare: more, marked: more_marked }) => {
                bare.push_str(&more);
                marked.push_str(&more_marked);
            }
            (_, part) => parts.push(part),
        }
    }
    Ok((!parts.is_empty()).then(|| Pattern::of_parts(parts)))
}

/// What nearly all values are, cut without much ado: ASCII letters and digits, with one space between words and perhaps
/// a `*` at their end.
fn quick(written: &str) -> Option<Vec<Pattern>> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'*');
    if !written.bytes().all(plain) {
        return None;
    }
    let word = |word: &str| {
        let (letters, shape) = match word.strip_suffix('*') {
            Some(letters) => (letters, Shape::Prefix),
            None => (word, Shape::Whole),
        };
        let fits = !letters.is_empty() && !letters.contains('*');
        fits.then(|| Pattern::ascii(letters, shape))
    };
    if !written.contains(' ') {
        return Some(vec![word(written)?]);
    }
    written.split(' ').map(word).collect()
}

/// The words of a value, each in its folded parts.
fn words(written: &str, question: Question, at: usize) -> Result<Vec<Vec<Folded>>, Mistake> {
    let (plain, wildcards) = without_wildcards(written, question);
    let tokens = Tokens::of(&plain);
    // In a query a word means itself as written, never the part behind its elision.
    let mut tokens: Vec<Token> = tokens.iter().collect();
    tokens.dedup_by_key(|token| token.position);
    let mut wildcards = wildcards.into_iter().peekable();
    let mut words = Vec::with_capacity(tokens.len());
    for token in &tokens {
        let mut own = Vec::new();
        while let Some(wildcard) = wildcards.next_if(|wildcard| wildcard.at <= token.end) {
            if wildcard.at < token.start {
                return Err(wildcard.stray(written, at));
            }
            own.push(wildcard);
        }
        words.push(parts(&plain, token, own));
    }
    match wildcards.next() {
        Some(wildcard) => Err(wildcard.stray(written, at)),
        None => Ok(words),
    }
}

/// A wildcard that was taken out of a value.
struct Wildcard {
    part: Part,
    /// The byte before which it stood, in what remained.
    at: usize,
    /// The byte at which it stood.
    written: usize,
}

impl Wildcard {
    fn stray(&self, written: &str, at: usize) -> Mistake {
        let sign = if self.part == Part::One { '?' } else { '*' };
        let alone = written.chars().all(|c| matches!(c, '*' | '?'));
        let message = if alone {
            format!("\"{sign}\" needs letters beside it: roast{sign}")
        } else {
            format!("this \"{sign}\" touches no word: it stands for letters of one, as in roast{sign}")
        };
        Mistake::new(at + self.written, message)
    }
}

fn without_wildcards(written: &str, question: Question) -> (String, Vec<Wildcard>) {
    let mut plain = String::with_capacity(written.len());
    let mut wildcards = Vec::new();
    for (written_at, c) in written.char_indices() {
        let letter_follows = || {
            let rest = written[written_at..].trim_start_matches(['?', '*']);
            rest.starts_with(char::is_alphanumeric)
        };
        let part = match c {
            '*' => Part::Run,
            '?' if question == Question::Letter => Part::One,
            '?' if question == Question::LetterBeforeAnother && letter_follows() => Part::One,
            other => {
                plain.push(other);
                continue;
            }
        };
        wildcards.push(Wildcard { part, at: plain.len(), written: written_at });
    }
    (plain, wildcards)
}

/// A word with its wildcards back in it, each part folded by itself.
fn parts(plain: &str, token: &Token, wildcards: Vec<Wildcard>) -> Vec<Folded> {
    let mut parts = Vec::with_capacity(2 * wildcards.len() + 1);
    if wildcards.is_empty() {
        let (bare, marked) = (token.bare.to_owned(), token.folded(true).to_owned());
        return vec![Folded::Text { bare, marked }];
    }
    let mut from = token.start;
    let text = |from: usize, to: usize, parts: &mut Vec<Folded>| {
        let letters = &plain[from..to];
        let (bare, marked) = (fold(letters, false), fold(letters, true));
        if !marked.is_empty() {
            parts.push(Folded::Text { bare, marked });
        }
    };
    for Wildcard { part, at, .. } in wildcards {
        text(from, at, &mut parts);
        // Two runs in a row say no more than one.
        if !(part == Part::Run && matches!(parts.last(), Some(Folded::Wildcard(Part::Run)))) {
            parts.push(Folded::Wildcard(part));
        }
        from = at;
    }
    text(from, token.end, &mut parts);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(value: &str, question: Question) -> String {
        let shown = |word: &Pattern| {
            let rest = match &word.shape {
                Shape::Whole => String::new(),
                Shape::Prefix => "*".to_owned(),
                Shape::Glob(parts) => parts
                    .iter()
                    .map(|part| match part {
                        Part::Text(text) => &**text,
                        Part::One => "?",
                        Part::Run => "*",
                    })
                    .collect(),
            };
            format!("{}{rest}{}", word.text, if word.keep_diacritics { "!" } else { "" })
        };
        match patterns(value, question, 0) {
            Ok(words) => words.iter().map(shown).collect::<Vec<_>>().join(" "),
            Err(mistake) => format!("{} {}", mistake.at, mistake.message),
        }
    }

    #[test]
    fn wildcards_belong_to_the_word_that_they_touch() {
        for (value, wanted) in [
            ("ac*me", "ac*me"),
            ("*Roast", "*roast"),
            ("roast?", "roast?"),
            ("??", "0 \"?\" needs letters beside it: roast?"),
            ("ro**st", "ro*st"),
            ("Acme*-*Roast", "acme* *roast"),
            ("e*-mail", "e* mail"),
            ("brand*'s", "brand*"),
            ("don*t", "don*t"),
            ("l'eau*", "l'eau*"),
            ("3*.5", "3*.5"),
            ("a*.b", "a* b"),
            ("咖*啡", "咖* 啡"),
            ("caf*é", "caf*é!"),
            ("É?", "é?!"),
            ("straße*", "strasse*"),
            ("😡*", "😡*"),
            ("*_acme", "0 this \"*\" touches no word: it stands for letters of one, as in roast*"),
        ] {
            assert_eq!(shown(value, Question::Letter), wanted, "{value}");
        }
        for (value, wanted) in [
            ("any good? or really?", "any good or really"),
            ("colo?r ?at what?!", "colo?r ?at what"),
            ("a? b", "a b"),
            ("a?b", "a?b"),
            ("acme* roast", "acme* roast"),
        ] {
            assert_eq!(shown(value, Question::LetterBeforeAnother), wanted, "{value}");
        }
        assert_eq!(shown("https://a.example/b?c=d*", Question::Punctuation), "https a example b c d*");
    }

    proptest! {
        #[test]
        fn the_quick_way_gives_what_the_other_gives(value in "[aB3*?' é]{0,8}|[a-zA-Z0-9* ]{0,12}") {
            if let Some(quick) = quick(&value) {
                let slow = words(&value, Question::Letter, 0).map(|words| words.into_iter().map(Pattern::of_parts).collect::<Vec<_>>());
                prop_assert_eq!(Some(quick), slow.ok());
            }
        }
    }
}
