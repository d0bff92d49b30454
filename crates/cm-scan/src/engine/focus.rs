//! The stretches of a text that matter to a few searches: where a word of theirs may stand. When it is only asked whether
//! single words are there, no other stretch has to be cut into words.

use super::atoms::Head;
use super::program::{Need, of_pattern};
use super::scan::{Listener, scan};
use super::terms::Terms;
use crate::query::{Query, What};

/// What matters.
#[derive(Default)]
pub struct Focus {
    terms: Terms,
    /// Hashtags are asked for, which tags are compared with as a whole.
    whole_tags: bool,
}

impl Focus {
    /// Adds what matters to a query; `None` where that is everything, because it asks for words beside each other, or for
    /// words that cannot be told by how they begin.
    pub(super) fn add(&mut self, query: &Query) -> Option<()> {
        add(query, self)
    }

    /// Makes ready to look.
    pub(super) fn finish(mut self) -> Focus {
        self.terms.finish();
        self
    }

    /// Whether tags matter as a whole.
    pub fn wants_whole_tags(&self) -> bool {
        self.whole_tags
    }

    /// The stretches that matter, from space to space, in order.
    pub fn stretches(&self, text: &str) -> Vec<(usize, usize)> {
        let mut matters = Matters { focus: self, text, at: (0, 0), stretches: Vec::new() };
        scan(text, false, self.terms.beginnings(), &mut matters);
        matters.stretches
    }
}

fn add(query: &Query, focus: &mut Focus) -> Option<()> {
    match query {
        Query::Everything => Some(()),
        Query::Near(_) => None,
        Query::Not(inner) => add(inner, focus),
        Query::And(parts) | Query::Or(parts) | Query::AtLeast(_, parts) => {
            parts.iter().try_for_each(|part| add(part, focus))
        }
        Query::Term(term) => match &term.what {
            What::Words { patterns, slop: None } => match patterns.as_slice() {
                [word] => (of_pattern(word, &mut focus.terms) != Need::Nothing).then_some(()),
                _ => None,
            },
            What::Words { .. } => None,
            What::Hashtag(_) => {
                focus.whole_tags = true;
                Some(())
            }
            // These are looked for in the text itself.
            What::Handle(_) | What::Verbatim(_) | What::Name(_) | What::Date(_) => Some(()),
        },
    }
}

/// Collects the stretches around what matters.
struct Matters<'a> {
    focus: &'a Focus,
    text: &'a str,
    at: (usize, usize),
    stretches: Vec<(usize, usize)>,
}

impl Matters<'_> {
    #[cold]
    fn keep(text: &str, (start, end): (usize, usize), stretches: &mut Vec<(usize, usize)>) {
        let last = stretches.last().map_or(0, |last| last.1);
        if start < last {
            return;
        }
        let bytes = text.as_bytes();
        let before = bytes.get(last..start).unwrap_or_default();
        let from = before.iter().rposition(|byte| *byte == b' ').map_or(last, |space| last + space + 1);
        let behind = bytes.get(end..).unwrap_or_default();
        let to = end + behind.iter().position(|byte| *byte == b' ').unwrap_or(behind.len());
        stretches.push((from, to));
    }
}

impl Listener for Matters<'_> {
    #[inline]
    fn at(&mut self, start: usize, end: usize) {
        self.at = (start, end);
    }

    #[inline(always)]
    fn short(&mut self, head: Head, length: usize) {
        let Matters { focus, text, at, stretches } = self;
        focus.terms.short(head, length, |_| Matters::keep(text, *at, stretches));
    }

    fn long(&mut self, atom: &[u8]) {
        let Matters { focus, text, at, stretches } = self;
        focus.terms.long(atom, |_| Matters::keep(text, *at, stretches));
    }
}
