//! Places among words: which words of a text a span of its bytes takes.

use crate::document::Text;
use crate::token::Token;
use cm_text::Link;
use std::iter::Peekable;

/// A span of a text and the words that it takes. Offsets fit into 32 bits: longer texts are not cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// The place of its first word; of a span without words, that of the word behind it.
    pub first: u32,
    /// One more than the place of its last word; of a span without words the same as `first`.
    pub after: u32,
}

impl Place {
    /// Whether this one ends before the other begins, sharing no word and no character.
    pub fn is_before(&self, other: &Place) -> bool {
        self.end <= other.start && self.after <= other.first
    }
}

/// Makes places of spans that start, and end, in ascending order.
pub(super) struct Places<'t, A: Iterator<Item = Token<'t>>, B: Iterator<Item = Token<'t>>> {
    /// Tokens that end behind the start of the span at hand.
    ahead: Peekable<A>,
    /// Tokens that start at its end or behind it.
    behind: Peekable<B>,
    /// The last token before those: one past its place, and its end.
    last: (usize, usize),
    links: &'t [Link],
}

/// The places of the spans of a text.
pub(super) fn places<'t>(
    text: &'t Text,
) -> Places<'t, impl Iterator<Item = Token<'t>>, impl Iterator<Item = Token<'t>>> {
    let tokens = text.tokens();
    Places {
        ahead: tokens.iter().peekable(),
        behind: tokens.iter().peekable(),
        last: (0, 0),
        links: text.links(),
    }
}

impl<'t, A: Iterator<Item = Token<'t>>, B: Iterator<Item = Token<'t>>> Places<'t, A, B> {
    /// The place of the next span.
    pub fn of(&mut self, start: usize, end: usize) -> Place {
        while self.ahead.next_if(|token| token.end <= start).is_some() {}
        while let Some(token) = self.behind.next_if(|token| token.start < end) {
            self.last = (token.position + 1, token.end);
        }
        let (first, after) = match self.ahead.peek().filter(|token| token.start < end) {
            Some(token) => (token.position, self.last.0),
            None => {
                // Links take places, too, and have no tokens.
                let ended_at = |byte: usize| self.links.partition_point(|link| link.end <= byte);
                let place = self.last.0 + ended_at(start).saturating_sub(ended_at(self.last.1));
                (place, place)
            }
        };
        let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Place { start: short(start), end: short(end), first: short(first), after: short(after) }
    }
}
