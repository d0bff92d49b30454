//! A query cut into its pieces, each with the column at which it starts.

use super::error::QueryError;

/// A piece of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Open,
    Close,
    And,
    Or,
    /// `NOT`, or a `-` right before something.
    Not,
    /// `title:` right before its value.
    Field(String),
    Word(String),
    /// Between quotation marks.
    Phrase(String),
}

/// Straight and typographic: queries are pasted from documents.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c)
}

/// Cuts a query.
pub(super) fn pieces(query: &str) -> Result<Vec<(usize, Piece)>, QueryError> {
    let chars: Vec<char> = query.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0, pieces: Vec::new() };
    while lexer.at < chars.len() {
        lexer.piece()?;
    }
    Ok(lexer.pieces)
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    pieces: Vec<(usize, Piece)>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn push(&mut self, start: usize, piece: Piece) {
        self.pieces.push((start + 1, piece));
    }

    fn piece(&mut self) -> Result<(), QueryError> {
        let start = self.at;
        let Some(c) = self.peek(0) else { return Ok(()) };
        match c {
            '(' => self.one(Piece::Open),
            ')' => self.one(Piece::Close),
            '-' if self.after_field() => self.word(),
            '-' if self.peek(1).is_none_or(char::is_whitespace) => {
                return Err(QueryError::new(
                    start + 1,
                    "\"-\" stands alone: write -word to leave a word out",
                ));
            }
            '-' => self.one(Piece::Not),
            c if c.is_whitespace() => self.at += 1,
            c if is_quote(c) => return self.phrase(),
            _ => return self.word_or_field(),
        }
        Ok(())
    }

    fn after_field(&self) -> bool {
        matches!(self.pieces.last(), Some((_, Piece::Field(_))))
    }

    fn one(&mut self, piece: Piece) {
        self.push(self.at, piece);
        self.at += 1;
    }

    fn phrase(&mut self) -> Result<(), QueryError> {
        let start = self.at;
        let length = self.chars[start + 1..].iter().position(|c| is_quote(*c));
        let Some(length) = length else {
            return Err(QueryError::new(start + 1, "this quotation mark is not closed"));
        };
        let end = start + 1 + length;
        self.push(start, Piece::Phrase(self.chars[start + 1..end].iter().collect()));
        self.at = end + 1;
        Ok(())
    }

    fn word_or_field(&mut self) -> Result<(), QueryError> {
        let start = self.at;
        let letters = self.chars[start..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        if letters == 0 || self.peek(letters) != Some(':') || self.after_field() {
            self.word();
            return Ok(());
        }
        let name: String = self.chars[start..start + letters].iter().collect();
        if self.peek(letters + 1).is_none_or(|c| c.is_whitespace() || c == ')') {
            return Err(QueryError::new(start + 1, format!("nothing stands right after \"{name}:\"")));
        }
        self.at += letters + 1;
        self.push(start, Piece::Field(name));
        Ok(())
    }

    fn word(&mut self) {
        let start = self.at;
        let length = self.chars[start..].iter().position(|c| ends_word(*c));
        self.at = length.map_or(self.chars.len(), |length| start + length);
        let word: String = self.chars[start..self.at].iter().collect();
        let piece = match word.as_str() {
            "AND" => Piece::And,
            "OR" => Piece::Or,
            "NOT" => Piece::Not,
            _ => Piece::Word(word),
        };
        self.push(start, piece);
    }
}
