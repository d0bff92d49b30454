//! What a thread made of the lines of a block, until its turn comes to hand it on.

use crate::answer::Answer;
use crate::out::Out;
use crate::sink::Scanned;
use cm_record::{BlockLine, InputError, Reason};

/// Something that has to be told or handed on in the order of the input.
pub enum Event {
    /// A bad line of the block, and what is wrong with it.
    Bad(BlockLine, Reason),
    /// A record of this version was passed on.
    UnknownVersion(i64),
    /// A record for a form of output that has to see them in order.
    Scanned(Scanned),
    /// What matched a line that is no record.
    Matches(Answer),
    /// An input that could not be read to its end.
    Failed(InputError),
    /// The end of the run.
    Failure(anyhow::Error),
}

/// Gathered by one thread.
#[derive(Default)]
pub struct Done {
    /// Lines that are ready to go out.
    pub out: Out,
    /// In the order of the input, each with the length of `out` when it came.
    events: Vec<(usize, Event)>,
    /// How many lines were read, empty ones left out.
    pub read: u64,
    /// Whether anything matched.
    pub any: bool,
    /// Nothing after this may come out: `--strict` met something bad.
    pub stopped: bool,
    held: usize,
}

impl Done {
    /// Keeps an event.
    pub fn push(&mut self, event: Event) {
        self.held += match &event {
            Event::Scanned(scanned) => scanned.record.line().len() + scanned.answer.size(),
            Event::Matches(answer) => answer.size(),
            _ => 64,
        };
        self.events.push((self.out.len(), event));
    }

    /// About how many bytes wait: they are handed on before they grow large.
    pub fn weight(&self) -> usize {
        self.out.len() + self.held
    }

    /// Takes the events, each with how much of `out` stands before it.
    pub fn take_events(&mut self) -> Vec<(usize, Event)> {
        self.held = 0;
        std::mem::take(&mut self.events)
    }
}
