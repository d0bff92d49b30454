//! Threads that share the input. Each takes a block of lines, works on it by itself, and hands on what it made of it when
//! its turn comes, so that the order of the output is that of the input. A block is what was there to be read: what it
//! gives is out before anybody waits for more, with any number of threads. One thread starts no other.

use crate::done::{Done, Event};
use crate::formats;
use crate::out::Out;
use crate::sink::Sink;
use cm_cli::Session;
use cm_record::{Bad, Block, BlockLine, Blocks, Next, Reject};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// So much is handed on before the end of its block: few lines can make much output.
const MOST: usize = 1 << 20;

/// What is done with lines. Every thread has one of its own.
pub trait Worker {
    /// Works on a line.
    fn line(&mut self, block: &Block, line: &BlockLine, done: &mut Done) -> anyhow::Result<()>;

    /// A line that is too long, whether it was read or not.
    fn long_line(&mut self, line: &BlockLine, done: &mut Done) -> anyhow::Result<()>;
}

/// What a run reads: the blocks, where bad lines go, and what ends an input that waits for more when the run has failed.
pub type Input = (Blocks, Reject, Arc<AtomicBool>);

/// A run over the inputs.
pub struct Pump<'a> {
    session: &'a Session,
    most: usize,
    source: Mutex<Source>,
    turn: Mutex<Turn<'a>>,
    changed: Condvar,
    /// The run has failed: nothing more is read or written.
    stopped: Arc<AtomicBool>,
}

struct Source {
    blocks: Blocks,
    /// The number of the next block.
    next: u64,
    ended: bool,
}

struct Turn<'a> {
    /// The number of the block whose turn it is.
    now: u64,
    sink: Option<Box<dyn Sink + Send + 'a>>,
    reject: Reject,
    stdout: Box<dyn Write + Send>,
    read: u64,
    any: bool,
    /// It was told what a file without records seems to be: once is enough.
    hinted: bool,
    failure: Option<anyhow::Error>,
}

impl<'a> Pump<'a> {
    /// Reads these blocks; `sink` gets what has to be seen in order.
    pub fn new(
        session: &'a Session,
        (blocks, reject, stopped): Input,
        sink: Option<Box<dyn Sink + Send + 'a>>,
        stdout: impl Write + Send + 'static,
    ) -> Pump<'a> {
        Pump {
            session,
            most: if session.common().line_buffered { 0 } else { MOST },
            source: Mutex::new(Source { blocks, next: 0, ended: false }),
            turn: Mutex::new(Turn {
                now: 0,
                sink,
                reject,
                stdout: Box::new(stdout),
                read: 0,
                any: false,
                hinted: false,
                failure: None,
            }),
            changed: Condvar::new(),
            stopped,
        }
    }

    /// Reads to the end, a thread for every worker; true when anything matched.
    pub fn run(self, mut workers: Vec<impl Worker + Send>) -> anyhow::Result<bool> {
        let (pump, first) = (&self, workers.pop());
        thread::scope(|scope| {
            for worker in workers {
                let thread = thread::Builder::new().spawn_scoped(scope, || pump.work(worker));
                if let Err(error) = thread {
                    pump.session.warn("threads", format!("fewer threads than asked for: {error}"));
                }
            }
            first.into_iter().for_each(|worker| pump.work(worker));
        });
        let mut turn = self.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
        turn.reject.flush();
        let mut result = turn.failure.take().map_or(Ok(()), Err);
        if let Some(error) = turn.reject.take_error() {
            result = result.and_then(|()| self.session.failed("input", error));
        }
        self.session.sum_up_bad_lines(turn.read);
        result?;
        let mut out = Out::default();
        if let Some(sink) = &mut turn.sink {
            sink.end(&mut out)?;
        }
        out.write_to(&mut turn.stdout)?;
        Ok(turn.any)
    }

    fn work(&self, mut worker: impl Worker) {
        let _loud = Loud(self);
        let (mut block, mut done) = (Block::default(), Done::default());
        while let Some((number, next)) = self.take(&mut block) {
            match self.work_on(&mut worker, number, next, &block, &mut done) {
                Ok(()) => {}
                Err(error) => done.push(Event::Failure(error)),
            }
            self.hand_on(number, &block, &mut done, true);
        }
    }

    fn work_on(
        &self,
        worker: &mut impl Worker,
        number: u64,
        next: Next,
        block: &Block,
        done: &mut Done,
    ) -> anyhow::Result<()> {
        match next {
            Next::Lines => {
                for line in block.lines() {
                    worker.line(block, &line, done)?;
                    if done.stopped || self.stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    if done.weight() > self.most {
                        self.hand_on(number, block, done, false);
                    }
                }
                Ok(())
            }
            Next::LongLine => worker.long_line(&BlockLine { range: 0..0, number: block.first_line() }, done),
            Next::Failed(error) => {
                done.push(Event::Failed(error));
                Ok(())
            }
            Next::End => Ok(()),
        }
    }

    /// The next block and its number.
    fn take(&self, block: &mut Block) -> Option<(u64, Next)> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if source.ended || self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let number = source.next;
        source.next += 1;
        match source.blocks.next(block) {
            Next::End => {
                source.ended = true;
                None
            }
            Next::LongLine => Some((number, self.pass_over(number, &mut source.blocks)?)),
            next => Some((number, next)),
        }
    }

    /// Passes over a line that is too long. The reject file gets it after the bad lines before it.
    fn pass_over(&self, number: u64, blocks: &mut Blocks) -> Option<Next> {
        let mut turn = self.wait(number);
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        Some(match blocks.pass_over(&mut |bytes| turn.reject.write(bytes)) {
            Ok(()) => Next::LongLine,
            Err(error) => {
                // The next bad line does not go on where this one was torn.
                turn.reject.end_line(b"");
                Next::Failed(error)
            }
        })
    }

    fn wait(&self, number: u64) -> MutexGuard<'_, Turn<'a>> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |turn: &mut Turn| turn.now != number && !self.stopped.load(Ordering::Relaxed);
        self.changed.wait_while(turn, waits).unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands on what was made of a block, or of its lines so far.
    fn hand_on(&self, number: u64, block: &Block, done: &mut Done, last: bool) {
        let mut turn = self.wait(number);
        if self.stopped.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = turn.hand_on(self.session, block, done) {
            turn.failure = Some(error);
            self.stopped.store(true, Ordering::Relaxed);
        }
        turn.now += u64::from(last);
        self.changed.notify_all();
    }
}

