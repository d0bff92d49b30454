//! One thing to look for: words in a row, a hashtag, a handle, or a name.

use super::error::QueryError;
use super::field::Field;
use crate::token::{Token, Tokens};
use cm_text::fold;
use std::fmt;

/// One thing to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where.
    pub field: Field,
    /// What.
    pub what: What,
    /// As written, without the field.
    written: String,
    quoted: bool,
}

/// What a term looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Words that follow each other.
    Words(Vec<Pattern>),
    /// A hashtag in a text or a whole tag: `#acme`, `tag:acme`.
    Hashtag(Pattern),
    /// A handle without its first `@`: `ana`, `ana@fosstodon.example`.
    Handle(Pattern),
    /// A name that is compared whole: a host, language, kind or source.
    Name(Pattern),
}

/// A word to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Folded.
    pub text: String,
    /// Folded, without diacritics.
    pub bare: String,
    /// It was written with diacritics, so they count.
    pub keep_diacritics: bool,
    /// Its beginning is enough.
    pub prefix: bool,
}

impl Pattern {
    /// Whether a folded word is meant.
    pub fn is(&self, folded: &str) -> bool {
        if self.prefix { folded.starts_with(&self.text) } else { folded == self.text }
    }

    /// Whether a token is meant.
    pub fn matches(&self, token: &Token) -> bool {
        self.is(token.folded(self.keep_diacritics))
    }

    fn of(token: &Token, prefix: bool) -> Pattern {
        let keep_diacritics = token.marked.is_some();
        let text = token.folded(keep_diacritics).to_owned();
        Pattern { text, bare: token.bare.to_owned(), keep_diacritics, prefix }
    }

    /// A name compared whole, with an optional `*` at its end.
    fn name(written: &str) -> Pattern {
        let folded = fold(written.trim(), true);
        let beginning = folded.strip_suffix('*');
        let text = beginning.unwrap_or(&folded).to_owned();
        Pattern { prefix: beginning.is_some(), bare: fold(&text, false), text, keep_diacritics: true }
    }
}

impl Term {
    /// Reads a value, written at `column`.
    pub(super) fn read(field: Field, written: &str, quoted: bool, column: usize) -> Result<Term, QueryError> {
        if !quoted && written.starts_with(['-', '!', '–', '—', '−']) {
            // As a word it would find just what was to be left out. Word processors make a dash of a hyphen.
            let message = "to leave something out write -word or -title:word (to look for it, quote it)";
            return Err(QueryError::new(column, message));
        }
        let what = match field {
            Field::Any if !quoted && written.starts_with(['#', '＃']) => hashtag(written, column)?,
            Field::Any if !quoted && written.starts_with(['@', '＠']) => handle(written, column)?,
            Field::Tag => hashtag(written, column)?,
            Field::From => handle(written, column)?,
            Field::Site | Field::Lang | Field::Kind | Field::Source => {
                What::Name(name(field, written, column)?)
            }
            Field::Url | Field::Links => What::Words(patterns(&written.replace('?', " "), true, column)?),
            _ => What::Words(patterns(written, quoted, column)?),
        };
        Ok(Term { field, what, written: written.to_owned(), quoted })
    }

    /// Whether it was written between quotation marks.
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }
}

fn nothing(written: &str, column: usize) -> QueryError {
    let hint = match written {
        "&&" | "&" | "+" => ": write AND, or only a space",
        "||" | "|" => ": write OR",
        _ => "",
    };
    QueryError::new(column, format!("\"{written}\" holds no word to look for{hint}"))
}

fn hashtag(written: &str, column: usize) -> Result<What, QueryError> {
    let tag = written.trim_start_matches(['#', '＃']);
    if tag.is_empty() {
        return Err(nothing(written, column));
    }
    let words = patterns(tag, true, column)?;
    let keep_diacritics = words.iter().any(|word| word.keep_diacritics);
    let bare: String = words.iter().map(|word| word.bare.as_str()).collect();
    let marked = words.iter().map(|word| word.text.as_str()).collect();
    let text = if keep_diacritics { marked } else { bare.clone() };
    let prefix = words.last().is_some_and(|word| word.prefix);
    Ok(What::Hashtag(Pattern { text, bare, keep_diacritics, prefix }))
}

fn handle(written: &str, column: usize) -> Result<What, QueryError> {
    let name = Pattern::name(written.trim_start_matches(['@', '＠']));
    if name.text.is_empty() {
        return Err(nothing(written, column));
    }
    Ok(What::Handle(name))
}

fn name(field: Field, written: &str, column: usize) -> Result<Pattern, QueryError> {
    let mut name = Pattern::name(written);
    if field == Field::Site {
        name.text = host(&name.text).trim_start_matches("www.").to_owned();
    }
    if field == Field::Lang {
        name.text = name.text.replace('_', "-");
    }
    if name.text.is_empty() { Err(nothing(written, column)) } else { Ok(name) }
}

/// The host of an address, or what may be one.
pub fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The words of a value; a `*` right after one makes it a prefix.
fn patterns(written: &str, quoted: bool, column: usize) -> Result<Vec<Pattern>, QueryError> {
    reserved(written, quoted, column)?;
    let tokens = Tokens::of(written);
    // In a query a word means itself as written, never the part behind its elision.
    let mut tokens: Vec<Token> = tokens.iter().collect();
    tokens.dedup_by_key(|token| token.position);
    stars(written, &tokens, column)?;
    if tokens.is_empty() {
        return Err(nothing(written, column));
    }
    Ok(tokens.iter().map(|token| Pattern::of(token, written[token.end..].starts_with('*'))).collect())
}

fn stars(written: &str, tokens: &[Token], column: usize) -> Result<(), QueryError> {
    for (at, c) in written.char_indices().filter(|(_, c)| matches!(c, '*' | '?')) {
        let letter_after = written[at + 1..].chars().next().is_some_and(char::is_alphanumeric);
        let stray = c == '*' && tokens.iter().all(|token| token.end != at);
        let inside = letter_after && (c == '*' || written[..at].ends_with(char::is_alphanumeric));
        if stray || inside {
            let column = column + written[..at].chars().count();
            let message = if c == '*' {
                "\"*\" stands only at the end of a word: roast*"
            } else {
                "\"?\" does not stand for a letter: write the words with OR, or a beginning with *"
            };
            return Err(QueryError::new(column, message));
        }
    }
    Ok(())
}

/// Operators that other tools have: as words they would silently find something else.
fn reserved(written: &str, quoted: bool, column: usize) -> Result<(), QueryError> {
    let slash =
        |name: &str| written.strip_prefix(name).is_some_and(|rest| rest.starts_with('/') || rest.is_empty());
    let operator = ["NEAR", "ONEAR", "ATLEAST"].into_iter().any(slash);
    if !quoted && (operator || written.starts_with(['{', '~'])) {
        let message = format!(
            "\"{written}\" is an operator that is not understood here: quote it to look for the word"
        );
        return Err(QueryError::new(column, message));
    }
    Ok(())
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.quoted { "\"" } else { "" };
        write!(f, "{}{quote}{}{quote}", self.field.prefix(), self.written)
    }
}
