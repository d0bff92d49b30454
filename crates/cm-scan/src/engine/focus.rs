//! Where in an item the first look saw something that searches ask for. When they only ask for single words, no other
//! stretch of its texts has to be cut into words.
//! In: which text is looked at, and what is seen in it. Out: the stretches of a text, decoded, that matter.

use super::program::is_told;
use crate::query::{Query, What};
use memchr::memchr;

/// Of more places than that, so much matters that the texts are as well cut whole.
const MOST: usize = 256;

/// The texts that are cut into words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// `title`
    #[default]
    Title,
    /// `summary`
    Summary,
    /// `content_text`, or the text of `content_html` in its place.
    Content,
    /// A value of `tags`, by its number.
    Tag(usize),
    /// What is looked at beside them.
    Other,
}

/// What matters of an item.
#[derive(Default)]
pub struct Focus {
    part: Part,
    /// The part is looked at as it is written in JSON, without `\u`.
    escaped: bool,
    at: (usize, usize),
    places: Vec<Place>,
}

struct Place {
    part: Part,
    escaped: bool,
    at: (usize, usize),
}

impl Focus {
    /// Another item comes.
    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.text(Part::Other, false);
    }

    /// What comes next is of this text.
    pub(super) fn text(&mut self, part: Part, escaped: bool) {
        (self.part, self.escaped, self.at) = (part, escaped, (0, 0));
    }

    /// What comes next stands between these bytes of it.
    #[inline(always)]
    pub(super) fn at(&mut self, start: usize, end: usize) {
        self.at = (start, end);
    }

    /// What stands there matters.
    #[inline]
    pub(super) fn keep(&mut self) {
        if self.places.len() <= MOST {
            self.places.push(Place { part: self.part, escaped: self.escaped, at: self.at });
        }
    }

    /// Whether all that was seen is here.
    pub(super) fn is_whole(&self) -> bool {
        self.places.len() <= MOST
    }

    /// Whether anything in a text matters.
    pub fn is_in(&self, part: Part) -> bool {
        self.places.iter().any(|place| place.part == part)
    }

    /// The stretches of a text that matter, from space to space, in order. `raw` is the text as its JSON has it.
    pub fn stretches(&self, part: Part, text: &str, raw: &str) -> Vec<(usize, usize)> {
        let mut stretches = Vec::new();
        let mut escapes = Escapes { raw: raw.as_bytes(), at: 0, count: 0 };
        let mut last = 0;
        for place in self.places.iter().filter(|place| place.part == part) {
            let before = if place.escaped { escapes.before(place.at.0) } else { 0 };
            // Whoever was looked at in doubt may begin before what was counted, and hold escapes: then this is too much.
            let (start, end) = (place.at.0.saturating_sub(before), place.at.1.saturating_sub(before));
            if end <= last {
                continue;
            }
            let bytes = text.as_bytes();
            let between = bytes.get(last..start).unwrap_or_default();
            let from = between.iter().rposition(|byte| *byte == b' ').map_or(last, |space| last + space + 1);
            let to =
                bytes.get(end..).and_then(|rest| memchr(b' ', rest)).map_or(text.len(), |space| end + space);
            stretches.push((from, to));
            last = to;
        }
        stretches
    }
}

/// Counts what is shorter in a text than in its JSON: each escape by one byte.
struct Escapes<'a> {
    raw: &'a [u8],
    at: usize,
    count: usize,
}

impl Escapes<'_> {
    /// How many stand before a byte, which is none of their own; asked in ascending order.
    fn before(&mut self, byte: usize) -> usize {
        while let Some(found) = self.raw.get(self.at..byte).and_then(|between| memchr(b'\\', between)) {
            self.at += found + 2;
            self.count += 1;
        }
        self.count
    }
}

/// Whether all that a query asks of words is seen at the first look: single words.
pub(super) fn is_seen(query: &Query) -> bool {
    match query {
        Query::Everything => true,
        Query::Near(_) => false,
        Query::Not(inner) => is_seen(inner),
        Query::And(parts) | Query::Or(parts) | Query::AtLeast(_, parts) => parts.iter().all(is_seen),
        Query::Term(term) => match &term.what {
            What::Words { patterns, slop: None } => matches!(patterns.as_slice(), [word] if is_told(word)),
            What::Words { .. } => false,
            What::Hashtag(tag) => is_told(tag),
            // These are looked for in the text itself.
            What::Handle(_) | What::Verbatim(_) | What::Name(_) | What::Date(_) => true,
        },
    }
}
