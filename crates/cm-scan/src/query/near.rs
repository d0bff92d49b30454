//! NEAR and ONEAR: what may stand beside them.

use super::Query;
use super::error::Mistake;
use super::field::Field;
use super::term::{Term, What};

/// Terms near each other, each step against the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The alternatives of the first operand.
    pub first: Vec<Term>,
    /// The others, one or more.
    pub then: Vec<Step>,
}

/// An operand of NEAR and how it stands to the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// It stands behind the one before it: `ONEAR`.
    pub ordered: bool,
    /// The most words between them.
    pub within: usize,
    /// The alternatives.
    pub terms: Vec<Term>,
}

impl Near {
    /// The alternatives of each operand, in order.
    pub fn operands(&self) -> impl Iterator<Item = &[Term]> {
        std::iter::once(self.first.as_slice()).chain(self.then.iter().map(|step| step.terms.as_slice()))
    }

    /// The field that all stand in.
    pub fn field(&self) -> Field {
        self.first.first().map_or(Field::Any, |term| term.field)
    }
}

/// The alternatives that an operand, written at a byte, stands for.
pub(super) fn alternatives(operand: Query, at: usize, field: Option<Field>) -> Result<Vec<Term>, Mistake> {
    let terms = match operand {
        Query::Term(term) => vec![term],
        Query::Or(parts) => parts.into_iter().map(|part| single(part, at)).collect::<Result<_, _>>()?,
        other => vec![single(other, at)?],
    };
    for term in &terms {
        fits(term, at)?;
        let wanted = field.or(terms.first().map(|first| first.field)).unwrap_or(Field::Any);
        if term.field != wanted {
            let field = if wanted == Field::Any { term.field } else { wanted };
            let message = format!("NEAR looks within one field: write {}(... NEAR/n ...)", field.prefix());
            return Err(Mistake::new(at, message));
        }
    }
    Ok(terms)
}

fn single(query: Query, at: usize) -> Result<Term, Mistake> {
    let message = match query {
        Query::Term(term) => return Ok(term),
        Query::And(_) => "NEAR takes no AND: quote a phrase, or join what may stand there by OR",
        Query::Near(_) => "NEAR takes no NEAR in parentheses: write a chain, a NEAR/3 b NEAR/3 c",
        Query::Not(_) => "NEAR takes no NOT: write -(a NEAR/3 b), or leave the word out elsewhere",
        Query::AtLeast(..) => "NEAR takes no ATLEAST: join what may stand there by OR",
        Query::Everything => "NEAR takes no \"*\" alone: it stands for part of a word",
        Query::Or(_) => "NEAR takes words, phrases, hashtags and {...}, and these joined by OR",
    };
    Err(Mistake::new(at, message))
}

/// Whether a term has places among words.
fn fits(term: &Term, at: usize) -> Result<(), Mistake> {
    let message = match (&term.what, term.field) {
        (What::Words { slop: Some(_), .. }, _) => "NEAR takes no phrase with ~n: write a chain of NEAR/n",
        (What::Handle(_), _) => "NEAR takes no @handle: write the name as a word, without its @",
        (_, Field::Any | Field::Title | Field::Summary | Field::Text | Field::Author) => return Ok(()),
        _ => "NEAR looks in title:, summary:, text:, author: or no field: this field has no running words",
    };
    Err(Mistake::new(at, message))
}
