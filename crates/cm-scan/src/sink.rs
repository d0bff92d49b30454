//! Where records go after they were matched.

use crate::answer::Answer;
use crate::document::Document;
use crate::out::Out;
use crate::records::Records;
use cm_record::{Place, Record};

/// A record and the searches that match it.
pub struct Scanned {
    /// The record as it came.
    pub record: Record,
    /// Where it stood.
    pub place: Place,
    /// What matched.
    pub answer: Answer,
}

impl Scanned {
    /// The item as the searches saw it.
    pub fn document(&self) -> Document<'_> {
        match &self.answer.marks.language {
            Some(guess) => Document::of(&self.record).guessed(Some(guess.clone())),
            None => Document::of(&self.record),
        }
    }
}

/// What a form of output does with a record that cannot match: most come to nothing, and need not be taken apart for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Nothing.
    Drop,
    /// It goes out, without a part that no longer holds.
    Pass,
    /// It goes out with an empty part.
    Answer,
    /// The same as with one that matches.
    Take,
}

/// A form of output.
pub trait Sink {
    /// Whether it needs `Answer::part`.
    fn wants_part(&self) -> bool {
        false
    }

    /// Takes a record, in the order of the input.
    fn take(&mut self, scanned: Scanned, out: &mut Out) -> anyhow::Result<()>;

    /// How it writes records where they stand, if that is all it does: then none is copied to be handed to it.
    fn records(&self) -> Option<Records> {
        None
    }

    /// Takes what matched a line that is no record.
    fn matched(&mut self, _answer: &Answer) {}

    /// What comes of a record that cannot match.
    fn miss(&self) -> Miss;

    /// Whether a record of a version that this tool does not know goes out.
    fn passes_unknown(&self) -> bool {
        false
    }

    /// Whether it has to see the records in order; else every thread can have one of its own.
    fn in_order(&self) -> bool {
        true
    }

    /// After the last one.
    fn end(&mut self, _out: &mut Out) -> anyhow::Result<()> {
        Ok(())
    }
}
