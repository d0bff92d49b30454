//! The grammar: NOT binds closest, then AND (or only a space), then OR.

use super::error::QueryError;
use super::field::Field;
use super::lexer::{Piece, pieces};
use super::{Query, Term};

/// The deepest nesting of parentheses.
const MAX_DEPTH: usize = 100;

/// Reads a query.
pub(super) fn parse(query: &str) -> Result<Query, QueryError> {
    let mut parser =
        Parser { pieces: pieces(query)?, at: 0, depth: 0, field: None, end: query.chars().count() + 1 };
    if parser.pieces.is_empty() {
        return Err(QueryError::new(1, "the query is empty"));
    }
    let parsed = parser.any()?;
    match parser.next() {
        None => Ok(parsed),
        Some((column, _)) => Err(QueryError::new(column, "this \")\" closes nothing")),
    }
}

struct Parser {
    pieces: Vec<(usize, Piece)>,
    at: usize,
    depth: usize,
    /// The field of the group at hand: `title:(a OR b)`.
    field: Option<Field>,
    /// The column after the last.
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Piece> {
        self.pieces.get(self.at).map(|(_, piece)| piece)
    }

    fn column(&self) -> usize {
        self.pieces.get(self.at).map_or(self.end, |(column, _)| *column)
    }

    fn next(&mut self) -> Option<(usize, Piece)> {
        let piece = self.pieces.get(self.at).cloned();
        self.at += 1;
        piece
    }

    fn any(&mut self) -> Result<Query, QueryError> {
        let mut parts = vec![self.all()?];
        while self.peek() == Some(&Piece::Or) {
            self.at += 1;
            parts.push(self.all()?);
        }
        Ok(Query::or(parts))
    }

    fn all(&mut self) -> Result<Query, QueryError> {
        let mut parts = vec![self.negated()?];
        loop {
            match self.peek() {
                Some(Piece::And) => self.at += 1,
                None | Some(Piece::Or | Piece::Close) => return Ok(Query::and(parts)),
                Some(_) => {}
            }
            parts.push(self.negated()?);
        }
    }

    fn negated(&mut self) -> Result<Query, QueryError> {
        let mut negative = false;
        while self.peek() == Some(&Piece::Not) {
            negative = !negative;
            self.at += 1;
        }
        let operand = self.operand()?;
        Ok(if negative { operand.negate() } else { operand })
    }

    fn operand(&mut self) -> Result<Query, QueryError> {
        let column = self.column();
        match self.next() {
            Some((_, Piece::Open)) => self.group(column),
            Some((_, Piece::Field(name))) => self.in_field(&name, column),
            Some((_, Piece::Word(word))) if word == "*" && self.field.is_none() => Ok(Query::Everything),
            Some((_, Piece::Word(word))) => self.term(&word, false, column),
            Some((_, Piece::Phrase(phrase))) => self.term(&phrase, true, column),
            Some((_, Piece::Close)) => Err(QueryError::new(column, "something is missing before this \")\"")),
            Some((_, Piece::And | Piece::Or | Piece::Not)) => Err(QueryError::new(
                column,
                "something is missing before this (to look for the word, quote it)",
            )),
            None => Err(QueryError::new(column, "something is missing at the end")),
        }
    }

    fn term(&self, written: &str, quoted: bool, column: usize) -> Result<Query, QueryError> {
        let field = self.field.unwrap_or(Field::Any);
        Term::read(field, written, quoted, column + usize::from(quoted)).map(Query::Term)
    }

    fn group(&mut self, column: usize) -> Result<Query, QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(QueryError::new(column, format!("parentheses nest deeper than {MAX_DEPTH}")));
        }
        let inner = self.any()?;
        self.depth -= 1;
        match self.next() {
            Some((_, Piece::Close)) => Ok(inner),
            _ => Err(QueryError::new(column, "this \"(\" is not closed")),
        }
    }

    fn in_field(&mut self, name: &str, column: usize) -> Result<Query, QueryError> {
        let field = Field::named(name).map_err(|message| QueryError::new(column, message))?;
        if self.field.is_some() {
            return Err(QueryError::new(column, "a field stands inside the parentheses of another"));
        }
        self.field = Some(field);
        let value = self.operand();
        self.field = None;
        value
    }
}
