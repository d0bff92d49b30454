//! Reads lines, matches the records among them (on several threads if asked), and hands them on in order.
//! Everything that is there is answered before the next wait, so that a live pipe is never held up.

use crate::answer::Answer;
use crate::document::Document;
use crate::engine::{Engine, Members, Scratch};
use crate::sink::{Scanned, Sink};
use crate::window::Window;
use cm_cli::{Out, Session};
use cm_record::{Bad, Line, Place, RawLine, Reader, Record};
use std::panic::resume_unwind;
use std::thread;

/// What a run needs to match records.
pub struct Pump<'a> {
    /// The run.
    pub session: &'a Session,
    /// The searches.
    pub engine: &'a Engine,
    /// The time that items have to be from.
    pub window: Window,
    /// How many threads match.
    pub threads: usize,
    /// Whether `_cm_scan` is written.
    pub written: bool,
}

enum Entry {
    /// Nothing but white space, as it came.
    Empty(Vec<u8>),
    Bad(Bad),
    Unknown(Record),
    Record(Record, Place),
}

/// Fewer records than this are not worth a thread.
const WORTH_A_THREAD: usize = 16;

impl Pump<'_> {
    /// Reads to the end; true when anything matched.
    pub fn run(&self, mut reader: Reader, sink: &mut dyn Sink) -> anyhow::Result<bool> {
        let mut out = self.session.out();
        let mut any = false;
        let result = self.pump(&mut reader, sink, &mut out, &mut any);
        self.session.sum_up_bad_lines(reader.lines_read());
        result?;
        out.flush()?;
        Ok(any)
    }

    fn pump(
        &self,
        reader: &mut Reader,
        sink: &mut dyn Sink,
        out: &mut Out,
        any: &mut bool,
    ) -> anyhow::Result<()> {
        let mut batch = Vec::new();
        loop {
            if reader.would_block() {
                *any |= self.hand_on(&mut batch, sink, out)?;
                out.flush()?;
            }
            match reader.next_raw() {
                Some(Ok((raw, place))) => match self.entry(reader, raw, place) {
                    Ok(entry) => batch.push(entry),
                    // What stood before it comes out.
                    Err(stop) => return self.hand_on(&mut batch, sink, out).and(Err(stop)),
                },
                Some(Err(error)) => {
                    *any |= self.hand_on(&mut batch, sink, out)?;
                    self.session.failed("input", error)?;
                }
                None => break,
            }
        }
        *any |= self.hand_on(&mut batch, sink, out)?;
        sink.end(out)
    }

    fn entry(&self, reader: &mut Reader, raw: RawLine, place: Place) -> anyhow::Result<Entry> {
        let blank = match &raw {
            RawLine::Line(line) if line.trim_ascii().is_empty() => line.clone(),
            _ => Vec::new(),
        };
        Ok(match reader.check(raw, place) {
            None => Entry::Empty(blank),
            Some(Line::Bad(bad)) => Entry::Bad(bad),
            Some(Line::Record(record, place)) if self.session.knows_version(&record)? => {
                Entry::Record(record, place)
            }
            Some(Line::Record(record, _)) => Entry::Unknown(record),
        })
    }

    /// Matches a batch and writes it in order; true when anything matched.
    fn hand_on(&self, batch: &mut Vec<Entry>, sink: &mut dyn Sink, out: &mut Out) -> anyhow::Result<bool> {
        let mut answers = self.match_all(batch).into_iter();
        let mut any = false;
        for entry in batch.drain(..) {
            let answer = answers.next().unwrap_or_default();
            match entry {
                Entry::Empty(line) => sink.no_record(&line, out)?,
                Entry::Unknown(record) => sink.untouched(&record, out)?,
                Entry::Bad(bad) => {
                    sink.no_record(&bad.bytes, out)?;
                    self.session.bad_line(&bad)?;
                }
                Entry::Record(record, place) => {
                    any |= !answer.is_empty();
                    sink.take(Scanned { record, place, answer }, out)?;
                }
            }
        }
        Ok(any)
    }

    fn match_all(&self, batch: &[Entry]) -> Vec<Answer> {
        let match_each = |part: &[Entry]| {
            let mut scratch = Scratch::default();
            part.iter().map(|entry| self.match_one(entry, &mut scratch)).collect::<Vec<_>>()
        };
        let share = batch.len().div_ceil(self.threads).max(WORTH_A_THREAD);
        if batch.len() <= share {
            return match_each(batch);
        }
        thread::scope(|scope| {
            let running: Vec<_> =
                batch.chunks(share).map(|part| scope.spawn(move || match_each(part))).collect();
            running
                .into_iter()
                .flat_map(|thread| thread.join().unwrap_or_else(|fault| resume_unwind(fault)))
                .collect()
        })
    }

    fn match_one(&self, entry: &Entry, scratch: &mut Scratch) -> Answer {
        let Entry::Record(record, _) = entry else { return Answer::default() };
        if !self.window.admits(record) || !self.engine.candidates(&Members::of(record), scratch) {
            return Answer::default();
        }
        Answer::of(&self.engine.matches_of(&Document::of(record), scratch), self.written)
    }
}
