//! Records from standard input, files and folders, one at a time: for tools that keep them.

use crate::blocks::is_blank;
use crate::checked::Checker;
use crate::reject::Reject;
use crate::{Bad, Block, BlockLine, Blocks, InputError, Next, Place, Reason, Record};
use std::io::{Read, Write};
use std::path::PathBuf;

/// How to read.
pub struct Options {
    /// The longest line, in bytes (default 4 MiB).
    pub max_line: usize,
    /// Where bad lines go verbatim (`--reject`); over-long ones are copied as they stream by.
    pub reject: Option<Box<dyn Write + Send>>,
}

impl Default for Options {
    fn default() -> Options {
        Options { max_line: 4 << 20, reject: None }
    }
}

/// What came.
#[derive(Debug)]
pub enum Line {
    /// A record and where it stood.
    Record(Record, Place),
    /// A bad line.
    Bad(Bad),
}

/// Reads inputs one after the other.
pub struct Reader {
    blocks: Blocks,
    block: Block,
    /// Where the next line of the block begins, and its number.
    at: usize,
    number: u64,
    checker: Checker,
    reject: Reject,
    lines_read: u64,
}

impl Reader {
    /// Reads these in order, as `Blocks` does.
    pub fn new(inputs: Vec<PathBuf>, options: Options) -> Reader {
        Reader::with(Blocks::new(inputs, options.max_line), options)
    }

    /// Reads one stream that is open already (a growing file, say), plain; `name` stands for it in messages.
    pub fn of_stream(name: &str, stream: impl Read + Send + 'static, options: Options) -> Reader {
        Reader::with(Blocks::of_stream(name, stream, options.max_line), options)
    }

    fn with(blocks: Blocks, options: Options) -> Reader {
        Reader {
            blocks,
            block: Block::default(),
            at: 0,
            number: 0,
            checker: Checker::default(),
            reject: Reject::new(options.reject),
            lines_read: 0,
        }
    }

    /// True when the next call may wait: flush what was written so far.
    pub fn would_block(&self) -> bool {
        self.at >= self.block.bytes().len() && !self.blocks.ended()
    }

    /// The next line; `None` after the last input. Empty lines are passed over; a BOM on the first line of an input and
    /// a CR before LF are kept in the record's line but are not part of its JSON (in inputs after the first the BOM is
    /// dropped, as the output would carry it in its middle). An error ends that input, not the reader.
    pub fn next_line(&mut self) -> Option<Result<Line, InputError>> {
        loop {
            if let Some(error) = self.reject.take_error() {
                return Some(Err(error));
            }
            if let Some(line) = self.block.line(&mut self.at, &mut self.number) {
                match self.check(&line) {
                    Some(line) => return Some(Ok(line)),
                    None => continue,
                }
            }
            match self.blocks.next(&mut self.block) {
                Next::Lines => (self.at, self.number) = (0, self.block.first_line()),
                Next::LongLine => return Some(self.pass_over()),
                Next::Failed(error) => return Some(Err(error)),
                Next::End => {
                    self.reject.flush();
                    return self.reject.take_error().map(Err);
                }
            }
        }
    }

    /// How many lines were read, empty ones left out.
    pub fn lines_read(&self) -> u64 {
        self.lines_read
    }

    /// Makes a record or a bad line of a line; `None` for an empty one.
    fn check(&mut self, line: &BlockLine) -> Option<Line> {
        let bytes = self.block.without_bom(line);
        let too_long = line.range.len() > self.blocks.max_line();
        if is_blank(bytes) && !too_long {
            return None;
        }
        self.lines_read += 1;
        let place = self.block.place(line.number);
        if too_long {
            self.reject.end_line(bytes);
            let reason = Reason::TooLong(self.blocks.max_line());
            return Some(Line::Bad(Bad { place, reason, bytes: Vec::new() }));
        }
        Some(match self.checker.check(bytes) {
            Ok(checked) => Line::Record(checked.to_record(), place),
            Err(reason) => {
                self.reject.end_line(bytes);
                Line::Bad(Bad { place, reason, bytes: bytes.to_vec() })
            }
        })
    }

    fn pass_over(&mut self) -> Result<Line, InputError> {
        let passed = self.blocks.pass_over(&mut |bytes| self.reject.write(bytes));
        // Torn or not: the next bad line does not go on here.
        self.reject.end_line(b"");
        passed?;
        self.lines_read += 1;
        let (place, reason) =
            (self.block.place(self.block.first_line()), Reason::TooLong(self.blocks.max_line()));
        Ok(Line::Bad(Bad { place, reason, bytes: Vec::new() }))
    }
}
