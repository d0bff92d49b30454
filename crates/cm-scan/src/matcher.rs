//! What a thread does with the lines of records: the check, the searches, and the output where no order is needed for it.

use crate::answer::Answer;
use crate::document::Document;
use crate::done::{Done, Event};
use crate::engine::{Engine, Members, Scratch};
use crate::marks::Hints;
use crate::pump::Worker;
use crate::records::{Records, missed};
use crate::sink::{Miss, Scanned, Sink};
use crate::window::Window;
use cm_record::{Block, BlockLine, Checked, Checker, Reason, VERSION, is_blank};

/// What a run asks of its records.
#[derive(Clone, Copy)]
pub struct Matching<'a> {
    /// The searches.
    pub engine: &'a Engine,
    /// The time that items have to be from.
    pub window: Window,
    /// What is said of records beside their matches.
    pub hints: Hints<'a>,
    /// Records that do not match, too: a hint may stand on any.
    pub all: bool,
    /// A line that is no record comes out as it came.
    pub lockstep: bool,
    /// The longest line, in bytes.
    pub max_line: usize,
    /// Whether the first bad line ends the run.
    pub strict: bool,
}

/// A thread's.
pub struct Matcher<'a> {
    checker: Checker,
    answers: Answers<'a>,
}

impl<'a> Matcher<'a> {
    /// For a form of output.
    pub fn new(run: Matching<'a>, sink: Box<dyn Sink + Send + 'a>) -> Matcher<'a> {
        let answers = Answers {
            run,
            miss: if run.all && run.hints.any() { Miss::Take } else { sink.miss() },
            passes_unknown: sink.passes_unknown(),
            written: sink.wants_part(),
            part: String::new(),
            records: if sink.in_order() { None } else { sink.records() },
            sink: if sink.in_order() { None } else { Some(sink) },
            scratch: Scratch::default(),
        };
        Matcher { checker: Checker::default(), answers }
    }
}

impl Worker for Matcher<'_> {
    fn line(&mut self, block: &Block, line: &BlockLine, done: &mut Done) -> anyhow::Result<()> {
        let bytes = block.without_bom(line);
        if line.range.len() > self.answers.run.max_line {
            return self.long_line(line, done);
        }
        if is_blank(bytes) {
            if self.answers.run.lockstep {
                done.out.bytes(bytes);
            }
            return Ok(());
        }
        done.read += 1;
        match self.checker.check(bytes) {
            Ok(record) => self.answers.record(record, block, line, done),
            Err(reason) => {
                self.answers.bad(line, bytes, reason, done);
                Ok(())
            }
        }
    }

    fn long_line(&mut self, line: &BlockLine, done: &mut Done) -> anyhow::Result<()> {
        done.read += 1;
        self.answers.bad(line, b"", Reason::TooLong(self.answers.run.max_line), done);
        Ok(())
    }
}

/// All of it but the check.
struct Answers<'a> {
    run: Matching<'a>,
    /// What writes by itself; `None` where the records have to be seen in order.
    sink: Option<Box<dyn Sink + Send + 'a>>,
    /// How records are written where they stand, if nothing else is done with them.
    records: Option<Records>,
    /// The room of the last part.
    part: String,
    miss: Miss,
    passes_unknown: bool,
    /// Whether `_cm_scan` is written.
    written: bool,
    scratch: Scratch,
}

impl Answers<'_> {
    fn bad(&self, line: &BlockLine, echoed: &[u8], reason: Reason, done: &mut Done) {
        if self.run.lockstep {
            done.out.bytes(echoed);
        }
        done.push(Event::Bad(line.clone(), reason));
        done.stopped = self.run.strict;
    }

    fn record(
        &mut self,
        record: Checked,
        block: &Block,
        line: &BlockLine,
        done: &mut Done,
    ) -> anyhow::Result<()> {
        let version = record.version();
        if version > VERSION {
            self.unknown(version, record, done);
            return Ok(());
        }
        let members = Members::of(record);
        let candidate = self.run.engine.candidates(&members, &mut self.scratch);
        if !candidate && self.miss != Miss::Take {
            missed(record, self.miss, &mut done.out);
            return Ok(());
        }
        let focus = if self.run.hints.any() { None } else { self.run.engine.focus(&mut self.scratch) };
        let html_text = self.scratch.take_html_text();
        let document = Document::of_members(record, members)
            .knowing_html_text(html_text.as_deref())
            .guessing(self.run.hints.language)
            .focusing(focus.as_ref());
        let mut answer = if candidate && self.run.window.admits(record) {
            let matches = self.run.engine.matches_of(&document, &mut self.scratch);
            match self.written {
                true => Answer::written(&matches, std::mem::take(&mut self.part)),
                false => Answer::of(&matches),
            }
        } else {
            Answer::default()
        };
        if self.run.hints.any() && (!answer.is_empty() || self.miss == Miss::Take) {
            answer.marks = self.run.hints.of(&document);
        }
        drop(document);
        self.scratch.keep_room(focus);
        done.any |= !answer.is_empty();
        if answer.is_empty() && self.miss == Miss::Drop {
            return Ok(());
        }
        if let Some(records) = self.records {
            records.write(record, &mut answer, &mut done.out);
            self.part = answer.part;
            return Ok(());
        }
        let scanned = Scanned { record: record.to_record(), place: block.place(line.number), answer };
        match &mut self.sink {
            Some(sink) => sink.take(scanned, &mut done.out),
            None => {
                done.push(Event::Scanned(scanned));
                Ok(())
            }
        }
    }

    /// A record of a later version is passed on as it is.
    fn unknown(&self, version: i64, record: Checked, done: &mut Done) {
        done.push(Event::UnknownVersion(version));
        done.stopped = self.run.strict;
        if self.passes_unknown && !done.stopped {
            done.out.bytes(record.line().as_bytes());
        }
    }
}
