//! `--plain`: any text, a line is an item. Matching lines come out as they are, to the byte.

use crate::answer::Answer;
use crate::context::painted;
use crate::document::Document;
use crate::done::{Done, Event};
use crate::engine::{Engine, Scratch};
use crate::evaluate::{Found, evaluate};
use crate::hits::Match;
use crate::pump::Worker;
use cm_record::{Block, BlockLine, Reason};
use std::borrow::Cow;

/// What comes out; a thread's.
pub struct Plain<'a> {
    /// The searches.
    pub engine: &'a Engine,
    /// The longest line, in bytes.
    pub max_line: usize,
    /// Lines that do not match, too.
    pub all: bool,
    /// Counts instead of lines.
    pub count: bool,
    /// Hits in colour.
    pub color: bool,
    /// Memory that is used again for every line.
    pub scratch: Scratch,
}

impl Worker for Plain<'_> {
    /// Bytes that are no UTF-8 are looked at as U+FFFD and written as they are, without colours.
    fn line(&mut self, block: &Block, line: &BlockLine, done: &mut Done) -> anyhow::Result<()> {
        if line.range.len() > self.max_line {
            return self.long_line(line, done);
        }
        done.read += 1;
        let bytes = &block.bytes()[line.range.clone()];
        let text = String::from_utf8_lossy(bytes);
        let document = Document::of_text(&text);
        if !self.engine.candidates_in(&document, &mut self.scratch) {
            if self.all && !self.count {
                done.out.bytes(bytes);
            }
            return Ok(());
        }
        let matches = self.engine.matches_of(&document, &mut self.scratch);
        done.any |= !matches.is_empty();
        if self.count {
            if !matches.is_empty() {
                done.push(Event::Matches(Answer::of(&matches)));
            }
        } else if self.color && !matches.is_empty() && matches!(text, Cow::Borrowed(_)) {
            done.out.line(&self.painted(&text, &matches, &document))?;
        } else if self.all || !matches.is_empty() {
            done.out.bytes(bytes);
        }
        Ok(())
    }

    fn long_line(&mut self, line: &BlockLine, done: &mut Done) -> anyhow::Result<()> {
        done.read += 1;
        done.push(Event::Bad(line.clone(), Reason::TooLong(self.max_line)));
        Ok(())
    }
}

impl Plain<'_> {
    fn painted(&self, text: &str, matches: &[Match], document: &Document) -> String {
        let mut found: Vec<Found> = Vec::new();
        for found_by in matches {
            evaluate(&self.engine.query(found_by.number), document, &mut found);
        }
        let mut places: Vec<_> = found.iter().map(|place| (place.start, place.end)).collect();
        places.sort_unstable();
        painted(text, &places, true, str::to_owned)
    }
}