impl Turn<'_> {
    /// What stands before an event comes out before it, and nothing comes out after one that ends the run.
    fn hand_on(&mut self, session: &Session, block: &Block, done: &mut Done) -> anyhow::Result<()> {
        self.read += std::mem::take(&mut done.read);
        self.any |= done.any;
        let events = done.take_events();
        if events.is_empty() {
            return Ok(done.out.write_to(&mut self.stdout)?);
        }
        let (mut out, mut from) = (Out::default(), 0);
        let mut result = Ok(());
        for (at, event) in events {
            out.append(&done.out, from..at);
            from = at;
            result = self.event(session, block, event, &mut out);
            if result.is_err() {
                break;
            }
        }
        if result.is_ok() {
            out.append(&done.out, from..done.out.len());
        }
        done.out.clear();
        out.write_to(&mut self.stdout)?;
        result
    }

    fn event(&mut self, session: &Session, block: &Block, event: Event, out: &mut Out) -> anyhow::Result<()> {
        match event {
            Event::Bad(line, reason) => {
                let hint = match line.number {
                    1 => formats::hint(block.file(), &block.bytes()[line.range.start..], &reason),
                    _ => None,
                };
                self.reject.end_line(&block.bytes()[line.range]);
                session.bad_line(&Bad { place: block.place(line.number), reason, bytes: Vec::new() })?;
                if let Some(hint) = hint.filter(|_| !self.hinted) {
                    self.hinted = true;
                    session.warn("no_records", hint);
                }
                self.reject.take_error().map_or(Ok(()), |error| session.failed("input", error))
            }
            Event::UnknownVersion(version) => session.unknown_version(version),
            Event::Scanned(scanned) => self.sink.as_mut().map_or(Ok(()), |sink| sink.take(scanned, out)),
            Event::Matches(answer) => {
                if let Some(sink) = &mut self.sink {
                    sink.matched(&answer);
                }
                Ok(())
            }
            Event::Failed(error) => session.failed("input", error),
            Event::Failure(error) => Err(error),
        }
    }
}

/// Wakes the others when a thread falls over, so that the run ends with its panic instead of waiting for its turn.
struct Loud<'p, 'a>(&'p Pump<'a>);

impl Drop for Loud<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Nobody is between looking and waiting then, where no call would wake him.
            let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.stopped.store(true, Ordering::Relaxed);
            self.0.changed.notify_all();
        }
    }
}
