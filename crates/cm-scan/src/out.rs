//! Lines on their way to standard output: gathered by a thread, written when its turn comes.

use std::io::{self, Write};
use std::ops::Range;

/// Whole lines.
#[derive(Default)]
pub struct Out(Vec<u8>);

impl Out {
    /// Writes a line without LF and ends it. Memory does not fail: the result is what forms of output hand on.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        self.bytes(line.as_bytes());
        Ok(())
    }

    /// Writes any bytes as a line.
    pub fn bytes(&mut self, line: &[u8]) {
        self.0.extend_from_slice(line);
        self.0.push(b'\n');
    }

    /// Writes a line piece by piece.
    pub fn line_of(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.0);
        self.0.push(b'\n');
    }

    /// Writes what stands in another.
    pub fn append(&mut self, other: &Out, range: Range<usize>) {
        self.0.extend_from_slice(&other.0[range]);
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Hands what waits to a stream.
    pub fn write_to(&mut self, stream: &mut dyn Write) -> io::Result<()> {
        stream.write_all(&self.0)?;
        self.0.clear();
        stream.flush()
    }
}
