//! Records out: buffered, flushed by the caller before it waits for input.

use crate::Record;
use std::io::{self, Write};

/// Writes lines to a stream. The caller flushes when `Reader::would_block` says so; dropping flushes too.
pub struct Writer<W: Write> {
    stream: io::BufWriter<W>,
    line_buffered: bool,
    first: bool,
}

impl<W: Write> Writer<W> {
    /// A writer; with `line_buffered` every line is flushed.
    pub fn new(stream: W, line_buffered: bool) -> Writer<W> {
        Writer { stream: io::BufWriter::with_capacity(64 << 10, stream), line_buffered, first: true }
    }

    /// Writes a record's line; a BOM goes out only at the very beginning.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        self.line(record.line())
    }

    /// Writes any line (without LF) and ends it.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        let line = if self.first { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        self.bytes(line.as_bytes())
    }

    /// Writes any bytes as a line: a bad line that is echoed.
    pub fn bytes(&mut self, line: &[u8]) -> io::Result<()> {
        self.first = false;
        self.stream.write_all(line)?;
        self.stream.write_all(b"\n")?;
        if self.line_buffered { self.stream.flush() } else { Ok(()) }
    }

    /// Hands everything to the stream.
    pub fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
