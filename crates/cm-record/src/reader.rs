//! Records from standard input, files and folders, plain, gzip or zstd.

use crate::reject::Reject;
use crate::source::{self, Stream};
use crate::{Bad, InputError, Lines, Place, RawLine, Reason, Record};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::path::PathBuf;

const BOM: &[u8] = b"\xEF\xBB\xBF";

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
    waiting: VecDeque<PathBuf>,
    current: Option<Input>,
    max_line: usize,
    reject: Reject,
    lines_read: u64,
    /// Whether any line was seen: only the very first one keeps its BOM.
    begun: bool,
}

/// An input that is being read.
struct Input {
    lines: Lines<Stream>,
    file: String,
    line: u64,
}

impl Reader {
    /// Reads these in order: `-` is standard input, a folder its `*.jsonl`, `*.jsonl.gz` and `*.jsonl.zst` in name order;
    /// none at all is standard input. gzip and zstd are told by their first bytes, on standard input too. Opening happens
    /// as the inputs are reached.
    pub fn new(inputs: Vec<PathBuf>, options: Options) -> Reader {
        let mut waiting = VecDeque::from(inputs);
        if waiting.is_empty() {
            waiting.push_back("-".into());
        }
        Reader::with(waiting, None, options)
    }

    /// Reads one stream that is open already (a growing file, say), plain; `name` stands for it in messages.
    pub fn of_stream(
        name: impl Into<String>,
        stream: impl Read + Send + 'static,
        options: Options,
    ) -> Reader {
        let lines = Lines::new(Box::new(stream) as Stream, options.max_line);
        Reader::with(VecDeque::new(), Some(Input { lines, file: name.into(), line: 0 }), options)
    }

    fn with(waiting: VecDeque<PathBuf>, current: Option<Input>, options: Options) -> Reader {
        let Options { max_line, reject } = options;
        Reader { waiting, current, max_line, reject: Reject::new(reject), lines_read: 0, begun: false }
    }

    /// True when the next call may wait: flush what was written so far.
    pub fn would_block(&self) -> bool {
        self.current.as_ref().is_none_or(|input| input.lines.would_block())
    }

    /// The next line; `None` after the last input. Empty lines are passed over; a BOM on the first line of an input and
    /// a CR before LF are kept in the record's line but are not part of its JSON (in inputs after the first the BOM is
    /// dropped, as the output would carry it in its middle). An error ends that input, not the reader.
    pub fn next_line(&mut self) -> Option<Result<Line, InputError>> {
        loop {
            match self.next_raw()? {
                Err(error) => return Some(Err(error)),
                Ok((raw, place)) => {
                    if let Some(line) = self.check(raw, place) {
                        return Some(Ok(line));
                    }
                }
            }
        }
    }

    /// The next line as it is, empty ones too, for what is no record or has to stay in step with its input.
    pub fn next_raw(&mut self) -> Option<Result<(RawLine, Place), InputError>> {
        loop {
            if let Some(error) = self.reject.take_error() {
                return Some(Err(error));
            }
            let Some(input) = &mut self.current else {
                if self.waiting.is_empty() {
                    self.reject.flush();
                    return self.reject.take_error().map(Err);
                }
                if let Err(error) = self.open_next() {
                    return Some(Err(error));
                }
                continue;
            };
            match input.lines.next_line_or_copy(&mut |bytes| self.reject.write(bytes)) {
                Ok(Some(raw)) => {
                    input.line += 1;
                    return Some(Ok((raw, Place { file: input.file.clone(), line: input.line })));
                }
                Ok(None) => self.current = None,
                Err(error) => {
                    let error = source::read_error(&input.file, input.line, &error);
                    self.current = None;
                    return Some(Err(error));
                }
            }
        }
    }

    /// How many lines were read, empty ones left out.
    pub fn lines_read(&self) -> u64 {
        self.lines_read
    }

    /// Opens what is next; a folder is replaced by its files.
    fn open_next(&mut self) -> Result<(), InputError> {
        let Some(path) = self.waiting.pop_front() else { return Ok(()) };
        match source::open(&path)? {
            source::Opened::Stream(stream, file) => {
                let lines = Lines::new(stream, self.max_line);
                self.current = Some(Input { lines, file, line: 0 });
            }
            source::Opened::Folder(files) => {
                for file in files.into_iter().rev() {
                    self.waiting.push_front(file);
                }
            }
        }
        Ok(())
    }

    /// Makes a record or a bad line of what `next_raw` gave; `None` for an empty line.
    pub fn check(&mut self, raw: RawLine, place: Place) -> Option<Line> {
        let parsed = match raw {
            RawLine::TooLong => Err((Reason::TooLong(self.max_line), Vec::new())),
            RawLine::Line(mut bytes) => {
                if self.begun && bytes.starts_with(BOM) {
                    bytes.drain(..BOM.len());
                }
                if bytes.strip_prefix(BOM).unwrap_or(&bytes).trim_ascii().is_empty() {
                    return None;
                }
                parse(bytes)
            }
        };
        self.begun = true;
        self.lines_read += 1;
        Some(match parsed {
            Ok(record) => Line::Record(record, place),
            Err((reason, bytes)) => {
                self.reject.end_line(&bytes);
                Line::Bad(Bad { place, reason, bytes })
            }
        })
    }
}

fn parse(bytes: Vec<u8>) -> Result<Record, (Reason, Vec<u8>)> {
    match String::from_utf8(bytes) {
        Ok(line) => Record::parse_or_return(line).map_err(|(reason, line)| (reason, line.into_bytes())),
        Err(error) => Err((Reason::NotUtf8, error.into_bytes())),
    }
}
